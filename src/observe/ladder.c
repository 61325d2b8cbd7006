/* SPDX-License-Identifier: MIT */
/*
 * Events to rows of the ladder: the handshake, the data, the close of each connection
 * (RFC 9293 3.5, 3.6: figures 6 to 13 are drawn the same way); datagrams; echo requests and
 * replies (RFC 792), a drawing for each identifier. An ICMP error stands in the drawing of what it
 * is about.
 *
 * A frame is drawn when its sender hands it to the wire, with an x when the wire will lose it, so
 * the drawing needs no look into the future. Where a conversation crosses several wires, the wire
 * on which a side was first heard is the one drawn; losses on the others are noted. A state stands
 * in its side's column: on the arrow that the side sends at that time, or on a row of its own.
 */
#include "ladder.h"
#include "observe/label.h"
#include <errno.h>
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

/* A frame, and the conversation it belongs to. */
struct sight {
    const struct sockeye_event *event;
    const struct event_frame *frame;
    struct decode d;
    struct ladder_drawing *drawing;
    int talk, flow, side; /* side: its sender's */
    bool is_error;        /* of ICMP, about the conversation */
};

int ladder_init(struct ladder *l, FILE *file, const struct names *names, bool all)
{
    int result = 0;

    memset(l, 0, sizeof *l);
    l->file = file;
    l->names = *names;
    l->all = all;
    ladder_style(l, LADDER_COLUMNS, false);
    for (int i = 0; i < LADDER_TALKS && result == 0; i++)
        result = flows_init(&l->table[i].flows);
    if (result < 0) {
        for (int i = 0; i < LADDER_TALKS; i++)
            flows_done(&l->table[i].flows);
    }
    return result;
}

void ladder_style(struct ladder *l, int columns, bool has_colour)
{
    l->style.columns = columns < ROWS_LEAST  ? ROWS_LEAST
                       : columns > ROWS_MOST ? ROWS_MOST
                                             : columns;
    l->style.has_colour = has_colour;
}

static struct ladder_drawing *drawing_of(struct ladder *l, int talk, int i)
{
    struct ladder_table *t = &l->table[talk];

    if (i < 0 || i >= MOST_DRAWINGS) {
        l->left_out++;
        return NULL;
    }
    if (i >= t->room) {
        int room = t->flows.room < MOST_DRAWINGS ? t->flows.room : MOST_DRAWINGS;
        struct ladder_drawing *grown = realloc(t->drawing, (size_t)room * sizeof *grown);

        if (!grown) {
            l->left_out++;
            return NULL;
        }
        memset(grown + t->room, 0, (size_t)(room - t->room) * sizeof *grown);
        t->drawing = grown;
        t->room = room;
    }
    if (i >= t->count)
        t->count = i + 1;
    return &t->drawing[i];
}

/* ---- states ---- */

static void draw_state(struct ladder *l, struct ladder_drawing *g, int64_t time, int side,
                       const char *state)
{
    struct rows_line line = {.time = time, .left = "", .right = "", .label = ""};
    char row[ROWS_ROW_BYTES];

    if (side == 0)
        line.left = state;
    else
        line.right = state;
    rows_draw(row, &l->style, &line);
    rows_add(&g->rows, row);
}

/* Draws the states that wait, but not that of `side` if it came at `time`: it goes with an arrow.
 */
static const char *flush_states(struct ladder *l, struct ladder_drawing *g, int side, int64_t time)
{
    const char *kept = "";

    for (int s = 0; s < 2; s++) {
        struct ladder_side *end = &g->side[s];

        if (!end->state)
            continue;
        if (s == side && end->state_time == time)
            kept = end->state;
        else
            draw_state(l, g, end->state_time, s, end->state);
        end->state = NULL;
    }
    return kept;
}

