/* SPDX-License-Identifier: MIT */
/*
 * A set of 64-bit numbers as sorted, disjoint, non-touching half-open ranges. Serves reassembly and
 * SACK blocks alike. At most RANGES_MOST ranges: finding is a binary search, inserting moves at
 * most that many; more holes than that are refused by name (DROP_TCP_REASSEMBLY).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { RANGES_MOST = 128 };

struct range {
    uint64_t from, to;
};

struct ranges {
    uint32_t count;
    uint32_t zero;
    struct range range[RANGES_MOST];
};

/* Adds [from, to); merges. `added`, may be NULL: how many numbers were new. false: full, unchanged.
 */
bool ranges_add(struct ranges *s, uint64_t from, uint64_t to, uint64_t *added);
void ranges_remove_below(struct ranges *s, uint64_t to);
/* The index of the range that holds `at`, or of the first after it; count: none. */
uint32_t ranges_find(const struct ranges *s, uint64_t at);
bool ranges_valid(const struct ranges *s);
