/* SPDX-License-Identifier: MIT */
/*
 * Management is vertical: what a host says of its interfaces, addresses, routes, neighbours and
 * sockets, and what its programs may change of them, by values that name no layer. Who assembles a
 * machine provides it (node/manage.c); the forms of the ABI that ask by it are netlink, the ioctls
 * of interfaces and the files of /proc.
 *
 * A program is root of its own host, and of no other (netlink(7)). An interface is known by its
 * number; the ABI's index is one more.
 */
#pragma once
#include "6-presentation/call.h"

/* What is told of an interface. */
struct manage_interface {
    char name[CALL_INTERFACE_NAME_BYTES];
    uint8_t mac[6];
    uint16_t vlan; /* 0: none */
    uint32_t base; /* of a VLAN: the number of the interface whose wire it shares */
    uint32_t mtu, most_mtu;
    bool is_loopback;
    bool is_ethernet;     /* else, if no loopback either, it carries bare IP */
    bool is_down;         /* its host has switched it off */
    bool has_ipv6;        /* it speaks it */
    uint8_t address_mode; /* how it makes addresses of IPv6 (addr_gen_mode) */
    uint64_t received_packets, received_bytes, sent_packets, sent_bytes;
};

/* What is told of an address of an interface. */
struct manage_address {
    struct address address;
    nanoseconds preferred_for, valid_for; /* NEVER: for ever */
    nanoseconds since;
    uint32_t prefix; /* bits of an address of its family */
    bool configured, temporary, tentative, optimistic, deprecated, duplicate;
    bool by_router;     /* made of a prefix that a router advertised */
    bool is_link_local; /* the host has made it itself */
    bool is_secondary;  /* IPv4: another one of its network came before it */
};

enum manage_route_kind {
    MANAGE_ROUTE_UNICAST,
    MANAGE_ROUTE_BLACKHOLE,
    MANAGE_ROUTE_UNREACHABLE,
    MANAGE_ROUTE_PROHIBIT
};

/* RFC 4191 2.1, by order. */
enum manage_route_preference { MANAGE_ROUTE_HIGH, MANAGE_ROUTE_MEDIUM, MANAGE_ROUTE_LOW };

struct manage_route {
    struct address dest, gateway; /* gateway unspecified: on the wire itself */
    struct address source;        /* that its packets have unless told otherwise; or unspecified */
    uint32_t prefix, metric;
    uint32_t mtu;           /* 0: the interface's */
    uint32_t interface;     /* number; of a route that sends nothing 0 */
    uint32_t kind;          /* enum manage_route_kind */
    uint8_t preference;     /* enum manage_route_preference */
    uint8_t protocol;       /* RTPROT_*: who made it; 0: as the next two say */
    bool by_router;         /* a router advertised it */
    bool by_address;        /* it came with an address */
    nanoseconds expires_in; /* NEVER: it stays */
};

/* IPv6's that have none have Linux's: 256 to the network of an address, else 1024. */
static inline uint32_t manage_route_metric(const struct manage_route *r)
{
    if (r->metric || address_is_mapped(r->dest))
        return r->metric;
    return r->by_address || (r->by_router && address_is_unspecified(r->gateway)) ? 256 : 1024;
}

/* Where packets to a destination go. */
struct manage_way {
    struct manage_route route; /* the one that serves; of a local destination: zeroes */
    struct address dest, source, gateway;
    uint32_t interface, mtu;
    bool is_local, is_group, is_broadcast;
    bool has_route;
};

enum manage_neighbor_state {
    MANAGE_NEIGHBOR_NONE,
    MANAGE_NEIGHBOR_INCOMPLETE,
    MANAGE_NEIGHBOR_REACHABLE,
    MANAGE_NEIGHBOR_STALE,
    MANAGE_NEIGHBOR_DELAY,
    MANAGE_NEIGHBOR_PROBE,
    MANAGE_NEIGHBOR_FAILED
};
struct manage_neighbor {
    struct address address;
    nanoseconds since, confirmed; /* ago */
    uint8_t mac[6];
    uint8_t state; /* enum manage_neighbor_state */
    bool is_permanent;
    bool is_router; /* so it says (RFC 4861 4.4) */
    uint32_t probes;
};

