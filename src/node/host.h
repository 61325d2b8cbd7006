/* SPDX-License-Identifier: MIT */
/*
 * A host is a choice of layers: which structs are attached to which is said in host_init and in the
 * tables of node_codes.c, nowhere else.
 *
 * Interface 0 is the loopback: a wire whose two ends are the same link.
 */
#pragma once
#include <stdint.h>

#include "1-physical/wire_state.h"
#include "2-link/link_state.h"
#include "3-network/ip_state.h"
#include "3-network/x25/x25_relay_life.h"
#include "3-network/x25/x25_route.h"
#include "4-transport/frames.h"
#include "4-transport/transport_state.h"
#include "4-transport/xot.h"
#include "5-session/session_state.h"
#include "5-session/unix.h"
#include "6-presentation/call_state.h"
#include "6-presentation/netlink.h"
#include "base/compiler.h"
#include "node/host_x25.h"
#include "node/node.h"

enum host_constants {
    HOST_LOOPBACK_MTU = 65535,
    HOST_LOOPBACK_QUEUE = 16384 /* packets: what is in flight on it is bounded by the budget */
};

/* Entries of the tables of node_codes.c. */
enum host_link_code { HOST_LINK_IP = 1, HOST_LINK_IP6, HOST_LINK_LAPB, HOST_LINK_CODES };
enum host_ip_code {
    HOST_IP_TCP = 1,
    HOST_IP_UDP,
    HOST_IP_PING,
    HOST_IP_PING_6,
    HOST_IP_RAW,
    HOST_IP_CODES
};
enum host_transport_code {
    HOST_TRANSPORT_SESSION = 1,
    HOST_TRANSPORT_XOT,
    HOST_TRANSPORT_XOT_LISTENER
};
enum host_x25_code { HOST_X25_CIRCUIT = 1 };

struct host_interface {
    struct node_interface common; /* first */
    struct link link;
    struct ip_interface ip;
};

struct host {
    struct node node;         /* first */
    struct sessions sessions; /* what every segment needs stands first, here and in each of them */
    struct call_host calls;
    struct transport transport;
    struct netlink netlink;
    struct unix_host unix_host; /* AF_UNIX: what its programs say to each other */
    struct frames frames;
    struct ip ip;
    struct x25 x25;
    struct xot xot;
    struct host_lapb *lapb; /* its lines of LAPB; NULL: none */
    struct wire loopback;
    struct neighbor_settings neighbors; /* of all its interfaces */
};

/* A host's share of the pools of X.25, which is no more than its sockets are. */
static inline uint32_t host_circuits_most(uint32_t sockets)
{
    return sockets < X25_CIRCUITS ? sockets : X25_CIRCUITS;
}
static inline uint32_t host_circuit_ends_most(uint32_t sockets)
{
    return 2 * sockets < CIRCUIT_ENDS ? 2 * sockets : CIRCUIT_ENDS;
}

/* Bytes of arena that one host takes beside its slot and the pools: tables. */
uint64_t host_arena_bytes(uint32_t sockets);
uint64_t host_interface_arena_bytes(void); /* and one interface */

/* The row of node_kinds: see node.h. */
int host_init(struct node *n, const struct node_pools *pools, const struct node_plan *plan);
struct wire *host_loopback(struct node *n);
void host_undo(struct node *n, const struct node_pools *pools);
int host_interface_open(struct node *n, const struct node_pools *pools, uint32_t number,
                        const struct node_interface_plan *plan);
void host_settle(struct node *n, nanoseconds now);
int host_check(const struct node *n);
/* All that TCP knew of connections is gone, and nobody is told but who holds a socket. */
void host_crash(struct node *n, nanoseconds now);

/* The host that a node of that kind is. */
static inline struct host *host_of_node(struct node *n)
{
    return container_of(n, struct host, node);
}
/* The host that these calls are of. */
static inline struct host *host_of_calls(struct call_host *calls)
{
    return container_of(calls, struct host, calls);
}
static inline struct host_interface *host_interface(const struct host *h, uint32_t number)
{
    return container_of(h->node.interface[number], struct host_interface, common);
}

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
/* Puts the values where they stand in the host, in every layer that needs them. */
void host_setting_apply(struct host *h, int i, const struct host_setting *setting);
/* @return the length, or -ENOSPC */
int host_setting_format(const struct host *h, int i, char *text, size_t size);
