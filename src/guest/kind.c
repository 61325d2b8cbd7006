/* SPDX-License-Identifier: MIT */
/*
 * The kinds of socket that a program may ask for: a row a domain and type, and which way its bytes
 * go between its holder and the lab.
 *
 *   STREAM   stream.c: a stream of AF_UNIX, walked through TCP's states
 *   MESSAGE  datagram.c: one end of a pair of SOCK_DGRAM. Whatever keeps boundaries goes this way,
 *            of any family: a message written natively is sent to whom the lab socket is connected
 *            to, one that comes waits in the holder, its source and control messages beside it.
 *            What a message means, whether it may be sent and what its names look like, the lab
 *            says (6-presentation/protocol.c has the row of the same domain and type)
 *   RECORD   circuit.c: messages too, on a dialogue: the holder is one end of a pair of
 *            SOCK_SEQPACKET
 *   LOCAL    local.c: AF_UNIX, whose holder is a socket of its own type
 *   NONE     refused by `error`
 *
 * The first row that fits is it; a type of 0 fits all. A new kind of message is a row here.
 */
#include "guest/kind.h"

#include <errno.h>
#include <stddef.h>

enum { MOST = 65535 /* bytes of a message of the Internet's: what is longer is no IP packet */ };

static const struct guest_kind kinds[] = {
    {AF_UNIX, 0, "AF_UNIX", GUEST_WAY_LOCAL, 0, 0},
    {AF_INET, SOCK_STREAM, "AF_INET", GUEST_WAY_STREAM, 0, 0},
    {AF_INET, 0, "AF_INET", GUEST_WAY_MESSAGE, MOST, 0},
    {AF_INET6, SOCK_STREAM, "AF_INET6", GUEST_WAY_STREAM, 0, 0},
    {AF_INET6, 0, "AF_INET6", GUEST_WAY_MESSAGE, MOST, 0},
    {AF_NETLINK, 0, "AF_NETLINK", GUEST_WAY_MESSAGE, MOST, 0},
    {AF_PACKET, 0, "AF_PACKET", GUEST_WAY_MESSAGE, MOST, 0},
    {AF_X25, 0, "AF_X25", GUEST_WAY_RECORD, MOST, 0},
};

static const struct guest_kind other = {AF_UNSPEC,      0, "another family",
                                        GUEST_WAY_NONE, 0, EAFNOSUPPORT};

const struct guest_kind *guest_kind_find(int domain, int type)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].domain == domain && (kinds[i].type == 0 || kinds[i].type == type))
            return &kinds[i];
    return &other;
}
