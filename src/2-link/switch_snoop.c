/* SPDX-License-Identifier: MIT */
/*
 * A switch that looks into what is for groups (RFC 4541): reports of IGMP and MLD say which ports
 * listen, queries and PIM where routers are; what is for a group goes to these ports alone, and
 * reports to routers alone, so that no host keeps silent because it heard another's. Without a
 * querier nobody reports, so then all goes to all (snoop.h).
 *
 * A switch may itself be the querier (RFC 3376, RFC 3810), for wires where no router is: it asks in
 * every VLAN into which some port takes frames without a tag, unless one is heard there whose
 * address is the lesser (RFC 3376 6.6.2). A query from 0.0.0.0 is none of a router and makes no
 * other switch send its reports there (RFC 4541 2.1.1 (1b)): a querier that has other snooping
 * switches beside it needs an IPv4 address. For IPv6 it has one of the link, of its own.
 *
 * Where the spanning tree opens other ways, what is known of the old ones is forgotten, and all
 * goes to all until everybody has been asked again; a querier asks at once (2.1.1 (4)).
 */
#include <errno.h>
#include <string.h>

#include "2-link/ethernet.h"
#include "2-link/snoop_message.h"
#include "2-link/snoop_query.h"
#include "2-link/switch_parts.h"
#include "base/compiler.h"

enum {
    QUERY_INTERVAL_S = 125,    /* RFC 3376 8.2 */
    QUERY_RESPONSE_MS = 10000, /* RFC 3376 8.3 */
    LAST_RESPONSE_MS = 1000,   /* RFC 3376 8.8 */
    STARTUP_QUERIES = 2        /* RFC 3376 8.7 */
};
#define STARTUP_INTERVAL (QUERY_INTERVAL_S * SECOND / 4) /* RFC 3376 8.6 */
#define LAST_RESPONSE (LAST_RESPONSE_MS * MILLISECOND)

/* RFC 4291 appendix A: the address of the link that follows from the station's. */
static struct address of_link(const struct mac *mac)
{
    uint64_t high = (uint64_t)u16_at(mac->bytes) << 8 | mac->bytes[2];
    uint64_t low = (uint64_t)u16_at(mac->bytes + 3) << 8 | mac->bytes[5];

    return (struct address){UINT64_C(0xfe80000000000000),
                            (high ^ 0x020000) << 40 | UINT64_C(0xfffe) << 24 | low};
}

int switch_snoop_init(struct switch_core *core, const struct switch_plan *plan)
{
    struct siphash_key key;

    core->is_querier = plan->is_querier && !plan->snoop.is_off;
    core->asks_as[0] = address_from_ip4(plan->querier);
    core->asks_as[1] = of_link(&core->mac);
    core->ask_at = NEVER;
    core->touched |= core->is_querier;
    random_key_draw(&key, core->means->key, RANDOM_TABLE, 1);
    return snoop_init(&core->snoop, core->means->arena, plan->snoop_pool, key, &plan->snoop);
}

static void tell(const struct switch_core *core, const struct snoop_entry *e, enum change change,
                 nanoseconds now)
{
    struct sockeye_event *event;

    if (e->port == SNOOP_SELF)
        return;
    event = event_begin(&core->means->voice, EVENT_GROUP, now);
    if (!event)
        return;
    event->group.group = e->group;
    event->group.source = (struct address){0};
    event->group.interface = (uint16_t)e->port;
    event->group.vlan = e->vlan;
    event->group.change = (uint8_t)change;
}

static void forget(struct switch_core *core, struct snoop_entry *e, enum change change,
                   nanoseconds now)
{
    tell(core, e, change, now);
    snoop_forget(&core->snoop, e);
}

void switch_snoop_forget_port(struct switch_core *core, uint32_t port, nanoseconds now)
{
    struct snoop_entry *e;

    while ((e = snoop_at_port(&core->snoop, port)) != NULL)
        forget(core, e, CHANGE_REMOVED, now);
}

static void arm(struct switch_core *core)
{
    nanoseconds next = time_earlier(snoop_deadline(&core->snoop), core->ask_at);

    if (next != NEVER && (!timer_is_set(&core->snoop_timer) || core->snoop_timer.deadline > next))
        timer_set(core->means->timers, &core->snoop_timer, next);
}

/* ---- the querier ---- */

static void send_query(struct switch_port *port, const struct vlan_facts *facts,
                       const struct snoop_query *query, nanoseconds now)
{
    struct means *m = port->core->means;
    struct packet *p =
        packet_get(m->packets, &m->packet_budget, ETHERNET_HEADER_BYTES + SNOOP_QUERY_BYTES);
    struct address dest = snoop_query_dest(query);
    struct mac group;
    struct writer header, w;
    enum vlan_out form = port->core->has_vlans ? vlan_port_out(&port->vlan, facts) : VLAN_OUT_PLAIN;

    if (!p) {
        event_drop(&port->voice, now, DROP_NO_MEMORY, NULL);
        return;
    }
    header = writer_of(packet_append(p, ETHERNET_HEADER_BYTES), ETHERNET_HEADER_BYTES);
    w = writer_of(packet_append(p, SNOOP_QUERY_BYTES), SNOOP_QUERY_BYTES);
    packet_trim(p, ETHERNET_HEADER_BYTES + snoop_query_write(&w, query));
    (void)ethernet_group(dest, &group);
    ethernet_header_write(&header, &group, &port->core->mac,
                          address_is_mapped(dest) ? ETHERTYPE_IP4 : ETHERTYPE_IP6);
    if (form == VLAN_OUT_NONE || (form == VLAN_OUT_TAGGED && !vlan_tag_insert(p, facts)))
        packet_put(p);
    else
        switch_put_out(port, p, now);
}

