/* SPDX-License-Identifier: MIT */
/*
 * Calls that wait. A blocking call of a program is a notification that we have not answered: the
 * kernel keeps its thread asleep. We keep the notification, and when the socket is touched we act
 * on it again from its beginning (every handler may be called so, with call->again set).
 *
 * A parked call stands in three places, so that none is ever looked for by walking: in the list of
 * its socket, first come, first served; in a bucket of its thread; and, if it has a deadline, in
 * the heap of deadlines. SO_RCVTIMEO and SO_SNDTIMEO live natively in the holder; the deadline is
 * read from there once, at parking.
 *
 * A signal ends the program's wait without telling us: so a parked call is asked first whether its
 * caller still waits; with SA_RESTART the kernel sends it anew as a notification of its own. One
 * whose thread died is found when its socket is touched or closed, or its number is used again.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "guest/state.h"

/* @return GUEST_WAIT, or -EAGAIN once the time of the option is over */
int guest_wait_time(struct guest_call *call, int option)
{
    struct timeval time = {0};
    socklen_t length = sizeof time;
    int64_t wait;

    if (call->timed_out)
        return -EAGAIN;
    if (call->deadline != 0)
        return GUEST_WAIT;
    call->deadline = SOCKEYE_NEVER;
    if (getsockopt(call->fd, SOL_SOCKET, option, &time, &length) < 0)
        return GUEST_WAIT;
    wait = (int64_t)time.tv_sec * 1000000000 + (int64_t)time.tv_usec * 1000;
    if (wait > 0)
        call->deadline = drive_wall() + wait;
    return GUEST_WAIT;
}

void guest_wait_init(struct guest_runner *runner)
{
    guest_link_init(&runner->touched);
    guest_link_init(&runner->orphans);
    for (int i = 0; i < GUEST_CALLERS; i++)
        guest_link_init(&runner->callers[i]);
}

static struct guest_link *bucket_of(struct guest_runner *runner, uint32_t thread)
{
    return &runner->callers[thread % GUEST_CALLERS];
}

static int enter(struct guest_wait *wait, struct guest_runner *runner, struct guest_socket *s)
{
    wait->socket = s->handle;
    if (guest_deadlines_add(&runner->deadlines, &wait->deadline, wait->call.deadline) < 0)
        return -ENOMEM;
    guest_link_put_last(&s->waits, &wait->link);
    guest_link_put_last(bucket_of(runner, wait->call.notif.pid), &wait->caller);
    return 0;
}

/* Parks a call of a socket. */
int guest_wait_park(struct guest_call *call)
{
    struct guest_wait *wait = malloc(sizeof *wait);

    if (wait == NULL)
        return -ENOMEM;
    wait->call = *call;
    wait->call.again = true;
    wait->call.socket = NULL;
    wait->call.fd = -1;
    if (enter(wait, call->runner, call->socket) < 0) {
        free(wait);
        return -ENOMEM;
    }
    return 0;
}

void guest_wait_end(struct guest_runner *runner, struct guest_wait *wait)
{
    guest_link_remove(&wait->link);
    guest_link_remove(&wait->caller);
    guest_deadlines_remove(&runner->deadlines, &wait->deadline);
    free(wait);
}

/* The calls that wait for it are to be tried again. */
void guest_wait_touch(struct guest_runner *runner, struct guest_socket *s)
{
    if (guest_link_is_in(&s->waits) && !guest_link_is_in(&s->touched) &&
        s->handle != runner->settling)
        guest_link_put_last(&runner->touched, &s->touched);
}

/* The socket is gone: they will find it so. */
void guest_wait_orphan(struct guest_runner *runner, struct guest_socket *s)
{
    while (guest_link_is_in(&s->waits)) {
        struct guest_link *l = s->waits.next;

        guest_link_remove(l);
        guest_link_put_last(&runner->orphans, l);
    }
}

/* @return one whose time is over, or NULL */
struct guest_wait *guest_wait_expired(struct guest_runner *runner, int64_t wall)
{
    struct guest_deadline *first = guest_deadlines_first(&runner->deadlines);

    if (first == NULL || first->time > wall)
        return NULL;
    return GUEST_OF(first, struct guest_wait, deadline);
}

/* The call that a thread makes is the one that a signal ended: SA_RESTART sends it anew, and its
 * time goes on, and so does what it sends. (A program that repeats it by itself after EINTR hears
 * of the same silence.) */
void guest_wait_inherit(struct guest_call *call)
{
    struct guest_link *bucket = bucket_of(call->runner, call->notif.pid);

    for (struct guest_link *l = bucket->next; l != bucket; l = l->next) {
        const struct guest_call *old = &GUEST_OF(l, struct guest_wait, caller)->call;

        if (old->program == call->program && old->notif.pid == call->notif.pid &&
            memcmp(&old->notif.data, &call->notif.data, sizeof old->notif.data) == 0 &&
            old->deadline > drive_wall()) {
            call->deadline = old->deadline;
            call->done = old->done;
        }
    }
}

/* A thread that makes a new call waits for no old one. */
void guest_wait_forget(struct guest_runner *runner, const struct guest_program *program,
                       uint32_t thread)
{
    struct guest_link *next, *bucket = bucket_of(runner, thread);

    for (struct guest_link *l = bucket->next; l != bucket; l = next) {
        struct guest_wait *wait = GUEST_OF(l, struct guest_wait, caller);

        next = l->next;
        if (wait->call.program == program && wait->call.notif.pid == thread)
            guest_wait_end(runner, wait);
    }
}

/* Nobody is left of the program. */
void guest_wait_forget_program(struct guest_runner *runner, const struct guest_program *program)
{
    for (int i = 0; i < GUEST_CALLERS; i++) {
        struct guest_link *next, *bucket = &runner->callers[i];

        for (struct guest_link *l = bucket->next; l != bucket; l = next) {
            struct guest_wait *wait = GUEST_OF(l, struct guest_wait, caller);

            next = l->next;
            if (wait->call.program == program)
                guest_wait_end(runner, wait);
        }
    }
}
