/* SPDX-License-Identifier: MIT */
/*
 * Built-in traffic of a lab: source, sink, echo and ping, the servers of DHCP and DNS and the
 * clients of DHCP, of both families. Each is a small state machine that makes the calls of layer 6,
 * does as much as goes without waiting, and says when it wants to be called again; so it runs in
 * virtual time with no wall clock, and beside real programs just as well.
 *
 *     service_set_add ...  service_set_start(i) when its time has come
 *     service_set_on_change    for every socket of the lab that was touched
 *     service_set_on_time      after every advance; returns the next deadline
 *
 * Expectations: what arrives is the pattern (service_pattern.h); a TCP stream arrives whole and
 * ends with an orderly close; a ping gets its replies.
 */
#pragma once
#include <sys/socket.h>
#include <stdbool.h>
#include <stdint.h>
#include "6-presentation/call.h"
#include "7-application/service_dns.h"
#include "7-application/service_inform.h"
#include "7-application/service_lease.h"
#include "base/time.h"

enum service_kind {
    SERVICE_SOURCE,
    SERVICE_SINK,
    SERVICE_ECHO,
    SERVICE_PING,
    SERVICE_DHCP_SERVER,
    SERVICE_DHCP_CLIENT,
    SERVICE_DNS,
    SERVICE_INFORM_SERVER, /* stateless DHCPv6 */
    SERVICE_INFORM_CLIENT
};

struct service_plan {
    enum service_kind kind;
    int host;
    /* source, ping: the peer; sink, echo: what they bind. Sockets are opened in its family. */
    struct sockaddr_storage address;
    uint32_t address_length;
    uint16_t port;         /* sink, echo: for messages */
    bool stream, datagram; /* TCP, UDP; both only for echo */
    bool is_echoed;        /* source: the peer sends all back, and that is verified */
    bool has_total;        /* sink: `bytes` must arrive */
    uint64_t bytes;
    uint32_t size;           /* of a datagram or of the ping's data; at least 8 */
    uint32_t connections;    /* sink: served, then it is done; 0: never done by itself */
    uint32_t count, replies; /* ping: sent, and expected */
    int64_t interval;        /* between datagrams or pings */
    /* DHCP: the interface that it is for, by number and name (which stay the caller's), and what a
     * server gives */
    int interface;
    const char *interface_name;
    const char *host_name; /* DHCP's client: what it says it is called; the caller's */
    const struct service_lease_plan *lease;
    bool probes; /* a client looks whether somebody has its address already */
    const struct service_dns_plan *dns;       /* DNS: what it knows */
    const struct service_inform_plan *inform; /* stateless DHCPv6: what a server tells */
};

enum service_state { SERVICE_WAITING, SERVICE_RUNNING, SERVICE_DONE, SERVICE_FAILED };

struct service_status {
    enum service_state state;
    bool is_background; /* it does not end by itself, nothing waits for it */
    uint64_t sent, received;
    uint32_t connections; /* accepted, or 1 */
    uint32_t pings, replies;
    int64_t started, ended;
    int64_t rtt_least, rtt_most, rtt_sum; /* ping */
    char problem[160];                    /* FAILED: why */
};

struct sockeye; /* the lab; nobody here looks into it */

/* The calls of layer 6 (call.h), each on a host of the lab by its number. Whoever plays the lab
 * gives them: made through its door they are inputs, so a record holds them, and its replay needs
 * no services. */
struct service_calls {
    nanoseconds (*now)(const struct sockeye *lab);
    int (*socket)(struct sockeye *lab, int host, int domain, int type, int protocol);
    int (*close)(struct sockeye *lab, int host, int fd);
    int (*bind)(struct sockeye *lab, int host, int fd, const void *address, uint32_t length);
    int (*listen)(struct sockeye *lab, int host, int fd, int backlog);
    int (*connect)(struct sockeye *lab, int host, int fd, const void *address, uint32_t length);
    int (*accept)(struct sockeye *lab, int host, int fd, void *address, uint32_t *length);
    ssize_t (*send)(struct sockeye *lab, int host, int fd, const void *bytes, size_t length,
                    int flags);
    ssize_t (*receive)(struct sockeye *lab, int host, int fd, void *bytes, size_t size, int flags);
    ssize_t (*send_message)(struct sockeye *lab, int host, int fd,
                            const struct call_message *message, int flags);
    ssize_t (*receive_message)(struct sockeye *lab, int host, int fd, struct call_message *message,
                               int flags);
    int (*shutdown)(struct sockeye *lab, int host, int fd, int how);
    int (*get_option)(struct sockeye *lab, int host, int fd, int level, int name, void *value,
                      uint32_t *length);
    int (*set_option)(struct sockeye *lab, int host, int fd, int level, int name, const void *value,
                      uint32_t length);
    int (*poll)(const struct sockeye *lab, int host, int fd);
    /* of a client of DHCP: what its interface is, and what it gets */
    int (*hardware)(const struct sockeye *lab, int host, int interface, uint8_t mac[6]);
    int (*probe)(struct sockeye *lab, int host, int interface, const char *text, bool begins);
    int (*probed)(const struct sockeye *lab, int host, int interface, const char *text);
    int (*address)(struct sockeye *lab, int host, int interface, const char *text);
    int (*address_remove)(struct sockeye *lab, int host, int interface, const char *text);
    int (*route)(struct sockeye *lab, int host, const char *destination, const char *gateway,
                 int interface);
    int (*route_remove)(struct sockeye *lab, int host, const char *destination, const char *gateway,
                        int interface);
    const char *(*text_of_error)(int result);
};

struct service_set;

/* `calls` are kept, not copied; `seed` is of the pattern, the same for all. */
int service_set_open(struct sockeye *lab, const struct service_calls *calls, uint64_t seed,
                     struct service_set **services);
void service_set_close(struct service_set *services); /* closes its sockets; NULL is fine */
/* @return the number of the service, from 0, or -ENOMEM */
int service_set_add(struct service_set *services, const struct service_plan *plan);
/* Another peer than that of its plan, before it is started. */
void service_set_peer(struct service_set *services, int number,
                      const struct sockaddr_storage *address, uint32_t length);
/* Starts a service at the lab's current time. What fails is told by its status. */
void service_set_start(struct service_set *services, int number);
/* A host has crashed: of its services those fail that were to end; the others do nothing until it
 * starts again. */
void service_set_crash(struct service_set *services, int host);
bool service_set_has_crashed(const struct service_set *services, int number);
/* Its host starts again: a server opens its sockets anew, and has forgotten what it was asked; that
 * of DHCP has its leases, as on a disk. */
void service_set_restart(struct service_set *services, int number);
/* The same of what has a time to start: it waits for service_set_start, and nothing of what it has
 * done counts. @return false: it was not running when its host crashed */
bool service_set_revive(struct service_set *services, int number);
void service_set_on_change(struct service_set *services, int host, int fd);
/* Does what is due at the lab's time. @return the next deadline */
int64_t service_set_on_time(struct service_set *services);
/* Nothing comes any more: judges what has not ended (of a background service: its total). */
void service_set_finish(struct service_set *services);

/* Does the end of the lab wait for any of them? */
bool service_set_is_running(const struct service_set *services);
void service_set_status(const struct service_set *services, int number,
                        struct service_status *status);
/* Does a service on this host take connections (or datagrams) on this port? */
bool service_set_are_listening(const struct service_set *services, int host, uint16_t port,
                               bool datagram);
