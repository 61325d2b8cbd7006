/* SPDX-License-Identifier: MIT */
/*
 * The bytes that built-in traffic sends: byte n of a stream is a function of the seed and n alone,
 * so a receiver verifies any piece of it without having seen the rest, and a byte that was lost,
 * doubled or moved by a multiple of anything small does not go unseen.
 *
 * Who sends a stream offers a full piece at each try, and the socket takes what it has room for,
 * which may be one byte. A service_pattern keeps what was made and not taken, so that each byte of
 * the stream is made once, however often it is offered.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* The sender's end of a stream. */
struct service_pattern {
    uint64_t seed;
    uint64_t made; /* bytes of the stream made so far */
    uint8_t *bytes;
    size_t most; /* of a piece; `bytes` has room for two */
    size_t from; /* what is held begins here in `bytes` */
    size_t held; /* made, not taken yet */
};

void service_pattern_fill(uint64_t seed, uint64_t offset, void *bytes, size_t length);
/* @return how many bytes from the front are right; `length` if all are */
size_t service_pattern_check(uint64_t seed, uint64_t offset, const void *bytes, size_t length);

/* Begins a stream whose pieces have at most `most` bytes. @return 0 or -ENOMEM */
int service_pattern_init(struct service_pattern *pattern, uint64_t seed, size_t most);
void service_pattern_done(struct service_pattern *pattern); /* one of zeroes is fine */
/* @return the next `length` bytes (at most `most`) of the stream, until the next call of these */
const uint8_t *service_pattern_next(struct service_pattern *pattern, size_t length);
/* The first `length` of them are gone, and are not offered again. */
void service_pattern_take(struct service_pattern *pattern, size_t length);
