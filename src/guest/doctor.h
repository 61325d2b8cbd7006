/* SPDX-License-Identifier: MIT */
/*
 * `sockeye doctor`: tries, one by one, what the runner needs of the machine, and says for each that
 * is missing the exact cure. Every probe is done for real in a child process, as the user we are.
 */
#pragma once
#include <stdio.h>

/* Prints a line a probe to `file`. @return 0 all is there; 1 something is missing */
int guest_doctor(FILE *file);
