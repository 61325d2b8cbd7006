/* SPDX-License-Identifier: MIT */
/*
 * The rows of one drawing of the ladder: their text, and the folding of long data phases. Knows no
 * events and no protocol: ladder.c decides what a row says.
 */
#pragma once
#include "sockeye/event.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rows_limits {
    ROWS_ROW_BYTES = 640, /* a row of 100 columns in UTF-8, with its newline */
    ROWS_STATE = 12,      /* columns of a state */
    ROWS_MIDDLE = 60,     /* columns between the lifelines */
    ROWS_HEAD = 6,        /* rows shown at the beginning and the end of a folded phase */
    ROWS_TAIL = 4
};

/* What folded rows were, together. */
struct rows_sum {
    uint64_t segments, bytes, acks, lost, damaged, duplicated, dropped;
    uint64_t marked[MARK_COUNT];
};

struct rows_waiting {
    char text[ROWS_ROW_BYTES];
    struct rows_sum sum;
};

struct rows {
    char *text;
    size_t length, room;
    bool failed;               /* no memory: the drawing is cut short */
    int shown;                 /* rows of this phase that are in the text */
    struct rows_waiting *tail; /* ROWS_TAIL of them, while a phase is long */
    int tail_first, tail_count;
    struct rows_sum folded;
    bool has_folded;
};

enum rows_fate { ROWS_ARRIVES, ROWS_STOPS /* drawn with an x */ };

/* Draws into `row`: time, states (may be ""), and an arrow with a label; `why` stands after the x.
 */
void rows_arrow(char *row, int64_t time, const char *left, const char *right, bool to_right,
                const char *label, enum rows_fate fate, const char *why);
/* A row without an arrow; `note` in the middle, may be "". */
void rows_plain(char *row, int64_t time, const char *left, const char *right, const char *note);

/* Adds a row that always stands; it ends a phase. */
void rows_add(struct rows *r, const char *row);
/* Adds a row of a data phase, which may be folded away; `all`: never. */
void rows_add_data(struct rows *r, const char *row, const struct rows_sum *sum, bool all);
void rows_end_phase(struct rows *r);
void rows_done(struct rows *r);
