/* SPDX-License-Identifier: MIT */
/*
 * A message repeats what stands in the file, and a file may hold anything. So control characters,
 * those of C1 in UTF-8 too, come out as \xNN: no file moves the cursor of a terminal, and a
 * message is one line.
 */
#include "scene/tell.h"

static bool is_control(unsigned char c, unsigned char before)
{
    return c < 0x20 || c == 0x7f || (before == 0xc2 && c >= 0x80 && c < 0xa0);
}

static void put(FILE *out, const char *text)
{
    unsigned char before = 0;

    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (is_control(c, before))
            fprintf(out, "\\x%02x", c);
        else
            fputc(c, out);
        before = c;
    }
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
