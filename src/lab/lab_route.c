/* SPDX-License-Identifier: MIT */
/* The routes of a lab's hosts and routers, as texts and numbers from outside say. */
#include <errno.h>
#include <string.h>

#include "lab/lab.h"

/* Which way a text says. The host is there when the result is 0. */
static int plan_read(const struct lab *lab, int host, const char *destination, const char *gateway,
                     int64_t interface, struct route_plan *plan)
{
    const struct host *h = lab_host(lab, host);
    int result;

    *plan = (struct route_plan){.dest = address_from_ip4(0),
                                .gateway = address_from_ip4(0),
                                .preference = ROUTE_MEDIUM,
                                .origin = ORIGIN_CONFIGURED,
                                .expires = NEVER};
    result = gateway ? lab_address_read(gateway, &plan->gateway, NULL) : 0;
    if (result < 0)
        return result;
    if (!destination || strcmp(destination, "default") != 0)
        result = lab_address_read(destination, &plan->dest, &plan->bits);
    else if (!address_is_mapped(plan->gateway)) /* everything, of the family of its gateway */
        plan->dest = (struct address){0, 0};
    if (result < 0)
        return result;
    if (!h)
        return lab_no_host(lab, host);
    if (interface < 0 || interface >= h->node.interface_count)
        return -EINVAL;
    plan->interface = (uint16_t)interface;
    return 0;
}

int lab_route_add(struct lab *lab, int host, const char *destination, const char *gateway,
                  int64_t interface)
{
    struct route_plan plan;
    int result = plan_read(lab, host, destination, gateway, interface, &plan);

    return result < 0 ? result : ip_route_new(&lab_host(lab, host)->ip, &plan, lab->now);
}

int lab_route_put(struct lab *lab, int host, const char *destination, const char *gateway,
                  int64_t interface, const uint8_t *settings, size_t length)
{
    struct reader r = reader_of(settings, length);
    struct route_plan plan;
    int result = plan_read(lab, host, destination, gateway, interface, &plan);
    uint64_t kind = reader_left(&r) ? read_u64(&r) : 0, metric = reader_left(&r) ? read_u64(&r) : 0,
             mtu = reader_left(&r) ? read_u64(&r) : 0;

    if (result < 0)
        return result;
    if (r.failed || kind >= ROUTE_KINDS || metric > UINT32_MAX || mtu > IP_MTU_MOST)
        return -EINVAL;
    plan.kind = (uint8_t)kind;
    plan.metric = (uint32_t)metric;
    plan.mtu = (uint32_t)mtu;
    return ip_route_put(&lab_host(lab, host)->ip, &plan, lab->now);
}

int lab_route_remove(struct lab *lab, int host, const char *destination, const char *gateway,
                     int64_t interface)
{
    struct route_plan plan;
    int result = plan_read(lab, host, destination, gateway, interface, &plan);

    return result < 0 ? result : ip_route_remove(&lab_host(lab, host)->ip, &plan, lab->now);
}
