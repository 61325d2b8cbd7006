/* SPDX-License-Identifier: MIT */
/* The theory is in x25_relay_room.h. */
#include "3-network/x25/x25_relay_room.h"

#include "3-network/x25/x25_output.h"

enum { RNR_BIT = 0x04, TYPE_AT = 2 }; /* what makes an RR an RNR, in both modulos */

static bool has_room(const struct x25_line *line)
{
    return x25_line_codes[line->kind].has_room(line);
}

static bool is_flow(uint8_t type)
{
    return type == X25_RR || type == X25_RNR || type == X25_REJ;
}

/* So many as both windows let on their way, and one of flow control between each two. */
static uint32_t held_most(const struct x25_relay *r)
{
    uint32_t window = r->said[2] > r->said[3] ? r->said[2] : r->said[3];

    return 2 * window + 2;
}

/* Goes to a side; what is remembered is what it was told. An RR is an RNR while the side has to
 * wait. */
static void send(struct x25_relay *r, int to, struct packet *p, nanoseconds now)
{
    struct x25_relay_side *side = &r->side[to];
    struct reader bytes = reader_of(packet_data(p), packet_length(p));
    struct x25_header h;

    if (x25_packet_read(&bytes, &h) == 0 && (h.type == X25_DATA || is_flow(h.type))) {
        side->told_pr = h.pr;
        if (is_flow(h.type))
            side->far_busy = h.type == X25_RNR;
        if (h.type == X25_RR && side->waits)
            packet_data(p)[TYPE_AT] |= RNR_BIT;
    }
    x25_relay_send(r, to, p, now);
}

/* RNR or RR to a side. @return false: no memory */
static bool tell(struct x25_relay *r, int to, nanoseconds now)
{
    const struct x25_relay_side *side = &r->side[to];

    return x25_output_number(side->line, side->lcn,
                             side->waits || side->far_busy ? X25_RNR : X25_RR, side->told_pr, now);
}

static void hold(struct x25_relay *r, int to, struct packet *p, uint8_t type, nanoseconds now)
{
    struct x25_relay_side *side = &r->side[to], *from = &r->side[1 - to];

    if (is_flow(type) && is_flow(side->held_last) &&
        packet_length(p) == packet_length(side->held.last)) { /* the later one says it all */
        memcpy(packet_data(side->held.last), packet_data(p), packet_length(p));
        side->held_last = type;
        packet_put(p);
        return;
    }
    if (type != X25_CLEAR_REQUEST && side->held.packets >= held_most(r)) {
        event_drop(&side->line->x25->means->voice, now, DROP_X25_RELAY, p);
        packet_put(p);
        return;
    }
    packet_queue_add(&side->held, p);
    side->held_last = type;
    if (type != X25_DATA || from->waits || !from->line)
        return;
    from->waits = 1;
    (void)tell(r, 1 - to, now); /* without memory for it the window alone stops the sender */
}

void x25_relay_room_put(struct x25_relay *r, int to, struct packet *p, uint8_t type,
                        nanoseconds now)
{
    const struct x25_relay_side *side = &r->side[to];
    bool in_order = type == X25_DATA || is_flow(type) || type == X25_CLEAR_REQUEST;

    if (in_order && (side->held.packets > 0 || (type == X25_DATA && !has_room(side->line))))
        hold(r, to, p, type, now);
    else
        send(r, to, p, now);
}

void x25_relay_room_retry(struct x25_relay *r, nanoseconds now)
{
    for (int i = 0; i < 2; i++) {
        struct x25_relay_side *side = &r->side[i];

        if (!side->waits || r->side[1 - i].held.packets > 0 || !side->line)
            continue;
        side->waits = 0;
        if (r->state == X25_RELAY_OPEN && !tell(r, i, now)) {
            side->waits = 1;
            x25_relay_wait(r, X25_RELAY_MEMORY_WAIT, now);
        }
    }
}

/* The next that waits for a side. false: there is none, or no room. */
static bool one_goes(struct x25_relay *r, int to, nanoseconds now)
{
    struct x25_relay_side *side = &r->side[to];
    struct packet *p =
        side->held.first && has_room(side->line) ? packet_queue_take(&side->held) : NULL;

    if (!p)
        return false;
    send(r, to, p, now);
    if (side->held.packets == 0) {
        side->held_last = 0;
        x25_relay_room_retry(r, now);
    }
    return true;
}

/* One of each in turn, so that none takes all the room. */
void x25_relay_room_again(struct x25_line *line, nanoseconds now)
{
    bool some = true;

    while (some) {
        some = false;
        for (struct list_link *l = line->x25->relays.first; l; l = l->next) {
            struct x25_relay *r = container_of(l, struct x25_relay, link);

            for (int i = 0; i < 2; i++)
                if (r->side[i].line == line && one_goes(r, i, now))
                    some = true;
        }
    }
}
