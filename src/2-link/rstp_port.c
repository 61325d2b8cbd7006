/* SPDX-License-Identifier: MIT */
/*
 * The state machines of a port (IEEE 802.1D-2004 17.23 to 17.29), each a function that makes one
 * transition, if it may, and says so. What the standard does on entry of a state is done by the
 * transition into it. Conditions stand in the standard's order.
 */
#include "2-link/rstp.h"

#include "base/compiler.h"

#define MAC_BITS ((UINT64_C(1) << 48) - 1)
#define PORT_BITS 0x0fffu

int rstp_port_compare(const struct rstp_vector *a, const struct rstp_vector *b)
{
    if (a->root != b->root)
        return a->root < b->root ? -1 : 1;
    if (a->cost != b->cost)
        return a->cost < b->cost ? -1 : 1;
    if (a->bridge != b->bridge)
        return a->bridge < b->bridge ? -1 : 1;
    return a->port == b->port ? 0 : a->port < b->port ? -1 : 1;
}

static bool times_equal(const struct rstp_times *a, const struct rstp_times *b)
{
    return a->age == b->age && a->max_age == b->max_age && a->hello == b->hello &&
           a->forward_delay == b->forward_delay;
}

/* 17.20.5: between rapid ports a state lasts no longer than a neighbour takes to object. */
static nanoseconds forward_delay(const struct rstp_port *port)
{
    return port->rapid ? RSTP_HELLO : port->designated_times.forward_delay;
}

/* ---- 17.24 port protocol migration, 17.25 bridge detection ---- */

static bool migrate(struct rstp_port *port, nanoseconds now)
{
    if (!port->sensing && port->migrate_while == RSTP_RAN_OUT) {
        port->sensing = true;
        port->received_rapid = port->received_old = false;
        return true;
    }
    if (!port->sensing || !(port->rapid ? port->received_old : port->received_rapid))
        return false;
    port->rapid = !port->rapid;
    port->sensing = false;
    port->migrate_while = now + RSTP_MIGRATE;
    return true;
}

/* Nobody answers proposals: no switch is there. */
static bool detect_edge(struct rstp_port *port)
{
    if (port->edge || !port->enabled || port->edge_delay_while != RSTP_RAN_OUT || !port->rapid ||
        !port->proposing)
        return false;
    port->edge = true;
    return true;
}

/* ---- 17.27 port information ---- */

enum heard { SUPERIOR, REPEATED, INFERIOR, NOT_DESIGNATED, OTHER };

/* 17.21.8 */
static enum heard heard_of(const struct rstp_port *port)
{
    const struct rstp_bpdu *m = &port->message;
    const struct rstp_vector *mine = &port->port_priority;
    int compared = rstp_port_compare(&m->vector, mine);

    if (m->kind == RSTP_BPDU_TCN ||
        (m->vector.bridge == port->rstp->bridge && m->vector.port == port->id))
        return OTHER;
    if (m->role == RSTP_BPDU_ROOT || m->role == RSTP_BPDU_ALTERNATE)
        return compared >= 0 ? NOT_DESIGNATED : OTHER;
    if (compared == 0 && times_equal(&m->times, &port->port_times))
        return REPEATED;
    if (compared <= 0 || (((m->vector.bridge ^ mine->bridge) & MAC_BITS) == 0 &&
                          ((m->vector.port ^ mine->port) & PORT_BITS) == 0))
        return SUPERIOR;
    return INFERIOR;
}

/* 17.21.17 */
static void note_change(struct rstp_port *port)
{
    port->received_tc = port->received_tc || port->message.topology_change;
    port->received_tc_ack = port->received_tc_ack || port->message.topology_ack;
}

/* 17.21.23: who hears nothing for three hellos, or hears what is older than it may be, forgets. */
static void restart_information(struct rstp_port *port, nanoseconds now)
{
    const struct rstp_times *t = &port->port_times;

    port->received_info_while = t->age + SECOND > t->max_age ? RSTP_RAN_OUT : now + 3 * t->hello;
}

