/* SPDX-License-Identifier: MIT */
/*
 * The struct behind the service of layer 3, and what who assembles a node does with it. No folder
 * but node/ includes this.
 */
#pragma once
#include "2-link/link.h"
#include "3-network/ip.h"
#include "3-network/route_table.h"
#include "sockeye/event.h"

enum ip_state_constants {
    IP_ADDRESSES = 16, /* of an interface */
    IP_ROUTES = 4096,  /* most of a node, one to the network of each interface among them */
    IP_UPPERS = 8,
    IP_MTU_MOST = 65535,
    IP_PATH_MTU_LEAST = 68, /* what path_mtu_least may be at least: RFC 791 3.2 */
    IP_PATH_MTUS = 64,      /* destinations with a path MTU of their own */
    IP_ECHOES = 4,          /* whose large echo replies are remembered */
    IP_FRAGMENT_SETS = 32,  /* datagrams in reassembly, of a family */
    IP_FAMILIES = 2         /* rows of ip_family.h, at most */
};

/* state and origin are those of events: sockeye/event.h */
struct ip_address {
    struct address address;
    nanoseconds since;
    nanoseconds preferred_until, valid_until; /* NEVER: for ever */
    uint32_t bits;                            /* of its network, of the 128 */
    uint8_t state;                            /* enum address_state */
    uint8_t origin;                           /* enum origin */
    uint8_t duplicates;                       /* how many made before it were another station's */
    uint8_t succeeded;                        /* a temporary one: the next one is made */
};

/* May it be spoken from, and to? RFC 4862 2: not while it is tentative; RFC 4429 2. */
static inline bool ip_address_is_usable(const struct ip_address *a)
{
    return a->state >= ADDRESS_OPTIMISTIC && a->state <= ADDRESS_DEPRECATED;
}

/* Where the last datagram went that came in by an interface and was for somebody else: another of
 * the same two stations goes there too, while the tables are as they were. */
struct ip_forward {
    struct address source, dest, next_hop;
    uint32_t generation; /* of the tables it came from; 0: none */
    uint32_t mtu;        /* of the route; 0: the interface's */
    uint16_t interface;
    uint16_t zero[3];
};

struct ip_interface {
    struct link_upper link_upper;  /* for IPv4 */
    struct link_upper link_upper6; /* for IPv6: attached when the interface begins to speak it */
    struct link *link;
    struct ip *ip;
    uint32_t number;
    uint32_t address_count;
    struct ip_address address[IP_ADDRESSES];
    /* of the last datagram that came from one station to one of our addresses by this interface:
     * such another needs no check while the tables are as they were */
    struct address known_source, known_dest;
    uint32_t known_generation;
    uint32_t known_interface; /* what it counts as having come by */
    struct ip_forward forward;
    struct link_list members;                 /* of the groups that come with its addresses */
    struct multicast *multicast[IP_FAMILIES]; /* NULL: in no group but those that all are in */
    uint32_t ip6_code;                        /* of link_upper6 in link_upper_codes */
    uint8_t speaks_ip6;
    uint8_t hop_limit; /* of what it sends in IPv6, as a router said; 0: the host's own */
    uint8_t
        is_resting; /* it spoke IPv6, and does not at present: it is off, or its MTU too small */
    uint8_t zero;
    uint32_t told_mtu; /* of IPv6, as a router said (RFC 4861 6.3.4); 0: the link's */
    uint32_t zero_too;
    struct ndp *ndp; /* what it knows of its link in IPv6; NULL: it does not speak it */
};

struct ip_path_mtu {
    struct address dest;
    nanoseconds expires;
    uint32_t mtu;
    uint32_t below_least; /* the network asked for less than path_mtu_least */
};

enum ip_address_mode { SLAAC_MODE_EUI64 = 0, SLAAC_MODE_NONE = 1, SLAAC_MODE_OPAQUE = 2 };

/* Of ND and addresses; what is in brackets is Linux's, where ours is another. */
struct ndp_settings {
    uint32_t dad_transmits;           /* 1: probes for an address of ours; 0: none */
    uint32_t optimistic_dad;          /* 1 [0]: it is used meanwhile (RFC 4429) */
    uint32_t addr_gen_mode;           /* enum ip_address_mode, of identifiers */
    uint32_t accept_ra;               /* 1: routers are listened to; 2: by routers too */
    uint32_t accept_ra_min_hop_limit; /* 64 [1]: a lower one is not believed */
    uint32_t autoconf;                /* 1: addresses are made from prefixes */
    uint32_t accept_redirects;        /* 1 */
    uint32_t router_solicitations;    /* 3 [without end]: of who was not told to configure itself */
    uint32_t use_tempaddr;            /* 0; 1: temporary addresses; 2: and they are preferred */
    uint32_t temp_valid_s;            /* 172,800 [604,800]: RFC 8981 3.8 */
    uint32_t temp_preferred_s;        /* 86,400 */
};

