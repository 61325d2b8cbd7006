/* SPDX-License-Identifier: MIT */
/* The service of the packet layer, as its user calls it; the theory is in x25.h. */
#include "3-network/x25/x25.h"

#include <errno.h>

#include "3-network/x25/x25_circuit.h"
#include "3-network/x25/x25_facilities.h"
#include "3-network/x25/x25_line.h"
#include "3-network/x25/x25_output.h"
#include "3-network/x25/x25_route.h"
#include "3-network/x25/x25_wait.h"
#include "base/pool.h"

enum { CHANNEL_BUCKETS = 256 }; /* a power of two */

uint32_t x25_circuit_bytes(void)
{
    return sizeof(struct x25_circuit);
}

uint64_t x25_arena_bytes(void)
{
    return pool_bytes(CHANNEL_BUCKETS * sizeof(struct table_link *), 1);
}

int x25_init(struct x25 *x, struct means *means, const struct x25_plan *plan)
{
    x->means = means;
    x->pool = plan->pool;
    x->relay_pool = plan->relay_pool;
    x->timer_code = plan->timer_code;
    x->line_timer_code = plan->line_timer_code;
    x->relay_timer_code = plan->relay_timer_code;
    x->settings.restart = 180 * SECOND; /* T20; X.25 annex D, and Linux */
    x->settings.call = 200 * SECOND;    /* T21 */
    x->settings.reset = 180 * SECOND;   /* T22 */
    x->settings.clear = 180 * SECOND;   /* T23 */
    x->settings.acknowledge = 3 * SECOND;
    x->limit = plan->limit;
    x->settings.circuits = X25_CIRCUITS;
    return table_init(&x->channels, means->arena, CHANNEL_BUCKETS);
}

void x25_attach(struct x25 *x, struct x25_upper *upper, uint32_t code)
{
    upper->code = code;
    x->upper = upper;
}

/* ---- calls ---- */

/* What the caller would use, and what he says of it. */
static void ask(struct x25_circuit *c, const struct x25_call *call)
{
    struct x25_facilities *f = &c->call.facilities;

    memcpy(&c->call, call, sizeof c->call);
    x25_facilities_fit(f, c->line);
    f->mask &= c->line->negotiates;
    if (c->line->kind == X25_LINE_XOT) /* RFC 1613 6.1: each call says both */
        f->mask |= X25_FACILITY_PACKET_BYTES | X25_FACILITY_WINDOW;
    memcpy(&c->agreed, f, sizeof c->agreed);
}

int x25_call(struct x25 *x, struct x25_user *user, const struct x25_call *call,
             struct x25_circuit **circuit, nanoseconds now)
{
    struct x25_line *line = x25_route_open(x, &call->called, now);
    struct x25_circuit *c;
    uint16_t lcn;

    if (!line)
        return -ENETUNREACH;
    lcn = x25_line_channel(line);
    c = lcn ? x25_circuit_open(line, lcn) : NULL;
    if (!c) {
        x25_line_codes[line->kind].released(line, now);
        return lcn ? -ENOBUFS : -ENETUNREACH;
    }
    c->state = X25_CALLING;
    c->user = user;
    ask(c, call);
    x25_wait_for(c, X25_WAIT_CALL, now);
    c->call_until = now + x->settings.call;
    *circuit = c;
    if (x25_line_is_ready(line))
        x25_output_call(c, now);
    return 0;
}

void x25_own(struct x25_circuit *c, struct x25_user *user)
{
    c->user = user;
}

/* Who is called may make less of what was asked for; where nothing was, the defaults were. */
static void agree(struct x25_circuit *c, const struct x25_facilities *most,
                  struct x25_facilities *said)
{
    struct x25_facilities asked;

