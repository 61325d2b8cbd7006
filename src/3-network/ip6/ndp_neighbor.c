/* SPDX-License-Identifier: MIT */
/*
 * Solicitations and advertisements of neighbours (RFC 4861 7.2), both ways. What is learned goes to
 * layer 2 (link_hear), which also decides when to ask and gives up (7.3).
 *
 * Who is asked about an address of ours answers with it as the source, names its station, and says
 * so in the flags: solicited if the question had a source, override unless the address is
 * optimistic (RFC 4429 3.3), router if it forwards. There are no proxies and no anycast addresses.
 *
 * An advertisement that says that the sender is no router any more takes it out of the routes
 * (7.2.5).
 *
 * A question of ours comes from the address that the waiting packet is from if that is ours
 * (7.2.2). Against RFC 4429 3.2 it may be an optimistic one, if there is no better, and it names
 * our station: as on Linux, since otherwise the first packet of a host would wait until its address
 * is certain.
 */
#include "3-network/ip6/ndp_neighbor.h"

#include "3-network/ip6/ndp_dad.h"
#include "3-network/ip6/ndp_draft.h"
#include "3-network/ip6/ndp_way.h"

/* ---- asking ---- */

/* How good an address is to ask from: 0 not at all. Link-local ones serve every target. */
static uint32_t worth(const struct ip_address *own)
{
    uint32_t local = ip6_is_link_local(own->address) ? 1 : 0;

    if (address_is_mapped(own->address) || !ip_address_is_usable(own))
        return 0;
    return (own->state == ADDRESS_OPTIMISTIC ? 1 : 3) + local;
}

struct address ndp_neighbor_source(const struct ip_interface *i, struct address like)
{
    struct address best = {0, 0};
    uint32_t best_worth = 0;

    for (uint32_t k = 0; k < i->address_count; k++) {
        const struct ip_address *own = &i->address[k];
        uint32_t w = worth(own);

        if (w > 0 && address_equal(own->address, like))
            return like;
        if (w > best_worth) {
            best = own->address;
            best_worth = w;
        }
    }
    return best;
}

/* The source of the packet that waits; unspecified: nothing waits. */
static struct address source_of(const struct packet *waiting)
{
    struct ip6_header h = {.source = {0, 0}};
    struct reader r;

    if (!waiting)
        return h.source;
    r = reader_of(packet_data(waiting), packet_length(waiting));
    return ip6_header_read_quoted(&r, &h) ? h.source : (struct address){0, 0};
}

/* RFC 4861 7.2.2, 7.3.3: to the group of the target, or to the station that is known. */
void ndp_neighbor_ask(const struct ndp *n, struct address target, const struct packet *waiting,
                      const struct mac *whom, nanoseconds now)
{
    const struct ndp_header h = {.type = NDP_NEIGHBOR_SOLICITATION, .target = target};
    struct address source = ndp_neighbor_source(n->interface, source_of(waiting));
    struct ndp_draft d;

    if (address_is_unspecified(source))
        return;
    ndp_draft_begin(&d, &h);
    ndp_draft_mac(n, &d, NDP_OPTION_SOURCE_MAC);
    ndp_draft_send(n, &d, source, whom ? target : ip6_solicited_node(target), whom, now);
}

/* ---- hearing ---- */

static bool mac_of(struct reader r, enum ndp_option_type type, struct mac *mac)
{
    struct ndp_option o;

    while (ndp_message_option_read(&r, &o)) {
        if (o.type != type)
            continue;
        memcpy(mac, &o.mac, sizeof *mac);
        return true;
    }
    return false;
}

bool ndp_neighbor_hear(struct ndp *n, struct address a, struct reader r, enum ndp_option_type type,
                       bool router, nanoseconds now)
{
    struct link_news news = {.address = a, .router = router};
    struct mac mac;

    /* RFC 4861 7.2.3: who speaks by an address of ours is no neighbour that has it */
    if (!mac_of(r, type, &mac) || ip_is_own(n->interface->ip, a))
        return false;
    news.mac = &mac;
    return link_hear(n->interface->link, &n->interface->link_upper6, &news, now);
}

/* RFC 4861 7.2.4: whoever asked without an address is answered to all. `station`: the one that
 * asked, or NULL: whoever has its address. */
static void answer(struct ndp *n, const struct ip_meta *meta, const struct ip_address *own,
                   const struct mac *station, nanoseconds now)
{
    bool known = !address_is_unspecified(meta->source);
    const struct ndp_header h = {.type = NDP_NEIGHBOR_ADVERTISEMENT,
                                 .target = own->address,
                                 .router = ndp_state_is_router(n->interface),
                                 .solicited = known,
                                 .override = own->state != ADDRESS_OPTIMISTIC};
    struct ndp_draft d;

    ndp_draft_begin(&d, &h);
    ndp_draft_mac(n, &d, NDP_OPTION_TARGET_MAC);
    ndp_draft_send(n, &d, own->address, known ? meta->source : IP6_ALL_NODES, station, now);
}

/* RFC 4861 7.2.3, RFC 4862 5.4.3: who asks for what we ask for ourselves, without an address of his
 * own, wants it too. */
bool ndp_neighbor_solicited(struct ndp *n, const struct ip_meta *meta, const struct ndp_header *h,
                            struct reader r, nanoseconds now)
{
    struct ip_address *own = ip_address_find(n->interface, h->target);
    bool probe = address_is_unspecified(meta->source), direct;
    struct mac asks;

    if (!own || ip_is_own(n->interface->ip, meta->source) || own->state == ADDRESS_DUPLICATED)
        return false;
    if (probe && (own->state == ADDRESS_TENTATIVE || own->state == ADDRESS_OPTIMISTIC)) {
        ndp_dad_probed(n, own, r, now);
        return true;
    }
    if (own->state == ADDRESS_TENTATIVE)
        return false;
    if (!probe)
        (void)ndp_neighbor_hear(n, meta->source, r, NDP_OPTION_SOURCE_MAC, false, now);
    direct =
        !probe && link_is_crowded(n->interface->link) && mac_of(r, NDP_OPTION_SOURCE_MAC, &asks);
    answer(n, meta, own, direct ? &asks : NULL, now);
    return false;
}

/* RFC 4861 7.2.5, RFC 4862 5.4.4. */
bool ndp_neighbor_advertised(struct ndp *n, const struct ip_meta *meta, const struct ndp_header *h,
                             struct reader r, nanoseconds now)
{
    struct ip_interface *i = n->interface;
    struct ip_address *own = ip_address_find(i, h->target);
    struct link_news news = {.address = h->target,
                             .advertisement = true,
                             .solicited = h->solicited,
                             .override = h->override,
                             .router = h->router};
    struct mac mac;

    (void)meta;
    if (own) {
        if (own->state == ADDRESS_TENTATIVE || own->state == ADDRESS_OPTIMISTIC)
            ndp_dad_failed(n, own, now);
        else
            ndp_state_note(n, h->target, NOTE_ADDRESS_CLAIMED, now);
        return true;
    }
    if (mac_of(r, NDP_OPTION_TARGET_MAC, &mac))
        news.mac = &mac;
    if (!link_hear(i->link, &i->link_upper6, &news, now))
        return false;
    if (h->router)
        ndp_way_heard(n, h->target, now);
    else
        ndp_way_forget(n, h->target, now);
    return true;
}
