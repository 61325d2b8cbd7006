/* SPDX-License-Identifier: MIT */
/* The theory is in x25_wait.h. */
#include "3-network/x25/x25_wait.h"

enum { MEMORY_AGAIN = 100 }; /* ms */

static nanoseconds period(const struct x25_settings *s, enum x25_wait waits)
{
    switch (waits) {
    case X25_WAIT_CALL:
        return s->call;
    case X25_WAIT_RESET:
        return s->reset;
    case X25_WAIT_CLEAR:
        return s->clear;
    case X25_WAIT_ACKNOWLEDGE:
        return s->acknowledge;
    case X25_WAIT_MEMORY:
    case X25_WAIT_NONE:
        break;
    }
    return MEMORY_AGAIN * MILLISECOND;
}

void x25_wait_for(struct x25_circuit *c, enum x25_wait waits, nanoseconds now)
{
    struct timers *timers = c->x25->means->timers;

    c->waits = (uint8_t)waits;
    if (waits == X25_WAIT_NONE)
        timer_clear(timers, &c->timer);
    else
        timer_set(timers, &c->timer, now + period(&c->x25->settings, waits));
}
