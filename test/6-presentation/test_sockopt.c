/* SPDX-License-Identifier: MIT */
/* Options: the table of cases measured on Linux, and the forms that are not an int. */
#include <sys/socket.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>

#include "check.h"
#include "fake_host.h"
#include "sockopt6_rows.h"
#include "sockopt_rows.h"

static int open_of(int domain, char kind)
{
    int fd;

    fake_host_begin();
    fd = call_socket(&fake_host, domain, kind == 's' ? SOCK_STREAM : SOCK_DGRAM, 0, 0);
    check_equal(fd, 3);
    return fd;
}

static int open_one(char kind)
{
    return open_of(AF_INET, kind);
}

static int set(int level, int name, const void *value, size_t length)
{
    return call_set_option(&fake_host, 3, level, name, value, (uint32_t)length, 0);
}

static int get(int level, int name, void *value, uint32_t *length)
{
    return call_get_option(&fake_host, 3, level, name, value, length, 0);
}

static int get_int(int level, int name)
{
    int value = -77;
    uint32_t length = sizeof value;
    int status = get(level, name, &value, &length);

    return status ? status : value;
}

static void cases_of(int domain, const struct sockopt_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct sockopt_case *c = &cases[i];
        int value[4] = {c->value, 0, 0, 0};
        int result, back;

        open_of(domain, c->kind);
        result = set(c->level, c->name, value, c->length);
        back = get_int(c->level, c->name);
        if (result != c->result || (c->back != NOT_READ && back != c->back))
            test_fail(__FILE__, __LINE__, "case %zu: level %d name %d: %d, read %d", i, c->level,
                      c->name, result, back);
    }
}

static void cases_of_linux(void)
{
    cases_of(AF_INET, sockopt_cases, sizeof sockopt_cases / sizeof *sockopt_cases);
}

/* RFC 3493 5.1, 5.2, 5.3; RFC 3542 6. */
static void cases_of_linux_over_ipv6(void)
{
    cases_of(AF_INET6, sockopt6_cases, sizeof sockopt6_cases / sizeof *sockopt6_cases);
}

/* Every number of a level that is not in our table: refused, in both directions. */
static void unknown_names(void)
{
    static const int levels[] = {SOL_SOCKET, IPPROTO_IP, IPPROTO_TCP};
    unsigned known = 0;

    open_one('s');
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        for (int name = 0; name < 256; name++) {
            uint8_t value[256] = {0};
            uint32_t length = sizeof value;
            int read = get(levels[i], name, value, &length);
            int written = set(levels[i], name, value, sizeof value);

            if (read == -ENOPROTOOPT && written == -ENOPROTOOPT)
                continue;
            known++;
            check(length <= sizeof value);
        }
    }
    check_equal(known, 36 + 33 + 15);
}

static void values_are_cut(void)
{
    uint8_t bytes[8];
    uint32_t length;

    open_one('d');
    memset(bytes, 0xee, sizeof bytes);
    length = 2;
    check_equal(get(SOL_SOCKET, SO_TYPE, bytes, &length), 0);
    check_equal(length, 2);
    check(bytes[0] == SOCK_DGRAM && bytes[1] == 0 && bytes[2] == 0xee);
    length = 8;
    check_equal(get(SOL_SOCKET, SO_TYPE, bytes, &length), 0);
    check_equal(length, 4);
    memset(bytes, 0xee, sizeof bytes);
    length = 2;
    check_equal(get(IPPROTO_IP, IP_TTL, bytes, &length), 0);
    check_equal(length, 1);
    check(bytes[0] == 64 && bytes[1] == 0xee);
    check_equal(set(IPPROTO_IP, IP_TTL, &(int){255}, sizeof(int)), 0);
    length = 1;
    check_equal(get(IPPROTO_IP, IP_TTL, bytes, &length), 0);
    check(length == 1 && bytes[0] == 255);
    length = 0;
    check_equal(get(IPPROTO_IP, IP_TTL, NULL, &length), 0);
    check_equal(length, 0);
    length = 4;
    check_equal(get(IPPROTO_IP, IP_TTL, NULL, &length), -EFAULT);
    check_equal(get(IPPROTO_IP, IP_TTL, bytes, NULL), -EFAULT);
    length = UINT32_MAX;
    check_equal(get(IPPROTO_IP, IP_TTL, bytes, &length), -EINVAL);
    check_equal(set(IPPROTO_IP, IP_TTL, NULL, 4), -EFAULT);
    check_equal(set(IPPROTO_IP, IP_TTL, bytes, UINT32_MAX), -EINVAL);
}

