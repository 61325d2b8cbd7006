/* SPDX-License-Identifier: MIT */
/*
 * The kinds of socket of programs: one table, in kind.c, which says which way the bytes of each go.
 */
#pragma once
#include <stddef.h>
#include <sys/socket.h>

enum guest_way {
    GUEST_WAY_STREAM,
    GUEST_WAY_MESSAGE,
    GUEST_WAY_RECORD,
    GUEST_WAY_LOCAL,
    GUEST_WAY_NONE
};

struct guest_kind {
    int domain, type; /* SOCK_, without flags; 0: any */
    const char *name; /* of the domain, for the report */
    enum guest_way way;
    size_t most; /* bytes of a message; not above GUEST_DATAGRAM */
    int error;   /* positive, of one that is refused */
};

/* What a program gets for these two; one of no row is refused. */
const struct guest_kind *guest_kind_find(int domain, int type);
