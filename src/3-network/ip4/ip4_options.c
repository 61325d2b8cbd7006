/* SPDX-License-Identifier: MIT */
/* RFC 791 3.1, the formats of the options. Theory in ip4_options.h. */
#include "3-network/ip4/ip4_options.h"

#include <errno.h>
#include <string.h>

#include "base/compiler.h"

enum option_kind {
    OPTION_END = 0,
    OPTION_NOTHING = 1,
    OPTION_RECORD_ROUTE = 7,
    OPTION_TIMESTAMP = 68,
    OPTION_LOOSE_ROUTE = 131,
    OPTION_STRICT_ROUTE = 137
};

/* RFC 791 3.1, Record Route: the pointer is at least 4, and what is left of the route data holds
 * whole addresses. The same shape as a source route's. */
static bool route_is_bad(const uint8_t *option, uint8_t length, uint8_t *at)
{
    *at = 1;
    if (length < 3)
        return true;
    *at = 2;
    return option[2] < 4 || (option[2] <= length && option[2] + 3 > length);
}

/* RFC 791 3.1, Internet Timestamp. */
static bool timestamp_is_bad(const uint8_t *option, uint8_t length, uint8_t *at)
{
    uint8_t flag, room;

    *at = 1;
    if (length < 4)
        return true;
    flag = option[3] & 0xf;
    room = flag == 0 ? 4 : 8;
    *at = 2;
    if (option[2] < 5 || (option[2] <= length && option[2] + room - 1 > length))
        return true;
    *at = 3;
    return flag != 0 && flag != 1 && flag != 3;
}

/* RFC 791 3.1, RFC 1122 3.2.1.8: those that we know are checked, the others passed over. */
enum ip4_options_verdict ip4_options_check(const struct ip4_header *h, uint8_t *pointer)
{
    uint8_t end = (uint8_t)(h->header_bytes - IP4_HEADER_BYTES);
    enum ip4_options_verdict verdict = IP4_OPTIONS_GOOD;
    bool route_seen = false, timestamp_seen = false;

    for (uint8_t i = 0; i < end;) {
        const uint8_t *option = h->options + i;
        bool bad = false;
        uint8_t length, at = 0;

        if (option[0] == OPTION_END)
            break;
        if (option[0] == OPTION_NOTHING) {
            i++;
            continue;
        }
        length = i + 1 < end ? option[1] : 0;
        *pointer = (uint8_t)(IP4_HEADER_BYTES + i + (i + 1 < end));
        if (length < 2 || length > end - i)
            return IP4_OPTIONS_BAD;
        if (option[0] == OPTION_RECORD_ROUTE) {
            bad = route_seen || route_is_bad(option, length, &at);
            route_seen = true;
        } else if (option[0] == OPTION_TIMESTAMP) {
            bad = timestamp_seen || timestamp_is_bad(option, length, &at);
            timestamp_seen = true;
        } else if (option[0] == OPTION_LOOSE_ROUTE || option[0] == OPTION_STRICT_ROUTE) {
            bad = verdict == IP4_OPTIONS_SOURCE_ROUTE || route_is_bad(option, length, &at);
            verdict = IP4_OPTIONS_SOURCE_ROUTE;
        }
        if (bad) {
            *pointer = (uint8_t)(IP4_HEADER_BYTES + i + at);
            return IP4_OPTIONS_BAD;
        }
        i = (uint8_t)(i + length);
    }
    return verdict;
}

/* Where an option of a kind begins; 0: there is none. RFC 791 3.1: each of those here is there once
 * at most. */
static uint32_t option_find(const uint8_t *header, uint32_t header_bytes, enum option_kind kind)
{
    uint32_t length;

    for (uint32_t i = IP4_HEADER_BYTES; i < header_bytes && header[i] != OPTION_END; i += length) {
        length = header[i] == OPTION_NOTHING ? 1 : header[i + 1];
        if (header[i] == kind)
            return i;
    }
    return 0;
}

/* RFC 791 3.1, Internet Timestamp: times alone, with addresses, or at addresses that were given. */
enum { TIMES, WITH_ADDRESSES, AT_ADDRESSES = 3, FLAG_MASK = 0xf, OVERFLOW_ONE = 0x10 };

uint32_t ip4_options_asked(const uint8_t *header, uint32_t header_bytes)
{
    uint32_t i = option_find(header, header_bytes, OPTION_TIMESTAMP);
    const uint8_t *option = header + i;

    if (i == 0 || (option[3] & FLAG_MASK) != AT_ADDRESSES || option[2] > option[1])
        return 0;
    return u32_at(option + option[2] - 1);
}

static bool timestamp_fill(uint8_t *option, const struct ip4_options_record *record)
{
    uint8_t flag = option[3] & FLAG_MASK, *at = option + option[2] - 1;

    if (flag == AT_ADDRESSES && !record->asked)
        return true;
    if (option[2] > option[1]) { /* no room: that is counted */
        option[3] = (uint8_t)(option[3] + OVERFLOW_ONE);
        return option[3] >= OVERFLOW_ONE;
    }
    if (flag == WITH_ADDRESSES)
        u32_put(at, record->address);
    u32_put(at + (flag == TIMES ? 0 : 4), record->time);
    option[2] = (uint8_t)(option[2] + (flag == TIMES ? 4 : 8));
    return true;
}

bool ip4_options_fill(uint8_t *header, uint32_t header_bytes,
                      const struct ip4_options_record *record, uint8_t *pointer)
{
    uint32_t route = option_find(header, header_bytes, OPTION_RECORD_ROUTE),
             timestamp = option_find(header, header_bytes, OPTION_TIMESTAMP);
    uint8_t *option = header + route;

    if (route && option[2] <= option[1] && record->address) { /* RFC 791 3.1: if there is room */
        u32_put(option + option[2] - 1, record->address);
        option[2] = (uint8_t)(option[2] + 4);
    }
    *pointer = (uint8_t)(timestamp + 3);
    return timestamp == 0 || timestamp_fill(header + timestamp, record);
}

/* RFC 1122 3.2.2.6: of an echo request the records, updated, are the reply's. */
uint32_t ip4_options_back(const uint8_t *options, uint32_t length,
                          uint8_t back[IP4_HEADER_MOST - IP4_HEADER_BYTES])
{
    uint32_t n = 0, size;

    for (uint32_t i = 0; i < length && options[i] != OPTION_END; i += size) {
        size = options[i] == OPTION_NOTHING ? 1 : options[i + 1];
        ensure(size > 0 && size <= length - i);
        if (options[i] != OPTION_RECORD_ROUTE && options[i] != OPTION_TIMESTAMP)
            continue;
        memcpy(back + n, options + i, size);
        n += size;
    }
    while (n % 4)
        back[n++] = OPTION_END;
    return n;
}

int ip4_options_may_send(const uint8_t *options, uint32_t length)
{
    const struct ip4_header h = {.options = options,
                                 .header_bytes = (uint8_t)(IP4_HEADER_BYTES + length)};
    uint8_t pointer;

    if (length > IP4_HEADER_MOST - IP4_HEADER_BYTES)
        return -EINVAL;
    switch (ip4_options_check(&h, &pointer)) {
    case IP4_OPTIONS_GOOD:
        return 0;
    case IP4_OPTIONS_SOURCE_ROUTE:
        return -EOPNOTSUPP;
    case IP4_OPTIONS_BAD:
        break;
    }
    return -EINVAL;
}
