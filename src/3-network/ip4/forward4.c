/* SPDX-License-Identifier: MIT */
/* RFC 1812 5.2.6, 5.2.7, 5.3.1, 5.3.13. Theory in forward4.h. */
#include "3-network/ip4/forward4.h"

#include <string.h>

#include "3-network/ip4/fragment4.h"
#include "3-network/ip4/icmp4.h"
#include "3-network/ip4/ip4_options.h"
#include "3-network/ip_timer.h"
#include "base/checksum.h"
#include "base/integer.h"

enum { REDIRECT_OF_HOST = 1 };
enum { LINK_LOCAL = 0xa9fe };
enum { AT_FLAGS = 6, AT_TTL = 8, AT_CHECKSUM = 10 };
enum { FLAG_DONT_FRAGMENT = 0x4000 };

/* RFC 3927 2.7: and nobody is told. */
bool forward4_may_leave(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                        nanoseconds now)
{
    (void)ip;
    (void)p;
    (void)now;
    return address_to_ip4(meta->source) >> 16 != LINK_LOCAL &&
           address_to_ip4(meta->dest) >> 16 != LINK_LOCAL;
}

/* RFC 1812 5.3.1; RFC 1624 3, equation 3: HC' = ~(~HC + ~m + m'). */
static void take_hop(uint8_t *h)
{
    uint16_t old = u16_at(h + AT_TTL), new = (uint16_t)(old - 0x100);
    uint64_t sum = (uint16_t)~u16_at(h + AT_CHECKSUM);

    u16_put(h + AT_TTL, new);
    u16_put(h + AT_CHECKSUM, checksum_finish(sum + (uint16_t)~old + new));
}

static void send_on(const struct ip *ip, const struct ip_forward *way, struct packet *p,
                    nanoseconds now)
{
    const struct ip_interface *i = ip->interface[way->interface];

    p->network = p->start;
    link_send(i->link, &i->link_upper, way->next_hop, p, now);
}

static uint32_t first_address(const struct ip_interface *i)
{
    for (uint32_t k = 0; k < i->address_count; k++)
        if (address_is_mapped(i->address[k].address))
            return address_to_ip4(i->address[k].address);
    return 0;
}

/* RFC 1812 5.3.13.5, 5.3.13.6. */
bool forward4_record(struct ip *ip, const struct ip_meta *meta, struct packet *p, uint32_t address,
                     nanoseconds now)
{
    uint8_t *h = packet_data(p), pointer = 0;
    uint32_t bytes = (uint32_t)(h[0] & 0xf) * 4;
    const struct ip4_options_record facts = {
        .address = address,
        .time = ip4_options_time(now),
        .asked = ip_is_own(ip, address_from_ip4(ip4_options_asked(h, bytes)))};
    bool good = ip4_options_fill(h, bytes, &facts, &pointer);
    struct ip_meta none = *meta;

    u16_put(h + AT_CHECKSUM, 0);
    u16_put(h + AT_CHECKSUM, checksum_finish(checksum_header(0, h, bytes)));
    none.options_length = 0; /* who is told gets none of them back */
    if (!good)
        icmp4_send_error(ip, &none, p, ICMP4_PARAMETER, 0, (uint32_t)pointer << 24, now);
    return good;
}

static void refuse(struct ip *ip, struct packet *p, enum drop reason, nanoseconds now)
{
    event_drop(&ip->means->voice, now, reason, p);
    packet_put(p);
}

