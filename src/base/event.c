/* SPDX-License-Identifier: MIT */
/*
 * The log of the current entry: records one behind the other in one large array, of which no byte
 * is state (an image of the lab leaves it out). A kind of event is a row of `kinds`: its name, and
 * how many bytes of struct sockeye_event it fills, so that a record is as long as it must be.
 *
 * A dropped packet is shown from where its bytes begin now. If layer 3 has had it and its link
 * header is off, that is its IP header, and the event says so (FRAME_BARE_IP).
 */
#include "base/event.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/packet.h"

#define THROUGH(member)                                                                            \
    (offsetof(struct sockeye_event, member) + sizeof(((struct sockeye_event *)0)->member))

static const struct {
    const char *name;
    uint16_t bytes;
    bool has_frame; /* it begins with struct event_frame */
} kinds[EVENT_KINDS] = {
    [EVENT_NONE] = {"none", offsetof(struct sockeye_event, frame), false},
    [EVENT_FRAME_SENT] = {"sent", THROUGH(frame), true},
    [EVENT_FRAME_DELIVERED] = {"delivered", THROUGH(frame), true},
    [EVENT_DROP] = {"drop", THROUGH(drop), true},
    [EVENT_TCP_STATE] = {"state", THROUGH(tcp_state), false},
    [EVENT_TCP_TIMER] = {"timer", THROUGH(tcp_timer), false},
    [EVENT_TCP_CWND] = {"cwnd", THROUGH(tcp_cwnd), false},
    [EVENT_NEIGHBOR] = {"neighbor", THROUGH(neighbor), false},
    [EVENT_LINK] = {"link", THROUGH(link), false},
    [EVENT_CALL] = {"call", THROUGH(call), false},
    [EVENT_NOTE] = {"note", THROUGH(note), false},
    [EVENT_ADDRESS] = {"address", THROUGH(address), false},
    [EVENT_ROUTE] = {"route", THROUGH(route), false},
    [EVENT_STATION] = {"station", THROUGH(station), false},
    [EVENT_MAPPING] = {"mapping", THROUGH(mapping), false},
    [EVENT_GROUP] = {"group", THROUGH(group), false},
    [EVENT_FAULT] = {"fault", THROUGH(fault), false},
    [EVENT_PORT] = {"port", THROUGH(port), false},
    [EVENT_LAPB] = {"lapb", THROUGH(lapb), false},
    [EVENT_DATA] = {"data", THROUGH(data), true},
    [EVENT_X25] = {"x25", THROUGH(x25), false},
};

_Static_assert(EVENT_KINDS < 31, "a mask has a bit for each kind, and one for EVENT_BYTES");
_Static_assert(offsetof(struct event_drop, frame) == 0, "a drop begins with its frame");
_Static_assert(offsetof(struct event_data, frame) == 0, "and data with its bytes");

const char *event_kind_name(unsigned kind)
{
    return kind < EVENT_KINDS ? kinds[kind].name : "unknown";
}

int event_log_init(struct event_log *log, struct arena *arena)
{
    struct pool *pool;

    memset(log, 0, sizeof *log);
    log->bytes = arena_array(arena, EVENT_LOG_BYTES, &pool);
    log->size = EVENT_LOG_BYTES;
    return log->bytes ? 0 : -ENOMEM;
}

/* Room for an event and the bytes of its frame. */
static struct sockeye_event *add(const struct voice *v, enum event_kind kind, nanoseconds now,
                                 const uint8_t *bytes, uint32_t length)
{
    struct event_log *log = v->log;
    uint32_t kept = log->wanted & EVENT_BYTES ? length : 0;
    uint64_t size = (sizeof(struct event_record) + kinds[kind].bytes + (uint64_t)kept + 7) / 8 * 8;
    struct event_record *record = (void *)(log->bytes + log->used);
    struct sockeye_event *event = (void *)(record + 1);

    if (size > log->size - log->used) {
        log->lost++;
        log->lost_of[kind]++;
        return NULL;
    }
    log->used += size;
    record->bytes = (uint32_t)size;
    record->kept = kept;
    event->time = now;
    event->kind = (uint16_t)kind;
    event->host = v->host;
    event->wire = v->wire;
    event->direction = v->direction;
    if (kept)
        memcpy((uint8_t *)event + kinds[kind].bytes, bytes, kept);
    return event;
}

struct sockeye_event *event_add(const struct voice *v, enum event_kind kind, nanoseconds now)
{
    return add(v, kind, now, NULL, 0);
}

/* Of the packet from bytes[from] on. */
static struct sockeye_event *add_frame(const struct voice *v, enum event_kind kind,
                                       const struct packet *p, uint32_t from, nanoseconds now)
{
    struct sockeye_event *event = add(v, kind, now, p->bytes + from, p->end - from);

    if (!event)
        return NULL;
    event->frame.serial = p->serial;
    event->frame.bytes = NULL;
    event->frame.length = p->end - from;
    event->frame.flags = (uint16_t)p->flags;
    event->frame.mark = p->mark;
    return event;
}

struct sockeye_event *event_begin_frame(const struct voice *v, enum event_kind kind,
                                        const struct packet *p, nanoseconds now)
{
    return event_wanted(v, kind) ? add_frame(v, kind, p, p->start, now) : NULL;
}

struct sockeye_event *event_begin_data(const struct voice *v, nanoseconds now, const void *bytes,
                                       uint32_t length)
{
    struct sockeye_event *event =
        event_wanted(v, EVENT_DATA) ? add(v, EVENT_DATA, now, bytes, length) : NULL;

    if (event)
        event->frame = (struct event_frame){.length = length};
    return event;
}

void event_drop(const struct voice *v, nanoseconds now, enum drop reason, const struct packet *p)
{
    struct sockeye_event *event;
    bool is_bare = p && p->network && p->network <= p->start;

    v->drops[reason]++;
    if (likely(!event_wanted(v, EVENT_DROP)))
        return;
    event = p ? add_frame(v, EVENT_DROP, p, is_bare ? p->network : p->start, now)
              : event_add(v, EVENT_DROP, now);
    if (!event)
        return;
    if (!p)
        memset(&event->drop.frame, 0, sizeof event->drop.frame);
    if (is_bare)
        event->drop.frame.flags |= FRAME_BARE_IP;
    event->drop.reason = (uint8_t)reason;
}

const struct event_record *event_log_next(const struct event_log *log, uint64_t *at)
{
    const struct event_record *record = (const void *)(log->bytes + *at);

    if (*at >= log->used)
        return NULL;
    *at += record->bytes;
    return record;
}

enum event_kind event_record_kind(const struct event_record *r)
{
    return (enum event_kind)((const struct sockeye_event *)(const void *)(r + 1))->kind;
}

void event_record_read(const struct event_record *r, uint32_t wanted, struct sockeye_event *event)
{
    const uint8_t *from = (const uint8_t *)(r + 1);
    enum event_kind kind = event_record_kind(r);

    memcpy(event, from, kinds[kind].bytes);
    if (kinds[kind].has_frame)
        event->frame.bytes = r->kept && (wanted & EVENT_BYTES) ? from + kinds[kind].bytes : NULL;
}
