/* SPDX-License-Identifier: MIT */
/*
 * Lengths that lie, below layer 4: Ethernet, the IP header and its options, UDP, ICMP, and
 * addresses that no packet of a wire may have.
 */
#include "vuln_bed.h"

static int service; /* a datagram socket of the victim at PORT */

static uint64_t all_drops(void)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < DROP_COUNT; i++)
        sum += sockeye_drops(bed.lab, VICTIM, i);
    return sum;
}

static void begin(enum sockeye_door kind)
{
    bed_open(kind);
    service = bed_datagram(PORT);
    bed_set("net.ipv4.icmp_ratelimit", "0");
    bed_set("net.ipv4.icmp_msgs_per_sec", "0");
    bed_flush();
}

/* Bytes of the next datagram that the service got, or -1. */
static ssize_t delivered(void)
{
    static uint8_t bytes[70000];
    ssize_t n = sockeye_receive(bed.lab, VICTIM, service, bytes, sizeof bytes, 0);

    for (ssize_t i = 0; i < n; i++)
        check(bytes[i] != 0xee); /* padding */
    return n == -EAGAIN ? -1 : n;
}

static void finish(void)
{
    bed_friend_talks();
    check(bed_friend_connects(BED_SECOND) >= 0);
}

/* Every IHL with total lengths 0 to 127 and each 61st after that (not all 65536). */
static void header_lengths_lie(void)
{
    uint8_t frame[60];

    begin(SOCKEYE_DOOR_IP);
    for (uint32_t ihl = 0; ihl < 16; ihl++)
        for (uint32_t total = 0; total < 65536; total += total < 128 ? 1 : 61) {
            bool good = ihl >= 5 && total >= ihl * 4 + 8 && total <= sizeof frame;
            uint64_t before = all_drops();

            memset(frame, 0, sizeof frame);
            frame[0] = (uint8_t)(0x40 | ihl);
            put16(frame + 2, total);
            frame[8] = 64;
            frame[9] = 17;
            put32(frame + 12, ATTACKER_IP);
            put32(frame + 16, VICTIM_IP);
            if (ihl * 4 + 8 <= sizeof frame) {
                put16(frame + ihl * 4 + 2, PORT);
                put16(frame + ihl * 4 + 4, 8);
            }
            put16(frame + 10, 0);
            put16(frame + 10, checksum_of(frame, ihl * 4 < 60 ? ihl * 4 : 60, 0));
            bed_inject_ip(frame, sizeof frame);
            bed_advance(10000);
            check_equal(delivered(), good ? 0 : -1);
            check_equal(all_drops() - before, !good);
            check_equal(bed_flush(), 0);
        }
    finish();
}

static void padding_is_cut(void)
{
    const struct ip_spec udp = {.protocol = 17, .padding = 30},
                         icmp = {.protocol = 1, .padding = 9};
    uint8_t bytes[100];
    struct peer p = {.port = 1000};
    struct tcp_spec s;
    uint8_t text[64];

    begin(SOCKEYE_DOOR_ETHERNET);
    bed_send_ip(&udp, bytes, make_udp(bytes, 9, PORT, "hello", 5));
    check_equal(delivered(), 5);
    begin(SOCKEYE_DOOR_IP);
    bed_send_ip(&udp, bytes, make_udp(bytes, 9, PORT, "hello", 5));
    check_equal(delivered(), 5);
    bed_send_ip(&icmp, bytes, make_icmp(bytes, 8, 0, 1, "ping", 4));
    check(bed_take() && seen.type == 0 && seen.body_bytes == 12);
    peer_open(&p, bed_listener(PORT, 4));
    s = peer_segment(&p, ACK);
    s.text = "abc";
    s.length = 3;
    bed_inject_tcp(&s);
    memset(made.bytes + made.length, 0xee, 20);
    bed_inject_ip(made.bytes, made.length + 20);
    bed_advance(BED_MS);
    check_equal(sockeye_receive(bed.lab, VICTIM, p.fd, text, sizeof text, 0), 3);
    finish();
}

static void send_frame(uint32_t ethertype, const uint8_t *rest, size_t length)
{
    static uint8_t frame[2000];

    memcpy(frame, victim_mac, 6);
    memcpy(frame + 6, attacker_mac, 6);
    put16(frame + 12, ethertype);
    memcpy(frame + 14, rest, length);
    check_equal(sockeye_inject(bed.lab, DOOR, frame, length + 14), 0);
    bed_advance(10000);
}

