/* SPDX-License-Identifier: MIT */
/*
 * Rows of the ladder, and folding (rows.h).
 *
 * A phase is a run of rows that may be folded. Its first ROWS_HEAD rows are text at once; later
 * ones wait in a ring of ROWS_TAIL, and what the ring pushes out is only counted. When the phase
 * ends, one or two lines say what was folded, and the rows of the ring follow. So a transfer of any
 * length needs the memory of a screen.
 */
#include "rows.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append(struct rows *r, const char *text)
{
    size_t length = strlen(text);

    if (r->length + length + 1 > r->room) {
        size_t room = (r->length + length + 1) * 2;
        char *grown = realloc(r->text, room);

        if (!grown) {
            r->failed = true;
            return;
        }
        r->text = grown;
        r->room = room;
    }
    memcpy(r->text + r->length, text, length + 1);
    r->length += length;
}

static void repeat(char *to, const char *unit, int count)
{
    for (; count > 0; count--)
        strcat(to, unit);
}

static void frame_row(char *row, int64_t time, const char *left, const char *middle,
                      const char *right)
{
    snprintf(row, ROWS_ROW_BYTES, "%4" PRId64 ".%06" PRId64 " %*.*s │%s│ %.*s\n", time / 1000000000,
             time % 1000000000 / 1000, ROWS_STATE, ROWS_STATE, left, middle, ROWS_STATE, right);
}

void rows_plain(char *row, int64_t time, const char *left, const char *right, const char *note)
{
    char middle[ROWS_MIDDLE + 1];
    int length = (int)strnlen(note, ROWS_MIDDLE);
    int before = (ROWS_MIDDLE - length) / 2;

    snprintf(middle, sizeof middle, "%*s%.*s%*s", before, "", length, note,
             ROWS_MIDDLE - length - before, "");
    frame_row(row, time, left, middle, right);
}

void rows_arrow(char *row, int64_t time, const char *left, const char *right, bool to_right,
                const char *label, enum rows_fate fate, const char *why)
{
    char middle[ROWS_MIDDLE * 4 + 1] = "", text[ROWS_MIDDLE + 1];
    int most = fate == ROWS_STOPS ? ROWS_MIDDLE - 9 - (int)strnlen(why, 16) : ROWS_MIDDLE - 5;
    int length, line;

    snprintf(text, sizeof text, "%.*s", most, label);
    length = (int)strlen(text);
    line = fate == ROWS_STOPS ? 3 : ROWS_MIDDLE - length - 4;
    if (to_right) {
        strcat(middle, "─ ");
        strcat(middle, text);
        strcat(middle, " ");
        repeat(middle, "─", line);
        strcat(middle, fate == ROWS_STOPS ? "x " : "▶");
        if (fate == ROWS_STOPS) {
            snprintf(text, sizeof text, "%-*.*s", ROWS_MIDDLE - length - 8,
                     ROWS_MIDDLE - length - 8, why);
            strcat(middle, text);
        }
    } else {
        if (fate == ROWS_STOPS) {
            char pad[ROWS_MIDDLE + 1];

            snprintf(pad, sizeof pad, "%*.*s", ROWS_MIDDLE - length - 8, ROWS_MIDDLE - length - 8,
                     why);
            strcat(middle, pad);
        }
        strcat(middle, fate == ROWS_STOPS ? " x" : "◀");
        repeat(middle, "─", line);
        strcat(middle, " ");
        strcat(middle, text);
        strcat(middle, " ─");
    }
    frame_row(row, time, left, middle, right);
}

static void sum_add(struct rows_sum *to, const struct rows_sum *from)
{
    to->segments += from->segments;
    to->bytes += from->bytes;
    to->acks += from->acks;
    to->lost += from->lost;
    to->damaged += from->damaged;
    to->duplicated += from->duplicated;
    to->dropped += from->dropped;
    for (int i = 0; i < MARK_COUNT; i++)
        to->marked[i] += from->marked[i];
}

