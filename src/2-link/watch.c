/* SPDX-License-Identifier: MIT */
/* What a watcher is told of a frame; the theory is in watch.h. */
#include "2-link/watch.h"

#include "2-link/ethernet.h"
#include "2-link/vlan.h"
#include "base/bytes.h"

enum { TYPE_AT = 12, ETHERTYPE_LEAST = 0x600 };

/* IEEE 802.3: below an ethertype stands a length, and behind it an LLC header, or none of it. */
static uint16_t protocol_of(const uint8_t *frame, uint32_t length)
{
    uint16_t type = u16_at(frame + TYPE_AT);

    if (type >= ETHERTYPE_LEAST)
        return type;
    return length >= ETHERNET_HEADER_BYTES + 2 && u16_at(frame + ETHERNET_HEADER_BYTES) == 0xffff
               ? WATCH_NOVELL
               : WATCH_LLC;
}

static enum watch_kind kind_of(const struct link *l, const uint8_t *frame)
{
    struct mac dest;

    memcpy(dest.bytes, frame, MAC_BYTES);
    if (mac_equal(&dest, &ethernet_broadcast))
        return WATCH_BROADCAST;
    if (mac_is_group(&dest))
        return WATCH_GROUP;
    return mac_equal(&dest, &l->mac) ? WATCH_HOST : WATCH_OTHER;
}

static void show_ethernet(struct link *l, const struct packet *p, struct watch_facts *facts,
                          nanoseconds now)
{
    const uint8_t *frame = packet_data(p);

    memcpy(facts->source.bytes, frame + MAC_BYTES, MAC_BYTES);
    facts->protocol = protocol_of(frame, packet_length(p));
    facts->header_bytes = ETHERNET_HEADER_BYTES;
    watch_shown(l, p, facts, now);
}

/* With its tag beside it: of a copy, for the frame goes on as it is. */
static void show_tagged(struct link *l, const struct packet *p, struct watch_facts *facts,
                        nanoseconds now)
{
    struct packet *plain = packet_copy(p);

    if (!plain)
        return;
    facts->has_vlan = true;
    facts->vlan = u16_at(packet_data(p) + ETHERNET_HEADER_BYTES);
    vlan_tag_remove(plain);
    show_ethernet(l, plain, facts, now);
    packet_put(plain);
}

static void show(struct link *l, const struct packet *p, struct watch_facts *facts, nanoseconds now)
{
    const uint8_t *frame = packet_data(p);
    uint32_t length = packet_length(p);

    if (l->kind == LINK_BARE) {
        uint8_t version = length ? frame[0] >> 4 : 0;

        facts->protocol = version == 4 ? ETHERTYPE_IP4 : version == 6 ? ETHERTYPE_IP6 : 0;
        watch_shown(l, p, facts, now);
    } else if (length >= ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES &&
               u16_at(frame + TYPE_AT) == VLAN_TPID) {
        show_tagged(l, p, facts, now);
    } else if (length >= ETHERNET_HEADER_BYTES) {
        show_ethernet(l, p, facts, now);
    }
}

void watch_received_frame(struct link *l, const struct packet *p, nanoseconds now)
{
    struct watch_facts facts = {.kind = WATCH_HOST};

    if (l->kind == LINK_ETHERNET && packet_length(p) >= MAC_BYTES)
        facts.kind = (uint8_t)kind_of(l, packet_data(p));
    if (facts.kind != WATCH_OTHER || l->promiscuous)
        show(l, p, &facts, now);
}

void watch_sent_frame(struct link *l, const struct packet *p, nanoseconds now)
{
    struct watch_facts facts = {.kind = WATCH_SENT};

    show(l, p, &facts, now);
}
