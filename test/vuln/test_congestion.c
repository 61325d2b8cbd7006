/* SPDX-License-Identifier: MIT */
/*
 * Receivers that lie to a sender, and senders that tease a receiver: SACK blocks of nothing, ACKs
 * in crumbs, windows that open and shut, timestamps of the future, numbers that wrap. However it is
 * treated, the stream is byte for byte what was written, and what is sent for it is bounded.
 */
#include "vuln_bed.h"

enum { TOTAL = 400000 };

static int listener;
static uint8_t stream[TOTAL], come[TOTAL];

/* A download of the victim's stream by a peer. */
struct download {
    struct peer p;
    uint32_t first;                /* the number of byte 0 */
    uint32_t written, total, next; /* next: all before has come */
    uint32_t highest;              /* end of what was ever sent */
    uint32_t edge;                 /* the right edge that we gave last */
    uint32_t segments, again, resets;
    uint32_t longest;
};

static void begin(void)
{
    bed_open(SOCKEYE_DOOR_IP);
    listener = bed_listener(PORT, 64);
    for (size_t i = 0; i < sizeof stream; i++)
        stream[i] = (uint8_t)bed_draw(256);
    bed_flush();
}

static void finish(void)
{
    bed_friend_talks();
    check(bed_friend_connects(BED_SECOND) >= 0);
}

static struct tcp_info info_of(int fd)
{
    struct tcp_info info;
    uint32_t length = sizeof info;

