/* SPDX-License-Identifier: MIT */
/* Which parts of a frame are whose: where each layer's begins, and by whose content it is known. */
#pragma once
#include "observe/decode/decode.h"

/* What a frame's headers say about whose content it has, and where it is. */
struct layers_header {
    struct endpoint source, dest;
    uint32_t seq, id;
    uint32_t network, transport, payload, end; /* where each begins; 0: it has none */
    uint32_t udp_length;
    uint8_t protocol, flags; /* of IP; of TCP */
    uint16_t channel;        /* of X.25; seq is then P(S), which counts by `modulo` */
    uint8_t modulo;
    bool is_fragment, is_first;
    bool is_x25, more; /* a packet of X.25 with data; the next one goes on with the record */
};

/* false: it is no packet of IP, no data of X.25 on a wire, or one cut off. */
bool layers_header_read(struct layers_header *h, const uint8_t *bytes, uint32_t length);
