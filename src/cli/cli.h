/* SPDX-License-Identifier: MIT */
/*
 * The subcommands of `sockeye`, one file each, and what they share. Each takes its own argv
 * (argv[0] is "sockeye lab"), speaks its own --help, and returns the exit code of the process.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "scene/ending.h"
#include "scene/outputs.h"

/* The words of scene/ending.h, for commands that play no lab too. */
enum cli_exit {
    CLI_OK = SCENE_OK,
    CLI_FAILED = SCENE_FAILED,
    CLI_MISUSED = SCENE_MISUSED,
    CLI_SIGNALLED = SCENE_SIGNALLED
};

int cli_lab(int argc, char **argv);
int cli_exec(int argc, char **argv);
int cli_set(int argc, char **argv);
int cli_show(int argc, char **argv);
int cli_replay(int argc, char **argv);
int cli_drill(int argc, char **argv);
int cli_doctor(int argc, char **argv);
int cli_settings(int argc, char **argv);

/* Says what is wrong with the arguments, and where help is. @return CLI_MISUSED */
__attribute__((format(printf, 2, 3))) int cli_misused(char **argv, const char *format, ...);
/* Of a subcommand without options and arguments: prints its help if asked. @return CLI_OK to go
 * on or, *is_done, to end; else the exit code, after a message */
int cli_takes_nothing(int argc, char **argv, const char *help, bool *is_done);
/* Reads a whole number of an option. @return false after cli_misused's message */
bool cli_number(char **argv, const char *option, const char *text, uint64_t most, uint64_t *value);
/* Reads an octal mode of files. @return false after cli_misused's message */
bool cli_mode(char **argv, const char *text, unsigned *mode);
/* The argument of --tables: none, or json. @return false after cli_misused's message */
bool cli_tables(char **argv, const char *text, bool *is_json);
/* Takes an option that getopt_long met, by its letter: t --trace[=json], T --trace-file, p --pcap,
 * P --pcap-sides, l --ladder[=all], c --color, m --mode.
 * @return a code of enum cli_exit, after a message if need be */
int cli_outputs_option(int option, char **argv, struct scene_outputs_options *outputs);
/* Do they go together? @return CLI_OK, or CLI_MISUSED after a message */
int cli_outputs_check(char **argv, const struct scene_outputs_options *outputs);
