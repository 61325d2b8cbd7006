/* SPDX-License-Identifier: MIT */
/*
 * Names of a lab file in order, for finding one in a time that hardly grows with their number, and
 * whatever the names are: no file chooses them so that they collide, as it could in a hash table.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct scene_lookup_entry {
    const char *name; /* somebody else's */
    unsigned number;
};

struct scene_lookup {
    struct scene_lookup_entry *entries;
    size_t count;
};

/* Makes room for `most` names. @return false: no memory */
bool scene_lookup_open(struct scene_lookup *lookup, size_t most);
void scene_lookup_close(struct scene_lookup *lookup);
void scene_lookup_add(struct scene_lookup *lookup, const char *name, unsigned number);
/* After the last was added. */
void scene_lookup_sort(struct scene_lookup *lookup);
/* @return the least number of those with this name, or -1 */
int scene_lookup_find(const struct scene_lookup *lookup, const char *name);
