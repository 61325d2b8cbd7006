/* SPDX-License-Identifier: MIT */
/*
 * THE SERVICE OF LAYER 3: any host, by address. Finds a path, sends and receives datagrams, tells
 * its users of errors. All its users see is struct address, ip_meta, ip_path and ip_error: which
 * version of IP it was stays below.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/means.h"

enum ip_constants {
    IP_INTERFACES = 256, /* most; number 0 is the loopback */
    IP_PROTOCOL_ICMP = 1,
    IP_PROTOCOL_TCP = 6,
    IP_PROTOCOL_UDP = 17,
    IP_PROTOCOL_ICMPV6 = 58
};

enum ip_ecn { IP_ECN_NOT, IP_ECN_ECT1, IP_ECN_ECT0, IP_ECN_CE };

/* Facts beside a datagram that came up. */
struct ip_meta {
    struct address source, dest;
    uint16_t interface; /* it came in by */
    uint8_t protocol;
    uint8_t hop_limit;
    uint8_t traffic_class; /* DSCP << 2 | ECN */
    bool broadcast;        /* dest is a broadcast or group address, or the frame was */
    bool has_options;      /* or, in IPv6, extension headers */
    /* what programs may be told, from the start of the header: of IPv4 its options, of IPv6 its
     * first word if that says more than the version */
    uint8_t options_at;
    uint8_t options_length;
    bool fragmented;     /* it came in more than one, or in one that says it is a fragment */
    uint16_t longest;    /* bytes of the longest fragment, of several that it came in (IPv6) */
    uint32_t flow_label; /* IPv6 */
};

enum ip_send_how {
    IP_SEND_NO_LOOP = 1, /* what goes to a group does not come back to this host */
    IP_SEND_LABEL = 2    /* `flow` is the label itself (RFC 6437) */
};

/* What a sender may choose. Zeroes: the host's defaults. */
struct ip_send_facts {
    uint8_t hop_limit;
    uint8_t traffic_class;
    uint8_t dont_fragment; /* set DF; -EMSGSIZE when it does not fit */
    uint8_t how;           /* enum ip_send_how */
    uint32_t flow; /* tells one flow of a protocol between two stations from others; 0: of none */
};

/* Where datagrams to a destination go; found once, kept by its user. */
struct ip_path {
    struct address source, dest, next_hop;
    uint32_t mtu;          /* of the whole IP packet, toward this destination */
    uint32_t generation;   /* of the tables it came from */
    uint32_t header_bytes; /* in front of the payload, options too: mtu - header_bytes is left */
    uint16_t interface;
    uint16_t wanted;       /* the interface that was asked for; 0: any */
    uint8_t broadcast;     /* dest is a broadcast address */
    uint8_t group;         /* dest is a group address */
    uint8_t local;         /* dest is this host */
    uint8_t below_least;   /* the true path MTU is below path_mtu_least: DF is never set */
    uint8_t family;        /* of dest: enum ip_family_kind */
    uint8_t options_bytes; /* of IPv4's options, with which the packet given to ip_send begins */
    uint8_t special;       /* broadcast, group, options, or a user of it has more to say (a hint) */
    uint8_t zero;
};

enum ip_error_kind {
    IP_ERROR_NET_UNREACHABLE,
    IP_ERROR_HOST_UNREACHABLE,
    IP_ERROR_PROTOCOL_UNREACHABLE,
    IP_ERROR_PORT_UNREACHABLE,
    IP_ERROR_TOO_BIG, /* mtu says how big may be */
    IP_ERROR_SOURCE_ROUTE,
    IP_ERROR_PROHIBITED,    /* codes 9, 10, 13 */
    IP_ERROR_TIME_EXCEEDED, /* in transit */
    IP_ERROR_REASSEMBLY_TIME,
    IP_ERROR_PARAMETER,
    IP_ERROR_UNKNOWN, /* an error of a type that nobody here knows (RFC 4443 2.4 (a)) */
    IP_ERROR_KINDS
};

