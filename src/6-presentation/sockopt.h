/* SPDX-License-Identifier: MIT */
/*
 * Options of sockets: one table says what is there, in which form its bytes are, in which range,
 * and which option of the transport it is. What is not in the table is -ENOPROTOOPT.
 */
#pragma once
#include <stdint.h>

#include "6-presentation/call_state.h"

struct sockopt_form; /* sockopt_form.h */

/* One option: a row. */
struct sockopt_row {
    const struct sockopt_form *form;
    int16_t level, name;
    uint8_t option;  /* enum transport_option */
    uint8_t error;   /* out of range */
    bool datagrams;  /* of IPv6's: a stream may not set it */
    bool needs_byte; /* of IP's: an empty value is refused, not taken for 0 */
    int32_t least, most;
    int64_t unit; /* of the number, in the transport's units */
};

enum sockopt_bytes {
    SOCKOPT_INFO_BYTES = 256,
    SOCKOPT_BUFFER_MOST = 0x3fffffff,
    SOCKOPT_SEND_LEAST = 4608, /* what Linux gives at least: SOCK_MIN_SNDBUF */
    SOCKOPT_RECEIVE_LEAST = 2304,
    SOCKOPT_PASS_RIGHTS = 83 /* SO_PASSRIGHTS, which older headers do not know */
};

int sockopt_set(struct call_host *host, struct descriptor *d, int level, int name,
                const void *value, uint32_t length, nanoseconds now);
int sockopt_get(const struct call_host *host, struct descriptor *d, int level, int name,
                void *value, uint32_t *length, nanoseconds now);
/* struct tcp_info, as many bytes as this header knows. @return that many @raise ENOPROTOOPT */
int sockopt_info_fill(const struct transport_info *from, uint8_t bytes[SOCKOPT_INFO_BYTES]);
int sockopt_info(const struct descriptor *d, uint8_t bytes[SOCKOPT_INFO_BYTES], nanoseconds now);
