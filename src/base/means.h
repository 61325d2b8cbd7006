/* SPDX-License-Identifier: MIT */
/*
 * What a node gives its layers: memory, time, chance, a voice, and the limits of what they may
 * take. Embedded once in the node; each layer keeps a pointer to it from its init on. The lab has
 * one too, for what belongs to no node (wires), and its nodes' are made from it: the stores are the
 * lab's, the budgets, the counters and the chance are the node's own (architecture, rule 3).
 *
 * Whoever speaks with another name, or draws from another key (an interface, a wire), keeps a voice
 * or a key of its own beside the pointer.
 */
#pragma once
#include <stdint.h>

#include "base/bpf.h"
#include "base/changes.h"
#include "base/event.h"
#include "base/packet.h"
#include "base/random.h"
#include "base/timer.h"

struct arena;
struct buffers;
struct link_list;
struct pool;

struct means {
    struct arena *arena;
    struct timers *timers;
    struct packets *packets;
    struct buffers *buffers;
    struct budget packet_budget; /* in packets */
    struct budget buffer_budget; /* in bytes */
    struct bpf_store filters;    /* of its sockets */
    struct pool *rare;           /* options that few sockets have (4-transport/rare.h) */
    struct voice voice;          /* the node's: no wire */
    struct siphash_key key;      /* of the lab's seed and the node's name */
    struct link_list *touched;   /* layer 5's, one for all nodes: sockets to look at again */
    struct changes *changes;     /* of its tables; NULL: nobody is to be told of them */
    uint32_t node;               /* its number, or EVENT_NOWHERE */
    uint32_t rare_count;         /* slots of them that it has */
};

/* The means of a node of a lab, whose stores and limits they share; drops: uint64_t[DROP_COUNT]. */
void means_of_node(struct means *node, const struct means *lab, uint32_t number,
                   struct siphash_key key, uint64_t *drops);
