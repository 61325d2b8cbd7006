/* SPDX-License-Identifier: MIT */
/*
 * The subcommands of `sockeye`, one file each, and what they share. Each takes its own argv
 * (argv[0] is "sockeye lab"), speaks its own --help, and returns the exit code of the process.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum command_exit {
    COMMAND_OK,             /* and all expectations hold */
    COMMAND_FAILED,         /* an expectation failed, or the machine did */
    COMMAND_MISUSED,        /* options, arguments or a lab file are wrong; nothing was done */
    COMMAND_SIGNALLED = 128 /* plus the signal's number */
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
/* SIGINT, SIGTERM and SIGHUP are noted from now on. @return the last one noted, or 0 */
void command_watch_signals(void);
int command_signal(void);
int command_take_signal(void); /* and forgets it */
