/* SPDX-License-Identifier: MIT */
/*
 * struct sockaddr_in: family in the machine's order, port and address in the network's, eight bytes
 * of zeroes. struct sockaddr_in6 (RFC 3493 3.3): family, port, flow information, address, and the
 * scope, in the machine's order; its first form, of 24 bytes, ends before the scope. Lengths
 * and families are checked as Linux does, call by call: bind takes AF_UNSPEC with 0.0.0.0 (old
 * programs forgot the family), sendto takes AF_UNSPEC for AF_INET, and of an AF_INET6 socket an
 * address of AF_INET; connect takes neither (there AF_UNSPEC disconnects, which call_connect sees
 * first).
 *
 * RFC 1122 3.2.1.3: 0.0.0.0 is "this host"; no datagram may carry it as a destination, so it is
 * made a true address here. So is :: (RFC 4291 2.5.2).
 *
 * The scope of an address of one link alone is the index of its interface (RFC 4007 6); of any
 * other address it says nothing and is not looked at. Flow information is passed over here (what of
 * it counts control_flow.c reads); told it is 0.
 */
#include "6-presentation/abi.h"
#include "6-presentation/sockaddr.h"

#include <errno.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "base/integer.h"

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

/* ---- AF_INET6 ---- */

enum { IN6_OLD_BYTES = 24 }; /* without the scope */

/* Whose family this is not: Linux takes some all the same. */
static int read_other(enum sockaddr_use use, uint16_t family, const void *address, uint32_t length,
                      struct name *name)
{
    if (family == AF_INET && (use == SOCKADDR_SEND || use == SOCKADDR_CONNECT_EITHER))
        return read_inet(use, address, length, name);
    if (use != SOCKADDR_SEND) /* the length counts first, but for a name to send to */
        return length < IN6_OLD_BYTES ? -EINVAL : -EAFNOSUPPORT;
    name->family = NAME_NONE;
    return family == AF_UNSPEC ? 0 : -EINVAL;
}

/* An index that is no interface's is one that there is not. */
static uint16_t interface_of(uint32_t scope)
{
    return scope == 0 ? 0 : scope > UINT16_MAX ? UINT16_MAX : (uint16_t)(scope - 1);
}

static int read_inet6(enum sockaddr_use use, const void *address, uint32_t length,
                      struct name *name)
{
    uint32_t least_bytes = use == SOCKADDR_WHOLE ? sizeof(struct sockaddr_in6) : IN6_OLD_BYTES;
    struct reader r = reader_of(address, length);
    struct endpoint endpoint = {.port = 0};
    uint16_t family;
    uint32_t scope;

    if (length < sizeof family)
        return -EINVAL;
    read_copy(&r, &family, sizeof family);
    if (family != AF_INET6)
        return read_other(use, family, address, length, name);
    if (length < least_bytes)
        return -EINVAL;
    endpoint.port = read_u16(&r);
    read_skip(&r, 4); /* flow information */
    endpoint.address.high = read_u64(&r);
    endpoint.address.low = read_u64(&r);
    if (length >= sizeof(struct sockaddr_in6) && address_is_of_link(endpoint.address)) {
        read_copy(&r, &scope, sizeof scope);
        endpoint.interface = interface_of(scope);
    }
    name_of_endpoint(name, &endpoint);
    return 0;
}

static void write_inet6(const struct name *name, struct writer *w)
{
    const struct endpoint *endpoint = &name->endpoint;
    uint16_t family = AF_INET6;
    uint32_t scope = 0;

    if (address_is_of_link(endpoint->address) && endpoint->interface)
        scope = endpoint->interface + 1u;
    write_copy(w, &family, sizeof family);
    write_u16(w, endpoint->port);
    write_u32(w, 0);
    write_u64(w, endpoint->address.high);
    write_u64(w, endpoint->address.low);
    write_copy(w, &scope, sizeof scope);
}

