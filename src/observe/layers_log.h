/* SPDX-License-Identifier: MIT */
/*
 * What was seen of messages and frames, kept as bytes until all of it is there. Grows by malloc:
 * observers stand at the edge.
 */
#pragma once
#include "observe/layers_header.h"
#include "observe/names.h"
#include "sockeye/event.h"
#include <stdbool.h>

enum { LAYERS_BYTES = 256 << 20 }; /* of messages and frames; what comes later is left out */
enum { LAYERS_WAYS = 1 << 15 };    /* as many are kept apart */
enum { LAYERS_NONE = -1 };

/* One way of a dialogue at one end: all that a socket sent to a peer, or all it got from it. */
struct layers_way {
    struct endpoint local, remote;
    uint64_t own, peer; /* of AF_UNIX */
    uint64_t length;    /* of all its messages */
    int first, last;    /* its messages; LAYERS_NONE: none was kept */
    int done;           /* of what was received: what is before it was found already */
    uint32_t start;     /* of what was sent by TCP: the number of its first byte */
    int32_t fd;
    uint16_t host, domain, type;
    bool received, is_started, has_start; /* is_started: it was looked for */
    bool is_over;                         /* the number of its socket is another's, or nobody's */
    char name[EVENT_DATA_NAME];
};

struct layers_message {
    int64_t time;
    uint8_t *bytes;
    uint64_t offset; /* in its way */
    uint32_t length, call;
    int way, next; /* the next one of the way */
    bool is_found; /* a message received: it is the other end of one sent */
};

struct layers_frame {
    int64_t sent, delivered;     /* delivered: -1, it did not come out */
    struct layers_header header; /* network 0: it has none */
    uint8_t *bytes, *arrived;    /* arrived: as it came out; NULL if it is as it was sent */
    uint64_t serial;
    uint32_t length, arrived_length;
    uint16_t wire, direction, flags;
    int16_t from, to;        /* hosts at the ends; LAYERS_NONE: outside */
    uint8_t drop;            /* enum drop, of the host it came to; DROP_NONE */
    bool is_found, is_taken; /* it carried what a message is; the end of one */
};

struct layers_log {
    struct layers_way *way;
    struct layers_message *message;
    struct layers_frame *frame;
    int ways, messages, frames, way_room, message_room, frame_room;
    uint64_t bytes, left_out;
};

void layers_log_done(struct layers_log *log);
void layers_log_event(struct layers_log *log, const struct names *names,
                      const struct sockeye_event *event);
/* The frame as its receiver has it. */
const uint8_t *layers_log_arrived(const struct layers_frame *frame, struct layers_header *header);
