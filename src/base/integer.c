/* SPDX-License-Identifier: MIT */
/*
 * Integers of 128 bits in two halves of 64, and roots. Written with plain 64-bit arithmetic: a
 * 128-bit division would be a call into libgcc, which the core may not make.
 */
#include "base/integer.h"

#include <stdbool.h>

#include "base/compiler.h"

struct wide {
    uint64_t high, low;
};

WRAPS static struct wide multiply(uint64_t a, uint64_t b)
{
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
    uint64_t other = a0 * b1 + (uint32_t)middle;

    return (struct wide){.high = a1 * b1 + (middle >> 32) + (other >> 32), .low = a * b};
}

uint64_t integer_mul_shift(uint64_t a, uint64_t b)
{
    return multiply(a, b).high;
}

/* The schoolbook's long division, a bit a step; only for products beyond 64 bits. */
WRAPS static uint64_t divide(struct wide n, uint64_t divisor)
{
    uint64_t rest = n.high, quotient = n.low;

    for (unsigned i = 0; i < 64; i++) {
        bool over = rest >> 63 != 0;

        rest = rest << 1 | quotient >> 63;
        quotient <<= 1;
        if (over || rest >= divisor) {
            rest -= divisor;
            quotient |= 1;
        }
    }
    return quotient;
}

uint64_t integer_mul_div(uint64_t a, uint64_t b, uint64_t divisor)
{
    struct wide product = multiply(a, b);

    ensure(divisor > 0);
    if (product.high == 0)
        return product.low / divisor;
    if (product.high >= divisor)
        return UINT64_MAX;
    return divide(product, divisor);
}

/* The root, a bit a step from the highest: root + 2^shift is taken if its cube still fits. */
uint32_t integer_cube_root(uint64_t a)
{
    uint64_t root = 0; /* at most 2642245 */

    for (unsigned shift = 22; shift-- > 0;) {
        uint64_t next = root | UINT64_C(1) << shift;

        if (next <= 2642245 && next * next * next <= a)
            root = next;
    }
    return (uint32_t)root;
}

uint32_t integer_log2(uint64_t a)
{
    ensure(a > 0);
    return 63 - (uint32_t)__builtin_clzll(a);
}
