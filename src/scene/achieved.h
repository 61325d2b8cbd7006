/* SPDX-License-Identifier: MIT */
/*
 * What the faults of wires came to, beside what was asked: an observer that counts, for each
 * direction of a wire, the frames and what befell them, and measures how long each was under way
 * by its own two times. What was asked is summed up frame by frame, with the settings that held
 * when it was sent, so faults that came and went are in it.
 *
 * A count is as asked if it lies within 3.29 standard deviations (99.9 %) of what was asked, and a
 * few frames more, where the normal law is too narrow; in bursts, where losses depend on each
 * other, the deviation is that of the model. Delays are kept in buckets an eighth of an octave
 * wide, so that a quantile is right to 9 %, and the most exactly. Integers; a fixed size for each
 * direction that carries frames.
 */
#pragma once
#include <stdio.h>
#include "scene/weather.h"
#include "sockeye/event.h"

enum {
    SCENE_ACHIEVED_FLIGHT = 1024, /* frames under way at a time that are measured */
    SCENE_ACHIEVED_BUCKETS = 64 * 8
};

/* Frames that something befell, and how many were to be: in millionths, and their variance. */
struct scene_achieved_count {
    uint64_t count, asked, variance;
};

struct scene_achieved_direction {
    uint64_t frames, delivered, refused, down, standing, marked;
    struct scene_achieved_count lost, duplicated, corrupted, reordered;
    int64_t least, most, asked_least; /* of the delay */
    uint64_t measured;
    uint32_t bucket[SCENE_ACHIEVED_BUCKETS];
    struct {
        uint64_t serial;
        int64_t sent;
    } flight[SCENE_ACHIEVED_FLIGHT]; /* by serial */
};

struct scene_achieved {
    const struct scene_weather *weather;
    struct scene_achieved_direction **direction; /* two of each wire of the file; NULL: no frame */
    unsigned count;
};

/* @return 0 or -errno */
int scene_achieved_watch(struct scene_achieved *achieved, const struct scene_weather *weather);
void scene_achieved_close(struct scene_achieved *achieved);
/* A line for each direction that was asked for something; or (`all` false) of those alone where a
 * count is more than twice as far off as it may be, or a frame came too early. */
void scene_achieved_print(const struct scene_achieved *achieved, bool all, FILE *out,
                          const char *prefix);

/* The parts of it, for tests. */
void scene_achieved_delay(struct scene_achieved_direction *d, int64_t delay);
int64_t scene_achieved_quantile(const struct scene_achieved_direction *d, unsigned percent);
/* How far a count is off what was asked, as a part of what it may be, in percent: 100 is the bound.
 */
uint64_t scene_achieved_off(const struct scene_achieved_count *c);
