/* SPDX-License-Identifier: MIT */
/* Files that are written, by names that the user gives. */
#pragma once
#include <sys/types.h>

/* Opens a file for writing, made anew or emptied. A FIFO without a reader is not waited for.
 * @return a descriptor or -errno; ENXIO: it is such a FIFO */
int scene_create(const char *path, mode_t mode);
/* What went wrong with it. */
const char *scene_create_error(int result);
