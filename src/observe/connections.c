/* SPDX-License-Identifier: MIT */
/*
 * Events to figures of connections (connections.h).
 *
 * Each way of a connection is followed from both ends: what its sender hands to a wire, and what of
 * the peer's acknowledgments comes back to it. Between two events nothing about it changes but that
 * its frames leave the queue of the wire, so time is accounted at each event, to what held until
 * then. Numbers count from the SYN and are 64 bits wide.
 *
 * One doubt is decided later: after a segment with PSH (all that was given is sent; RFC 9293 3.9.1)
 * with a full window, is it the window that holds, or has the program no more? If the next new data
 * go at the very moment of an acknowledgment, there was more.
 *
 * A round trip is timed as RFC 6298 3 says, one segment at a time, and never one that was sent
 * again (Karn).
 */
#include "connections.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_BYTES = 40, MOST_WRITTEN = 100, INITIAL_WINDOW = 10, LEAST_FRAME = 60 };
enum { SMALL_KBITS = 10 }; /* below, a goodput is told in bits */

enum limit { LIMIT_WIRE, LIMIT_RECEIVER, LIMIT_CONGESTION, LIMIT_PROGRAM, LIMIT_OTHER, LIMITS };

static const char *const limit_words[LIMITS] = {
    [LIMIT_WIRE] = "the wire's rate",
    [LIMIT_RECEIVER] = "the receiver's window",
    [LIMIT_CONGESTION] = "the congestion window",
    [LIMIT_PROGRAM] = "the program",
    [LIMIT_OTHER] = "pacing or cork",
};

/* What one side sends. */
struct way {
    char host[HOST_BYTES];
    uint64_t una, nxt; /* as seen at the sender */
    uint64_t edge;     /* right edge of the peer's window */
    uint64_t lost_end; /* right edge of what is known to be lost */
    uint64_t fin;      /* its number; 0: none yet */
    uint64_t bytes, segments, lost;
    uint64_t again[MARK_COUNT];
    uint32_t largest_window, mss; /* mss: the largest payload so far */
    int64_t cwnd;                 /* 0: not told yet */
    uint8_t wscale;               /* of the windows that this side offers */
    bool has_wscale, has_edge, has_data;
    bool pushed; /* all that was given is sent */

    int64_t idle_at;            /* its last frame has left the queue */
    int64_t first, last;        /* first data handed over; accounted up to here */
    int64_t acked_at, heard_at; /* the last acknowledgment of data, and of anything */
    int64_t share[LIMITS], share_acked[LIMITS]; /* the second as it was at acked_at */
    int64_t doubt[LIMITS];                      /* of what holds, or the program */

    bool is_timed;
    uint64_t timed_end;
    int64_t timed_at, rtt_least, rtt_sum, rtt_count;
};

struct connection {
    struct way way[2];
};

int connections_init(struct connections *c, FILE *file, const struct names *names)
{
    memset(c, 0, sizeof *c);
    c->file = file;
    c->names = *names;
    return flows_init(&c->flows);
}

static struct connection *connection_of(struct connections *c, int i)
{
    if (i < 0) {
        c->left_out++;
        return NULL;
    }
    if (i >= c->room) {
        int room = c->flows.room;
        struct connection *grown = realloc(c->connection, (size_t)room * sizeof *grown);

        if (!grown) {
            c->left_out++;
            return NULL;
        }
        memset(grown + c->room, 0, (size_t)(room - c->room) * sizeof *grown);
        c->connection = grown;
        c->room = room;
    }
    if (i >= c->count)
        c->count = i + 1;
    return &c->connection[i];
}

/* ---- what holds ---- */

static uint64_t segment_of(const struct way *w)
{
    return w->mss ? w->mss : 1;
}

/* RFC 9293 3.8.6.2.1: a segment goes if it is full, or half of the largest window. */
static bool window_is_full(const struct way *w)
{
    uint64_t wanted = segment_of(w), half = w->largest_window / 2;

    if (half < wanted)
        wanted = half ? half : 1;
    return w->has_edge && w->edge < w->nxt + wanted;
}

static bool congestion_holds(const struct way *w)
{
    uint64_t cwnd = w->cwnd ? (uint64_t)w->cwnd : INITIAL_WINDOW * segment_of(w);

    return w->nxt - w->una + segment_of(w) > cwnd;
}

/* What is lost must be repaired first, whatever else is full meanwhile. */
static bool repairs(const struct way *w)
{
    return w->una < w->lost_end;
}

