/* SPDX-License-Identifier: MIT */
/* The theory is in x25_line.h, and of the line itself in x25.h. */
#include "3-network/x25/x25_line.h"

#include "3-network/x25/x25_circuit.h"
#include "3-network/x25/x25_output.h"
#include "3-network/x25/x25_relay_life.h"
#include "3-network/x25/x25_relay_room.h"
#include "3-network/x25/x25_route.h"

/* What Linux negotiates unless it is told otherwise. */
enum {
    NEGOTIATES = X25_FACILITY_REVERSE | X25_FACILITY_THROUGHPUT | X25_FACILITY_PACKET_BYTES |
                 X25_FACILITY_WINDOW
};

void x25_line_open(struct x25 *x, struct x25_line *line, const struct x25_line_plan *plan)
{
    bool all = plan->lowest == 0 && plan->highest == 0;

    line->x25 = x;
    line->number = ++x->lines_opened;
    line->kind = (uint8_t)plan->kind;
    line->role = (uint8_t)plan->role;
    line->extended = plan->extended;
    line->lowest = all ? 1 : plan->lowest;
    line->highest = all ? X25_CHANNELS : plan->highest;
    line->negotiates = NEGOTIATES;
    line->packet_most = plan->packet_most ? plan->packet_most : X25_PACKET_BYTES_LOG_MOST;
    line->timer.node = x->means->node;
    line->timer.source = X25_TIMER_SOURCE;
    line->timer.serial = (uint64_t)line->number * 2 + 1;
    line->timer.code = x->line_timer_code;
    list_add(&x->lines, &line->link);
}

void x25_line_extend(struct x25_line *line, bool extended)
{
    line->extended = extended;
}

uint16_t x25_line_channel(const struct x25_line *line)
{
    for (uint32_t n = 0; n + line->lowest <= line->highest; n++) {
        uint16_t lcn = (uint16_t)(line->role == X25_DTE ? line->highest - n : line->lowest + n);

        if (!x25_circuit_find(line, lcn) && !x25_relay_has_channel(line, lcn))
            return lcn;
        if (line->kind == X25_LINE_XOT)
            break; /* it has one circuit, whatever the number */
    }
    return 0;
}

void x25_line_refuse(struct x25_line *line, uint16_t lcn, uint8_t cause, uint8_t diagnostic,
                     nanoseconds now)
{
    const struct x25_reason reason = {.cause = cause, .diagnostic = diagnostic};

    x25_output_clear(line, lcn, &reason, NULL, now);
    x25_line_codes[line->kind].released(line, now);
}

/* ---- the end of all circuits ---- */

void x25_line_lose_circuits(struct x25_line *line, nanoseconds now)
{
    struct x25_reason reason = {.cause = X25_CLEAR_OUT_OF_ORDER, .by = X25_BY_LINE};
    struct list_link *l;

    x25_relay_life_line_lost(line, false, now);

    /* not those whose calls wait for the line to come up */
    for (l = line->circuits.first; l;) {
        struct x25_circuit *c = container_of(l, struct x25_circuit, link);

        l = l->next;
        if (c->state != X25_CALLING || c->call_sent)
            x25_circuit_cleared(c, &reason, NULL, now);
    }
}

/* ---- the restart ---- */

void x25_line_restart(struct x25_line *line, uint8_t cause, uint8_t diagnostic, nanoseconds now)
{
    struct x25_reason reason = {.cause = x25_circuit_cause(line, cause), .diagnostic = diagnostic};
    struct x25 *x = line->x25;

    line->restarting = 1;
    timer_set(x->means->timers, &line->timer, now + x->settings.restart);
    x25_output_reason(line, 0, X25_RESTART_REQUEST, &reason, now);
}

void x25_line_restarted(struct x25_line *line, nanoseconds now)
{
    line->restarting = 0;
    timer_clear(line->x25->means->timers, &line->timer);
    for (struct list_link *l = line->circuits.first; l; l = l->next) {
        struct x25_circuit *c = container_of(l, struct x25_circuit, link);

        if (c->state == X25_CALLING && !c->call_sent)
            x25_output_call(c, now);
    }
    x25_relay_life_line_up(line, now);
}

void x25_line_timer(struct timer *timer, nanoseconds now) /* T20 */
{
    struct x25_line *line = container_of(timer, struct x25_line, timer);

    if (line->up)
        x25_line_restart(line, X25_RESTART_LOCAL_ERROR, X25_DIAGNOSTIC_RESTART_TIMER, now);
}

void x25_line_up(struct x25_line *line, nanoseconds now)
{
    line->up = 1;
    if (line->kind == X25_LINE_XOT)
        x25_line_restarted(line, now);
    else
        x25_line_restart(line, X25_RESTART_OPERATIONAL, X25_DIAGNOSTIC_NONE, now);
}

void x25_line_down(struct x25_line *line, nanoseconds now)
{
    line->up = 0;
    line->restarting = 0;
    timer_clear(line->x25->means->timers, &line->timer);
    x25_line_lose_circuits(line, now);
}

/* Those too whose calls waited for it. */
static void lose_all(struct x25_line *line, nanoseconds now)
{
    struct x25_reason reason = {.cause = X25_CLEAR_OUT_OF_ORDER, .by = X25_BY_LINE};

    while (line->circuits.first)
        x25_circuit_cleared(container_of(line->circuits.first, struct x25_circuit, link), &reason,
                            NULL, now);
    x25_relay_life_line_lost(line, true, now);
}

void x25_line_failed(struct x25_line *line, nanoseconds now)
{
    x25_line_down(line, now);
    lose_all(line, now);
}

void x25_line_close(struct x25_line *line, nanoseconds now)
{
    line->up = 0;
    timer_clear(line->x25->means->timers, &line->timer);
    lose_all(line, now);
    x25_route_forget(line->x25, line);
    list_remove(&line->link);
}

void x25_line_ready(struct x25_line *line, nanoseconds now)
{
    struct list_link *l = line->circuits.first, *next;
    struct list_link *last = line->circuits.last;

    x25_relay_room_again(line, now);
    /* each goes to the end of the list, so that the next one is first the next time */
    while (l && x25_line_codes[line->kind].has_room(line)) {
        next = l == last ? NULL : l->next;
        list_remove(l);
        list_add(&line->circuits, l);
        x25_output_data(container_of(l, struct x25_circuit, link), now);
        l = next;
    }
}
