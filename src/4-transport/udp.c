/* SPDX-License-Identifier: MIT */
/*
 * UDP from below: the header (RFC 768), who gets a datagram, and errors (RFC 1122 4.1.3.3).
 *
 * Who gets it, as in Linux: the end connected to exactly this four-tuple; else, of the ends bound
 * to the port and not connected, one with the exact local address before one with any, one bound to
 * the interface before one that is not, one of this family alone before one of both; among equals
 * the newest, or with reuse_port the one that a keyed hash names. A broadcast goes to every end
 * that it matches (RFC 1122 4.1.3.5 is silent). Nobody: ICMP port unreachable
 * (RFC 1122 4.1.3.1), never for a broadcast.
 */
#include "4-transport/udp.h"

#include "base/bucket.h"
#include "base/checksum.h"

/* RFC 768: the fields in their order; the length covers header and data. */
bool udp_header_read(struct reader *r, struct udp_header *h)
{
    size_t available = reader_left(r);

    h->source_port = read_u16(r);
    h->dest_port = read_u16(r);
    h->length = read_u16(r);
    h->checksum = read_u16(r);
    return !r->failed && h->length >= UDP_HEADER_BYTES && h->length <= available;
}

void udp_header_write(struct writer *w, const struct udp_header *h)
{
    write_u16(w, h->source_port);
    write_u16(w, h->dest_port);
    write_u16(w, h->length);
    write_u16(w, h->checksum);
}

uint32_t udp_end_bytes(void)
{
    return sizeof(struct udp_end);
}

int udp_init(struct udp *u, struct means *means, const struct datagram_plan *plan)
{
    struct siphash_key key = random_key(means->key, "udp", 3);
    int result;

    u->ip = plan->ip;
    u->means = means;
    siphash_key_copy(&u->key, key);
    u->end_pool = plan->end_pool;
    u->inbox_pool = plan->inbox_pool;
    u->error_pool = plan->error_pool;
    u->code = plan->code;
    u->send_buffer = u->receive_buffer = UDP_BUFFER_DEFAULT;
    result = ports_init(&u->ports, means->arena, plan->limit, key, false);
    if (result == 0)
        result = table_init(&u->connected, means->arena, plan->limit);
    if (result == 0)
        ip_attach(plan->ip, &u->ip_upper, plan->code);
    return result;
}

uint64_t udp_hash(const struct udp *u, const struct endpoint *local, const struct endpoint *remote)
{
    return bucket_of_pair(u->key, local, remote);
}

static bool same_place(const struct endpoint *a, const struct endpoint *b)
{
    return a->port == b->port && address_equal(a->address, b->address);
}

static bool interface_fits(const struct udp_end *e, uint16_t interface)
{
    return e->common.binding.local.interface == 0 || e->common.binding.local.interface == interface;
}

/* The connected end of a four-tuple, by exact match; or NULL. */
static struct udp_end *find_connected(const struct udp *u, const struct endpoint *local,
                                      const struct endpoint *remote, uint16_t interface)
{
    struct udp_end *best = NULL;
    uint64_t best_weight = 0;
    struct table_link *l;

    if (u->connected.count == 0)
        return NULL;
    l = table_first(&u->connected, udp_hash(u, local, remote));
    for (; l; l = table_next(l)) {
        struct udp_end *e = container_of(l, struct udp_end, connected_link);
        uint64_t weight;

        if (!same_place(&e->common.binding.local, local) ||
            !same_place(&e->common.remote, remote) || !interface_fits(e, interface))
            continue;
        weight = ports_weight(&u->ports, &e->common.binding, local, remote);
        if (!best || weight > best_weight) {
            best = e;
            best_weight = weight;
        }
    }
    return best;
}

/* How well an end that is not connected fits; 0: not at all. */
static unsigned score(const struct udp_end *e, const struct endpoint *local, uint16_t interface)
{
    const struct endpoint *own = &e->common.binding.local;
    unsigned points = 1;

    if (e->common.connected || !interface_fits(e, interface))
        return 0;
    if (address_equal(own->address, local->address))
        points += 4;
    else if (!address_is_unspecified(own->address) ||
             !ports_takes(&e->common.binding, local->address))
        return 0;
    return points + (own->interface != 0 ? 2 : 0) +
           (e->common.binding.families == ADDRESS_FAMILY_4);
}

static struct udp_end *find_bound(const struct udp *u, const struct endpoint *local,
                                  const struct endpoint *remote, uint16_t interface)
{
    struct port_binding *b = ports_first(&u->ports, local->port);
    struct udp_end *best = NULL;
    unsigned best_points = 0;

    for (; b; b = ports_next(b)) {
        struct udp_end *e = container_of(b, struct udp_end, common.binding);
        unsigned points = score(e, local, interface);

        if (points == 0 || points < best_points)
            continue;
        if (points > best_points ||
            ports_weight(&u->ports, b, local, remote) >
                ports_weight(&u->ports, &best->common.binding, local, remote)) {
            best = e;
            best_points = points;
        }
    }
    return best;
}

static void drop(struct udp *u, struct packet *p, enum drop reason, nanoseconds now)
{
    event_drop(&u->means->voice, now, reason, p);
    packet_put(p);
}

static void give(struct udp_end *e, const struct ip_meta *meta, const struct endpoint *local,
                 const struct endpoint *remote, struct packet *p, nanoseconds now)
{
    if (!datagram_is_wanted(&e->common, meta, p, UDP_HEADER_BYTES))
        drop(e->udp, p, DROP_SOCKET_FILTER, now);
    else if (!datagram_arrived(&e->common, e->udp->ip, p, meta, remote, local, now))
        drop(e->udp, p, DROP_UDP_BUFFER, now);
}

