/* SPDX-License-Identifier: MIT */
/* The theory is in proc_text.h. */
#include "6-presentation/proc_text.h"

enum { DIGITS = 24, WORD_MOST = 64 };

static void put(struct proc_text *t, char c)
{
    if (t->used < t->size)
        t->at[t->used] = c;
    t->used++;
}

void proc_text_put(struct proc_text *t, const char *text)
{
    while (*text)
        put(t, *text++);
}

void proc_text_fill(struct proc_text *t, size_t count)
{
    while (count-- > 0)
        put(t, ' ');
}

void proc_text_word(struct proc_text *t, const char *text, int width)
{
    size_t length = 0, room = (size_t)(width < 0 ? -width : width);

    while (length < WORD_MOST && text[length])
        length++;
    if (width > 0 && length < room)
        proc_text_fill(t, room - length);
    proc_text_put(t, text);
    if (width < 0 && length < room)
        proc_text_fill(t, room - length);
}

void proc_text_number(struct proc_text *t, int64_t value, int width)
{
    char text[DIGITS];
    int at = DIGITS - 1;
    uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;

    text[at] = '\0';
    do {
        text[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (value < 0)
        text[--at] = '-';
    proc_text_word(t, text + at, width);
}

static void put_hex(struct proc_text *t, uint64_t value, unsigned digits, const char *set)
{
    while (digits < 16 && value >> (4 * digits))
        digits++;
    while (digits-- > 0)
        put(t, set[value >> (4 * digits) & 0xf]);
}

void proc_text_hex(struct proc_text *t, uint64_t value, unsigned digits)
{
    put_hex(t, value, digits, "0123456789ABCDEF");
}

void proc_text_hex_low(struct proc_text *t, uint64_t value, unsigned digits)
{
    put_hex(t, value, digits, "0123456789abcdef");
}
