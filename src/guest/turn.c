/* SPDX-License-Identifier: MIT */
/*
 * A turn of a socket: all that can be done now for one that was touched, by its program or by the
 * lab. The parts say what is to become of it, and it is done here. Calls of the program that wait
 * for the socket are noted, and tried again when the event is over (call.c): a turn calls nobody
 * who calls turns.
 */
#include <poll.h>

#include "guest/state.h"

/* New connections of the lab become tokens, one an edge. */
static enum guest_verdict listener_turn(struct guest_runner *runner, struct guest_socket *s)
{
    int events = sockeye_poll(runner->lab, s->host, s->fd), r = 0;

    if (events > 0 && (events & POLLIN) && s->holder.tokens < GUEST_TOKENS)
        r = guest_holder_add_token(runner, s);
    if (r == -EMFILE || r == -ENFILE) /* the sweep tries again: living.c */
        guest_report_want(runner, s->program, "poll", r);
    return r == -ECONNREFUSED ? GUEST_REMOVE : GUEST_KEEP;
}

void guest_turn(struct guest_runner *runner, struct guest_socket *s, unsigned touched)
{
    enum guest_verdict verdict;

    if (s->kind->way == GUEST_WAY_RECORD)
        verdict = guest_circuit_turn(runner, s, touched);
    else if (s->phase == GUEST_LISTENING)
        verdict = s->closing.is_closed ? GUEST_REMOVE : listener_turn(runner, s);
    else if (s->local != NULL)
        verdict = guest_local_turn(runner, s, touched);
    else if (s->is_datagram)
        verdict = guest_datagram_turn(runner, s, touched);
    else
        verdict = guest_stream_turn(runner, s, touched);
    switch (verdict) {
    case GUEST_REMOVE:
        guest_ending_remove(runner, s);
        return;
    case GUEST_ABORT:
        guest_ending_abort(runner, s);
        return;
    case GUEST_AGAIN:
        if (!guest_link_is_in(&s->unfinished))
            guest_link_put_last(&runner->unfinished, &s->unfinished);
        break;
    case GUEST_PUT_OFF:
        if (!guest_link_is_in(&s->later))
            guest_link_put_last(&runner->later, &s->later);
        break;
    case GUEST_KEEP:
        break;
    }
    guest_wait_touch(runner, s);
}

/* Each has one more turn; who is cut short again has the next when this is called next. */
void guest_turn_finish(struct guest_runner *runner)
{
    struct guest_link list;

    guest_link_move_all(&list, &runner->unfinished);
    while (guest_link_is_in(&list)) {
        struct guest_link *l = list.next;

        guest_link_remove(l);
        guest_turn(runner, GUEST_OF(l, struct guest_socket, unfinished), 0);
        drive_advance(runner->drive);
    }
}

void guest_turn_later(struct guest_runner *runner, int64_t wall)
{
    struct guest_link list;

    if (!guest_link_is_in(&runner->later) || wall - runner->last_later < GUEST_LATER)
        return;
    runner->last_later = wall;
    guest_link_move_all(&list, &runner->later);
    while (guest_link_is_in(&list)) {
        struct guest_link *l = list.next;

        guest_link_remove(l);
        guest_turn(runner, GUEST_OF(l, struct guest_socket, later), GUEST_LOOKED_AT);
    }
}