static void hear_superior(struct rstp_port *port, nanoseconds now)
{
    const struct rstp_bpdu *m = &port->message;

    port->agreed = port->proposing = false;
    port->proposed = port->proposed || m->proposal;
    note_change(port);
    port->agree = port->agree && port->info == RSTP_INFO_RECEIVED &&
                  rstp_port_compare(&m->vector, &port->port_priority) <= 0;
    port->port_priority = m->vector;
    port->port_times = m->times;
    restart_information(port, now);
    port->info = RSTP_INFO_RECEIVED;
    port->reselect = true;
    port->selected = false;
}

static void hear(struct rstp_port *port, nanoseconds now)
{
    const struct rstp_bpdu *m = &port->message;

    port->received_message = false;
    port->received_tcn = port->received_tcn || m->kind == RSTP_BPDU_TCN;
    switch (heard_of(port)) {
    case SUPERIOR:
        hear_superior(port, now);
        return;
    case REPEATED:
        port->proposed = port->proposed || m->proposal;
        note_change(port);
        restart_information(port, now);
        return;
    case INFERIOR: /* 17.21.10: it learns although we are better: it does not hear us */
        if (m->learning) {
            port->disputed = true;
            port->agreed = false;
        }
        return;
    case NOT_DESIGNATED: /* 17.21.9 */
        port->agreed = m->agreement && !port->shared;
        port->proposing = port->proposing && !port->agreed;
        note_change(port);
        return;
    case OTHER:
        return;
    }
}

static bool inform(struct rstp_port *port, nanoseconds now)
{
    if (port->info == RSTP_INFO_DISABLED)
        return false;
    if (port->selected && port->update_info) {
        port->proposing = port->proposed = false;
        port->agreed = port->agreed && port->info == RSTP_INFO_MINE &&
                       rstp_port_compare(&port->designated_priority, &port->port_priority) <= 0;
        port->synced = port->synced && port->agreed;
        port->port_priority = port->designated_priority;
        port->port_times = port->designated_times;
        port->update_info = false;
        port->info = RSTP_INFO_MINE;
        port->new_info = true;
        return true;
    }
    if (port->info == RSTP_INFO_AGED || port->update_info)
        return false;
    if (port->received_message) {
        hear(port, now);
        return true;
    }
    if (port->info != RSTP_INFO_RECEIVED || port->received_info_while != RSTP_RAN_OUT)
        return false;
    port->info = RSTP_INFO_AGED;
    port->reselect = true;
    port->selected = false;
    return true;
}

/* ---- 17.29 port role transitions ---- */

/* What held a timer is over: it runs from here. */
static void release(struct rstp_port *port, nanoseconds now)
{
    if (port->rr_while == RSTP_HELD)
        port->rr_while = now + port->designated_times.forward_delay;
    if (port->rb_while == RSTP_HELD)
        port->rb_while = now + 2 * RSTP_HELLO;
    if (port->fd_while == RSTP_HELD)
        port->fd_while = now + (port->role == PORT_DISABLED ? port->designated_times.max_age
                                                            : forward_delay(port));
}

static bool enter_role(struct rstp_port *port, nanoseconds now)
{
    release(port, now);
    port->role = port->selected_role;
    if (port->role != PORT_ROOT && port->role != PORT_DESIGNATED)
        port->learn = port->forward = false;
    return true;
}

/* 17.20.3 */
static bool all_synced(const struct rstp *r)
{
    for (const struct rstp_port *p = r->first; p; p = p->next)
        if (!p->selected || p->role != p->selected_role || p->update_info ||
            (!p->synced && p->role != PORT_ROOT))
            return false;
    return true;
}

/* 17.20.10: every other port that was a root port has been out of that role long enough. */
static bool re_rooted(const struct rstp_port *port)
{
    for (const struct rstp_port *p = port->rstp->first; p; p = p->next)
        if (p != port && p->rr_while != RSTP_RAN_OUT)
            return false;
    return true;
}

