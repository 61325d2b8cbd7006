/* SPDX-License-Identifier: MIT */
/* Finding the labs of ours that run, by their sockets (scene/control.h), and entering one. */
#pragma once
#include <stddef.h>
#include <stdio.h>

enum { CLI_RUNNING_PATIENCE_S = 3 }; /* a lab that does not answer for so long is told */

/* Goes through the running labs in the order of their names: prints them to `out` if not NULL; the
 * last one's name to `name`. @return how many there are */
int cli_running_find(const char *place, char *name, size_t size, FILE *out);
/* @return a connection to the lab of that name, or to the only one (NULL); -1 after a message that
 * begins with `who` */
int cli_running_connect(const char *who, const char *lab);
