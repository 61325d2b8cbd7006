/* SPDX-License-Identifier: MIT */
/*
 * Raw ends from above: what a socket can ask of its end (raw(7); RFC 3542 3). Theory in raw.h;
 * errors are Linux's.
 */
#include <errno.h>
#include <string.h>

#include "4-transport/raw.h"
#include "base/arena.h"
#include "base/checksum.h"

enum { CHECKSUM_AT_ICMPV6 = 2 };

int raw_open(struct transport_service *service, struct transport_upper *upper,
             struct transport_end **end)
{
    struct raw *r = container_of(service, struct raw, service);
    const struct datagram_service shared = {.of = service,
                                            .means = r->means,
                                            .inbox_pool = r->inbox_pool,
                                            .error_pool = r->error_pool,
                                            .send_buffer = r->send_buffer,
                                            .receive_buffer = r->receive_buffer};
    struct raw_end *e = r->count < r->limit ? pool_get(r->end_pool) : NULL;
    int result;

    if (!e)
        return -ENOBUFS;
    result = datagram_open(&e->common, &shared, upper);
    if (result < 0) {
        pool_put(r->end_pool, e);
        return result;
    }
    e->raw = r;
    e->checksum_at = -1;
    e->common.options.families = ADDRESS_FAMILY_4;
    list_add(&r->ends, &e->common.link);
    if (r->count++ == 0)
        ip_watch(r->ip, &r->ip_upper);
    *end = &e->common.end;
    return 0;
}

void raw_close(struct transport_end *end, nanoseconds now)
{
    struct raw_end *e = raw_end_of(end);
    struct raw *r = e->raw;

    ip_group_leave_all(r->ip, &e->common.members, now);
    datagram_close(&e->common, r->means->packets, NULL); /* it has no port */
    if (--r->count == 0)
        ip_watch(r->ip, NULL);
    pool_put(r->end_pool, e);
}

static bool is_6(const struct raw_end *e)
{
    return e->common.options.families == ADDRESS_FAMILY_6;
}

/* Any number of times, as long as it has no peer. */
int raw_bind(struct transport_end *end, const struct name *name)
{
    const struct endpoint *local = &name->endpoint;
    struct raw_end *e = raw_end_of(end);
    int result;

    if (is_6(e) && address_is_mapped(local->address))
        return -EADDRNOTAVAIL;
    if (e->common.connected)
        return -EINVAL;
    result = datagram_link_take(&e->common, e->raw->ip, local, true);
    if (result < 0)
        return result;
    if (!e->common.options.free_bind && !ip_can_bind(e->raw->ip, local->address))
        return -EADDRNOTAVAIL;
    e->common.binding.local.address = local->address;
    ip_path_doubt(&e->common.path);
    return 0;
}

int raw_connect(struct transport_end *end, const struct name *name, nanoseconds now)
{
    const struct endpoint *remote = &name->endpoint;
    struct raw_end *e = raw_end_of(end);
    struct ip_path path;
    int result = datagram_link_take(&e->common, e->raw->ip, remote, false);
    uint16_t interface = options_interface(&e->common.options, remote->address, remote->interface);

    if (result == 0 && address_is_mapped(remote->address) == is_6(e))
        result = -ENETUNREACH;
    if (result == 0)
        result = datagram_path_find(&e->common, e->raw->ip, remote->address,
                                    datagram_source(&e->common, e->raw->ip), interface, now, &path);
    if (result < 0)
        return result;
    memcpy(&e->common.path, &path, sizeof path);
    if (address_is_unspecified(e->common.binding.local.address))
        e->common.binding.local.address = path.source;
    e->common.remote.address = path.dest;
    e->common.remote.port = remote->port;
    e->common.remote.interface = interface;
    e->common.connected = 1;
    return 0;
}

int raw_disconnect(struct transport_end *end, nanoseconds now)
{
    struct raw_end *e = raw_end_of(end);

    (void)now;
    memset(&e->common.remote, 0, sizeof e->common.remote);
    e->common.binding.local.address = (struct address){0};
    ip_path_doubt(&e->common.path);
    e->common.connected = 0;
    e->is_deaf = 1;
    return 0;
}

