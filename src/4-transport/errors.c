/* SPDX-License-Identifier: MIT */
/* RFC 1122 4.2.3.9 and Linux's icmp_err_convert and icmpv6_err_convert: one table a family of what
 * a program sees. */
#include "4-transport/errors.h"

#include <errno.h>

enum { UNREACHABLE_CODES = 16 };

static const struct {
    uint8_t number, hard;
} unreachable[UNREACHABLE_CODES] = {
    {ENETUNREACH, 0},  {EHOSTUNREACH, 0}, {ENOPROTOOPT, 1},  {ECONNREFUSED, 1},
    {EMSGSIZE, 0},     {EOPNOTSUPP, 0},   {ENETUNREACH, 1},  {EHOSTDOWN, 1},
    {ENONET, 1},       {ENETUNREACH, 1},  {EHOSTUNREACH, 1}, {ENETUNREACH, 0},
    {EHOSTUNREACH, 0}, {EHOSTUNREACH, 1}, {EHOSTUNREACH, 1}, {EHOSTUNREACH, 1},
};

/* RFC 4443 3.1. */
static const struct {
    uint8_t number, hard;
} unreachable_6[] = {
    {ENETUNREACH, 0},  {EACCES, 1}, {EHOSTUNREACH, 0}, {EHOSTUNREACH, 0},
    {ECONNREFUSED, 1}, {EACCES, 1}, {EACCES, 1},
};

/* Of IPv6: a code that nobody knows is hard. */
static int number_6(const struct ip_error *error, bool *hard)
{
    bool known = error->code < sizeof unreachable_6 / sizeof *unreachable_6;

    if (error->kind == IP_ERROR_TOO_BIG) {
        *hard = false;
        return EMSGSIZE;
    }
    *hard = known ? unreachable_6[error->code].hard != 0 : true;
    return known ? unreachable_6[error->code].number : EPROTO;
}

int errors_number(const struct ip_error *error, bool *hard)
{
    *hard = false;
    switch (error->kind) {
    case IP_ERROR_TIME_EXCEEDED:
    case IP_ERROR_REASSEMBLY_TIME:
        return EHOSTUNREACH;
    case IP_ERROR_PARAMETER:
        *hard = true;
        return EPROTO;
    case IP_ERROR_UNKNOWN:
        return EPROTO;
    case IP_ERROR_NET_UNREACHABLE:
    case IP_ERROR_HOST_UNREACHABLE:
    case IP_ERROR_PROTOCOL_UNREACHABLE:
    case IP_ERROR_PORT_UNREACHABLE:
    case IP_ERROR_TOO_BIG:
    case IP_ERROR_SOURCE_ROUTE:
    case IP_ERROR_PROHIBITED:
    case IP_ERROR_KINDS:
        break;
    }
    if (!error->from_here && !address_is_mapped(error->dest))
        return number_6(error, hard);
    if (error->from_here || error->code >= UNREACHABLE_CODES)
        return EHOSTUNREACH;
    *hard = unreachable[error->code].hard != 0;
    return unreachable[error->code].number;
}
