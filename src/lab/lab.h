/* SPDX-License-Identifier: MIT */
/*
 * A lab as a value: hosts, wires, time, all of it in one arena. Pure: the mapping of the arena, its
 * observers and its files stand outside (handle.h).
 *
 * Events are ordered by the timer heap. The clock jumps from one deadline to the next and never
 * goes back; `instant_steps` counts the events run since it last moved, so that (time,
 * instant_steps) names every moment between two events: that is what a record writes beside each
 * input.
 */
#pragma once
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "1-physical/wire_state.h"
#include "base/arena.h"
#include "base/event.h"
#include "node/host.h"
#include "node/partition.h"
#include "sockeye/sockeye.h"

enum lab_constants {
    LAB_HOSTS = 16, /* defaults of struct sockeye_config */
    LAB_WIRES = 32,
    LAB_SOCKETS = 4096,
    LAB_PACKETS = 4096,
    LAB_SOCKETS_LEAST = 16,
    LAB_SOCKETS_MOST = 1 << 17,
    LAB_PACKETS_MOST = 1 << 20,
    LAB_BIG_PACKETS = 256, /* of 64 KiB, a host */
    LAB_SETTINGS = 128,    /* room for the settings of all hosts */
    LAB_EVENTS_A_CALL = 100000,
    LAB_LOOPBACK_WIRE = SOCKEYE_WIRES, /* + host number: the number of its loopback wire */
    LAB_SHRINK_MOST = 32 /* a host's defaults are not divided by more, however many hosts */
};

_Static_assert(SOCKEYE_WIRES + SOCKEYE_HOSTS <= EVENT_NOWHERE, "events name wires by 16 bits");
_Static_assert((int)SOCKEYE_SEND_LAST == (int)CALL_SEND_LAST, "one flag");
_Static_assert((int)SOCKEYE_SCM_RIGHTS == (int)CALL_SCM_RIGHTS &&
                   sizeof(struct sockeye_rights) == sizeof(struct call_rights),
               "one control message");
_Static_assert((int)SOCKEYE_AF_PLACE == (int)CALL_AF_PLACE, "one family");
_Static_assert((int)SOCKEYE_INTERFACES == (int)NODE_INTERFACES &&
                   (int)SOCKEYE_INTERFACES == (int)IP_INTERFACES,
               "as many interfaces in every layer");
_Static_assert((int)SOCKEYE_NAME_BYTES <= (int)NODE_NAME_BYTES &&
                   (int)SOCKEYE_NAME_BYTES <= (int)WIRE_NAME_BYTES,
               "every name has room");

/* The limits of a lab, with the defaults filled in. */
struct lab_config {
    uint64_t seed, buffer_bytes, wall_base;
    uint32_t hosts, wires;
    uint32_t sockets, sockets_asked; /* rounded up to a power of two; as asked */
    uint32_t packets, packets_asked;
    uint32_t big_packets; /* of 64 KiB, a host */
    uint32_t zero;
};

struct lab_default {
    struct host_setting setting;
    uint64_t is_set;
};

struct lab {
    struct arena *arena;
    struct event_log *log; /* in memory that is not state */
    uint8_t *log_bytes;
    struct lab_config config;
    nanoseconds now;
    uint64_t steps;           /* events run */
    uint64_t instant_steps;   /* of these, since the clock last moved */
    struct means means;       /* of wires; its key is of the seed; hosts get theirs from it */
    struct link_list touched; /* sockets of all hosts, the first that was touched first */
    struct timers timers;
    struct packets packets;
    struct buffers buffers;
    struct node_pools pools;
    struct pool *wire_pool;
    struct pool *flows_pool;            /* of directions whose queue has flows */
    struct pool *node_list, *wire_list; /* one-slot pools that hold the two arrays */
    struct node **node;                 /* by number */
    struct wire **wire;
    uint32_t node_count, wire_count;
    uint64_t drops[DROP_COUNT]; /* of wires and doors */
    uint32_t still;             /* nodes that do not run */
    uint32_t zero;
    struct partitions partitions;
    struct lab_default defaults[LAB_SETTINGS]; /* what sockeye_set gave to all hosts */
};

/* A hash of the version and of sizes that another build may have otherwise: for images. */
uint64_t lab_layout(void);

