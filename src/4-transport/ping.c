/* SPDX-License-Identifier: MIT */
/*
 * Echo requests from programs (RFC 792; RFC 1122 3.2.2.6; Linux's ping sockets). A program gives
 * and gets a whole ICMP message; type and code must be those of a request, the identifier is
 * replaced by the end's port and the checksum is ours. Requests are answered in layer 3, so only
 * replies come up here.
 */
#include "4-transport/ping.h"

#include <errno.h>
#include <string.h>

#include "4-transport/errors.h"
#include "4-transport/pending.h"
#include "base/arena.h"
#include "base/bytes.h"

enum { TYPE_REPLY = 0, TYPE_REQUEST = 8, BUFFER_DEFAULT = 212992 };

uint32_t ping_end_bytes(void)
{
    return sizeof(struct ping_end);
}

int ping_init(struct ping *g, const struct ping_parts *parts)
{
    int result;

    g->ip = parts->ip;
    g->packets = parts->packets;
    g->budget = parts->budget;
    g->voice.log = parts->voice.log;
    g->voice.drops = parts->voice.drops;
    g->voice.host = parts->voice.host;
    g->voice.wire = parts->voice.wire;
    g->end_pool = parts->end_pool;
    g->inbox_pool = parts->inbox_pool;
    g->drained = parts->drained;
    g->code = parts->code;
    result =
        ports_init(&g->ports, parts->arena, parts->limit, random_key(parts->key, "ping", 4), false);
    if (result == 0)
        ip_attach(parts->ip, &g->ip_upper, parts->code);
    return result;
}

/* ---- from below ---- */

static struct ping_end *find(const struct ping *g, const struct endpoint *local,
                             const struct endpoint *remote, bool any_remote)
{
    struct port_binding *b = ports_first(&g->ports, local->port);
    struct ping_end *best = NULL;
    uint64_t best_weight = 0;

    for (; b; b = ports_next(b)) {
        struct ping_end *e = container_of(b, struct ping_end, binding);
        uint64_t weight = ports_weight(&g->ports, b, local, remote);

        if ((!address_is_unspecified(b->local.address) &&
             !address_equal(b->local.address, local->address)) ||
            (b->local.interface && b->local.interface != local->interface) ||
            (e->connected && !any_remote && !address_equal(e->remote.address, remote->address)))
            continue;
        if (!best || weight > best_weight) {
            best = e;
            best_weight = weight;
        }
    }
    return best;
}

void ping_receive_message(struct ip_upper *upper, const struct ip_meta *meta, struct packet *p,
                          nanoseconds now)
{
    struct ping *g = container_of(upper, struct ping, ip_upper);
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct endpoint local = {.address = meta->dest, .interface = meta->interface};
    struct endpoint remote = {.address = meta->source, .interface = meta->interface};
    enum drop reason = DROP_PING_NO_SOCKET;
    struct ping_end *e = NULL;
    uint8_t type = read_u8(&r);

    read_skip(&r, 3);
    local.port = read_u16(&r);
    if (!r.failed && type == TYPE_REPLY && local.port != 0)
        e = find(g, &local, &remote, false);
    if (e) {
        if (inbox_add(&e->inbox, p, meta, &remote, &local, e->options.receive_buffer, now)) {
            transport_end_pending(&e->end);
            return;
        }
        reason = DROP_UDP_BUFFER;
    }
    event_drop(&g->voice, now, reason, p);
    packet_put(p);
}

bool ping_receive_error(struct ip_upper *upper, const struct ip_error *error, nanoseconds now)
{
    struct ping *g = container_of(upper, struct ping, ip_upper);
    struct reader r = reader_of(error->quoted, error->quoted_length);
    struct endpoint local = {.address = error->source}, remote = {.address = error->dest};
    struct ping_end *e;
    bool hard;
    int number = errors_number(error, &hard);

    (void)now;
    read_skip(&r, 4);
    local.port = read_u16(&r);
    local.interface = error->interface;
    if (r.failed || local.port == 0)
        return false;
    e = find(g, &local, &remote, false);
    if (!e)
        return false;
    if (error->kind == IP_ERROR_TOO_BIG)
        hard = e->options.discover_mtu != DISCOVER_DONT;
    if (hard && e->connected) {
        e->error = number;
        transport_end_pending(&e->end);
    }
    return true;
}

