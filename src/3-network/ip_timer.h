/* SPDX-License-Identifier: MIT */
/*
 * The one timer of layer 3 on a node: the earliest end of what its files keep (reassemblies of each
 * family, path MTUs). They set no timer: who has asked them to keep or forget something calls
 * ip_timer_rearm afterwards. What is due is ip.c's.
 */
#pragma once
#include "3-network/ip_state.h"

nanoseconds ip_timer_first(const struct ip *ip); /* or NEVER */
void ip_timer_rearm(struct ip *ip);
