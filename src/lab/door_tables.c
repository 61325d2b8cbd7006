/* SPDX-License-Identifier: MIT */
/* The door of tables: it looks at the arena as it is, and is no input. */
#include <errno.h>

#include "lab/handle.h"
#include "node/node_tables.h"

int64_t sockeye_table(const struct sockeye *s, int node, enum sockeye_table_kind kind,
                      struct sockeye_row *rows, size_t most)
{
    const struct node *n = lab_node(s->lab, node);

    if (!n || (unsigned)kind >= SOCKEYE_TABLE_KINDS)
        return -EINVAL;
    return (int64_t)node_table(n, kind, rows, rows ? most : 0);
}
