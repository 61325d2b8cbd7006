/* SPDX-License-Identifier: MIT */
/*
 * UDP from above: what a socket can ask of its end (RFC 768 "User Interface"; RFC 1122 4.1.3.5,
 * 4.1.4; RFC 8085 3). Errors are Linux's.
 */
#include <errno.h>
#include <string.h>

#include "4-transport/pending.h"
#include "4-transport/udp.h"
#include "base/arena.h"

int udp_open(struct udp *u, struct transport *t, struct transport_upper *upper,
             struct udp_end **end)
{
    struct udp_end *e = pool_get(u->end_pool);

    if (!e)
        return -ENOBUFS;
    e->charge = charge_open(u->packets, u->drained, (uint16_t)u->code);
    if (!e->charge) {
        pool_put(u->end_pool, e);
        return -ENOBUFS;
    }
    e->charge->owner = e;
    e->end.transport = t;
    e->end.upper = upper;
    e->end.kind = TRANSPORT_DATAGRAM;
    e->udp = u;
    options_init(&e->options, u->send_buffer, u->receive_buffer);
    inbox_init(&e->inbox, u->inbox_pool);
    list_add(&u->ends, &e->link);
    u->count++;
    *end = e;
    return 0;
}

static void unlink_connected(struct udp_end *e)
{
    if (e->connected)
        table_remove(&e->udp->connected, &e->connected_link);
    e->connected = 0;
}

void udp_close(struct udp_end *e)
{
    struct udp *u = e->udp;

    unlink_connected(e);
    ports_release(&u->ports, &e->binding);
    inbox_done(&e->inbox);
    charge_close(u->packets, e->charge);
    list_remove(&e->end.pending);
    list_remove(&e->link);
    u->count--;
    pool_put(u->end_pool, e);
}

static int port_take(struct udp_end *e, const struct endpoint *local)
{
    struct endpoint at = {.address = local->address, .port = local->port};

    at.interface = e->options.interface;
    e->binding.reuse_address = e->options.reuse_address;
    e->binding.reuse_port = e->options.reuse_port;
    return ports_bind(&e->udp->ports, &e->binding, &at);
}

/* RFC 1122 4.1.3.5: a local address of its own choice. */
int udp_bind(struct udp_end *e, const struct endpoint *local)
{
    int result;

    if (ports_is_bound(&e->binding))
        return -EINVAL;
    if (!e->options.free_bind && !ip_can_bind(e->udp->ip, local->address))
        return -EADDRNOTAVAIL;
    result = port_take(e, local);
    if (result < 0)
        return result;
    e->address_bound = !address_is_unspecified(local->address);
    e->port_bound = local->port != 0;
    return 0;
}

/* The first send or connect of an end that was not bound. */
static int bind_if_needed(struct udp_end *e)
{
    const struct endpoint any = {.port = 0};

    return ports_is_bound(&e->binding) ? 0 : port_take(e, &any);
}

/* The source that a datagram must have; unspecified: layer 3 chooses (RFC 1122 4.1.3.5). */
static struct address source_of(const struct udp_end *e)
{
    return ip_is_own(e->udp->ip, e->binding.local.address) ? e->binding.local.address
                                                           : (struct address){0};
}

/* RFC 1122 3.3.6: only a program that says so broadcasts. */
static int path_find(struct udp_end *e, struct address dest, struct address source,
                     uint16_t interface, nanoseconds now, struct ip_path *path)
{
    int result = ip_path_find(e->udp->ip, dest, source, interface, now, path);

    if (result < 0)
        return result;
    return path->broadcast && !e->options.broadcast ? -EACCES : 0;
}