static void frames_of_any_length(void)
{
    static const uint16_t types[] = {0x0000, 0x0001, 46,     1500,   1501,   0x05ff, 0x0800, 0x0805,
                                     0x0806, 0x8100, 0x88a8, 0x86dd, 0x8864, 0x9000, 0xffff};
    static uint8_t bytes[70000];

    begin(SOCKEYE_DOOR_ETHERNET);
    for (size_t n = 0; n < 14; n++)
        check_equal(sockeye_inject(bed.lab, DOOR, bytes, n), -EINVAL);
    for (size_t n = 1501 + 14; n <= 65536; n += n < 1600 ? 1 : 997)
        check_equal(sockeye_inject(bed.lab, DOOR, bytes, n), -EMSGSIZE);
    for (int fill = 0; fill < 3; fill++) {
        memset(bytes, fill == 1 ? 0xff : fill == 2 ? 0x45 : 0, 1500);
        for (size_t t = 0; t < sizeof types / sizeof *types; t++)
            for (size_t n = 0; n <= 1500; n += n < 70 || n > 1490 ? 1 : 131) {
                uint64_t before = all_drops();

                send_frame(types[t], bytes, n);
                check_equal(all_drops() - before, 1);
            }
    }
    check_equal(bed_flush(), 0);
    finish();
}

static void vlan_tags_are_not_followed(void)
{
    uint8_t inner[200], udp[60];
    const struct ip_spec spec = {.protocol = 17};

    begin(SOCKEYE_DOOR_ETHERNET);
    make_ip(&spec, udp, make_udp(udp, 9, PORT, "hi", 2));
    for (uint32_t depth = 1; depth <= 8; depth++)
        for (size_t cut = 0; cut <= 4 * (size_t)depth; cut++) {
            uint64_t before = all_drops();
            size_t n = 0;

            for (uint32_t i = 0; i < depth; i++, n += 4) {
                put16(inner + n, i);
                put16(inner + n + 2, i + 1 < depth ? 0x8100 : 0x0800);
            }
            memcpy(inner + n, made.bytes, made.length);
            send_frame(depth > 1 ? 0x88a8 : 0x8100, inner, n + made.length - cut);
            check_equal(all_drops() - before, 1);
            check_equal(delivered(), -1);
        }
    finish();
}

/* Whether a host may take a datagram with this option and NOPs behind it: written apart from ours.
 */
static bool option_is_fine(uint8_t kind, uint8_t length, uint8_t pointer)
{
    if (length < 2 || length > 40 || kind == 131 || kind == 137)
        return false;
    if (kind == 7)
        return length >= 3 && pointer >= 4 && (pointer > length || length - pointer >= 3);
    return true;
}

static void option_loops_end(void)
{
    static const uint8_t kinds[] = {7, 131, 137, 130, 133, 136, 148, 2, 30, 255};
    static const uint8_t pointers[] = {0, 1, 3, 4, 5, 8, 37, 38, 39, 40, 41, 128, 255};
    uint8_t options[40], udp[60];
    struct ip_spec spec = {.protocol = 17, .options = options, .option_bytes = sizeof options};
    size_t n = 0;

    begin(SOCKEYE_DOOR_IP);
    n = make_udp(udp, 9, PORT, "hi", 2);
    for (size_t k = 0; k < sizeof kinds; k++)
        for (int length = 0; length < 256; length++)
            for (size_t i = 0; i < sizeof pointers; i++) {
                uint64_t before = bed_drops(DROP_IP_OPTION);
                bool fine = option_is_fine(kinds[k], (uint8_t)length, pointers[i]);

                memset(options, 1, sizeof options);
                options[0] = kinds[k];
                options[1] = (uint8_t)length;
                if (length != 2)
                    options[2] = pointers[i];
                bed_send_ip(&spec, udp, n);
                check_equal(delivered(), fine ? 2 : -1);
                check_equal(bed_drops(DROP_IP_OPTION) - before, !fine);
                while (bed_take()) /* a parameter problem, back to the source, without options */
                    check(seen.protocol == 1 && seen.type == 12 && seen.dest == ATTACKER_IP);
            }
    finish();
}

