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

#include "guest/state.h"

enum { INDEX_BITS = 24, INDEX_MASK = (1 << INDEX_BITS) - 1 };

static int grow_slots(struct guest_runner *runner)
{
    size_t count = runner->slot_count == 0 ? 256 : runner->slot_count * 2;
    struct guest_slot *slots = realloc(runner->slots, count * sizeof *slots);

    if (slots == NULL || count > INDEX_MASK)
        return -ENOMEM;
    memset(slots + runner->slot_count, 0, (count - runner->slot_count) * sizeof *slots);
    runner->slots = slots;
    runner->slot_count = count;
    return 0;
}

static int set_by_fd(struct guest_runner *runner, int host, int fd, uint64_t handle)
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

static size_t find_slot(const struct guest_runner *runner)
{
    for (size_t i = 0; i < runner->slot_count; i++) {
        size_t index = (runner->slot_free + i) % runner->slot_count;

        if (runner->slots[index].socket == NULL)
            return index;
    }
    return runner->slot_count;
}

struct guest_socket *guest_socket_add(struct guest_runner *runner, int host, int fd, bool datagram)
{
    size_t index = find_slot(runner);
    struct guest_socket *s;

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
    s->phase = GUEST_FRESH;
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

static void forget_cookie(struct guest_runner *runner, struct guest_socket *s)
{
    struct guest_socket **p = &runner->cookies[s->cookie % GUEST_COOKIES];

    for (; *p != NULL; p = &(*p)->next_cookie)
        if (*p == s) {
            *p = s->next_cookie;
            break;
        }
    s->cookie = 0;
}

void guest_socket_name(struct guest_runner *runner, struct guest_socket *s, uint64_t cookie)
{
    struct guest_socket **bucket = &runner->cookies[cookie % GUEST_COOKIES];

    if (s->cookie != 0)
        forget_cookie(runner, s);
    s->cookie = cookie;
    s->next_cookie = *bucket;
    *bucket = s;
}

static bool is_endless(const struct guest_socket *s)
{
    return !s->datagram && s->phase != GUEST_CONNECTING && s->phase != GUEST_OPEN;
}

void guest_socket_set_phase(struct guest_runner *runner, struct guest_socket *s,
                            enum guest_phase phase)
{
    runner->endless -= is_endless(s);
    runner->listening -= s->phase == GUEST_LISTENING;
    s->phase = phase;
    runner->endless += is_endless(s);
    runner->listening += s->phase == GUEST_LISTENING;
}

void guest_socket_remove(struct guest_runner *runner, struct guest_socket *s)
{
    uint64_t handle = s->handle;

    runner->endless -= is_endless(s);
    runner->listening -= s->phase == GUEST_LISTENING;
    runner->statistics.sockets_now--;
    if (s->cookie != 0)
        forget_cookie(runner, s);
    set_by_fd(runner, s->host, s->fd, 0);
    runner->slots[handle & INDEX_MASK].socket = NULL;
    while (s->next_held != NULL) {
        struct guest_socket *held = s->next_held;

        s->next_held = held->next_held;
        held->next_held = NULL;
        guest_socket_abort(runner, held);
    }
    if (s->end >= 0)
        close(s->end);
    if (s->held_holder >= 0)
        close(s->held_holder);
    if (s->path[0] != '\0')
        unlink(s->path);
    sockeye_close_fd(runner->lab, s->host, s->fd);
    guest_buffer_done(&s->out);
    guest_buffer_done(&s->in);
    free(s);
    guest_wait_retry(runner, handle); /* they find it gone, and end */
}

/* As Linux does when a program closes with data unread. */
void guest_socket_abort(struct guest_runner *runner, struct guest_socket *s)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    sockeye_set_option(runner->lab, s->host, s->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    guest_socket_remove(runner, s);
}

struct guest_socket *guest_socket_of_handle(const struct guest_runner *runner, uint64_t handle)
{
    size_t index = handle & INDEX_MASK;

    if (index >= runner->slot_count || runner->slots[index].socket == NULL ||
        runner->slots[index].socket->handle != handle)
        return NULL;
    return runner->slots[index].socket;
}

struct guest_socket *guest_socket_of_cookie(const struct guest_runner *runner, uint64_t cookie)
{
    struct guest_socket *s = cookie == 0 ? NULL : runner->cookies[cookie % GUEST_COOKIES];

    while (s != NULL && s->cookie != cookie)
        s = s->next_cookie;
    return s;
}

struct guest_socket *guest_socket_of_fd(const struct guest_runner *runner, int host, int fd)
{
    if (host < 0 || host >= SOCKEYE_HOSTS || fd < 0 || (size_t)fd >= runner->by_fd_count[host])
        return NULL;
    return guest_socket_of_handle(runner, runner->by_fd[host][fd]);
}

bool guest_socket_is_closed(struct guest_runner *runner, const struct guest_socket *s)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (s->held_holder >= 0)
        return false;
    memcpy(address.sun_path, s->path, sizeof s->path);
    return connect(runner->probe, (struct sockaddr *)&address, sizeof address) < 0 &&
           (errno == ECONNREFUSED || errno == ENOENT);
}

/* Asks those without a data end whether they live. */
void guest_socket_probe(struct guest_runner *runner, bool only_listeners)
{
    size_t left = only_listeners ? runner->listening : runner->endless;

    for (size_t i = 0; i < runner->slot_count && left > 0; i++) {
        struct guest_socket *s = runner->slots[i].socket;

        if (s == NULL || !is_endless(s) || (only_listeners && s->phase != GUEST_LISTENING))
            continue;
        left--;
        if (guest_socket_is_closed(runner, s))
            guest_socket_remove(runner, s);
    }
}

/* New connections of the lab become tokens, one an edge. */
static void listener_turn(struct guest_runner *runner, struct guest_socket *s)
{
    int events = sockeye_poll(runner->lab, s->host, s->fd);

    if (events > 0 && (events & POLLIN) && s->tokens < GUEST_TOKENS &&
        guest_holder_add_token(s) == -ECONNREFUSED)
        guest_socket_remove(runner, s);
}

/* Does for a socket all that can be done now. May remove it. */
void guest_socket_turn(struct guest_runner *runner, struct guest_socket *s)
{
    uint64_t handle = s->handle;

    if (s->turning)
        return;
    s->turning = true;
    if (s->datagram)
        guest_datagram_turn(runner, s);
    else if (s->phase == GUEST_LISTENING)
        listener_turn(runner, s);
    else if (s->phase == GUEST_CONNECTING || s->phase == GUEST_OPEN)
        guest_stream_turn(runner, s);
    s = guest_socket_of_handle(runner, handle);
    if (s != NULL)
        s->turning = false;
    guest_wait_retry(runner, handle);
}

/* @return false: no room to remember it; go on now */
bool guest_socket_turn_again(struct guest_runner *runner, struct guest_socket *s)
{
    if (s->unfinished)
        return true;
    if (runner->unfinished_count == GUEST_UNFINISHED)
        return false;
    s->unfinished = true;
    runner->unfinished[runner->unfinished_count++] = s->handle;
    return true;
}

void guest_socket_finish_turns(struct guest_runner *runner)
{
    uint64_t handles[GUEST_UNFINISHED];
    int count = runner->unfinished_count;

    memcpy(handles, runner->unfinished, sizeof handles);
    runner->unfinished_count = 0;
    for (int i = 0; i < count; i++) {
        struct guest_socket *s = guest_socket_of_handle(runner, handles[i]);

        if (s == NULL)
            continue;
        s->unfinished = false;
        guest_socket_turn(runner, s);
        drive_advance(runner->drive);
    }
}
