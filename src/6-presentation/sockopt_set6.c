/* SPDX-License-Identifier: MIT */
/*
 * setsockopt of IPv6 (RFC 3493 5, RFC 3542), form by form, and of the interfaces that both versions
 * name by index. An index is an interface's number + 1, and so is it kept: 0 is none.
 */
#include "6-presentation/abi.h"
#include "6-presentation/protocol.h"
#include "6-presentation/sockopt_form.h"

#include <errno.h>

#include "base/bytes.h"

enum { IP6_MTU_LEAST = 1280 }; /* RFC 8200 5 */

static int pass(const struct sockopt_request *r, int64_t value)
{
    return session_option_set(r->d->session.socket, (enum transport_option)r->row->option, value,
                              r->now);
}

/* RFC 3493 5.3. */
int sockopt_set6_v6only(const struct sockopt_request *r)
{
    return pass(r, r->number ? ADDRESS_FAMILY_6 : ADDRESS_FAMILIES_BOTH);
}

/* RFC 3493 5.1: -1 is the host's default. */
int sockopt_set6_hops(const struct sockopt_request *r)
{
    if (r->number < -1 || r->number > 255)
        return -EINVAL;
    return pass(r, r->number == -1 ? 0 : r->number);
}

/* RFC 3493 5.2. */
int sockopt_set6_multicast_hops(const struct sockopt_request *r)
{
    if (r->number < -1 || r->number > 255)
        return -EINVAL;
    return pass(r, r->number == -1 ? 1 : r->number);
}

static bool is_interface(const struct sockopt_request *r, uint32_t index)
{
    char name[CALL_INTERFACE_NAME_BYTES];

    return index != 0 && manage_interface_name(r->host, index - 1, name) >= 0;
}

/* The index of the interface that the socket is bound to (SO_BINDTODEVICE), 0: none. */
static uint32_t bound_to(const struct sockopt_request *r)
{
    int64_t number = 0;

    (void)session_option_get(r->d->session.socket, OPTION_INTERFACE, &number);
    return number ? (uint32_t)number + 1 : 0;
}

/* RFC 3493 5.2. */
int sockopt_set6_multicast_interface(const struct sockopt_request *r)
{
    uint32_t index = (uint32_t)r->number;

    if (index != 0 && !is_interface(r, index))
        return -ENODEV;
    return index != 0 && bound_to(r) != 0 && bound_to(r) != index ? -EINVAL : pass(r, index);
}

/* Its index is in the network's order. */
int sockopt_set6_unicast_interface(const struct sockopt_request *r)
{
    struct reader reader = reader_of(r->value, sizeof(uint32_t));
    uint32_t index;

    if (r->length != sizeof index)
        return -EINVAL;
    index = read_u32(&reader);
    if (index != 0 && !is_interface(r, index))
        return -EADDRNOTAVAIL;
    return index != 0 && bound_to(r) != 0 ? -EINVAL : pass(r, index);
}

/* RFC 3542 11.1. */
int sockopt_set6_fragment_mtu(const struct sockopt_request *r)
{
    if (r->number != 0 && r->number < IP6_MTU_LEAST)
        return -EINVAL;
    return pass(r, r->number < UINT16_MAX ? r->number : UINT16_MAX);
}

/* RFC 3542 6.5: -1 is the default. */
int sockopt_set6_class(const struct sockopt_request *r)
{
    struct sockopt_request set = *r;

    if (r->number < -1 || r->number > 255)
        return -EINVAL;
    if (r->number == -1)
        set.number = 0;
    return sockopt_set_traffic_class(&set);
}
