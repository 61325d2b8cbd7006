/* SPDX-License-Identifier: MIT */
/*
 * poll and epoll of a script, on the host's readiness: sockeye_poll says what is, and
 * sockeye_next_change what was touched since, which is what edge-triggered watches go by.
 */
#include "drill/state.h"
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/epoll.h>

enum { ALWAYS = POLLERR | POLLHUP, KNOWN = POLLIN | POLLOUT | POLLPRI | POLLRDHUP | ALWAYS };

static bool field_number(struct drill_run *run, const struct drill_node *record, const char *name,
                         int64_t *value)
{
    const struct drill_node *field = drill_field(record, name);

    *value = 0;
    return !field || field->kind == NODE_ELLIPSIS || drill_value(run, field, value);
}

/* Sets c->deadline from a timeout in milliseconds at the first attempt. @return true: time is up */
static bool is_over(struct drill_run *run, struct drill_call *c, int64_t timeout)
{
    if (!c->started) {
        c->started = true;
        c->deadline = timeout < 0 ? -1 : sockeye_now(run->lab) + timeout * 1000000;
    }
    return c->deadline >= 0 && sockeye_now(run->lab) >= c->deadline;
}

static bool check_events(struct drill_run *run, struct drill_call *c, int64_t expected,
                         int64_t came)
{
    if (expected == came)
        return true;
    drill_fail(run, c->event->line, "%s: expected the events 0x%" PRIx64 ", came 0x%" PRIx64,
               c->event->text, expected, came);
    return false;
}

static const struct drill_node *argument(const struct drill_call *c, int i)
{
    return i < c->event->arguments->count ? c->event->arguments->child[i] : NULL;
}

int64_t drill_poll(struct drill_run *run, struct drill_call *c)
{
    const struct drill_node *list = argument(c, 0), *limit = argument(c, 2);
    int64_t timeout, ready = 0, fd, events, expected, came[NODE_CHILDREN];

    if (!list || list->kind != NODE_LIST || !limit || !drill_value(run, limit, &timeout) ||
        timeout > INT32_MAX) {
        drill_unsupported(run, c->event->line, "poll: arguments of this form are not known");
        return CALL_BROKEN;
    }
    for (int i = 0; i < list->count; i++) {
        struct drill_socket *s;

        if (!field_number(run, list->child[i], "fd", &fd) ||
            !field_number(run, list->child[i], "events", &events))
            return CALL_BROKEN;
        s = drill_socket_find(run, (int)fd);
        came[i] = s ? sockeye_poll(run->lab, run->host, s->live) & (events | ALWAYS) : POLLNVAL;
        ready += came[i] != 0;
    }
    if (!is_over(run, c, timeout) && !ready)
        return CALL_WAIT;
    for (int i = 0; i < list->count; i++) {
        if (!field_number(run, list->child[i], "revents", &expected) ||
            !check_events(run, c, expected, came[i]))
            return CALL_BROKEN;
    }
    return ready;
}

int64_t drill_epoll_create(struct drill_run *run, struct drill_call *c)
{
    const struct drill_node *result = c->event->result;
    int fd = result->kind == NODE_INTEGER ? (int)result->integer : 1000;

    return drill_socket_add(run, DRILL_EPOLL, fd, -1) ? fd : -EMFILE;
}

static struct drill_socket *epoll_of(struct drill_run *run, struct drill_call *c)
{
    const struct drill_node *node = argument(c, 0);
    struct drill_socket *s;
    int64_t fd;

    if (!node || !drill_value(run, node, &fd))
        return NULL;
    s = drill_socket_find(run, (int)fd);
    if (!s || s->kind != DRILL_EPOLL) {
        drill_unsupported(run, c->event->line, "%s: no epoll descriptor", c->event->text);
        return NULL;
    }
    return s;
}

static struct drill_watch *find_watch(struct drill_socket *s, int live)
{
    for (int i = 0; i < DRILL_WATCHES; i++) {
        if (s->watch[i].used && s->watch[i].fd == live)
            return &s->watch[i];
    }
    return NULL;
}

