/* SPDX-License-Identifier: MIT */
/* What the files of layer 3 share of sending and receiving. */
#pragma once
#include "3-network/ip_state.h"
#include "3-network/ip4/ip4_header.h"

/* ip_send, for a protocol given by number. */
int ip4_send(struct ip *ip, uint8_t protocol, const struct ip_path *path,
             const struct ip_send_facts *facts, struct packet *p, nanoseconds now);
/* The upper of a protocol, or NULL. */
struct ip_upper *ip_upper_find(const struct ip *ip, uint8_t protocol);
/* Sets the timer to the earliest deadline. */
void ip_timer_rearm(struct ip *ip);
