/* SPDX-License-Identifier: MIT */
/*
 * Events to rows of the ladder: the handshake, the data, the close of each connection
 * (RFC 9293 3.5, 3.6: figures 6 to 13 are drawn the same way).
 *
 * A segment is drawn when its sender hands it to the wire, with an x when the wire will lose it, so
 * the drawing needs no look into the future. Where a connection crosses several wires, the wire on
 * which a side was first heard is the one drawn; losses on the others are noted. A state stands in
 * its side's column: on the arrow that the side sends at that time, or on a row of its own.
 */
#include "ladder.h"
#include "observe/rows.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DRAWINGS = 4096, HOST_BYTES = 40 };

struct ladder_side {
    char host[HOST_BYTES];
    const char *state; /* not drawn yet, or NULL */
    int64_t state_time;
    bool has_wire, has_state;
    uint16_t wire, direction;
};

struct ladder_drawing {
    struct ladder_side side[2];
    struct rows rows;
};

int ladder_init(struct ladder *l, FILE *file, const struct names *names, bool all)
{
    memset(l, 0, sizeof *l);
    l->file = file;
    l->names = *names;
    l->all = all;
    return flows_init(&l->flows);
}

static struct ladder_drawing *drawing_of(struct ladder *l, int i)
{
    if (i < 0 || i >= MOST_DRAWINGS) {
        l->left_out++;
        return NULL;
    }
    if (i >= l->room) {
        int room = l->flows.room < MOST_DRAWINGS ? l->flows.room : MOST_DRAWINGS;
        struct ladder_drawing *grown = realloc(l->drawing, (size_t)room * sizeof *grown);

        if (!grown) {
            l->left_out++;
            return NULL;
        }
        memset(grown + l->room, 0, (size_t)(room - l->room) * sizeof *grown);
        l->drawing = grown;
        l->room = room;
    }
    if (i >= l->count)
        l->count = i + 1;
    return &l->drawing[i];
}

static void draw_plain(struct ladder_drawing *g, int64_t time, const char *left, const char *right,
                       const char *note)
{
    char row[ROWS_ROW_BYTES];

    rows_plain(row, time, left, right, note);
    rows_add(&g->rows, row);
}

/* Draws the states that wait, but not that of `side` if it came at `time`: it goes with an arrow.
 */
static const char *flush_states(struct ladder_drawing *g, int side, int64_t time)
{
    const char *kept = "";

    for (int s = 0; s < 2; s++) {
        struct ladder_side *end = &g->side[s];

        if (!end->state)
            continue;
        if (s == side && end->state_time == time)
            kept = end->state;
        else
            draw_plain(g, end->state_time, s == 0 ? end->state : "", s == 1 ? end->state : "", "");
        end->state = NULL;
    }
    return kept;
}

static void on_state(struct ladder *l, const struct sockeye_event *event)
{
    const struct event_tcp_state *state = &event->tcp_state;
    const struct endpoint *local = &state->flow.local, *remote = &state->flow.remote;
    struct ladder_drawing *g;
    struct ladder_side *end;
    int side = 0, i;

    if (remote->port == 0)
        return; /* a listener */
    i = flows_of_endpoints(&l->flows, local, remote, &side);
    if (i == FLOWS_NONE || (state->to == TCP_STATE_SYN_SENT && l->flows.flow[i].began[side])) {
        i = flows_add(&l->flows, local, remote);
        side = 0;
    }
    g = drawing_of(l, i);
    if (!g)
        return;
    end = &g->side[side];
    if (!end->host[0] && event->host != EVENT_NOWHERE)
        l->names.host(l->names.context, event->host, end->host, sizeof end->host);
    flush_states(g, -1, 0);
    if (!end->has_state) {
        const char *first = event_tcp_state_name(state->from);

        draw_plain(g, event->time, side == 0 ? first : "", side == 1 ? first : "", "");
        end->has_state = true;
    }
    end->state = event_tcp_state_name(state->to);
    end->state_time = event->time;
}

static void flag_words(uint16_t flags, char *text)
{
    static const struct {
        uint16_t flag;
        const char *word;
    } words[] = {{DECODE_SYN, "SYN "}, {DECODE_FIN, "FIN "}, {DECODE_RST, "RST "},
                 {DECODE_PSH, "PSH "}, {DECODE_URG, "URG "}, {DECODE_ACK, "ACK "}};

    text[0] = 0;
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        if (flags & words[i].flag)
            strcat(text, words[i].word);
    }
}

