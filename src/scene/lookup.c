/* SPDX-License-Identifier: MIT */
/* An array, sorted once by name and number, and searched by halves. */
#include "scene/lookup.h"
#include <stdlib.h>
#include <string.h>

bool scene_lookup_open(struct scene_lookup *lookup, size_t most)
{
    lookup->entries = calloc(most + 1, sizeof *lookup->entries);
    lookup->count = 0;
    return lookup->entries != NULL;
}

void scene_lookup_close(struct scene_lookup *lookup)
{
    free(lookup->entries);
    lookup->entries = NULL;
    lookup->count = 0;
}

void scene_lookup_add(struct scene_lookup *lookup, const char *name, unsigned number)
{
    lookup->entries[lookup->count].name = name;
    lookup->entries[lookup->count++].number = number;
}

static int compare(const void *left, const void *right)
{
    const struct scene_lookup_entry *a = left, *b = right;
    int order = strcmp(a->name, b->name);

    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

void scene_lookup_sort(struct scene_lookup *lookup)
{
    if (lookup->count > 1)
        qsort(lookup->entries, lookup->count, sizeof *lookup->entries, compare);
}

int scene_lookup_find(const struct scene_lookup *lookup, const char *name)
{
    size_t from = 0, to = lookup->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (strcmp(lookup->entries[middle].name, name) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    if (from == lookup->count || strcmp(lookup->entries[from].name, name) != 0)
        return -1;
    return (int)lookup->entries[from].number;
}
