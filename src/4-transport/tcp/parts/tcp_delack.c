/* SPDX-License-Identifier: MIT */
/*
 * Three questions are kept apart: is an ACK owed at all (`owed`), must it go now (`now`), and may
 * not even a FIN delay it (`needed`). Whatever sends an ACK, alone or with data, pays all of it
 * (RFC 9293 3.8.6.3, RFC 5681 4.2, RFC 1122 4.2.3.2).
 */
#include "4-transport/tcp/parts/tcp_delack.h"

#include "base/integer.h"

void tcp_delack_init(struct tcp_delack *d, uint32_t rmss)
{
    d->deadline = NEVER;
    d->largest = 0;
    tcp_delack_full_size(d, rmss);
    d->quick = DELACK_QUICK;
}

/* RFC 9293 3.8.6.3: what the peer sends tells what is full-sized; until then RFC 9293 3.7.1's
 * default. */
void tcp_delack_full_size(struct tcp_delack *d, uint32_t bytes)
{
    d->most = bytes;
    if (d->largest == 0)
        d->largest = (uint32_t)least(bytes, DELACK_FULL_SIZE);
    d->largest = (uint32_t)least(d->largest, bytes);
}

/* RFC 9293 3.8.6.3: at once for every second full-sized segment (SHLD-19), else within 40 ms
 * (MUST-40). */
void tcp_delack_on_data(struct tcp_delack *d, uint32_t bytes, uint32_t segment, nanoseconds now)
{
    if (segment > d->largest)
        d->largest = (uint32_t)least(segment, d->most);
    d->unacked += bytes;
    d->owed = 1;
    if (d->started && now - d->last_data > SECOND)
        d->quick = DELACK_QUICK; /* after a pause the sender starts slowly again */
    d->started = 1;
    d->last_data = now;
    if (d->unacked > d->largest) /* SHLD-19: every second full-sized segment */
        d->now = 1;
    else if (d->quick != 0 && !d->interactive)
        d->now = 1;
    else if (d->deadline == NEVER)
        d->deadline = now + DELACK_NS;
}

/* RFC 9293 3.8.6.3: may wait as well as data. */
void tcp_delack_on_fin(struct tcp_delack *d, nanoseconds now)
{
    d->interactive = d->owed = 1;
    if (d->needed || d->unacked + 1 > d->largest) { /* it counts as an octet */
        d->now = 1;
        return;
    }
    d->now = 0;
    if (d->deadline == NEVER)
        d->deadline = now + DELACK_NS;
}

/* RFC 9293 3.8.6.3: no answer came that could have carried it, so this is no exchange of questions
 * and answers. */
void tcp_delack_on_timer(struct tcp_delack *d)
{
    d->deadline = NEVER;
    if (d->owed)
        d->now = 1;
    d->interactive = 0;
}

void tcp_delack_quick(struct tcp_delack *d, bool on)
{
    d->interactive = !on;
    d->quick = on ? DELACK_QUICK : 0;
    if (on && d->owed)
        d->now = 1;
}
