/* SPDX-License-Identifier: MIT */
/*
 * Packets in, and packets out beside what the script expects.
 *
 * Numbers are mapped as packetdrill does: on SYN segments the script writes absolute numbers,
 * elsewhere relative to both ISNs (RFC 9293 3.4.1); timestamps of the host are known by the number
 * that the script first gave them; ports are learnt. An expected segment may come as several that
 * add up to it, unless --strict_segments: FIN is then looked for in the last, and PSH in none. In
 * the same way a segment in that is longer than the wire carries comes as several, between which no
 * waiting call is woken.
 *
 * What is wrong is told as expected and came, side by side, in every case: what came in part, too
 * late, or for another connection stands there too. Once a script has failed its lab may run on, to
 * see what was late.
 */
#include "drill/state.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const int64_t too_late = 60000000000; /* a packet is looked for so long after its time */

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, TEXT = 512 };

static uint32_t local_offset(const struct drill_flow *flow, bool syn)
{
    return syn ? flow->live_local_isn - flow->script_local_isn : flow->live_local_isn;
}

static uint32_t remote_offset(const struct drill_flow *flow, bool syn)
{
    return syn ? flow->live_remote_isn - flow->script_remote_isn : flow->live_remote_isn;
}

static uint32_t stamp_to_live(const struct drill_flow *flow, uint32_t script)
{
    for (int i = flow->stamps - 1; i >= 0; i--) {
        if (flow->script_stamp[i] == script)
            return flow->live_stamp[i];
    }
    if (flow->stamps == 0 || script == 0)
        return script;
    return script + (flow->live_stamp[0] - flow->script_stamp[0]);
}

static void stamp_learn(struct drill_flow *flow, uint32_t script, uint32_t live, int64_t when)
{
    if (flow->stamps == DRILL_STAMPS)
        return;
    flow->script_stamp[flow->stamps] = script;
    flow->live_stamp[flow->stamps] = live;
    flow->stamp_time[flow->stamps] = when;
    flow->stamps++;
}

/* A packet in begins the connection of a listener, and of a datagram socket. */
static void begin_passive(struct drill_run *run, const struct drill_packet *packet)
{
    struct drill_flow *flow = &run->flow;

    flow->listening = false;
    flow->exists = true;
    flow->remote_port = run->next_remote_port++;
    if (packet->protocol != 6)
        return;
    flow->script_remote_isn = flow->live_remote_isn = packet->seq;
    flow->has_remote_isn = true;
}

static void inject(struct drill_run *run, int line, const struct drill_packet *packet)
{
    static uint8_t bytes[DRILL_PACKET_ROOM];
    size_t length = drill_packet_write(run, packet, bytes);
    struct drill_packet part = *packet;
    uint32_t most = run->mss ? run->mss : run->mtu - (run->is_six ? 72 : 52), sent = 0;
    int result = length ? sockeye_inject(run->lab, run->door, bytes, length) : -EMSGSIZE;

    if (result != -EMSGSIZE || packet->protocol != 6) {
        if (result < 0)
            drill_fail(run, line, "the packet could not be put in: %s", sockeye_strerror(result));
        return;
    }
    /* longer than the wire carries: as a sender would cut it */
    run->held = true;
    do {
        bool last = packet->payload - sent <= most;

        part.seq = packet->seq + sent;
        part.payload = last ? packet->payload - sent : most;
        part.flags = last ? packet->flags : packet->flags & ~(unsigned)(FIN | PSH);
        length = drill_packet_write(run, &part, bytes);
        result = sockeye_inject(run->lab, run->door, bytes, length);
        if (result < 0) {
            drill_fail(run, line, "the packet could not be put in: %s", sockeye_strerror(result));
            break;
        }
        sent += part.payload;
        drill_settle(run);
    } while (sent < packet->payload);
    run->held = false;
}

