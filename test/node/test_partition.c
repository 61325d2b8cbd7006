/* SPDX-License-Identifier: MIT */
/* What a partition answers: no longer than what there is room for, whatever it answers to. */
#include "node/partition.h"

#include <string.h>

#include "base/base_test.h"
#include "base/bytes.h"

enum { TAGGED = 18, FRAME = TAGGED + 1500 };

static void the_longest_answer_has_room(void)
{
    static uint8_t frame[FRAME], to[PARTITION_ANSWER_BYTES + 64];
    struct wire_ip ip;
    uint32_t length;

    u16_put(frame + 12, 0x8100);
    u16_put(frame + 16, 0x86dd);
    frame[TAGGED] = 0x60;
    frame[TAGGED + 6] = 17;
    memset(to, 0xee, sizeof to);
    check(wire_ip_read(frame, FRAME, false, &ip));
    length = partition_answer(PARTITION_UNREACHABLE, &ip, frame, FRAME, to);
    check_equal(length, PARTITION_ANSWER_BYTES);
    for (uint32_t i = PARTITION_ANSWER_BYTES; i < sizeof to; i++)
        check_equal(to[i], 0xee);
}

static const struct test tests[] = {
    {"the longest answer has room", the_longest_answer_has_room},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
