/* SPDX-License-Identifier: MIT */
/*
 * Built-in traffic of a lab: source, sink, echo and ping. Each is a small state machine that calls
 * the public API, does as much as goes without waiting, and says when it wants to be called again;
 * so it runs in virtual time with no wall clock, and beside real programs just as well.
 *
 *     services_add ...  services_start(i) when its time has come
 *     services_on_change    for every change of sockeye_next_change
 *     services_on_time      after every advance; returns the next deadline
 *
 * Expectations: what arrives is the pattern (service_pattern.h); a TCP stream arrives whole and
 * ends with an orderly close; a ping gets its replies.
 */
#pragma once
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include "sockeye/sockeye.h"

enum service_kind { SERVICE_SOURCE, SERVICE_SINK, SERVICE_ECHO, SERVICE_PING };

struct service_plan {
    enum service_kind kind;
    int host;
    struct sockaddr_in peer; /* source, ping */
    uint16_t port;           /* sink, echo */
    bool stream, datagram;   /* TCP, UDP; both only for echo */
    bool is_echoed;          /* source: the peer sends all back, and that is verified */
    bool has_total;          /* sink: `bytes` must arrive */
    uint64_t bytes;
    uint32_t size;           /* of a datagram or of the ping's data; at least 8 */
    uint32_t connections;    /* sink: served, then it is done; 0: never done by itself */
    uint32_t count, replies; /* ping: sent, and expected */
    int64_t interval;        /* between datagrams or pings */
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

struct services;

/* `seed` is of the pattern, the same for all. */
int services_open(struct sockeye *lab, uint64_t seed, struct services **services);
void services_close(struct services *services); /* closes its sockets; NULL is fine */
/* @return the number of the service, from 0, or -ENOMEM */
int services_add(struct services *services, const struct service_plan *plan);
/* Starts a service at the lab's current time. What fails is told by its status. */
void services_start(struct services *services, int number);
void services_on_change(struct services *services, const struct sockeye_change *change);
/* Does what is due at the lab's time. @return the next deadline */
int64_t services_on_time(struct services *services);
/* Nothing comes any more: judges what has not ended (of a background service: its total). */
void services_finish(struct services *services);

void services_status(const struct services *services, int number, struct service_status *status);
/* Does a service on this host take connections (or datagrams) on this port? */
bool services_are_listening(const struct services *services, int host, uint16_t port,
                            bool datagram);
