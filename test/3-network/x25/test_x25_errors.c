/* SPDX-License-Identifier: MIT */
/* What a station of X.25 says of packets that may not be (ITU-T X.25 annex C). */
#include "3-network/x25/x25_bed.h"

struct error_row {
    const char *what;
    uint8_t bytes[40];
    uint32_t length;
    uint8_t says[5]; /* what the DCE answers */
};

static const struct error_row errors_of_data[] = {
    {"a P(S) that is not the next", {0x10, 0xff, 0x02, 'x'}, 4, {0x10, 0xff, 0x1b, 5, 1}},
    {"a P(R) of what was not sent", {0x10, 0xff, 0x20, 'x'}, 4, {0x10, 0xff, 0x1b, 5, 2}},
    {"an RR of what was not sent", {0x10, 0xff, 0x61}, 3, {0x10, 0xff, 0x1b, 5, 2}},
    {"a confirmation of no interrupt", {0x10, 0xff, 0x27}, 3, {0x10, 0xff, 0x1b, 5, 43}},
    {"an interrupt of 33 bytes", {0x10, 0xff, 0x23}, 36, {0x10, 0xff, 0x1b, 5, 39}},
    {"a confirmation of no reset", {0x10, 0xff, 0x1f}, 3, {0x10, 0xff, 0x1b, 5, 27}},
    {"a type that there is not", {0x10, 0xff, 0x2b}, 3, {0x10, 0xff, 0x1b, 5, 33}},
    {"a call", {0x10, 0xff, 0x0b, 0, 0}, 5, {0x10, 0xff, 0x13, 0x13, 23}},
    {"an answer", {0x10, 0xff, 0x0f}, 3, {0x10, 0xff, 0x13, 0x13, 23}},
    {"a confirmation of no clear", {0x10, 0xff, 0x17}, 3, {0x10, 0xff, 0x13, 0x13, 23}},
    {"a packet of the other numbering", {0x20, 0xff, 0x01, 0}, 4, {0x10, 0x00, 0xf1, 40, 0x20}},
    {"a channel that is none of the line's",
     {0x11, 0xff, 0x0b, 0, 0},
     5,
     {0x10, 0x00, 0xf1, 36, 0x11}},
};

static void errors_in_data_transfer_reset_or_clear(void)
{
    for (size_t i = 0; i < sizeof errors_of_data / sizeof *errors_of_data; i++) {
        const struct error_row *row = &errors_of_data[i];
        struct packet *p;

        printf("# %s\n", row->what);
        connect_stations(X25_LINE_LAPB, false, NULL);
        arrives(&b, row->bytes, row->length);
        p = taken(&b);
        check(p && packet_length(p) >= 5 && memcmp(packet_data(p), row->says, 5) == 0);
        check(taken(&b) == NULL);
        check_equal(b.user.resets, row->says[2] == 0x1b);
        check_equal(b.user.cleared, row->says[2] == 0x13);
        packet_put(p);
    }
}

static void a_q_bit_does_not_change_within_a_record(void)
{
    static uint8_t first[131] = {0x10, 0xff, 0x10};

    connect_stations(X25_LINE_LAPB, false, NULL);
    arrives(&b, first, sizeof first);
    ARRIVES(&b, 0x90, 0xff, 0x02, 'x');
    SENDS(&b, 0x10, 0xff, 0x1b, 5, 83);
}

static void a_packet_longer_than_agreed_resets(void)
{
    static uint8_t long_one[132] = {0x10, 0xff, 0x00};

    connect_stations(X25_LINE_LAPB, false, NULL);
    arrives(&b, long_one, sizeof long_one);
    SENDS(&b, 0x10, 0xff, 0x1b, 5, 39);
}

static void a_record_without_end_resets(void)
{
    static uint8_t part[4 + 4096] = {0x20, 0xff, 0x00, 0x01};
    struct x25_facilities f;

    x25_facilities_init(&f);
    f.packet_in = f.packet_out = 12;
    connect_stations(X25_LINE_LAPB, true, &f);
    for (int i = 0; i < 16; i++) { /* the last is one byte too many */
        part[2] = (uint8_t)(i << 1);
        arrives(&b, part, sizeof part);
        if (i % 2 && i < 15)
            packet_put(taken(&b));
    }
    SENDS(&b, 0x20, 0xff, 0x1b, 5, 163);
    check_equal(b.user.resets, 1);
    check_equal(b.means.packet_budget.used, 0);
}

static void a_channel_without_a_circuit_answers(void)
{
    bed_begin(X25_LINE_LAPB, false);
    bed_up();
    ARRIVES(&b, 0x10, 0x05, 0x13, 0x00, 0x00);
    SENDS(&b, 0x10, 0x05, 0x17);
    ARRIVES(&b, 0x10, 0x05, 0x17);
    check(taken(&b) == NULL);
    ARRIVES(&b, 0x10, 0x05, 0x01);
    SENDS(&b, 0x10, 0x05, 0x13, 0x13, 20);
    ARRIVES(&b, 0x10, 0x05, 0x0b, 0x00, 0x05, 0x01);
    SENDS(&b, 0x10, 0x05, 0x13, 0x13, 69);
    check_equal(b.x25.count, 0);
}

static const struct test tests[] = {
    {"errors in data transfer reset or clear", errors_in_data_transfer_reset_or_clear},
    {"a Q bit does not change within a record", a_q_bit_does_not_change_within_a_record},
    {"a packet longer than agreed resets", a_packet_longer_than_agreed_resets},
    {"a record without end resets", a_record_without_end_resets},
    {"a channel without a circuit answers", a_channel_without_a_circuit_answers},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
