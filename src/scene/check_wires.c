/* SPDX-License-Identifier: MIT */
/*
 * Checks the wires of a lab file: the two interfaces or ports that each joins, and the faults,
 * which stand at the wire for both directions and may be given anew for one: `forth` from the first
 * to the second, `back` the other way.
 */
#include <string.h>
#include "scene/check.h"
#include "scene/stages.h"
#include "scene/value.h"

static void check_chance(struct scene_check *check, const char *key, const char *text,
                         uint32_t *ppm)
{
    if (text != NULL && !scene_read_chance(text, ppm))
        scene_check_fail(check, key, "\"%s\" is not a chance such as 5%%, 0.1%% or 250ppm", text);
}

void scene_check_faults(struct scene_check *check, const struct scene_faults *faults,
                        struct sockeye_wire_config *config)
{
    bool past_fcs = config->past_fcs != 0;

    if (faults->rate != NULL && !scene_read_rate(faults->rate, &config->rate_bits))
        scene_check_fail(check, "rate",
                         "\"%s\" is not a rate such as 64kbit, 100Mbit, 1Gbit or unlimited",
                         faults->rate);
    scene_check_duration(check, "delay", faults->delay, &config->delay_ns);
    scene_check_duration(check, "jitter", faults->jitter, &config->jitter_ns);
    if (faults->loss != NULL && !scene_read_loss(faults->loss, config))
        scene_check_fail(check, "loss",
                         "\"%s\" is not a chance such as 5%%, 0.1%% or 250ppm, nor bursts such as "
                         "gemodel 1%% 25%%",
                         faults->loss);
    check_chance(check, "reorder", faults->reorder, &config->reorder_ppm);
    scene_check_duration(check, "reorder_by", faults->reorder_by, &config->reorder_ns);
    check_chance(check, "duplicate", faults->duplicate, &config->duplicate_ppm);
    check_chance(check, "corrupt", faults->corrupt, &config->corrupt_ppm);
    scene_check_bool(check, "past_fcs", faults->past_fcs, &past_fcs);
    config->past_fcs = past_fcs;
    scene_check_number(check, "mtu", faults->mtu, 68, 65535, &config->mtu);
    scene_check_queue(check, faults->queue, config);
}

static void check_direction(struct scene_check *check, const char *key,
                            const struct scene_faults *faults, struct sockeye_wire_config *config)
{
    size_t before;

    if (faults == NULL)
        return;
    before = scene_check_enter(check, ".%s", key);
    scene_check_faults(check, faults, config);
    scene_check_leave(check, before);
}

static void check_interface(struct scene_check *check, const char *at, unsigned number,
                            unsigned end, unsigned host, const char *name)
{
    struct scene_host *is = &check->lab->hosts[host];
    struct scene_interface *interface = NULL;

    for (unsigned i = 0; i < is->interfaces_count; i++) {
        if (strcmp(is->interfaces[i].name, name) == 0) {
            interface = &is->interfaces[i];
            check->lab->wires[number].end[end] = (struct scene_end){.node = host, .port = i};
        }
    }
    if (interface == NULL) {
        scene_check_fail(check, at, "%s \"%s\" has no interface \"%s\"",
                         is->is_router ? "router" : "host", is->name, name);
    } else if (interface->wire >= 0) {
        scene_check_fail(check, at, "\"%s.%s\" is already joined to wire \"%s\"", is->name, name,
                         check->lab->wires[interface->wire].name);
    } else {
        interface->wire = (int)number;
        interface->end = (int)end;
    }
}

/* Finds "host.interface" or "switch.port" and joins it to an end of the wire. A port is there when
 * a wire names it. */
static void check_end(struct scene_check *check, unsigned number, unsigned end)
{
    struct scene *lab = check->lab;
    const char *text = lab->wires[number].between[end], *dot = strchr(text, '.');
    char at[32], name[SOCKEYE_NAME_BYTES] = "";
    int host, is;

    snprintf(at, sizeof at, "between[%u]", end);
    if (dot == NULL) {
        scene_check_fail(check, at, "\"%s\": must be HOST.INTERFACE or SWITCH.PORT", text);
        return;
    }
    if ((size_t)(dot - text) < sizeof name)
        snprintf(name, sizeof name, "%.*s", (int)(dot - text), text);
    host = scene_find_host(lab, name);
    is = scene_lookup_find(&lab->switch_names, name);
    if (host >= 0)
        check_interface(check, at, number, end, (unsigned)host, dot + 1);
    else if (is < 0)
        scene_check_fail(check, at, "\"%s\": there is no such host, router or switch", text);
    else if (!scene_is_name(dot + 1))
        scene_check_fail(check, at, "\"%s\" cannot name a port", dot + 1);
    else
        (void)scene_switch_add_port(check, at, (unsigned)is, dot + 1, &lab->wires[number].end[end],
                                    number, end);
}

