/* SPDX-License-Identifier: MIT */
/*
 * Which way a call goes: by the first digits of the address that is called, and of several routes
 * that match by the one with the most (as Linux's x25_route_struct: prefix, significant digits,
 * device).
 */
#pragma once
#include "3-network/x25/x25_state.h"

/* @return 0 or -ENOBUFS; a second one of the same prefix takes the place of the first */
int x25_route_add(struct x25 *x, const struct x121 *prefix, struct x25_line *line);
/* Forgets those of a line. */
void x25_route_forget(struct x25 *x, const struct x25_line *line);
/* The line for a call; NULL: none. */
struct x25_line *x25_route_open(struct x25 *x, const struct x121 *called, nanoseconds now);
