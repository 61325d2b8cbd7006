/* SPDX-License-Identifier: MIT */
/* Packets of X.25 as bytes: vectors read and written, in both numberings, and what is refused by
 * which diagnostic. */
#include "3-network/x25/x25_packet.h"
#include "base/base_test.h"

enum { ROOM = 300 };

/* ---- the header ---- */

struct header_row {
    const char *what;
    uint8_t bytes[4];
    size_t length;
    struct x25_header h;
};

static const struct header_row headers[] = {
    {"a call request", {0x10, 0x01, 0x0b}, 3, {.lcn = 1, .type = X25_CALL_REQUEST}},
    {"a call with the D bit",
     {0x5f, 0xff, 0x0b},
     3,
     {.lcn = 4095, .type = X25_CALL_REQUEST, .delivery = true}},
    {"data, modulo 8", {0x10, 0x01, 0x00}, 3, {.lcn = 1, .type = X25_DATA}},
    {"data with all its bits, modulo 8",
     {0xd2, 0x34, 0xfe},
     3,
     {.lcn = 0x234,
      .type = X25_DATA,
      .ps = 7,
      .pr = 7,
      .qualified = true,
      .delivery = true,
      .more = true}},
    {"data, P(S) 1 and P(R) 2, modulo 8",
     {0x10, 0x01, 0x42},
     3,
     {.lcn = 1, .type = X25_DATA, .ps = 1, .pr = 2}},
    {"data, P(S) 127 and P(R) 64, modulo 128",
     {0x20, 0x01, 0xfe, 0x80},
     4,
     {.lcn = 1, .type = X25_DATA, .ps = 127, .pr = 64, .extended = true}},
    {"data with more, modulo 128",
     {0x20, 0x01, 0x02, 0x07},
     4,
     {.lcn = 1, .type = X25_DATA, .ps = 1, .pr = 3, .extended = true, .more = true}},
    {"RR, modulo 8", {0x10, 0x01, 0x61}, 3, {.lcn = 1, .type = X25_RR, .pr = 3}},
    {"RNR, modulo 8", {0x10, 0x01, 0xe5}, 3, {.lcn = 1, .type = X25_RNR, .pr = 7}},
    {"REJ, modulo 8", {0x10, 0x01, 0x29}, 3, {.lcn = 1, .type = X25_REJ, .pr = 1}},
    {"RR, modulo 128",
     {0x20, 0x01, 0x01, 0xfe},
     4,
     {.lcn = 1, .type = X25_RR, .pr = 127, .extended = true}},
    {"REJ, modulo 128",
     {0x20, 0x01, 0x09, 0x02},
     4,
     {.lcn = 1, .type = X25_REJ, .pr = 1, .extended = true}},
    {"an interrupt", {0x10, 0x01, 0x23}, 3, {.lcn = 1, .type = X25_INTERRUPT}},
    {"its confirmation", {0x10, 0x01, 0x27}, 3, {.lcn = 1, .type = X25_INTERRUPT_CONFIRMATION}},
    {"a reset", {0x10, 0x01, 0x1b}, 3, {.lcn = 1, .type = X25_RESET_REQUEST}},
    {"a restart", {0x10, 0x00, 0xfb}, 3, {.type = X25_RESTART_REQUEST}},
    {"a restart's confirmation, modulo 128",
     {0x20, 0x00, 0xff},
     3,
     {.type = X25_RESTART_CONFIRMATION, .extended = true}},
};

static bool header_is(const struct x25_header *a, const struct x25_header *b)
{
    return a->lcn == b->lcn && a->type == b->type && a->ps == b->ps && a->pr == b->pr &&
           a->extended == b->extended && a->more == b->more && a->qualified == b->qualified &&
           a->delivery == b->delivery;
}

static void headers_are_read_and_written(void)
{
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        const struct header_row *row = &headers[i];
        struct reader r = reader_of(row->bytes, row->length);
        uint8_t written[4] = {0};
        struct writer w = writer_of(written, sizeof written);
        struct x25_header h;

        printf("# %s\n", row->what);
        check_equal(x25_packet_read(&r, &h), 0);
        check_equal(reader_left(&r), 0);
        check_equal(x25_packet_header_bytes(&h), row->length);
        check(header_is(&h, &row->h));
        check(x25_packet_is_known(h.type));
        x25_packet_write(&w, &h);
        check(!w.failed && memcmp(written, row->bytes, row->length) == 0);
    }
}