static void on_state(struct ladder *l, const struct sockeye_event *event)
{
    const struct event_tcp_state *state = &event->tcp_state;
    const struct endpoint *local = &state->flow.local, *remote = &state->flow.remote;
    struct flows *flows = &l->table[LADDER_TCP].flows;
    struct ladder_drawing *g;
    struct ladder_side *end;
    int side = 0, i;

    if (remote->port == 0)
        return; /* a listener */
    i = flows_of_endpoints(flows, local, remote, &side);
    if (i == FLOWS_NONE || (state->to == TCP_STATE_SYN_SENT && flows->flow[i].began[side])) {
        i = flows_add(flows, local, remote);
        side = 0;
    }
    g = drawing_of(l, LADDER_TCP, i);
    if (!g)
        return;
    end = &g->side[side];
    if (!end->host[0] && event->host != EVENT_NOWHERE)
        l->names.host(l->names.context, event->host, end->host, sizeof end->host);
    flush_states(l, g, -1, 0);
    if (!end->has_state) {
        draw_state(l, g, event->time, side, event_tcp_state_name(state->from));
        end->has_state = true;
    }
    end->state = event_tcp_state_name(state->to);
    end->state_time = event->time;
}

/* ---- which conversation ---- */

/* The conversation of two ends, begun if `begins`; the first of them is the sender. */
static int find(struct ladder *l, int talk, const struct endpoint *from, const struct endpoint *to,
                bool begins, int *side)
{
    struct flows *flows = &l->table[talk].flows;
    int i = flows_of_endpoints(flows, from, to, side);

    if (i != FLOWS_NONE || !begins)
        return i;
    *side = 0;
    return flows_add(flows, from, to);
}

/* An error is drawn towards the sender of what it is about. */
static int find_of_error(struct ladder *l, struct sight *s)
{
    const struct decode_icmp *icmp = &s->d.icmp;
    struct endpoint from = {.address = icmp->quote.source, .port = icmp->quote_source_port};
    struct endpoint to = {.address = icmp->quote.dest, .port = icmp->quote_dest_port};
    int side = 0, i;

    if (icmp->has_quote_echo)
        from.port = to.port = icmp->quote_echo_id;
    else if (!icmp->has_quote_ports)
        return FLOWS_NONE;
    s->talk = icmp->has_quote_echo        ? LADDER_ECHO
              : icmp->quote.protocol == 6 ? LADDER_TCP
                                          : LADDER_UDP;
    s->is_error = true;
    i = find(l, s->talk, &from, &to, false, &side);
    s->side = 1 - side;
    return i;
}

static int find_of_fragment(const struct ladder *l, struct sight *s)
{
    const struct decode_ip *ip = &s->d.ip;

    for (unsigned i = 0; i < LADDER_FRAGMENTS && i < l->fragments; i++) {
        const struct ladder_fragment *f = &l->fragment[i];

        if (f->id != ip->id || (ip->version == 4 && f->protocol != ip->protocol) ||
            !address_equal(f->source, ip->source) || !address_equal(f->dest, ip->dest))
            continue;
        s->talk = f->talk;
        s->side = f->side;
        return f->flow;
    }
    return FLOWS_NONE;
}

static void remember_fragment(struct ladder *l, const struct sight *s)
{
    struct ladder_fragment *f = &l->fragment[l->fragments++ % LADDER_FRAGMENTS];

    f->source = s->d.ip.source;
    f->dest = s->d.ip.dest;
    f->id = s->d.ip.id;
    f->protocol = s->d.ip.protocol;
    f->talk = s->talk;
    f->flow = s->flow;
    f->side = s->side;
}

static bool is_echo(const struct decode *d)
{
    return d->has_icmp && (d->ip.version == 6 ? d->icmp.type == 128 || d->icmp.type == 129
                                              : d->icmp.type == 8 || d->icmp.type == 0);
}

/* What the ends of a wire tell each other about the wire. */
static bool is_of_link(const struct decode *d)
{
    return d->has_arp || d->has_stp || d->has_nd || d->has_igmp || d->has_mld;
}

static int find_of_wire(struct ladder *l, struct sight *s, int talk, bool begins)
{
    struct endpoint from = {.address = {0, s->event->direction}, .port = s->event->wire};
    struct endpoint to = {.address = {0, 1U - s->event->direction}, .port = s->event->wire};

    s->talk = talk;
    return s->event->wire == EVENT_NOWHERE ? FLOWS_NONE
                                           : find(l, talk, &from, &to, begins, &s->side);
}

