/* SPDX-License-Identifier: MIT */
/*
 * The cursor of lexer.h. The language has few tokens of its own (a lone dot is a flag, a
 * number may begin with one, three of them are a value or a range), so words are taken by what the
 * parser expects there, not cut beforehand.
 */
#include "drill/lexer.h"
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void drill_lexer_fail(struct drill_lexer *l, const char *format, ...)
{
    va_list list;

    if (l->failed)
        return;
    l->failed = true;
    l->script->error_line = l->line;
    va_start(list, format);
    vsnprintf(l->script->error, sizeof l->script->error, format, list);
    va_end(list);
}

static size_t left(const struct drill_lexer *l)
{
    return (size_t)(l->end - l->at);
}

static bool starts(const struct drill_lexer *l, const char *text)
{
    size_t n = strlen(text);

    return left(l) >= n && memcmp(l->at, text, n) == 0;
}

static void step(struct drill_lexer *l, size_t n)
{
    for (; n > 0 && l->at < l->end; n--) {
        if (*l->at == '\n')
            l->line++;
        l->at++;
    }
}

/* @return false: it is not there */
static bool skip_past(struct drill_lexer *l, const char *text)
{
    bool found;

    while (l->at < l->end && !starts(l, text))
        step(l, 1);
    found = l->at < l->end;
    step(l, strlen(text));
    return found;
}

void drill_lexer_skip(struct drill_lexer *l)
{
    while (l->at < l->end) {
        if (isspace((unsigned char)*l->at))
            step(l, 1);
        else if (starts(l, "//") || *l->at == '#')
            (void)skip_past(l, "\n");
        else if (!starts(l, "/*"))
            return;
        else if (!skip_past(l, "*/"))
            drill_lexer_fail(l, "a comment without an end");
    }
}

char drill_lexer_peek(struct drill_lexer *l)
{
    drill_lexer_skip(l);
    return l->at < l->end && !l->failed ? *l->at : 0;
}

bool drill_lexer_accept(struct drill_lexer *l, const char *text)
{
    drill_lexer_skip(l);
    if (l->failed || !starts(l, text))
        return false;
    step(l, strlen(text));
    return true;
}

static const char *keep(struct drill_lexer *l, const char *from, size_t length)
{
    char *copy = drill_allocate(l->script, length + 1);

    if (!copy) {
        drill_lexer_fail(l, "out of memory");
        return "";
    }
    memcpy(copy, from, length);
    return copy;
}

static size_t rest_of_line(const struct drill_lexer *l)
{
    size_t n = 0;

    while (n < left(l) && l->at[n] != '\n' && n < 24)
        n++;
    return n;
}