struct wrong_row {
    const char *what;
    uint8_t bytes[4];
    size_t length;
    uint8_t diagnostic;
};

static const struct wrong_row wrong_headers[] = {
    {"nothing", {0}, 0, X25_DIAGNOSTIC_TOO_SHORT},
    {"two octets", {0x10, 0x01}, 2, X25_DIAGNOSTIC_TOO_SHORT},
    {"no modulo", {0x00, 0x01, 0x0b}, 3, X25_DIAGNOSTIC_FORMAT},
    {"both modulos", {0x30, 0x01, 0x0b}, 3, X25_DIAGNOSTIC_FORMAT},
    {"a call with addresses of another form", {0x90, 0x01, 0x0b}, 3, X25_DIAGNOSTIC_FORMAT},
    {"an RR with the D bit", {0x50, 0x01, 0x01}, 3, X25_DIAGNOSTIC_FORMAT},
    {"data, modulo 128, without its fourth octet", {0x20, 0x01, 0x02}, 3, X25_DIAGNOSTIC_TOO_SHORT},
};

static void wrong_headers_are_told_by_diagnostic(void)
{
    for (size_t i = 0; i < sizeof wrong_headers / sizeof *wrong_headers; i++) {
        const struct wrong_row *row = &wrong_headers[i];
        struct reader r = reader_of(row->bytes, row->length);
        struct x25_header h;

        printf("# %s\n", row->what);
        check_equal(x25_packet_read(&r, &h), row->diagnostic);
    }
}

static void unknown_types_are_known_as_such(void)
{
    check(!x25_packet_is_known(0x2b));
    check(!x25_packet_is_known(X25_PVC_SETUP));
    check(!x25_packet_is_known(X25_REGISTRATION_REQUEST));
}

/* ---- calls ---- */

static const uint8_t call_bytes[] = {0x10, 0x01, 0x0b, 0x3b, 0x31, 0x16, 0x12, 0x34,
                                     0x56, 0x72, 0x02, 0x06, 0x42, 0x07, 0x08, 0x43,
                                     0x02, 0x03, 0x01, 0x00, 0x00, 0x00};

static uint8_t read_call(const uint8_t *bytes, size_t length, struct x25_call *call, bool called)
{
    struct reader r = reader_of(bytes, length);
    struct x25_header h;
    uint8_t wrong = x25_packet_read(&r, &h);

    return wrong ? wrong : x25_packet_call_read(&r, &h, call, called);
}

static void a_call_is_read_as_its_called_station_sees_it(void)
{
    struct x25_call call;

    check_equal(read_call(call_bytes, sizeof call_bytes, &call, true), 0);
    check_equal(call.called.length, 11);
    check(memcmp(call.called.digit, "31161234567", 12) == 0);
    check_equal(call.calling.length, 3);
    check(memcmp(call.calling.digit, "202", 4) == 0);
    check_equal(call.facilities.mask, X25_FACILITY_PACKET_BYTES | X25_FACILITY_WINDOW);
    check_equal(call.facilities.packet_in, 8);
    check_equal(call.facilities.packet_out, 7);
    check_equal(call.facilities.window_in, 3);
    check_equal(call.facilities.window_out, 2);
    check_equal(call.data.length, 4);
    check_equal(call.data.bytes[0], 1);
}

static void a_call_is_written_as_it_was_read(void)
{
    uint8_t written[ROOM];
    struct writer w = writer_of(written, sizeof written);
    struct x25_header h = {.lcn = 1, .type = X25_CALL_REQUEST};
    struct x25_call call;

    check_equal(read_call(call_bytes, sizeof call_bytes, &call, false), 0);
    x25_packet_write(&w, &h);
    x25_packet_call_write(&w, &call, false);
    check_equal(w.at - written, sizeof call_bytes);
    check(memcmp(written, call_bytes, sizeof call_bytes) == 0);
}

