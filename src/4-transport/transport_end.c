/* SPDX-License-Identifier: MIT */
/* Whom to tell: each end once, in the order in which they first changed. */
#include "4-transport/transport_end.h"

void transport_end_pending(struct transport_end *end)
{
    if (end->upper && !list_has(&end->pending))
        list_add(end->service->pending, &end->pending);
}
