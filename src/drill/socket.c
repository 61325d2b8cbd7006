/* SPDX-License-Identifier: MIT */
/* The descriptors of a script, by the numbers that it gives them. */
#include "drill/state.h"
#include <string.h>

struct drill_socket *drill_socket_find(struct drill_run *run, int script_fd)
{
    for (int i = 0; i < DRILL_SOCKETS; i++) {
        if (run->socket[i].kind != DRILL_FREE && run->socket[i].fd == script_fd)
            return &run->socket[i];
    }
    return NULL;
}

struct drill_socket *drill_socket_add(struct drill_run *run, enum drill_socket_kind kind,
                                      int script_fd, int live)
{
    for (int i = 0; i < DRILL_SOCKETS; i++) {
        struct drill_socket *s = &run->socket[i];

        if (s->kind != DRILL_FREE)
            continue;
        memset(s, 0, sizeof *s);
        s->kind = kind;
        s->fd = script_fd;
        s->live = live;
        return s;
    }
    return NULL;
}