/* The conversation of a decoded frame; `begins`: it may be a new one. @return false: of none */
static bool place(struct ladder *l, struct sight *s, bool begins)
{
    struct endpoint from = {.address = s->d.ip.source}, to = {.address = s->d.ip.dest};

    s->flow = FLOWS_NONE;
    if (s->d.has_tcp && begins) {
        s->talk = LADDER_TCP;
        s->flow = flows_of_segment(&l->table[LADDER_TCP].flows, &s->d, &s->side);
    } else if (s->d.has_tcp || s->d.has_udp) {
        from.port = s->d.has_tcp ? s->d.tcp.source_port : s->d.udp.source_port;
        to.port = s->d.has_tcp ? s->d.tcp.dest_port : s->d.udp.dest_port;
        s->talk = s->d.has_tcp ? LADDER_TCP : LADDER_UDP;
        s->flow = find(l, s->talk, &from, &to, begins, &s->side);
    } else if (is_of_link(&s->d)) {
        s->flow = find_of_wire(l, s, LADDER_LINK, begins);
    } else if (s->d.has_lapb) {
        s->flow = find_of_wire(l, s, LADDER_X25, begins);
    } else if (is_echo(&s->d)) {
        from.port = to.port = s->d.icmp.id;
        s->talk = LADDER_ECHO;
        s->flow = find(l, LADDER_ECHO, &from, &to, begins, &s->side);
    } else if (s->d.has_icmp)
        s->flow = find_of_error(l, s);
    else if (s->d.has_ip && s->d.ip.fragment_offset != 0)
        s->flow = find_of_fragment(l, s);
    if (s->flow == FLOWS_NONE)
        return false;
    s->drawing = drawing_of(l, s->talk, s->flow);
    return s->drawing != NULL;
}

/* ---- frames ---- */

/* Its ends are those of a wire, not addresses. */
static bool is_of_wire(int talk)
{
    return talk == LADDER_LINK || talk == LADDER_X25;
}

static const char *fate_word(uint32_t flags)
{
    return flags & FRAME_LOST         ? "lost"
           : flags & FRAME_QUEUE_FULL ? "queue full"
           : flags & FRAME_WIRE_DOWN  ? "wire down"
           : flags & FRAME_DAMAGED    ? "damaged"
                                      : NULL;
}

static bool is_again(unsigned mark)
{
    return (mark >= MARK_RETRANSMIT_SYN && mark <= MARK_RETRANSMIT_PARTIAL) ||
           mark == MARK_LAPB_REJECTED || mark == MARK_LAPB_TIMER;
}

static struct rows_sum sum_of(const struct sight *s)
{
    const struct event_frame *frame = s->frame;
    struct rows_sum sum = {0};

    if (s->talk == LADDER_X25)
        sum.frames = 1;
    else if (s->is_error || s->talk == LADDER_ECHO || s->talk == LADDER_LINK)
        sum.messages = 1;
    else if (s->talk == LADDER_UDP)
        sum.datagrams = s->d.ip.fragment_offset == 0;
    else if (s->d.payload_length)
        sum.segments = 1;
    else
        sum.acks = 1;
    sum.bytes = is_again(frame->mark) || sum.messages ? 0 : s->d.payload_length;
    sum.lost = (frame->flags & (FRAME_LOST | FRAME_QUEUE_FULL | FRAME_WIRE_DOWN)) != 0;
    sum.damaged = (frame->flags & (FRAME_DAMAGED | FRAME_FLIPPED)) != 0;
    sum.duplicated = (frame->flags & FRAME_DUPLICATED) != 0;
    if (frame->mark < MARK_COUNT)
        sum.marked[frame->mark] = 1;
    return sum;
}

static void learn_side(const struct ladder *l, struct ladder_side *end,
                       const struct sockeye_event *event)
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

static void make_label(const struct ladder *l, const struct sight *s, const char *fate,
                       char label[LABEL_BYTES])
{
    int room = rows_label(&l->style, fate);

    if (s->talk == LADDER_LINK)
        label_link(label, room, &s->d);
    else if (s->talk == LADDER_X25 || s->d.has_xot)
        label_x25(label, room, &s->d, s->frame->mark);
    else if (s->d.has_icmp && s->d.ip.version == 6)
        label_icmp6(label, room, &s->d);
    else if (s->d.has_icmp)
        label_icmp(label, room, &s->d);
    else if (s->d.has_tcp)
        label_tcp(label, room, &s->d, &l->table[LADDER_TCP].flows.flow[s->flow], s->side,
                  s->frame->mark);
    else if (s->d.has_udp)
        label_udp(label, room, &s->d);
    else
        label_fragment(label, room, &s->d);
}

