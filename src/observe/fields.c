/* SPDX-License-Identifier: MIT */
/*
 * The emitter of fields.h: text or JSON (RFC 8259), a line at a time.
 *
 * JSON here is output only, so there is no need of a library: objects, strings and integers. Bytes
 * below 0x20, the quote and the backslash are escaped; bytes that are no valid UTF-8 (RFC 3629) are
 * written as U+FFFD, so that any name gives a line that every parser reads.
 */
#include "fields.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put(struct fields *f, const char *text, size_t length)
{
    if (f->length + length >= FIELDS_BYTES)
        return;
    memcpy(f->line + f->length, text, length);
    f->length += length;
    f->line[f->length] = 0;
}

static void put_text(struct fields *f, const char *text)
{
    put(f, text, strlen(text));
}

static bool has_room(const struct fields *f, size_t wanted)
{
    return f->length + wanted + FIELDS_RESERVE < FIELDS_BYTES;
}

/* The length of the UTF-8 sequence at s, 0 if it is none. */
static size_t sequence_length(const unsigned char *s)
{
    size_t n = s[0] < 0x80                    ? 1
               : s[0] >= 0xc2 && s[0] <= 0xdf ? 2
               : s[0] >= 0xe0 && s[0] <= 0xef ? 3
               : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4
                                              : 0;

    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return n;
}

static void put_string(struct fields *f, const char *value)
{
    const unsigned char *s = (const unsigned char *)value;
    char escape[8];

    put(f, "\"", 1);
    while (*s) {
        size_t n = sequence_length(s);

        if (*s == '"' || *s == '\\') {
            snprintf(escape, sizeof escape, "\\%c", *s);
            put_text(f, escape);
        } else if (*s < 0x20) {
            snprintf(escape, sizeof escape, "\\u%04x", *s);
            put_text(f, escape);
        } else if (n == 0) {
            put_text(f, "\\ufffd");
        } else {
            put(f, (const char *)s, n);
        }
        s += n ? n : 1;
    }
    put(f, "\"", 1);
}

static void name_put(struct fields *f, const char *name)
{
    if (f->needs_gap)
        put(f, f->json ? "," : " ", 1);
    f->needs_gap = true;
    if (f->json)
        put_string(f, name);
    else
        put_text(f, name);
}

void fields_open(struct fields *f, bool json)
{
    memset(f, 0, sizeof *f);
    f->json = json;
    if (json)
        put(f, "{", 1);
}

const char *fields_close(struct fields *f)
{
    while (f->depth > 0)
        fields_end(f);
    put_text(f, f->json ? "}\n" : "\n");
    return f->line;
}

void fields_begin(struct fields *f, const char *group)
{
    name_put(f, group);
    put_text(f, f->json ? ":{" : "{");
    f->needs_gap = false;
    f->depth++;
}

void fields_end(struct fields *f)
{
    put(f, "}", 1);
    f->needs_gap = true;
    f->depth--;
}

void fields_number(struct fields *f, const char *name, int64_t value)
{
    char text[32];

    if (!has_room(f, strlen(name) + sizeof text))
        return;
    name_put(f, name);
    snprintf(text, sizeof text, "%s%" PRId64, f->json ? ":" : "=", value);
    put_text(f, text);
}

void fields_text(struct fields *f, const char *name, const char *value)
{
    if (!has_room(f, strlen(name) + 6 * strlen(value) + 8))
        return;
    name_put(f, name);
    put_text(f, f->json ? ":" : "=");
    if (f->json || value[strcspn(value, " ")] || !*value)
        put_string(f, value);
    else
        put_text(f, value);
}

void fields_bool(struct fields *f, const char *name, bool value)
{
    if (!has_room(f, strlen(name) + 16))
        return;
    name_put(f, name);
    put_text(f, f->json ? ":" : "=");
    put_text(f, f->json ? (value ? "true" : "false") : (value ? "yes" : "no"));
}

void fields_time(struct fields *f, int64_t time)
{
    char text[40];

    if (f->json) {
        fields_number(f, "time", time);
        return;
    }
    snprintf(text, sizeof text, "%" PRId64 ".%09" PRId64, time / 1000000000, time % 1000000000);
    name_put(f, text);
}

void fields_address(struct fields *f, const char *name, struct address a)
{
    char text[ADDRESS_TEXT_BYTES];

    address_format(a, text);
    fields_text(f, name, text);
}

void fields_mac(struct fields *f, const char *name, const uint8_t m[6])
{
    char text[20];

    snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4],
             m[5]);
    fields_text(f, name, text);
}