/* An option at each place of the area, cut off by its end; and chance fills the area. */
static void options_at_every_place(void)
{
    uint8_t options[40], udp[60];
    struct ip_spec spec = {.protocol = 17, .options = options};
    size_t n;

    begin(SOCKEYE_DOOR_IP);
    n = make_udp(udp, 9, PORT, "hi", 2);
    for (size_t bytes = 4; bytes <= 40; bytes += 4)
        for (size_t at = 0; at < bytes; at++)
            for (int kind = 2; kind < 256; kind += 7) {
                memset(options, 1, sizeof options);
                options[at] = (uint8_t)kind;
                if (at + 1 < bytes)
                    options[at + 1] = (uint8_t)(bytes - at + 1); /* one byte too long */
                spec.option_bytes = bytes;
                bed_send_ip(&spec, udp, n);
                check_equal(delivered(), -1);
            }
    for (int i = 0; i < 20000; i++) {
        for (size_t k = 0; k < sizeof options; k++)
            options[k] = (uint8_t)bed_draw(bed_draw(4) ? 12 : 256);
        spec.option_bytes = 4 * (size_t)(1 + bed_draw(10));
        bed_send_ip(&spec, udp, n);
        (void)delivered();
        while (bed_take())
            check(seen.dest == ATTACKER_IP && seen.type == 12);
    }
    finish();
}

static void source_routes_lead_nowhere(void)
{
    static const uint8_t kinds[] = {131, 137, 7, 68};
    uint8_t options[12], ping[60];
    struct ip_spec spec = {.protocol = 1, .options = options, .option_bytes = sizeof options};
    size_t n;

    begin(SOCKEYE_DOOR_IP);
    n = make_icmp(ping, 8, 0, 0x10001, "ping", 4);
    for (size_t k = 0; k < sizeof kinds; k++)
        for (uint32_t pointer = 4; pointer <= 12; pointer += 4) {
            int answers = 0;

            memset(options, 0, sizeof options);
            options[0] = kinds[k];
            options[1] = 11;
            options[2] = (uint8_t)pointer;
            put32(options + 3, 0x0a000077); /* a third host */
            put32(options + 7, 0x0a000078);
            bed_send_ip(&spec, ping, n);
            for (; bed_take(); answers++)
                check(seen.dest == ATTACKER_IP);
            if (kinds[k] == 131 || kinds[k] == 137)
                check_equal(answers, 0);
        }
    finish();
}

static void udp_lengths_lie(void)
{
    const struct ip_spec spec = {.protocol = 17};
    uint8_t udp[100], whole[100];

    begin(SOCKEYE_DOOR_IP);
    memset(whole, 0x11, sizeof whole);
    for (uint32_t length = 0; length < 65536; length += length < 128 ? 1 : 97)
        for (size_t text = 0; text <= 40; text += 5) {
            bool good = length >= 8 && length <= text + 8;

            put16(udp, 9);
            put16(udp + 2, PORT);
            put16(udp + 4, length);
            put16(udp + 6, 0);
            memcpy(udp + 8, whole, text);
            bed_send_ip(&spec, udp, text + 8);
            check_equal(delivered(), good ? (ssize_t)length - 8 : -1);
            if (good) { /* and a wrong checksum */
                put16(udp + 6, 0x1234);
                bed_send_ip(&spec, udp, text + 8);
                check_equal(delivered(), -1);
            }
        }
    for (size_t n = 0; n < 8; n++)
        bed_send_ip(&spec, udp, n);
    check_equal(delivered(), -1);
    check_equal(bed_flush(), 0);
    finish();
}

/* The first bytes of a packet that the victim may have sent. */
static size_t quote(uint8_t *out, uint32_t protocol, uint32_t from, uint32_t to, uint32_t seq,
                    uint32_t header_words)
{
    struct ip_spec spec = {.source = VICTIM_IP,
                           .dest = ATTACKER_IP,
                           .protocol = protocol,
                           .header_words = header_words};
    uint8_t body[44] = {0};

    put16(body, from);
    put16(body + 2, to);
    put32(body + 4, seq);
    body[12] = 0x50;
    make_ip(&spec, body, sizeof body);
    memcpy(out, made.bytes, made.length);
    return made.length;
}

