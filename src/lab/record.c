/* SPDX-License-Identifier: MIT */
/*
 * Writing a run down. Entries gather in memory and are written a chunk at a time, so that a lab
 * waits for nothing but a write to a file; who drives it by the wall clock asks for that sooner.
 * Nothing that goes wrong here reaches the lab: a failed write or a lack of memory ends the record
 * (SOCKEYE_RECORD_FAILED), its size bound too (SOCKEYE_RECORD_FULL, with room kept for the entry
 * that says so).
 */
#include "lab/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/siphash.h"
#include "lab/file.h"

#define RECORD_MAGIC UINT64_C(0x6472636572796b73)

struct record {
    struct sink chunk, entry;
    uint64_t written, most;
    uint64_t chunks; /* written so far */
    int64_t time;    /* of the entry before */
    int fd;
    enum sockeye_record_state state;
    struct sockeye_reader *frames;
};

static const struct siphash_key record_key = {0x736f636b65796531, 0x7265636f726431};

void record_header_write(uint8_t bytes[RECORD_HEADER_BYTES], const struct record_header *h)
{
    struct writer w = writer_of(bytes, RECORD_HEADER_BYTES - 8);
    struct writer check = writer_of(bytes + RECORD_HEADER_BYTES - 8, 8);

    memset(bytes, 0, RECORD_HEADER_BYTES);
    write_u64(&w, RECORD_MAGIC);
    write_u32(&w, RECORD_VERSION);
    write_u32(&w, h->has_image);
    write_u64(&w, h->config.seed);
    write_u32(&w, h->config.hosts);
    write_u32(&w, h->config.wires);
    write_u32(&w, h->config.sockets);
    write_u32(&w, h->config.packets);
    write_u64(&w, h->config.buffer_bytes);
    write_u64(&w, h->config.wall_base);
    write_u64(&check, siphash(record_key, bytes, RECORD_HEADER_BYTES - 8));
}

bool record_header_read(const uint8_t bytes[RECORD_HEADER_BYTES], struct record_header *h)
{
    struct reader r = reader_of(bytes, RECORD_HEADER_BYTES);
    bool known = read_u64(&r) == RECORD_MAGIC;

    known = read_u32(&r) == RECORD_VERSION && known;
    h->has_image = read_u32(&r) != 0;
    h->config.seed = read_u64(&r);
    h->config.hosts = read_u32(&r);
    h->config.wires = read_u32(&r);
    h->config.sockets = read_u32(&r);
    h->config.packets = read_u32(&r);
    h->config.buffer_bytes = read_u64(&r);
    h->config.wall_base = read_u64(&r);
    read_skip(&r, reader_left(&r) - 8);
    return read_u64(&r) == siphash(record_key, bytes, RECORD_HEADER_BYTES - 8) && known;
}

uint64_t record_chunk_hash(uint64_t number, const void *bytes, size_t length)
{
    struct siphash_key key = {record_key.k0 ^ number, record_key.k1};

    return siphash(key, bytes, length);
}

uint64_t record_frame_hash(const struct sockeye_event *event)
{
    return siphash(record_key, event->frame.bytes, event->frame.length);
}

static void flush(struct record *r)
{
    uint8_t header[RECORD_CHUNK_HEADER_BYTES];
    struct writer w = writer_of(header, sizeof header);

    if (r->chunk.used == 0)
        return;
    write_u32(&w, (uint32_t)r->chunk.used);
    write_u64(&w, record_chunk_hash(r->chunks, r->chunk.bytes, r->chunk.used));
    if (file_write(r->fd, header, sizeof header) < 0 ||
        file_write(r->fd, r->chunk.bytes, r->chunk.used) < 0)
        r->state = SOCKEYE_RECORD_FAILED;
    r->written += sizeof header + r->chunk.used;
    r->chunk.used = 0;
    r->chunks++;
}

static void begin(struct record *r, enum record_entry entry, int64_t time)
{
    r->entry.used = 0;
    sink_number(&r->entry, entry);
    sink_signed(&r->entry, time - r->time);
}