static void lingering(void)
{
    struct linger linger = {.l_onoff = 3, .l_linger = 20};
    uint32_t length = sizeof linger;

    open_one('s');
    check_equal(set(SOL_SOCKET, SO_LINGER, &linger, 4), -EINVAL);
    check_equal(set(SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
    check_equal(fake_at(3)->option[OPTION_LINGER], 20 * SECOND);
    check_equal(get(SOL_SOCKET, SO_LINGER, &linger, &length), 0);
    check_equal(length, sizeof linger);
    check(linger.l_onoff == 1 && linger.l_linger == 20);
    linger.l_linger = 0;
    check_equal(set(SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
    check_equal(fake_at(3)->option[OPTION_LINGER], 0);
    linger.l_linger = -1;
    check_equal(set(SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
    check_equal(fake_at(3)->option[OPTION_LINGER], UINT32_MAX * SECOND);
    linger.l_onoff = 0;
    check_equal(set(SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
    check_equal(fake_at(3)->option[OPTION_LINGER], -1);
    check_equal(get(SOL_SOCKET, SO_LINGER, &linger, &length), 0);
    check_equal(linger.l_onoff, 0);
}

static void timeouts(void)
{
    static const struct {
        int64_t seconds, microseconds;
        int result;
        nanoseconds kept;
    } rows[] = {{1, 500000, 0, 1500 * MILLISECOND},
                {0, 0, 0, NEVER},
                {0, 1, 0, MICROSECOND},
                {-1, 0, 0, 0},
                {1, -1, -EDOM, 0},
                {1, 1000000, -EDOM, 0},
                {INT64_MAX, 999999, 0, NEVER}};

    open_one('s');
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct timeval time = {.tv_sec = rows[i].seconds, .tv_usec = rows[i].microseconds};
        uint32_t length = sizeof time;

        check_equal(set(SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time), rows[i].result);
        check_equal(call_descriptor(&fake_host, 3)->receive_timeout, rows[i].kept);
        check_equal(call_descriptor(&fake_host, 3)->send_timeout, NEVER);
        check_equal(get(SOL_SOCKET, SO_RCVTIMEO, &time, &length), 0);
        check_equal(length, 16);
        if (i == 0)
            check(time.tv_sec == 1 && time.tv_usec == 500000);
        check_equal(set(SOL_SOCKET, SO_RCVTIMEO, &time, 8), -EINVAL);
    }
}

static void privileged_ones(void)
{
    int value = 100000;

    open_one('s');
    check_equal(set(SOL_SOCKET, SO_SNDBUFFORCE, &value, 4), -EPERM);
    check_equal(set(SOL_SOCKET, SO_RCVBUFFORCE, &value, 4), -EPERM);
    value = 7;
    check_equal(set(SOL_SOCKET, SO_PRIORITY, &value, 4), -EPERM);
    check_equal(set(SOL_SOCKET, SO_DEBUG, &value, 4), -EACCES);
}

static void interfaces_by_name(void)
{
    char name[32] = "";
    uint32_t length = sizeof name;

    open_one('d');
    check_equal(get(SOL_SOCKET, SO_BINDTODEVICE, name, &length), 0);
    check_equal(length, 0);
    check_equal(set(SOL_SOCKET, SO_BINDTODEVICE, "eth0", 4), 0);
    check_equal(fake_at(3)->option[OPTION_INTERFACE], 1);
    check_equal(set(SOL_SOCKET, SO_BINDTODEVICE, "eth9", 5), -ENODEV);
    check_equal(set(SOL_SOCKET, SO_BINDTODEVICE, "lo", 3), -EOPNOTSUPP);
    length = sizeof name;
    check_equal(get(SOL_SOCKET, SO_BINDTODEVICE, name, &length), 0);
    check_equal(length, 5);
    check(strcmp(name, "eth0") == 0);
    length = 8;
    check_equal(get(SOL_SOCKET, SO_BINDTODEVICE, name, &length), -EINVAL);
    check_equal(set(SOL_SOCKET, SO_BINDTODEVICE, "", 1), 0);
    check_equal(fake_at(3)->option[OPTION_INTERFACE], 0);
    check_equal(set(SOL_SOCKET, SO_BINDTODEVICE, NULL, 0), 0);
    memset(name, 'x', sizeof name);
    check_equal(set(SOL_SOCKET, SO_BINDTODEVICE, name, sizeof name), -ENODEV);
}

static void congestion_by_name(void)
{
    char name[32] = "";
    uint32_t length = sizeof name;

    open_one('s');
    check_equal(set(IPPROTO_TCP, TCP_CONGESTION, "other", 5), 0);
    check_equal(fake_at(3)->option[OPTION_CONGESTION], 1);
    check_equal(set(IPPROTO_TCP, TCP_CONGESTION, "cubit", 6), -ENOENT);
    check_equal(set(IPPROTO_TCP, TCP_CONGESTION, NULL, 0), -EINVAL);
    check_equal(get(IPPROTO_TCP, TCP_CONGESTION, name, &length), 0);
    check_equal(length, 16);
    check(strcmp(name, "other") == 0);
    length = 3;
    check_equal(get(IPPROTO_TCP, TCP_CONGESTION, name, &length), 0);
    check_equal(length, 3);
}

static void errors_once(void)
{
    open_one('s');
    fake_at(3)->error = ECONNRESET;
    check_equal(get_int(SOL_SOCKET, SO_ERROR), ECONNRESET);
    check_equal(get_int(SOL_SOCKET, SO_ERROR), 0);
}

static void listening_shows(void)
{
    open_one('s');
    check_equal(get_int(SOL_SOCKET, SO_ACCEPTCONN), 0);
    check_equal(call_listen(&fake_host, 3, 1, 0), 0);
    check_equal(get_int(SOL_SOCKET, SO_ACCEPTCONN), 1);
    check_equal(set(IPPROTO_TCP, TCP_WINDOW_CLAMP, &(int){0}, 4), -EINVAL);
}

static void timestamps_exclude_each_other(void)
{
    open_one('d');
    check_equal(set(SOL_SOCKET, SO_TIMESTAMP, &(int){1}, 4), 0);
    check_equal(set(SOL_SOCKET, SO_TIMESTAMPNS, &(int){1}, 4), 0);
    check_equal(get_int(SOL_SOCKET, SO_TIMESTAMP), 0);
    check_equal(get_int(SOL_SOCKET, SO_TIMESTAMPNS), 1);
    check_equal(set(SOL_SOCKET, SO_TIMESTAMP, &(int){0}, 4), 0);
    check_equal(get_int(SOL_SOCKET, SO_TIMESTAMPNS), 0);
}

static void ecn_bits_stay(void)
{
    open_one('s');
    fake_at(3)->option[OPTION_TRAFFIC_CLASS] = 2;
    check_equal(set(IPPROTO_IP, IP_TOS, &(int){0x11}, 4), 0);
    check_equal(fake_at(3)->option[OPTION_TRAFFIC_CLASS], 0x12);
}

static void path_mtu(void)
{
    open_one('d');
    check_equal(get_int(IPPROTO_IP, IP_MTU), -ENOTCONN);
    fake_at(3)->has_remote = true;
    fake_at(3)->option[OPTION_MTU] = 1400;
    check_equal(get_int(IPPROTO_IP, IP_MTU), 1400);
}

/* An unsigned long, as Linux has had it since 4.20; an int before. */
static void rates(void)
{
    uint64_t rate = UINT64_C(12500000000);
    uint32_t old = 0, length = sizeof rate;

    open_one('s');
    check_equal(set(SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof rate), 0);
    check_equal(fake_at(3)->option[OPTION_PACING_RATE], 12500000000);
    rate = 0;
    check_equal(get(SOL_SOCKET, SO_MAX_PACING_RATE, &rate, &length), 0);
    check(rate == UINT64_C(12500000000) && length == sizeof rate);
    length = sizeof old;
    check_equal(get(SOL_SOCKET, SO_MAX_PACING_RATE, &old, &length), 0);
    check(old == UINT32_MAX && length == sizeof old);
    old = UINT32_MAX; /* none */
    check_equal(set(SOL_SOCKET, SO_MAX_PACING_RATE, &old, sizeof old), 0);
    check_equal(fake_at(3)->option[OPTION_PACING_RATE], -1);
}

/* What Linux 6.18 reads back, in both lengths, after each was set. */
static void rates_are_read_back_as_they_were_set(void)
{
    static const uint64_t rates[] = {
        0,         1, UINT32_MAX, UINT64_C(1) << 32, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX - 1,
        UINT64_MAX};

    open_one('s');
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        uint64_t rate = 7;
        uint32_t old = 7, length = sizeof rate;

        check_equal(set(SOL_SOCKET, SO_MAX_PACING_RATE, &rates[i], sizeof rates[i]), 0);
        check_equal(get(SOL_SOCKET, SO_MAX_PACING_RATE, &rate, &length), 0);
        check(rate == rates[i]);
        length = sizeof old;
        check_equal(get(SOL_SOCKET, SO_MAX_PACING_RATE, &old, &length), 0);
        check_equal(old, rates[i] < UINT32_MAX ? rates[i] : UINT32_MAX);
    }
}

/* Each field has a number of its own, so none can stand for another. */
static const struct transport_info all = {
    .bytes_acked = 1001,
    .bytes_received = 1002,
    .bytes_sent = 1003,
    .bytes_retransmitted = 1004,
    .segments_out = 1005,
    .segments_in = 1006,
    .data_segments_in = 1007,
    .data_segments_out = 1008,
    .rto = 1009 * MICROSECOND,
    .ack_timeout = 1010 * MICROSECOND,
    .srtt = 1011 * MICROSECOND,
    .rttvar = 1012 * MICROSECOND,
    .least_rtt = 1013 * MICROSECOND,
    .since_data_sent = 1014 * MILLISECOND,
    .since_data_received = 1015 * MILLISECOND,
    .since_ack_received = 1016 * MILLISECOND,
    .pacing_rate = 1017,
    .pacing_limit = 1018,
    .cwnd_packets = 1019,
    .ssthresh_packets = 1020,
    .send_window = 1021,
    .receive_window = 1022,
    .receive_ssthresh = 1023,
    .state = TCP_STATE_ESTABLISHED,
    .ca_state = 2,
    .retransmits = 3,
    .probes = 4,
    .backoff = 5,
    .smss = 1024,
    .rmss = 1025,
    .path_mtu = 1026,
    .advertised_mss = 1027,
    .reordering = 1028,
    .unacked_packets = 1029,
    .sacked_packets = 1030,
    .lost_packets = 1031,
    .retransmitted_packets = 1032,
    .total_retransmits = 1033,
    .not_sent_bytes = 1034,
    .duplicate_sacks = 1035,
    .reordered_seen = 1036,
    .out_of_order = 1037,
    .send_wscale = 6,
    .receive_wscale = 7,
    .ecn = true,
};

static void counts_and_times_of_info_have_their_places(void)
{
    struct tcp_info info;
    uint32_t length = sizeof info;

    open_one('s');
    fake.info = all;
    check_equal(get(IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    check_equal(info.tcpi_bytes_acked, 1001);
    check_equal(info.tcpi_bytes_received, 1002);
    check_equal(info.tcpi_bytes_sent, 1003);
    check_equal(info.tcpi_bytes_retrans, 1004);
    check_equal(info.tcpi_segs_out, 1005);
    check_equal(info.tcpi_segs_in, 1006);
    check_equal(info.tcpi_data_segs_in, 1007);
    check_equal(info.tcpi_data_segs_out, 1008);
    check_equal(info.tcpi_rto, 1009);
    check_equal(info.tcpi_ato, 1010);
    check_equal(info.tcpi_rtt, 1011);
    check_equal(info.tcpi_rttvar, 1012);
    check_equal(info.tcpi_min_rtt, 1013);
    check_equal(info.tcpi_last_data_sent, 1014);
    check_equal(info.tcpi_last_data_recv, 1015);
    check_equal(info.tcpi_last_ack_recv, 1016);
    check_equal(info.tcpi_pacing_rate, 1017);
    check_equal(info.tcpi_max_pacing_rate, 1018);
}

static void windows_of_info_have_their_places(void)
{
    struct tcp_info info;
    uint32_t length = sizeof info;

    open_one('s');
    fake.info = all;
    check_equal(get(IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    check_equal(info.tcpi_snd_cwnd, 1019);
    check_equal(info.tcpi_snd_ssthresh, 1020);
    check_equal(info.tcpi_snd_wnd, 1021);
    check_equal(info.tcpi_rcv_space, 1022);
    check_equal(info.tcpi_rcv_ssthresh, 1023);
    check_equal(info.tcpi_ca_state, 2);
    check_equal(info.tcpi_retransmits, 3);
    check_equal(info.tcpi_probes, 4);
    check_equal(info.tcpi_backoff, 5);
    check_equal(info.tcpi_snd_mss, 1024);
    check_equal(info.tcpi_rcv_mss, 1025);
    check_equal(info.tcpi_pmtu, 1026);
    check_equal(info.tcpi_advmss, 1027);
    check_equal(info.tcpi_reordering, 1028);
    check_equal(info.tcpi_unacked, 1029);
    check_equal(info.tcpi_sacked, 1030);
    check_equal(info.tcpi_lost, 1031);
    check_equal(info.tcpi_retrans, 1032);
    check_equal(info.tcpi_total_retrans, 1033);
    check_equal(info.tcpi_notsent_bytes, 1034);
    check_equal(info.tcpi_dsack_dups, 1035);
    check_equal(info.tcpi_reord_seen, 1036);
    check_equal(info.tcpi_rcv_ooopack, 1037);
    check_equal(info.tcpi_options, TCPI_OPT_ECN);
}

static void options_of_info_have_their_bits(void)
{
    struct tcp_info info;
    uint32_t length = sizeof info;

    open_one('s');
    fake.info = (struct transport_info){.sack = true, .send_wscale = 6, .receive_wscale = 7};
    check_equal(get(IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    check_equal(info.tcpi_options, TCPI_OPT_SACK);
    fake.info = (struct transport_info){.timestamps = true};
    check_equal(get(IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    check_equal(info.tcpi_options, TCPI_OPT_TIMESTAMPS);
    fake.info = (struct transport_info){.wscale = true, .send_wscale = 6, .receive_wscale = 7};
    check_equal(get(IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    check_equal(info.tcpi_options, TCPI_OPT_WSCALE);
    check(info.tcpi_snd_wscale == 6 && info.tcpi_rcv_wscale == 7);
}

static void info_of_tcp(void)
{
    struct tcp_info info;
    uint32_t length = sizeof info;

    open_one('s');
    fake.info.state = TCP_STATE_CLOSE_WAIT;
    fake.info.rto = 250 * MILLISECOND;
    fake.info.srtt = 1234567;
    fake.info.least_rtt = NEVER;
    fake.info.since_data_sent = 3 * SECOND;
    fake.info.cwnd_packets = 10;
    fake.info.ssthresh_packets = UINT64_MAX;
    fake.info.smss = 1448;
    fake.info.send_wscale = 7;
    fake.info.receive_wscale = 14;
    fake.info.timestamps = fake.info.wscale = fake.info.sack = true;
    fake.info.bytes_acked = UINT64_C(5000000000);
    fake.info.retransmits = 300;
    memset(&info, 0xee, sizeof info);
    check_equal(get(IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    check_equal(length, sizeof info);
    check_equal(info.tcpi_state, 8);
    check_equal(info.tcpi_rto, 250000);
    check_equal(info.tcpi_rtt, 1234);
    check_equal(info.tcpi_min_rtt, UINT32_MAX);
    check_equal(info.tcpi_last_data_sent, 3000);
    check_equal(info.tcpi_snd_cwnd, 10);
    check_equal(info.tcpi_snd_ssthresh, 0x7fffffff);
    check_equal(info.tcpi_snd_mss, 1448);
    check_equal(info.tcpi_snd_wscale, 7);
    check_equal(info.tcpi_rcv_wscale, 14);
    check_equal(info.tcpi_options, TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | TCPI_OPT_WSCALE);
    check_equal(info.tcpi_bytes_acked, 5000000000);
    check_equal(info.tcpi_retransmits, 255);
    check_equal(info.tcpi_pacing_rate, 0);
    check_equal(info.tcpi_max_pacing_rate, 0);
    fake.info.pacing_rate = 1000;
    fake.info.pacing_limit = 2000;
    check_equal(get(IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    check(info.tcpi_pacing_rate == 1000 && info.tcpi_max_pacing_rate == 2000);
    length = 1;
    fake.info.state = TCP_STATE_CLOSED;
    check_equal(get(IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    check_equal(length, 1);
    check_equal(info.tcpi_state, TCP_STATE_CLOSED);
}

static const struct test tests[] = {
    {"a rate has 64 bits, or 32 where there is no more room", rates},
    {"rates are read back as they were set", rates_are_read_back_as_they_were_set},
    {"every case measured on Linux answers the same", cases_of_linux},
    {"and what it says of AF_INET6 sockets", cases_of_linux_over_ipv6},
    {"the number of supported options is known, all others are ENOPROTOOPT", unknown_names},
    {"values are cut to the room, lengths are checked", values_are_cut},
    {"SO_LINGER is a struct of two", lingering},
    {"SO_RCVTIMEO is stored, checked and returned", timeouts},
    {"options that need privilege are refused", privileged_ones},
    {"SO_BINDTODEVICE goes by name", interfaces_by_name},
    {"TCP_CONGESTION goes by name", congestion_by_name},
    {"SO_ERROR tells an error once", errors_once},
    {"SO_ACCEPTCONN shows a listener", listening_shows},
    {"SO_TIMESTAMP and SO_TIMESTAMPNS exclude each other", timestamps_exclude_each_other},
    {"IP_TOS leaves the ECN bits of a stream alone", ecn_bits_stay},
    {"IP_MTU needs a peer", path_mtu},
    {"each count and time of TCP_INFO has its place", counts_and_times_of_info_have_their_places},
    {"so has each window, size and state", windows_of_info_have_their_places},
    {"and each option has its bit", options_of_info_have_their_bits},
    {"TCP_INFO is in Linux's units", info_of_tcp},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
