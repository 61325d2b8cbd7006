/* SPDX-License-Identifier: MIT */
/*
 * PART of netlink: the filter of a question for sockets, in the bytecode of <linux/inet_diag.h>
 * (`ss` makes it of its expression). Steps go forward only, so that it ends; one that goes out of
 * it, or backward, is refused before it is run.
 */
#pragma once
#include "6-presentation/manage.h"

/* May it be run? */
bool netlink_filter_is_valid(const uint8_t *code, uint32_t length);
/* Is this socket one of those that are asked for? NULL: there is no filter. */
bool netlink_filter_passes(const uint8_t *code, uint32_t length, const struct manage_socket *s);
