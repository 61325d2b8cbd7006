/* SPDX-License-Identifier: MIT */
/*
 * Where things stand in a YAML file: every path ("hosts[1].interfaces[0].address") with its line
 * and, for a scalar, its text. libcyaml tells lines only while it loads; checks that come after it,
 * such as units and names, find theirs here. Built by one pass over libyaml's events.
 */
#pragma once
#include <stddef.h>

struct scene_index;

/* @return 0, -EINVAL: not YAML, then `message` and `line` say what and where; -ENOMEM */
int scene_index_open(const char *text, size_t length, struct scene_index **index, int *line,
                     char *message, size_t size);
void scene_index_close(struct scene_index *index);
/* The line of a path, or of the nearest path above it that exists; 0 if there is none. */
int scene_index_line(struct scene_index *index, const char *path);
/* The path for people: "hosts.server.interfaces.eth0.address", by the `name` of list entries. */
void scene_index_show(struct scene_index *index, const char *path, char *text, size_t size);