/* At one port who listens to a group. */
static void ask_for(struct switch_core *core, const struct snoop_entry *e, nanoseconds now)
{
    const struct vlan_facts facts = {.vlan = e->vlan};
    const struct snoop_query query = {.source = core->asks_as[!address_is_mapped(e->group)],
                                      .group = e->group,
                                      .within_ms = LAST_RESPONSE_MS,
                                      .interval_s = QUERY_INTERVAL_S};

    send_query(core->port[e->port], &facts, &query, now);
}

/* In one VLAN who listens to what, where this switch leads. */
static void ask_vlan(struct switch_core *core, uint16_t vlan, bool is_ip6, nanoseconds now)
{
    const struct vlan_facts facts = {.vlan = vlan};
    const struct snoop_query query = {.source = core->asks_as[is_ip6],
                                      .group = is_ip6 ? (struct address){0} : address_from_ip4(0),
                                      .within_ms = QUERY_RESPONSE_MS,
                                      .interval_s = QUERY_INTERVAL_S};
    const struct snoop_router self = {.vlan = vlan,
                                      .is_ip6 = is_ip6,
                                      .port = SNOOP_SELF,
                                      .asks = true,
                                      .within = QUERY_RESPONSE_MS * MILLISECOND};

    if (snoop_is_led(&core->snoop, vlan, is_ip6))
        return;
    (void)snoop_router(&core->snoop, &self, now);
    for (uint32_t i = 0; i < core->port_count; i++)
        if (core->port[i]->forwards)
            send_query(core->port[i], &facts, &query, now);
}

/* Is it the first port of that VLAN? */
static bool is_first_of(const struct switch_core *core, uint32_t port)
{
    uint16_t vlan = core->port[port]->vlan.untagged;

    for (uint32_t i = 0; i < port; i++)
        if (!core->has_vlans || core->port[i]->vlan.untagged == vlan)
            return false;
    return !core->has_vlans || vlan != 0;
}

static void ask_all(struct switch_core *core, nanoseconds now)
{
    for (uint32_t i = 0; i < core->port_count; i++) {
        uint16_t vlan = core->has_vlans ? core->port[i]->vlan.untagged : 0;

        if (!is_first_of(core, i))
            continue;
        ask_vlan(core, vlan, false, now);
        ask_vlan(core, vlan, true, now);
    }
    core->asked++;
    core->ask_at =
        now + (core->asked < STARTUP_QUERIES ? STARTUP_INTERVAL : QUERY_INTERVAL_S * SECOND);
}

static bool leads(const struct switch_core *core, uint16_t vlan, bool is_ip6)
{
    return core->is_querier && !snoop_is_led(&core->snoop, vlan, is_ip6);
}

/* An entry has reached its end; a group is asked for as often as was meant. */
static void end(struct switch_core *core, struct snoop_entry *e, nanoseconds now)
{
    if (e->again == 0 || !leads(core, e->vlan, !address_is_mapped(e->group))) {
        forget(core, e, CHANGE_EXPIRED, now);
        return;
    }
    ask_for(core, e, now);
    snoop_extend(&core->snoop, e, now + LAST_RESPONSE);
}

void switch_snoop_timer(struct timer *timer, nanoseconds now)
{
    struct switch_core *core = container_of(timer, struct switch_core, snoop_timer);

    while (snoop_deadline(&core->snoop) <= now)
        end(core, snoop_first(&core->snoop), now);
    if (core->ask_at <= now)
        ask_all(core, now);
    arm(core);
}

void switch_snoop_doubt(struct switch_core *core, nanoseconds now)
{
    if (core->snoop.is_off)
        return;
    if (core->is_querier)
        core->ask_at = now;
    snoop_doubt(&core->snoop, now + SNOOP_ROUND);
    arm(core);
}

/* Power is there: the first question comes when ports have had a moment to come up. */
void switch_snoop_settle(struct switch_core *core, nanoseconds now)
{
    if (!core->is_querier || core->ask_at != NEVER)
        return;
    core->ask_at = now + SECOND;
    arm(core);
}

void switch_snoop_crash(struct switch_core *core, nanoseconds now)
{
    struct snoop_entry *e;

    while ((e = snoop_next(&core->snoop, NULL)) != NULL)
        forget(core, e, CHANGE_REMOVED, now);
    core->snoop.unsure = 0;
    core->asked = 0;
    core->ask_at = NEVER;
    core->touched |= core->is_querier;
}

