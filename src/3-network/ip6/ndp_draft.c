/* SPDX-License-Identifier: MIT */
/* See ndp_draft.h. */
#include "3-network/ip6/ndp_draft.h"

#include "3-network/ip6/icmp6.h"

void ndp_draft_begin(struct ndp_draft *d, const struct ndp_header *h)
{
    d->w = writer_of(d->bytes, sizeof d->bytes);
    ndp_message_write(&d->w, h);
}

void ndp_draft_mac(const struct ndp *n, struct ndp_draft *d, enum ndp_option_type type)
{
    const struct mac *mac = link_mac(n->interface->link);
    struct ndp_option o = {.type = type};

    if (!mac)
        return;
    memcpy(&o.mac, mac, sizeof o.mac);
    ndp_message_option_write(&d->w, &o);
}

void ndp_draft_send(const struct ndp *n, const struct ndp_draft *d, struct address source,
                    struct address dest, const struct mac *whom, nanoseconds now)
{
    uint32_t length = (uint32_t)(d->w.at - d->bytes);
    struct ip *ip = n->interface->ip;
    struct packet *p = packet_get(ip->means->packets, &ip->means->packet_budget, length);

    ensure(!d->w.failed);
    if (!p) {
        event_drop(&ip->means->voice, now, DROP_NO_MEMORY, NULL);
        return;
    }
    memcpy(packet_append(p, length), d->bytes, length);
    icmp6_send(ip, n->interface, source, dest, NDP_HOP_LIMIT, whom, p, now);
}
