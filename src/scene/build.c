/* SPDX-License-Identifier: MIT */
/*
 * Makes the lab that a checked file describes, by the public header alone. What the stack refuses
 * (a setting of an unknown name, say) is told with the file's line.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include "scene/scene.h"
#include "scene/index.h"
#include "scene/names.h"
#include "scene/tell.h"

enum { LOOP_TOLD = 8 }; /* wires of a loop that are named */

struct build {
    struct scene_file *file;
    struct sockeye *lab;
    FILE *errors;
};

void scene_tell(const struct scene_file *file, FILE *errors, const char *path, const char *format,
                ...)
{
    const struct scene_where where = scene_where(file->lab, path);
    char shown[400];
    va_list arguments;

    scene_index_show(file->index, where.path, shown, sizeof shown);
    va_start(arguments, format);
    scene_tell_list(file, errors, scene_index_line(file->index, where.path), shown, format,
                    arguments);
    va_end(arguments);
}

/* Tells of a failed call; passes its result on when it did not fail. */
__attribute__((format(printf, 3, 4))) static int judge(const struct build *build, int result,
                                                       const char *format, ...)
{
    char path[300];
    va_list arguments;

    if (result >= 0)
        return result;
    va_start(arguments, format);
    vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    scene_tell(build->file, build->errors, path, "%s", sockeye_strerror(result));
    return -EINVAL;
}

/* Sets each "name=value" of a list; `where` is the path before "settings". */
static int build_settings(const struct build *build, int host, char **list, unsigned count,
                          const char *where)
{
    for (unsigned i = 0; i < count; i++) {
        const char *equals = strchr(list[i], '=');
        char name[128];
        int result;

        snprintf(name, sizeof name, "%.*s", (int)(equals - list[i]), list[i]);
        result = sockeye_set(build->lab, host, name, equals + 1);
        if (result == -ENOENT || result == -EINVAL || result == -ERANGE) {
            char path[200];

            snprintf(path, sizeof path, "%ssettings[%u]", where, i);
            scene_tell(build->file, build->errors, path, "%s \"%s\" (see sockeye settings)",
                       result == -ENOENT   ? "there is no setting"
                       : result == -EINVAL ? "not a value of this setting:"
                                           : "out of the range of this setting:",
                       result == -ENOENT ? name : equals + 1);
            return -EINVAL;
        }
        if (judge(build, result, "%ssettings[%u]", where, i) < 0)
            return -EINVAL;
    }
    return 0;
}

static int build_wire(const struct build *build, unsigned i, int *number)
{
    const struct scene_wire *wire = &build->file->lab->wires[i];

    *number = judge(build, sockeye_wire(build->lab, wire->name, &wire->config[0], &wire->config[1]),
                    "wires[%u]", i);
    return *number < 0 ? -EINVAL : 0;
}

static int build_address(const struct build *build, const struct scene_host *host, unsigned h,
                         unsigned i, unsigned k)
{
    const struct scene_interface *interface = &host->interfaces[i];
    char text[ADDRESS_TEXT_BYTES + 8], key[SCENE_ADDRESS_KEY_BYTES], path[80];
    size_t length = address_format(interface->ip[k].ip, text);
    int result;

    snprintf(text + length, sizeof text - length, "/%d", interface->ip[k].bits);
    result = sockeye_address(build->lab, host->number, interface->number, text);
    snprintf(path, sizeof path, "hosts[%u].interfaces[%u].%s", h, i,
             scene_address_key(interface, k, key));
    if (result != -EINVAL)
        return judge(build, result, "%s", path);
    scene_tell(build->file, build->errors, path,
               "\"%s\" is not a host's address (is it the network's own, or its broadcast?)", text);
    return result;
}

/* With the servers of names that its network has (RFC 8106). */
static int build_advertised(const struct build *build, const struct scene_host *router,
                            const struct scene_interface *interface)
{
    const struct scene *lab = build->file->lab;
    char servers[SCENE_NETWORK_SERVERS * (ADDRESS_TEXT_BYTES + 1)] = "";
    struct address told[SCENE_NETWORK_SERVERS];
    unsigned count = scene_names_told(lab, &lab->networks[interface->network], router, false, told);
    struct sockeye_advertise_config config = {
        .servers = count == 0 ? NULL : servers,
        .other = lab->networks[interface->network].has_dhcp6,
    };

    for (unsigned i = 0; i < count; i++) {
        char text[ADDRESS_TEXT_BYTES];

        address_format(told[i], text);
        if (i > 0)
            strcat(servers, ",");
        strcat(servers, text);
    }
    return sockeye_advertise(build->lab, router->number, interface->number, &config);
}

