/* SPDX-License-Identifier: MIT */
/* MLD: see mld.h. */
#include "3-network/ip6/mld.h"

#include <string.h>

#include "3-network/ip6/ip6.h"
#include "3-network/ip6/ip6_header.h"
#include "3-network/ip_family.h"
#include "3-network/ip_timer.h"
#include "3-network/multicast.h"
#include "base/checksum.h"

enum {
    SHORT_BYTES = 24, /* version 1 */
    QUERY_BYTES = 28,
    RECORD_BYTES = 20,
    OPTIONS_BYTES = 8, /* the Hop-by-Hop Options header with Router Alert (RFC 2711 2.1) */
    HEADER_BYTES = IP6_HEADER_BYTES + OPTIONS_BYTES
};

static const struct address all_nodes = {UINT64_C(0xff02000000000000), 1};
static const struct address all_routers = {UINT64_C(0xff02000000000000), 2};
static const struct address all_mld2 = {UINT64_C(0xff02000000000000), 0x16};

bool mld_is_silent(struct address group)
{
    return address_equal(group, all_nodes) || ip6_scope(group) <= IP6_SCOPE_INTERFACE;
}

/* RFC 3810 5.1.3: milliseconds; from 32768 on a number of few digits. */
static nanoseconds time_of_code(uint16_t code)
{
    uint64_t value = code;

    if (code >= 32768)
        value = ((code & 0xfffU) | 0x1000U) << ((code >> 12 & 7U) + 3);
    return (nanoseconds)value * MILLISECOND;
}

static struct address address_read(struct reader *r)
{
    struct address a;

    a.high = read_u64(r);
    a.low = read_u64(r);
    return a;
}

bool mld_header_read(struct reader *r, struct mld_query *query)
{
    size_t length = reader_left(r);
    uint16_t code, count;

    memset(query, 0, sizeof *query);
    if (read_u8(r) != MLD_QUERY)
        return false;
    read_skip(r, 3);
    code = read_u16(r);
    read_skip(r, 2);
    query->group = address_read(r);
    if (r->failed)
        return false;
    query->version = 1;
    query->within = code * MILLISECOND;
    if (length == SHORT_BYTES) /* RFC 3810 8.1 */
        return true;
    read_skip(r, 2); /* the querier's robustness and interval */
    count = read_u16(r);
    if (length < QUERY_BYTES || count > reader_left(r) / 16)
        return false;
    query->version = 2;
    query->within = time_of_code(code);
    for (uint32_t i = 0; i < count; i++)
        (void)group_source_add(&query->sources, address_read(r), GROUP_SOURCES);
    if (count > GROUP_SOURCES) /* more than we can tell apart: as if all were asked for */
        memset(&query->sources, 0, sizeof query->sources);
    return !r->failed;
}

/* RFC 3810 6.2: from a link-local address, hop limit 1, with the Router Alert; to whatever address
 * of ours (5.1.15). */
static bool is_valid(const struct ip_meta *meta)
{
    return meta->hop_limit == 1 && meta->has_options && ip6_is_link_local(meta->source);
}

void mld_receive(struct ip *ip, const struct ip_meta *meta, struct packet *p, nanoseconds now)
{
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct mld_query query;

    if (mld_header_read(&r, &query) && is_valid(meta)) {
        multicast_asked(ip->interface[meta->interface], IP_FAMILY_6, query.version == 1 ? 1 : 0,
                        query.group, &query.sources, query.within, now);
        ip_timer_rearm(ip);
    } else {
        event_drop(&ip->means->voice, now, DROP_ICMP_IGNORED, p);
    }
    packet_put(p);
}

/* ---- reports ---- */

static void address_write(struct writer *w, struct address a)
{
    write_u64(w, a.high);
    write_u64(w, a.low);
}

