/* SPDX-License-Identifier: MIT */
/*
 * What a router is told to advertise: the numbers of struct sockeye_advertise_config, in its order,
 * and two lists as text. All are checked here, as RFC 4861 6.2.1 and RFC 8106 5.1 have them.
 */
#include "base/bytes.h"
#include "lab/lab.h"
#include "node/host.h"

enum {
    INTERVAL_LEAST = 4, /* seconds: MaxRtrAdvInterval */
    INTERVAL_MOST = 1800,
    INTERVAL = 600,
    LEAST_INTERVAL_LEAST = 3, /* MinRtrAdvInterval */
    LIFETIME_MOST = 9000,
    REACHABLE_MOST = 3600000,
    HOST_BITS = 64, /* of addresses that hosts make */
    VALID = 2592000,
    PREFERRED = 604800
};

/* The next number, 0 to most; failed: there is another one. */
static uint32_t read_number(struct reader *r, uint64_t most)
{
    uint64_t value = reader_left(r) ? read_u64(r) : 0;

    r->failed = r->failed || value > most;
    return (uint32_t)value;
}

static bool read_plan(struct reader *r, struct ip_advertise_plan *plan)
{
    uint32_t lifetime, preference;

    plan->off = (uint8_t)read_number(r, 1);
    plan->most_interval_s = read_number(r, INTERVAL_MOST);
    lifetime = read_number(r, LIFETIME_MOST);
    if (plan->most_interval_s == 0)
        plan->most_interval_s = INTERVAL;
    plan->least_interval_s = plan->most_interval_s / 3;
    if (plan->least_interval_s < LEAST_INTERVAL_LEAST)
        plan->least_interval_s = LEAST_INTERVAL_LEAST;
    plan->lifetime_s = (uint16_t)(lifetime ? lifetime : 3 * plan->most_interval_s);
    if (read_number(r, 1)) /* no router to all */
        plan->lifetime_s = 0;
    preference = read_number(r, 2);
    plan->preference = (int8_t)(preference == 2 ? -1 : (int)preference);
    plan->mtu = read_number(r, IP_MTU_MOST);
    plan->reachable_ms = read_number(r, REACHABLE_MOST);
    plan->retransmit_ms = read_number(r, UINT32_MAX);
    plan->managed = (uint8_t)read_number(r, 1);
    plan->other = (uint8_t)read_number(r, 1);
    plan->valid_s = read_number(r, UINT32_MAX);
    plan->preferred_s = read_number(r, UINT32_MAX);
    plan->not_autonomous = (uint8_t)read_number(r, 1);
    if (plan->valid_s == 0)
        plan->valid_s = VALID;
    if (plan->preferred_s == 0)
        plan->preferred_s = plan->valid_s < PREFERRED ? plan->valid_s : PREFERRED;
    return !r->failed && plan->most_interval_s >= INTERVAL_LEAST &&
           plan->preferred_s <= plan->valid_s &&
           (plan->lifetime_s == 0 || plan->lifetime_s >= plan->most_interval_s);
}

/* The next address of a list that commas part, and its prefix if one is wanted; *text is NULL
 * behind the last. */
static bool read_item(const char **text, struct address *a, uint32_t *length)
{
    const char *at = *text;
    uint32_t bits = 0;

    while (*at == ' ')
        at++;
    if (!address_parse(at, &at, a) || address_is_mapped(*a) || address_is_multicast(*a))
        return false;
    if (length) {
        if (*at++ != '/' || *at < '0' || *at > '9')
            return false;
        for (; *at >= '0' && *at <= '9' && bits <= 128; at++)
            bits = bits * 10 + (uint32_t)(*at - '0');
        *length = bits;
    }
    while (*at == ' ')
        at++;
    if (*at && *at != ',')
        return false;
    *text = *at ? at + 1 : NULL;
    return bits <= 128;
}

static bool read_prefixes(const char *text, struct ip_advertise_plan *plan)
{
    while (text) {
        struct ip_advertise_prefix *p = &plan->prefix[plan->prefix_count];

        if (plan->prefix_count++ == IP_ADVERTISE_PREFIXES ||
            !read_item(&text, &p->address, &p->length))
            return false;
        p->address = address_masked(p->address, p->length);
    }
    return true;
}

static bool read_servers(const char *text, struct ip_advertise_plan *plan)
{
    while (text)
        if (plan->server_count == IP_ADVERTISE_SERVERS ||
            !read_item(&text, &plan->server[plan->server_count++], NULL))
            return false;
    return true;
}

int lab_advertise(struct lab *lab, int host, int64_t interface, const uint8_t *settings,
                  size_t length, const char *prefixes, const char *servers)
{
    struct reader r = reader_of(settings, length);
    struct host *h = lab_host(lab, host);
    struct ip_advertise_plan plan;

    memset(&plan, 0, sizeof plan);
    if (!read_plan(&r, &plan) || !read_prefixes(prefixes, &plan) || !read_servers(servers, &plan))
        return -EINVAL;
    if (!h)
        return lab_no_host(lab, host);
    if (interface < 1 || interface >= h->node.interface_count)
        return -EINVAL;
    return ip_interface_advertise(&h->ip, (uint32_t)interface, &plan, lab->now);
}
