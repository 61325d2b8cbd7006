/* SPDX-License-Identifier: MIT */
/*
 * The seam of congestion control, with a table of this program's own: beside Reno stands a control
 * that does as Reno does and writes down what it hears, in connections of a lab.
 */
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "4-transport/tcp/parts/tcp_cc.h"
#include "base/base_test.h"
#include "sockeye/sockeye.h"

enum { RECORDER = 1, MSS = 1448, PORT = 7 };

static struct {
    uint64_t bytes, bytes_again, segments, segments_again;
    uint64_t acks, acked, recovering, recovered, duplicates;
    uint64_t losses[3];
    struct loss_event loss;
    uint64_t idles;
    struct idle_event idle;
    nanoseconds at, sent_at, closest; /* the last event and segment; two segments, at the least */
    bool wrong;                       /* a fact that cannot be */
} heard;

static uint64_t pacing; /* what it answers */

static void hear(nanoseconds now)
{
    heard.wrong |= now < heard.at;
    heard.at = now;
}

static void on_sent(struct cc *cc, const struct sent_event *e)
{
    uint64_t *bytes = e->again ? &heard.bytes_again : &heard.bytes;

    heard.closest =
        heard.segments == 0 ? NEVER : time_earlier(heard.closest, e->now - heard.sent_at);
    heard.sent_at = e->now;
    hear(e->now);
    *bytes += e->to - e->from;
    heard.segments++;
    heard.segments_again += e->again;
    heard.wrong |= e->to <= e->from || e->to - e->from > cc->smss || e->pipe < e->to - e->from;
}

static void on_ack(struct cc *cc, const struct ack_event *e)
{
    hear(e->now);
    heard.acks++;
    heard.acked += e->acked;
    heard.recovering += e->recovering;
    heard.recovered += e->recovered;
    heard.duplicates += e->duplicate;
    heard.wrong |= e->recovered && !e->recovering;
    heard.wrong |= e->ack - e->una > e->flight || e->pipe > e->flight;
    cc_reno.on_ack(cc, e);
    cc->pacing_rate = pacing;
}

static void on_loss(struct cc *cc, const struct loss_event *e)
{
    hear(e->now);
    heard.losses[e->what]++;
    heard.loss = *e;
    cc_reno.on_loss(cc, e);
}

static void on_idle(struct cc *cc, const struct idle_event *e)
{
    hear(e->now);
    heard.idles++;
    heard.idle = *e;
    cc_reno.on_idle(cc, e);
}

static const struct cc_ops recorder = {
    .name = "recorder",
    .on_sent = on_sent,
    .on_ack = on_ack,
    .on_loss = on_loss,
    .on_idle = on_idle,
};

static void keep_ack(struct cc *cc, const struct ack_event *e)
{
    (void)cc;
    (void)e;
}

static void keep_loss(struct cc *cc, const struct loss_event *e)
{
    (void)cc;
    (void)e;
}

static const struct cc_ops constant = {
    .name = "constant", .on_ack = keep_ack, .on_loss = keep_loss};

const struct cc_ops *const tcp_cc_table[] = {
    [TCP_CC_RENO] = &cc_reno,
    [RECORDER] = &recorder,
    &constant,
    NULL,
};

/* ---- two hosts, a stream from the first to the second ---- */

struct bed {
    struct sockeye *lab;
    int wire, sender, receiver;
};

