/* SPDX-License-Identifier: MIT */
/*
 * Closes of datagram holders, and of all of AF_UNIX. An end of a SOCK_DGRAM pair is not told that
 * the other one is closed; inotify tells it: a watch of the holder's inode, made through
 * /proc/self/fd, says IN_CLOSE when the last copy goes, through dup, fork, SCM_RIGHTS and kill -9.
 * It keeps the inode, not the file, so it hides no last close. Who cannot be watched (fs.inotify
 * limits a user's watches) is found a second later, by the census (living.c), as are all if the
 * kernel's queue of events overflows.
 */
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "guest/state.h"

void guest_closing_open(struct guest_runner *runner)
{
    runner->closes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (runner->closes >= 0 &&
        drive_watch(runner->drive, runner->user, runner->closes, EPOLLIN, GUEST_IS_CLOSE, 0) < 0) {
        close(runner->closes);
        runner->closes = -1;
    }
}

static struct guest_socket **bucket_of(struct guest_runner *runner, int watch)
{
    return &runner->watches[(unsigned)watch % GUEST_COOKIES];
}

void guest_closing_watch(struct guest_runner *runner, struct guest_socket *s, int holder)
{
    struct guest_closing *c = &s->closing;
    char path[40];

    snprintf(path, sizeof path, "/proc/self/fd/%d", holder);
    c->watch = runner->closes < 0 ? -1 : inotify_add_watch(runner->closes, path, IN_CLOSE);
    if (c->watch < 0) {
        guest_socket_doubt(runner, s);
        return;
    }
    c->next = *bucket_of(runner, c->watch);
    *bucket_of(runner, c->watch) = s;
}

/* Its holder may live on, or not: nobody wants to know. */
void guest_closing_forget(struct guest_runner *runner, struct guest_socket *s)
{
    struct guest_closing *c = &s->closing;

    if (c->watch <= 0) /* the kernel counts them from 1 */
        return;
    for (struct guest_socket **p = bucket_of(runner, c->watch); *p != NULL; p = &(*p)->closing.next)
        if (*p == s) {
            *p = c->next;
            break;
        }
    inotify_rm_watch(runner->closes, c->watch);
    c->watch = 0;
}

void guest_closing_note(struct guest_socket *s)
{
    s->closing.is_closed = true;
}

static struct guest_socket *of_watch(struct guest_runner *runner, int watch)
{
    struct guest_socket *s = *bucket_of(runner, watch);

    while (s != NULL && s->closing.watch != watch)
        s = s->closing.next;
    return s;
}

static void doubt_all(struct guest_runner *runner)
{
    for (size_t i = 0; i < runner->slot_count; i++)
        if (runner->slots[i].socket != NULL &&
            (runner->slots[i].socket->is_datagram || runner->slots[i].socket->local != NULL))
            guest_socket_doubt(runner, runner->slots[i].socket);
}

struct guest_socket *guest_closing_next(struct guest_runner *runner)
{
    struct inotify_event event; /* without a name: all that is watched are sockets */
    struct guest_socket *s;

    while (read(runner->closes, &event, sizeof event) == (ssize_t)sizeof event) {
        if (event.mask & IN_Q_OVERFLOW)
            doubt_all(runner);
        s = event.mask & IN_CLOSE ? of_watch(runner, event.wd) : NULL;
        if (s != NULL) {
            guest_closing_note(s);
            return s;
        }
    }
    return NULL;
}

void guest_closing_done(struct guest_runner *runner)
{
    if (runner->closes >= 0)
        close(runner->closes);
}