static void note(struct ladder *l, struct sight *s, const struct rows_sum *sum, const char *text)
{
    struct rows_line line = {.time = s->event->time,
                             .left = "",
                             .right = "",
                             .label = text,
                             .form = ROWS_NOTE,
                             .tone = ROWS_BAD};
    char row[ROWS_ROW_BYTES];

    rows_draw(row, &l->style, &line);
    rows_add_data(&s->drawing->rows, row, sum, l->all);
}

static void note_elsewhere(struct ladder *l, struct sight *s, const char *fate, const char *label)
{
    char text[NAMES_BYTES + LABEL_BYTES + 20], wire[NAMES_BYTES];
    struct rows_sum sum = sum_of(s);

    if (!fate)
        return;
    l->names.wire(l->names.context, s->event->wire, wire, sizeof wire);
    snprintf(text, sizeof text, "%s on %s: %s", fate, wire, label);
    sum.segments = sum.datagrams = sum.messages = sum.frames = sum.acks = sum.bytes = 0;
    note(l, s, &sum, text);
}

/* What is worth a row where others are folded. */
static bool is_landmark(const struct decode *d)
{
    if (d->has_tcp && d->tcp.flags & (DECODE_SYN | DECODE_FIN | DECODE_RST))
        return true;
    if (d->has_lapb && d->lapb.kind >= DECODE_LAPB_REJ)
        return true;
    return d->x25s > 0 && decode_x25_is_of_call(d->x25[0].type);
}

static void on_frame(struct ladder *l, const struct sockeye_event *event)
{
    struct sight s = {.event = event, .frame = &event->frame};
    const char *state, *fate = fate_word(event->frame.flags);
    char row[ROWS_ROW_BYTES], label[LABEL_BYTES];
    struct rows_line line = {.time = event->time, .label = label, .why = fate};
    struct ladder_side *end;
    struct rows_sum sum;

    if (!s.frame->bytes)
        return;
    decode_frame(&s.d, s.frame->bytes, s.frame->length, s.frame->flags & FRAME_BARE_IP);
    if (!place(l, &s, true))
        return;
    if (s.d.ip.more_fragments && s.d.ip.fragment_offset == 0)
        remember_fragment(l, &s);
    end = &s.drawing->side[s.side];
    learn_side(l, end, event);
    make_label(l, &s, fate, label);
    if (end->wire != event->wire || end->direction != event->direction) {
        note_elsewhere(l, &s, fate, label);
        return;
    }
    state = flush_states(l, s.drawing, s.side, event->time);
    line.left = s.side == 0 ? state : "";
    line.right = s.side == 1 ? state : "";
    line.form = s.side == 0 ? ROWS_TO_RIGHT : ROWS_TO_LEFT;
    line.tone = fate || s.is_error ? ROWS_BAD : is_again(s.frame->mark) ? ROWS_AGAIN : ROWS_QUIET;
    rows_draw(row, &l->style, &line);
    sum = sum_of(&s);
    if (*state || s.is_error || is_landmark(&s.d))
        rows_add(&s.drawing->rows, row);
    else
        rows_add_data(&s.drawing->rows, row, &sum, l->all);
}

