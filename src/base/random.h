/* SPDX-License-Identifier: MIT */
/*
 * Chance by name (architecture, rule 3): a number is f(key, purpose, n), where the key comes from
 * the seed and the name of the node or wire. There is no stream to share, so adding a host or
 * drawing once more changes nobody else's luck. SipHash-2-4 is the function; the same keyed hash
 * serves ISNs (RFC 6528), ports (RFC 6056) and tables.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/siphash.h"

enum random_purpose {
    RANDOM_KEY = 1,
    RANDOM_LOSS,
    RANDOM_JITTER,
    RANDOM_REORDER,
    RANDOM_DUPLICATE,
    RANDOM_CORRUPT,
    RANDOM_CORRUPT_BIT,
    RANDOM_REACHABLE = 9, /* a number, once given, stays: labs repeat by it */
    RANDOM_IP_ID,
    RANDOM_ICMP_RATE,
    RANDOM_PORT,
    RANDOM_PORT_OFFSET,
    RANDOM_ISN,
    RANDOM_TIMESTAMP,
    RANDOM_TABLE = 17,
    RANDOM_REUSEPORT,
    RANDOM_PING,
    RANDOM_BURST = 32, /* of wires, from here on */
    RANDOM_FLOW,
    RANDOM_NAT_PORT = 40,
    RANDOM_NDP_DELAY = 48, /* of ND and addresses, from here on */
    RANDOM_NONCE,
    RANDOM_TEMPORARY,
    RANDOM_DESYNC,
    RANDOM_GROUP = 56,
    RANDOM_FLOW_LABEL = 64,
    RANDOM_UNIX = 72 /* names that a host chooses */
};

/* The n-th number for a purpose. */
uint64_t random_draw(struct siphash_key key, enum random_purpose purpose, uint64_t n);
/* A key of the n-th and the next number. */
void random_key_draw(struct siphash_key *to, struct siphash_key parent, enum random_purpose purpose,
                     uint64_t n);
/* The key of a named thing under a seed (or under its owner's key). */
struct siphash_key random_key(struct siphash_key parent, const char *name, size_t length);
/* Uniform in [0, bound), bound > 0, from one draw (multiply and shift). */
uint64_t random_below(uint64_t draw, uint64_t bound);
