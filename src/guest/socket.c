/* SPDX-License-Identifier: MIT */
/*
 * The table of the programs' sockets: found by handle (epoll, parked calls), by cookie (a borrowed
 * holder) and by the lab's descriptor (readiness told by the lab). Those without a data end stand
 * in a list besides, since nobody tells when they are closed (living.c): listeners, and the silent,
 * who are fresh, failed or reset.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "guest/state.h"

enum { INDEX_BITS = 24, INDEX_MASK = (1 << INDEX_BITS) - 1 };

static int grow_slots(struct guest_runner *runner)
{
    size_t count = runner->slot_count == 0 ? 256 : runner->slot_count * 2;
    struct guest_slot *slots;

    if (count > INDEX_MASK)
        return -ENOMEM;
    slots = realloc(runner->slots, count * sizeof *slots);
    if (slots == NULL)
        return -ENOMEM;
    memset(slots + runner->slot_count, 0, (count - runner->slot_count) * sizeof *slots);
    for (size_t i = count; i-- > runner->slot_count;) {
        slots[i].next_free = runner->slot_free;
        runner->slot_free = (uint32_t)i + 1;
    }
    runner->slots = slots;
    runner->slot_count = count;
    return 0;
}

static int reach_host(struct guest_runner *runner, int host)
{
    int count = host < 8 ? 8 : host * 2;
    struct guest_host *hosts;

    if (host < runner->host_count)
        return 0;
    hosts = realloc(runner->hosts, (size_t)count * sizeof *hosts);
    if (hosts == NULL)
        return -ENOMEM;
    memset(hosts + runner->host_count, 0, (size_t)(count - runner->host_count) * sizeof *hosts);
    runner->hosts = hosts;
    runner->host_count = count;
    return 0;
}

static int set_by_fd(struct guest_runner *runner, int host, int fd, uint64_t handle)
{
    struct guest_host *h;
    size_t index = (size_t)fd;

    if (reach_host(runner, host) < 0)
        return -ENOMEM;
    h = &runner->hosts[host];
    if (index >= h->count) {
        size_t more = (index + 64) * 2;
        uint64_t *table = realloc(h->handle, more * sizeof *table);

        if (table == NULL)
            return -ENOMEM;
        memset(table + h->count, 0, (more - h->count) * sizeof *table);
        h->handle = table;
        h->count = more;
    }
    h->handle[index] = handle;
    return 0;
}

void guest_socket_done(struct guest_runner *runner)
{
    for (int i = 0; i < runner->host_count; i++)
        free(runner->hosts[i].handle);
    free(runner->hosts);
    free(runner->slots);
}

/* Which list is that of a phase? */
static struct guest_link *list_of(struct guest_runner *runner, const struct guest_socket *s)
{
    if (s->is_datagram)
        return NULL;
    switch (s->phase) {
    case GUEST_LISTENING:
        return &runner->listeners;
    case GUEST_FRESH:
    case GUEST_FAILED:
    case GUEST_RESET:
        return &runner->silent;
    case GUEST_CONNECTING:
    case GUEST_OPEN:
        break;
    }
    return NULL;
}

/* The port by which a listener is found. */
static uint16_t port_of(const struct guest_runner *runner, const struct guest_socket *s)
{
    struct sockaddr_in name = {0};
    uint32_t length = sizeof name;

    sockeye_local_name(runner->lab, s->host, s->fd, &name, &length);
    return ntohs(name.sin_port);
}

void guest_socket_set_phase(struct guest_runner *runner, struct guest_socket *s,
                            enum guest_phase phase)
{
    struct guest_link *list;

    s->phase = phase;
    if (phase == GUEST_LISTENING && s->local == NULL)
        s->port = port_of(runner, s);
    guest_link_remove(&s->life.link);
    list = list_of(runner, s);
    if (list != NULL)
        guest_link_put_last(list, &s->life.link);
}

void guest_socket_doubt(struct guest_runner *runner, struct guest_socket *s)
{
    if (!guest_link_is_in(&s->life.link))
        guest_link_put_last(&runner->silent, &s->life.link);
}