static void bed_open(struct bed *b, uint32_t loss_ppm)
{
    const struct sockeye_wire_config good = {.rate_bits = 20000000, .delay_ns = 10000000};
    struct sockeye_wire_config bad = good;
    const struct sockeye_config config = {.seed = 5, .hosts = 2, .wires = 1};
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int listener;

    memset(&heard, 0, sizeof heard);
    bad.loss_ppm = loss_ppm;
    check_equal(sockeye_open(&config, &b->lab), 0);
    b->wire = sockeye_wire(b->lab, "w", &good, &good);
    for (int i = 0; i < 2; i++) {
        check_equal(sockeye_host(b->lab, i ? "b" : "a"), i);
        check_equal(sockeye_interface(b->lab, i, "eth0", b->wire, i, NULL), 1);
        check_equal(sockeye_address(b->lab, i, 1, i ? "10.0.0.2/24" : "10.0.0.1/24"), 0);
    }
    listener = sockeye_socket(b->lab, 1, AF_INET, SOCK_STREAM, 0);
    check_equal(sockeye_bind(b->lab, 1, listener, &a, sizeof a), 0);
    check_equal(sockeye_listen(b->lab, 1, listener, 1), 0);
    b->sender = sockeye_socket(b->lab, 0, AF_INET, SOCK_STREAM, 0);
    check_equal(
        sockeye_set_option(b->lab, 0, b->sender, IPPROTO_TCP, TCP_CONGESTION, "recorder", 8), 0);
    a.sin_addr.s_addr = htonl(0x0a000002);
    check_equal(sockeye_connect(b->lab, 0, b->sender, &a, sizeof a), -EINPROGRESS);
    sockeye_advance(b->lab, 1000000000);
    b->receiver = sockeye_accept(b->lab, 1, listener, NULL, NULL);
    check(b->receiver >= 0);
    check_equal(sockeye_wire_change(b->lab, b->wire, 0, &bad), 0);
}

static void bed_run(struct bed *b, nanoseconds time)
{
    for (nanoseconds until = sockeye_now(b->lab) + time; sockeye_now(b->lab) < until;)
        sockeye_advance(b->lab, until);
}

/* Until so many bytes have come, or a minute has passed. */
static void bed_carry(struct bed *b, uint64_t bytes)
{
    static uint8_t block[65536];
    uint64_t sent = 0, received = 0;

    for (int i = 0; i < 60000 && received < bytes; i++) {
        ssize_t n = 0;

        if (sent < bytes)
            n = sockeye_send(b->lab, 0, b->sender, block,
                             bytes - sent < sizeof block ? bytes - sent : sizeof block, 0);
        sent += n > 0 ? (uint64_t)n : 0;
        bed_run(b, 1000000);
        n = sockeye_receive(b->lab, 1, b->receiver, block, sizeof block, 0);
        received += n > 0 ? (uint64_t)n : 0;
    }
    check_equal(received, bytes);
}

static struct tcp_info bed_info(struct bed *b)
{
    struct tcp_info info = {0};
    uint32_t length = sizeof info;