struct ip_settings {
    uint32_t default_ttl;          /* 64 */
    uint32_t icmp_echo_ignore_all; /* 0 */
    uint32_t icmp_ratelimit_ms;    /* 1000, as Linux: per destination, burst 6 */
    uint32_t icmp_msgs_per_sec;    /* 1000, whole host */
    /* 30,000 for IPv4 (Linux; RFC 1122 3.3.2 says 60-120 s SHOULD), 60,000 for IPv6 (RFC 8200) */
    uint32_t fragment_time_ms[IP_FAMILIES];
    uint32_t fragment_high_bytes[IP_FAMILIES]; /* 4 MiB of payload in reassembly */
    uint32_t path_mtu_expires_ms;              /* 600,000 */
    uint32_t path_mtu_least;                   /* 552; of IPv4 */
    uint32_t send_redirects, accept_redirects; /* 1; of IPv4 */
    uint32_t rp_filter;                        /* 0; of IPv4: RFC 1812 5.3.8 */
    uint32_t forwarding[IP_FAMILIES];          /* 1: a router for this family; 0 */
    uint32_t hop_limit;                        /* 64; of IPv6 */
    uint32_t icmp6_echo_ignore_all;            /* 0 */
    uint32_t ip6_disable;                      /* 0; 1: no interface begins to speak IPv6 */
    uint32_t auto_flowlabels;                  /* 1: of IPv6 */
    struct ndp_settings ndp;
};

struct translate; /* translate.h */
struct multicast; /* multicast.h: the groups of an interface */
struct fragment;  /* fragment.h: in a pool of its own, one a host and family */
struct icmp_rate; /* icmp_rate.h: the buckets */
struct ndp;       /* ip6/ndp.h: in a pool of its own, one an interface that speaks IPv6 */

struct ip {
    struct means *means;
    struct ip_upper *upper[IP_UPPERS];
    struct ip_upper *watcher; /* hears all that comes up; NULL: nobody does */
    struct ip_settings settings;
    struct translate *translate; /* translate.h; NULL: addresses are not translated */
    struct pool *fragments_pool;
    struct fragment *fragments[IP_FAMILIES]; /* NULL: none came yet */
    struct icmp_rate *icmp;
    struct pool *ndp_pool;
    uint32_t ndp_timer_code;
    uint32_t zero;
    struct pool *multicast_pool, *group_pool, *member_pool;
    struct link_list multicasts; /* of all interfaces that have some */
    struct timer timer; /* the earliest end of a reassembly, a path MTU or a route; a report */
    uint64_t id_count;  /* draws of RANDOM_IP_ID */
    uint32_t path_mtu_count;
    uint32_t generation; /* grows when a route, address or path MTU changes */
    uint32_t interface_count;
    uint32_t echo_count;
    struct address echo[IP_ECHOES]; /* who was lately sent a large echo reply, in a ring */
    struct ip_interface *interface[IP_INTERFACES]; /* by number */
    struct route_table routes;
    struct ip_path_mtu path_mtu[IP_PATH_MTUS];
};

struct ip_plan {
    struct pool *fragments_pool, *icmp_pool;   /* slots of fragment_bytes(), icmp_rate_bytes() */
    struct pool *route_pool, *route_node_pool; /* route_table.h */
    struct pool *ndp_pool;                     /* of ndp_bytes() */
    /* slots of ip_group_interface_bytes(), ip_group_bytes(), ip_group_member_bytes() */
    struct pool *multicast_pool, *group_pool, *member_pool;
    uint32_t route_limit;
    uint32_t timer_code;     /* ip_timer */
    uint32_t ndp_timer_code; /* ndp_timer */
};

uint32_t fragment_bytes(void);
uint32_t icmp_rate_bytes(void);
uint32_t ndp_bytes(void);
uint32_t ip_group_interface_bytes(void);
uint32_t ip_group_bytes(void);
uint32_t ip_group_member_bytes(void);
/* @return 0 or -ENOMEM */
int ip_init(struct ip *ip, struct means *means, const struct ip_plan *plan);
/* The next interface, in zeroed memory of the caller's, speaks by `link`; ip4_code and ip6_code are
 * our entries in link_upper_codes. It speaks IPv6 from its first address of that family on. The
 * first interface is the loopback. There are fewer than IP_INTERFACES. */
void ip_interface_add(struct ip *ip, struct ip_interface *interface, struct link *link,
                      uint32_t ip4_code, uint32_t ip6_code);
/* What an address is to be. */
struct ip_address_plan {
    struct address address;
    uint32_t prefix; /* so many bits of an address of its family */
    enum origin origin;
    nanoseconds preferred_until, valid_until; /* NEVER: for ever */
};
enum ip_advertise_limits { IP_ADVERTISE_PREFIXES = 8, IP_ADVERTISE_SERVERS = 4 };

struct ip_advertise_prefix {
    struct address address;
    uint32_t length;
    uint32_t zero;
};

