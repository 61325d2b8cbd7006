/* SPDX-License-Identifier: MIT */
/* What is missing between two hosts; see reach.h. */
#include <errno.h>
#include <stdlib.h>
#include "scene/reach.h"
#include "sockeye/event.h"

static int compare(const void *left, const void *right)
{
    const struct scene_reach_owner *a = left, *b = right;

    if (a->ip.high != b->ip.high)
        return a->ip.high < b->ip.high ? -1 : 1;
    return (a->ip.low > b->ip.low) - (a->ip.low < b->ip.low);
}

/* @return 0 or -ENOMEM */
static int sort_owners(struct scene_reach *reach)
{
    const struct scene *lab = reach->lab;
    size_t most = 1;

    for (unsigned i = 0; i < lab->hosts_count; i++)
        most += lab->hosts[i].interfaces_count;
    reach->owners = calloc(most, sizeof *reach->owners);
    if (reach->owners == NULL)
        return -ENOMEM;
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++) {
            struct address ip = lab->hosts[i].interfaces[k].ip;

            if (!address_is_unspecified(ip))
                reach->owners[reach->owners_count++] = (struct scene_reach_owner){ip, i, k};
        }
    }
    qsort(reach->owners, reach->owners_count, sizeof *reach->owners, compare);
    return 0;
}

/* The host that has an address, and by which interface; NULL: none. */
static const struct scene_host *find_owner(const struct scene_reach *reach, struct address ip,
                                           unsigned *interface)
{
    const struct scene_reach_owner wanted = {.ip = ip}, *found;

    found = bsearch(&wanted, reach->owners, reach->owners_count, sizeof wanted, compare);
    if (found == NULL)
        return NULL;
    *interface = found->interface;
    return &reach->lab->hosts[found->host];
}

static void add_once(struct scene_reach *reach, struct scene_reach_gap new)
{
    const struct scene_reach_gap *gap = reach->gap;

    for (unsigned i = 0; i < reach->count; i++) {
        if (gap[i].host == new.host && gap[i].asked == new.asked &&address_equal(gap[i].to, new.to))
            return;
    }
    if (reach->count < SCENE_REACH_GAPS)
        reach->gap[reach->count++] = new;
}

static void add(struct scene_reach *reach, const struct scene_host *host, struct address to)
{
    if (scene_distance(host, to) == DISTANCE_OUT_OF_REACH)
        add_once(reach, (struct scene_reach_gap){.host = host, .to = to});
}

void scene_reach_add(struct scene_reach *reach, unsigned number, struct address to)
{
    const struct scene *lab = reach->lab;
    const struct scene_host *host = &lab->hosts[number], *peer;
    unsigned interface;

    add(reach, host, to);
    peer = find_owner(reach, to, &interface);
    /* once the way is there, the way back must be there too */
    for (unsigned i = 0; peer != NULL && i < host->interfaces_count; i++) {
        const struct scene_interface *own = &host->interfaces[i];

        if (&lab->hosts[lab->wires[own->wire].host[1 - own->end]] == peer &&
            !address_is_unspecified(own->ip))
            add(reach, peer, own->ip);
    }
}

static const struct scene_interface *
far_end(const struct scene *lab, const struct scene_interface *own, const struct scene_host **host)
{
    const struct scene_wire *wire = &lab->wires[own->wire];

    *host = &lab->hosts[wire->host[1 - own->end]];
    return &(*host)->interfaces[wire->interface[1 - own->end]];
}

/* A neighbor did not answer: is it where the wire leads? */
static void on_neighbor(void *context, const struct sockeye_event *event)
{
    struct scene_reach *reach = context;
    const struct scene *lab = reach->lab;
    const struct scene_host *host = &lab->hosts[event->host], *peer;

    if (event->neighbor.to != NEIGHBOR_FAILED)
        return;
    for (unsigned i = 0; i < host->interfaces_count; i++) {
        const struct scene_interface *own = &host->interfaces[i];

        if (lab->wires[own->wire].number == event->wire &&
            !address_equal(far_end(lab, own, &peer)->ip, event->neighbor.address))
            add_once(reach, (struct scene_reach_gap){
                                .host = host, .to = event->neighbor.address, .asked = own});
    }
}

/* A connection is begun: can its peer answer? */
static void on_state(void *context, const struct sockeye_event *event)
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
    peer = find_owner(reach, flow->remote.address, &interface);
    if (peer != NULL && find_owner(reach, flow->local.address, &interface) != NULL)
        add(reach, peer, flow->local.address);
}

int scene_reach_watch(struct scene_reach *reach, const struct scene *lab, struct sockeye *sockeye)
{
    int result;

    *reach = (struct scene_reach){.lab = lab};
    result = sort_owners(reach);
    if (result < 0)
        return result;
    result = sockeye_observe(sockeye, 1U << EVENT_TCP_STATE, on_state, reach, NULL);
    return result < 0 ? result
                      : sockeye_observe(sockeye, 1U << EVENT_NEIGHBOR, on_neighbor, reach, NULL);
}

void scene_reach_close(struct scene_reach *reach)
{
    free(reach->owners);
    reach->owners = NULL;
    reach->owners_count = 0;
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
        const struct scene_host *peer;

        other = far_end(lab, own, &peer);
        if (peer != to)
            continue;
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

static void print_route(const struct scene_reach *reach, const struct scene_reach_gap *gap,
                        FILE *out)
{
    const struct scene *lab = reach->lab;
    const struct scene_host *from = gap->host, *to;
    char address[ADDRESS_TEXT_BYTES], route[160];
    unsigned interface;

    address_format(gap->to, address);
    to = find_owner(reach, gap->to, &interface);
    fprintf(out, "no route from %s to %s", from->name, address);
    if (to == NULL)
        fprintf(out, ", which is no host's address\n");
    else if (find_route(lab, from, to, interface, route, sizeof route))
        fprintf(out, " (%s); host %s needs  routes: [%s]\n", to->name, from->name, route);
    else
        fprintf(out, " (%s); no wire joins the two, and a host does not forward\n", to->name);
}

static void print_silence(const struct scene_reach *reach, const struct scene_reach_gap *gap,
                          FILE *out)
{
    const struct scene_host *peer, *owner;
    const struct scene_interface *there = far_end(reach->lab, gap->asked, &peer);
    char address[ADDRESS_TEXT_BYTES];
    unsigned interface;

    address_format(gap->to, address);
    owner = find_owner(reach, gap->to, &interface);
    fprintf(out, "%s asked for %s on its %s, which leads to %s.%s; that is ", gap->host->name,
            address, gap->asked->name, peer->name, there->name);
    if (owner == NULL)
        fprintf(out, "no host's address\n");
    else
        fprintf(out, "the address of %s.%s\n", owner->name, owner->interfaces[interface].name);
}

void scene_reach_print(const struct scene_reach *reach, FILE *out, const char *prefix)
{
    for (unsigned i = 0; i < reach->count; i++) {
        fputs(prefix, out);
        if (reach->gap[i].asked == NULL)
            print_route(reach, &reach->gap[i], out);
        else
            print_silence(reach, &reach->gap[i], out);
    }
}
