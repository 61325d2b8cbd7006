/* SPDX-License-Identifier: MIT */
/* What is missing between two hosts; see reach.h. */
#include <string.h>
#include "scene/reach.h"
#include "sockeye/event.h"

/* The host that has an address, and by which interface; NULL: none. */
static const struct scene_host *find_owner(const struct scene *lab, struct address ip,
                                           unsigned *interface)
{
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        const struct scene_host *host = &lab->hosts[i];

        for (*interface = 0; *interface < host->interfaces_count; ++*interface) {
            if (!address_is_unspecified(ip) && address_equal(host->interfaces[*interface].ip, ip))
                return host;
        }
    }
    return NULL;
}

static void add(struct scene_reach *reach, const struct scene_host *host, struct address to)
{
    struct scene_reach_gap *gap = reach->gap;

    if (scene_distance(host, to) != DISTANCE_OUT_OF_REACH)
        return;
    for (unsigned i = 0; i < reach->count; i++) {
        if (gap[i].host == host && address_equal(gap[i].to, to))
            return;
    }
    if (reach->count < SCENE_REACH_GAPS)
        gap[reach->count++] = (struct scene_reach_gap){.host = host, .to = to};
}

void scene_reach_add(struct scene_reach *reach, unsigned number, struct address to)
{
    const struct scene *lab = reach->lab;
    const struct scene_host *host = &lab->hosts[number], *peer;
    unsigned interface;

    add(reach, host, to);
    peer = find_owner(lab, to, &interface);
    /* once the way is there, the way back must be there too */
    for (unsigned i = 0; peer != NULL && i < host->interfaces_count; i++) {
        const struct scene_interface *own = &host->interfaces[i];

        if (&lab->hosts[lab->wires[own->wire].host[1 - own->end]] == peer &&
            !address_is_unspecified(own->ip))
            add(reach, peer, own->ip);
    }
}

/* A connection is begun: can its peer answer? */
static void on_event(void *context, const struct sockeye_event *event)
{
    struct scene_reach *reach = context;
    const struct event_flow *flow = &event->tcp_state.flow;
    const struct scene_host *peer;
    unsigned interface;

    if (event->tcp_state.to != TCP_STATE_SYN_SENT ||
        (address_equal(flow->local.address, reach->last_local) &&
         address_equal(flow->remote.address, reach->last_remote)))
        return;
    reach->last_local = flow->local.address;
    reach->last_remote = flow->remote.address;
    peer = find_owner(reach->lab, flow->remote.address, &interface);
    if (peer != NULL && find_owner(reach->lab, flow->local.address, &interface) != NULL)
        add(reach, peer, flow->local.address);
}

int scene_reach_watch(struct scene_reach *reach, const struct scene *lab, struct sockeye *sockeye)
{
    *reach = (struct scene_reach){.lab = lab};
    return sockeye_observe(sockeye, 1U << EVENT_TCP_STATE, on_event, reach, NULL);
}

/* The route that the host lacks, "{to: 10.1.0.0/24, interface: eth0}", if a wire joins the two. */
static bool find_route(const struct scene *lab, const struct scene_host *from,
                       const struct scene_host *to, unsigned to_interface, char *text, size_t size)
{
    const struct scene_interface *far = &to->interfaces[to_interface];
    uint32_t network =
        address_to_ip4(far->ip) & (uint32_t)(UINT64_C(0xffffffff00000000) >> far->prefix);
    char network_text[ADDRESS_TEXT_BYTES], via[ADDRESS_TEXT_BYTES];

    address_format(address_from_ip4(network), network_text);
    for (unsigned i = 0; i < from->interfaces_count; i++) {
        const struct scene_interface *own = &from->interfaces[i], *other;
        const struct scene_wire *wire = &lab->wires[own->wire];
        int end = 1 - own->end;

        if (&lab->hosts[wire->host[end]] != to)
            continue;
        other = &to->interfaces[wire->interface[end]];
        if (other == far) {
            snprintf(text, size, "{to: %s/%d, interface: %s}", network_text, far->prefix,
                     own->name);
            return true;
        }
        if (scene_distance(from, other->ip) == DISTANCE_NEAR) {
            address_format(other->ip, via);
            snprintf(text, size, "{to: %s/%d, via: %s}", network_text, far->prefix, via);
            return true;
        }
    }
    return false;
}

void scene_reach_print(const struct scene_reach *reach, FILE *out, const char *prefix)
{
    for (unsigned i = 0; i < reach->count; i++) {
        const struct scene_host *from = reach->gap[i].host, *to;
        char address[ADDRESS_TEXT_BYTES], route[160];
        unsigned interface;

        address_format(reach->gap[i].to, address);
        to = find_owner(reach->lab, reach->gap[i].to, &interface);
        fprintf(out, "%sno route from %s to %s", prefix, from->name, address);
        if (to == NULL)
            fprintf(out, ", which is no host's address\n");
        else if (find_route(reach->lab, from, to, interface, route, sizeof route))
            fprintf(out, " (%s); host %s needs  routes: [%s]\n", to->name, from->name, route);
        else
            fprintf(out, " (%s); no wire joins the two, and a host does not forward\n", to->name);
    }
}
