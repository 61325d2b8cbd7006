/* SPDX-License-Identifier: MIT */
/*
 * What observers make of frames from anybody: any bytes as frames of a wire, whole or cut, seen by
 * the trace in both forms, the ladder, the capture and the figures of connections. Each frame is a
 * byte that says what happened to it, two of length, and its bytes; or, for TCP, the few bytes that
 * matter of a sound segment, so that connections come about; or a frame of the catalogue (IPv6 and
 * what goes with it) with some bytes changed, and cut. No row of a ladder is too wide.
 */
#include "base/bytes.h"
#include "base/compiler.h"
#include "observe/connections.h"
#include "../test/observe/catalogue.h"
#include "observe/ladder.h"
#include "observe/pcapng.h"
#include "observe/trace.h"
#include <stdlib.h>

enum {
    CATALOGUE = 1,
    SEGMENT = 2,
    MOST_CHANGES = 7,
    COLUMNS = 60,
    MOST_FRAMES = 400,
    DATA_MOST = 512
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct observers {
    struct trace text, json;
    struct ladder ladder;
    struct pcapng pcapng;
    struct connections connections;
};

static void show(struct observers *o, const struct sockeye_event *event)
{
    trace_event(&o->text, event);
    trace_event(&o->json, event);
    ladder_event(&o->ladder, event);
    if (event->kind == EVENT_FRAME_SENT || event->kind == EVENT_FRAME_DELIVERED)
        pcapng_event(&o->pcapng, event);
    if (event->kind != EVENT_DROP)
        connections_event(&o->connections, event);
}

static void take_segment(struct reader *r, struct frame *f)
{
    static const uint8_t options[] = {2, 4, 5, 180, 1, 3, 3, 7};
    struct segment s = {.from = 1 + read_u8(r) % 2};

    s.flags = read_u8(r);
    s.seq = read_u16(r);
    s.ack = read_u16(r);
    s.length = read_u16(r) % DATA_MOST;
    if (s.flags & DECODE_SYN) {
        s.options = options;
        s.options_length = sizeof options;
    }
    frame_tcp(f, &s);
}

static void take_catalogue(struct reader *r, struct frame *f)
{
    int changes;

    catalogue_frame(f, &catalogue[read_u8(r) % CATALOGUE_ROWS]);
    changes = read_u8(r) % (MOST_CHANGES + 1);
    for (int i = 0; i < changes; i++) {
        size_t at = read_u8(r) % f->length;

        f->bytes[at] = read_u8(r);
    }
    if (changes == MOST_CHANGES)
        f->length -= read_u8(r) % f->length;
}

static void take_bytes(struct reader *r, struct frame *f)
{
    size_t length = read_u16(r) % FRAME_ROOM;

    length = length < reader_left(r) ? length : reader_left(r);
    read_copy(r, f->bytes, length);
    f->length = (uint32_t)length;
}

static void play(struct observers *o, struct reader *r)
{
    static const uint16_t kinds[] = {EVENT_FRAME_SENT, EVENT_FRAME_DELIVERED, EVENT_FRAME_SENT,
                                     EVENT_DROP};
    static const uint8_t fates[] = {0, 0, FRAME_LOST, FRAME_DAMAGED};
    int64_t time = 0;

    for (int i = 0; i < MOST_FRAMES && reader_left(r) > 0; i++) {
        uint8_t what = read_u8(r);
        struct sockeye_event event;
        struct frame f;

        if (what & SEGMENT)
            take_segment(r, &f);
        else if (what & CATALOGUE)
            take_catalogue(r, &f);
        else
            take_bytes(r, &f);
        if (r->failed)
            return;
        event = frame_event(&f, time, 1 + (what >> 2 & 1));
        event.kind = kinds[what >> 3 & 3];
        event.host = what >> 5 & 1;
        event.frame.flags = fates[what >> 6];
        event.frame.mark = (uint8_t)(what % (MARK_COUNT + 1));
        if (event.kind == EVENT_DROP)
            event.drop.reason = (uint8_t)(what % (DROP_COUNT + 1));
        show(o, &event);
        time += (what >> 4) * 100000;
    }
}

static void check_width(const char *text)
{
    int columns = 0;

    for (; *text; text++) {
        columns = *text == '\n' ? 0 : columns + ((*text & 0xc0) != 0x80);
        ensure(columns <= COLUMNS);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length);
    FILE *nothing = fopen("/dev/null", "w");
    char *drawn = NULL;
    size_t size;
    FILE *drawing = open_memstream(&drawn, &size);
    struct observers o;

    ensure(nothing && drawing);
    ensure(trace_init(&o.text, nothing, &test_names, false) == 0);
    ensure(trace_init(&o.json, nothing, &test_names, true) == 0);
    ensure(ladder_init(&o.ladder, drawing, &test_names, length % 2) == 0);
    ladder_style(&o.ladder, COLUMNS, false);
    ensure(pcapng_init(&o.pcapng, nothing, &test_names, true) == 0);
    ensure(connections_init(&o.connections, nothing, &test_names) == 0);
    play(&o, &r);
    trace_done(&o.text);
    trace_done(&o.json);
    ladder_done(&o.ladder);
    (void)pcapng_done(&o.pcapng);
    connections_done(&o.connections);
    (void)fclose(nothing);
    (void)fclose(drawing);
    check_width(drawn);
    free(drawn);
    return 0;
}
