/* SPDX-License-Identifier: MIT */
/*
 * The spanning tree of a whole switch: its life, the selection of roles (IEEE 802.1D-2004 17.28),
 * and what it says (17.26). Theory in rstp.h.
 */
#include "2-link/rstp.h"

#include "base/compiler.h"
#include "base/integer.h"

#define MAC_BITS ((UINT64_C(1) << 48) - 1)

enum { PRIORITY_SHIFT = 48, PORT_PRIORITY_SHIFT = 8, ROUNDS_MOST = 1000 };

void rstp_init(struct rstp *r, uint32_t priority, const uint8_t mac[6])
{
    r->bridge =
        (uint64_t)priority << PRIORITY_SHIFT | (uint64_t)u16_at(mac) << 32 | u32_at(mac + 2);
    r->own_times.max_age = RSTP_MAX_AGE;
    r->own_times.hello = RSTP_HELLO;
    r->own_times.forward_delay = RSTP_FORWARD_DELAY;
    r->root_times = r->own_times;
    r->root_priority.root = r->root_priority.bridge = r->bridge;
}

/* ---- 17.28 role selection ---- */

/* The way to the root by what a port has heard. */
static struct rstp_vector root_path(const struct rstp_port *port)
{
    struct rstp_vector v = port->port_priority;

    v.cost = (uint32_t)least((uint64_t)v.cost + port->cost, UINT32_MAX);
    return v;
}

/* 17.21.25 a to c: the best of all ways; what came from this switch itself is none. */
static void select_root(struct rstp *r)
{
    const struct rstp_vector own = {.root = r->bridge, .bridge = r->bridge};

    r->root_priority = own;
    r->root_port = NULL;
    for (struct rstp_port *p = r->first; p; p = p->next) {
        struct rstp_vector v = root_path(p);
        int compared;

        if (p->info != RSTP_INFO_RECEIVED || ((v.bridge ^ r->bridge) & MAC_BITS) == 0)
            continue;
        compared = rstp_port_compare(&v, &r->root_priority);
        if (compared > 0 || (compared == 0 && (!r->root_port || p->id > r->root_port->id)))
            continue;
        r->root_priority = v;
        r->root_port = p;
    }
    r->root_times = r->root_port ? r->root_port->port_times : r->own_times;
    if (r->root_port)
        r->root_times.age += SECOND;
}

static void become(struct rstp_port *port, enum port_role role, bool update)
{
    port->selected_role = (uint8_t)role;
    port->update_info = update;
}

/* 17.21.25 d to l */
static void select_role(struct rstp *r, struct rstp_port *port)
{
    const struct rstp_vector *heard = &port->port_priority;

    port->designated_priority = r->root_priority;
    port->designated_priority.bridge = r->bridge;
    port->designated_priority.port = port->id;
    port->designated_times = r->root_times;
    port->designated_times.hello = r->own_times.hello;
    if (port->info == RSTP_INFO_DISABLED)
        become(port, PORT_DISABLED, false);
    else if (port->info == RSTP_INFO_AGED)
        become(port, PORT_DESIGNATED, true);
    else if (port->info == RSTP_INFO_MINE)
        become(port, PORT_DESIGNATED,
               rstp_port_compare(heard, &port->designated_priority) != 0 ||
                   port->port_times.age != port->designated_times.age ||
                   port->port_times.max_age != port->designated_times.max_age ||
                   port->port_times.forward_delay != port->designated_times.forward_delay);
    else if (port == r->root_port)
        become(port, PORT_ROOT, false);
    else if (rstp_port_compare(&port->designated_priority, heard) < 0)
        become(port, PORT_DESIGNATED, true);
    else if (((heard->bridge ^ r->bridge) & MAC_BITS) == 0)
        become(port, PORT_BACKUP, false);
    else
        become(port, PORT_ALTERNATE, false);
}

static bool select_roles(struct rstp *r)
{
    bool any = false;

    for (const struct rstp_port *p = r->first; p; p = p->next)
        any = any || p->reselect;
    if (!any)
        return false;
    select_root(r);
    for (struct rstp_port *p = r->first; p; p = p->next) {
        p->reselect = false;
        p->selected = true;
        select_role(r, p);
    }
    return true;
}

/* All machines, until none has anything left to do. Each round but the last brings at least one of
 * them further, and none goes round in circles: that they come to rest is the standard's claim. */
