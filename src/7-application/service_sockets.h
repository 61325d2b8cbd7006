/* SPDX-License-Identifier: MIT */
/*
 * Which socket of a service a descriptor of a host is: descriptors are small numbers, the lowest
 * free first, so each host has an array of them.
 */
#pragma once

struct service_socket;
struct service_sockets_host;

struct service_sockets {
    struct service_sockets_host *host;
    int hosts;
};

/* @return 0 or -ENOMEM */
int service_sockets_put(struct service_sockets *sockets, int host, int fd,
                        struct service_socket *socket);
void service_sockets_remove(struct service_sockets *sockets, int host, int fd);
/* @return NULL: it is of no service */
struct service_socket *service_sockets_find(const struct service_sockets *sockets, int host,
                                            int fd);
void service_sockets_done(struct service_sockets *sockets);
