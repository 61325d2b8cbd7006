/* SPDX-License-Identifier: MIT */
/*
 * WHOLE: the name of a connection: which port it holds (ports.h, RFC 6056), its four-tuple, and in
 * which table segments find it (RFC 9293 3.10.7): that of connections, or as a listener that of
 * listeners. It calls no other WHOLE file.
 *
 *     bound      binding.local, by bind, listen or connect
 *     listening  in tcp->listeners, by its local end
 *     hashed     in tcp->connections, by its four-tuple, until it is closed
 */
#include <errno.h>

#include "4-transport/tcp/tcp_conn.h"

/* An end of its own: by the interface that SO_BINDTODEVICE names. */
static struct endpoint own_end(const struct tcp_conn *c, struct address address, uint16_t port)
{
    return (struct endpoint){
        .address = address, .port = port, .interface = c->options.common.interface};
}

static void local_set(struct tcp_conn *c, const struct endpoint *local)
{
    c->name.tuple.local.address = local->address;
    c->name.tuple.local.port = local->port;
}

/* RFC 9293 3.9.1.1: the optional local address (MUST-43). */
int tcp_name_bind(struct tcp_conn *c, const struct endpoint *local)
{
    const struct endpoint own = own_end(c, local->address, local->port);
    int result;

    if (local->port == 0 && c->options.common.bind_no_port) { /* connect or listen chooses it */
        ports_address_set(&c->name.binding, local->address);
        c->name.tuple.local.address = local->address;
        c->name.address_chosen = 0;
        return 0;
    }
    tcp_name_options(c);
    result = ports_bind(&c->tcp->ports, &c->name.binding, &own);
    if (result < 0)
        return result;
    local_set(c, &c->name.binding.local);
    c->name.address_chosen = 0;
    c->name.port_given = local->port != 0;
    return 0;
}

/* SO_REUSEADDR, SO_REUSEPORT and SO_BINDTODEVICE are as they are now. */
void tcp_name_options(struct tcp_conn *c)
{
    c->name.binding.local.interface = c->options.common.interface;
    ports_families_set(&c->name.binding, c->options.common.families);
    ports_reuse_set(&c->name.binding, c->options.common.reuse_address,
                    c->options.common.reuse_port);
}

int tcp_name_listen(struct tcp_conn *c)
{
    const struct endpoint any_port = own_end(c, c->name.binding.local.address, 0);
    struct tcp *t = c->tcp;
    int result = 0;

    if (!ports_is_bound(&c->name.binding))
        result = ports_bind(&t->ports, &c->name.binding, &any_port);
    if (result == 0)
        result = ports_listen(&t->ports, &c->name.binding);
    if (result < 0)
        return result;
    local_set(c, &c->name.binding.local);
    table_add(&t->listeners, &c->name.tuple.link, tcp_demux_listener_hash(&c->name.tuple.local));
    return 0;
}

void tcp_name_unlisten(struct tcp_conn *c)
{
    ports_unlisten(&c->name.binding);
    table_remove(&c->tcp->listeners, &c->name.tuple.link);
}

/* May a new connection end this one, that waits in TIME-WAIT for what is old? Yes if timestamps
 * tell the old from the new at the peer too (RFC 6191 2; RFC 7323 5.8), and if the program named
 * the port: then there is no other to take. Otherwise as tcp_tw_reuse says, and when it has waited
 * a while (Linux: tcp_twsk_unique()). */
static bool may_reuse(const struct tcp_conn *old, bool port_given, nanoseconds now)
{
    const struct tcp_settings *s = &old->tcp->settings;
    const struct tcp_tuple *tuple = &old->name.tuple;
    bool loopback =
        address_is_loopback(tuple->local.address) || address_is_loopback(tuple->remote.address);

    if (old->state != TCP_STATE_TIME_WAIT || !old->agreed.ts_ok)
        return false;
    if (port_given)
        return true;
    return (s->tw_reuse == TW_REUSE || (s->tw_reuse == TW_REUSE_LOOPBACK && loopback)) &&
           now - old->timers.waiting_since > (nanoseconds)s->tw_reuse_delay_ms * MILLISECOND;
}

/* RFC 9293 3.9.1.1: a socket pair has one connection; other connections of the same local port do
 * not matter (MUST-42). *old: a TIME-WAIT that makes room; NULL: there is none. */