static void end(struct record *r, enum record_end why, int64_t time, uint64_t steps)
{
    begin(r, RECORD_END, time);
    sink_number(&r->entry, steps);
    sink_number(&r->entry, why);
    sink_bytes(&r->chunk, r->entry.bytes, r->entry.used);
    flush(r);
    if (r->entry.failed || r->chunk.failed)
        r->state = SOCKEYE_RECORD_FAILED;
}

/* The entry is complete: into the chunk with it. */
static void commit(struct record *r, int64_t time)
{
    uint64_t size = r->written + r->chunk.used + r->entry.used + 2 * RECORD_CHUNK_HEADER_BYTES +
                    RECORD_END_BYTES;

    if (!r->entry.failed && size > r->most) {
        r->state = SOCKEYE_RECORD_FULL;
        end(r, RECORD_AT_BOUND, r->time, 0);
        return;
    }
    sink_bytes(&r->chunk, r->entry.bytes, r->entry.used);
    if (r->entry.failed || r->chunk.failed) {
        r->state = SOCKEYE_RECORD_FAILED;
        return;
    }
    r->time = time;
    if (r->chunk.used >= RECORD_CHUNK_BYTES)
        flush(r);
}

void record_input(struct record *r, const struct lab *lab, const struct input *in, ssize_t result)
{
    if (r->state != SOCKEYE_RECORD_ON)
        return;
    begin(r, RECORD_INPUT, lab->now);
    sink_number(&r->entry, lab->instant_steps);
    input_write(&r->entry, in, result);
    commit(r, lab->now);
}

static void on_frame(void *context, const struct sockeye_event *event)
{
    struct record *r = context;
    uint8_t hash[8];
    struct writer w = writer_of(hash, sizeof hash);

    if (r->state != SOCKEYE_RECORD_ON)
        return;
    write_u64(&w, record_frame_hash(event));
    begin(r, RECORD_FRAME, event->time);
    sink_number(&r->entry, event->wire);
    sink_number(&r->entry, event->direction);
    sink_bytes(&r->entry, hash, sizeof hash);
    commit(r, event->time);
}

int sockeye_record(struct sockeye *s, int fd, uint64_t most_bytes)
{
    struct record_header header = {.has_image = s->inputs > 0 || s->lab->steps > 0};
    uint8_t bytes[RECORD_HEADER_BYTES];
    struct record *r;
    int result;

    if (s->record)
        return -EBUSY;
    if (most_bytes < RECORD_HEADER_BYTES + RECORD_CHUNK_HEADER_BYTES + RECORD_END_BYTES)
        return -EINVAL;
    lab_config_of(s->lab, &header.config);
    record_header_write(bytes, &header);
    result = file_write(fd, bytes, sizeof bytes);
    if (result == 0 && header.has_image)
        result = arena_map_image_save(s->lab->arena, fd);
    if (result < 0)
        return result;
    r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->fd = fd;
    r->most = most_bytes;
    r->written = sizeof bytes + (header.has_image ? arena_map_image_bytes(s->lab->arena) : 0);
    r->time = s->lab->now;
    r->state = SOCKEYE_RECORD_ON;
    result = sockeye_observe(s, RECORD_EVENTS, on_frame, r, &r->frames);
    if (result < 0) {
        free(r);
        return result;
    }
    s->record = r;
    return 0;
}

int sockeye_record_stop(struct sockeye *s)
{
    struct record *r = s->record;
    int result;

    if (!r)
        return 0;
    if (r->state == SOCKEYE_RECORD_ON)
        end(r, RECORD_STOPPED, s->lab->now, s->lab->instant_steps);
    if (sockeye_reader_lost(r->frames))
        r->state = SOCKEYE_RECORD_FAILED;
    result = r->state == SOCKEYE_RECORD_FAILED ? -EIO : 0;
    s->record = NULL;
    sockeye_reader_close(r->frames);
    free(r->chunk.bytes);
    free(r->entry.bytes);
    free(r);
    return result;
}

int sockeye_record_flush(struct sockeye *s)
{
    if (s->record && s->record->state == SOCKEYE_RECORD_ON)
        flush(s->record);
    return sockeye_record_state(s) == SOCKEYE_RECORD_FAILED ? -EIO : 0;
}

enum sockeye_record_state sockeye_record_state(const struct sockeye *s)
{
    return s->record ? s->record->state : SOCKEYE_RECORD_OFF;
}
