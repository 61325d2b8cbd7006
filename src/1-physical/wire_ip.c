/* SPDX-License-Identifier: MIT */
/* ECN and flows of frames. Theory in wire_ip.h. */
#include "1-physical/wire_ip.h"

#include <string.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "base/random.h"

enum {
    ETHERNET_BYTES = 14,
    TAG_BYTES = 4,
    TAG = 0x8100, /* IEEE 802.1Q 9.6 */
    IP4_BYTES = 20,
    IP6_BYTES = 40,
    IP4_FRAGMENT = 0x3fff, /* MF and the offset */
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    ECN_NOT_ECT = 0,
    ECN_CE = 3 /* RFC 3168 5, figure 1 */
};

/* Where the IP header begins, and its version; 0: there is none that is whole. */
static uint32_t find(const uint8_t *frame, uint32_t length, bool bare, uint32_t *at)
{
    uint32_t from = bare ? 0 : ETHERNET_BYTES, version;

    if (!bare && length >= ETHERNET_BYTES + TAG_BYTES && u16_at(frame + 12) == TAG)
        from += TAG_BYTES;
    if (length <= from)
        return 0;
    if (!bare && u16_at(frame + from - 2) != 0x0800 && u16_at(frame + from - 2) != 0x86dd)
        return 0;
    version = frame[from] >> 4;
    *at = from;
    if (version == 4 && length - from >= IP4_BYTES && (frame[from] & 15) >= 5)
        return 4;
    return version == 6 && length - from >= IP6_BYTES ? 6 : 0;
}

/* RFC 1624 3, equation 3: HC' = ~(~HC + ~m + m') */
static void mend_checksum(uint8_t *header, uint32_t before, uint32_t after)
{
    uint32_t sum = (uint32_t)(~(uint32_t)u16_at(header + 10) & 0xffff) + (~before & 0xffff) + after;

    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~((sum & 0xffff) + (sum >> 16));
    header[10] = (uint8_t)(sum >> 8);
    header[11] = (uint8_t)sum;
}

bool wire_ip_mark(uint8_t *frame, uint32_t length, bool bare)
{
    uint32_t at = 0, version = find(frame, length, bare, &at), before;
    uint8_t *header = frame + at;

    if (version == 0)
        return false;
    before = u16_at(header);
    if (version == 6) {
        if ((before >> 4 & ECN_CE) == ECN_NOT_ECT)
            return false;
        header[1] |= ECN_CE << 4;
        return true;
    }
    if ((before & ECN_CE) == ECN_NOT_ECT)
        return false;
    header[1] |= ECN_CE;
    mend_checksum(header, before, u16_at(header));
    return true;
}

static void read_ports(const uint8_t *frame, uint32_t length, struct wire_ip *ip)
{
    if ((ip->protocol != PROTOCOL_TCP && ip->protocol != PROTOCOL_UDP) || ip->payload + 4 > length)
        return;
    ip->source_port = u16_at(frame + ip->payload);
    ip->dest_port = u16_at(frame + ip->payload + 2);
}

bool wire_ip_read(const uint8_t *frame, uint32_t length, bool bare, struct wire_ip *ip)
{
    const uint8_t *h;

    memset(ip, 0, sizeof *ip);
    ip->version = find(frame, length, bare, &ip->at);
    h = frame + ip->at;
    if (ip->version == 4) {
        ip->source = address_from_ip4(u32_at(h + 12));
        ip->dest = address_from_ip4(u32_at(h + 16));
        ip->payload = ip->at + (uint32_t)(h[0] & 15) * 4;
        ip->protocol = h[9];
        if ((u16_at(h + 6) & IP4_FRAGMENT) == 0)
            read_ports(frame, length, ip);
    } else if (ip->version == 6) {
        ip->source.high = (uint64_t)u32_at(h + 8) << 32 | u32_at(h + 12);
        ip->source.low = (uint64_t)u32_at(h + 16) << 32 | u32_at(h + 20);
        ip->dest.high = (uint64_t)u32_at(h + 24) << 32 | u32_at(h + 28);
        ip->dest.low = (uint64_t)u32_at(h + 32) << 32 | u32_at(h + 36);
        ip->payload = ip->at + IP6_BYTES;
        ip->protocol = h[6];
        read_ports(frame, length, ip);
    }
    return ip->version != 0;
}

uint64_t wire_ip_flow(const uint8_t *frame, uint32_t length, bool bare, struct siphash_key key)
{
    uint64_t words[6] = {RANDOM_FLOW};
    struct wire_ip ip;

    if (wire_ip_read(frame, length, bare, &ip)) {
        words[1] = ip.source.high;
        words[2] = ip.source.low;
        words[3] = ip.dest.high;
        words[4] = ip.dest.low;
        words[5] = (uint64_t)ip.source_port << 48 | (uint64_t)ip.dest_port << 32 | ip.protocol;
    } else if (!bare && length >= ETHERNET_BYTES) {
        words[1] = u16_at(frame + 12);
    }
    return siphash_words(key, words, sizeof words / sizeof *words);
}
