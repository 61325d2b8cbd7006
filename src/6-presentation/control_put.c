/* SPDX-License-Identifier: MIT */
/* One control message into the room that is left; control.c says how it is cut. */
#include "6-presentation/abi.h"
#include "6-presentation/control.h"

#include <string.h>

enum { HEADER_BYTES = sizeof(struct cmsghdr), ALIGN = sizeof(size_t) };

void control_put(struct control_room *room, int level, int type, const void *data, size_t length)
{
    size_t size = HEADER_BYTES + length;
    size_t space = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct cmsghdr header;

    if (!room->at || room->left < HEADER_BYTES) {
        room->flags |= MSG_CTRUNC;
        return;
    }
    if (size > room->left) {
        room->flags |= MSG_CTRUNC;
        size = room->left;
    }
    if (space > room->left)
        space = room->left;
    memset(&header, 0, sizeof header);
    header.cmsg_len = size;
    header.cmsg_level = level;
    header.cmsg_type = type;
    memset(room->at, 0, space);
    memcpy(room->at, &header, HEADER_BYTES);
    if (size > HEADER_BYTES)
        memcpy(room->at + HEADER_BYTES, data, size - HEADER_BYTES);
    room->at += space;
    room->left -= space;
}