void drill_inbound(struct drill_run *run, struct drill_event *event)
{
    struct drill_flow *flow = &run->flow;
    struct drill_packet live = *event->packet;
    bool syn = live.flags & SYN;
    uint32_t written_seq = live.seq;

    if (flow->listening)
        begin_passive(run, &live);
    if (!flow->exists && !flow->connecting) {
        drill_fail(run, event->line, "a packet in, and no socket that it could be for");
        return;
    }
    if (live.protocol == 6) {
        if (syn && !flow->has_remote_isn) {
            flow->script_remote_isn = flow->live_remote_isn = live.seq;
            flow->has_remote_isn = true;
        }
        live.seq += remote_offset(flow, syn);
        if (live.flags & ACK)
            live.ack += local_offset(flow, syn);
        for (int i = 0; i < live.options; i++) {
            struct drill_option *o = &live.option[i];

            for (int j = 0; o->kind == OPTION_SACK && j < o->count; j++)
                o->value[j] += flow->live_local_isn;
            if (o->kind == OPTION_TIMESTAMPS)
                o->value[1] = stamp_to_live(flow, o->value[1]);
        }
    }
    live.quote_seq += flow->live_local_isn;
    inject(run, event->line, &live);
    if (run->options->verbose) {
        char text[TEXT];

        live = *event->packet;
        live.seq = written_seq;
        drill_packet_text(&live, text, sizeof text);
        drill_say(run, "%.6f %s", drill_seconds(run, sockeye_now(run->lab)), text);
    }
    drill_settle(run);
}

static int64_t latest(const struct drill_run *run, const struct drill_event *event, int64_t base)
{
    int64_t time = event->end >= 0 ? event->end : event->time;
    int64_t from = event->time_kind == TIME_ABSOLUTE ? run->origin : base;
    int64_t slack = time / 8 > run->tolerance ? time / 8 : run->tolerance;

    if (event->time_kind == TIME_ANY)
        return sockeye_now(run->lab) + 600 * INT64_C(1000000000);
    return from + time + slack;
}

/* What an interface of IPv6 says by itself: MLD (RFC 2710 3, RFC 3810 5), Neighbor Discovery (RFC
 * 4861 4). */
static bool is_of_the_link(const struct drill_packet *live)
{
    return live->protocol == 58 && ((live->type >= 130 && live->type <= 137) || live->type == 143);
}

static bool is_of_flow(struct drill_run *run, const struct drill_packet *live,
                       const struct drill_ports *ports, int protocol)
{
    struct drill_flow *flow = &run->flow;

    if (live->protocol != protocol)
        return false;
    if (protocol == 1 || protocol == 58)
        return !is_of_the_link(live);
    if (flow->connecting && !flow->exists) {
        if (protocol == 6 && !(live->flags & SYN))
            return false;
        flow->exists = true;
        flow->connecting = false;
        flow->local_port = ports->source;
        flow->remote_port = ports->dest;
    }
    return flow->exists && ports->source == flow->local_port && ports->dest == flow->remote_port;
}

/* What came while one packet was waited for. */
struct outbound {
    struct drill_packet came; /* in the script's numbers: all pieces so far, as one */
    uint32_t pieces;
    int64_t when;                /* of the last */
    struct drill_packet strange; /* the last that was not of the connection */
    uint32_t strangers;
    bool has_failed; /* calls that wait are left alone: their outcome is of no interest */
};

/* The next packet of the connection that came out by `until`; NULL, or what is wrong in *broken. */
static struct drill_emitted *next_packet(struct drill_run *run, int protocol, int64_t until,
                                         struct drill_packet *live, const char **broken,
                                         struct outbound *out)
{
    struct drill_ports ports;

    *broken = NULL;
    for (;;) {
        while (run->first) {
            struct drill_emitted *e = run->first;

            if (e->when > until)
                return NULL;
            *broken = drill_packet_read(live, &ports, e->bytes, e->length);
            run->first = e->next;
            if (!run->first)
                run->last = NULL;
            if (*broken || is_of_flow(run, live, &ports, protocol))
                return e;
            out->strange = *live;
            out->strangers++;
            free(e);
        }
        int64_t due = sockeye_next_deadline(run->lab);

        if (due > until || run->result != DRILL_PASS)
            return NULL;
        if (!out->has_failed) {
            drill_advance(run, due > sockeye_now(run->lab) ? due : sockeye_now(run->lab));
            continue;
        }
        sockeye_advance(run->lab, due);
        drill_collect(run);
    }
}

