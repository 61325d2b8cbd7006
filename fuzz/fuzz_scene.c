/* SPDX-License-Identifier: MIT */
/*
 * Any text as a lab file: read, checked, and built into a lab, as far as `sockeye lab` goes before
 * it starts anything. A wrong file is told in at most SCENE_CHECK_COMPLAINTS lines and one that
 * counts the rest; a right one makes a sound lab, or is refused in a line of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "scene/check.h"
#include "scene/scene.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static size_t lines_of(const char *text)
{
    size_t lines = 0;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* @return 0 or -EINVAL, and what was said */
static int build(struct scene_file *file, FILE *errors)
{
    const struct sockeye_config config = scene_config(file->lab, file->lab->seed);
    struct sockeye *lab;
    int result = sockeye_open(&config, &lab);

    if (result < 0)
        return 0;
    result = scene_build(file, lab, errors);
    ensure(sockeye_check(lab) == 0);
    sockeye_close(lab);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct scene_file file;
    char *said = NULL;
    size_t size = 0;
    FILE *errors = open_memstream(&said, &size);
    int result;

    ensure(errors);
    result = scene_load_text("lab.yaml", (const char *)bytes, length, errors, &file);
    if (result == 0)
        result = build(&file, errors);
    scene_close(&file);
    ensure(fclose(errors) == 0);
    ensure((result < 0) == (size > 0));
    ensure(memchr(said, 0, size) == NULL && lines_of(said) <= SCENE_CHECK_COMPLAINTS + 1);
    free(said);
    return 0;
}
