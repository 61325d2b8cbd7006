/* SPDX-License-Identifier: MIT */
/*
 * How the playing of a lab ends: the codes that the command exits with, and the signals that end it
 * before its time. One process plays one lab, so the last signal is of the process.
 */
#pragma once
#include <stdbool.h>

enum scene_ending {
    SCENE_OK,             /* and all expectations hold */
    SCENE_FAILED,         /* an expectation failed, or the machine did */
    SCENE_MISUSED,        /* options, arguments or a lab file are wrong; nothing was done */
    SCENE_SIGNALLED = 128 /* plus the signal's number */
};

/* SIGINT, SIGTERM and SIGHUP are noted from now on. `once`: each once, the next of its kind ends
 * the process. */
void scene_ending_watch_signals(bool once);
/* @return the last signal noted, or 0 */
int scene_ending_signal(void);
int scene_ending_take_signal(void); /* and forgets it */
