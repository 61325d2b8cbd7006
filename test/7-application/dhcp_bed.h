/* SPDX-License-Identifier: MIT */
/* What the tests of DHCP's server and client share. */
#pragma once
#include <string.h>
#include "7-application/service_parts.h"
#include "check.h"

enum { OWN = 0x0a000001, FIRST = 0x0a000064 };
#define MASK 0xffffff00U

/* How often an option stands in a message as it goes to the wire. */
__attribute__((unused)) static unsigned option_count(const struct service_dhcp_message *m,
                                                     uint8_t option)
{
    uint8_t bytes[SERVICE_DHCP_BYTES];
    unsigned count = 0;

    (void)service_dhcp_header_write(m, bytes);
    for (size_t i = 240; bytes[i] != 255; i += 2U + bytes[i + 1])
        count += bytes[i] == option;
    return count;
}
