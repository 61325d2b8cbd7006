/* SPDX-License-Identifier: MIT */
/*
 * Copies of frames, from the links of a host to its sockets of frames, and their frames to its
 * links: the seams of 2-link/watch.h and 4-transport/frames.h, which know nothing of each other.
 */
#include <string.h>

#include "2-link/watch.h"
#include "4-transport/frames.h"
#include "base/compiler.h"
#include "node/host.h"

enum { HARDWARE_ETHERNET = 1, HARDWARE_LOOPBACK = 772, HARDWARE_NONE = 65534 };

_Static_assert((int)WATCH_SENT == (int)NAME_LINK_SENT, "the same kinds");
_Static_assert((int)FRAMES_HEADER_BYTES == (int)ETHERNET_HEADER_BYTES, "the same header");

static struct host *host_of(const struct means *means)
{
    return host_of_node(container_of(means, struct node, means));
}

void watch_shown(struct link *l, const struct packet *p, const struct watch_facts *facts,
                 nanoseconds now)
{
    struct frames_facts shown = {.protocol = facts->protocol,
                                 .vlan = facts->vlan,
                                 .kind = facts->kind,
                                 .header_bytes = facts->header_bytes,
                                 .has_vlan = facts->has_vlan};

    memcpy(shown.source, facts->source.bytes, sizeof shown.source);
    frames_arrived(&host_of(l->means)->frames, l->interface, p, &shown, now);
}

bool frames_device_find(const struct frames *f, uint32_t number, struct frames_device *device)
{
    const struct host *h = container_of(f, const struct host, frames);
    const struct link *l;

    if (number >= h->node.interface_count)
        return false;
    l = &host_interface(h, number)->link;
    memset(device, 0, sizeof *device);
    device->mtu = link_mtu(l);
    device->is_loopback = number == 0;
    device->is_down = l->is_down;
    device->has_stations = link_mac(l) != NULL;
    device->hardware = device->is_loopback    ? HARDWARE_LOOPBACK
                       : device->has_stations ? HARDWARE_ETHERNET
                                              : HARDWARE_NONE;
    memcpy(device->address, l->mac.bytes, sizeof device->address);
    return true;
}

void frames_device_send(struct frames *f, uint32_t number, struct packet *p, nanoseconds now)
{
    const struct host *h = container_of(f, const struct host, frames);

    link_send_frame(&host_interface(h, number)->link, p, now);
}

void frames_device_settle(const struct frames *f)
{
    const struct host *h = container_of(f, const struct host, frames);

    for (uint32_t i = 0; i < h->node.interface_count; i++) {
        struct link *l = &host_interface(h, i)->link;

        l->watchers = frames_watchers(f, i);
        l->promiscuous = frames_is_promiscuous(f, i);
    }
}