static void an_answer_says_sizes_from_the_called_side(void)
{
    static const uint8_t want[] = {0x10, 0x01, 0x0f, 0x00, 0x06, 0x42,
                                   0x07, 0x06, 0x43, 0x02, 0x01};
    struct x25_call answer = {
        .facilities = {.mask = X25_FACILITY_PACKET_BYTES | X25_FACILITY_WINDOW,
                       .packet_in = 6,
                       .packet_out = 7,
                       .window_in = 1,
                       .window_out = 2}};
    struct x25_header h = {.lcn = 1, .type = X25_CALL_ACCEPTED};
    uint8_t written[ROOM];
    struct writer w = writer_of(written, sizeof written);
    struct x25_call read;

    x25_packet_write(&w, &h);
    x25_packet_call_write(&w, &answer, true);
    check_equal(w.at - written, sizeof want);
    check(memcmp(written, want, sizeof want) == 0);
    check_equal(read_call(want, sizeof want, &read, false), 0);
    check_equal(read.facilities.packet_in, 7);
    check_equal(read.facilities.packet_out, 6);
}

static void an_answer_may_end_behind_any_of_its_fields(void)
{
    static const uint8_t bytes[] = {0x10, 0x01, 0x0f, 0x00, 0x00};
    struct x25_call call;

    for (size_t length = 3; length <= sizeof bytes; length++)
        check_equal(read_call(bytes, length, &call, false), 0);
}

struct call_row {
    const char *what;
    uint8_t bytes[140]; /* behind the header */
    size_t length;
    uint8_t diagnostic;
};

static const struct call_row calls[] = {
    {"no addresses, no facilities, no data", {0x00, 0x00}, 2, 0},
    {"no facility length", {0x00}, 1, X25_DIAGNOSTIC_FACILITY_LENGTH},
    {"addresses of 15 and 15 digits, and 2 octets",
     {0xff, 0x12, 0x34},
     3,
     X25_DIAGNOSTIC_TOO_SHORT},
    {"a called digit of ten", {0x01, 0xa0, 0x00}, 3, X25_DIAGNOSTIC_CALLED_ADDRESS},
    {"a calling digit of fifteen", {0x10, 0xf0, 0x00}, 3, X25_DIAGNOSTIC_CALLING_ADDRESS},
    {"facilities longer than the packet",
     {0x00, 0x05, 0x01, 0x00},
     4,
     X25_DIAGNOSTIC_FACILITY_LENGTH},
    {"a facility without its parameter", {0x00, 0x01, 0x01}, 3, X25_DIAGNOSTIC_FACILITY_LENGTH},
    {"class D of length 255", {0x00, 0x02, 0xc0, 0xff}, 4, X25_DIAGNOSTIC_FACILITY_LENGTH},
    {"class D of length 0", {0x00, 0x02, 0xc0, 0x00}, 4, 0},
    {"unknown ones of all classes are skipped",
     {0x00, 0x0c, 0x0a, 1, 0x4a, 1, 2, 0x8a, 1, 2, 3, 0xca, 1, 9},
     14,
     0},
    {"a packet of 8 bytes", {0x00, 0x03, 0x42, 3, 7}, 5, X25_DIAGNOSTIC_FACILITY_PARAMETER},
    {"a packet of 8192 bytes", {0x00, 0x03, 0x42, 7, 13}, 5, X25_DIAGNOSTIC_FACILITY_PARAMETER},
    {"a window of 0", {0x00, 0x03, 0x43, 2, 0}, 5, X25_DIAGNOSTIC_FACILITY_PARAMETER},
    {"a window of 128", {0x00, 0x03, 0x43, 128, 2}, 5, X25_DIAGNOSTIC_FACILITY_PARAMETER},
    {"behind the marker of a network a code is its own",
     {0x00, 0x05, 0x00, 0xff, 0x42, 0, 0},
     7,
     0},
    {"an extension of 41 digits",
     {0x00, 0x05, 0x00, 0x0f, 0xc9, 1, 41},
     7,
     X25_DIAGNOSTIC_FACILITY_PARAMETER},
    {"an extension shorter than it says",
     {0x00, 0x06, 0x00, 0x0f, 0xc9, 2, 4, 0x12},
     8,
     X25_DIAGNOSTIC_FACILITY_PARAMETER},
    {"an extension without a length",
     {0x00, 0x04, 0x00, 0x0f, 0xcb, 0},
     6,
     X25_DIAGNOSTIC_FACILITY_PARAMETER},
    {"128 octets of data", {0x00, 0x00}, 130, 0},
    {"129 octets of data", {0x00, 0x00}, 131, X25_DIAGNOSTIC_TOO_LONG},
};

