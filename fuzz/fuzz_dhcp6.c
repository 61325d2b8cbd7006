/* SPDX-License-Identifier: MIT */
/* Any bytes as a message of DHCPv6 (RFC 8415): what is read is written and read the same, its
 * domains are words, and a client takes it or leaves it. */
#include <string.h>
#include "7-application/service_inform.h"
#include "base/compiler.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const uint8_t hardware[6] = {2, 0, 0, 0, 0, 9};
    struct service_dhcp6_message m, again;
    struct service_inform client;
    uint8_t written[SERVICE_DHCP6_BYTES];
    size_t n;

    if (!service_dhcp6_header_read(bytes, length, &m))
        return 0;
    for (unsigned i = 0; i < m.domains; i++)
        ensure(service_dhcp6_is_domain(m.domain[i]));
    n = service_dhcp6_header_write(&m, written);
    ensure(n <= sizeof written && service_dhcp6_header_read(written, n, &again));
    again.has_association = m.has_association; /* which is read, and never written */
    ensure(memcmp(&m, &again, sizeof m) == 0);
    service_inform_init(&client, hardware, (struct siphash_key){1, 2});
    service_inform_wanted(&client, 0);
    ensure(service_inform_due(&client, SECOND, &again));
    m.xid = client.xid;
    service_inform_came(&client, &m, 2 * SECOND);
    ensure(client.deadline > 2 * SECOND - SECOND && client.is_informed <= (m.server.length > 0));
    return 0;
}
