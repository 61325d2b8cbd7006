/* SPDX-License-Identifier: MIT */
/*
 * PART: urgent data (RFC 9293 3.8.5, MUST-30 to 33 and 62; RFC 6093). As Linux, the last urgent
 * byte is "out of band": it is taken out of the stream unless SO_OOBINLINE, reads stop at it, and a
 * newer mark replaces an older. The mark is the sequence number of that byte.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/tcp/parts/tcp_header.h"

struct tcp_urgent {
    tcp_seq up;   /* send: the byte after the last urgent one; 0: none */
    tcp_seq mark; /* receive: the urgent byte; 0: none */
    uint8_t byte; /* its value, once it came */
    uint8_t come, taken;
    uint8_t fresh; /* a mark the program has not been told of (POLLPRI) */
    uint32_t zero;
};

/* The field and flag for a segment starting at seq. false: no URG. */
bool tcp_urgent_field(const struct tcp_urgent *u, tcp_seq seq, tcp_seq una, uint16_t *field);
/* Was anything urgent ever sent? Else there is no field. */
static inline bool tcp_urgent_is_sent(const struct tcp_urgent *u)
{
    return u->up != 0;
}
void tcp_urgent_send(struct tcp_urgent *u, tcp_seq end);
/* URG was set. stdurg: the field names the byte itself. read_to: what the program has read. true: a
 * new mark. */
bool tcp_urgent_receive(struct tcp_urgent *u, tcp_seq seq, uint16_t field, bool stdurg,
                        tcp_seq read_to, tcp_seq nxt);
/* Payload [seq, seq+length) came: the byte is kept if it is in it. */
void tcp_urgent_data(struct tcp_urgent *u, tcp_seq seq, const uint8_t *payload, uint32_t length);
/* @return 1 and the byte; -EINVAL none, or taken; -EAGAIN not come yet */
int tcp_urgent_take(struct tcp_urgent *u, bool peek, uint8_t *byte);
