/* SPDX-License-Identifier: MIT */
/*
 * Routes of X.25 and what is said of a line (linux/x25.h), by the name of the interface the line is
 * at. As on Linux whatever is wrong is EINVAL: more than 15 digits, no such line, a route that is
 * there already or that is not. Otherwise than there, the modulo of a line that has circuits stays.
 */
#include "6-presentation/ioctl_line.h"

#include <errno.h>
#include <linux/sockios.h>
#include <linux/x25.h>
#include <string.h>

#include "6-presentation/manage.h"

static size_t length_of(const char *name, size_t most)
{
    size_t n = 0;

    while (n < most && name[n])
        n++;
    return n;
}

static int route_changes(struct call_host *host, unsigned long request, const void *bytes)
{
    struct x25_route_struct route;
    struct x121 prefix = {.length = 0};
    size_t name;

    memcpy(&route, bytes, sizeof route);
    if (route.sigdigits > X121_DIGITS)
        return -EINVAL;
    prefix.length = (uint8_t)route.sigdigits;
    for (uint8_t i = 0; i < prefix.length; i++) {
        prefix.digit[i] = route.address.x25_addr[i];
        if (prefix.digit[i] < '0' || prefix.digit[i] > '9')
            return -EINVAL;
    }
    name = length_of(route.device, sizeof route.device);
    return manage_x25_route(host, &prefix, route.device, name, request == SIOCADDRT);
}

static int subscription(struct call_host *host, unsigned long request, void *bytes, size_t *length)
{
    struct x25_subscrip_struct s;
    struct manage_x25_line line;
    size_t name;
    int result;

    memcpy(&s, bytes, sizeof s);
    name = length_of(s.device, sizeof s.device);
    if (request == SIOCX25SSUBSCRIP) {
        if (s.extended > 1)
            return -EINVAL;
        line.negotiates = (uint8_t)s.global_facil_mask;
        line.extended = s.extended;
        return manage_x25_line_set(host, s.device, name, &line);
    }
    result = manage_x25_line(host, s.device, name, &line);
    if (result < 0)
        return result;
    s.global_facil_mask = line.negotiates;
    s.extended = line.extended;
    memcpy(bytes, &s, sizeof s);
    *length = sizeof s;
    return 0;
}

int ioctl_line_run(struct call_host *host, unsigned long request, void *bytes, size_t *length)
{
    bool is_route = request == SIOCADDRT || request == SIOCDELRT;
    size_t takes;

    switch (request) {
    case SIOCADDRT:
    case SIOCDELRT:
        takes = sizeof(struct x25_route_struct);
        break;
    case SIOCX25GSUBSCRIP:
    case SIOCX25SSUBSCRIP:
        takes = sizeof(struct x25_subscrip_struct);
        break;
    default:
        return -ENOTTY;
    }
    if (!bytes || *length < takes)
        return -EFAULT;
    *length = 0;
    return is_route ? route_changes(host, request, bytes)
                    : subscription(host, request, bytes, length);
}
