/* SPDX-License-Identifier: MIT */
/*
 * What a node knows, as rows for who looks: each kind of table is a row of a const table of
 * functions, by kind of node. They read the layers' state as it is and change nothing.
 */
#pragma once
#include "base/time.h"
#include "node/node.h"
#include "sockeye/table.h"

/* Fills in the first `most` rows. @return how many there are */
uint64_t node_table(const struct node *n, enum sockeye_table_kind kind, struct sockeye_row *rows,
                    uint64_t most);