static void check_down(struct scene_check *check, struct scene_down *down)
{
    int64_t lasts = SOCKEYE_NEVER;

    scene_check_duration(check, "at", down->at, &down->from);
    scene_check_duration(check, "for", down->lasts, &lasts);
    down->until = lasts == SOCKEYE_NEVER ? SOCKEYE_NEVER : down->from + lasts;
    down->hits[0] = down->direction == NULL || strcmp(down->direction, "forth") == 0;
    down->hits[1] = down->direction == NULL || strcmp(down->direction, "back") == 0;
    if (!down->hits[0] && !down->hits[1])
        scene_check_fail(check, "direction", "\"%s\" is neither forth nor back", down->direction);
}

static void check_wire(struct scene_check *check, unsigned number)
{
    struct scene_wire *wire = &check->lab->wires[number];

    if (!scene_is_name(wire->name))
        scene_check_fail(check, "name", "\"%s\" cannot name a wire", wire->name);
    if (scene_lookup_find(&check->lab->wire_names, wire->name) != (int)number)
        scene_check_fail(check, "name", "another wire has this name");
    if (wire->network >= 0) /* a cable: its network was checked */
        return;
    scene_check_faults(check, &wire->faults, &wire->config[0]);
    wire->config[1] = wire->config[0];
    check_direction(check, "forth", wire->forth, &wire->config[0]);
    check_direction(check, "back", wire->back, &wire->config[1]);
    for (unsigned i = 0; i < wire->down_count; i++) {
        size_t before = scene_check_enter(check, ".down[%u]", i);

        check_down(check, &wire->down[i]);
        scene_check_leave(check, before);
    }
}

void scene_check_ends(struct scene_check *check)
{
    for (unsigned i = 0; i < check->lab->listed_wires_count; i++) {
        size_t before = scene_check_enter(check, "wires[%u]", i);

        check_end(check, i, 0);
        check_end(check, i, 1);
        scene_check_leave(check, before);
    }
}

/* Behind a port with a host is no switch, unless the file says another thing: it opens at once. */
static void find_edges(struct scene *lab)
{
    for (unsigned i = 0; i < lab->wires_count; i++) {
        for (int side = 0; side < 2; side++) {
            const struct scene_end *end = &lab->wires[i].end[side];
            struct scene_switch *is = end->is_switch ? &lab->switches[end->node] : NULL;
            struct scene_port *port = is == NULL ? NULL : &is->ports[end->port];

            if (is != NULL && is->config.stp != 0 && !lab->wires[i].end[1 - side].is_switch &&
                (port->listed < 0 || is->listed_ports[port->listed].edge == NULL))
                port->config.edge = 1;
        }
    }
}

static void check_ports_joined(struct scene_check *check)
{
    for (unsigned i = 0; i < check->lab->listed_switches_count; i++) {
        const struct scene_switch *is = &check->lab->switches[i];

        for (unsigned k = 0; k < is->listed_ports_count; k++) {
            size_t before = scene_check_enter(check, "switches[%u].ports[%u]", i, k);

            if (!is->listed_ports[k].is_joined)
                scene_check_fail(check, "", "no wire joins this port");
            scene_check_leave(check, before);
        }
    }
}

void scene_check_wires(struct scene_check *check)
{
    for (unsigned i = 0; i < check->lab->wires_count; i++) {
        size_t before = scene_check_enter(check, "wires[%u]", i);

        check_wire(check, i);
        scene_check_leave(check, before);
    }
    check_ports_joined(check);
    find_edges(check->lab);
    for (unsigned i = 0; i < check->lab->hosts_count; i++) {
        const struct scene_host *host = &check->lab->hosts[i];

        for (unsigned k = 0; k < host->interfaces_count; k++) {
            size_t before = scene_check_enter(check, "hosts[%u].interfaces[%u]", i, k);

            if (host->interfaces[k].wire < 0 && host->interfaces[k].net == NULL)
                scene_check_fail(check, "", "no wire joins this interface");
            scene_check_leave(check, before);
        }
    }
}