/* RFC 3542 3: of IPv6 the port of a name is a protocol; who has none of his own chooses by it. */
static int protocol_to(const struct raw_end *e, const struct endpoint *to, uint8_t *protocol)
{
    *protocol = e->protocol;
    if (!is_6(e) || to->port == 0)
        return 0;
    if (to->port > RAW_PROTOCOL_MOST ||
        (to->port != e->protocol && e->protocol != RAW_PROTOCOL_MOST))
        return -EINVAL;
    *protocol = (uint8_t)to->port;
    return 0;
}

/* Where a datagram goes. */
static int route(const struct raw_end *e, const struct transport_message *m, nanoseconds now,
                 struct ip_path *path, uint8_t *protocol)
{
    bool is_named = m->remote.family != NAME_NONE;
    const struct endpoint *to = is_named ? &m->remote.endpoint : &e->common.remote;
    struct address source = datagram_source(&e->common, e->raw->ip);
    uint16_t interface;
    int result;

    if (!is_named && !e->common.connected)
        return -EDESTADDRREQ;
    if (is_6(e) && is_named && address_is_mapped(to->address))
        return -ENETUNREACH;
    result = is_named ? protocol_to(e, to, protocol) : 0;
    if (result < 0)
        return result;
    if (!address_is_unspecified(m->local.address)) {
        source = m->local.address;
        if (!datagram_has_source(&e->common, e->raw->ip, source))
            return -EINVAL;
    }
    interface = options_interface(&e->common.options, to->address,
                                  m->local.interface ? m->local.interface : to->interface);
    return datagram_path_find(&e->common, e->raw->ip, to->address, source, interface, now, path);
}

/* RFC 3542 3.1: over the pseudo-header and all the bytes, with zeroes where it will stand. */
static int checksum_write(const struct raw_end *e, const struct ip_path *path, uint8_t protocol,
                          uint8_t *at, uint32_t length)
{
    uint32_t where = (uint32_t)e->checksum_at;
    uint16_t checksum;
    struct writer w;

    if (length < 2 || where > length - 2)
        return -EINVAL;
    memset(at + where, 0, 2);
    checksum = checksum_finish(
        checksum_add(checksum_pseudo(path->source, path->dest, protocol, length), at, length));
    if (checksum == 0 && protocol == IP_PROTOCOL_UDP)
        checksum = 0xffff;
    w = writer_of(at + where, 2);
    write_u16(&w, checksum);
    return 0;
}

static int facts_of(struct raw_end *e, const struct transport_message *m, struct ip_path *path,
                    struct ip_send_facts *facts, nanoseconds now)
{
    uint32_t length = (uint32_t)m->length;
    int result;

    memset(facts, 0, sizeof *facts);
    if (e->is_whole && m->chosen & TRANSPORT_HAS_EXTRA && m->extra->header_length)
        return -EINVAL; /* Linux: it has a header of its own */
    if (e->is_whole) {
        path->mtu = ip_interface_mtu(e->raw->ip, path->interface);
        result = !options_allow_path(&e->common.options, path) ? -ENETUNREACH
                 : length > path->mtu                          ? -EMSGSIZE
                                                               : 0;
    } else {
        result = options_send_facts(&e->common.options, e->raw->ip, path, m, length, facts);
    }
    return result == -EMSGSIZE ? datagram_too_long(&e->common, m, path, now) : result;
}

/* The packet of a message; it is charged to the end. @return 0 or -errno: there is none */
static int packet_of(struct raw_end *e, const struct transport_message *m,
                     const struct ip_path *path, uint8_t protocol, struct packet **packet)
{
    struct means *means = e->raw->means;
    uint32_t length = (uint32_t)m->length;
    struct packet *p = packet_get(means->packets, &means->packet_budget, length);
    int result = 0;
    uint8_t *at;

    if (!p)
        return -ENOBUFS;
    at = packet_append(p, length);
    if (length)
        memcpy(at, m->out, length);
    if (e->checksum_at >= 0 && !e->is_whole)
        result = checksum_write(e, path, protocol, at, length);
    if (result < 0) {
        packet_put(p);
        return result;
    }
    packet_charge(p, e->common.charge);
    *packet = p;
    return 0;
}

