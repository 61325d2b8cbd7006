/* SPDX-License-Identifier: MIT */
/*
 * Groups of a host's interfaces in the forms of /proc/net (proc(5)): igmp, igmp6, and dev_mcast,
 * the stations of a link that stand for them (RFC 1112 6.4, RFC 2464 7). Every interface is in the
 * group of all hosts, whether it is told of or not (RFC 1112 4; RFC 4291 2.7.1), as Linux shows it.
 */
#include "6-presentation/abi.h"

#include "6-presentation/proc.h"

#include <string.h>

#include "base/bytes.h"

enum {
    TICK = 10 * MILLISECOND,
    /* MAF_*, include/net/if_inet6.h of Linux */
    FLAG_TIMER = 1,
    FLAG_LOADED = 4,
    FLAG_SILENT = 8
};

static const struct address all_hosts = {0, UINT64_C(0xffffe0000001)},
                            all_nodes = {UINT64_C(0xff02) << 48, 1},
                            all_own = {UINT64_C(0xff01) << 48, 1};

/* One step of a walk over the groups of an interface and family: those of sockets and addresses,
 * then those that all are in. */
struct group_walk {
    const void *at;
    uint32_t common; /* of those that all are in: so many were told */
    bool has_all;    /* the group of all hosts was among the others */
    bool is_over;    /* the others were told */
};

static bool next_group(const struct call_host *host, uint32_t number, bool is_6,
                       struct group_walk *w, struct manage_group *g)
{
    const struct address common[2] = {is_6 ? all_nodes : all_hosts, all_own};

    if (!w->is_over && manage_group(host, number, is_6, &w->at, g)) {
        w->has_all |= address_equal(g->address, common[0]);
        return true;
    }
    w->is_over = true;
    if (w->common == 0 && w->has_all)
        w->common++;
    if (w->common >= (is_6 ? 2 : 1))
        return false;
    g->address = common[w->common++];
    g->users = 1;
    g->is_silent = true;
    g->due = NEVER;
    return true;
}

static bool has_family(const struct manage_interface *i, bool is_6)
{
    return !i->is_down && (!is_6 || i->has_ipv6);
}

static int64_t ticks_until(nanoseconds due, nanoseconds now)
{
    return due == NEVER ? 0 : time_later(due - now, 0) / TICK;
}

/* ---- IPv4 ---- */

/* Its bytes as a word of the machine's. */
static void put_word(struct proc_text *t, uint32_t ip4)
{
    uint8_t bytes[4];
    struct writer w = writer_of(bytes, sizeof bytes);
    uint32_t word;

    write_u32(&w, ip4);
    memcpy(&word, bytes, sizeof word);
    proc_text_hex(t, word, 8);
}

static void put_group4(struct proc_text *t, const struct manage_group *g, nanoseconds now)
{
    bool waits = g->due != NEVER;

    proc_text_put(t, "\t\t\t\t");
    put_word(t, address_to_ip4(g->address));
    proc_text_put(t, " ");
    proc_text_number(t, g->users, 5);
    proc_text_put(t, waits ? " 1:" : " 0:");
    proc_text_hex(t, (uint64_t)ticks_until(g->due, now), 8);
    proc_text_put(t, "\t\t0\n");
}

void proc_group_igmp(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    struct manage_interface i;
    struct manage_group g;

    proc_text_put(t, "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n");
    for (uint32_t n = 0; manage_interface(host, n, &i); n++) {
        struct group_walk counted = {0}, told = {0};
        int64_t count = 0;

        if (!has_family(&i, false))
            continue;
        while (next_group(host, n, false, &counted, &g))
            count++;
        proc_text_number(t, n + 1, 0);
        proc_text_put(t, "\t");
        proc_text_word(t, i.name, -10);
        proc_text_put(t, ": ");
        proc_text_number(t, count, 5);
        proc_text_put(t, "      V3\n");
        while (next_group(host, n, false, &told, &g))
            put_group4(t, &g, now);
    }
}

/* ---- IPv6 ---- */

static void put_interface(struct proc_text *t, uint32_t number, const char *name)
{
    proc_text_number(t, number + 1, -4);
    proc_text_put(t, " ");
    proc_text_word(t, name, -15);
    proc_text_put(t, " ");
}

void proc_group_igmp6(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    struct manage_interface i;
    struct manage_group g;

    for (uint32_t n = 0; manage_interface(host, n, &i); n++) {
        struct group_walk walk = {0};

        while (has_family(&i, true) && next_group(host, n, true, &walk, &g)) {
            bool is_own = address_equal(g.address, all_own);

            put_interface(t, n, i.name);
            proc_text_hex_low(t, g.address.high, 16);
            proc_text_hex_low(t, g.address.low, 16);
            proc_text_put(t, " ");
            proc_text_number(t, g.users, 5);
            proc_text_put(t, " ");
            proc_text_hex(t,
                          (is_own ? 0u : FLAG_LOADED) | (g.is_silent ? FLAG_SILENT : 0u) |
                              (g.due != NEVER ? FLAG_TIMER : 0u),
                          8);
            proc_text_put(t, " ");
            proc_text_number(t, ticks_until(g.due, now), 0);
            proc_text_put(t, "\n");
        }
    }
}

/* ---- the link ---- */

/* The low bits of the group, behind a prefix of its family. */
static uint64_t station_of(struct address group)
{
    if (address_is_mapped(group))
        return UINT64_C(0x01005e000000) | (group.low & 0x7fffff);
    return UINT64_C(0x333300000000) | (group.low & 0xffffffff);
}

/* Is the group the first of those of its interface that have its station? *count: of these. */
static bool is_first(const struct call_host *host, uint32_t number, struct address group, bool is_6,
                     uint32_t *count)
{
    uint64_t station = station_of(group);
    struct manage_group g;
    struct group_walk walk = {0};
    bool first = false;

    *count = 0;
    while (next_group(host, number, is_6, &walk, &g)) {
        if (address_equal(g.address, all_own) || station_of(g.address) != station)
            continue;
        first |= *count == 0 && address_equal(g.address, group);
        (*count)++;
    }
    return first;
}

static void put_stations(const struct call_host *host, struct proc_text *t, uint32_t number,
                         const struct manage_interface *i, bool is_6)
{
    struct manage_group g;
    struct group_walk walk = {0};
    uint32_t count;

    while (has_family(i, is_6) && next_group(host, number, is_6, &walk, &g)) {
        if (!is_first(host, number, g.address, is_6, &count))
            continue;
        put_interface(t, number, i->name);
        proc_text_number(t, count, -5);
        proc_text_put(t, " 0     ");
        proc_text_hex_low(t, station_of(g.address), 12);
        proc_text_put(t, "\n");
    }
}

/* Of who has stations; the group that stays on the host has none. */
void proc_group_link(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    struct manage_interface i;

    (void)now;
    for (uint32_t n = 0; manage_interface(host, n, &i); n++) {
        if (!i.is_ethernet || i.is_loopback)
            continue;
        put_stations(host, t, n, &i, false);
        put_stations(host, t, n, &i, true);
    }
}
