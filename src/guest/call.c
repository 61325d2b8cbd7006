/* SPDX-License-Identifier: MIT */
/*
 * A trapped call, from the kernel's notification to its answer; and those that wait, tried again.
 *
 * The descriptor is borrowed, its SO_COOKIE says which socket it is (no cookie of ours: the call
 * goes on natively). Before the function of its row (trap.c) acts, the socket has its turn: what
 * the program wrote natively before this call reaches the lab before it. The function gives a
 * value, -errno, or an enum guest_answer; one that was parked is simply called again, with the
 * same socket and descriptor.
 */
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest/ring.h"
#include "guest/state.h"
#include "guest/trap.h"

/* Arguments are copied once: what the program writes there later is nobody's. */
static void read_address(struct guest_call *call, const struct guest_trap *trap)
{
    const __u64 *args = call->notif.data.args;

    if (!call->again)
        call->address_length = guest_target_read_address(
            call, args[trap->address], (int32_t)args[trap->address + 1], &call->address);
}

/* A call on what may be a socket of the lab never goes on natively for want of ours: accept() would
 * give the program a token. */
static int64_t not_borrowed(const struct guest_call *call, const struct guest_trap *trap)
{
    if (call->fd == -EMFILE || call->fd == -ENFILE || call->fd == -ENOMEM)
        return guest_report_want(call->runner, call->program->number, trap->name, call->fd);
    if (call->fd != -EBADF && call->fd != -ESRCH)
        guest_report_add(call->runner, call->program->number,
                         "%s(): its descriptors cannot be borrowed: %s", trap->name,
                         sockeye_strerror(call->fd));
    return GUEST_CONTINUE;
}

/* It was inherited, or received by SCM_RIGHTS: a socket of the machine's network. */
static int64_t refuse_foreign(const struct guest_call *call, const struct guest_trap *trap)
{
    guest_report_add(call->runner, call->program->number,
                     "%s() of a socket of the machine, which it has from outside the lab: EACCES",
                     trap->name);
    return -EACCES;
}

static int64_t act_on_descriptor(struct guest_call *call, const struct guest_trap *trap)
{
    if (!call->again) {
        call->fd = guest_target_borrow(call, (int)call->notif.data.args[0]);
        if (call->fd < 0)
            return not_borrowed(call, trap);
        (void)guest_ring_bring_back(call, (int)call->notif.data.args[0]);
        call->socket = guest_socket_of_cookie(call->runner, guest_target_cookie(call->fd));
        if (call->socket == NULL && guest_target_is_foreign(call->fd))
            return refuse_foreign(call, trap);
        if (call->socket == NULL && trap->reads == GUEST_READS_OURS)
            return GUEST_CONTINUE;
    } else if (call->socket == NULL) {
        return -EBADF;
    }
    if (call->socket != NULL) {
        uint64_t handle = call->socket->handle;

        call->runner->statistics.calls++;
        guest_holder_borrowed(call->socket, call->fd);
        guest_turn(call->runner, call->socket,
                   GUEST_BY_PROGRAM | (call->socket->local == NULL ? GUEST_BY_LAB : 0));
        call->socket = guest_socket_of_handle(call->runner, handle);
        if (call->socket == NULL)
            return -EBADF;
    }
    if (trap->address != 0)
        read_address(call, trap);
    return call->socket != NULL && call->socket->local != NULL && trap->act_local != NULL
               ? trap->act_local(call)
               : trap->act(call);
}

/* Was a call ended by a signal that does not end the kernel's own? */
static bool is_ended_in_vain(struct guest_call *call, const struct guest_frame *frame)
{
    const struct guest_trap *trap = guest_trap_find(frame->number);

    if (trap == NULL || !guest_trap_is_for(trap, frame->arguments))
        return false;
    return trap->waits == GUEST_WAITS_NEVER
               ? !guest_name_may_wait(call, frame->number, frame->arguments)
               : !guest_frame_would_wait(call, frame);
}

/* The end of a handler: a call that its signal has ended before we took it is put back. */
static int64_t act_on_frame(struct guest_call *call)
{
    struct guest_frame frame;

    if (guest_frame_read(call, &frame) && is_ended_in_vain(call, &frame))
        guest_frame_put_back(call, &frame);
    return GUEST_CONTINUE;
}

