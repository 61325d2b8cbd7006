/* SPDX-License-Identifier: MIT */
/*
 * ICMP redirects of IPv4 as a host hears them: it believes the first hop that it uses now, and
 * nobody else (RFC 1122 3.2.2.2). Routers send them in forward4.c.
 *
 * What is believed is a route to one host, for so long as Linux keeps it, and there are at most so
 * many: who can speak as the gateway can already read and change all that goes by it, but he shall
 * not fill the table. A router believes none (RFC 1812 5.2.7.2); a setting switches it off.
 */
#pragma once
#include "3-network/ip4/icmp4.h"

enum redirect4_limits { REDIRECT4_ROUTES = 64 };
#define REDIRECT4_TIME (300 * SECOND)

/* A redirect came; r stands at what it quotes. @return false: it is not believed */
bool redirect4_receive(struct ip *ip, const struct ip_meta *meta, const struct icmp4_header *h,
                       struct reader *r, nanoseconds now);