int udp_connect(struct udp_end *e, const struct endpoint *remote, nanoseconds now)
{
    struct ip_path path;
    uint16_t interface = remote->interface ? remote->interface : e->options.interface;
    int result = bind_if_needed(e);

    if (result == 0)
        result = path_find(e, remote->address, source_of(e), interface, now, &path);
    if (result < 0)
        return result;
    unlink_connected(e);
    memcpy(&e->path, &path, sizeof path);
    if (address_is_unspecified(e->binding.local.address))
        ports_address_set(&e->binding, path.source);
    e->remote.address = path.dest;
    e->remote.port = remote->port;
    e->remote.interface = interface;
    e->connected = 1;
    table_add(&e->udp->connected, &e->connected_link,
              udp_hash(e->udp, &e->binding.local, &e->remote));
    return 0;
}

int udp_disconnect(struct udp_end *e)
{
    unlink_connected(e);
    memset(&e->remote, 0, sizeof e->remote);
    e->path.generation = 0;
    if (!e->address_bound)
        ports_address_set(&e->binding, (struct address){0});
    if (!e->port_bound && !e->address_bound)
        ports_release(&e->udp->ports, &e->binding);
    return 0;
}

int udp_error_take(struct udp_end *e)
{
    int error = e->error;

    e->error = 0;
    return error;
}

/* Where this datagram goes. The path of the last one serves again if nothing changed. */
static int route(struct udp_end *e, const struct transport_message *m, nanoseconds now,
                 struct ip_path *path, uint16_t *port)
{
    struct address source = source_of(e);
    uint16_t interface = e->options.interface;
    struct address dest = m->remote.address;
    int result;

    *port = m->remote.port;
    if (m->remote.port == 0) {
        if (!address_is_unspecified(m->remote.address))
            return -EINVAL;
        if (!e->connected)
            return -EDESTADDRREQ;
        dest = e->remote.address;
        interface = e->remote.interface;
        *port = e->remote.port;
    }
    if (!address_is_unspecified(m->local.address))
        source = m->local.address;
    if (m->local.interface)
        interface = m->local.interface;
    else if (m->remote.interface)
        interface = m->remote.interface;
    if (e->path.generation == 0 || !address_equal(e->path.dest, dest) ||
        e->path.wanted != interface ||
        (address_is_unspecified(source) ? e->path_source_given != 0
                                        : !address_equal(source, e->path.source))) {
        result = path_find(e, dest, source, interface, now, path);
        e->path_source_given = !address_is_unspecified(source);
        if (result < 0)
            return result;
        memcpy(&e->path, path, sizeof *path);
        return 0;
    }
    result = ip_path_refresh(e->udp->ip, &e->path, now);
    memcpy(path, &e->path, sizeof *path);
    return result == 0 && path->broadcast && !e->options.broadcast ? -EACCES : result;
}

/* RFC 768: the header, with the checksum over pseudo-header, header and data; 0 is sent as all
 * ones. One pass over the bytes. */
