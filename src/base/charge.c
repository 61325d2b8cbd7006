/* SPDX-License-Identifier: MIT */
/* Charges come from the pool of a lab's packets, which free them too when they are the last. */
#include "base/charge.h"

#include "base/packet.h"
#include "base/pool.h"

struct charge *charge_open(struct packets *ps, struct link_list *drained)
{
    struct charge *charge = pool_get(ps->charges);

    if (!charge)
        return NULL;
    charge->list = drained;
    charge->owned = 1;
    return charge;
}

void charge_close(struct packets *ps, struct charge *charge)
{
    if (!charge)
        return;
    list_remove(&charge->drained);
    charge->wants = 0;
    charge->owned = 0;
    if (charge->packets == 0)
        pool_put(ps->charges, charge);
}