/* 6912 -> "6,912" */
static const char *grouped(uint64_t n, char *text, size_t size)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, n);
    size_t at = 0;

    for (int i = 0; i < length && at + 2 < size; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = 0;
    return text;
}

static void count_add(char *line, size_t size, uint64_t n, const char *words)
{
    char number[32];
    size_t at = strlen(line);

    if (n == 0)
        return;
    snprintf(line + at, size - at, "%s%s %s", at ? ", " : "", grouped(n, number, sizeof number),
             words);
}

static void fold_line(struct rows *r, const char *words)
{
    char line[ROWS_ROW_BYTES];

    snprintf(line, sizeof line, "%*s ... %.80s\n", 11 + ROWS_STATE - 8, "", words);
    append(r, line);
}

static void draw_folded(struct rows *r)
{
    const struct rows_sum *sum = &r->folded;
    char line[256] = "";
    uint64_t again = 0;

    count_add(line, sizeof line, sum->segments, "segments");
    count_add(line, sizeof line, sum->bytes, "new bytes");
    count_add(line, sizeof line, sum->acks, "bare ACKs");
    fold_line(r, line);
    line[0] = 0;
    for (int i = MARK_RETRANSMIT_SYN; i <= MARK_RETRANSMIT_PARTIAL; i++)
        again += sum->marked[i];
    count_add(line, sizeof line, sum->lost, "lost");
    count_add(line, sizeof line, sum->damaged, "damaged");
    count_add(line, sizeof line, sum->duplicated, "duplicated");
    count_add(line, sizeof line, sum->dropped, "dropped by the host");
    count_add(line, sizeof line, again, "retransmitted");
    if (line[0])
        fold_line(r, line);
    line[0] = 0;
    count_add(line, sizeof line, sum->marked[MARK_RETRANSMIT_RTO], "by timeout");
    count_add(line, sizeof line, sum->marked[MARK_RETRANSMIT_FAST], "by third duplicate ACK");
    count_add(line, sizeof line, sum->marked[MARK_RETRANSMIT_SACK], "by SACK");
    count_add(line, sizeof line, sum->marked[MARK_RETRANSMIT_PARTIAL], "by partial ACK");
    count_add(line, sizeof line, sum->marked[MARK_WINDOW_PROBE], "window probes");
    count_add(line, sizeof line, sum->marked[MARK_KEEPALIVE], "keep-alives");
    if (line[0])
        fold_line(r, line);
}

void rows_end_phase(struct rows *r)
{
    if (r->has_folded)
        draw_folded(r);
    for (int i = 0; i < r->tail_count; i++)
        append(r, r->tail[(r->tail_first + i) % ROWS_TAIL].text);
    r->tail_first = r->tail_count = 0;
    r->shown = 0;
    r->has_folded = false;
    memset(&r->folded, 0, sizeof r->folded);
}

void rows_add(struct rows *r, const char *row)
{
    rows_end_phase(r);
    append(r, row);
}

void rows_add_data(struct rows *r, const char *row, const struct rows_sum *sum, bool all)
{
    struct rows_waiting *slot;

    if (!r->tail)
        r->tail = calloc(ROWS_TAIL, sizeof *r->tail);
    if (all || r->shown < ROWS_HEAD || !r->tail) {
        append(r, row);
        r->shown++;
        return;
    }
    if (r->tail_count == ROWS_TAIL) {
        sum_add(&r->folded, &r->tail[r->tail_first].sum);
        r->has_folded = true;
        r->tail_first = (r->tail_first + 1) % ROWS_TAIL;
        r->tail_count--;
    }
    slot = &r->tail[(r->tail_first + r->tail_count) % ROWS_TAIL];
    snprintf(slot->text, sizeof slot->text, "%s", row);
    slot->sum = *sum;
    r->tail_count++;
}

void rows_done(struct rows *r)
{
    free(r->text);
    free(r->tail);
    memset(r, 0, sizeof *r);
}
