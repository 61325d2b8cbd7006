/* SPDX-License-Identifier: MIT */
/*
 * Reads a lab file and checks it whole. Order: the shape (scene_yaml), then names of hosts and
 * interfaces, then wires that join them, addresses and routes, then programs and traffic, whose
 * conditions name hosts and programs. A fault does not stop the checks; the first 20 are told.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "scene/scene.h"
#include "scene/check.h"
#include "scene/index.h"
#include "scene/value.h"
#include "scene/yaml.h"

enum { FILE_BYTES = 1 << 20, COMPLAINTS = 20 };
static const int64_t time_limit_default = 300000000000;

size_t scene_check_enter(struct scene_check *check, const char *format, ...)
{
    size_t before = check->length, room = sizeof check->path - before;
    va_list arguments;
    int written;

    va_start(arguments, format);
    written = vsnprintf(check->path + before, room, format, arguments);
    va_end(arguments);
    check->length += (size_t)written < room ? (size_t)written : room - 1;
    return before;
}

void scene_check_leave(struct scene_check *check, size_t before)
{
    check->path[before] = '\0';
    check->length = before;
}

void scene_check_fail(struct scene_check *check, const char *key, const char *format, ...)
{
    size_t before = scene_check_enter(
        check, "%s%s", check->length == 0 || key[0] == '\0' || key[0] == '[' ? "" : ".", key);
    char shown[600], message[600];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    scene_index_show(check->file->index, check->path, shown, sizeof shown);
    if (check->count < COMPLAINTS)
        fprintf(check->errors, "%s:%d: %s: %s\n", check->file->path,
                scene_index_line(check->file->index, check->path), shown, message);
    check->count++;
    scene_check_leave(check, before);
}

void scene_check_duration(struct scene_check *check, const char *key, const char *text,
                          int64_t *value)
{
    if (text != NULL && !scene_read_duration(text, value))
        scene_check_fail(check, key, "\"%s\" is not a time such as 250us, 1.5ms, 2s, 5min or 1h",
                         text);
}

void scene_check_number(struct scene_check *check, const char *key, const char *text,
                        uint32_t least, uint32_t most, uint32_t *value)
{
    uint64_t number;

    if (text == NULL)
        return;
    if (!scene_read_number(text, most, &number) || number < least)
        scene_check_fail(check, key, "\"%s\" is not a whole number from %u to %u", text, least,
                         most);
    else
        *value = (uint32_t)number;
}

void scene_check_bytes(struct scene_check *check, const char *key, const char *text, uint64_t most,
                       uint64_t *value)
{
    uint64_t number;

    if (text == NULL)
        return;
    if (!scene_read_bytes(text, &number))
        scene_check_fail(check, key, "\"%s\" is not a size such as 1500, 64KiB or 10MB", text);
    else if (number > most)
        scene_check_fail(check, key, "\"%s\" is more than %llu bytes", text,
                         (unsigned long long)most);
    else
        *value = number;
}

void scene_check_bool(struct scene_check *check, const char *key, const char *text, bool *value)
{
    if (text != NULL && !scene_read_bool(text, value))
        scene_check_fail(check, key, "\"%s\" is neither true nor false", text);
}

void scene_check_pairs(struct scene_check *check, const char *key, char **list, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const char *equals = strchr(list[i], '=');
        char at[64];

        if (equals != NULL && equals != list[i])
            continue;
        snprintf(at, sizeof at, "%s[%u]", key, i);
        scene_check_fail(check, at, "\"%s\" is not of the form NAME=VALUE", list[i]);
    }
}

int scene_find_host(const struct scene *lab, const char *name)
{
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        if (strcmp(lab->hosts[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

struct in_addr scene_host_address(const struct scene_host *host)
{
    for (unsigned i = 0; i < host->interfaces_count; i++) {
        if (host->interfaces[i].ip.s_addr != 0)
            return host->interfaces[i].ip;
    }
    return (struct in_addr){0};
}

/* Is an address of this text taken by an earlier interface of the lab? */
static bool is_taken(const struct scene *lab, const struct scene_interface *before)
{
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++) {
            const struct scene_interface *other = &lab->hosts[i].interfaces[k];

            if (other == before)
                return false;
            if (other->ip.s_addr == before->ip.s_addr)
                return true;
        }
    }
    return false;
}

