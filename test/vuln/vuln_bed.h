/* SPDX-License-Identifier: MIT */
/*
 * A victim behind a door, and a friend whose traffic must go on.
 *
 *     attacker (the test) == door ==  victim 10.0.0.1  == wire ==  friend
 *                                            10.0.1.1              10.0.1.2
 *
 * The test plays every station behind the door: it makes packets byte by byte, right or wrong, and
 * reads what the victim sends. The friend has one stream and one datagram socket to echo services
 * of the victim: bed_friend_talks() sends both ways and requires every byte back. Each step ends
 * with the invariants of the whole lab, and every packet that the victim sends is taken apart and
 * its checksums are verified: the oracle of every row. One bed at a time; bed_open ends the last
 * one, so a row that fails leaves nothing behind.
 */
#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lab/handle.h"
#include "sockeye/event.h"
#include "sockeye/sockeye.h"

#include "check.h"

enum bed_constants {
    VICTIM = 0,
    FRIEND = 1,
    DOOR = 0,
    ECHO_PORT = 7,
    PORT = 80, /* of the listener that is attacked */
    VICTIM_IP = 0x0a000001,
    ATTACKER_IP = 0x0a000042,
    VICTIM_INSIDE = 0x0a000101,
    FRIEND_IP = 0x0a000102,
    MOST_FRAME = 66000
};

#define BED_MS INT64_C(1000000)
#define BED_SECOND INT64_C(1000000000)
#define UNUSED __attribute__((unused))

static const uint8_t victim_mac[6] = {2, 0, 0, 0, 0, 1}, attacker_mac[6] = {2, 0, 0, 0, 0, 0x66};

enum tcp_bits { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };

struct bed {
    struct sockeye *lab;
    enum sockeye_door kind;
    int echo_listener, echo_stream, echo_datagram; /* of the victim */
    int stream, datagram;                          /* of the friend */
    uint64_t draws;
    bool unchecked; /* bed_advance leaves the invariants to the caller (floods) */
    bool may_fail;  /* there is no memory at times, at the door too */
};

static struct bed bed;

/* ---- numbers in network order, checksums ---- */

UNUSED static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

UNUSED static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value);
}

UNUSED static uint32_t get16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

UNUSED static uint32_t get32(const uint8_t *at)
{
    return get16(at) << 16 | get16(at + 2);
}

UNUSED static uint32_t sum_of(const uint8_t *bytes, size_t length, uint32_t sum)
{
    for (size_t i = 0; i + 1 < length; i += 2)
        sum = (sum + get16(bytes + i)) % 65535;
    if (length % 2)
        sum = (sum + (uint32_t)bytes[length - 1] * 256) % 65535;
    return sum;
}

UNUSED static uint32_t checksum_of(const uint8_t *bytes, size_t length, uint32_t sum)
{
    return 65535 - sum_of(bytes, length, sum);
}

UNUSED static uint32_t pseudo_of(uint32_t source, uint32_t dest, uint32_t protocol, size_t length)
{
    uint8_t header[12];

    put32(header, source);
    put32(header + 4, dest);
    put16(header + 8, protocol);
    put16(header + 10, (uint32_t)length);
    return sum_of(header, sizeof header, 0);
}

/* A number that the seed of the bed decides. */
UNUSED static uint32_t bed_draw(uint32_t below)
{
    uint64_t x = ++bed.draws * UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((x >> 32) % below);
}

/* ---- time ---- */

UNUSED static void bed_advance(int64_t time)
{
    int64_t until = sockeye_now(bed.lab) + time;

    for (int i = 0; i < 1000 && sockeye_advance(bed.lab, until) <= until; i++)
        ;
    check(sockeye_now(bed.lab) == until);
    if (!bed.unchecked)
        check_equal(sockeye_check(bed.lab), 0);
}

UNUSED static struct sockaddr_in bed_name(uint32_t address, int port)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    name.sin_addr.s_addr = htonl(address);
    return name;
}

/* ---- sockets of the victim ---- */

UNUSED static int bed_listener(int port, int backlog)
{
    struct sockaddr_in name = bed_name(INADDR_ANY, port);
    int fd = sockeye_socket(bed.lab, VICTIM, AF_INET, SOCK_STREAM, 0);

    check(fd >= 0);
    check_equal(sockeye_bind(bed.lab, VICTIM, fd, &name, sizeof name), 0);
    check_equal(sockeye_listen(bed.lab, VICTIM, fd, backlog), 0);
    return fd;
}

