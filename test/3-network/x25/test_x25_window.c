/* SPDX-License-Identifier: MIT */
/* Numbers of data packets: windows open and close, wrap, and refuse what could not have come. */
#include "3-network/x25/x25_window.h"
#include "base/base_test.h"

static void a_window_lets_as_many_out_as_it_is_wide(void)
{
    struct x25_window w;

    x25_window_init(&w, false, 2, 3);
    for (int i = 0; i < 3; i++) {
        check(x25_window_can_send(&w));
        check_equal(x25_window_send(&w), i);
    }
    check(!x25_window_can_send(&w));
    check_equal(x25_window_acknowledged(&w, 2), 2);
    check(x25_window_can_send(&w));
}

static void numbers_wrap_in_both_numberings(void)
{
    for (int extended = 0; extended < 2; extended++) {
        int modulo = extended ? 128 : 8;
        struct x25_window w;

        x25_window_init(&w, extended, 1, 1);
        for (int i = 0; i < 3 * modulo; i++) {
            check_equal(x25_window_send(&w), i % modulo);
            check_equal(x25_window_acknowledged(&w, (uint8_t)((i + 1) % modulo)), 1);
            check(x25_window_take(&w, (uint8_t)(i % modulo)));
            x25_window_tell(&w, (uint8_t)((i + 1) % modulo));
        }
    }
}

static void a_p_r_of_what_was_not_sent_is_none(void)
{
    struct x25_window w;

    x25_window_init(&w, false, 7, 7);
    check_equal(x25_window_acknowledged(&w, 1), -1);
    check_equal(x25_window_acknowledged(&w, 0), 0);
    (void)x25_window_send(&w);
    (void)x25_window_send(&w);
    check_equal(x25_window_acknowledged(&w, 3), -1);
    check_equal(x25_window_acknowledged(&w, 2), 2);
    check_equal(x25_window_acknowledged(&w, 1), -1);
    check_equal(x25_window_acknowledged(&w, 8), -1);
}

static void only_the_next_within_the_window_is_taken(void)
{
    struct x25_window w;

    x25_window_init(&w, true, 2, 2);
    check(!x25_window_owes(&w));
    check(!x25_window_take(&w, 1));
    check(x25_window_take(&w, 0));
    check(x25_window_owes(&w) && !x25_window_is_closed(&w));
    check(!x25_window_take(&w, 0));
    check(x25_window_take(&w, 1));
    check(x25_window_is_closed(&w));
    check(!x25_window_take(&w, 2));
    x25_window_tell(&w, 2);
    check(x25_window_take(&w, 2));
}

static void a_reject_sends_again_from_the_oldest(void)
{
    struct x25_window w;

    x25_window_init(&w, false, 2, 4);
    for (int i = 0; i < 4; i++)
        (void)x25_window_send(&w);
    check_equal(x25_window_acknowledged(&w, 1), 1);
    x25_window_go_back(&w);
    check_equal(x25_window_send(&w), 1);
}

static const struct test tests[] = {
    {"a window lets as many out as it is wide", a_window_lets_as_many_out_as_it_is_wide},
    {"numbers wrap in both numberings", numbers_wrap_in_both_numberings},
    {"a P(R) of what was not sent is none", a_p_r_of_what_was_not_sent_is_none},
    {"only the next within the window is taken", only_the_next_within_the_window_is_taken},
    {"a reject sends again from the oldest", a_reject_sends_again_from_the_oldest},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