/* An error about a datagram of ours: facts, not authority. */
struct ip_error {
    enum ip_error_kind kind;
    uint8_t type, code; /* as on the wire (SO_EE_*); 0 when from this host itself */
    uint8_t protocol;
    bool from_here; /* this host found it (no answer to ARP) */
    uint16_t interface;
    uint32_t mtu;
    uint32_t pointer;                 /* of a parameter problem: to what is wrong */
    struct address offender;          /* who says so */
    struct address source, dest;      /* of our datagram */
    uint8_t hop_limit, traffic_class; /* of what told it */
    const uint8_t *quoted; /* its transport header, as much as came back: may be less than 8 */
    uint32_t quoted_length;
    uint32_t quoted_header; /* so many bytes of its IP header stand in front of that */
};

/* What layer 4 provides, for each of its protocols. */
struct ip_upper {
    uint32_t code;
    uint32_t zero;
};

/* What became of an error that a watcher was told. */
enum ip_heard {
    IP_UNHEARD,
    IP_HEARD,    /* somebody wanted to know of such */
    IP_PLAUSIBLE /* it really was about something we sent (RFC 5927) */
};

struct ip_upper_code {
    uint8_t protocol;
    /* A datagram came up: p is its payload, p->network is where the IP header starts. Takes p. */
    void (*receive)(struct ip_upper *upper, const struct ip_meta *meta, struct packet *p,
                    nanoseconds now);
    /* @return plausible: this really was about something we sent (RFC 5927) */
    bool (*error)(struct ip_upper *upper, const struct ip_error *error, nanoseconds now);
    /* Of a watcher (ip_watch), in place of receive: a datagram of any protocol, before its user has
     * it. p stays the caller's. @return somebody wanted it: it is not unreachable */
    bool (*watch)(struct ip_upper *upper, const struct ip_meta *meta, const struct packet *p,
                  nanoseconds now);
    /* And in place of error: one about a datagram of any protocol. */
    enum ip_heard (*watch_error)(struct ip_upper *upper, const struct ip_error *error,
                                 nanoseconds now);
};
extern const struct ip_upper_code ip_upper_codes[]; /* the assembler's */
extern const uint32_t ip_upper_code_count;

struct ip;
struct link_list;

/* ---- groups: what a socket wants to hear ---- */

enum ip_group_constants { IP_GROUP_SOURCES = 64 };
enum ip_group_filter { IP_GROUP_INCLUDE, IP_GROUP_EXCLUDE };

/* EXCLUDE of nothing is all of a group, INCLUDE of nothing is none of it. */
struct ip_group_wish {
    struct address group;
    uint16_t interface; /* number + 1; 0: that of the route to the group */
    uint8_t filter;     /* enum ip_group_filter */
    uint8_t zero;
    uint32_t count;
    struct address source[IP_GROUP_SOURCES];
};

/* `members`: a list of the socket's, zeroed at first, which these functions keep.
 * @raise EINVAL no group; ENODEV no such interface; EADDRINUSE it has joined; ENOBUFS */
int ip_group_join(struct ip *ip, struct link_list *members, const struct ip_group_wish *wish,
                  nanoseconds now);
/* Fills in filter and sources of a group of the wish's interface. @raise EADDRNOTAVAIL */
int ip_group_get(const struct ip *ip, const struct link_list *members, struct ip_group_wish *wish);
/* INCLUDE of nothing leaves it. @raise EADDRNOTAVAIL not joined */
int ip_group_change(struct ip *ip, struct link_list *members, const struct ip_group_wish *wish,
                    nanoseconds now);
void ip_group_leave_all(struct ip *ip, struct link_list *members, nanoseconds now);
/* Does the socket want a datagram that came to a group? By what it has joined, else by
 * `unless_joined`. */
bool ip_group_wants(const struct link_list *members, const struct ip_meta *meta,
                    bool unless_joined);
uint32_t ip_group_count(const struct link_list *members);
/* The interface that has this address of ours; -ENODEV: none. */
int ip_group_interface_of(const struct ip *ip, struct address own);

