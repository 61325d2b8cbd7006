/* SPDX-License-Identifier: MIT */
/*
 * Reads a lab file and checks it whole. Order: the shape (yaml.c), then names of hosts, switches
 * and networks, interfaces and their addresses, then wires that join them, and routes, then
 * programs and traffic, whose conditions name hosts and programs, and whose order has no circle. A
 * fault does not stop the checks; the first 20 are told.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "scene/scene.h"
#include "scene/check.h"
#include "scene/index.h"
#include "scene/value.h"
#include "scene/yaml.h"

enum { FILE_BYTES = 4 << 20 }; /* a lab as large as labs may be takes a quarter of it */
/* What sockeye_open takes at most; of buffers, also what a host can do with at least. */
enum { SOCKETS_MOST = 131072, PACKETS_MOST = 1 << 20, BUFFERS_LEAST = 1 << 20 };
static const uint64_t buffers_most = UINT64_C(8) << 30;
static const int64_t time_limit_default = 300000000000;

/* Lists that are too long are told before anything walks them within another. */
static bool check_sizes(struct scene_check *check)
{
    const struct scene *lab = check->lab;
    int before_all = check->count;

    if (lab->listed_wires_count > SOCKEYE_WIRES)
        scene_check_fail(check, "wires", "a lab has at most %d wires", SOCKEYE_WIRES);
    if (lab->hosts_count + lab->switches_count > SOCKEYE_HOSTS)
        scene_check_fail(check, "hosts", "a lab has at most %d hosts, routers and switches",
                         SOCKEYE_HOSTS);
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        size_t before = scene_check_enter(check, "hosts[%u]", i);

        if (lab->hosts[i].interfaces_count >= SOCKEYE_INTERFACES)
            scene_check_fail(check, "interfaces", "a host has at most %d interfaces beside lo",
                             SOCKEYE_INTERFACES - 1);
        scene_check_leave(check, before);
    }
    return check->count == before_all;
}

/* Names in order, before anything looks for one. */
static bool sort_names(struct scene_check *check)
{
    struct scene *lab = check->lab;

    if (!scene_lookup_open(&lab->host_names, lab->hosts_count) ||
        !scene_lookup_open(&lab->switch_names, lab->listed_switches_count) ||
        !scene_lookup_open(&lab->network_names, lab->networks_count)) {
        scene_check_fail(check, "", "out of memory");
        return false;
    }
    for (unsigned i = 0; i < lab->hosts_count; i++)
        scene_lookup_add(&lab->host_names, lab->hosts[i].name, i);
    for (unsigned i = 0; i < lab->listed_switches_count; i++)
        scene_lookup_add(&lab->switch_names, lab->switches[i].name, i);
    for (unsigned i = 0; i < lab->networks_count; i++)
        scene_lookup_add(&lab->network_names, lab->networks[i].name, i);
    scene_lookup_sort(&lab->host_names);
    scene_lookup_sort(&lab->switch_names);
    scene_lookup_sort(&lab->network_names);
    return true;
}

/* The same of wires, once the networks' cables are among them. */
static bool sort_wire_names(struct scene_check *check)
{
    struct scene *lab = check->lab;

    if (!scene_lookup_open(&lab->wire_names, lab->wires_count)) {
        scene_check_fail(check, "", "out of memory");
        return false;
    }
    for (unsigned i = 0; i < lab->wires_count; i++)
        scene_lookup_add(&lab->wire_names, lab->wires[i].name, i);
    scene_lookup_sort(&lab->wire_names);
    return true;
}

static void check_limits(struct scene_check *check, struct scene_limits *limits)
{
    size_t before;

    if (limits == NULL)
        return;
    before = scene_check_enter(check, "limits");
    scene_check_number(check, "sockets", limits->sockets_text, 1, SOCKETS_MOST, &limits->sockets);
    scene_check_number(check, "packets", limits->packets_text, 1, PACKETS_MOST, &limits->packets);
    limits->buffers = limits->buffers_text == NULL ? 0 : BUFFERS_LEAST;
    scene_check_bytes(check, "buffers", limits->buffers_text, buffers_most, &limits->buffers);
    if (limits->buffers_text != NULL && limits->buffers < BUFFERS_LEAST)
        scene_check_fail(check, "buffers", "is less than 1MiB");
    scene_check_leave(check, before);
}

