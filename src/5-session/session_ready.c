/* SPDX-License-Identifier: MIT */
/*
 * Readiness: what a socket is ready for, and which sockets to look at again.
 *
 * The transport knows what it is ready for (enum transport_ready) and says when that may have
 * changed, after each entry of the lab (transport_deliver). A word that something changed is not
 * kept as a value, since the value would be old when it is read: the socket is only marked as
 * touched. A user takes the touched ones off the list and asks each for what it is ready for now.
 * A socket is at most once on the list however often it is touched, in the order of the first
 * touch: so the list is bounded by the sockets, and edge-triggered users (a touch is an edge, as a
 * wake-up is on Linux) lose none. One list serves all hosts of a lab: who was touched first is
 * served first, so that no host starves another however busy it is.
 */
#include "5-session/session_state.h"

#include "base/compiler.h"

unsigned session_ready(const struct socket *socket)
{
    return transport_ready(socket->end);
}

void session_ready_touch(struct socket *socket)
{
    if (!list_has(&socket->changed))
        list_add(socket->sessions->touched, &socket->changed);
}

struct session_upper *session_ready_take(struct link_list *touched)
{
    struct list_link *l = list_pop(touched);

    return l ? container_of(l, struct socket, changed)->upper : NULL;
}

void session_ready_told(struct transport_upper *upper, nanoseconds now)
{
    (void)now;
    session_ready_touch(container_of(upper, struct socket, below));
}
