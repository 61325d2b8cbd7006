/* SPDX-License-Identifier: MIT */
/* Parts of a lab that was read, found again. */
#include <string.h>
#include "scene/scene.h"

int scene_find_host(const struct scene *lab, const char *name)
{
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        if (strcmp(lab->hosts[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

struct address scene_host_address(const struct scene_host *host)
{
    for (unsigned i = 0; i < host->interfaces_count; i++) {
        if (!address_is_unspecified(host->interfaces[i].ip))
            return host->interfaces[i].ip;
    }
    return (struct address){0, 0};
}
