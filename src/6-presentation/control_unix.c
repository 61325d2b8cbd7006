/* SPDX-License-Identifier: MIT */
/*
 * Control messages of AF_UNIX (unix(7), "Ancillary messages"): who sends, and descriptors.
 * SCM_CREDENTIALS is a struct ucred: process, user, group. Whether a process may say so of another
 * is for the caller to judge, who knows the processes. Descriptors that the caller keeps go by a
 * number of his (struct call_rights); sockets of this host by their own (rights.c). Messages of
 * other levels are passed over, as on Linux; of SOL_SOCKET's one that is not known is a mistake.
 */
#include "6-presentation/abi.h"
#include "6-presentation/control.h"
#include "6-presentation/rights.h"

#include <errno.h>

#include "base/bytes.h"

enum control_unix_constants {
    UNIX_CREDENTIALS = 2, /* SCM_CREDENTIALS */
    CREDENTIALS_BYTES = 12,
    HEADER_BYTES = sizeof(struct cmsghdr),
    ALIGN = sizeof(size_t)
};

static int read_credentials(const uint8_t *data, size_t length, struct message_beside *beside)
{
    struct reader r = reader_of(data, length);

    if (length != CREDENTIALS_BYTES)
        return -EINVAL;
    read_copy(&r, &beside->credentials.pid, sizeof beside->credentials.pid);
    read_copy(&r, &beside->credentials.uid, sizeof beside->credentials.uid);
    read_copy(&r, &beside->credentials.gid, sizeof beside->credentials.gid);
    beside->has_credentials = true;
    return 0;
}

/* Those of one message; a second is a mistake. */
static int read_numbered(const struct call_host *host, const uint8_t *data, size_t length,
                         struct message_beside *beside)
{
    struct call_rights rights;

    if (length != sizeof rights || beside->rights)
        return -EINVAL;
    memcpy(&rights, data, sizeof rights);
    if (rights.number == 0 || rights.count == 0 || rights.count > SESSION_RIGHTS_MOST)
        return -EINVAL;
    beside->rights = session_rights_open(host->sessions);
    if (!beside->rights)
        return -ETOOMANYREFS;
    beside->rights->number = rights.number;
    beside->rights->count = rights.count;
    return 0;
}

static int read_one(struct call_host *host, const struct cmsghdr *header, const uint8_t *data,
                    struct message_beside *beside)
{
    size_t length = header->cmsg_len - HEADER_BYTES;

    if (header->cmsg_level != SOL_SOCKET)
        return 0;
    if (header->cmsg_type == UNIX_CREDENTIALS)
        return read_credentials(data, length, beside);
    if (header->cmsg_type == CALL_SCM_RIGHTS)
        return read_numbered(host, data, length, beside);
    if (header->cmsg_type == SCM_RIGHTS)
        return rights_read(host, data, length, beside);
    return -EINVAL;
}

int control_unix_read(struct call_host *host, const void *control, size_t length,
                      struct message_beside *beside)
{
    const uint8_t *at = control;

    if (length > host->settings.optmem_max)
        return -ENOBUFS;
    if (length && !control)
        return -EFAULT;
    while (length >= HEADER_BYTES) {
        struct cmsghdr header;
        size_t size;
        int status;

        memcpy(&header, at, HEADER_BYTES);
        if (header.cmsg_len < HEADER_BYTES || header.cmsg_len > length)
            return -EINVAL;
        status = read_one(host, &header, at + HEADER_BYTES, beside);
        if (status)
            return status;
        size = (header.cmsg_len + ALIGN - 1) & ~(size_t)(ALIGN - 1);
        if (size > length)
            break;
        at += size;
        length -= size;
    }
    return 0;
}

void control_unix_keep(const struct call_host *host, struct message_beside *beside)
{
    if (beside->rights->number)
        session_rights_close(host->sessions, beside->rights);
    else
        session_rights_drop(host->sessions, beside->rights);
    beside->rights = NULL;
}

static void write_credentials(struct control_room *room, const struct message_beside *beside)
{
    uint8_t bytes[CREDENTIALS_BYTES];
    struct writer w = writer_of(bytes, sizeof bytes);

    write_copy(&w, &beside->credentials.pid, sizeof beside->credentials.pid);
    write_copy(&w, &beside->credentials.uid, sizeof beside->credentials.uid);
    write_copy(&w, &beside->credentials.gid, sizeof beside->credentials.gid);
    control_put(room, SOL_SOCKET, UNIX_CREDENTIALS, bytes, sizeof bytes);
}

/* All of it or nothing: half a number is nobody's. */
static void write_numbered(const struct call_host *host, struct control_room *room,
                           struct message_beside *beside)
{
    struct session_rights *rights = beside->rights;
    const struct call_rights told = {.number = rights->number, .count = rights->count};
    bool fits = room->at && room->left >= HEADER_BYTES + sizeof told;

    if (fits)
        control_put(room, SOL_SOCKET, CALL_SCM_RIGHTS, &told, sizeof told);
    else
        room->flags |= MSG_CTRUNC;
    if (beside->peeks)
        return;
    if (fits)
        session_rights_close(host->sessions, rights);
    else
        session_rights_drop(host->sessions, rights);
}

/* What they hold they hold until the call is settled, by numbers of its own then or not. */
static void write_held(struct call_host *host, struct control_room *room,
                       struct message_beside *beside)
{
    rights_write(host, room, beside);
    if (!beside->peeks)
        session_rights_drop(host->sessions, beside->rights);
}

void control_unix_write(struct call_host *host, struct control_room *room,
                        struct message_beside *beside)
{
    if (beside->has_credentials)
        write_credentials(room, beside);
    if (beside->rights && beside->rights->number)
        write_numbered(host, room, beside);
    else if (beside->rights)
        write_held(host, room, beside);
}
