/* SPDX-License-Identifier: MIT */
/* What both stations may use is made less by what either says, never more. */
#include "3-network/x25/x25_facilities.h"
#include "base/base_test.h"

static void what_is_not_asked_for_is_the_default(void)
{
    struct x25_facilities f;

    x25_facilities_init(&f);
    check(f.window_in == 2 && f.window_out == 2 && f.packet_in == 7 && f.packet_out == 7);
    check(f.mask == 0 && f.throughput == 0 && f.reverse == 0);
}

static void what_is_said_makes_it_less(void)
{
    struct x25_facilities f = {.window_in = 5, .window_out = 5, .packet_in = 9, .packet_out = 9};
    struct x25_facilities said = {.mask = X25_FACILITY_WINDOW | X25_FACILITY_PACKET_BYTES,
                                  .window_in = 3,
                                  .window_out = 7,
                                  .packet_in = 12,
                                  .packet_out = 6};

    x25_facilities_limit(&f, &said);
    check(f.window_in == 3 && f.window_out == 5);
    check(f.packet_in == 9 && f.packet_out == 6);
}

static void what_is_not_said_changes_nothing(void)
{
    struct x25_facilities f = {.window_in = 5, .window_out = 5, .packet_in = 9, .packet_out = 9};
    struct x25_facilities said = {.mask = 0, .window_in = 1, .packet_in = 4};

    x25_facilities_limit(&f, &said);
    check(f.window_in == 5 && f.window_out == 5 && f.packet_in == 9 && f.packet_out == 9);
}

static void throughput_has_two_halves(void)
{
    struct x25_facilities f = {.throughput = 0xa5};
    struct x25_facilities said = {.mask = X25_FACILITY_THROUGHPUT, .throughput = 0x5a};

    x25_facilities_limit(&f, &said);
    check_equal(f.throughput, 0x55);
}

static void a_window_fits_its_numbering(void)
{
    struct x25_facilities f = {.window_in = 100, .window_out = 5};
    struct x25_line line = {.extended = true, .packet_most = 10};

    x25_facilities_fit(&f, &line);
    check(f.window_in == 100 && f.window_out == 5);
    line.extended = false;
    x25_facilities_fit(&f, &line);
    check(f.window_in == 7 && f.window_out == 5);
}

static void packets_fit_their_line(void)
{
    struct x25_facilities f = {.packet_in = 12, .packet_out = 8};
    const struct x25_line line = {.packet_most = 10};

    x25_facilities_fit(&f, &line);
    check(f.packet_in == 10 && f.packet_out == 8);
}

static const struct test tests[] = {
    {"what is not asked for is the default", what_is_not_asked_for_is_the_default},
    {"what is said makes it less", what_is_said_makes_it_less},
    {"what is not said changes nothing", what_is_not_said_changes_nothing},
    {"throughput has two halves", throughput_has_two_halves},
    {"a window fits its numbering", a_window_fits_its_numbering},
    {"packets fit their line", packets_fit_their_line},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