/* @return a result; the descriptor that was borrowed for it is call->fd, or it is -1 */
static int64_t act(struct guest_call *call)
{
    const struct guest_trap *trap = guest_trap_find(call->notif.data.nr);

    if (call->again && !guest_target_waits(call))
        return GUEST_ANSWERED;
    if (trap != NULL && trap->reads == GUEST_READS_FRAME)
        return act_on_frame(call);
    if (trap == NULL || trap->act == NULL)
        return GUEST_CONTINUE;
    if (trap->reads == GUEST_READS_NOTHING)
        return trap->act(call);
    return act_on_descriptor(call, trap);
}

static void give_back(struct guest_call *call)
{
    if (call->fd >= 0)
        close(call->fd);
    call->fd = -1;
}

static void answer(const struct guest_call *call, int64_t result)
{
    if (result == GUEST_ANSWERED)
        return;
    if (result == GUEST_CONTINUE)
        guest_target_continue(call);
    else if (result >= 0)
        guest_target_answer(call, 0, result);
    else
        guest_target_answer(call, (int)-result, 0);
}

static void act_first(struct guest_call *call)
{
    int64_t result = act(call);

    if (result == GUEST_WAIT) {
        int r = guest_wait_park(call);

        result = r == 0 ? GUEST_ANSWERED : r;
    }
    answer(call, result);
    give_back(call);
}

/* Takes one notification of a program. */
void guest_call_receive(struct guest_runner *runner, struct guest_program *program)
{
    struct guest_call call = {.runner = runner, .program = program, .fd = -1};

    if (ioctl(program->listener, SECCOMP_IOCTL_NOTIF_RECV, &call.notif) < 0)
        return; /* a signal was faster */
    drive_advance(runner->drive);
    if (runner->setting_count > 0)
        guest_proc_hear(runner);
    act_first(&call);
}

/* ---- parked calls ---- */

/* It waits on, or is over. @return true: it waits on */
static bool act_again(struct guest_wait *wait)
{
    struct guest_runner *runner = wait->call.runner;
    int64_t result;

    runner->statistics.retries++;
    wait->call.socket = guest_socket_of_handle(runner, wait->socket);
    result = act(&wait->call);
    if (result == GUEST_WAIT)
        return true;
    answer(&wait->call, result);
    guest_wait_end(runner, wait);
    return false;
}

/* Who stands behind one that waits in line need not be asked. */
static bool is_in_line(const struct guest_wait *wait)
{
    return guest_trap_find(wait->call.notif.data.nr)->waits == GUEST_WAITS_IN_LINE;
}

/* Those of one socket, as they came. */
static void settle_socket(struct guest_runner *runner, struct guest_socket *s)
{
    uint64_t handle = s->handle;
    struct guest_link *next;

    runner->settling = handle; /* what they do to it themselves calls for no other round */
    for (struct guest_link *l = s->waits.next; l != &s->waits; l = next) {
        struct guest_wait *wait = GUEST_OF(l, struct guest_wait, link);

        next = l->next;
        if (act_again(wait) && is_in_line(wait))
            break;
        if (guest_socket_of_handle(runner, handle) == NULL)
            break; /* the others are orphans */
    }
    runner->settling = 0;
}

void guest_call_settle(struct guest_runner *runner)
{
    while (guest_link_is_in(&runner->touched)) {
        struct guest_link *l = runner->touched.next;

        guest_link_remove(l);
        settle_socket(runner, GUEST_OF(l, struct guest_socket, touched));
    }
    while (guest_link_is_in(&runner->orphans)) {
        struct guest_link *l = runner->orphans.next;

        if (act_again(GUEST_OF(l, struct guest_wait, link)))
            break;
    }
}

void guest_call_expire(struct guest_runner *runner, int64_t wall)
{
    struct guest_wait *wait;

    while ((wait = guest_wait_expired(runner, wall)) != NULL) {
        wait->call.timed_out = true;
        if (act_again(wait))
            break;
    }
}

/* Is its wait over, by a signal or by the death of its thread? Then the state was of another's. */
static bool is_interrupted(struct guest_wait *wait)
{
    struct guest_call *call = &wait->call;

    return guest_signal_is_told(call->runner, (pid_t)call->notif.pid) || !guest_target_waits(call);
}

void guest_call_look(struct guest_runner *runner, int64_t wall)
{
    struct guest_wait *wait;

    while ((wait = guest_wait_to_look_at(runner, wall)) != NULL) {
        if (!is_interrupted(wait)) {
            guest_wait_look_later(runner, wait, wall);
            continue;
        }
        wait->call.interrupted = true; /* so it does not wait on: guest_wait_time() */
        if (act_again(wait))
            break;
    }
}
