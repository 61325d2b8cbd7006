/* SPDX-License-Identifier: MIT */
/* What a network's server of DHCP gives, for the service. */
#pragma once
#include "scene/scene.h"

struct service_lease_plan;

void scene_dhcp_lease_plan(const struct scene *lab, const struct scene_network *network,
                           struct service_lease_plan *plan);
