/* SPDX-License-Identifier: MIT */
/* Theory in line.h. */
#include "scene/line.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include "sockeye/sockeye.h"

static const int64_t first_after = 1000000000, next_after = 200000000; /* of real time */
enum { USUAL_COLUMNS = 80 };

static int64_t monotonic(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void scene_line_open(struct scene_line *line, bool is_wanted)
{
    line->is_drawn = false;
    line->next = SOCKEYE_NEVER;
    if (is_wanted && isatty(STDOUT_FILENO) != 0 && isatty(STDERR_FILENO) != 0)
        line->next = monotonic() + first_after;
}

bool scene_line_is_due(struct scene_line *line)
{
    int64_t now;

    if (line->next == SOCKEYE_NEVER)
        return false;
    now = monotonic();
    if (now < line->next)
        return false;
    line->next = now + next_after;
    return true;
}

void scene_line_draw(struct scene_line *line, const char *text)
{
    struct winsize size;
    int columns = USUAL_COLUMNS;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
        columns = size.ws_col;
    fprintf(stderr, "\r\033[K%.*s", columns - 1, text);
    line->is_drawn = true;
}

void scene_line_clear(struct scene_line *line)
{
    if (line->is_drawn)
        fprintf(stderr, "\r\033[K");
    line->is_drawn = false;
}
