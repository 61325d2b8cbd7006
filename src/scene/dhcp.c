/* SPDX-License-Identifier: MIT */
/*
 * `dhcp` of a network: its first router serves DHCP there, and its hosts that say no address are
 * clients. Without more words the server gives the third quarter of the prefix and half of the
 * fourth (10.1.0.128 to 10.1.0.223 of 10.1.0.0/24): hosts with addresses of the file count from
 * below, routers from above, and none may stand among what is given.
 */
#include <string.h>
#include "7-application/service.h"
#include "7-application/service_dhcp.h"
#include "7-application/service_inform.h"
#include "7-application/service_lease.h"
#include "scene/check.h"
#include "scene/dhcp.h"
#include "scene/names.h"
#include "scene/value.h"

static const int64_t lease_default = 3600000000000, lease_least = 60000000000;

/* The prefix of IPv4 that it is for, or NULL. */
static const struct scene_prefix *prefix_of(const struct scene_network *network)
{
    for (unsigned i = 0; i < network->prefix_count; i++) {
        if (address_is_mapped(network->prefix[i].ip))
            return &network->prefix[i];
    }
    return NULL;
}

static void read_end(struct scene_check *check, const char *key, const char *text,
                     struct scene_prefix prefix, uint32_t *ip4)
{
    struct address ip;

    if (text == NULL)
        return;
    if (!scene_read_ip(text, &ip) || !scene_is_within(ip, prefix))
        scene_check_fail(check, key, "\"%s\" is not an address of this network", text);
    else
        *ip4 = address_to_ip4(ip);
}

static void check_range(struct scene_check *check, struct scene_network *network)
{
    const struct scene_prefix *prefix = prefix_of(network);
    struct scene_dhcp *dhcp = network->dhcp;
    uint32_t base, size;

    if (prefix == NULL) {
        scene_check_fail(check, "", "this network has no prefix of IPv4");
        return;
    }
    if (prefix->bits < 8 || prefix->bits > 30) {
        scene_check_fail(check, "", "needs a prefix of 8 to 30 bits");
        return;
    }
    base = address_to_ip4(prefix->ip);
    size = UINT32_C(1) << (32 - prefix->bits);
    dhcp->first_ip = base + size / 2;
    dhcp->last_ip = base + size - size / 8 - 1;
    if (dhcp->last_ip - dhcp->first_ip >= SERVICE_LEASES)
        dhcp->last_ip = dhcp->first_ip + SERVICE_LEASES - 1;
    read_end(check, "first", dhcp->first, *prefix, &dhcp->first_ip);
    read_end(check, "last", dhcp->last, *prefix, &dhcp->last_ip);
    if (dhcp->last_ip < dhcp->first_ip || dhcp->last_ip - dhcp->first_ip >= SERVICE_LEASES)
        scene_check_fail(check, "", "from first to last are %s",
                         dhcp->last_ip < dhcp->first_ip ? "no addresses"
                                                        : "more than 4096 addresses");
    dhcp->probes = true;
    scene_check_bool(check, "probe", dhcp->probe, &dhcp->probes);
    dhcp->lease_time = lease_default;
    scene_check_duration(check, "lease", dhcp->lease, &dhcp->lease_time);
    if (dhcp->lease_time < lease_least)
        scene_check_fail(check, "lease", "is less than 60s");
}

/* An address of the file must not be given to somebody else. */
static void check_given(struct scene_check *check, const struct scene_interface *interface,
                        const struct scene_dhcp *dhcp)
{
    for (unsigned i = 0; i < interface->ip_count; i++) {
        uint32_t ip4 = address_to_ip4(interface->ip[i].ip);
        char key[SCENE_ADDRESS_KEY_BYTES], text[ADDRESS_TEXT_BYTES];

        if (!address_is_mapped(interface->ip[i].ip) || ip4 < dhcp->first_ip || ip4 > dhcp->last_ip)
            continue;
        address_format(interface->ip[i].ip, text);
        scene_check_fail(check, scene_address_key(interface, i, key),
                         "%s is among the addresses that DHCP gives on network \"%s\"", text,
                         check->lab->networks[interface->network].name);
    }
}

static void look_at_interface(struct scene_check *check, unsigned host, unsigned number)
{
    struct scene *lab = check->lab;
    const struct scene_interface *interface = &lab->hosts[host].interfaces[number];
    struct scene_dhcp *dhcp =
        interface->network < 0 ? NULL : lab->networks[interface->network].dhcp;
    size_t before;

    if (dhcp == NULL)
        return;
    before = scene_check_enter(check, "hosts[%u].interfaces[%u]", host, number);
    check_given(check, interface, dhcp);
    scene_check_leave(check, before);
    for (unsigned i = 0; lab->hosts[host].is_router && !dhcp->has_server && i < interface->ip_count;
         i++) {
        if (!address_is_mapped(interface->ip[i].ip))
            continue;
        dhcp->has_server = true;
        dhcp->own = address_to_ip4(interface->ip[i].ip);
        dhcp->host = host;
        dhcp->interface = number;
    }
}

void scene_check_dhcp(struct scene_check *check)
{
    struct scene *lab = check->lab;

    for (unsigned i = 0; i < lab->networks_count; i++) {
        size_t before = scene_check_enter(check, "networks[%u].dhcp", i);

        if (lab->networks[i].dhcp != NULL)
            check_range(check, &lab->networks[i]);
        scene_check_leave(check, before);
    }
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++)
            look_at_interface(check, i, k);
    }
    for (unsigned i = 0; i < lab->networks_count; i++) {
        size_t before = scene_check_enter(check, "networks[%u].dhcp", i);

        if (lab->networks[i].dhcp != NULL && !lab->networks[i].dhcp->has_server)
            scene_check_fail(check, "", "no router of this network could serve it");
        scene_check_leave(check, before);
    }
}

void scene_dhcp_lease_plan(const struct scene *lab, const struct scene_network *network,
                           struct service_lease_plan *plan)
{
    struct address told[SCENE_NETWORK_SERVERS];
    const struct scene_dhcp *dhcp = network->dhcp;
    const struct scene_prefix *prefix = prefix_of(network);
    int bits = prefix == NULL ? 32 : prefix->bits; /* there is one: it was checked */

    *plan = (struct service_lease_plan){.own = dhcp->own,
                                        .first = dhcp->first_ip,
                                        .last = dhcp->last_ip,
                                        .mask = UINT32_MAX << (32 - bits),
                                        .router = {dhcp->own},
                                        .routers = 1,
                                        .lease = (uint32_t)(dhcp->lease_time / 1000000000)};
    plan->name_servers =
        (uint8_t)scene_names_told(lab, network, &lab->hosts[dhcp->host], true, told);
    for (unsigned i = 0; i < plan->name_servers; i++)
        plan->name_server[i] = address_to_ip4(told[i]);
}

void scene_dhcp_inform_plan(const struct scene *lab, const struct scene_network *network,
                            const struct scene_host *router, struct service_inform_plan *plan)
{
    *plan = (struct service_inform_plan){.domains = (uint8_t)network->domains_count};
    plan->name_servers = (uint8_t)scene_names_told(lab, network, router, false, plan->name_server);
    for (unsigned i = 0; i < network->domains_count; i++)
        plan->domain[i] = network->domains[i];
}