void ping_drained(struct charge *charge)
{
    struct ping_end *e = charge->owner;

    charge->wants = charge->bytes >= e->options.send_buffer / 2;
    if (!charge->wants)
        transport_end_pending(&e->end);
}

/* ---- from above ---- */

int ping_open(struct ping *g, struct transport *t, struct transport_upper *upper,
              struct ping_end **end)
{
    struct ping_end *e = pool_get(g->end_pool);

    if (!e)
        return -ENOBUFS;
    e->charge = charge_open(g->packets, g->drained, (uint16_t)g->code);
    if (!e->charge) {
        pool_put(g->end_pool, e);
        return -ENOBUFS;
    }
    e->charge->owner = e;
    e->end.transport = t;
    e->end.upper = upper;
    e->end.kind = TRANSPORT_PING;
    e->ping = g;
    options_init(&e->options, BUFFER_DEFAULT, BUFFER_DEFAULT);
    inbox_init(&e->inbox, g->inbox_pool);
    list_add(&g->ends, &e->link);
    g->count++;
    *end = e;
    return 0;
}

void ping_close(struct ping_end *e)
{
    struct ping *g = e->ping;

    ports_release(&g->ports, &e->binding);
    inbox_done(&e->inbox);
    charge_close(g->packets, e->charge);
    list_remove(&e->end.pending);
    list_remove(&e->link);
    g->count--;
    pool_put(g->end_pool, e);
}

static int port_take(struct ping_end *e, const struct endpoint *local)
{
    struct endpoint at = {.address = local->address, .port = local->port};

    at.interface = e->options.interface;
    e->binding.reuse_address = e->options.reuse_address;
    e->binding.reuse_port = e->options.reuse_port;
    return ports_bind(&e->ping->ports, &e->binding, &at);
}

int ping_bind(struct ping_end *e, const struct endpoint *local)
{
    if (ports_is_bound(&e->binding))
        return -EINVAL;
    if (!address_is_unspecified(local->address) && !ip_is_own(e->ping->ip, local->address))
        return -EADDRNOTAVAIL;
    return port_take(e, local);
}

static int bind_if_needed(struct ping_end *e)
{
    const struct endpoint any = {.port = 0};

    return ports_is_bound(&e->binding) ? 0 : port_take(e, &any);
}

static int path_find(const struct ping_end *e, struct address dest, uint16_t interface,
                     nanoseconds now, struct ip_path *path)
{
    int result = ip_path_find(e->ping->ip, dest, e->binding.local.address, interface, now, path);

    if (result < 0)
        return result;
    return path->broadcast && !e->options.broadcast ? -EACCES : 0;
}

int ping_connect(struct ping_end *e, const struct endpoint *remote, nanoseconds now)
{
    uint16_t interface = remote->interface ? remote->interface : e->options.interface;
    struct ip_path path;
    int result = bind_if_needed(e);

    if (result == 0)
        result = path_find(e, remote->address, interface, now, &path);
    if (result < 0)
        return result;
    memcpy(&e->path, &path, sizeof path);
    e->remote.address = path.dest;
    e->remote.port = remote->port;
    e->remote.interface = interface;
    e->connected = 1;
    return 0;
}

int ping_disconnect(struct ping_end *e)
{
    memset(&e->remote, 0, sizeof e->remote);
    e->path.generation = 0;
    e->connected = 0;
    return 0;
}

int ping_error_take(struct ping_end *e)
{
    int error = e->error;

    e->error = 0;
    return error;
}

static int may_send(struct ping_end *e, const struct transport_message *m, unsigned flags)
{
    if (flags & (TRANSPORT_OUT_OF_BAND | TRANSPORT_MORE))
        return -EOPNOTSUPP;
    if (m->length > PING_MOST_BYTES)
        return -EMSGSIZE;
    if (m->length < PING_HEADER_BYTES || m->out[0] != TYPE_REQUEST || m->out[1] != 0)
        return -EINVAL;
    if (e->error)
        return -ping_error_take(e);
    if (e->shut_writing)
        return -EPIPE;
    if (e->charge->bytes >= e->options.send_buffer) {
        e->charge->wants = 1;
        return -EAGAIN;
    }
    return 0;
}

static int route(struct ping_end *e, const struct transport_message *m, nanoseconds now,
                 struct ip_path *path)
{
    uint16_t interface = m->remote.interface ? m->remote.interface : e->options.interface;
    int result;

