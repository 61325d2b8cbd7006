/* SPDX-License-Identifier: MIT */
/* The bytes of built-in traffic: any piece of them can be made and verified alone. */
#include <string.h>
#include "7-application/service_pattern.h"
#include "check.h"

enum { LENGTH = 1000 };

static void pieces_agree(void)
{
    uint8_t whole[LENGTH], piece[LENGTH];

    service_pattern_fill(7, 0, whole, LENGTH);
    for (size_t from = 0; from < 40; from++) {
        for (size_t length = 0; length < 40; length++) {
            service_pattern_fill(7, from, piece, length);
            check(memcmp(piece, whole + from, length) == 0);
            check_equal(service_pattern_check(7, from, whole + from, length), length);
        }
    }
}

static void wrong_bytes_are_found(void)
{
    uint8_t bytes[LENGTH];

    for (size_t wrong = 0; wrong < LENGTH; wrong += 7) {
        service_pattern_fill(1, 123456789, bytes, LENGTH);
        bytes[wrong] ^= 1;
        check_equal(service_pattern_check(1, 123456789, bytes, LENGTH), wrong);
    }
}

static void moved_bytes_are_found(void)
{
    uint8_t bytes[2 * LENGTH];

    service_pattern_fill(1, 0, bytes, sizeof bytes);
    for (size_t move = 1; move < LENGTH; move++)
        check(service_pattern_check(1, 0, bytes + move, LENGTH) < 16);
    check(service_pattern_check(2, 0, bytes, LENGTH) < 16);
}

/* Takes of each piece what `taken` says, from a table of few and many bytes, and none. */
static void each_byte_is_made_once(void)
{
    static const size_t taken[] = {0, 1, 7, 0, 64, LENGTH, 3, 500, 0, 8, 999};
    struct service_pattern pattern;
    uint8_t want[LENGTH];
    uint64_t sent = 0;

    check_equal(service_pattern_init(&pattern, 7, LENGTH), 0);
    for (size_t i = 0; i < 10000; i++) {
        size_t length = i % 5 == 4 ? LENGTH / 2 : LENGTH;
        size_t some = taken[i % (sizeof taken / sizeof *taken)];
        const uint8_t *bytes = service_pattern_next(&pattern, length);

        service_pattern_fill(7, sent, want, length);
        check(memcmp(bytes, want, length) == 0);
        some = some < length ? some : length;
        service_pattern_take(&pattern, some);
        sent += some;
        check(pattern.made >= sent);
        check(pattern.made - sent <= LENGTH);
    }
    service_pattern_done(&pattern);
}

static const struct test tests[] = {
    {"a piece made alone equals the piece of the whole", pieces_agree},
    {"a wrong bit is found at its byte", wrong_bytes_are_found},
    {"bytes at another place or of another seed are found", moved_bytes_are_found},
    {"what was offered and not taken is offered again, not made again", each_byte_is_made_once},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
