/* SPDX-License-Identifier: MIT */
/*
 * What the files of the services share. A service owns sockets; a socket is one fd of the lab with
 * how far it is. What a kind of service does stands in its row (service_set.c has the table): a new
 * kind is a row and a file.
 */
#pragma once
#include "7-application/service.h"
#include "7-application/service_pattern.h"
#include "7-application/service_queue.h"
#include "7-application/service_sockets.h"
#include "7-application/service_tenant.h"

struct service;
struct service_dhcp_walk;

enum service_role { ROLE_LISTENER, ROLE_STREAM, ROLE_DATAGRAM };

enum { SERVICE_BUFFER = 65536, SERVICE_PINGS = 64 };

struct service_socket {
    struct service_socket *next;
    struct service *service;
    int fd;
    enum service_role role;
    bool is_connected, is_shut, at_end;
    uint64_t sent, received;
    size_t held; /* echo: bytes in `buffer` not yet sent back, from `from` */
    size_t from;
    uint8_t *buffer;
    struct service_pattern pattern; /* source of a stream: what it sends */
};

/* A kind of service. NULL: it never comes to that. */
struct service_row {
    /* it starts: one for all, or one for each of the protocols that its plan names */
    void (*open)(struct service *service);
    void (*open_stream)(struct service *service);
    void (*open_datagram)(struct service *service);
    /* a socket of that role was touched */
    void (*stream_ready)(struct service *service, struct service_socket *s);
    void (*datagram_ready)(struct service *service, struct service_socket *s);
    /* its socket's buffer has a datagram, already counted; the message says from whom */
    void (*datagram_came)(struct service *service, struct service_socket *s,
                          struct call_message *message, size_t length);
    void (*due)(struct service *service); /* its deadline has come */
    /* the lab has come to its end, and it not to its own */
    void (*unfinished)(struct service *service);
    void (*close)(struct service *service); /* gives back what it has beside its sockets */
    bool (*is_background)(const struct service_plan *plan); /* NULL: it ends by itself */
    /* DHCP: what it knows of leases */
    void (*leases)(const struct service *service, struct service_dhcp_walk *walk);
    bool is_server; /* it takes what comes to its port */
};

struct service {
    struct service_plan plan;
    const struct service_row *row; /* of the plan's kind */
    struct service_status status;
    struct sockeye *lab;
    const struct service_calls *calls;
    uint64_t seed;
    struct service_set *set;
    struct service_socket *sockets;
    int64_t deadline;
    int64_t queued;                       /* as service_queue.c last knew it */
    int number;                           /* in the set */
    bool has_crashed;                     /* with its host, which has not started again */
    int place;                            /* in the queue */
    union {                               /* by the plan's kind */
        int64_t sent_at[SERVICE_PINGS];   /* ping: of the last requests, by number */
        struct service_leases leases;     /* DHCP's server */
        struct service_dhcp6_id dhcp6_id; /* DHCPv6's server */
        struct {
            struct service_inform inform; /* DHCPv6's client */
            int listener;                 /* its socket that hears of routers */
        };
        struct {
            struct service_dns_waiting *waiting; /* SERVICE_DNS_WAITING, in order; or NULL */
            uint32_t count;
        } dns;
        struct {
            struct service_tenant tenant; /* DHCP's client */
            char lease_text[48];          /* the address it has set; "": none */
            char gateway_text[32];        /* of the default route that came with it; "": none */
        };
    };
};

/* All services of a lab. */
struct service_set {
    struct sockeye *lab;
    const struct service_calls *calls;
    uint64_t seed;
    struct service **list;
    int count;
    int awaited; /* of these, not ended, and the lab's end waits for them */
    struct service_queue queue;
    struct service_sockets sockets;
};

/* Does the end of the lab wait for it? */
static inline bool service_is_awaited(const struct service_status *status)
{
    return !status->is_background &&
           (status->state == SERVICE_WAITING || status->state == SERVICE_RUNNING);
}

