/* SPDX-License-Identifier: MIT */
/*
 * Bytes of unknown length for the log: a buffer that grows, and the form of numbers in it, written
 * and read back. Numbers are base 128, signed ones in zigzag, so that a short call costs ten bytes.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* A buffer that grows; `failed` sticks. */
struct sink {
    uint8_t *bytes;
    size_t used, room;
    bool failed;
};

void sink_bytes(struct sink *s, const void *bytes, size_t length);
void sink_number(struct sink *s, uint64_t value); /* base 128, least part first */
void sink_signed(struct sink *s, int64_t value);
uint64_t sink_number_read(struct reader *r);
int64_t sink_signed_read(struct reader *r);