static void run(struct rstp *r, nanoseconds now)
{
    bool moved = true;

    for (uint32_t round = 0; moved; round++) {
        ensure(round < ROUNDS_MOST);
        moved = select_roles(r);
        for (struct rstp_port *p = r->first; p; p = p->next)
            moved = rstp_port_step(p, now) || moved;
    }
}

/* ---- ports ---- */

static void settings_take(struct rstp_port *port, const struct rstp_port_settings *settings)
{
    port->cost = settings->cost;
    port->id = settings->priority << PORT_PRIORITY_SHIFT | port->number;
    port->admin_edge = settings->edge;
    port->shared = settings->shared;
}

void rstp_port_init(struct rstp *r, struct rstp_port *port, uint32_t number,
                    const struct rstp_port_settings *settings)
{
    port->rstp = r;
    port->number = number;
    settings_take(port, settings);
    port->edge = port->admin_edge;
    port->rapid = port->synced = port->selected = true;
    port->designated_times = r->root_times;
    port->fd_while = port->migrate_while = port->edge_delay_while = RSTP_HELD;
    if (r->last)
        r->last->next = port;
    else
        r->first = port;
    r->last = port;
}

void rstp_port_set(struct rstp_port *port, const struct rstp_port_settings *settings,
                   nanoseconds now)
{
    settings_take(port, settings);
    if (!port->enabled) {
        port->edge = port->admin_edge;
        return;
    }
    port->edge = port->edge || (port->admin_edge && port->info != RSTP_INFO_RECEIVED);
    port->reselect = true;
    port->selected = false;
    run(port->rstp, now);
}

void rstp_port_up(struct rstp_port *port, nanoseconds now)
{
    if (port->enabled)
        return;
    port->enabled = true;
    port->migrate_while = now + RSTP_MIGRATE;
    port->edge_delay_while = now + RSTP_MIGRATE;
    port->hello_when = now + RSTP_HELLO;
    port->info = RSTP_INFO_AGED;
    port->reselect = true;
    port->selected = false;
    run(port->rstp, now);
}

void rstp_port_down(struct rstp_port *port, nanoseconds now)
{
    if (!port->enabled)
        return;
    port->enabled = false;
    port->received_message = port->received_rapid = port->received_old = false;
    port->proposed = port->proposing = port->agree = port->agreed = port->disputed = false;
    port->received_info_while = RSTP_RAN_OUT;
    port->info = RSTP_INFO_DISABLED;
    port->edge = port->admin_edge;
    port->rapid = true;
    port->sensing = false;
    port->migrate_while = port->edge_delay_while = RSTP_HELD;
    port->reselect = true;
    port->selected = false;
    run(port->rstp, now);
}

/* ---- time ---- */

static bool ran_out(nanoseconds *timer, nanoseconds now)
{
    if (*timer == RSTP_RAN_OUT || *timer > now)
        return false;
    *timer = RSTP_RAN_OUT;
    return true;
}

static bool tick(struct rstp_port *port, nanoseconds now)
{
    bool any = ran_out(&port->fd_while, now);

    any = ran_out(&port->received_info_while, now) || any;
    any = ran_out(&port->rr_while, now) || any;
    any = ran_out(&port->rb_while, now) || any;
    any = ran_out(&port->tc_while, now) || any;
    any = ran_out(&port->edge_delay_while, now) || any;
    any = ran_out(&port->migrate_while, now) || any;
    return any;
}

static void tick_all(struct rstp *r, nanoseconds now)
{
    for (struct rstp_port *p = r->first; p; p = p->next)
        (void)tick(p, now);
}

void rstp_advance(struct rstp *r, nanoseconds now)
{
    bool any = false;

    for (struct rstp_port *p = r->first; p; p = p->next)
        any = tick(p, now) || any;
    if (any)
        run(r, now);
}

/* 17.23 port receive */
void rstp_port_receive(struct rstp_port *port, const struct rstp_bpdu *b, nanoseconds now)
{
    if (!port->enabled)
        return;
    tick_all(port->rstp, now);
    port->message = *b;
    port->received_message = true;
    port->received_rapid = port->received_rapid || b->kind == RSTP_BPDU_RAPID;
    port->received_old = port->received_old || b->kind != RSTP_BPDU_RAPID;
    port->edge = false;
    port->edge_delay_while = now + RSTP_MIGRATE;
    run(port->rstp, now);
}

