/* SPDX-License-Identifier: MIT */
/*
 * What is done with an input, read off its row of the table: it is run, told by name, and written
 * down or not. Running ends as every entry does: whom the row settles is settled.
 *
 * As bytes an input is the kind, then at, fd and the numbers, then the parts: a length plus one (0:
 * not given) and, for parts that go in, the bytes.
 *
 * Reading believes nothing: a length beyond what is there, a number beyond its type or a kind that
 * does not exist makes the whole input bad.
 */
#include "lab/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lab/lab.h"
#include "sockeye/event.h"

ssize_t input_run(struct lab *lab, struct input *in, uint32_t wanted)
{
    const struct input_row *row = &input_table[in->kind];
    ssize_t result;

    event_log_begin(lab->log, wanted);
    if (row->call) {
        struct host *h = lab_host(lab, in->at);

        if (!h)
            return lab_no_host(lab, in->at);
        result = row->call(&h->calls, in, lab->now);
    } else {
        result = row->part(lab, in);
    }
    if (row->settle)
        row->settle(lab, in->at);
    return result;
}

bool input_is_call(uint32_t kind)
{
    return input_table[kind].call != NULL;
}

const char *event_call_name(unsigned call)
{
    return call < INPUT_KINDS && input_table[call].name ? input_table[call].name : "unknown";
}

bool input_is_logged(const struct input *in, ssize_t result)
{
    switch (input_table[in->kind].logged) {
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

    if (input_table[in->kind].kept == KEEP_ALL || i > 0)
        return length;
    if (result == -EAGAIN)
        return 0;
    return result < 0 || (size_t)result > length ? length : (size_t)result;
}

void input_write(struct sink *s, const struct input *in, ssize_t result)
{
    const struct input_row *row = &input_table[in->kind];

    sink_number(s, in->kind);
    sink_signed(s, in->at);
    sink_signed(s, in->fd);
    for (unsigned i = 0; i < row->numbers; i++)
        sink_signed(s, in->number[i]);
    for (unsigned i = 0; i < row->in; i++) {
        sink_number(s, in->in[i].at ? in->in[i].length + 1 : 0);
        if (!in->in[i].at)
            continue;
        sink_number(s, kept(in, i, result));
        sink_bytes(s, in->in[i].at, kept(in, i, result));
    }
    for (unsigned i = 0; i < row->out; i++)
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
    const struct input_row *row;
    uint64_t kind = sink_number_read(r);
    uint8_t *at;

    *scratch = NULL;
    memset(in, 0, sizeof *in);
    if (r->failed || kind == INPUT_NONE || kind >= INPUT_KINDS)
        return false;
    in->kind = (uint32_t)kind;
    row = &input_table[kind];
    in->at = read_int(r);
    in->fd = read_int(r);
    for (unsigned i = 0; i < row->numbers; i++)
        in->number[i] = sink_signed_read(r);
    for (unsigned i = 0; i < row->in; i++) {
        read_part(r, &in->in[i], &shortened[i]);
        need += shortened[i] ? in->in[i].length : 0;
    }
    for (unsigned i = 0; i < row->out; i++) {
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
    for (unsigned i = 0; i < row->out; i++) {
        if (!wanted[i])
            continue;
        in->out[i].at = at;
        at += (in->out[i].size + 15) / 16 * 16;
    }
    for (unsigned i = 0; i < row->in; i++) {
        if (!shortened[i])
            continue;
        if (shortened[i] > 1)
            memcpy(at, in->in[i].at, shortened[i] - 1);
        in->in[i].at = at;
        at += in->in[i].length;
    }
    return true;
}
