/* SPDX-License-Identifier: MIT */
/*
 * A router is a host that forwards: every layer of one, sockets too (RFC 1812 1.3.1: it is managed
 * by them), so it answers pings and runs programs. What makes it a router is said here and can be
 * changed by settings: net.ipv4.ip_forward, net.ipv6.conf.all.forwarding.
 */
#pragma once
#include "node/node.h"

/* The row of node_kinds: as host_init. */
int router_init(struct node *n, const struct node_pools *pools, const struct node_plan *plan);
