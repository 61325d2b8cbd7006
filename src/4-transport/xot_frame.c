/* SPDX-License-Identifier: MIT */
/* The theory is in xot_frame.h. */
#include "4-transport/xot_frame.h"

#include "base/bytes.h"
#include "base/means.h"

uint8_t *xot_frame_room(struct xot_frame *f, struct means *means, size_t *room)
{
    if (f->have < XOT_FRAME_HEADER_BYTES && !f->packet) {
        *room = XOT_FRAME_HEADER_BYTES - f->have;
        return f->header + f->have;
    }
    if (!f->packet) {
        f->packet = packet_get(means->packets, &means->packet_budget, f->length);
        f->have = f->packet ? 0 : f->have;
    }
    if (!f->packet)
        return NULL;
    *room = f->length - f->have;
    return f->packet->bytes + f->packet->end;
}

enum xot_frame_result xot_frame_took(struct xot_frame *f, size_t octets)
{
    f->have += (uint32_t)octets;
    if (f->packet) {
        (void)packet_append(f->packet, (uint32_t)octets);
        return f->have == f->length ? XOT_FRAME_WHOLE : XOT_FRAME_MORE;
    }
    /* RFC 1613 4.1: each is looked at as soon as it is there */
    if (f->have >= 2 && u16_at(f->header) != XOT_FRAME_VERSION)
        return XOT_FRAME_BAD;
    if (f->have < XOT_FRAME_HEADER_BYTES)
        return XOT_FRAME_MORE;
    f->length = u16_at(f->header + 2);
    return f->length < XOT_FRAME_LEAST || f->length > XOT_FRAME_MOST ? XOT_FRAME_BAD
                                                                     : XOT_FRAME_MORE;
}

struct packet *xot_frame_take(struct xot_frame *f)
{
    struct packet *p = f->packet;

    f->packet = NULL;
    f->have = f->length = 0;
    return p;
}

void xot_frame_done(struct xot_frame *f)
{
    packet_put(xot_frame_take(f));
}

void xot_frame_write(struct packet *p)
{
    uint32_t length = packet_length(p);
    uint8_t *to = packet_push(p, XOT_FRAME_HEADER_BYTES);

    u16_put(to, XOT_FRAME_VERSION);
    u16_put(to + 2, (uint16_t)length);
}
