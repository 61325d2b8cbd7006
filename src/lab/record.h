/* SPDX-License-Identifier: MIT */
/*
 * The record of a run: a header with what sockeye_open was given, then chunks. A chunk is its
 * length, a keyed hash of its bytes and its number, and its bytes: entries, none of which is cut.
 *
 *     RECORD_INPUT  time, steps, input     what was asked; `steps` events ran at just this time
 *     RECORD_FRAME  time, wire, direction, 64-bit hash of the frame     what came of it
 *     RECORD_END    time, steps, why       stopped, or full
 *
 * Times are differences to the entry before. A file without RECORD_END was cut off. A record that
 * begins when the lab has had inputs starts with an image, and is then for the same build only.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "lab/handle.h"

enum record_entry { RECORD_INPUT = 1, RECORD_FRAME, RECORD_END };
enum record_end { RECORD_STOPPED, RECORD_AT_BOUND };

enum record_constants {
    RECORD_VERSION = 1,
    RECORD_HEADER_BYTES = 80,
    RECORD_CHUNK_HEADER_BYTES = 12,
    RECORD_CHUNK_BYTES = 1 << 16, /* a chunk is written when it has grown to this */
    RECORD_CHUNK_MOST = 2 * INPUT_MOST_BYTES + (1 << 20),
    RECORD_END_BYTES = 64,         /* kept free for the last entry */
    RECORD_OLD_LOOPBACK_WIRE = 512 /* + host, of a loopback: when labs had 512 wires at most */
};

/* What is written down, and held against it in a replay. */
#define RECORD_EVENTS (1U << EVENT_FRAME_SENT | EVENT_BYTES)

/* The header as values. */
struct record_header {
    struct sockeye_config config;
    bool has_image;
};

void record_header_write(uint8_t bytes[RECORD_HEADER_BYTES], const struct record_header *h);
bool record_header_read(const uint8_t bytes[RECORD_HEADER_BYTES], struct record_header *h);
uint64_t record_chunk_hash(uint64_t number, const void *bytes, size_t length);
uint64_t record_frame_hash(const struct sockeye_event *event);

void record_input(struct record *r, const struct lab *lab, const struct input *in, ssize_t result);