static void calls_are_read_by_the_rules(void)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        const struct call_row *row = &calls[i];
        struct x25_header h = {.lcn = 1, .type = X25_CALL_REQUEST};
        struct reader r = reader_of(row->bytes, row->length);
        struct x25_call call;

        printf("# %s\n", row->what);
        check_equal(x25_packet_call_read(&r, &h, &call, true), row->diagnostic);
    }
}

static void extensions_stand_behind_their_marker(void)
{
    static const uint8_t want[] = {0x00, 0x0c, 0x00, 0x0f, 0xcb, 3,    3,
                                   0x12, 0x30, 0xc9, 3,    4,    0x98, 0x76};
    struct x25_call call = {
        .facilities = {.mask = X25_FACILITY_CALLED_EXTENSION | X25_FACILITY_CALLING_EXTENSION,
                       .calling = {3, {0x12, 0x30}},
                       .called = {4, {0x98, 0x76}}}};
    struct x25_header h = {.lcn = 1, .type = X25_CALL_REQUEST};
    uint8_t written[ROOM];
    struct writer w = writer_of(written, sizeof written);
    struct reader r = reader_of(want, sizeof want);
    struct x25_call read;

    x25_packet_call_write(&w, &call, false);
    check_equal(w.at - written, sizeof want);
    check(memcmp(written, want, sizeof want) == 0);
    check_equal(x25_packet_call_read(&r, &h, &read, true), 0);
    check_equal(read.facilities.mask, call.facilities.mask);
    check_equal(read.facilities.called.digits, 4);
    check_equal(read.facilities.calling.bytes[1], 0x30);
}

/* ---- clears ---- */

static void clears_may_carry_data(void)
{
    static const uint8_t want[] = {0x03, 0x47, 0x00, 0x00, 'b', 'y', 'e'};
    struct x25_user_data data = {.length = 3, .bytes = "bye"}, read;
    struct x25_reason reason = {.cause = 3, .diagnostic = 71}, why;
    uint8_t written[ROOM];
    struct writer w = writer_of(written, sizeof written);
    struct reader r = reader_of(want, sizeof want);

    x25_packet_clear_write(&w, &reason, &data);
    check_equal(w.at - written, sizeof want);
    check(memcmp(written, want, sizeof want) == 0);
    check_equal(x25_packet_clear_read(&r, &why, &read), 0);
    check(why.cause == 3 && why.diagnostic == 71);
    check(read.length == 3 && memcmp(read.bytes, "bye", 3) == 0);
    for (size_t length = 1; length <= 4; length++) {
        r = reader_of(want, length);
        check_equal(x25_packet_clear_read(&r, &why, &read), 0);
        check_equal(why.diagnostic, length > 1 ? 71 : 0);
    }
    r = reader_of(want, 0);
    check_equal(x25_packet_clear_read(&r, &why, &read), X25_DIAGNOSTIC_TOO_SHORT);
}

static const struct test tests[] = {
    {"headers are read and written", headers_are_read_and_written},
    {"wrong headers are told by diagnostic", wrong_headers_are_told_by_diagnostic},
    {"unknown types are known as such", unknown_types_are_known_as_such},
    {"a call is read as its called station sees it", a_call_is_read_as_its_called_station_sees_it},
    {"a call is written as it was read", a_call_is_written_as_it_was_read},
    {"an answer says sizes from the called side", an_answer_says_sizes_from_the_called_side},
    {"an answer may end behind any of its fields", an_answer_may_end_behind_any_of_its_fields},
    {"calls are read by the rules", calls_are_read_by_the_rules},
    {"extensions stand behind their marker", extensions_stand_behind_their_marker},
    {"clears may carry data", clears_may_carry_data},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
