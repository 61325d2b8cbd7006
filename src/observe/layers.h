/* SPDX-License-Identifier: MIT */
/*
 * Each message of a program on all seven layers, at both of its ends, and whether layer N there saw
 * what layer N here sent (ISO/IEC 7498-1 5.2: peers of one layer speak to each other, through all
 * the layers below).
 *
 * Nothing in the core takes part: what programs gave and got (EVENT_DATA), the frames as they were
 * handed to wires and as they came out, and what was dropped are kept as bytes, and everything is
 * found in them when the view closes:
 *
 *     layers_log     what was seen, within limits
 *     layers_find    which segments, packets and frames carried a message, at either end
 *     layers_compare a unit of one end against that of the other: whose part of it differs
 *     layers_show    a table a message, or JSON; and the sum
 *
 * A unit of layer N is a header of its own and what layer N+1 gave it. So a changed byte is in
 * every unit from there down, and it is told of that layer alone whose own part (header, or the
 * program's data) it stands in: there the two sides differ.
 */
#pragma once
#include "observe/layers_log.h"
#include <stdio.h>

struct layers {
    FILE *file;
    bool json, all; /* all: every message, else the first of each way of a dialogue */
    struct names names;
    struct layers_log log;
};

int layers_init(struct layers *l, FILE *file, const struct names *names, bool json, bool all);
void layers_event(struct layers *l, const struct sockeye_event *event);
void layers_done(struct layers *l); /* writes */
