/* SPDX-License-Identifier: MIT */
/* The theory is in x25_forward.h. */
#include "3-network/x25/x25_relay_life.h"

#include "3-network/x25/x25_relay_room.h"

static struct x25_relay *relay_of(struct list_link *l)
{
    return container_of(l, struct x25_relay, link);
}

void x25_relay_life_line_up(struct x25_line *line, nanoseconds now)
{
    struct list_link *l = line->x25->relays.first;

    while (l) {
        struct x25_relay *r = relay_of(l);
        struct packet *p = r->call;

        l = l->next;
        if (!p || r->side[1].line != line)
            continue;
        r->call = NULL;
        x25_relay_send(r, 1, p, now);
    }
}

/* One side has gone: the other is cleared by the network; X.25 table 5-7. */
static void side_lost(struct x25_relay *r, int side, nanoseconds now)
{
    struct x25 *x = r->side[side].line->x25;
    int other = 1 - side;
    bool was_clearing = r->state == X25_RELAY_CLEARING;

    if (r->state == X25_RELAY_ENDING) {
        r->side[side].line = NULL;
        if (!r->side[other].line)
            x25_relay_free(x, r, now);
        return;
    }
    if (r->call && side == 0) { /* it has not gone on yet: nobody else knows of it */
        r->side[0].line = NULL;
        x25_relay_free(x, r, now);
        return;
    }
    packet_put(r->call);
    r->call = NULL;
    r->side[side].line = NULL;
    x25_relay_forget(r);
    if (was_clearing && r->clearer == other)
        x25_relay_confirm(r, other, now);
    if (!r->side[other].line || (was_clearing && r->clearer == other)) {
        x25_relay_free(x, r, now);
        return;
    }
    if (!was_clearing)
        x25_relay_clear(r, other, X25_CLEAR_OUT_OF_ORDER, X25_DIAGNOSTIC_NONE, now);
    x25_relay_clearing(r, side, now);
}

/* ---- time ---- */

/* Nobody has answered: both are cleared as by the network (X.25 annex D, table D-1: T11). */
static void call_ended(struct x25_relay *r, nanoseconds now)
{
    bool has_gone = r->call == NULL;

    packet_put(r->call);
    r->call = NULL;
    r->state = X25_RELAY_ENDING;
    x25_relay_wait(r, r->x25->settings.clear, now);
    x25_relay_clear(r, 0, X25_CLEAR_REMOTE_ERROR, X25_DIAGNOSTIC_CALL_TIMER, now);
    if (has_gone)
        x25_relay_clear(r, 1, X25_CLEAR_LOCAL_ERROR, X25_DIAGNOSTIC_CALL_TIMER, now);
    else
        x25_relay_side_ended(r, 1, now);
}

void x25_relay_life_timer(struct timer *timer, nanoseconds now)
{
    struct x25_relay *r = container_of(timer, struct x25_relay, timer);

    switch ((enum x25_relay_state)r->state) {
    case X25_RELAY_CALLING: /* T21 */
        call_ended(r, now);
        break;
    case X25_RELAY_CLEARING: /* T23: who has cleared need not wait any more */
        x25_relay_confirm(r, r->clearer, now);
        x25_relay_free(r->x25, r, now);
        break;
    case X25_RELAY_ENDING:
        x25_relay_free(r->x25, r, now);
        break;
    case X25_RELAY_OPEN:
        x25_relay_room_retry(r, now);
        break;
    }
}

void x25_relay_life_line_lost(struct x25_line *line, bool for_good, nanoseconds now)
{
    struct list_link *l = line->x25->relays.first;

    while (l) {
        struct x25_relay *r = relay_of(l);

        l = l->next;
        for (int i = 0; i < 2; i++)
            if (r->side[i].line == line && (for_good || !r->call || i == 0)) {
                side_lost(r, i, now);
                break;
            }
    }
}
