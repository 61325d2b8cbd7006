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

int rows_middle(const struct rows_style *style)
{
    return style->columns - ROWS_BESIDE;
}

/* On "─ label ─▶", and on "─ label ───x why". */
int rows_label(const struct rows_style *style, const char *why)
{
    return rows_middle(style) - (why ? 9 + (int)strlen(why) : 5);
}

/* `count` columns of text, blanks behind it. */
static void put_text(char *to, const char *text, int count)
{
    sprintf(to + strlen(to), "%-*.*s", count, count, text);
}

/* `count` columns of text, blanks before it. */
static void put_text_right(char *to, const char *text, int count)
{
    sprintf(to + strlen(to), "%*.*s", count, count, text);
}

static void put_note(char *middle, const char *note, int columns)
{
    int length = (int)strnlen(note, (size_t)columns), before = (columns - length) / 2;

    put_text(middle, "", before);
    put_text(middle, note, columns - before);
}

static void put_arrow(char *middle, const struct rows_line *line, const char *label, int columns)
{
    int length = (int)strlen(label);
    int dashes = line->why ? 3 : columns - length - 4, rest = columns - length - 8;

    if (line->form == ROWS_TO_RIGHT) {
        strcat(middle, "─ ");
        strcat(middle, label);
        strcat(middle, " ");
        repeat(middle, "─", dashes);
        strcat(middle, line->why ? "x " : "▶");
        if (line->why)
            put_text(middle, line->why, rest);
        return;
    }
    if (line->why)
        put_text_right(middle, line->why, rest);
    strcat(middle, line->why ? " x" : "◀");
    repeat(middle, "─", dashes);
    strcat(middle, " ");
    strcat(middle, label);
    strcat(middle, " ─");
}

void rows_draw(char *row, const struct rows_style *style, const struct rows_line *line)
{
    static const char *const tones[] = {
        [ROWS_QUIET] = "", [ROWS_AGAIN] = "\033[33m", [ROWS_BAD] = "\033[31m"};
    char middle[ROWS_MOST * 3 + 1] = "", label[ROWS_MOST + 1];
    const char *tone = style->has_colour ? tones[line->tone] : "";

    snprintf(label, sizeof label, "%.*s", rows_label(style, line->why), line->label);
    if (line->form == ROWS_NOTE)
        put_note(middle, line->label, rows_middle(style));
    else
        put_arrow(middle, line, label, rows_middle(style));
    snprintf(row, ROWS_ROW_BYTES, "%4" PRId64 ".%06" PRId64 " %*.*s │%s%s%s│%s%.*s\n",
             line->time / 1000000000, line->time % 1000000000 / 1000, ROWS_STATE, ROWS_STATE,
             line->left, tone, middle, *tone ? "\033[0m" : "", *line->right ? " " : "", ROWS_STATE,
             line->right);
}

static void sum_add(struct rows_sum *to, const struct rows_sum *from)
{
    to->segments += from->segments;
    to->datagrams += from->datagrams;
    to->messages += from->messages;
    to->frames += from->frames;
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

/* Lines that say what was folded: as many counts on each as the narrowest drawing has room for. */
struct fold {
    struct rows *rows;
    char line[ROWS_LEAST];
};

enum { FOLD_AT = 11, FOLD_ROOM = ROWS_LEAST - FOLD_AT - 5 };

static void fold_line(struct fold *fold)
{
    char line[ROWS_ROW_BYTES];

    if (fold->line[0]) {
        snprintf(line, sizeof line, "%*s ... %s\n", FOLD_AT, "", fold->line);
        append(fold->rows, line);
    }
    fold->line[0] = 0;
}

static void fold_add(struct fold *fold, uint64_t n, const char *words)
{
    char number[32], count[sizeof number + FOLD_ROOM + 1];
    size_t at = strlen(fold->line);

    if (n == 0)
        return;
    snprintf(count, sizeof count, "%s %s", grouped(n, number, sizeof number), words);
    if (at > 0 && at + 2 + strlen(count) > FOLD_ROOM) {
        fold_line(fold);
        at = 0;
    }
    snprintf(fold->line + at, sizeof fold->line - at, "%s%s", at ? ", " : "", count);
}

static void draw_folded(struct rows *r)
{
    const struct rows_sum *sum = &r->folded;
    struct fold fold = {.rows = r};
    uint64_t again = 0;

    fold_add(&fold, sum->segments, "segments");
    fold_add(&fold, sum->datagrams, "datagrams");
    fold_add(&fold, sum->messages, "ICMP messages");
    fold_add(&fold, sum->frames, "frames");
    fold_add(&fold, sum->bytes, "new bytes");
    fold_add(&fold, sum->acks, "bare ACKs");
    fold_line(&fold);
    for (int i = MARK_RETRANSMIT_SYN; i <= MARK_RETRANSMIT_PARTIAL; i++)
        again += sum->marked[i];
    again += sum->marked[MARK_LAPB_REJECTED] + sum->marked[MARK_LAPB_TIMER];
    fold_add(&fold, sum->lost, "lost");
    fold_add(&fold, sum->damaged, "damaged");
    fold_add(&fold, sum->duplicated, "duplicated");
    fold_add(&fold, sum->dropped, "dropped by the host");
    fold_add(&fold, again, "retransmitted");
    fold_line(&fold);
    fold_add(&fold, sum->marked[MARK_RETRANSMIT_RTO], "by timeout");
    fold_add(&fold, sum->marked[MARK_RETRANSMIT_FAST], "by third duplicate ACK");
    fold_add(&fold, sum->marked[MARK_RETRANSMIT_SACK], "by SACK");
    fold_add(&fold, sum->marked[MARK_RETRANSMIT_PARTIAL], "by partial ACK");
    fold_add(&fold, sum->marked[MARK_LAPB_REJECTED], "after REJ");
    fold_add(&fold, sum->marked[MARK_LAPB_TIMER], "after T1");
    fold_add(&fold, sum->marked[MARK_WINDOW_PROBE], "window probes");
    fold_add(&fold, sum->marked[MARK_KEEPALIVE], "keep-alives");
    fold_line(&fold);
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
