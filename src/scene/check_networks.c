/* SPDX-License-Identifier: MIT */
/*
 * Checks the switches and networks of a lab file: their names, which nothing else of the lab has,
 * the switch that a network is on, and its prefixes of addresses, of which no two overlap. A
 * network without any has 10.N.0.0/24, N its place in the file, counted from 1.
 */
#include <stdlib.h>
#include <string.h>
#include "7-application/service_dhcp6.h"
#include "scene/check.h"
#include "scene/value.h"

enum {
    NETWORKS = 4096, /* most, so that each has a place in 10.0.0.0/8 */
    VLAN_MOST = 4094,
    COST_MOST = 200000000,
    PRIORITY_STEP = 4096,
    PORT_PRIORITY_STEP = 16
};

/* What has this name before the networks are asked: a host, a router or a switch; or NULL. */
static const char *kind_of_name(const struct scene *lab, const char *name)
{
    int host = scene_find_host(lab, name);

    if (host >= 0)
        return lab->hosts[host].is_router ? "router" : "host";
    return scene_lookup_find(&lab->switch_names, name) >= 0 ? "switch" : NULL;
}

/* IEEE 802.1D-2004 9.2.5, 9.2.7: sixteen of them, so far from each other. */
static void check_priority(struct scene_check *check, const char *text, uint32_t step,
                           uint32_t *value)
{
    scene_check_number(check, "priority", text, step, 15 * step, value);
    if (*value % step != 0)
        scene_check_fail(check, "priority", "\"%s\" is not a multiple of %u", text, step);
}

/* What a hub has not: it learns nothing. */
static void check_age(struct scene_check *check, const char *key, const char *text, int64_t *age)
{
    if (text == NULL)
        return;
    *age = 1; /* what is no time has been told then */
    scene_check_duration(check, key, text, age);
    if (*age == 0)
        scene_check_fail(check, key, "is no time at all");
}

/* `querier` is true, false, or the IPv4 address to ask from. */
static void check_snooping(struct scene_check *check, struct scene_switch *is)
{
    struct sockeye_switch_config *c = &is->config;
    bool snooping = true, querier = false;
    struct address address;
    const char *end;

    scene_check_bool(check, "snooping", is->snooping, &snooping);
    c->no_snooping = !snooping;
    scene_check_number(check, "groups", is->groups, 1, SOCKEYE_GROUPS, &c->groups);
    check_age(check, "group_age", is->group_age, &c->group_age_ns);
    if (is->querier != NULL && address_parse(is->querier, &end, &address) && *end == '\0') {
        querier = true;
        c->querier_ip4 = address_to_ip4(address);
        if (!address_is_mapped(address) || c->querier_ip4 == 0 || c->querier_ip4 >> 29 == 7)
            scene_check_fail(check, "querier", "\"%s\" is no IPv4 address of a station",
                             is->querier);
    } else {
        scene_check_bool(check, "querier", is->querier, &querier);
    }
    c->querier = querier;
    if (!snooping && (is->groups != NULL || is->group_age != NULL || querier))
        scene_check_fail(check, "snooping",
                         "\"groups\", \"group_age\" and \"querier\" need it to be true");
}

static void check_kind(struct scene_check *check, struct scene_switch *is)
{
    bool keep_oldest = false, stp = false;

    is->is_hub = is->kind != NULL && strcmp(is->kind, "hub") == 0;
    if (is->kind != NULL && !is->is_hub && strcmp(is->kind, "switch") != 0)
        scene_check_fail(check, "kind", "\"%s\" is neither switch nor hub", is->kind);
    if (is->is_hub && (is->age != NULL || is->stations != NULL || is->port_stations != NULL ||
                       is->keep_oldest != NULL || is->stp != NULL || is->priority != NULL ||
                       is->snooping != NULL || is->groups != NULL || is->group_age != NULL ||
                       is->querier != NULL))
        scene_check_fail(check, "kind",
                         "a hub remembers no stations and groups, and is in no tree");
    check_age(check, "age", is->age, &is->config.age_ns);
    scene_check_number(check, "stations", is->stations, 1, SOCKEYE_STATIONS, &is->config.stations);
    scene_check_number(check, "port_stations", is->port_stations, 1, SOCKEYE_STATIONS,
                       &is->config.port_stations);
    scene_check_bool(check, "keep_oldest", is->keep_oldest, &keep_oldest);
    is->config.keep_oldest = keep_oldest;
    scene_check_bool(check, "stp", is->stp, &stp);
    is->config.stp = stp;
    check_priority(check, is->priority, PRIORITY_STEP, &is->config.priority);
    if (is->priority != NULL && !stp)
        scene_check_fail(check, "priority", "needs stp: true");
    check_snooping(check, is);
}

