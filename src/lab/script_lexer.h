/* SPDX-License-Identifier: MIT */
/*
 * A cursor over the text of a script, for a parser that reads straight down: each function skips
 * blanks and comments, takes what it names, and fails stickily with the first line that was wrong.
 */
#pragma once
#include "lab/script_ast.h"

struct lexer {
    struct script *script; /* memory for words */
    const char *at, *end;
    int line;
    bool failed;
};

void lexer_fail(struct lexer *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
void lexer_skip(struct lexer *l); /* blanks and comments */
char lexer_peek(struct lexer *l); /* the next character after blanks, 0 at the end */
bool lexer_accept(struct lexer *l, const char *text); /* takes it if it is next */
void lexer_expect(struct lexer *l, const char *text);
bool lexer_word_is(struct lexer *l, const char *word); /* takes a whole word if it is next */
const char *lexer_word(struct lexer *l); /* [A-Za-z_][A-Za-z0-9_]*; "" and failure if none */
int64_t lexer_number(struct lexer *l);   /* decimal or 0x; with sign */
int64_t lexer_seconds(struct lexer *l);  /* 1, .1, 0.200 as nanoseconds */
const char *lexer_until(struct lexer *l,
                        const char *end); /* raw text up to `end`, which is taken */
const char *lexer_raw(struct lexer *l, const char *allowed); /* the longest run of these */
/* A string literal with C's escapes. */
const char *lexer_string(struct lexer *l, size_t *length);
