/* SPDX-License-Identifier: MIT */
/*
 * The table of the programs' sockets: found by handle (epoll, parked calls), by cookie (a borrowed
 * holder) and by the lab's descriptor (readiness told by the lab).
 *
 * Closing needs no trap: the data end of a holder is told by the kernel when its last copy goes,
 * through dup, fork, SCM_RIGHTS and kill -9. A stream socket that has no data end (fresh, bound,
 * listening, failed, reset) is asked instead: its holder is bound to a path of our directory, and
 * a connect() of the wrong type to that path says EPROTOTYPE if the holder lives and ECONNREFUSED
 * if it is closed, and leaves nothing behind. Listeners are asked before anybody could notice:
 * before a connect() or bind() acts and each millisecond of a busy lab; the others each second.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "7-application/run_state.h"

enum { INDEX_BITS = 24, INDEX_MASK = (1 << INDEX_BITS) - 1 };

static int grow_slots(struct runner *runner)
{
    size_t count = runner->slot_count == 0 ? 256 : runner->slot_count * 2;
    struct run_slot *slots = realloc(runner->slots, count * sizeof *slots);

    if (slots == NULL || count > INDEX_MASK)
        return -ENOMEM;
    memset(slots + runner->slot_count, 0, (count - runner->slot_count) * sizeof *slots);
    runner->slots = slots;
    runner->slot_count = count;
    return 0;
}

static int set_by_fd(struct runner *runner, int host, int fd, uint64_t handle)
{
    size_t count = runner->by_fd_count[host], index = (size_t)fd;

    if (index >= count) {
        size_t more = (index + 64) * 2;
        uint64_t *table = realloc(runner->by_fd[host], more * sizeof *table);

        if (table == NULL)
            return -ENOMEM;
        memset(table + count, 0, (more - count) * sizeof *table);
        runner->by_fd[host] = table;
        runner->by_fd_count[host] = more;
    }
    runner->by_fd[host][index] = handle;
    return 0;
}

static size_t find_slot(const struct runner *runner)
{
    for (size_t i = 0; i < runner->slot_count; i++) {
        size_t index = (runner->slot_free + i) % runner->slot_count;

        if (runner->slots[index].socket == NULL)
            return index;
    }
    return runner->slot_count;
}

struct run_socket *run_socket_add(struct runner *runner, int host, int fd, bool datagram)
{
    size_t index = find_slot(runner);
    struct run_socket *s;

    if (index == runner->slot_count && grow_slots(runner) < 0)
        return NULL;
    s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    runner->slots[index].generation++;
    s->handle = (uint64_t)runner->slots[index].generation << INDEX_BITS | index;
    s->host = host;
    s->fd = fd;
    s->end = -1;
    s->held_holder = -1;
    s->datagram = datagram;
    s->phase = RUN_FRESH;
    if (set_by_fd(runner, host, fd, s->handle) < 0) {
        free(s);
        return NULL;
    }
    runner->slots[index].socket = s;
    runner->slot_free = index + 1;
    runner->endless += !datagram;
    runner->statistics.sockets++;
    runner->statistics.sockets_now++;
    return s;
}

static void forget_cookie(struct runner *runner, struct run_socket *s)
{
    struct run_socket **p = &runner->cookies[s->cookie % RUN_COOKIES];

    for (; *p != NULL; p = &(*p)->next_cookie)
        if (*p == s) {
            *p = s->next_cookie;
            break;
        }
    s->cookie = 0;
}

void run_socket_name(struct runner *runner, struct run_socket *s, uint64_t cookie)
{
    struct run_socket **bucket = &runner->cookies[cookie % RUN_COOKIES];

    if (s->cookie != 0)
        forget_cookie(runner, s);
    s->cookie = cookie;
    s->next_cookie = *bucket;
    *bucket = s;
}

static bool is_endless(const struct run_socket *s)
{
    return !s->datagram && s->phase != RUN_CONNECTING && s->phase != RUN_OPEN;
}

void run_socket_set_phase(struct runner *runner, struct run_socket *s, enum run_phase phase)
{
    runner->endless -= is_endless(s);
    runner->listening -= s->phase == RUN_LISTENING;
    s->phase = phase;
    runner->endless += is_endless(s);
    runner->listening += s->phase == RUN_LISTENING;
}

void run_socket_remove(struct runner *runner, struct run_socket *s)
{
    uint64_t handle = s->handle;

    runner->endless -= is_endless(s);
    runner->listening -= s->phase == RUN_LISTENING;
    runner->statistics.sockets_now--;
    if (s->cookie != 0)
        forget_cookie(runner, s);
    set_by_fd(runner, s->host, s->fd, 0);
    runner->slots[handle & INDEX_MASK].socket = NULL;
    while (s->next_held != NULL) {
        struct run_socket *held = s->next_held;

        s->next_held = held->next_held;
        held->next_held = NULL;
        run_socket_abort(runner, held);
    }
    if (s->end >= 0)
        close(s->end);
    if (s->held_holder >= 0)
        close(s->held_holder);
    if (s->path[0] != '\0')
        unlink(s->path);
    sockeye_close_fd(runner->lab, s->host, s->fd);
    run_buffer_done(&s->out);
    run_buffer_done(&s->in);
    free(s);
    run_wait_retry(runner, handle); /* they find it gone, and end */
}

