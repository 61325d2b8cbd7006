/* SPDX-License-Identifier: MIT */
/* The transports of one host: what transport.h calls a struct transport. */
#pragma once
#include "4-transport/circuit.h"
#include "4-transport/ping.h"
#include "4-transport/raw.h"
#include "4-transport/tcp/tcp.h"
#include "4-transport/udp.h"

struct transport {
    struct link_list pending;                           /* ends whose user is to be told */
    struct link_list drained;                           /* charges that became lighter */
    struct transport_service *service[TRANSPORT_KINDS]; /* NULL: this host has none */
    struct tcp tcp;
    struct udp udp;
    struct ping ping;
    struct raw raw;
    struct circuit circuit;
};

/* A service, before its own init: it is the host's of this kind. */
void transport_attach(struct transport *t, struct transport_service *service,
                      enum transport_kind kind);

/* Is there anything for transport_deliver to do? */
static inline bool transport_is_touched(const struct transport *t)
{
    return t->drained.first || t->pending.first || t->tcp.dead.first;
}
