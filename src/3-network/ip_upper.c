/* SPDX-License-Identifier: MIT */
/*
 * RFC 1122 3.4: up to the transport with all the facts of the header. The table of what stands
 * above is the assembler's; here is the way through it.
 */
#include "3-network/ip_upper.h"

static struct ip_upper *find(const struct ip *ip, uint8_t protocol)
{
    for (uint32_t i = 0; i < IP_UPPERS && ip->upper[i]; i++)
        if (ip_upper_codes[ip->upper[i]->code].protocol == protocol)
            return ip->upper[i];
    return NULL;
}

bool ip_upper_receive(struct ip *ip, const struct ip_meta *meta, struct packet *p, nanoseconds now)
{
    struct ip_upper *upper = find(ip, meta->protocol);

    if (!upper)
        return false;
    ip_upper_codes[upper->code].receive(upper, meta, p, now);
    return true;
}

bool ip_upper_watch(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                    nanoseconds now)
{
    return ip_upper_codes[ip->watcher->code].watch(ip->watcher, meta, p, now);
}

enum ip_heard ip_upper_watch_error(struct ip *ip, const struct ip_error *error, nanoseconds now)
{
    return ip_upper_codes[ip->watcher->code].watch_error(ip->watcher, error, now);
}

bool ip_upper_error(struct ip *ip, const struct ip_error *error, nanoseconds now)
{
    struct ip_upper *upper = find(ip, error->protocol);

    return upper && ip_upper_codes[upper->code].error(upper, error, now);
}
