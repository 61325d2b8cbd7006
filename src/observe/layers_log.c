/* SPDX-License-Identifier: MIT */
/* layers_log.h says it. */
#include "observe/layers_log.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64, LOOK_BACK = 4096, IN_FLIGHT = 1 << 16 };

/* Room for one more element of `size` bytes; NULL: no memory. */
static void *grown(void *array, int count, int *room, size_t size)
{
    int more = *room ? *room * 2 : FIRST_ROOM;
    void *bigger;

    if (count < *room)
        return array;
    bigger = realloc(array, (size_t)more * size);
    if (bigger)
        *room = more;
    return bigger;
}

/* A copy, within the limit. What comes behind something that was left out is left out too: places
 * in a stream are counted from its beginning. */
static uint8_t *kept(struct layers_log *log, const uint8_t *bytes, uint32_t length)
{
    bool has_room = log->left_out == 0 && log->bytes + length <= LAYERS_BYTES;
    uint8_t *copy = has_room ? malloc(length ? length : 1) : NULL;

    if (!copy) {
        log->left_out++;
        return NULL;
    }
    log->bytes += length;
    if (length)
        memcpy(copy, bytes, length);
    return copy;
}

void layers_log_done(struct layers_log *log)
{
    for (int i = 0; i < log->messages; i++)
        free(log->message[i].bytes);
    for (int i = 0; i < log->frames; i++) {
        free(log->frame[i].bytes);
        free(log->frame[i].arrived);
    }
    free(log->message);
    free(log->frame);
    free(log->way);
    memset(log, 0, sizeof *log);
}

/* ---- messages ---- */

static bool is_same_endpoint(const struct endpoint *a, const struct endpoint *b)
{
    return address_equal(a->address, b->address) && a->port == b->port;
}

/* A number that a socket had is free again, or has become a new one's: what is said by it from now
 * on is another dialogue, even between the same two ends. */
static void end_ways(struct layers_log *log, uint16_t host, int64_t fd)
{
    for (int i = 0; i < log->ways; i++)
        if (log->way[i].host == host && log->way[i].fd == fd)
            log->way[i].is_over = true;
}

static void note_call(struct layers_log *log, const struct sockeye_event *event)
{
    const char *name = event_call_name(event->call.call);

    if (event->call.result < 0)
        return;
    if (strcmp(name, "close") == 0)
        end_ways(log, event->host, event->call.fd);
    else if (strcmp(name, "socket") == 0 || strcmp(name, "accept") == 0)
        end_ways(log, event->host, event->call.result);
}

/* The way of a message, made when it is new: the last one of such a socket and peer. */
static int way_of(struct layers_log *log, uint16_t host, const struct event_data *data)
{
    struct layers_way *way;

    for (int i = log->ways - 1; i >= 0; i--) {
        way = &log->way[i];
        if (!way->is_over && way->host == host && way->fd == data->fd &&
            way->received == data->received && way->domain == data->domain &&
            way->type == data->type && way->own == data->own && way->peer == data->peer &&
            is_same_endpoint(&way->local, &data->local) &&
            is_same_endpoint(&way->remote, &data->remote))
            return i;
    }
    way = log->ways < LAYERS_WAYS ? grown(log->way, log->ways, &log->way_room, sizeof *way) : NULL;
    if (!way)
        return LAYERS_NONE;
    log->way = way;
    way = &log->way[log->ways];
    memset(way, 0, sizeof *way);
    way->local = data->local;
    way->remote = data->remote;
    way->own = data->own;
    way->peer = data->peer;
    way->first = way->last = way->done = LAYERS_NONE;
    way->fd = data->fd;
    way->host = host;
    way->domain = data->domain;
    way->type = data->type;
    way->received = data->received;
    memcpy(way->name, data->name, sizeof way->name);
    return log->ways++;
}

static void add_message(struct layers_log *log, const struct sockeye_event *event)
{
    const struct event_data *data = &event->data;
    struct layers_message *message =
        grown(log->message, log->messages, &log->message_room, sizeof *message);
    uint8_t *bytes = NULL;
    struct layers_way *way;
    int of = LAYERS_NONE;

    if (message) {
        log->message = message;
        of = way_of(log, event->host, data);
    }
    if (of != LAYERS_NONE)
        bytes = kept(log, data->frame.bytes, data->frame.bytes ? data->frame.length : 0);
    else
        log->left_out++;
    if (!bytes)
        return;
    way = &log->way[of];
    log->message[log->messages] = (struct layers_message){
        event->time, bytes, way->length, data->frame.length, data->call, of, LAYERS_NONE, false};
    if (way->first == LAYERS_NONE)
        way->first = way->done = log->messages;
    else
        log->message[way->last].next = log->messages;
    way->last = log->messages++;
    way->length += data->frame.length;
}

