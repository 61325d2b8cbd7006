/* SPDX-License-Identifier: MIT */
/*
 * ICMP (RFC 792; RFC 1122 3.2.2): echo replies, errors that we send and errors that we get.
 *
 * Sent errors have their rates (icmp_rate.h).
 *
 * Received errors are facts for layer 4, which alone knows whether they are about something that it
 * sent (RFC 5927). Redirects are redirect4.c's; source quench (RFC 6633) is
 * counted and ignored.
 */
#pragma once
#include "3-network/ip_state.h"
#include "3-network/ip4/ip4_header.h"
#include "base/bytes.h"

enum icmp4_type {
    ICMP4_ECHO_REPLY = 0,
    ICMP4_UNREACHABLE = 3,
    ICMP4_SOURCE_QUENCH = 4,
    ICMP4_REDIRECT = 5,
    ICMP4_ECHO = 8,
    ICMP4_TIME_EXCEEDED = 11,
    ICMP4_PARAMETER = 12,
    ICMP4_TIMESTAMP = 13,
    ICMP4_TIMESTAMP_REPLY = 14
};

enum icmp4_constants {
    ICMP4_HEADER_BYTES = 8,
    ICMP4_ERROR_MOST = 576, /* the whole datagram: RFC 1812 4.3.2.3 */
    ICMP4_CODE_NET = 0,
    ICMP4_CODE_HOST = 1,
    ICMP4_CODE_PROTOCOL = 2,
    ICMP4_CODE_PORT = 3,
    ICMP4_CODE_TOO_BIG = 4,
    ICMP4_CODE_PROHIBITED = 13,
    ICMP4_CODE_REASSEMBLY = 1
};

struct icmp4_header {
    uint8_t type, code;
    uint16_t checksum;
    uint32_t rest; /* the second word: identifier and sequence number, pointer, MTU */
    bool checksum_right;
};

/* A whole message: false when shorter than a header. The checksum covers all that r holds. */
bool icmp4_header_read(struct reader *r, struct icmp4_header *h);
/* Writes 8 bytes; checksum as given. */
void icmp4_header_write(struct writer *w, const struct icmp4_header *h);

/* RFC 1191 7.1: the plateau below a packet of `length`, for routers that say 0. */
uint32_t icmp4_plateau(uint32_t length);
/* Tells an error to the upper of the datagram that `quoted` heads; `rest` is what came back behind
 * that header. @return what became of it */
enum ip_heard icmp4_error_tell(struct ip *ip, struct ip_error *error,
                               const struct ip4_header *quoted, struct reader *rest,
                               nanoseconds now);
/* An ICMP message came: p begins with it. Takes p. */
void icmp4_receive(struct ip *ip, const struct ip_meta *meta, struct packet *p, nanoseconds now);
/* Answers the datagram of meta and p (p->network is its IP header) with an error, where RFC 1122
 * 3.2.2 and the rates allow it. p stays the caller's. */
void icmp4_send_error(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                      enum icmp4_type type, uint8_t code, uint32_t rest, nanoseconds now);
/* The same with "fragment reassembly time exceeded". */
void icmp4_send_timeout(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                        nanoseconds now);
/* The same with "port unreachable" or "protocol unreachable". */
void icmp4_send_unreachable(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                            enum ip_error_kind kind, nanoseconds now);
