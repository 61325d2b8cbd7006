/* SPDX-License-Identifier: MIT */
/*
 * A link: what comes up is taken apart and given to the upper of its ethertype; what goes down gets
 * a station, from its next hop. Only frames for us, for all, or for a group come through; which
 * groups are ours, layer 3 knows. ARP stays here.
 *
 * On a bare link the ethertype is that of the version in the first four bits of a packet, and
 * sending is passing on. On Ethernet a packet of IPv6 to one neighbour is unreachable at once if
 * its upper cannot ask.
 */
#include "2-link/link_state.h"

#include <errno.h>
#include <string.h>

#include "2-link/arp.h"
#include "2-link/neighbor.h"
#include "2-link/vlan.h"
#include "2-link/watch.h"
#include "base/arena.h"
#include "base/compiler.h"

uint32_t link_neighbor_bytes(void)
{
    return sizeof(struct neighbor);
}

/* RFC 4861 section 10; the queue is Linux's, in packets. */
static void set_defaults(struct neighbor_settings *s)
{
    s->reachable_base = 30 * SECOND;
    s->retransmit = SECOND;
    s->delay_first = 5 * SECOND;
    s->multicast_tries = 3;
    s->unicast_tries = 3;
    s->queue_packets = 64;
    s->limit = LINK_NEIGHBORS;
}

int link_init(struct link *l, struct means *means, struct wire_end *end,
              const struct link_plan *plan)
{
    memset(l, 0, sizeof *l);
    l->wire_upper.code = plan->wire_upper_code;
    l->end = end;
    l->means = means;
    voice_copy(&l->voice, &means->voice);
    l->voice.wire = (uint16_t)wire_number(end);
    l->voice.direction = (uint16_t)(1 - wire_direction(end));
    voice_copy(&l->sending, &l->voice);
    l->sending.direction = (uint16_t)wire_direction(end);
    siphash_key_copy(&l->key, plan->key);
    l->neighbor_pool = plan->neighbor_pool;
    l->interface = plan->interface;
    l->kind = plan->kind;
    l->timer_code = plan->timer_code;
    l->neighbor_timer_code = plan->neighbor_timer_code;
    memcpy(&l->mac, &plan->mac, sizeof l->mac);
    l->announce.node = means->node;
    l->announce.source = LINK_TIMER_SOURCE;
    l->announce.serial = (uint64_t)l->interface << 32;
    l->announce.code = l->timer_code;
    set_defaults(&l->settings);
    if (l->kind == LINK_ETHERNET && table_init(&l->neighbors, means->arena, LINK_NEIGHBORS) < 0)
        return -ENOMEM;
    if (plan->base) {
        l->vlan = plan->vlan;
        l->base = plan->base;
        l->next = plan->base->vlans;
        plan->base->vlans = l;
        return 0;
    }
    wire_attach(end, &l->wire_upper, &means->packet_budget, means->node);
    return 0;
}

struct link *link_vlan(const struct link *l, uint16_t vlan)
{
    struct link *at = l->vlans;

    while (at && at->vlan != vlan)
        at = at->next;
    return at;
}

void link_attach(struct link *l, struct link_upper *upper, uint32_t code)
{
    uint32_t i = 0;

    ensure(code < link_upper_code_count);
    while (i < LINK_UPPERS && l->upper[i])
        i++;
    ensure(i < LINK_UPPERS);
    upper->code = code;
    l->upper[i] = upper;
}

int link_address_add(struct link *l, struct address own, nanoseconds now)
{
    uint32_t i = l->own_count;

    for (uint32_t k = 0; k < l->own_count; k++)
        if (address_equal(l->own[k], own))
            return 0;
    if (i == LINK_ADDRESSES)
        return -ENOSPC;
    l->own_count++;
    l->own[i].high = own.high;
    l->own[i].low = own.low;
    l->announce_at[i] = l->defended_at[i] = NEVER;
    if (l->kind == LINK_ETHERNET && address_is_mapped(own) && !l->is_down)
        arp_announce(l, i, now);
    return 0;
}

