/* SPDX-License-Identifier: MIT */
/*
 * ICMPv6 (RFC 4443): echo replies, errors that we send and errors that we get. Its rates are those
 * of ICMP (icmp_rate.h). What neighbours and routers say in it (RFC 4861) is ndp.c's.
 *
 * Received errors are facts for layer 4, which alone knows whether they are about something that it
 * sent (RFC 5927).
 */
#pragma once
#include "3-network/ip6/ip6_header.h"
#include "3-network/ip_state.h"

enum icmp6_type {
    ICMP6_UNREACHABLE = 1,
    ICMP6_TOO_BIG = 2,
    ICMP6_TIME_EXCEEDED = 3,
    ICMP6_PARAMETER = 4,
    ICMP6_INFORMATION = 128, /* from here on messages are no errors */
    ICMP6_ECHO = 128,
    ICMP6_ECHO_REPLY = 129,
    ICMP6_ROUTER_SOLICITATION = 133,
    ICMP6_ROUTER_ADVERTISEMENT = 134,
    ICMP6_NEIGHBOR_SOLICITATION = 135,
    ICMP6_NEIGHBOR_ADVERTISEMENT = 136,
    ICMP6_REDIRECT = 137
};

enum icmp6_constants {
    ICMP6_HEADER_BYTES = 8,
    /* codes of "destination unreachable" (RFC 4443 3.1) */
    ICMP6_CODE_NO_ROUTE = 0,
    ICMP6_CODE_PROHIBITED = 1,
    ICMP6_CODE_SCOPE = 2,
    ICMP6_CODE_ADDRESS = 3,
    ICMP6_CODE_PORT = 4,
    ICMP6_CODE_POLICY = 5,
    ICMP6_CODE_REJECT = 6,
    /* of "time exceeded" (RFC 4443 3.3) */
    ICMP6_CODE_HOP_LIMIT = 0,
    ICMP6_CODE_REASSEMBLY = 1 /* those of "parameter problem" are enum ip6_chain_problem */
};

struct icmp6_header {
    uint8_t type, code;
    uint16_t checksum;
    uint32_t rest; /* the second word: identifier and sequence number, pointer, MTU */
    bool checksum_right;
};

/* A whole message from source to dest: false when shorter than a header. The checksum covers all
 * that r holds, and a pseudo-header. */
bool icmp6_header_read(struct reader *r, struct address source, struct address dest,
                       struct icmp6_header *h);
/* Writes 8 bytes; checksum as given. */
void icmp6_header_write(struct writer *w, const struct icmp6_header *h);

/* An ICMP message came: p begins with it. Takes p. */
void icmp6_receive(struct ip *ip, const struct ip_meta *meta, struct packet *p, nanoseconds now);
/* Sends a message of layer 3's own, which p is, by an interface to what is on its link; writes its
 * checksum; never comes back to this host. station: the one that it is for, whoever has dest; or
 * NULL. Takes p. */
void icmp6_send(struct ip *ip, const struct ip_interface *i, struct address source,
                struct address dest, uint8_t hop_limit, const struct mac *station, struct packet *p,
                nanoseconds now);
/* RFC 4443 2.3: into the message that p is. */
void icmp6_send_checksum(struct packet *p, struct address source, struct address dest);
/* Answers the datagram of meta and p (p->network is its IP header) with an error, where RFC 4443
 * 2.4 and the rates allow it. `always`: although it was sent to a group. p stays the caller's. */
void icmp6_send_error(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                      const struct icmp6_header *error, bool always, nanoseconds now);
/* The same with "port unreachable"; that a protocol is not known, ip6_receive.c tells. */
void icmp6_send_unreachable(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                            enum ip_error_kind kind, nanoseconds now);
/* The same with "fragment reassembly time exceeded". */
void icmp6_send_timeout(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                        nanoseconds now);
/* Tells an error to the upper of the datagram that `quoted` begins, which holds so many bytes.
 * @return what became of it */
enum ip_heard icmp6_error_tell(struct ip *ip, struct ip_error *error, const uint8_t *quoted,
                               uint32_t length, nanoseconds now);
