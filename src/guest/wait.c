/* SPDX-License-Identifier: MIT */
/*
 * Calls that wait. A blocking call of a program is a notification that we have not answered: the
 * kernel keeps its thread asleep. We keep the notification, and when the socket is touched we act
 * on it again from its beginning (every handler may be called so, with call->again set).
 *
 * A parked call stands in four places, so that none is ever looked for by walking: in the list of
 * its socket, first come, first served; in the list of its program; in the heap of looks; and, if
 * it has a deadline, in the heap of deadlines. SO_RCVTIMEO and SO_SNDTIMEO live natively in the
 * holder; the deadline is read from there once, at parking.
 *
 * It keeps the descriptor that was borrowed for it, as the kernel keeps the file of a call: another
 * thread may close it, or put another file in its place, and the call goes on with what it had.
 *
 * Nobody tells us of a signal that comes meanwhile, nor of the thread's death: so each thread is
 * looked at (signal.c), at first each millisecond; a call that has waited long is not in a hurry,
 * and where many wait the looks are spread, so that they take no more than a twentieth of a
 * processor. What a signal ended is over for us; with SA_RESTART the program makes it anew.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "guest/state.h"

enum {
    LOOK_LEAST = 1000000, /* ns from look to look */
    LOOK_MOST = 10000000,
    LOOK_SPACE = 250000, /* from one's look to another's, on the average */
    LOOK_OLD = 8         /* the part of its age after which one is looked at again */
};

/* @return GUEST_WAIT; -EAGAIN once the time of the option is over; what a signal makes of it: who
 * has set a time is never made to wait anew (signal(7)) */
int guest_wait_time(struct guest_call *call, int option)
{
    struct timeval time = {0};
    socklen_t length = sizeof time;
    int64_t wait;

    if (call->timed_out)
        return -EAGAIN;
    if (call->interrupted)
        return call->deadline == SOCKEYE_NEVER ? -GUEST_ERESTARTSYS : -EINTR;
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
}

static int64_t next_look(const struct guest_runner *runner, const struct guest_wait *wait,
                         int64_t wall)
{
    int64_t space = (int64_t)runner->looks.count * LOOK_SPACE;
    int64_t step = (wall - wait->since) / LOOK_OLD;

    step = step < LOOK_LEAST ? LOOK_LEAST : step > LOOK_MOST ? LOOK_MOST : step;
    return wall + (step < space ? space : step);
}

static int enter(struct guest_wait *wait, struct guest_runner *runner, struct guest_socket *s)
{
    wait->socket = s->handle;
    wait->since = drive_wall();
    if (guest_deadlines_add(&runner->deadlines, &wait->deadline, wait->call.deadline) < 0)
        return -ENOMEM;
    if (guest_deadlines_add(&runner->looks, &wait->look, next_look(runner, wait, wait->since)) <
        0) {
        guest_deadlines_remove(&runner->deadlines, &wait->deadline);
        return -ENOMEM;
    }
    guest_link_put_last(&s->waits, &wait->link);
    guest_link_put_last(&wait->call.program->waits, &wait->of_program);
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
    if (enter(wait, call->runner, call->socket) < 0) {
        free(wait);
        return -ENOMEM;
    }
    call->fd = -1; /* it is the wait's */
    return 0;
}

void guest_wait_end(struct guest_runner *runner, struct guest_wait *wait)
{
    guest_link_remove(&wait->link);
    guest_link_remove(&wait->of_program);
    guest_deadlines_remove(&runner->deadlines, &wait->deadline);
    guest_deadlines_remove(&runner->looks, &wait->look);
    close(wait->call.fd);
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

/* @return one whose thread is to be looked at, or NULL. Who is due soon is due now: one waking of
 * ours serves several. */
struct guest_wait *guest_wait_to_look_at(struct guest_runner *runner, int64_t wall)
{
    struct guest_deadline *first = guest_deadlines_first(&runner->looks);

    if (first == NULL || first->time > wall + LOOK_SPACE)
        return NULL;
    return GUEST_OF(first, struct guest_wait, look);
}

void guest_wait_look_later(struct guest_runner *runner, struct guest_wait *wait, int64_t wall)
{
    guest_deadlines_remove(&runner->looks, &wait->look);
    guest_deadlines_add(&runner->looks, &wait->look, next_look(runner, wait, wall)); /* has room */
}

/* Of the wall clock: when the first is over, or looked at. */
int64_t guest_wait_deadline(const struct guest_runner *runner)
{
    int64_t over = guest_deadlines_least(&runner->deadlines);
    int64_t look = guest_deadlines_least(&runner->looks);

    return over < look ? over : look;
}

/* Nobody is left of the program. */
void guest_wait_forget_program(struct guest_runner *runner, struct guest_program *program)
{
    while (guest_link_is_in(&program->waits))
        guest_wait_end(runner, GUEST_OF(program->waits.next, struct guest_wait, of_program));
}
