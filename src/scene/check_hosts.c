/* SPDX-License-Identifier: MIT */
/* Hosts of a lab file: their names, interfaces, addresses and routes. */
#include <stdlib.h>
#include <string.h>
#include "scene/check.h"
#include "scene/value.h"

/* Where an address stands. */
struct check_place {
    struct address ip;
    unsigned host, interface;
};

static int compare(const void *left, const void *right)
{
    const struct check_place *a = left, *b = right;

    if (a->ip.high != b->ip.high)
        return a->ip.high < b->ip.high ? -1 : 1;
    if (a->ip.low != b->ip.low)
        return a->ip.low < b->ip.low ? -1 : 1;
    if (a->host != b->host)
        return a->host < b->host ? -1 : 1;
    return (a->interface > b->interface) - (a->interface < b->interface);
}

static int compare_places(const void *left, const void *right)
{
    const struct check_place *a = left, *b = right;

    if (a->host != b->host)
        return a->host < b->host ? -1 : 1;
    return (a->interface > b->interface) - (a->interface < b->interface);
}

/* Leaves those whose address an earlier one has, in the order of the file. @return how many */
static size_t keep_taken(struct check_place *places, size_t count)
{
    size_t taken = 0;

    if (count == 0)
        return 0;
    qsort(places, count, sizeof *places, compare);
    for (size_t i = 1; i < count; i++) {
        bool is_taken = address_equal(places[i].ip, places[i - 1].ip);

        /* What is kept goes to places that were compared already. */
        if (is_taken)
            places[taken++] = places[i];
    }
    qsort(places, taken, sizeof *places, compare_places);
    return taken;
}

void scene_check_addresses(struct scene_check *check)
{
    const struct scene *lab = check->lab;
    size_t most = 0, count = 0, taken;
    struct check_place *places;

    for (unsigned i = 0; i < lab->hosts_count; i++)
        most += lab->hosts[i].interfaces_count;
    places = calloc(most + 1, sizeof *places);
    if (places == NULL) {
        scene_check_fail(check, "", "out of memory");
        return;
    }
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++) {
            struct address ip = lab->hosts[i].interfaces[k].ip;

            if (!address_is_unspecified(ip))
                places[count++] = (struct check_place){ip, i, k};
        }
    }
    taken = keep_taken(places, count);
    for (size_t i = 0; i < taken; i++) {
        size_t before = scene_check_enter(check, "hosts[%u].interfaces[%u]", places[i].host,
                                          places[i].interface);

        scene_check_fail(check, "address", "\"%s\" is another interface's address too",
                         lab->hosts[places[i].host].interfaces[places[i].interface].address);
        scene_check_leave(check, before);
    }
    free(places);
}

static void check_address(struct scene_check *check, struct scene_interface *interface)
{
    uint32_t ip;

    if (interface->address == NULL)
        return;
    if (strchr(interface->address, ':') != NULL) {
        scene_check_fail(check, "address", "\"%s\": IPv6 is not supported yet", interface->address);
        return;
    }
    if (!scene_read_prefix(interface->address, &interface->ip, &interface->prefix)) {
        scene_check_fail(check, "address",
                         "\"%s\" is not an IPv4 address with prefix, such as 10.0.0.1/24",
                         interface->address);
        interface->ip = (struct address){0, 0};
        return;
    }
    ip = address_to_ip4(interface->ip);
    if (ip >> 24 == 0 || ip >> 24 == 127 || ip >= 0xe0000000)
        scene_check_fail(check, "address", "\"%s\" is not an address a host can have",
                         interface->address);
}

static void check_interfaces(struct scene_check *check, struct scene_host *host)
{
    for (unsigned i = 0; i < host->interfaces_count; i++) {
        struct scene_interface *interface = &host->interfaces[i];
        size_t before = scene_check_enter(check, ".interfaces[%u]", i);

        interface->wire = -1;
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
        check_address(check, interface);
        scene_check_leave(check, before);
    }
}

/* The interface whose subnet holds a gateway, or -1. */
static int interface_toward(const struct scene_host *host, struct address gateway)
{
    for (unsigned i = 0; i < host->interfaces_count; i++) {
        const struct scene_interface *interface = &host->interfaces[i];

        if (!address_is_unspecified(interface->ip) &&
            scene_is_within(gateway, interface->ip, interface->prefix))
            return (int)i;
    }
    return -1;
}

static void check_route(struct scene_check *check, struct scene_host *host,
                        struct scene_route *route)
{
    struct address ip;

    route->index = -1;
    route->prefix = 0;
    if (strcmp(route->to, "default") != 0 &&
        !scene_read_prefix(route->to, &route->network, &route->prefix))
        scene_check_fail(check, "to",
                         "\"%s\" is neither \"default\" nor a prefix such as 10.1.0.0/16",
                         route->to);
    for (unsigned i = 0; route->interface != NULL && i < host->interfaces_count; i++) {
        if (strcmp(host->interfaces[i].name, route->interface) == 0)
            route->index = (int)i;
    }
    if (route->interface != NULL && route->index < 0)
        scene_check_fail(check, "interface", "this host has no interface \"%s\"", route->interface);
    if (route->via == NULL && route->interface == NULL) {
        scene_check_fail(check, "", "needs \"via\" or \"interface\"");
    } else if (route->via != NULL && !scene_read_ip(route->via, &ip)) {
        scene_check_fail(check, "via", "\"%s\" is not an IPv4 address", route->via);
    } else if (route->via != NULL && route->interface == NULL) {
        route->index = interface_toward(host, ip);
        if (route->index < 0)
            scene_check_fail(check, "via", "no interface of this host reaches %s", route->via);
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
    check_interfaces(check, host);
    if (host->routes_count > SCENE_ROUTES)
        scene_check_fail(check, "routes", "a host has at most %d routes of its own", SCENE_ROUTES);
    for (unsigned i = 0; i < host->routes_count && i < SCENE_ROUTES; i++) {
        size_t before = scene_check_enter(check, ".routes[%u]", i);

        check_route(check, host, &host->routes[i]);
        scene_check_leave(check, before);
    }
}
