/* SPDX-License-Identifier: MIT */
/* The table of inputs, and what it says of the form of each on disk. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "lab/input.h"
#include "sockeye/event.h"

static void rows_are_whole(void)
{
    for (uint32_t kind = 1; kind < INPUT_KINDS; kind++) {
        const struct input_row *row = &input_table[kind];

        check(row->numbers <= INPUT_NUMBERS);
        check(row->in <= INPUT_PARTS && row->out <= INPUT_PARTS);
        check((row->part != NULL) != (row->call != NULL));
        check(input_is_call(kind) == (row->name != NULL));
        check(row->kept == KEEP_ALL || row->in > 0);
    }
}

static void calls_have_names(void)
{
    check(strcmp(event_call_name(INPUT_SOCKET), "socket") == 0);
    check(strcmp(event_call_name(INPUT_RECEIVE_MESSAGE), "receive_message") == 0);
    check(strcmp(event_call_name(INPUT_WIRE), "unknown") == 0);
    check(strcmp(event_call_name(INPUT_KINDS), "unknown") == 0);
}

/* Old records are read by these. */
static void places_are_kept(void)
{
    check_equal(INPUT_HOST, 1);
    check_equal(INPUT_NEXT_CHANGE, 13);
    check_equal(INPUT_SOCKET, 14);
    check_equal(INPUT_SET_OPTION, 26);
}

static void inputs_survive_the_form(void)
{
    uint8_t bytes[300];

    memset(bytes, 7, sizeof bytes);
    for (uint32_t kind = 1; kind < INPUT_KINDS; kind++) {
        struct input in = {.kind = kind,
                           .at = -1,
                           .fd = 70000,
                           .number = {INT64_MIN, INT64_MAX, -3},
                           .in = {{bytes, 300}, {NULL, 0}, {bytes, 0}},
                           .out = {{bytes, 12345}, {NULL, 0}, {bytes, 0}}};
        struct sink sink = {0};
        struct input out;
        struct reader r;
        void *scratch;

        input_write(&sink, &in, kind == INPUT_SEND ? 100 : 0);
        check(!sink.failed);
        for (size_t cut = 0; cut < sink.used; cut++) {
            r = reader_of(sink.bytes, cut);
            check(!input_read(&r, &out, &scratch));
            free(scratch);
        }
        r = reader_of(sink.bytes, sink.used);
        check(input_read(&r, &out, &scratch) && reader_left(&r) == 0);
        check(out.kind == kind && out.at == -1 && out.fd == 70000);
        for (int i = 0; i < INPUT_NUMBERS; i++)
            check(out.number[i] == in.number[i] || out.number[i] == 0);
        for (int i = 0; i < INPUT_PARTS; i++) {
            check(out.in[i].length == in.in[i].length || !out.in[i].at);
            check(out.out[i].size == in.out[i].size || !out.out[i].at);
        }
        if (kind == INPUT_SEND)
            check(out.in[0].at[99] == 7 && out.in[0].at[100] == 0 && out.in[0].length == 300);
        free(scratch);
        free(sink.bytes);
    }
}

/* What would wait took nothing: its bytes are not kept, but how many there were. */
static void what_was_not_taken_is_not_kept(void)
{
    uint8_t bytes[300];
    struct input in = {.kind = INPUT_SEND, .in = {{bytes, sizeof bytes}}}, out;
    struct sink sink = {0};
    struct reader r;
    void *scratch;

    memset(bytes, 7, sizeof bytes);
    input_write(&sink, &in, -EAGAIN);
    check(!sink.failed && sink.used < 20);
    r = reader_of(sink.bytes, sink.used);
    check(input_read(&r, &out, &scratch) && out.in[0].length == sizeof bytes);
    check(out.in[0].at[0] == 0 && out.in[0].at[299] == 0);
    free(scratch);
    free(sink.bytes);
}

static const struct test tests[] = {
    {"each row has its code, and fits an input", rows_are_whole},
    {"a trace has a word for each socket call", calls_have_names},
    {"rows keep their place", places_are_kept},
    {"inputs survive being written and read", inputs_survive_the_form},
    {"bytes that were not taken are not kept, but counted", what_was_not_taken_is_not_kept},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
