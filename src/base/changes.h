/* SPDX-License-Identifier: MIT */
/*
 * What became of a node's tables in one entry of the lab, for who asked to be told (a program that
 * listens to netlink's groups). Layers add what they did; the node reads all of it when the entry
 * ends, and empties it. Nobody listens: there is none, and nothing is written.
 *
 * It holds so many; of more, the first are kept and `lost` says so.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/time.h"

enum { CHANGES_MOST = 24 };

enum changes_kind { CHANGES_LINK, CHANGES_ADDRESS, CHANGES_ROUTE, CHANGES_NEIGHBOR };

/* An entry of a table as it is now, or, gone, as it was. */
struct changes_entry {
    uint8_t kind; /* enum changes_kind */
    bool is_gone;
    uint8_t state;      /* of an address, a neighbour */
    uint8_t origin;     /* enum origin */
    uint16_t interface; /* its number */
    uint8_t route_kind, preference, protocol;
    bool is_permanent; /* a neighbour */
    uint8_t mac[6];
    uint32_t bits; /* of an address, a route */
    uint32_t metric, mtu;
    uint32_t before; /* of a link: its flags */
    struct address address, gateway, source;
    nanoseconds preferred_until, valid_until;
};

struct changes {
    uint32_t count;
    uint32_t lost;
    struct changes_entry entry[CHANGES_MOST];
};

/* The next entry, zeroed; NULL: nobody listens, or there are too many. */
static inline struct changes_entry *changes_add(struct changes *c, enum changes_kind kind)
{
    struct changes_entry *e;

    if (!c)
        return NULL;
    if (c->count == CHANGES_MOST) {
        c->lost = 1;
        return NULL;
    }
    e = &c->entry[c->count++];
    *e = (struct changes_entry){0};
    e->kind = (uint8_t)kind;
    return e;
}
