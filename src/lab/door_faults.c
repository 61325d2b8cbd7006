/* SPDX-License-Identifier: MIT */
/* The door: faults of nodes, each an input. */
#include <errno.h>

#include "base/bytes.h"
#include "lab/handle.h"

static int node_state(struct sockeye *s, int node, enum input_node_state state)
{
    struct input in = {.kind = INPUT_NODE_STATE, .at = node, .number = {state}};

    return (int)door_enter(s, &in);
}

int sockeye_pause(struct sockeye *s, int node)
{
    return node_state(s, node, INPUT_PAUSE);
}

int sockeye_resume(struct sockeye *s, int node)
{
    return node_state(s, node, INPUT_RESUME);
}

int sockeye_crash(struct sockeye *s, int node)
{
    return node_state(s, node, INPUT_CRASH);
}

_Static_assert((int)SOCKEYE_HOSTS == (int)PARTITION_NODES, "a bit for each node");
_Static_assert((int)SOCKEYE_PARTITION_UNREACHABLE == (int)PARTITION_UNREACHABLE, "the same words");

static struct input_bytes numbers_in(const uint16_t *numbers, size_t count, uint8_t *bytes,
                                     size_t size)
{
    struct writer w = writer_of(bytes, size);

    for (size_t i = 0; i < count && numbers; i++)
        write_u16(&w, numbers[i]);
    return (struct input_bytes){bytes, 2 * count};
}

int sockeye_partition(struct sockeye *s, const struct sockeye_partition *p)
{
    uint8_t from[2 * SOCKEYE_HOSTS], to[2 * SOCKEYE_HOSTS], ports[2 * PARTITION_PORTS];
    struct input in = {.kind = INPUT_PARTITION, .at = -1, .number = {p->action, p->new_only}};

    if (p->from_count > SOCKEYE_HOSTS || p->to_count > SOCKEYE_HOSTS ||
        p->port_count > PARTITION_PORTS || !p->from || !p->to || (p->port_count && !p->ports))
        return -EINVAL;
    in.in[0] = numbers_in(p->from, p->from_count, from, sizeof from);
    in.in[1] = numbers_in(p->to, p->to_count, to, sizeof to);
    in.in[2] = numbers_in(p->ports, p->port_count, ports, sizeof ports);
    return (int)door_enter(s, &in);
}

int sockeye_heal(struct sockeye *s, int partition)
{
    struct input in = {.kind = INPUT_HEAL, .at = partition};

    return (int)door_enter(s, &in);
}
