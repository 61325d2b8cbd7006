/* SPDX-License-Identifier: MIT */
/*
 * Makes long what a lab file says in short. Routers are put behind the hosts, and what says `net`
 * alone gets its one interface; networks without a switch get one of their own, of their name; and
 * each interface in a network that no wire joins gets a cable to a port of the network's switch.
 * The port has the name of what is plugged into it, the cable that of the network before it.
 *
 * The arrays that libcyaml made stay as they are, and are its own to free; here are copies, whose
 * texts are the same.
 */
#include <stdlib.h>
#include <string.h>
#include "scene/check.h"
#include "scene/value.h"

/* One array of the entries of two, the second of which may grow by `more`. */
static void *join(const void *a, unsigned a_count, const void *b, unsigned b_count, size_t more,
                  size_t size)
{
    char *both = calloc(a_count + b_count + more + 1, size);

    if (both != NULL && a_count > 0)
        memcpy(both, a, a_count * size);
    if (both != NULL && b_count > 0)
        memcpy(both + a_count * size, b, b_count * size);
    return both;
}

/* `net: lan` alone: an interface eth0. @return false: no memory */
static bool make_interface(struct scene_host *host)
{
    host->interfaces = calloc(1, sizeof *host->interfaces);
    if (host->interfaces == NULL)
        return false;
    host->interfaces[0].name = strdup("eth0");
    host->interfaces[0].net = host->net;
    host->interfaces_count = 1;
    host->is_short = true;
    return host->interfaces[0].name != NULL;
}

bool scene_expand_hosts(struct scene_check *check)
{
    struct scene *lab = check->lab;

    lab->hosts = join(lab->listed_hosts, lab->listed_hosts_count, lab->listed_routers,
                      lab->listed_routers_count, 0, sizeof *lab->hosts);
    if (lab->hosts == NULL) {
        scene_check_fail(check, "", "out of memory");
        return false;
    }
    lab->hosts_count = lab->listed_hosts_count + lab->listed_routers_count;
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        struct scene_host *host = &lab->hosts[i];

        host->is_router = i >= lab->listed_hosts_count;
        if (host->net != NULL && host->interfaces_count == 0 && !make_interface(host)) {
            scene_check_fail(check, "", "out of memory");
            return false;
        }
    }
    return true;
}

bool scene_expand_switches(struct scene_check *check)
{
    struct scene *lab = check->lab;

    lab->switches = join(lab->listed_switches, lab->listed_switches_count, NULL, 0,
                         lab->networks_count, sizeof *lab->switches);
    if (lab->switches == NULL) {
        scene_check_fail(check, "", "out of memory");
        return false;
    }
    lab->switches_count = lab->listed_switches_count;
    for (unsigned i = 0; i < lab->switches_count; i++)
        lab->switches[i].network = -1;
    for (unsigned i = 0; i < lab->networks_count; i++) {
        if (lab->networks[i].switch_name != NULL)
            continue;
        lab->networks[i].switch_index = lab->switches_count;
        lab->switches[lab->switches_count].name = lab->networks[i].name;
        lab->switches[lab->switches_count++].network = (int)i;
    }
    return true;
}

/* What the file says of a port that is there now. */
static void take_listed(struct scene_switch *is, struct scene_port *port)
{
    port->listed = -1;
    for (unsigned i = 0; i < is->listed_ports_count; i++) {
        if (strcmp(is->listed_ports[i].name, port->name) != 0)
            continue;
        is->listed_ports[i].is_joined = true;
        port->listed = (int)i;
        port->config = is->listed_ports[i].config;
        return;
    }
}

bool scene_switch_add_port(struct scene_check *check, const char *key, unsigned number,
                           const char *name, struct scene_end *end, unsigned wire, unsigned side)
{
    struct scene_switch *is = &check->lab->switches[number];

    if (number >= check->lab->switches_count)
        return false; /* there is none, which the network has been told (check_networks.c) */
    for (unsigned i = 0; i < is->ports_count; i++) {
        if (strcmp(is->ports[i].name, name) != 0)
            continue;
        scene_check_fail(check, key,
                         "port \"%s\" of switch \"%s\" is already joined to wire \"%s\"", name,
                         is->name, check->lab->wires[is->ports[i].wire].name);
        return false;
    }
    if (is->ports_count == SOCKEYE_INTERFACES - 1) {
        scene_check_fail(check, key, "switch \"%s\" has no more than %d ports", is->name,
                         SOCKEYE_INTERFACES - 1);
        return false;
    }
    if (is->ports == NULL)
        is->ports = calloc(SOCKEYE_INTERFACES - 1, sizeof *is->ports);
    if (is->ports == NULL) {
        scene_check_fail(check, "", "out of memory");
        return false;
    }
    *end = (struct scene_end){.is_switch = true, .node = number, .port = is->ports_count};
    is->ports[is->ports_count] = (struct scene_port){.wire = wire, .end = side};
    snprintf(is->ports[is->ports_count].name, sizeof is->ports[0].name, "%s", name);
    take_listed(is, &is->ports[is->ports_count++]);
    return true;
}

