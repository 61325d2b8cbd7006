/* SPDX-License-Identifier: MIT */
/* What the lab tells of a socket of circuit.c: a call that waits, an answer, the end. */
#include <poll.h>

#include "guest/state.h"

static int events_of(const struct guest_runner *runner, const struct guest_socket *s)
{
    return sockeye_poll(runner->lab, s->host, s->fd);
}

/* The holder has a byte exactly if a call waits; the program's end is `holder`, or not at hand. */
void guest_circuit_settle_token(struct guest_runner *runner, struct guest_socket *s, int holder)
{
    bool waits = (events_of(runner, s) & POLLIN) != 0;
    uint8_t token = 0;

    if (waits && s->holder.tokens == 0 && guest_bridge_give_datagram(s, &token, sizeof token))
        s->holder.tokens = 1;
    if (!waits && s->holder.tokens > 0 && holder >= 0) {
        (void)recv(holder, &token, sizeof token, MSG_DONTWAIT);
        s->holder.tokens = 0;
    }
}

/* It is over, and all that came before is with the program. */
static bool is_over(const struct guest_runner *runner, const struct guest_socket *s)
{
    int events = events_of(runner, s);

    return s->phase == GUEST_OPEN && (events & POLLHUP) && !(events & (POLLIN | POLLPRI)) &&
           !s->datagram->in_full;
}

enum guest_verdict guest_circuit_turn(struct guest_runner *runner, struct guest_socket *s,
                                      unsigned touched)
{
    enum guest_verdict verdict;

    if (s->phase == GUEST_LISTENING) {
        guest_circuit_settle_token(runner, s, -1);
        return s->closing.is_closed ? GUEST_REMOVE : GUEST_KEEP;
    }
    if (s->phase == GUEST_CONNECTING && (events_of(runner, s) & (POLLOUT | POLLHUP)))
        guest_socket_set_phase(runner, s,
                               events_of(runner, s) & POLLHUP ? GUEST_FRESH : GUEST_OPEN);
    verdict = guest_datagram_turn(runner, s, touched);
    if (verdict == GUEST_KEEP && is_over(runner, s)) {
        shutdown(s->bridge.end, SHUT_RDWR);
        guest_socket_set_phase(runner, s, GUEST_RESET);
    }
    return verdict;
}