static int build_interface(const struct build *build, const struct scene_host *host, unsigned h,
                           unsigned i)
{
    struct scene_interface *interface = &host->interfaces[i];
    int result =
        judge(build,
              sockeye_interface(build->lab, host->number, interface->name,
                                build->file->lab->wires[interface->wire].number, interface->end,
                                interface->mac == NULL ? NULL : interface->mac_bytes),
              "hosts[%u].interfaces[%u]", h, i);

    if (result < 0)
        return result;
    interface->number = result;
    for (unsigned k = 0; k < interface->ip_count; k++) {
        if (build_address(build, host, h, i, k) < 0)
            return -EINVAL;
    }
    if (interface->is_auto)
        result = sockeye_address(build->lab, host->number, interface->number, "auto");
    else if (host->is_router && interface->network >= 0 &&
             build->file->lab->networks[interface->network].is_auto)
        result = build_advertised(build, host, interface);
    else
        result = 0;
    return judge(build, result, "hosts[%u].interfaces[%u]", h, i);
}

static int build_way(const struct build *build, const struct scene_host *host, unsigned h,
                     unsigned i)
{
    const struct scene_way *way = &host->ways[i];
    char to[ADDRESS_TEXT_BYTES + 8], via[ADDRESS_TEXT_BYTES];
    size_t length = address_format(way->network.ip, to);
    int result;

    snprintf(to + length, sizeof to - length, "/%d", way->network.bits);
    address_format(way->via, via);
    result =
        sockeye_route(build->lab, host->number, to, address_is_unspecified(way->via) ? NULL : via,
                      host->interfaces[way->interface].number);
    if (i < host->routes_count)
        return judge(build, result, "hosts[%u].routes[%u]", h, i);
    return judge(build, result, "hosts[%u]", h);
}

static int build_nat(const struct build *build, const struct scene_host *host, unsigned h)
{
    struct sockeye_nat_config config = host->nat;
    int result;

    if (host->nat6 != NULL) {
        config.inner = host->nat6->inside;
        config.outer = host->nat6->outside;
    }
    result = sockeye_nat(build->lab, host->number, host->interfaces[host->outside].number, &config);
    if (judge(build, result, "hosts[%u].nat", h) < 0)
        return -EINVAL;
    for (unsigned i = 0; i < host->forwards_count; i++) {
        const struct scene_forward *forward = &host->forwards[i];
        char inner[ADDRESS_TEXT_BYTES];

        address_format(forward->ip, inner);
        result = sockeye_nat_forward(build->lab, host->number, forward->protocol, forward->port,
                                     inner, forward->inner_port);
        if (judge(build, result, "hosts[%u].forwards[%u]", h, i) < 0)
            return -EINVAL;
    }
    return 0;
}

static int build_x25_lines(const struct build *build, const struct scene_host *host, unsigned h)
{
    for (unsigned i = 0; i < host->x25->lines_count; i++) {
        const struct scene_x25_line *line = &host->x25->lines[i];
        int interface = host->interfaces[line->at].number;
        const char *address = scene_x25_neighbour(build->file->lab, h, line);
        int result = sockeye_x25_lapb(build->lab, host->number, interface, &line->config);

        if (result >= 0 && address != NULL)
            result = sockeye_x25_route(build->lab, host->number, address, interface, NULL, 0);
        if (result >= 0 && host->x25->lines_count == 1 && host->x25->routes_count == 0)
            result = sockeye_x25_route(build->lab, host->number, "", interface, NULL, 0);
        if (judge(build, result, "hosts[%u].x25.lines[%u]", h, i) < 0)
            return -EINVAL;
    }
    return 0;
}

