/* SPDX-License-Identifier: MIT */
/* ARP (RFC 826). */
#include "observe/decode/decode_parts.h"
#include <string.h>

void decode_arp_read(struct decode *d)
{
    struct decode_view v = decode_payload(d);
    struct decode_arp *arp = &d->arp;
    const uint8_t *b = v.bytes;

    if (v.length < 28) {
        decode_break(d, "ARP: cut off");
        return;
    }
    d->has_arp = true;
    arp->hardware = u16_at(b);
    arp->protocol = u16_at(b + 2);
    arp->hardware_length = b[4];
    arp->protocol_length = b[5];
    arp->operation = u16_at(b + 6);
    arp->sender = arp->target = address_from_ip4(0);
    if (arp->hardware_length != 6 || arp->protocol_length != 4) {
        decode_break(d, "ARP: address lengths wrong");
        return;
    }
    memcpy(arp->sender_mac, b + 8, 6);
    arp->sender = decode_ip4_address(b + 14);
    memcpy(arp->target_mac, b + 18, 6);
    arp->target = decode_ip4_address(b + 24);
    d->payload_length = 0;
}