static bool is_taken(const struct tcp_conn *c, uint64_t hash, const struct endpoint *local,
                     const struct endpoint *remote, nanoseconds now, struct tcp_conn **old)
{
    struct tcp_tuple *tuple = tcp_demux_find(&c->tcp->connections, hash, local, remote);

    *old = tuple ? container_of(tuple, struct tcp_conn, name.tuple) : NULL;
    return *old && !may_reuse(*old, ports_is_bound(&c->name.binding), now);
}

/* Its port is bound, and nobody of this name is found any more. */
static void enter(struct tcp_conn *c, uint64_t hash, const struct endpoint *local,
                  const struct endpoint *remote)
{
    struct tcp *t = c->tcp;

    local_set(c, local);
    if (address_is_of_link(remote->address))
        c->name.tuple.local.interface = c->options.common.interface;
    c->name.tuple.remote.address = remote->address;
    c->name.tuple.remote.port = remote->port;
    table_add(&t->connections, &c->name.tuple.link, hash);
    c->name.hashed = 1;
    t->recent = &c->name.tuple; /* what comes next is likely for it */
}

static uint64_t hash_of(const struct tcp_conn *c, const struct endpoint *local,
                        const struct endpoint *remote)
{
    return tcp_demux_hash(c->tcp->table_key, local, remote);
}

static void leave_table(struct tcp_conn *c)
{
    struct tcp *t = c->tcp;

    if (!c->name.hashed)
        return;
    table_remove(&t->connections, &c->name.tuple.link);
    if (t->recent == &c->name.tuple)
        t->recent = NULL;
    c->name.hashed = 0;
}

/* Binds the port if need be and enters the four-tuple. RFC 9293 3.9.1.1: the socket pair is settled
 * before the SYN (MUST-43 to 45); the port by RFC 6056 3.3. A TIME-WAIT that had the name has lost
 * it, and is the caller's to end. */
int tcp_name_take(struct tcp_conn *c, const struct endpoint *remote, nanoseconds now,
                  struct tcp_conn **old)
{
    struct ports *ports = &c->tcp->ports;
    struct port_binding *binding = &c->name.binding;
    struct endpoint local = own_end(c, c->path.source, binding->local.port);
    struct port_walk walk;
    uint64_t hash;
    int result = -EADDRNOTAVAIL;

    c->name.address_chosen |= address_is_unspecified(binding->local.address);
    if (ports_is_bound(binding)) {
        hash = hash_of(c, &local, remote);
        if (is_taken(c, hash, &local, remote, now, old))
            return -EADDRNOTAVAIL;
        if (*old)
            leave_table(*old);
        ports_address_set(binding, c->path.source);
        enter(c, hash, &local, remote);
        return 0;
    }
    ports_walk(ports, &walk, &local, remote);
    while ((local.port = ports_candidate(ports, &walk)) != 0) {
        hash = hash_of(c, &local, remote);
        if (is_taken(c, hash, &local, remote, now, old))
            continue;
        result = ports_take(ports, &walk, binding);
        if (result < 0)
            break;
        if (*old)
            leave_table(*old);
        enter(c, hash, &local, remote);
        return 0;
    }
    return result;
}

/* Of a half-open connection, on its listener's port. */
int tcp_name_inherit(struct tcp_conn *c, const struct tcp_conn *listener,
                     const struct tcp_tuple *tuple)
{
    int result =
        ports_inherit(&c->tcp->ports, &c->name.binding, &listener->name.binding, &tuple->local);

    if (result < 0)
        return result;
    tcp_name_options(c);
    enter(c, tuple->link.hash, &tuple->local, &tuple->remote);
    return 0;
}

/* Nobody finds it any more, and its port is free; but one that a program gave stays its socket's
 * until that is closed (Linux: SOCK_BINDPORT_LOCK). */
void tcp_name_release(struct tcp_conn *c)
{
    leave_table(c);
    if (!c->user.held || !c->name.port_given)
        ports_release(&c->tcp->ports, &c->name.binding);
}

/* It has no peer; an address that the route chose, not the program, the next connect chooses
 * anew. */
void tcp_name_forget(struct tcp_conn *c)
{
    c->name.tuple.remote.port = 0;
    c->name.tuple.local.interface = 0;
    if (!c->name.address_chosen)
        return;
    ports_address_set(&c->name.binding, (struct address){0});
    c->name.tuple.local.address = (struct address){0};
}
