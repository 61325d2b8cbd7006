/* SPDX-License-Identifier: MIT */
/*
 * The table of a host's descriptors: number -> open descriptor, the lowest free number first
 * (POSIX's rule, on which programs rely). Pages of 64, three deep; each page knows which of its
 * parts are full, so that the lowest free number is found in three steps however many are open, and
 * memory is touched only where descriptors are.
 */
#pragma once
#include "6-presentation/call_state.h"

enum descriptor_constants {
    DESCRIPTOR_PAGE_SHIFT = 6,
    DESCRIPTOR_PAGE_PARTS = 1 << DESCRIPTOR_PAGE_SHIFT,
    DESCRIPTOR_LEVELS = 3,
    DESCRIPTOR_SHARES = UINT16_MAX /* that are shared at a time, at most */
};

struct descriptor_page {
    uint64_t full; /* bit i: no number is free in part i (in the lowest level: it is open) */
    union {
        struct descriptor_page *page[DESCRIPTOR_PAGE_PARTS];
        struct descriptor *descriptor[DESCRIPTOR_PAGE_PARTS]; /* in the lowest level */
    } part;
};

/* @return 0 @raise ENOMEM EINVAL */
int descriptor_table_init(struct descriptors *ds, struct arena *arena, uint32_t limit);
uint64_t descriptor_table_bytes(uint32_t limit);
/* Takes the lowest free number. @return it @raise EMFILE all are in use; ENOBUFS no memory */
int descriptor_add(struct descriptors *ds, struct descriptor **descriptor);
/* What is known of one that is shared; NULL: it has a single number, and rides nowhere. */
struct descriptor_share *descriptor_shared(const struct descriptors *ds,
                                           const struct descriptor *descriptor);
/* The same, made if there is none; NULL: no memory. */
struct descriptor_share *descriptor_shared_make(struct descriptors *ds,
                                                struct descriptor *descriptor);
/* It may be shared no longer. */
void descriptor_shared_end(struct descriptors *ds, struct descriptor *descriptor);
/* Another number of the same. @return it @raise EMFILE ENOBUFS */
int descriptor_share(struct descriptors *ds, struct descriptor *descriptor);
/* A number of it is free again. */
void descriptor_leave(struct descriptors *ds, struct descriptor *descriptor, int number);
void descriptor_free(struct descriptors *ds, struct descriptor *descriptor); /* without numbers */
/* Both, of one that has a single number. */
void descriptor_remove(struct descriptors *ds, struct descriptor *descriptor);
struct descriptor *descriptor_find(const struct descriptors *ds, int number); /* or NULL */
/* The first open number that is not below; -1: none. */
int descriptor_next(const struct descriptors *ds, int number);
/* 0, or the number of the line of the check that failed. */
int descriptor_table_check(const struct descriptors *ds, uint32_t without_number);
