/* SPDX-License-Identifier: MIT */
/*
 * IGMP: version 1 (RFC 1112 appendix I), 2 (RFC 2236 2) and 3 (RFC 3376 4). A query's version is
 * told by its length and its time (RFC 3376 7.1).
 */
#include "observe/decode/decode_parts.h"

enum { QUERY = 0x11, REPORT_1 = 0x12, REPORT_2 = 0x16, LEAVE = 0x17, REPORT_3 = 0x22 };

/* RFC 3376 4.1.1: tenths of a second; from 128 on a mantissa and an exponent. */
static uint32_t response_ms(uint8_t code)
{
    uint32_t tenths = code;

    if (code >= 128)
        tenths = ((code & 15U) | 16U) << ((code >> 4 & 7) + 3);
    return tenths * 100;
}

static void read_query(struct decode_group *g, struct decode_view v)
{
    g->kind = DECODE_GROUP_QUERY;
    g->version = v.length >= 12 ? 3 : v.bytes[1] ? 2 : 1;
    g->group = decode_ip4_address(v.bytes + 4);
    g->response_ms = response_ms(v.bytes[1]);
    if (v.length >= 12)
        g->sources = u16_at(v.bytes + 10);
}

static void read_records(struct decode *d, struct decode_view v)
{
    struct decode_group *g = &d->group;

    g->kind = DECODE_GROUP_REPORT;
    g->version = 3;
    g->group = address_from_ip4(0);
    g->all_records = u16_at(v.bytes + 6);
    v = decode_after(v, 8);
    for (unsigned i = 0; i < g->all_records; i++) {
        size_t length = v.length >= 8 ? 8 + u16_at(v.bytes + 2) * 4U + v.bytes[1] * 4U : 0;

        if (length == 0 || length > v.length) {
            decode_break(d, "IGMP: record cut off");
            return;
        }
        if (g->records < DECODE_RECORDS) {
            struct decode_group_record *record = &g->record[g->records++];

            record->type = v.bytes[0];
            record->sources = u16_at(v.bytes + 2);
            record->group = decode_ip4_address(v.bytes + 4);
        }
        v = decode_after(v, length);
    }
}

void decode_igmp_read(struct decode *d)
{
    struct decode_view v = decode_payload(d);
    struct decode_group *g = &d->group;

    if (v.length < 8) {
        decode_break(d, "IGMP: cut off");
        return;
    }
    d->has_igmp = true;
    if (!d->ip.more_fragments && !decode_sum_is_good(0, v))
        decode_break(d, "IGMP: checksum wrong");
    g->group = decode_ip4_address(v.bytes + 4);
    g->kind = v.bytes[0] == LEAVE ? DECODE_GROUP_LEAVE : DECODE_GROUP_REPORT;
    g->version = v.bytes[0] == REPORT_1 ? 1 : 2;
    if (v.bytes[0] == QUERY)
        read_query(g, v);
    else if (v.bytes[0] == REPORT_3)
        read_records(d, v);
    else if (v.bytes[0] != REPORT_1 && v.bytes[0] != REPORT_2 && v.bytes[0] != LEAVE)
        d->has_igmp = false; /* of another protocol: RFC 2236 2.1 */
    if (d->has_igmp)
        decode_payload_put(d, decode_after(v, v.length));
}
