/* SPDX-License-Identifier: MIT */
/*
 * Bytes that wait at a socket: in a block that the socket has only while some wait, at most a
 * chunk. Blocks are kept for the next who needs one, so that a stream that is often a little ahead
 * of the lab costs no allocation.
 *
 * What was taken from one side cannot be put back: so whoever takes asks for a block first
 * (guest_buffer_ready), and takes nothing while there is no memory.
 */
#include <stdlib.h>
#include <string.h>

#include "guest/state.h"

bool guest_buffer_ready(struct guest_runner *runner)
{
    uint8_t *block;

    if (runner->spare_count > 0)
        return true;
    block = malloc(GUEST_CHUNK);
    if (block == NULL)
        return false;
    runner->spare[runner->spare_count++] = block;
    return true;
}

static void put_block(struct guest_runner *runner, uint8_t *block)
{
    if (block != NULL && runner->spare_count < GUEST_SPARE)
        runner->spare[runner->spare_count++] = block;
    else
        free(block);
}

void guest_buffer_add(struct guest_runner *runner, struct guest_buffer *b, const void *bytes,
                      size_t length)
{
    if (b->length + length > GUEST_CHUNK || (b->bytes == NULL && runner->spare_count == 0))
        __builtin_trap(); /* the caller did not ask */
    if (b->bytes == NULL) {
        b->bytes = runner->spare[--runner->spare_count];
    } else if (b->from + b->length + length > GUEST_CHUNK) {
        memmove(b->bytes, b->bytes + b->from, b->length);
        b->from = 0;
    }
    if (length > 0)
        memcpy(b->bytes + b->from + b->length, bytes, length);
    b->length += length;
}

void guest_buffer_drop(struct guest_runner *runner, struct guest_buffer *b, size_t length)
{
    b->from += length;
    b->length -= length;
    if (b->length == 0)
        guest_buffer_done(runner, b);
}

void guest_buffer_done(struct guest_runner *runner, struct guest_buffer *b)
{
    put_block(runner, b->bytes);
    memset(b, 0, sizeof *b);
}