static void destination_inet6(struct name *remote, const struct name *local)
{
    struct address *to = &remote->endpoint.address, from = local->endpoint.address;

    if (!address_is_unspecified(*to))
        return;
    if (!address_is_mapped(*to))
        *to = address_loopback_of(address_is_mapped(from) ? from : *to);
    else if (address_is_mapped(from))
        destination_inet(remote, local);
    else
        *to = address_loopback_of(*to);
}

/* ---- AF_NETLINK: a port of the host, and groups (netlink(7)) ---- */

static int read_netlink(enum sockaddr_use use, const void *address, uint32_t length,
                        struct name *name)
{
    struct sockaddr_nl nl;

    (void)use;
    if (length < sizeof nl)
        return -EINVAL;
    memcpy(&nl, address, sizeof nl);
    if (nl.nl_family != AF_NETLINK)
        return -EINVAL;
    memset(name, 0, sizeof *name);
    name->family = NAME_NETLINK;
    name->netlink.port = nl.nl_pid;
    name->netlink.groups = nl.nl_groups;
    return 0;
}

static void write_netlink(const struct name *name, struct writer *w)
{
    struct sockaddr_nl nl;

    memset(&nl, 0, sizeof nl);
    nl.nl_family = AF_NETLINK;
    nl.nl_pid = name->netlink.port;
    nl.nl_groups = name->netlink.groups;
    write_copy(w, &nl, sizeof nl);
}

/* Of netlink and AF_UNIX. */
static void destination_as_said(struct name *remote, const struct name *local)
{
    (void)remote, (void)local; /* it is where it says */
}

/* ---- AF_UNIX: a path or an abstract name (unix(7)), or the number of a place ---- */

enum { UNIX_PATH_AT = sizeof(sa_family_t) };

/* A path ends with its first NUL, or with the bytes that are there; an abstract name has all. */
static uint32_t unix_length(const uint8_t *path, uint32_t most_bytes)
{
    uint32_t length = 0;

    if (path[0] == 0)
        return most_bytes;
    while (length < most_bytes && path[length])
        length++;
    return length;
}

static int read_place(const void *address, uint32_t length, struct name *name)
{
    struct reader r = reader_of(address, length);

    read_skip(&r, 8);
    read_copy(&r, &name->unix_name.place, sizeof name->unix_name.place);
    return r.failed || name->unix_name.place == 0 ? -EINVAL : 0;
}

static int read_unix(enum sockaddr_use use, const void *address, uint32_t length, struct name *name)
{
    const uint8_t *path = (const uint8_t *)address + UNIX_PATH_AT;
    uint16_t family = AF_UNSPEC;

    memset(name, 0, sizeof *name);
    name->family = NAME_UNIX;
    if (use == SOCKADDR_IGNORED)
        return 0;
    if (length >= sizeof family)
        memcpy(&family, address, sizeof family);
    if (family == CALL_AF_PLACE && use != SOCKADDR_BIND)
        return read_place(address, length, name);
    if (family != AF_UNIX || length > UNIX_PATH_AT + NAME_UNIX_BYTES ||
        (length == UNIX_PATH_AT && use != SOCKADDR_BIND))
        return -EINVAL;
    if (length == UNIX_PATH_AT)
        return 0;
    name->unix_name.bytes = path;
    name->unix_name.length = unix_length(path, length - UNIX_PATH_AT);
    return 0;
}

/* A path is told with its NUL. */
static void write_unix(const struct name *name, struct writer *w)
{
    const struct name_unix *n = &name->unix_name;
    uint16_t family = AF_UNIX;

    write_copy(w, &family, sizeof family);
    if (n->length == 0)
        return;
    write_copy(w, n->bytes, n->length);
    if (n->bytes[0])
        write_u8(w, 0);
}

/* ---- AF_X25: decimal digits and a NUL (linux/x25.h) ---- */

