/* SPDX-License-Identifier: MIT */
/*
 * What --report says behind the outcome of each program: what the wires did, how late the driver
 * was, and what programs asked for in vain, by name and with the cure.
 */
#pragma once
#include <stdio.h>

struct scene_run;

/* Keeps what the runner and the drive know, before they are closed. */
void scene_report_keep(struct scene_run *run);
/* What a program (its number) asked for in vain, a line each. */
void scene_report_refusals(const struct scene_run *run, int program, FILE *out, const char *prefix);
void scene_report_print(struct scene_run *run, FILE *out, const char *prefix);
