/* SPDX-License-Identifier: MIT */
/* The reader and the writer: the order of bytes, and what happens at the end. */
#include "base/bytes.h"
#include "check.h"

static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static void numbers_are_big_endian(void)
{
    struct reader r = reader_of(bytes, sizeof bytes);
    uint8_t out[sizeof bytes];
    struct writer w = writer_of(out, sizeof out);

    check_equal(read_u8(&r), 1);
    check_equal(read_u16(&r), 0x0203);
    check_equal(read_u32(&r), 0x04050607);
    check_equal(read_u64(&r), 0x08090a0b0c0d0e0f);
    check(!r.failed && reader_left(&r) == 0);
    write_u8(&w, 1);
    write_u16(&w, 0x0203);
    write_u32(&w, 0x04050607);
    write_u64(&w, 0x08090a0b0c0d0e0f);
    check(!w.failed && memcmp(out, bytes, sizeof out) == 0);
    check_equal(u16_at(bytes + 1), 0x0203);
    check_equal(u32_at(bytes + 3), 0x04050607);
}

static void failure_sticks(void)
{
    struct reader r = reader_of(bytes, 3);
    uint8_t out[3] = {7, 7, 7}, copy[4];
    struct writer w = writer_of(out, 2);

    check_equal(read_u32(&r), 0);
    check(r.failed);
    check_equal(read_u8(&r), 0);
    read_copy(&r, copy, sizeof copy);
    check(copy[0] == 0 && copy[3] == 0);
    write_u32(&w, UINT32_MAX);
    write_u8(&w, 1);
    check(w.failed && out[0] == 7 && out[1] == 7 && out[2] == 7);
}

/* UBSan looks on. */
static void nothing_may_be_null(void)
{
    struct reader r = reader_of(NULL, 0);

    check_equal(reader_left(&r), 0);
    check_equal(read_u16(&r), 0);
    check(r.failed);
}

static const struct test tests[] = {
    {"numbers are read and written with the high byte first", numbers_are_big_endian},
    {"what goes beyond the end fails, and so does all after it", failure_sticks},
    {"no bytes at no place are no bytes", nothing_may_be_null},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