static bool says_hello(const struct rstp_port *port)
{
    return port->enabled && (port->role == PORT_DESIGNATED ||
                             (port->role == PORT_ROOT && port->tc_while != RSTP_RAN_OUT));
}

static nanoseconds sooner(nanoseconds a, nanoseconds timer)
{
    return timer == RSTP_RAN_OUT ? a : time_earlier(a, timer);
}

nanoseconds rstp_deadline(const struct rstp *r)
{
    nanoseconds first = NEVER;

    for (const struct rstp_port *p = r->first; p; p = p->next) {
        first = sooner(first, p->fd_while);
        first = sooner(first, p->received_info_while);
        first = sooner(first, p->rr_while);
        first = sooner(first, p->rb_while);
        first = sooner(first, p->tc_while);
        first = sooner(first, p->edge_delay_while);
        first = sooner(first, p->migrate_while);
        if (says_hello(p))
            first = time_earlier(first, p->hello_when);
        if (p->enabled && p->new_info && p->transmit_count >= RSTP_HOLD_COUNT)
            first = time_earlier(first, p->transmit_second);
    }
    return first;
}

struct rstp_port *rstp_flush(struct rstp *r)
{
    for (struct rstp_port *p = r->first; p; p = p->next)
        if (p->flush) {
            p->flush = false;
            return p;
        }
    return NULL;
}

/* ---- 17.26 port transmit ---- */

static enum rstp_bpdu_role role_of(const struct rstp_port *port)
{
    return port->role == PORT_ROOT         ? RSTP_BPDU_ROOT
           : port->role == PORT_DESIGNATED ? RSTP_BPDU_DESIGNATED
                                           : RSTP_BPDU_ALTERNATE;
}

static void fill(const struct rstp_port *port, struct rstp_bpdu *b)
{
    memset(b, 0, sizeof *b);
    b->kind = port->rapid               ? RSTP_BPDU_RAPID
              : port->role == PORT_ROOT ? RSTP_BPDU_TCN
                                        : RSTP_BPDU_CONFIG;
    b->role = role_of(port);
    b->vector = port->designated_priority;
    b->times = port->designated_times;
    b->topology_change = port->tc_while != RSTP_RAN_OUT;
    b->topology_ack = !port->rapid && port->tc_ack;
    b->proposal = port->proposing;
    b->agreement = port->agree;
    b->learning = port->learning;
    b->forwarding = port->forwarding;
}

/* Each second it may send one more. */
static void count_down(struct rstp_port *port, nanoseconds now)
{
    while (port->transmit_count > 0 && port->transmit_second <= now) {
        port->transmit_count--;
        port->transmit_second += SECOND;
    }
}

/* Does it speak now? A port of the old protocol that is neither root nor designated never does. */
static bool speaks(struct rstp_port *port, nanoseconds now)
{
    if (!port->enabled || !port->selected || port->update_info)
        return false;
    if (port->hello_when <= now) {
        port->new_info = port->new_info || says_hello(port);
        port->hello_when = now + RSTP_HELLO;
    }
    count_down(port, now);
    return port->new_info && port->transmit_count < RSTP_HOLD_COUNT &&
           (port->rapid || port->role == PORT_ROOT || port->role == PORT_DESIGNATED);
}

struct rstp_port *rstp_next_bpdu(struct rstp *r, struct rstp_bpdu *b, nanoseconds now)
{
    for (struct rstp_port *p = r->first; p; p = p->next) {
        if (!speaks(p, now))
            continue;
        fill(p, b);
        p->new_info = p->tc_ack = false;
        if (p->transmit_count++ == 0)
            p->transmit_second = now + SECOND;
        p->hello_when = now + RSTP_HELLO;
        return p;
    }
    return NULL;
}

int rstp_check(const struct rstp *r)
{
    for (const struct rstp_port *p = r->first; p; p = p->next) {
        if (p->forwarding && !p->learning)
            return __LINE__;
        if (!p->enabled && (p->learning || p->role != PORT_DISABLED))
            return __LINE__;
        if ((p->role == PORT_ALTERNATE || p->role == PORT_BACKUP) && p->forwarding)
            return __LINE__;
        if (p->transmit_count > RSTP_HOLD_COUNT || p->rstp != r)
            return __LINE__;
    }
    return 0;
}
