/* SPDX-License-Identifier: MIT */
/*
 * Bytes of one socket that wait in the host's own wire queue: that is how a socket feels its own
 * queue. A slot of its own, since packets may outlive their socket: a charge stays as long as its
 * owner or a packet holds it, and whoever is last frees it. packet_charge and packet_uncharge
 * count.
 */
#pragma once
#include <stdint.h>

#include "base/list.h"

struct packets;

struct charge {
    struct list_link drained; /* in the host's list when it became lighter and `wants` was set */
    struct link_list *list;   /* that list */
    void *owner;              /* the end that opened it (it sets this); valid while `owned` */
    uint32_t bytes, packets;
    uint8_t wants; /* the owner wants to be told when it drains */
    uint8_t owned; /* the owner still exists */
    uint16_t zero;
    uint32_t zero2;
};

/* NULL: limit reached. */
struct charge *charge_open(struct packets *ps, struct link_list *drained);
void charge_close(struct packets *ps, struct charge *charge); /* the owner goes; NULL is fine */