static void check_each_host(struct scene_check *check,
                            void (*part)(struct scene_check *check, unsigned host))
{
    for (unsigned i = 0; i < check->lab->hosts_count; i++) {
        size_t before = scene_check_enter(check, "hosts[%u]", i);

        part(check, i);
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
    if (lab->time_limit == 0)
        scene_check_fail(check, "time_limit", "is no time at all");
    scene_check_pairs(check, "settings", lab->settings, lab->settings_count);
    if (!scene_expand_hosts(check) || !scene_expand_switches(check) || !check_sizes(check) ||
        !sort_names(check))
        return;
    check_limits(check, lab->limits);
    scene_check_networks(check);
    check_each_host(check, scene_check_host);
    scene_assign_addresses(check);
    scene_check_dhcp(check);
    scene_check_taken(check);
    if (!scene_expand_wires(check))
        return;
    scene_check_ends(check);
    scene_expand_cables(check);
    if (!sort_wire_names(check))
        return;
    scene_check_wires(check);
    scene_check_schedule(check);
    scene_check_segments(check);
    check_each_host(check, scene_check_routes);
    check_each_host(check, scene_check_nat);
    check_each_host(check, scene_check_x25);
    scene_find_ways(check);
    check_each_host(check, scene_check_forwards);
    check_each_host(check, scene_check_x25_hosts);
    check_each_host(check, scene_check_server);
    scene_check_nameservers(check, lab->nameservers, lab->nameservers_count);
    for (unsigned i = 0; i < lab->networks_count; i++) {
        size_t before = scene_check_enter(check, "networks[%u]", i);

        scene_check_nameservers(check, lab->networks[i].nameservers,
                                lab->networks[i].nameservers_count);
        scene_check_leave(check, before);
    }
    check_each_host(check, scene_check_programs);
    /* Conditions of traffic name programs, so all of them have their names by now. */
    check_each_host(check, scene_check_traffic);
    scene_check_order(check);
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

int scene_load_text(const char *path, const char *text, size_t length, FILE *errors,
                    struct scene_file *file)
{
    struct scene_check *check = calloc(1, sizeof *check);
    int result = 0;

    memset(file, 0, sizeof *file);
    file->path = strdup(path);
    if (file->path == NULL || check == NULL) {
        fprintf(errors, "%s: %s\n", path, strerror(ENOMEM));
        result = -ENOMEM;
    }
    if (result == 0)
        result = scene_yaml_load(file, text, length, errors);
    if (result == 0) {
        check->file = file;
        check->lab = file->lab;
        check->errors = errors;
        check_whole(check);
        if (check->count > SCENE_CHECK_COMPLAINTS)
            fprintf(errors, "%s: and %d more errors\n", path,
                    check->count - SCENE_CHECK_COMPLAINTS);
        result = check->count > 0 ? -EINVAL : 0;
    }
    free(check);
    return result;
}

static int last_line(const char *text, size_t length)
{
    int line = 1;

    for (size_t i = 0; i < length; i++)
        line += text[i] == '\n';
    return line;
}

int scene_load(const char *path, FILE *errors, struct scene_file *file)
{
    char *text = NULL;
    size_t length = 0;
    int result = read_text(path, &text, &length);

    if (result == 0) {
        result = scene_load_text(path, text, length, errors, file);
    } else {
        memset(file, 0, sizeof *file);
        if (result == -EFBIG)
            fprintf(errors, "%s:%d: a lab file has at most %d bytes\n", path,
                    last_line(text, FILE_BYTES), FILE_BYTES);
        else
            fprintf(errors, "%s: %s\n", path, strerror(-result));
    }
    free(text);
    return result;
}

void scene_close(struct scene_file *file)
{
    for (unsigned i = 0; file->lab != NULL && i < file->lab->hosts_count; i++) {
        struct scene_host *host = &file->lab->hosts[i];

        free(host->ways);
        if (host->dns != NULL)
            free(host->dns->lie);
        for (unsigned k = 0; k < host->interfaces_count; k++)
            free(host->interfaces[k].ip);
        for (unsigned k = 0; k < host->programs_count; k++) {
            free(host->programs[k].arguments);
            free(host->programs[k].title);
        }
        scene_lookup_close(&host->program_names);
    }
    if (file->lab != NULL) {
        scene_lookup_close(&file->lab->host_names);
        scene_lookup_close(&file->lab->wire_names);
        scene_lookup_close(&file->lab->switch_names);
        scene_lookup_close(&file->lab->network_names);
        scene_expand_undo(file->lab);
    }
    if (file->lab != NULL)
        scene_schedule_free(file->lab);
    scene_yaml_free(file->lab);
    scene_index_close(file->index);
    free(file->path);
    memset(file, 0, sizeof *file);
}
