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
 * One that takes part in the spanning tree (rstp.h) has one tree for all its VLANs. It listens to
 * the tree's messages on every port, and else does nothing with what comes in by a port that the
 * tree has closed. Entries only set facts; what the tree wants is done and said at their end
 * (switch_settle). A wire is down for a port when nothing can come in by it.
 *
 * Frames for groups of IPv4 and IPv6 go to who listens to them, as far as that is known
 * (switch_snoop.c), all others for several stations by all ports.
 *
 * Nothing is kept of a frame. It is handed on as it lies; copies are made for the second receiver
 * and those after it, and a copy that there is no room for is a drop.
 */
#include <errno.h>
#include <string.h>

#include "2-link/ethernet.h"
#include "2-link/switch_parts.h"
#include "base/compiler.h"
#include "base/integer.h"

static void timer_name(struct timer *timer, uint32_t node, uint64_t serial, uint32_t code)
{
    timer->node = node;
    timer->source = SWITCH_TIMER_SOURCE;
    timer->serial = serial;
    timer->code = code;
}

int switch_init(struct switch_core *core, struct means *means, const struct switch_plan *plan)
{
    struct siphash_key key;

    core->means = means;
    core->has_vlans = plan->has_vlans;
    core->has_tree = plan->has_tree;
    core->port_stations = plan->table.port_stations;
    timer_name(&core->aging, means->node, 0, plan->aging_timer_code);
    timer_name(&core->tree_timer, means->node, 1, plan->tree_timer_code);
    rstp_init(&core->tree, plan->priority, plan->mac.bytes);
    memcpy(&core->mac, &plan->mac, sizeof core->mac);
    timer_name(&core->snoop_timer, means->node, 2, plan->snoop_timer_code);
    random_key_draw(&key, means->key, RANDOM_TABLE, 0);
    if (switch_table_init(&core->table, means->arena, plan->station_pool, key, &plan->table))
        return -ENOMEM;
    return switch_snoop_init(core, plan);
}

uint32_t switch_port_cost(const struct switch_port *port)
{
    const uint64_t at_1_bit = UINT64_C(20000000000000);
    uint64_t rate = wire_rate_bits(port->end);

    return rate == 0 ? SWITCH_COST : (uint32_t)most(1, least(at_1_bit / rate, RSTP_COST_MOST));
}

void switch_port_open(struct switch_core *core, struct switch_port *port, struct wire_end *end,
                      const struct mac *mac, uint32_t wire_upper_code)
{
    struct rstp_port_settings tree = {.priority = RSTP_PORT_PRIORITY};

    port->wire_upper.code = wire_upper_code;
    port->core = core;
    port->end = end;
    port->number = core->port_count;
    memcpy(&port->mac, mac, sizeof port->mac);
    voice_copy(&port->voice, &core->means->voice);
    port->voice.wire = (uint16_t)wire_number(end);
    port->voice.direction = (uint16_t)(1 - wire_direction(end));
    vlan_port_access(&port->vlan, SWITCH_VLAN);
    tree.cost = switch_port_cost(port);
    if (core->has_tree)
        rstp_port_init(&core->tree, &port->tree, port->number + 1, &tree);
    port->learns = port->forwards = !core->has_tree;
    core->touched |= core->has_tree;
    core->port[core->port_count++] = port;
    wire_attach(end, &port->wire_upper, &core->means->packet_budget, core->means->node);
}

/* What became of a station. */
static void tell(const struct switch_core *core, const struct mac *mac, uint16_t vlan,
                 uint32_t port, enum change change, nanoseconds now)
{
    struct sockeye_event *event = event_begin(&core->means->voice, EVENT_STATION, now);

    if (!event)
        return;
    memcpy(event->station.mac, mac->bytes, sizeof event->station.mac);
    event->station.vlan = vlan;
    event->station.port = event->station.old_port = (uint16_t)port;
    event->station.change = (uint8_t)change;
}

static void forget(struct switch_core *core, struct switch_station *s, enum change change,
                   nanoseconds now)
{
    tell(core, &s->mac, s->vlan, s->port, change, now);
    switch_table_forget(&core->table, s);
}

static void forget_port(struct switch_core *core, uint32_t port, nanoseconds now)
{
    struct switch_station *s;

    while ((s = switch_table_oldest_at(&core->table, port)) != NULL)
        forget(core, s, CHANGE_REMOVED, now);
    switch_snoop_forget_port(core, port, now);
}

