/* SPDX-License-Identifier: MIT */
/*
 * What is known of the sockets of AF_UNIX: who is whose peer, whose messages wait at whom, what is
 * in a holder; and what becomes of others when one ends.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/local.h"

struct guest_socket *guest_local_peer(const struct guest_runner *runner,
                                      const struct guest_socket *s)
{
    struct guest_socket *peer =
        s->local->peer == 0 ? NULL : guest_socket_of_handle(runner, s->local->peer);

    return peer == NULL || peer->local == NULL ? NULL : peer;
}

int guest_local_note_caller(struct guest_socket *at, uint64_t handle)
{
    struct guest_local *l = at->local;

    if (l->caller_count == l->caller_size) {
        size_t size = l->caller_size == 0 ? 16 : l->caller_size * 2;
        uint64_t *more = realloc(l->callers, size * sizeof *more);

        if (more == NULL)
            return -ENOMEM;
        l->callers = more;
        l->caller_size = size;
    }
    l->callers[l->caller_count++] = handle;
    return 0;
}

uint64_t guest_local_next_caller(struct guest_socket *at)
{
    struct guest_local *l = at->local;
    uint64_t first;

    if (l->caller_count == 0)
        return 0;
    first = l->callers[0];
    l->caller_count--;
    memmove(l->callers, l->callers + 1, l->caller_count * sizeof *l->callers);
    return first;
}

struct guest_socket *guest_local_of_place(const struct guest_runner *runner, int host, dev_t device,
                                          ino_t inode)
{
    for (size_t i = 0; i < runner->slot_count; i++) {
        struct guest_socket *s = runner->slots[i].socket;

        if (s != NULL && s->local != NULL && s->host == host && s->local->place != 0 &&
            s->local->inode == inode && s->local->device == device)
            return s;
    }
    return NULL;
}

void guest_local_forget_given(struct guest_socket *s)
{
    s->local->count = 0;
    s->local->charged[0] = s->local->charged[1] = 0;
}

struct guest_piece *guest_local_given(const struct guest_local *l, size_t i)
{
    return &l->given[(l->first + i) % GUEST_PIECES];
}

const struct guest_piece *guest_local_head(const struct guest_socket *s)
{
    return s->local->count == 0 ? NULL : guest_local_given(s->local, 0);
}

/* Those who wait for room at a datagram socket of another. */
void guest_local_wake_blocked(struct guest_runner *runner, int host)
{
    if (runner->blocked == 0)
        return;
    runner->blocked = 0; /* who waits again says so */
    for (size_t i = 0; i < runner->slot_count; i++) {
        struct guest_socket *s = runner->slots[i].socket;

        if (s != NULL && s->local != NULL && s->host == host && s->local->type == SOCK_DGRAM)
            guest_wait_touch(runner, s);
    }
}

/* ---- the end ---- */

/* A datagram socket has ended: who is connected to it has nobody to send to. */
static void end_peer(struct guest_runner *runner, struct guest_socket *s)
{
    for (size_t i = 0; i < runner->slot_count; i++) {
        struct guest_socket *o = runner->slots[i].socket;

        if (o == NULL || o == s || o->local == NULL || o->local->peer != s->handle)
            continue;
        o->local->peer = 0;
        if (o->local->other >= 0) {
            close(o->local->other);
            o->local->other = -1;
        } else if (o->local->is_pair) {
            o->local->is_alone = true; /* what it was sent comes first: its turn */
            if (!guest_link_is_in(&o->unfinished))
                guest_link_put_last(&runner->unfinished, &o->unfinished);
        }
    }
}

void guest_local_done(struct guest_runner *runner, struct guest_socket *s)
{
    struct guest_local *l = s->local;

    guest_rights_note_lost(runner, s->host);
    if (l->type == SOCK_DGRAM)
        end_peer(runner, s);
    guest_local_forget_given(s);
    free(l->given);
    free(l->callers);
    if (l->file >= 0)
        close(l->file);
    if (l->other >= 0)
        close(l->other);
    l->given = NULL;
    l->callers = NULL;
    l->file = l->other = -1;
}