/* The real numbers of a segment to the script's. */
static void to_script(struct drill_run *run, struct drill_packet *live,
                      const struct drill_packet *expected, int64_t when)
{
    struct drill_flow *flow = &run->flow;
    bool syn = live->flags & SYN;

    if (syn && !flow->has_local_isn) {
        flow->script_local_isn = expected->seq;
        flow->live_local_isn = live->seq;
        flow->has_local_isn = true;
    }
    live->seq -= local_offset(flow, syn);
    if (live->flags & ACK)
        live->ack -= remote_offset(flow, syn);
    for (int i = 0; i < live->options; i++) {
        struct drill_option *o = &live->option[i];
        const struct drill_option *x = i < expected->options ? &expected->option[i] : NULL;

        for (int j = 0; o->kind == OPTION_SACK && j < o->count; j++)
            o->value[j] -= flow->live_remote_isn;
        if (o->kind != OPTION_TIMESTAMPS)
            continue;
        if (x && x->kind == OPTION_TIMESTAMPS) {
            stamp_learn(flow, x->value[0], o->value[0], when);
            if (run->tick == 0)
                o->value[0] = x->value[0];
        }
        if (run->tick && flow->stamps)
            o->value[0] -= flow->live_stamp[0] - flow->script_stamp[0];
    }
}

static bool stamps_agree(const struct drill_run *run, uint32_t a, uint32_t b)
{
    int64_t difference = (int32_t)(a - b);

    if (difference < 0)
        difference = -difference;
    return run->tick == 0 ? a == b : difference * run->tick <= run->tolerance;
}

static bool option_equal(const struct drill_run *run, const struct drill_option *a,
                         const struct drill_option *b)
{
    if (a->kind != b->kind || a->count != b->count || a->length != b->length)
        return false;
    if (a->kind == OPTION_TIMESTAMPS)
        return stamps_agree(run, a->value[0], b->value[0]) && a->value[1] == b->value[1];
    return memcmp(a->value, b->value, sizeof a->value) == 0 &&
           memcmp(a->bytes, b->bytes, (size_t)a->length) == 0;
}

/* NULL, or the name of what differs; `last`: the segment ends what was expected. */
static const char *difference(const struct drill_run *run, const struct drill_packet *x,
                              const struct drill_packet *live, uint32_t done, bool last)
{
    /* Linux marks what it hands to hardware as one with PSH, whatever was written */
    unsigned ignored = !last ? FIN | PSH : done ? PSH : 0;

    if (x->ecn >= ECN_NONE &&
        (x->ecn == ECN_ECT ? live->ecn != 1 && live->ecn != 2 : live->ecn != x->ecn))
        return "ECN bits of IP";
    if ((x->tos >= 0 && live->tos != (x->tos & ~3)) || (x->ttl >= 0 && live->ttl != x->ttl))
        return "IP fields";
    if (x->protocol == 17)
        return x->payload == live->payload ? NULL : "length";
    if (x->protocol == 1 || x->protocol == 58)
        return x->type == live->type && x->code == live->code && (!x->mtu || x->mtu == live->mtu)
                   ? NULL
                   : "type and code";
    if ((x->flags | ignored) != (live->flags | ignored))
        return "flags";
    if (live->seq != x->seq + done)
        return "sequence number";
    if ((x->flags & ACK) && live->ack != x->ack)
        return "acknowledgment number";
    if (last ? done + live->payload != x->payload : done + live->payload > x->payload)
        return "length";
    if (x->has_window && live->window != x->window)
        return "window";
    if (x->urgent != live->urgent)
        return "urgent pointer";
    if (x->any_options)
        return NULL;
    if (x->options != live->options)
        return "options";
    for (int i = 0; i < x->options; i++) {
        if (!option_equal(run, &x->option[i], &live->option[i]))
            return "options";
    }
    return NULL;
}

static const char *pieces_text(const struct outbound *out, char *text, size_t size)
{
    size_t length;

    drill_packet_text(&out->came, text, size);
    length = strlen(text);
    if (out->pieces > 1)
        snprintf(text + length, size - length, ", in %u packets", out->pieces);
    return text;
}

