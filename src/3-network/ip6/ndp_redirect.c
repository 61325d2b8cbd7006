/* SPDX-License-Identifier: MIT */
/*
 * Redirects (RFC 4861 8). A host believes the first hop that it would use for the destination at
 * this moment, and nobody else (8.1); what it is told is a way to that one destination (ndp_way.c),
 * until its first hop fails. A router believes none (8.2: its table is not for hosts to write).
 *
 * When to send one, the forwarder knows, which also keeps the rate (8.2); here is what it says: the
 * better hop, its station if that is known by now, and as much of the packet as fits 1280 bytes.
 */
#include "3-network/ip6/ndp_redirect.h"

#include "3-network/ip6/ndp_draft.h"
#include "3-network/ip6/ndp_neighbor.h"
#include "3-network/ip6/ndp_way.h"
#include "3-network/route.h"
#include "base/integer.h"

enum { REDIRECT_BYTES = 40, REDIRECTED_HEADER_BYTES = 8 };

static bool is_first_hop(const struct ndp *n, struct address who, struct address dest)
{
    const struct ip_interface *i = n->interface;
    const struct route *r = route_find(i->ip, dest, (uint16_t)i->number);

    return r && address_equal(r->gateway, who);
}

void ndp_redirect_received(struct ndp *n, const struct ip_meta *meta, const struct ndp_header *h,
                           struct reader r, nanoseconds now)
{
    bool on_link = address_equal(h->target, h->dest);
    const struct ndp_way way = {.dest = h->dest,
                                .router = on_link ? (struct address){0, 0} : h->target,
                                .until = NEVER,
                                .bits = 128,
                                .redirected = 1};

    if (!n->interface->ip->settings.ndp.accept_redirects || ndp_state_is_router(n->interface) ||
        !is_first_hop(n, meta->source, h->dest) || ip_is_own(n->interface->ip, h->target))
        return;
    (void)ndp_neighbor_hear(n, h->target, r, NDP_OPTION_TARGET_MAC, false, now);
    ndp_way_learn(n, &way, now);
}

void ndp_redirect_send(struct ip_interface *i, struct address target, const struct packet *p,
                       nanoseconds now)
{
    const uint8_t *packet = p->bytes + p->network;
    struct reader r = reader_of(packet, p->end - p->network);
    struct ndp_option redirected = {.type = NDP_OPTION_REDIRECTED, .bytes = packet};
    struct ndp_option station = {.type = NDP_OPTION_TARGET_MAC};
    struct ndp_header h = {.type = NDP_REDIRECT, .target = target};
    struct address source = {0, 0};
    struct ip6_header of;
    struct ndp_draft d;

    if (!i->ndp || !ip6_header_read_quoted(&r, &of))
        return;
    source = ndp_neighbor_source(i, source);
    if (!ip6_is_link_local(source))
        return;
    h.dest = of.dest;
    redirected.length =
        (uint32_t)least(p->end - p->network, NDP_MESSAGE_MOST - REDIRECT_BYTES -
                                                 REDIRECTED_HEADER_BYTES - NDP_OPTION_UNIT) &
        ~(uint32_t)(NDP_OPTION_UNIT - 1);
    ndp_draft_begin(&d, &h);
    if (link_station(i->link, target, &station.mac)) /* RFC 4861 8.2 */
        ndp_message_option_write(&d.w, &station);
    ndp_message_option_write(&d.w, &redirected);
    ndp_draft_send(i->ndp, &d, source, of.source, NULL, now);
}
