/* SPDX-License-Identifier: MIT */
/* A host of layers 5 and 6 on the fake transport, with the names that the assembler of a machine
 * provides (the seams of call.h). Included by one file of a program. */
#pragma once
#include "5-session/session_state.h"
#include "6-presentation/manage.h"
#include "6-presentation/call_state.h"
#include "fake_arena.h"
#include "fake_transport.h"

enum { FAKE_LIMIT = 300 };

/* ---- the assembler's names: lo is 0, eth0 is 1; reno is 0, other is 1 ---- */

static bool fake_is(const char *name, size_t length, const char *word)
{
    return length == strlen(word) && memcmp(name, word, length) == 0;
}

int manage_interface_by_name(const struct call_host *host, const char *name, size_t length)
{
    (void)host;
    return fake_is(name, length, "lo") ? 0 : fake_is(name, length, "eth0") ? 1 : -ENODEV;
}

int manage_interface_name(const struct call_host *host, uint32_t number,
                          char name[CALL_INTERFACE_NAME_BYTES])
{
    (void)host;
    if (number > 1)
        return -ENODEV;
    memcpy(name, number ? "eth0" : "lo", number ? 5 : 3);
    return number ? 4 : 2;
}

bool manage_interface(const struct call_host *host, uint32_t number,
                      struct manage_interface *interface)
{
    (void)host;
    memset(interface, 0, sizeof *interface);
    (void)manage_interface_name(host, number, interface->name);
    memcpy(interface->mac, "\2\0\0\0\0\1", 6);
    interface->mtu = number ? 1500 : 65535;
    interface->is_loopback = number == 0;
    interface->is_ethernet = number != 0;
    return number <= 1;
}

bool manage_address(const struct call_host *host, uint32_t number, uint32_t i, nanoseconds now,
                    struct manage_address *address)
{
    (void)host, (void)now;
    memset(address, 0, sizeof *address);
    address->address = address_from_ip4(number ? 0x0a000005 : 0x7f000001);
    address->prefix = number ? 24 : 8;
    address->preferred_for = address->valid_for = NEVER;
    address->configured = true;
    return number <= 1 && i == 0;
}

bool manage_route(const struct call_host *host, const void **at, nanoseconds now,
                  struct manage_route *route)
{
    (void)host, (void)at, (void)now, (void)route;
    return false;
}

bool manage_route_inner_first(const struct call_host *host, const void **at, nanoseconds now,
                              struct manage_route *route)
{
    return manage_route(host, at, now, route);
}

int manage_way(const struct call_host *host, struct address dest, struct address source,
               uint32_t interface, nanoseconds now, struct manage_way *way)
{
    (void)host, (void)dest, (void)source, (void)interface, (void)now, (void)way;
    return -ENETUNREACH;
}

bool manage_neighbor(const struct call_host *host, uint32_t number, const void **at,
                     nanoseconds now, struct manage_neighbor *neighbor)
{
    (void)host, (void)number, (void)at, (void)now, (void)neighbor;
    return false;
}

/* One line of X.25, at eth0; its only route, if it has one. */
static struct manage_x25_line fake_line = {.negotiates = 15};
static struct x121 fake_route;
static bool has_fake_route;

int manage_x25_route(struct call_host *host, const struct x121 *prefix, const char *name,
                     size_t length, bool adds)
{
    (void)host;
    if (!fake_is(name, length, "eth0") || has_fake_route == adds)
        return -EINVAL;
    fake_route = *prefix;
    has_fake_route = adds;
    return 0;
}

int manage_x25_line(const struct call_host *host, const char *name, size_t length,
                    struct manage_x25_line *line)
{
    (void)host;
    *line = fake_line;
    return fake_is(name, length, "eth0") ? 0 : -EINVAL;
}

int manage_x25_line_set(struct call_host *host, const char *name, size_t length,
                        const struct manage_x25_line *line)
{
    (void)host;
    if (!fake_is(name, length, "eth0"))
        return -EINVAL;
    fake_line = *line;
    return 0;
}

int manage_congestion_by_name(const struct call_host *host, const char *name, size_t length)
{
    (void)host;
    return fake_is(name, length, "reno") ? 0 : fake_is(name, length, "other") ? 1 : -ENOENT;
}

int manage_congestion_name(const struct call_host *host, uint32_t kind,
                           char name[CALL_CONGESTION_NAME_BYTES])
{
    (void)host;
    if (kind > 1)
        return -ENOENT;
    memset(name, 0, CALL_CONGESTION_NAME_BYTES);
    memcpy(name, kind ? "other" : "reno", kind ? 5 : 4);
    return 0;
}

/* ---- a host on it ---- */

static struct arena *fake_host_arena;
__attribute__((unused)) static struct call_host fake_host;
static struct sessions fake_sessions;
static struct link_list fake_touched;

/* A fresh host with FAKE_LIMIT descriptors, and a fake without answers. */
__attribute__((unused)) static void fake_host_begin(void)
{
    struct session_plan sessions = {.upper_code = FAKE_UPPER_CODE};
    const struct call_plan plan = {.sessions = &fake_sessions,
                                   .limit = FAKE_LIMIT,
                                   .wall_base = UINT64_C(1700000000) * 1000000000};
    struct means means = {.touched = &fake_touched};

    memset(&fake, 0, sizeof fake);
    memset(&fake_host, 0, sizeof fake_host);
    memset(&fake_sessions, 0, sizeof fake_sessions);
    memset(&fake_touched, 0, sizeof fake_touched);
    fake_host_arena = fake_arena_fresh(fake_host_arena, sizeof(struct arena) + (1 << 20));
    means.arena = fake_host_arena;
    sessions.pool = pool_open(fake_host_arena, session_socket_bytes(), FAKE_LIMIT, false);
    session_table_init(&fake_sessions, &means, &sessions);
    ensure(call_host_init(&fake_host, &means, &plan) == 0);
}

/* The fake end behind a descriptor. */
static inline struct fake_end *fake_at(int fd)
{
    return fake_of(call_descriptor(&fake_host, fd)->session.socket->end);
}
