/* SPDX-License-Identifier: MIT */
/*
 * What a switch does with a frame (IEEE 802.1D 7.5 to 7.9): the station that sent it is learned,
 * then the frame goes out by the port behind which its receiver is known to be, or by all others,
 * and never by the one it came in.
 *
 * A frame is checked no further than its header of 14 bytes; what it carries is not a switch's to
 * judge. A damaged one is dropped (a switch stores and forwards), and one whose source is a group
 * or nothing: no station sends so, and Linux's bridge drops it too. Frames for 01-80-C2-00-00-01 to
 * -0F are for the neighbour on the wire alone, and never sent on (802.1D 7.12.6); those for -00,
 * of the spanning tree, are sent on by a switch that takes no part in it, so that others see their
 * loop through it.
 *
 * A switch with VLANs (802.1Q; vlan.h) takes the tag off as a frame comes in and learns each VLAN
 * by itself; the tag is put in again on the way out, by each port as it wants it. One without
 * passes tags as data.
 *
 * Nothing is kept of a frame. It is handed on as it lies; copies are made for the second receiver
 * and those after it, and a copy that there is no room for is a drop.
 */
#include <errno.h>
#include <string.h>

#include "2-link/ethernet.h"
#include "2-link/switch_state.h"
#include "base/compiler.h"

int switch_init(struct switch_core *core, struct means *means, const struct switch_plan *plan)
{
    struct siphash_key key;

    core->means = means;
    core->has_vlans = plan->has_vlans;
    core->port_stations = plan->table.port_stations;
    core->aging.node = means->node;
    core->aging.source = SWITCH_TIMER_SOURCE;
    core->aging.code = plan->aging_timer_code;
    random_key_draw(&key, means->key, RANDOM_TABLE, 0);
    return switch_table_init(&core->table, means->arena, plan->station_pool, key, &plan->table);
}

void switch_port_open(struct switch_core *core, struct switch_port *port, struct wire_end *end,
                      uint32_t wire_upper_code)
{
    port->wire_upper.code = wire_upper_code;
    port->core = core;
    port->end = end;
    port->number = core->port_count;
    voice_copy(&port->voice, &core->means->voice);
    port->voice.wire = (uint16_t)wire_number(end);
    port->voice.direction = (uint16_t)(1 - wire_direction(end));
    vlan_port_access(&port->vlan, SWITCH_VLAN);
    core->port[core->port_count++] = port;
    wire_attach(end, &port->wire_upper, &core->means->packet_budget, core->means->node);
}

static void forget_port(struct switch_core *core, uint32_t port)
{
    struct switch_station *s;

    while ((s = switch_table_oldest_at(&core->table, port)) != NULL)
        switch_table_forget(&core->table, s);
}

void switch_port_set(struct switch_port *port, const struct switch_port_settings *settings)
{
    if (memcmp(&port->vlan, &settings->vlan, sizeof port->vlan) != 0) {
        memcpy(&port->vlan, &settings->vlan, sizeof port->vlan);
        forget_port(port->core, port->number);
    }
    switch_table_limit(&port->core->table, port->number, settings->stations);
}

static void drop(const struct switch_port *port, struct packet *p, enum drop reason,
                 nanoseconds now)
{
    event_drop(&port->voice, now, reason, p);
    packet_put(p);
}

static void arm(struct switch_core *core)
{
    if (!timer_is_set(&core->aging) && switch_table_oldest(&core->table))
        timer_set(core->means->timers, &core->aging, switch_table_deadline(&core->table));
}

/* What is in the table only grows younger, so the timer is not moved: it looks when it is due. */
void switch_aging_timer(struct timer *timer, nanoseconds now)
{
    struct switch_core *core = container_of(timer, struct switch_core, aging);

    while (switch_table_deadline(&core->table) <= now)
        switch_table_forget(&core->table, switch_table_oldest(&core->table));
    arm(core);
}

static void learn(struct switch_port *port, const struct vlan_facts *facts,
                  const struct mac *source, nanoseconds now)
{
    struct switch_core *core = port->core;
    struct switch_news news;

    switch_table_learn(&core->table, facts->vlan, source, port->number, now, &news);
    if (unlikely(news.heard == SWITCH_LEARNED))
        arm(core);
}

/* In which form a frame that came in by one port may leave by another. */
static enum vlan_out way_out(const struct switch_port *in, const struct switch_port *out,
                             const struct vlan_facts *facts)
{
    if (out == in)
        return VLAN_OUT_NONE;
    return in->core->has_vlans ? vlan_port_out(&out->vlan, facts) : VLAN_OUT_PLAIN;
}

/* Takes the frame. */
static void send(const struct switch_port *in, struct switch_port *out, enum vlan_out form,
                 const struct vlan_facts *facts, struct packet *p, nanoseconds now)
{
    if (form == VLAN_OUT_PLAIN || vlan_tag_insert(p, facts))
        wire_send(out->end, p, now);
    else
        drop(in, p, DROP_NO_MEMORY, now);
}

