/* SPDX-License-Identifier: MIT */
/* How a fault of a lab file is said: a line of text, whatever stands in the file. */
#pragma once
#include <stdarg.h>
#include <stdio.h>
#include "scene/scene.h"

/* "FILE:LINE: SHOWN: MESSAGE"; without SHOWN and LINE where they are "" and 0. */
void scene_tell_line(const struct scene_file *file, FILE *errors, int line, const char *shown,
                     const char *message);
/* The same of what is to be formatted. */
__attribute__((format(printf, 5, 0))) void scene_tell_list(const struct scene_file *file,
                                                           FILE *errors, int line,
                                                           const char *shown, const char *format,
                                                           va_list arguments);
/* Is it a control character, behind `before`? Those of C1 are two bytes of UTF-8. */
bool scene_tell_is_control(unsigned char c, unsigned char before);
