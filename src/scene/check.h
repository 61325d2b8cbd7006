/* SPDX-License-Identifier: MIT */
/*
 * What the checks of a lab file share: the path where we are, complaints with their line, and
 * fields read by kind. A field that is absent (NULL) keeps the value it has.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "scene/scene.h"

enum { SCENE_CHECK_COMPLAINTS = 20 }; /* most that are told */

struct scene_check {
    struct scene_file *file;
    struct scene *lab;
    FILE *errors;
    int count; /* complaints so far */
    char path[512];
    size_t length;
};

/* Goes down to a part of the file, "hosts[%u]"; back up with the result. */
__attribute__((format(printf, 2, 3))) size_t scene_check_enter(struct scene_check *check,
                                                               const char *format, ...);
void scene_check_leave(struct scene_check *check, size_t before);
/* Says what is wrong with a key of the part where we are; "" for the part itself. */
__attribute__((format(printf, 3, 4))) void
scene_check_fail(struct scene_check *check, const char *key, const char *format, ...);

void scene_check_duration(struct scene_check *check, const char *key, const char *text,
                          int64_t *value);
void scene_check_number(struct scene_check *check, const char *key, const char *text,
                        uint32_t least, uint32_t most, uint32_t *value);
void scene_check_bytes(struct scene_check *check, const char *key, const char *text, uint64_t most,
                       uint64_t *value);
void scene_check_bool(struct scene_check *check, const char *key, const char *text, bool *value);
/* Each of a list of "NAME=VALUE". */
void scene_check_pairs(struct scene_check *check, const char *key, char **list, unsigned count);

/* check_wires.c: the faults of wires, for one direction. */
void scene_check_faults(struct scene_check *check, const struct scene_faults *faults,
                        struct sockeye_wire_config *config);

/* check_queue.c: as far as it is given (NULL: not at all) */
void scene_check_queue(struct scene_check *check, const struct scene_queue *queue,
                       struct sockeye_wire_config *config);

/* check_schedule.c: `faults` of the lab; wires and hosts are known by then. */
void scene_check_schedule(struct scene_check *check);
void scene_schedule_free(struct scene *lab);

/* dns.c: what a name server does, of a host or of a fault */
void scene_check_dns(struct scene_check *check, struct scene_dns *dns);
void scene_check_server(struct scene_check *check, unsigned host);

/* names.c: the list of a host, or of the lab; all addresses are known by then. */
void scene_check_nameservers(struct scene_check *check, char **list, unsigned count);

/* expand.c: a port of a switch, for one side of a wire. @return false: it cannot be, as was said */
bool scene_switch_add_port(struct scene_check *check, const char *key, unsigned number,
                           const char *name, struct scene_end *end, unsigned wire, unsigned side);
/* Frees what was made beside libcyaml. */
void scene_expand_undo(struct scene *lab);

/* The parts of the file; load.c calls them in this order. Those that return false have said why
 * nothing more can be checked. */
bool scene_expand_hosts(struct scene_check *check);
bool scene_expand_switches(struct scene_check *check);
void scene_check_networks(struct scene_check *check);
void scene_check_host(struct scene_check *check, unsigned host);
void scene_assign_addresses(struct scene_check *check);
void scene_check_dhcp(struct scene_check *check);
void scene_check_taken(struct scene_check *check);
void scene_check_nat(struct scene_check *check, unsigned host);
/* x25.c; the second once all addresses are known. An address: at most 15 digits */
bool scene_x25_is_address(const char *text);
void scene_check_x25(struct scene_check *check, unsigned host);
void scene_check_x25_hosts(struct scene_check *check, unsigned host);
void scene_check_forwards(struct scene_check *check, unsigned host);
bool scene_expand_wires(struct scene_check *check);
void scene_check_ends(struct scene_check *check);
void scene_expand_cables(struct scene_check *check);
void scene_check_wires(struct scene_check *check);
void scene_check_segments(struct scene_check *check);
void scene_check_routes(struct scene_check *check, unsigned host);
void scene_find_ways(struct scene_check *check);
void scene_check_programs(struct scene_check *check, unsigned host);
void scene_check_traffic(struct scene_check *check, unsigned host);
void scene_check_order(struct scene_check *check);
