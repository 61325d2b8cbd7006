/* SPDX-License-Identifier: MIT */
/* IGMP: see igmp.h. */
#include "3-network/ip4/igmp.h"

#include <string.h>

#include "3-network/ip4/ip4_header.h"
#include "3-network/multicast.h"
#include "3-network/ip_family.h"
#include "3-network/ip_timer.h"
#include "base/checksum.h"

enum igmp_type {
    IGMP_QUERY = 0x11,
    IGMP_REPORT_1 = 0x12,
    IGMP_REPORT_2 = 0x16,
    IGMP_LEAVE_2 = 0x17,
    IGMP_REPORT_3 = 0x22
};

enum {
    SHORT_BYTES = 8, /* versions 1 and 2 */
    QUERY_BYTES = 12,
    RECORD_BYTES = 8,
    HEADER_BYTES = IP4_HEADER_BYTES + 4, /* with Router Alert */
    INTERNETWORK_CONTROL = 0xc0          /* RFC 3376 4 */
};
#define ROUTER_ALERT 0x94040000U /* RFC 2113 2.1 */
#define ALL_HOSTS 0xe0000001U
#define ALL_ROUTERS 0xe0000002U
#define ALL_IGMP3 0xe0000016U /* RFC 3376 4.2.14 */
#define TENTH (100 * MILLISECOND)

bool igmp_is_silent(struct address group)
{
    return address_equal(group, address_from_ip4(ALL_HOSTS));
}

/* RFC 3376 4.1.1: from 128 on it is a number of few digits. */
static nanoseconds time_of_code(uint8_t code)
{
    uint32_t value = code;

    if (code >= 128)
        value = ((code & 15U) | 16U) << ((code >> 4 & 7U) + 3);
    return value * TENTH;
}

/* RFC 3376 7.1: by length and code. */
bool igmp_header_read(struct reader *r, struct igmp_query *query)
{
    size_t length = reader_left(r);
    const uint8_t *whole = r->at;
    uint8_t type = read_u8(r), code = read_u8(r);
    uint16_t count;

    memset(query, 0, sizeof *query);
    read_skip(r, 2);
    query->group = address_from_ip4(read_u32(r));
    if (r->failed || checksum_finish(checksum_add(0, whole, length)) != 0 || type != IGMP_QUERY)
        return false;
    if (length == SHORT_BYTES) {
        query->version = code == 0 ? 1 : 2;
        query->within = code == 0 ? 10 * SECOND : code * TENTH;
        return true;
    }
    read_skip(r, 2); /* the querier's robustness and interval */
    count = read_u16(r);
    if (length < QUERY_BYTES || count > reader_left(r) / 4)
        return false;
    query->version = 3;
    query->within = time_of_code(code);
    for (uint32_t i = 0; i < count; i++)
        (void)group_source_add(&query->sources, address_from_ip4(read_u32(r)), GROUP_SOURCES);
    /* more than we can tell apart: as if all were asked for */
    if (count > GROUP_SOURCES)
        memset(&query->sources, 0, sizeof query->sources);
    return !r->failed;
}

/* RFC 3376 9.1: a query is of this wire (TTL 1), and a general one is sent to no other group than
 * all hosts; to us alone any may be (4.1.12). */
static bool is_of_this_wire(const struct ip_meta *meta, const struct igmp_query *query)
{
    return meta->hop_limit == 1 &&
           (!address_is_unspecified(query->group) || !address_is_multicast(meta->dest) ||
            address_equal(meta->dest, address_from_ip4(ALL_HOSTS)));
}

void igmp_receive(struct ip *ip, const struct ip_meta *meta, struct packet *p, nanoseconds now)
{
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct igmp_query query;

    if (igmp_header_read(&r, &query) && is_of_this_wire(meta, &query)) {
        multicast_asked(ip->interface[meta->interface], IP_FAMILY_4,
                        query.version < 3 ? query.version : 0, query.group, &query.sources,
                        query.within, now);
        ip_timer_rearm(ip);
        packet_put(p);
        return;
    }
    event_drop(&ip->means->voice, now, DROP_ICMP_IGNORED, p); /* what other hosts report */
    packet_put(p);
}

/* ---- reports ---- */