/* A socket of the host, or a connection that nobody holds any more or that is half open. */
struct manage_socket {
    const struct transport_end *end; /* whose options and counts may be asked for; of what is half
                                        open NULL */
    const void *at;                  /* for manage_socket_end */
    struct endpoint local, remote;
    uint64_t cookie;
    uint32_t inode;          /* as its program sees it; 0: nobody holds it, or nobody has said */
    uint32_t unread, unsent; /* bytes; of a listener: connections that wait, and how many may */
    uint32_t interface;      /* number that it keeps to; 0: any */
    uint32_t timer_ms;
    uint32_t retransmits;
    uint8_t state; /* enum tcp_state_name of sockeye/event.h, which is Linux's */
    uint8_t timer; /* which runs: 0 none, 1 retransmission, 2 keep-alive, 3 TIME-WAIT, 4 probe */
    bool is_6;     /* of AF_INET6 */
    bool is_6_alone;
    bool is_held; /* by a program */
    bool shut_reading, shut_writing;
    uint8_t protocol; /* of a raw socket: which it speaks */
};

/* A socket of AF_UNIX: between programs of the host. */
struct manage_local {
    const struct transport_end *end;
    int32_t type;          /* SOCK_* */
    struct name_unix name; /* without bytes: it has none */
    uint64_t cookie;
    uint32_t inode, peer;    /* as of struct manage_socket; peer: of whom it is connected to */
    uint32_t unread, unsent; /* the same */
    uint8_t state;           /* ESTABLISHED, CLOSED or LISTEN */
    bool is_held;            /* by a program; else it waits to be accepted */
    bool has_peer;
    bool shut_reading, shut_writing;
};

/* What a host counts (proc(5), /proc/net/snmp). */
struct manage_counts {
    uint32_t forwards, default_ttl;       /* of IPv4 */
    uint32_t rto_least_ms, rto_most_ms;   /* of TCP, as all that follows */
    uint64_t active_opens, passive_opens; /* connections */
    uint64_t attempt_fails, resets;       /* ended before, and while, established */
    uint64_t segments_in, segments_out;   /* out: without those sent again */
    uint64_t segments_again;
    uint64_t bad_segments, bad_checksums, resets_out; /* bad checksums are among the bad */
};

/* A socket of AF_NETLINK. */
struct manage_netlink {
    uint32_t inode, port, groups;
    uint32_t unread; /* bytes of memory */
    uint8_t protocol;
    bool is_telling; /* a table, and has not come to its end */
};

/* A socket of AF_PACKET. */
struct manage_frames {
    const struct transport_end *end;
    uint64_t cookie;
    uint32_t inode;
    uint32_t interface; /* number + 1; 0: it hears all */
    uint32_t unread;    /* bytes of memory */
    uint32_t receive_buffer, send_buffer;
    uint16_t protocol; /* that it hears; 0: none */
    bool is_cooked, tells_facts /* PACKET_AUXDATA */;
};

/* ---- what is told: seams ---- */

/* The socket of a protocol (IPPROTO_*) behind *at, NULL: the first. false: it was the last */
bool manage_socket(const struct call_host *host, uint8_t protocol, const void **at, nanoseconds now,
                   struct manage_socket *socket);

/* The same of AF_UNIX, and, of a listener, of the clients that wait there. */
bool manage_local(const struct call_host *host, const void **at, struct manage_local *socket);
bool manage_local_waiting(const struct transport_end *listener, const void **at, uint32_t *inode);
bool manage_local_frames(const struct call_host *host, const void **at,
                         struct manage_frames *socket);
bool manage_local_netlink(const struct call_host *host, const void **at,
                          struct manage_netlink *socket);

void manage_socket_counts(const struct call_host *host, struct manage_counts *counts);

/* false: there is no such interface */
bool manage_interface(const struct call_host *host, uint32_t number,
                      struct manage_interface *interface);
/* The i-th address of an interface. false: it has no more */
bool manage_address(const struct call_host *host, uint32_t number, uint32_t i, nanoseconds now,
                    struct manage_address *address);
/* A group that an interface hears. */
struct manage_group {
    struct address address;
    uint32_t users;
    bool is_silent;  /* its routers are not told */
    nanoseconds due; /* when they are told of it next; NEVER: they know */
};
/* The group of an interface and a family that came before *at, NULL: the newest. false: it was the
 * first. Those that all are in (224.0.0.1, ff02::1) are among them if somebody asked for them. */
