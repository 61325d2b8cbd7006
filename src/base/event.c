/* SPDX-License-Identifier: MIT */
/*
 * The log of the current step: records one behind the other in one large array, of which no byte
 * is state (an image of the lab leaves it out). A record is the event, then the bytes of its
 * frame, padded to eight.
 *
 * A dropped packet is shown from where its bytes begin now. If layer 3 has had it and its link
 * header is off, that is its IP header, and the event says so (FRAME_BARE_IP).
 */
#include "base/event.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/packet.h"

int event_log_init(struct event_log *log, struct arena *arena)
{
    struct pool *pool;

    log->bytes = arena_array(arena, EVENT_LOG_BYTES, &pool);
    log->used = log->lost = 0;
    log->size = EVENT_LOG_BYTES;
    log->wanted = 0;
    return log->bytes ? 0 : -ENOMEM;
}

void event_log_clear(struct event_log *log)
{
    log->used = 0;
}

static uint64_t record_bytes(uint32_t length)
{
    return (sizeof(struct sockeye_event) + (uint64_t)length + 7) / 8 * 8;
}

bool event_log_next(const struct event_log *log, uint64_t *at, struct sockeye_event *event)
{
    const uint8_t *record = log->bytes + *at;

    if (*at >= log->used)
        return false;
    memcpy(event, record, sizeof *event);
    event->frame = event->length ? record + sizeof *event : NULL;
    *at += record_bytes(event->length);
    return true;
}

void event_emit(const struct voice *v, const struct sockeye_event *event, const void *frame,
                uint32_t length)
{
    struct event_log *log = v->log;
    uint8_t *record = log->bytes + log->used;
    struct sockeye_event copy;

    if (!event_wanted(v, event->kind))
        return;
    if (record_bytes(length) > log->size - log->used) {
        log->lost++;
        return;
    }
    memcpy(&copy, event, sizeof copy);
    copy.host = v->host;
    copy.wire = v->wire;
    copy.length = frame ? length : 0;
    copy.frame = NULL;
    memcpy(record, &copy, sizeof copy);
    if (copy.length)
        memcpy(record + sizeof copy, frame, copy.length);
    log->used += record_bytes(copy.length);
}

void event_drop(const struct voice *v, nanoseconds now, enum drop reason, const struct packet *p)
{
    struct sockeye_event event;
    uint32_t from;

    v->drops[reason]++;
    if (!event_wanted(v, EVENT_DROP))
        return;
    memset(&event, 0, sizeof event);
    event.time = now;
    event.kind = EVENT_DROP;
    event.reason = (uint8_t)reason;
    if (!p) {
        event_emit(v, &event, NULL, 0);
        return;
    }
    from = p->start;
    event.flags = p->flags;
    event.mark = p->mark;
    event.serial = p->serial;
    if (p->network && p->network <= p->start) {
        from = p->network;
        event.flags |= FRAME_BARE_IP;
    }
    event_emit(v, &event, p->bytes + from, p->end - from);
}

struct event_endpoint event_endpoint_of(const struct endpoint *e)
{
    struct event_endpoint of = {.port = e->port};

    address_to_bytes(e->address, of.address);
    return of;
}
