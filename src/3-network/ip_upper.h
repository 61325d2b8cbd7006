/* SPDX-License-Identifier: MIT */
/* Up to layer 4: the user of a protocol. Of both families; within layer 3. */
#pragma once
#include "3-network/ip_state.h"

/* A datagram for the user of its protocol, who takes p. false: there is none, and p is the caller's
 * still. */
bool ip_upper_receive(struct ip *ip, const struct ip_meta *meta, struct packet *p, nanoseconds now);
/* An error about a datagram, for the user of its protocol. @return plausible; false: nobody's */
bool ip_upper_error(struct ip *ip, const struct ip_error *error, nanoseconds now);
/* There is a watcher: it hears of a datagram, or an error. p stays the caller's. @return somebody
 * wanted the one; what became of the other */
bool ip_upper_watch(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                    nanoseconds now);
enum ip_heard ip_upper_watch_error(struct ip *ip, const struct ip_error *error, nanoseconds now);
