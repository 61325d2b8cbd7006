/* SPDX-License-Identifier: MIT */
/*
 * The translator of a router: `nat` is a preset, `outside` the interface behind which the addresses
 * of the inside are not known, `forwards` what of its ports goes inside. Presets are sets of what
 * RFC 4787 leaves open: a home's router maps each inner port once and lets in who was spoken to;
 * a symmetric one maps anew for each peer; one of a carrier maps once, lets everybody in who knows
 * the port, and limits what one inner address may have (RFC 6888). `nat6` exchanges prefixes of
 * IPv6 instead, one for one.
 */
#include <netinet/in.h>
#include <string.h>
#include "scene/check.h"
#include "scene/value.h"

static const struct preset {
    const char *name;
    struct sockeye_nat_config config;
} presets[] = {
    {"home", {.mapping = SOCKEYE_NAT_INDEPENDENT, .filter = SOCKEYE_NAT_ADDRESS, .closed = 1}},
    {"symmetric",
     {.mapping = SOCKEYE_NAT_ADDRESS_AND_PORT,
      .filter = SOCKEYE_NAT_ADDRESS_AND_PORT,
      .closed = 1}},
    {"cgn",
     {.mapping = SOCKEYE_NAT_INDEPENDENT,
      .filter = SOCKEYE_NAT_INDEPENDENT,
      .host_sessions = 1024,
      .closed = 1}},
};

static int find_interface(const struct scene_host *host, const char *name)
{
    for (unsigned i = 0; i < host->interfaces_count; i++) {
        if (strcmp(host->interfaces[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

static void check_forward(struct scene_check *check, struct scene_forward *forward)
{
    const char *colon = strrchr(forward->to, ':');
    uint64_t port = 0, inner = 0;
    char name[64];

    forward->host = -1;
    if (!scene_read_number(forward->port_text, UINT16_MAX, &port) || port == 0)
        scene_check_fail(check, "port", "\"%s\" is not a port", forward->port_text);
    if (colon == NULL || !scene_read_number(colon + 1, UINT16_MAX, &inner) || inner == 0) {
        scene_check_fail(check, "to", "\"%s\" is not HOST:PORT", forward->to);
        return;
    }
    snprintf(name, sizeof name, "%.*s", (int)(colon - forward->to), forward->to);
    forward->port = (uint16_t)port;
    forward->inner_port = (uint16_t)inner;
    forward->protocol = IPPROTO_TCP;
    if (forward->protocol_text != NULL && strcmp(forward->protocol_text, "udp") == 0)
        forward->protocol = IPPROTO_UDP;
    else if (forward->protocol_text != NULL && strcmp(forward->protocol_text, "tcp") != 0)
        scene_check_fail(check, "protocol", "\"%s\" is neither tcp nor udp",
                         forward->protocol_text);
    forward->host = scene_find_host(check->lab, name);
    if (forward->host < 0 && !scene_read_ip(name, &forward->ip))
        scene_check_fail(check, "to", "\"%s\" is neither a host nor an address", name);
}

static void check_prefix(struct scene_check *check, const char *key, const char *text,
                         struct scene_prefix *prefix)
{
    if (!scene_read_prefix(text, &prefix->ip, &prefix->bits) || address_is_mapped(prefix->ip) ||
        !address_equal(prefix->ip, scene_network_of(*prefix).ip) || prefix->bits == 0)
        scene_check_fail(check, key, "\"%s\" is not a prefix of IPv6 such as fd00:1::/48", text);
}

/* RFC 6296 2: of one length; the outer one is no network of the lab, but leads to the router. */
static void check_nat6(struct scene_check *check, const struct scene_host *host)
{
    struct scene_nat6 *nat6 = host->nat6;
    size_t before = scene_check_enter(check, ".nat6");

    if (host->nat_text == NULL)
        scene_check_fail(check, "", "needs \"nat\"");
    check_prefix(check, "inside", nat6->inside, &nat6->inner);
    check_prefix(check, "outside", nat6->outside, &nat6->outer);
    if (nat6->inner.bits != nat6->outer.bits)
        scene_check_fail(check, "outside", "\"%s\" is not as long as \"%s\"", nat6->outside,
                         nat6->inside);
    for (unsigned i = 0; i < check->lab->networks_count; i++) {
        const struct scene_network *network = &check->lab->networks[i];

        for (unsigned k = 0; k < network->prefix_count; k++) {
            if (scene_is_within(network->prefix[k].ip, nat6->outer) ||
                scene_is_within(nat6->outer.ip, network->prefix[k]))
                scene_check_fail(check, "outside", "\"%s\" has addresses of network \"%s\"",
                                 nat6->outside, network->name);
        }
    }
    scene_check_leave(check, before);
}

void scene_check_nat(struct scene_check *check, unsigned number)
{
    struct scene_host *host = &check->lab->hosts[number];
    const struct preset *preset = NULL;

    host->outside = -1;
    if (host->nat6 != NULL)
        check_nat6(check, host);
    if (host->nat_text == NULL) {
        if (host->outside_text != NULL || host->forwards_count > 0)
            scene_check_fail(check, "", "\"outside\" and \"forwards\" need \"nat\"");
        return;
    }
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++) {
        if (strcmp(presets[i].name, host->nat_text) == 0)
            preset = &presets[i];
    }
    if (preset == NULL)
        scene_check_fail(check, "nat", "\"%s\" is not home, symmetric or cgn", host->nat_text);
    else
        host->nat = preset->config;
    if (host->outside_text == NULL)
        scene_check_fail(check, "nat", "needs \"outside\", the interface that leads there");
    else if ((host->outside = find_interface(host, host->outside_text)) < 0)
        scene_check_fail(check, "outside", "this router has no interface \"%s\"",
                         host->outside_text);
    for (unsigned i = 0; i < host->forwards_count; i++) {
        size_t before = scene_check_enter(check, ".forwards[%u]", i);

        check_forward(check, &host->forwards[i]);
        scene_check_leave(check, before);
    }
}

/* One port of the outer address, of a family and a protocol, leads to one endpoint. */
static void check_clash(struct scene_check *check, unsigned number, unsigned i)
{
    const struct scene_forward *all = check->lab->hosts[number].forwards, *f = &all[i];
    char path[64];

    for (unsigned k = 0; k < i && f->port != 0; k++) {
        if (all[k].port != f->port || all[k].protocol != f->protocol ||
            address_is_mapped(all[k].ip) != address_is_mapped(f->ip))
            continue;
        snprintf(path, sizeof path, "hosts[%u].forwards[%u]", number, k);
        scene_check_fail(check, "port", "%u of %s leads to \"%s\" already, by line %d", f->port,
                         f->protocol == IPPROTO_TCP ? "tcp" : "udp", all[k].to,
                         scene_line(check->file, path));
        return;
    }
}

/* A port of the inside is given to an address that is known by now. */
void scene_check_forwards(struct scene_check *check, unsigned number)
{
    struct scene_host *host = &check->lab->hosts[number];

    for (unsigned i = 0; i < host->forwards_count; i++) {
        struct scene_forward *forward = &host->forwards[i];
        size_t before = scene_check_enter(check, ".forwards[%u]", i);

        if (forward->host >= 0)
            forward->ip = scene_host_address(&check->lab->hosts[forward->host], host);
        if (forward->host >= 0 && address_is_unspecified(forward->ip))
            scene_check_fail(check, "to", "host \"%s\" has no address of the file",
                             check->lab->hosts[forward->host].name);
        else
            check_clash(check, number, i);
        scene_check_leave(check, before);
    }
}