/* RFC 1812 5.2.6. RFC 1191 4: with DF, its source is told the MTU. */
void forward4_pass_on(struct ip *ip, const struct ip_meta *meta, struct packet *p,
                      const struct ip_forward *way, uint32_t mtu, nanoseconds now)
{
    bool is_long = packet_length(p) > mtu;

    if (unlikely(is_long && !forward4_may_cut(p))) {
        icmp4_send_error(ip, meta, p, ICMP4_UNREACHABLE, ICMP4_CODE_TOO_BIG, mtu, now);
        refuse(ip, p, DROP_IP_TOO_BIG, now);
        return;
    }
    if (unlikely(meta->has_options) &&
        !forward4_record(ip, meta, p, first_address(ip->interface[way->interface]), now)) {
        refuse(ip, p, DROP_IP_OPTION, now);
        return;
    }
    take_hop(packet_data(p));
    if (unlikely(is_long)) {
        p->mark = MARK_NONE;
        fragment4_cut(ip, p, way, mtu, now);
        packet_put(p);
        return;
    }
    p->mark = MARK_NONE;
    p->flags = 0;
    send_on(ip, way, p, now);
}

/* RFC 1812 5.2.7.2: both on one logical network of this interface. */
static bool is_one_network(const struct ip_interface *i, struct address a, struct address b)
{
    for (uint32_t k = 0; k < i->address_count; k++)
        if (address_is_mapped(i->address[k].address) &&
            address_matches(a, i->address[k].address, i->address[k].bits) &&
            address_matches(b, i->address[k].address, i->address[k].bits))
            return true;
    return false;
}

void forward4_redirect(struct ip_interface *in, const struct ip_meta *meta, const struct packet *p,
                       struct address next_hop, nanoseconds now)
{
    if (in->ip->settings.send_redirects && is_one_network(in, meta->source, next_hop))
        icmp4_send_error(in->ip, meta, p, ICMP4_REDIRECT, REDIRECT_OF_HOST,
                         address_to_ip4(next_hop), now);
}

bool forward4_may_cut(const struct packet *p)
{
    return (u16_at(packet_data(p) + AT_FLAGS) & FLAG_DONT_FRAGMENT) == 0;
}

/* RFC 791 3.2. */
struct packet *forward4_whole(struct ip *ip, struct ip_meta *meta, struct packet *p,
                              uint32_t *transport, nanoseconds now)
{
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct ip4_header h;

    ensure(ip4_header_read(&r, &h)); /* as it was when it came */
    if (h.more_fragments || h.fragment_offset) {
        packet_take(p, h.header_bytes);
        p = fragment4_receive(ip, meta, &h, p, now);
        ip_timer_rearm(ip);
        if (!p)
            return NULL;
        p->network = p->start;
        r = reader_of(packet_data(p), packet_length(p));
        ensure(ip4_header_read(&r, &h));
    }
    meta->source = address_from_ip4(h.source);
    meta->dest = address_from_ip4(h.dest);
    meta->protocol = h.protocol;
    meta->hop_limit = h.ttl;
    meta->traffic_class = h.traffic_class;
    meta->has_options = h.header_bytes > IP4_HEADER_BYTES;
    meta->options_at = IP4_HEADER_BYTES; /* the first fragment's, not the last one's */
    meta->options_length = (uint8_t)(h.header_bytes - IP4_HEADER_BYTES);
    *transport = p->start + h.header_bytes;
    return p;
}

bool forward4_reaches(struct address a)
{
    return address_to_ip4(a) >> 16 != LINK_LOCAL;
}

/* RFC 1812 4.3.3.1, 5.2.7.1 (the codes that say why), 5.2.7.3. */
void forward4_turn_back(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                        enum ip_error_kind kind, nanoseconds now)
{
    enum icmp4_type type = ICMP4_UNREACHABLE;
    uint8_t code = ICMP4_CODE_NET;

    if (kind == IP_ERROR_TIME_EXCEEDED) {
        type = ICMP4_TIME_EXCEEDED;
        code = 0;
    } else if (kind == IP_ERROR_HOST_UNREACHABLE) {
        code = ICMP4_CODE_HOST;
    } else if (kind == IP_ERROR_PORT_UNREACHABLE) {
        code = ICMP4_CODE_PORT;
    } else if (kind == IP_ERROR_PROHIBITED) {
        code = ICMP4_CODE_PROHIBITED;
    }
    icmp4_send_error(ip, meta, p, type, code, 0, now);
}
