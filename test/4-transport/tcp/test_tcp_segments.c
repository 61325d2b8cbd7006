/* SPDX-License-Identifier: MIT */
/*
 * What a script cannot say of TCP: raw segments by a door to one host, with addresses, checksums
 * and numbers as they are on the wire. RFC 9293 by its MUSTs; RFC 7323, RFC 6528. The reference
 * here (checksum, headers) owes nothing to src/.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "check.h"
#include "sockeye/sockeye.h"

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, HOST = 0x0a000001, PEER = 0x0a000002 };
enum { MSS = 1000, WINDOW = 60000 };
#define MS INT64_C(1000000)

struct segment {
    uint32_t source, dest, seq, ack, wnd, ts_val, ts_ecr;
    uint16_t source_port, dest_port;
    uint8_t flags, tos, ttl;
    bool stamped, wrong;
    size_t length; /* of text */
};

static uint32_t sum_of(const uint8_t *p, size_t n, uint32_t sum)
{
    for (size_t i = 0; i < n; i++)
        sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v);
}

static uint32_t get16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
    return get16(p) << 16 | get16(p + 2);
}

static uint32_t pseudo(const uint8_t *ip, size_t tcp_bytes)
{
    return sum_of(ip + 12, 8, 6 + (uint32_t)tcp_bytes);
}

/* Sends text of zeroes. A SYN says an MSS. */
static void inject(struct sockeye *lab, const struct segment *s)
{
    uint8_t p[200] = {0x45};
    size_t options = (s->flags & SYN ? 4u : 0u) + (s->stamped ? 12u : 0u);
    size_t tcp = 20 + options + s->length, at = 40;

    put16(p + 2, (uint32_t)(20 + tcp));
    p[8] = 64;
    p[9] = 6;
    put32(p + 12, s->source ? s->source : PEER);
    put32(p + 16, s->dest ? s->dest : HOST);
    put16(p + 10, ~sum_of(p, 20, 0));
    put16(p + 20, s->source_port);
    put16(p + 22, s->dest_port);
    put32(p + 24, s->seq);
    put32(p + 28, s->ack);
    p[32] = (uint8_t)((20 + options) / 4 << 4);
    p[33] = s->flags;
    put16(p + 34, WINDOW);
    if (s->flags & SYN) {
        put32(p + at, 0x02040000 + MSS);
        at += 4;
    }
    if (s->stamped) {
        put32(p + at, 0x0101080a);
        put32(p + at + 4, s->ts_val);
        put32(p + at + 8, s->ts_ecr);
    }
    put16(p + 36, ~sum_of(p + 20, tcp, pseudo(p, tcp)));
    p[37] ^= s->wrong;
    check_equal(sockeye_inject(lab, 0, p, 20 + tcp), 0);
    sockeye_advance(lab, sockeye_now(lab));
}

/* The next segment that the host sent, its checksums right (MUST-2). false: none. */
static bool emitted(struct sockeye *lab, struct segment *s)
{
    static uint8_t p[4096];
    ssize_t n = sockeye_emit(lab, 0, p, sizeof p, NULL);
    size_t offset;

    memset(s, 0, sizeof *s);
    if (n < 0)
        return false;
    check(n >= 40 && p[0] == 0x45 && p[9] == 6 && get16(p + 2) == n);
    check_equal(sum_of(p, 20, 0), 0xffff);
    check_equal(sum_of(p + 20, (size_t)n - 20, pseudo(p, (size_t)n - 20)), 0xffff);
    offset = (size_t)(p[32] >> 4) * 4;
    s->tos = p[1];
    s->ttl = p[8];
    s->dest = get32(p + 16);
    s->source_port = (uint16_t)get16(p + 20);
    s->dest_port = (uint16_t)get16(p + 22);
    s->seq = get32(p + 24);
    s->ack = get32(p + 28);
    s->flags = p[33];
    s->wnd = get16(p + 34);
    s->length = (size_t)n - 20 - offset;
    for (size_t i = 40; i + 10 <= 20 + offset; i++) {
        if (get16(p + i) != 0x080a)
            continue;
        s->stamped = true;
        s->ts_val = get32(p + i + 2);
        s->ts_ecr = get32(p + i + 6);
        break;
    }
    return true;
}

static struct sockeye *one_host(void)
{
    struct sockeye *lab = NULL;

