/* SPDX-License-Identifier: MIT */
/* Figures as people read them: `26.266 s`, `1.6 ms`, `25,788`, `23.5 MB`, `2 programs`. */
#pragma once
#include <stdint.h>

struct scene_text {
    char bytes[300];
};

struct scene_text scene_text_seconds(int64_t time); /* nanoseconds */
/* A short time: three digits or more that count, in the unit that fits. */
struct scene_text scene_text_time(int64_t time);
struct scene_text scene_text_count(uint64_t n); /* thousands apart */
/* A plain count of bytes below 10 kB; behind it a unit of thousands. */
struct scene_text scene_text_bytes(uint64_t n);
struct scene_text scene_text_plural(uint64_t n, const char *noun);