static const char *mark_word(unsigned mark)
{
    static const char *const words[MARK_COUNT] = {
        "",
        " again: timeout",
        " again: timeout",
        " again: 3rd dup ACK",
        " again: SACK",
        " again: partial ACK",
        " window probe",
        " keep-alive",
        " challenge",
    };

    return mark < MARK_COUNT ? words[mark] : "";
}

static void make_label(char *label, size_t size, const struct decode *d, const struct flow *flow,
                       int side, unsigned mark)
{
    const struct decode_tcp *tcp = &d->tcp;
    char flags[40];
    int n;

    flag_words(tcp->flags, flags);
    n = snprintf(label, size, "%sseq=%" PRIu32, flags, flows_seq(flow, side, tcp->seq));
    if (tcp->flags & DECODE_ACK)
        n +=
            snprintf(label + n, size - (size_t)n, " ack=%" PRIu32, flows_ack(flow, side, tcp->ack));
    if (d->payload_length)
        n += snprintf(label + n, size - (size_t)n, " len=%zu", d->payload_length);
    else if (!(tcp->flags & (DECODE_RST | DECODE_FIN)))
        n += snprintf(label + n, size - (size_t)n, " win=%u", tcp->window);
    if ((tcp->flags & DECODE_SYN) && tcp->has_mss && mark == MARK_NONE)
        n += snprintf(label + n, size - (size_t)n, " mss=%u", tcp->mss);
    if ((tcp->flags & DECODE_SYN) && tcp->has_wscale && mark == MARK_NONE)
        n += snprintf(label + n, size - (size_t)n, " wscale=%u", tcp->wscale);
    for (int i = 0; i < tcp->sacks && i < 1; i++)
        n += snprintf(label + n, size - (size_t)n, " sack=%" PRIu32 ":%" PRIu32,
                      flows_ack(flow, side, tcp->sack_start[i]),
                      flows_ack(flow, side, tcp->sack_end[i]));
    snprintf(label + n, size - (size_t)n, "%s", mark_word(mark));
}

static const char *fate_word(uint8_t flags)
{
    return flags & FRAME_LOST         ? "lost"
           : flags & FRAME_QUEUE_FULL ? "queue full"
           : flags & FRAME_WIRE_DOWN  ? "wire down"
           : flags & FRAME_DAMAGED    ? "damaged"
                                      : NULL;
}

static struct rows_sum sum_of(const struct decode *d, const struct event_frame *frame)
{
    struct rows_sum sum = {0};
    bool again = frame->mark >= MARK_RETRANSMIT_SYN && frame->mark <= MARK_RETRANSMIT_PARTIAL;

    if (d->payload_length)
        sum.segments = 1;
    else
        sum.acks = 1;
    sum.bytes = again ? 0 : d->payload_length;
    sum.lost = (frame->flags & (FRAME_LOST | FRAME_QUEUE_FULL | FRAME_WIRE_DOWN)) != 0;
    sum.damaged = (frame->flags & (FRAME_DAMAGED | FRAME_FLIPPED)) != 0;
    sum.duplicated = (frame->flags & FRAME_DUPLICATED) != 0;
    if (frame->mark < MARK_COUNT)
        sum.marked[frame->mark] = 1;
    return sum;
}

static void learn_side(struct ladder *l, struct ladder_side *end, const struct sockeye_event *event)
{
    char text[NAMES_BYTES];

    if (end->has_wire)
        return;
    end->has_wire = true;
    end->wire = event->wire;
    end->direction = event->direction;
    if (end->host[0])
        return;
    l->names.sender(l->names.context, event->wire, event->direction, text, sizeof text);
    snprintf(end->host, sizeof end->host, "%.*s", (int)strcspn(text, "."), text);
}

static void note_elsewhere(struct ladder *l, struct ladder_drawing *g, const struct decode *d,
                           const struct sockeye_event *event, const char *label)
{
    char row[ROWS_ROW_BYTES], note[ROWS_ROW_BYTES], wire[NAMES_BYTES];
    struct rows_sum sum = sum_of(d, &event->frame);
    const char *fate = fate_word(event->frame.flags);

    if (!fate)
        return;
    l->names.wire(l->names.context, event->wire, wire, sizeof wire);
    snprintf(note, sizeof note, "%s on %s: %s", fate, wire, label);
    rows_plain(row, event->time, "", "", note);
    sum.segments = sum.acks = sum.bytes = 0;
    rows_add_data(&g->rows, row, &sum, l->all);
}

