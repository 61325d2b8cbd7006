/* SPDX-License-Identifier: MIT */
/*
 * SEAM: TCP of one host, as the rest of layer 4 and node/ see it. RFC 9293 and what it needs: 6298
 * (RTO), 5681, 6582 and 6675 (Reno and loss recovery), 7323 (window scale, timestamps, PAWS), 2018
 * and 2883 (SACK, D-SACK sent), 5961 (blind attacks), 6528 (ISN), 6056 (ports, in ports.h), 896
 * (Nagle).
 *
 * RFC 9293 1 says what TCP is for, RFC 9293 2, 2.1, 2.2 its ideas, RFC 9293 3 what it does; RFC
 * 9293 4 gives the names that are used here, and RFC 9293 5 says what RFC 793 said otherwise.
 * Attackers (RFC 9293 7): keyed hashes for numbers, ports and tables, the checks of RFC 5961, and
 * limits.
 *
 * The rooms: parts (parts/: tcp_header, tcp_rtt, tcp_scoreboard, ...) know only themselves; the
 * WHOLE files know the connection, and each calls only those below it:
 *
 *     tcp              the user's calls          tcp_receive, tcp_timeout   what comes, what is due
 *     tcp_finish       the one ending of all these
 *     tcp_listen       the passive open
 *     tcp_input        SEGMENT ARRIVES           tcp_ack    below it: its fifth check
 *     tcp_close        how it ends
 *     tcp_output       the only sender
 *     tcp_open         what it begins with
 *     tcp_option       its options
 *     tcp_timer, tcp_name, tcp_user, tcp_buffers   its deadlines, who it is, whose, its memory
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "3-network/ip.h"
#include "4-transport/ports.h"
#include "4-transport/transport_end.h"

enum tcp_constants {
    TCP_SEND_LATER_MS = 10, /* when a packet could not be had */
    TCP_QUEUE_SEGMENTS = 2, /* of one connection in the host's own wire queue */
    TCP_RESTED_MOST = 8     /* connections of a host that may keep empty buffers */
};

/* May connect() end a TIME-WAIT to the same peer, to have its port? */
enum tcp_tw_reuse { TW_REUSE_NOT, TW_REUSE, TW_REUSE_LOOPBACK };

/* By name in node/host_settings; Linux's sysctl of the same name, with its default. */
struct tcp_settings {
    uint32_t timestamps;         /* 1 */
    uint32_t window_scaling;     /* 1 */
    uint32_t sack;               /* 1 */
    uint32_t dsack;              /* 1 */
    uint32_t rmem[3], wmem[3];   /* 4096 131072 6291456; 4096 16384 4194304 */
    uint32_t syn_retries;        /* 6 */
    uint32_t synack_retries;     /* 5 */
    uint32_t retries1, retries2; /* 3, 15 */
    uint32_t orphan_retries;     /* 0: 8 */
    uint32_t fin_timeout_ms;     /* 60,000 */
    uint32_t time_wait_ms;       /* 60,000: 2 MSL (MUST-13); no Linux name */
    uint32_t tw_reuse;           /* enum tcp_tw_reuse */
    uint32_t tw_reuse_delay_ms;  /* 1,000 in TIME-WAIT before */
    uint32_t keepalive_time_ms, keepalive_interval_ms, keepalive_probes; /* 7,200,000 75,000 9 */
    uint32_t initial_cwnd;                           /* 10 segments; no Linux name */
    uint32_t rto_initial_ms, rto_min_us, rto_max_ms; /* 1,000 200,000 120,000 */
    uint32_t max_syn_backlog;                        /* 4096: half-open connections of a host */
    uint32_t somaxconn;                              /* 4096 (net.core.somaxconn) */
    uint32_t abort_on_overflow;                      /* 0 */
    uint32_t slow_start_after_idle;                  /* 1 */
    uint32_t invalid_ratelimit_ms; /* 500: challenge and duplicate ACKs of a connection */
    uint32_t rfc1337;              /* 1: a RST does not end TIME-WAIT (Linux: 0) */
    uint32_t max_orphans;          /* 4096 */
    uint32_t congestion;           /* enum tcp_cc_kind (net.ipv4.tcp_congestion_control) */
    uint32_t stdurg;               /* 0: the urgent pointer names the byte after (MUST-62) */
    uint32_t notsent_lowat;        /* 4294967295 */
    uint32_t moderate_rcvbuf;      /* 1: the receive buffer grows with what the program reads */
};

struct tcp_tuple;

/* What a host counts of TCP (/proc/net/snmp). Segments here are those of connections that are gone,
 * or never were; living ones know their own (struct tcp_totals). */
struct tcp_counts {
    uint64_t active_opens, passive_opens;
    uint64_t attempt_fails; /* ended before they were established */
    uint64_t resets;        /* ended while they were */
    uint64_t segments_in, segments_out, segments_again;
    uint64_t resets_out;
};

