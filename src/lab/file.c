/* SPDX-License-Identifier: MIT */
/* The kernel may take or give less than was asked, and signals come in between. */
#include "lab/file.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

int file_write(int fd, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;

    while (length) {
        ssize_t n = write(fd, at, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        at += n;
        length -= (size_t)n;
    }
    return 0;
}

int file_read(int fd, void *bytes, size_t length)
{
    uint8_t *at = bytes;

    while (length) {
        ssize_t n = read(fd, at, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -ENODATA;
        at += n;
        length -= (size_t)n;
    }
    return 0;
}