/* The port is of the network's VLAN, unless the file says another thing of it. */
static void plug_in(struct scene_check *check, const struct scene_network *network,
                    const struct scene_end *end)
{
    struct scene_switch *is = &check->lab->switches[end->node];
    struct scene_port *port = &is->ports[end->port];

    if (network->vlan == 0 || port->config.vlan != 0 || port->config.trunk != NULL)
        return;
    port->config.vlan = network->vlan;
    is->config.vlans = 1;
}

/* "gate", or "gate-eth1" of a host with an earlier interface in the same network, or on the same
 * switch. */
static void name_plug(const struct scene *lab, unsigned h, unsigned i, bool by_switch, char *name,
                      size_t size)
{
    const struct scene_host *host = &lab->hosts[h];
    unsigned here = lab->networks[host->interfaces[i].network].switch_index;
    bool is_second = false;

    for (unsigned k = 0; k < i; k++) {
        int other = host->interfaces[k].network;

        if (other >= 0)
            is_second |= by_switch ? lab->networks[other].switch_index == here
                                   : other == host->interfaces[i].network;
    }
    snprintf(name, size, "%.31s%s%.31s", host->name, is_second ? "-" : "",
             is_second ? host->interfaces[i].name : "");
}

/* The cable of an interface, "lan-client", and its port, "client". */
static void add_cable(struct scene_check *check, unsigned h, unsigned i)
{
    struct scene *lab = check->lab;
    struct scene_interface *interface = &lab->hosts[h].interfaces[i];
    const struct scene_network *network = &lab->networks[interface->network];
    unsigned number = lab->wires_count;
    struct scene_wire *wire = &lab->wires[number];
    char port[2 * SOCKEYE_NAME_BYTES + 2], plug[sizeof port], name[sizeof port + 34];

    name_plug(lab, h, i, true, port, sizeof port);
    name_plug(lab, h, i, false, plug, sizeof plug);
    snprintf(name, sizeof name, "%.31s-%s", network->name, plug);
    if (!scene_is_name(name) || !scene_is_name(port)) {
        scene_check_fail(check, "net", "\"%s\" has more than %d letters, as the name of %s",
                         scene_is_name(name) ? port : name, SOCKEYE_NAME_BYTES - 1,
                         scene_is_name(name) ? "its port" : "its cable");
        return;
    }
    wire->name = strdup(name);
    if (wire->name == NULL) {
        scene_check_fail(check, "", "out of memory");
        return;
    }
    *wire = (struct scene_wire){.name = wire->name,
                                .end[0] = {.node = h, .port = i},
                                .network = interface->network,
                                .config = {network->config, network->config}};
    lab->wires_count++;
    interface->wire = (int)number;
    interface->end = 0;
    if (scene_switch_add_port(check, "net", network->switch_index, port, &wire->end[1], number, 1))
        plug_in(check, network, &wire->end[1]);
}

bool scene_expand_wires(struct scene_check *check)
{
    struct scene *lab = check->lab;
    size_t cables = 0;

    for (unsigned i = 0; i < lab->hosts_count; i++) {
        for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++)
            cables += lab->hosts[i].interfaces[k].network >= 0;
    }
    lab->wires =
        join(lab->listed_wires, lab->listed_wires_count, NULL, 0, cables, sizeof *lab->wires);
    if (lab->wires == NULL) {
        scene_check_fail(check, "", "out of memory");
        return false;
    }
    lab->wires_count = lab->listed_wires_count;
    for (unsigned i = 0; i < lab->wires_count; i++)
        lab->wires[i].network = -1;
    if (cables + lab->wires_count > SOCKEYE_WIRES) {
        scene_check_fail(check, "wires", "a lab has at most %d wires, cables of networks included",
                         SOCKEYE_WIRES);
        return false;
    }
    return true;
}

void scene_expand_cables(struct scene_check *check)
{
    struct scene *lab = check->lab;

    for (unsigned i = 0; i < lab->hosts_count; i++) {
        for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++) {
            const struct scene_interface *interface = &lab->hosts[i].interfaces[k];
            size_t before = scene_check_enter(check, "hosts[%u].interfaces[%u]", i, k);

            if (interface->network >= 0 && interface->wire < 0)
                add_cable(check, i, k);
            scene_check_leave(check, before);
        }
    }
}

void scene_expand_undo(struct scene *lab)
{
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        if (!lab->hosts[i].is_short)
            continue;
        free(lab->hosts[i].interfaces[0].name);
        free(lab->hosts[i].interfaces);
    }
    for (unsigned i = lab->listed_wires_count; i < lab->wires_count; i++)
        free(lab->wires[i].name);
    for (unsigned i = 0; i < lab->switches_count; i++)
        free(lab->switches[i].ports);
    for (unsigned i = 0; i < lab->networks_count; i++)
        free(lab->networks[i].prefix);
    free(lab->hosts);
    free(lab->wires);
    free(lab->switches);
}
