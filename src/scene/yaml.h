/* SPDX-License-Identifier: MIT */
/*
 * The keys of a lab file, as libcyaml's schema, and its complaints turned into one line with the
 * path and the line of what is wrong. Fills only the texts of struct scene.
 */
#pragma once
#include "scene/scene.h"

/* Fills file->lab and file->index from the file's text. @return 0, -EINVAL after a message, -ENOMEM
 */
int scene_yaml_load(struct scene_file *file, const char *text, size_t length, FILE *errors);
void scene_yaml_free(struct scene *lab);
