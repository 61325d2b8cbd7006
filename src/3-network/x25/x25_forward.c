/* SPDX-License-Identifier: MIT */
/* The theory is in x25_forward.h. */
#include "3-network/x25/x25_forward.h"

#include "3-network/x25/x25_call_edit.h"
#include "3-network/x25/x25_line.h"
#include "3-network/x25/x25_output.h"
#include "3-network/x25/x25_relay.h"
#include "3-network/x25/x25_relay_room.h"
#include "3-network/x25/x25_route.h"

enum {
    LESS_PACKET_BYTES = 1,
    LESS_WINDOW = 2,
    MODULO_8 = 0x10,
    MODULO_128 = 0x20,
    MODULO = 0x30,
    WINDOW_MOST_8 = 7
};

/* ---- a packet passes ---- */

static uint32_t modulo(const struct x25_line *line)
{
    return line->extended ? 128 : 8;
}

/* The count that a number stands for: the first from `near` on that is written so. */
static uint32_t count_of(uint32_t near, uint8_t number, uint32_t modulo)
{
    return near + (number + modulo - near % modulo) % modulo;
}

/* The numbers as they are counted on the line they came by, for the line they go to. */
static void renumber(struct x25_relay_side *to, const struct x25_line *from, struct x25_header *h)
{
    uint32_t pr = count_of(to->pr, h->pr, modulo(from));

    to->pr = pr;
    h->pr = (uint8_t)(pr % modulo(to->line));
    if (h->type == X25_DATA) {
        uint32_t ps = count_of(to->ps, h->ps, modulo(from));

        to->ps = ps + 1;
        h->ps = (uint8_t)(ps % modulo(to->line));
    }
}

/* The header anew, for its line: channel, modulo, numbers. */
static void rewrite(struct x25_relay_side *to, const struct x25_line *from, struct x25_header h,
                    struct packet *p)
{
    uint32_t bytes = x25_packet_header_bytes(&h);
    struct writer w;

    if (from->kind == X25_LINE_XOT && to->line->kind == X25_LINE_XOT)
        return; /* RFC 1613 6.2: two streams are connected without a change */
    if (h.extended != to->line->extended &&
        (h.type == X25_DATA || h.type == X25_RR || h.type == X25_RNR || h.type == X25_REJ))
        renumber(to, from, &h);
    h.lcn = to->lcn;
    h.extended = to->line->extended;
    packet_take(p, bytes);
    bytes = x25_packet_header_bytes(&h);
    w = writer_of(packet_push(p, bytes), bytes);
    x25_packet_write(&w, &h);
}

/* ---- what a line can carry ---- */

static uint8_t less(uint8_t value, uint8_t most, uint8_t *lessened, uint8_t bit)
{
    if (value <= most)
        return value;
    *lessened |= bit;
    return most;
}

/* RFC 1613 6.2: too large a window is made less, and so is a packet that does not fit. */
static void lessen(struct x25_relay *r, struct packet *p)
{
    const struct x25_line *line = r->side[1].line;
    uint8_t *sizes = x25_call_edit_find(p, X25_CODE_PACKET_BYTES);
    uint8_t *windows = x25_call_edit_find(p, X25_CODE_WINDOW);

    for (int i = 0; i < 2; i++) {
        if (sizes)
            sizes[i] = less(sizes[i], line->packet_most, &r->lessened, LESS_PACKET_BYTES);
        if (windows && !line->extended)
            windows[i] = less(windows[i], WINDOW_MOST_8, &r->lessened, LESS_WINDOW);
        r->said[i] = sizes ? sizes[i] : X25_PACKET_BYTES_LOG;
        r->said[2 + i] = windows ? windows[i] : X25_WINDOW;
    }
}

/* What was made less, the answer says, unless it says so itself. @return false: no room for it */
static bool tell_lessened(const struct x25_relay *r, struct packet *p)
{
    bool told = true;

    if ((r->lessened & LESS_WINDOW) && !x25_call_edit_find(p, X25_CODE_WINDOW))
        told = x25_call_edit_add(p, X25_CODE_WINDOW, r->said[2], r->said[3]);
    if (told && (r->lessened & LESS_PACKET_BYTES) && !x25_call_edit_find(p, X25_CODE_PACKET_BYTES))
        told = x25_call_edit_add(p, X25_CODE_PACKET_BYTES, r->said[0], r->said[1]);
    return told;
}

/* ---- calls ---- */

/* A line of one circuit alone keeps the caller's number and modulo: RFC 1613 6. */
static uint16_t channel_for(struct x25_line *out, const struct x25_header *h)
{
    if (out->kind != X25_LINE_XOT)
        return x25_line_channel(out);
    x25_line_extend(out, h->extended);
    return h->lcn ? h->lcn : 1;
}

