/* SPDX-License-Identifier: MIT */
/*
 * MLD, inside ICMPv6: version 1 (RFC 2710 3) and 2 (RFC 3810 5). A query's version is told by its
 * length (RFC 3810 8.1).
 */
#include "observe/decode/decode_parts.h"

enum { QUERY = 130, REPORT_1, DONE, REPORT_2 = 143 };

/* RFC 3810 5.1.3: milliseconds; from 32768 on a mantissa and an exponent. */
static uint32_t response_ms(uint16_t code)
{
    return code < 32768 ? code : ((code & 0xfffU) | 0x1000U) << ((code >> 12 & 7) + 3);
}

static void read_records(struct decode *d, struct decode_view v)
{
    struct decode_group *g = &d->group;

    for (unsigned i = 0; i < g->all_records; i++) {
        size_t length = v.length >= 20 ? 20 + u16_at(v.bytes + 2) * 16U + v.bytes[1] * 4U : 0;

        if (length == 0 || length > v.length) {
            decode_break(d, "MLD: record cut off");
            return;
        }
        if (g->records < DECODE_RECORDS) {
            struct decode_group_record *record = &g->record[g->records++];

            record->type = v.bytes[0];
            record->sources = u16_at(v.bytes + 2);
            record->group = decode_ip6_address(v.bytes + 4);
        }
        v = decode_after(v, length);
    }
}

void decode_mld_read(struct decode *d)
{
    struct decode_view v = decode_payload(d);
    struct decode_group *g = &d->group;
    uint8_t type = d->icmp.type;

    if (type != REPORT_2 && v.length < 16) {
        decode_break(d, "MLD: cut off");
        return;
    }
    d->has_mld = true;
    g->version = type == REPORT_2 || (type == QUERY && v.length >= 20) ? 2 : 1;
    g->kind = type == QUERY  ? DECODE_GROUP_QUERY
              : type == DONE ? DECODE_GROUP_LEAVE
                             : DECODE_GROUP_REPORT;
    if (type == REPORT_2) {
        g->all_records = d->icmp.sequence;
        read_records(d, v);
    } else {
        g->group = decode_ip6_address(v.bytes);
        g->response_ms = g->version == 2 ? response_ms(d->icmp.id) : d->icmp.id;
    }
    if (type == QUERY && v.length >= 20)
        g->sources = u16_at(v.bytes + 18);
    decode_payload_put(d, decode_after(v, v.length));
}
