/* SPDX-License-Identifier: MIT */
/* The view of connections, kept as text until the summary is written. Zeroed: not asked for. */
#pragma once
#include <stdio.h>
#include "sockeye/sockeye.h"

struct scene_connections {
    struct sockeye_view *view;
    FILE *file;
    char *text;
    size_t size;
};

/* Before the first event. @return 0 or -errno */
int scene_connections_open(struct scene_connections *connections, struct sockeye *lab);
/* After the last event: writes the lines, each after `prefix`. */
void scene_connections_print(struct scene_connections *connections, FILE *out, const char *prefix);
/* Before the lab is closed. */
void scene_connections_close(struct scene_connections *connections);
