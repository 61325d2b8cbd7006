/* SPDX-License-Identifier: MIT */
/* connections.h: each figure against frames whose times and numbers are known. */
#include "check.h"
#include "frames.h"
#include "observe/connections.h"

enum { MS = 1000000, ISS = 100, PEER_ISS = 900 };

struct bed {
    FILE *file;
    struct connections connections;
    uint16_t window; /* that b offers */
};

static uint64_t slow_rate(const void *context, unsigned wire, unsigned direction)
{
    (void)context;
    (void)wire;
    return direction == 0 ? 8000000 : 0; /* a byte a microsecond */
}

static void bed_open(struct bed *bed, bool is_slow)
{
    struct names names = test_names;

    if (is_slow)
        names.rate = slow_rate;
    bed->file = tmpfile();
    bed->window = 65535;
    check(bed->file && connections_init(&bed->connections, bed->file, &names) == 0);
}

static const char *bed_close(struct bed *bed)
{
    const char *text;

    connections_done(&bed->connections);
    text = file_text(bed->file);
    fclose(bed->file);
    return text;
}

static void show(struct bed *bed, int64_t time, int kind, const struct segment *s, int flags,
                 int mark)
{
    struct sockeye_event e;
    struct frame f;

    frame_tcp(&f, s);
    if (s->from == 2) { /* another window, and the checksum for it */
        uint8_t *tcp = f.bytes + ETHERNET + IP;

        put16(tcp + 14, bed->window);
        put16(tcp + 16, 0);
        put16(tcp + 16, frame_transport_sum(&f, 6, f.length - ETHERNET - IP));
    }
    e = frame_event(&f, time, s->from);
    e.kind = (uint16_t)kind;
    e.host = (uint16_t)((kind == EVENT_FRAME_SENT ? s->from : 3 - s->from) - 1);
    e.frame.flags = (uint8_t)flags;
    e.frame.mark = (uint8_t)mark;
    connections_event(&bed->connections, &e);
}

/* Data of a, from byte `from` on; PSH if `last`. */
static void data(struct bed *bed, int64_t time, uint32_t from, uint32_t length, bool last,
                 int flags, int mark)
{
    struct segment s = {.from = 1,
                        .flags = (uint16_t)(DECODE_ACK | (last ? DECODE_PSH : 0)),
                        .seq = ISS + 1 + from,
                        .ack = PEER_ISS + 1,
                        .length = length};

    show(bed, time, EVENT_FRAME_SENT, &s, flags, mark);
}

/* b's acknowledgment of all bytes before `to` comes to a. */
static void ack(struct bed *bed, int64_t time, uint32_t to)
{
    struct segment s = {.from = 2, .flags = DECODE_ACK, .seq = PEER_ISS + 1, .ack = ISS + 1 + to};

    show(bed, time, EVENT_FRAME_DELIVERED, &s, 0, 0);
}

/* SYN at 0, SYN-ACK back at 7 ms. */
static void handshake(struct bed *bed)
{
    struct segment syn = {.from = 1, .flags = DECODE_SYN, .seq = ISS};
    struct segment answer = {
        .from = 2, .flags = DECODE_SYN | DECODE_ACK, .seq = PEER_ISS, .ack = ISS + 1};

    show(bed, 0, EVENT_FRAME_SENT, &syn, 0, 0);
    show(bed, 3 * MS, EVENT_FRAME_SENT, &answer, 0, 0);
    show(bed, 7 * MS, EVENT_FRAME_DELIVERED, &answer, 0, 0);
}

static void cwnd(struct bed *bed, int64_t time, int64_t bytes)
{
    struct sockeye_event e;

    memset(&e, 0, sizeof e);
    e.time = time;
    e.kind = EVENT_TCP_CWND;
    e.tcp_cwnd.flow.local = test_endpoint(1);
    e.tcp_cwnd.flow.remote = test_endpoint(2);
    e.tcp_cwnd.cwnd = bytes;
    connections_event(&bed->connections, &e);
}

static void check_text(const char *text, const char *wanted)
{
    if (!strstr(text, wanted))
        printf("# not \"%s\" in\n# %s", wanted, text);
    check(strstr(text, wanted) != NULL);
}

