/* SPDX-License-Identifier: MIT */
/* Whose an end is: the descriptor of its program. */
#pragma once
#include "4-transport/transport_end.h"
#include "node/host.h"

/* NULL: nobody has it, or no program (XOT has ends of its own). */
static inline const struct descriptor *manage_holder(const struct transport_end *end)
{
    const struct socket *socket;

    if (!end->upper || end->upper->code != HOST_TRANSPORT_SESSION)
        return NULL;
    socket = container_of(end->upper, const struct socket, below);
    return container_of(socket->upper, const struct descriptor, session);
}
