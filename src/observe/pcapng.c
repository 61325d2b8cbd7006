/* SPDX-License-Identifier: MIT */
/*
 * Frames to pcapng (draft-ietf-opsawg-pcapng): section header, interface description (4.2),
 * enhanced packet blocks (4.3).
 *
 * Written little-endian on every machine, with nothing of the machine inside, so that two runs can
 * be compared with cmp. Times are lab time in nanoseconds (if_tsresol 9). At the sender's end each
 * frame handed to a wire stands once, and its comments say what becomes of it (lost, queue full,
 * damaged, duplicated, reordered) and why TCP sent it again; at the receiver's end each frame that
 * came out, with the CRC bit of epb_flags when it was damaged.
 */
#include "pcapng.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_SECTION = 0x0A0D0D0A,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 6,
    MAGIC = 0x1A2B3C4D,
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    SECTION_USER_APPLICATION = 4,
    INTERFACE_NAME = 2,
    INTERFACE_DESCRIPTION = 3,
    INTERFACE_TSRESOL = 9,
    PACKET_FLAGS = 2,
    LINK_ETHERNET = 1,
    LINK_RAW = 101,
    FLAG_INBOUND = 1,
    FLAG_OUTBOUND = 2,
    FLAG_CRC_ERROR = 1 << 24,
    HEAD_BYTES = 4096
};

/* A block under construction: what goes before the packet bytes, and what after. */
struct block {
    uint8_t bytes[HEAD_BYTES];
    size_t length;
};

static void block_open(struct block *b)
{
    b->length = 0;
}

static void put_bytes(struct block *b, const void *bytes, size_t length)
{
    static const uint8_t zero[4];
    size_t padding = (4 - length % 4) % 4;

    if (b->length + length + padding > sizeof b->bytes)
        return;
    memcpy(b->bytes + b->length, bytes, length);
    memcpy(b->bytes + b->length + length, zero, padding);
    b->length += length + padding;
}

static void put_u32(struct block *b, uint32_t v)
{
    uint8_t bytes[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};

    put_bytes(b, bytes, 4);
}

static void put_two_u16(struct block *b, unsigned low, unsigned high)
{
    put_u32(b, low | high << 16);
}

static void put_option(struct block *b, unsigned code, const void *bytes, size_t length)
{
    put_two_u16(b, code, (unsigned)length);
    put_bytes(b, bytes, length);
}

static void put_text(struct block *b, unsigned code, const char *text)
{
    put_option(b, code, text, strlen(text));
}

static void put_options_end(struct block *b)
{
    put_two_u16(b, OPTION_END, 0);
}

/* type, length, head, middle with padding, tail, length again */
static void write_block(FILE *file, uint32_t type, const struct block *head, const void *middle,
                        size_t middle_length, const struct block *tail)
{
    static const uint8_t zero[4];
    size_t padding = (4 - middle_length % 4) % 4;
    uint32_t total = (uint32_t)(12 + head->length + middle_length + padding + tail->length);
    struct block frame;

    block_open(&frame);
    put_u32(&frame, type);
    put_u32(&frame, total);
    fwrite(frame.bytes, 1, frame.length, file);
    fwrite(head->bytes, 1, head->length, file);
    if (middle_length) {
        fwrite(middle, 1, middle_length, file);
        fwrite(zero, 1, padding, file);
    }
    fwrite(tail->bytes, 1, tail->length, file);
    fwrite(frame.bytes + 4, 1, 4, file);
}

int pcapng_init(struct pcapng *p, FILE *file, const struct names *names, bool sides)
{
    struct block head, tail;

    block_open(&head);
    block_open(&tail);
    memset(p, 0, sizeof *p);
    p->file = file;
    p->names = *names;
    p->sides = sides;
    put_u32(&head, MAGIC);
    put_two_u16(&head, 1, 0);
    put_u32(&head, UINT32_MAX); /* section length: unknown */
    put_u32(&head, UINT32_MAX);
    put_text(&head, SECTION_USER_APPLICATION, "Sockeye");
    put_options_end(&head);
    write_block(file, BLOCK_SECTION, &head, NULL, 0, &tail);
    return 0;
}