/* RFC 3810 5.2.13: a link-local address that is nobody else's, else ::. */
static struct address source_of(const struct ip_interface *i)
{
    for (uint32_t k = 0; k < i->address_count; k++)
        if (ip6_is_link_local(i->address[k].address) &&
            (i->address[k].state == ADDRESS_PREFERRED || i->address[k].state == ADDRESS_DEPRECATED))
            return i->address[k].address;
    return (struct address){0};
}

static void send(struct ip_interface *i, struct address dest, struct packet *p, nanoseconds now)
{
    struct address source = source_of(i);
    uint32_t length = packet_length(p);
    uint8_t *message = packet_data(p), header[HEADER_BYTES];
    struct writer w;

    u16_put(message + 2,
            checksum_finish(checksum_add(checksum_pseudo(source, dest, IP_PROTOCOL_ICMPV6, length),
                                         message, length)));
    w = writer_of(header, HEADER_BYTES);
    write_u32(&w, 0x60000000);
    write_u16(&w, (uint16_t)(OPTIONS_BYTES + length));
    write_u8(&w, 0); /* Hop-by-Hop Options */
    write_u8(&w, 1); /* hop limit */
    address_write(&w, source);
    address_write(&w, dest);
    write_u8(&w, IP_PROTOCOL_ICMPV6);
    write_u8(&w, 0);
    write_u32(&w, 0x05020000); /* Router Alert: MLD */
    write_u16(&w, 0x0100);     /* PadN of two */
    memcpy(packet_push(p, HEADER_BYTES), header, HEADER_BYTES);
    p->network = p->start;
    link_send(i->link, &i->link_upper6, dest, p, now);
}

/* RFC 3810 8.2.1: what a querier of version 1 understands. */
static void report_older(struct ip_interface *i, const struct group_record *record, nanoseconds now)
{
    bool leaves = record->kind == GROUP_TO_INCLUDE && !record->sources;
    struct packet *p;
    struct writer w;

    if (record->kind == GROUP_BLOCK)
        return;
    p = multicast_message(i, SHORT_BYTES, &w, now);
    if (!p)
        return;
    write_u8(&w, leaves ? MLD_DONE_1 : MLD_REPORT_1);
    write_u8(&w, 0);
    write_u16(&w, 0);
    write_u32(&w, 0);
    address_write(&w, record->group);
    send(i, leaves ? all_routers : record->group, p, now);
}

static uint32_t record_bytes(const struct group_record *record)
{
    return RECORD_BYTES + (record->sources ? record->sources->count * 16 : 0);
}

static void record_write(struct writer *w, const struct group_record *record)
{
    uint32_t count = record->sources ? record->sources->count : 0;

    write_u8(w, (uint8_t)record->kind);
    write_u8(w, 0);
    write_u16(w, (uint16_t)count);
    address_write(w, record->group);
    for (uint32_t k = 0; k < count; k++)
        address_write(w, record->sources->address[k]);
}

/* RFC 3810 5.2: as many records as fit a packet of the wire, then the next. */
void mld_report(struct ip_interface *i, uint32_t older, const struct group_record *records,
                uint32_t count, nanoseconds now)
{
    uint32_t most = link_mtu(i->link) - HEADER_BYTES, first = 0;

    for (; older != 0 && first < count; first++)
        report_older(i, &records[first], now);
    while (first < count) {
        uint32_t length = 8 + record_bytes(&records[first]), end = first + 1;
        struct packet *p;
        struct writer w;

        while (end < count && length + record_bytes(&records[end]) <= most)
            length += record_bytes(&records[end++]);
        p = multicast_message(i, length, &w, now);
        if (!p)
            return;
        write_u8(&w, MLD_REPORT_2);
        write_u8(&w, 0);
        write_u32(&w, 0); /* checksum, and reserved */
        write_u16(&w, (uint16_t)(end - first));
        for (; first < end; first++)
            record_write(&w, &records[first]);
        send(i, all_mld2, p, now);
    }
}
