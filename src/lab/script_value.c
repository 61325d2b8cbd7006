/* SPDX-License-Identifier: MIT */
/* Values of a script's calls as numbers, and fields of its records by name. */
#include "script_state.h"
#include <string.h>

bool run_value(struct run *run, const struct script_node *node, int64_t *value)
{
    int64_t part;

    *value = 0;
    switch (node->kind) {
    case NODE_INTEGER:
        *value = node->integer;
        return true;
    case NODE_NAME:
        if (script_constant(node->text, value))
            return true;
        run_unsupported(run, node->line, "unknown constant %s", node->text);
        return false;
    case NODE_OR:
        for (int i = 0; i < node->count; i++) {
            if (!run_value(run, node->child[i], &part))
                return false;
            *value |= part;
        }
        return true;
    case NODE_TEXT:
    case NODE_ELLIPSIS:
    case NODE_LIST:
    case NODE_RECORD:
    case NODE_FIELD:
    case NODE_CALL:
        break;
    }
    run_unsupported(run, node->line, "a number is wanted here");
    return false;
}

const struct script_node *run_field(const struct script_node *record, const char *name)
{
    for (int i = 0; record && i < record->count; i++) {
        const struct script_node *field = record->child[i];

        if (field->kind == NODE_FIELD && strcmp(field->text, name) == 0)
            return field->child[0];
    }
    return NULL;
}
