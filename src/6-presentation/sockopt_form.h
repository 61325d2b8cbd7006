/* SPDX-License-Identifier: MIT */
/*
 * The forms of options: how the bytes of a value become what the transport or the descriptor keeps,
 * and back. A form is its two functions, a row of sockopt.c's; a new one is two functions and a
 * row.
 */
#pragma once
#include "6-presentation/sockopt.h"

/* One setsockopt. */
struct sockopt_request {
    struct call_host *host;
    struct descriptor *d;
    const struct sockopt_row *row;
    const void *value;
    uint32_t length;
    int number; /* the int in value, where there is one */
    nanoseconds now;
};

/* One getsockopt. */
struct sockopt_query {
    const struct call_host *host;
    struct descriptor *d;
    const struct sockopt_row *row;
    uint32_t room;
    void *value; /* where it goes; NULL without room */
    nanoseconds now;
};

/* A value's bytes. */
struct sockopt_answer {
    uint8_t bytes[SOCKOPT_INFO_BYTES];
    uint32_t length;
};

enum {
    SOCKOPT_X25_RESET = 64 /* SOL_X25; SOCKEYE_X25_RESET of the public header: not Linux's */
};

struct sockopt_form {
    int (*set)(const struct sockopt_request *r); /* no function: it can only be read */
    int (*get)(const struct sockopt_query *q, struct sockopt_answer *answer);
    bool is_name;  /* its value is a text, not an int */
    bool is_bytes; /* as many as there are: get writes them itself */
};

/* ---- sockopt_set.c ---- */
int sockopt_set_number(const struct sockopt_request *r);
int sockopt_set_number_or_0(const struct sockopt_request *r); /* 0: none */
int sockopt_set_unsigned(const struct sockopt_request *r);
int sockopt_set_flag(const struct sockopt_request *r);
int sockopt_set_nothing(const struct sockopt_request *r);
int sockopt_set_debug(const struct sockopt_request *r);
int sockopt_set_force(const struct sockopt_request *r);
int sockopt_set_buffer(const struct sockopt_request *r);
int sockopt_set_low_water(const struct sockopt_request *r);
int sockopt_set_linger(const struct sockopt_request *r);
int sockopt_set_receive_timeout(const struct sockopt_request *r);
int sockopt_set_send_timeout(const struct sockopt_request *r);
int sockopt_set_wants(const struct sockopt_request *r);
int sockopt_set_interface(const struct sockopt_request *r);
int sockopt_set_rate(const struct sockopt_request *r);
int sockopt_set_hop_limit(const struct sockopt_request *r);
int sockopt_set_multicast_hop_limit(const struct sockopt_request *r);
int sockopt_set_traffic_class(const struct sockopt_request *r);
int sockopt_set6_v6only(const struct sockopt_request *r);
int sockopt_set6_hops(const struct sockopt_request *r);
int sockopt_set6_multicast_hops(const struct sockopt_request *r);
int sockopt_set6_multicast_interface(const struct sockopt_request *r);
int sockopt_set6_unicast_interface(const struct sockopt_request *r);
int sockopt_set6_fragment_mtu(const struct sockopt_request *r);
int sockopt_set6_class(const struct sockopt_request *r);
int sockopt_set_linger_2(const struct sockopt_request *r);
int sockopt_set_defer_accept(const struct sockopt_request *r);
int sockopt_set_window_clamp(const struct sockopt_request *r);
int sockopt_set_quick_ack(const struct sockopt_request *r);
int sockopt_set_congestion(const struct sockopt_request *r);
int sockopt_set_circuit_reset(const struct sockopt_request *r);

/* ---- sockopt_group.c ---- */
int sockopt_group_set(const struct sockopt_request *r);
int sockopt_group_set_interface(const struct sockopt_request *r);
int sockopt_group_get_interface(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_group_get(const struct sockopt_query *q, struct sockopt_answer *answer);

/* ---- sockopt_rare.c ---- */
int sockopt_rare_set_sticky(const struct sockopt_request *r);
int sockopt_rare_set_family(const struct sockopt_request *r);
int sockopt_rare_get_family(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_rare_get_path_mtu(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_rare_set_tell_mtu(const struct sockopt_request *r);
int sockopt_rare_set_header(const struct sockopt_request *r);
int sockopt_rare_get_header(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_rare_set_auto_label(const struct sockopt_request *r);
int sockopt_rare_get_auto_label(const struct sockopt_query *q, struct sockopt_answer *answer);

/* ---- sockopt_filter.c ---- */
int sockopt_filter_attach(const struct sockopt_request *r);
int sockopt_filter_detach(const struct sockopt_request *r);
int sockopt_filter_lock(const struct sockopt_request *r);
int sockopt_filter_refuse(const struct sockopt_request *r);
int sockopt_filter_get(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_filter_get_extensions(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_filter_get_lock(const struct sockopt_query *q, struct sockopt_answer *answer);

/* ---- sockopt_raw.c ---- */
int sockopt_raw_set_filter(const struct sockopt_request *r);
int sockopt_raw_get_filter(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_raw_set_filter_6(const struct sockopt_request *r);
int sockopt_raw_get_filter_6(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_raw_set_checksum(const struct sockopt_request *r);

/* ---- sockopt_packet.c ---- */
int sockopt_packet_member(const struct sockopt_request *r);
int sockopt_packet_get_counts(const struct sockopt_query *q, struct sockopt_answer *answer);

/* ---- sockopt_get.c ---- */
int sockopt_get_number(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_unsigned(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_value(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_constant(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_zero(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_seconds(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_hop_limit(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_wants(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_error(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_type(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_domain(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_protocol(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_listening(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_credentials(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_linger(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_receive_timeout(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_send_timeout(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_interface(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_rate(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_congestion(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_hops(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_unicast_interface(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_path_mtu(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_v6only(const struct sockopt_query *q, struct sockopt_answer *answer);
int sockopt_get_info(const struct sockopt_query *q, struct sockopt_answer *answer);
