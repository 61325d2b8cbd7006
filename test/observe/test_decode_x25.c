/* SPDX-License-Identifier: MIT */
/* Frames of LAPB, and packets of X.25 in them and in segments of XOT, as fields. */
#include "observe/decode/decode.h"

#include <string.h>

#include "check.h"
#include "observe/label.h"

static struct decode d;
static uint8_t frame[512];

/* A lapbether frame: the LAPB frame, with padding behind it. */
static void lapb(const uint8_t *bytes, size_t length, size_t padding)
{
    static const uint8_t header[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x60, 0};

    memset(frame, 0xee, sizeof frame);
    memcpy(frame, header, 14);
    frame[14] = (uint8_t)length;
    frame[15] = (uint8_t)(length >> 8);
    memcpy(frame + 16, bytes, length);
    decode_frame(&d, frame, 16 + length + padding, false);
}

#define LAPB(...)                                                                                  \
    do {                                                                                           \
        static const uint8_t bytes[] = {__VA_ARGS__};                                              \
        lapb(bytes, sizeof bytes, 5);                                                              \
    } while (0)

static void frames_without_information(void)
{
    LAPB(0x01, 0x3f);
    check(d.has_lapb && !d.broken && d.x25s == 0);
    check_equal(d.lapb.kind, DECODE_LAPB_SABM);
    check_equal(d.lapb.address, 1);
    check(d.lapb.poll);
    check_equal(d.payload_length, 0);
    LAPB(0x01, 0x73);
    check_equal(d.lapb.kind, DECODE_LAPB_UA);
    LAPB(0x03, 0x69);
    check_equal(d.lapb.kind, DECODE_LAPB_REJ);
    check_equal(d.lapb.nr, 3);
    check(!d.lapb.extended && !d.lapb.poll);
    LAPB(0x03, 0x09, 0xc9);
    check_equal(d.lapb.kind, DECODE_LAPB_REJ);
    check_equal(d.lapb.nr, 100);
    check(d.lapb.extended && d.lapb.poll);
    LAPB(0x03, 0x97, 0x61, 0xb4, 0x08);
    check_equal(d.lapb.kind, DECODE_LAPB_FRMR);
    check(d.lapb.has_reject);
    check_equal(d.lapb.rejected, 0x61);
    check_equal(d.lapb.reasons, 8);
}

static void data_in_a_frame(void)
{
    LAPB(0x01, 0x64, 0x10, 0x01, 0x74, 'a', 'b');
    check(d.has_lapb && !d.broken);
    check_equal(d.lapb.kind, DECODE_LAPB_I);
    check_equal(d.lapb.ns, 2);
    check_equal(d.lapb.nr, 3);
    check_equal(d.x25s, 1);
    check_equal(d.x25[0].type, DECODE_X25_DATA);
    check_equal(d.x25[0].lcn, 1);
    check_equal(d.x25[0].ps, 2);
    check_equal(d.x25[0].pr, 3);
    check(d.x25[0].more);
    check_equal(d.x25[0].length, 2);
    check_equal(d.payload_length, 2);
    LAPB(0x01, 0x14, 0x07, 0xaf, 0xff, 0x0e, 0x05, 'c'); /* both modulo 128, Q */
    check(d.lapb.extended);
    check_equal(d.lapb.ns, 10);
    check_equal(d.lapb.nr, 3);
    check(d.lapb.poll);
    check_equal(d.x25[0].lcn, 0xfff);
    check(d.x25[0].qualified && d.x25[0].more);
    check_equal(d.x25[0].ps, 7);
    check_equal(d.x25[0].pr, 2);
    check_equal(d.x25[0].length, 1);
}

static void call_in_a_frame(void)
{
    LAPB(0x01, 0x00, 0x1f, 0xff, 0x0b, 0x23, 0x12, 0x34, 0x50, 0x06, 0x42, 7, 8, 0x43, 2, 3, 0xc0);
    check_equal(d.x25s, 1);
    check_equal(d.x25[0].lcn, 0xfff);
    check(strcmp(decode_x25_name(d.x25[0].type), "CALL") == 0);
    check(strcmp(d.x25[0].called, "123") == 0);
    check(strcmp(d.x25[0].calling, "45") == 0);
    check(d.x25[0].has_packet_bytes && d.x25[0].packet_log[0] == 7 && d.x25[0].packet_log[1] == 8);
    check(d.x25[0].has_window && d.x25[0].window[0] == 2 && d.x25[0].window[1] == 3);
    check_equal(d.x25[0].length, 1);
    LAPB(0x01, 0x00, 0x10, 0x01, 0x13, 0x09, 0x29);
    check(d.x25[0].has_reason);
    check_equal(d.x25[0].cause, 9);
    check_equal(d.x25[0].diagnostic, 41);
}

