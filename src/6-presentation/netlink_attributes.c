/* SPDX-License-Identifier: MIT */
/* The theory is in netlink_attributes.h. */
#include "6-presentation/abi.h"

#include "6-presentation/netlink_attributes.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/bytes.h"

void netlink_attributes_read(const uint8_t *bytes, uint32_t length,
                             struct netlink_attributes *attributes)
{
    uint32_t at = 0;
    struct rtattr header;

    memset(attributes, 0, sizeof *attributes);
    while (at <= length && length - at >= sizeof header) {
        uint16_t type;

        memcpy(&header, bytes + at, sizeof header);
        if (header.rta_len < sizeof header || header.rta_len > length - at)
            return;
        type = header.rta_type & 0x3fff; /* NLA_TYPE_MASK */
        if (type < NETLINK_ATTRIBUTES) {
            attributes->at[type] = bytes + at + sizeof header;
            attributes->length[type] = (uint16_t)(header.rta_len - sizeof header);
        }
        at += RTA_ALIGN((uint32_t)header.rta_len);
    }
}

bool netlink_attributes_number(const struct netlink_attributes *attributes, uint32_t type,
                               uint32_t *value)
{
    if (!attributes->at[type] || attributes->length[type] < sizeof *value)
        return false;
    memcpy(value, attributes->at[type], sizeof *value);
    return true;
}

int netlink_attributes_address(const struct netlink_attributes *attributes, uint32_t type,
                               uint8_t family, struct address *address)
{
    uint32_t bytes = family == AF_INET ? 4 : 16;
    struct reader r = reader_of(attributes->at[type], attributes->length[type]);

    if (!attributes->at[type])
        return 0;
    if (attributes->length[type] != bytes)
        return -EINVAL;
    if (family == AF_INET) {
        *address = address_from_ip4(read_u32(&r));
        return 1;
    }
    address->high = read_u64(&r);
    address->low = read_u64(&r);
    return address_is_mapped(*address) ? -EINVAL : 1;
}

uint32_t netlink_attributes_text(const struct netlink_attributes *attributes, uint32_t type,
                                 char *text, uint32_t room)
{
    uint32_t length = 0;

    if (!attributes->at[type] || attributes->length[type] > room)
        return 0;
    while (length < attributes->length[type] && attributes->at[type][length])
        length++;
    memcpy(text, attributes->at[type], length);
    return length;
}
