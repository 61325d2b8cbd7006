/* SPDX-License-Identifier: MIT */
/* The time of a transmission. Theory in wire_rate.h. */
#include "1-physical/wire_rate.h"

#include "base/integer.h"

enum { FRAME_LEAST_BYTES = 60 }; /* IEEE 802.3, 4A.4.2: 64 with the FCS */

nanoseconds wire_rate_time(const struct wire_rate *rate, uint32_t bytes, bool bare)
{
    uint64_t counted = bare ? bytes : most(bytes, FRAME_LEAST_BYTES);
    uint64_t time = counted * 8 * (uint64_t)SECOND;

    if (rate->bits == 0)
        return 0;
    return (nanoseconds)(time / rate->bits + (time % rate->bits != 0));
}
