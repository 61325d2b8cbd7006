/* SPDX-License-Identifier: MIT */
/*
 * Sockets in the form of /proc/net/tcp and its like (proc(5)): addresses as the machine holds them
 * in memory, in words of 32 bits; times in hundredths of a second; lines of one length.
 */
#include "6-presentation/abi.h"

#include "6-presentation/proc.h"

#include <string.h>

#include "base/bytes.h"

enum {
    LINE_TCP = 149,
    LINE_UDP = 127,
    STATE_ESTABLISHED = 1,
    STATE_SYN_RECEIVED = 3,
    STATE_TIME_WAIT = 6,
    STATE_CLOSE_WAIT = 8,
    STATE_LISTEN = 10,
    TICK = 10
};

/* As Linux prints the bytes of an address: by words of the machine's own order. */
static void put_address(struct proc_text *t, struct address a, bool is_6)
{
    uint8_t bytes[16];
    struct writer w = writer_of(bytes, sizeof bytes);

    write_u64(&w, a.high);
    write_u64(&w, a.low);
    for (uint32_t k = is_6 ? 0 : 12; k < sizeof bytes; k += 4) {
        uint32_t word;

        memcpy(&word, bytes + k, sizeof word);
        if (!is_6 && address_is_unspecified(a))
            word = 0;
        proc_text_hex(t, word, 8);
    }
}

static void put_endpoint(struct proc_text *t, const struct endpoint *e, bool is_6)
{
    put_address(t, e->address, is_6);
    proc_text_put(t, ":");
    proc_text_hex(t, e->port, 4);
    proc_text_put(t, " ");
}

static void put_common(struct proc_text *t, const struct manage_socket *s)
{
    put_endpoint(t, &s->local, s->is_6);
    put_endpoint(t, &s->remote, s->is_6);
    proc_text_hex(t, s->state, 2);
    proc_text_put(t, " ");
    proc_text_hex(t, s->state == STATE_LISTEN ? 0 : s->unsent, 8);
    proc_text_put(t, ":");
    proc_text_hex(t, s->unread, 8);
    proc_text_put(t, " ");
    proc_text_hex(t, s->timer, 2);
    proc_text_put(t, ":");
    proc_text_hex(t, s->timer ? s->timer_ms / TICK : 0, 8);
    proc_text_put(t, " ");
    proc_text_hex(t, s->retransmits, 8);
    proc_text_put(t, " ");
    proc_text_number(t, 0, 5); /* the user: root of its host */
    proc_text_put(t, " ");
    proc_text_number(t, 0, 8);
    proc_text_put(t, " ");
    proc_text_number(t, s->inode, 0);
}

static void put_line_end(struct proc_text *t, size_t begun, size_t line)
{
    if (t->used - begun < line)
        proc_text_fill(t, line - (t->used - begun));
    proc_text_put(t, "\n");
}

/* A file of sockets of one protocol. */
struct socket_file {
    uint8_t protocol;
    bool is_6;
    int number_width; /* of the first column */
    size_t line;      /* bytes of a line; 0: as it comes */
    const char *head;
};

static void put_line(const struct socket_file *f, struct proc_text *t,
                     const struct manage_socket *s, int64_t number)
{
    bool is_stream = f->protocol == IPPROTO_TCP;
    bool is_half = s->state == STATE_SYN_RECEIVED, is_whole = s->state != STATE_TIME_WAIT;
    size_t begun = t->used;

    proc_text_number(t, number, f->number_width);
    proc_text_put(t, ": ");
    put_common(t, s);
    proc_text_put(t, !is_stream ? " 2 " : is_half ? " 0 " : is_whole ? " 1 " : " 3 ");
    proc_text_hex_low(t, 0, 16);
    if (is_stream && is_whole && !is_half)
        proc_text_put(t, " 20 4 30 10 -1");
    else if (!is_stream)
        proc_text_put(t, " 0");
    put_line_end(t, begun, f->line);
}

/* What stands behind the inode: references, where it is in memory (nobody's business), then, of a
 * connection, its times, of a message socket, what it dropped. */
static void put_file(const struct call_host *host, struct proc_text *t, const struct socket_file *f,
                     nanoseconds now)
{
    struct manage_socket s;
    const void *at = NULL;
    int64_t number = 0;

    proc_text_put(t, f->head);
    while (manage_socket(host, f->protocol, &at, now, &s))
        if (s.is_6 == f->is_6)
            put_line(f, t, &s, number++);
}

#define HEAD_6                                                                                     \
    "  sl  local_address                         remote_address                        st "        \
    "tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
#define HEAD_MESSAGES_6 HEAD_6 " ref pointer drops\n"
#define HEAD_RAW_4                                                                                 \
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "  \
    "inode ref pointer drops"
#define HEAD_MESSAGES_4 " " HEAD_RAW_4 "             \n"

void proc_socket_tcp(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    static const struct socket_file file = {
        IPPROTO_TCP, false, 4, LINE_TCP,
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
        "timeout inode                                                     \n"};

    put_file(host, t, &file, now);
}

void proc_socket_tcp6(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    static const struct socket_file file = {IPPROTO_TCP, true, 4, 0, HEAD_6 "\n"};

    put_file(host, t, &file, now);
}

void proc_socket_udp(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    static const struct socket_file file = {IPPROTO_UDP, false, 5, LINE_UDP, HEAD_MESSAGES_4};

    put_file(host, t, &file, now);
}

void proc_socket_udp6(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    static const struct socket_file file = {IPPROTO_UDP, true, 5, 0, HEAD_MESSAGES_6};

    put_file(host, t, &file, now);
}

