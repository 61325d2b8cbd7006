/* SPDX-License-Identifier: MIT */
/*
 * A lab that runs: the parts of the file, its programs and traffic with how far each is, and what
 * is written. cmd_lab.c opens it, runs it and asks for the summary.
 *
 * With real programs the runner drives the lab by the wall clock. Without any, time jumps from
 * deadline to deadline, and no clock is read at all.
 */
#pragma once
#include "7-application/run.h"
#include "7-application/service.h"
#include "cli/control.h"
#include "cli/counts.h"
#include "cli/outputs.h"
#include "cli/place.h"
#include "lab/topology.h"

struct lab_options {
    const char *path;
    bool has_seed, tap, quiet, keep_logs, stay;
    uint64_t seed;
    struct outputs_options outputs;
};

enum program_stage { PROGRAM_WAITING, PROGRAM_RUNNING, PROGRAM_ENDED };

struct lab_program {
    const struct topology_program *plan;
    unsigned host, index; /* in the file */
    enum program_stage stage;
    int number; /* the runner's */
    bool was_killed;
    bool was_ended; /* a background program, by us */
    int status;     /* waitpid's */
    int64_t started, ended;
    char log[160];     /* "": standard output */
    char problem[200]; /* "": as expected */
};

struct lab_traffic {
    const struct topology_traffic *plan;
    unsigned host, index;
    int service;
};

struct lab_run {
    const struct lab_options *options;
    struct topology_file file;
    struct sockeye *lab;
    struct outputs outputs;
    struct counts counts;
    struct services *services;
    struct runner *runner; /* NULL: virtual time */
    struct control *control;
    struct lab_program *programs;
    struct lab_traffic *traffic;
    unsigned program_count, traffic_count;
    uint64_t seed;
    char name[SOCKEYE_NAME_BYTES + 16];
    char place[PLACE_BYTES], logs[PLACE_BYTES + 80];
    struct runner_statistics statistics; /* of the runner, once it is closed */
    char *report;                        /* of unsupported calls; "" if none */
    int report_lines;
    int64_t ended; /* the lab's time then; connections close after it */
    int64_t next_progress;
    char problem[300]; /* of the lab as a whole; "": none */
    bool is_over;
};

/* ---- lab_run.c ---- */

/* Reads the file and makes everything. @return an exit code; lab_run_close is right in any case */
int lab_run_open(struct lab_run *run, const struct lab_options *options);
/* Runs to the end. @return an exit code */
int lab_run_all(struct lab_run *run);
void lab_run_close(struct lab_run *run);
/* The first thing that went wrong with the whole is kept. */
__attribute__((format(printf, 2, 3))) void lab_run_fail(struct lab_run *run, const char *format,
                                                        ...);

/* ---- lab_programs.c ---- */

/* Fills the array from the file; sees that programs and directories exist. @return an exit code */
int lab_programs_open(struct lab_run *run);
/* Makes the log files' directory. @return 0 or -errno after a message */
int lab_programs_logs(struct lab_run *run);
/* Starts what may start by now. *time: when to look again, if only time is missing. */
void lab_programs_start(struct lab_run *run, int64_t *time);
/* Looks at the states of what runs; kills what is to be killed. */
void lab_programs_watch(struct lab_run *run);
/* Is a program still to end that the lab waits for? */
bool lab_programs_are_running(const struct lab_run *run);
void lab_programs_end_background(struct lab_run *run);
bool lab_programs_background_is_gone(const struct lab_run *run);
/* Judges what has not ended. */
void lab_programs_finish(struct lab_run *run);
/* Do the conditions hold now? *time: when to look again, if only time is missing. */
bool lab_condition_holds(struct lab_run *run, const struct topology_after *after, int64_t *time);

/* ---- lab_traffic.c ---- */

int lab_traffic_open(struct lab_run *run);
void lab_traffic_start(struct lab_run *run, int64_t *time);
bool lab_traffic_is_running(const struct lab_run *run);

/* ---- lab_summary.c ---- */

/* Prints the outcome. @return COMMAND_OK if all expectations hold, else COMMAND_FAILED */
int lab_summary(struct lab_run *run, FILE *out);
/* A line on the terminal, now and then. */
void lab_progress(struct lab_run *run);
void lab_progress_clear(struct lab_run *run);