static void errors_about_cut_packets(void)
{
    struct sockaddr_in name = bed_name(ATTACKER_IP, 9), own = bed_name(INADDR_ANY, 5000);
    uint8_t inner[64];
    int fd;

    begin(SOCKEYE_DOOR_IP);
    fd = sockeye_socket(bed.lab, VICTIM, AF_INET, SOCK_DGRAM, 0);
    check_equal(sockeye_bind(bed.lab, VICTIM, fd, &own, sizeof own), 0);
    check_equal(sockeye_connect(bed.lab, VICTIM, fd, &name, sizeof name), 0);
    for (uint32_t type = 0; type < 20; type++)
        for (size_t cut = 0; cut <= 64; cut++) {
            bool told;

            quote(inner, 17, 5000, 9, 0, 0);
            bed_send_icmp(type, 3, 0, inner, cut);
            told = bed_error(VICTIM, fd) != 0;
            check(told == ((type == 3 || type == 12) && cut >= 24));
            while (bed_take())
                check(seen.protocol == 1 && type == 8 && seen.type == 0);
        }
    quote(inner, 17, 5000, 9, 0, 15); /* options that are not there */
    bed_send_icmp(3, 3, 0, inner, 64);
    check_equal(bed_error(VICTIM, fd), 0);
    for (uint32_t protocol = 0; protocol < 256; protocol++) {
        quote(inner, protocol, 5000, 9, 0, 0);
        bed_send_icmp(3, 3, 0, inner, 64);
        check_equal(bed_error(VICTIM, fd) != 0, protocol == 17);
    }
    quote(inner, 17, 5000, 10, 0, 0); /* another four-tuple */
    bed_send_icmp(3, 3, 0, inner, 64);
    check_equal(bed_error(VICTIM, fd), 0);
    check_equal(bed_flush(), 0);
    finish();
}

/* An error about an error about ...; and errors about what must not be answered. */
static void no_error_answers_an_error(void)
{
    static const uint8_t errors[] = {3, 4, 5, 11, 12, 200};
    struct ip_spec closed = {.protocol = 17};
    uint8_t inner[600], udp[60];
    size_t n;

    begin(SOCKEYE_DOOR_IP);
    n = quote(inner, 1, 0x0303, 0, 0, 0);
    for (int depth = 0; depth < 10; depth++) {
        static uint8_t icmp[800];
        const struct ip_spec spec = {.source = VICTIM_IP, .dest = ATTACKER_IP, .protocol = 1};

        for (size_t i = 0; i < sizeof errors; i++)
            bed_send_icmp(errors[i], 1, 0, inner, n);
        make_ip(&spec, icmp, make_icmp(icmp, 3, 1, 0, inner, n > 500 ? 500 : n));
        n = made.length > 520 ? 520 : made.length;
        memcpy(inner, made.bytes, n);
    }
    check_equal(bed_flush(), 0);
    n = make_udp(udp, 9, 9, "hi", 2); /* nobody is at port 9 */
    bed_send_ip(&closed, udp, n);
    check_equal(bed_flush(), 1);
    for (uint32_t ttl = 1; ttl < 3; ttl++) { /* for us, any TTL is good */
        closed.ttl = ttl;
        bed_send_ip(&closed, udp, n);
        check_equal(bed_flush(), 1);
    }
    closed.dest = 0xffffffff;
    bed_send_ip(&closed, udp, n);
    closed.dest = 0x0a0000ff;
    bed_send_ip(&closed, udp, n);
    closed.dest = 0xe0000001;
    bed_send_ip(&closed, udp, n);
    closed = (struct ip_spec){.protocol = 17, .offset = 8, .id = 1}; /* no first fragment */
    bed_send_ip(&closed, udp, n);
    bed_advance(40 * BED_SECOND);
    check_equal(bed_flush(), 0);
    finish();
}

static void ttl_zero_is_received(void)
{
    const struct ip_spec spec = {.protocol = 17};
    uint8_t udp[60];

    begin(SOCKEYE_DOOR_IP);
    make_ip(&spec, udp, make_udp(udp, 9, PORT, "hi", 2));
    made.bytes[8] = 0;
    put16(made.bytes + 10, 0);
    put16(made.bytes + 10, checksum_of(made.bytes, 20, 0));
    bed_inject_ip(made.bytes, made.length);
    bed_advance(10000);
    check_equal(delivered(), 2);
    for (uint32_t address = 0x0a000002; address < 0x0a000005; address++) { /* we do not forward */
        struct ip_spec other = {.protocol = 17, .dest = address, .ttl = 1};

        bed_send_ip(&other, udp, 20);
    }
    check_equal(bed_flush(), 0);
    finish();
}

