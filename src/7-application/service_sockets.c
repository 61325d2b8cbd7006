/* SPDX-License-Identifier: MIT */
/* Arrays of arrays that grow to twice what is asked. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "7-application/service_sockets.h"

enum { LEAST = 8 };

struct service_sockets_host {
    struct service_socket **of_fd; /* NULL: not of a service */
    int size;
};

/* How many places there should be for `number` to have one. */
static int size_for(int number)
{
    return number < LEAST / 2 ? LEAST : 2 * number;
}

static int hosts_grow(struct service_sockets *sockets, int host)
{
    int size = size_for(host);
    struct service_sockets_host *more =
        realloc(sockets->host, (size_t)size * sizeof *sockets->host);

    if (more == NULL)
        return -ENOMEM;
    memset(more + sockets->hosts, 0, (size_t)(size - sockets->hosts) * sizeof *more);
    sockets->host = more;
    sockets->hosts = size;
    return 0;
}

static int host_grow(struct service_sockets_host *host, int fd)
{
    int size = size_for(fd);
    struct service_socket **more =
        realloc(host->of_fd, (size_t)size * sizeof(struct service_socket *));

    if (more == NULL)
        return -ENOMEM;
    for (int i = host->size; i < size; i++)
        more[i] = NULL;
    host->of_fd = more;
    host->size = size;
    return 0;
}

int service_sockets_put(struct service_sockets *sockets, int host, int fd,
                        struct service_socket *socket)
{
    if (host >= sockets->hosts && hosts_grow(sockets, host) < 0)
        return -ENOMEM;
    if (fd >= sockets->host[host].size && host_grow(&sockets->host[host], fd) < 0)
        return -ENOMEM;
    sockets->host[host].of_fd[fd] = socket;
    return 0;
}

void service_sockets_remove(struct service_sockets *sockets, int host, int fd)
{
    sockets->host[host].of_fd[fd] = NULL;
}

struct service_socket *service_sockets_find(const struct service_sockets *sockets, int host, int fd)
{
    if (host < 0 || host >= sockets->hosts || fd < 0 || fd >= sockets->host[host].size)
        return NULL;
    return sockets->host[host].of_fd[fd];
}

void service_sockets_done(struct service_sockets *sockets)
{
    for (int i = 0; i < sockets->hosts; i++)
        free(sockets->host[i].of_fd);
    free(sockets->host);
}
