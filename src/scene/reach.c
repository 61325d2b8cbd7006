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

    for (unsigned i = 0; i < lab->hosts_count; i++) {
        for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++)
            most += lab->hosts[i].interfaces[k].ip_count;
    }
    reach->owners = calloc(most, sizeof *reach->owners);
    if (reach->owners == NULL)
        return -ENOMEM;
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++) {
            const struct scene_interface *interface = &lab->hosts[i].interfaces[k];

            for (unsigned a = 0; a < interface->ip_count; a++)
                reach->owners[reach->owners_count++] =
                    (struct scene_reach_owner){interface->ip[a].ip, i, k};
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
    if (!host->is_live && scene_distance(host, to) == DISTANCE_OUT_OF_REACH)
        add_once(reach, (struct scene_reach_gap){.host = host, .to = to});
}

/* A host's first interface of a segment, or NULL. */
static const struct scene_interface *interface_on(const struct scene_host *host, unsigned segment)
{
    for (unsigned i = 0; i < host->interfaces_count; i++) {
        if (host->interfaces[i].segment == segment)
            return &host->interfaces[i];
    }
    return NULL;
}

void scene_reach_add(struct scene_reach *reach, unsigned number, struct address to)
{
    const struct scene_host *host = &reach->lab->hosts[number], *peer;
    unsigned interface;

    add(reach, host, to);
    peer = find_owner(reach, to, &interface);
    /* once the way is there, the way back must be there too */
    for (unsigned i = 0; peer != NULL && i < host->interfaces_count; i++) {
        const struct scene_interface *own = &host->interfaces[i];

        if (interface_on(peer, own->segment) == NULL)
            continue;
        for (unsigned k = 0; k < own->ip_count; k++) {
            if (address_is_mapped(own->ip[k].ip) == address_is_mapped(to))
                add(reach, peer, own->ip[k].ip);
        }
    }
}

/* An address of an interface, or NULL: it has no such address. */
static const struct scene_prefix *find_address(const struct scene_interface *interface,
                                               struct address ip)
{
    for (unsigned i = 0; i < interface->ip_count; i++) {
        if (address_equal(interface->ip[i].ip, ip))
            return &interface->ip[i];
    }
    return NULL;
}

/* A neighbor did not answer: is it where the wire leads, or the switches behind it? */
static void on_neighbor(void *context, const struct sockeye_event *event)
{
    struct scene_reach *reach = context;
    const struct scene *lab = reach->lab;
    const struct scene_host *host = &lab->hosts[event->host], *owner;
    unsigned interface;

    if (event->neighbor.to != NEIGHBOR_FAILED || scene_is_link_local(event->neighbor.address))
        return;
    owner = find_owner(reach, event->neighbor.address, &interface);
    for (unsigned i = 0; i < host->interfaces_count; i++) {
        const struct scene_interface *own = &host->interfaces[i];

        if (lab->wires[own->wire].number == event->wire &&
            (owner == NULL || owner->interfaces[interface].segment != own->segment))
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

/* The first address of an interface that a host has a network of its own for, and that is of a
 * family; or NULL. */
static const struct scene_prefix *find_gateway(const struct scene_host *from,
                                               const struct scene_interface *interface, bool is_ip4)
{
    for (unsigned i = 0; i < interface->ip_count; i++) {
        if (address_is_mapped(interface->ip[i].ip) == is_ip4 &&
            scene_distance(from, interface->ip[i].ip) == DISTANCE_NEAR)
            return &interface->ip[i];
    }
    return NULL;
}

/* The route that the host lacks to an address of another, "{to: 10.1.0.0/24, interface: eth0}", if
 * a wire joins the two. */
static bool find_route(const struct scene_host *from, const struct scene_host *to,
                       const struct scene_interface *far, struct scene_prefix ip, char *text,
                       size_t size)
{
    char network[ADDRESS_TEXT_BYTES], via[ADDRESS_TEXT_BYTES];

    address_format(scene_network_of(ip).ip, network);
    for (unsigned i = 0; i < from->interfaces_count; i++) {
        const struct scene_interface *own = &from->interfaces[i], *other;
        const struct scene_prefix *gateway;

        other = far->segment == own->segment ? far : interface_on(to, own->segment);
        if (other == NULL)
            continue;
        if (other == far) {
            snprintf(text, size, "{to: %s/%d, interface: %s}", network, ip.bits, own->name);
            return true;
        }
        gateway = find_gateway(from, other, address_is_mapped(ip.ip));
        if (gateway != NULL) {
            address_format(gateway->ip, via);
            snprintf(text, size, "{to: %s/%d, via: %s}", network, ip.bits, via);
            return true;
        }
    }
    return false;
}

static void print_route(const struct scene_reach *reach, const struct scene_reach_gap *gap,
                        FILE *out)
{
    const struct scene_host *from = gap->host, *to;
    const struct scene_prefix *ip = NULL;
    char address[ADDRESS_TEXT_BYTES], route[160];
    unsigned interface;

    address_format(gap->to, address);
    to = find_owner(reach, gap->to, &interface);
    if (to != NULL)
        ip = find_address(&to->interfaces[interface], gap->to);
    fprintf(out, "no route from %s to %s", from->name, address);
    if (ip == NULL)
        fprintf(out, ", which is no host's address\n");
    else if (find_route(from, to, &to->interfaces[interface], *ip, route, sizeof route))
        fprintf(out, " (%s); host %s needs  routes: [%s]\n", to->name, from->name, route);
    else
        fprintf(out, " (%s); %s\n", to->name,
                reach->lab->listed_routers_count == 0
                    ? "no wire joins the two, and a host does not forward; one of `routers` does"
                    : "no wire joins the two, and no router their networks");
}

static void print_silence(const struct scene_reach *reach, const struct scene_reach_gap *gap,
                          FILE *out)
{
    const struct scene *lab = reach->lab;
    const struct scene_end *end = &lab->wires[gap->asked->wire].end[1 - gap->asked->end];
    const struct scene_host *owner;
    char address[ADDRESS_TEXT_BYTES], there[2 * SOCKEYE_NAME_BYTES + 8];
    unsigned interface;

    address_format(gap->to, address);
    owner = find_owner(reach, gap->to, &interface);
    if (end->is_switch)
        snprintf(there, sizeof there, "switch %s", lab->switches[end->node].name);
    else
        snprintf(there, sizeof there, "%s.%s", lab->hosts[end->node].name,
                 lab->hosts[end->node].interfaces[end->port].name);
    fprintf(out, "%s asked for %s on its %s, which leads to %s; that is ", gap->host->name, address,
            gap->asked->name, there);
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
