/* SPDX-License-Identifier: MIT */
/*
 * ARP: what is said. What is heard is arp_receive.c's, and what is made of it neighbor.c's.
 *
 * RFC 5227 2.3: an address of ours is announced twice, 2 s apart, by requests for itself.
 */
#include "2-link/arp.h"

enum { ARP_HARDWARE_ETHERNET = 1, IP4_BYTES = 4, ANNOUNCE_NUM = 2 };
#define ANNOUNCE_INTERVAL (2 * SECOND)

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

void arp_send(struct link *l, const struct arp_header *h, const struct mac *dest, nanoseconds now)
{
    struct packet *p = packet_get(l->means->packets, &l->means->packet_budget, ARP_BYTES);
    struct writer w;

    if (!p) {
        event_drop(&l->sending, now, DROP_NO_MEMORY, NULL);
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
    arp_send(l, &h, whom ? whom : &ethernet_broadcast, now);
}

/* The sender's address is 0, so that no cache learns from it. */
void arp_probe(struct link *l, struct address wanted, bool begins, nanoseconds now)
{
    struct arp_header h = {.opcode = ARP_REQUEST, .sender = address_from_ip4(0), .target = wanted};

    if (begins || !address_equal(l->probed, wanted))
        l->probe_taken = 0;
    l->probed.high = wanted.high;
    l->probed.low = wanted.low;
    memcpy(&h.sender_mac, &l->mac, sizeof h.sender_mac);
    arp_send(l, &h, &ethernet_broadcast, now);
}

void arp_announce_once(struct link *l, uint32_t i, nanoseconds now)
{
    struct arp_header h = {.opcode = ARP_REQUEST, .target = l->own[i], .sender = l->own[i]};

    memcpy(&h.sender_mac, &l->mac, sizeof h.sender_mac);
    arp_send(l, &h, &ethernet_broadcast, now);
}

void arp_announce_settle(struct link *l)
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
    arp_announce_settle(l);
}

void arp_announce_timer(struct link *l, nanoseconds now)
{
    for (uint32_t i = 0; i < l->own_count; i++) {
        if (l->announce_at[i] > now)
            continue;
        arp_announce_once(l, i, now);
        l->announcements[i]--;
        l->announce_at[i] = l->announcements[i] ? now + ANNOUNCE_INTERVAL : NEVER;
    }
    arp_announce_settle(l);
}
