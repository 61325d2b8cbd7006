/* SPDX-License-Identifier: MIT */
/*
 * What the files of the services share. A service owns sockets; a socket is one fd of the lab with
 * how far it is. service_set.c calls the handlers below: open when the service starts, ready when a
 * socket was touched, due when its deadline has come.
 */
#pragma once
#include "7-application/service.h"
#include "7-application/service_pattern.h"

enum service_role { ROLE_LISTENER, ROLE_STREAM, ROLE_DATAGRAM };

enum { SERVICE_BUFFER = 65536 };

struct service_socket {
    struct service_socket *next;
    int fd;
    enum service_role role;
    bool is_connected, is_shut, at_end;
    uint64_t sent, received;
    size_t held; /* echo: bytes in `buffer` not yet sent back, from `from` */
    size_t from;
    uint8_t *buffer;
    struct service_pattern pattern; /* source of a stream: what it sends */
};

struct service {
    struct service_plan plan;
    struct service_status status;
    struct sockeye *lab;
    const struct service_calls *calls;
    uint64_t seed;
    struct service_socket *sockets;
    int64_t deadline;
    int64_t sent_at[64]; /* ping: of the last requests, by number */
};

/* Adds a socket of the service. @return NULL after service_fail */
struct service_socket *service_open_socket(struct service *service, int fd, enum service_role role);
void service_close_socket(struct service *service, struct service_socket *socket);
__attribute__((format(printf, 2, 3))) void service_fail(struct service *service, const char *format,
                                                        ...);
void service_end(struct service *service); /* DONE, and all sockets are closed */
/* Makes a socket bound to the plan's port, on any address. @return the fd, or -1 after service_fail
 */
int service_bound(struct service *service, int type);

void service_stream_open(struct service *service);
void service_stream_ready(struct service *service, struct service_socket *socket);
void service_datagram_open(struct service *service);
void service_datagram_ready(struct service *service, struct service_socket *socket);
void service_datagram_due(struct service *service);
void service_ping_open(struct service *service);
void service_ping_ready(struct service *service, struct service_socket *socket);
void service_ping_due(struct service *service);
