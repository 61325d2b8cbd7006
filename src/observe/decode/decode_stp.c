/* SPDX-License-Identifier: MIT */
/*
 * BPDUs of bridges (IEEE 802.1D-2004 9.3): configuration, topology change, and the rapid ones
 * (RSTP). Behind LLC; times in 1/256 of a second.
 */
#include "observe/decode/decode_parts.h"

#include <string.h>

enum { CONFIGURATION = 0, RAPID = 2, TOPOLOGY_CHANGE = 0x80 };

void decode_stp_read(struct decode *d)
{
    struct decode_view v = decode_payload(d);
    struct decode_stp *stp = &d->stp;
    const uint8_t *b = v.bytes;

    if (v.length < 4 || u16_at(b) != 0) {
        decode_break(d, "BPDU: cut off, or of no protocol known");
        return;
    }
    stp->version = b[2];
    stp->type = b[3];
    if (stp->type == TOPOLOGY_CHANGE) {
        d->has_stp = true;
        decode_payload_put(d, decode_after(v, v.length));
        return;
    }
    if ((stp->type != CONFIGURATION && stp->type != RAPID) || v.length < 35) {
        decode_break(d, "BPDU: cut off, or of no type known");
        return;
    }
    d->has_stp = true;
    stp->flags = b[4];
    stp->root_priority = u16_at(b + 5);
    memcpy(stp->root_mac, b + 7, 6);
    stp->root_cost = u32_at(b + 13);
    stp->bridge_priority = u16_at(b + 17);
    memcpy(stp->bridge_mac, b + 19, 6);
    stp->port = u16_at(b + 25);
    stp->age = u16_at(b + 27);
    stp->max_age = u16_at(b + 29);
    stp->hello = u16_at(b + 31);
    stp->forward_delay = u16_at(b + 33);
    decode_payload_put(d, decode_after(v, v.length));
}
