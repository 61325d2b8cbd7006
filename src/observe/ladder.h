/* SPDX-License-Identifier: MIT */
/*
 * The conversation as a sequence diagram in the terminal: each TCP connection with its two hosts as
 * lifelines, 100 columns wide, UTF-8. Written when the view closes, connections in their order.
 */
#pragma once
#include "observe/flows.h"
#include "observe/names.h"
#include <stdio.h>

struct ladder_drawing;

struct ladder {
    FILE *file;
    struct names names;
    bool all; /* no folding of long data phases */
    struct flows flows;
    struct ladder_drawing *drawing; /* of flows.flow, by index */
    int count, room;
    uint64_t left_out; /* segments not drawn for want of memory or room */
};

int ladder_init(struct ladder *l, FILE *file, const struct names *names, bool all);
void ladder_event(struct ladder *l, const struct sockeye_event *event);
void ladder_done(struct ladder *l); /* draws */