static void sync_all(struct rstp *r)
{
    for (struct rstp_port *p = r->first; p; p = p->next)
        p->sync = true;
}

static void re_root_all(struct rstp *r)
{
    for (struct rstp_port *p = r->first; p; p = p->next)
        p->re_root = true;
}

/* A root, alternate or backup port answers a proposal when no port of this switch can make a
 * loop. */
static bool answer(struct rstp_port *port)
{
    if (port->proposed && !port->agree) {
        sync_all(port->rstp);
        port->proposed = false;
        return true;
    }
    if (port->agree ? !port->proposed : !all_synced(port->rstp))
        return false;
    port->proposed = false;
    if (port->role == PORT_ROOT)
        port->sync = false;
    port->agree = true;
    port->new_info = true;
    return true;
}

static bool go_on(struct rstp_port *port, bool may_learn, nanoseconds now)
{
    if (may_learn && !port->learn) {
        port->fd_while = now + forward_delay(port);
        port->learn = true;
        return true;
    }
    if (!may_learn || port->forward)
        return false;
    port->fd_while = RSTP_RAN_OUT;
    port->forward = true;
    if (port->role == PORT_DESIGNATED)
        port->agreed = port->rapid;
    return true;
}

static bool as_root(struct rstp_port *port, nanoseconds now)
{
    if (answer(port))
        return true;
    if (!port->forward && !port->re_root) {
        re_root_all(port->rstp);
        return true;
    }
    if (go_on(port,
              port->fd_while == RSTP_RAN_OUT ||
                  (re_rooted(port) && port->rb_while == RSTP_RAN_OUT && port->rapid),
              now))
        return true;
    if (port->re_root && port->forward) {
        port->re_root = false;
        return true;
    }
    if (port->rr_while == RSTP_HELD)
        return false;
    port->rr_while = RSTP_HELD;
    return true;
}

static bool must_discard(const struct rstp_port *port)
{
    return ((port->sync && !port->synced) || (port->re_root && port->rr_while != RSTP_RAN_OUT) ||
            port->disputed) &&
           !port->edge && (port->learn || port->forward);
}

static bool as_designated(struct rstp_port *port, nanoseconds now)
{
    if (!port->forward && !port->agreed && !port->proposing && !port->edge) {
        port->proposing = true;
        port->edge_delay_while = now + (port->shared ? RSTP_MAX_AGE : RSTP_MIGRATE);
        port->new_info = true;
        return true;
    }
    if ((!port->learning && !port->forwarding && !port->synced) ||
        (port->agreed && !port->synced) || (port->edge && !port->synced) ||
        (port->sync && port->synced)) {
        port->rr_while = RSTP_RAN_OUT;
        port->synced = true;
        port->sync = false;
        return true;
    }
    if (port->rr_while == RSTP_RAN_OUT && port->re_root) {
        port->re_root = false;
        return true;
    }
    if (must_discard(port)) {
        port->learn = port->forward = port->disputed = false;
        port->fd_while = now + forward_delay(port);
        return true;
    }
    return go_on(port,
                 (port->fd_while == RSTP_RAN_OUT || port->agreed || port->edge) &&
                     (port->rr_while == RSTP_RAN_OUT || !port->re_root) && !port->sync,
                 now);
}

/* What forwards nothing is no loop, whatever the others do. */
static bool as_blocked(struct rstp_port *port)
{
    if (port->learning || port->forwarding)
        return false;
    if (port->role != PORT_DISABLED && answer(port))
        return true;
    if (port->role == PORT_BACKUP && port->rb_while != RSTP_HELD) {
        port->rb_while = RSTP_HELD;
        return true;
    }
    if (port->fd_while == RSTP_HELD && !port->sync && !port->re_root && port->synced)
        return false;
    port->fd_while = RSTP_HELD;
    port->synced = true;
    port->rr_while = RSTP_RAN_OUT;
    port->sync = port->re_root = false;
    return true;
}