    x25_facilities_init(&asked);
    x25_facilities_limit(&asked, &c->call.facilities);
    asked.mask = c->call.facilities.mask | X25_FACILITY_PACKET_BYTES | X25_FACILITY_WINDOW;
    if (c->call.facilities.mask & X25_FACILITY_PACKET_BYTES) {
        asked.packet_in = c->call.facilities.packet_in;
        asked.packet_out = c->call.facilities.packet_out;
    }
    if (c->call.facilities.mask & X25_FACILITY_WINDOW) {
        asked.window_in = c->call.facilities.window_in;
        asked.window_out = c->call.facilities.window_out;
    }
    memcpy(&c->agreed, most, sizeof c->agreed);
    x25_facilities_limit(&c->agreed, &asked);
    x25_facilities_fit(&c->agreed, c->line);
    memcpy(said, &c->agreed, sizeof *said);
    said->mask = most->mask & c->line->negotiates;
    said->mask &= (uint8_t) ~(X25_FACILITY_REVERSE | X25_FACILITY_CALLING_EXTENSION);
    if (c->line->kind == X25_LINE_XOT)
        said->mask |= X25_FACILITY_PACKET_BYTES | X25_FACILITY_WINDOW;
}

int x25_accept(struct x25_circuit *c, const struct x25_call *answer, nanoseconds now)
{
    uint8_t reverse = c->call.facilities.reverse;
    struct x25_call said;

    if ((reverse & X25_FAST_SELECT_RESTRICTED) == X25_FAST_SELECT_RESTRICTED)
        return -EOPNOTSUPP;
    memcpy(&said, answer, sizeof said);
    agree(c, &answer->facilities, &said.facilities);
    if (!(reverse & X25_FAST_SELECT))
        said.data.length = 0;
    said.confirm_delivery = c->call.confirm_delivery;
    /* not sent with an answer, and still asked for: */
    said.facilities.reverse = reverse;
    memcpy(&said.called, &c->call.called, sizeof said.called);
    memcpy(&said.calling, &c->call.calling, sizeof said.calling);
    memcpy(&c->call, &said, sizeof c->call);
    c->answer_owed = 1;
    x25_circuit_start(c, now);
    x25_output_data(c, now);
    return 0;
}

void x25_clear(struct x25_circuit *c, const struct x25_reason *reason,
               const struct x25_user_data *data, nanoseconds now)
{
    bool fast = (c->call.facilities.reverse & X25_FAST_SELECT) != 0;

    c->user = NULL;
    x25_circuit_event(c, reason, false, X25_BY_USER, now);
    if (c->state == X25_CALLING && !c->call_sent) { /* nobody knows of it */
        x25_circuit_close(c, now);
        return;
    }
    c->state = X25_CLEARING;
    x25_wait_for(c, X25_WAIT_CLEAR, now);
    x25_output_clear(c->line, c->lcn, reason, fast ? data : NULL, now);
}

/* ---- data ---- */

static bool can_send(const struct x25_circuit *c)
{
    return c->state == X25_OPEN || c->state == X25_RESETTING;
}

int x25_send(struct x25_circuit *c, struct packet *record, bool qualified, nanoseconds now)
{
    if (!can_send(c)) {
        packet_put(record);
        return -ENOTCONN;
    }
    ensure(packet_length(record) <= X25_RECORD_BYTES);
    record->flags = qualified;
    packet_queue_add(&c->records, record);
    if (!c->sending) {
        c->sending = record;
        c->sending_at = 0;
    }
    x25_output_data(c, now);
    return 0;
}

int x25_interrupt(struct x25_circuit *c, struct packet *p, nanoseconds now)
{
    if (!can_send(c)) {
        packet_put(p);
        return -ENOTCONN;
    }
    ensure(packet_length(p) <= X25_INTERRUPT_BYTES);
    packet_queue_add(&c->interrupts, p);
    x25_output_data(c, now);
    return 0;
}

void x25_interrupt_confirm(struct x25_circuit *c, nanoseconds now)
{
    if (!c->confirms || c->state != X25_OPEN)
        return;
    c->confirm_owed = !x25_output_bare(c->line, c->lcn, X25_INTERRUPT_CONFIRMATION, now);
    c->confirms = c->confirm_owed;
    if (c->confirm_owed)
        x25_wait_for(c, X25_WAIT_MEMORY, now);
}

int x25_reset(struct x25_circuit *c, const struct x25_reason *reason, nanoseconds now)
{
    if (c->state != X25_OPEN)
        return c->state == X25_RESETTING ? -EALREADY : -ENOTCONN;
    if (c->answer_owed)
        return -ENOBUFS;
    x25_circuit_reset(c, reason, now);
    return 0;
}

