/* SPDX-License-Identifier: MIT */
/*
 * Options of sockets: one table says what is there, in which form its bytes are, in which range,
 * and which option of the transport it is. What is not in the table is -ENOPROTOOPT.
 */
#pragma once
#include <stdint.h>

#include "6-presentation/call_state.h"

/* How an option's bytes are read and written, where it is kept. */
enum sockopt_form {
    SOCKOPT_NUMBER,      /* least <= int <= most, times unit */
    SOCKOPT_NUMBER_OR_0, /* the same, and 0 means none */
    SOCKOPT_UNSIGNED,    /* the 32 bits of the int, as they are */
    SOCKOPT_FLAG,        /* 0 or not */
    SOCKOPT_CONSTANT,    /* reads as `least`; writing changes nothing */
    SOCKOPT_DEBUG,       /* reads as 0; only 0 may be written */
    SOCKOPT_FORCE,       /* needs privilege, which nobody has */
    SOCKOPT_BUFFER,      /* doubled, and bounded by the host's settings */
    SOCKOPT_LOW_WATER,
    SOCKOPT_LINGER, /* struct linger */
    SOCKOPT_RECEIVE_TIMEOUT,
    SOCKOPT_SEND_TIMEOUT, /* struct timeval; kept in the descriptor */
    SOCKOPT_WANTS,        /* `least`: bit of enum call_wants; kept in the descriptor */
    SOCKOPT_INTERFACE,    /* a name */
    SOCKOPT_RATE,         /* unsigned long, or the int of old; all bits set: none */
    SOCKOPT_ERROR,
    SOCKOPT_TYPE,
    SOCKOPT_DOMAIN,
    SOCKOPT_PROTOCOL,
    SOCKOPT_LISTENING,
    SOCKOPT_HOP_LIMIT,           /* 1..255; -1: the host's default */
    SOCKOPT_MULTICAST_HOP_LIMIT, /* 0..255; -1: 1 */
    SOCKOPT_TRAFFIC_CLASS,
    SOCKOPT_LINGER_2,
    SOCKOPT_DEFER_ACCEPT,
    SOCKOPT_WINDOW_CLAMP,
    SOCKOPT_QUICK_ACK,
    SOCKOPT_CONGESTION, /* a name */
    SOCKOPT_INFO        /* struct tcp_info */
};

enum sockopt_access { SOCKOPT_READ = 1, SOCKOPT_WRITE = 2, SOCKOPT_BOTH = 3 };

struct sockopt_row {
    int16_t level, name;
    uint8_t form;   /* enum sockopt_form */
    uint8_t option; /* enum transport_option */
    uint8_t access;
    uint8_t error; /* out of range */
    int32_t least, most;
    int64_t unit; /* of the number, in the transport's units */
};

enum sockopt_bytes {
    SOCKOPT_INFO_BYTES = 256,
    SOCKOPT_CONGESTION_BYTES = 16, /* TCP_CA_NAME_MAX */
    SOCKOPT_BUFFER_MOST = 0x3fffffff,
    SOCKOPT_SEND_LEAST = 4608, /* what Linux gives at least: SOCK_MIN_SNDBUF */
    SOCKOPT_RECEIVE_LEAST = 2304
};

/* The row of an option that this socket may have, NULL: none. */
const struct sockopt_row *sockopt_find(const struct descriptor *d, int level, int name);
/* Does this socket look at options of this level at all? */
bool sockopt_has_level(const struct descriptor *d, int level);
int sockopt_set(struct call_host *host, struct descriptor *d, int level, int name,
                const void *value, uint32_t length, nanoseconds now);
int sockopt_get(const struct call_host *host, struct descriptor *d, int level, int name,
                void *value, uint32_t *length, nanoseconds now);
/* struct tcp_info, as many bytes as this header knows. @return that many @raise ENOPROTOOPT */
int sockopt_info(const struct descriptor *d, uint8_t bytes[SOCKOPT_INFO_BYTES], nanoseconds now);
