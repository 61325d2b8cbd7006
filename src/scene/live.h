/* SPDX-License-Identifier: MIT */
/*
 * What hosts got while the lab runs: addresses by DHCP or by a router's advertisement. The file
 * does not know them, so they are looked up where the lab has them, when they are needed.
 */
#pragma once
#include "scene/scene.h"

/* An address that the host may be spoken to by now, of a family that `from` has too (NULL: of
 * either), of IPv4 if it can be. @return false: none */
bool scene_live_address(const struct sockeye *lab, const struct scene_host *host,
                        const struct scene_host *from, struct address *ip);
/* What the interface has of this family by DHCP or an advertisement. @return false: nothing yet */
bool scene_live_learnt(const struct sockeye *lab, const struct scene_host *host,
                       const struct scene_interface *interface, bool is_ip4, struct address *ip);
/* Has every interface got what it waits for? */
bool scene_live_is_addressed(const struct sockeye *lab, const struct scene_host *host);
