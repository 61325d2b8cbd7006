/* SPDX-License-Identifier: MIT */
/* What tests of routers share: two of them, what they say, and which way a host goes then. */
#pragma once
#include "3-network/ip6/ndp_bed.h"

#define ROUTER LOCAL(0x11)
#define SECOND_ROUTER LOCAL(0x22)
#define PREFIX ((struct address){UINT64_C(0x20010db8000a0000), 0})
#define OF_PREFIX(n) ((struct address){UINT64_C(0x20010db8000a0000), (n)})

/* A host that was told to configure itself, before it has asked. */
UNUSED static void host_bed(void)
{
    ndp_bed();
    check_equal(ip_interface_configure(&host, 1, bed.now), 0);
}

UNUSED static struct say ra(struct address router)
{
    return (struct say){
        .source = router,
        .dest = IP6_ALL_NODES,
        .h = {.type = NDP_ROUTER_ADVERTISEMENT, .hop_limit = 64, .lifetime_s = 1800}};
}

UNUSED static struct ndp_option prefix_option(struct address prefix, uint32_t valid,
                                              uint32_t preferred)
{
    return (struct ndp_option){.type = NDP_OPTION_PREFIX,
                               .prefix = prefix,
                               .prefix_length = 64,
                               .on_link = true,
                               .autonomous = true,
                               .lifetime_s = valid,
                               .preferred_s = preferred};
}

UNUSED static void advertise_router(struct address router, uint16_t lifetime_s, int8_t preference)
{
    struct say s = ra(router);

    s.h.lifetime_s = lifetime_s;
    s.h.preference = preference;
    s.option[0] =
        mac_option(NDP_OPTION_SOURCE_MAC, address_equal(router, ROUTER) ? peer_mac : other_mac);
    s.options = 1;
    s.from = s.option[0].mac;
    say(&s);
}

UNUSED static struct address next_hop(struct address dest)
{
    const struct route *r = route_find(&host, dest, 0);

    if (!r)
        return NOBODY;
    return address_is_unspecified(r->gateway) ? dest : r->gateway;
}
