/* SPDX-License-Identifier: MIT */
/*
 * A heap of deadlines: the least is known at once; adding, changing and removing one costs the
 * logarithm of their number. An entry stands in what has the deadline, and knows its place.
 */
#pragma once
#include <stdint.h>
#include <stddef.h>

struct guest_deadline {
    int64_t time; /* INT64_MAX: never, then it is in no heap */
    size_t place; /* in the heap, and 1; 0: in none */
};

struct guest_deadlines {
    struct guest_deadline **heap;
    size_t count, size;
    uint64_t steps; /* entries compared: what the tests count */
};

/* @return 0 or -ENOMEM. The entry is in no heap. */
int guest_deadlines_add(struct guest_deadlines *d, struct guest_deadline *entry, int64_t time);
void guest_deadlines_remove(struct guest_deadlines *d, struct guest_deadline *entry);
int64_t guest_deadlines_least(const struct guest_deadlines *d);                /* INT64_MAX: none */
struct guest_deadline *guest_deadlines_first(const struct guest_deadlines *d); /* or NULL */
void guest_deadlines_done(struct guest_deadlines *d);