/* ---- frames ---- */

static void add_frame(struct layers_log *log, const struct names *names,
                      const struct sockeye_event *event)
{
    struct layers_frame *frame = grown(log->frame, log->frames, &log->frame_room, sizeof *frame);
    uint8_t *bytes;

    if (!frame) {
        log->left_out++;
        return;
    }
    log->frame = frame;
    if (!event->frame.bytes)
        return;
    bytes = kept(log, event->frame.bytes, event->frame.length);
    if (!bytes)
        return;
    frame = &log->frame[log->frames++];
    memset(frame, 0, sizeof *frame);
    frame->sent = event->time;
    frame->delivered = -1;
    frame->bytes = bytes;
    frame->serial = event->frame.serial;
    frame->length = event->frame.length;
    frame->wire = event->wire;
    frame->direction = event->direction;
    frame->flags = event->frame.flags;
    frame->from = (int16_t)names->host_at(names->context, event->wire, event->direction);
    if (!layers_header_read(&frame->header, bytes, frame->length))
        memset(&frame->header, 0, sizeof frame->header);
    frame->to = (int16_t)names->host_at(names->context, event->wire, event->direction ^ 1U);
}

/* Of a duplicated frame the first copy is the one that counts. */
static void arrive(struct layers_log *log, const struct sockeye_event *event)
{
    struct layers_frame *frame;

    for (int i = log->frames - 1, seen = 0; i >= 0 && seen < IN_FLIGHT; i--, seen++) {
        frame = &log->frame[i];
        if (frame->wire != event->wire || frame->direction != event->direction ||
            frame->serial != event->frame.serial)
            continue;
        if (frame->delivered >= 0)
            return;
        frame->delivered = event->time;
        frame->flags |= event->frame.flags;
        if (event->frame.bytes && (event->frame.length != frame->length ||
                                   memcmp(event->frame.bytes, frame->bytes, frame->length) != 0)) {
            frame->arrived = kept(log, event->frame.bytes, event->frame.length);
            frame->arrived_length = frame->arrived ? event->frame.length : 0;
        }
        return;
    }
}

/* What came in pieces and was dropped whole: each piece of it. */
static void drop_pieces(struct layers_log *log, const struct sockeye_event *event)
{
    const struct event_frame *whole = &event->drop.frame;
    struct decode d;

    decode_frame(&d, whole->bytes, whole->bytes ? whole->length : 0,
                 (whole->flags & FRAME_BARE_IP) != 0);
    for (int i = log->frames - 1, seen = 0; d.has_ip && i >= 0 && seen < LOOK_BACK; i--, seen++) {
        struct layers_frame *frame = &log->frame[i];

        if (frame->to == (int16_t)event->host && frame->header.is_fragment &&
            frame->header.id == d.ip.id && frame->drop == DROP_NONE &&
            address_equal(frame->header.source.address, d.ip.source) &&
            address_equal(frame->header.dest.address, d.ip.dest))
            frame->drop = event->drop.reason;
    }
}

/* What a host dropped is the last frame of that number that came to it. */
static void drop(struct layers_log *log, const struct sockeye_event *event)
{
    const struct event_frame *dropped = &event->drop.frame;

    if (event->host == EVENT_NOWHERE)
        return;
    for (int i = log->frames - 1, seen = 0; i >= 0 && seen < LOOK_BACK; i--, seen++) {
        struct layers_frame *frame = &log->frame[i];

        if (dropped->serial == 0 || frame->to != (int16_t)event->host ||
            frame->serial != dropped->serial || frame->delivered != event->time ||
            frame->drop != DROP_NONE)
            continue;
        frame->drop = event->drop.reason;
        if (!frame->header.is_fragment || event->drop.reason < DROP_UDP_HEADER)
            return;
        break;
    }
    if (event->drop.reason >= DROP_UDP_HEADER)
        drop_pieces(log, event);
}

void layers_log_event(struct layers_log *log, const struct names *names,
                      const struct sockeye_event *event)
{
    switch (event->kind) {
    case EVENT_CALL:
        note_call(log, event);
        break;
    case EVENT_DATA:
        add_message(log, event);
        break;
    case EVENT_FRAME_SENT:
        add_frame(log, names, event);
        break;
    case EVENT_FRAME_DELIVERED:
        arrive(log, event);
        break;
    case EVENT_DROP:
        drop(log, event);
        break;
    default:
        break;
    }
}

const uint8_t *layers_log_arrived(const struct layers_frame *frame, struct layers_header *header)
{
    *header = frame->header;
    if (!frame->arrived)
        return frame->bytes;
    if (!layers_header_read(header, frame->arrived, frame->arrived_length))
        header->network = 0;
    return frame->arrived;
}
