/* SPDX-License-Identifier: MIT */
/*
 * UDP from above: what a socket can ask of its end (RFC 768 "User Interface"; RFC 1122 4.1.3.5,
 * 4.1.4; RFC 8085 3). Errors are Linux's.
 */
#include <errno.h>
#include <string.h>

#include "4-transport/udp.h"
#include "base/arena.h"
#include "base/checksum.h"

int udp_open(struct transport_service *service, struct transport_upper *upper,
             struct transport_end **end)
{
    struct udp *u = container_of(service, struct udp, service);
    const struct datagram_service shared = {.of = service,
                                            .means = u->means,
                                            .inbox_pool = u->inbox_pool,
                                            .error_pool = u->error_pool,
                                            .send_buffer = u->send_buffer,
                                            .receive_buffer = u->receive_buffer};
    struct udp_end *e = pool_get(u->end_pool);
    int result;

    if (!e)
        return -ENOBUFS;
    result = datagram_open(&e->common, &shared, upper);
    if (result < 0) {
        pool_put(u->end_pool, e);
        return result;
    }
    e->udp = u;
    list_add(&u->ends, &e->common.link);
    u->count++;
    *end = &e->common.end;
    return 0;
}

static void unlink_connected(struct udp_end *e)
{
    if (e->common.connected)
        table_remove(&e->udp->connected, &e->connected_link);
    e->common.connected = 0;
}

void udp_close(struct transport_end *end, nanoseconds now)
{
    struct udp_end *e = udp_end_of(end);
    struct udp *u = e->udp;

    ip_group_leave_all(u->ip, &e->common.members, now);
    unlink_connected(e);
    datagram_close(&e->common, u->means->packets, &u->ports);
    u->count--;
    pool_put(u->end_pool, e);
}

/* RFC 1122 4.1.3.5: a local address of its own choice. */
int udp_bind(struct transport_end *end, const struct name *name)
{
    const struct endpoint *local = &name->endpoint;
    struct udp_end *e = udp_end_of(end);
    int result = 0;

    if (ports_is_bound(&e->common.binding))
        return -EINVAL;
    result = options_can_bind(&e->common.options, local->address);
    if (result == 0)
        result = datagram_link_take(&e->common, e->udp->ip, local, true);
    if (result < 0)
        return result;
    if (!e->common.options.free_bind && !ip_can_bind(e->udp->ip, local->address))
        return -EADDRNOTAVAIL;
    if (local->port == 0 && e->common.options.bind_no_port) /* connect or send chooses it */
        ports_address_set(&e->common.binding, local->address);
    else
        result = datagram_port_take(&e->common, &e->udp->ports, local);
    if (result < 0)
        return result;
    options_bound(&e->common.options, local->address);
    ports_families_set(&e->common.binding, e->common.options.families);
    e->address_bound = !address_is_unspecified(local->address);
    e->port_bound = local->port != 0;
    return 0;
}

int udp_connect(struct transport_end *end, const struct name *name, nanoseconds now)
{
    const struct endpoint *remote = &name->endpoint;
    struct udp_end *e = udp_end_of(end);
    struct ip_path path;
    int result = datagram_bind_if_needed(&e->common, &e->udp->ports);
    uint16_t interface;

    if (result == 0)
        result = datagram_link_take(&e->common, e->udp->ip, remote, false);
    interface = options_interface(&e->common.options, remote->address, remote->interface);
    if (result == 0)
        result = datagram_path_find(&e->common, e->udp->ip, remote->address,
                                    datagram_source(&e->common, e->udp->ip), interface, now, &path);
    if (result < 0)
        return result;
    unlink_connected(e);
    memcpy(&e->common.path, &path, sizeof path);
    if (address_is_unspecified(e->common.binding.local.address))
        ports_address_set(&e->common.binding, path.source);
    e->common.remote.address = path.dest;
    e->common.remote.port = remote->port;
    e->common.remote.interface = interface;
    e->common.connected = 1;
    table_add(&e->udp->connected, &e->connected_link,
              udp_hash(e->udp, &e->common.binding.local, &e->common.remote));
    return 0;
}

int udp_disconnect(struct transport_end *end, nanoseconds now)
{
    struct udp_end *e = udp_end_of(end);

    (void)now;
    unlink_connected(e);
    memset(&e->common.remote, 0, sizeof e->common.remote);
    e->common.path.generation = 0;
    if (!e->address_bound)
        ports_address_set(&e->common.binding, (struct address){0});
    if (!e->port_bound)
        ports_release(&e->udp->ports, &e->common.binding);
    return 0;
}

/* Where this datagram goes. The path of the last one serves again if nothing changed. */
static int route(struct udp_end *e, const struct transport_message *m, nanoseconds now,
                 struct ip_path *path, uint16_t *port)
{
    struct address source = datagram_source(&e->common, e->udp->ip);
    uint16_t interface;
    const struct endpoint *to = &m->remote.endpoint;
    int result;

    if (m->remote.family == NAME_NONE) {
        if (!e->common.connected)
            return -EDESTADDRREQ;
        to = &e->common.remote;
    } else if (to->port == 0) {
        return -EINVAL;
    }
    *port = to->port;
    if (!address_is_unspecified(m->local.address)) {
        source = m->local.address;
        if (!datagram_has_source(&e->common, e->udp->ip, source))
            return -EINVAL;
    }
    interface = options_interface(&e->common.options, to->address,
                                  m->local.interface ? m->local.interface : to->interface);
    if (!ip_path_is_fresh(e->udp->ip, &e->common.path) ||
        !address_equal(e->common.path.dest, to->address) || e->common.path.wanted != interface ||
        (address_is_unspecified(source) ? e->path_source_given != 0
                                        : !address_equal(source, e->common.path.source))) {
        result =
            datagram_path_find(&e->common, e->udp->ip, to->address, source, interface, now, path);
        if (result < 0)
            return result;
        memcpy(&e->common.path, path, sizeof *path);
        e->path_source_given = !address_is_unspecified(source);
        return 0;
    }
    memcpy(path, &e->common.path, sizeof *path);
    return path->broadcast && !e->common.options.broadcast ? -EACCES : 0;
}

