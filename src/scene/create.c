/* SPDX-License-Identifier: MIT */
/*
 * To open a FIFO for writing waits for its reader (fifo(7)), and the lab would wait with it,
 * without a word. Opened without waiting, it is there or an error; what is written waits as usual.
 */
#include "scene/create.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int scene_create(const char *path, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode);
    int error;

    if (fd < 0)
        return -errno;
    if (fcntl(fd, F_SETFL, 0) == 0)
        return fd;
    error = errno;
    (void)close(fd);
    return -error;
}

const char *scene_create_error(int result)
{
    return result == -ENXIO ? "it is a FIFO that nobody reads" : strerror(-result);
}
