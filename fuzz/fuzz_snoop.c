/* SPDX-License-Identifier: MIT */
/* Any bytes behind the header of a frame for a group of stations: what a switch reads of them ends,
 * stays within them, and is the same whatever it was read with before (RFC 4541). */
#include <string.h>

#include "2-link/snoop_message.h"
#include "base/compiler.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const uint16_t types[] = {0x0800, 0x86dd, 0x0806};

    for (int i = 0; i < 3; i++) {
        struct reader r = reader_of(bytes, length);
        struct snoop_message m;
        struct snoop_record record;
        uint32_t left;

        snoop_message_read(&r, types[i], &m);
        left = m.records;
        ensure(m.way == SNOOP_TO_ROUTERS || m.says != SNOOP_SAYS_REPORT);
        ensure(m.way == SNOOP_TO_ALL || m.says != SNOOP_SAYS_QUERY);
        ensure(m.says != SNOOP_SAYS_QUERY || (m.within >= 0 && m.within < 9000 * SECOND));
        if (m.says != SNOOP_SAYS_REPORT)
            continue;
        for (; snoop_message_next(&m, &record); left--)
            ensure(left > 0 && !m.reader.failed && address_is_multicast(record.group) &&
                   address_is_mapped(record.group) == !m.is_ip6);
    }
    return 0;
}
