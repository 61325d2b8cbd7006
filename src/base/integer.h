/* SPDX-License-Identifier: MIT */
/* The few integer functions that algorithms need; no float, no 128-bit division. */
#pragma once
#include <stdint.h>

/* floor(a * b / divisor), exact in 128 bits; saturates at UINT64_MAX. */
uint64_t integer_mul_div(uint64_t a, uint64_t b, uint64_t divisor);
uint64_t integer_mul_shift(uint64_t a, uint64_t b); /* (a*b) >> 64 */
uint32_t integer_cube_root(uint64_t a);             /* floor(a^(1/3)) */
uint32_t integer_log2(uint64_t a);                  /* a > 0 */

static inline uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}
