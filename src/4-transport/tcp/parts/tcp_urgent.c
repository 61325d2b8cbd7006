/* SPDX-License-Identifier: MIT */
/*
 * Sent: only a pointer, which rides on every segment until what it names is acknowledged (RFC 9293
 * 3.8.5). Received: one mark, and the byte at it once that has come; which byte that is, systems
 * have never agreed on (RFC 6093).
 */
#include <errno.h>

#include "4-transport/tcp/parts/tcp_urgent.h"

/* RFC 9293 3.8.5: SEG.UP is the offset of the octet behind the urgent data (MUST-62), whatever its
 * length (MUST-31). */
bool tcp_urgent_field(const struct tcp_urgent *u, tcp_seq seq, tcp_seq una, uint16_t *field)
{
    uint64_t ahead;

    *field = 0;
    if (u->up == 0 || u->up <= una || u->up <= seq)
        return false;
    ahead = u->up - seq;
    *field = (uint16_t)(ahead > 65535 ? 65535 : ahead);
    return true;
}

/* SND.UP (RFC 9293 3.8.5): a later mark takes the place of an earlier one. */
void tcp_urgent_send(struct tcp_urgent *u, tcp_seq end)
{
    u->up = end;
}

/* RFC 9293 3.8.5: RCV.UP only moves forward. */
bool tcp_urgent_receive(struct tcp_urgent *u, tcp_seq seq, uint16_t field, bool stdurg,
                        tcp_seq read_to, tcp_seq nxt)
{
    tcp_seq mark = seq + field - (stdurg ? 0 : 1);

    if (field == 0 && !stdurg)
        return false;
    if (mark < read_to || mark < nxt) /* behind what is read, or was taken in as data */
        return false;
    if (u->mark != 0 && mark <= u->mark)
        return false;
    u->mark = mark;
    u->come = u->taken = 0;
    u->fresh = 1;
    return true;
}

void tcp_urgent_data(struct tcp_urgent *u, tcp_seq seq, const uint8_t *payload, uint32_t length)
{
    if (u->mark == 0 || u->come || u->mark < seq || u->mark >= seq + length)
        return;
    u->byte = payload[u->mark - seq];
    u->come = 1;
}

/* RFC 6093 3.3 says what systems do: one octet, out of band. */
int tcp_urgent_take(struct tcp_urgent *u, bool peek, uint8_t *byte)
{
    if (u->mark == 0 || u->taken)
        return -EINVAL;
    if (!u->come)
        return -EAGAIN;
    *byte = u->byte;
    if (!peek)
        u->taken = 1;
    u->fresh = 0;
    return 1;
}