/* As Linux does when a program closes with data unread. */
void run_socket_abort(struct runner *runner, struct run_socket *s)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    sockeye_set_option(runner->lab, s->host, s->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    run_socket_remove(runner, s);
}

struct run_socket *run_socket_of_handle(const struct runner *runner, uint64_t handle)
{
    size_t index = handle & INDEX_MASK;

    if (index >= runner->slot_count || runner->slots[index].socket == NULL ||
        runner->slots[index].socket->handle != handle)
        return NULL;
    return runner->slots[index].socket;
}

struct run_socket *run_socket_of_cookie(const struct runner *runner, uint64_t cookie)
{
    struct run_socket *s = cookie == 0 ? NULL : runner->cookies[cookie % RUN_COOKIES];

    while (s != NULL && s->cookie != cookie)
        s = s->next_cookie;
    return s;
}

struct run_socket *run_socket_of_fd(const struct runner *runner, int host, int fd)
{
    if (host < 0 || host >= SOCKEYE_HOSTS || fd < 0 || (size_t)fd >= runner->by_fd_count[host])
        return NULL;
    return run_socket_of_handle(runner, runner->by_fd[host][fd]);
}

bool run_socket_is_closed(struct runner *runner, const struct run_socket *s)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (s->held_holder >= 0)
        return false;
    memcpy(address.sun_path, s->path, sizeof s->path);
    return connect(runner->probe, (struct sockaddr *)&address, sizeof address) < 0 &&
           (errno == ECONNREFUSED || errno == ENOENT);
}

/* Asks those without a data end whether they live. */
void run_socket_probe(struct runner *runner, bool only_listeners)
{
    size_t left = only_listeners ? runner->listening : runner->endless;

    for (size_t i = 0; i < runner->slot_count && left > 0; i++) {
        struct run_socket *s = runner->slots[i].socket;

        if (s == NULL || !is_endless(s) || (only_listeners && s->phase != RUN_LISTENING))
            continue;
        left--;
        if (run_socket_is_closed(runner, s))
            run_socket_remove(runner, s);
    }
}

/* New connections of the lab become tokens, one an edge. */
static void listener_turn(struct runner *runner, struct run_socket *s)
{
    int events = sockeye_poll(runner->lab, s->host, s->fd);

    if (events > 0 && (events & POLLIN) && s->tokens < RUN_TOKENS &&
        run_holder_add_token(s) == -ECONNREFUSED)
        run_socket_remove(runner, s);
}

/* Does for a socket all that can be done now. May remove it. */
void run_socket_turn(struct runner *runner, struct run_socket *s)
{
    uint64_t handle = s->handle;

    if (s->turning)
        return;
    s->turning = true;
    if (s->datagram)
        run_datagram_turn(runner, s);
    else if (s->phase == RUN_LISTENING)
        listener_turn(runner, s);
    else if (s->phase == RUN_CONNECTING || s->phase == RUN_OPEN)
        run_stream_turn(runner, s);
    s = run_socket_of_handle(runner, handle);
    if (s != NULL)
        s->turning = false;
    run_wait_retry(runner, handle);
}

/* @return false: no room to remember it; go on now */
bool run_socket_turn_again(struct runner *runner, struct run_socket *s)
{
    if (s->unfinished)
        return true;
    if (runner->unfinished_count == RUN_EVENTS)
        return false;
    s->unfinished = true;
    runner->unfinished[runner->unfinished_count++] = s->handle;
    return true;
}

void run_socket_finish_turns(struct runner *runner)
{
    uint64_t handles[RUN_EVENTS];
    int count = runner->unfinished_count;

    memcpy(handles, runner->unfinished, sizeof handles);
    runner->unfinished_count = 0;
    for (int i = 0; i < count; i++) {
        struct run_socket *s = run_socket_of_handle(runner, handles[i]);

        if (s == NULL)
            continue;
        s->unfinished = false;
        run_socket_turn(runner, s);
        run_loop_advance(runner);
    }
}