/* In front of a message its checksum and header (RFC 3376 4), and away. Takes p. */
static void send(struct ip_interface *i, uint32_t dest, struct packet *p, nanoseconds now)
{
    uint8_t *message = packet_data(p), header[HEADER_BYTES];
    uint32_t length = packet_length(p), source = 0;
    struct writer w;

    u16_put(message + 2, checksum_finish(checksum_add(0, message, length)));
    for (uint32_t k = 0; k < i->address_count && source == 0; k++)
        if (address_is_mapped(i->address[k].address))
            source = address_to_ip4(i->address[k].address);
    w = writer_of(header, HEADER_BYTES);
    write_u8(&w, 0x40 | HEADER_BYTES / 4);
    write_u8(&w, INTERNETWORK_CONTROL);
    write_u16(&w, (uint16_t)(HEADER_BYTES + length));
    write_u32(&w, 0x4000); /* whole */
    write_u8(&w, 1);       /* TTL */
    write_u8(&w, IP_PROTOCOL_IGMP);
    write_u16(&w, 0);
    write_u32(&w, source);
    write_u32(&w, dest);
    write_u32(&w, ROUTER_ALERT);
    u16_put(header + 10, checksum_finish(checksum_header(0, header, HEADER_BYTES)));
    memcpy(packet_push(p, HEADER_BYTES), header, HEADER_BYTES);
    p->network = p->start;
    link_send(i->link, &i->link_upper, address_from_ip4(dest), p, now);
}

static void send_short(struct ip_interface *i, enum igmp_type type, uint32_t group, uint32_t dest,
                       nanoseconds now)
{
    struct writer w;
    struct packet *p = multicast_message(i, SHORT_BYTES, &w, now);

    if (!p)
        return;
    write_u8(&w, (uint8_t)type);
    write_u8(&w, 0);
    write_u16(&w, 0);
    write_u32(&w, group);
    send(i, dest, p, now);
}

/* RFC 3376 7.2.1: what an older querier understands. Version 1 knows no leaving. */
static void report_older(struct ip_interface *i, uint32_t version,
                         const struct group_record *record, nanoseconds now)
{
    uint32_t group = address_to_ip4(record->group);
    bool leaves = record->kind == GROUP_TO_INCLUDE && !record->sources;

    if (leaves && version == 2)
        send_short(i, IGMP_LEAVE_2, group, ALL_ROUTERS, now);
    else if (!leaves && record->kind != GROUP_BLOCK)
        send_short(i, version == 1 ? IGMP_REPORT_1 : IGMP_REPORT_2, group, group, now);
}

static uint32_t record_bytes(const struct group_record *record)
{
    return RECORD_BYTES + (record->sources ? record->sources->count * 4 : 0);
}

static void record_write(struct writer *w, const struct group_record *record)
{
    uint32_t count = record->sources ? record->sources->count : 0;

    write_u8(w, (uint8_t)record->kind);
    write_u8(w, 0);
    write_u16(w, (uint16_t)count);
    write_u32(w, address_to_ip4(record->group));
    for (uint32_t k = 0; k < count; k++)
        write_u32(w, address_to_ip4(record->sources->address[k]));
}

/* RFC 3376 4.2: as many records as fit a packet of the wire, then the next. */
void igmp_report(struct ip_interface *i, uint32_t older, const struct group_record *records,
                 uint32_t count, nanoseconds now)
{
    uint32_t most = link_mtu(i->link) - HEADER_BYTES, first = 0;

    for (; older != 0 && first < count; first++)
        report_older(i, older, &records[first], now);
    while (first < count) {
        uint32_t length = 8 + record_bytes(&records[first]), end = first + 1;
        struct packet *p;
        struct writer w;

        while (end < count && length + record_bytes(&records[end]) <= most)
            length += record_bytes(&records[end++]);
        p = multicast_message(i, length, &w, now);
        if (!p)
            return;
        write_u8(&w, IGMP_REPORT_3);
        write_u8(&w, 0);
        write_u32(&w, 0); /* checksum, and reserved */
        write_u16(&w, (uint16_t)(end - first));
        for (; first < end; first++)
            record_write(&w, &records[first]);
        send(i, ALL_IGMP3, p, now);
    }
}