/* What is said of a port's place in the tree. */
static void check_branch(struct scene_check *check, const struct scene_switch *is,
                         struct scene_listed_port *port)
{
    bool edge = false, shared = false;

    if (is->config.stp == 0 && (port->cost != NULL || port->priority != NULL ||
                                port->edge != NULL || port->shared != NULL))
        scene_check_fail(check, "",
                         "\"cost\", \"priority\", \"edge\" and \"shared\" need stp: true of the "
                         "switch");
    scene_check_number(check, "cost", port->cost, 1, COST_MOST, &port->config.cost);
    check_priority(check, port->priority, PORT_PRIORITY_STEP, &port->config.priority);
    scene_check_bool(check, "edge", port->edge, &edge);
    scene_check_bool(check, "shared", port->shared, &shared);
    port->config.edge = edge;
    port->config.shared = shared;
}

static void check_port(struct scene_check *check, struct scene_switch *is, unsigned number)
{
    struct scene_listed_port *port = &is->listed_ports[number];
    bool double_tags = false;

    if (!scene_is_name(port->name))
        scene_check_fail(check, "name", "\"%s\" cannot name a port", port->name);
    for (unsigned i = 0; i < number; i++) {
        if (strcmp(is->listed_ports[i].name, port->name) == 0)
            scene_check_fail(check, "name", "another port of this switch has this name");
    }
    scene_check_number(check, "vlan", port->vlan, 1, VLAN_MOST, &port->config.vlan);
    scene_check_number(check, "stations", port->stations, 1, SOCKEYE_STATIONS,
                       &port->config.stations);
    scene_check_bool(check, "double_tags", port->double_tags, &double_tags);
    port->config.double_tags = double_tags;
    port->config.trunk = port->trunk;
    check_branch(check, is, port);
    if (port->vlan != NULL || port->trunk != NULL || port->double_tags != NULL)
        is->config.vlans = 1;
}

static void check_ports(struct scene_check *check, struct scene_switch *is)
{
    if (is->listed_ports_count >= SOCKEYE_INTERFACES) {
        scene_check_fail(check, "ports", "a switch has at most %d ports", SOCKEYE_INTERFACES - 1);
        is->listed_ports_count = 0;
    }
    if (is->is_hub && is->listed_ports_count > 0)
        scene_check_fail(check, "ports", "there is nothing to say of the ports of a hub");
    for (unsigned i = 0; i < is->listed_ports_count; i++) {
        size_t before = scene_check_enter(check, ".ports[%u]", i);

        check_port(check, is, i);
        scene_check_leave(check, before);
    }
}

static void check_switch(struct scene_check *check, unsigned number)
{
    const struct scene *lab = check->lab;
    const char *name = lab->listed_switches[number].name;
    int host = scene_find_host(lab, name);

    if (!scene_is_name(name))
        scene_check_fail(check, "name", "\"%s\" cannot name a switch", name);
    if (host >= 0)
        scene_check_fail(check, "name", "a %s has this name",
                         lab->hosts[host].is_router ? "router" : "host");
    if (scene_lookup_find(&lab->switch_names, name) != (int)number)
        scene_check_fail(check, "name", "another switch has this name");
    check_kind(check, &check->lab->switches[number]);
    check_ports(check, &check->lab->switches[number]);
}

/* "10.N.0.0/24"; beyond 255 of them "10.0.1.0/24", "10.1.1.0/24" and so on. */
static struct scene_prefix prefix_by_place(unsigned number)
{
    uint32_t n = number + 1;

    return (struct scene_prefix){
        address_from_ip4(UINT32_C(10) << 24 | (n & 255) << 16 | n >> 8 << 8), 24};
}

/* May hosts have addresses of it? */
static bool is_for_hosts(struct scene_prefix prefix)
{
    if (address_is_mapped(prefix.ip)) {
        uint32_t ip4 = address_to_ip4(prefix.ip);

        return ip4 >> 24 != 0 && ip4 >> 24 != 127 && ip4 < 0xe0000000;
    }
    return prefix.ip.high >> 56 != 0xff && prefix.ip.high != 0 && !scene_is_link_local(prefix.ip);
}