    if (m->remote.port != 0 || !address_is_unspecified(m->remote.address))
        return path_find(e, m->remote.address, interface, now, path);
    if (!e->connected)
        return -EDESTADDRREQ;
    result = ip_path_refresh(e->ping->ip, &e->path, now);
    memcpy(path, &e->path, sizeof *path);
    return result;
}

/* The identifier is the port; the checksum covers the whole message (RFC 792). */
static void message_write(const struct ping_end *e, const struct transport_message *m,
                          struct packet *p)
{
    uint8_t *at = packet_append(p, (uint32_t)m->length);
    struct writer w = writer_of(at + 4, 2);
    uint16_t checksum;

    memcpy(at, m->out, m->length);
    at[2] = at[3] = 0;
    write_u16(&w, e->binding.local.port);
    checksum = checksum_finish(checksum_add(0, at, m->length));
    w = writer_of(at + 2, 2);
    write_u16(&w, checksum);
}

ssize_t ping_send(struct ping_end *e, const struct transport_message *m, unsigned flags,
                  nanoseconds now)
{
    struct ip_send_facts facts;
    struct ip_path path;
    struct packet *p;
    int result = may_send(e, m, flags);

    if (result == 0)
        result = route(e, m, now, &path);
    if (result == 0)
        result =
            options_send_facts(&e->options, e->ping->ip, &path, m, (uint32_t)m->length, &facts);
    if (result == 0)
        result = bind_if_needed(e);
    if (result < 0)
        return result;
    p = packet_get(e->ping->packets, e->ping->budget, (uint32_t)m->length);
    if (!p)
        return -ENOBUFS;
    message_write(e, m, p);
    packet_charge(p, e->charge);
    result = ip_send(e->ping->ip, &e->ping->ip_upper, &path, &facts, p, now);
    if (e->charge->bytes >= e->options.send_buffer / 2)
        e->charge->wants = 1;
    return result < 0 ? result : (ssize_t)m->length;
}

ssize_t ping_receive(struct ping_end *e, struct transport_message *m, unsigned flags)
{
    ssize_t n;

    m->true_length = 0;
    if (e->error)
        return -ping_error_take(e);
    n = inbox_receive(&e->inbox, m, (flags & TRANSPORT_PEEK) != 0);
    return n == -EAGAIN && e->shut_reading ? 0 : n;
}

int ping_shutdown(struct ping_end *e, bool reading, bool writing)
{
    e->shut_reading |= reading;
    e->shut_writing |= writing;
    transport_end_pending(&e->end);
    return e->connected ? 0 : -ENOTCONN;
}

unsigned ping_ready(const struct ping_end *e)
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

void ping_local(const struct ping_end *e, struct endpoint *local)
{
    *local = e->binding.local;
    if (e->connected && address_is_unspecified(local->address))
        local->address = e->path.source;
}

int ping_remote(const struct ping_end *e, struct endpoint *remote)
{
    if (!e->connected)
        return -ENOTCONN;
    *remote = e->remote;
    return 0;
}

int ping_option_set(struct ping_end *e, enum transport_option option, int64_t value)
{
    int result;

    if (option == OPTION_RECEIVE_ERRORS && value != 0)
        return -ENOPROTOOPT; /* there is no error queue */
    result = options_set(&e->options, option, value);
    if (result < 0)
        return result;
    e->binding.reuse_address = e->options.reuse_address;
    e->binding.reuse_port = e->options.reuse_port;
    if (option == OPTION_INTERFACE)
        e->binding.local.interface = e->options.interface;
    return 0;
}

int ping_option_get(const struct ping_end *e, enum transport_option option, int64_t *value)
{
    if (option != OPTION_MTU)
        return options_get(&e->options, option, value);
    if (!e->connected)
        return -ENOTCONN;
    *value = e->path.mtu;
    return 0;
}

int64_t ping_count(const struct ping_end *e, enum transport_count_kind kind)
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

int ping_check(const struct ping *g)
{
    uint32_t count = 0;

    for (struct list_link *l = g->ends.first; l; l = l->next) {
        const struct ping_end *e = container_of(l, struct ping_end, link);

        if (e->ping != g || e->charge->owner != e)
            return __LINE__;
        count++;
    }
    return count == g->count ? ports_check(&g->ports) : __LINE__;
}
