/* SPDX-License-Identifier: MIT */
/*
 * Which of our addresses speaks to a destination, and which of several destinations to try first:
 * RFC 6724, with its default policy table.
 */
#pragma once
#include "3-network/ip_state.h"

/* Sets path->source, for path->dest by path->interface. false: there is none. */
bool source6_choose(const struct ip *ip, struct ip_path *path);