static void martians_are_dropped(void)
{
    static const uint32_t sources[] = {0,          0x00000001, 0x7f000001, 0x7fffffff,
                                       VICTIM_IP,  0x0a000101, 0xe0000001, 0xefffffff,
                                       0xf0000001, 0xffffffff, 0x0a0000ff, 0x0a0001ff};
    static const uint32_t dests[] = {0, 0x7f000001, 0x7f123456, 0x08080808, FRIEND_IP, 0xe0000005};
    uint8_t bytes[60];

    begin(SOCKEYE_DOOR_IP);
    for (uint32_t protocol = 1; protocol <= 17; protocol += protocol == 1 ? 5 : 11)
        for (size_t i = 0; i < sizeof sources / sizeof *sources + sizeof dests / sizeof *dests;
             i++) {
            size_t from = i < sizeof sources / sizeof *sources ? i : 0;
            struct ip_spec spec = {.protocol = protocol};
            uint64_t before = all_drops();
            size_t n = 28;

            memset(bytes, 0, sizeof bytes);
            if (protocol == 1)
                n = make_icmp(bytes, 8, 0, 1, "ping", 4);
            else
                n = make_udp(bytes, 9, protocol == 17 ? PORT : ECHO_PORT, bytes, 20);
            put16(bytes + 6, protocol == 17 ? 0 : get16(bytes + 6));
            make_ip(&spec, bytes, n);
            if (i < sizeof sources / sizeof *sources)
                put32(made.bytes + 12, sources[from]);
            else
                put32(made.bytes + 16, dests[i - sizeof sources / sizeof *sources]);
            put16(made.bytes + 10, 0);
            put16(made.bytes + 10, checksum_of(made.bytes, 20, 0));
            bed_inject_ip(made.bytes, made.length);
            bed_advance(10000);
            check_equal(delivered(), -1);
            check_equal(all_drops() - before, 1);
        }
    check_equal(bed_flush(), 0);
    finish();
}

static void nobody_answers_for_all(void)
{
    static const uint32_t dests[] = {0xffffffff, 0x0a0000ff, 0xe0000001, 0x0a0001ff};
    uint8_t bytes[60];

    begin(SOCKEYE_DOOR_IP);
    for (size_t i = 0; i < sizeof dests / sizeof *dests; i++) {
        struct ip_spec spec = {.protocol = 1, .dest = dests[i]};

        bed_send_ip(&spec, bytes, make_icmp(bytes, 8, 0, 1, "ping", 4));
    }
    check_equal(bed_flush(), 0);
    finish();
}

/* What a loopback may skip, a wire may not: our own station as the source changes nothing. */
static void own_station_is_no_pass(void)
{
    const struct ip_spec right = {.protocol = 17}, wrong = {.protocol = 17, .bad_checksum = true};
    uint8_t frame[100], udp[60];
    size_t n;

    begin(SOCKEYE_DOOR_ETHERNET);
    n = make_udp(udp, 9, PORT, "hi", 2);
    memcpy(frame, victim_mac, 6);
    memcpy(frame + 6, victim_mac, 6);
    put16(frame + 12, 0x0800);
    make_ip(&wrong, udp, n);
    memcpy(frame + 14, made.bytes, made.length);
    check_equal(sockeye_inject(bed.lab, DOOR, frame, made.length + 14), 0);
    udp[6] ^= 1;
    make_ip(&right, udp, n);
    memcpy(frame + 14, made.bytes, made.length);
    check_equal(sockeye_inject(bed.lab, DOOR, frame, made.length + 14), 0);
    bed_advance(BED_MS);
    check_equal(delivered(), -1);
    check_equal(bed_drops(DROP_IP_CHECKSUM), 1);
    check_equal(bed_drops(DROP_UDP_CHECKSUM), 1);
    finish();
}

static const struct test tests[] = {
    {"P-01 IP header lengths that lie are dropped and counted", header_lengths_lie},
    {"P-01 bytes behind the datagram never reach a socket", padding_is_cut},
    {"P-02 frames of any length and type are dropped and counted once", frames_of_any_length},
    {"P-02 VLAN tags, nested or cut, are not followed", vlan_tags_are_not_followed},
    {"P-05 IP option loops end, and are refused", option_loops_end},
    {"P-05 an option at every place, and options of chance", options_at_every_place},
    {"P-06 a source route in a ping leads nowhere", source_routes_lead_nowhere},
    {"P-10 a UDP length that lies is dropped, a shorter one cuts", udp_lengths_lie},
    {"P-11 an ICMP error counts only with what names its sender", errors_about_cut_packets},
    {"P-11 R-03 errors, broadcasts and later fragments get no error", no_error_answers_an_error},
    {"P-22 a frame from our own station is checked like any other", own_station_is_no_pass},
    {"P-22 R-01 addresses that no wire may carry are dropped", martians_are_dropped},
    {"R-02 a ping to all is answered by none", nobody_answers_for_all},
    {"R-03 TTL 0 is received, and nothing is forwarded", ttl_zero_is_received},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