static void check_address(struct scene_check *check, struct scene_interface *interface)
{
    uint32_t ip;

    if (interface->address == NULL)
        return;
    if (strchr(interface->address, ':') != NULL) {
        scene_check_fail(check, "address", "\"%s\": IPv6 is not supported yet", interface->address);
        return;
    }
    if (!scene_read_prefix(interface->address, &interface->ip, &interface->prefix)) {
        scene_check_fail(check, "address",
                         "\"%s\" is not an IPv4 address with prefix, such as 10.0.0.1/24",
                         interface->address);
        interface->ip.s_addr = 0;
        return;
    }
    ip = ntohl(interface->ip.s_addr);
    if (ip >> 24 == 0 || ip >> 24 == 127 || ip >= 0xe0000000)
        scene_check_fail(check, "address", "\"%s\" is not an address a host can have",
                         interface->address);
    else if (is_taken(check->lab, interface))
        scene_check_fail(check, "address", "\"%s\" is another interface's address too",
                         interface->address);
}

static void check_interfaces(struct scene_check *check, struct scene_host *host)
{
    if (host->interfaces_count >= SOCKEYE_INTERFACES)
        scene_check_fail(check, "interfaces", "a host has at most %d interfaces beside lo",
                         SOCKEYE_INTERFACES - 1);
    for (unsigned i = 0; i < host->interfaces_count; i++) {
        struct scene_interface *interface = &host->interfaces[i];
        size_t before = scene_check_enter(check, ".interfaces[%u]", i);

        interface->wire = -1;
        if (!scene_is_name(interface->name) || strcmp(interface->name, "lo") == 0)
            scene_check_fail(check, "name", "\"%s\" cannot name an interface", interface->name);
        for (unsigned k = 0; k < i; k++) {
            if (strcmp(host->interfaces[k].name, interface->name) == 0)
                scene_check_fail(check, "name", "another interface has this name");
        }
        if (interface->mac != NULL && !scene_read_mac(interface->mac, interface->mac_bytes))
            scene_check_fail(check, "mac",
                             "\"%s\" is not a station's address such as 02:00:00:00:00:01",
                             interface->mac);
        check_address(check, interface);
        scene_check_leave(check, before);
    }
}

/* The interface whose subnet holds a gateway, or -1. */
static int interface_toward(const struct scene_host *host, struct in_addr gateway)
{
    for (unsigned i = 0; i < host->interfaces_count; i++) {
        const struct scene_interface *interface = &host->interfaces[i];
        uint32_t mask = interface->prefix == 0 ? 0 : htonl(UINT32_MAX << (32 - interface->prefix));

        if (interface->ip.s_addr != 0 && ((interface->ip.s_addr ^ gateway.s_addr) & mask) == 0)
            return (int)i;
    }
    return -1;
}

static void check_route(struct scene_check *check, struct scene_host *host,
                        struct scene_route *route)
{
    struct in_addr ip;
    int prefix;

    route->index = -1;
    if (strcmp(route->to, "default") != 0 && !scene_read_prefix(route->to, &ip, &prefix))
        scene_check_fail(check, "to",
                         "\"%s\" is neither \"default\" nor a prefix such as 10.1.0.0/16",
                         route->to);
    for (unsigned i = 0; route->interface != NULL && i < host->interfaces_count; i++) {
        if (strcmp(host->interfaces[i].name, route->interface) == 0)
            route->index = (int)i;
    }
    if (route->interface != NULL && route->index < 0)
        scene_check_fail(check, "interface", "this host has no interface \"%s\"", route->interface);
    if (route->via == NULL && route->interface == NULL) {
        scene_check_fail(check, "", "needs \"via\" or \"interface\"");
    } else if (route->via != NULL && !scene_read_ip(route->via, &ip)) {
        scene_check_fail(check, "via", "\"%s\" is not an IPv4 address", route->via);
    } else if (route->via != NULL && route->interface == NULL) {
        route->index = interface_toward(host, ip);
        if (route->index < 0)
            scene_check_fail(check, "via", "no interface of this host reaches %s", route->via);
    }
}

