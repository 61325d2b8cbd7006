/* SPDX-License-Identifier: MIT */
/*
 * THE SERVICE OF LAYER 1: a wire with two ends. A frame handed to one end comes up at the other,
 * later, or not at all. A wire only queues: delivery is an event of its own, at least 1 us later,
 * so no layer is re-entered from below.
 *
 * Each direction is a sender's queue (rate, limits), then the flight (delay, jitter, faults):
 *
 *     wire_send     the fate is drawn
 *       queue       first in, first out
 *     departure     a timer; with no rate at once. A lost frame, which has taken its time on the
 *                   wire like any other, is dropped here
 *       flight      in order of arrival
 *     arrival       a timer: the frame comes up
 *
 * A wire with a door has its end 1 outside the lab: frames sent there wait for the driver, and the
 * driver's come up at end 0. The loopback of a host is a wire whose both ends have the same upper.
 *
 * Names of timers: node is that of the receiving end, source is (wire number + 1) * 8 +
 * direction * 4 + (0 departure, 1 arrival, 2 link change), serial is the frame's. Sources below 8
 * are left to the layers above.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/means.h"

/* What layer 2 provides. Embedded in its struct; the code picks the entry of the table. */
struct wire_upper {
    uint32_t code;
    uint32_t zero;
};

struct wire_upper_code {
    /* A frame came up; takes the packet. p->damaged: its FCS does not match. */
    void (*receive)(struct wire_upper *upper, struct packet *p, nanoseconds now);
    /* wire_has_signal of its end is another; NULL: it does not mind. */
    void (*signal)(struct wire_upper *upper, nanoseconds now);
    /* May a frame of this upper's node not go? Then the packet is taken. Asked only if it wants to
     * be (wire_ask); NULL: never. */
    bool (*refuses)(struct wire_upper *upper, struct packet *p, nanoseconds now);
};
extern const struct wire_upper_code wire_upper_codes[]; /* the assembler's (node/) */

/* One end of a wire: what a link holds. */
struct wire_end;

/* What comes up at this end is the upper's, on the node of this number and in its budget of
 * packets; upper NULL: nobody's. */
void wire_attach(struct wire_end *end, struct wire_upper *upper, struct budget *budget,
                 uint32_t node);
/* Sends; takes the packet. Emits EVENT_FRAME_SENT, or a drop. */
void wire_send(struct wire_end *end, struct packet *p, nanoseconds now);
uint32_t wire_mtu(const struct wire_end *end);
uint32_t wire_number(const struct wire_end *end);
/* Bits a second in which this end sends; 0: infinite. */
uint64_t wire_rate_bits(const struct wire_end *end);
/* Can anything come in at this end? The direction to it is up. */
bool wire_has_signal(const struct wire_end *end);
/* The direction of the wire in which this end sends: 0 or 1. */
uint32_t wire_direction(const struct wire_end *end);
