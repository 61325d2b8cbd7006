/* SPDX-License-Identifier: MIT */
/*
 * X.25 of a host: `lines` are data links of LAPB at its interfaces, `xot` takes calls over TCP,
 * `routes` say by their first digits where calls go, `forward` lets calls for others go on. Beside
 * the routes of the file a host gets one to the `address` of each host at the other end of one of
 * its lines; and a host with one line and no route sends all calls there.
 */
#include <string.h>
#include "scene/check.h"
#include "scene/value.h"

bool scene_x25_is_address(const char *text)
{
    return strlen(text) <= SCENE_X25_DIGITS && text[strspn(text, "0123456789")] == '\0';
}

static int find_interface(const struct scene_host *host, const char *name)
{
    for (unsigned i = 0; i < host->interfaces_count; i++) {
        if (strcmp(host->interfaces[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

static void check_modulo(struct scene_check *check, const char *key, const char *text,
                         uint32_t *is_128)
{
    *is_128 = text != NULL && strcmp(text, "128") == 0;
    if (text != NULL && strcmp(text, "128") != 0 && strcmp(text, "8") != 0)
        scene_check_fail(check, key, "\"%s\" is neither 8 nor 128", text);
}

/* "1-255" */
static void check_channels(struct scene_check *check, const char *text,
                           struct sockeye_x25_config *config)
{
    const char *dash = text == NULL ? NULL : strchr(text, '-');
    uint64_t lowest = 0, highest = 0;
    char first[16];

    if (text == NULL)
        return;
    snprintf(first, sizeof first, "%.*s", dash == NULL ? 0 : (int)(dash - text), text);
    if (dash == NULL || !scene_read_number(first, 4095, &lowest) ||
        !scene_read_number(dash + 1, 4095, &highest) || lowest == 0 || lowest > highest)
        scene_check_fail(check, "channels", "\"%s\" is not a range of 1 to 4095, such as 1-255",
                         text);
    config->lowest_channel = (uint32_t)lowest;
    config->highest_channel = (uint32_t)highest;
}

/* Who is at the end 0 of a wire is the DTE; behind a switch it has to be said. */
static void check_role(struct scene_check *check, const struct scene_interface *interface,
                       struct scene_x25_line *line)
{
    if (line->role != NULL && strcmp(line->role, "dte") == 0)
        line->config.role = SOCKEYE_X25_DTE;
    else if (line->role != NULL && strcmp(line->role, "dce") == 0)
        line->config.role = SOCKEYE_X25_DCE;
    else if (line->role != NULL)
        scene_check_fail(check, "role", "\"%s\" is neither dte nor dce", line->role);
    else if (interface->network >= 0)
        scene_check_fail(check, "role",
                         "is needed on a network: one of both ends is dte, the other dce");
}

static void check_line(struct scene_check *check, const struct scene_host *host,
                       struct scene_x25_line *line)
{
    struct sockeye_x25_config *c = &line->config;

    line->at = find_interface(host, line->interface);
    if (line->at < 0)
        scene_check_fail(check, "interface", "this host has no interface \"%s\"", line->interface);
    else
        check_role(check, &host->interfaces[line->at], line);
    check_modulo(check, "modulo", line->modulo, &c->packets_128);
    check_modulo(check, "frames", line->frames, &c->frames_128);
    scene_check_duration(check, "t1", line->t1, &c->t1_ns);
    scene_check_duration(check, "t2", line->t2, &c->t2_ns);
    scene_check_number(check, "n2", line->n2, 1, 255, &c->n2);
    scene_check_number(check, "k", line->k, 1, c->frames_128 ? 127 : 7, &c->k);
    check_channels(check, line->channels, c);
    if (line->peer != NULL && !scene_read_mac(line->peer, c->peer))
        scene_check_fail(check, "peer", "\"%s\" is not a MAC address", line->peer);
}

static bool has_line(const struct scene_x25 *x25, int interface)
{
    for (unsigned i = 0; i < x25->lines_count; i++) {
        if (x25->lines[i].at == interface)
            return true;
    }
    return false;
}

static void check_route(struct scene_check *check, const struct scene_host *host,
                        struct scene_x25_route *route)
{
    route->host = route->at = -1;
    if (!scene_x25_is_address(route->to))
        scene_check_fail(check, "to", "\"%s\" is not up to 15 digits", route->to);
    if ((route->line == NULL) == (route->xot == NULL)) {
        scene_check_fail(check, "", "needs one of \"line\" and \"xot\"");
        return;
    }
    check_modulo(check, "modulo", route->modulo, &route->packets_128);
    if (route->line != NULL) {
        route->at = find_interface(host, route->line);
        if (route->at < 0 || !has_line(host->x25, route->at))
            scene_check_fail(check, "line", "no line is at an interface \"%s\"", route->line);
        if (route->modulo != NULL)
            scene_check_fail(check, "modulo", "is the line's, and stands there");
        return;
    }
    route->host = scene_find_host(check->lab, route->xot);
    if (route->host < 0 && !scene_read_ip(route->xot, &route->ip))
        scene_check_fail(check, "xot", "\"%s\" is neither a host nor an address", route->xot);
}

/* TCP counts in seconds. */
static void check_keepalive(struct scene_check *check, struct scene_x25 *x25)
{
    scene_check_duration(check, "xot_keepalive", x25->xot_keepalive, &x25->keepalive);
    if (x25->keepalive % 1000000000 != 0 || x25->keepalive / 1000000000 > 32767)
        scene_check_fail(check, "xot_keepalive", "\"%s\" is not 1 to 32767 whole seconds",
                         x25->xot_keepalive);
}

static void check_callers(struct scene_check *check, const struct scene_x25 *x25)
{
    for (unsigned i = 0; i < x25->xot_callers_count; i++) {
        struct address ip;
        int bits;

        if (!scene_read_ip(x25->xot_callers[i], &ip) &&
            !scene_read_prefix(x25->xot_callers[i], &ip, &bits))
            scene_check_fail(check, "xot_callers", "\"%s\" is neither an address nor a network",
                             x25->xot_callers[i]);
    }
    if (x25->xot_callers_count > 8)
        scene_check_fail(check, "xot_callers", "more than 8");
    if (x25->xot_callers_count > 0 && !x25->takes_xot)
        scene_check_fail(check, "xot_callers", "says nothing without \"xot: true\"");
}

void scene_check_x25(struct scene_check *check, unsigned number)
{
    const struct scene_host *host = &check->lab->hosts[number];
    struct scene_x25 *x25 = host->x25;
    size_t before, inside;

    if (x25 == NULL)
        return;
    before = scene_check_enter(check, ".x25");
    if (x25->address != NULL && (!scene_x25_is_address(x25->address) || x25->address[0] == '\0'))
        scene_check_fail(check, "address", "\"%s\" is not 1 to 15 digits", x25->address);
    scene_check_bool(check, "xot", x25->xot, &x25->takes_xot);
    scene_check_bool(check, "forward", x25->forward, &x25->forwards);
    check_keepalive(check, x25);
    check_callers(check, x25);
    for (unsigned i = 0; i < x25->lines_count; i++) {
        inside = scene_check_enter(check, ".lines[%u]", i);
        x25->lines[i].at = -1;
        check_line(check, host, &x25->lines[i]);
        scene_check_leave(check, inside);
    }
    for (unsigned i = 0; i < x25->routes_count; i++) {
        inside = scene_check_enter(check, ".routes[%u]", i);
        check_route(check, host, &x25->routes[i]);
        scene_check_leave(check, inside);
    }
    scene_check_leave(check, before);
}

/* A host that a route goes to has an address by now. */
void scene_check_x25_hosts(struct scene_check *check, unsigned number)
{
    const struct scene_host *host = &check->lab->hosts[number];
    struct scene_x25 *x25 = host->x25;

    for (unsigned i = 0; x25 != NULL && i < x25->routes_count; i++) {
        struct scene_x25_route *route = &x25->routes[i];
        size_t before;

        if (route->host < 0)
            continue;
        before = scene_check_enter(check, ".x25.routes[%u]", i);
        route->ip = scene_host_address(&check->lab->hosts[route->host], host);
        if (address_is_unspecified(route->ip))
            scene_check_fail(check, "xot", "host \"%s\" has no address of the file", route->xot);
        scene_check_leave(check, before);
    }
}

const char *scene_x25_neighbour(const struct scene *lab, unsigned number,
                                const struct scene_x25_line *line)
{
    const struct scene_interface *here = &lab->hosts[number].interfaces[line->at];

    for (unsigned h = 0; h < lab->hosts_count; h++) {
        const struct scene_host *other = &lab->hosts[h];

        if (h == number || other->x25 == NULL || other->x25->address == NULL)
            continue;
        for (unsigned i = 0; i < other->x25->lines_count; i++) {
            int at = other->x25->lines[i].at;
            const struct scene_interface *there = at < 0 ? NULL : &other->interfaces[at];

            if (there != NULL && there->segment == here->segment)
                return other->x25->address;
        }
    }
    return NULL;
}
