/* SPDX-License-Identifier: MIT */
/*
 * The tables of a lab's nodes as text, for `sockeye show` and at the end of a run: aligned columns,
 * or a JSON object a row. Each row tells how it came to be known, and how old it is by lab time.
 */
#pragma once
#include <stdbool.h>
#include <stdio.h>
#include "sockeye/sockeye.h"

enum { SCENE_TABLES_ROWS = 10000 }; /* of one table, that are shown */

struct service_set;

struct scene_tables {
    int node;    /* -1: all */
    int64_t now; /* the lab's time as its driver has it: a lab in which nothing happens is behind */
    unsigned which; /* 1u << number of a word below; 0: all that have rows */
    bool is_json;
    const struct service_set *services; /* whose leases of DHCP are shown; NULL: of nobody */
};

/* "interfaces", "arp", ...: the number of a word, or -1. */
int scene_tables_find(const char *word);
/* The i-th word; NULL after the last. */
const char *scene_tables_word(int i);
void scene_tables_print(const struct sockeye *lab, const struct scene_tables *wanted, FILE *out);
