/* SPDX-License-Identifier: MIT */
/*
 * The output of programs with `log: stdout` while a trace is written there too: it comes through a
 * pipe each and goes out by the same stream as the trace, in whole lines, so that no line stands in
 * the midst of another.
 */
#pragma once
#include <stdio.h>
#include "drive/drive.h"

struct scene_relay;

/* For at most `programs`. @return 0 or -errno */
int scene_relay_open(struct drive *drive, FILE *out, unsigned programs, struct scene_relay **relay);
/* A new pipe. @return the end for a program to write to, which the caller closes; -errno */
int scene_relay_add(struct scene_relay *relay);
/* What is in the pipes is written, with the beginning of a line that has no end. NULL is fine. */
void scene_relay_close(struct scene_relay *relay);
