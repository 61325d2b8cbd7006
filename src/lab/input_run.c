/* SPDX-License-Identifier: MIT */
/*
 * Running inputs: a function for each kind, which takes the values out of the input, calls the lab
 * or the host's socket calls, and puts what comes back into the input's rooms. Ends as every entry
 * does: the touched host, or the hosts at the touched wire, are settled.
 *
 * Inputs come out of files too, so texts are looked at for their end before anybody reads them, and
 * hosts and wires for being there.
 */
#include <errno.h>
#include <string.h>

#include "base/integer.h"
#include "lab/input.h"
#include "lab/lab.h"

/* A text with its NUL, or NULL. */
static const char *text_of(const struct input *in, unsigned i)
{
    const struct input_bytes *part = &in->in[i];

    if (!part->at || part->length == 0 || memchr(part->at, 0, part->length) == NULL)
        return NULL;
    return (const char *)part->at;
}

static bool config_read(const struct input *in, unsigned i, struct sockeye_wire_config *c)
{
    struct reader r = reader_of(in->in[i].at, in->in[i].length);

    memset(c, 0, sizeof *c);
    if (in->in[i].length != INPUT_SETTINGS_BYTES)
        return false;
    c->rate_bits = read_u64(&r);
    c->delay_ns = (int64_t)read_u64(&r);
    c->jitter_ns = (int64_t)read_u64(&r);
    c->loss_ppm = (uint32_t)read_u64(&r);
    c->reorder_ppm = (uint32_t)read_u64(&r);
    c->reorder_ns = (int64_t)read_u64(&r);
    c->duplicate_ppm = (uint32_t)read_u64(&r);
    c->corrupt_ppm = (uint32_t)read_u64(&r);
    c->past_fcs = (uint32_t)read_u64(&r);
    c->queue_packets = (uint32_t)read_u64(&r);
    c->queue_bytes = (uint32_t)read_u64(&r);
    c->mtu = (uint32_t)read_u64(&r);
    return !r.failed;
}

static int run_wire(struct lab *lab, const struct input *in)
{
    struct sockeye_wire_config forth, back;

    if ((in->in[1].at && !config_read(in, 1, &forth)) ||
        (in->in[2].at && !config_read(in, 2, &back)))
        return -EINVAL;
    return lab_wire_open(lab, text_of(in, 0), in->in[1].at ? &forth : NULL,
                         in->in[2].at ? &back : NULL);
}

static int run_wire_change(struct lab *lab, const struct input *in)
{
    struct sockeye_wire_config config;

    if (!config_read(in, 0, &config))
        return -EINVAL;
    return lab_wire_change(lab, in->at, in->number[0], &config);
}

static int run_interface(struct lab *lab, const struct input *in)
{
    if (in->in[1].at && in->in[1].length != MAC_BYTES)
        return -EINVAL;
    return lab_interface_open(lab, in->at, text_of(in, 0), in->number[0], in->number[1],
                              in->in[1].at);
}

static int run_route(struct lab *lab, const struct input *in)
{
    const char *gateway = text_of(in, 1);

    if (in->in[1].at && !gateway)
        return -EINVAL;
    return lab_route_add(lab, in->at, text_of(in, 0), gateway, in->number[0]);
}

static ssize_t run_emit(struct lab *lab, struct input *in)
{
    nanoseconds when = 0;
    ssize_t result = lab_emit(lab, in->at, in->out[0].at, in->out[0].size, &when);

    if (result >= 0 && in->out[1].at && in->out[1].size == sizeof when)
        memcpy(in->out[1].at, &when, sizeof when);
    return result;
}

static int run_fail_get(struct lab *lab, const struct input *in)
{
    lab->arena->fail_at = in->number[0] > 0 ? lab->arena->gets + (uint64_t)in->number[0] : 0;
    return 0;
}

static int run_next_change(struct lab *lab, struct input *in)
{
    struct sockeye_change change = {0};
    struct call_host *calls = call_take_touched(&lab->touched, &change.fd);

    if (!calls)
        return 0;
    change.host = (int)host_of_calls(calls)->node.means.node;
    change.events = call_poll(calls, change.fd);
    if (in->out[0].at && in->out[0].size == sizeof change)
        memcpy(in->out[0].at, &change, sizeof change);
    return 1;
}

/* What changes the lab from its builder's side. */
static ssize_t run_part(struct lab *lab, struct input *in)
{
    switch ((enum input_kind)in->kind) {
    case INPUT_HOST:
        return lab_host_open(lab, text_of(in, 0));
    case INPUT_WIRE:
        return run_wire(lab, in);
    case INPUT_WIRE_CHANGE:
        return run_wire_change(lab, in);
    case INPUT_WIRE_LINK:
        return lab_wire_link(lab, in->at, in->number[0], in->number[1] != 0, in->number[2]);
    case INPUT_DOOR:
        return lab_door_open(lab, text_of(in, 0), in->number[0], in->number[1]);
    case INPUT_INTERFACE:
        return run_interface(lab, in);
    case INPUT_ADDRESS:
        return lab_address_add(lab, in->at, in->number[0], text_of(in, 0));
    case INPUT_ROUTE:
        return run_route(lab, in);
    case INPUT_SET:
        return lab_setting_set(lab, in->at, text_of(in, 0), text_of(in, 1));
    case INPUT_INJECT:
        return lab_inject(lab, in->at, in->in[0].at, in->in[0].length);
    case INPUT_EMIT:
        return run_emit(lab, in);
    case INPUT_FAIL_GET:
        return run_fail_get(lab, in);
    case INPUT_NEXT_CHANGE:
        return run_next_change(lab, in);
    case INPUT_NONE:
    case INPUT_SOCKET:
    case INPUT_BIND:
    case INPUT_LISTEN:
    case INPUT_CONNECT:
    case INPUT_ACCEPT:
    case INPUT_SEND:
    case INPUT_RECEIVE:
    case INPUT_SEND_MESSAGE:
    case INPUT_RECEIVE_MESSAGE:
    case INPUT_SHUTDOWN:
    case INPUT_CLOSE:
    case INPUT_GET_OPTION:
    case INPUT_SET_OPTION:
    case INPUT_KINDS:
        break;
    }
    return -EINVAL;
}

