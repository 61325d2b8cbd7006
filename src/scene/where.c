/* SPDX-License-Identifier: MIT */
/*
 * From a place in the arrays of struct scene to the place in the file that it came from: a router
 * stands behind the hosts, a network's switch and cables behind those that are listed, and one
 * interface is all that a host's `net` stands for.
 */
#include <stdlib.h>
#include <string.h>
#include "scene/index.h"
#include "scene/scene.h"

/* Is this the path of an entry of a list? Its number, and what stands behind. */
static bool read_entry(const char *path, const char *list, unsigned long *number, const char **rest)
{
    size_t length = strlen(list);
    char *end;

    if (strncmp(path, list, length) != 0 || path[length] != '[')
        return false;
    *number = strtoul(path + length + 1, &end, 10);
    *rest = *end == ']' ? end + 1 : end;
    return true;
}

static void host_where(const struct scene *lab, unsigned long number, const char *rest,
                       struct scene_where *where)
{
    static const char first[] = ".interfaces[0]";
    bool is_listed = number < lab->listed_hosts_count;

    if (number < lab->hosts_count && lab->hosts[number].is_short &&
        strncmp(rest, first, sizeof first - 1) == 0)
        rest = ".net";
    snprintf(where->path, sizeof where->path, "%s[%lu]%s", is_listed ? "hosts" : "routers",
             is_listed ? number : number - lab->listed_hosts_count, rest);
}

struct scene_where scene_where(const struct scene *lab, const char *path)
{
    struct scene_where where;
    unsigned long number;
    const char *rest;

    snprintf(where.path, sizeof where.path, "%s", path);
    if (lab == NULL)
        return where;
    if (read_entry(path, "hosts", &number, &rest)) {
        host_where(lab, number, rest, &where);
    } else if (read_entry(path, "wires", &number, &rest) && number >= lab->listed_wires_count &&
               number < lab->wires_count) {
        char text[64]; /* a network's cable is its interface's */

        snprintf(text, sizeof text, ".interfaces[%u].net", lab->wires[number].end[0].port);
        host_where(lab, lab->wires[number].end[0].node, text, &where);
    } else if (read_entry(path, "switches", &number, &rest) &&
               number >= lab->listed_switches_count && number < lab->switches_count) {
        snprintf(where.path, sizeof where.path, "networks[%d]", lab->switches[number].network);
    }
    return where;
}

int scene_line(const struct scene_file *file, const char *path)
{
    return scene_index_line(file->index, scene_where(file->lab, path).path);
}
