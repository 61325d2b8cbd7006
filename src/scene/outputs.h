/* SPDX-License-Identifier: MIT */
/*
 * What a lab that runs, or one that is replayed, writes beside its summary: trace, capture, ladder,
 * layers, record. A file named "-" is standard output. Files are the user's alone unless a mode is
 * asked for: they hold what programs sent.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "sockeye/sockeye.h"

enum scene_outputs_trace { TRACE_NONE, TRACE_TEXT, TRACE_JSON };
enum scene_outputs_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
enum scene_outputs_ladder { LADDER_NONE, LADDER_FOLDED, LADDER_ALL };
enum scene_outputs_layers { LAYERS_OFF, LAYERS_FIRST, LAYERS_EVERY, LAYERS_JSON };

struct scene_outputs_options {
    enum scene_outputs_trace trace;
    enum scene_outputs_ladder ladder;
    enum scene_outputs_layers layers;
    enum scene_outputs_color color; /* of a ladder; AUTO: on a terminal, without NO_COLOR */
    bool pcap_sides;
    const char *trace_file, *pcap, *record;
    uint64_t record_limit;
    bool has_mode;
    unsigned mode; /* of the files */
};

enum { SCENE_OUTPUTS_VIEWS = 4 };

struct scene_outputs {
    struct scene_outputs_view {
        struct sockeye_view *view;
        FILE *file;
        bool is_standard; /* output or error: not ours to close */
        const char *name;
    } view[SCENE_OUTPUTS_VIEWS];
    int count;
    struct sockeye *lab;
    const struct scene_outputs_options *options;
    int record;
    const char *record_name;
};

/* Opens what is wanted, before the first event; the record first. @return 0, or -errno after a
 * message; scene_outputs_close is right in both cases */
int scene_outputs_open(struct scene_outputs *outputs, struct sockeye *lab,
                       const struct scene_outputs_options *options);
/* Flushes and closes; says what went wrong. @return 0 or -EIO */
int scene_outputs_close(struct scene_outputs *outputs);
/* Does one of the outputs use standard output in a form for programs (a capture, JSON)? Then all
 * that is for people goes to standard error. */
bool scene_outputs_take_stdout(const struct scene_outputs_options *options);
/* Is a trace for people written there? */
bool scene_outputs_trace_stdout(const struct scene_outputs_options *options);