struct guest_socket *guest_socket_add(struct guest_runner *runner, int host, int fd, int program,
                                      const struct guest_kind *kind)
{
    bool is_datagram = kind->way == GUEST_WAY_MESSAGE || kind->way == GUEST_WAY_RECORD;
    struct guest_socket *s;
    size_t index;

    if (runner->slot_free == 0 && grow_slots(runner) < 0)
        return NULL;
    index = runner->slot_free - 1;
    s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    runner->slots[index].generation++;
    s->handle = (uint64_t)runner->slots[index].generation << INDEX_BITS | index;
    s->host = host;
    s->fd = fd;
    s->program = program;
    guest_bridge_init(s);
    s->held_holder = -1;
    s->kind = kind;
    s->is_datagram = is_datagram;
    guest_link_init(&s->life.link);
    guest_link_init(&s->unfinished);
    guest_link_init(&s->later);
    guest_link_init(&s->touched);
    guest_link_init(&s->waits);
    if (is_datagram)
        s->datagram = calloc(1, sizeof *s->datagram);
    if ((is_datagram && s->datagram == NULL) || set_by_fd(runner, host, fd, s->handle) < 0) {
        free(s->datagram);
        free(s);
        return NULL;
    }
    guest_socket_set_phase(runner, s, GUEST_FRESH);
    runner->slots[index].socket = s;
    runner->slot_free = runner->slots[index].next_free;
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

void guest_socket_name(struct guest_runner *runner, struct guest_socket *s, int holder)
{
    uint64_t cookie = guest_target_cookie(holder);
    struct guest_socket **bucket = &runner->cookies[cookie % GUEST_COOKIES];
    struct stat st;

    s->inode = fstat(holder, &st) == 0 ? (uint32_t)st.st_ino : 0;
    s->inode_told = false;
    if (s->cookie != 0)
        forget_cookie(runner, s);
    s->cookie = cookie;
    s->next_cookie = *bucket;
    *bucket = s;
}

void guest_socket_tell(struct guest_runner *runner, int host)
{
    for (size_t i = 0; i < runner->slot_count; i++) {
        struct guest_socket *s = runner->slots[i].socket;

        if (s == NULL || s->host != host || s->inode_told || s->inode == 0)
            continue;
        s->inode_told = true;
        sockeye_name_socket(runner->lab, host, s->fd, s->inode);
    }
}

/* Out of the table; the lab socket is closed with it. */
void guest_socket_drop(struct guest_runner *runner, struct guest_socket *s)
{
    struct guest_slot *slot = &runner->slots[s->handle & INDEX_MASK];

    guest_link_remove(&s->life.link);
    guest_link_remove(&s->unfinished);
    guest_link_remove(&s->later);
    guest_link_remove(&s->touched);
    runner->statistics.sockets_now--;
    if (s->cookie != 0)
        forget_cookie(runner, s);
    set_by_fd(runner, s->host, s->fd, 0);
    slot->socket = NULL;
    slot->next_free = runner->slot_free;
    runner->slot_free = (uint32_t)(s->handle & INDEX_MASK) + 1;
    sockeye_close_fd(runner->lab, s->host, s->fd);
    free(s->datagram);
    free(s->local);
    free(s);
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
    if (host < 0 || host >= runner->host_count || fd < 0 || (size_t)fd >= runner->hosts[host].count)
        return NULL;
    return guest_socket_of_handle(runner, runner->hosts[host].handle[fd]);
}

void guest_socket_hold(struct guest_socket *listener, struct guest_socket *s, int holder)
{
    struct guest_socket *last = listener;

    while (last->next_held != NULL) /* few: each has lost its accept() */
        last = last->next_held;
    s->held_holder = holder;
    s->next_held = NULL;
    last->next_held = s;
}

struct guest_socket *guest_socket_take_held(struct guest_socket *listener, int *holder)
{
    struct guest_socket *s = listener->next_held;

    if (s == NULL)
        return NULL;
    listener->next_held = s->next_held;
    s->next_held = NULL;
    *holder = s->held_holder;
    s->held_holder = -1;
    return s;
}

void guest_socket_set_error(struct guest_socket *s, int error)
{
    s->error = error;
}

int guest_socket_take_error(struct guest_socket *s)
{
    int error = s->error;

    s->error = 0;
    return error;
}
