/* SPDX-License-Identifier: MIT */
/*
 * A cursor over the text of a script, for a parser that reads straight down: each function skips
 * blanks and comments, takes what it names, and fails stickily with the first line that was wrong.
 */
#pragma once
#include "drill/ast.h"

struct drill_lexer {
    struct drill_script *script; /* memory for words */
    const char *at, *end;
    int line;
    bool failed;
};

void drill_lexer_fail(struct drill_lexer *l, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void drill_lexer_skip(struct drill_lexer *l); /* blanks and comments */
char drill_lexer_peek(struct drill_lexer *l); /* the next character after blanks, 0 at the end */
bool drill_lexer_accept(struct drill_lexer *l, const char *text); /* takes it if it is next */
void drill_lexer_expect(struct drill_lexer *l, const char *text);
bool drill_lexer_word_is(struct drill_lexer *l,
                         const char *word); /* takes a whole word if it is next */
const char *
drill_lexer_word(struct drill_lexer *l); /* [A-Za-z_][A-Za-z0-9_]*; "" and failure if none */
int64_t drill_lexer_number(struct drill_lexer *l); /* decimal or 0x; with sign */
/* One of these; else it fails, and the least is returned. */
int64_t drill_lexer_number_to(struct drill_lexer *l, int64_t least, int64_t most);
int64_t drill_lexer_seconds(struct drill_lexer *l); /* 1, .1, 0.200 as nanoseconds */
const char *drill_lexer_until(struct drill_lexer *l,
                              const char *end); /* raw text up to `end`, which is taken */
const char *drill_lexer_raw(struct drill_lexer *l,
                            const char *allowed); /* the longest run of these */
/* A string literal with C's escapes. */
const char *drill_lexer_string(struct drill_lexer *l, size_t *length);