/* RFC 768: the header, with the checksum over pseudo-header, header and data; 0 is sent as all
 * ones. One pass over the bytes. */
static void datagram_write(const struct udp_end *e, const struct ip_path *path, uint16_t port,
                           const struct transport_message *m, struct packet *p)
{
    uint8_t *at = packet_append(p, (uint32_t)m->length + UDP_HEADER_BYTES);
    struct writer w = writer_of(at, UDP_HEADER_BYTES);
    struct udp_header h = {.source_port = e->common.binding.local.port,
                           .dest_port = port,
                           .length = (uint16_t)(m->length + UDP_HEADER_BYTES)};
    uint64_t sum;

    udp_header_write(&w, &h);
    sum = checksum_pseudo(path->source, path->dest, IP_PROTOCOL_UDP, h.length);
    sum = checksum_add(sum, at, UDP_HEADER_BYTES);
    if (m->length)
        sum = checksum_copy(sum, at + UDP_HEADER_BYTES, m->out, m->length);
    h.checksum = checksum_finish(sum);
    if (h.checksum == 0)
        h.checksum = 0xffff;
    w = writer_of(at + 6, 2);
    write_u16(&w, h.checksum);
}

/* The length of an IPv4 datagram counts its header too (RFC 791 3.1), that of IPv6 its payload
 * alone (RFC 8200 3). */
static uint32_t most_bytes(const struct udp_end *e, const struct transport_message *m)
{
    struct address to =
        m->remote.family == NAME_NONE ? e->common.remote.address : m->remote.endpoint.address;

    return address_is_mapped(to) ? UDP_MOST_BYTES : UDP_MOST_BYTES_6;
}

static int send_facts(struct udp_end *e, const struct transport_message *m, uint32_t length,
                      struct ip_path *path, struct ip_send_facts *facts, nanoseconds now)
{
    int result = options_send_facts(&e->common.options, e->udp->ip, path, m, length, facts);

    return result == -EMSGSIZE ? datagram_too_long(&e->common, m, path, now) : result;
}

/* To a group, or with options in its header. @return false: it goes nowhere */
static bool send_special(const struct udp_end *e, const struct transport_message *m,
                         struct ip_path *path, struct ip_send_facts *facts, struct packet *p)
{
    if (path->group && facts->hop_limit == 0) { /* RFC 1112 6.1: it does not leave the host */
        if (facts->how & IP_SEND_NO_LOOP)
            return false;
        path->interface = 0;
        facts->how |= IP_SEND_NO_LOOP;
        facts->hop_limit = 1;
    }
    if (path->options_bytes)
        options_rare_packet(&e->common.options, m, path, facts, p);
    return true;
}

/* RFC 768 (user interface); RFC 1122 4.1.4: TOS, TTL and source are the program's. */
ssize_t udp_send(struct transport_end *end, const struct transport_message *m, unsigned flags,
                 nanoseconds now)
{
    struct udp_end *e = udp_end_of(end);
    uint32_t length = (uint32_t)m->length + UDP_HEADER_BYTES;
    struct ip_send_facts facts;
    uint32_t most_length = most_bytes(e, m);
    struct ip_path path;
    struct packet *p;
    uint16_t port = 0;
    int result = datagram_bind_if_needed(
        &e->common, &e->udp->ports); /* Linux: first, whatever comes of the sending */

    if (result == 0)
        result = datagram_can_send(
            m, most_length,
            most_length == UDP_MOST_BYTES ? flags : flags & ~(unsigned)TRANSPORT_OUT_OF_BAND);
    if (result == 0)
        result = route(e, m, now, &path, &port);
    facts.flow = (uint32_t)e->common.binding.local.port << 16 | port;
    if (result == 0)
        result = send_facts(e, m, length, &path, &facts, now);
    if (result == 0)
        result = datagram_may_send(&e->common);
    if (result < 0)
        return result;
    p = packet_get(e->udp->means->packets, &e->udp->means->packet_budget, length);
    if (!p)
        return -ENOBUFS;
    datagram_write(e, &path, port, m, p);
    if (unlikely(path.special) && !send_special(e, m, &path, &facts, p)) {
        packet_put(p);
        return (ssize_t)m->length;
    }
    packet_charge(p, e->common.charge);
    result = ip_send(e->udp->ip, &e->udp->ip_upper, &path, &facts, p, now);
    datagram_sent(&e->common);
    return result < 0 ? result : (ssize_t)m->length;
}

void udp_local(const struct transport_end *end, struct name *local)
{
    name_of_endpoint(local, &udp_end_of(end)->common.binding.local);
}

int udp_group(struct transport_end *end, enum transport_group_call call,
              struct transport_group *group, nanoseconds now)
{
    struct udp_end *e = udp_end_of(end);

    return datagram_group(&e->common, e->udp->ip, call, group, now);
}

uint16_t udp_interface_of(const struct transport_end *end, struct address own)
{
    return datagram_group_interface(udp_end_of(end)->udp->ip, own);
}