static enum limit limit_of(const struct way *w)
{
    if (repairs(w))
        return LIMIT_CONGESTION;
    if (window_is_full(w))
        return LIMIT_RECEIVER;
    if (congestion_holds(w))
        return LIMIT_CONGESTION;
    return w->pushed ? LIMIT_PROGRAM : LIMIT_OTHER;
}

/* Time went on to `now`. */
static void account(struct way *w, int64_t now)
{
    int64_t from = w->last, busy = w->idle_at < now ? w->idle_at : now;
    enum limit limit = limit_of(w);

    if (!w->has_data || now <= from)
        return;
    w->last = now;
    if (busy > from) {
        w->share[LIMIT_WIRE] += busy - from;
        from = busy;
    }
    if (w->pushed && limit != LIMIT_PROGRAM && !repairs(w))
        w->doubt[limit] += now - from;
    else
        w->share[limit] += now - from;
}

/* More came: at once with an acknowledgment, or when the program gave it. */
static void decide(struct way *w, bool had_more)
{
    for (int i = 0; i < LIMITS; i++) {
        w->share[had_more ? i : LIMIT_PROGRAM] += w->doubt[i];
        w->doubt[i] = 0;
    }
}

/* ---- events ---- */

/* The number that ends in these 32 bits and is nearest to `near`. */
static uint64_t widen(uint64_t near, uint32_t number)
{
    int64_t wide = (int64_t)near + (int32_t)(number - (uint32_t)near);

    return wide < 0 ? 0 : (uint64_t)wide;
}

/* When a frame handed over now has left the queue of its wire: with no rate at once. */
static int64_t departure(struct connections *c, const struct sockeye_event *event)
{
    const struct event_frame *frame = &event->frame;
    uint64_t rate = c->names.rate(c->names.context, event->wire, event->direction);
    uint64_t bytes = frame->length < LEAST_FRAME && !(frame->flags & FRAME_BARE_IP) ? LEAST_FRAME
                                                                                    : frame->length;
    unsigned at = event->wire * 2U + event->direction;
    int64_t *idle_at;

    if (rate == 0 || frame->flags & (FRAME_QUEUE_FULL | FRAME_WIRE_DOWN))
        return event->time;
    if (event->wire >= c->wires) {
        unsigned wires = event->wire + 64U;
        int64_t *grown = realloc(c->idle_at, (size_t)wires * 2 * sizeof *grown);

        if (!grown)
            return event->time;
        memset(grown + (size_t)c->wires * 2, 0, (size_t)(wires - c->wires) * 2 * sizeof *grown);
        c->idle_at = grown;
        c->wires = wires;
    }
    idle_at = &c->idle_at[at];
    if (*idle_at < event->time)
        *idle_at = event->time;
    *idle_at += (int64_t)(bytes * 8 * UINT64_C(1000000000) / rate);
    return *idle_at;
}

static bool is_again(unsigned mark)
{
    return mark >= MARK_RETRANSMIT_SYN && mark <= MARK_RETRANSMIT_PARTIAL;
}

static void learn_host(struct connections *c, struct way *w, const struct sockeye_event *event)
{
    if (!w->host[0] && event->host != EVENT_NOWHERE)
        c->names.host(c->names.context, event->host, w->host, sizeof w->host);
}

static void send_new(struct way *w, const struct decode *d, uint64_t end, int64_t now)
{
    if (d->payload_length) {
        decide(w, w->heard_at == now);
        w->pushed = (d->tcp.flags & (DECODE_PSH | DECODE_FIN)) != 0;
        if (!w->has_data)
            w->first = w->last = w->acked_at = now;
        w->has_data = true;
    }
    if (d->tcp.flags & DECODE_FIN) {
        w->fin = end - 1;
        w->pushed = true;
    }
    w->nxt = end;
    if (w->is_timed)
        return;
    w->is_timed = true;
    w->timed_end = end;
    w->timed_at = now;
}

