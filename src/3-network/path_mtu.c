/* SPDX-License-Identifier: MIT */
/* Path MTU Discovery's memory: RFC 1191 3, 6.3; what it must not believe: RFC 5927 7. */
#include "3-network/path_mtu.h"

#include "3-network/ip_family.h"

static struct ip_path_mtu *find(struct ip *ip, struct address dest)
{
    for (uint32_t i = 0; i < ip->path_mtu_count; i++)
        if (address_equal(ip->path_mtu[i].dest, dest))
            return &ip->path_mtu[i];
    return NULL;
}

void path_mtu_apply(const struct ip *ip, struct ip_path *path, nanoseconds now)
{
    for (uint32_t i = 0; i < ip->path_mtu_count; i++) {
        const struct ip_path_mtu *m = &ip->path_mtu[i];

        if (address_equal(m->dest, path->dest) && m->expires > now && m->mtu < path->mtu) {
            path->mtu = m->mtu;
            path->below_least = m->below_least != 0;
        }
    }
}

static struct ip_path_mtu *room(struct ip *ip)
{
    struct ip_path_mtu *oldest = &ip->path_mtu[0];

    if (ip->path_mtu_count < IP_PATH_MTUS)
        return &ip->path_mtu[ip->path_mtu_count++];
    for (uint32_t i = 1; i < IP_PATH_MTUS; i++)
        if (ip->path_mtu[i].expires < oldest->expires)
            oldest = &ip->path_mtu[i];
    return oldest;
}

/* RFC 1191 3, RFC 8201 4; never below a least size, and forgotten in time (RFC 1191 6.3). */
void path_mtu_lower(struct ip *ip, struct address dest, uint32_t mtu, nanoseconds now)
{
    const struct ip_family *family = ip_family_of(dest);
    uint32_t least_mtu =
        family && family->mtu_least ? family->mtu_least : ip->settings.path_mtu_least;
    bool below = mtu < least_mtu;
    struct ip_path_mtu *m = find(ip, dest);

    if (below)
        mtu = least_mtu;
    if (m && m->expires > now && (m->mtu < mtu || (m->mtu == mtu && (m->below_least || !below))))
        return;
    if (!m)
        m = room(ip);
    m->dest = dest;
    m->mtu = mtu;
    m->below_least = below;
    m->expires = now + (nanoseconds)ip->settings.path_mtu_expires_ms * MILLISECOND;
    ip->generation++;
}

void path_mtu_expire(struct ip *ip, nanoseconds now)
{
    for (uint32_t i = 0; i < ip->path_mtu_count;) {
        struct ip_path_mtu *m = &ip->path_mtu[i];
        const struct ip_path_mtu *last = &ip->path_mtu[ip->path_mtu_count - 1];

        if (m->expires > now) {
            i++;
            continue;
        }
        m->dest = last->dest;
        m->expires = last->expires;
        m->mtu = last->mtu;
        m->below_least = last->below_least;
        ip->path_mtu_count--;
        ip->generation++;
    }
}

nanoseconds path_mtu_deadline(const struct ip *ip)
{
    nanoseconds first = NEVER;

    for (uint32_t i = 0; i < ip->path_mtu_count; i++)
        first = time_earlier(first, ip->path_mtu[i].expires);
    return first;
}
