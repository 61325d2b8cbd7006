/* SPDX-License-Identifier: MIT */
/*
 * A lab that runs: the parts of the file, its programs and traffic with how far each is, and what
 * is written. cli/lab.c opens it, runs it and asks for the summary.
 *
 * With real programs the lab is driven by the wall clock. Without any, time jumps from
 * deadline to deadline, and no clock is read at all.
 */
#pragma once
#include "drive/drive.h"
#include "guest/guest.h"
#include "7-application/service.h"
#include "7-application/service_dhcp.h"
#include "7-application/service_lease.h"
#include "scene/achieved.h"
#include "scene/connections.h"
#include "scene/control.h"
#include "scene/counts.h"
#include "scene/names.h"
#include "scene/line.h"
#include "scene/outputs.h"
#include "scene/place.h"
#include "scene/reach.h"
#include "scene/relay.h"
#include "scene/scene.h"
#include "scene/weather.h"

struct scene_options {
    const char *path;
    bool has_seed, tap, quiet, report, keep_logs, stay, tables, tables_json;
    uint64_t seed;
    struct scene_outputs_options outputs;
};

enum scene_stage { SCENE_WAITING, SCENE_RUNNING, SCENE_ENDED };

struct scene_run_program {
    const struct scene_program *plan;
    unsigned host, index; /* in the file */
    enum scene_stage stage;
    int number; /* the runner's */
    bool was_killed;
    bool was_ended;   /* a background program, by us */
    bool has_crashed; /* with its host */
    int status;       /* waitpid's */
    int64_t started, ended;
    char *directory;
    char *log;         /* NULL: standard output */
    char problem[200]; /* "": as expected */
};

struct scene_run_traffic {
    const struct scene_traffic *plan;
    unsigned host, index;
    int service;
};

/* A server or client of DHCP, on an interface. */
struct scene_run_dhcp {
    unsigned host, interface;
    struct service_lease_plan lease;   /* of a server */
    struct service_inform_plan inform; /* the same, of stateless DHCPv6 */
    int service;
};

/* A name server. */
struct scene_run_server {
    unsigned host;
    int service;
};

struct scene_run {
    const struct scene_options *options;
    struct scene_file file;
    struct sockeye *lab;
    struct scene_outputs outputs;
    struct scene_counts counts;
    struct scene_connections connections;
    struct scene_reach reach;
    struct service_set *services;
    struct scene_names names;
    struct drive *drive;         /* NULL: virtual time */
    struct guest_runner *runner; /* the same */
    struct scene_control *control;
    struct scene_weather weather;   /* faults, as they are now */
    struct scene_achieved achieved; /* what they came to; not watched: nothing is asked of any */
    struct scene_relay *relay;      /* of programs' output, beside a trace; NULL: none */
    struct scene_run_program *programs;
    unsigned *first_program;          /* of each host, its place among them */
    struct scene_run_dhcp *dhcp;      /* servers first, then clients */
    struct scene_run_server *servers; /* of names, as the weather has them */
    unsigned servers_count;
    struct scene_run_traffic *traffic;
    struct scene_run_traffic **waiting; /* to be started, in the order in which they are */
    unsigned program_count, traffic_count, waiting_count, dhcp_count;
    bool has_begun; /* its servers of names, and servers and clients of DHCP */
    uint64_t seed;
    char name[SOCKEYE_NAME_BYTES + 16];
    char place[SCENE_PLACE_BYTES], logs[SCENE_PLACE_BYTES + 80];
    struct guest_statistics statistics; /* of the runner and the drive, once they are closed */
    struct drive_statistics lateness;
    struct guest_complaint *complaints; /* what programs asked for in vain */
    int complaint_count;
    int64_t ended; /* the lab's time then; connections close after it */
    struct scene_line progress;
    char *tables;      /* as they were at the end, or NULL */
    char problem[300]; /* of the lab as a whole; "": none */
    bool is_over;
    bool is_real; /* it ran by the wall clock */
};

/* ---- run.c ---- */

/* Reads the file and makes everything. @return enum scene_ending; scene_run_close is right in any
 * case */
int scene_run_open(struct scene_run *run, const struct scene_options *options);
/* Runs to the end. @return enum scene_ending, SCENE_SIGNALLED plus the signal */
int scene_run_all(struct scene_run *run);
void scene_run_close(struct scene_run *run);

/* ---- programs.c ---- */

/* Fills the array from the file; sees that programs and directories exist. @return enum
 * scene_ending */
int scene_programs_open(struct scene_run *run);
void scene_programs_close(struct scene_run *run);
/* Makes the log files' directory. @return 0 or -errno after a message */
int scene_programs_logs(struct scene_run *run);
/* Starts what may start by now. *time: when to look again, if only time is missing. */
void scene_programs_start(struct scene_run *run, int64_t *time);
/* Looks at the states of what runs; kills what is to be killed. */
void scene_programs_watch(struct scene_run *run);
/* Its programs are killed, started again as far as they were, stopped, or go on. */
void scene_programs_befall(struct scene_run *run, unsigned host, enum scene_weather_host what);
/* Is a program still to end that the lab waits for? */
bool scene_programs_are_running(const struct scene_run *run);
void scene_programs_end_background(struct scene_run *run);
bool scene_programs_background_is_gone(const struct scene_run *run);
/* Judges what has not ended. */
void scene_programs_finish(struct scene_run *run);
/* Do the conditions hold now? *time: when to look again, if only time is missing. */
bool scene_condition_holds(struct scene_run *run, const struct scene_after *after, int64_t *time);

/* ---- traffic.c ---- */

/* Makes the services of the file. @return enum scene_ending */
int scene_traffic_open(struct scene_run *run);
void scene_traffic_start(struct scene_run *run, int64_t *time);
/* A host that crashed is back, and with it its name server. */
void scene_traffic_befall(struct scene_run *run, unsigned host, enum scene_weather_host what);
bool scene_traffic_is_running(const struct scene_run *run);
/* What went wrong with DHCP or name servers into `text`. @return false: nothing */
bool scene_traffic_services_failed(const struct scene_run *run, char *text, size_t size);

/* ---- summary.c ---- */

/* Prints the outcome. @return SCENE_OK if all expectations hold, else SCENE_FAILED */
int scene_summary(struct scene_run *run, FILE *out);

/* ---- progress.c ---- */

/* Of a lab that stays: its name, its hosts, how to enter it. */
void scene_progress_stay(const struct scene_run *run);
/* A line on the terminal, now and then; run->progress is to be cleared at the end. */
void scene_progress_open(struct scene_run *run);
void scene_progress(struct scene_run *run);
