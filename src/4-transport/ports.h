/* SPDX-License-Identifier: MIT */
/*
 * Who has which port: one table for each protocol of a host (TCP, UDP, ping), keyed by port. An end
 * embeds a struct port_binding. Bindings say which local endpoints are taken; which connections
 * exist is for each protocol's own demultiplexing to know.
 *
 * Conflicts are Linux's. Two bindings of one port conflict when their interfaces and addresses can
 * both match a packet (equal, or one is any), unless
 *   streams:   both have reuse_address and neither of the older ones listens, or both reuse_port;
 *   datagrams: both have reuse_address, or both reuse_port.
 * A listener counts when it begins to listen too (ports_listen). An address that is any is any of
 * the families that the binding's socket takes (RFC 3493 5.3): :: of both conflicts with 0.0.0.0,
 * :: of IPv6 alone does not.
 *
 * Accepted connections hold their listener's port too, and there may be very many of them; so they
 * are not listed but counted, by local address and reuse flags (struct port_share): a port has as
 * many counts as the host has addresses, and no question here walks connections.
 *
 * Ephemeral ports (RFC 6056). For bind to port 0: random, then upward to the first free. For
 * connect: algorithm 4, the double hash: the place to start is a keyed hash of the local address
 * and the remote endpoint, plus a counter chosen by a second hash; after use the counter grows by a
 * small random step (algorithm 5's idea), so that a counter tells nothing of other destinations.
 *
 *     struct port_walk walk;
 *     ports_walk(p, &walk, &local, &remote);
 *     while ((port = ports_candidate(p, &walk)) != 0)
 *         if (no connection of mine has {local address, port, remote})
 *             return ports_take(p, &walk, &binding);
 *     return -EADDRNOTAVAIL;
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/list.h"
#include "base/random.h"
#include "base/table.h"

enum ports_constants {
    PORTS_FIRST = 32768, /* Linux's ip_local_port_range */
    PORTS_LAST = 60999,
    PORTS_COUNTERS = 4096 /* RFC 6056 3.3.4: the table of counters */
};

/* One end's hold on a port; zeroed: none. The reuse flags are set before it is bound; later changes
 * of the option come by ports_reuse_set, as Linux does. */
struct port_binding {
    struct list_link member;  /* in its group, unless it is counted in a share */
    struct port_group *group; /* NULL: not bound */
    struct port_share *share; /* of an accepted connection; NULL: none */
    struct endpoint local;    /* address unspecified: any; interface 0: any; port 0: not bound */
    uint64_t serial; /* the table's count of bindings, from 1: the newest is the greatest */
    uint8_t reuse_address, reuse_port;
    uint8_t listening;
    uint8_t by_connect; /* the port was chosen by connect: others may connect from it too */
    uint8_t families;   /* of an address that is any: enum address_families */
    uint8_t zero[3];
};

enum { PORT_FLAGS = 4 }; /* reuse_address + 2 * reuse_port */

/* The accepted connections of one port, local address and interface that the listener kept to. */
struct port_share {
    struct list_link member; /* in its group */
    struct address address;
    uint32_t count[PORT_FLAGS]; /* by their flags */
    uint16_t interface;
    uint16_t zero;
    uint32_t zero2;
};

/* All who hold one port. */
struct port_group {
    struct table_link link;
    struct link_list members; /* bindings, in the order of binding */
    struct link_list shares;
    uint32_t count; /* bindings, those in shares too */
    uint32_t bound; /* of these, not by connect */
    uint16_t port;
    uint16_t zero;
    uint32_t zero2;
};

struct ports {
    struct table table; /* of groups, by port */
    struct pool *group_pool, *share_pool;
    struct siphash_key key;
    uint64_t serial;
    uint64_t draws;       /* of RANDOM_PORT */
    uint32_t stream;      /* 1: the rules of streams */
    uint16_t first, last; /* ephemeral range */
    uint16_t counter[PORTS_COUNTERS];
};

/* key: of the node and the protocol. limit: ports in use at most (a power of two).
 * @return 0 -ENOMEM
 */
int ports_init(struct ports *p, struct arena *arena, uint32_t limit, struct siphash_key key,
               bool stream);

/* Binds to local; port 0: chooses one (the result is in b->local). b's reuse flags and families are
 * set already.
 * @raise EADDRINUSE; EINVAL it is bound already; ENOBUFS */
int ports_bind(struct ports *p, struct port_binding *b, const struct endpoint *local);
/* It begins to listen. @raise EADDRINUSE: another listener holds the port */
int ports_listen(struct ports *p, struct port_binding *b);
void ports_unlisten(struct port_binding *b);
/* A connection accepted by a listener holds the same port. `local` is its exact local endpoint.
 * @return 0 or -ENOBUFS */
int ports_inherit(struct ports *p, struct port_binding *b, const struct port_binding *listener,
                  const struct endpoint *local);
void ports_reuse_set(struct port_binding *b, bool reuse_address, bool reuse_port);
/* Before it is bound. */
static inline void ports_families_set(struct port_binding *b, uint8_t families)
{
    b->families = families;
}
/* The families of what can come to an address: its own, but of :: all that the socket takes. */
static inline unsigned ports_families_at(struct address a, unsigned families)
{
    return a.high == 0 && a.low == 0 ? families : address_family_of(a);
}
/* One that is bound to any address: does it take what is sent to this one? */
static inline bool ports_takes(const struct port_binding *b, struct address a)
{
    return address_is_of(a, ports_families_at(b->local.address, b->families));
}
/* The local address became known (connect on a binding to any). Keeps the port; no conflict check.
 */
void ports_address_set(struct port_binding *b, struct address address);
int ports_check(const struct ports *p); /* 0, or the line of a broken invariant */
void ports_release(struct ports *p, struct port_binding *b); /* unbound: nothing */
static inline bool ports_is_bound(const struct port_binding *b)
{
    return b->local.port != 0;
}

struct port_walk {
    struct endpoint local;
    uint32_t from;    /* where in the range it began */
    uint32_t tried;   /* candidates looked at so far */
    uint32_t counter; /* index of the counter used */
    uint16_t port;    /* the present candidate */
    uint16_t zero;
};

/* Begins a walk for a connection from local (its port is not looked at) to remote. */
void ports_walk(const struct ports *p, struct port_walk *walk, const struct endpoint *local,
                const struct endpoint *remote);
/* The next port that nobody bound (ports chosen by connect are offered too); 0: none is left. */
uint16_t ports_candidate(const struct ports *p, struct port_walk *walk);
/* Takes the present candidate, by connect; its address is the walk's. @return 0 -ENOBUFS */
int ports_take(struct ports *p, const struct port_walk *walk, struct port_binding *b);

/* Bindings of a port, in the order of binding; accepted connections are not among them. */
struct port_binding *ports_first(const struct ports *p, uint16_t port);
struct port_binding *ports_next(const struct port_binding *b);

/* Which of a group of equal bindings gets a packet: the one with the greatest weight. With
 * reuse_port a keyed hash of the four-tuple and the binding (so a member that goes moves only its
 * own flows); else the newest. Never 0. */
uint64_t ports_weight(const struct ports *p, const struct port_binding *b,
                      const struct endpoint *local, const struct endpoint *remote);