int link_probe(struct link *l, struct address wanted, bool begins, nanoseconds now)
{
    if (l->kind != LINK_ETHERNET)
        return -EOPNOTSUPP;
    arp_probe(l, wanted, begins, now);
    return 0;
}

int link_probed(const struct link *l, struct address wanted)
{
    return address_equal(l->probed, wanted) ? l->probe_taken : -EINVAL;
}

void link_address_remove(struct link *l, struct address own)
{
    uint32_t i = 0;

    while (i < l->own_count && !address_equal(l->own[i], own))
        i++;
    if (i == l->own_count)
        return;
    l->own_count--;
    for (; i < l->own_count; i++) {
        l->own[i] = l->own[i + 1];
        l->announce_at[i] = l->announce_at[i + 1];
        l->defended_at[i] = l->defended_at[i + 1];
        l->announcements[i] = l->announcements[i + 1];
    }
    arp_announce_settle(l);
}

static struct link_upper *own_upper(const struct link *l, const struct link_upper *upper)
{
    for (uint32_t i = 0; i < LINK_UPPERS; i++)
        if (l->upper[i] == upper)
            return l->upper[i];
    return NULL;
}

RARE static void drop_sent(const struct link *l, struct packet *p, nanoseconds now)
{
    event_drop(&l->sending, now, DROP_LINK_DOWN, p);
    packet_put(p);
}

RARE static void send_to_station(struct link *l, const struct link_upper *from,
                                 struct address next_hop, struct packet *p, nanoseconds now)
{
    const struct link_upper_code *code = &link_upper_codes[from->code];
    struct link_upper *upper = own_upper(l, from);
    struct mac group;

    ensure(upper);
    if (l->is_down)
        drop_sent(l, p, now);
    else if (ethernet_group(next_hop, &group))
        ethernet_send(l, &group, code->ethertype, p, now);
    else if ((address_is_mapped(next_hop) || code->ask) && !address_is_unspecified(next_hop))
        neighbor_send(l, upper, code->ethertype, next_hop, p, now);
    else
        neighbor_unreachable(l, upper, p, now);
}

static void send_bare(struct link *l, struct packet *p, nanoseconds now)
{
    if (unlikely(l->is_down)) {
        drop_sent(l, p, now);
        return;
    }
    watch_sent(l, p, now);
    link_put(l, p, now);
}

void link_send_frame(struct link *l, struct packet *p, nanoseconds now)
{
    if (l->kind == LINK_BARE)
        send_bare(l, p, now);
    else
        ethernet_send_frame(l, p, now);
}

/* RFC 1122 2.3.2, 2.4: to the station of the next hop. */
void link_send(struct link *l, const struct link_upper *from, struct address next_hop,
               struct packet *p, nanoseconds now)
{
    const struct neighbor *n = l->recent;

    if (l->kind == LINK_BARE)
        send_bare(l, p, now);
    else if (likely(n && n->state == NEIGHBOR_REACHABLE && address_equal(n->address, next_hop)))
        ethernet_send(l, &n->mac, link_upper_codes[from->code].ethertype, p, now);
    else
        send_to_station(l, from, next_hop, p, now);
}

void link_send_station(struct link *l, const struct link_upper *from, const struct mac *station,
                       struct packet *p, nanoseconds now)
{
    if (l->kind == LINK_BARE)
        send_bare(l, p, now);
    else if (l->is_down)
        drop_sent(l, p, now);
    else
        ethernet_send(l, station, link_upper_codes[from->code].ethertype, p, now);
}

bool link_hear(struct link *l, struct link_upper *upper, const struct link_news *news,
               nanoseconds now)
{
    if (l->kind == LINK_BARE)
        return false;
    return news->advertisement ? neighbor_advertised(l, news, now)
                               : neighbor_told(l, upper, news, now);
}

bool link_is_crowded(const struct link *l)
{
    return l->kind != LINK_BARE && neighbor_is_crowded(l);
}

bool link_station(const struct link *l, struct address a, struct mac *mac)
{
    const struct neighbor *n = l->kind == LINK_BARE ? NULL : neighbor_find(l, a);

    if (!n || n->state == NEIGHBOR_NONE || n->state == NEIGHBOR_INCOMPLETE ||
        n->state == NEIGHBOR_FAILED)
        return false;
    memcpy(mac, &n->mac, sizeof *mac);
    return true;
}

