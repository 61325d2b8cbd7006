/* SPDX-License-Identifier: MIT */
/* The machine of a translated connection: theory in translate_tcp.h. */
#include "3-network/translate_tcp.h"

enum translate_tcp_state translate_tcp_first(bool outbound, uint8_t flags)
{
    if ((flags & (TRANSLATE_TCP_SYN | TRANSLATE_TCP_RST)) != TRANSLATE_TCP_SYN)
        return TRANSLATE_TCP_TRANSITORY;
    return outbound ? TRANSLATE_TCP_INIT_OUTBOUND : TRANSLATE_TCP_INIT_INBOUND;
}

/* RFC 7857 2.2: a RST does not end a session, since it may be forged or not be taken; what comes
 * after it shows that. */
enum translate_tcp_state translate_tcp_next(enum translate_tcp_state state, bool outbound,
                                            uint8_t flags)
{
    bool opens = (flags & (TRANSLATE_TCP_SYN | TRANSLATE_TCP_ACK)) == TRANSLATE_TCP_SYN;

    switch (state) {
    case TRANSLATE_TCP_INIT_OUTBOUND:
    case TRANSLATE_TCP_INIT_INBOUND:
        /* the other side's SYN, with an ACK or without one (simultaneous open) */
        if (flags & TRANSLATE_TCP_SYN && outbound == (state == TRANSLATE_TCP_INIT_INBOUND))
            return TRANSLATE_TCP_ESTABLISHED;
        return state;
    case TRANSLATE_TCP_ESTABLISHED:
    case TRANSLATE_TCP_FIN_OUTBOUND:
    case TRANSLATE_TCP_FIN_INBOUND:
        if (flags & TRANSLATE_TCP_RST)
            return TRANSLATE_TCP_TRANSITORY;
        if (!(flags & TRANSLATE_TCP_FIN))
            return state;
        if (state == (outbound ? TRANSLATE_TCP_FIN_INBOUND : TRANSLATE_TCP_FIN_OUTBOUND))
            return TRANSLATE_TCP_FIN_BOTH;
        return outbound ? TRANSLATE_TCP_FIN_OUTBOUND : TRANSLATE_TCP_FIN_INBOUND;
    case TRANSLATE_TCP_FIN_BOTH:
        return opens ? translate_tcp_first(outbound, flags) : state;
    case TRANSLATE_TCP_TRANSITORY:
        if (opens)
            return translate_tcp_first(outbound, flags);
        return flags & TRANSLATE_TCP_RST ? state : TRANSLATE_TCP_ESTABLISHED;
    case TRANSLATE_TCP_STATES:
        break;
    }
    return TRANSLATE_TCP_TRANSITORY;
}

bool translate_tcp_is_opening(enum translate_tcp_state state)
{
    return state == TRANSLATE_TCP_INIT_OUTBOUND || state == TRANSLATE_TCP_INIT_INBOUND;
}

bool translate_tcp_is_established(enum translate_tcp_state state)
{
    return state == TRANSLATE_TCP_ESTABLISHED || state == TRANSLATE_TCP_FIN_OUTBOUND ||
           state == TRANSLATE_TCP_FIN_INBOUND;
}