void x25_hold(struct x25_circuit *c, bool hold, nanoseconds now)
{
    c->hold = hold;
    if (c->state == X25_OPEN && c->told_busy != hold)
        x25_output_flow(c, now);
}

uint32_t x25_unsent_bytes(const struct x25_circuit *c)
{
    return c->records.bytes + c->interrupts.bytes;
}

const struct x25_facilities *x25_agreed(const struct x25_circuit *c)
{
    return &c->agreed;
}

/* ---- time ---- */

static const struct x25_reason call_timer = {
    .cause = X25_CLEAR_LOCAL_ERROR, .diagnostic = X25_DIAGNOSTIC_CALL_TIMER, .by = X25_BY_TIMER};

/* What found no packet tries it again. */
static void again(struct x25_circuit *c, nanoseconds now)
{
    if (c->state == X25_CALLING) {
        if (now >= c->call_until)
            x25_circuit_cleared(c, &call_timer, NULL, now);
        else if (x25_line_is_ready(c->line))
            x25_output_call(c, now);
        else
            x25_wait_for(c, X25_WAIT_MEMORY, now);
        return;
    }
    x25_output_data(c, now); /* and the answer before */
    if (x25_window_owes(&c->window) || c->told_busy != c->hold)
        x25_output_flow(c, now);
    if (c->confirm_owed)
        x25_interrupt_confirm(c, now);
}

void x25_timer(struct timer *timer, nanoseconds now)
{
    struct x25_circuit *c = container_of(timer, struct x25_circuit, timer);
    struct x25_reason reason = {.cause = X25_CLEAR_LOCAL_ERROR, .by = X25_BY_TIMER};
    enum x25_wait waited = (enum x25_wait)c->waits;

    c->waits = X25_WAIT_NONE;
    switch (waited) {
    case X25_WAIT_CALL:
        if (c->call_sent)
            x25_circuit_give_up(c, &call_timer, now);
        else /* the line never came up */
            x25_circuit_cleared(c, &call_timer, NULL, now);
        break;
    case X25_WAIT_RESET:
        reason.diagnostic = X25_DIAGNOSTIC_RESET_TIMER;
        x25_circuit_give_up(c, &reason, now);
        break;
    case X25_WAIT_CLEAR:
        x25_circuit_close(c, now);
        break;
    case X25_WAIT_ACKNOWLEDGE:
        x25_output_flow(c, now);
        break;
    case X25_WAIT_MEMORY:
        again(c, now);
        break;
    case X25_WAIT_NONE:
        break;
    }
}

void x25_crash(struct x25 *x, nanoseconds now)
{
    for (struct list_link *l = x->lines.first; l; l = l->next)
        x25_line_down(container_of(l, struct x25_line, link), now);
}

/* ---- checks ---- */

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return __LINE__;                                                                       \
    } while (0)

static int check_circuit(const struct x25_circuit *c)
{
    const struct packet *p = c->records.first;

    REQUIRE(x25_circuit_find(c->line, c->lcn) == c);
    REQUIRE(c->state >= X25_CALLING && c->state <= X25_CLEARING);
    REQUIRE((c->waits != X25_WAIT_NONE) == timer_is_set(&c->timer));
    REQUIRE(packet_queue_is_sound(&c->records) && packet_queue_is_sound(&c->interrupts));
    REQUIRE(!c->interrupted || c->interrupts.first);
    while (p && p != c->sending)
        p = p->next;
    REQUIRE(p == c->sending);
    REQUIRE(!p || c->sending_at == 0 || c->sending_at < packet_length(p));
    REQUIRE(!c->receiving || packet_length(c->receiving) <= X25_RECORD_BYTES);
    return 0;
}

int x25_check(const struct x25 *x)
{
    uint32_t count = 0;

    for (const struct list_link *l = x->lines.first; l; l = l->next) {
        const struct x25_line *line = container_of(l, const struct x25_line, link);

        REQUIRE(line->x25 == x && line->number <= x->lines_opened);
        for (const struct list_link *k = line->circuits.first; k; k = k->next) {
            const struct x25_circuit *c = container_of(k, const struct x25_circuit, link);
            int wrong = check_circuit(c);

            REQUIRE(c->line == line && c->x25 == x);
            if (wrong)
                return wrong;
            count++;
        }
    }
    REQUIRE(count == x->count && count <= x->limit);
    return 0;
}
