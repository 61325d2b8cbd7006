/* SPDX-License-Identifier: MIT */
/*
 * Ethernet II frames (RFC 894): dest, source, ethertype. Received are 802.3 frames with an RFC 1042
 * header as well (RFC 1122 2.3.3): a length of at most 1500 in place of the ethertype, then AA AA
 * 03, three zeroes, and the ethertype. Other 802.3 frames have no ethertype that we know. Sent is
 * Ethernet II only.
 *
 * A frame is not padded to 60 bytes: nothing on a simulated wire needs it, and a door leaves it to
 * whoever carries the frame on. Padding that is received is layer 3's to cut off, by its own
 * length, except where 802.3 says the length itself.
 */
#include "2-link/ethernet.h"

#include "2-link/vlan.h"
#include "2-link/watch.h"
#include "base/compiler.h"

enum {
    LENGTH_MOST = 1500,      /* 802.3: at most this is a length */
    ETHERTYPE_LEAST = 0x600, /* at least this is an ethertype */
    SNAP_BYTES = 8
};

const struct mac ethernet_broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

/* RFC 1042: LLC with SNAP, of the organisation 0: ethertypes follow. */
static uint16_t read_snap(struct reader *r)
{
    static const uint8_t snap[] = {0xaa, 0xaa, 0x03, 0, 0, 0};
    const uint8_t *bytes = read_bytes(r, sizeof snap);
    uint16_t ethertype = read_u16(r);

    return bytes && memcmp(bytes, snap, sizeof snap) == 0 ? ethertype : ETHERTYPE_NONE;
}

/* RFC 1122 2.3.3 wants the form of RFC 1042 received beside that of RFC 894: no ethertype is as
 * small as a length, which tells the two apart. */
bool ethernet_header_read(struct reader *r, struct ethernet_header *h)
{
    const uint8_t *from = read_bytes(r, ETHERNET_HEADER_BYTES);
    uint16_t type;

    if (!from)
        return false;
    memcpy(h->dest.bytes, from, MAC_BYTES);
    memcpy(h->source.bytes, from + MAC_BYTES, MAC_BYTES);
    type = u16_at(from + 12);
    h->ethertype = type;
    h->header_bytes = ETHERNET_HEADER_BYTES;
    h->payload_bytes = (uint32_t)reader_left(r);
    if (mac_is_group(&h->source))
        return false;
    if (type >= ETHERTYPE_LEAST)
        return true;
    h->ethertype = ETHERTYPE_NONE;
    if (type > LENGTH_MOST)
        return true;
    if (type > h->payload_bytes)
        return false;
    h->payload_bytes = type;
    if (type < SNAP_BYTES)
        return true;
    h->ethertype = read_snap(r);
    if (h->ethertype < ETHERTYPE_LEAST) {
        h->ethertype = ETHERTYPE_NONE;
        return true;
    }
    h->header_bytes += SNAP_BYTES;
    h->payload_bytes -= SNAP_BYTES;
    return true;
}

void ethernet_header_write(struct writer *w, const struct mac *dest, const struct mac *source,
                           uint16_t ethertype)
{
    uint8_t *to = write_room(w, ETHERNET_HEADER_BYTES);

    if (!to)
        return;
    memcpy(to, dest->bytes, MAC_BYTES);
    memcpy(to + MAC_BYTES, source->bytes, MAC_BYTES);
    u16_put(to + 12, ethertype);
}

/* RFC 1112 6.4: the low 23 bits of an IPv4 group. RFC 2464 7: the low 32 bits of an IPv6 group. */
bool ethernet_group(struct address a, struct mac *mac)
{
    bool ip4 = address_is_mapped(a);
    uint32_t low = (uint32_t)a.low;

    if (address_is_limited_broadcast(a)) {
        memcpy(mac, &ethernet_broadcast, sizeof *mac);
        return true;
    }
    if (!address_is_multicast(a))
        return false;
    mac->bytes[0] = ip4 ? 0x01 : 0x33;
    mac->bytes[1] = ip4 ? 0x00 : 0x33;
    mac->bytes[2] = ip4 ? 0x5e : (uint8_t)(low >> 24);
    mac->bytes[3] = (uint8_t)(ip4 ? low >> 16 & 0x7f : low >> 16);
    mac->bytes[4] = (uint8_t)(low >> 8);
    mac->bytes[5] = (uint8_t)low;
    return true;
}

/* IEEE 802.1Q: the headroom is for the tag too. */
RARE static void put_tag(const struct link *l, struct packet *p)
{
    const struct vlan_facts facts = {.vlan = l->vlan};

    ensure(vlan_tag_insert(p, &facts));
}

void ethernet_send_frame(struct link *l, struct packet *p, nanoseconds now)
{
    watch_sent(l, p, now);
    if (unlikely(l->vlan)) {
        put_tag(l, p);
        watch_sent(l->base, p, now);
    }
    link_put(l, p, now);
}

/* RFC 894, the one form that every station must understand (RFC 1122 2.3.3). */
void ethernet_send(struct link *l, const struct mac *dest, uint16_t ethertype, struct packet *p,
                   nanoseconds now)
{
    struct writer w = writer_of(packet_push(p, ETHERNET_HEADER_BYTES), ETHERNET_HEADER_BYTES);

    ethernet_header_write(&w, dest, &l->mac, ethertype);
    ethernet_send_frame(l, p, now);
}