/* Expected, beside what came of it, or instead of it. */
static void complain(struct drill_run *run, const struct drill_event *event, const char *what,
                     const struct outbound *out)
{
    char expected[TEXT], came[TEXT];

    drill_packet_text(event->packet, expected, sizeof expected);
    drill_fail(run, event->line, "%s: expected %s; came %s at %.6f", what, expected,
               pieces_text(out, came, sizeof came), drill_seconds(run, out->when));
}

/* What came by `until` does not end what was expected. */
static void complain_of_none(struct drill_run *run, const struct drill_event *event,
                             struct outbound *out, int64_t until)
{
    char expected[TEXT], came[TEXT];
    struct drill_packet live;
    struct drill_emitted *late;
    const char *broken;
    double by = drill_seconds(run, until);

    drill_packet_text(event->packet, expected, sizeof expected);
    if (out->pieces > 0) {
        drill_fail(run, event->line, "length: expected %s; came %s at %.6f, and no more by %.6f",
                   expected, pieces_text(out, came, sizeof came), drill_seconds(run, out->when),
                   by);
        return;
    }
    out->has_failed = true;
    late = next_packet(run, event->packet->protocol, until + too_late, &live, &broken, out);
    if (late && !broken) {
        if (live.protocol == 6)
            to_script(run, &live, event->packet, late->when);
        drill_packet_text(&live, came, sizeof came);
        drill_fail(run, event->line, "expected %s; nothing came by %.6f, but %s at %.6f", expected,
                   by, came, drill_seconds(run, late->when));
    } else if (out->strangers > 0) {
        drill_packet_text(&out->strange, came, sizeof came);
        drill_fail(run, event->line, "expected %s; nothing came by %.6f, but for another: %s",
                   expected, by, came);
    } else
        drill_fail(run, event->line, "expected %s; nothing came by %.6f", expected, by);
    free(late);
}

/* A piece of what was expected, or all of it. */
static void take_piece(struct outbound *out, const struct drill_packet *live, int64_t when)
{
    uint32_t before = out->came.payload, seq = out->came.seq;

    out->came = *live;
    if (out->pieces > 0) {
        out->came.seq = seq;
        out->came.payload += before;
    }
    out->pieces++;
    out->when = when;
}

static bool match_one(struct drill_run *run, struct drill_event *event, int64_t base,
                      struct outbound *out)
{
    const struct drill_packet *x = event->packet;
    struct drill_packet live;
    const char *broken, *what;
    int64_t when = latest(run, event, base);
    struct drill_emitted *e = next_packet(run, x->protocol, when, &live, &broken, out);
    uint32_t done = out->came.payload;
    char text[TEXT];
    bool last;

    if (!e) {
        complain_of_none(run, event, out, when);
        return false;
    }
    when = e->when;
    free(e);
    if (broken) {
        drill_packet_text(x, text, sizeof text);
        drill_fail(run, event->line, "expected %s; came a packet with %s at %.6f", text, broken,
                   drill_seconds(run, when));
        return false;
    }
    if (live.protocol == 6)
        to_script(run, &live, x, when);
    last = run->strict_segments || live.payload == 0 || done + live.payload >= x->payload;
    what = difference(run, x, &live, done, last);
    take_piece(out, &live, when);
    if (!what && !drill_is_in_time(run, event, base, when)) {
        size_t length = strlen(strcpy(text, "time ("));

        drill_expected_time(run, event, base, text + length, sizeof text - length);
        strcat(text, ")");
        what = text;
    }
    if (what) {
        complain(run, event, what, out);
        return false;
    }
    if (run->options->verbose) {
        drill_packet_text(&live, text, sizeof text);
        drill_say(run, "%.6f %s", drill_seconds(run, when), text);
    }
    if (event->time_kind == TIME_ANY || event->end >= 0)
        run->base = when;
    return !last;
}

void drill_outbound(struct drill_run *run, struct drill_event *event, int64_t base)
{
    struct outbound out = {0};

    drill_settle(run);
    if (event->time_kind != TIME_ANY && event->end < 0)
        run->base =
            event->time_kind == TIME_ABSOLUTE ? run->origin + event->time : base + event->time;
    while (match_one(run, event, base, &out) && run->result == DRILL_PASS)
        ;
}