/* "fd00:0:0:N::/64" */
static struct scene_prefix prefix6_by_place(unsigned number)
{
    return (struct scene_prefix){{UINT64_C(0xfd00) << 48 | (number + 1), 0}, 64};
}

static void check_prefixes(struct scene_check *check, struct scene_network *network,
                           unsigned number)
{
    bool has_ip6 = false;

    network->prefix = calloc(network->addresses_count + 2, sizeof *network->prefix);
    if (network->prefix == NULL) {
        scene_check_fail(check, "", "out of memory");
        return;
    }
    if (network->addresses_count == 0)
        network->prefix[network->prefix_count++] = prefix_by_place(number);
    for (unsigned i = 0; i < network->addresses_count; i++) {
        const char *text = network->addresses[i];
        struct scene_prefix prefix;
        char key[SCENE_ADDRESS_KEY_BYTES], shown[ADDRESS_TEXT_BYTES];

        snprintf(key, sizeof key, "addresses[%u]", i);
        if (!scene_read_prefix(text, &prefix.ip, &prefix.bits)) {
            scene_check_fail(check, key,
                             "\"%s\" is not a prefix such as 10.1.0.0/24 or fd00:1::/64", text);
        } else if (!is_for_hosts(prefix)) {
            scene_check_fail(check, key, "\"%s\" has no addresses that a host can have", text);
        } else if (!address_equal(prefix.ip, scene_network_of(prefix).ip)) {
            address_format(scene_network_of(prefix).ip, shown);
            scene_check_fail(check, key, "\"%s\" is an address in %s/%d; give the network", text,
                             shown, prefix.bits);
        } else {
            has_ip6 |= !address_is_mapped(prefix.ip);
            network->prefix[network->prefix_count++] = prefix;
        }
    }
    if (network->is_auto && !has_ip6)
        network->prefix[network->prefix_count++] = prefix6_by_place(number);
}

static bool has_router(const struct scene *lab, const char *network)
{
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        const struct scene_host *host = &lab->hosts[i];

        for (unsigned k = 0; host->is_router && k < host->interfaces_count; k++) {
            if (host->interfaces[k].net != NULL && strcmp(host->interfaces[k].net, network) == 0)
                return true;
        }
    }
    return false;
}

/* Stateless DHCPv6. */
static void check_dhcp6(struct scene_check *check, struct scene_network *network)
{
    scene_check_bool(check, "dhcp6", network->dhcp6, &network->has_dhcp6);
    if (network->has_dhcp6 && !network->is_auto)
        scene_check_fail(check, "dhcp6", "needs \"ip6: auto\": routers say that there is any");
    if (network->domains_count > 0 && !network->has_dhcp6)
        scene_check_fail(check, "domains", "needs \"dhcp6: true\": nobody tells the hosts");
    if (network->domains_count > SERVICE_DHCP6_LIST)
        scene_check_fail(check, "domains", "at most %d are told", SERVICE_DHCP6_LIST);
    for (unsigned i = 0; i < network->domains_count; i++) {
        char key[40];

        snprintf(key, sizeof key, "domains[%u]", i);
        if (!service_dhcp6_is_domain(network->domains[i]))
            scene_check_fail(check, key, "\"%s\" is no name of a domain of at most 63 letters",
                             network->domains[i]);
    }
}

static void check_network(struct scene_check *check, unsigned number)
{
    const struct scene *lab = check->lab;
    struct scene_network *network = &check->lab->networks[number];
    const char *kind = kind_of_name(lab, network->name);
    int found = -1;

    if (!scene_is_name(network->name))
        scene_check_fail(check, "name", "\"%s\" cannot name a network", network->name);
    if (kind != NULL)
        scene_check_fail(check, "name", "a %s has this name", kind);
    if (scene_lookup_find(&lab->network_names, network->name) != (int)number)
        scene_check_fail(check, "name", "another network has this name");
    if (network->switch_name != NULL)
        found = scene_lookup_find(&lab->switch_names, network->switch_name);
    if (found >= 0) {
        network->switch_index = (unsigned)found;
    } else if (network->switch_name != NULL) {
        scene_check_fail(check, "switch", "there is no switch \"%s\"", network->switch_name);
        network->switch_index = lab->switches_count; /* none: its cables join nothing */
    }
    if (network->vlan_text != NULL && network->switch_name == NULL)
        scene_check_fail(check, "vlan", "needs \"switch\"; this network has one for itself alone");
    else if (network->vlan_text != NULL && found >= 0 && lab->switches[found].is_hub)
        scene_check_fail(check, "vlan", "\"%s\" is a hub", network->switch_name);
    scene_check_number(check, "vlan", network->vlan_text, 1, VLAN_MOST, &network->vlan);
    network->is_auto = network->ip6 != NULL && strcmp(network->ip6, "auto") == 0;
    if (network->ip6 != NULL && !network->is_auto)
        scene_check_fail(check, "ip6", "\"%s\" is not auto", network->ip6);
    if (network->is_auto && !has_router(lab, network->name))
        scene_check_fail(check, "ip6", "no router of this network could advertise");
    if (network->nameservers_count > 0 && !network->is_auto && network->dhcp == NULL)
        scene_check_fail(check, "nameservers",
                         "needs \"dhcp\" or \"ip6: auto\": nobody tells the hosts");
    check_dhcp6(check, network);
    scene_check_faults(check, &network->faults, &network->config);
    check_prefixes(check, network, number);
}

