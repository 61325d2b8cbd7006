/* SPDX-License-Identifier: MIT */
/*
 * One line of named values, as text for people (`ip{ttl=64 id=7}`) or as a JSON object
 * (`{"ip":{"ttl":64,"id":7}}`). The trace names its fields once and prints both forms.
 * A line is bounded; what does not fit is left out whole, so JSON stays well formed.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sockeye/address.h"

enum fields_limits {
    FIELDS_BYTES = 8192,
    FIELDS_RESERVE = 64 /* kept for what closes the line */
};

struct fields {
    char line[FIELDS_BYTES];
    size_t length;
    bool json;
    bool needs_gap; /* a comma or a blank goes before the next one */
    int depth;
};

void fields_open(struct fields *f, bool json);
/* Ends the line with its newline. @return the text, NUL-terminated; length in f->length */
const char *fields_close(struct fields *f);
void fields_begin(struct fields *f, const char *group);
void fields_end(struct fields *f);
void fields_number(struct fields *f, const char *name, int64_t value);
void fields_text(struct fields *f, const char *name, const char *value);
void fields_bool(struct fields *f, const char *name, bool value);
/* Time in nanoseconds: text shows seconds, JSON nanoseconds. */
void fields_time(struct fields *f, int64_t time);
void fields_address(struct fields *f, const char *name, struct address a);
void fields_mac(struct fields *f, const char *name, const uint8_t m[6]);
