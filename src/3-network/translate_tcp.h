/* SPDX-License-Identifier: MIT */
/*
 * What a translator knows of a connection of TCP that goes through it: the machine of RFC 6146
 * 3.5.2, as RFC 7857 2 asks for. It decides one thing: which of three timeouts holds. Segments are
 * looked at for their flags alone, and sent on in every state.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum translate_tcp_state {
    TRANSLATE_TCP_INIT_OUTBOUND, /* a SYN went out */
    TRANSLATE_TCP_INIT_INBOUND,  /* a SYN came in */
    TRANSLATE_TCP_ESTABLISHED,
    TRANSLATE_TCP_FIN_OUTBOUND, /* half closed */
    TRANSLATE_TCP_FIN_INBOUND,
    TRANSLATE_TCP_FIN_BOTH,
    TRANSLATE_TCP_TRANSITORY, /* after a RST, or begun in its middle */
    TRANSLATE_TCP_STATES
};

enum translate_tcp_flag {
    TRANSLATE_TCP_FIN = 1,
    TRANSLATE_TCP_SYN = 2,
    TRANSLATE_TCP_RST = 4,
    TRANSLATE_TCP_ACK = 16
};

/* Of the first segment that is seen. */
enum translate_tcp_state translate_tcp_first(bool outbound, uint8_t flags);
/* After one more. */
enum translate_tcp_state translate_tcp_next(enum translate_tcp_state state, bool outbound,
                                            uint8_t flags);
/* Has one side alone been heard so far? RFC 7857 2.1: it has a time of its own. */
bool translate_tcp_is_opening(enum translate_tcp_state state);
/* Does the long timeout hold? Half closed connections may be silent as long as open ones. */
bool translate_tcp_is_established(enum translate_tcp_state state);
