/* SPDX-License-Identifier: MIT */
/*
 * What may befall a node as a whole: it stands still, or crashes, or cannot reach some others.
 *
 * A node that is paused is a virtual machine that was stopped: it hears nothing (what comes is
 * lost), sends nothing, and what it would have done by its timers waits. When it is resumed, time
 * has gone on, and all that was due meanwhile is done at once, in the order of the timers. What was
 * in the queues of its wires goes on, and its calls are taken: who drives its programs stops them.
 *
 * A node that crashes is one that loses power: it hears and sends nothing from then on, and of
 * TCP's connections and listeners nothing is left, so that a peer which goes on gets a RST once the
 * node is back. Its programs are their owner's: the sockets stay to be closed, and the streams
 * among them tell ENETDOWN. A switch knows no station any more, and a router that translates no
 * mapping but the forwards. What is written in the lab (addresses, routes, settings, forwards) is
 * on its disk, and it forgets no neighbour. Other timers wait as those of one that is paused.
 */
#include <errno.h>
#include <string.h>

#include "base/compiler.h"
#include "lab/lab.h"

_Static_assert(TIMER_PUT_OFF > SOCKEYE_TIME_MOST, "never due");

static void tell(const struct lab *lab, int node, enum fault fault, enum change change)
{
    const struct node *n = lab_node(lab, node);
    struct sockeye_event *event =
        event_begin(n ? &n->means.voice : &lab->means.voice, EVENT_FAULT, lab->now);

    if (event)
        event->fault = (struct event_fault){.fault = (uint8_t)fault, .change = (uint8_t)change};
}

static void ends_away(struct lab *lab, struct node *n, bool is_away)
{
    for (uint32_t i = 0; i < n->interface_count; i++) {
        const struct node_interface *interface = n->interface[i];
        struct wire *w = lab_wire(lab, interface->wire);

        if (w && interface->wire < LAB_LOOPBACK_WIRE)
            wire_away(&w->end[interface->end], is_away);
    }
}

static void state_set(struct lab *lab, struct node *n, enum node_state state)
{
    lab->still += state != NODE_RUNS;
    lab->still -= n->state != NODE_RUNS;
    n->state = state;
    ends_away(lab, n, state != NODE_RUNS);
}

int lab_node_pause(struct lab *lab, int node)
{
    struct node *n = lab_node(lab, node);

    if (!n)
        return -EINVAL;
    if (n->state != NODE_RUNS)
        return -EALREADY;
    state_set(lab, n, NODE_PAUSED);
    tell(lab, node, FAULT_PAUSE, CHANGE_BEGAN);
    return 0;
}

int lab_node_crash(struct lab *lab, int node)
{
    struct node *n = lab_node(lab, node);

    if (!n)
        return -EINVAL;
    if (n->state == NODE_CRASHED)
        return -EALREADY;
    state_set(lab, n, NODE_CRASHED);
    if (node_kinds[n->kind].crash)
        node_kinds[n->kind].crash(n, lab->now);
    tell(lab, node, FAULT_CRASH, CHANGE_BEGAN);
    return 0;
}

/* The next timer of a node that was put off. */
static struct timer *find_waiting(const struct lab *lab, uint32_t node)
{
    for (uint32_t i = 0; i < lab->timers.count; i++)
        if (lab->timers.heap[i]->deadline == TIMER_PUT_OFF && lab->timers.heap[i]->node == node)
            return lab->timers.heap[i];
    return lab->timers.front && lab->timers.front->deadline == TIMER_PUT_OFF &&
                   lab->timers.front->node == node
               ? lab->timers.front
               : NULL;
}

int lab_node_resume(struct lab *lab, int node)
{
    struct node *n = lab_node(lab, node);
    struct timer *timer;
    bool was_paused;

    if (!n)
        return -EINVAL;
    if (n->state == NODE_RUNS)
        return -EALREADY;
    was_paused = n->state == NODE_PAUSED;
    state_set(lab, n, NODE_RUNS);
    while ((timer = find_waiting(lab, (uint32_t)node)) != NULL)
        timer_set(&lab->timers, timer, lab->now);
    tell(lab, node, was_paused ? FAULT_PAUSE : FAULT_RESTART,
         was_paused ? CHANGE_ENDED : CHANGE_BEGAN);
    return 0;
}

/* What comes by a wire is not the node's to do, and it will not hear it; its loopback is. */
bool lab_timer_waits(struct lab *lab, struct timer *timer)
{
    const struct node *n = lab_node(lab, timer->node);

    if (!n || n->state == NODE_RUNS ||
        (timer->code == TIMER_WIRE && timer->source / 8 - 1 < LAB_LOOPBACK_WIRE))
        return false;
    timer_set(&lab->timers, timer, TIMER_PUT_OFF);
    return true;
}

/* Asks the nodes that some partition is from, and no others. */
static void ask_anew(struct lab *lab)
{
    for (uint32_t node = 0; node < lab->node_count; node++) {
        struct node *n = lab->node[node];
        bool is_asked = false;

        for (uint32_t i = 0; i < PARTITIONS; i++)
            is_asked |= lab->partitions.entry[i].in_use &&
                        partition_has(lab->partitions.entry[i].from, node);
        n->partitions = is_asked ? &lab->partitions : NULL;
        for (uint32_t i = 0; i < n->interface_count; i++) {
            struct wire *w = lab_wire(lab, n->interface[i]->wire);

            if (w && w->number < LAB_LOOPBACK_WIRE)
                wire_ask(&w->end[n->interface[i]->end], is_asked);
        }
    }
}

int lab_partition_open(struct lab *lab, const struct partition *partition)
{
    for (uint32_t i = lab->node_count; i < PARTITION_NODES; i++)
        if (partition_has(partition->from, i) || partition_has(partition->to, i))
            return -EINVAL;
    if (partition->action >= PARTITION_ACTIONS || partition->port_count > PARTITION_PORTS)
        return -EINVAL;
    lab->partitions.node = lab->node;
    for (int i = 0; i < PARTITIONS; i++) {
        struct partition *p = &lab->partitions.entry[i];

        if (p->in_use)
            continue;
        memcpy(p, partition, sizeof *p);
        p->in_use = 1;
        ask_anew(lab);
        tell(lab, -1, FAULT_PARTITION, CHANGE_BEGAN);
        return i;
    }
    return -ENOSPC;
}

int lab_partition_close(struct lab *lab, int number)
{
    if (number < 0 || number >= PARTITIONS || !lab->partitions.entry[number].in_use)
        return -EINVAL;
    memset(&lab->partitions.entry[number], 0, sizeof lab->partitions.entry[number]);
    ask_anew(lab);
    tell(lab, -1, FAULT_PARTITION, CHANGE_ENDED);
    return 0;
}
