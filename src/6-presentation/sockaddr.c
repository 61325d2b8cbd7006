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
#include "base/compiler.h"

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

/* ---- AF_INET ---- */

static int read_inet(enum sockaddr_use use, const void *address, uint32_t length, struct name *name)
{
    struct endpoint endpoint = {.port = 0};
    struct reader r = reader_of(address, length);
    uint16_t family;
    uint32_t ip4;

    if (length < sizeof(struct sockaddr_in))
        return -EINVAL;
    read_copy(&r, &family, sizeof family);
    endpoint.port = read_u16(&r);
    ip4 = read_u32(&r);
    if (family != AF_INET) {
        bool passes = family == AF_UNSPEC &&
                      (use == SOCKADDR_SEND || (use == SOCKADDR_BIND && ip4 == INADDR_ANY));

        if (!passes)
            return -EAFNOSUPPORT;
    }
    endpoint.address = address_from_ip4(ip4);
    name_of_endpoint(name, &endpoint);
    return 0;
}

static void write_inet(const struct name *name, struct writer *w)
{
    uint16_t family = AF_INET;

    write_copy(w, &family, sizeof family);
    write_u16(w, name->endpoint.port);
    write_u32(w, address_to_ip4(name->endpoint.address));
    write_u64(w, 0);
}

static void destination_inet(struct name *remote, const struct name *local)
{
    struct address *to = &remote->endpoint.address;

    if (address_is_unspecified(*to))
        *to = address_is_unspecified(local->endpoint.address) ? address_loopback_of(*to)
                                                              : local->endpoint.address;
}

/* ---- the table ---- */

struct family {
    int domain;
    int (*read)(enum sockaddr_use use, const void *address, uint32_t length, struct name *name);
    void (*write)(const struct name *name, struct writer *w);
    void (*destination)(struct name *remote, const struct name *local);
};

static const struct family families[] = {
    {.domain = AF_INET, .read = read_inet, .write = write_inet, .destination = destination_inet},
};

/* A socket's domain has its row: protocol.c opens no other. */
static const struct family *family_of(int domain)
{
    size_t i = 0;

    while (i < sizeof families / sizeof *families && families[i].domain != domain)
        i++;
    ensure(i < sizeof families / sizeof *families);
    return &families[i];
}

int sockaddr_read(int domain, enum sockaddr_use use, const void *address, uint32_t length,
                  struct name *name)
{
    int status = sockaddr_check(address, length);

    return status ? status : family_of(domain)->read(use, address, length, name);
}

uint16_t sockaddr_port(const struct name *name)
{
    return name->family == NAME_INTERNET ? name->endpoint.port : 0;
}

void sockaddr_destination(int domain, struct name *remote, const struct name *local)
{
    family_of(domain)->destination(remote, local);
}

void sockaddr_write(int domain, const struct name *name, void *address, uint32_t *length)
{
    uint8_t bytes[CALL_ADDRESS_BYTES];
    struct writer w = writer_of(bytes, sizeof bytes);
    uint32_t room = *length, size;

    if (name->family != NAME_NONE)
        family_of(domain)->write(name, &w);
    size = (uint32_t)(w.at - bytes);
    if (size && room)
        memcpy(address, bytes, room < size ? room : size);
    *length = size;
}