/* By all other ports of its VLAN: the last gets the frame itself. */
static void flood(const struct switch_port *in, const struct vlan_facts *facts, struct packet *p,
                  nanoseconds now)
{
    struct switch_core *core = in->core;
    struct switch_port *last = NULL;
    enum vlan_out form, last_form = VLAN_OUT_NONE;
    struct packet *copy;

    for (uint32_t i = 0; i < core->port_count; i++) {
        form = way_out(in, core->port[i], facts);
        if (form == VLAN_OUT_NONE)
            continue;
        copy = last ? packet_copy(p) : NULL;
        if (copy)
            send(in, last, last_form, facts, copy, now);
        else if (last)
            event_drop(&in->voice, now, DROP_NO_MEMORY, p);
        last = core->port[i];
        last_form = form;
    }
    if (last)
        send(in, last, last_form, facts, p, now);
    else
        drop(in, p, DROP_SWITCH_NO_PORT, now);
}

static void forward(const struct switch_port *in, const struct mac *dest,
                    const struct vlan_facts *facts, struct packet *p, nanoseconds now)
{
    struct switch_core *core = in->core;
    uint32_t to =
        mac_is_group(dest) ? SWITCH_NOWHERE : switch_table_find(&core->table, facts->vlan, dest);
    enum vlan_out form;

    if (to == SWITCH_NOWHERE) {
        flood(in, facts, p, now);
        return;
    }
    form = way_out(in, core->port[to], facts);
    if (form != VLAN_OUT_NONE)
        send(in, core->port[to], form, facts, p, now);
    else
        drop(in, p, to == in->number ? DROP_SWITCH_SAME_PORT : DROP_SWITCH_NO_PORT, now);
}

/* IEEE 802.1D 7.12.6, table 7-10: groups of which no frame passes a bridge. */
static bool is_reserved(const struct mac *dest)
{
    static const uint8_t reserved[] = {0x01, 0x80, 0xc2, 0, 0};

    return memcmp(dest->bytes, reserved, sizeof reserved) == 0 && dest->bytes[5] > 0 &&
           dest->bytes[5] < 0x10;
}

static bool is_sender(const struct mac *source)
{
    static const struct mac none;

    return !mac_is_group(source) && !mac_equal(source, &none);
}

/* Of which VLAN a frame is, whose tag is then off. @return DROP_NONE, or why it may not come in */
static enum drop classify(const struct switch_port *port, struct packet *p,
                          struct vlan_facts *facts)
{
    if (!port->core->has_vlans) {
        memset(facts, 0, sizeof *facts);
        return DROP_NONE;
    }
    switch (vlan_port_in(&port->vlan, packet_data(p), packet_length(p), facts)) {
    case VLAN_IN_SHORT:
        return DROP_LINK_HEADER;
    case VLAN_IN_OTHER:
        return DROP_SWITCH_VLAN;
    case VLAN_IN_TAGS:
        return DROP_SWITCH_TAGS;
    case VLAN_IN:
        break;
    }
    if (facts->has_tag)
        vlan_tag_remove(p);
    return DROP_NONE;
}

void switch_receive(struct wire_upper *upper, struct packet *p, nanoseconds now)
{
    struct switch_port *port = container_of(upper, struct switch_port, wire_upper);
    enum drop reason = DROP_NONE;
    struct vlan_facts facts;
    struct mac dest, source;

    p->network = 0;
    if (p->damaged || packet_length(p) < ETHERNET_HEADER_BYTES) {
        drop(port, p, p->damaged ? DROP_FCS : DROP_LINK_HEADER, now);
        return;
    }
    memcpy(dest.bytes, packet_data(p), MAC_BYTES);
    memcpy(source.bytes, packet_data(p) + MAC_BYTES, MAC_BYTES);
    if (!is_sender(&source))
        reason = DROP_SWITCH_SOURCE;
    else if (is_reserved(&dest))
        reason = DROP_SWITCH_RESERVED;
    else
        reason = classify(port, p, &facts);
    if (reason != DROP_NONE) {
        drop(port, p, reason, now);
        return;
    }
    learn(port, &facts, &source, now);
    forward(port, &dest, &facts, p, now);
}

int switch_check(const struct switch_core *core)
{
    const struct switch_station *oldest = switch_table_oldest(&core->table);
    int line = switch_table_check(&core->table);

    if (line)
        return line;
    if (oldest && !timer_is_set(&core->aging))
        return __LINE__;
    if (timer_is_set(&core->aging) && oldest &&
        core->aging.deadline > switch_table_deadline(&core->table))
        return __LINE__;
    for (uint32_t i = 0; i < core->port_count; i++)
        if (core->port[i]->number != i)
            return __LINE__;
    return 0;
}
