/* SPDX-License-Identifier: MIT */
/* The groups that come with addresses. What sockets ask stands in ip.h. */
#pragma once
#include "3-network/ip_state.h"

/* RFC 3810 6, RFC 4861 7.2.1: who has an address is in the group that is asked for it. */
void ip_group_address_added(struct ip_interface *i, struct address a, nanoseconds now);
void ip_group_address_removed(struct ip_interface *i, struct address a, nanoseconds now);