static bool broadcast_fits(const struct udp_end *e, const struct ip_meta *meta,
                           const struct endpoint *local, const struct endpoint *remote)
{
    return (!e->common.connected || same_place(&e->common.remote, remote)) &&
           interface_fits(e, meta->interface) &&
           (!address_is_multicast(meta->dest) || datagram_wants(&e->common, meta)) &&
           ((address_is_unspecified(e->common.binding.local.address) &&
             ports_takes(&e->common.binding, local->address)) ||
            address_equal(e->common.binding.local.address, local->address));
}

/* Every end that fits gets a copy, in the order of binding. */
static void give_all(struct udp *u, const struct ip_meta *meta, const struct endpoint *local,
                     const struct endpoint *remote, struct packet *p, nanoseconds now)
{
    struct port_binding *b = ports_first(&u->ports, local->port);
    struct udp_end *last = NULL;
    uint32_t given = 0;

    for (; b && given < UDP_MATCHES; b = ports_next(b)) {
        struct udp_end *e = container_of(b, struct udp_end, common.binding);
        struct packet *copy;

        if (!broadcast_fits(e, meta, local, remote))
            continue;
        if (last) {
            copy = packet_copy(p);
            if (copy)
                give(last, meta, local, remote, copy, now);
            else
                event_drop(&u->means->voice, now, DROP_NO_MEMORY, p);
        }
        last = e;
        given++;
    }
    if (last)
        give(last, meta, local, remote, p, now);
    else
        drop(u, p, DROP_UDP_NO_SOCKET, now);
}

/* RFC 768; RFC 1122 4.1.3.4: a checksum of 0 says that there is none; over IPv6 there must be one
 * (RFC 8200 8.1). */
static bool checksum_is_right(const struct ip_meta *meta, const struct udp_header *h,
                              const struct packet *p)
{
    uint64_t sum = checksum_pseudo(meta->source, meta->dest, IP_PROTOCOL_UDP, h->length);

    if (h->checksum == 0)
        return address_is_mapped(meta->dest);
    return checksum_finish(checksum_add(sum, packet_data(p), h->length)) == 0;
}

/* RFC 768; RFC 1122 4.1.3.1 (nobody there: port unreachable), 4.1.3.4 (checksum), 4.1.3.5 (which
 * address it came to is told), 4.1.3.6 (what is invalid layer 3 has dropped). */
void udp_receive_datagram(struct ip_upper *upper, const struct ip_meta *meta, struct packet *p,
                          nanoseconds now)
{
    struct udp *u = container_of(upper, struct udp, ip_upper);
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct endpoint local = {.address = meta->dest, .interface = meta->interface};
    struct endpoint remote = {.address = meta->source, .interface = meta->interface};
    struct udp_header h;
    struct udp_end *e;

    if (!udp_header_read(&r, &h) || h.dest_port == 0) {
        drop(u, p, DROP_UDP_HEADER, now);
        return;
    }
    if (!checksum_is_right(meta, &h, p)) {
        drop(u, p, DROP_UDP_CHECKSUM, now);
        return;
    }
    local.port = h.dest_port;
    remote.port = h.source_port;
    packet_trim(p, h.length);
    packet_take(p, UDP_HEADER_BYTES);
    if (meta->broadcast) {
        give_all(u, meta, &local, &remote, p, now);
        return;
    }
    e = find_connected(u, &local, &remote, meta->interface);
    if (!e)
        e = find_bound(u, &local, &remote, meta->interface);
    if (e) {
        give(e, meta, &local, &remote, p, now);
        return;
    }
    ip_send_unreachable(u->ip, meta, p, IP_ERROR_PORT_UNREACHABLE, now);
    drop(u, p, DROP_UDP_NO_SOCKET, now);
}

/* Whether the datagram can have been ours is all that RFC 5927 4.1 has for UDP. */
bool udp_receive_error(struct ip_upper *upper, const struct ip_error *error, nanoseconds now)
{
    struct udp *u = container_of(upper, struct udp, ip_upper);
    struct reader r = reader_of(error->quoted, error->quoted_length);
    struct endpoint local = {.address = error->source}, remote = {.address = error->dest};
    struct datagram_quote quote = {.payload = NULL};
    struct udp_end *e;

    local.port = read_u16(&r);
    remote.port = read_u16(&r);
    if (r.failed)
        return false;
    e = find_connected(u, &local, &remote, error->interface);
    if (!e)
        e = find_bound(u, &local, &remote, error->interface);
    if (!e)
        return false;
    quote.port = remote.port;
    if (error->quoted_length >= UDP_HEADER_BYTES) {
        quote.payload = error->quoted + UDP_HEADER_BYTES;
        quote.length = error->quoted_length - UDP_HEADER_BYTES;
    }
    datagram_error_arrives(&e->common, u->means, error, &quote, now);
    return true;
}

int udp_check(const struct transport_service *service)
{
    const struct udp *u = container_of(service, const struct udp, service);
    uint32_t count = 0, connected = 0;

    for (struct list_link *l = u->ends.first; l; l = l->next) {
        const struct udp_end *e = container_of(l, struct udp_end, common.link);

        if (e->udp != u || e->common.charge->owner != e ||
            (e->common.connected && !ports_is_bound(&e->common.binding)))
            return __LINE__;
        if (e->common.inbox.count == 0 ? e->common.inbox.used != 0
                                       : e->common.inbox.used < e->common.inbox.count)
            return __LINE__;
        connected += e->common.connected;
        count++;
    }
    if (count != u->count || connected != u->connected.count)
        return __LINE__;
    return ports_check(&u->ports);
}
