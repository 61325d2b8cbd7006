/* SPDX-License-Identifier: MIT */
/* X.25 of a lab's hosts: lines, routes, as texts and numbers from outside say. */
#include <errno.h>
#include <string.h>

#include "lab/lab.h"
#include "node/host_x25.h"

enum { ROLE_BY_END, ROLE_DTE, ROLE_DCE, ROLES };

/* 0: as it is. */
static bool read_some(struct reader *r, uint64_t most, uint64_t *to)
{
    uint64_t value = reader_left(r) ? read_u64(r) : 0;

    if (value)
        *to = value;
    return value <= most;
}

static bool read_number(struct reader *r, uint32_t most, uint32_t *to)
{
    uint64_t value = *to;
    bool good = read_some(r, most, &value);

    *to = (uint32_t)value;
    return good;
}

/* The end of its wire: end 0 is the DTE. */
static bool is_dce(const struct host *h, uint32_t interface, uint32_t role)
{
    return role == ROLE_BY_END ? h->node.interface[interface]->end == 1 : role == ROLE_DCE;
}

static bool plan_read(const struct host *h, uint32_t interface, struct reader *r,
                      struct host_lapb_plan *plan, struct mac *peer)
{
    uint64_t t1 = LAPB_T1, t2 = LAPB_T2;
    uint32_t role = 0, extended = 0, packets_extended = 0, lowest = 0, highest = 0;
    bool good;

    lapb_settings_default(&plan->lapb);
    good = read_some(r, SOCKEYE_WAIT_MOST, &t1) && read_some(r, SOCKEYE_WAIT_MOST, &t2);
    plan->lapb.t1 = (nanoseconds)t1;
    plan->lapb.t2 = t2 < t1 ? (nanoseconds)t2 : (nanoseconds)t1 / 2;
    good = good && read_number(r, UINT16_MAX, &plan->lapb.n1) &&
           read_number(r, UINT16_MAX, &plan->lapb.n2) &&
           read_number(r, UINT16_MAX, &plan->lapb.k) && read_number(r, ROLES - 1, &role) &&
           read_number(r, 1, &extended) && read_number(r, 1, &packets_extended) &&
           read_number(r, X25_CHANNELS, &lowest) && read_number(r, X25_CHANNELS, &highest);
    plan->lapb.extended = extended;
    plan->lapb.dce = is_dce(h, interface, role);
    plan->lapb.queue = plan->lapb.k > LAPB_QUEUE / 2 ? 2 * plan->lapb.k : LAPB_QUEUE;
    plan->extended = packets_extended;
    plan->lowest = (uint16_t)(highest && !lowest ? 1 : lowest);
    plan->highest = (uint16_t)(lowest && !highest ? X25_CHANNELS : highest);
    if (reader_left(r)) {
        read_copy(r, peer->bytes, MAC_BYTES);
        plan->peer = peer;
    }
    return good && !r->failed;
}

int lab_x25_lapb(struct lab *lab, int host, int64_t interface, const uint8_t *settings,
                 size_t length)
{
    struct host *h = lab_host(lab, host);
    struct reader r = reader_of(settings, length);
    struct host_lapb_plan plan = {.peer = NULL};
    struct mac peer;

    if (!h)
        return lab_no_host(lab, host);
    if (interface < 0 || interface >= h->node.interface_count)
        return -ENODEV;
    if (!plan_read(h, (uint32_t)interface, &r, &plan, &peer))
        return -EINVAL;
    return host_x25_lapb(h, &lab->pools, (uint32_t)interface, &plan);
}

int lab_x25_xot(struct lab *lab, int host)
{
    struct host *h = lab_host(lab, host);

    return h ? xot_listen(&h->xot, lab->now) : lab_no_host(lab, host);
}

/* "10.0.0.0/24", or an address */
int lab_x25_permit(struct lab *lab, int host, const char *network)
{
    struct host *h = lab_host(lab, host);
    struct address a;
    uint32_t bits = 128;
    int result = lab_address_read(network, &a, NULL);

    if (result < 0) {
        result = lab_address_read(network, &a, &bits);
        if (result == 0 && address_is_mapped(a))
            bits += 96;
    }
    if (result < 0)
        return result;
    return h ? xot_permit(&h->xot, a, bits) : lab_no_host(lab, host);
}

/* Digits; none: of all addresses. */
static int prefix_read(const char *text, struct x121 *prefix)
{
    size_t n = text ? strlen(text) : 0;

    memset(prefix, 0, sizeof *prefix);
    if (n > sizeof prefix->digit)
        return -EINVAL;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -EINVAL;
        prefix->digit[i] = text[i];
    }
    prefix->length = (uint8_t)n;
    return 0;
}

int lab_x25_route(struct lab *lab, int host, const char *prefix, int64_t interface, const char *to,
                  int64_t extended)
{
    struct host *h = lab_host(lab, host);
    struct x25_route route;
    struct host_lapb *l = NULL;
    int result;

    memset(&route, 0, sizeof route);
    result = prefix_read(prefix, &route.prefix);
    if (result == 0 && to)
        result = lab_address_read(to, &route.to.address, NULL);
    if (result < 0)
        return result;
    if (!h)
        return lab_no_host(lab, host);
    if (!to)
        l = interface < 0 || interface > UINT32_MAX ? NULL : host_x25_line(h, (uint32_t)interface);
    if (!to && !l)
        return -ENODEV;
    route.line = l ? &l->line : NULL;
    route.to.port = XOT_PORT;
    route.extended = extended == 1;
    return x25_route_add(&h->x25, &route);
}

int lab_x25_route_remove(struct lab *lab, int host, const char *prefix)
{
    struct host *h = lab_host(lab, host);
    struct x121 digits;
    int result = prefix_read(prefix, &digits);

    if (result < 0)
        return result;
    return h ? x25_route_remove(&h->x25, &digits) : lab_no_host(lab, host);
}