void link_times_set(struct link *l, const struct link_upper *upper, nanoseconds reachable,
                    nanoseconds retransmit)
{
    ensure(link_upper_codes[upper->code].ask);
    l->told_retransmit = retransmit;
    if (l->told_reachable == reachable)
        return;
    l->told_reachable = reachable;
    neighbor_times_anew(l);
}

const struct mac *link_mac(const struct link *l)
{
    return l->kind == LINK_BARE ? NULL : &l->mac;
}

void link_confirm(struct link *l, struct address next_hop, nanoseconds now)
{
    struct neighbor *n = l->recent;

    if (l->kind == LINK_BARE)
        return;
    if (!n || !address_equal(n->address, next_hop))
        n = neighbor_find(l, next_hop);
    if (n)
        neighbor_confirm(n, now);
}

uint32_t link_mtu(const struct link *l)
{
    uint32_t of_wire = wire_mtu(l->end);

    return l->mtu && l->mtu < of_wire ? l->mtu : of_wire;
}

static void drop(struct link *l, struct packet *p, enum drop reason, nanoseconds now)
{
    event_drop(&l->voice, now, reason, p);
    packet_put(p);
}

static struct link_upper *upper_of(const struct link *l, uint16_t ethertype)
{
    for (uint32_t i = 0; i < LINK_UPPERS && l->upper[i]; i++)
        if (link_upper_codes[l->upper[i]->code].ethertype == ethertype)
            return l->upper[i];
    return NULL;
}

static void deliver(struct link *l, struct packet *p, const struct ethernet_header *h,
                    nanoseconds now)
{
    struct link_upper *upper = upper_of(l, h->ethertype);
    const bool has_stations = l->kind == LINK_ETHERNET;
    struct link_meta meta = {.broadcast = has_stations && mac_is_group(&h->dest),
                             .source = has_stations ? &h->source : NULL};

    if (!upper) {
        drop(l, p, DROP_ETHERTYPE, now);
        return;
    }
    packet_take(p, h->header_bytes);
    packet_trim(p, h->payload_bytes);
    p->network = p->start;
    link_upper_codes[upper->code].receive(upper, p, &meta, now);
}

static void receive_bare(struct link *l, struct packet *p, nanoseconds now)
{
    struct ethernet_header h = {.payload_bytes = packet_length(p)};
    uint8_t version;

    if (packet_length(p) == 0) {
        drop(l, p, DROP_LINK_HEADER, now);
        return;
    }
    version = packet_data(p)[0] >> 4;
    h.ethertype = version == 4 ? ETHERTYPE_IP4 : version == 6 ? ETHERTYPE_IP6 : ETHERTYPE_NONE;
    deliver(l, p, &h, now);
}

static void take(struct link *l, struct packet *p, const struct ethernet_header *h, nanoseconds now)
{
    if (h->ethertype == ETHERTYPE_ARP)
        arp_receive(l, h, p, now);
    else
        deliver(l, p, h, now);
}

/* IEEE 802.1Q: to the link of its VLAN, which has the same address. A second tag behind it is an
 * ethertype that nobody speaks. */
RARE static void receive_tagged(struct link *l, struct packet *p, nanoseconds now)
{
    bool is_whole = packet_length(p) >= ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES;
    uint16_t vlan =
        is_whole ? u16_at(packet_data(p) + ETHERNET_HEADER_BYTES) & VLAN_BITS : VLAN_BITS;
    struct link *of_vlan = link_vlan(l, vlan);
    struct ethernet_header h;
    struct reader r;

    if (!of_vlan || of_vlan->is_down) {
        drop(l, p, of_vlan ? DROP_LINK_DOWN : DROP_ETHERTYPE, now);
        return;
    }
    of_vlan->received_packets++;
    of_vlan->received_bytes += packet_length(p);
    vlan_tag_remove(p);
    watch_received(of_vlan, p, now);
    r = reader_of(packet_data(p), packet_length(p));
    if (ethernet_header_read(&r, &h))
        take(of_vlan, p, &h, now);
    else
        drop(of_vlan, p, DROP_LINK_HEADER, now);
}

