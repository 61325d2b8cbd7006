/* SPDX-License-Identifier: MIT */
/*
 * Network address and port translation: which endpoint outside stands for which inside. A value: it
 * is given flows (addresses, ports, a protocol, the flags of TCP) and says what they become; bytes
 * are translate_packet.c's, and when it is asked is the forwarder's.
 *
 * Words of RFC 4787 and RFC 6146:
 *
 *     mapping   an inner endpoint and the outer port that stands for it. How far it holds is by
 *               `mapping`: for every peer, for one address, or for one endpoint
 *     session   a mapping and one peer. It has the time and, of TCP, the state (translate_tcp.c); a
 *               mapping lives as long as its last session
 *     filter    who may come in by a mapping: everybody, who was sent to (the address), or whom
 *               exactly (the endpoint)
 *     forward   a mapping that is configured: it never ends, and everybody may come in by it
 *
 * An inner endpoint is any; the router's own are among them: what it sends by its outer address
 * goes through here too and gets a mapping, to itself as a rule, so that nothing is told of two
 * owners. Both families are the same here: NAPT of IPv4, NAT66 of IPv6. There are no application
 * gateways (RFC 4787 REQ-10) and no overloading of ports (REQ-3): of one protocol an outer port is
 * one mapping's.
 *
 * Costs: a packet of a known session is one lookup. Sessions of one timeout stand in one list, the
 * longest idle first, so that what ends is at the front and nothing else is walked.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "3-network/translate_prefix.h"
#include "base/address.h"
#include "base/list.h"
#include "base/means.h"
#include "base/table.h"

enum translate_constants {
    TRANSLATE_SESSIONS = 65536, /* most of one router: a power of two */
    TRANSLATE_MAPPINGS = 65536,
    TRANSLATE_HOSTS = 4096,     /* inner addresses that have sessions */
    TRANSLATE_HELD = 64,        /* SYNs that wait for their answer */
    TRANSLATE_PORT_TRIES = 512, /* that are looked at for a free one */
    TRANSLATE_FAMILIES = 2
};

/* How much of a peer counts: RFC 4787 4.1, 5. */
enum translate_dependence {
    TRANSLATE_INDEPENDENT,      /* nothing */
    TRANSLATE_ADDRESS,          /* its address */
    TRANSLATE_ADDRESS_AND_PORT, /* its endpoint; as a mapping: "symmetric" */
    TRANSLATE_DEPENDENCES
};

/* What is idle so long ends. */
enum translate_time {
    TRANSLATE_TIME_UDP,         /* RFC 4787 REQ-5: 5 min, 2 min at least */
    TRANSLATE_TIME_TRANSITORY,  /* TCP that opens; RFC 5382 REQ-5: 4 min at least */
    TRANSLATE_TIME_ESTABLISHED, /* 2 h 4 min at least */
    TRANSLATE_TIME_ICMP,        /* RFC 5508 REQ-2: 60 s at least */
    TRANSLATE_TIME_CLOSING,     /* TCP that ends; RFC 7857 2.1 */
    TRANSLATE_TIMES
};

struct translate_settings {
    uint32_t mapping, filter;    /* enum translate_dependence */
    uint32_t hairpin;            /* 1: the inside reaches its own mappings by the outer address */
    uint32_t open;               /* 1: what no mapping takes is for the router itself */
    uint32_t inbound_refresh;    /* 1: UDP that comes in keeps its session too (RFC 4787 REQ-6) */
    uint32_t sessions_most;      /* of all, TRANSLATE_SESSIONS at most */
    uint32_t host_sessions_most; /* of one inner address */
    uint16_t port_first, port_last; /* of those that it chooses itself */
    nanoseconds idle[TRANSLATE_TIMES];
};

/* One packet, as far as it counts. Of a query of ICMP the identifier is the port of who asks, and
 * the other port is 0. */
struct translate_flow {
    struct endpoint source, dest;
    uint8_t protocol;
    uint8_t tcp_flags; /* as on the wire */
};

enum translate_verdict {
    TRANSLATE_NONE,     /* no mapping: not translated */
    TRANSLATE_DONE,     /* the flow says what it becomes */
    TRANSLATE_HOLD,     /* a SYN that nobody asked for: RFC 5382 REQ-4, see translate_hold */
    TRANSLATE_FILTERED, /* there is a mapping, and not for this peer */
    TRANSLATE_FULL,     /* no port, session or mapping is left */
    /* of packets alone (translate_packet.h) */
    TRANSLATE_PROTOCOL, /* it has no ports: not one of those that can be translated */
    TRANSLATE_MALFORMED
};

enum translate_origin { TRANSLATE_BY_PACKET, TRANSLATE_BY_FORWARD };

