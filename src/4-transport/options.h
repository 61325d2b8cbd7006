/* SPDX-License-Identifier: MIT */
/*
 * The options that every kind of end has in common (the socket and IP levels), as values: one
 * struct, embedded in each end, with one pair of functions. They only remember and check ranges;
 * what an option does, its end knows, and looks here for it. Options of one kind alone (streams),
 * or that need a path (OPTION_MTU), answer -ENOPROTOOPT here and are dealt with by the end.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/rare.h"
#include "base/compiler.h"

enum options_limits {
    OPTIONS_SEND_BUFFER_LEAST = 4608, /* Linux: SOCK_MIN_SNDBUF */
    OPTIONS_RECEIVE_BUFFER_LEAST = 2304,
    OPTIONS_BUFFER_MOST = 0x3fffffff
};

/* IP_MTU_DISCOVER's values, as the ABI has them. */
enum options_discover {
    DISCOVER_DONT,      /* never DF */
    DISCOVER_WANT,      /* DF when the datagram fits the path; a longer one is fragmented */
    DISCOVER_DO,        /* always DF; longer: -EMSGSIZE */
    DISCOVER_PROBE,     /* always DF, the path MTU is ignored, the interface's counts */
    DISCOVER_INTERFACE, /* never DF, the interface's MTU, longer: -EMSGSIZE */
    DISCOVER_OMIT       /* the same, longer is fragmented */
};

enum options_flags {
    OPTIONS_MULTICAST_LOOP = 1,
    OPTIONS_MULTICAST_ALL = 2,
    OPTIONS_DONT_FRAGMENT = 4,
    OPTIONS_RECEIVE_ERRORS = 8,
    OPTIONS_TELL_MTU = 16
};

/* What a program chooses for one family. Small: a connection has two. */
struct options_family {
    uint8_t hop_limit; /* 0: the host's default */
    uint8_t traffic_class;
    uint8_t multicast_hop_limit;
    uint8_t discover_mtu; /* enum options_discover */
    uint8_t flags;        /* enum options_flags */
};

struct transport_options {
    nanoseconds linger;        /* -1: off */
    uint64_t pacing_rate;      /* bytes a second at most; UINT64_MAX and 0: no limit; of streams
                              * alone, as on Linux without the queueing discipline fq */
    struct rare_options *rare; /* NULL: it has none of them */
    uint32_t send_buffer;      /* limits in bytes, as Linux reports them */
    uint32_t receive_buffer;   /* (set by program: see the two flags below) */
    uint32_t receive_low_water;
    uint32_t mark;      /* remembered only: as on Linux without rules that look at it */
    uint16_t interface; /* 0: any */
    /* number + 1; 0: none */
    uint16_t unicast_interface[2], multicast_interface[2];
    uint8_t priority; /* remembered only: as on Linux without queueing disciplines */
    uint8_t send_buffer_locked, receive_buffer_locked; /* the program set them: no auto-tuning */
    uint8_t reuse_address, reuse_port;
    uint8_t broadcast;
    uint8_t keepalive;
    uint8_t dont_route;
    uint8_t oob_inline;
    uint8_t bind_no_port;
    uint8_t free_bind;
    uint8_t families;            /* enum address_families: which it takes and reaches */
    struct options_family of[2]; /* IPv4, IPv6: options_to */
};

/* What is chosen for the family of an address. */
static inline const struct options_family *options_to(const struct transport_options *o,
                                                      struct address dest)
{
    return &o->of[address_is_mapped(dest) ? 0 : 1];
}
/* The interface to send by: named, or 0, with the packet; else what the options say. */
uint16_t options_interface(const struct transport_options *o, struct address dest, uint16_t named);

/* Linux's defaults, with these buffers. */
void options_init(struct transport_options *o, uint32_t send_buffer, uint32_t receive_buffer);
/* @return 0 @raise EINVAL out of range; ENOPROTOOPT not a common option */
int options_set(struct transport_options *o, enum transport_option option, int64_t value);
int options_get(const struct transport_options *o, enum transport_option option, int64_t *value);
/* The same of what few ends have (rare.h), which takes memory: done gives it back, and an end that
 * was copied from its listener has its own. @raise ENOBUFS */
int options_rare_set(struct transport_options *o, struct means *means, enum transport_option option,
                     int64_t value);
static inline void options_done(struct transport_options *o, struct means *of_host)
{
    if (unlikely(o->rare))
        rare_close(&o->rare, of_host);
}
static inline void options_inherit(struct transport_options *o, struct means *of_host)
{
    if (unlikely(o->rare))
        rare_inherit(&o->rare, of_host);
}
int options_header(struct transport_options *o, struct means *means,
                   enum transport_header_call call, struct transport_header *header);
/* What few ends say of a path that they keep. */
void options_rare_path(const struct transport_options *o, struct ip_path *path);
static inline void options_path(const struct transport_options *o, struct ip_path *path)
{
    if (unlikely(o->rare))
        options_rare_path(o, path);
}
/* The packet of such a path, before ip_send. m: NULL, or whose message it is. */
void options_rare_packet(const struct transport_options *o, const struct transport_message *m,
                         const struct ip_path *path, struct ip_send_facts *facts, struct packet *p);
/* The source of a datagram that names none: of what goes to a group perhaps a chosen one. */
struct address options_source(const struct transport_options *o, struct address dest);

/* SO_DONTROUTE: may it go this way, that is to its destination directly? */
static inline bool options_allow_path(const struct transport_options *o, const struct ip_path *path)
{
    return !o->dont_route || path->local || path->broadcast ||
           address_equal(path->next_hop, path->dest);
}
/* May who has this local address send to that one, as far as their families go (RFC 3493 3.7)?
 * *local: of the other family it counts for nothing, as what connect chose before.
 * @raise ENETUNREACH the end does not reach that family; EAFNOSUPPORT local is IPv4's alone */
int options_reach(const struct transport_options *o, struct address *local, struct address remote);
/* An address of one link alone: by which interface (datagram.h, datagram_link_take). */
int options_link(struct transport_options *o, const struct ip *ip, const struct endpoint *at,
                 bool binds);
/* Can it be bound there? @raise EINVAL it is of a family that the end does not take */
int options_can_bind(const struct transport_options *o, struct address local);
/* It is bound there: one address of IPv6's is of IPv6 alone. */
static inline void options_bound(struct transport_options *o, struct address local)
{
    if (!address_is_unspecified(local) && !address_is_mapped(local))
        o->families = ADDRESS_FAMILY_6;
}
/* Do its packets have DF, so far as they fit the path? */
static inline bool options_set_dont_fragment(const struct options_family *o)
{
    return o->discover_mtu != DISCOVER_DONT && o->discover_mtu < DISCOVER_INTERFACE;
}
/* What a datagram of `length` bytes (with its transport header) says to layer 3: hop limit, class,
 * DF; facts->flow is the caller's, unless a label was chosen. May change path->mtu to the
 * interface's (DISCOVER_PROBE and beyond).
 * @raise EMSGSIZE it may not be fragmented; ENETUNREACH dont_route and not on-link */
int options_send_facts(const struct transport_options *o, const struct ip *ip, struct ip_path *path,
                       const struct transport_message *m, uint32_t length,
                       struct ip_send_facts *facts);
