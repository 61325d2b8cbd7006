/* SPDX-License-Identifier: MIT */
/*
 * The conversation as a sequence diagram in the terminal, UTF-8: each TCP connection, each pair of
 * UDP endpoints and each series of pings with its two hosts as lifelines. Written when the view
 * closes, by protocol, in the order in which they began. What the ends of a wire tell each other
 * by LAPB is a drawing for each wire; so is what they say of addresses, routers and groups: if all
 * is asked for, or where there is nothing else to draw.
 */
#pragma once
#include "observe/flows.h"
#include "observe/names.h"
#include "observe/rows.h"
#include <stdio.h>

enum ladder_limits { LADDER_COLUMNS = 100, LADDER_FRAGMENTS = 16 };
enum ladder_talk { LADDER_TCP, LADDER_UDP, LADDER_ECHO, LADDER_X25, LADDER_LINK, LADDER_TALKS };

struct ladder_drawing;

/* The conversations of a protocol. */
struct ladder_table {
    struct flows flows;
    struct ladder_drawing *drawing; /* of flows.flow, by index */
    int count, room;
};

/* Where the further pieces of a datagram belong. */
struct ladder_fragment {
    struct address source, dest;
    uint32_t id;
    uint8_t protocol; /* of IPv4: there it belongs to the number */
    int talk, flow, side;
};

struct ladder {
    FILE *file;
    struct names names;
    struct rows_style style;
    bool all; /* no folding of long data phases */
    struct ladder_table table[LADDER_TALKS];
    struct ladder_fragment fragment[LADDER_FRAGMENTS];
    unsigned fragments;
    uint64_t left_out; /* frames not drawn for want of memory or room */
};

int ladder_init(struct ladder *l, FILE *file, const struct names *names, bool all);
/* Before the first event; without it LADDER_COLUMNS and no colours. */
void ladder_style(struct ladder *l, int columns, bool has_colour);
void ladder_event(struct ladder *l, const struct sockeye_event *event);
void ladder_done(struct ladder *l); /* draws */
