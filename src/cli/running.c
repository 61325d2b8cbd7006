/* SPDX-License-Identifier: MIT */
/* Labs by the sockets in their directory. Theory in running.h. */
#include "cli/running.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include "scene/place.h"

/* Is it the socket of a lab? */
static int is_socket(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return length > 5 && strcmp(entry->d_name + length - 5, ".sock") == 0;
}

int cli_running_find(const char *place, char *name, size_t size, FILE *out)
{
    struct dirent **list = NULL;
    int most = scandir(place, &list, is_socket, alphasort), count = 0;

    for (int i = 0; i < most; i++) {
        char path[SCENE_PLACE_BYTES + sizeof list[i]->d_name];

        snprintf(path, sizeof path, "%s/%s", place, list[i]->d_name);
        if (scene_place_is_alive(path)) {
            snprintf(name, size, "%.*s", (int)strlen(list[i]->d_name) - 5, list[i]->d_name);
            if (out != NULL)
                fprintf(out, "%s\n", name);
            count++;
        }
        free(list[i]);
    }
    free(list);
    return count;
}

/* @return a connection to the lab, or -1 after a message */
static int connect_lab(const char *who, const char *place, const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec =
                                         CLI_RUNNING_PATIENCE_S}; /* of connect() and of sends */
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int length = snprintf(address.sun_path, sizeof address.sun_path, "%s/%s.sock", place, name);

    if (length >= (int)sizeof address.sun_path)
        errno = ENOENT;
    else if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
             connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    if (errno == ENOENT || errno == ECONNREFUSED)
        fprintf(stderr, "%s: no lab \"%s\" is running (see sockeye exec --list)\n", who, name);
    else if (errno == EAGAIN)
        fprintf(stderr, "%s: lab \"%s\" does not answer\n", who, name);
    else
        fprintf(stderr, "%s: %s: %s\n", who, address.sun_path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

int cli_running_connect(const char *who, const char *lab)
{
    char place[SCENE_PLACE_BYTES], name[64] = "";
    int result = scene_place_open(place, false);
    int count = result < 0 ? 0 : cli_running_find(place, name, sizeof name, NULL);

    if (lab == NULL && count != 1) {
        fprintf(stderr,
                count == 0 ? "%s: no lab of yours is running\n"
                           : "%s: several labs are running, name one:\n",
                who);
        if (count > 1)
            (void)cli_running_find(place, name, sizeof name, stderr);
        return -1;
    }
    return connect_lab(who, place, lab == NULL ? name : lab);
}
