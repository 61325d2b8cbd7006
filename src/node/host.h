/* SPDX-License-Identifier: MIT */
/*
 * A host is a choice of layers: which structs are attached to which is said in host_init and in the
 * tables of host_codes.c, nowhere else. A host names its limits too: packets and buffer bytes are
 * counted against its own budgets, so that one host's hunger is not another's.
 *
 * Interface 0 is the loopback: a wire whose two ends are the same link.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "1-physical/wire.h"
#include "2-link/link.h"
#include "3-network/ip.h"
#include "4-transport/transport_state.h"
#include "6-presentation/call.h"
#include "base/arena.h"
#include "base/means.h"
#include "base/buffer.h"

enum host_constants {
    HOST_NAME_BYTES = 32,
    HOST_LOOPBACK_MTU = 65535,
    HOST_LOOPBACK_QUEUE = 16384, /* packets: what is in flight on it is bounded by the budget */
    HOST_NEIGHBORS = 512         /* of an interface */
};

/* What wakes: the codes of struct timer. */
enum timer_code {
    TIMER_NONE,
    TIMER_WIRE, /* the lab's to dispatch: it knows the wires */
    TIMER_LINK,
    TIMER_NEIGHBOR,
    TIMER_IP,
    TIMER_TCP,
    TIMER_TCP_HALF
};

/* Entries of the tables of host_codes.c. */
enum host_wire_code { HOST_WIRE_LINK = 1 };
enum host_link_code { HOST_LINK_IP = 1, HOST_LINK_CODES };
enum host_ip_code { HOST_IP_TCP = 1, HOST_IP_UDP, HOST_IP_PING, HOST_IP_CODES };
enum host_transport_code { HOST_TRANSPORT_SESSION = 1 };

/* One interface: a slot of the lab's pool. */
struct host_interface {
    struct link link;
    struct ip_interface ip;
    uint32_t wire, end; /* where it is attached */
    uint32_t name_length;
    uint32_t zero;
    char name[HOST_NAME_BYTES];
};

struct host {
    struct means means;
    struct wire loopback;
    struct host_interface *interface[IP_INTERFACES]; /* by number */
    struct ip ip;
    struct transport transport;
    struct call_host calls;
    struct neighbor_settings neighbors; /* of all its interfaces */
    uint64_t drops[DROP_COUNT];
    uint32_t interface_count;
    uint32_t name_length;
    char name[HOST_NAME_BYTES];
};

/* The pools from which all hosts of a lab take. */
struct host_pools {
    struct pool *interfaces, *neighbors, *fragments, *icmp, *conns, *halves, *holes, *listeners,
        *udp_ends, *ping_ends, *inbox;
};

/* The limits of all hosts together. */
struct host_limits {
    uint32_t hosts, interfaces;
    uint32_t sockets, packets; /* of each host */
};

uint64_t host_pools_bytes(const struct host_limits *limits);
bool host_pools_open(struct host_pools *pools, struct arena *arena,
                     const struct host_limits *limits); /* false: no room */
/* Timers that the hosts may have set, those of their loopbacks included. */
uint64_t host_timers_most(const struct host_limits *limits);
/* Sizes that another build may have otherwise: a hash for images. */
uint64_t host_layout(void);

/* What one host is. */
struct host_plan {
    const char *name;
    size_t name_length;
    uint64_t wall_base;
    uint32_t sockets; /* most, a power of two */
    uint32_t number;
    uint32_t loopback_wire; /* the number of its own wire */
};

/* Bytes of arena that one host takes beside its slot and the pools: tables. */
uint64_t host_arena_bytes(uint32_t sockets);
uint64_t host_interface_arena_bytes(void); /* and one interface */
/* `lab`: the means of the lab, of which the host gets its own. @return 0 or -ENOMEM */
int host_init(struct host *h, const struct means *lab, const struct host_pools *pools,
              const struct host_plan *plan);
/* Gives back what a host took whose init failed. */
void host_undo(struct host *h, const struct host_pools *pools);
/* A new interface at an end of a wire. @return its number, -ENOSPC or -ENOMEM */
int host_interface_open(struct host *h, const struct host_pools *pools, const char *name,
                        size_t name_length, struct wire *wire, uint32_t end, struct mac mac);
/* The end of every entry and event that touched this host. */
void host_deliver(struct host *h, nanoseconds now);
/* A timer of a host is due; it is no longer set. */
void node_timer(struct timer *timer, nanoseconds now);
/* The host that these calls are of. */
struct host *host_of_calls(struct call_host *calls);
/* 0, or the line of a broken invariant. */
int host_check(const struct host *h);

/* ---- settings (host_settings.c) ---- */

enum { HOST_SETTING_VALUES = 3 };

/* The values of one setting, as numbers. */
struct host_setting {
    int64_t value[HOST_SETTING_VALUES];
};

/* The number of a setting by name, or -1. */
int host_setting_find(const char *name);
/* The i-th name and its line of help; NULL after the last. */
const char *host_setting_name(int i, const char **help);
/* Reads a text for a setting. @raise EINVAL not that many values; ERANGE */
int host_setting_parse(int i, const char *text, struct host_setting *setting);
/* ERANGE: values that do not fit each other or this host */
int host_setting_apply(struct host *h, int i, const struct host_setting *setting);
/* @return the length, or -ENOSPC */
int host_setting_format(const struct host *h, int i, char *text, size_t size);