/* ---- frames ---- */

static void take_report(struct switch_port *port, uint16_t vlan, struct snoop_message *m,
                        nanoseconds now)
{
    struct switch_core *core = port->core;
    struct snoop_record record;
    struct snoop_entry *e;

    while (snoop_message_next(m, &record)) {
        if (!record.leaves) {
            if (snoop_join(&core->snoop, vlan, record.group, port->number, now) == SNOOP_LEARNED)
                tell(core, snoop_find(&core->snoop, vlan, record.group, port->number),
                     CHANGE_LEARNED, now);
            continue;
        }
        /* who asks, asks whether anybody else is left there; RFC 4541 2.1.1 (6) */
        e = leads(core, vlan, m->is_ip6)
                ? snoop_find(&core->snoop, vlan, record.group, port->number)
                : NULL;
        if (!e || e->again > 0)
            continue;
        snoop_leave(&core->snoop, e, now + LAST_RESPONSE, SNOOP_LAST_QUERIES - 1);
        ask_for(core, e, now);
    }
    arm(core);
}

static bool is_less(struct address a, struct address b)
{
    return a.high != b.high ? a.high < b.high : a.low < b.low;
}

static void take_router(struct switch_port *port, uint16_t vlan, const struct snoop_message *m,
                        nanoseconds now)
{
    struct switch_core *core = port->core;
    bool asks = m->says == SNOOP_SAYS_QUERY, is_named = !address_is_unspecified(m->source);
    struct address own = core->asks_as[m->is_ip6];
    const struct snoop_router router = {
        .vlan = vlan,
        .is_ip6 = m->is_ip6,
        .port = port->number,
        .asks = asks,
        .routes = is_named,
        .leads = asks && is_named && (address_is_unspecified(own) || is_less(m->source, own)),
        .within = m->within};

    if (!asks && !is_named)
        return;
    if (snoop_router(&core->snoop, &router, now) == SNOOP_LEARNED)
        tell(core,
             snoop_find(&core->snoop, vlan, m->is_ip6 ? (struct address){0} : address_from_ip4(0),
                        port->number),
             CHANGE_LEARNED, now);
    arm(core);
}

static void learn(struct switch_port *port, uint16_t vlan, struct snoop_message *m, nanoseconds now)
{
    switch (m->says) {
    case SNOOP_SAYS_NOTHING:
        break;
    case SNOOP_SAYS_REPORT:
        take_report(port, vlan, m, now);
        break;
    case SNOOP_SAYS_HELLO:
        take_router(port, vlan, m, now);
        break;
    case SNOOP_SAYS_QUERY:
        if (address_is_unspecified(m->group)) {
            take_router(port, vlan, m, now);
        } else if (!m->spares) {
            snoop_ask(&port->core->snoop, vlan, m->group, now + SNOOP_LAST_QUERIES * m->within);
            arm(port->core);
        }
        break;
    }
}

/* RFC 1112 6.4, RFC 2464 7. */
static bool is_of_ip(const uint8_t *dest)
{
    return (dest[0] == 0x01 && dest[1] == 0 && dest[2] == 0x5e) ||
           (dest[0] == 0x33 && dest[1] == 0x33);
}

static bool is_nobody(const struct snoop_ports *ports)
{
    uint64_t any = 0;

    for (uint32_t i = 0; i < SWITCH_PORTS / 64; i++)
        any |= ports->bit[i];
    return any == 0;
}

enum snoop_verdict switch_snoop(struct switch_port *in, const struct vlan_facts *facts,
                                const struct packet *p, nanoseconds now, struct snoop_ports *some)
{
    const struct snoop *s = &in->core->snoop;
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct snoop_message m;

    if (s->is_off || !is_of_ip(r.at))
        return SNOOP_ALL;
    read_skip(&r, 2 * MAC_BYTES);
    snoop_message_read(&r, read_u16(&r), &m);
    if (m.way == SNOOP_TO_NOBODY)
        return SNOOP_NONE;
    learn(in, facts->vlan, &m, now);
    if (m.way == SNOOP_TO_ALL || !snoop_is_active(s, facts->vlan, m.is_ip6, now))
        return SNOOP_ALL;
    memset(some, 0, sizeof *some);
    snoop_routers(s, facts->vlan, m.is_ip6, some);
    if (m.way == SNOOP_TO_LISTENERS)
        snoop_listeners(s, facts->vlan, m.dest, some);
    some->bit[in->number / 64] &= ~(UINT64_C(1) << in->number % 64);
    return m.way == SNOOP_TO_ROUTERS && is_nobody(some) ? SNOOP_TAKEN : SNOOP_SOME;
}

int switch_snoop_check(const struct switch_core *core)
{
    int line = snoop_check(&core->snoop);

    if (line)
        return line;
    if (snoop_deadline(&core->snoop) != NEVER && !timer_is_set(&core->snoop_timer))
        return __LINE__;
    return core->snoop.is_off && snoop_first(&core->snoop) ? __LINE__ : 0;
}