static void on_frame(struct ladder *l, const struct sockeye_event *event)
{
    char row[ROWS_ROW_BYTES], label[160];
    struct ladder_drawing *g;
    struct rows_sum sum;
    struct decode d;
    const struct event_frame *frame = &event->frame;
    const char *state, *fate = fate_word(frame->flags);
    int side = 0, i;

    if (!frame->bytes)
        return;
    decode_frame(&d, frame->bytes, frame->length, frame->flags & FRAME_BARE_IP);
    if (!d.has_tcp)
        return;
    i = flows_of_segment(&l->flows, &d, &side);
    g = drawing_of(l, i);
    if (!g)
        return;
    learn_side(l, &g->side[side], event);
    make_label(label, sizeof label, &d, &l->flows.flow[i], side, frame->mark);
    if (g->side[side].wire != event->wire || g->side[side].direction != event->direction) {
        note_elsewhere(l, g, &d, event, label);
        return;
    }
    state = flush_states(g, side, event->time);
    rows_arrow(row, event->time, side == 0 ? state : "", side == 1 ? state : "", side == 0, label,
               fate ? ROWS_STOPS : ROWS_ARRIVES, fate ? fate : "");
    sum = sum_of(&d, frame);
    if (*state || (d.tcp.flags & (DECODE_SYN | DECODE_FIN | DECODE_RST)))
        rows_add(&g->rows, row);
    else
        rows_add_data(&g->rows, row, &sum, l->all);
}

/* A discard by a host, which the arrow could not know of. */
static void on_drop(struct ladder *l, const struct sockeye_event *event)
{
    char row[ROWS_ROW_BYTES], note[NAMES_BYTES], host[NAMES_BYTES];
    struct ladder_drawing *g;
    struct rows_sum sum = {.dropped = 1};
    const struct event_frame *frame = &event->drop.frame;
    unsigned reason = event->drop.reason;
    struct endpoint from, to;
    struct decode d;
    int side = 0, i;

    if (reason <= DROP_WIRE_DOWN || reason == DROP_FCS || !frame->bytes ||
        event->host == EVENT_NOWHERE)
        return;
    decode_frame(&d, frame->bytes, frame->length, frame->flags & FRAME_BARE_IP);
    if (!d.has_tcp)
        return;
    from = (struct endpoint){.address = d.ip.source, .port = d.tcp.source_port};
    to = (struct endpoint){.address = d.ip.dest, .port = d.tcp.dest_port};
    i = flows_of_endpoints(&l->flows, &from, &to, &side);
    g = i == FLOWS_NONE ? NULL : drawing_of(l, i);
    if (!g)
        return;
    flush_states(g, -1, 0);
    l->names.host(l->names.context, event->host, host, sizeof host);
    snprintf(note, sizeof note, "dropped by %.30s: %s", host, event_drop_name(reason));
    rows_plain(row, event->time, "", "", note);
    rows_add_data(&g->rows, row, &sum, l->all);
}

void ladder_event(struct ladder *l, const struct sockeye_event *event)
{
    if (event->kind == EVENT_FRAME_SENT)
        on_frame(l, event);
    else if (event->kind == EVENT_TCP_STATE)
        on_state(l, event);
    else if (event->kind == EVENT_DROP)
        on_drop(l, event);
}

static void draw_heading(struct ladder *l, int i)
{
    const struct flow *flow = &l->flows.flow[i];
    const struct ladder_drawing *g = &l->drawing[i];
    char text[2][ADDRESS_TEXT_BYTES];

    for (int s = 0; s < 2; s++)
        address_format(flow->end[s].address, text[s]);
    fprintf(l->file, "%sTCP connection %d: %s %s:%u to %s %s:%u\n", i ? "\n" : "", i + 1,
            g->side[0].host, text[0], flow->end[0].port, g->side[1].host, text[1],
            flow->end[1].port);
    fprintf(l->file, "%11s %*.*s │%*s│ %.*s\n", "seconds", ROWS_STATE, ROWS_STATE, g->side[0].host,
            ROWS_MIDDLE, "", ROWS_STATE, g->side[1].host);
}

void ladder_done(struct ladder *l)
{
    for (int i = 0; i < l->count; i++) {
        struct ladder_drawing *g = &l->drawing[i];

        flush_states(g, -1, 0);
        rows_end_phase(&g->rows);
        if (g->rows.text) {
            draw_heading(l, i);
            fputs(g->rows.text, l->file);
        }
        if (g->rows.failed)
            fputs("(no memory for the rest)\n", l->file);
        rows_done(&g->rows);
    }
    if (l->left_out)
        fprintf(l->file, "%" PRIu64 " events of further connections are not drawn\n", l->left_out);
    free(l->drawing);
    flows_done(&l->flows);
    memset(l, 0, sizeof *l);
}
