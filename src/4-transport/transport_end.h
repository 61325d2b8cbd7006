/* SPDX-License-Identifier: MIT */
/*
 * SEAM: what a kind of transport is. Its service of one host and its end of one socket begin with
 * the structs here, and its operations are a row of a table that whoever assembles a machine
 * defines. A machine leaves a kind out by not attaching its service. So the kinds know nothing of
 * the calls that reach them (transport.c), nor these of them.
 */
#pragma once
#include "4-transport/transport.h"

/* What the ends of one kind on one host share; embedded first in struct tcp, udp, ping. */
struct transport_service {
    struct link_list *pending; /* the host's: ends whose user is to be told */
    struct link_list *drained; /* the host's: charges that became lighter */
    uint32_t kind;             /* enum transport_kind */
    uint32_t zero;
};

/* One socket's end; embedded first in each kind's. */
struct transport_end {
    struct transport_upper *upper; /* NULL: the user has closed it, or not accepted it yet */
    struct transport_service *service;
    struct list_link pending; /* in service->pending */
    uint32_t kind;            /* enum transport_kind: the service's */
    uint32_t zero;
};

/* One kind: a row. What a kind has not, its function says; there is no empty place. */
struct transport_operations {
    int (*open)(struct transport_service *service, struct transport_upper *upper,
                struct transport_end **end);
    /* no function: it has no pairs (-EOPNOTSUPP) */
    int (*pair)(struct transport_end *a, struct transport_end *b);
    bool is_immediate;
    void (*close)(struct transport_end *end, nanoseconds now);
    int (*bind)(struct transport_end *end, const struct name *local);
    int (*listen)(struct transport_end *end, uint32_t backlog, nanoseconds now);
    int (*connect)(struct transport_end *end, const struct name *remote, nanoseconds now);
    int (*disconnect)(struct transport_end *end, nanoseconds now);
    int (*accept)(struct transport_end *end, struct transport_upper *upper,
                  struct transport_end **accepted);
    ssize_t (*send)(struct transport_end *end, const struct transport_message *m, unsigned flags,
                    nanoseconds now);
    ssize_t (*receive)(struct transport_end *end, struct transport_message *m, unsigned flags,
                       nanoseconds now);
    int (*shutdown)(struct transport_end *end, bool reading, bool writing, nanoseconds now);
    enum transport_phase (*phase)(const struct transport_end *end);
    unsigned (*ready)(const struct transport_end *end);
    int (*error_take)(struct transport_end *end);
    void (*drained)(struct transport_end *end, nanoseconds now); /* its own queue is lighter */
    void (*local)(const struct transport_end *end, struct name *local);
    int (*remote)(const struct transport_end *end, struct name *remote);
    int (*option_set)(struct transport_end *end, enum transport_option option, int64_t value,
                      nanoseconds now);
    int (*option_get)(const struct transport_end *end, enum transport_option option,
                      int64_t *value);
    /* groups; no function: it hears none (-EPROTO) */
    int (*group)(struct transport_end *end, enum transport_group_call call,
                 struct transport_group *group, nanoseconds now);
    uint16_t (*interface_of)(const struct transport_end *end, struct address own);
    /* filters; no function: it takes none (-ENOPROTOOPT) */
    int (*filter)(struct transport_end *end, enum transport_filter_call call,
                  struct transport_filter *filter);
    /* options of the IPv4 header; no function: it has none (-ENOPROTOOPT) */
    int (*header)(struct transport_end *end, enum transport_header_call call,
                  struct transport_header *header);
    /* circuits; no function: it is none (-EOPNOTSUPP) */
    int (*circuit)(struct transport_end *end, enum transport_circuit_call call,
                   struct transport_circuit *circuit, nanoseconds now);
    /* frames; no function: it has none (-ENOPROTOOPT) */
    int (*link)(struct transport_end *end, enum transport_link_call call,
                struct transport_link *given);
    int64_t (*count)(const struct transport_end *end, enum transport_count_kind kind);
    int (*info)(const struct transport_end *end, struct transport_info *info, nanoseconds now);
    /* All ends of a host: 0, or the line of a broken invariant. */
    int (*check)(const struct transport_service *service);
};
extern const struct transport_operations transport_operations[TRANSPORT_KINDS];

/* Puts the end on the list of those whose user is told when this entry ends (transport_deliver).
 * Any number of times; an end without a user is left out. */
void transport_end_pending(struct transport_end *end);