/* Fills in defaults. @raise EINVAL */
int lab_config_read(const struct sockeye_config *config, struct lab_config *out);
void lab_config_of(const struct lab *lab, struct sockeye_config *config);
/* Bytes of arena that such a lab takes at most. */
uint64_t lab_arena_bytes(const struct lab_config *config);
/* Makes a lab in a fresh, zeroed arena. NULL: no room (a bug: lab_arena_bytes was wrong). */
struct lab *lab_init(void *memory, uint64_t bytes, uint64_t layout,
                     const struct lab_config *config);
/* The lab of an arena that was loaded from an image; its event log is made anew. NULL: the root is
 * none. What the root points to is trusted. */
struct lab *lab_of_arena(struct arena *a);

/* ---- lab_parts.c: hosts, wires, interfaces; as in sockeye.h, names with their length ---- */

int lab_node_open(struct lab *lab, enum node_kind kind, const char *name);
int lab_node_make(struct lab *lab, struct node_plan *plan); /* kind, name and what is its kind's */
int lab_wire_open(struct lab *lab, const char *name, const struct sockeye_wire_config *forth,
                  const struct sockeye_wire_config *back);
int lab_wire_change(struct lab *lab, int wire, int64_t direction,
                    const struct sockeye_wire_config *config);
int lab_wire_mtu(struct lab *lab, int wire, int64_t mtu);
int lab_wire_link(struct lab *lab, int wire, int64_t direction, bool up, nanoseconds when);
int lab_door_open(struct lab *lab, const char *name, int64_t kind, int64_t mtu);
int lab_interface_open(struct lab *lab, int host, const char *name, int64_t wire, int64_t end,
                       const uint8_t *mac);
int lab_address_add(struct lab *lab, int host, int64_t interface, const char *text);
int lab_address_remove(struct lab *lab, int host, int64_t interface, const char *text);
int lab_probe(struct lab *lab, int host, int64_t interface, const char *text, bool begins);
/* The link of an interface for an address of IPv4, both as sockeye_probed has them. @return 0
 * -EINVAL */
int lab_probe_read(const struct lab *lab, int host, int64_t interface, const char *text,
                   struct link **link, struct address *a);
/* "10.0.0.1" or "fd00::1"; with a prefix "10.0.0.1/24", "fd00::1/64". @return 0 -EINVAL */
int lab_address_read(const char *text, struct address *a, uint32_t *prefix);
int lab_setting_set(struct lab *lab, int host, const char *name, const char *value);
void lab_wall_base_set(struct lab *lab, uint64_t wall_base);
int lab_inject(struct lab *lab, int wire, const uint8_t *bytes, size_t length);
/* @return the length, -EAGAIN, -EMSGSIZE */
ssize_t lab_emit(struct lab *lab, int wire, uint8_t *bytes, size_t size, nanoseconds *when);

/* ---- lab_switch.c: settings as their bytes in an input ---- */

/* The wires of a loop that no spanning tree opens, in their order around it, as many as there is
 * room for. @return how many it has; 0: there is no loop */
int lab_loop_find(const struct lab *lab, int *wires, int most);
int lab_vlan_open(struct lab *lab, int host, int64_t interface, int64_t vlan, const char *name);
int lab_switch_open(struct lab *lab, const char *name, const uint8_t *settings, size_t length);
int lab_switch_port(struct lab *lab, int node, int64_t interface, const uint8_t *settings,
                    size_t length, const char *trunk);

/* ---- lab_nat.c; settings as door_nat.c writes them ---- */

int lab_nat_open(struct lab *lab, int router, int64_t outside, const uint8_t *settings,
                 size_t length, const char *inner, const char *outer);
int lab_nat_forward(struct lab *lab, int router, int64_t protocol, int64_t outer_port,
                    const char *inner, int64_t inner_port);

/* ---- lab_x25.c; settings as door_x25.c writes them ---- */

int lab_x25_lapb(struct lab *lab, int host, int64_t interface, const uint8_t *settings,
                 size_t length);
int lab_x25_xot(struct lab *lab, int host);
int lab_x25_permit(struct lab *lab, int host, const char *network);
int lab_x25_route(struct lab *lab, int host, const char *prefix, int64_t interface, const char *to,
                  int64_t extended);
