/* SPDX-License-Identifier: MIT */
/*
 * What the trace and the ladder say of each frame of the catalogue. With a name of a file it writes
 * the catalogue as a capture there, for test/cli/tshark_agrees.sh to show it to another reader.
 */
#include "catalogue.h"
#include "check.h"
#include "observe/decode/decode.h"
#include "observe/ladder.h"
#include "observe/pcapng.h"
#include "observe/trace.h"
#include <stdlib.h>

static void every_frame_is_read_to_its_end(void)
{
    for (int i = 0; i < CATALOGUE_ROWS; i++) {
        struct frame f;
        struct decode d;

        catalogue_frame(&f, &catalogue[i]);
        decode_frame(&d, f.bytes, f.length, false);
        if (d.broken)
            printf("# %s: %s\n", catalogue[i].name, d.broken);
        check(d.broken == NULL);
    }
}

static void the_trace_names_every_field(void)
{
    for (int i = 0; i < CATALOGUE_ROWS; i++) {
        FILE *file = tmpfile();
        struct sockeye_event e;
        struct trace t;
        struct frame f;

        check(file && trace_init(&t, file, &test_names, false) == 0);
        catalogue_frame(&f, &catalogue[i]);
        e = frame_event(&f, 0, 1);
        trace_event(&t, &e);
        trace_done(&t);
        if (!strstr(file_text(file), catalogue[i].trace))
            printf("# %s: %s", catalogue[i].name, file_text(file));
        check(strstr(file_text(file), catalogue[i].trace) != NULL);
        fclose(file);
    }
}

static const char *drawn(const struct catalogue_row *row, int columns)
{
    FILE *file = tmpfile();
    struct sockeye_event e;
    struct ladder l;
    struct frame f;
    const char *text;

    check(file && ladder_init(&l, file, &test_names, true) == 0);
    ladder_style(&l, columns, false);
    if (row > catalogue) { /* what an error or a piece belongs to is known from the row before */
        catalogue_frame(&f, row - 1);
        e = frame_event(&f, 0, 1);
        ladder_event(&l, &e);
    }
    catalogue_frame(&f, row);
    e = frame_event(&f, 0, 1);
    ladder_event(&l, &e);
    ladder_done(&l);
    text = file_text(file);
    fclose(file);
    return text;
}

static void the_ladder_says_it_in_words(void)
{
    for (int i = 0; i < CATALOGUE_ROWS; i++) {
        const char *text = drawn(&catalogue[i], 140);

        if (catalogue[i].label && !strstr(text, catalogue[i].label))
            printf("# %s: %s\n%s", catalogue[i].name, catalogue[i].label, text);
        check(!catalogue[i].label || strstr(text, catalogue[i].label));
    }
}

static void what_a_wire_is_told_is_drawn_if_asked_for_or_alone(void)
{
    FILE *file = tmpfile();
    struct sockeye_event e;
    struct ladder l;
    struct frame f;

    check(file && ladder_init(&l, file, &test_names, false) == 0);
    catalogue_frame(&f, &catalogue[CATALOGUE_ROWS - 2]);
    e = frame_event(&f, 0, 1);
    ladder_event(&l, &e);
    ladder_done(&l);
    check(strncmp(file_text(file), "Addresses, routers and groups on w0: a to b\n", 44) == 0);
    fclose(file);
    file = tmpfile();
    check(file && ladder_init(&l, file, &test_names, false) == 0);
    ladder_event(&l, &e);
    catalogue_frame(&f, &catalogue[0]);
    e = frame_event(&f, 1, 1);
    ladder_event(&l, &e);
    ladder_done(&l);
    check(strncmp(file_text(file), "ICMP echo 1: a fd00::1 to ", 26) == 0);
    check(!strstr(file_text(file), "who has"));
    fclose(file);
}

/* Under the sanitizers every read past the end is found: each buffer is exactly as long. */
static void any_cut_and_any_flip_is_read_safely(void)
{
    for (int i = 0; i < CATALOGUE_ROWS; i++) {
        struct frame f;
        struct decode d;

        catalogue_frame(&f, &catalogue[i]);
        for (uint32_t cut = 12; cut <= f.length; cut++) {
            for (uint32_t bit = 96; bit < 8 * cut; bit++) {
                uint8_t *copy = malloc(cut);

                check(copy != NULL);
                memcpy(copy, f.bytes, cut);
                copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
                decode_frame(&d, copy, cut, false);
                check(d.payload_length <= cut);
                free(copy);
            }
        }
    }
}

static const struct test tests[] = {
    {"every frame of the catalogue is read, and none is broken", every_frame_is_read_to_its_end},
    {"the trace names every field", the_trace_names_every_field},
    {"the ladder says it in words", the_ladder_says_it_in_words},
    {"what a wire is told is drawn if all is asked for, or where there is nothing else",
     what_a_wire_is_told_is_drawn_if_asked_for_or_alone},
    {"any cut and any flipped bit is read safely", any_cut_and_any_flip_is_read_safely},
};

static int write_capture(const char *name)
{
    FILE *file = fopen(name, "wb");
    struct pcapng p;

    if (!file || pcapng_init(&p, file, &test_names, false) < 0)
        return 1;
    for (int i = 0; i < CATALOGUE_ROWS; i++) {
        struct sockeye_event e;
        struct frame f;

        catalogue_frame(&f, &catalogue[i]);
        e = frame_event(&f, i, 1);
        pcapng_event(&p, &e);
    }
    return pcapng_done(&p) < 0 || fclose(file) != 0;
}

int main(int argc, char **argv)
{
    return argc == 2 ? write_capture(argv[1]) : test_main(tests, sizeof tests / sizeof *tests);
}