static void datagram_write(const struct udp_end *e, const struct ip_path *path, uint16_t port,
                           const struct transport_message *m, struct packet *p)
{
    uint8_t *at = packet_append(p, (uint32_t)m->length + UDP_HEADER_BYTES);
    struct writer w = writer_of(at, UDP_HEADER_BYTES);
    struct udp_header h = {.source_port = e->binding.local.port,
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

/* What forbids any sending now. */
static int may_send(struct udp_end *e, const struct transport_message *m, unsigned flags)
{
    if (flags & (TRANSPORT_OUT_OF_BAND | TRANSPORT_MORE))
        return -EOPNOTSUPP;
    if (m->length > UDP_MOST_BYTES)
        return -EMSGSIZE;
    if (e->error)
        return -udp_error_take(e);
    if (e->shut_writing)
        return -EPIPE;
    if (e->charge->bytes >= e->options.send_buffer) {
        e->charge->wants = 1;
        return -EAGAIN;
    }
    return 0;
}

/* RFC 768 (user interface); RFC 1122 4.1.4: TOS, TTL and source are the program's. */
ssize_t udp_send(struct udp_end *e, const struct transport_message *m, unsigned flags,
                 nanoseconds now)
{
    uint32_t length = (uint32_t)m->length + UDP_HEADER_BYTES;
    struct ip_send_facts facts;
    struct ip_path path;
    struct packet *p;
    uint16_t port = 0;
    int result = bind_if_needed(e); /* Linux: first, whatever comes of the sending */

    if (result == 0)
        result = may_send(e, m, flags);
    if (result == 0)
        result = route(e, m, now, &path, &port);
    if (result == 0)
        result = options_send_facts(&e->options, e->udp->ip, &path, m, length, &facts);
    if (result < 0)
        return result;
    if (path.group && facts.hop_limit == 0)
        return (ssize_t)m->length; /* RFC 1112 6.1: it does not leave the host */
    p = packet_get(e->udp->packets, e->udp->budget, length);
    if (!p)
        return -ENOBUFS;
    datagram_write(e, &path, port, m, p);
    packet_charge(p, e->charge);
    result = ip_send(e->udp->ip, &e->udp->ip_upper, &path, &facts, p, now);
    if (e->charge->bytes >= e->options.send_buffer / 2)
        e->charge->wants = 1;
    return result < 0 ? result : (ssize_t)m->length;
}

/* RFC 768 (user interface); RFC 1122 4.1.4. */
ssize_t udp_receive(struct udp_end *e, struct transport_message *m, unsigned flags)
{
    ssize_t n;

    m->true_length = 0;
    if (e->error)
        return -udp_error_take(e);
    n = inbox_receive(&e->inbox, m, (flags & TRANSPORT_PEEK) != 0);
    return n == -EAGAIN && e->shut_reading ? 0 : n;
}

int udp_shutdown(struct udp_end *e, bool reading, bool writing)
{
    e->shut_reading |= reading;
    e->shut_writing |= writing;
    transport_end_pending(&e->end);
    return e->connected ? 0 : -ENOTCONN;
}

unsigned udp_ready(const struct udp_end *e)
{
    unsigned ready = 0;

    if (!inbox_is_empty(&e->inbox) || e->shut_reading)
        ready |= READY_IN;
    if (e->charge->bytes < e->options.send_buffer / 2)
        ready |= READY_OUT;
    if (e->error)
        ready |= READY_ERROR;
    if (e->shut_reading)
        ready |= READY_READ_END;
    if (e->shut_reading && e->shut_writing)
        ready |= READY_HUP;
    return ready;
}

void udp_local(const struct udp_end *e, struct endpoint *local)
{
    *local = e->binding.local;
}

int udp_remote(const struct udp_end *e, struct endpoint *remote)
{
    if (!e->connected)
        return -ENOTCONN;
    *remote = e->remote;
    return 0;
}

int udp_option_set(struct udp_end *e, enum transport_option option, int64_t value)
{
    int result;

    if (option == OPTION_RECEIVE_ERRORS && value != 0)
        return -ENOPROTOOPT; /* there is no error queue */
    result = options_set(&e->options, option, value);
    if (result < 0)
        return result;
    e->binding.reuse_address = e->options.reuse_address;
    e->binding.reuse_port = e->options.reuse_port;
    if (option == OPTION_INTERFACE) {
        e->binding.local.interface = e->options.interface;
        e->path.generation = 0;
    }
    return 0;
}

int udp_option_get(const struct udp_end *e, enum transport_option option, int64_t *value)
{
    if (option != OPTION_MTU)
        return options_get(&e->options, option, value);
    if (!e->connected)
        return -ENOTCONN;
    *value = e->path.mtu;
    return 0;
}

int64_t udp_count(const struct udp_end *e, enum transport_count_kind kind)
{
    switch (kind) {
    case COUNT_UNREAD:
        return inbox_next_length(&e->inbox);
    case COUNT_UNACKED:
    case COUNT_UNSENT:
        return e->charge->bytes;
    case COUNT_AT_MARK:
        break;
    }
    return -EINVAL;
}
