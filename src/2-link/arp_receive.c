/* SPDX-License-Identifier: MIT */
/*
 * ARP: what is heard. What is made of it is neighbor.c's.
 *
 * RFC 826, "Packet Reception", in its order: is it Ethernet and IPv4 (exactly 1, 0x0800, 6, 4);
 * merge the sender into the table if it is there (neighbor_heard, which also guards against
 * forgeries); are we the target; if so add the sender if it was not merged; if it was a request,
 * answer. We are the target for the addresses of this link only, not for those of other links.
 * A sender whose station is a group (RFC 1812 3.3.2) or nothing, or whose address no station can
 * have, is believed in nothing. A request from 0.0.0.0 is a probe (RFC 5227 2.1.1): it is answered
 * and nothing is learned.
 *
 * RFC 5227 2.4: who claims an address of ours is answered by an announcement, once in 10 s at
 * most, and we keep the address: choice (c), of machines with configured addresses. Each such
 * packet is dropped as a bad sender, and each defence is an EVENT_NOTE.
 */
#include "2-link/arp.h"
#include "2-link/neighbor.h"

enum { NOT_OURS = LINK_ADDRESSES };
#define DEFEND_INTERVAL (10 * SECOND)

static uint32_t own_index(const struct link *l, struct address a)
{
    for (uint32_t i = 0; i < l->own_count; i++)
        if (address_equal(l->own[i], a))
            return i;
    return NOT_OURS;
}

/* RFC 5227 2.4 (c): the address is kept, since it was configured and nobody else may have it; not
 * more than once in ten seconds, or two machines that both defend would never be silent. */
static void defend(struct link *l, uint32_t i, nanoseconds now)
{
    struct sockeye_event *event;

    l->conflicts++;
    if (l->defended_at[i] != NEVER && now - l->defended_at[i] < DEFEND_INTERVAL)
        return;
    l->defended_at[i] = now;
    event = event_begin(&l->voice, EVENT_NOTE, now);
    if (event)
        event->note = (struct event_note){l->own[i], l->conflicts, NOTE_ADDRESS_DEFENDED};
    arp_announce_once(l, i, now);
}

/* RFC 826: swap, and send it to the asker; RFC 5227 2.5 (never by broadcast: 2.6). */
static void answer(struct link *l, const struct arp_header *asked, nanoseconds now)
{
    struct arp_header h = {.opcode = ARP_REPLY, .sender = asked->target, .target = asked->sender};

    memcpy(&h.sender_mac, &l->mac, sizeof h.sender_mac);
    memcpy(&h.target_mac, &asked->sender_mac, sizeof h.target_mac);
    arp_send(l, &h, &asked->sender_mac, now);
}

/* RFC 5227 2.1.1: whoever sends by that address has it, and who probes for it as we do wants it as
 * much. */
static void hear_of_probed(struct link *l, const struct arp_header *h)
{
    bool is_probe = h->opcode == ARP_REQUEST && address_is_unspecified(h->sender);

    if (!address_is_unspecified(l->probed) &&
        address_equal(is_probe ? h->target : h->sender, l->probed))
        l->probe_taken = 1;
}

static void ignore(struct link *l, struct packet *p, enum drop reason, nanoseconds now)
{
    event_drop(&l->voice, now, reason, p);
    packet_put(p);
}

/* RFC 826, packet reception, in its order; RFC 5227 2.4. */
void arp_receive(struct link *l, const struct ethernet_header *ethernet, struct packet *p,
                 nanoseconds now)
{
    struct reader r = reader_of(packet_data(p) + ethernet->header_bytes, ethernet->payload_bytes);
    enum neighbor_heard how = NEIGHBOR_OVERHEARD;
    struct arp_header h;
    uint32_t claimed;
    bool used;

    if (!arp_header_read(&r, &h)) {
        ignore(l, p, DROP_ARP_HEADER, now);
        return;
    }
    if (mac_equal(&h.sender_mac, &l->mac)) {
        ignore(l, p, DROP_ARP_IGNORED, now);
        return;
    }
    hear_of_probed(l, &h);
    claimed = own_index(l, h.sender);
    if (claimed != NOT_OURS) {
        ignore(l, p, DROP_ARP_HEADER, now);
        defend(l, claimed, now);
        return;
    }
    if (own_index(l, h.target) == NOT_OURS)
        how = NEIGHBOR_OVERHEARD;
    else if (h.opcode == ARP_REQUEST)
        how = NEIGHBOR_ASKED_US;
    else if (mac_equal(&h.target_mac, &l->mac) && !mac_is_group(&ethernet->dest))
        how = NEIGHBOR_ANSWERED_US;
    used =
        !address_is_unspecified(h.sender) && neighbor_heard(l, h.sender, &h.sender_mac, how, now);
    if (!used && how != NEIGHBOR_ASKED_US)
        event_drop(&l->voice, now, DROP_ARP_IGNORED, p);
    packet_put(p);
    if (how == NEIGHBOR_ASKED_US)
        answer(l, &h, now);
}