struct translate_mapping {
    struct table_link by_inner, by_outer;
    struct list_link order;
    struct endpoint inner, outer;
    struct endpoint peer; /* as far as it counts; zeroes: it does not */
    nanoseconds since;
    uint32_t sessions;
    uint8_t protocol;
    uint8_t origin; /* enum translate_origin */
    uint16_t zero;
};

struct translate_host {
    struct table_link by_address;
    struct address address;
    uint32_t sessions;
    uint32_t zero;
};

struct translate_session {
    struct table_link by_inner, by_outer, by_contact;
    struct list_link order; /* of its timeout, the longest idle first */
    struct translate_mapping *mapping;
    struct translate_host *host;
    struct endpoint peer;
    nanoseconds since, last;
    uint8_t tcp;  /* enum translate_tcp_state */
    uint8_t time; /* enum translate_time */
    uint16_t zero;
    uint32_t zero_too;
};

struct translate {
    struct means *means;
    struct translate_settings settings;
    struct siphash_key key;
    struct address outer[TRANSLATE_FAMILIES]; /* IPv4, IPv6; unspecified: none is translated */
    struct translate_prefix prefix;           /* of IPv6, instead of mappings, if it has bits */
    struct pool *mapping_pool, *session_pool, *host_pool;
    struct table mapping_inner, mapping_outer, session_inner, session_outer, session_contact, hosts;
    struct link_list mappings; /* the oldest first */
    struct link_list sessions[TRANSLATE_TIMES];
    struct packet_queue held; /* SYNs, first in first out; p->time: when they came */
    uint64_t draws;           /* of RANDOM_NAT_PORT */
    uint64_t id_draws;        /* of RANDOM_IP_ID */
    uint32_t session_count, mapping_count;
    uint32_t outside; /* the number of the interface */
    uint32_t zero;
};

/* Pools of slots of these sizes, for all routers of a lab. */
struct translate_plan {
    struct pool *mapping_pool, *session_pool, *host_pool;
    uint32_t outside;
};

/* What RFC 4787, 5382 and 5508 ask for: every peer comes by one mapping and only who was sent to
 * comes in, by address. */
void translate_settings_default(struct translate_settings *settings);
/* In zeroed memory. @return 0 or -ENOMEM */
int translate_init(struct translate *t, struct means *means, const struct translate_plan *plan,
                   const struct translate_settings *settings);
uint64_t translate_arena_bytes(void); /* of one: tables */
/* The address outside that stands for all inside, of its family. What was mapped to another one
 * ends. */
void translate_outer_set(struct translate *t, struct address outer, nanoseconds now);
/* The one of this address's family; unspecified: none. */
struct address translate_outer(const struct translate *t, struct address like);
/* An outer port that leads to an inner endpoint for ever.
 * @return 0; -EEXIST the port is taken; -ENOSPC; -EADDRNOTAVAIL no outer address of the family;
 * -EINVAL a port 0 */
int translate_forward_add(struct translate *t, uint8_t protocol, uint16_t outer_port,
                          const struct endpoint *inner, nanoseconds now);

/* A packet leaves by the outside: its source is another one now. DONE, or FULL. */
enum translate_verdict translate_outbound(struct translate *t, struct translate_flow *flow,
                                          nanoseconds now);
/* A packet for the outer address (from outside; or from inside, after translate_outbound: the
 * hairpin of RFC 4787 6): its destination is another one now. */
enum translate_verdict translate_inbound(struct translate *t, struct translate_flow *flow,
                                         nanoseconds now);
/* The same of a packet that an ICMP error quotes: one that went out comes back with its outer
 * source, one that came in with its inner destination. Nothing is refreshed or ended by it (RFC
 * 4787 REQ-12, RFC 5508 REQ-6). @return false: of no session */
bool translate_quoted_outbound(const struct translate *t, struct translate_flow *flow);
bool translate_quoted_inbound(const struct translate *t, struct translate_flow *flow);

/* RFC 5382 REQ-4: a SYN that nobody asked for is not answered for 6 s, and not at all if the inside
 * sends one meanwhile. Takes the packet. @return false: too many wait, it was dropped */
bool translate_hold(struct translate *t, struct packet *p, nanoseconds now);
/* One whose time has come, for the caller to free and (translate_is_known: the inside has sent its
 * own) perhaps to answer by port unreachable; or NULL. */
struct packet *translate_overdue(struct translate *t, nanoseconds now);
/* Does an outer endpoint lead to another one? One of the router's own leads to itself. */
bool translate_is_mapped(const struct translate *t, uint8_t protocol, const struct endpoint *outer);
/* Has it a session, as a packet from outside? */
bool translate_is_known(const struct translate *t, const struct translate_flow *flow);

nanoseconds translate_deadline(const struct translate *t); /* of sessions and of SYNs; or NEVER */
void translate_expire(struct translate *t, nanoseconds now);
/* The power was lost: what packets have made is gone, forwards are written down. */
void translate_forget(struct translate *t, nanoseconds now);
int translate_check(const struct translate *t);