struct tcp {
    struct transport_service service; /* first */
    struct ip_upper ip_upper;
    struct ip *ip;
    struct means *means;
    struct siphash_key isn_key, timestamp_key, table_key;
    struct table connections, half_opens, listeners; /* of struct tcp_tuple */
    struct tcp_tuple *recent; /* the connection found last; NULL: none, or it left the table */
    struct pool *conn_pool, *half_pool, *hole_pool, *listener_pool;
    struct link_list all;     /* connections in order of opening (checks, dumps) */
    struct link_list waiting; /* TIME-WAIT that nobody holds, the oldest first */
    struct link_list dead;    /* ended: freed in tcp_deliver */
    struct link_list rested;  /* hold buffers that were empty when they came here */
    struct tcp_settings settings;
    uint64_t serials;                  /* connections opened so far */
    uint32_t half_count, orphan_count; /* a TIME-WAIT is no orphan */
    uint32_t rested_count;
    uint32_t code; /* our entry in ip_upper_codes */
    uint32_t timer_code, half_timer_code;
    struct tcp_counts counts;
    struct ports ports; /* large, and no segment needs it */
};

struct tcp_plan {
    struct ip *ip;
    struct pool *conn_pool;               /* slots of tcp_conn_bytes() */
    struct pool *half_pool;               /* slots of tcp_half_bytes() */
    struct pool *hole_pool;               /* of tcp_reassembly_bytes() */
    struct pool *listener_pool;           /* of tcp_listener_bytes() */
    uint32_t code;                        /* our entry in ip_upper_codes */
    uint32_t limit;                       /* connections of this host, a power of two */
    uint32_t timer_code, half_timer_code; /* tcp_timeout_due, tcp_listen_timer_due */
};

struct tcp_conn;

uint32_t tcp_conn_bytes(void);
uint32_t tcp_half_bytes(void);
uint32_t tcp_listener_bytes(void);
/* Attaches itself to plan->ip. @return 0 or -ENOMEM */
int tcp_init(struct tcp *t, struct means *means, const struct tcp_plan *plan);

/* For ip_upper_codes. */
void tcp_receive(struct ip_upper *upper, const struct ip_meta *meta, struct packet *p,
                 nanoseconds now);
bool tcp_receive_error(struct ip_upper *upper, const struct ip_error *error, nanoseconds now);
/* Timers that are due, no longer set. */
void tcp_timeout_due(struct timer *timer, nanoseconds now);
void tcp_listen_timer_due(struct timer *timer, nanoseconds now);
/* Frees what ended; the last act of an entry. */
void tcp_deliver(struct tcp *t);
/* The host loses power: every connection and listener is gone, and no peer is told. Who holds one
 * finds ENETDOWN. */
void tcp_crash(struct tcp *t, nanoseconds now);
/* All that was counted so far. */
void tcp_counts_read(const struct tcp *t, struct tcp_counts *counts);
/* Somebody else than its user ends it: the peer hears a RST, the user ECONNABORTED. */
void tcp_destroy(struct tcp_conn *c, nanoseconds now);

/* The operations of transport.h: the user interface of RFC 9293 3.9 and 3.9.1. */
int tcp_open(struct transport_service *service, struct transport_upper *upper,
             struct transport_end **end);
void tcp_close(struct transport_end *end, nanoseconds now);
int tcp_bind(struct transport_end *end, const struct name *name);
int tcp_listen(struct transport_end *end, uint32_t backlog, nanoseconds now);
int tcp_connect(struct transport_end *end, const struct name *name, nanoseconds now);
int tcp_disconnect(struct transport_end *end, nanoseconds now);
int tcp_accept(struct transport_end *end, struct transport_upper *upper,
               struct transport_end **accepted);
ssize_t tcp_write(struct transport_end *end, const struct transport_message *m, unsigned flags,
                  nanoseconds now);
ssize_t tcp_read(struct transport_end *end, struct transport_message *m, unsigned flags,
                 nanoseconds now);
int tcp_shutdown(struct transport_end *end, bool reading, bool writing, nanoseconds now);
enum transport_phase tcp_phase(const struct transport_end *end);
unsigned tcp_ready(const struct transport_end *end);
int tcp_error_take(struct transport_end *end);
void tcp_drained(struct transport_end *end, nanoseconds now);
void tcp_local(const struct transport_end *end, struct name *local);
int tcp_remote(const struct transport_end *end, struct name *remote);
int tcp_option_header(struct transport_end *end, enum transport_header_call call,
                      struct transport_header *header);
int tcp_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                   nanoseconds now);
int tcp_option_get(const struct transport_end *end, enum transport_option option, int64_t *value);
int64_t tcp_count(const struct transport_end *end, enum transport_count_kind kind);
int tcp_info(const struct transport_end *end, struct transport_info *info, nanoseconds now);
int tcp_check_all(const struct transport_service *service);
