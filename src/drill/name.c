/* SPDX-License-Identifier: MIT */
/*
 * Addresses of sockets, in the family that the version has: sockaddr_in for IPv4, sockaddr_in6 for
 * IPv6 and for IPv4 by mapped addresses (RFC 4291 2.5.5.2). A script writes:
 *
 *     ...
 *     {sa_family = AF_INET, sin_port = htons(80), sin_addr = inet_addr("192.0.2.1")}
 *     {sa_family = AF_INET6, sin6_port = htons(80), sin6_addr = inet6_addr("fd00::1")}
 */
#include "drill/state.h"
#include <arpa/inet.h>
#include <string.h>

uint32_t drill_name(const struct drill_run *run, struct address ip, union drill_name *name)
{
    memset(name, 0, sizeof *name);
    if (!run->has_sockets6) {
        name->four.sin_family = AF_INET;
        name->four.sin_port = htons(DRILL_PORT);
        name->four.sin_addr.s_addr = htonl(address_to_ip4(ip));
        return sizeof name->four;
    }
    name->six.sin6_family = AF_INET6;
    name->six.sin6_port = htons(DRILL_PORT);
    for (int i = 0; i < 8; i++) {
        name->six.sin6_addr.s6_addr[i] = (uint8_t)(ip.high >> (56 - 8 * i));
        name->six.sin6_addr.s6_addr[8 + i] = (uint8_t)(ip.low >> (56 - 8 * i));
    }
    return sizeof name->six;
}

/* The argument of name("text") or htons(80), or NULL. */
static const struct drill_node *inside(const struct drill_node *field)
{
    return field && field->kind == NODE_CALL && field->count == 1 ? field->child[0] : NULL;
}

static bool read_address(const struct drill_node *text, union drill_name *name)
{
    return text->kind == NODE_TEXT &&
           inet_pton(name->family, text->text,
                     name->family == AF_INET6 ? (void *)&name->six.sin6_addr
                                              : (void *)&name->four.sin_addr) == 1;
}

uint32_t drill_name_of(struct drill_run *run, const struct drill_node *node, struct address ip,
                       union drill_name *name)
{
    uint32_t length = drill_name(run, ip, name);
    const struct drill_node *field, *part;
    int64_t value;

    if (!node || node->kind != NODE_RECORD)
        return length;
    field = drill_field(node, "sa_family");
    if (field && drill_value(run, field, &value) && value != name->family) {
        memset(name, 0, sizeof *name);
        name->family = (sa_family_t)value;
        length = value == AF_INET6 ? sizeof name->six : sizeof name->four;
    }
    part = inside(drill_field(node, name->family == AF_INET6 ? "sin6_port" : "sin_port"));
    if (part && drill_value(run, part, &value))
        name->four.sin_port = htons((uint16_t)value); /* at one place in both */
    part = inside(drill_field(node, name->family == AF_INET6 ? "sin6_addr" : "sin_addr"));
    if (part && !read_address(part, name))
        drill_unsupported(run, node->line, "the address cannot be read");
    return run->result == DRILL_PASS ? length : 0;
}

uint16_t drill_name_port(const union drill_name *name)
{
    return ntohs(name->four.sin_port);
}
