/* SPDX-License-Identifier: MIT */
/* Values of a script's calls as numbers, and fields of its records by name. */
#include "drill/state.h"
#include <string.h>

bool drill_value(struct drill_run *run, const struct drill_node *node, int64_t *value)
{
    int64_t part;

    *value = 0;
    switch (node->kind) {
    case NODE_INTEGER:
        *value = node->integer;
        return true;
    case NODE_NAME:
        if (drill_constant(node->text, value))
            return true;
        drill_unsupported(run, node->line, "unknown constant %s", node->text);
        return false;
    case NODE_OR:
        for (int i = 0; i < node->count; i++) {
            if (!drill_value(run, node->child[i], &part))
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
    drill_unsupported(run, node->line, "a number is wanted here");
    return false;
}

const struct drill_node *drill_field(const struct drill_node *record, const char *name)
{
    for (int i = 0; record && i < record->count; i++) {
        const struct drill_node *field = record->child[i];

        if (field->kind == NODE_FIELD && strcmp(field->text, name) == 0)
            return field->child[0];
    }
    return NULL;
}
