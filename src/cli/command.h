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
enum command_exit {
    COMMAND_OK = SCENE_OK,
    COMMAND_FAILED = SCENE_FAILED,
    COMMAND_MISUSED = SCENE_MISUSED,
    COMMAND_SIGNALLED = SCENE_SIGNALLED
};

int command_lab(int argc, char **argv);
int command_exec(int argc, char **argv);
int command_replay(int argc, char **argv);
int command_drill(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_settings(int argc, char **argv);

/* Says what is wrong with the arguments, and where help is. @return COMMAND_MISUSED */
__attribute__((format(printf, 2, 3))) int command_misused(char **argv, const char *format, ...);
/* Of a subcommand without options and arguments: prints its help if asked. @return COMMAND_OK to go
 * on or, *is_done, to end; else the exit code, after a message */
int command_takes_nothing(int argc, char **argv, const char *help, bool *is_done);
/* Reads a whole number of an option. @return false after command_misused's message */
bool command_number(char **argv, const char *option, const char *text, uint64_t most,
                    uint64_t *value);
/* Takes an option that getopt_long met, by its letter: t --trace[=json], T --trace-file, p --pcap,
 * P --pcap-sides, l --ladder[=all]. @return a code of enum command_exit, after a message if need be
 */
int command_outputs_option(int option, char **argv, struct scene_outputs_options *outputs);
