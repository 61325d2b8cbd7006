/* SPDX-License-Identifier: MIT */
/* Theory in hub.h. */
#include "node/hub.h"

#include <errno.h>

#include "base/compiler.h"

int hub_init(struct node *n, const struct node_pools *pools, const struct node_plan *plan)
{
    (void)n;
    (void)pools;
    (void)plan;
    return 0;
}

/* It has taken nothing. */
void hub_undo(struct node *n, const struct node_pools *pools)
{
    (void)n;
    (void)pools;
}

int hub_interface_open(struct node *n, const struct node_pools *pools, uint32_t number,
                       const struct node_interface_plan *plan)
{
    struct hub_port *port = container_of(n->interface[number], struct hub_port, common);

    (void)pools;
    if (plan->wire->bare)
        return -EINVAL;
    port->wire_upper.code = NODE_WIRE_HUB;
    port->hub = container_of(n, struct hub, node);
    port->end = &plan->wire->end[plan->end];
    voice_copy(&port->voice, &n->means.voice);
    port->voice.wire = (uint16_t)plan->wire->number;
    port->voice.direction = (uint16_t)(1 - plan->end);
    wire_attach(port->end, &port->wire_upper, &n->means.packet_budget, n->means.node);
    return 0;
}

static struct hub_port *other_port(const struct hub *hub, uint32_t i, const struct hub_port *in)
{
    struct hub_port *port = container_of(hub->node.interface[i], struct hub_port, common);

    return port == in ? NULL : port;
}

/* The last port gets the frame itself, the others a copy each. */
void hub_receive(struct wire_upper *upper, struct packet *p, nanoseconds now)
{
    struct hub_port *in = container_of(upper, struct hub_port, wire_upper);
    struct hub_port *port, *last = NULL;
    struct packet *copy;

    p->network = 0;
    for (uint32_t i = 0; !p->damaged && i < in->hub->node.interface_count; i++) {
        port = other_port(in->hub, i, in);
        copy = port && last ? packet_copy(p) : NULL;
        if (copy)
            wire_send(last->end, copy, now);
        else if (port && last)
            event_drop(&in->voice, now, DROP_NO_MEMORY, p);
        if (port)
            last = port;
    }
    if (last) {
        wire_send(last->end, p, now);
        return;
    }
    event_drop(&in->voice, now, p->damaged ? DROP_FCS : DROP_SWITCH_NO_PORT, p);
    packet_put(p);
}

/* Nothing waits in a hub. */
void hub_settle(struct node *n, nanoseconds now)
{
    (void)n;
    (void)now;
}

int hub_check(const struct node *n)
{
    for (uint32_t i = 0; i < n->interface_count; i++) {
        const struct hub_port *port = container_of(n->interface[i], const struct hub_port, common);

        if (&port->hub->node != n)
            return __LINE__;
    }
    return 0;
}
