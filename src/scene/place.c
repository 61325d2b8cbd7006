/* SPDX-License-Identifier: MIT */
/* /tmp is everybody's, so what we find there is trusted only if it is ours and closed to others. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "scene/place.h"

bool scene_place_is_alive(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is = false;

    if (fd >= 0 && strlen(path) < sizeof address.sun_path) {
        memcpy(address.sun_path, path, strlen(path));
        /* EAGAIN: it listens, and many ask. */
        is = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN;
    }
    if (fd >= 0) {
        int error = errno;

        (void)close(fd);
        errno = error;
    }
    return is;
}

/* Is this the logs' directory, "NAME-PID.logs", or the holders', "PID.h", of a process that is no
 * more? */
static bool is_orphan(const char *name)
{
    const char *dash = strrchr(name, '-');
    char *end = NULL;
    long pid = strtol(dash == NULL ? name : dash + 1, &end, 10);

    return pid > 0 && strcmp(end, dash == NULL ? ".h" : ".logs") == 0 && kill((pid_t)pid, 0) != 0 &&
           errno == ESRCH;
}

static void sweep(const char *place)
{
    DIR *directory = opendir(place);
    const struct dirent *entry;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        size_t length = strlen(entry->d_name);
        char path[SCENE_PLACE_BYTES + sizeof entry->d_name];

        snprintf(path, sizeof path, "%s/%s", place, entry->d_name);
        if (length > 5 && strcmp(entry->d_name + length - 5, ".sock") == 0) {
            if (!scene_place_is_alive(path) && errno == ECONNREFUSED)
                (void)unlink(path);
        } else if (is_orphan(entry->d_name)) {
            scene_place_remove(path);
        }
    }
    if (directory != NULL)
        (void)closedir(directory);
}

int scene_place_open(char path[SCENE_PLACE_BYTES], bool make)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    struct stat status;
    int length;

    if (runtime != NULL && runtime[0] == '/' && access(runtime, W_OK | X_OK) == 0)
        length = snprintf(path, SCENE_PLACE_BYTES, "%s/sockeye", runtime);
    else
        length = SCENE_PLACE_BYTES;
    if (length >= SCENE_PLACE_BYTES)
        (void)snprintf(path, SCENE_PLACE_BYTES, "/tmp/sockeye-%u", (unsigned)getuid());
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
    if (make)
        sweep(path);
    return 0;
}

void scene_place_close(const char *path)
{
    (void)rmdir(path);
}

void scene_place_remove(const char *path)
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