/* What a router says by an interface (RFC 4861 6.2.1). */
struct ip_advertise_plan {
    struct ip_advertise_prefix prefix[IP_ADVERTISE_PREFIXES]; /* none: those of its addresses */
    struct address server[IP_ADVERTISE_SERVERS];              /* of names: RFC 8106 */
    uint32_t prefix_count, server_count;
    uint32_t least_interval_s, most_interval_s;
    uint32_t mtu;                         /* 0: not said */
    uint32_t reachable_ms, retransmit_ms; /* 0: not said */
    uint32_t valid_s, preferred_s;        /* of prefixes */
    uint16_t lifetime_s;                  /* as a router to all; 0: none */
    int8_t preference;                    /* RFC 4191 2.2: 1, 0, -1 */
    uint8_t managed, other;
    uint8_t not_autonomous; /* prefixes make no addresses */
    uint8_t off;            /* nothing any more */
    uint8_t zero;
};
/* @raise EINVAL it is the loopback, or its link carries no IPv6; ENOMEM */
int ip_interface_advertise(struct ip *ip, uint32_t interface, const struct ip_advertise_plan *plan,
                           nanoseconds now);
/* NULL: the interface has it not. */
struct ip_address *ip_address_find(struct ip_interface *i, struct address a);
/* @return 0 -EEXIST -ENOSPC -EINVAL */
int ip_address_assign(struct ip *ip, uint32_t interface, const struct ip_address_plan *plan,
                      nanoseconds now);
/* With the route to its network, if no other address of the interface is of it. @return 0, or
 * -EADDRNOTAVAIL: it has none such */
int ip_address_remove(struct ip *ip, uint32_t interface, struct address a, nanoseconds now);
/* Configured, and for ever. As ip_address_assign. */
int ip_address_add(struct ip *ip, uint32_t interface, struct address a, uint32_t prefix,
                   nanoseconds now);
/* The interface is to find its addresses itself: it listens to routers, and asks for them (RFC 4862
 * 5). @raise EINVAL it is the loopback, or its link carries no IPv6; ENOMEM */
int ip_interface_configure(struct ip *ip, uint32_t interface, nanoseconds now);
/* Switches it on or off, as Linux does: off, it has no routes and no addresses of IPv6; on again,
 * it has the routes of its addresses, and of IPv6 what it finds itself. */
void ip_interface_up_set(struct ip *ip, uint32_t interface, bool up, nanoseconds now);
/* Of all that it sends. Less than IPv6 needs, and it stops speaking it. @raise EINVAL */
int ip_interface_mtu_set(struct ip *ip, uint32_t interface, uint32_t mtu, nanoseconds now);
/* An address of the interface is preferred and valid for other times. */
void ip_address_prolong(struct ip_interface *i, struct ip_address *own, nanoseconds preferred_until,
                        nanoseconds valid_until, nanoseconds now);
/* An address, or what is known of it, is another: for who listens (base/changes.h). */
void ip_address_note(const struct ip_interface *i, const struct ip_address *own, bool is_gone);
/* Gives the loopback, interface 0, the address of each family that every host has (RFC 1122
 * 3.2.1.3, RFC 4291 2.5.3). As ip_address_add. */
int ip_loopback_add(struct ip *ip, nanoseconds now);
/* Puts a route into the table, or makes the one that is there, by the same way to the same network,
 * what the plan says, whose bits are those of an address of its family. Who has no interface gets
 * that to the gateway's network; a route of another kind than unicast has neither.
 * @return 1 it was there, 0 -EINVAL -ENOSPC */
int ip_route_put(struct ip *ip, const struct route_plan *plan, nanoseconds now);
/* The same; -EEXIST: it was there. */
int ip_route_new(struct ip *ip, const struct route_plan *plan, nanoseconds now);
/* In the place of another one to the same network, of the same metric. @raise as ip_route_put;
 * EEXIST by this way there is one already */
int ip_route_swap(struct ip *ip, struct route *there, const struct route_plan *plan,
                  nanoseconds now);
/* To this network, by this way; gateway unspecified, interface 0: by whichever stands first.
 * @return 0 -EINVAL, or -ESRCH: there is none such */
int ip_route_remove(struct ip *ip, const struct route_plan *plan, nanoseconds now);

void ip4_receive(struct link_upper *upper, struct packet *p, const struct link_meta *meta,
                 nanoseconds now); /* for link_upper_codes: IPv4 */
void ip4_receive_unreachable(struct link_upper *upper, struct packet *p, nanoseconds now);
void ip4_receive_failed(struct link_upper *upper, struct address target, nanoseconds now);
void ip6_receive(struct link_upper *upper, struct packet *p, const struct link_meta *meta,
                 nanoseconds now); /* the same for IPv6 */
void ip6_receive_unreachable(struct link_upper *upper, struct packet *p, nanoseconds now);
/* The rest of IPv6's: who asks for a neighbour, and hears that it is lost (RFC 4861 7). */
void ndp_ask(struct link_upper *upper, struct address target, const struct packet *waiting,
             const struct mac *whom, nanoseconds now);
void ndp_failed(struct link_upper *upper, struct address target, nanoseconds now);
void ndp_timer(struct timer *timer, nanoseconds now); /* of one interface */
/* The MTU of a wire of this node is another: what was found of paths is asked for anew. */
void ip_mtu_changed(struct ip *ip);
void ip_timer(struct timer *timer, nanoseconds now); /* reassembly */
int ip_check(const struct ip *ip);
