/* SPDX-License-Identifier: MIT */
/* See means.h. */
#include "base/means.h"

void means_of_node(struct means *node, const struct means *lab, uint32_t number,
                   struct siphash_key key, uint64_t *drops)
{
    node->arena = lab->arena;
    node->timers = lab->timers;
    node->packets = lab->packets;
    node->buffers = lab->buffers;
    node->packet_budget.limit = lab->packet_budget.limit;
    node->buffer_budget.limit = lab->buffer_budget.limit;
    node->voice.log = lab->voice.log;
    node->voice.drops = drops;
    node->voice.host = (uint16_t)number;
    node->voice.wire = EVENT_NOWHERE;
    siphash_key_copy(&node->key, key);
    node->touched = lab->touched;
    node->node = number;
}
