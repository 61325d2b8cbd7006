/* SPDX-License-Identifier: MIT */
/*
 * Which TCP connection a segment belongs to, as the observer sees it, and where its numbers began:
 * so traces and ladders show sequence numbers from 0, as people count them.
 *
 * A flow is the unordered pair of (address, port); side 0 is the one seen first to send a SYN
 * without ACK (or to send at all, when the beginning was not seen). A SYN with a new number begins
 * a new flow of the same pair. Grows by malloc: observers stand at the edge.
 */
#pragma once
#include "observe/decode/decode.h"
#include "sockeye/event.h"

enum { FLOWS_NONE = -1 };

struct flow {
    struct endpoint end[2];
    bool began[2]; /* start[] is known from its SYN, or taken from the first segment seen */
    bool began_by_syn[2];
    uint32_t start[2]; /* ISS of each side */
    int next;          /* in the bucket */
};

struct flows {
    struct flow *flow;
    int count, room;
    int *bucket; /* newest flow of a hash, FLOWS_NONE */
    int buckets;
};

int flows_init(struct flows *f); /* @raise ENOMEM */
void flows_done(struct flows *f);
/* The flow of a decoded TCP segment, made when it is new; *side is the sender's. Learns ISNs.
 * @return its index, or -ENOMEM */
int flows_of_segment(struct flows *f, const struct decode *d, int *side);
/* The newest flow of two endpoints; *side is the local one's. @return FLOWS_NONE if none */
int flows_of_endpoints(const struct flows *f, const struct endpoint *local,
                       const struct endpoint *remote, int *side);
/* Makes a flow whose side 0 is `local`, before any segment of it. @return index or -ENOMEM */
int flows_add(struct flows *f, const struct endpoint *local, const struct endpoint *remote);
/* Sequence and acknowledgment number of a segment of `side`, from 0; 32 bits of them. */
uint32_t flows_seq(const struct flow *flow, int side, uint32_t seq);
uint32_t flows_ack(const struct flow *flow, int side, uint32_t ack);

enum { FLOWS_ENDPOINT_BYTES = ADDRESS_TEXT_BYTES + 8 };
/* "10.0.0.1:80", "[fd00::1]:80": RFC 5952 6 */
const char *flows_endpoint(const struct endpoint *e, char text[FLOWS_ENDPOINT_BYTES]);
