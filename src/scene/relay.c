/* SPDX-License-Identifier: MIT */
/* Pipes of programs, read as they fill. A line longer than LINE_BYTES is cut there. */
#include "scene/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { LINE_BYTES = 65536, READS_AT_END = 64 };

struct source {
    int fd; /* -1: it has ended */
    char *line;
    size_t length;
};

struct scene_relay {
    struct drive *drive;
    int user;
    FILE *out;
    unsigned room, count;
    struct source source[];
};

/* Writes the whole lines there are. */
static void write_lines(struct scene_relay *relay, struct source *source)
{
    size_t length = source->length;

    while (length > 0 && source->line[length - 1] != '\n')
        length--;
    (void)fwrite(source->line, 1, length, relay->out);
    source->length -= length;
    memmove(source->line, source->line + length, source->length);
}

/* Writes the line that has no end yet, with one. */
static void write_rest(struct scene_relay *relay, struct source *source)
{
    if (source->length == 0)
        return;
    (void)fwrite(source->line, 1, source->length, relay->out);
    (void)fputc('\n', relay->out);
    source->length = 0;
}

static void end(struct scene_relay *relay, struct source *source)
{
    write_rest(relay, source);
    (void)drive_unwatch(relay->drive, source->fd);
    (void)close(source->fd);
    source->fd = -1;
    free(source->line);
    source->line = NULL;
}

/* @return is more to come? */
static bool take(struct scene_relay *relay, struct source *source)
{
    ssize_t got = read(source->fd, source->line + source->length, LINE_BYTES - source->length);

    if (got < 0)
        return errno == EINTR;
    if (got == 0) {
        end(relay, source);
        return false;
    }
    source->length += (size_t)got;
    write_lines(relay, source);
    if (source->length == LINE_BYTES)
        write_rest(relay, source);
    return true;
}

static void on_event(void *context, const struct drive_event *event)
{
    struct scene_relay *relay = context;

    if (event->which < relay->count && relay->source[event->which].fd >= 0)
        (void)take(relay, &relay->source[event->which]);
}

int scene_relay_open(struct drive *drive, FILE *out, unsigned programs, struct scene_relay **relay)
{
    struct scene_relay *r = calloc(1, sizeof *r + programs * sizeof *r->source);
    const struct drive_user user = {.context = r, .on_event = on_event};

    if (r == NULL)
        return -ENOMEM;
    r->drive = drive;
    r->out = out;
    r->room = programs;
    r->user = drive_join(drive, &user);
    if (r->user < 0) {
        int result = r->user;

        free(r);
        return result;
    }
    *relay = r;
    return 0;
}

int scene_relay_add(struct scene_relay *relay)
{
    struct source *source = &relay->source[relay->count];
    int ends[2], result;

    if (relay->count == relay->room)
        return -ENOSPC;
    source->line = malloc(LINE_BYTES);
    if (source->line == NULL)
        return -ENOMEM;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        result = -errno;
        free(source->line);
        return result;
    }
    /* the program's end stays a pipe that waits, as it expects */
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    result = drive_watch(relay->drive, relay->user, ends[0], EPOLLIN, 0, relay->count);
    if (result < 0) {
        (void)close(ends[0]);
        (void)close(ends[1]);
        free(source->line);
        return result;
    }
    source->fd = ends[0];
    relay->count++;
    return ends[1];
}

void scene_relay_close(struct scene_relay *relay)
{
    if (relay == NULL)
        return;
    for (unsigned i = 0; i < relay->count; i++) {
        struct source *source = &relay->source[i];

        for (int k = 0; k < READS_AT_END && source->fd >= 0 && take(relay, source); k++)
            continue;
        if (source->fd >= 0)
            end(relay, source);
    }
    drive_leave(relay->drive, relay->user);
    free(relay);
}