    check_equal(sockeye_get_option(bed.lab, VICTIM, fd, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    return info;
}

static void download_open(struct download *d, uint32_t port, uint32_t total, const uint8_t *options,
                          size_t option_bytes)
{
    memset(d, 0, sizeof *d);
    memset(come, 0, sizeof come);
    d->p.port = port;
    d->p.window = 60000;
    peer_open_with(&d->p, listener, options, option_bytes);
    d->first = d->p.ack;
    d->total = total;
    d->edge = 60000;
}

/* The program writes on; what was sent is taken in. @return segments with text */
static uint32_t download_take(struct download *d)
{
    uint32_t n = 0;

    while (d->written < d->total) {
        ssize_t w =
            sockeye_send(bed.lab, VICTIM, d->p.fd, stream + d->written, d->total - d->written, 0);

        check(w > 0 || w == -EAGAIN);
        if (w <= 0)
            break;
        d->written += (uint32_t)w;
    }
    bed_advance(10000);
    while (bed_take_protocol(6)) {
        uint32_t at = seen.seq - d->first;

        if (seen.to != d->p.port)
            continue;
        d->resets += (seen.flags & RST) != 0;
        if (seen.text_bytes == 0)
            continue;
        check(at + seen.text_bytes <= d->written);
        check(memcmp(seen.text, stream + at, seen.text_bytes) == 0);
        d->again += at < d->highest;
        d->highest = at + (uint32_t)seen.text_bytes > d->highest ? at + (uint32_t)seen.text_bytes
                                                                 : d->highest;
        d->longest = seen.text_bytes > d->longest ? (uint32_t)seen.text_bytes : d->longest;
        memset(come + at, 1, seen.text_bytes);
        n++;
    }
    while (d->next < d->highest && come[d->next])
        d->next++;
    d->segments += n;
    return n;
}

static void download_ack(struct download *d, uint32_t upto, const uint8_t *options,
                         size_t option_bytes)
{
    struct tcp_spec s = peer_segment(&d->p, ACK);

    s.ack = d->first + upto;
    s.options = options;
    s.option_bytes = option_bytes;
    bed_inject_tcp(&s);
    bed_advance(10000);
}

/* An honest receiver, to the end of the stream. */
static void download_rest(struct download *d)
{
    for (int i = 0; i < 30000 && d->next < d->total; i++) {
        if (download_take(d) == 0)
            bed_advance(100 * BED_MS);
        else
            download_ack(d, d->next, NULL, 0);
        if (i % 20 == 19)
            download_ack(d, d->next, NULL, 0);
    }
    check_equal(d->next, d->total);
    check_equal(d->resets, 0);
    peer_reset(&d->p);
}

static size_t sack_option(uint8_t *out, const uint32_t *edges, size_t blocks)
{
    out[0] = out[1] = 1;
    out[2] = 5;
    out[3] = (uint8_t)(2 + 8 * blocks);
    for (size_t i = 0; i < 2 * blocks; i++)
        put32(out + 4 + 4 * i, edges[i]);
    return 4 + 8 * blocks;
}

static const uint8_t small_mss[] = {2, 4, 0, 48, 1, 1, 4, 2};
static const uint8_t usual[] = {2, 4, 5, 0xb4, 1, 1, 4, 2, 1, 3, 3, 7};

/* SACK blocks at chance over what is out, forgotten by the next ACK. */
static void sack_of_chance(const uint8_t *options, size_t option_bytes, bool credible)
{
    struct download d;
    uint64_t slots, most_slots = 0;

    begin();
    slots = bed_slots();
    download_open(&d, 2000, 60000, options, option_bytes);
    for (int i = 0; i < 3000; i++) {
        uint32_t edges[8], out = d.highest - d.next;
        uint8_t option[40];
        size_t blocks = 1 + bed_draw(4);

        (void)download_take(&d);
        most_slots = bed_slots() > most_slots ? bed_slots() : most_slots;
        for (size_t k = 0; k < 8; k += 2) {
            uint32_t a = bed_draw(out + 1), b = bed_draw(out + 1);

            edges[k] = d.first + d.next + (a < b ? a : b);
            edges[k + 1] = d.first + d.next + (a < b ? b : a);
            if (!credible && bed_draw(3) == 0) /* reversed, beyond, behind, anywhere */
                edges[k] = bed_draw(2) ? edges[k + 1] + bed_draw(70000) : bed_draw(UINT32_MAX);
            if (!credible && bed_draw(3) == 0)
                edges[k + 1] = bed_draw(2) ? edges[k] - bed_draw(70000) : bed_draw(UINT32_MAX);
        }
        download_ack(&d, d.next - (bed_draw(4) ? d.next % 480 : 0), option,
                     sack_option(option, edges, blocks));
        if (i % 100 == 99)
            bed_advance(BED_SECOND);
    }
    check(most_slots < slots + 40);
    bed_friend_talks();
    download_rest(&d);
    finish();
}

static void sack_panic(void)
{
    sack_of_chance(small_mss, sizeof small_mss, true);
    sack_of_chance(usual, sizeof usual, true);
}

static void sack_lies(void)
{
    sack_of_chance(small_mss, sizeof small_mss, false);
    sack_of_chance(usual, sizeof usual, false);
}

static void reneging(void)
{
    struct download d;
    uint8_t option[40];

    begin();
    download_open(&d, 2000, 200000, usual, sizeof usual);
    for (int i = 0; i < 50; i++) {
        (void)download_take(&d);
        if (d.highest > 2000 && i < 40) { /* all but the first has come; and then it has not */
            const uint32_t edges[2] = {d.first + 1460, d.first + d.highest};

            memset(come, 0, d.highest);
            d.next = 0;
            download_ack(&d, 0, option, sack_option(option, edges, 1));
        }
    }
    bed_advance(3 * BED_SECOND);
    download_rest(&d);
    check(d.again > 0);
    finish();
}

static void tiny_segments(void)
{
    static const uint8_t mss_one[] = {2, 4, 0, 1};
    struct download d;

    begin();
    download_open(&d, 2000, 40000, mss_one, sizeof mss_one);
    download_rest(&d);
    check(d.longest >= 36 && d.segments <= 40000 / 36 + 100);
    finish();
}

/* A window of one byte, and one that opens and shuts with each ACK. */
static void tiny_windows(void)
{
    struct download d;

    begin();
    download_open(&d, 2000, 100000, usual, sizeof usual);
    (void)download_take(&d);
    d.p.window = 0;
    download_ack(&d, d.next, NULL, 0);
    d.segments = 0;
    for (int i = 0; i < 300; i++) {
        d.p.window = (uint32_t)i % 2; /* 128 bytes, or none */
        download_ack(&d, d.next, NULL, 0);
        bed_advance(10 * BED_MS);
        (void)download_take(&d);
    }
    check(d.segments < 40); /* silly segments wait for the timer: in three seconds, a few */
    d.p.window = 60000;
    download_ack(&d, d.next, NULL, 0);
    download_rest(&d);
    finish();
}

/* As a receiver: a program that reads byte by byte does not make the window open byte by byte. */
static void tiny_reads(void)
{
    struct peer p = {.port = 2000};
    uint32_t room = 4096, updates = 0;
    uint8_t byte;

    begin();
    check_equal(
        sockeye_set_option(bed.lab, VICTIM, listener, SOL_SOCKET, SO_RCVBUF, &room, sizeof room),
        0);
    peer_open(&p, listener);
    for (int i = 0; i < 200 && p.edge != p.seq; i++) {
        uint32_t n = p.edge - p.seq < 500 ? p.edge - p.seq : 500;

        peer_send(&p, ACK | PSH, stream, n);
        bed_advance(100 * BED_MS);
        while (peer_take(&p))
            ;
    }
    for (int i = 0; i < 2000; i++) {
        if (sockeye_receive(bed.lab, VICTIM, p.fd, &byte, 1, 0) != 1)
            break;
        bed_advance(BED_MS);
        while (peer_take(&p))
            updates++;
    }
    check(updates <= 10);
    finish();
}

static void acks_in_crumbs(void)
{
    struct download d, whole;
    uint32_t grown, divided;

    begin();
    download_open(&whole, 2000, 200000, usual, sizeof usual);
    (void)download_take(&whole);
    grown = info_of(whole.p.fd).tcpi_snd_cwnd;
    download_ack(&whole, 1460, NULL, 0);
    grown = info_of(whole.p.fd).tcpi_snd_cwnd - grown;
    peer_reset(&whole.p);
    download_open(&d, 2001, 200000, usual, sizeof usual);
    (void)download_take(&d);
    divided = info_of(d.p.fd).tcpi_snd_cwnd;
    for (uint32_t i = 1; i <= 1460; i++)
        download_ack(&d, i, NULL, 0);
    divided = info_of(d.p.fd).tcpi_snd_cwnd - divided;
    check(divided <= grown + 1);
    (void)download_take(&d);
    check(d.highest <= 13 * 1460);
    download_rest(&d);
    finish();
}

static void duplicates_of_nothing(void)
{
    static const uint8_t no_sack[] = {2, 4, 5, 0xb4, 1, 3, 3, 7};
    struct download d;

    begin();
    for (uint32_t sack = 0; sack < 2; sack++) {
        download_open(&d, 2000 + sack, 300000, sack ? usual : no_sack,
                      sack ? sizeof usual : sizeof no_sack);
        (void)download_take(&d);
        check_equal(d.highest, 14600);
        for (int i = 0; i < 1000; i++)
            download_ack(&d, 0, NULL, 0);
        (void)download_take(&d);
        check(d.highest <= 14600 + 14600 + 2 * 1460); /* no more than may have left the network */
        check(d.segments <= 10 + 10 + 2 + 10);
        download_rest(&d);
    }
    finish();
}

static void optimistic_acks(void)
{
    struct download d;
    uint32_t cwnd;

    begin();
    download_open(&d, 2000, 300000, usual, sizeof usual);
    (void)download_take(&d);
    cwnd = info_of(d.p.fd).tcpi_snd_cwnd;
    for (uint32_t i = 1; i < 500; i++)
        download_ack(&d, d.highest + i * (i % 2 ? 1 : 4000001), NULL, 0);
    (void)download_take(&d);
    check_equal(info_of(d.p.fd).tcpi_snd_cwnd, cwnd);
    check_equal(d.highest, 14600);
    download_rest(&d);
    finish();
}

static void receive_over_the_wrap(void)
{
    static const uint32_t isn[] = {0xffffffff, 0xfffffffe, 0xffffff00, 0xffff8000,
                                   0x7fffffff, 0x7ffffffe, 0x7fff8000, 0};
    static uint8_t got[40000];

    begin();
    for (uint32_t i = 0; i < sizeof isn / sizeof *isn; i++) {
        struct peer p = {.port = 2000 + i, .seq = isn[i]};
        size_t n = 0;

        peer_open_with(&p, listener, usual, sizeof usual);
        for (uint32_t at = 0; at < sizeof got; at += 1000) {
            struct tcp_spec s = peer_segment(&p, ACK);
            ssize_t r;

            s.seq += 500; /* the second half first */
            s.text = stream + at + 500;
            s.length = 500;
            bed_inject_tcp(&s);
            peer_send(&p, ACK, stream + at, 500);
            p.seq += 500;
            r = sockeye_receive(bed.lab, VICTIM, p.fd, got + n, sizeof got - n, 0);
            n += r > 0 ? (size_t)r : 0;
            while (peer_take(&p))
                ;
        }
        check_equal(n, sizeof got);
        check(memcmp(got, stream, n) == 0);
        peer_reset(&p);
    }
    finish();
}

/* Tuples are tried until the victim's own ISS lies before a wrap (about one in 2,700 does). */
static void send_over_the_wrap(void)
{
    int high = 0, middle = 0;

    begin();
    bed.unchecked = true;
    for (uint32_t i = 0; i < 60000 && (high < 1 || middle < 1); i++) {
        struct download d = {.p = {.port = 1024 + i % 60000, .to = PORT, .window = 60000}};
        uint32_t iss, to_wrap;

        peer_half_open(&d.p, usual, sizeof usual);
        iss = d.p.ack - 1;
        to_wrap = 0x80000000u - (iss & 0x7fffffff);
        if (to_wrap > TOTAL - 50000 || (iss >> 31 ? high : middle) > 0) {
            peer_send(&d.p, RST, NULL, 0);
            continue;
        }
        high += iss >> 31 != 0;
        middle += iss >> 31 == 0;
        peer_send(&d.p, ACK, NULL, 0);
        d.p.fd = bed_accept(listener);
        check(d.p.fd >= 0);
        memset(come, 0, sizeof come);
        d.first = d.p.ack;
        d.total = TOTAL;
        bed.unchecked = false;
        download_rest(&d);
        bed.unchecked = true;
    }
    bed.unchecked = false;
    check(high == 1 && middle == 1);
    finish();
}

/* The right edge moves left over what was sent. */
static void windows_shrink(void)
{
    struct download d;

    begin();
    download_open(&d, 2000, 200000, NULL, 0);
    for (int i = 0; i < 400; i++) {
        uint32_t before = d.highest;

        (void)download_take(&d);
        check(d.highest == before || d.highest <= d.next + 60000);
        d.p.window = bed_draw(3) ? bed_draw(6000) : 0;
        download_ack(&d, d.next, NULL, 0);
        before = d.highest;
        (void)download_take(&d);
        check(d.highest <= (before > d.next + d.p.window ? before : d.next + d.p.window + 1));
        if (bed_draw(10) == 0)
            bed_advance(BED_SECOND);
    }
    d.p.window = 0; /* to nothing, with bytes out; then it is probed */
    download_ack(&d, d.next, NULL, 0);
    d.segments = 0;
    bed_advance(60 * BED_SECOND);
    (void)download_take(&d);
    check(bed_state(d.p.fd) == TCP_STATE_ESTABLISHED);
    d.p.window = 60000;
    download_ack(&d, d.next, NULL, 0);
    download_rest(&d);
    finish();
}

static void stamps_of_the_future(void)
{
    static const uint8_t with_stamps[] = {2, 4, 5, 0xb4, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1};
    uint8_t option[12] = {1, 1, 8, 10, 0, 0, 0, 2};
    struct download d;

    begin();
    download_open(&d, 2000, 300000, with_stamps, sizeof with_stamps);
    for (uint32_t i = 0; i < 400; i++) {
        struct tcp_info info;

        (void)download_take(&d);
        put32(option + 8, i % 4 == 0 ? 0 : i % 4 == 1 ? 0xffffffff : bed_draw(UINT32_MAX));
        download_ack(&d, i % 3 ? d.next : d.next - d.next % 500, option, sizeof option);
        info = info_of(d.p.fd);
        check(info.tcpi_rto >= 200000 && info.tcpi_rto <= 120000000);
        if (i % 50 == 49)
            bed_advance(60 * BED_SECOND); /* a round trip of a minute */
    }
    bed_advance(120 * BED_SECOND);
    for (int i = 0; i < 30000 && d.next < d.total; i++) {
        if (download_take(&d) == 0)
            bed_advance(100 * BED_MS);
        download_ack(&d, d.next, option, sizeof option);
    }
    check_equal(d.next, d.total);
    finish();
}

static void endings(void)
{
    const struct linger hard = {.l_onoff = 1, .l_linger = 0};
    struct peer p;
    int n;

    begin();
    p = (struct peer){.port = 2000}; /* linger of zero */
    peer_open(&p, listener);
    check_equal(
        sockeye_set_option(bed.lab, VICTIM, p.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard), 0);
    bed_close(p.fd);
    bed_advance(BED_MS);
    check(peer_take(&p) && (seen.flags & RST) && !peer_take(&p));
    p = (struct peer){.port = 2001}; /* unread bytes */
    peer_open(&p, listener);
    peer_send(&p, ACK, "abc", 3);
    bed_flush();
    bed_close(p.fd);
    bed_advance(BED_MS);
    check(peer_take(&p) && (seen.flags & RST));
    p = (struct peer){.port = 2002}; /* shut twice; one FIN, of the same number */
    peer_open(&p, listener);
    for (n = 0; n < 3; n++)
        check_equal(sockeye_shutdown(bed.lab, VICTIM, p.fd, SHUT_WR), 0);
    bed_advance(BED_MS);
    check(peer_take(&p) && seen.flags == (FIN | ACK) && !peer_take(&p));
    check_equal(sockeye_send(bed.lab, VICTIM, p.fd, "x", 1, MSG_NOSIGNAL), -EPIPE);
    peer_send(&p, ACK | FIN, "bye", 3);
    bed_close(p.fd); /* half-closed, with bytes unread, in TIME-WAIT */
    bed_advance(BED_MS);
    bed_flush();
    p = (struct peer){.port = 2003}; /* text for nobody */
    peer_open(&p, listener);
    bed_close(p.fd);
    bed_advance(BED_MS);
    while (peer_take(&p))
        ;
    peer_send(&p, ACK, "abc", 3);
    check(peer_take(&p) && (seen.flags & RST));
    finish();
}

static const struct test tests[] = {
    {"T-14 SACK holes that open again and again, at an MSS of 48 too", sack_panic},
    {"T-15 SACK blocks of nothing, reversed, beyond and behind", sack_lies},
    {"T-15 a receiver that reneges", reneging},
    {"T-17 an MSS of one does not make segments of one", tiny_segments},
    {"T-17 a window that teases is not answered with silly segments", tiny_windows},
    {"T-17 a window does not open byte by byte", tiny_reads},
    {"T-18 ACKs in crumbs open cwnd by their bytes", acks_in_crumbs},
    {"T-18 a thousand duplicate ACKs send no more than the flight", duplicates_of_nothing},
    {"T-18 ACKs of what was not sent do nothing", optimistic_acks},
    {"T-23 what comes over the wrap of numbers is exact", receive_over_the_wrap},
    {"T-23 what goes over the wrap of numbers is exact", send_over_the_wrap},
    {"T-24 windows that shrink lose nothing", windows_shrink},
    {"T-31 timestamps of the future do not move the RTO out of its bounds", stamps_of_the_future},
    {"T-36 linger, unread bytes, shutting twice", endings},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
