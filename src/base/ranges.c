/* SPDX-License-Identifier: MIT */
/*
 * Sorted half-open ranges that neither overlap nor touch: from < to < next.from. So a set has
 * one form only, and "received from here to there" is one search. The blocks of RFC 2018 3 and the
 * queue of segments out of order (RFC 9293 3.10.7.4, seventh check) are such sets.
 */
#include "base/ranges.h"

#include <string.h>

#include "base/integer.h"

/* The first range whose end is at or behind `at`. */
static uint32_t first_reaching(const struct ranges *s, uint64_t at)
{
    uint32_t low = 0, high = s->count;

    while (low < high) {
        uint32_t middle = (low + high) / 2;

        if (s->range[middle].to < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t ranges_find(const struct ranges *s, uint64_t at)
{
    uint32_t i = first_reaching(s, at);

    return i < s->count && s->range[i].to == at ? i + 1 : i;
}

/* Moves the ranges from index `from` on to index `to`. */
static void move(struct ranges *s, uint32_t from, uint32_t to)
{
    memmove(&s->range[to], &s->range[from], (s->count - from) * sizeof s->range[0]);
    s->count = s->count - from + to;
}

bool ranges_add(struct ranges *s, uint64_t from, uint64_t to, uint64_t *added)
{
    uint32_t first = first_reaching(s, from), end = first;
    uint64_t old = 0, low = from, high = to;

    if (added)
        *added = 0;
    if (from >= to)
        return true;
    for (; end < s->count && s->range[end].from <= to; end++) {
        low = least(low, s->range[end].from);
        high = most(high, s->range[end].to);
        old += s->range[end].to - s->range[end].from;
    }
    if (first == end && s->count == RANGES_MOST)
        return false;
    move(s, end, first + 1);
    s->range[first].from = low;
    s->range[first].to = high;
    if (added)
        *added = high - low - old;
    return true;
}

void ranges_remove_below(struct ranges *s, uint64_t to)
{
    move(s, ranges_find(s, to), 0);
    if (s->count > 0 && s->range[0].from < to)
        s->range[0].from = to;
}

bool ranges_valid(const struct ranges *s)
{
    if (s->count > RANGES_MOST)
        return false;
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->range[i].from >= s->range[i].to)
            return false;
        if (i > 0 && s->range[i - 1].to >= s->range[i].from)
            return false;
    }
    return true;
}
