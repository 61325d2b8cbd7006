/* SPDX-License-Identifier: MIT */
/*
 * The private directory of a user's running labs: $XDG_RUNTIME_DIR/sockeye, or /tmp/sockeye-UID. In
 * it stand NAME.sock, where `sockeye exec` finds a lab, NAME-PID.logs/, the output of its programs,
 * and PID.h/, the runner's ends of their sockets.
 * It must be a directory of ours that nobody else can enter.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum { SCENE_PLACE_BYTES = 54 }; /* so that NAME.sock fits a socket's address */

/* Finds the directory, makes it if `make`, and then removes what labs that were killed have left.
 * @return 0 or -errno after a message */
int scene_place_open(char path[SCENE_PLACE_BYTES], bool make);
/* Removes the directory if it is empty. */
void scene_place_close(const char *path);
/* Does a lab listen at this socket? */
bool scene_place_is_alive(const char *path);
/* Removes a directory and the files in it (no directories in it). */
void scene_place_remove(const char *path);
