/* SPDX-License-Identifier: MIT */
/*
 * struct sockaddr_in: family in the machine's order, port and address in the network's, eight bytes
 * of zeroes (RFC 3493 3.3 is its IPv6 sister, not here yet). Lengths and families are checked as
 * Linux does, call by call: bind takes AF_UNSPEC with 0.0.0.0 (old programs forgot the family),
 * sendto takes AF_UNSPEC for AF_INET, connect takes neither (there AF_UNSPEC disconnects, which
 * call_connect sees first).
 *
 * RFC 1122 3.2.1.3: 0.0.0.0 is "this host"; no datagram may carry it as a destination, so it is
 * made a true address here.
 */
#include "6-presentation/abi.h"
#include "6-presentation/sockaddr.h"

#include <errno.h>

#include "base/bytes.h"

#define LOOPBACK_ADDRESS UINT32_C(0x7f000001)

int sockaddr_check(const void *address, uint32_t length)
{
    if (length > CALL_ADDRESS_BYTES)
        return -EINVAL;
    return length && !address ? -EFAULT : 0;
}

int sockaddr_family(const void *address, uint32_t length)
{
    int status = sockaddr_check(address, length);
    uint16_t family;

    if (status)
        return status;
    if (length < sizeof family)
        return -EINVAL;
    memcpy(&family, address, sizeof family);
    return family;
}

static int read_inet(enum sockaddr_use use, const void *address, uint32_t length,
                     struct endpoint *endpoint)
{
    struct reader r = reader_of(address, length);
    uint16_t family, port;
    uint32_t ip4;

    if (length < sizeof(struct sockaddr_in))
        return -EINVAL;
    read_copy(&r, &family, sizeof family);
    port = read_u16(&r);
    ip4 = read_u32(&r);
    if (family != AF_INET) {
        bool passes = family == AF_UNSPEC &&
                      (use == SOCKADDR_SEND || (use == SOCKADDR_BIND && ip4 == INADDR_ANY));

        if (!passes)
            return -EAFNOSUPPORT;
    }
    endpoint->address = address_from_ip4(ip4);
    endpoint->port = port;
    endpoint->interface = 0;
    endpoint->zero = 0;
    return 0;
}

int sockaddr_read(int family, enum sockaddr_use use, const void *address, uint32_t length,
                  struct endpoint *endpoint)
{
    int status = sockaddr_check(address, length);

    if (status)
        return status;
    switch (family) {
    case AF_INET:
        return read_inet(use, address, length, endpoint);
    default:
        return -EAFNOSUPPORT;
    }
}

void sockaddr_destination(int family, struct endpoint *remote, const struct endpoint *local)
{
    if (!address_is_unspecified(remote->address))
        return;
    if (!address_is_unspecified(local->address))
        remote->address = local->address;
    else if (family == AF_INET)
        remote->address = address_from_ip4(LOOPBACK_ADDRESS);
}

static uint32_t write_inet(const struct endpoint *endpoint, uint8_t bytes[CALL_ADDRESS_BYTES])
{
    struct writer w = writer_of(bytes, sizeof(struct sockaddr_in));
    uint16_t family = AF_INET;

    write_copy(&w, &family, sizeof family);
    write_u16(&w, endpoint->port);
    write_u32(&w, address_to_ip4(endpoint->address));
    write_u64(&w, 0);
    return sizeof(struct sockaddr_in);
}

void sockaddr_write(int family, const struct endpoint *endpoint, void *address, uint32_t *length)
{
    uint8_t bytes[CALL_ADDRESS_BYTES];
    uint32_t room = *length, size = 0;

    switch (family) {
    case AF_INET:
        size = write_inet(endpoint, bytes);
        break;
    default:
        break;
    }
    if (size && room)
        memcpy(address, bytes, room < size ? room : size);
    *length = size;
}