/* A discard by a host, which the arrow could not know of. */
static void on_drop(struct ladder *l, const struct sockeye_event *event)
{
    struct sight s = {.event = event, .frame = &event->drop.frame};
    char text[NAMES_BYTES], host[NAMES_BYTES];
    struct rows_sum sum = {.dropped = 1};
    unsigned reason = event->drop.reason;

    if (reason <= DROP_WIRE_DOWN || reason == DROP_FCS || !s.frame->bytes ||
        event->host == EVENT_NOWHERE)
        return;
    decode_frame(&s.d, s.frame->bytes, s.frame->length, s.frame->flags & FRAME_BARE_IP);
    if (!place(l, &s, false))
        return;
    flush_states(l, s.drawing, -1, 0);
    l->names.host(l->names.context, event->host, host, sizeof host);
    snprintf(text, sizeof text, "dropped by %.30s: %s", host, event_drop_name(reason));
    note(l, &s, &sum, text);
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

/* ---- drawing ---- */

/* An end that never spoke is named too. */
static void learn_ends(const struct ladder *l, const struct flow *flow, struct ladder_drawing *g)
{
    for (int s = 0; s < 2; s++) {
        struct sockeye_event end = {.wire = flow->end[s].port,
                                    .direction = (uint16_t)flow->end[s].address.low};

        learn_side(l, &g->side[s], &end);
    }
}

static void title_of(const struct ladder *l, int talk, int i, char *text, size_t size)
{
    static const char *const titles[] = {[LADDER_TCP] = "TCP connection",
                                         [LADDER_UDP] = "UDP datagrams",
                                         [LADDER_ECHO] = "ICMP echo"};
    char wire[NAMES_BYTES];

    if (!is_of_wire(talk)) {
        snprintf(text, size, "%s %d:", titles[talk], i + 1);
        return;
    }
    l->names.wire(l->names.context, l->table[talk].flows.flow[i].end[0].port, wire, sizeof wire);
    snprintf(text, size,
             "%s on %.60s:", talk == LADDER_LINK ? "Addresses, routers and groups" : "X.25", wire);
}

/* The host of an end, and its address and port as far as the conversation has them. */
static void end_of(const struct ladder *l, int talk, int i, int side, char *text, size_t size)
{
    const struct endpoint *end = &l->table[talk].flows.flow[i].end[side];
    const char *host = l->table[talk].drawing[i].side[side].host;
    char address[FLOWS_ENDPOINT_BYTES];

    if (is_of_wire(talk)) {
        snprintf(text, size, "%s", host);
        return;
    }
    if (talk == LADDER_ECHO)
        address_format(end->address, address);
    else
        flows_endpoint(end, address);
    snprintf(text, size, "%s %s", host, address);
}

/* Puts a part behind the others, on a line of its own where it does not fit. */
static void put_part(struct ladder *l, int *at, const char *text)
{
    int length = (int)strlen(text);
    bool fits = *at == 0 || *at + 1 + length <= l->style.columns;

    fprintf(l->file, "%s%s", *at == 0 ? "" : fits ? " " : "\n    ", text);
    *at = *at == 0 || fits ? *at + 1 + length : 4 + length;
}

static void draw_heading(struct ladder *l, int talk, int i)
{
    struct ladder_drawing *g = &l->table[talk].drawing[i];
    char text[160];
    int at = 0;

    if (is_of_wire(talk))
        learn_ends(l, &l->table[talk].flows.flow[i], g);
    title_of(l, talk, i, text, sizeof text);
    put_part(l, &at, text);
    end_of(l, talk, i, 0, text, sizeof text);
    put_part(l, &at, text);
    snprintf(text, sizeof text, "to ");
    end_of(l, talk, i, 1, text + 3, sizeof text - 3);
    put_part(l, &at, text);
    fprintf(l->file, "\n%11s %*.*s │%*s│ %.*s\n", "seconds", ROWS_STATE, ROWS_STATE,
            g->side[0].host, rows_middle(&l->style), "", ROWS_STATE, g->side[1].host);
}

static int draw_table(struct ladder *l, int talk, int drawn)
{
    struct ladder_table *t = &l->table[talk];
    bool is_drawn = talk != LADDER_LINK || l->all || drawn == 0;

    for (int i = 0; i < t->count; i++) {
        struct ladder_drawing *g = &t->drawing[i];

        flush_states(l, g, -1, 0);
        rows_end_phase(&g->rows);
        if (g->rows.text && is_drawn) {
            if (drawn++ > 0)
                fputc('\n', l->file);
            draw_heading(l, talk, i);
            fputs(g->rows.text, l->file);
        }
        if (g->rows.failed)
            fputs("(no memory for the rest)\n", l->file);
        rows_done(&g->rows);
    }
    free(t->drawing);
    flows_done(&t->flows);
    return drawn;
}

void ladder_done(struct ladder *l)
{
    int drawn = 0;

    for (int talk = 0; talk < LADDER_TALKS; talk++)
        drawn = draw_table(l, talk, drawn);
    if (l->left_out)
        fprintf(l->file, "%" PRIu64 " events of further conversations are not drawn\n",
                l->left_out);
    else if (drawn == 0)
        fputs("nothing to draw: nothing was sent that can be drawn\n", l->file);
    memset(l, 0, sizeof *l);
}