static void check_host(struct scene_check *check, unsigned number)
{
    struct scene_host *host = &check->lab->hosts[number];

    if (!scene_is_name(host->name) || strchr(host->name, '_') != NULL)
        scene_check_fail(check, "name",
                         "\"%s\" cannot name a host (letters, digits and -, 31 at most)",
                         host->name);
    if (scene_find_host(check->lab, host->name) != (int)number)
        scene_check_fail(check, "name", "another host has this name");
    scene_check_pairs(check, "settings", host->settings, host->settings_count);
    scene_check_pairs(check, "environment", host->environment, host->environment_count);
    check_interfaces(check, host);
    for (unsigned i = 0; i < host->routes_count; i++) {
        size_t before = scene_check_enter(check, ".routes[%u]", i);

        check_route(check, host, &host->routes[i]);
        scene_check_leave(check, before);
    }
}

static void check_whole(struct scene_check *check)
{
    struct scene *lab = check->lab;

    if (lab->name != NULL && !scene_is_name(lab->name))
        scene_check_fail(check, "name", "\"%s\" cannot name a lab", lab->name);
    lab->seed = 1;
    if (lab->seed_text != NULL && !scene_read_number(lab->seed_text, UINT64_MAX, &lab->seed))
        scene_check_fail(check, "seed", "\"%s\" is not a whole number", lab->seed_text);
    lab->time_limit = time_limit_default;
    scene_check_duration(check, "time_limit", lab->time_limit_text, &lab->time_limit);
    scene_check_duration(check, "max_lateness", lab->max_lateness_text, &lab->max_lateness);
    scene_check_pairs(check, "settings", lab->settings, lab->settings_count);
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        size_t before = scene_check_enter(check, "hosts[%u]", i);

        check_host(check, i);
        scene_check_leave(check, before);
    }
    scene_check_wires(check);
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        size_t before = scene_check_enter(check, "hosts[%u]", i);

        scene_check_programs(check, i);
        scene_check_leave(check, before);
    }
    /* Conditions of traffic name programs, so all of them have their names by now. */
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        size_t before = scene_check_enter(check, "hosts[%u]", i);

        scene_check_traffic(check, i);
        scene_check_leave(check, before);
    }
}

static int read_text(const char *path, char **text, size_t *length)
{
    FILE *file = fopen(path, "re");
    int result = 0;

    if (file == NULL)
        return -errno;
    *text = malloc(FILE_BYTES + 1);
    if (*text == NULL) {
        result = -ENOMEM;
    } else {
        errno = 0;
        *length = fread(*text, 1, FILE_BYTES + 1, file);
        if (ferror(file))
            result = errno == 0 ? -EIO : -errno;
        else if (*length > FILE_BYTES)
            result = -EFBIG;
    }
    (void)fclose(file);
    return result;
}

int scene_load(const char *path, FILE *errors, struct scene_file *file)
{
    struct scene_check *check;
    char *text = NULL;
    size_t length = 0;
    int result = read_text(path, &text, &length);

    memset(file, 0, sizeof *file);
    file->path = strdup(path);
    check = calloc(1, sizeof *check);
    if (file->path == NULL || check == NULL)
        result = -ENOMEM;
    if (result != 0)
        fprintf(errors, "%s: %s\n", path, strerror(-result));
    else
        result = scene_yaml_load(file, text, length, errors);
    free(text);
    if (result == 0) {
        check->file = file;
        check->lab = file->lab;
        check->errors = errors;
        check_whole(check);
        if (check->count > COMPLAINTS)
            fprintf(errors, "%s: and %d more errors\n", path, check->count - COMPLAINTS);
        result = check->count > 0 ? -EINVAL : 0;
    }
    free(check);
    return result;
}

void scene_close(struct scene_file *file)
{
    for (unsigned i = 0; file->lab != NULL && i < file->lab->hosts_count; i++) {
        struct scene_host *host = &file->lab->hosts[i];

        for (unsigned k = 0; k < host->programs_count; k++) {
            free(host->programs[k].arguments);
            free(host->programs[k].title);
        }
    }
    scene_yaml_free(file->lab);
    scene_index_close(file->index);
    free(file->path);
    memset(file, 0, sizeof *file);
}