static int build_x25(const struct build *build, const struct scene_host *host, unsigned h)
{
    const struct scene_x25 *x25 = host->x25;
    int result = build_x25_lines(build, host, h);
    char seconds[12];

    if (result < 0)
        return result;
    if (x25->keepalive > 0) {
        snprintf(seconds, sizeof seconds, "%d", (int)(x25->keepalive / 1000000000));
        result = sockeye_set(build->lab, host->number, "net.x25.xot_keepalive", seconds);
    }
    for (unsigned i = 0; result >= 0 && i < x25->xot_callers_count; i++)
        result = sockeye_x25_permit(build->lab, host->number, x25->xot_callers[i]);
    if (result >= 0 && x25->takes_xot)
        result = sockeye_x25_xot(build->lab, host->number);
    if (result >= 0 && x25->forwards)
        result = sockeye_set(build->lab, host->number, "net.x25.x25_forward", "1");
    if (judge(build, result, "hosts[%u].x25", h) < 0)
        return -EINVAL;
    for (unsigned i = 0; i < x25->routes_count; i++) {
        const struct scene_x25_route *route = &x25->routes[i];
        char to[ADDRESS_TEXT_BYTES];

        address_format(route->ip, to);
        result = sockeye_x25_route(build->lab, host->number, route->to,
                                   route->at < 0 ? 0 : host->interfaces[route->at].number,
                                   route->at < 0 ? to : NULL, (int)route->packets_128);
        if (judge(build, result, "hosts[%u].x25.routes[%u]", h, i) < 0)
            return -EINVAL;
    }
    return 0;
}

static bool lab_says(const struct scene *lab, const char *name)
{
    size_t length = strlen(name);

    for (unsigned i = 0; i < lab->settings_count; i++) {
        if (strncmp(lab->settings[i], name, length) == 0 && lab->settings[i][length] == '=')
            return true;
    }
    return false;
}

/* A router's addresses are in use at once, as RFC 4862 5.1 allows: an optimistic one is not for
 * routers (RFC 4429 3.3), and behind one that is tentative nobody reaches anybody for one to three
 * seconds, in which a program has long given up. That no two are alike, check_taken.c says. */
static int build_router(const struct build *build, const struct scene_host *host, unsigned h)
{
    static const char *const asked = "net.ipv6.conf.all.dad_transmits";

    if (!host->is_router || lab_says(build->file->lab, asked))
        return 0;
    return judge(build, sockeye_set(build->lab, host->number, asked, "0"), "hosts[%u]", h);
}

static int build_host(const struct build *build, unsigned h)
{
    struct scene_host *host = &build->file->lab->hosts[h];
    char where[64];

    snprintf(where, sizeof where, "hosts[%u].", h);
    if (build_router(build, host, h) < 0)
        return -EINVAL;
    if (host->has_no_ip6 && judge(build, sockeye_set(build->lab, host->number, "ipv6.disable", "1"),
                                  "hosts[%u].ip6", h) < 0)
        return -EINVAL;
    if (build_settings(build, host->number, host->settings, host->settings_count, where) < 0)
        return -EINVAL;
    for (unsigned i = 0; i < host->interfaces_count; i++) {
        if (build_interface(build, host, h, i) < 0)
            return -EINVAL;
    }
    for (unsigned i = 0; i < host->ways_count; i++) {
        if (build_way(build, host, h, i) < 0)
            return -EINVAL;
    }
    if (host->x25 != NULL && build_x25(build, host, h) < 0)
        return -EINVAL;
    return host->outside < 0 ? 0 : build_nat(build, host, h);
}

static int build_switch(const struct build *build, unsigned i)
{
    struct scene_switch *is = &build->file->lab->switches[i];

    is->number = judge(build,
                       is->is_hub ? sockeye_hub(build->lab, is->name)
                                  : sockeye_switch(build->lab, is->name, &is->config),
                       "switches[%u]", i);
    return is->number < 0 ? -EINVAL : 0;
}

static int build_port(const struct build *build, unsigned i, unsigned k, int number)
{
    const struct scene_switch *is = &build->file->lab->switches[i];
    const struct scene_port *port = &is->ports[k];
    char path[80];
    int result;

    if (port->config.vlan == 0 && port->config.edge == 0 && port->listed < 0)
        return 0;
    result = sockeye_switch_port(build->lab, is->number, number, &port->config);
    snprintf(path, sizeof path, "switches[%u]", i);
    if (port->listed >= 0)
        snprintf(path, sizeof path, "switches[%u].ports[%d]%s", i, port->listed,
                 port->config.trunk == NULL ? "" : ".trunk");
    if (result != -EINVAL || port->config.trunk == NULL)
        return judge(build, result, "%s", path);
    scene_tell(build->file, build->errors, path,
               "\"%s\" is not a list of VLANs such as 10,20-30, nor all", port->config.trunk);
    return result;
}

