/* SPDX-License-Identifier: MIT */
/* What a network's server of DHCP gives, for the service. */
#pragma once
#include "scene/scene.h"

struct service_lease_plan;
struct service_inform_plan;

/* What a router tells the hosts of a network by stateless DHCPv6. */
void scene_dhcp_inform_plan(const struct scene *lab, const struct scene_network *network,
                            const struct scene_host *router, struct service_inform_plan *plan);
void scene_dhcp_lease_plan(const struct scene *lab, const struct scene_network *network,
                           struct service_lease_plan *plan);