void ip_attach(struct ip *ip, struct ip_upper *upper, uint32_t code);
/* One beside the users of protocols hears all that comes up, and all errors; NULL: nobody does. */
void ip_watch(struct ip *ip, struct ip_upper *watcher);

/* Is it an address of this host (any interface, 127/8 included)? */
bool ip_is_own(const struct ip *ip, struct address a);
/* Is it a broadcast address of an interface, the limited broadcast, or a group address? */
bool ip_is_broadcast(const struct ip *ip, struct address a);
/* May a socket be bound to it? own, broadcast, group or unspecified. */
bool ip_can_bind(const struct ip *ip, struct address a);

/* The address of ours that speaks for a datagram from `remote` that came in by this interface and
 * was sent to others too (RFC 1122 4.1.3.5 with 3.3.4.2: a reply has it as its source). */
struct address ip_spoken_for(const struct ip *ip, struct address remote, uint16_t interface);

/* Finds the way to dest. source unspecified: it is chosen. interface 0: any.
 * @raise ENETUNREACH no route, or source is not ours; EINVAL source is many hosts', or 127/8
 * to another host; EADDRNOTAVAIL no source address */
int ip_path_find(const struct ip *ip, struct address dest, struct address source,
                 uint16_t interface, nanoseconds now, struct ip_path *path);
/* The same again if the tables changed since; keeps the source. @return as ip_path_find */
bool ip_path_is_fresh(const struct ip *ip, const struct ip_path *path);
int ip_path_refresh(const struct ip *ip, struct ip_path *path, nanoseconds now);
/* Negative advice from above (RFC 1122 3.3.1.4): the next refresh looks it up again. */
static inline void ip_path_doubt(struct ip_path *path)
{
    path->generation = 0;
}
/* By this interface from now on; 0: any. The next refresh looks it up. */
static inline void ip_path_want(struct ip_path *path, uint16_t interface)
{
    path->wanted = interface;
    path->generation = 0;
}
/* Of the interface, whatever the path beyond it carries. */
uint32_t ip_interface_mtu(const struct ip *ip, uint16_t interface);
/* An upper layer saw the path work (RFC 4861 7.3.1). */
void ip_path_confirm(struct ip *ip, const struct ip_path *path, nanoseconds now);

/* The path with so many bytes of IPv4's options in its packets. */
static inline void ip_path_options(struct ip_path *path, uint32_t bytes)
{
    path->header_bytes += bytes - path->options_bytes;
    path->options_bytes = (uint8_t)bytes;
    path->special |= bytes > 0;
}
enum { IP_OPTIONS_MOST = 40 };
/* May they be sent (RFC 791 3.1)? @raise EINVAL malformed; EOPNOTSUPP a source route */
int ip_options_check(const uint8_t *options, uint32_t length);

/* Sends a datagram; takes the packet, whose bytes are the payload with PACKET_HEADROOM in front.
 * @raise EMSGSIZE too long (with dont_fragment, or over 65,535); ENOBUFS; EINVAL */
int ip_send(struct ip *ip, const struct ip_upper *from, const struct ip_path *path,
            const struct ip_send_facts *facts, struct packet *p, nanoseconds now);
/* The same for whom no protocol is his own. */
int ip_send_as(struct ip *ip, uint8_t protocol, const struct ip_path *path,
               const struct ip_send_facts *facts, struct packet *p, nanoseconds now);
/* Sends what has its IP header already, as it is, but for what is left to us (IP_HDRINCL): of IPv4
 * a source and an identification of 0, the total length and the checksum. Takes the packet.
 * @raise EINVAL no header; EMSGSIZE longer than the interface carries: it is not cut */
int ip_send_whole(struct ip *ip, const struct ip_path *path, struct packet *p, nanoseconds now);
/* Answers a datagram with ICMP "port unreachable" / "protocol unreachable", within the rates of
 * RFC 1122 3.2.2. p stays the caller's. */
void ip_send_unreachable(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                         enum ip_error_kind kind, nanoseconds now);
