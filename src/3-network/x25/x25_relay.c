/* SPDX-License-Identifier: MIT */
/* The theory is in x25_forward.h. */
#include "3-network/x25/x25_relay.h"

#include "3-network/x25/x25_output.h"
#include "base/pool.h"

uint32_t x25_relay_bytes(void)
{
    return sizeof(struct x25_relay);
}

static struct x25_relay *relay_of(struct list_link *l)
{
    return container_of(l, struct x25_relay, link);
}

/* The relay of a channel, and which side it is; NULL: it is not switched. */
struct x25_relay *x25_relay_find(const struct x25_line *line, uint16_t lcn, int *side)
{
    for (struct list_link *l = line->x25->relays.first; l; l = l->next) {
        struct x25_relay *r = relay_of(l);

        for (*side = 0; *side < 2; (*side)++)
            if (r->side[*side].line == line &&
                (r->side[*side].lcn == lcn || line->kind == X25_LINE_XOT))
                return r;
    }
    return NULL;
}

bool x25_relay_has_channel(const struct x25_line *line, uint16_t lcn)
{
    int side;

    return x25_relay_find(line, lcn, &side) != NULL;
}

void x25_relay_wait(struct x25_relay *r, nanoseconds time, nanoseconds now)
{
    timer_set(r->x25->means->timers, &r->timer, now + time);
}

void x25_relay_open(struct x25_relay *r)
{
    r->state = X25_RELAY_OPEN;
    timer_clear(r->x25->means->timers, &r->timer);
}

void x25_relay_clearing(struct x25_relay *r, int side, nanoseconds now)
{
    r->state = X25_RELAY_CLEARING;
    r->clearer = (uint8_t)side;
    x25_relay_wait(r, r->x25->settings.clear, now);
}

void x25_relay_forget(struct x25_relay *r)
{
    for (int i = 0; i < 2; i++) {
        struct x25_relay_side *side = &r->side[i];

        while (side->held.first)
            packet_put(packet_queue_take(&side->held));
        side->told_pr = side->held_last = side->far_busy = side->waits = 0;
    }
}

void x25_relay_free(struct x25 *x, struct x25_relay *r, nanoseconds now)
{
    timer_clear(x->means->timers, &r->timer);
    x25_relay_forget(r);
    list_remove(&r->link);
    for (int i = 0; i < 2; i++)
        if (r->side[i].line)
            x25_line_codes[r->side[i].line->kind].released(r->side[i].line, now);
    packet_put(r->call);
    pool_put(x->relay_pool, r);
    x->relay_count--;
}

struct x25_relay *x25_relay_new(struct x25 *x, nanoseconds now)
{
    struct x25_relay *r;

    for (struct list_link *l = x->relays.first; l && x->relay_count >= X25_RELAYS;) {
        struct x25_relay *old = relay_of(l);

        l = l->next;
        if (old->state == X25_RELAY_CLEARING || old->state == X25_RELAY_ENDING)
            x25_relay_free(x, old, now);
    }
    r = x->relay_count < X25_RELAYS ? pool_get(x->relay_pool) : NULL;
    if (!r)
        return NULL;
    x->relay_count++;
    list_add(&x->relays, &r->link);
    r->x25 = x;
    r->timer.node = x->means->node;
    r->timer.source = X25_TIMER_SOURCE;
    r->timer.serial = ++x->serials * 2;
    r->timer.code = x->relay_timer_code;
    x25_relay_wait(r, x->settings.call, now);
    return r;
}

void x25_relay_send(struct x25_relay *r, int to, struct packet *p, nanoseconds now)
{
    struct x25_line *line = r->side[to].line;

    r->packets++;
    x25_line_codes[line->kind].send(line, p, now);
}

void x25_relay_confirm(struct x25_relay *r, int side, nanoseconds now)
{
    if (r->side[side].line)
        x25_output_bare(r->side[side].line, r->side[side].lcn, X25_CLEAR_CONFIRMATION, now);
}

void x25_relay_clear(struct x25_relay *r, int side, uint8_t cause, uint8_t diagnostic,
                     nanoseconds now)
{
    const struct x25_reason reason = {.cause = cause, .diagnostic = diagnostic, .by = X25_BY_LINE};

    if (r->side[side].line)
        x25_output_clear(r->side[side].line, r->side[side].lcn, &reason, NULL, now);
}

/* ---- lines ---- */

bool x25_relay_uses(const struct x25_line *line)
{
    for (struct list_link *l = line->x25->relays.first; l; l = l->next) {
        const struct x25_relay *r = relay_of(l);

        if (r->side[0].line == line || r->side[1].line == line)
            return true;
    }
    return false;
}

void x25_relay_side_ended(struct x25_relay *r, int side, nanoseconds now)
{
    struct x25_line *line = r->side[side].line;

    r->side[side].line = NULL;
    x25_line_codes[line->kind].released(line, now);
    if (!r->side[1 - side].line)
        x25_relay_free(r->x25, r, now);
}

int x25_relay_check(const struct x25 *x)
{
    uint32_t count = 0;

    for (struct list_link *l = x->relays.first; l; l = l->next) {
        const struct x25_relay *r = relay_of(l);

        count++;
        if (!r->side[0].line && !r->side[1].line)
            return __LINE__;
        if (r->call && r->state != X25_RELAY_CALLING)
            return __LINE__;
        if (!timer_is_set(&r->timer) && r->state != X25_RELAY_OPEN)
            return __LINE__;
        for (int i = 0; i < 2; i++)
            if (!packet_queue_is_sound(&r->side[i].held) ||
                (r->side[i].held.packets > 0 && !r->side[i].line))
                return __LINE__;
        if (r->state < X25_RELAY_CLEARING && (!r->side[0].line || !r->side[1].line))
            return __LINE__;
    }
    return count != x->relay_count || count > X25_RELAYS ? __LINE__ : 0;
}
