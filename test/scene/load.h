/* SPDX-License-Identifier: MIT */
/* A text as a lab file, and what is said of it. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"
#include "scene/scene.h"

/* Loads a text as lab.yaml. *said is to be freed. @return scene_load_text's */
static int load_text(const char *text, struct scene_file *file, char **said)
{
    size_t size;
    FILE *errors = open_memstream(said, &size);
    int result = scene_load_text("lab.yaml", text, strlen(text), errors, file);

    fclose(errors);
    return result;
}

/* The same of one that is right. */
static void load_right(const char *text, struct scene_file *file)
{
    char *said;

    if (load_text(text, file, &said) != 0)
        test_fail(__FILE__, __LINE__, "%s", said);
    free(said);
}

struct fault {
    const char *text, *said;
};

/* What must be said of each text. */
static void faults_are(const struct fault *faults, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct scene_file file;
        char *said;

        if (load_text(faults[i].text, &file, &said) != -22 || strcmp(said, faults[i].said) != 0)
            test_fail(__FILE__, __LINE__, "fault %zu: said\n%s# wanted\n%s", i, said,
                      faults[i].said);
        free(said);
        scene_close(&file);
    }
}