bool manage_group(const struct call_host *host, uint32_t number, bool is_6, const void **at,
                  struct manage_group *group);
/* The route behind *at, NULL: the first; *at is it then: by the order of their prefixes, each
 * before those within it. false: it was the last */
bool manage_route(const struct call_host *host, const void **at, nanoseconds now,
                  struct manage_route *route);
/* The same, each behind those within it. */
bool manage_route_inner_first(const struct call_host *host, const void **at, nanoseconds now,
                              struct manage_route *route);
/* Which way packets go. source may be unspecified; interface: number, 0: any. @return 0 or -errno
 * as connect() would */
int manage_way(const struct call_host *host, struct address dest, struct address source,
               uint32_t interface, nanoseconds now, struct manage_way *way);
/* The neighbour of an interface behind *at; NULL: the first. false: it was the last */
bool manage_neighbor(const struct call_host *host, uint32_t number, const void **at,
                     nanoseconds now, struct manage_neighbor *neighbor);

/* ---- what may be changed: seams. *why, in words as Linux's, may be set beside an error ---- */

/* Ends a socket that manage_socket has told of in this call: its user hears ECONNABORTED. @raise
 * EOPNOTSUPP there is no way to end one of this kind */
int manage_socket_end(struct call_host *host, const struct manage_socket *socket, nanoseconds now);

/* What is to become of an interface; what is not named stays. */
struct manage_link {
    uint32_t mtu; /* 0: as it is */
    uint8_t mac[6];
    bool has_mac, has_up, up;
    uint8_t zero;
};
/* @raise EINVAL the MTU is out of range; EADDRNOTAVAIL no station has such a MAC address;
 * EOPNOTSUPP it has none */
int manage_link_set(struct call_host *host, uint32_t number, const struct manage_link *link,
                    nanoseconds now, const char **why);

/* Adds one; `replace`: or gives the one there is these times.
 * @raise EEXIST ENOBUFS EINVAL */
int manage_address_put(struct call_host *host, uint32_t number,
                       const struct manage_address *address, bool replace, nanoseconds now,
                       const char **why);
/* @raise EADDRNOTAVAIL */
int manage_address_remove(struct call_host *host, uint32_t number, struct address address,
                          nanoseconds now);

enum manage_route_how {
    MANAGE_ROUTE_CREATE = 1,    /* if there is none to the network with this metric */
    MANAGE_ROUTE_EXCLUSIVE = 2, /* only then */
    MANAGE_ROUTE_REPLACE = 4,   /* the first that there is */
    MANAGE_ROUTE_APPEND = 8     /* behind those that there are */
};
/* @raise EEXIST ENOENT ENOBUFS EINVAL ENETUNREACH EHOSTUNREACH ENETDOWN */
int manage_route_put(struct call_host *host, const struct manage_route *route, uint32_t how,
                     nanoseconds now, const char **why);
/* What a route must have to be removed; the first that has it goes. */
struct manage_route_match {
    struct manage_route route;
    bool has_gateway, has_interface, has_metric, has_kind, has_protocol;
};
/* @raise ESRCH */
int manage_route_remove(struct call_host *host, const struct manage_route_match *match,
                        nanoseconds now);

/* @raise EINVAL ENOBUFS EOPNOTSUPP */
int manage_neighbor_put(struct call_host *host, uint32_t number,
                        const struct manage_neighbor *neighbor, nanoseconds now);
/* @raise ENOENT */
int manage_neighbor_remove(struct call_host *host, uint32_t number, struct address address,
                           nanoseconds now);

/* ---- X.25: a line, by the name of its interface; `name` need not end ---- */

struct manage_x25_line {
    uint8_t negotiates; /* facilities that may be asked for */
    bool extended;      /* packets are numbered modulo 128 */
};
/* @raise EINVAL no such line; it is there already, or it is not there */
int manage_x25_route(struct call_host *host, const struct x121 *prefix, const char *name,
                     size_t length, bool adds);
/* @raise EINVAL */
int manage_x25_line(const struct call_host *host, const char *name, size_t length,
                    struct manage_x25_line *line);
int manage_x25_line_set(struct call_host *host, const char *name, size_t length,
                        const struct manage_x25_line *line);
