/* SPDX-License-Identifier: MIT */
/* A view that writes into memory. */
#include "scene/connections.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int scene_connections_open(struct scene_connections *connections, struct sockeye *lab)
{
    int result;

    memset(connections, 0, sizeof *connections);
    connections->file = open_memstream(&connections->text, &connections->size);
    if (connections->file == NULL)
        return -errno;
    result =
        sockeye_view_open(lab, SOCKEYE_VIEW_CONNECTIONS, connections->file, &connections->view);
    if (result < 0)
        scene_connections_close(connections);
    return result;
}

void scene_connections_print(struct scene_connections *connections, FILE *out, const char *prefix)
{
    char *rest, *line;
    int result;

    if (connections->view == NULL)
        return;
    result = sockeye_view_close(connections->view);
    connections->view = NULL;
    if (result == -EOVERFLOW)
        fprintf(out, "%sconnections: events are missing, the figures are not whole\n", prefix);
    rest = connections->text;
    while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
        if (line[0] != '\0')
            fprintf(out, "%s%s%s\n", prefix, line[0] == ' ' ? "" : "connection: ", line);
    }
}

void scene_connections_close(struct scene_connections *connections)
{
    (void)sockeye_view_close(connections->view);
    connections->view = NULL;
    if (connections->file != NULL)
        (void)fclose(connections->file);
    connections->file = NULL;
    free(connections->text);
    connections->text = NULL;
}
