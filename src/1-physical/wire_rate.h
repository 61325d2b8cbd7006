/* SPDX-License-Identifier: MIT */
/*
 * The rate of a direction: how long a frame is in transmission. Its own bytes count, with Ethernet
 * header and the padding of a card, without preamble, FCS and gap. Rounded up to a nanosecond.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

struct wire_rate {
    uint64_t bits; /* a second; 0: no limit, a frame takes no time */
};

/* `bare`: there is no Ethernet header, and nothing is padded. */
nanoseconds wire_rate_time(const struct wire_rate *rate, uint32_t bytes, bool bare);
