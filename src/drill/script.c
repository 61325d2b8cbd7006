/* SPDX-License-Identifier: MIT */
/* The memory of a script: blocks in a list, given back all at once. */
#include "drill/ast.h"
#include <stdlib.h>
#include <string.h>

struct drill_block {
    struct drill_block *next;
    max_align_t bytes[];
};

void *drill_allocate(struct drill_script *script, size_t size)
{
    struct drill_block *block = calloc(1, sizeof *block + size);

    if (!block)
        return NULL;
    block->next = script->blocks;
    script->blocks = block;
    return block->bytes;
}

void drill_free(struct drill_script *script)
{
    struct drill_block *block = script->blocks;

    while (block) {
        struct drill_block *next = block->next;

        free(block);
        block = next;
    }
    memset(script, 0, sizeof *script);
}