static struct drill_watch *free_watch(struct drill_socket *s)
{
    for (int i = 0; i < DRILL_WATCHES; i++) {
        if (!s->watch[i].used)
            return &s->watch[i];
    }
    return NULL;
}

int64_t drill_epoll_ctl(struct drill_run *run, struct drill_call *c)
{
    struct drill_socket *s = epoll_of(run, c), *target;
    const struct drill_node *op_node = argument(c, 1), *fd_node = argument(c, 2);
    struct drill_watch *w;
    int64_t op, fd, events;

    if (!s || !op_node || !fd_node || !drill_value(run, op_node, &op) ||
        !drill_value(run, fd_node, &fd))
        return CALL_BROKEN;
    target = drill_socket_find(run, (int)fd);
    if (!target)
        return -EBADF;
    w = find_watch(s, target->live);
    if (op == EPOLL_CTL_ADD ? w != NULL : w == NULL)
        return op == EPOLL_CTL_ADD ? -EEXIST : -ENOENT;
    if (op == EPOLL_CTL_DEL) {
        w->used = false;
        return 0;
    }
    if (!w)
        w = free_watch(s);
    if (!w) {
        drill_unsupported(run, c->event->line, "epoll_ctl: more than %d descriptors",
                          DRILL_WATCHES);
        return CALL_BROKEN;
    }
    if (!field_number(run, argument(c, 3), "events", &events) ||
        !field_number(run, argument(c, 3), "fd", &fd))
        return CALL_BROKEN;
    w->used = w->touched = true;
    w->disabled = false;
    w->fd = target->live;
    w->events = (uint32_t)events;
    w->data = fd;
    return 0;
}

void drill_epoll_forget(struct drill_run *run, int live)
{
    for (int i = 0; i < DRILL_SOCKETS; i++) {
        struct drill_watch *w =
            run->socket[i].kind == DRILL_EPOLL ? find_watch(&run->socket[i], live) : NULL;

        if (w)
            w->used = false;
    }
}

/* Tells every watch of every epoll what was touched. */
static void take_changes(struct drill_run *run)
{
    struct sockeye_change change;

    while (sockeye_next_change(run->lab, &change)) {
        for (int i = 0; i < DRILL_SOCKETS; i++) {
            struct drill_watch *w =
                run->socket[i].kind == DRILL_EPOLL ? find_watch(&run->socket[i], change.fd) : NULL;

            if (w)
                w->touched = true;
        }
    }
}

int64_t drill_epoll_wait(struct drill_run *run, struct drill_call *c)
{
    struct drill_socket *s = epoll_of(run, c);
    const struct drill_node *limit = argument(c, 3), *record = argument(c, 1);
    struct drill_watch *first = NULL;
    int64_t timeout, ready = 0, came = 0, expected;

    if (!s || !limit || !drill_value(run, limit, &timeout))
        return CALL_BROKEN;
    if (timeout > INT32_MAX) {
        drill_unsupported(run, c->event->line, "epoll_wait: the timeout is not supported");
        return CALL_BROKEN;
    }
    take_changes(run);
    for (int i = 0; i < DRILL_WATCHES; i++) {
        struct drill_watch *w = &s->watch[i];
        int64_t now;

        if (!w->used || w->disabled || ((w->events & EPOLLET) && !w->touched))
            continue;
        now = sockeye_poll(run->lab, run->host, w->fd) & (((int)w->events & KNOWN) | ALWAYS);
        w->touched = false;
        if (!now)
            continue;
        ready++;
        w->disabled = w->events & EPOLLONESHOT;
        if (!first) {
            first = w;
            came = now;
        }
    }
    if (!is_over(run, c, timeout) && !ready)
        return CALL_WAIT;
    if (!record || !field_number(run, record, "events", &expected) ||
        !check_events(run, c, expected, came))
        return CALL_BROKEN;
    return ready;
}