static void broken_ones_are_named(void)
{
    static const struct {
        uint8_t bytes[12];
        size_t length;
        const char *why;
    } rows[] = {
        {{0x07, 0x3f}, 2, "LAPB: address of nobody"},
        {{0x01, 0x33}, 2, "LAPB: control field unknown"},
        {{0x01, 0x00, 0x10, 0x01}, 4, "X.25: header cut off"},
        {{0x01, 0x00, 0x30, 0x01, 0x00}, 5, "X.25: general format identifier wrong"},
        {{0x01, 0x00, 0x10, 0x01, 0x0b}, 5, "X.25: call cut off"},
        {{0x01, 0x00, 0x10, 0x01, 0x0b, 0xff, 1}, 7, "X.25: addresses cut off"},
        {{0x01, 0x00, 0x10, 0x01, 0x0b, 0, 9, 1}, 8, "X.25: facilities cut off"},
        {{0x01, 0x00, 0x20, 0x01, 0x00}, 5, "X.25: header cut off"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lapb(rows[i].bytes, rows[i].length, 0);
        check(d.broken && strcmp(d.broken, rows[i].why) == 0);
    }
    lapb(rows[0].bytes, 2, 0);
    decode_frame(&d, frame, 15, false);
    check(!d.has_lapb && d.broken);
    frame[14] = 3; /* longer than what is there */
    decode_frame(&d, frame, 18, false);
    check(!d.has_lapb && d.broken);
}

/* An IPv4 segment from port 1998, whose sum nobody looks at here. */
static void xot(const uint8_t *bytes, size_t length)
{
    static const uint8_t headers[] = {2,  0, 0,  0, 0,  2,  2,    0,    0,  0, 0, 1, 0x08, 0x00,
                                      69, 0, 0,  0, 0,  1,  0,    0,    64, 6, 0, 0, 10,   0,
                                      0,  1, 10, 0, 0,  2,  0x07, 0xce, 4,  0, 0, 0, 0,    1,
                                      0,  0, 0,  1, 80, 16, 1,    0,    0,  0, 0, 0};

    memcpy(frame, headers, sizeof headers);
    frame[17] = (uint8_t)(40 + length);
    memcpy(frame + sizeof headers, bytes, length);
    decode_frame(&d, frame, sizeof headers + length, false);
}

static void packets_in_a_segment(void)
{
    static const uint8_t two[] = {0, 0, 0, 3, 0x10, 1, 0x21, 0, 0, 0, 4, 0x10, 1, 0x00, 'x', 0, 0};
    char label[LABEL_BYTES];

    xot(two, sizeof two);
    check(d.has_tcp && d.has_xot);
    check_equal(d.xot_packets, 2);
    check_equal(d.x25s, 2);
    check_equal(d.x25[0].type, DECODE_X25_RR);
    check_equal(d.x25[0].pr, 1);
    check_equal(d.x25[1].type, DECODE_X25_DATA);
    check_equal(d.payload_length, sizeof two); /* the segment's */
    label_x25(label, 60, &d, 0);
    check(strcmp(label, "XOT RR lcn=1 pr=1 and 1 more") == 0);
    xot(two + 1, sizeof two - 1); /* it begins within a packet */
    check(d.has_tcp && !d.has_xot && d.x25s == 0);
}

static void more_packets_than_are_read(void)
{
    uint8_t many[7 * 10];

    for (int i = 0; i < 10; i++)
        memcpy(many + 7 * i, "\0\0\0\3\x10\1\1", 7);
    xot(many, sizeof many);
    check_equal(d.xot_packets, 10);
    check_equal(d.x25s, DECODE_X25S);
}

static void words_of_a_frame(void)
{
    char label[LABEL_BYTES];

    LAPB(0x01, 0x64, 0x10, 0x01, 0x74, 'a', 'b');
    label_x25(label, 80, &d, MARK_LAPB_REJECTED);
    check(strcmp(label, "I ns=2 nr=3 DATA lcn=1 ps=2 pr=3 len=2 M again: REJ") == 0);
    LAPB(0x03, 0x29);
    label_x25(label, 80, &d, 0);
    check(strcmp(label, "REJ nr=1") == 0);
}

static const struct test tests[] = {
    {"frames without information", frames_without_information},
    {"data in a frame, of both moduli", data_in_a_frame},
    {"a call in a frame, and a clear", call_in_a_frame},
    {"broken ones are named", broken_ones_are_named},
    {"packets in a segment of XOT", packets_in_a_segment},
    {"more packets than are read are counted", more_packets_than_are_read},
    {"the words of a frame", words_of_a_frame},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
