/* SPDX-License-Identifier: MIT */
/*
 * The bytes that built-in traffic sends: byte n of a stream is a function of the seed and n alone,
 * so a receiver verifies any piece of it without having seen the rest, and a byte that was lost,
 * doubled or moved by a multiple of anything small does not go unseen.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

void service_pattern_fill(uint64_t seed, uint64_t offset, void *bytes, size_t length);
/* @return how many bytes from the front are right; `length` if all are */
size_t service_pattern_check(uint64_t seed, uint64_t offset, const void *bytes, size_t length);