/* RFC 1122 2.4: up to the user of its ethertype, told whether the frame was a broadcast. */
void link_receive(struct wire_upper *wire_upper, struct packet *p, nanoseconds now)
{
    struct link *l = container_of(wire_upper, struct link, wire_upper);
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct ethernet_header h;

    p->network = 0;
    if (unlikely(l->is_down)) {
        drop(l, p, DROP_LINK_DOWN, now);
        return;
    }
    l->received_packets++;
    l->received_bytes += packet_length(p);
    if (unlikely(p->damaged)) {
        drop(l, p, DROP_FCS, now);
        return;
    }
    watch_received(l, p, now);
    if (l->kind == LINK_BARE)
        receive_bare(l, p, now);
    else if (!ethernet_header_read(&r, &h))
        drop(l, p, DROP_LINK_HEADER, now);
    else if (!mac_is_group(&h.dest) && !mac_equal(&h.dest, &l->mac))
        drop(l, p, DROP_NOT_FOR_US, now);
    else if (unlikely(h.ethertype == VLAN_TPID))
        receive_tagged(l, p, now);
    else
        take(l, p, &h, now);
}

/* ---- what a host may change of it ---- */

void link_up_set(struct link *l, bool up, nanoseconds now)
{
    l->is_down = !up;
    if (!up && l->kind == LINK_ETHERNET)
        neighbor_forget_all(l, now);
    for (uint32_t i = 0; l->kind == LINK_ETHERNET && i < l->own_count; i++) {
        l->announce_at[i] = NEVER;
        if (up && address_is_mapped(l->own[i]))
            arp_announce(l, i, now);
    }
    arp_announce_settle(l);
}

bool link_is_up(const struct link *l)
{
    return !l->is_down;
}

int link_mtu_set(struct link *l, uint32_t mtu)
{
    if (mtu > wire_mtu(l->end))
        return -EINVAL;
    l->mtu = mtu == wire_mtu(l->end) ? 0 : mtu;
    return 0;
}

int link_mac_set(struct link *l, const struct mac *mac, nanoseconds now)
{
    static const struct mac nobody;

    if (l->kind == LINK_BARE)
        return -EOPNOTSUPP;
    if (mac_is_group(mac) || mac_equal(mac, &nobody))
        return -EADDRNOTAVAIL;
    memcpy(&l->mac, mac, sizeof l->mac);
    neighbor_forget_all(l, now); /* they do not know us any more */
    for (uint32_t i = 0; !l->is_down && i < l->own_count; i++)
        if (address_is_mapped(l->own[i]))
            arp_announce(l, i, now);
    return 0;
}

bool link_neighbor_known(const struct link *l, struct address a)
{
    return l->kind == LINK_ETHERNET && neighbor_find(l, a) != NULL;
}

int link_neighbor_put(struct link *l, const struct link_neighbor_plan *plan, nanoseconds now)
{
    return l->kind == LINK_BARE ? -EOPNOTSUPP : neighbor_write(l, plan, now);
}

int link_neighbor_remove(struct link *l, struct address a, nanoseconds now)
{
    return l->kind == LINK_BARE ? -ENOENT : neighbor_forget(l, a, now);
}

void link_timer(struct timer *timer, nanoseconds now)
{
    arp_announce_timer(container_of(timer, struct link, announce), now);
}

void link_neighbor_timer(struct timer *timer, nanoseconds now)
{
    neighbor_timer(container_of(timer, struct neighbor, timer), now);
}

int link_check(const struct link *l)
{
    bool announces = false;

    if (l->own_count > LINK_ADDRESSES)
        return __LINE__;
    for (uint32_t i = 0; i < l->own_count; i++)
        announces = announces || l->announce_at[i] != NEVER;
    if (announces != timer_is_set(&l->announce))
        return __LINE__;
    return l->kind == LINK_BARE ? 0 : neighbor_check(l);
}