void proc_socket_icmp(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    static const struct socket_file file = {IPPROTO_ICMP, false, 5, LINE_UDP, HEAD_MESSAGES_4};

    put_file(host, t, &file, now);
}

void proc_socket_icmp6(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    static const struct socket_file file = {IPPROTO_ICMPV6, true, 5, 0, HEAD_MESSAGES_6};

    put_file(host, t, &file, now);
}

void proc_socket_raw(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    static const struct socket_file file = {IPPROTO_RAW, false, 4, 0, HEAD_RAW_4 "\n"};

    put_file(host, t, &file, now);
}

void proc_socket_raw6(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    static const struct socket_file file = {IPPROTO_RAW, true, 5, 0, HEAD_MESSAGES_6};

    put_file(host, t, &file, now);
}

/* A host has none (RFC 3828). */
void proc_socket_udplite(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    (void)host, (void)now;
    proc_text_put(t, HEAD_MESSAGES_4);
}

void proc_socket_udplite6(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    (void)host, (void)now;
    proc_text_put(t, HEAD_MESSAGES_6);
}

/* ---- how many (sockstat) ---- */

struct counts {
    int64_t in_use, waiting, orphans, all;
};

static struct counts count(const struct call_host *host, uint8_t protocol, bool six,
                           nanoseconds now)
{
    struct counts c = {0};
    struct manage_socket s;
    const void *at = NULL;

    while (manage_socket(host, protocol, &at, now, &s)) {
        if (s.is_6 != six || s.state == STATE_SYN_RECEIVED)
            continue;
        c.all++;
        c.waiting += s.state == STATE_TIME_WAIT;
        c.in_use += s.state != STATE_TIME_WAIT;
        c.orphans += s.state != STATE_TIME_WAIT && !s.is_held;
    }
    return c;
}

static void put_count(struct proc_text *t, const char *what, int64_t value)
{
    proc_text_put(t, what);
    proc_text_number(t, value, 0);
}

/* Of AF_UNIX, AF_PACKET and AF_NETLINK. */
static int64_t others(const struct call_host *host)
{
    struct manage_netlink netlink;
    struct manage_frames frames;
    struct manage_local local;
    int64_t count = 0;

    for (const void *at = NULL; manage_local(host, &at, &local);)
        count += local.is_held;
    for (const void *at = NULL; manage_local_frames(host, &at, &frames);)
        count++;
    for (const void *at = NULL; manage_local_netlink(host, &at, &netlink);)
        count++;
    return count;
}

void proc_socket_counts(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    struct counts tcp = count(host, IPPROTO_TCP, false, now);
    struct counts tcp6 = count(host, IPPROTO_TCP, true, now);
    struct counts udp = count(host, IPPROTO_UDP, false, now);
    struct counts udp6 = count(host, IPPROTO_UDP, true, now);
    int64_t raw = count(host, IPPROTO_RAW, false, now).all;
    int64_t raw6 = count(host, IPPROTO_RAW, true, now).all;

    put_count(t, "sockets: used ",
              tcp.in_use + tcp6.in_use + udp.all + udp6.all + raw + raw6 + others(host));
    put_count(t, "\nTCP: inuse ", tcp.in_use);
    put_count(t, " orphan ", tcp.orphans + tcp6.orphans);
    put_count(t, " tw ", tcp.waiting + tcp6.waiting);
    put_count(t, " alloc ", tcp.in_use + tcp6.in_use);
    put_count(t, " mem 0\nUDP: inuse ", udp.all);
    put_count(t, " mem 0\nUDPLITE: inuse 0\nRAW: inuse ", raw);
    proc_text_put(t, "\nFRAG: inuse 0 memory 0\n");
}

void proc_socket_counts6(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    put_count(t, "TCP6: inuse ", count(host, IPPROTO_TCP, true, now).in_use);
    put_count(t, "\nUDP6: inuse ", count(host, IPPROTO_UDP, true, now).all);
    put_count(t, "\nUDPLITE6: inuse 0\nRAW6: inuse ", count(host, IPPROTO_RAW, true, now).all);
    proc_text_put(t, "\nFRAG6: inuse 0 memory 0\n");
}

/* Of IPv4 the settings, and of TCP all counters; who asks for others finds no such column. Linux
 * calls its way of timing out other (1), and has no limit of connections (-1). */
void proc_socket_snmp(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    struct manage_counts c;
    struct manage_socket s;
    const void *at = NULL;
    int64_t established = 0;

    manage_socket_counts(host, &c);
    while (manage_socket(host, IPPROTO_TCP, &at, now, &s))
        established += s.state == STATE_ESTABLISHED || s.state == STATE_CLOSE_WAIT;
    put_count(t, "Ip: Forwarding DefaultTTL\nIp: ", c.forwards ? 1 : 2);
    put_count(t, " ", c.default_ttl);
    put_count(
        t,
        "\nTcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails "
        "EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors\nTcp: 1 ",
        c.rto_least_ms);
    put_count(t, " ", c.rto_most_ms);
    put_count(t, " -1 ", (int64_t)c.active_opens);
    put_count(t, " ", (int64_t)c.passive_opens);
    put_count(t, " ", (int64_t)c.attempt_fails);
    put_count(t, " ", (int64_t)c.resets);
    put_count(t, " ", established);
    put_count(t, " ", (int64_t)c.segments_in);
    put_count(t, " ", (int64_t)c.segments_out);
    put_count(t, " ", (int64_t)c.segments_again);
    put_count(t, " ", (int64_t)c.bad_segments);
    put_count(t, " ", (int64_t)c.resets_out);
    put_count(t, " ", (int64_t)c.bad_checksums);
    proc_text_put(t, "\n");
}
