/* SPDX-License-Identifier: MIT */
/*
 * The five messages of Neighbor Discovery (RFC 4861 4) and their options as values: bytes become
 * meaning once. Options are read one by one, since there may be any number: RFC 4861 4.6, the Nonce
 * (RFC 3971 5.3.2, as RFC 7527 uses it), Route Information (RFC 4191 2.3), the servers and the
 * search list of names (RFC 8106 5).
 *
 * Part: it knows no interface. What the addresses around a message must be is ndp.c's to say.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "2-link/link.h"
#include "base/address.h"
#include "base/bytes.h"

enum ndp_type {
    NDP_ROUTER_SOLICITATION = 133,
    NDP_ROUTER_ADVERTISEMENT = 134,
    NDP_NEIGHBOR_SOLICITATION = 135,
    NDP_NEIGHBOR_ADVERTISEMENT = 136,
    NDP_REDIRECT = 137
};

enum ndp_option_type {
    NDP_OPTION_SOURCE_MAC = 1,
    NDP_OPTION_TARGET_MAC = 2,
    NDP_OPTION_PREFIX = 3,
    NDP_OPTION_REDIRECTED = 4,
    NDP_OPTION_MTU = 5,
    NDP_OPTION_NONCE = 14,
    NDP_OPTION_ROUTE = 24,
    NDP_OPTION_SERVERS = 25,
    NDP_OPTION_SEARCH = 31
};

enum ndp_message_constants {
    NDP_OPTION_UNIT = 8, /* lengths of options count these */
    NDP_NONCE_BYTES = 6, /* of ours; RFC 3971 5.3.2: at least that */
    NDP_MAC_OPTION_BYTES = 8,
    NDP_PREFIX_OPTION_BYTES = 32,
    NDP_MTU_OPTION_BYTES = 8,
    NDP_NONCE_OPTION_BYTES = 8,
    NDP_LIFETIME_FOREVER = -1 /* all ones, of 32 bits */
};

/* RFC 4191 2.1; a reserved value is read as medium (2.2, 2.3 say what else). */
enum ndp_preference { NDP_PREFER_LOW = -1, NDP_PREFER_MEDIUM = 0, NDP_PREFER_HIGH = 1 };

struct ndp_header {
    uint8_t type;
    uint8_t hop_limit;        /* of an advertisement of a router; 0: not said */
    bool managed, other;      /* the same: DHCPv6 has addresses; has other things */
    bool router;              /* R of a neighbour's advertisement */
    bool solicited, override; /* S and O of the same */
    bool names_source;        /* there is a source link-layer address, of whatever form */
    int8_t preference;        /* enum ndp_preference */
    uint16_t lifetime_s;      /* as a default router; 0: none */
    uint32_t reachable_ms, retransmit_ms; /* 0: not said */
    struct address target;                /* solicitation, advertisement of a neighbour, redirect */
    struct address dest;                  /* redirect */
};

struct ndp_option {
    enum ndp_option_type type;
    struct mac mac;
    uint32_t mtu;
    /* prefix, route; RFC 4191 3.1's reserved preference is told, since such a route is ignored */
    struct address prefix;
    uint8_t prefix_length;
    bool on_link, autonomous, reserved_preference;
    int8_t preference;
    uint32_t lifetime_s, preferred_s; /* of prefix, route, servers, search; UINT32_MAX: for ever */
    const uint8_t *bytes; /* nonce; addresses of servers, 16 each; labels of the search list */
    uint32_t length;
};

/* A whole message, from its type on. false: not of ND, shorter than its kind is, a code other than
 * 0, or an option of length 0 or behind the end. r is left at the options. */
bool ndp_message_read(struct reader *r, struct ndp_header *h);
/* The next option that is of a known kind and of its form; others are passed over (RFC 4861 4.6).
 * false: there is none. */
bool ndp_message_option_read(struct reader *r, struct ndp_option *o);

/* With a checksum of 0. */
void ndp_message_write(struct writer *w, const struct ndp_header *h);
void ndp_message_option_write(struct writer *w, const struct ndp_option *o);