UNUSED static int bed_datagram(int port)
{
    struct sockaddr_in name = bed_name(INADDR_ANY, port);
    int fd = sockeye_socket(bed.lab, VICTIM, AF_INET, SOCK_DGRAM, 0);

    check(fd >= 0);
    check_equal(sockeye_bind(bed.lab, VICTIM, fd, &name, sizeof name), 0);
    return fd;
}

UNUSED static int bed_accept(int listener)
{
    return sockeye_accept(bed.lab, VICTIM, listener, NULL, NULL);
}

UNUSED static void bed_close(int fd)
{
    check_equal(sockeye_close_fd(bed.lab, VICTIM, fd), 0);
}

UNUSED static void bed_set(const char *name, const char *value)
{
    check_equal(sockeye_set(bed.lab, VICTIM, name, value), 0);
}

UNUSED static uint64_t bed_drops(enum drop reason)
{
    return sockeye_drops(bed.lab, VICTIM, reason);
}

/* The state of a stream of the victim, by TCP_INFO. */
UNUSED static int bed_state(int fd)
{
    struct tcp_info info;
    uint32_t length = sizeof info;

    memset(&info, 0, sizeof info);
    check_equal(sockeye_get_option(bed.lab, VICTIM, fd, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    return info.tcpi_state;
}

UNUSED static int bed_error(int host, int fd)
{
    int error = -1;
    uint32_t length = sizeof error;

    check_equal(sockeye_get_option(bed.lab, host, fd, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    return error;
}

/* Slots of all pools that are in use: what an attack left behind. */
UNUSED static uint64_t bed_slots(void)
{
    const struct arena *a = bed.lab->lab->arena;
    uint64_t slots = 0;

    for (uint32_t i = 0; i < a->pools; i++)
        slots += pool_count(&a->pool[i]);
    return slots;
}

/* ---- the friend ---- */

static void echo_once(void)
{
    static uint8_t bytes[70000];
    struct sockaddr_in from;
    struct sockeye_message m = {.bytes = bytes, .length = sizeof bytes, .address = &from};
    ssize_t n = sockeye_receive(bed.lab, VICTIM, bed.echo_stream, bytes, sizeof bytes, 0);

    if (n > 0)
        check_equal(sockeye_send(bed.lab, VICTIM, bed.echo_stream, bytes, (size_t)n, 0), n);
    m.address_length = sizeof from;
    n = sockeye_receive_message(bed.lab, VICTIM, bed.echo_datagram, &m, 0);
    if (n < 0)
        return;
    m.length = (size_t)n;
    (void)sockeye_send_message(bed.lab, VICTIM, bed.echo_datagram, &m, 0);
}

/* 8000 bytes of stream and a datagram of 600 go to the victim and come back, in 20 s at most.
 * @return how long it took */
UNUSED static int64_t bed_friend_talks(void)
{
    uint8_t out[8000], in[8000];
    int64_t begin = sockeye_now(bed.lab);
    size_t sent = 0, got = 0;
    bool datagram = false;
    ssize_t n;

    for (size_t i = 0; i < sizeof out; i++)
        out[i] = (uint8_t)bed_draw(256);
    check_equal(sockeye_send(bed.lab, FRIEND, bed.datagram, out, 600, 0), 600);
    for (int i = 0; i < 20000 && (got < sizeof out || !datagram); i++) {
        n = sockeye_send(bed.lab, FRIEND, bed.stream, out + sent, sizeof out - sent, 0);
        sent += n > 0 ? (size_t)n : 0;
        bed_advance(BED_MS);
        echo_once();
        n = sockeye_receive(bed.lab, FRIEND, bed.stream, in + got, sizeof in - got, 0);
        check(n > 0 || n == -EAGAIN);
        got += n > 0 ? (size_t)n : 0;
        if (sockeye_poll(bed.lab, FRIEND, bed.datagram) & POLLIN) {
            uint8_t back[700];

            check_equal(sockeye_receive(bed.lab, FRIEND, bed.datagram, back, sizeof back, 0), 600);
            check(memcmp(back, out, 600) == 0);
            datagram = true;
        }
    }
    check_equal(got, sizeof out);
    check(datagram && memcmp(in, out, sizeof out) == 0);
    return sockeye_now(bed.lab) - begin;
}

/* The friend opens one more stream to the echo service; it is accepted, and closed by both.
 * @return how long the opening took, or -1 */
UNUSED static int64_t bed_friend_connects(int64_t patience)
{
    struct sockaddr_in name = bed_name(VICTIM_INSIDE, ECHO_PORT);
    int64_t begin = sockeye_now(bed.lab), took = -1;
    int fd = sockeye_socket(bed.lab, FRIEND, AF_INET, SOCK_STREAM, 0), accepted;

    if (fd < 0)
        return -1;
    check_equal(sockeye_connect(bed.lab, FRIEND, fd, &name, sizeof name), -EINPROGRESS);
    while (sockeye_now(bed.lab) - begin < patience && took < 0) {
        bed_advance(BED_MS);
        if (sockeye_connect(bed.lab, FRIEND, fd, &name, sizeof name) == 0)
            took = sockeye_now(bed.lab) - begin;
    }
    bed_advance(BED_MS);
    accepted = bed_accept(bed.echo_listener);
    if (accepted >= 0)
        bed_close(accepted);
    check_equal(sockeye_close_fd(bed.lab, FRIEND, fd), 0);
    return accepted >= 0 ? took : -1;
}

static void friend_open(void)
{
    struct sockaddr_in name = bed_name(VICTIM_INSIDE, ECHO_PORT);

    bed.echo_listener = bed_listener(ECHO_PORT, 16);
    bed.echo_datagram = bed_datagram(ECHO_PORT);
    bed.stream = sockeye_socket(bed.lab, FRIEND, AF_INET, SOCK_STREAM, 0);
    bed.datagram = sockeye_socket(bed.lab, FRIEND, AF_INET, SOCK_DGRAM, 0);
    check_equal(sockeye_connect(bed.lab, FRIEND, bed.datagram, &name, sizeof name), 0);
    check_equal(sockeye_connect(bed.lab, FRIEND, bed.stream, &name, sizeof name), -EINPROGRESS);
    bed_advance(BED_SECOND);
    bed.echo_stream = bed_accept(bed.echo_listener);
    check(bed.echo_stream >= 0);
}

UNUSED static void bed_open_with(enum sockeye_door kind, const struct sockeye_config *config)
{
    static const struct sockeye_wire_config wire = {.rate_bits = 100000000, .delay_ns = 500000};

    sockeye_close(bed.lab);
    memset(&bed, 0, sizeof bed);
    bed.kind = kind;
    check_equal(sockeye_open(config, &bed.lab), 0);
    check_equal(sockeye_host(bed.lab, "victim"), VICTIM);
    check_equal(sockeye_host(bed.lab, "friend"), FRIEND);
    check_equal(sockeye_door(bed.lab, "door", kind, 0), DOOR);
    check_equal(sockeye_wire(bed.lab, "inside", &wire, NULL), 1);
    check_equal(sockeye_interface(bed.lab, VICTIM, "eth0", DOOR, 0,
                                  kind == SOCKEYE_DOOR_ETHERNET ? victim_mac : NULL),
                1);
    check_equal(sockeye_interface(bed.lab, VICTIM, "eth1", 1, 0, NULL), 2);
    check_equal(sockeye_interface(bed.lab, FRIEND, "eth0", 1, 1, NULL), 1);
    check_equal(sockeye_address(bed.lab, VICTIM, 1, "10.0.0.1/24"), 0);
    check_equal(sockeye_address(bed.lab, VICTIM, 2, "10.0.1.1/24"), 0);
    check_equal(sockeye_address(bed.lab, FRIEND, 1, "10.0.1.2/24"), 0);
    check_equal(sockeye_route(bed.lab, VICTIM, "default", "10.0.0.254", 1), 0);
    friend_open();
}

UNUSED static void bed_open(enum sockeye_door kind)
{
    const struct sockeye_config config = {
        .seed = 4711, .hosts = 2, .wires = 2, .sockets = 512, .buffer_bytes = 32 << 20};

    bed_open_with(kind, &config);
}

/* ---- what the victim sends ---- */

struct seen {
    int64_t when;
    size_t length;
    uint32_t ethertype; /* 0x0800 at a door of bare IP */
    const uint8_t *ip;  /* NULL: it is not IP */
    uint32_t source, dest, protocol, id, offset;
    bool more;
    const uint8_t *body; /* behind the IP header */
    size_t body_bytes;
    /* TCP */
    uint32_t from, to, seq, ack, flags, window;
    const uint8_t *options, *text;
    size_t option_bytes, text_bytes;
    /* ICMP */
    uint32_t type, code;
    uint8_t bytes[MOST_FRAME];
};

static struct seen seen;

static void take_tcp(struct seen *s)
{
    size_t header;

    check(s->body_bytes >= 20);
    header = (size_t)(s->body[12] >> 4) * 4;
    check(header >= 20 && header <= s->body_bytes);
    check_equal(
        sum_of(s->body, s->body_bytes, pseudo_of(s->source, s->dest, 6, s->body_bytes)) % 65535, 0);
    s->from = get16(s->body);
    s->to = get16(s->body + 2);
    s->seq = get32(s->body + 4);
    s->ack = get32(s->body + 8);
    s->flags = s->body[13];
    s->window = get16(s->body + 14);
    s->options = s->body + 20;
    s->option_bytes = header - 20;
    s->text = s->body + header;
    s->text_bytes = s->body_bytes - header;
}

static void take_ip(struct seen *s, const uint8_t *ip, size_t length)
{
    size_t header = (ip[0] & 15u) * 4u; /* an answer may have the records of what it answers */

    check(length >= 20 && ip[0] >> 4 == 4 && header >= 20 && header <= length);
    check_equal(get16(ip + 2), length);
    check_equal(sum_of(ip, header, 0) % 65535, 0);
    s->ip = ip;
    s->id = get16(ip + 4);
    s->more = (ip[6] & 0x20) != 0;
    s->offset = (get16(ip + 6) & 0x1fff) * 8;
    s->protocol = ip[9];
    s->source = get32(ip + 12);
    s->dest = get32(ip + 16);
    s->body = ip + header;
    s->body_bytes = length - header;
    check(s->source == VICTIM_IP && ip[8] != 0);
    if (s->offset != 0 || s->more)
        return;
    if (s->protocol == 6)
        take_tcp(s);
    if (s->protocol == 1) {
        check(s->body_bytes >= 8);
        check_equal(sum_of(s->body, s->body_bytes, 0) % 65535, 0);
        s->type = s->body[0];
        s->code = s->body[1];
    }
    if (s->protocol == 17 && get16(s->body + 6) != 0)
        check_equal(
            sum_of(s->body, s->body_bytes, pseudo_of(s->source, s->dest, 17, s->body_bytes)) %
                65535,
            0);
}

/* The next frame that left by the door, in `seen`. false: there is none */
UNUSED static bool bed_take(void)
{
    size_t skip = bed.kind == SOCKEYE_DOOR_ETHERNET ? 14 : 0;
    ssize_t n;

    memset(&seen, 0, offsetof(struct seen, bytes));
    n = sockeye_emit(bed.lab, DOOR, seen.bytes, sizeof seen.bytes, &seen.when);
    if (n < 0)
        return false;
    seen.length = (size_t)n;
    seen.ethertype = skip ? get16(seen.bytes + 12) : 0x0800;
    if (seen.ethertype == 0x0800)
        take_ip(&seen, seen.bytes + skip, seen.length - skip);
    return true;
}

/* Takes all that left. @return how many frames */
UNUSED static int bed_flush(void)
{
    int n = 0;

    while (bed_take())
        n++;
    return n;
}

/* The next frame of this IP protocol; the others are taken and forgotten. */
UNUSED static bool bed_take_protocol(uint32_t protocol)
{
    while (bed_take())
        if (seen.ip && seen.protocol == protocol)
            return true;
    return false;
}

/* ---- what the attacker sends ---- */

struct ip_spec {
    uint32_t source, dest; /* 0: the attacker, the victim */
    uint32_t protocol, id, offset;
    uint32_t ttl;          /* 0: 64 */
    uint32_t total;        /* 0: what is right */
    uint32_t header_words; /* 0: what is right */
    const uint8_t *options;
    size_t option_bytes; /* a multiple of 4 */
    bool more, dont_fragment, bad_checksum;
    uint32_t padding; /* bytes behind the datagram */
};

struct made {
    size_t length;
    uint8_t bytes[MOST_FRAME];
};

static struct made made;

/* A datagram in `made`. */
UNUSED static void make_ip(const struct ip_spec *s, const void *payload, size_t length)
{
    uint8_t *h = made.bytes;
    size_t header = 20 + s->option_bytes;

    check(header + length + s->padding <= sizeof made.bytes);
    memset(h, 0, header);
    h[0] = (uint8_t)(0x40 | (s->header_words ? s->header_words & 15 : header / 4));
    put16(h + 2, s->total ? s->total : (uint32_t)(header + length));
    put16(h + 4, s->id);
    put16(h + 6, s->offset / 8 | (s->more ? 0x2000u : 0) | (s->dont_fragment ? 0x4000u : 0));
    h[8] = (uint8_t)(s->ttl ? s->ttl : 64);
    h[9] = (uint8_t)s->protocol;
    put32(h + 12, s->source ? s->source : ATTACKER_IP);
    put32(h + 16, s->dest ? s->dest : VICTIM_IP);
    if (s->option_bytes)
        memcpy(h + 20, s->options, s->option_bytes);
    put16(h + 10, checksum_of(h, header, 0) ^ (s->bad_checksum ? 0x0100 : 0));
    if (length)
        memcpy(h + header, payload, length);
    memset(h + header + length, 0xee, s->padding);
    made.length = header + length + s->padding;
}

/* Puts a frame in at the door; EtherType IPv4 in front where the door is of Ethernet. */
UNUSED static void bed_inject_ip(const uint8_t *bytes, size_t length)
{
    static uint8_t frame[MOST_FRAME + 14];

    if (bed.kind == SOCKEYE_DOOR_IP) {
        int result = sockeye_inject(bed.lab, DOOR, bytes, length);

        check(result == 0 || (result == -ENOBUFS && bed.may_fail));
        return;
    }
    memcpy(frame, victim_mac, 6);
    memcpy(frame + 6, attacker_mac, 6);
    put16(frame + 12, 0x0800);
    memcpy(frame + 14, bytes, length);
    check_equal(sockeye_inject(bed.lab, DOOR, frame, length + 14), 0);
}

UNUSED static void bed_send_ip(const struct ip_spec *s, const void *payload, size_t length)
{
    make_ip(s, payload, length);
    bed_inject_ip(made.bytes, made.length);
    bed_advance(10000);
}

UNUSED static size_t make_udp(uint8_t *out, uint32_t from, uint32_t to, const void *text,
                              size_t length)
{
    put16(out, from);
    put16(out + 2, to);
    put16(out + 4, (uint32_t)length + 8);
    put16(out + 6, 0);
    if (length)
        memmove(out + 8, text, length);
    put16(out + 6, checksum_of(out, length + 8, pseudo_of(ATTACKER_IP, VICTIM_IP, 17, length + 8)));
    return length + 8;
}

UNUSED static size_t make_icmp(uint8_t *out, uint32_t type, uint32_t code, uint32_t rest,
                               const void *text, size_t length)
{
    out[0] = (uint8_t)type;
    out[1] = (uint8_t)code;
    put16(out + 2, 0);
    put32(out + 4, rest);
    if (length)
        memmove(out + 8, text, length);
    put16(out + 2, checksum_of(out, length + 8, 0));
    return length + 8;
}

UNUSED static void bed_send_icmp(uint32_t type, uint32_t code, uint32_t rest, const void *text,
                                 size_t length)
{
    static uint8_t bytes[MOST_FRAME];
    const struct ip_spec spec = {.protocol = 1};

    bed_send_ip(&spec, bytes, make_icmp(bytes, type, code, rest, text, length));
}

struct tcp_spec {
    uint32_t source, dest; /* 0: the attacker, the victim */
    uint32_t from, to, seq, ack, flags, window, urgent;
    const uint8_t *options;
    size_t option_bytes; /* a multiple of 4 */
    const void *text;
    size_t length;
    int offset; /* data offset in words; 0: what is right; -1: zero itself */
    bool bad_checksum;
};

UNUSED static void bed_inject_tcp(const struct tcp_spec *s)
{
    static uint8_t t[MOST_FRAME];
    const struct ip_spec ip = {.source = s->source, .dest = s->dest, .protocol = 6};
    size_t header = 20 + s->option_bytes, length = header + s->length;
    uint32_t sum =
        pseudo_of(s->source ? s->source : ATTACKER_IP, s->dest ? s->dest : VICTIM_IP, 6, length);

    memset(t, 0, header);
    put16(t, s->from);
    put16(t + 2, s->to);
    put32(t + 4, s->seq);
    put32(t + 8, s->ack);
    t[12] = (uint8_t)((s->offset ? (s->offset < 0 ? 0 : (size_t)s->offset) : header / 4) << 4 |
                      (s->flags >> 8 & 1));
    t[13] = (uint8_t)s->flags;
    put16(t + 14, s->window);
    put16(t + 18, s->urgent);
    if (s->option_bytes)
        memcpy(t + 20, s->options, s->option_bytes);
    if (s->length)
        memcpy(t + header, s->text, s->length);
    put16(t + 16, checksum_of(t, length, sum) ^ (s->bad_checksum ? 1 : 0));
    make_ip(&ip, t, length);
    bed_inject_ip(made.bytes, made.length);
}

/* ---- a peer of the victim: one end of a TCP connection, played by the test ---- */

struct peer {
    uint32_t address; /* 0: the attacker's */
    uint32_t port, to;
    uint32_t seq, ack; /* the next to send, the next expected */
    uint32_t window;
    uint32_t edge; /* the right edge of the victim's window, as last seen, not scaled */
    int fd;        /* the victim's */
};

UNUSED static struct tcp_spec peer_segment(const struct peer *p, uint32_t flags)
{
    return (struct tcp_spec){.source = p->address,
                             .from = p->port,
                             .to = p->to,
                             .seq = p->seq,
                             .ack = flags & ACK ? p->ack : 0,
                             .flags = flags,
                             .window = p->window};
}

/* Sends flags with text at p->seq, which it moves. */
UNUSED static void peer_send(struct peer *p, uint32_t flags, const void *text, size_t length)
{
    struct tcp_spec s = peer_segment(p, flags);

    s.text = text;
    s.length = length;
    bed_inject_tcp(&s);
    bed_advance(10000);
    p->seq += (uint32_t)length + (flags & FIN ? 1 : 0) + (flags & SYN ? 1 : 0);
}

/* The next segment for this peer, in `seen`; p->ack moves over what it holds if that is next. */
UNUSED static bool peer_take(struct peer *p)
{
    while (bed_take_protocol(6)) {
        if (seen.to != p->port || seen.from != p->to)
            continue;
        if (seen.seq == p->ack)
            p->ack +=
                (uint32_t)seen.text_bytes + (seen.flags & FIN ? 1 : 0) + (seen.flags & SYN ? 1 : 0);
        p->edge = seen.ack + seen.window;
        return true;
    }
    return false;
}

/* The first two segments of the handshake. */
UNUSED static void peer_half_open(struct peer *p, const uint8_t *options, size_t option_bytes)
{
    struct tcp_spec s = peer_segment(p, SYN);

    s.options = options;
    s.option_bytes = option_bytes;
    bed_inject_tcp(&s);
    bed_advance(10000);
    p->seq++;
    check(bed_take_protocol(6));
    check(seen.flags == (SYN | ACK) && seen.ack == p->seq && seen.to == p->port);
    p->ack = seen.seq + 1;
    p->edge = seen.ack + seen.window;
}

/* Opens to `listener` and accepts. */
UNUSED static void peer_open_with(struct peer *p, int listener, const uint8_t *options,
                                  size_t option_bytes)
{
    p->to = p->to ? p->to : PORT;
    p->window = p->window ? p->window : 60000;
    peer_half_open(p, options, option_bytes);
    peer_send(p, ACK, NULL, 0);
    p->fd = bed_accept(listener);
    check(p->fd >= 0);
}

UNUSED static void peer_open(struct peer *p, int listener)
{
    peer_open_with(p, listener, NULL, 0);
}

/* Ends it at once. */
UNUSED static void peer_reset(struct peer *p)
{
    peer_send(p, RST, NULL, 0);
    if (p->fd >= 0)
        bed_close(p->fd);
    p->fd = -1;
    bed_flush();
}