static void on_sent(struct connections *c, const struct sockeye_event *event)
{
    const struct event_frame *frame = &event->frame;
    int64_t left = departure(c, event);
    struct connection *connection;
    struct decode d;
    struct way *w;
    uint64_t end;
    int side = 0, i;

    decode_frame(&d, frame->bytes, frame->length, frame->flags & FRAME_BARE_IP);
    if (!d.has_tcp)
        return;
    i = flows_of_segment(&c->flows, &d, &side);
    connection = connection_of(c, i);
    if (!connection)
        return;
    w = &connection->way[side];
    learn_host(c, w, event);
    account(w, event->time);
    if (d.tcp.flags & DECODE_SYN) {
        w->has_wscale = d.tcp.has_wscale;
        w->wscale = d.tcp.wscale;
    }
    end = widen(w->nxt, flows_seq(&c->flows.flow[i], side, d.tcp.seq)) + d.payload_length +
          ((d.tcp.flags & DECODE_SYN) != 0) + ((d.tcp.flags & DECODE_FIN) != 0);
    if (frame->mark < MARK_COUNT)
        w->again[frame->mark]++;
    if (is_again(frame->mark))
        w->is_timed = false;
    w->segments += d.payload_length > 0;
    if (d.payload_length > w->mss)
        w->mss = (uint32_t)d.payload_length;
    if (end > w->nxt)
        send_new(w, &d, end, event->time);
    if (d.payload_length || d.tcp.flags & (DECODE_SYN | DECODE_FIN)) {
        w->idle_at = left;
        if (frame->flags &
            (FRAME_LOST | FRAME_DAMAGED | FRAME_FLIPPED | FRAME_QUEUE_FULL | FRAME_WIRE_DOWN)) {
            w->lost++;
            w->lost_end = end > w->lost_end ? end : w->lost_end;
        }
    }
}

static void acknowledge(struct way *w, uint64_t ack, int64_t now)
{
    if (ack <= w->una || ack > w->nxt)
        return;
    if (w->is_timed && ack >= w->timed_end) {
        int64_t rtt = now - w->timed_at;

        w->is_timed = false;
        w->rtt_least = w->rtt_count == 0 || rtt < w->rtt_least ? rtt : w->rtt_least;
        w->rtt_sum += rtt;
        w->rtt_count++;
    }
    if (w->has_data && (w->fin == 0 || w->una < w->fin)) {
        uint64_t end = w->fin != 0 && ack > w->fin ? w->fin : ack;

        w->bytes += end - (w->una > 0 ? w->una : 1);
        w->acked_at = now;
        memcpy(w->share_acked, w->share, sizeof w->share);
        for (int k = 0; k < LIMITS; k++)
            w->share_acked[ack == w->nxt ? LIMIT_PROGRAM : k] += w->doubt[k];
    }
    w->una = ack;
}

/* What the peer of `w` says came to it. */
static void on_delivered(struct connections *c, const struct sockeye_event *event)
{
    const struct event_frame *frame = &event->frame;
    struct connection *connection;
    struct way *w, *peer;
    struct decode d;
    uint64_t ack, edge;
    uint32_t window;
    int side = 0, i;

    decode_frame(&d, frame->bytes, frame->length, frame->flags & FRAME_BARE_IP);
    if (!d.has_tcp || frame->flags & FRAME_DAMAGED || !d.tcp.checksum_ok || !d.ip.checksum_ok ||
        !(d.tcp.flags & DECODE_ACK) || d.tcp.flags & DECODE_RST)
        return;
    i = flows_of_segment(&c->flows, &d, &side);
    connection = connection_of(c, i);
    if (!connection)
        return;
    peer = &connection->way[side];
    w = &connection->way[1 - side];
    learn_host(c, w, event);
    account(w, event->time);
    window = d.tcp.window;
    if (!(d.tcp.flags & DECODE_SYN) && w->has_wscale && peer->has_wscale)
        window <<= peer->wscale;
    ack = widen(w->una, flows_ack(&c->flows.flow[i], side, d.tcp.ack));
    acknowledge(w, ack, event->time);
    w->heard_at = event->time;
    edge = ack + window;
    if (ack == w->una && (!w->has_edge || edge > w->edge)) {
        w->edge = edge;
        w->has_edge = true;
    }
    if (window > w->largest_window)
        w->largest_window = window;
}

static void on_cwnd(struct connections *c, const struct sockeye_event *event)
{
    const struct event_tcp_cwnd *cwnd = &event->tcp_cwnd;
    int side = 0;
    int i = flows_of_endpoints(&c->flows, &cwnd->flow.local, &cwnd->flow.remote, &side);
    struct connection *connection = i == FLOWS_NONE ? NULL : connection_of(c, i);

    if (!connection)
        return;
    account(&connection->way[side], event->time);
    connection->way[side].cwnd = cwnd->cwnd;
}