static bool transit(struct rstp_port *port, nanoseconds now)
{
    if (!port->selected || port->update_info)
        return false;
    if (port->role != port->selected_role)
        return enter_role(port, now);
    if (port->role == PORT_ROOT)
        return as_root(port, now);
    return port->role == PORT_DESIGNATED ? as_designated(port, now) : as_blocked(port);
}

/* ---- 17.30 port state transition ---- */

static bool change_state(struct rstp_port *port)
{
    if (port->forwarding ? !port->forward : port->learning && !port->learn)
        port->learning = port->forwarding = false;
    else if (!port->learning && port->learn)
        port->learning = true;
    else if (port->learning && !port->forwarding && port->forward)
        port->forwarding = true;
    else
        return false;
    return true;
}

/* ---- 17.31 topology change ---- */

static bool is_active_role(const struct rstp_port *port)
{
    return port->role == PORT_ROOT || port->role == PORT_DESIGNATED;
}

/* 17.21.7 */
static void restart_change(struct rstp_port *port, nanoseconds now)
{
    if (port->tc_while != RSTP_RAN_OUT)
        return;
    port->tc_while =
        now + (port->rapid ? RSTP_HELLO + SECOND
                           : port->designated_times.max_age + port->designated_times.forward_delay);
    port->new_info = port->new_info || port->rapid;
}

/* 17.21.18 */
static void propagate(const struct rstp_port *port)
{
    for (struct rstp_port *p = port->rstp->first; p; p = p->next)
        if (p != port)
            p->tc_propagate = true;
}

static bool was_told(const struct rstp_port *port)
{
    return port->received_tc || port->received_tcn || port->received_tc_ack || port->tc_propagate;
}

static bool change_not_active(struct rstp_port *port, nanoseconds now)
{
    if (port->change == RSTP_CHANGE_INACTIVE && !port->learn)
        return false;
    if (port->change == RSTP_CHANGE_INACTIVE || was_told(port)) {
        port->change = RSTP_CHANGE_LEARNING;
        port->received_tc = port->received_tcn = port->received_tc_ack = false;
        port->tc_propagate = false;
        return true;
    }
    if (is_active_role(port) && port->forward && !port->edge) {
        port->change = RSTP_CHANGE_ACTIVE;
        port->rstp->changes++;
        restart_change(port, now);
        propagate(port);
        port->new_info = true;
        return true;
    }
    if (is_active_role(port) || port->learn || port->learning)
        return false;
    port->change = RSTP_CHANGE_INACTIVE;
    port->flush = true;
    port->tc_while = RSTP_RAN_OUT;
    port->tc_ack = false;
    return true;
}

static bool change_active(struct rstp_port *port, nanoseconds now)
{
    if (!is_active_role(port) || port->edge) {
        port->change = RSTP_CHANGE_LEARNING;
        return true;
    }
    if (port->received_tcn || port->received_tc) {
        if (port->received_tcn)
            restart_change(port, now);
        port->tc_ack = port->tc_ack || (port->received_tcn && port->role == PORT_DESIGNATED);
        port->received_tcn = port->received_tc = false;
        propagate(port);
        return true;
    }
    if (port->tc_propagate) {
        restart_change(port, now);
        port->flush = true;
        port->tc_propagate = false;
        return true;
    }
    if (!port->received_tc_ack)
        return false;
    port->tc_while = RSTP_RAN_OUT;
    port->received_tc_ack = false;
    return true;
}

bool rstp_port_step(struct rstp_port *port, nanoseconds now)
{
    bool moved = migrate(port, now);

    moved = detect_edge(port) || moved;
    moved = inform(port, now) || moved;
    moved = transit(port, now) || moved;
    moved = change_state(port) || moved;
    return (port->change == RSTP_CHANGE_ACTIVE ? change_active(port, now)
                                               : change_not_active(port, now)) ||
           moved;
}
