/* SPDX-License-Identifier: MIT */
/*
 * The end of a socket: what its parts hold goes, then its place in the table, and the lab socket is
 * closed. Its parked calls find it gone when they are tried again.
 */
#include <unistd.h>

#include "guest/state.h"

void guest_ending_held(struct guest_runner *runner, struct guest_socket *listener)
{
    struct guest_socket *held;
    int holder;

    while ((held = guest_socket_take_held(listener, &holder)) != NULL) {
        close(holder);
        guest_ending_abort(runner, held);
    }
}

void guest_ending_remove(struct guest_runner *runner, struct guest_socket *s)
{
    guest_ending_held(runner, s);
    if (s->held_holder >= 0)
        close(s->held_holder);
    guest_closing_forget(runner, s);
    if (s->local != NULL)
        guest_local_done(runner, s);
    guest_bridge_close(runner, s, false);
    guest_holder_unname(runner, s);
    guest_stream_done(runner, s);
    guest_datagram_done(runner, s);
    guest_wait_orphan(runner, s);
    guest_socket_drop(runner, s);
}

/* As Linux does when a program closes with data unread. */
void guest_ending_abort(struct guest_runner *runner, struct guest_socket *s)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    sockeye_set_option(runner->lab, s->host, s->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    guest_ending_remove(runner, s);
}

/* Those that are held for an accept() go with their listener, who knows them. */
void guest_ending_all(struct guest_runner *runner)
{
    for (size_t i = 0; i < runner->slot_count; i++) {
        struct guest_socket *s = runner->slots[i].socket;

        if (s != NULL && s->held_holder < 0)
            guest_ending_remove(runner, s);
    }
    guest_socket_done(runner);
}