/* Adds a socket of the service. @return NULL after service_fail */
struct service_socket *service_open_socket(struct service *service, int fd, enum service_role role);
void service_close_socket(struct service *service, struct service_socket *socket);
__attribute__((format(printf, 2, 3))) void service_fail(struct service *service, const char *format,
                                                        ...);
void service_end(struct service *service); /* DONE, and all sockets are closed */
/* Makes a socket bound to the plan's port, on any address. @return the fd, or -1 after service_fail
 */
int service_bound(struct service *service, int type);

void service_unfinished(struct service *service); /* fails it: how many bytes it has come to */

/* Listens on the plan's port. */
void service_stream_listen(struct service *service);
/* A socket of TCP was touched: takes the connections of a listener, else asks the row. */
void service_stream_ready(struct service *service, struct service_socket *socket);
/* Takes the connections that could not be taken before. */
void service_stream_due(struct service *service);
/* Reads and verifies the pattern. @return true at the orderly end; false: later, or failed */
bool service_stream_receive(struct service *service, struct service_socket *s);

void service_datagram_bind(struct service *service);
/* A socket of UDP was touched: reads its datagrams, and gives each to the row. */
void service_datagram_ready(struct service *service, struct service_socket *socket);
/* Makes the datagram that begins at an offset of the stream. */
void service_datagram_fill(const struct service *service, uint64_t offset, uint8_t *bytes,
                           size_t length);
/* A datagram that came is right if it is the pattern at the offset it names. */
bool service_datagram_is_right(const struct service *service, const uint8_t *bytes, size_t length);

void service_source_open_stream(struct service *service);
void service_source_open_datagram(struct service *service);
void service_source_stream_ready(struct service *service, struct service_socket *s);
void service_source_datagram_came(struct service *service, struct service_socket *s,
                                  struct call_message *message, size_t length);
void service_source_due(struct service *service);

void service_sink_stream_ready(struct service *service, struct service_socket *s);
void service_sink_datagram_came(struct service *service, struct service_socket *s,
                                struct call_message *message, size_t length);
bool service_sink_is_background(const struct service_plan *plan);

void service_echo_stream_ready(struct service *service, struct service_socket *s);
void service_echo_datagram_came(struct service *service, struct service_socket *s,
                                struct call_message *message, size_t length);
bool service_echo_is_background(const struct service_plan *plan);

void service_ping_open(struct service *service);
void service_ping_ready(struct service *service, struct service_socket *socket);
void service_ping_due(struct service *service);
void service_ping_unfinished(struct service *service);

void service_dhcp_server_open(struct service *service);
void service_dhcp_server_came(struct service *service, struct service_socket *s,
                              struct call_message *message, size_t length);
void service_dhcp_server_close(struct service *service);
bool service_dhcp_server_is_background(const struct service_plan *plan);

void service_dhcp_client_open(struct service *service);
void service_dhcp_client_due(struct service *service);
void service_dhcp_client_came(struct service *service, struct service_socket *s,
                              struct call_message *message, size_t length);

void service_inform_server_open(struct service *service);
void service_inform_server_came(struct service *service, struct service_socket *s,
                                struct call_message *message, size_t length);

void service_inform_client_open(struct service *service);
void service_inform_client_due(struct service *service);
void service_inform_client_came(struct service *service, struct service_socket *s,
                                struct call_message *message, size_t length);

/* service_dhcp_table.c: where the rows go */
struct service_dhcp_walk {
    struct service_dhcp_row *rows;
    size_t most, count;
    nanoseconds now;
};
void service_dhcp_table_server(const struct service *service, struct service_dhcp_walk *walk);
void service_dhcp_table_client(const struct service *service, struct service_dhcp_walk *walk);
void service_dhcp_table_informed(const struct service *service, struct service_dhcp_walk *walk);

void service_dns_server_open(struct service *service);
void service_dns_server_came(struct service *service, struct service_socket *s,
                             struct call_message *message, size_t length);
void service_dns_server_stream_ready(struct service *service, struct service_socket *s);
void service_dns_server_due(struct service *service);
void service_dns_server_close(struct service *service);