/* Without digits, or of fifteen spaces (Linux's null_x25_address), it is anybody's. */
static bool is_any(const char *text)
{
    static const char spaces[X121_DIGITS + 1] = "               ";

    return text[0] == 0 || memcmp(text, spaces, sizeof spaces) == 0;
}

static int read_x25(enum sockaddr_use use, const void *address, uint32_t length, struct name *name)
{
    struct sockaddr_x25 x;
    const char *text = x.sx25_addr.x25_addr;
    uint8_t n = 0;

    if (use == SOCKADDR_SEND ? length < sizeof x : length != sizeof x)
        return -EINVAL;
    memcpy(&x, address, sizeof x);
    if (x.sx25_family != AF_X25 || text[X121_DIGITS] != 0)
        return -EINVAL;
    memset(name, 0, sizeof *name);
    name->family = NAME_X121;
    if (is_any(text))
        return 0;
    for (; text[n]; n++) {
        if (text[n] < '0' || text[n] > '9')
            return -EINVAL;
        name->x121.digit[n] = text[n];
    }
    name->x121.length = n;
    return 0;
}

static void write_x25(const struct name *name, struct writer *w)
{
    struct sockaddr_x25 x;

    memset(&x, 0, sizeof x);
    x.sx25_family = AF_X25;
    memcpy(x.sx25_addr.x25_addr, name->x121.digit, name->x121.length);
    write_copy(w, &x, sizeof x);
}

/* ---- AF_PACKET: an interface, a protocol, a station (packet(7)) ---- */

enum { LINK_LEAST = offsetof(struct sockaddr_ll, sll_addr) };

static int read_link(enum sockaddr_use use, const void *address, uint32_t length, struct name *name)
{
    struct reader protocol;
    struct sockaddr_ll ll;

    if (length < sizeof ll)
        return -EINVAL;
    memcpy(&ll, address, sizeof ll);
    if (use == SOCKADDR_BIND ? ll.sll_family != AF_PACKET
                             : length < (uint32_t)LINK_LEAST + ll.sll_halen)
        return -EINVAL;
    memset(name, 0, sizeof *name);
    name->family = NAME_LINK;
    name->link.interface = (uint32_t)ll.sll_ifindex;
    protocol = reader_of(&ll.sll_protocol, sizeof ll.sll_protocol);
    name->link.protocol = read_u16(&protocol);
    name->link.length = (uint8_t)least(ll.sll_halen, sizeof name->link.address);
    memcpy(name->link.address, ll.sll_addr, name->link.length);
    return 0;
}

/* Of a frame all of it is there, of the socket's own name as much as its address has. */
static void write_link(const struct name *name, struct writer *w)
{
    const struct name_link *link = &name->link;
    struct sockaddr_ll ll;
    struct writer protocol = writer_of(&ll.sll_protocol, sizeof ll.sll_protocol);

    memset(&ll, 0, sizeof ll);
    ll.sll_family = AF_PACKET;
    write_u16(&protocol, link->protocol);
    ll.sll_ifindex = (int)link->interface;
    ll.sll_hatype = link->hardware;
    ll.sll_pkttype = link->kind;
    ll.sll_halen = link->length;
    memcpy(ll.sll_addr, link->address, link->length);
    write_copy(w, &ll, link->is_own ? LINK_LEAST + (size_t)link->length : sizeof ll);
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
    {.domain = AF_INET6,
     .read = read_inet6,
     .write = write_inet6,
     .destination = destination_inet6},
    {.domain = AF_PACKET,
     .read = read_link,
     .write = write_link,
     .destination = destination_as_said},
    {.domain = AF_NETLINK,
     .read = read_netlink,
     .write = write_netlink,
     .destination = destination_as_said},
    {.domain = AF_UNIX, .read = read_unix, .write = write_unix, .destination = destination_as_said},
    {.domain = AF_X25, .read = read_x25, .write = write_x25, .destination = destination_as_said},
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
    if (remote->family != NAME_NONE)
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
