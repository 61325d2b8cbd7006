/* SPDX-License-Identifier: MIT */
/* Files as a whole. */
#pragma once
#include <stddef.h>

/* write and read of all the bytes. @return 0 or -errno; read: -ENODATA when the file ends early */
int file_write(int fd, const void *bytes, size_t length);
int file_read(int fd, void *bytes, size_t length);
