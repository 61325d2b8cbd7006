/* SPDX-License-Identifier: MIT */
/* The small stages as values: rate, delay, reorder, duplicate, corrupt, limits of the queue. */
#include <string.h>

#include "1-physical/wire_corrupt.h"
#include "1-physical/wire_delay.h"
#include "1-physical/wire_duplicate.h"
#include "1-physical/wire_queue.h"
#include "1-physical/wire_rate.h"
#include "1-physical/wire_reorder.h"
#include "check.h"

static const struct siphash_key key = {7, 11};

static void rates(void)
{
    static const struct {
        uint64_t bits;
        uint32_t bytes;
        bool bare;
        nanoseconds time;
    } rows[] = {
        {0, 1514, false, 0},
        {1000000, 1000, false, 8 * MILLISECOND},
        {1000000, 20, false, 480 * MICROSECOND}, /* padded to 60 */
        {1000000, 20, true, 160 * MICROSECOND},
        {3000000000, 61, false, 163}, /* 162.67: rounded up */
        {UINT64_MAX, 1514, false, 1},
        {1, 65535, true, 524280 * SECOND},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct wire_rate rate = {rows[i].bits};

        check_equal(wire_rate_time(&rate, rows[i].bytes, rows[i].bare), rows[i].time);
    }
}

static void delays(void)
{
    struct wire_delay d = {0, 0};

    check_equal(wire_delay_of(&d, key, 1), WIRE_LEAST_DELAY_NS);
    d.base = 5 * MILLISECOND;
    check_equal(wire_delay_of(&d, key, 1), 5 * MILLISECOND);
    d.jitter = MILLISECOND;
    for (uint64_t n = 0; n < 1000; n++) {
        nanoseconds time = wire_delay_of(&d, key, n);

        check(time >= d.base && time <= d.base + d.jitter);
        check_equal(wire_delay_of(&d, key, n), time);
        check(wire_delay_of(&d, key, n | WIRE_OF_THE_COPY) != time);
    }
}

static void held_back(void)
{
    struct wire_reorder r = {.ppm = 1000000};

    check(wire_reorder_meets(&r, key, 1));
    check_equal(wire_reorder_time(&r), MILLISECOND);
    r.by = SECOND;
    check_equal(wire_reorder_time(&r), SECOND);
    r.ppm = 0;
    check(!wire_reorder_meets(&r, key, 1));
}

/* Stages draw apart from each other: what doubles a frame does not hold it back too. */
static void stages_have_their_own_luck(void)
{
    const struct wire_reorder r = {.ppm = 500000};
    const struct wire_duplicate d = {.ppm = 500000};
    uint32_t both = 0;

    for (uint64_t n = 0; n < 4000; n++)
        both += wire_reorder_meets(&r, key, n) && wire_duplicate_meets(&d, key, n);
    check(both > 850 && both < 1150);
}

static void one_bit_is_flipped(void)
{
    static const uint8_t clean[64] = {[12] = 0x08};
    struct wire_corrupt c = {.ppm = 1000000};

    for (uint64_t n = 0; n < 500; n++) {
        bool past = n & 1;
        uint8_t frame[64];
        uint32_t bits = 0, first = 64;
        enum wire_damage damage;

        memcpy(frame, clean, sizeof frame);
        c.past_fcs = past;
        damage = wire_corrupt_meets(&c, key, n, frame, sizeof frame, false);
        check_equal(damage, past ? WIRE_FLIPPED : WIRE_DAMAGED);
        wire_corrupt_flip(key, n, damage, frame, sizeof frame, false);
        for (uint32_t i = 0; i < sizeof frame; i++) {
            bits += (uint32_t)__builtin_popcount(frame[i] ^ clean[i]);
            if (frame[i] != clean[i])
                first = i;
        }
        check_equal(bits, 1);
        check(!past || first >= 14);
    }
}

static void what_is_no_ip_is_damaged_plainly(void)
{
    static const uint8_t arp[60] = {[12] = 0x08, [13] = 0x06}, six[60] = {[12] = 0x86, [13] = 0xdd};
    const struct wire_corrupt c = {.ppm = 1000000, .past_fcs = 1};

    check_equal(wire_corrupt_meets(&c, key, 1, arp, sizeof arp, false), WIRE_DAMAGED);
    check_equal(wire_corrupt_meets(&c, key, 1, six, sizeof six, false), WIRE_FLIPPED);
    check_equal(wire_corrupt_meets(&c, key, 1, six, 14, false), WIRE_DAMAGED);
    check_equal(wire_corrupt_meets(&c, key, 1, arp, sizeof arp, true), WIRE_FLIPPED);
    check_equal(wire_corrupt_meets(&c, key, 1, arp, 0, true), WIRE_INTACT);
}

static void an_empty_queue_takes_any_frame(void)
{
    struct wire_queue_plan l = {.packets = 0};

    check(!wire_queue_is_full(&l, WIRE_QUEUE_PACKETS - 1, UINT32_MAX, 1500));
    check(wire_queue_is_full(&l, WIRE_QUEUE_PACKETS, 0, 60));
    l = (struct wire_queue_plan){.packets = 3, .bytes = 250};
    check(!wire_queue_is_full(&l, 0, 0, 1000));
    check(!wire_queue_is_full(&l, 2, 200, 50));
    check(wire_queue_is_full(&l, 2, 200, 51));
    check(wire_queue_is_full(&l, 1, UINT32_MAX, 1));
    check(wire_queue_is_full(&l, 3, 0, 0));
    check(!wire_queue_is_over(&l, 3, 250) && wire_queue_is_over(&l, 4, 0));
    check(wire_queue_is_over(&l, 2, 251) && !wire_queue_is_over(&l, 1, 251));
}

static const struct test tests[] = {
    {"a rate is bits of the frame, rounded up", rates},
    {"a delay is at least a microsecond, and jitter comes on top by number", delays},
    {"a frame is held back by a millisecond unless another time is given", held_back},
    {"stages draw apart from each other", stages_have_their_own_luck},
    {"one bit is flipped, past the FCS in the packet alone", one_bit_is_flipped},
    {"an empty queue takes any frame, and a limit is exact", an_empty_queue_takes_any_frame},
    {"what carries no IP is damaged in the plain way", what_is_no_ip_is_damaged_plainly},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
