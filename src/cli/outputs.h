/* SPDX-License-Identifier: MIT */
/*
 * What a run writes beside its summary: trace, capture, ladder, record. Shared by lab and replay.
 * A file named "-" is standard output.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "sockeye/sockeye.h"

enum outputs_trace { TRACE_NONE, TRACE_TEXT, TRACE_JSON };
enum outputs_ladder { LADDER_NONE, LADDER_FOLDED, LADDER_ALL };

struct outputs_options {
    enum outputs_trace trace;
    enum outputs_ladder ladder;
    bool pcap_sides;
    const char *trace_file, *pcap, *record;
    uint64_t record_limit;
};

enum { OUTPUTS_VIEWS = 3 };

struct outputs {
    struct outputs_view {
        struct sockeye_view *view;
        FILE *file;
        const char *name;
    } view[OUTPUTS_VIEWS];
    int count;
    struct sockeye *lab;
    int record;
    const char *record_name;
};

/* Takes an option that getopt_long met, by its letter: t --trace[=json], T --trace-file, p --pcap,
 * P --pcap-sides, l --ladder[=all]. @return a code of enum command_exit, after a message if need be
 */
int outputs_read_option(int option, char **argv, struct outputs_options *outputs);
/* Opens what is wanted, before the first event; the record first. @return 0, or -errno after a
 * message; outputs_close is right in both cases */
int outputs_open(struct outputs *outputs, struct sockeye *lab,
                 const struct outputs_options *options);
/* Flushes and closes; says what went wrong. @return 0 or -EIO */
int outputs_close(struct outputs *outputs);
/* Does one of the outputs use standard output for binary data? */
bool outputs_take_stdout(const struct outputs_options *options);
