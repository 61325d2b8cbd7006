/* SPDX-License-Identifier: MIT */
/* RFC 791 3.1, the formats of the options. Theory in ip4_options.h. */
#include "3-network/ip4/ip4_options.h"

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
