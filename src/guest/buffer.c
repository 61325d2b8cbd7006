/* SPDX-License-Identifier: MIT */
/*
 * Bytes that wait at a socket: in a block that the socket has only while some wait. Blocks are kept
 * for the next who needs one, so that a stream that is often a little ahead of the lab costs no
 * allocation.
 */
#include <stdlib.h>
#include <string.h>

#include "guest/state.h"

static uint8_t *get_block(struct guest_runner *runner, size_t *size)
{
    if (*size > GUEST_CHUNK)
        return malloc(*size);
    *size = GUEST_CHUNK;
    if (runner->spare_count > 0)
        return runner->spare[--runner->spare_count];
    return malloc(*size);
}

static void put_block(struct guest_runner *runner, uint8_t *block, size_t size)
{
    if (block != NULL && size == GUEST_CHUNK && runner->spare_count < GUEST_SPARE)
        runner->spare[runner->spare_count++] = block;
    else
        free(block);
}

int guest_buffer_add(struct guest_runner *runner, struct guest_buffer *b, const void *bytes,
                     size_t length)
{
    size_t size = b->length + length;

    if (b->bytes == NULL || size > b->size) {
        uint8_t *block = get_block(runner, &size);

        if (block == NULL)
            return -ENOBUFS;
        if (b->length > 0)
            memcpy(block, b->bytes + b->from, b->length);
        put_block(runner, b->bytes, b->size);
        b->bytes = block;
        b->size = size;
        b->from = 0;
    } else if (b->from + size > b->size) {
        memmove(b->bytes, b->bytes + b->from, b->length);
        b->from = 0;
    }
    if (length > 0)
        memcpy(b->bytes + b->from + b->length, bytes, length);
    b->length += length;
    return 0;
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
    put_block(runner, b->bytes, b->size);
    memset(b, 0, sizeof *b);
}
