/* SPDX-License-Identifier: MIT */
/* Hosts of a lab file: their names, interfaces, addresses and routes. */
#include <stdlib.h>
#include <string.h>
#include "scene/check.h"
#include "scene/value.h"

/* Reads one of an interface's addresses. */
static void check_address(struct scene_check *check, const char *key, const char *text,
                          struct scene_interface *interface)
{
    struct scene_prefix ip;
    bool is_reserved;

    if (!scene_read_prefix(text, &ip.ip, &ip.bits)) {
        scene_check_fail(check, key,
                         "\"%s\" is not an address with prefix, such as 10.0.0.1/24 or fd00::1/64",
                         text);
        return;
    }
    if (address_is_mapped(ip.ip)) {
        uint32_t ip4 = address_to_ip4(ip.ip);

        is_reserved = ip4 >> 24 == 0 || ip4 >> 24 == 127 || ip4 >= 0xe0000000;
    } else { /* ::, ::1 and groups (RFC 4291 2.5.2, 2.5.3, 2.7) */
        is_reserved = ip.ip.high >> 56 == 0xff || (ip.ip.high == 0 && ip.ip.low <= 1);
    }
    if (is_reserved)
        scene_check_fail(check, key, "\"%s\" is not an address a host can have", text);
    else
        interface->ip[interface->ip_count++] = ip;
}

static void check_addresses(struct scene_check *check, const struct scene_host *host,
                            struct scene_interface *interface)
{
    interface->ip = calloc(interface->addresses_count + 1, sizeof *interface->ip);
    if (interface->ip == NULL) {
        scene_check_fail(check, "", "out of memory");
        return;
    }
    interface->is_dhcp = interface->address != NULL && strcmp(interface->address, "dhcp") == 0;
    if (interface->address != NULL && !interface->is_dhcp)
        check_address(check, "address", interface->address, interface);
    for (unsigned i = 0; i < interface->addresses_count; i++) {
        char key[SCENE_ADDRESS_KEY_BYTES];

        snprintf(key, sizeof key, "addresses[%u]", i);
        check_address(check, key, interface->addresses[i], interface);
    }
    for (unsigned i = 0; host->has_no_ip6 && i < interface->ip_count; i++) {
        char key[SCENE_ADDRESS_KEY_BYTES];

        if (!address_is_mapped(interface->ip[i].ip))
            scene_check_fail(check, scene_address_key(interface, i, key),
                             "is of IPv6, and this host has \"ip6: off\"");
    }
}

/* @return its number, or -1 */
static int find_network(struct scene_check *check, const char *name)
{
    int found = name == NULL ? -1 : scene_lookup_find(&check->lab->network_names, name);

    if (name != NULL && found < 0)
        scene_check_fail(check, "net", "there is no network \"%s\"", name);
    return found;
}

static void check_interfaces(struct scene_check *check, struct scene_host *host)
{
    for (unsigned i = 0; i < host->interfaces_count; i++) {
        struct scene_interface *interface = &host->interfaces[i];
        size_t before = scene_check_enter(check, ".interfaces[%u]", i);

        interface->wire = -1;
        interface->network = find_network(check, interface->net);
        if (!scene_is_name(interface->name) || strcmp(interface->name, "lo") == 0)
            scene_check_fail(check, "name", "\"%s\" cannot name an interface", interface->name);
        for (unsigned k = 0; k < i; k++) {
            if (strcmp(host->interfaces[k].name, interface->name) == 0)
                scene_check_fail(check, "name", "another interface has this name");
        }
        if (interface->mac != NULL && !scene_read_mac(interface->mac, interface->mac_bytes))
            scene_check_fail(check, "mac",
                             "\"%s\" is not a station's address such as 02:00:00:00:00:01",
                             interface->mac);
        check_addresses(check, host, interface);
        if (interface->network >= 0 && check->lab->networks[interface->network].dhcp != NULL &&
            !host->is_router && interface->address == NULL && interface->addresses_count == 0)
            interface->is_dhcp = true;
        interface->is_auto = !host->is_router && !host->has_no_ip6 &&
                             (host->is_auto || (interface->network >= 0 &&
                                                check->lab->networks[interface->network].is_auto));
        host->is_live |= interface->is_dhcp || interface->is_auto;
        scene_check_leave(check, before);
    }
}

/* The interface whose subnet holds a gateway, or -1. */
static int interface_toward(const struct scene_host *host, struct address gateway)
{
    for (unsigned i = 0; i < host->interfaces_count; i++) {
        for (unsigned k = 0; k < host->interfaces[i].ip_count; k++) {
            if (scene_is_within(gateway, host->interfaces[i].ip[k]))
                return (int)i;
        }
    }
    return -1;
}

