/* SPDX-License-Identifier: MIT */
/* /tmp is everybody's, so what we find there is trusted only if it is ours and closed to others. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/place.h"

int place_open(char path[PLACE_BYTES], bool make)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    struct stat status;
    int length;

    if (runtime != NULL && runtime[0] == '/' && access(runtime, W_OK | X_OK) == 0)
        length = snprintf(path, PLACE_BYTES, "%s/sockeye", runtime);
    else
        length = PLACE_BYTES;
    if (length >= PLACE_BYTES)
        (void)snprintf(path, PLACE_BYTES, "/tmp/sockeye-%u", (unsigned)getuid());
    if (make && mkdir(path, 0700) != 0 && errno != EEXIST) {
        int error = errno;

        fprintf(stderr, "sockeye: %s: %s\n", path, strerror(error));
        return -error;
    }
    if (lstat(path, &status) != 0)
        return -errno;
    if (!S_ISDIR(status.st_mode) || status.st_uid != getuid() || (status.st_mode & 077) != 0) {
        fprintf(stderr, "sockeye: %s: is not a directory of yours with mode 0700; remove it\n",
                path);
        return -EPERM;
    }
    return 0;
}

void place_close(const char *path)
{
    (void)rmdir(path);
}

void place_remove(const char *path)
{
    DIR *directory = opendir(path);
    const struct dirent *entry;

    if (directory == NULL)
        return;
    while ((entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)unlinkat(dirfd(directory), entry->d_name, 0);
    }
    (void)closedir(directory);
    (void)rmdir(path);
}
