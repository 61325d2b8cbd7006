/* SPDX-License-Identifier: MIT */
/*
 * One line on the terminal that is written anew, five times a second from the second second on, and
 * is gone at the end: how far a long run is. For eyes alone: it is not drawn where standard output
 * or error is piped.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct scene_line {
    int64_t next; /* of the monotonic clock; SOCKEYE_NEVER: not drawn */
    bool is_drawn;
};

void scene_line_open(struct scene_line *line, bool is_wanted);
/* Is it time to draw? Only the terminal sees this clock; the lab does not. */
bool scene_line_is_due(struct scene_line *line);
void scene_line_draw(struct scene_line *line, const char *text); /* cut to the terminal */
void scene_line_clear(struct scene_line *line);
