/* SPDX-License-Identifier: MIT */
/*
 * ARP: what is said and heard. What is made of it is neighbor.c's.
 *
 * RFC 826, "Packet Reception", in its order: is it Ethernet and IPv4 (exactly 1, 0x0800, 6, 4);
 * merge the sender into the table if it is there (neighbor_heard, which also guards against
 * forgeries); are we the target; if so add the sender if it was not merged; if it was a request,
 * answer. We are the target for the addresses of this link only, not for those of other links.
 * A sender whose station is a group (RFC 1812 3.3.2) or nothing, or whose address no station can
 * have, is believed in nothing. A request from 0.0.0.0 is a probe (RFC 5227 2.1.1): it is answered
 * and nothing is learned.
 *
 * RFC 5227 2.3: an address of ours is announced twice, 2 s apart, by requests for itself.
 * RFC 5227 2.4: who claims an address of ours is answered by an announcement, once in 10 s at
 * most, and we keep the address: choice (c), of machines with configured addresses. Each such
 * packet is dropped as a bad sender, and each defence is an EVENT_NOTE.
 */
#include "2-link/arp.h"

#include "2-link/neighbor.h"

enum { ARP_HARDWARE_ETHERNET = 1, IP4_BYTES = 4, ANNOUNCE_NUM = 2, NOT_OURS = LINK_ADDRESSES };
#define ANNOUNCE_INTERVAL (2 * SECOND)
#define DEFEND_INTERVAL (10 * SECOND)

static bool can_be_sender(const struct arp_header *h)
{
    static const struct mac nobody;

    if (mac_is_group(&h->sender_mac) || mac_equal(&h->sender_mac, &nobody))
        return false;
    if (address_is_unspecified(h->sender))
        return h->opcode == ARP_REQUEST;
    return !address_is_multicast(h->sender) && !address_is_limited_broadcast(h->sender) &&
           !address_is_loopback(h->sender);
}

/* RFC 826: hardware, protocol, their lengths, opcode, sender, target. */
bool arp_header_read(struct reader *r, struct arp_header *h)
{
    uint16_t hardware = read_u16(r), protocol = read_u16(r);
    uint8_t hardware_bytes = read_u8(r), protocol_bytes = read_u8(r);

    h->opcode = read_u16(r);
    read_copy(r, h->sender_mac.bytes, MAC_BYTES);
    h->sender = address_from_ip4(read_u32(r));
    read_copy(r, h->target_mac.bytes, MAC_BYTES);
    h->target = address_from_ip4(read_u32(r));
    return !r->failed && hardware == ARP_HARDWARE_ETHERNET && protocol == ETHERTYPE_IP4 &&
           hardware_bytes == MAC_BYTES && protocol_bytes == IP4_BYTES &&
           (h->opcode == ARP_REQUEST || h->opcode == ARP_REPLY) && can_be_sender(h);
}

void arp_header_write(struct writer *w, const struct arp_header *h)
{
    write_u16(w, ARP_HARDWARE_ETHERNET);
    write_u16(w, ETHERTYPE_IP4);
    write_u8(w, MAC_BYTES);
    write_u8(w, IP4_BYTES);
    write_u16(w, h->opcode);
    write_copy(w, h->sender_mac.bytes, MAC_BYTES);
    write_u32(w, address_to_ip4(h->sender));
    write_copy(w, h->target_mac.bytes, MAC_BYTES);
    write_u32(w, address_to_ip4(h->target));
}

static void send(struct link *l, const struct arp_header *h, const struct mac *dest,
                 nanoseconds now)
{
    struct packet *p = packet_get(l->means->packets, &l->means->packet_budget, ARP_BYTES);
    struct writer w;

    if (!p) {
        event_drop(&l->voice, now, DROP_NO_MEMORY, NULL);
        return;
    }
    w = writer_of(packet_append(p, ARP_BYTES), ARP_BYTES);
    arp_header_write(&w, h);
    ethernet_send(l, dest, ETHERTYPE_ARP, p, now);
}

/* The address of ours that shares the longest prefix with the target; 0.0.0.0: there is none. */
static struct address own_address_for(const struct link *l, struct address target)
{
    struct address best = address_from_ip4(0);
    uint32_t best_difference = UINT32_MAX;

    for (uint32_t i = 0; i < l->own_count; i++) {
        uint32_t difference = address_to_ip4(l->own[i]) ^ address_to_ip4(target);

        if (!address_is_mapped(l->own[i]) || difference >= best_difference)
            continue;
        best = l->own[i];
        best_difference = difference;
    }
    return best;
}

/* RFC 826, packet generation; RFC 1122 2.3.2.1. */
void arp_ask(struct link *l, struct address target, const struct mac *whom, nanoseconds now)
{
    struct arp_header h = {
        .opcode = ARP_REQUEST, .target = target, .sender = own_address_for(l, target)};

    memcpy(&h.sender_mac, &l->mac, sizeof h.sender_mac);
    send(l, &h, whom ? whom : &ethernet_broadcast, now);
}

static void say_announcement(struct link *l, uint32_t i, nanoseconds now)
{
    struct arp_header h = {.opcode = ARP_REQUEST, .target = l->own[i], .sender = l->own[i]};

    memcpy(&h.sender_mac, &l->mac, sizeof h.sender_mac);
    send(l, &h, &ethernet_broadcast, now);
}

static void set_announce_timer(struct link *l)
{
    nanoseconds first = NEVER;

    for (uint32_t i = 0; i < l->own_count; i++)
        first = time_earlier(first, l->announce_at[i]);
    if (first == NEVER)
        timer_clear(l->means->timers, &l->announce);
    else
        timer_set(l->means->timers, &l->announce, first);
}

/* RFC 5227 2.3: ANNOUNCE_NUM times. */
void arp_announce(struct link *l, uint32_t i, nanoseconds now)
{
    l->announcements[i] = ANNOUNCE_NUM;
    l->announce_at[i] = now;
    set_announce_timer(l);
}

void arp_announce_timer(struct link *l, nanoseconds now)
{
    for (uint32_t i = 0; i < l->own_count; i++) {
        if (l->announce_at[i] > now)
            continue;
        say_announcement(l, i, now);
        l->announcements[i]--;
        l->announce_at[i] = l->announcements[i] ? now + ANNOUNCE_INTERVAL : NEVER;
    }
    set_announce_timer(l);
}

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
    say_announcement(l, i, now);
}

/* RFC 826: swap, and send it to the asker; RFC 5227 2.5 (never by broadcast: 2.6). */
static void answer(struct link *l, const struct arp_header *asked, nanoseconds now)
{
    struct arp_header h = {.opcode = ARP_REPLY, .sender = asked->target, .target = asked->sender};

    memcpy(&h.sender_mac, &l->mac, sizeof h.sender_mac);
    memcpy(&h.target_mac, &asked->sender_mac, sizeof h.target_mac);
    send(l, &h, &asked->sender_mac, now);
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