int lab_x25_route_remove(struct lab *lab, int host, const char *prefix);

/* ---- lab_route.c: of hosts and routers; settings as door_route.c writes them, NULL: none ---- */

/* @return 0 -EEXIST */
/* numbers and lists of struct sockeye_advertise_config */
int lab_advertise(struct lab *lab, int host, int64_t interface, const uint8_t *settings,
                  size_t length, const char *prefixes, const char *servers);
int lab_route_add(struct lab *lab, int host, const char *destination, const char *gateway,
                  int64_t interface);
/* @return 1: it was there, 0 */
int lab_route_put(struct lab *lab, int host, const char *destination, const char *gateway,
                  int64_t interface, const uint8_t *settings, size_t length);
/* @return 0 -ESRCH */
int lab_route_remove(struct lab *lab, int host, const char *destination, const char *gateway,
                     int64_t interface);

static inline struct node *lab_node(const struct lab *lab, int64_t number) /* or NULL */
{
    return number >= 0 && number < lab->node_count ? lab->node[number] : NULL;
}

/* Why there is no host of this number: nothing is there, or what has neither sockets nor
 * addresses. */
static inline int lab_no_host(const struct lab *lab, int64_t number)
{
    return lab_node(lab, number) ? -EOPNOTSUPP : -EINVAL;
}

/* A host, or a router, which is one too; or NULL. */
static inline struct host *lab_host(const struct lab *lab, int64_t number)
{
    struct node *n = lab_node(lab, number);

    return n && (n->kind == NODE_HOST || n->kind == NODE_ROUTER) ? host_of_node(n) : NULL;
}

static inline struct wire *lab_wire(const struct lab *lab, int64_t number) /* loopbacks too */
{
    struct host *h;

    if (number >= 0 && number < lab->wire_count)
        return lab->wire[number];
    h = lab_host(lab, number - LAB_LOOPBACK_WIRE);
    return h ? &h->loopback : NULL;
}

bool lab_is_name(const char *name); /* may anything be named so? */
/* The MAC address that an interface has whom none was given. */
struct mac lab_mac(const char *node, const char *name);
int lab_find_host(const struct lab *lab, const char *name); /* or -ENOENT */
int lab_find_wire(const struct lab *lab, const char *name);

/* ---- lab_faults.c ---- */

int lab_node_pause(struct lab *lab, int node);  /* @raise EALREADY it does not run */
int lab_node_resume(struct lab *lab, int node); /* after a crash: it starts anew. @raise EALREADY */
int lab_node_crash(struct lab *lab, int node);  /* also of one that is paused. @raise EALREADY */
int lab_partition_open(struct lab *lab, const struct partition *partition);
int lab_partition_close(struct lab *lab, int number);
/* Is what is due to wait until its node runs again? Then it has been put off. */
bool lab_timer_waits(struct lab *lab, struct timer *timer);

/* ---- time ---- */

/* What would be due behind the end of a lab's time never is. So a time of the lab and the longest
 * wait of any part (SOCKEYE_WAIT_MOST at a wire, thrice) have room in 63 bits together. */
_Static_assert(SOCKEYE_TIME_MOST <= NEVER - 3 * SOCKEYE_WAIT_MOST, "no sum of times overflows");

static inline nanoseconds lab_next_deadline(const struct lab *lab)
{
    const struct timer *t = timer_heap_first(&lab->timers);

    return t && t->deadline <= SOCKEYE_TIME_MOST ? t->deadline : NEVER;
}

/* The clock, no later than SOCKEYE_TIME_MOST; nothing is due before it. */
void lab_clock_set(struct lab *lab, nanoseconds now);
/* Runs what is due next, at its time (or now, if it is overdue). There is something. What happens
 * goes to the event log, as far as it is wanted (event_log_begin). */
void lab_step(struct lab *lab, uint32_t wanted);
/* The end of an entry that touched a node, or a wire. */
void lab_settle_node(struct lab *lab, int node);
void lab_settle_wire(struct lab *lab, int wire);

uint64_t lab_hash(const struct lab *lab);
int lab_check(const struct lab *lab); /* 0, or the line of a broken invariant */
