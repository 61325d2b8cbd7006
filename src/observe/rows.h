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
    ROWS_ROW_BYTES = 640, /* a row of ROWS_MOST columns in UTF-8, with colours and its newline */
    ROWS_STATE = 12,      /* columns of a state */
    ROWS_BESIDE = 40,     /* columns of time, states and lifelines: the rest is between these */
    ROWS_LEAST = 60,      /* columns of a row */
    ROWS_MOST = 160,
    ROWS_HEAD = 6, /* rows shown at the beginning and the end of a folded phase */
    ROWS_TAIL = 4
};

struct rows_style {
    int columns; /* ROWS_LEAST to ROWS_MOST */
    bool has_colour;
};

enum rows_form { ROWS_NOTE, ROWS_TO_RIGHT, ROWS_TO_LEFT };
enum rows_tone { ROWS_QUIET, ROWS_AGAIN, ROWS_BAD };

/* What a row says. */
struct rows_line {
    int64_t time;
    const char *left, *right; /* states, may be "" */
    const char *label;        /* on the arrow, or between the lifelines; may be "" */
    const char *why;          /* the arrow ends in an x, and this; NULL: it arrives */
    enum rows_form form;
    enum rows_tone tone;
};

/* What folded rows were, together. */
struct rows_sum {
    uint64_t segments, datagrams, messages, frames, bytes, acks, lost, damaged, duplicated, dropped;
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

/* The columns between the lifelines, and how many a label has on an arrow that ends so. */
int rows_middle(const struct rows_style *style);
int rows_label(const struct rows_style *style, const char *why);
/* Draws a line into `row`, of ROWS_ROW_BYTES. */
void rows_draw(char *row, const struct rows_style *style, const struct rows_line *line);

/* Adds a row that always stands; it ends a phase. */
void rows_add(struct rows *r, const char *row);
/* Adds a row of a data phase, which may be folded away; `all`: never. */
void rows_add_data(struct rows *r, const char *row, const struct rows_sum *sum, bool all);
void rows_end_phase(struct rows *r);
void rows_done(struct rows *r);