void switch_port_set(struct switch_port *port, const struct switch_port_settings *settings,
                     nanoseconds now)
{
    if (memcmp(&port->vlan, &settings->vlan, sizeof port->vlan) != 0) {
        memcpy(&port->vlan, &settings->vlan, sizeof port->vlan);
        forget_port(port->core, port->number, now);
    }
    switch_table_limit(&port->core->table, port->number, settings->stations);
    port->storm.rate = settings->storm_rate;
    port->storm.burst = settings->storm_burst;
    if (!port->core->has_tree)
        return;
    rstp_port_set(&port->tree, &settings->tree, now);
    port->core->touched = true;
}

enum port_state switch_port_state(const struct switch_port *port)
{
    return port->forwards ? PORT_FORWARDING : port->learns ? PORT_LEARNING : PORT_DISCARDING;
}

static void drop(struct switch_port *port, struct packet *p, enum drop reason, nanoseconds now)
{
    port->count.dropped++;
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
        forget(core, switch_table_oldest(&core->table), CHANGE_EXPIRED, now);
    arm(core);
}

static void tell_news(const struct switch_core *core, const struct switch_news *news,
                      const struct mac *mac, uint16_t vlan, uint32_t port, nanoseconds now)
{
    struct sockeye_event *event;

    if (news->evicted)
        tell(core, &news->evicted_mac, news->evicted_vlan, news->evicted_port, CHANGE_EVICTED, now);
    if (news->heard == SWITCH_LEARNED)
        tell(core, mac, vlan, port, CHANGE_LEARNED, now);
    event =
        news->heard == SWITCH_MOVED ? event_begin(&core->means->voice, EVENT_STATION, now) : NULL;
    if (!event)
        return;
    memcpy(event->station.mac, mac->bytes, sizeof event->station.mac);
    event->station.vlan = vlan;
    event->station.port = (uint16_t)port;
    event->station.old_port = (uint16_t)news->old_port;
    event->station.change = CHANGE_MOVED;
}

static void learn(struct switch_port *port, const struct vlan_facts *facts,
                  const struct mac *source, nanoseconds now)
{
    struct switch_core *core = port->core;
    struct switch_news news;

    switch_table_learn(&core->table, facts->vlan, source, port->number, now, &news);
    if (likely(news.heard == SWITCH_KNOWN))
        return;
    tell_news(core, &news, source, facts->vlan, port->number, now);
    arm(core);
}

/* In which form a frame that came in by one port may leave by another. */
static enum vlan_out way_out(const struct switch_port *in, const struct switch_port *out,
                             const struct vlan_facts *facts)
{
    if (out == in || !out->forwards)
        return VLAN_OUT_NONE;
    return in->core->has_vlans ? vlan_port_out(&out->vlan, facts) : VLAN_OUT_PLAIN;
}

/* Takes the frame. */
static void send(struct switch_port *in, struct switch_port *out, enum vlan_out form,
                 const struct vlan_facts *facts, struct packet *p, nanoseconds now)
{
    if (form != VLAN_OUT_PLAIN && !vlan_tag_insert(p, facts)) {
        drop(in, p, DROP_NO_MEMORY, now);
        return;
    }
    switch_put_out(out, p, now);
}

static bool is_among(const struct snoop_ports *ports, uint32_t i)
{
    return !ports || (ports->bit[i / 64] >> i % 64 & 1) != 0;
}

