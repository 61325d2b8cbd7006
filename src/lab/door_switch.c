/* SPDX-License-Identifier: MIT */
/* The door of hubs and switches. */
#include <string.h>

#include "base/bytes.h"
#include "lab/handle.h"

static struct input_bytes text_in(const char *text)
{
    return (struct input_bytes){(const uint8_t *)text, text ? strlen(text) + 1 : 0};
}

int sockeye_hub(struct sockeye *s, const char *name)
{
    struct input in = {.kind = INPUT_HUB, .in = {text_in(name)}};

    return (int)door_enter(s, &in);
}

int sockeye_switch(struct sockeye *s, const char *name, const struct sockeye_switch_config *config)
{
    static const struct sockeye_switch_config none;
    const struct sockeye_switch_config *c = config ? config : &none;
    uint8_t bytes[12 * 8];
    struct writer w = writer_of(bytes, sizeof bytes);
    struct input in = {.kind = INPUT_SWITCH, .in = {text_in(name), {bytes, sizeof bytes}}};

    write_u64(&w, (uint64_t)c->age_ns);
    write_u64(&w, c->stations);
    write_u64(&w, c->port_stations);
    write_u64(&w, c->keep_oldest);
    write_u64(&w, c->vlans);
    write_u64(&w, c->stp);
    write_u64(&w, c->priority);
    write_u64(&w, c->no_snooping);
    write_u64(&w, c->groups);
    write_u64(&w, (uint64_t)c->group_age_ns);
    write_u64(&w, c->querier);
    write_u64(&w, c->querier_ip4);
    return (int)door_enter(s, &in);
}

int sockeye_switch_port(struct sockeye *s, int node, int interface,
                        const struct sockeye_port_config *config)
{
    static const struct sockeye_port_config none;
    const struct sockeye_port_config *c = config ? config : &none;
    uint8_t bytes[9 * 8];
    struct writer w = writer_of(bytes, sizeof bytes);
    struct input in = {.kind = INPUT_SWITCH_PORT,
                       .at = node,
                       .number = {interface},
                       .in = {{bytes, sizeof bytes}, text_in(c->trunk)}};

    write_u64(&w, c->stations);
    write_u64(&w, c->vlan);
    write_u64(&w, c->double_tags);
    write_u64(&w, c->cost);
    write_u64(&w, c->priority);
    write_u64(&w, c->edge);
    write_u64(&w, c->shared);
    write_u64(&w, c->storm_rate);
    write_u64(&w, c->storm_burst);
    return (int)door_enter(s, &in);
}

int sockeye_find_loop(const struct sockeye *s, int *wires, int most)
{
    return lab_loop_find(s->lab, wires, most);
}

int sockeye_vlan(struct sockeye *s, int host, int interface, const char *name, uint32_t vlan)
{
    struct input in = {
        .kind = INPUT_VLAN, .at = host, .number = {interface, vlan}, .in = {text_in(name)}};

    return (int)door_enter(s, &in);
}
