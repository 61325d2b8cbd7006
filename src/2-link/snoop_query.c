/* SPDX-License-Identifier: MIT */
/* Theory in snoop_query.h. */
#include "2-link/snoop_query.h"

#include "base/checksum.h"

enum {
    IGMP_BYTES = 12,
    MLD_BYTES = 28,
    IP4_BYTES = 24,             /* with Router Alert */
    IP6_BYTES = 40 + 8,         /* the same, in a Hop-by-Hop Options header */
    INTERNETWORK_CONTROL = 0xc0 /* RFC 3376 4 */
};

struct address snoop_query_dest(const struct snoop_query *query)
{
    if (!address_is_unspecified(query->group))
        return query->group;
    return address_is_mapped(query->group) ? address_from_ip4(0xe0000001)
                                           : (struct address){UINT64_C(0xff02000000000000), 1};
}

static void address_write(struct writer *w, struct address a)
{
    write_u64(w, a.high);
    write_u64(w, a.low);
}

/* RFC 3376 4.1. */
static void igmp_write(struct writer *w, const struct snoop_query *query)
{
    uint8_t *header = w->at, *message = w->at + IP4_BYTES;

    write_u8(w, 0x40 | IP4_BYTES / 4);
    write_u8(w, INTERNETWORK_CONTROL);
    write_u16(w, IP4_BYTES + IGMP_BYTES);
    write_u32(w, 0x4000); /* whole */
    write_u8(w, 1);       /* TTL */
    write_u8(w, 2);       /* IGMP */
    write_u16(w, 0);
    write_u32(w, address_to_ip4(query->source));
    write_u32(w, address_to_ip4(snoop_query_dest(query)));
    write_u32(w, 0x94040000); /* Router Alert: RFC 2113 2.1 */
    write_u8(w, 0x11);
    write_u8(w, (uint8_t)(query->within_ms / 100));
    write_u16(w, 0);
    write_u32(w, address_to_ip4(query->group));
    write_u8(w, SNOOP_ROBUSTNESS);
    write_u8(w, (uint8_t)query->interval_s);
    write_u16(w, 0); /* of all sources */
    u16_put(header + 10, checksum_finish(checksum_header(0, header, IP4_BYTES)));
    u16_put(message + 2, checksum_finish(checksum_add(0, message, IGMP_BYTES)));
}

/* RFC 3810 5.1. */
static void mld_write(struct writer *w, const struct snoop_query *query)
{
    struct address dest = snoop_query_dest(query);
    uint8_t *message = w->at + IP6_BYTES;
    uint64_t sum = checksum_pseudo(query->source, dest, 58, MLD_BYTES);

    write_u32(w, 0x60000000);
    write_u16(w, 8 + MLD_BYTES);
    write_u8(w, 0); /* Hop-by-Hop Options */
    write_u8(w, 1); /* hop limit */
    address_write(w, query->source);
    address_write(w, dest);
    write_u8(w, 58); /* ICMPv6 */
    write_u8(w, 0);
    write_u32(w, 0x05020000); /* Router Alert: MLD (RFC 2711 2.1) */
    write_u16(w, 0x0100);     /* PadN of two */
    write_u8(w, 130);
    write_u8(w, 0);
    write_u16(w, 0);
    write_u16(w, (uint16_t)query->within_ms);
    write_u16(w, 0);
    address_write(w, query->group);
    write_u8(w, SNOOP_ROBUSTNESS);
    write_u8(w, (uint8_t)query->interval_s);
    write_u16(w, 0); /* of all sources */
    u16_put(message + 2, checksum_finish(checksum_add(sum, message, MLD_BYTES)));
}

uint32_t snoop_query_write(struct writer *w, const struct snoop_query *query)
{
    ensure(w->end - w->at >= SNOOP_QUERY_BYTES);
    if (address_is_mapped(query->group)) {
        igmp_write(w, query);
        return IP4_BYTES + IGMP_BYTES;
    }
    mld_write(w, query);
    return IP6_BYTES + MLD_BYTES;
}
