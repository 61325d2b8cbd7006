/* SPDX-License-Identifier: MIT */
/*
 * Raw ends from below: which of them hear a datagram, and what an error does to them. Theory in
 * raw.h. The rules of who hears what are Linux's (raw_v4_match, rawv6 the same; raw_err); RFC
 * 3542 3.2 has the filter of types.
 */
#include "4-transport/raw.h"

#include <string.h>

#include "base/checksum.h"

uint32_t raw_end_bytes(void)
{
    return sizeof(struct raw_end);
}

void raw_init(struct raw *r, struct means *means, const struct datagram_plan *plan)
{
    r->ip = plan->ip;
    r->means = means;
    r->end_pool = plan->end_pool;
    r->inbox_pool = plan->inbox_pool;
    r->error_pool = plan->error_pool;
    r->ip_upper.code = plan->code;
    r->limit = plan->limit;
    r->send_buffer = r->receive_buffer = 212992;
}

/* `at` is ours, `from` the other's. */
static bool hears(const struct raw_end *e, uint8_t protocol, struct address at, struct address from,
                  uint16_t interface)
{
    const struct datagram_end *c = &e->common;

    return e->protocol == protocol && !e->is_deaf && c->options.families == address_family_of(at) &&
           (address_is_unspecified(c->binding.local.address) ||
            address_equal(c->binding.local.address, at)) &&
           (!c->connected || address_equal(c->remote.address, from)) &&
           (!c->options.interface || c->options.interface == interface);
}

/* RFC 3542 3.2; of IPv4 the types below 32 have a bit, and nobody filters the others. */
static bool is_filtered(const struct raw_end *e, const struct packet *p)
{
    bool is_icmp =
        e->protocol ==
        (e->common.options.families == ADDRESS_FAMILY_4 ? IP_PROTOCOL_ICMP : IP_PROTOCOL_ICMPV6);
    uint8_t type;

    if (!is_icmp)
        return false;
    if (packet_length(p) == 0)
        return true;
    type = packet_data(p)[0];
    if (e->common.options.families == ADDRESS_FAMILY_4 && type >= 32)
        return false;
    return e->filter[type / 32] >> (type % 32) & 1;
}

/* RFC 3542 3.1: one that is ours is checked. */
static bool is_whole_and_right(const struct raw_end *e, const struct ip_meta *meta,
                               const struct packet *p)
{
    uint32_t length = packet_length(p);
    uint64_t sum;

    if (e->checksum_at < 0)
        return true;
    sum = checksum_pseudo(meta->source, meta->dest, e->protocol, length);
    return checksum_finish(checksum_add(sum, packet_data(p), length)) == 0;
}

/* A copy, with the header of IPv4. */
static void give(struct raw_end *e, const struct ip_meta *meta, const struct packet *p,
                 nanoseconds now)
{
    const struct endpoint remote = {.address = meta->source, .interface = meta->interface};
    const struct endpoint local = {.address = meta->dest, .interface = meta->interface};
    struct voice *voice = &e->raw->means->voice;
    enum drop reason = DROP_SOCKET_FILTER;
    struct packet *copy;

    if (!is_whole_and_right(e, meta, p))
        return;
    copy = packet_copy(p);
    if (!copy) {
        event_drop(voice, now, DROP_NO_MEMORY, p);
        return;
    }
    if (e->common.options.families == ADDRESS_FAMILY_4) {
        memcpy(copy->bytes + p->network, p->bytes + p->network, p->start - p->network);
        copy->start = p->network;
    }
    if (datagram_is_wanted(&e->common, meta, copy, 0)) {
        if (datagram_arrived(&e->common, e->raw->ip, copy, meta, &remote, &local, now))
            return;
        reason = DROP_UDP_BUFFER;
    }
    event_drop(voice, now, reason, copy);
    packet_put(copy);
}

bool raw_watch(struct ip_upper *upper, const struct ip_meta *meta, const struct packet *p,
               nanoseconds now)
{
    struct raw *r = container_of(upper, struct raw, ip_upper);
    bool wanted = false;

    for (struct list_link *l = r->ends.first; l; l = l->next) {
        struct raw_end *e = container_of(l, struct raw_end, common.link);

        if (!hears(e, meta->protocol, meta->dest, meta->source, meta->interface))
            continue;
        wanted = true; /* Linux: filtered or not */
        if (!is_filtered(e, p) &&
            (!address_is_multicast(meta->dest) || datagram_wants(&e->common, meta)))
            give(e, meta, p, now);
    }
    return wanted;
}

/* What came back begins with the IP header for who gave it, else with what is behind it. */
static struct datagram_quote quote_for(const struct raw_end *e, const struct ip_error *error)
{
    struct datagram_quote quote = {.payload = error->quoted, .length = error->quoted_length};

    if (e->is_whole) {
        quote.payload -= error->quoted_header;
        quote.length += error->quoted_header;
    }
    return quote;
}

/* Of an error about what a connected end can have sent the path MTU may be believed (RFC 5927
 * 4.1). */
enum ip_heard raw_receive_error(struct ip_upper *upper, const struct ip_error *error,
                                nanoseconds now)
{
    struct raw *r = container_of(upper, struct raw, ip_upper);
    enum ip_heard heard = IP_UNHEARD;

    for (struct list_link *l = r->ends.first; l; l = l->next) {
        struct raw_end *e = container_of(l, struct raw_end, common.link);
        struct datagram_quote quote;

        if (!hears(e, error->protocol, error->source, error->dest, error->interface))
            continue;
        quote = quote_for(e, error);
        datagram_error_arrives(&e->common, r->means, error, &quote, now);
        if (e->common.connected)
            heard = IP_PLAUSIBLE;
        else if (heard == IP_UNHEARD &&
                 options_to(&e->common.options, error->dest)->flags & OPTIONS_RECEIVE_ERRORS)
            heard = IP_HEARD;
    }
    return heard;
}

int raw_check(const struct transport_service *service)
{
    const struct raw *r = container_of(service, const struct raw, service);
    uint32_t count = 0;

    for (struct list_link *l = r->ends.first; l; l = l->next) {
        const struct raw_end *e = container_of(l, struct raw_end, common.link);

        if (e->raw != r || e->common.charge->owner != e)
            return __LINE__;
        count++;
    }
    return count == r->count && count <= r->limit ? 0 : __LINE__;
}
