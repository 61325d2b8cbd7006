/* SPDX-License-Identifier: MIT */
/* What a session remembers: the structs behind session.h, for this folder and for who assembles a
 * machine. */
#pragma once
#include "5-session/session.h"

/* Where a socket is in its life, as far as its user has been told. */
enum session_state {
    SESSION_UNCONNECTED,
    SESSION_CONNECTING,   /* connect has begun, its outcome has not been asked for */
    SESSION_CONNECTED,    /* and the user knows it */
    SESSION_DISCONNECTING /* shut down before it was connected: of no further use */
};

struct socket {
    struct transport_upper below; /* who the transport tells */
    struct sessions *sessions;
    struct session_upper *upper; /* whose it is */
    struct transport_end *end;
    struct list_link link;    /* in sessions->all */
    struct list_link changed; /* in means.touched: touched since it was last taken */
    uint32_t state;           /* enum session_state */
    uint32_t zero;
    uint64_t serial; /* of its host, from 1 */
};

/* The sockets of one host. */
struct sessions {
    struct transport *transport;
    struct unix_host *unix_host; /* of AF_UNIX */
    struct pool *pool;           /* slots of session_socket_bytes() */
    struct link_list all;        /* in order of opening */
    struct link_list *touched;   /* of all hosts, in the order in which they were first touched */
    uint64_t opened;             /* serial of the newest socket */
    uint32_t count;              /* sockets open */
    uint32_t upper_code;         /* session_ready_told's place in transport_upper_codes */
};

/* What whoever assembles a host gives, beside the means. */
struct session_plan {
    struct transport *transport;
    struct unix_host *unix_host;
    struct pool *pool; /* slots of session_socket_bytes() */
    uint32_t upper_code;
};

uint32_t session_socket_bytes(void);
void session_table_init(struct sessions *s, const struct means *means,
                        const struct session_plan *plan);
