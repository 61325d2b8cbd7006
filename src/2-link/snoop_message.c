/* SPDX-License-Identifier: MIT */
/* Theory in snoop_message.h. */
#include "2-link/snoop_message.h"

#include "base/checksum.h"

enum {
    IP4_ETHERTYPE = 0x0800,
    IP6_ETHERTYPE = 0x86dd,
    IP4_BYTES = 20,
    IP6_BYTES = 40,
    IGMP = 2,
    ICMPV6 = 58,
    PIM = 103,
    HOP_BY_HOP = 0
};

enum snoop_igmp_type {
    IGMP_QUERY = 0x11,
    IGMP_REPORT_1 = 0x12,
    IGMP_REPORT_2 = 0x16,
    IGMP_LEAVE_2 = 0x17,
    IGMP_REPORT_3 = 0x22
};
enum snoop_mld_type { MLD_QUERY = 130, MLD_REPORT_1 = 131, MLD_DONE_1 = 132, MLD_REPORT_2 = 143 };

/* RFC 3376 4.2.12, RFC 3810 5.2.12. */
enum snoop_record_type {
    MODE_IS_INCLUDE = 1,
    MODE_IS_EXCLUDE,
    CHANGE_TO_INCLUDE,
    CHANGE_TO_EXCLUDE,
    ALLOW_NEW_SOURCES,
    BLOCK_OLD_SOURCES
};

enum { QUERY_3_BYTES = 12, QUERY_2_BYTES = 28, SUPPRESS = 8 /* RFC 3376 4.1.5 */ };

static struct address address_read(struct reader *r, bool is_ip6)
{
    struct address a;

    if (!is_ip6)
        return address_from_ip4(read_u32(r));
    a.high = read_u64(r);
    a.low = read_u64(r);
    return a;
}

/* RFC 4541 2.1.2 (2), 3: groups whose listeners do not say so. */
static bool is_for_all(struct address group)
{
    if (address_is_mapped(group))
        return address_to_ip4(group) >> 8 == 0xe00000;
    return (group.high >> 48 & 0xf) <= 1 ||
           address_equal(group, (struct address){UINT64_C(0xff02000000000000), 1});
}

static bool is_of_link(struct address a)
{
    return a.high >> 54 == 0x3fa;
}

static void broken(struct snoop_message *m)
{
    m->way = SNOOP_TO_NOBODY;
    m->says = SNOOP_SAYS_NOTHING;
}

/* RFC 3376 4.1.1, RFC 3810 5.1.3: from half of what its field holds, a number of few digits. */
static uint32_t time_of_code(uint32_t code, uint32_t digits)
{
    uint32_t half = UINT32_C(1) << (digits + 3);

    if (code < half)
        return code;
    return ((code & ((1U << digits) - 1)) | 1U << digits) << ((code >> digits & 7) + 3);
}

/* ---- what both protocols have ---- */

/* The records of a report, all of which are there. */
static void records_check(struct snoop_message *m, struct reader r)
{
    m->way = SNOOP_TO_ROUTERS;
    m->says = SNOOP_SAYS_REPORT;
    m->reader = r;
    for (uint32_t i = 0; i < m->records; i++) {
        size_t sources, auxiliary;

        read_skip(&r, 1);
        auxiliary = read_u8(&r);
        sources = read_u16(&r);
        read_skip(&r, (m->is_ip6 ? 16 : 4) * (sources + 1) + 4 * auxiliary);
        if (r.failed) {
            broken(m);
            return;
        }
    }
}

static void short_report(struct snoop_message *m, struct address group, bool leaves)
{
    m->way = SNOOP_TO_ROUTERS;
    m->says = SNOOP_SAYS_REPORT;
    m->is_short = true;
    m->group = group;
    m->leaves = leaves;
    m->records = 1;
}

bool snoop_message_next(struct snoop_message *m, struct snoop_record *record)
{
    while (m->records > 0) {
        uint8_t type, auxiliary;
        uint16_t sources;

        m->records--;
        if (m->is_short) {
            record->group = m->group;
            record->leaves = m->leaves;
        } else {
            type = read_u8(&m->reader);
            auxiliary = read_u8(&m->reader);
            sources = read_u16(&m->reader);
            record->group = address_read(&m->reader, m->is_ip6);
            read_skip(&m->reader, (m->is_ip6 ? 16U : 4U) * sources + 4U * auxiliary);
            record->leaves = sources == 0 && (type == MODE_IS_INCLUDE || type == CHANGE_TO_INCLUDE);
            if (type < MODE_IS_INCLUDE || type > ALLOW_NEW_SOURCES)
                continue;
        }
        if (address_is_multicast(record->group) && !is_for_all(record->group))
            return true;
    }
    return false;
}

/* The rest of a query that says its version by its length. */
static void sources_read(struct snoop_message *m, struct reader *r)
{
    bool suppresses = (read_u8(r) & SUPPRESS) != 0;
    uint16_t sources;

    read_skip(r, 1); /* the querier's interval */
    sources = read_u16(r);
    read_skip(r, (m->is_ip6 ? 16U : 4U) * sources);
    m->spares = suppresses || sources > 0;
    if (r->failed)
        broken(m);
}

/* Hosts believe it (RFC 3376 9.1, RFC 3810 6.2), so they will answer. */
static void query(struct snoop_message *m, bool is_believed)
{
    bool is_general = address_is_unspecified(m->group);

    if (is_believed && (is_general ? is_for_all(m->dest) : address_equal(m->dest, m->group)))
        m->says = SNOOP_SAYS_QUERY;
}

/* ---- IGMP ---- */