ssize_t raw_send(struct transport_end *end, const struct transport_message *m, unsigned flags,
                 nanoseconds now)
{
    struct raw_end *e = raw_end_of(end);
    struct ip_send_facts facts = {.flow = 0};
    uint8_t protocol = e->protocol;
    struct packet *p = NULL;
    struct ip_path path;
    int result = datagram_can_send(m, RAW_MOST_BYTES, flags);

    if (result == 0)
        result = route(e, m, now, &path, &protocol);
    if (result == 0)
        result = facts_of(e, m, &path, &facts, now);
    if (result == 0)
        result = datagram_may_send(&e->common);
    if (result == 0)
        result = packet_of(e, m, &path, protocol, &p);
    if (result < 0)
        return result;
    if (path.options_bytes && !e->is_whole)
        options_rare_packet(&e->common.options, m, &path, &facts, p);
    if (e->is_whole)
        result = ip_send_whole(e->raw->ip, &path, p, now);
    else
        result = ip_send_as(e->raw->ip, protocol, &path, &facts, p, now);
    datagram_sent(&e->common);
    return result < 0 ? result : (ssize_t)m->length;
}

/* Linux shows the protocol as a port. */
void raw_local(const struct transport_end *end, struct name *local)
{
    const struct raw_end *e = raw_end_of(end);

    name_of_endpoint(local, &e->common.binding.local);
    local->endpoint.port = e->is_deaf ? 0 : e->protocol;
}

int raw_group(struct transport_end *end, enum transport_group_call call,
              struct transport_group *group, nanoseconds now)
{
    struct raw_end *e = raw_end_of(end);

    return datagram_group(&e->common, e->raw->ip, call, group, now);
}

uint16_t raw_interface_of(const struct transport_end *end, struct address own)
{
    return datagram_group_interface(raw_end_of(end)->raw->ip, own);
}

/* Which protocol it is, an end is told once, behind its family. */
static int protocol_set(struct raw_end *e, int64_t value)
{
    if (e->protocol || value < 1 || value > RAW_PROTOCOL_MOST)
        return -EINVAL;
    e->protocol = (uint8_t)value;
    e->is_whole = value == RAW_PROTOCOL_MOST;
    if (is_6(e) && value == IP_PROTOCOL_ICMPV6)
        e->checksum_at = CHECKSUM_AT_ICMPV6;
    return 0;
}

int raw_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                   nanoseconds now)
{
    struct raw_end *e = raw_end_of(end);

    if (option == OPTION_PROTOCOL)
        return protocol_set(e, value);
    if (option == OPTION_WHOLE)
        e->is_whole = value != 0;
    else if (option == OPTION_CHECKSUM_AT)
        e->checksum_at = value < 0 ? -1 : (int32_t)value;
    else if (option >= OPTION_FILTER && option <= OPTION_FILTER_LAST)
        e->filter[option - OPTION_FILTER] = (uint32_t)value;
    else
        return datagram_option_set(end, option, value, now);
    return 0;
}

int raw_option_get(const struct transport_end *end, enum transport_option option, int64_t *value)
{
    const struct raw_end *e = raw_end_of(end);

    if (option == OPTION_PROTOCOL)
        *value = e->protocol;
    else if (option == OPTION_WHOLE)
        *value = e->is_whole;
    else if (option == OPTION_CHECKSUM_AT)
        *value = e->checksum_at;
    else if (option >= OPTION_FILTER && option <= OPTION_FILTER_LAST)
        *value = e->filter[option - OPTION_FILTER];
    else
        return datagram_option_get(end, option, value);
    return 0;
}
