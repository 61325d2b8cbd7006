/* SPDX-License-Identifier: MIT */
/*
 * The door, part one: opening and closing labs, the one way in for inputs, and time.
 *
 * Every function of sockeye.h that changes a lab makes a struct input and enters by door_enter, or
 * lets time pass by door_step. Both tell the lab which events are wanted, and end by moving them to
 * the readers (door_reader.c); when nobody reads, none is made and nothing is walked.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/compiler.h"
#include "base/integer.h"
#include "lab/handle.h"
#include "lab/record.h"

/* EVENT_CALL: what a program asked, and what it was told. */
static void emit_call(struct sockeye *s, const struct input *in, ssize_t result)
{
    const struct host *h = lab_host(s->lab, in->at);
    struct sockeye_event *event;

    event = h ? event_begin(&h->node.means.voice, EVENT_CALL, s->lab->now) : NULL;
    if (event)
        event->call = (struct event_call){result, in->fd, in->kind};
}

/* The bytes that a call took or gave; false: it is no such call, or it took none. */
static bool data_of(const struct input *in, ssize_t result, const void **bytes, size_t *length,
                    bool *is_received)
{
    bool sends = in->kind == INPUT_SEND || in->kind == INPUT_SEND_MESSAGE;
    bool receives = in->kind == INPUT_RECEIVE || in->kind == INPUT_RECEIVE_MESSAGE;

    if (result < 0 || !(sends || receives) || (receives && (in->number[0] & MSG_PEEK)))
        return false;
    *bytes = sends ? in->in[0].at : in->out[0].at;
    *length = least((size_t)result, sends ? in->in[0].length : in->out[0].size);
    *is_received = receives;
    return true;
}

/* EVENT_DATA: what a program said, or was told. */
static void emit_data(struct sockeye *s, const struct input *in, ssize_t result)
{
    const struct host *h = lab_host(s->lab, in->at);
    struct call_dialogue dialogue;
    struct sockeye_event *event;
    const void *bytes;
    size_t length;
    bool received;

    if (!h || !event_wanted(&h->node.means.voice, EVENT_DATA) ||
        !data_of(in, result, &bytes, &length, &received) ||
        call_dialogue(&h->calls, in->fd, received ? in->out[1].at : in->in[1].at,
                      (uint32_t)(received ? in->out[1].size : in->in[1].length), &dialogue))
        return;
    event = event_begin_data(&h->node.means.voice, s->lab->now, bytes, (uint32_t)length);
    if (!event)
        return;
    event->data.local = dialogue.local;
    event->data.remote = dialogue.remote;
    event->data.own = dialogue.own;
    event->data.peer = dialogue.peer;
    memcpy(event->data.name, dialogue.name, sizeof event->data.name);
    event->data.fd = in->fd;
    event->data.call = in->kind;
    event->data.domain = dialogue.domain;
    event->data.type = dialogue.type;
    event->data.received = received;
}

/* The room that was asked for is written down, not what was used of it. */
RARE static ssize_t run_recorded(struct sockeye *s, struct input *in)
{
    uint64_t gets = s->lab->arena->gets;
    size_t asked[INPUT_PARTS];
    ssize_t result;

    for (int i = 0; i < INPUT_PARTS; i++)
        asked[i] = in->out[i].size;
    result = input_run(s->lab, in, s->ring.wanted);
    /* an accept that would wait has tried to get a descriptor: pools remember that */
    if (input_is_logged(in, result) || s->lab->arena->gets != gets) {
        struct input logged = *in;

        for (int i = 0; i < INPUT_PARTS; i++)
            logged.out[i].size = asked[i];
        record_input(s->record, s->lab, &logged, result);
    }
    return result;
}

ssize_t door_enter(struct sockeye *s, struct input *in)
{
    ssize_t result;

    s->inputs++;
    result = unlikely(s->record) ? run_recorded(s, in) : input_run(s->lab, in, s->ring.wanted);
    if (unlikely(s->ring.wanted)) {
        if (input_is_call(in->kind)) {
            emit_call(s, in, result);
            emit_data(s, in, result);
        }
        door_reader_serve(s);
    }
    return result;
}

void door_step(struct sockeye *s)
{
    lab_step(s->lab, s->ring.wanted);
    if (unlikely(s->ring.wanted))
        door_reader_serve(s);
}

int sockeye_open(const struct sockeye_config *config, struct sockeye **lab)
{
    struct lab_config limits;
    struct sockeye *s;
    int result = lab_config_read(config, &limits);

    if (result < 0)
        return result;
    s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    result = arena_map_open(&s->map, lab_arena_bytes(&limits));
    if (result == 0) {
        s->lab = lab_init(s->map.address, s->map.bytes, lab_layout(), &limits);
        if (!s->lab) {
            arena_unpoison(s->map.address);
            arena_map_close(&s->map);
            result = -ENOMEM;
        }
    }
    if (result < 0) {
        free(s);
        return result;
    }
    *lab = s;
    return 0;
}

void sockeye_close(struct sockeye *s)
{
    if (!s)
        return;
    (void)sockeye_record_stop(s);
    door_reader_close_all(s);
    arena_unpoison(s->lab->arena);
    arena_map_close(&s->map);
    free(s);
}

int sockeye_save(const struct sockeye *s, int fd)
{
    return arena_map_image_save(s->lab->arena, fd);
}

int sockeye_load(int fd, struct sockeye **lab)
{
    struct sockeye *s = calloc(1, sizeof *s);
    int result;

    if (!s)
        return -ENOMEM;
    result = arena_map_image_load(&s->map, lab_layout(), fd);
    if (result < 0) {
        free(s);
        return result;
    }
    s->lab = lab_of_arena(s->map.address);
    if (!s->lab) {
        arena_unpoison(s->map.address);
        arena_map_close(&s->map);
        free(s);
        return -EINVAL;
    }
    s->inputs = 1;
    *lab = s;
    return 0;
}

int64_t sockeye_now(const struct sockeye *s)
{
    return s->lab->now;
}

int64_t sockeye_next_deadline(const struct sockeye *s)
{
    return lab_next_deadline(s->lab);
}

int64_t sockeye_advance(struct sockeye *s, int64_t now)
{
    int64_t deadline = lab_next_deadline(s->lab);

    for (int i = 0; i < LAB_EVENTS_A_CALL && deadline <= now && deadline != NEVER; i++) {
        door_step(s);
        deadline = lab_next_deadline(s->lab);
    }
    if (deadline > now)
        lab_clock_set(s->lab, now);
    return deadline;
}

int sockeye_step(struct sockeye *s, int64_t now)
{
    int64_t deadline = lab_next_deadline(s->lab);

    if (deadline > now || deadline == NEVER)
        return 0;
    door_step(s);
    return 1;
}
