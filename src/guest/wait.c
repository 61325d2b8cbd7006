/* SPDX-License-Identifier: MIT */
/*
 * Calls that wait. A blocking call of a program is a notification that we have not answered: the
 * kernel keeps its thread asleep. We keep the notification, and when the socket is touched we act
 * on it again from its beginning (every handler may be called so, with call->again set). A signal
 * ends the program's wait without telling us: so a parked call is asked first whether its caller
 * still waits; with SA_RESTART the kernel sends it anew as a notification of its own. SO_RCVTIMEO
 * and SO_SNDTIMEO live natively in the holder; the deadline is read from there once, at parking.
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

static void put(struct guest_runner *runner, struct guest_wait *wait)
{
    struct guest_wait **end = &runner->waits;

    while (*end != NULL) /* first come, first served */
        end = &(*end)->next;
    wait->next = NULL;
    *end = wait;
    if (wait->call.deadline < runner->wait_deadline)
        runner->wait_deadline = wait->call.deadline;
}

int guest_wait_park(struct guest_call *call)
{
    struct guest_wait *wait = malloc(sizeof *wait);

    if (wait == NULL)
        return -ENOMEM;
    wait->socket = call->socket == NULL ? 0 : call->socket->handle;
    wait->call = *call;
    wait->call.again = true;
    wait->call.socket = NULL;
    wait->call.fd = -1;
    put(call->runner, wait);
    return 0;
}

static bool is_of(const struct guest_wait *wait, uint64_t socket)
{
    return wait->socket == socket;
}

static bool is_over(const struct guest_wait *wait, uint64_t wall)
{
    return wait->call.deadline <= (int64_t)wall;
}

static bool is_stale(const struct guest_wait *wait, uint64_t unused)
{
    (void)unused;
    return !guest_target_waits(&wait->call);
}

/* Takes out all that match, so that acting on them may park them again. */
static struct guest_wait *take(struct guest_runner *runner,
                               bool (*match)(const struct guest_wait *wait, uint64_t with),
                               uint64_t with)
{
    struct guest_wait *taken = NULL, **end = &taken, **p = &runner->waits;

    while (*p != NULL) {
        struct guest_wait *wait = *p;

        if (!match(wait, with)) {
            p = &wait->next;
            continue;
        }
        *p = wait->next;
        wait->next = NULL;
        *end = wait;
        end = &wait->next;
    }
    return taken;
}

static void act_on_all(struct guest_wait *wait, bool timed_out)
{
    while (wait != NULL) {
        struct guest_wait *next = wait->next;

        wait->call.timed_out = timed_out;
        guest_call_act(&wait->call);
        free(wait);
        wait = next;
    }
}

void guest_wait_retry(struct guest_runner *runner, uint64_t socket)
{
    if (runner->waits != NULL)
        act_on_all(take(runner, is_of, socket), false);
}

void guest_wait_expire(struct guest_runner *runner, int64_t wall)
{
    struct guest_wait *over;

    if (wall < runner->wait_deadline)
        return;
    over = take(runner, is_over, (uint64_t)wall);
    runner->wait_deadline = SOCKEYE_NEVER;
    for (struct guest_wait *w = runner->waits; w != NULL; w = w->next)
        if (w->call.deadline < runner->wait_deadline)
            runner->wait_deadline = w->call.deadline;
    act_on_all(over, true);
}

static void free_all(struct guest_wait *wait)
{
    while (wait != NULL) {
        struct guest_wait *next = wait->next;

        free(wait);
        wait = next;
    }
}

void guest_wait_sweep(struct guest_runner *runner)
{
    free_all(take(runner, is_stale, 0));
}

static bool is_of_caller(const struct guest_wait *wait, uint64_t caller)
{
    uint32_t thread = (uint32_t)caller;
    int program = (int)(caller >> 32);

    return wait->call.program->number == program && (thread == 0 || wait->call.notif.pid == thread);
}

/* The call that a thread makes is the one that a signal ended: SA_RESTART sends it anew, and its
 * time goes on. (A program that repeats it by itself after EINTR hears of the same silence.) */
void guest_wait_inherit(struct guest_call *call)
{
    for (const struct guest_wait *w = call->runner->waits; w != NULL; w = w->next) {
        const struct guest_call *old = &w->call;

        if (old->program == call->program && old->notif.pid == call->notif.pid &&
            memcmp(&old->notif.data, &call->notif.data, sizeof old->notif.data) == 0 &&
            old->deadline > drive_wall())
            call->deadline = old->deadline;
    }
}

/* A thread that makes a new call waits for no old one. Thread 0: all of the program. */
void guest_wait_forget(struct guest_runner *runner, int program, uint32_t thread)
{
    if (runner->waits != NULL)
        free_all(take(runner, is_of_caller, (uint64_t)program << 32 | thread));
}
