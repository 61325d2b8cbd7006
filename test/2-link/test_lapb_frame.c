/* SPDX-License-Identifier: MIT */
/* Frames of LAPB as bytes, as the tables of X.25 2.3 have them. */
#include "2-link/lapb_frame.h"

#include "check.h"

struct row {
    uint8_t bytes[8];
    uint32_t length;
    bool extended;
    struct lapb_frame frame;
};

static const struct row rows[] = {
    {{0x01, 0x3f}, 2, false, {.address = 1, .kind = LAPB_SABM, .poll = true}},
    {{0x01, 0x2f}, 2, false, {.address = 1, .kind = LAPB_SABM}},
    {{0x01, 0x7f}, 2, true, {.address = 1, .kind = LAPB_SABME, .poll = true}},
    {{0x01, 0x73}, 2, false, {.address = 1, .kind = LAPB_UA, .poll = true}},
    {{0x03, 0x1f}, 2, false, {.address = 3, .kind = LAPB_DM, .poll = true}},
    {{0x03, 0x53}, 2, true, {.address = 3, .kind = LAPB_DISC, .poll = true}},
    {{0x03, 0x41}, 2, false, {.address = 3, .kind = LAPB_RR, .nr = 2}},
    {{0x03, 0xf5}, 2, false, {.address = 3, .kind = LAPB_RNR, .nr = 7, .poll = true}},
    {{0x01, 0x29}, 2, false, {.address = 1, .kind = LAPB_REJ, .nr = 1}},
    {{0x01, 0x64}, 2, false, {.address = 1, .kind = LAPB_I, .ns = 2, .nr = 3}},
    {{0x01, 0x74}, 2, false, {.address = 1, .kind = LAPB_I, .ns = 2, .nr = 3, .poll = true}},
    {{0x01, 0x01, 0xc9}, 3, true, {.address = 1, .kind = LAPB_RR, .nr = 100, .poll = true}},
    {{0x01, 0x05, 0xc8}, 3, true, {.address = 1, .kind = LAPB_RNR, .nr = 100}},
    {{0x01, 0x09, 0x02}, 3, true, {.address = 1, .kind = LAPB_REJ, .nr = 1}},
    {{0x03, 0xfe, 0x03}, 3, true, {.address = 3, .kind = LAPB_I, .ns = 127, .nr = 1, .poll = true}},
    {{0x03, 0x97, 0x61, 0xb4, 0x08},
     5,
     false,
     {.address = 3,
      .kind = LAPB_FRMR,
      .poll = true,
      .reject =
          {.control = {0x61}, .vs = 2, .vr = 5, .reasons = LAPB_REASON_NR, .of_response = true}}},
    {{0x03, 0x87, 0x01, 0xc9, 0x14, 0x0b, 0x09},
     7,
     true,
     {.address = 3,
      .kind = LAPB_FRMR,
      .reject = {.control = {0x01, 0xc9},
                 .vs = 10,
                 .vr = 5,
                 .reasons = LAPB_REASON_NR | LAPB_REASON_CONTROL,
                 .of_response = true}}},
};

static void bytes_become_frames(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reader r = reader_of(rows[i].bytes, rows[i].length);
        const struct lapb_frame *want = &rows[i].frame;
        struct lapb_frame f;

        check(lapb_frame_read(&r, rows[i].extended, &f));
        check_equal(f.kind, want->kind);
        check_equal(f.address, want->address);
        check_equal(f.ns, want->ns);
        check_equal(f.nr, want->nr);
        check_equal(f.poll, want->poll);
        check(memcmp(&f.reject, &want->reject, sizeof f.reject) == 0);
    }
}

static void frames_become_bytes(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[16];
        struct writer w = writer_of(bytes, sizeof bytes);

        lapb_frame_write(&w, rows[i].extended, &rows[i].frame);
        check(!w.failed);
        check_equal(w.at - bytes, rows[i].length);
        check(memcmp(bytes, rows[i].bytes, rows[i].length) == 0);
    }
}

static void short_frames_are_refused(void)
{
    static const uint8_t bytes[] = {0x01, 0x01};

    for (uint32_t length = 0; length < 2; length++) {
        struct reader r = reader_of(bytes, length);
        struct lapb_frame f;

        check(!lapb_frame_read(&r, false, &f));
    }
    for (int supervisory = 0; supervisory < 2; supervisory++) {
        const uint8_t without[] = {0x01, supervisory ? 0x01 : 0x02};
        struct reader r = reader_of(without, 2);
        struct lapb_frame f;

        check(!lapb_frame_read(&r, true, &f));
    }
}

static void every_control_field_means_one_thing(void)
{
    for (int extended = 0; extended < 2; extended++)
        for (uint32_t control = 0; control < 256; control++) {
            const uint8_t bytes[] = {0x03, (uint8_t)control, 0x02, 0, 0, 0, 0};
            struct reader r = reader_of(bytes, sizeof bytes);
            struct lapb_frame f;
            uint8_t again[8];
            struct writer w = writer_of(again, sizeof again);

            check(lapb_frame_read(&r, extended, &f));
            check_equal(f.control[0], control);
            check(f.kind < LAPB_KINDS);
            if (f.kind == LAPB_UNDEFINED)
                continue;
            lapb_frame_write(&w, extended, &f);
            check(!w.failed);
            check_equal(again[1], control);
        }
}

static const struct test tests[] = {
    {"bytes become frames", bytes_become_frames},
    {"frames become bytes", frames_become_bytes},
    {"frames without a whole control field are refused", short_frames_are_refused},
    {"every control field means one thing", every_control_field_means_one_thing},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
