/* SPDX-License-Identifier: MIT */
/*
 * Gives addresses to the interfaces in a network that say none: one of each of its prefixes. Hosts
 * count up from the first address, routers down from the last (of IPv6 from ...:ffff), both in the
 * order of the file, and an address that stands anywhere in the file is passed over. So what is
 * added behind the others changes the address of nobody. And an address that is given must be of
 * its network.
 */
#include <stdlib.h>
#include <string.h>
#include "scene/check.h"

/* What is left of a prefix. */
struct assign_rest {
    uint64_t first, last; /* the next host's, the next router's, counted from the prefix */
    bool is_full;
};

struct assign {
    struct scene_check *check;
    struct address *given; /* in order */
    size_t given_count;
    struct assign_rest *rests; /* of all networks' prefixes */
    size_t *first_rest;        /* of each network */
};

static int compare(const void *left, const void *right)
{
    const struct address *a = left, *b = right;

    if (a->high != b->high)
        return a->high < b->high ? -1 : 1;
    return (a->low > b->low) - (a->low < b->low);
}

/* Which of a prefix hosts can have: not the network's own and its broadcast, but for a prefix of
 * two (RFC 3021, RFC 6164), and of IPv6 no more than 65535, which a lab cannot use up. */
static struct assign_rest whole(struct scene_prefix prefix)
{
    bool is_ip4 = address_is_mapped(prefix.ip);
    int beyond = (is_ip4 ? 32 : 128) - prefix.bits;

    if (beyond == 0)
        return (struct assign_rest){.is_full = true};
    if (beyond == 1)
        return (struct assign_rest){.first = 0, .last = 1};
    if (!is_ip4)
        return (struct assign_rest){.first = 1,
                                    .last = beyond >= 16 ? 0xffff : (UINT64_C(1) << beyond) - 1};
    return (struct assign_rest){.first = 1, .last = (UINT64_C(1) << beyond) - 2};
}

/* Takes the next address of a prefix. @return false: there is none left */
static bool take(const struct assign *assign, struct scene_prefix prefix, struct assign_rest *rest,
                 bool from_last, struct address *ip)
{
    while (!rest->is_full) {
        *ip = prefix.ip;
        ip->low += from_last ? rest->last : rest->first;
        if (rest->first == rest->last)
            rest->is_full = true;
        else if (from_last)
            rest->last--;
        else
            rest->first++;
        if (bsearch(ip, assign->given, assign->given_count, sizeof *ip, compare) == NULL)
            return true;
    }
    return false;
}

static void assign_interface(const struct assign *assign, const struct scene_host *host,
                             struct scene_interface *interface)
{
    struct scene *lab = assign->check->lab;
    const struct scene_network *network = &lab->networks[interface->network];

    free(interface->ip);
    interface->ip_count = 0;
    interface->ip = calloc(network->prefix_count + 1, sizeof *interface->ip);
    if (interface->ip == NULL) {
        scene_check_fail(assign->check, "", "out of memory");
        return;
    }
    for (unsigned i = 0; i < network->prefix_count; i++) {
        struct scene_prefix prefix = network->prefix[i];
        bool is_ip6 = !address_is_mapped(prefix.ip);
        char text[ADDRESS_TEXT_BYTES];
        struct address ip;

        if (is_ip6 ? host->has_no_ip6 || interface->is_auto : interface->is_dhcp)
            continue;
        if (take(assign, prefix, &assign->rests[assign->first_rest[interface->network] + i],
                 host->is_router, &ip)) {
            interface->ip[interface->ip_count++] = (struct scene_prefix){ip, prefix.bits};
            continue;
        }
        address_format(prefix.ip, text);
        scene_check_fail(assign->check, "net", "network \"%s\" has no address of %s/%d left",
                         network->name, text, prefix.bits);
    }
}

static bool is_of(const struct scene_network *network, struct scene_prefix ip)
{
    for (unsigned i = 0; i < network->prefix_count; i++) {
        if (network->prefix[i].bits == ip.bits && scene_is_within(ip.ip, network->prefix[i]))
            return true;
    }
    return scene_is_link_local(ip.ip);
}

static void check_interface(struct scene_check *check, const struct scene_interface *interface)
{
    const struct scene_network *network = &check->lab->networks[interface->network];

    for (unsigned i = 0; i < interface->ip_count; i++) {
        char key[SCENE_ADDRESS_KEY_BYTES], text[ADDRESS_TEXT_BYTES], list[128];
        size_t length = 0;

        if (is_of(network, interface->ip[i]))
            continue;
        list[0] = '\0';
        for (unsigned k = 0; k < network->prefix_count && length < 60; k++) {
            address_format(network->prefix[k].ip, text);
            length += (size_t)snprintf(list + length, sizeof list - length, "%s%s/%d",
                                       k == 0 ? "" : ", ", text, network->prefix[k].bits);
        }
        address_format(interface->ip[i].ip, text);
        scene_check_fail(check, scene_address_key(interface, i, key),
                         "\"%s/%d\" is not an address of network \"%s\" (%s)", text,
                         interface->ip[i].bits, network->name, list);
    }
}

static bool assign_open(struct assign *assign)
{
    const struct scene *lab = assign->check->lab;
    size_t given = 1, prefixes = 1;

    for (unsigned i = 0; i < lab->networks_count; i++)
        prefixes += lab->networks[i].prefix_count;
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++)
            given += lab->hosts[i].interfaces[k].ip_count;
    }
    assign->given = calloc(given, sizeof *assign->given);
    assign->rests = calloc(prefixes, sizeof *assign->rests);
    assign->first_rest = calloc(lab->networks_count + 1, sizeof *assign->first_rest);
    if (assign->given == NULL || assign->rests == NULL || assign->first_rest == NULL)
        return false;
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++) {
            const struct scene_interface *interface = &lab->hosts[i].interfaces[k];

            for (unsigned a = 0; a < interface->ip_count; a++)
                assign->given[assign->given_count++] = interface->ip[a].ip;
        }
    }
    if (assign->given_count > 1)
        qsort(assign->given, assign->given_count, sizeof *assign->given, compare);
    prefixes = 0;
    for (unsigned i = 0; i < lab->networks_count; i++) {
        assign->first_rest[i] = prefixes;
        for (unsigned k = 0; k < lab->networks[i].prefix_count; k++)
            assign->rests[prefixes++] = whole(lab->networks[i].prefix[k]);
    }
    return true;
}

void scene_assign_addresses(struct scene_check *check)
{
    struct scene *lab = check->lab;
    struct assign assign = {.check = check};
    bool is_open = assign_open(&assign);

    if (!is_open)
        scene_check_fail(check, "", "out of memory");
    for (unsigned i = 0; is_open && i < lab->hosts_count; i++) {
        struct scene_host *host = &lab->hosts[i];

        for (unsigned k = 0; k < host->interfaces_count; k++) {
            struct scene_interface *interface = &host->interfaces[k];
            size_t before = scene_check_enter(check, "hosts[%u].interfaces[%u]", i, k);

            if (interface->network >= 0 && (interface->address == NULL || interface->is_dhcp) &&
                interface->addresses_count == 0)
                assign_interface(&assign, host, interface);
            else if (interface->network >= 0)
                check_interface(check, interface);
            scene_check_leave(check, before);
        }
    }
    free(assign.given);
    free(assign.rests);
    free(assign.first_rest);
}
