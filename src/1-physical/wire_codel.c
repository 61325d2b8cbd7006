/* SPDX-License-Identifier: MIT */
/* The control law and the two branches of RFC 8289 5.5. Theory in wire_codel.h. */
#include "1-physical/wire_codel.h"

#include "base/compiler.h"
#include "base/integer.h"

enum { BACK_SOON = 16 /* intervals: RFC 8289 5.5 */ };

/* floor(sqrt(a)), bit by bit */
static uint64_t square_root(uint64_t a)
{
    uint64_t root = 0;

    for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1)
        if ((root | bit) * (root | bit) <= a)
            root |= bit;
    return root;
}

nanoseconds wire_codel_step(nanoseconds interval, uint32_t count)
{
    uint64_t inverse;

    ensure(count > 0);
    if (count == 1)
        return interval;
    /* 2^64 / count, which is no number of 64 bits itself for one alone */
    inverse = square_root((UINT64_MAX - count + 1) / count + 1);
    return (nanoseconds)integer_mul_shift((uint64_t)interval, inverse << 32);
}

static nanoseconds target_of(const struct wire_codel_plan *plan)
{
    return plan->target ? plan->target : WIRE_CODEL_TARGET;
}

static nanoseconds interval_of(const struct wire_codel_plan *plan)
{
    return plan->interval ? plan->interval : WIRE_CODEL_INTERVAL;
}

/* RFC 8289 5.6, dodequeue: has the queue stood for an interval? */
static bool stands(struct wire_codel *c, const struct wire_codel_plan *plan,
                   const struct wire_codel_frame *frame)
{
    if (frame->waited < target_of(plan) || frame->left <= frame->longest) {
        c->first_above_time = 0;
        return false;
    }
    if (c->first_above_time == 0) {
        c->first_above_time = frame->now + interval_of(plan);
        return false;
    }
    return frame->now >= c->first_above_time;
}

/* RFC 8289 5.5: the drop rate of the last time is a good one to begin with, if that is not long
 * ago. */
static void enter(struct wire_codel *c, const struct wire_codel_plan *plan, nanoseconds now)
{
    uint32_t delta = c->count - c->lastcount;
    bool is_back = now - c->drop_next < BACK_SOON * interval_of(plan);

    c->dropping = 1;
    c->count = delta > 1 && is_back ? delta : 1;
    c->drop_next = now + wire_codel_step(interval_of(plan), c->count);
    c->lastcount = c->count;
}

static void step(struct wire_codel *c, const struct wire_codel_plan *plan)
{
    c->drop_next += wire_codel_step(interval_of(plan), c->count);
}

static bool drops_one_more(struct wire_codel *c, nanoseconds now)
{
    if (now < c->drop_next)
        return false;
    c->count += c->count < UINT32_MAX;
    return true;
}

bool wire_codel_drops(struct wire_codel *c, const struct wire_codel_plan *plan,
                      const struct wire_codel_frame *frame, enum wire_codel_round *round)
{
    bool is_standing = stands(c, plan, frame);

    switch (*round) {
    case WIRE_CODEL_ENTERED:
        return false;
    case WIRE_CODEL_AGAIN:
        if (is_standing) {
            step(c, plan);
            return drops_one_more(c, frame->now);
        }
        break;
    case WIRE_CODEL_FIRST:
        if (c->dropping && is_standing) {
            *round = WIRE_CODEL_AGAIN;
            return drops_one_more(c, frame->now);
        }
        if (is_standing) {
            enter(c, plan, frame->now);
            *round = WIRE_CODEL_ENTERED;
            return true;
        }
        break;
    }
    c->dropping = 0;
    return false;
}

void wire_codel_marked(struct wire_codel *c, const struct wire_codel_plan *plan,
                       enum wire_codel_round round)
{
    if (round == WIRE_CODEL_AGAIN)
        step(c, plan);
}

void wire_codel_empty(struct wire_codel *c)
{
    c->first_above_time = 0;
    c->dropping = 0;
}
