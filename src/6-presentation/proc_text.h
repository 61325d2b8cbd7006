/* SPDX-License-Identifier: MIT */
/*
 * PART of proc: a text written into given room. What does not fit is counted and not written, so
 * that who asks knows how much room it takes.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct proc_text {
    char *at;
    size_t size;
    size_t used; /* by all that was put, there or not */
};

void proc_text_put(struct proc_text *t, const char *text);
/* Blank, so many. */
void proc_text_fill(struct proc_text *t, size_t count);
/* Padded with blanks to the width, on the left, or, negative, on the right. */
void proc_text_word(struct proc_text *t, const char *text, int width);
void proc_text_number(struct proc_text *t, int64_t value, int width);
/* Padded with zeroes; lower case if asked. */
void proc_text_hex(struct proc_text *t, uint64_t value, unsigned digits);
void proc_text_hex_low(struct proc_text *t, uint64_t value, unsigned digits);