/* For calls that write at most *length bytes to a room and put the true length there. */
static uint32_t *room_of(struct input_room *room, uint32_t *length)
{
    *length = (uint32_t)least(room->size, UINT32_MAX);
    return room->at ? length : NULL;
}

static int run_accept(struct call_host *calls, struct input *in, nanoseconds now)
{
    uint32_t length;
    int result = call_accept(calls, in->fd, in->out[0].at, room_of(&in->out[0], &length), now);

    in->out[0].size = length;
    return result;
}

static int run_get_option(struct call_host *calls, struct input *in, nanoseconds now)
{
    uint32_t length;
    int result = call_get_option(calls, in->fd, (int)in->number[0], (int)in->number[1],
                                 in->out[0].at, room_of(&in->out[0], &length), now);

    in->out[0].size = length;
    return result;
}

/* The parts of a message that is sent are only read. */
static void *unconst(const uint8_t *at)
{
    union {
        const uint8_t *from;
        void *to;
    } u = {.from = at};

    return u.to;
}

static ssize_t run_send_message(struct call_host *calls, const struct input *in, nanoseconds now)
{
    const struct call_message message = {
        .bytes = unconst(in->in[0].at),
        .length = in->in[0].length,
        .address = unconst(in->in[1].at),
        .address_length = (uint32_t)in->in[1].length,
        .control = unconst(in->in[2].at),
        .control_length = in->in[2].length,
    };

    return call_send_message(calls, in->fd, &message, (int)in->number[0], now);
}

static ssize_t run_receive_message(struct call_host *calls, struct input *in, nanoseconds now)
{
    struct call_message message = {
        .bytes = in->out[0].at,
        .length = in->out[0].size,
        .address = in->out[1].at,
        .address_length = (uint32_t)in->out[1].size,
        .control = in->out[2].at,
        .control_length = in->out[2].size,
    };
    ssize_t result = call_receive_message(calls, in->fd, &message, (int)in->number[0], now);

    in->out[1].size = message.address_length;
    in->out[2].size = message.control_length;
    in->flags = message.flags;
    return result;
}

/* A socket call. */
static ssize_t run_call(struct call_host *calls, struct input *in, nanoseconds now)
{
    int first = (int)in->number[0];
    uint32_t length = (uint32_t)in->in[0].length;

    switch ((enum input_kind)in->kind) {
    case INPUT_SOCKET:
        return call_socket(calls, first, (int)in->number[1], (int)in->number[2], now);
    case INPUT_BIND:
        return call_bind(calls, in->fd, in->in[0].at, length, now);
    case INPUT_LISTEN:
        return call_listen(calls, in->fd, first, now);
    case INPUT_CONNECT:
        return call_connect(calls, in->fd, in->in[0].at, length, now);
    case INPUT_ACCEPT:
        return run_accept(calls, in, now);
    case INPUT_SEND:
        return call_send(calls, in->fd, in->in[0].at, in->in[0].length, first, now);
    case INPUT_RECEIVE:
        return call_receive(calls, in->fd, in->out[0].at, in->out[0].size, first, now);
    case INPUT_SEND_MESSAGE:
        return run_send_message(calls, in, now);
    case INPUT_RECEIVE_MESSAGE:
        return run_receive_message(calls, in, now);
    case INPUT_SHUTDOWN:
        return call_shutdown(calls, in->fd, first, now);
    case INPUT_CLOSE:
        return call_close(calls, in->fd, now);
    case INPUT_GET_OPTION:
        return run_get_option(calls, in, now);
    case INPUT_SET_OPTION:
        return call_set_option(calls, in->fd, first, (int)in->number[1], in->in[0].at, length, now);
    case INPUT_NONE:
    case INPUT_HOST:
    case INPUT_WIRE:
    case INPUT_WIRE_CHANGE:
    case INPUT_WIRE_LINK:
    case INPUT_DOOR:
    case INPUT_INTERFACE:
    case INPUT_ADDRESS:
    case INPUT_ROUTE:
    case INPUT_SET:
    case INPUT_INJECT:
    case INPUT_EMIT:
    case INPUT_FAIL_GET:
    case INPUT_NEXT_CHANGE:
    case INPUT_KINDS:
        break;
    }
    return -EINVAL;
}

ssize_t input_run(struct lab *lab, struct input *in, uint32_t wanted)
{
    struct host *h;
    ssize_t result;

    event_log_begin(lab->log, wanted);
    if (!input_is_call(in->kind)) {
        result = run_part(lab, in);
        if (in->kind == INPUT_ADDRESS || in->kind == INPUT_ROUTE)
            lab_settle_node(lab, in->at);
        else if (in->kind == INPUT_INJECT || in->kind == INPUT_WIRE_LINK)
            lab_settle_wire(lab, in->at);
        return result;
    }
    h = lab_host(lab, in->at);
    if (!h)
        return -EINVAL;
    result = run_call(&h->calls, in, lab->now);
    node_settle(&h->node, lab->now);
    return result;
}
