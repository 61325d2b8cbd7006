/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a record. The first byte says whether they are the whole file, or entries to which
 * header and chunks with right hashes are made: hashes are against accidents, so who wants to do
 * harm has them right. Whatever the record asks, the lab stays whole, and no call of
 * sockeye_replay_next runs for long.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/compiler.h"
#include "lab/file.h"
#include "lab/record.h"

enum { WHOLE = 1, MOST_CALLS = 300, CHUNK = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void write_chunk(int fd, uint64_t number, const uint8_t *bytes, size_t length)
{
    uint8_t header[RECORD_CHUNK_HEADER_BYTES];
    struct writer w = writer_of(header, sizeof header);

    write_u32(&w, (uint32_t)length);
    write_u64(&w, record_chunk_hash(number, bytes, length));
    ensure(file_write(fd, header, sizeof header) == 0);
    ensure(file_write(fd, bytes, length) == 0);
}

/* The first 8 bytes choose the lab: at the least, one host with as little as there can be. */
static void write_entries(int fd, const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length);
    struct record_header header = {0};
    uint8_t head[RECORD_HEADER_BYTES];
    uint64_t number = 0;

    header.config.seed = read_u8(&r);
    header.config.hosts = read_u8(&r) % 4;
    header.config.wires = read_u8(&r) % 4;
    header.config.sockets = read_u16(&r) % 64 + 1;
    header.config.packets = read_u8(&r) % 64 + 1;
    header.config.buffer_bytes = (uint64_t)(read_u16(&r) + 1) << 10;
    if (r.failed)
        return;
    record_header_write(head, &header);
    ensure(file_write(fd, head, sizeof head) == 0);
    for (size_t left = reader_left(&r); left > 0; left = reader_left(&r)) {
        size_t part = left < CHUNK ? left : CHUNK;

        write_chunk(fd, number++, read_bytes(&r, part), part);
    }
}

static void replay(int fd)
{
    struct sockeye_replay *replay;
    struct sockeye *lab;
    int result = sockeye_replay_open(fd, SOCKEYE_TRUST_NOTHING, &replay, &lab);

    if (result < 0)
        return;
    for (int i = 0; i < MOST_CALLS; i++) {
        result = sockeye_replay_next(replay);
        ensure(sockeye_check(lab) == 0);
        if (result != SOCKEYE_REPLAY_INPUT)
            break;
    }
    ensure(sockeye_now(lab) >= 0 && sockeye_now(lab) <= SOCKEYE_TIME_MOST);
    sockeye_replay_close(replay);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    int fd;

    if (length == 0)
        return 0;
    fd = memfd_create("record", MFD_CLOEXEC);
    ensure(fd >= 0);
    if (bytes[0] & WHOLE)
        ensure(file_write(fd, bytes + 1, length - 1) == 0);
    else
        write_entries(fd, bytes + 1, length - 1);
    ensure(lseek(fd, 0, SEEK_SET) == 0);
    replay(fd);
    close(fd);
    return 0;
}
