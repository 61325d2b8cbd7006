/* SPDX-License-Identifier: MIT */
/*
 * The families of addresses that layer 3 speaks, one row each: what the files of both (the service
 * ip.c, route.c, path_mtu.c) must ask of a family, so that they know none by name. A family's own
 * files stand in its folder, ip4/, which only the table includes (tools/layers holds it).
 *
 * An address of a family lies in the family's network of the one 128-bit space: IPv4 in
 * ::ffff:0:0/96, IPv6 in all the rest (the rows are asked in their order). A prefix of so many bits
 * of the family is one of that many more of the 128, so routes are compared without asking whose
 * they are.
 */
#pragma once
#include "3-network/ip_state.h"

struct group_record; /* group.h */

enum ip_family_kind { IP_FAMILY_4, IP_FAMILY_6, IP_FAMILY_COUNT };

struct ip_family {
    struct address network; /* all its addresses, and none of a family before it */
    uint32_t network_bits;
    uint32_t version;         /* the first four bits of its header */
    uint32_t header_bytes;    /* in front of a payload */
    uint32_t loopback_prefix; /* of its own bits: what the loopback's address stands for */
    struct address everyone;  /* the next hop of a broadcast: all stations of the wire */
    uint32_t source_bits;     /* of the 128: who is one source, where sources have limits */
    uint32_t mtu_least;       /* no path carries less: 0: a setting says */
    bool mtu_told;            /* routers say what an interface may send (RFC 4861 6.3.4) */
    bool groups_anywhere;     /* without a route, groups go by the first interface that speaks it */

    /* May it be an address of this host's on that interface? */
    bool (*can_be_own)(struct address a, uint32_t bits, uint32_t interface);
    bool (*can_be_dest)(struct address a);
    bool (*is_station)(struct address a); /* by its form it may be one station's */
    /* Is it the broadcast address of the network that has own and so many bits? */
    bool (*is_broadcast)(struct address a, struct address own, uint32_t bits);

    /* An interface gets an address of the family; NULL: nothing is to be done. @return 0 or -EINVAL
     */
    int (*start)(struct ip_interface *i);
    /* An address of ours was added: the k-th of the interface, preferred as yet. @return 0 or
     * -ENOSPC: it is taken back. NULL: nobody need know. */
    int (*address_added)(struct ip_interface *i, uint32_t k, nanoseconds now);
    /* The interface is to find its addresses itself; as ip_interface_configure. NULL: not in this
     * family. */
    int (*configure)(struct ip_interface *i, nanoseconds now);
    /* A router is to advertise; as ip_interface_advertise. NULL: not in this family. */
    int (*advertise)(struct ip_interface *i, const struct ip_advertise_plan *plan, nanoseconds now);
    /* The interface rests: what was heard by it is forgotten; and wakes again. NULL: nobody need
     * know. */
    void (*rest)(struct ip_interface *i, nanoseconds now);
    void (*wake)(struct ip_interface *i, nanoseconds now);
    /* The times of an address are others. NULL: nobody need know. */
    void (*prolonged)(struct ip_interface *i, struct ip_address *own, nanoseconds now);
    /* It is gone already. NULL: nobody need know. */
    void (*address_removed)(struct ip_interface *i, const struct ip_address *gone, nanoseconds now);

    /* Sends a datagram of a protocol by a fresh path; as ip_send. */
    int (*send)(struct ip *ip, uint8_t protocol, const struct ip_path *path,
                const struct ip_send_facts *facts, struct packet *p, nanoseconds now);
    /* What has its header already; as ip_send_whole. */
    int (*send_whole)(struct ip *ip, const struct ip_path *path, struct packet *p, nanoseconds now);
    /* As ip_options_check. NULL: its header has none. */
    int (*options_check)(const uint8_t *options, uint32_t length);
    /* Sets path->source, for the rest of a path; false: there is none. NULL: RFC 1122 3.3.4.3. */
    bool (*choose_source)(const struct ip *ip, struct ip_path *path);
    void (*send_unreachable)(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                             enum ip_error_kind kind, nanoseconds now);
    int (*check)(const struct ip *ip); /* of what it keeps; NULL: nothing */
    /* Tells the source of p, the first fragment, that the rest did not come in time. p stays the
     * caller's. */
    void (*tell_timeout)(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                         nanoseconds now);

    /* ---- groups (multicast.h) ---- */

    /* The group that comes with an address of ours; NULL: none does. */
    struct address (*group_of_address)(struct address a);
    bool (*group_is_silent)(struct address group); /* all are in it: never reported */
    /* Tells the routers of a wire, of which one may be older. */
    void (*group_report)(struct ip_interface *i, uint32_t older, const struct group_record *records,
                         uint32_t count, nanoseconds now);

    /* ---- what a router asks (forward.h) ---- */

    /* By the form of its addresses, may it leave the wire that it was sent on? Tells its source why
     * not, where the family does. p stays the caller's. */
    bool (*may_leave)(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                      nanoseconds now);
    /* Sends on by this interface to the next hop: one hop less; in fragments, or not at all and the
     * source is told, where it is longer than mtu. p begins with its header. Takes p. */
    void (*pass_on)(struct ip *ip, const struct ip_meta *meta, struct packet *p,
                    const struct ip_forward *way, uint32_t mtu, nanoseconds now);
    /* It leaves by the wire that it came by: its source may be told of the next hop, as a better
     * first one. p begins with its header and stays the caller's. */
    void (*redirect)(struct ip_interface *in, const struct ip_meta *meta, const struct packet *p,
                     struct address next_hop, nanoseconds now);
    /* May it be put in fragments? p begins with its header. */
    bool (*may_cut)(const struct packet *p);
    /* Of a packet that begins with its header, with all facts but the interface; a fragment waits
     * for the rest, of the facts' interface. *transport: where its transport's header is, from
     * p->bytes. Takes p. @return the whole; NULL: it waits, or was dropped */
    struct packet *(*whole)(struct ip *ip, struct ip_meta *meta, struct packet *p,
                            uint32_t *transport, nanoseconds now);
    bool (*reaches)(
        struct address a); /* by its form, may an address of ours speak for us elsewhere?
                                        */
    /* Tells the source why its datagram goes no further. p stays the caller's. */
    void (*turn_back)(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                      enum ip_error_kind kind, nanoseconds now);
};
_Static_assert((int)IP_FAMILY_COUNT <= (int)IP_FAMILIES, "a setting for each");
extern const struct ip_family ip_family_rows[IP_FAMILY_COUNT];

/* NULL: of no family that we speak. */
static inline const struct ip_family *ip_family_of(struct address a)
{
    for (uint32_t k = 0; k < IP_FAMILY_COUNT; k++)
        if (address_matches(a, ip_family_rows[k].network, ip_family_rows[k].network_bits))
            return &ip_family_rows[k];
    return NULL;
}