void connections_event(struct connections *c, const struct sockeye_event *event)
{
    if (event->kind == EVENT_TCP_CWND)
        on_cwnd(c, event);
    else if (!event->frame.bytes)
        return;
    else if (event->kind == EVENT_FRAME_SENT)
        on_sent(c, event);
    else if (event->kind == EVENT_FRAME_DELIVERED)
        on_delivered(c, event);
}

/* ---- writing ---- */

static void write_time(FILE *file, int64_t time)
{
    fprintf(file, "%" PRId64 ".%03" PRId64, time / 1000000, time % 1000000 / 1000);
}

static void write_losses(FILE *file, const struct way *w)
{
    static const struct {
        enum mark mark;
        const char *words;
    } kinds[] = {
        {MARK_RETRANSMIT_SYN, "SYN"},
        {MARK_RETRANSMIT_RTO, "timeout"},
        {MARK_RETRANSMIT_FAST, "third duplicate ACK"},
        {MARK_RETRANSMIT_SACK, "SACK"},
        {MARK_RETRANSMIT_PARTIAL, "partial ACK"},
    };
    uint64_t again = 0;
    const char *separator = "";

    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
        again += w->again[kinds[i].mark];
    fprintf(file, "; %" PRIu64 " lost, %" PRIu64 " sent again", w->lost, again);
    if (again > 0)
        fputs(" (", file);
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (w->again[kinds[i].mark] == 0)
            continue;
        fprintf(file, "%s%" PRIu64 " %s", separator, w->again[kinds[i].mark], kinds[i].words);
        separator = ", ";
    }
    if (again > 0)
        fputc(')', file);
}

/* The shares in percent, the largest first; what is below a half is left out. */
static void write_limits(FILE *file, const struct way *w, int64_t took)
{
    bool done[LIMITS] = {false};
    const char *separator = "";

    for (int n = 0; n < LIMITS; n++) {
        int most = -1;
        int64_t percent;

        for (int i = 0; i < LIMITS; i++) {
            if (!done[i] && (most < 0 || w->share_acked[i] > w->share_acked[most]))
                most = i;
        }
        done[most] = true;
        percent = (w->share_acked[most] / (took / 1000 + 1) + 5) / 10;
        if (percent == 0)
            continue;
        fprintf(file, "%s%s %" PRId64 " %%", separator, limit_words[most], percent);
        separator = ", ";
    }
}

static void write_way(FILE *file, const struct flow *flow, const struct connection *connection,
                      int side)
{
    const struct way *w = &connection->way[side], *peer = &connection->way[1 - side];
    char text[2][FLOWS_ENDPOINT_BYTES];
    int64_t took = w->acked_at - w->first;

    for (int s = 0; s < 2; s++)
        flows_endpoint(&flow->end[s], text[s]);
    fprintf(file, "%s %s to %s %s: %" PRIu64 " bytes in ", w->host, text[side], peer->host,
            text[1 - side], w->bytes);
    write_time(file, took);
    fputs(" ms", file);
    if (took >= 1000) {
        uint64_t kbits = w->bytes * 8000 / (uint64_t)(took / 1000);

        if (kbits >= SMALL_KBITS)
            fprintf(file, ", goodput %" PRIu64 " kbit/s", kbits);
        else
            fprintf(file, ", goodput %" PRIu64 " bit/s",
                    w->bytes * 8000000 / (uint64_t)(took / 1000));
    }
    if (w->rtt_count > 0) {
        fputs("; RTT least ", file);
        write_time(file, w->rtt_least);
        fputs(", mean ", file);
        write_time(file, w->rtt_sum / w->rtt_count);
        fputs(" ms", file);
    }
    write_losses(file, w);
    fputc('\n', file);
    if (took == 0) /* nothing of it was acknowledged */
        return;
    fputs("  limited by ", file);
    write_limits(file, w, took);
    fputc('\n', file);
}

void connections_done(struct connections *c)
{
    int written = 0, left = 0;

    for (int i = 0; i < c->count; i++) {
        for (int side = 0; side < 2; side++) {
            if (!c->connection[i].way[side].has_data)
                continue;
            if (written == MOST_WRITTEN) {
                left++;
                continue;
            }
            write_way(c->file, &c->flows.flow[i], &c->connection[i], side);
            written++;
        }
    }
    if (left > 0)
        fprintf(c->file, "and %d more\n", left);
    if (c->left_out)
        fprintf(c->file, "%" PRIu64 " segments are not counted\n", c->left_out);
    free(c->connection);
    free(c->idle_at);
    flows_done(&c->flows);
    memset(c, 0, sizeof *c);
}
