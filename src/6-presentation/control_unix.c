/* SPDX-License-Identifier: MIT */
/*
 * Control messages of AF_UNIX (unix(7), "Ancillary messages"): who sends. SCM_CREDENTIALS is a
 * struct ucred: process, user, group. Whether a process may say so of another is for the caller to
 * judge, who knows the processes. Messages of other levels are passed over, as on Linux, and of
 * SOL_SOCKET's one that is not known is a mistake.
 */
#include "6-presentation/abi.h"
#include "6-presentation/control.h"

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

static int read_one(const struct cmsghdr *header, const uint8_t *data,
                    struct message_beside *beside)
{
    size_t length = header->cmsg_len - HEADER_BYTES;

    if (header->cmsg_level != SOL_SOCKET)
        return 0;
    if (header->cmsg_type == UNIX_CREDENTIALS)
        return read_credentials(data, length, beside);
    return -EINVAL;
}

int control_unix_read(const struct call_host *host, const void *control, size_t length,
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
        status = read_one(&header, at + HEADER_BYTES, beside);
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

void control_unix_write(struct control_room *room, const struct message_beside *beside)
{
    uint8_t bytes[CREDENTIALS_BYTES];
    struct writer w = writer_of(bytes, sizeof bytes);

    if (!beside->has_credentials)
        return;
    write_copy(&w, &beside->credentials.pid, sizeof beside->credentials.pid);
    write_copy(&w, &beside->credentials.uid, sizeof beside->credentials.uid);
    write_copy(&w, &beside->credentials.gid, sizeof beside->credentials.gid);
    control_put(room, SOL_SOCKET, UNIX_CREDENTIALS, bytes, sizeof bytes);
}
