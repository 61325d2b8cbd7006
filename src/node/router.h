/* SPDX-License-Identifier: MIT */
/*
 * A router is a host that forwards: every layer of one, sockets too (RFC 1812 1.3.1: it is managed
 * by them), so it answers pings and runs programs. What makes it a router is said here and can be
 * changed by settings: net.ipv4.ip_forward, net.ipv6.conf.all.forwarding.
 *
 * A router may have one translator of addresses (NAT), at one of its interfaces, the outside.
 */
#pragma once
#include "3-network/translate.h"
#include "node/node.h"

struct host;

/* The row of node_kinds: as host_init. */
int router_init(struct node *n, const struct node_pools *pools, const struct node_plan *plan);
/* It translates from now on. prefix without bits: none (RFC 6296).
 * @return 0; -EEXIST it does already; -EINVAL no such interface; -ENOSPC: too many translators */
int router_translate(struct host *h, const struct node_pools *pools, uint32_t outside,
                     const struct translate_settings *settings,
                     const struct translate_prefix *prefix, nanoseconds now);
