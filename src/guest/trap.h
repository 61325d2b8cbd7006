/* SPDX-License-Identifier: MIT */
/*
 * The trapped system calls: one table, of which the filter (filter.c), the dispatch (call.c) and
 * the names in the report are made. A new one is a row here and its function.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guest_call;

/* What is done with the arguments before the function is called. */
enum guest_reads {
    GUEST_READS_NOTHING,
    GUEST_READS_OURS,   /* the first is a descriptor, borrowed; not of a lab's socket: natively */
    GUEST_READS_ANY,    /* the same, but the function looks at others too */
    GUEST_READS_FRAME,  /* where its thread goes on (frame.c); it has no function */
    GUEST_READS_REFUSED /* it is not called: the filter itself says `error`, or 0 */
};

/* May it be parked? */
enum guest_waits {
    GUEST_WAITS_NEVER,
    GUEST_WAITS,
    GUEST_WAITS_IN_LINE /* if the first of them at a socket waits, so do the others */
};

/* A condition on an argument; ints of 32 bits, for their upper half is whatever the caller left. */
enum guest_when {
    GUEST_ALWAYS,
    GUEST_HAS,        /* all these bits */
    GUEST_MAPS,       /* this type of mapping, of a file */
    GUEST_IS,         /* this int */
    GUEST_IS_NOT,     /* this value, of 64 bits */
    GUEST_IS_IN_256,  /* one of the 256 ints from this on */
    GUEST_IS_AND_ZERO /* this int, and the next argument is 0 */
};

enum { GUEST_CONDITIONS = 8 };

struct guest_trap {
    int number;
    const char *name;
    enum guest_reads reads;
    unsigned address; /* which argument is an address, the next its length; 0: none */
    enum guest_waits waits;
    int64_t (*act)(struct guest_call *call);
    int64_t (*act_local)(struct guest_call *call); /* of a socket of AF_UNIX, if not the same */
    int error;                                     /* of one that is refused */
    bool of_root;                                  /* only for programs as root (root.c) */
    struct {
        enum guest_when is;
        unsigned argument;
        uint32_t value;
    } when[GUEST_CONDITIONS]; /* trapped if any holds; the first ALWAYS: without a condition */
};

extern const struct guest_trap guest_trap_table[];
extern const size_t guest_trap_count;

const struct guest_trap *guest_trap_find(int number); /* or NULL */
/* Is a call with these arguments trapped? */
bool guest_trap_is_for(const struct guest_trap *trap, const uint64_t arguments[6]);