void drill_lexer_expect(struct drill_lexer *l, const char *text)
{
    if (!drill_lexer_accept(l, text))
        drill_lexer_fail(l, "expected '%s' before '%.*s'", text, (int)rest_of_line(l), l->at);
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

bool drill_lexer_word_is(struct drill_lexer *l, const char *word)
{
    size_t n = strlen(word);

    drill_lexer_skip(l);
    if (l->failed || !starts(l, word) || (left(l) > n && is_word(l->at[n])))
        return false;
    step(l, n);
    return true;
}

const char *drill_lexer_word(struct drill_lexer *l)
{
    size_t n = 0;

    drill_lexer_skip(l);
    while (n < left(l) && is_word(l->at[n]))
        n++;
    if (n == 0 || isdigit((unsigned char)*l->at)) {
        drill_lexer_fail(l, "expected a word before '%.*s'", (int)rest_of_line(l), l->at);
        return "";
    }
    step(l, n);
    return keep(l, l->at - n, n);
}

int64_t drill_lexer_number(struct drill_lexer *l)
{
    char text[32], *stop;
    size_t n = 0;
    long long value;

    drill_lexer_skip(l);
    while (n < left(l) && n < sizeof text - 1 && (is_word(l->at[n]) || (n == 0 && l->at[n] == '-')))
        n++;
    if (n > 0)
        memcpy(text, l->at, n);
    text[n] = 0;
    errno = 0;
    value = strtoll(text, &stop, 0);
    if (stop == text || *stop)
        drill_lexer_fail(l, "expected a number before '%.*s'", (int)rest_of_line(l), l->at);
    else if (errno != 0 || (n < left(l) && is_word(l->at[n])))
        drill_lexer_fail(l, "the number '%s' is too large", text);
    if (l->failed)
        return 0;
    step(l, n);
    return value;
}

int64_t drill_lexer_number_to(struct drill_lexer *l, int64_t least, int64_t most)
{
    int64_t value = drill_lexer_number(l);

    if (!l->failed && (value < least || value > most))
        drill_lexer_fail(l, "%lld is not from %lld to %lld", (long long)value, (long long)least,
                         (long long)most);
    return l->failed ? least : value;
}

int64_t drill_lexer_seconds(struct drill_lexer *l)
{
    int64_t seconds = 0, fraction = 0, unit = 1000000000;
    size_t n = 0;

    drill_lexer_skip(l);
    while (n < left(l) && isdigit((unsigned char)l->at[n]) && seconds < DRILL_MOST_SECONDS)
        seconds = seconds * 10 + (l->at[n++] - '0');
    if (n + 1 < left(l) && l->at[n] == '.' && isdigit((unsigned char)l->at[n + 1])) {
        n++;
        while (n < left(l) && isdigit((unsigned char)l->at[n])) {
            unit /= 10;
            fraction += unit * (l->at[n++] - '0');
        }
    }
    if (n == 0)
        drill_lexer_fail(l, "expected a time before '%.*s'", (int)rest_of_line(l), l->at);
    else if (seconds >= DRILL_MOST_SECONDS)
        drill_lexer_fail(l, "a time of %d seconds or more", DRILL_MOST_SECONDS);
    if (l->failed)
        return 0;
    step(l, n);
    return seconds * 1000000000 + fraction;
}

const char *drill_lexer_until(struct drill_lexer *l, const char *end)
{
    const char *from = l->at, *to;

    while (l->at < l->end && !starts(l, end))
        step(l, 1);
    to = l->at;
    if (l->at == l->end)
        drill_lexer_fail(l, "expected '%s' before the end of the file", end);
    step(l, strlen(end));
    return keep(l, from, (size_t)(to - from));
}

const char *drill_lexer_raw(struct drill_lexer *l, const char *allowed)
{
    const char *from;

    drill_lexer_skip(l);
    from = l->at;
    while (l->at < l->end && *l->at != '\0' && strchr(allowed, *l->at))
        step(l, 1);
    return keep(l, from, (size_t)(l->at - from));
}

static int escape(struct drill_lexer *l)
{
    static const char from[] = "nrt0\\\"'", to[] = "\n\r\t\0\\\"'";
    const char *found;
    int value = 0;

    if (l->at >= l->end)
        return 0;
    if (*l->at == 'x') {
        step(l, 1);
        if (l->at >= l->end || !isxdigit((unsigned char)*l->at))
            drill_lexer_fail(l, "'\\x' without a digit in a string");
        for (int i = 0; i < 2 && l->at < l->end && isxdigit((unsigned char)*l->at); i++) {
            char digit[2] = {*l->at, 0};

            value = value * 16 + (int)strtol(digit, NULL, 16);
            step(l, 1);
        }
        return value;
    }
    found = memchr(from, *l->at, sizeof from - 1);
    if (!found)
        drill_lexer_fail(l, "unknown escape '\\%c' in a string", *l->at);
    step(l, 1);
    return found ? to[found - from] : 0;
}

const char *drill_lexer_string(struct drill_lexer *l, size_t *length)
{
    char bytes[1024];
    size_t n = 0;

    drill_lexer_expect(l, "\"");
    while (!l->failed && l->at < l->end && *l->at != '"' && n < sizeof bytes) {
        int c = (unsigned char)*l->at;

        step(l, 1);
        bytes[n++] = (char)(c == '\\' ? escape(l) : c);
    }
    if (l->at >= l->end || *l->at != '"')
        drill_lexer_fail(l, "a string without an end, or longer than %zu bytes", sizeof bytes);
    step(l, 1);
    *length = n;
    return keep(l, bytes, n);
}
