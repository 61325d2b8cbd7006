/* SPDX-License-Identifier: MIT */
/* What the files of layer 3 share of sending and receiving. */
#pragma once
#include "3-network/ip.h"
#include "3-network/ip4.h"

/* ip_send, for a protocol given by number. */
int ip_output(struct ip *ip, uint8_t protocol, const struct ip_path *path,
              const struct ip_send_facts *facts, struct packet *p, nanoseconds now);
/* The upper of a protocol, or NULL. */
struct ip_upper *ip_upper_find(const struct ip *ip, uint8_t protocol);
/* Sets the timer to the earliest deadline. */
void ip_timer_rearm(struct ip *ip);
/* May this be the source of a packet from elsewhere, or the destination of an answer? One station,
 * not 0/8, 127/8, a group, class E or a broadcast address of ours. */
bool ip_is_one_station(const struct ip *ip, struct address a);
