/* SPDX-License-Identifier: MIT */
/* Parts of a lab that was read, found again. */
#include "scene/scene.h"

int scene_find_host(const struct scene *lab, const char *name)
{
    return scene_lookup_find(&lab->host_names, name);
}

bool scene_is_within(struct address ip, struct scene_prefix network)
{
    bool is_ip4 = address_is_mapped(network.ip);
    int bits = is_ip4 ? 96 + network.bits : network.bits; /* of the 128 */

    if (address_is_mapped(ip) != is_ip4)
        return false;
    if (bits > 64)
        return ip.high == network.ip.high && (ip.low ^ network.ip.low) >> (128 - bits) == 0;
    return bits == 0 || (ip.high ^ network.ip.high) >> (64 - bits) == 0;
}

struct scene_prefix scene_network_of(struct scene_prefix ip)
{
    int bits = address_is_mapped(ip.ip) ? 96 + ip.bits : ip.bits;

    if (bits <= 64) {
        ip.ip.high &= bits == 0 ? 0 : UINT64_MAX << (64 - bits);
        ip.ip.low = 0;
    } else if (bits < 128) {
        ip.ip.low &= UINT64_MAX << (128 - bits);
    }
    return ip;
}

bool scene_is_link_local(struct address ip)
{
    return ip.high >> 54 == 0x3fa;
}

const char *scene_address_key(const struct scene_interface *interface, unsigned k,
                              char key[SCENE_ADDRESS_KEY_BYTES])
{
    bool has_first = interface->address != NULL && !interface->is_dhcp;

    if (has_first && k == 0)
        return "address";
    snprintf(key, SCENE_ADDRESS_KEY_BYTES, "addresses[%u]", k - has_first);
    return key;
}

bool scene_wire_speaks_ip6(const struct scene *lab, unsigned wire)
{
    for (unsigned i = 0; i < 2; i++) {
        const struct scene_end *end = &lab->wires[wire].end[i];
        const struct scene_interface *interface;

        if (end->is_switch || end->node >= lab->hosts_count ||
            end->port >= lab->hosts[end->node].interfaces_count)
            continue;
        interface = &lab->hosts[end->node].interfaces[end->port];
        if (interface->is_auto)
            return true;
        for (unsigned k = 0; k < interface->ip_count; k++) {
            if (!address_is_mapped(interface->ip[k].ip))
                return true;
        }
    }
    return false;
}

enum scene_distance scene_distance(const struct scene_host *from, struct address ip)
{
    for (unsigned i = 0; i < from->interfaces_count; i++) {
        const struct scene_interface *interface = &from->interfaces[i];

        for (unsigned k = 0; k < interface->ip_count; k++) {
            if (scene_is_within(ip, interface->ip[k]))
                return DISTANCE_NEAR;
        }
    }
    for (unsigned i = 0; i < from->ways_count; i++) {
        if (scene_is_within(ip, from->ways[i].network))
            return DISTANCE_ROUTED;
    }
    /* a default route comes with what it learns */
    for (unsigned i = 0; i < from->interfaces_count; i++) {
        if (address_is_mapped(ip) ? from->interfaces[i].is_dhcp : from->interfaces[i].is_auto)
            return DISTANCE_ROUTED;
    }
    return DISTANCE_OUT_OF_REACH;
}

struct address scene_host_address(const struct scene_host *host, const struct scene_host *from)
{
    struct address nearest = {0, 0};
    int least = DISTANCE_OUT_OF_REACH + 1;

    for (unsigned i = 0; i < host->interfaces_count; i++) {
        for (unsigned k = 0; k < host->interfaces[i].ip_count; k++) {
            struct address ip = host->interfaces[i].ip[k].ip;
            int distance = scene_is_link_local(ip) ? least : (int)scene_distance(from, ip);

            if (distance < least) {
                least = distance;
                nearest = ip;
            }
        }
    }
    return nearest;
}