/* 3,000 bytes from 10 ms to 40 ms: 800 kbit/s; round trips of 7 (the SYN), 9 and 11 ms. */
static void bytes_time_and_round_trip(void)
{
    const char *text;
    struct bed bed;

    bed_open(&bed, false);
    handshake(&bed);
    data(&bed, 10 * MS, 0, 1000, true, 0, 0);
    ack(&bed, 19 * MS, 1000);
    data(&bed, 29 * MS, 1000, 1000, false, 0, 0);
    data(&bed, 29 * MS, 2000, 1000, true, 0, 0);
    ack(&bed, 40 * MS, 3000);
    text = bed_close(&bed);
    check_text(text, "a 10.0.0.1:40000 to b 10.0.0.2:80: 3000 bytes in 30.000 ms, "
                     "goodput 800 kbit/s; RTT least 7.000, mean 9.000 ms; 0 lost, 0 sent again\n");
    check_text(text, "limited by the program 100 %\n");
}

/* What is sent again is counted by its cause, gives no round trip, and no bytes twice. */
static void losses_by_cause(void)
{
    const char *text;
    struct bed bed;

    bed_open(&bed, false);
    handshake(&bed);
    data(&bed, 10 * MS, 0, 1000, false, FRAME_LOST, 0);
    data(&bed, 10 * MS, 1000, 1000, true, 0, 0);
    data(&bed, 60 * MS, 0, 1000, false, FRAME_DAMAGED, MARK_RETRANSMIT_FAST);
    data(&bed, 160 * MS, 0, 1000, false, 0, MARK_RETRANSMIT_RTO);
    ack(&bed, 170 * MS, 2000);
    text = bed_close(&bed);
    check_text(text, ": 2000 bytes in 160.000 ms, goodput 100 kbit/s; RTT least 7.000, mean 7.000");
    check_text(text, "; 2 lost, 2 sent again (1 timeout, 1 third duplicate ACK)\n");
    check_text(text, "limited by the congestion window 100 %\n");
}

/* cwnd of 2,000: from 10 to 20 ms it is full; then 4,000, and the window of b is, until 40. */
static void windows_hold(void)
{
    const char *text;
    struct bed bed;

    bed_open(&bed, false);
    bed.window = 3000;
    handshake(&bed);
    cwnd(&bed, 8 * MS, 2000);
    data(&bed, 10 * MS, 0, 1000, false, 0, 0);
    data(&bed, 10 * MS, 1000, 1000, false, 0, 0);
    ack(&bed, 20 * MS, 1000);
    cwnd(&bed, 20 * MS, 8000);
    for (uint32_t from = 2000; from < 4000; from += 1000)
        data(&bed, 20 * MS, from, 1000, from == 3000, 0, 0);
    ack(&bed, 40 * MS, 4000);
    /* there was more, though the last of these had PSH: it goes at once */
    data(&bed, 40 * MS, 4000, 1000, true, 0, 0);
    /* and what is given later was not there: not the window held */
    ack(&bed, 50 * MS, 5000);
    text = bed_close(&bed);
    check_text(text, "limited by the receiver's window 50 %, the congestion window 25 %, "
                     "the program 25 %\n");
}

/* 1,054 bytes a frame at a byte a microsecond: the wire is busy for 3.162 ms of 10. */
static void the_wire_holds(void)
{
    const char *text;
    struct bed bed;

    bed_open(&bed, true);
    handshake(&bed);
    for (uint32_t from = 0; from < 3000; from += 1000)
        data(&bed, 10 * MS, from, 1000, from == 2000, 0, 0);
    ack(&bed, 20 * MS, 3000);
    text = bed_close(&bed);
    check_text(text, "limited by the program 68 %, the wire's rate 32 %\n");
}

/* A way without data, and a connection without any, are not told. */
static void only_ways_with_data(void)
{
    const char *text;
    struct bed bed;

    bed_open(&bed, false);
    handshake(&bed);
    text = bed_close(&bed);
    check_equal(text[0], '\0');
}

/* Of what no time is known of, nothing is said to have held it. */
static void nothing_acknowledged(void)
{
    const char *text;
    struct bed bed;

    bed_open(&bed, false);
    handshake(&bed);
    data(&bed, 10 * MS, 0, 1000, true, FRAME_LOST, 0);
    text = bed_close(&bed);
    check_text(text, ": 0 bytes in 0.000 ms; RTT least 7.000, mean 7.000 ms; 1 lost, "
                     "0 sent again\n");
    check(strstr(text, "limited by") == NULL);
}

static const struct test tests[] = {
    {"bytes, time, goodput and round trip are those of the segments", bytes_time_and_round_trip},
    {"losses and what was sent again are counted by cause", losses_by_cause},
    {"what holds is the window that is full, for the time it is", windows_hold},
    {"while frames leave the queue the wire holds", the_wire_holds},
    {"only ways with data are told", only_ways_with_data},
    {"nothing is said to limit what was never acknowledged", nothing_acknowledged},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