/* What a route leads to: a prefix, or all of its gateway's family. */
static void check_destination(struct scene_check *check, const struct scene_route *route,
                              bool is_ip4, struct scene_way *way)
{
    if (strcmp(route->to, "default") == 0) {
        way->network = (struct scene_prefix){.ip = {0, 0}, .bits = 0};
        if (is_ip4)
            way->network.ip = address_from_ip4(0);
    } else if (!scene_read_prefix(route->to, &way->network.ip, &way->network.bits)) {
        scene_check_fail(check, "to",
                         "\"%s\" is neither \"default\" nor a prefix such as 10.1.0.0/16 or "
                         "fd00:1::/64",
                         route->to);
        way->network = (struct scene_prefix){address_from_ip4(0), 32};
    } else if (route->via != NULL && address_is_mapped(way->network.ip) != is_ip4) {
        scene_check_fail(check, "via", "\"%s\" is of another family than \"%s\"", route->via,
                         route->to);
    }
}

static void check_route(struct scene_check *check, const struct scene_host *host,
                        const struct scene_route *route, struct scene_way *way)
{
    struct address ip = address_from_ip4(0);
    bool is_ip = route->via == NULL || scene_read_ip(route->via, &ip);
    int index = -1;

    check_destination(check, route, address_is_mapped(ip), way);
    for (unsigned i = 0; route->interface != NULL && i < host->interfaces_count; i++) {
        if (strcmp(host->interfaces[i].name, route->interface) == 0)
            index = (int)i;
    }
    if (route->interface != NULL && index < 0)
        scene_check_fail(check, "interface", "this host has no interface \"%s\"", route->interface);
    if (route->via == NULL && route->interface == NULL) {
        scene_check_fail(check, "", "needs \"via\" or \"interface\"");
    } else if (!is_ip) {
        scene_check_fail(check, "via", "\"%s\" is not an address", route->via);
    } else if (route->via != NULL && route->interface == NULL) {
        index = interface_toward(host, ip);
        if (index < 0)
            scene_check_fail(check, "via", "no interface of this host reaches %s", route->via);
    }
    way->interface = index < 0 ? 0 : (unsigned)index;
    if (route->via != NULL && is_ip)
        way->via = ip;
}

void scene_check_routes(struct scene_check *check, unsigned number)
{
    struct scene_host *host = &check->lab->hosts[number];

    host->ways = calloc(SCENE_ROUTES, sizeof *host->ways);
    if (host->ways == NULL) {
        scene_check_fail(check, "", "out of memory");
        return;
    }
    for (unsigned i = 0; i < host->routes_count && i < SCENE_ROUTES; i++) {
        size_t before = scene_check_enter(check, ".routes[%u]", i);

        check_route(check, host, &host->routes[i], &host->ways[host->ways_count++]);
        scene_check_leave(check, before);
    }
}

void scene_check_host(struct scene_check *check, unsigned number)
{
    struct scene_host *host = &check->lab->hosts[number];

    if (!scene_is_name(host->name) || strchr(host->name, '_') != NULL)
        scene_check_fail(check, "name",
                         "\"%s\" cannot name a host (letters, digits and -, 31 at most)",
                         host->name);
    if (scene_find_host(check->lab, host->name) != (int)number)
        scene_check_fail(check, "name", "another host has this name");
    scene_check_pairs(check, "settings", host->settings, host->settings_count);
    scene_check_pairs(check, "environment", host->environment, host->environment_count);
    host->has_no_ip6 = host->ip6 != NULL && strcmp(host->ip6, "off") == 0;
    host->is_auto = host->ip6 != NULL && strcmp(host->ip6, "auto") == 0;
    if (host->ip6 != NULL && !host->has_no_ip6 && !host->is_auto)
        scene_check_fail(check, "ip6", "\"%s\" is neither off nor auto", host->ip6);
    if (host->is_auto && host->is_router)
        scene_check_fail(check, "ip6", "a router believes no other's advertisements");
    host->leaves_unix = host->unix_text != NULL && strcmp(host->unix_text, "kernel") == 0;
    if (host->unix_text != NULL && !host->leaves_unix && strcmp(host->unix_text, "lab") != 0)
        scene_check_fail(check, "unix", "\"%s\" is neither lab nor kernel", host->unix_text);
    host->is_root = host->as != NULL && strcmp(host->as, "root") == 0;
    if (host->as != NULL && !host->is_root && strcmp(host->as, "user") != 0)
        scene_check_fail(check, "as", "\"%s\" is neither user nor root", host->as);
    if (host->net != NULL && !host->is_short)
        scene_check_fail(check, "net", "stands beside \"interfaces\"; give it to one of them");
    check_interfaces(check, host);
    if (host->routes_count > SCENE_ROUTES)
        scene_check_fail(check, "routes", "a host has at most %d routes of its own", SCENE_ROUTES);
}