    check_equal(sockeye_open(&(struct sockeye_config){.seed = 7}, &lab), 0);
    check_equal(sockeye_host(lab, "a"), 0);
    check_equal(sockeye_door(lab, "d", SOCKEYE_DOOR_IP, 1500), 0);
    check_equal(sockeye_interface(lab, 0, "eth0", 0, 0, NULL), 1);
    check_equal(sockeye_address(lab, 0, 1, "10.0.0.1/24"), 0);
    sockeye_advance(lab, 1000 * MS);
    return lab;
}

static int listener_on(struct sockeye *lab, uint16_t port)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = sockeye_socket(lab, 0, AF_INET, SOCK_STREAM, 0);

    check(fd >= 0);
    check_equal(sockeye_bind(lab, 0, fd, &any, sizeof any), 0);
    check_equal(sockeye_listen(lab, 0, fd, 8), 0);
    return fd;
}

/* From a port of the peer to port 80 of the host: the SYN-ACK comes into *s. */
static void open_to_80(struct sockeye *lab, uint16_t from, uint32_t seq, bool stamped,
                       struct segment *s)
{
    struct segment syn = {.source_port = from, .dest_port = 80, .seq = seq, .flags = SYN};

    syn.stamped = stamped;
    syn.ts_val = 1000;
    inject(lab, &syn);
    check(emitted(lab, s));
    check_equal(s->flags, SYN | ACK);
    check_equal(s->ack, seq + 1);
}

static void answer(struct sockeye *lab, const struct segment *s, uint32_t seq, uint8_t flags)
{
    struct segment a = {.source_port = s->dest_port, .dest_port = 80, .seq = seq, .flags = flags};

    a.ack = s->seq + (uint32_t)s->length + (s->flags & (SYN | FIN) ? 1 : 0);
    a.stamped = s->stamped;
    a.ts_val = 1001;
    a.ts_ecr = s->ts_val;
    inject(lab, &a);
}

static void checksums(void)
{
    struct sockeye *lab = one_host();
    struct segment s, syn = {.source_port = 5, .dest_port = 80, .seq = 9, .flags = SYN};

    (void)listener_on(lab, 80);
    syn.wrong = true;
    inject(lab, &syn);
    check(!emitted(lab, &s));
    syn.wrong = false;
    inject(lab, &syn);
    check(emitted(lab, &s));
    sockeye_close(lab);
}

static void initial_numbers(void)
{
    struct sockeye *lab = one_host();
    struct segment first, again, other;
    int64_t began = sockeye_now(lab);

    (void)listener_on(lab, 80);
    open_to_80(lab, 5, 100, false, &first);
    answer(lab, &first, 101, RST);
    sockeye_advance(lab, began + 20 * MS);
    open_to_80(lab, 5, 100, false, &again);
    check_equal(again.seq - first.seq, 20 * MS / 4000);
    open_to_80(lab, 6, 100, false, &other);
    check(other.seq - again.seq > 1000 && again.seq - other.seq > 1000);
    sockeye_close(lab);
}

static void not_for_one_station(void)
{
    static const uint32_t dests[] = {0xffffffff, 0x0a0000ff, 0xe0000001, 0x0a000063};
    static const uint32_t sources[] = {0xffffffff, 0x0a0000ff, 0xe0000001, 0x7f000001, HOST};
    struct sockeye *lab = one_host();
    struct segment s, syn = {.source_port = 5, .dest_port = 80, .seq = 9, .flags = SYN};

    (void)listener_on(lab, 80);
    for (size_t i = 0; i < sizeof dests / sizeof *dests; i++) {
        syn.dest = dests[i];
        inject(lab, &syn);
        check(!emitted(lab, &s));
    }
    syn.dest = 0;
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        syn.source = sources[i];
        inject(lab, &syn);
        check(!emitted(lab, &s));
    }
    sockeye_close(lab);
}

static void connecting_to_many(void)
{
    static const uint32_t dests[] = {0xffffffff, 0x0a0000ff, 0xe0000001};
    struct sockeye *lab = one_host();
    struct segment s;
    int fd = sockeye_socket(lab, 0, AF_INET, SOCK_STREAM, 0);

    for (size_t i = 0; i < sizeof dests / sizeof *dests; i++) {
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};

        to.sin_addr.s_addr = htonl(dests[i]);
        check_equal(sockeye_connect(lab, 0, fd, &to, sizeof to), -ENETUNREACH);
    }
    sockeye_advance(lab, 5000 * MS);
    check(!emitted(lab, &s));
    sockeye_close(lab);
}

