/* SPDX-License-Identifier: MIT */
/*
 * What switches that take part in the spanning tree tell each other (IEEE 802.1D-2004 9): the bytes
 * of a BPDU and their meaning. Three kinds: of the rapid protocol, and the two of the old one
 * (configuration, topology change), which a port speaks when its neighbour does. Carried behind an
 * 802.3 header with a length and LLC 42 42 03.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/time.h"

enum rstp_bpdu_constants {
    RSTP_BPDU_BYTES = 3 + 36 /* the longest, with LLC */
};

enum rstp_bpdu_kind { RSTP_BPDU_CONFIG, RSTP_BPDU_TCN, RSTP_BPDU_RAPID };

/* As the flags have it (9.3.3); a configuration BPDU is a designated port's. */
enum rstp_bpdu_role {
    RSTP_BPDU_UNKNOWN,
    RSTP_BPDU_ALTERNATE, /* or backup */
    RSTP_BPDU_ROOT,
    RSTP_BPDU_DESIGNATED
};

/* 17.6: the less, the better, field by field. */
struct rstp_vector {
    uint64_t root; /* identifiers: priority in the upper 16 bits, then a MAC address */
    uint32_t cost;
    uint32_t port; /* 16 bits: priority, number */
    uint64_t bridge;
};

struct rstp_times {
    nanoseconds age, max_age, hello, forward_delay;
};

struct rstp_bpdu {
    uint32_t kind; /* enum rstp_bpdu_kind */
    uint32_t role; /* enum rstp_bpdu_role */
    struct rstp_vector vector;
    struct rstp_times times;
    bool topology_change, topology_ack;
    bool proposal, agreement;
    bool learning, forwarding;
    uint8_t zero[2];
};

/* From the LLC header on. false: no BPDU, or one that says nonsense (9.3.4). */
bool rstp_bpdu_read(struct reader *r, struct rstp_bpdu *b);
/* @return its length, with LLC, without padding */
uint32_t rstp_bpdu_write(struct writer *w, const struct rstp_bpdu *b);
