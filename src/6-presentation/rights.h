/* SPDX-License-Identifier: MIT */
/*
 * Descriptors of a host that ride on messages of its AF_UNIX sockets: SCM_RIGHTS between programs
 * of the library. Held while they ride, given other numbers where they are received, closed when
 * nobody holds them.
 */
#pragma once
#include "6-presentation/call_state.h"
#include "6-presentation/control.h"

/* Takes the descriptors of a control message (ints) on; more may follow in another.
 * @return 0 @raise EINVAL too many; EBADF; ETOOMANYREFS */
int rights_read(struct call_host *host, const uint8_t *data, size_t length,
                struct message_beside *beside);
/* Gives what came numbers here, as many as there is room for; MSG_CTRUNC tells of others. */
void rights_write(struct call_host *host, struct control_room *room,
                  const struct message_beside *beside);
/* A number of it is free: if it was the last, and it rides nowhere, its socket is closed. */
void rights_number_left(struct call_host *host, struct descriptor *d, nanoseconds now);
/* The end of a call of a socket: what nobody holds any more is closed. */
void rights_settle_now(struct call_host *host, nanoseconds now);

static inline void rights_settle(struct call_host *host, nanoseconds now)
{
    if (host->rides_in_circle || session_rights_has_released(host->sessions))
        rights_settle_now(host, now);
}

/* The same of a call that sent and received nothing: what it ended held what rides alone. */
static inline void rights_settle_riding(struct call_host *host, nanoseconds now)
{
    if (unlikely(host->riding.first != NULL))
        rights_settle_now(host, now);
}