/* By all other ports of its VLAN, or those named: the last gets the frame itself. */
static void flood(struct switch_port *in, const struct vlan_facts *facts,
                  const struct snoop_ports *some, struct packet *p, nanoseconds now)
{
    struct switch_core *core = in->core;
    struct switch_port *last = NULL;
    enum vlan_out form, last_form = VLAN_OUT_NONE;
    struct packet *copy;

    for (uint32_t i = 0; i < core->port_count; i++) {
        form = is_among(some, i) ? way_out(in, core->port[i], facts) : VLAN_OUT_NONE;
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
        drop(in, p, some ? DROP_SWITCH_NO_LISTENER : DROP_SWITCH_NO_PORT, now);
}

/* What is for several stations, or for one that is not known. */
static void forward_to_many(struct switch_port *in, const struct mac *dest,
                            const struct vlan_facts *facts, struct packet *p, nanoseconds now)
{
    struct snoop_ports some;
    enum snoop_verdict verdict = SNOOP_ALL;

    if (!switch_storm_take(&in->storm, now)) {
        drop(in, p, DROP_SWITCH_STORM, now);
        return;
    }
    if (mac_is_group(dest))
        verdict = switch_snoop(in, facts, p, now, &some);
    if (verdict == SNOOP_TAKEN)
        packet_put(p);
    else if (verdict == SNOOP_NONE)
        drop(in, p, DROP_SWITCH_GROUP, now);
    else
        flood(in, facts, verdict == SNOOP_SOME ? &some : NULL, p, now);
}

static void forward(struct switch_port *in, const struct mac *dest, const struct vlan_facts *facts,
                    struct packet *p, nanoseconds now)
{
    struct switch_core *core = in->core;
    uint32_t to =
        mac_is_group(dest) ? SWITCH_NOWHERE : switch_table_find(&core->table, facts->vlan, dest);
    enum vlan_out form;

    if (to == SWITCH_NOWHERE) {
        forward_to_many(in, dest, facts, p, now);
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

/* IEEE 802.1D 7.9.1: what a port does with a frame that it may not send on. */
static void stop(struct switch_port *port, const struct vlan_facts *facts, const struct mac *source,
                 struct packet *p, nanoseconds now)
{
    if (port->learns)
        learn(port, facts, source, now);
    drop(port, p, DROP_SWITCH_BLOCKED, now);
}

static bool is_for_trees(const struct mac *dest)
{
    static const struct mac trees = {{0x01, 0x80, 0xc2, 0, 0, 0}};

    return mac_equal(dest, &trees);
}

/* IEEE 802.1D-2004 9.3.4. The length of the 802.3 header says where padding begins. */
static void receive_bpdu(struct switch_port *port, struct packet *p, nanoseconds now)
{
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct rstp_bpdu b;
    uint32_t length;

    read_skip(&r, 2 * MAC_BYTES);
    length = read_u16(&r);
    r.failed = r.failed || length > reader_left(&r);
    r = reader_of(r.at, r.failed ? 0 : length);
    if (!rstp_bpdu_read(&r, &b)) {
        drop(port, p, DROP_SWITCH_BPDU, now);
        return;
    }
    packet_put(p);
    rstp_port_receive(&port->tree, &b, now);
    port->core->touched = true;
}

static enum drop reason_of(const struct switch_port *port, struct packet *p, const struct mac *dest,
                           const struct mac *source, struct vlan_facts *facts)
{
    if (!is_sender(source))
        return DROP_SWITCH_SOURCE;
    return is_reserved(dest) ? DROP_SWITCH_RESERVED : classify(port, p, facts);
}

void switch_receive(struct wire_upper *upper, struct packet *p, nanoseconds now)
{
    struct switch_port *port = container_of(upper, struct switch_port, wire_upper);
    enum drop reason;
    struct vlan_facts facts;
    struct mac dest, source;

    p->network = 0;
    port->count.in++;
    port->count.in_bytes += packet_length(p);
    if (p->damaged || packet_length(p) < ETHERNET_HEADER_BYTES) {
        drop(port, p, p->damaged ? DROP_FCS : DROP_LINK_HEADER, now);
        return;
    }
    memcpy(dest.bytes, packet_data(p), MAC_BYTES);
    memcpy(source.bytes, packet_data(p) + MAC_BYTES, MAC_BYTES);
    if (port->core->has_tree && is_for_trees(&dest)) {
        receive_bpdu(port, p, now);
        return;
    }
    reason = reason_of(port, p, &dest, &source, &facts);
    if (reason != DROP_NONE) {
        drop(port, p, reason, now);
    } else if (unlikely(!port->forwards)) {
        stop(port, &facts, &source, p, now);
    } else {
        learn(port, &facts, &source, now);
        forward(port, &dest, &facts, p, now);
    }
}

/* ---- the spanning tree ---- */

/* Without the spanning tree a port goes on: what it sends is lost at the wire, as the wire is told
 * to lose it, and stations that do not answer are looked for everywhere. */
void switch_signal(struct wire_upper *upper, nanoseconds now)
{
    struct switch_port *port = container_of(upper, struct switch_port, wire_upper);

    if (port->core->has_tree)
        port->core->touched = true;
    else if (!wire_has_signal(port->end))
        forget_port(port->core, port->number, now);
}

void switch_tree_timer(struct timer *timer, nanoseconds now)
{
    struct switch_core *core = container_of(timer, struct switch_core, tree_timer);

    rstp_advance(&core->tree, now);
    core->touched = true;
}

static void send_bpdu(struct switch_port *port, const struct rstp_bpdu *b, nanoseconds now)
{
    struct means *m = port->core->means;
    struct packet *p =
        packet_get(m->packets, &m->packet_budget, ETHERNET_HEADER_BYTES + RSTP_BPDU_BYTES);
    static const struct mac trees = {{0x01, 0x80, 0xc2, 0, 0, 0}};
    struct writer header, w;
    uint32_t length;

    if (!p) {
        event_drop(&port->voice, now, DROP_NO_MEMORY, NULL);
        return;
    }
    header = writer_of(packet_append(p, ETHERNET_HEADER_BYTES), ETHERNET_HEADER_BYTES);
    w = writer_of(packet_append(p, RSTP_BPDU_BYTES), RSTP_BPDU_BYTES);
    length = rstp_bpdu_write(&w, b);
    ethernet_header_write(&header, &trees, &port->mac, (uint16_t)length);
    packet_trim(p, ETHERNET_HEADER_BYTES + length);
    switch_put_out(port, p, now);
}

/* Ports whose wires came and went. */
static void look_at_signals(struct switch_core *core, nanoseconds now)
{
    for (uint32_t i = 0; i < core->port_count; i++) {
        struct switch_port *port = core->port[i];

        if (wire_has_signal(port->end))
            rstp_port_up(&port->tree, now);
        else
            rstp_port_down(&port->tree, now);
    }
}

static void take_advice(struct switch_port *port, nanoseconds now)
{
    const struct rstp_port *tree = &port->tree;
    struct sockeye_event *event;

    if (port->learns == tree->learning && port->forwards == tree->forwarding &&
        port->role == tree->role)
        return;
    port->learns = tree->learning;
    port->forwards = tree->forwarding;
    port->role = tree->role;
    port->since = now;
    event = event_begin(&port->core->means->voice, EVENT_PORT, now);
    if (!event)
        return;
    event->port.port = (uint16_t)port->number;
    event->port.role = port->role;
    event->port.state = (uint8_t)switch_port_state(port);
}

/* The tree's advice, and its words. Where its ways are others, so are those to listeners. */
static void settle_tree(struct switch_core *core, nanoseconds now)
{
    struct rstp_port *tree;
    struct rstp_bpdu b;
    nanoseconds next;

    look_at_signals(core, now);
    for (uint32_t i = 0; i < core->port_count; i++)
        take_advice(core->port[i], now);
    while ((tree = rstp_flush(&core->tree)) != NULL) {
        forget_port(core, tree->number - 1, now);
        switch_snoop_doubt(core, now);
    }
    while ((tree = rstp_next_bpdu(&core->tree, &b, now)) != NULL)
        send_bpdu(core->port[tree->number - 1], &b, now);
    next = rstp_deadline(&core->tree);
    if (next == NEVER)
        timer_clear(core->means->timers, &core->tree_timer);
    else if (!timer_is_set(&core->tree_timer) || core->tree_timer.deadline != next)
        timer_set(core->means->timers, &core->tree_timer, next);
}

void switch_settle(struct switch_core *core, nanoseconds now)
{
    if (likely(!core->touched))
        return;
    core->touched = false;
    if (core->has_tree)
        settle_tree(core, now);
    switch_snoop_settle(core, now);
}

void switch_crash(struct switch_core *core, nanoseconds now)
{
    struct switch_station *s;

    while ((s = switch_table_oldest(&core->table)) != NULL)
        forget(core, s, CHANGE_REMOVED, now);
    switch_snoop_crash(core, now);
    if (!core->has_tree)
        return;
    for (uint32_t i = 0; i < core->port_count; i++)
        rstp_port_down(&core->port[i]->tree, now);
    core->touched = true;
}

int switch_check(const struct switch_core *core)
{
    const struct switch_station *oldest = switch_table_oldest(&core->table);
    int line = switch_table_check(&core->table);

    if (line)
        return line;
    if (oldest && !timer_is_set(&core->aging)) /* when it is due: nodes may stand still */
        return __LINE__;
    for (uint32_t i = 0; i < core->port_count; i++) {
        const struct switch_port *port = core->port[i];

        if (port->number != i || (!core->has_tree && !port->forwards))
            return __LINE__;
        if (core->has_tree && !core->touched && port->forwards != port->tree.forwarding)
            return __LINE__;
    }
    line = switch_snoop_check(core);
    return line ? line : rstp_check(&core->tree);
}