static int build_ports(const struct build *build, unsigned i)
{
    const struct scene_switch *is = &build->file->lab->switches[i];

    for (unsigned k = 0; k < is->ports_count; k++) {
        const struct scene_port *port = &is->ports[k];
        int result =
            sockeye_interface(build->lab, is->number, port->name,
                              build->file->lab->wires[port->wire].number, (int)port->end, NULL);

        if (judge(build, result, "switches[%u]", i) < 0 ||
            (!is->is_hub && build_port(build, i, k, result) < 0))
            return -EINVAL;
    }
    return 0;
}

static int build_downs(const struct build *build, unsigned w, int number)
{
    const struct scene_wire *wire = &build->file->lab->wires[w];

    for (unsigned i = 0; i < wire->down_count; i++) {
        const struct scene_down *down = &wire->down[i];

        for (int direction = 0; direction < 2; direction++) {
            int result = 0;

            if (!down->hits[direction])
                continue;
            result = sockeye_wire_link(build->lab, number, direction, false, down->from);
            if (result >= 0 && down->until != SOCKEYE_NEVER)
                result = sockeye_wire_link(build->lab, number, direction, true, down->until);
            if (judge(build, result, "wires[%u].down[%u]", w, i) < 0)
                return -EINVAL;
        }
    }
    return 0;
}

/* Frames for all would go round in it for ever. Told is the wire that stands last in the file. */
static int find_loop(const struct build *build)
{
    int wires[LOOP_TOLD], last = 0, count = sockeye_find_loop(build->lab, wires, LOOP_TOLD);
    char path[40], names[LOOP_TOLD * (SOCKEYE_NAME_BYTES + 2)];
    size_t length = 0;

    if (count <= 0)
        return 0;
    for (int i = 0; i < count && i < LOOP_TOLD; i++) {
        last = wires[i] > last ? wires[i] : last;
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s",
                                   i == 0 ? "" : ", ", sockeye_wire_name(build->lab, wires[i]));
    }
    snprintf(path, sizeof path, "wires[%d].between", last);
    scene_tell(
        build->file, build->errors, path,
        "closes a loop of switches (%s%s), in which frames go round for ever; stp: true of a "
        "switch opens it",
        names, count > LOOP_TOLD ? ", ..." : "");
    return -EINVAL;
}

struct sockeye_config scene_config(const struct scene *lab, uint64_t seed)
{
    static const struct scene_limits defaults;
    const struct scene_limits *limits = lab->limits == NULL ? &defaults : lab->limits;

    return (struct sockeye_config){.seed = seed,
                                   .hosts = lab->hosts_count + lab->switches_count,
                                   .wires = lab->wires_count,
                                   .sockets = limits->sockets,
                                   .packets = limits->packets,
                                   .buffer_bytes = limits->buffers};
}

int scene_build(struct scene_file *file, struct sockeye *lab, FILE *errors)
{
    struct build build = {file, lab, errors};
    struct scene *t = file->lab;

    if (build_settings(&build, -1, t->settings, t->settings_count, "") < 0)
        return -EINVAL;
    for (unsigned i = 0; i < t->hosts_count; i++) {
        const char *name = t->hosts[i].name;

        t->hosts[i].number = judge(
            &build, t->hosts[i].is_router ? sockeye_router(lab, name) : sockeye_host(lab, name),
            "hosts[%u]", i);
        if (t->hosts[i].number < 0)
            return -EINVAL;
    }
    for (unsigned i = 0; i < t->switches_count; i++) {
        if (build_switch(&build, i) < 0)
            return -EINVAL;
    }
    for (unsigned i = 0; i < t->wires_count; i++) {
        if (build_wire(&build, i, &t->wires[i].number) < 0 ||
            build_downs(&build, i, t->wires[i].number) < 0)
            return -EINVAL;
    }
    for (unsigned i = 0; i < t->hosts_count; i++) {
        if (build_host(&build, i) < 0)
            return -EINVAL;
    }
    for (unsigned i = 0; i < t->switches_count; i++) {
        if (build_ports(&build, i) < 0)
            return -EINVAL;
    }
    return find_loop(&build);
}
