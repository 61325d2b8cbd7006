/* SPDX-License-Identifier: MIT */
/*
 * Sockets of X.25 (SOCK_SEQPACKET of AF_X25): one end of a virtual circuit of the packet layer, or
 * who listens for calls. What Linux's net/x25 does is done here: names are X.121 addresses that
 * nobody owns; a call goes to who listens for its address and for the beginning of its user data,
 * the most specific first, and is accepted at once unless the program wants to decide itself; a
 * close clears, and what is unsent is lost. Records wait to be read up to a limit, of which half
 * stops the other station (RNR).
 *
 * Two things are told that Linux keeps to itself: a reset, once, as ENETRESET, and an interrupt
 * that waits, as urgent data. And what came before a clear can still be read.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "3-network/x25/x25.h"
#include "4-transport/options.h"
#include "4-transport/transport_end.h"

enum circuit_constants {
    CIRCUIT_ENDS = 512,      /* of a host: circuits and listeners */
    CIRCUIT_INTERRUPTS = 16, /* that wait to be read; then none is confirmed */
    CIRCUIT_BACKLOG = 128
};

/* The sockets of X.25 of one host. */
struct circuit {
    struct transport_service service; /* first */
    struct x25_upper upper;
    struct x25 *x25;
    struct means *means;
    struct pool *pool; /* slots of circuit_end_bytes() */
    struct link_list ends;
    uint32_t count, limit;
    uint32_t user_code; /* its place in x25_user_codes */
    uint32_t zero;
};

struct circuit_end {
    struct transport_end end; /* first */
    struct circuit *circuit;
    struct list_link link; /* in circuit->ends */
    struct x25_user user;
    struct x25_circuit *below; /* NULL: none (any more) */
    struct x121 local, remote;
    struct transport_options options;
    /* what is said with a call, came with it, or is the most that is agreed to */
    struct x25_facilities facilities;
    struct x25_user_data data;
    struct x25_reason reason;
    struct packet_queue records; /* come; of each, flags: qualified */
    struct packet_queue interrupts;
    /* of a listener: calls that wait to be accepted */
    struct link_list waiting;
    struct list_link queued;
    struct circuit_end *listener; /* in whose queue it waits */
    uint32_t backlog, waiting_count;
    uint32_t memory; /* of the records */
    int32_t error;   /* pending, positive */
    uint8_t phase;   /* enum transport_phase */
    uint8_t bound;
    uint8_t over;         /* it was connected, or tried to be, and was cleared */
    uint8_t match_length; /* bytes of user data that a call must begin with */
    uint8_t decides;      /* the program accepts calls itself */
    uint8_t accepted;
    uint8_t data_said;                          /* the program has set data since the call */
    uint8_t held;                               /* the other station was told to stop */
    uint8_t unconfirmed;                        /* the last interrupt, since too many wait */
    uint8_t kept[TRANSPORT_CIRCUIT_KEPT_BYTES]; /* what its program said, and nobody else uses */
    uint8_t zero[7];
};

struct circuit_plan {
    struct x25 *x25;
    struct pool *pool;
    uint32_t limit;
    uint32_t upper_code, user_code;
};

uint32_t circuit_end_bytes(void);
void circuit_init(struct circuit *s, struct means *means, const struct circuit_plan *plan);
static inline struct circuit_end *circuit_end_of(const struct transport_end *end)
{
    return (struct circuit_end *)(uintptr_t)end; /* its first member */
}

/* ---- from below: circuit_user.c ---- */
bool circuit_user_wants(const struct x25_upper *upper, const struct x25_call *call);
bool circuit_user_incoming(struct x25_upper *upper, struct x25_circuit *c,
                           const struct x25_call *call, struct x25_reason *reason, nanoseconds now);
void circuit_user_connected(struct x25_user *user, const struct x25_call *answer, nanoseconds now);
void circuit_user_cleared(struct x25_user *user, const struct x25_reason *reason,
                          const struct x25_user_data *data, nanoseconds now);
void circuit_user_record(struct x25_user *user, struct packet *p, bool qualified, nanoseconds now);
void circuit_user_interrupt(struct x25_user *user, const uint8_t *bytes, size_t length,
                            nanoseconds now);
void circuit_user_reset(struct x25_user *user, const struct x25_reason *reason, nanoseconds now);
void circuit_user_sent(struct x25_user *user, nanoseconds now);

/* ---- what both directions share: circuit_end.c ---- */
/* A new end. NULL: the host has as many as it may. */
struct circuit_end *circuit_end_new(struct circuit *s, struct transport_upper *upper);
void circuit_end_free(struct circuit_end *e);
/* Can it take no further interrupt? */
bool circuit_end_is_full(const struct circuit_end *e);
/* Its user has no room (RNR), or again; an interrupt that waited is confirmed. */
void circuit_end_flow(struct circuit_end *e, nanoseconds now);
/* Accepts the call that this end is for. */
int circuit_end_accept(struct circuit_end *e, nanoseconds now);

/* ---- the operations: circuit.c, circuit_data.c ---- */
int circuit_open(struct transport_service *service, struct transport_upper *upper,
                 struct transport_end **end);
void circuit_close(struct transport_end *end, nanoseconds now);
int circuit_bind(struct transport_end *end, const struct name *local);
int circuit_listen(struct transport_end *end, uint32_t backlog, nanoseconds now);
int circuit_connect(struct transport_end *end, const struct name *remote, nanoseconds now);
int circuit_disconnect(struct transport_end *end, nanoseconds now);
int circuit_accept(struct transport_end *end, struct transport_upper *upper,
                   struct transport_end **accepted);
ssize_t circuit_data_send(struct transport_end *end, const struct transport_message *m,
                          unsigned flags, nanoseconds now);
ssize_t circuit_data_receive(struct transport_end *end, struct transport_message *m, unsigned flags,
                             nanoseconds now);
int circuit_shutdown(struct transport_end *end, bool reading, bool writing, nanoseconds now);
enum transport_phase circuit_phase(const struct transport_end *end);
unsigned circuit_data_ready(const struct transport_end *end);
int circuit_error_take(struct transport_end *end);
void circuit_drained(struct transport_end *end, nanoseconds now);
void circuit_local(const struct transport_end *end, struct name *local);
int circuit_remote(const struct transport_end *end, struct name *remote);
int circuit_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                       nanoseconds now);
int circuit_option_get(const struct transport_end *end, enum transport_option option,
                       int64_t *value);
int circuit_say(struct transport_end *end, enum transport_circuit_call call,
                struct transport_circuit *c, nanoseconds now);
int64_t circuit_data_count(const struct transport_end *end, enum transport_count_kind kind);
int circuit_info(const struct transport_end *end, struct transport_info *info, nanoseconds now);
int circuit_check(const struct transport_service *service);
