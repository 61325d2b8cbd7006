/* SPDX-License-Identifier: MIT */
/*
 * Which way a call goes: by the first digits of the address that is called, and of several routes
 * that match by the one with the most (as Linux's x25_route_struct: prefix, significant digits,
 * device). A route leads to a line that is there, or to a host to which each call opens a line of
 * its own (RFC 1613). An empty prefix is everybody's.
 */
#pragma once
#include "3-network/x25/x25_state.h"

/* @return 0 or -ENOBUFS; a second one of the same prefix takes the place of the first */
int x25_route_add(struct x25 *x, const struct x25_route *route);
bool x25_route_has(const struct x25 *x, const struct x121 *prefix);
/* @return 0 or -ENOENT */
int x25_route_remove(struct x25 *x, const struct x121 *prefix);
/* Forgets those of a line. */
void x25_route_forget(struct x25 *x, const struct x25_line *line);
/* The line for a call, which is on its way up if it is not; NULL: none. */
struct x25_line *x25_route_open(struct x25 *x, const struct x121 *called, nanoseconds now);
