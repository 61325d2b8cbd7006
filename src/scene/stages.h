/* SPDX-License-Identifier: MIT */
/*
 * The stages of a wire as text: values that set more than one number of a direction. The words are
 * those of tc-netem(8).
 */
#pragma once
#include <stdbool.h>
#include "scene/scene.h"
#include "sockeye/sockeye.h"

/* "5%" or "random 5%": each frame for itself. "gemodel P [R [1-H [1-K]]]": in bursts; R is 100% - P
 * without it, 1-H 100%, 1-K 0. @return false: it is neither, and *config is as it was */
bool scene_read_loss(const char *text, struct sockeye_wire_config *config);
/* "tail", "head", "codel", "fq_codel": with the defaults of that discipline; fq_codel marks what is
 * ECT, as Linux's does. @return false: none of these, and *config is as it was */
bool scene_read_discipline(const char *text, struct sockeye_wire_config *config);

/* The stages one after the other: the i-th one's name, and its text in a file's keys, or NULL. */
unsigned scene_stage_count(void);
const char *scene_stage_text(const struct scene_faults *faults, unsigned i, const char **name);
/* Sets a stage by its name in a lab file; those of its queue are "queue", its discipline, and
 * "queue.packets" and so on. @return false: not that, *expected says what it is to be; NULL: there
 * is no such stage */
bool scene_stage_set(const char *name, const char *text, struct sockeye_wire_config *config,
                     const char **expected);
