/* SPDX-License-Identifier: MIT */
/* Groups of interfaces: theory in multicast.h; who of this host is in them, group.c. */
#include "3-network/multicast.h"

#include <errno.h>
#include <string.h>

#include "3-network/ip_family.h"
#include "base/compiler.h"
#include "base/pool.h"

/* RFC 3376 8.12, RFC 3810 9.12: two queries of 125 s and one answer's 10. */
#define OLDER_LASTS (260 * SECOND)

bool multicast_is_heard(const struct ip_interface *i, uint32_t family, struct address group)
{
    const struct multicast *m = i->multicast[family];

    return m && group_is_heard(&m->groups, group);
}

/* A node without the pools is in no group but those that all are in. */
struct multicast *multicast_open(struct ip_interface *i, uint32_t family)
{
    struct ip *ip = i->ip;
    struct multicast *m = i->multicast[family];
    struct group_plan plan = {.group_pool = ip->group_pool, .member_pool = ip->member_pool};

    if (m || !ip->multicast_pool)
        return m;
    m = pool_get(ip->multicast_pool);
    if (!m)
        return NULL;
    random_key_draw(&plan.key, ip->means->key, RANDOM_TABLE,
                    UINT64_C(2) << 32 | i->number << 1 | family);
    group_init(&m->groups, &plan);
    m->interface = i;
    m->family = family;
    m->older_until = NEVER;
    list_add(&ip->multicasts, &m->of_ip);
    i->multicast[family] = m;
    return m;
}

/* RFC 3376 7.2.1, RFC 3810 8.2.1: who asks in an older version is known to an interface that is in
 * no group yet, too. */
void multicast_asked(struct ip_interface *i, uint32_t family, uint32_t version,
                     struct address group, const struct group_sources *sources, nanoseconds within,
                     nanoseconds now)
{
    struct multicast *m = version ? multicast_open(i, family) : i->multicast[family];

    if (!m)
        return;
    if (version != 0 && (m->older == 0 || version <= m->older)) {
        m->older = version;
        m->older_until = now + OLDER_LASTS;
    }
    group_asked(&m->groups, group, sources, within, now);
}

nanoseconds multicast_deadline(const struct ip *ip)
{
    nanoseconds first = NEVER;

    for (struct list_link *at = ip->multicasts.first; at; at = at->next) {
        const struct multicast *m = container_of(at, struct multicast, of_ip);

        first = time_earlier(first, time_earlier(group_deadline(&m->groups), m->older_until));
    }
    return first;
}

struct packet *multicast_message(struct ip_interface *i, uint32_t length, struct writer *w,
                                 nanoseconds now)
{
    struct means *means = i->ip->means;
    struct packet *p = packet_get(means->packets, &means->packet_budget, length);

    if (!p) {
        event_drop(&means->voice, now, DROP_NO_MEMORY, NULL);
        return NULL;
    }
    *w = writer_of(packet_append(p, length), length);
    return p;
}

static void report(struct multicast *m, nanoseconds now)
{
    struct group_record records[GROUP_RECORDS];
    uint32_t count;

    while (group_deadline(&m->groups) <= now) {
        count = group_report(&m->groups, records, GROUP_RECORDS, now);
        if (count > 0)
            ip_family_rows[m->family].group_report(m->interface, m->older, records, count, now);
        group_forget(&m->groups);
    }
}

void multicast_expire(struct ip *ip, nanoseconds now)
{
    for (struct list_link *at = ip->multicasts.first; at; at = at->next) {
        struct multicast *m = container_of(at, struct multicast, of_ip);

        if (m->older_until <= now) {
            m->older = 0;
            m->older_until = NEVER;
        }
        report(m, now);
    }
}

int multicast_check(const struct ip *ip)
{
    for (struct list_link *at = ip->multicasts.first; at; at = at->next) {
        const struct multicast *m = container_of(at, struct multicast, of_ip);
        int line = group_check(&m->groups);

        if (line != 0 || m->interface->multicast[m->family] != m)
            return line ? line : __LINE__;
    }
    return 0;
}
