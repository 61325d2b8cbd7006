/* SPDX-License-Identifier: MIT */
/* Parts of a lab that was read, found again. */
#include "scene/scene.h"

int scene_find_host(const struct scene *lab, const char *name)
{
    return scene_lookup_find(&lab->host_names, name);
}

bool scene_is_within(struct address ip, struct address network, int prefix)
{
    int beyond = 32 - prefix; /* bits behind the prefix */

    return ip.high == network.high && ip.low >> beyond == network.low >> beyond;
}

enum scene_distance scene_distance(const struct scene_host *from, struct address ip)
{
    for (unsigned i = 0; i < from->interfaces_count; i++) {
        const struct scene_interface *interface = &from->interfaces[i];

        if (!address_is_unspecified(interface->ip) &&
            scene_is_within(ip, interface->ip, interface->prefix))
            return DISTANCE_NEAR;
    }
    for (unsigned i = 0; i < from->routes_count && i < SCENE_ROUTES; i++) {
        const struct scene_route *route = &from->routes[i];

        if (route->prefix == 0 || scene_is_within(ip, route->network, route->prefix))
            return DISTANCE_ROUTED;
    }
    return DISTANCE_OUT_OF_REACH;
}

struct address scene_host_address(const struct scene_host *host, const struct scene_host *from)
{
    struct address nearest = {0, 0};
    int least = DISTANCE_OUT_OF_REACH + 1;

    for (unsigned i = 0; i < host->interfaces_count; i++) {
        struct address ip = host->interfaces[i].ip;
        int distance = address_is_unspecified(ip) ? least : (int)scene_distance(from, ip);

        if (distance < least) {
            least = distance;
            nearest = ip;
        }
    }
    return nearest;
}