bool x25_forward_call(struct x25_line *line, const struct x25_header *h,
                      const struct x25_call *call, struct packet *p, nanoseconds now)
{
    struct x25 *x = line->x25;
    struct x25_line *out = x->forward ? x25_route_open(x, &call->called, now) : NULL;
    uint16_t lcn = out && out != line ? channel_for(out, h) : 0;
    struct x25_relay *r;

    if (!out || out == line)
        return false; /* nowhere to go on to */
    r = lcn ? x25_relay_new(x, now) : NULL;
    if (!r) {
        x25_line_refuse(line, h->lcn, X25_CLEAR_CONGESTION, X25_DIAGNOSTIC_NO_CHANNEL, now);
        if (out->kind == X25_LINE_XOT)
            x25_line_codes[out->kind].released(out, now);
        packet_put(p);
        return true;
    }
    r->side[0].line = line;
    r->side[0].lcn = h->lcn;
    r->side[1].line = out;
    r->side[1].lcn = lcn;
    rewrite(&r->side[1], line, *h, p);
    lessen(r, p);
    if (x25_line_is_ready(out))
        x25_relay_send(r, 1, p, now);
    else
        r->call = p;
    return true;
}

/* Both have called on one channel (X.25 4.1.6): a DTE's call goes on; a DCE's, which nobody has
 * answered yet, is given up. @return true: the channel is the other station's now */
static bool collision(struct x25_relay *r, int side, nanoseconds now)
{
    if (r->state != X25_RELAY_CALLING || side == 0 || r->side[1].line->role == X25_DTE)
        return false;
    packet_put(r->call);
    r->call = NULL;
    x25_relay_clear(r, 0, X25_CLEAR_CONGESTION, X25_DIAGNOSTIC_NO_CHANNEL, now);
    x25_relay_clearing(r, 1, now);
    r->side[1].line = NULL;
    return true;
}

static void clear_passes(struct x25_relay *r, int side, struct packet *p, nanoseconds now)
{
    struct x25 *x = r->side[side].line->x25;
    int other = 1 - side;
    bool met = r->state == X25_RELAY_CLEARING && r->clearer == other;

    if (r->call || !r->side[other].line) { /* it has not gone on yet, or nobody is there */
        x25_relay_confirm(r, side, now);
        packet_put(p);
        x25_relay_free(x, r, now);
        return;
    }
    x25_relay_clearing(r, side, now);
    x25_relay_room_put(r, other, p, X25_CLEAR_REQUEST, now);
    if (met)
        x25_relay_free(x, r, now);
}

static void confirmation_passes(struct x25_relay *r, int side, struct packet *p, nanoseconds now)
{
    struct x25 *x = r->side[side].line->x25;
    int other = 1 - side;

    if (r->side[other].line && r->state == X25_RELAY_CLEARING && r->clearer == other)
        x25_relay_send(r, other, p, now);
    else
        packet_put(p);
    x25_relay_free(x, r, now);
}

static void counts_anew(struct x25_relay *r)
{
    for (int i = 0; i < 2; i++)
        r->side[i].ps = r->side[i].pr = 0;
    x25_relay_forget(r);
}

static void drop(const struct x25_line *line, struct packet *p, nanoseconds now)
{
    event_drop(&line->x25->means->voice, now, DROP_X25_STATE, p);
    packet_put(p);
}

bool x25_forward_packet(struct x25_line *line, const struct x25_header *h, struct packet *p,
                        nanoseconds now)
{
    int side, other;
    struct x25_relay *r = x25_relay_find(line, h->lcn, &side);

    if (!r)
        return false;
    other = 1 - side;
    if (h->type == X25_CALL_REQUEST) {
        if (collision(r, side, now))
            return false;
        drop(line, p, now);
        return true;
    }
    if (r->state == X25_RELAY_ENDING) {
        packet_put(p);
        if (h->type == X25_CLEAR_REQUEST || h->type == X25_CLEAR_CONFIRMATION)
            x25_relay_side_ended(r, side, now);
        return true;
    }
    if (h->type == X25_CALL_ACCEPTED && (side == 0 || !tell_lessened(r, p))) {
        drop(line, p, now);
        return true;
    }
    if (r->side[other].line && !r->call)
        rewrite(&r->side[other], line, *h, p);
    if (h->type == X25_CLEAR_REQUEST) {
        clear_passes(r, side, p, now);
    } else if (h->type == X25_CLEAR_CONFIRMATION) {
        confirmation_passes(r, side, p, now);
    } else if (r->call || !r->side[other].line || r->state == X25_RELAY_CLEARING) {
        drop(line, p, now);
    } else {
        if (h->type == X25_CALL_ACCEPTED)
            x25_relay_open(r);
        if (h->type == X25_RESET_REQUEST || h->type == X25_RESET_CONFIRMATION)
            counts_anew(r);
        x25_relay_room_put(r, other, p, h->type, now);
    }
    return true;
}
