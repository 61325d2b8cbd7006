/* SPDX-License-Identifier: MIT */
/*
 * What the checks of a lab file share: the path where we are, complaints with their line, and
 * fields read by kind. A field that is absent (NULL) keeps the value it has.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "lab/topology.h"

struct topology_check {
    struct topology_file *file;
    struct topology *lab;
    FILE *errors;
    int count; /* complaints so far */
    char path[512];
    size_t length;
};

/* Goes down to a part of the file, "hosts[%u]"; back up with the result. */
__attribute__((format(printf, 2, 3))) size_t topology_check_enter(struct topology_check *check,
                                                                  const char *format, ...);
void topology_check_leave(struct topology_check *check, size_t before);
/* Says what is wrong with a key of the part where we are; "" for the part itself. */
__attribute__((format(printf, 3, 4))) void
topology_check_fail(struct topology_check *check, const char *key, const char *format, ...);

void topology_check_duration(struct topology_check *check, const char *key, const char *text,
                             int64_t *value);
void topology_check_number(struct topology_check *check, const char *key, const char *text,
                           uint32_t least, uint32_t most, uint32_t *value);
void topology_check_bytes(struct topology_check *check, const char *key, const char *text,
                          uint64_t most, uint64_t *value);
void topology_check_bool(struct topology_check *check, const char *key, const char *text,
                         bool *value);
/* Each of a list of "NAME=VALUE". */
void topology_check_pairs(struct topology_check *check, const char *key, char **list,
                          unsigned count);

/* The parts of the file; topology.c calls them in this order. */
void topology_check_wires(struct topology_check *check);
void topology_check_programs(struct topology_check *check, unsigned host);
void topology_check_traffic(struct topology_check *check, unsigned host);
