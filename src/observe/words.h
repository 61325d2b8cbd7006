/* SPDX-License-Identifier: MIT */
/*
 * Words with a rank, in their order: as many as there is room for, chosen by rank, whole words at a
 * time.
 */
#pragma once
#include <stddef.h>

enum words_limits { WORDS_MOST = 16, WORDS_WORD_BYTES = 64, WORDS_LEAST_RANK = 9 };

struct words {
    struct {
        char text[WORDS_WORD_BYTES];
        int rank; /* 0: goes on first */
    } word[WORDS_MOST];
    int count;
};

__attribute__((format(printf, 3, 4))) void words_add(struct words *w, int rank, const char *format,
                                                     ...);
/* Those that fit into `room` columns, with blanks between. */
void words_put(char *text, size_t size, int room, const struct words *w);
