/* SPDX-License-Identifier: MIT */
/* words.h says it. */
#include "observe/words.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void words_add(struct words *w, int rank, const char *format, ...)
{
    va_list list;

    if (w->count == WORDS_MOST)
        return;
    va_start(list, format);
    vsnprintf(w->word[w->count].text, WORDS_WORD_BYTES, format, list);
    va_end(list);
    w->word[w->count++].rank = rank;
}

/* The words that fit, chosen by rank, in their order. */
void words_put(char *label, size_t size, int room, const struct words *w)
{
    bool is_kept[WORDS_MOST] = {false};
    int length = -1;
    size_t at = 0;

    for (int rank = 0; rank <= WORDS_LEAST_RANK; rank++) {
        for (int i = 0; i < w->count; i++) {
            int longer = length + 1 + (int)strlen(w->word[i].text);

            if (w->word[i].rank != rank || (longer > room && length >= 0))
                continue;
            is_kept[i] = true;
            length = longer;
        }
    }
    label[0] = 0;
    for (int i = 0; i < w->count && at + WORDS_WORD_BYTES < size; i++) {
        if (is_kept[i])
            at += (size_t)snprintf(label + at, size - at, "%s%s", at ? " " : "", w->word[i].text);
    }
}
