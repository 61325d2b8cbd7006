/* SPDX-License-Identifier: MIT */
/*
 * Times are rounded up to whole nanoseconds: a rate is never exceeded. A segment that went although
 * it had to wait (what a timer forces out) adds to the time the others wait.
 */
#include "4-transport/tcp/parts/tcp_pacer.h"

void tcp_pacer_take(struct tcp_pacer *p, uint64_t rate, uint32_t bytes, nanoseconds now)
{
    uint64_t time = (uint64_t)bytes * SECOND;

    p->next = time_later(p->next, now) + (nanoseconds)(time / rate + (time % rate != 0));
}

void tcp_pacer_restart(struct tcp_pacer *p)
{
    p->next = 0;
}
