/* SPDX-License-Identifier: MIT */
/*
 * Inputs as bytes. A table says how many numbers and parts each kind has; the form is the kind,
 * then at, fd and the numbers, then the parts: a length plus one (0: not given) and, for parts that
 * go in, the bytes.
 *
 * Reading believes nothing: a length beyond what is there, a number beyond its type or a kind that
 * does not exist makes the whole input bad.
 */
#include "lab/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sockeye/event.h"

enum log_when { LOG_ALWAYS, LOG_POSITIVE, LOG_UNLESS_AGAIN };

struct form {
    uint8_t numbers, in, out;
    uint8_t log;      /* enum log_when */
    bool partial;     /* the result says how much of in[0] was taken */
    const char *name; /* of a socket call, as a trace shows it; else NULL */
};

static const struct form forms[INPUT_KINDS] = {
    [INPUT_HOST] = {0, 1, 0, LOG_ALWAYS, false, NULL},
    [INPUT_WIRE] = {0, 3, 0, LOG_ALWAYS, false, NULL},
    [INPUT_WIRE_CHANGE] = {1, 1, 0, LOG_ALWAYS, false, NULL},
    [INPUT_WIRE_LINK] = {3, 0, 0, LOG_ALWAYS, false, NULL},
    [INPUT_DOOR] = {2, 1, 0, LOG_ALWAYS, false, NULL},
    [INPUT_INTERFACE] = {2, 2, 0, LOG_ALWAYS, false, NULL},
    [INPUT_ADDRESS] = {1, 1, 0, LOG_ALWAYS, false, NULL},
    [INPUT_ROUTE] = {1, 2, 0, LOG_ALWAYS, false, NULL},
    [INPUT_SET] = {0, 2, 0, LOG_ALWAYS, false, NULL},
    [INPUT_INJECT] = {0, 1, 0, LOG_ALWAYS, false, NULL},
    [INPUT_EMIT] = {0, 0, 2, LOG_POSITIVE, false, NULL},
    [INPUT_FAIL_GET] = {1, 0, 0, LOG_ALWAYS, false, NULL},
    [INPUT_NEXT_CHANGE] = {0, 0, 1, LOG_POSITIVE, false, NULL},
    [INPUT_SOCKET] = {3, 0, 0, LOG_ALWAYS, false, "socket"},
    [INPUT_BIND] = {0, 1, 0, LOG_ALWAYS, false, "bind"},
    [INPUT_LISTEN] = {1, 0, 0, LOG_ALWAYS, false, "listen"},
    [INPUT_CONNECT] = {0, 1, 0, LOG_ALWAYS, false, "connect"},
    [INPUT_ACCEPT] = {0, 0, 1, LOG_UNLESS_AGAIN, false, "accept"},
    [INPUT_SEND] = {1, 1, 0, LOG_ALWAYS, true, "send"},
    [INPUT_RECEIVE] = {1, 0, 1, LOG_UNLESS_AGAIN, false, "receive"},
    [INPUT_SEND_MESSAGE] = {1, 3, 0, LOG_ALWAYS, true, "send_message"},
    [INPUT_RECEIVE_MESSAGE] = {1, 0, 3, LOG_UNLESS_AGAIN, false, "receive_message"},
    [INPUT_SHUTDOWN] = {1, 0, 0, LOG_ALWAYS, false, "shutdown"},
    [INPUT_CLOSE] = {0, 0, 0, LOG_ALWAYS, false, "close"},
    [INPUT_GET_OPTION] = {2, 0, 1, LOG_ALWAYS, false, "get_option"},
    [INPUT_SET_OPTION] = {2, 1, 0, LOG_ALWAYS, false, "set_option"},
};

bool input_is_call(uint32_t kind)
{
    return kind >= INPUT_SOCKET && kind < INPUT_KINDS;
}

const char *event_call_name(unsigned call)
{
    return call < INPUT_KINDS && forms[call].name ? forms[call].name : "unknown";
}