static void query4_read(struct snoop_message *m, struct reader *r, size_t length, uint8_t code,
                        uint8_t hop_limit)
{
    bool is_old = length == 8;

    m->within = (nanoseconds)time_of_code(code, 4) * (100 * MILLISECOND);
    if (is_old)
        m->within = code == 0 ? 10 * SECOND : code * (100 * MILLISECOND); /* RFC 2236 4 */
    query(m, hop_limit == 1);
    if (!is_old && length < QUERY_3_BYTES)
        broken(m);
    else if (!is_old)
        sources_read(m, r);
}

/* A whole message, of one packet. */
static void igmp_read(struct snoop_message *m, struct reader r, uint8_t hop_limit)
{
    size_t length = reader_left(&r);
    const uint8_t *whole = r.at;
    uint8_t type = read_u8(&r), code = read_u8(&r);

    read_skip(&r, 2);
    m->group = address_from_ip4(read_u32(&r));
    if (r.failed || checksum_finish(checksum_add(0, whole, length)) != 0) {
        broken(m);
    } else if (type == IGMP_QUERY) {
        query4_read(m, &r, length, code, hop_limit);
    } else if (type == IGMP_REPORT_1 || type == IGMP_REPORT_2 || type == IGMP_LEAVE_2) {
        short_report(m, m->group, type == IGMP_LEAVE_2);
    } else if (type == IGMP_REPORT_3) {
        m->records = address_to_ip4(m->group) & 0xffff;
        records_check(m, r);
    } /* else: of another version, for all (RFC 4541 2.1.1 (3)) */
}

/* ---- MLD ---- */

static void mld_read(struct snoop_message *m, struct reader r, uint8_t hop_limit)
{
    size_t length = reader_left(&r);
    uint64_t sum = checksum_pseudo(m->source, m->dest, ICMPV6, (uint32_t)length);
    const uint8_t *whole = r.at;
    uint8_t type = read_u8(&r);
    uint32_t code;

    if (type != MLD_QUERY && type != MLD_REPORT_1 && type != MLD_DONE_1 && type != MLD_REPORT_2)
        return;
    read_skip(&r, 3);
    code = read_u16(&r);
    m->records = read_u16(&r);
    if (type != MLD_REPORT_2)
        m->group = address_read(&r, true);
    if (r.failed || checksum_finish(checksum_add(sum, whole, length)) != 0) {
        broken(m);
    } else if (type == MLD_REPORT_2) {
        records_check(m, r);
    } else if (type != MLD_QUERY) {
        short_report(m, m->group, type == MLD_DONE_1);
    } else {
        m->way = SNOOP_TO_ALL;
        m->records = 0;
        m->within = (length < QUERY_2_BYTES ? code : time_of_code(code, 12)) * MILLISECOND;
        query(m, hop_limit == 1 && is_of_link(m->source));
        if (length >= QUERY_2_BYTES)
            sources_read(m, &r);
    }
}

/* ---- the packets they stand in ---- */

/* RFC 4541 2.1.2: everything but IGMP by its group alone. PIM: RFC 7761 4.9. */
static void read_other(struct snoop_message *m, uint8_t protocol, struct reader r)
{
    m->way = is_for_all(m->dest) ? SNOOP_TO_ALL : SNOOP_TO_LISTENERS;
    if (protocol == PIM && read_u8(&r) == 0x20 && !r.failed)
        m->says = SNOOP_SAYS_HELLO;
}

static void ip4_read(struct reader *r, struct snoop_message *m)
{
    const uint8_t *header = r->at;
    uint8_t first = read_u8(r), protocol, hop_limit;
    uint32_t bytes = (first & 15U) * 4, length, place;

    read_skip(r, 1);
    length = read_u16(r);
    read_skip(r, 2);
    place = read_u16(r) & 0x3fff; /* of a fragment, or more of them */
    hop_limit = read_u8(r);
    protocol = read_u8(r);
    read_skip(r, 2);
    m->source = address_read(r, false);
    m->dest = address_read(r, false);
    read_skip(r, bytes < IP4_BYTES ? 0 : bytes - IP4_BYTES);
    if (r->failed || first >> 4 != 4 || bytes < IP4_BYTES || length < bytes ||
        length - bytes > reader_left(r) ||
        checksum_finish(checksum_header(0, header, bytes)) != 0) {
        broken(m);
        return;
    }
    *r = reader_of(r->at, length - bytes);
    if (!address_is_multicast(m->dest))
        return;
    if (protocol != IGMP)
        read_other(m, place == 0 ? protocol : 0, *r);
    else if (place == 0)
        igmp_read(m, *r, hop_limit);
}

static void ip6_read(struct reader *r, struct snoop_message *m)
{
    uint8_t first = read_u8(r), next, hop_limit;
    uint32_t length;

    read_skip(r, 3);
    length = read_u16(r);
    next = read_u8(r);
    hop_limit = read_u8(r);
    m->source = address_read(r, true);
    m->dest = address_read(r, true);
    if (r->failed || first >> 4 != 6 || length > reader_left(r)) {
        broken(m);
        return;
    }
    *r = reader_of(r->at, length);
    if (!address_is_multicast(m->dest))
        return;
    read_other(m, next, *r);
    if (next != HOP_BY_HOP) /* without Router Alert no MLD (RFC 3810 5) */
        return;
    next = read_u8(r);
    length = read_u8(r);
    read_skip(r, 6 + 8 * length);
    if (!r->failed && next == ICMPV6)
        mld_read(m, *r, hop_limit);
}

void snoop_message_read(struct reader *r, uint16_t ethertype, struct snoop_message *m)
{
    memset(m, 0, sizeof *m);
    m->is_ip6 = ethertype == IP6_ETHERTYPE;
    if (ethertype == IP4_ETHERTYPE)
        ip4_read(r, m);
    else if (m->is_ip6)
        ip6_read(r, m);
}