/* A prefix and where it stands. */
struct part {
    struct scene_prefix prefix;
    unsigned network, which;
};

static int compare_parts(const void *left, const void *right)
{
    const struct part *a = left, *b = right;

    if (a->prefix.ip.high != b->prefix.ip.high)
        return a->prefix.ip.high < b->prefix.ip.high ? -1 : 1;
    if (a->prefix.ip.low != b->prefix.ip.low)
        return a->prefix.ip.low < b->prefix.ip.low ? -1 : 1;
    if (a->prefix.bits != b->prefix.bits)
        return a->prefix.bits < b->prefix.bits ? -1 : 1;
    return (a->network > b->network) - (a->network < b->network);
}

static void tell_overlap(struct scene_check *check, const struct part *first,
                         const struct part *second)
{
    const struct scene *lab = check->lab;
    const struct part *later = first->network > second->network ? first : second;
    const struct part *earlier = later == first ? second : first;
    char path[80], one[ADDRESS_TEXT_BYTES], other[ADDRESS_TEXT_BYTES];
    int line;

    address_format(later->prefix.ip, one);
    address_format(earlier->prefix.ip, other);
    snprintf(path, sizeof path, "networks[%u].addresses[%u]", earlier->network, earlier->which);
    line = scene_line(check->file, path);
    snprintf(path, sizeof path, "networks[%u].addresses[%u]", later->network, later->which);
    scene_check_fail(check, path,
                     "%s/%d%s and %s/%d of network \"%s\", in line %d, have addresses "
                     "in common",
                     one, later->prefix.bits,
                     lab->networks[later->network].addresses_count == 0 ? " (by its place)" : "",
                     other, earlier->prefix.bits, lab->networks[earlier->network].name, line);
}

/* In order, a prefix stands behind the one that it is within. */
static void check_overlaps(struct scene_check *check)
{
    const struct scene *lab = check->lab;
    size_t most = 1, count = 0, widest = 0;
    struct part *parts;

    for (unsigned i = 0; i < lab->networks_count; i++)
        most += lab->networks[i].prefix_count;
    parts = calloc(most, sizeof *parts);
    if (parts == NULL) {
        scene_check_fail(check, "", "out of memory");
        return;
    }
    for (unsigned i = 0; i < lab->networks_count; i++) {
        for (unsigned k = 0; k < lab->networks[i].prefix_count; k++)
            parts[count++] = (struct part){lab->networks[i].prefix[k], i, k};
    }
    qsort(parts, count, sizeof *parts, compare_parts);
    for (size_t i = 1; i < count; i++) {
        if (scene_is_within(parts[i].prefix.ip, parts[widest].prefix))
            tell_overlap(check, &parts[widest], &parts[i]);
        else
            widest = i;
    }
    free(parts);
}

void scene_check_networks(struct scene_check *check)
{
    const struct scene *lab = check->lab;

    for (unsigned i = 0; i < lab->listed_switches_count; i++) {
        size_t before = scene_check_enter(check, "switches[%u]", i);

        check_switch(check, i);
        scene_check_leave(check, before);
    }
    if (lab->networks_count > NETWORKS)
        scene_check_fail(check, "networks", "a lab has at most %d networks", NETWORKS);
    for (unsigned i = 0; i < lab->networks_count && i < NETWORKS; i++) {
        size_t before = scene_check_enter(check, "networks[%u]", i);

        check_network(check, i);
        scene_check_leave(check, before);
    }
    check_overlaps(check);
}