bool input_is_logged(const struct input *in, ssize_t result)
{
    switch ((enum log_when)forms[in->kind].log) {
    case LOG_ALWAYS:
        return true;
    case LOG_POSITIVE:
        return result > 0;
    case LOG_UNLESS_AGAIN:
        return result != -EAGAIN;
    }
    return true;
}

static int32_t read_int(struct reader *r)
{
    int64_t value = sink_signed_read(r);

    if (value < INT32_MIN || value > INT32_MAX)
        r->failed = true;
    return r->failed ? 0 : (int32_t)value;
}

/* How much of a part is written down. */
static size_t kept(const struct input *in, unsigned i, ssize_t result)
{
    size_t length = in->in[i].length;

    if (!forms[in->kind].partial || i > 0)
        return length;
    if (result == -EAGAIN)
        return 0;
    return result < 0 || (size_t)result > length ? length : (size_t)result;
}

void input_write(struct sink *s, const struct input *in, ssize_t result)
{
    const struct form *form = &forms[in->kind];

    sink_number(s, in->kind);
    sink_signed(s, in->at);
    sink_signed(s, in->fd);
    for (unsigned i = 0; i < form->numbers; i++)
        sink_signed(s, in->number[i]);
    for (unsigned i = 0; i < form->in; i++) {
        sink_number(s, in->in[i].at ? in->in[i].length + 1 : 0);
        if (!in->in[i].at)
            continue;
        sink_number(s, kept(in, i, result));
        sink_bytes(s, in->in[i].at, kept(in, i, result));
    }
    for (unsigned i = 0; i < form->out; i++)
        sink_number(s, in->out[i].at ? in->out[i].size + 1 : 0);
}

/* One part that goes in: all of it, or the beginning, to be followed by zeroes. */
static void read_part(struct reader *r, struct input_bytes *part, size_t *shortened)
{
    uint64_t given = sink_number_read(r), there;

    part->at = NULL;
    part->length = 0;
    *shortened = 0;
    if (given == 0 || r->failed)
        return;
    there = sink_number_read(r);
    if (given - 1 > INPUT_MOST_BYTES || there > given - 1 || there > reader_left(r)) {
        r->failed = true;
        return;
    }
    part->length = (size_t)given - 1;
    if (there < part->length)
        *shortened = (size_t)there + 1;
    part->at = read_bytes(r, (size_t)there);
}

bool input_read(struct reader *r, struct input *in, void **scratch)
{
    size_t shortened[INPUT_PARTS] = {0}, need = 1;
    bool wanted[INPUT_PARTS] = {false};
    const struct form *form;
    uint64_t kind = sink_number_read(r);
    uint8_t *at;

    *scratch = NULL;
    memset(in, 0, sizeof *in);
    if (r->failed || kind == INPUT_NONE || kind >= INPUT_KINDS)
        return false;
    in->kind = (uint32_t)kind;
    form = &forms[kind];
    in->at = read_int(r);
    in->fd = read_int(r);
    for (unsigned i = 0; i < form->numbers; i++)
        in->number[i] = sink_signed_read(r);
    for (unsigned i = 0; i < form->in; i++) {
        read_part(r, &in->in[i], &shortened[i]);
        need += shortened[i] ? in->in[i].length : 0;
    }
    for (unsigned i = 0; i < form->out; i++) {
        uint64_t given = sink_number_read(r);

        in->out[i].size = given ? (size_t)given - 1 : 0;
        if (given > INPUT_MOST_BYTES + 1)
            r->failed = true;
        need += in->out[i].size + 16; /* each part aligned */
        wanted[i] = given > 0;
    }
    if (r->failed)
        return false;
    *scratch = at = calloc(1, need + 16);
    if (!at)
        return false;
    for (unsigned i = 0; i < form->out; i++) {
        if (!wanted[i])
            continue;
        in->out[i].at = at;
        at += (in->out[i].size + 15) / 16 * 16;
    }
    for (unsigned i = 0; i < form->in; i++) {
        if (!shortened[i])
            continue;
        if (shortened[i] > 1)
            memcpy(at, in->in[i].at, shortened[i] - 1);
        in->in[i].at = at;
        at += in->in[i].length;
    }
    return true;
}
