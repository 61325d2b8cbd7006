/* SPDX-License-Identifier: MIT */
/*
 * Whose an address of AF_UNIX is: a path, by the file that it leads to; an abstract name, by who
 * has it in the lab. The lab is told a place for a path, and knows abstract names itself.
 */
#include <stddef.h>
#include <string.h>

#include "guest/local.h"

enum { NAME_AT = offsetof(struct sockaddr_un, sun_path) };

bool guest_local_path_of(const struct sockaddr_storage *address, uint32_t length,
                         char path[sizeof(struct sockaddr_un) + 1])
{
    struct sockaddr_un name;

    if (address->ss_family != AF_UNIX || length <= NAME_AT || length > sizeof name)
        return false;
    memcpy(&name, address, sizeof name);
    memcpy(path, name.sun_path, length - NAME_AT);
    path[length - NAME_AT] = '\0';
    return path[0] != '\0';
}

/* Of an abstract name: who has it? */
static struct guest_socket *of_name(const struct guest_runner *runner, int host,
                                    const struct sockaddr_storage *address, uint32_t length)
{
    for (size_t i = 0; i < runner->slot_count; i++) {
        struct guest_socket *s = runner->slots[i].socket;
        struct sockaddr_storage name = {0};
        uint32_t has = sizeof name;

        if (s != NULL && s->local != NULL && s->host == host && s->local->place == 0 &&
            s->phase != GUEST_RESET && !(s->phase == GUEST_OPEN && s->local->type != SOCK_DGRAM) &&
            sockeye_local_name(runner->lab, host, s->fd, &name, &has) == 0 && has == length &&
            length > NAME_AT && memcmp(&name, address, length) == 0)
            return s;
    }
    return NULL;
}

int guest_local_resolve(struct guest_call *call, const struct sockaddr_storage *address,
                        uint32_t length, struct guest_destination *to)
{
    char path[sizeof(struct sockaddr_un) + 1];
    int r;

    memset(to, 0, sizeof *to);
    memcpy(&to->name, address, sizeof to->name);
    to->length = length;
    if (!guest_local_path_of(address, length, path)) {
        to->socket = of_name(call->runner, call->program->host, address, length);
        return 0;
    }
    r = guest_path_find(call, path, &to->socket);
    if (r < 0)
        return r;
    to->is_outside = r > 0;
    to->is_served = r == 2;
    if (r == 0) {
        memset(&to->name, 0, sizeof to->name);
        to->place.family = SOCKEYE_AF_PLACE;
        to->place.place = to->socket->local->place;
        to->length = sizeof to->place;
    }
    return 0;
}
