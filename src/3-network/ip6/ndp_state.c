/* SPDX-License-Identifier: MIT */
/* What the files of ND all need of an interface: its chance, its times, what is told of it. */
#include "3-network/ip6/ndp_state.h"

#define RETRANSMIT SECOND /* RFC 4861 10: RETRANS_TIMER */

uint64_t ndp_state_draw(struct ndp *n, enum random_purpose purpose)
{
    uint64_t count = (uint64_t)n->interface->number << 32 | n->draws++;

    return random_draw(n->interface->ip->means->key, purpose, count);
}

nanoseconds ndp_state_retransmit(const struct ndp *n)
{
    return n->retransmit ? n->retransmit : RETRANSMIT;
}

void ndp_state_note(const struct ndp *n, struct address a, enum note note, nanoseconds now)
{
    struct sockeye_event *event = event_begin(&n->interface->ip->means->voice, EVENT_NOTE, now);

    if (event)
        event->note = (struct event_note){a, 1, (uint8_t)note};
}

/* An address of ours, as events tell it. */
void ndp_state_tell(const struct ndp *n, const struct ip_address *own, uint8_t from, uint8_t to,
                    nanoseconds now)
{
    struct sockeye_event *event = event_begin(&n->interface->ip->means->voice, EVENT_ADDRESS, now);

    if (!event)
        return;
    event->address = (struct event_address){.address = {own->address, own->bits},
                                            .preferred = own->preferred_until,
                                            .valid = own->valid_until,
                                            .interface = (uint16_t)n->interface->number,
                                            .from = from,
                                            .to = to,
                                            .origin = own->origin};
}

void ndp_state_address(const struct ndp *n, struct ip_address *own, enum address_state state,
                       nanoseconds now)
{
    uint8_t from = own->state;

    own->state = (uint8_t)state;
    n->interface->ip->generation++;
    ip_address_note(n->interface, own, false);
    ndp_state_tell(n, own, from, own->state, now);
}