static void service_and_hops(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    struct sockeye *lab = one_host();
    struct segment s;
    int fd = sockeye_socket(lab, 0, AF_INET, SOCK_STREAM, 0), tos = 0x28, ttl = 7;

    to.sin_addr.s_addr = htonl(PEER);
    check_equal(sockeye_set_option(lab, 0, fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos), 0);
    check_equal(sockeye_set_option(lab, 0, fd, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl), 0);
    check_equal(sockeye_connect(lab, 0, fd, &to, sizeof to), -EINPROGRESS);
    sockeye_advance(lab, sockeye_now(lab));
    check(emitted(lab, &s));
    check_equal(s.tos, tos);
    check_equal(s.ttl, ttl);
    tos = 0x48; /* SHLD-21: while it is open */
    check_equal(sockeye_set_option(lab, 0, fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos), 0);
    sockeye_advance(lab, sockeye_now(lab) + 1000 * MS);
    check(emitted(lab, &s));
    check_equal(s.tos, tos);
    sockeye_close(lab);
}

static void stamp_of_a_reset(void)
{
    struct sockeye *lab = one_host();
    struct segment s, reset = {.source_port = 5, .dest_port = 80, .flags = RST, .stamped = true};

    (void)listener_on(lab, 80);
    open_to_80(lab, 5, 100, true, &s);
    check_equal(s.ts_ecr, 1000);
    answer(lab, &s, 101, ACK);
    reset.seq = 102; /* in the window, not at RCV.NXT */
    reset.ts_val = 900000;
    inject(lab, &reset);
    check(emitted(lab, &s));
    check_equal(s.flags, ACK);
    check_equal(s.ts_ecr, 1001);
    sockeye_advance(lab, sockeye_now(lab) + 1000 * MS);
    reset.ts_val = 1; /* nor is a RST too old */
    reset.seq = 101;
    inject(lab, &reset);
    answer(lab, &s, 101, ACK);
    check(emitted(lab, &s));
    check_equal(s.flags, RST);
    sockeye_close(lab);
}

/* The host sends faster than the clock of its ISNs runs, closes, and a SYN ends its TIME-WAIT. */
static void number_behind_time_wait_from(uint16_t port)
{
    static const char text[50000];
    struct sockeye *lab = one_host();
    struct segment s, last;
    int fd = listener_on(lab, 80), c;
    size_t sent = 0;

    open_to_80(lab, port, 100, false, &s);
    answer(lab, &s, 101, ACK);
    c = sockeye_accept(lab, 0, fd, NULL, NULL);
    check(c >= 0);
    memset(&last, 0, sizeof last);
    for (int i = 0; i < 1000 && !(last.flags & FIN); i++) {
        if (sent < sizeof text) {
            ssize_t n = sockeye_send(lab, 0, c, text + sent, sizeof text - sent, 0);

            sent += n > 0 ? (size_t)n : 0;
            if (sent == sizeof text)
                check_equal(sockeye_shutdown(lab, 0, c, SHUT_WR), 0);
        }
        sockeye_advance(lab, sockeye_now(lab) + MS / 100);
        while (emitted(lab, &s))
            last = s;
        answer(lab, &last, 101, ACK);
    }
    check(last.flags & FIN);
    answer(lab, &last, 101, FIN | ACK);
    check(emitted(lab, &s));
    check_equal(s.flags, ACK);
    check(s.seq - (last.seq + (uint32_t)last.length + 1) == 0);
    last = s;
    open_to_80(lab, port, 100000, false, &s);
    check((int32_t)(s.seq - last.seq) > 0);
    answer(lab, &s, 100001, ACK);
    check(sockeye_accept(lab, 0, fd, NULL, NULL) >= 0);
    sockeye_close(lab);
}

/* Each pair of ports has ISNs of its own. */
static void number_behind_time_wait(void)
{
    for (uint16_t port = 5; port < 17; port++)
        number_behind_time_wait_from(port);
}

static const struct test tests[] = {
    {"a segment with a wrong checksum is dropped, ours are right (MUST-2, MUST-3)", checksums},
    {"ISNs follow a clock of 4 us, and each pair has its own (MUST-8, MUST-9, RFC 6528 3)",
     initial_numbers},
    {"a SYN to or from more or other than one station is not answered (MUST-57, MUST-63)",
     not_for_one_station},
    {"connecting to a broadcast or a group is refused (MUST-46)", connecting_to_many},
    {"TOS and TTL are the program's (MUST-48, MUST-49)", service_and_hops},
    {"a RST is not judged by its timestamp, which leaves no trace (RFC 7323 5.2)",
     stamp_of_a_reset},
    {"a SYN that ends TIME-WAIT gets an ISS beyond the old numbers (MAY-2)",
     number_behind_time_wait},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
