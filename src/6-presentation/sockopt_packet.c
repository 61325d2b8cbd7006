/* SPDX-License-Identifier: MIT */
/*
 * Options of level SOL_PACKET (packet(7)) that are no plain number: memberships at a link, and how
 * many frames came. The ring is no option here: a program maps it, and what a library's user would
 * map is nowhere; who runs programs makes it out of received frames.
 */
#include "6-presentation/abi.h"
#include "6-presentation/sockopt_form.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/integer.h"

static int read_member(const struct sockopt_request *r, struct transport_link *link)
{
    struct packet_mreq given;

    memset(link, 0, sizeof *link);
    if (r->length < sizeof given)
        return -EINVAL;
    memcpy(&given, r->value, sizeof given);
    if (r->length < offsetof(struct packet_mreq, mr_address) + given.mr_alen)
        return -EINVAL;
    if (given.mr_type > PACKET_MR_UNICAST)
        return -EINVAL;
    link->kind = (enum transport_member_kind)given.mr_type;
    link->interface = given.mr_ifindex > 0 ? (uint32_t)given.mr_ifindex : 0;
    link->length = given.mr_alen;
    memcpy(link->address, given.mr_address, least(given.mr_alen, sizeof link->address));
    return 0;
}

int sockopt_packet_member(const struct sockopt_request *r)
{
    struct transport_link link;
    int status = read_member(r, &link);

    if (status)
        return status;
    return session_link(r->d->session.socket, (enum transport_link_call)r->row->least, &link);
}

/* Counting begins anew. */
int sockopt_packet_get_counts(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    struct transport_link link = {0};
    struct tpacket_stats stats;
    int status = session_link(q->d->session.socket, TRANSPORT_LINK_COUNTS, &link);

    stats.tp_packets = link.frames;
    stats.tp_drops = link.dropped;
    memcpy(answer->bytes, &stats, sizeof stats);
    answer->length = sizeof stats;
    return status;
}
