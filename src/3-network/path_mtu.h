/* SPDX-License-Identifier: MIT */
/*
 * Path MTUs learnt from the network (RFC 1191), a bounded table by destination. An entry is only
 * ever made smaller while it lives, and forgotten after path_mtu_expires_ms, when the path is tried
 * again with the interface's MTU (RFC 1191 6.3). When the table is full the entry nearest to its
 * end makes room.
 */
#pragma once
#include "3-network/ip_state.h"

/* Puts what is known of path->dest into the path, whose mtu is the interface's. */
void path_mtu_apply(const struct ip *ip, struct ip_path *path, nanoseconds now);
/* The network says that more than `mtu` does not pass to dest. Never raises, never below
 * settings.path_mtu_least. The caller rearms the timer of layer 3. */
void path_mtu_lower(struct ip *ip, struct address dest, uint32_t mtu, nanoseconds now);
void path_mtu_expire(struct ip *ip, nanoseconds now);
nanoseconds path_mtu_deadline(const struct ip *ip); /* or NEVER */