static void write_interface(struct pcapng *p, const struct sockeye_event *event)
{
    struct block head, tail;
    char wire[NAMES_BYTES], from[NAMES_BYTES], to[NAMES_BYTES], name[3 * NAMES_BYTES + 40];
    const char *end = event->kind == EVENT_FRAME_SENT ? "sender" : "receiver";
    uint8_t nanoseconds = 9;

    block_open(&head);
    block_open(&tail);
    p->names.wire(p->names.context, event->wire, wire, sizeof wire);
    p->names.sender(p->names.context, event->wire, event->direction, from, sizeof from);
    p->names.sender(p->names.context, event->wire, 1U - event->direction, to, sizeof to);
    put_two_u16(&head, event->frame.flags & FRAME_BARE_IP ? LINK_RAW : LINK_ETHERNET, 0);
    put_u32(&head, 0); /* no snap length */
    snprintf(name, sizeof name, "%s %s>%s%s", wire, from, to,
             event->kind == EVENT_FRAME_SENT ? "" : " received");
    put_text(&head, INTERFACE_NAME, name);
    snprintf(name, sizeof name, "wire %s from %s to %s, at the %s's end", wire, from, to, end);
    put_text(&head, INTERFACE_DESCRIPTION, name);
    put_option(&head, INTERFACE_TSRESOL, &nanoseconds, 1);
    put_options_end(&head);
    write_block(p->file, BLOCK_INTERFACE, &head, NULL, 0, &tail);
}

/* The number of the event's interface in the file. @raise ENOMEM */
static int64_t find_interface(struct pcapng *p, const struct sockeye_event *event)
{
    uint32_t at =
        ((uint32_t)event->wire * 2 + event->direction) * 2 + (event->kind == EVENT_FRAME_DELIVERED);

    if (at >= p->room) {
        uint32_t room = at * 2 + 16;
        uint32_t *more = realloc(p->interface, room * sizeof *more);

        if (!more) {
            p->failed = true;
            return -ENOMEM;
        }
        memset(more + p->room, 0, (room - p->room) * sizeof *more);
        p->interface = more;
        p->room = room;
    }
    if (p->interface[at] == 0) {
        write_interface(p, event);
        p->interface[at] = ++p->count;
    }
    return p->interface[at] - 1;
}

static void put_comments(struct block *b, const struct event_frame *frame)
{
    static const struct {
        uint16_t flag;
        const char *text;
    } fates[] = {
        {FRAME_LOST, "dropped: lost on the wire"},
        {FRAME_QUEUE_FULL, "dropped: the queue of the wire was full"},
        {FRAME_WIRE_DOWN, "dropped: the wire is down"},
        {FRAME_DAMAGED, "damaged: a bit is flipped, the frame check sequence is wrong"},
        {FRAME_FLIPPED, "damaged: a bit is flipped, past the frame check sequence"},
        {FRAME_DUPLICATED, "duplicated: delivered twice"},
        {FRAME_REORDERED, "reordered: held back on the wire"},
        {FRAME_MARKED, "marked: congestion experienced, by the queue of the wire"},
    };

    if (frame->mark != MARK_NONE)
        put_text(b, OPTION_COMMENT, event_mark_name(frame->mark));
    for (unsigned i = 0; i < sizeof fates / sizeof *fates; i++) {
        if (frame->flags & fates[i].flag)
            put_text(b, OPTION_COMMENT, fates[i].text);
    }
}

void pcapng_event(struct pcapng *p, const struct sockeye_event *event)
{
    struct block head, tail;
    uint64_t time = (uint64_t)event->time;
    bool sent = event->kind == EVENT_FRAME_SENT;
    uint32_t flags = sent ? FLAG_OUTBOUND : FLAG_INBOUND;
    uint8_t bytes[4];
    int64_t interface;

    if (!(sent || (p->sides && event->kind == EVENT_FRAME_DELIVERED)) || !event->frame.bytes)
        return;
    interface = find_interface(p, event);
    if (interface < 0)
        return;
    if (!sent && (event->frame.flags & FRAME_DAMAGED))
        flags |= FLAG_CRC_ERROR;
    block_open(&head);
    block_open(&tail);
    put_u32(&head, (uint32_t)interface);
    put_u32(&head, (uint32_t)(time >> 32));
    put_u32(&head, (uint32_t)time);
    put_u32(&head, event->frame.length);
    put_u32(&head, event->frame.length);
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(flags >> 8 * i);
    put_option(&tail, PACKET_FLAGS, bytes, 4);
    put_comments(&tail, &event->frame);
    put_options_end(&tail);
    write_block(p->file, BLOCK_PACKET, &head, event->frame.bytes, event->frame.length, &tail);
}

int pcapng_done(struct pcapng *p)
{
    free(p->interface);
    p->interface = NULL;
    return p->failed ? -ENOMEM : 0;
}
