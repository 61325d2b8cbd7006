/* SPDX-License-Identifier: MIT */
/*
 * A message repeats what stands in the file, and a file may hold anything. So control characters,
 * those of C1 in UTF-8 too, come out as \xNN: no file moves the cursor of a terminal, and a
 * message is one line. What is long loses its middle: the reason stands at its end.
 */
#include "scene/tell.h"
#include <stdlib.h>
#include <string.h>

enum { LONG = 400, HEAD = 240, TAIL = 140 };

bool scene_tell_is_control(unsigned char c, unsigned char before)
{
    return c < 0x20 || c == 0x7f || (before == 0xc2 && c >= 0x80 && c < 0xa0);
}

static void put_some(FILE *out, const char *text, size_t length)
{
    unsigned char before = 0;

    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];

        if (scene_tell_is_control(c, before))
            fprintf(out, "\\x%02x", c);
        else
            fputc(c, out);
        before = c;
    }
}

static void put(FILE *out, const char *text)
{
    size_t length = strlen(text);

    put_some(out, text, length > LONG ? HEAD : length);
    if (length <= LONG)
        return;
    fputs(" ... ", out);
    put_some(out, text + length - TAIL, TAIL);
}

void scene_tell_line(const struct scene_file *file, FILE *errors, int line, const char *shown,
                     const char *message)
{
    put(errors, file->path);
    if (line > 0)
        fprintf(errors, ":%d", line);
    fputs(": ", errors);
    put(errors, shown);
    fputs(shown[0] == '\0' ? "" : ": ", errors);
    put(errors, message);
    fputc('\n', errors);
}

void scene_tell_list(const struct scene_file *file, FILE *errors, int line, const char *shown,
                     const char *format, va_list arguments)
{
    char *message = NULL;

    if (vasprintf(&message, format, arguments) < 0)
        message = NULL;
    scene_tell_line(file, errors, line, shown, message == NULL ? "out of memory" : message);
    free(message);
}