    check_equal(sockeye_get_option(b->lab, 0, b->sender, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    return info;
}

/* ---- what it hears ---- */

static void good_wire(void)
{
    struct bed b;

    bed_open(&b, 0);
    bed_carry(&b, 100 * MSS);
    bed_run(&b, 100000000);
    check_equal(heard.bytes, 100 * MSS);
    check_equal(heard.segments, bed_info(&b).tcpi_data_segs_out);
    check_equal(heard.acked, 100 * MSS);
    check(heard.acks >= 50 &&
          heard.acks <= 100); /* every second segment is acknowledged at least */
    check(heard.segments_again == 0 && heard.recovering == 0 && heard.idles == 0);
    check(heard.losses[CC_LOSS_FAST] == 0 && heard.losses[CC_LOSS_TIMEOUT] == 0);
    check(!heard.wrong);
    sockeye_close(b.lab);
}

static void bad_wire(void)
{
    struct bed b;

    bed_open(&b, 20000);
    bed_carry(&b, 1000 * MSS);
    bed_run(&b, 100000000);
    check_equal(heard.bytes, 1000 * MSS);
    check_equal(heard.acked, 1000 * MSS);
    check(heard.segments_again >= 10);
    check_equal(heard.segments_again, bed_info(&b).tcpi_total_retrans);
    check_equal(heard.bytes_again, bed_info(&b).tcpi_bytes_retrans);
    check(heard.losses[CC_LOSS_FAST] >= 5);
    check(heard.recovering > 10 * heard.losses[CC_LOSS_FAST]); /* it hears the ACKs of recoveries */
    check(heard.duplicates > heard.losses[CC_LOSS_FAST]);
    check(heard.recovered > 0 && heard.recovered <= heard.losses[CC_LOSS_FAST]);
    check(!heard.wrong);
    sockeye_close(b.lab);
}

static void broken_wire(void)
{
    struct bed b;
    uint8_t byte = 0;

    bed_open(&b, 0);
    check_equal(sockeye_wire_link(b.lab, b.wire, 0, false, sockeye_now(b.lab)), 0);
    check_equal(sockeye_send(b.lab, 0, b.sender, &byte, 1, 0), 1);
    bed_run(&b, 5000000000);
    check_equal(heard.losses[CC_LOSS_TIMEOUT], 1);
    check(heard.losses[CC_LOSS_TIMEOUT_AGAIN] >= 2);
    check_equal(heard.losses[CC_LOSS_FAST], 0);
    check_equal(heard.loss.flight, 1);
    check_equal(heard.segments_again, bed_info(&b).tcpi_total_retrans);
    check(!heard.wrong);
    sockeye_close(b.lab);
}

static void pauses(void)
{
    struct bed b;
    nanoseconds last;

    bed_open(&b, 0);
    bed_carry(&b, 10 * MSS);
    last = heard.at;
    bed_run(&b, 10000000000);
    check_equal(heard.idles, 0);
    bed_carry(&b, MSS);
    check_equal(heard.idles, 1);
    check(heard.idle.since > 0 && heard.idle.since <= last);
    check(heard.idle.now >= last + 10000000000);
    check_equal(heard.idle.restart_window, 10 * MSS);
    check_equal(sockeye_set(b.lab, 0, "net.ipv4.tcp_slow_start_after_idle", "0"), 0);
    bed_run(&b, 10000000000);
    bed_carry(&b, MSS);
    check_equal(heard.idles, 2); /* it is told all the same */
    check(heard.idle.restart_window == UINT64_MAX);
    check(!heard.wrong);
    sockeye_close(b.lab);
}

/* From its first answer on no two segments are nearer to each other than the rate has it. */
static void paced(void)
{
    struct bed b;

    bed_open(&b, 0);
    bed_carry(&b, 4 * MSS);
    pacing = 100 * MSS;
    bed_run(&b, 100000000);
    bed_carry(&b, 1);
    bed_run(&b, 100000000);
    memset(&heard, 0, sizeof heard);
    bed_carry(&b, 50 * MSS);
    check_equal(heard.segments, 50);
    check_equal(heard.closest, 10000000);
    check(bed_info(&b).tcpi_pacing_rate == pacing);
    pacing = 0;
    sockeye_close(b.lab);
}

/* ---- the table ---- */

static void rows(void)
{
    check_equal(tcp_cc_kind_of("recorder", 8), RECORDER);
    check_equal(tcp_cc_kind_of("reno", 4), TCP_CC_RENO);
    check_equal(tcp_cc_kind_of("cubic", 5), -ENOENT);
    check_equal(tcp_cc_kind_of("reno", 3), -ENOENT); /* "ren": what is behind it does not count */
    check_equal(tcp_cc_kind_of("reno\0?", 6), TCP_CC_RENO);
    check(strcmp(tcp_cc_name(RECORDER), "recorder") == 0);
    check(tcp_cc_name(3) == NULL);
}

static void another_kind(void)
{
    struct cc cc;

    tcp_cc_init(&cc, TCP_CC_RENO, MSS, 10);
    cc.own.reno.counted = 99;
    cc.pacing_rate = 1000;
    tcp_cc_kind_set(&cc, TCP_CC_RENO);
    check(cc.own.reno.counted == 99 && cc.pacing_rate == 1000);
    tcp_cc_kind_set(&cc, RECORDER);
    check(cc.own.reno.counted == 0 && cc.pacing_rate == 0);
    check_equal(cc.cwnd, 10 * MSS);
}

static void nobody_listens(void)
{
    struct cc cc;
    const struct idle_event idle = {.now = 1, .restart_window = 1};

    tcp_cc_init(&cc, (enum tcp_cc_kind)2, MSS, 10);
    check(!tcp_cc_hears_sent(&cc));
    tcp_cc_on_idle(&cc, &idle);
    check_equal(cc.cwnd, 10 * MSS);
}

static const struct test tests[] = {
    {"a control hears of each segment and each acknowledgement", good_wire},
    {"in a recovery it hears of losses, retransmissions and acknowledgements too", bad_wire},
    {"it hears of a timeout, and of its repetitions", broken_wire},
    {"it hears when sending begins again after a pause", pauses},
    {"segments go at the rate that it answers", paced},
    {"a control is a row of the table, known by its name", rows},
    {"another control begins with nothing of the last one's but cwnd", another_kind},
    {"a control need not listen to what is sent, nor to pauses", nobody_listens},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
