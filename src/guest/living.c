/* SPDX-License-Identifier: MIT */
/*
 * Which sockets still live. Closing needs no trap: the data end of a holder is told by the kernel
 * when its last copy goes, through dup, fork, SCM_RIGHTS and kill -9. Who has no data end is asked:
 *
 *   by name    a connect() of the wrong type to a holder's path says EPROTOTYPE if it lives,
 *              ECONNREFUSED if it is closed, and leaves nothing behind: so are listeners asked.
 *              The hidden name of a connection that was shut both ways, whose end has hung up
 *              already, can be bound anew if it is closed, else EADDRINUSE: it lives, or a
 *              stranger took the name, so the census is to tell
 *   by census  an epoll that nobody waits on holds all holders: epoll keeps no copy of a
 *              file, and drops it when its last copy is closed; /proc tells what it has. So are
 *              asked, all in one reading, those without a name: fresh, failed and reset ones, and
 *              datagram holders that could not be watched (closing.c)
 *
 * A parked call keeps its holder, and nobody tells of its caller's death: so callers are asked for
 * first. Listeners are asked before anybody could notice: those of the port before a connect()
 * acts, and in a busy lab a few each millisecond, in turn. The census is taken each second, if one
 * is there that was there a second before, and when something is short: a port, a descriptor.
 * Asking all of thousands takes milliseconds, and a program at its limit may call again and again:
 * when that was dear and in vain, it is not done again for twenty times as long as it took.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "guest/state.h"

enum {
    AT_ONCE = 16,   /* listeners asked */
    DEAR = 1000000, /* ns */
    REST = 20       /* times as long as it took */
};

static struct guest_socket *of_link(struct guest_link *link)
{
    return GUEST_OF(link, struct guest_socket, life.link);
}

/* Parked calls keep the holder of their socket. @return one of them has a caller still, so it
 * lives; those before it have none, and are ended */
static bool has_caller(struct guest_runner *runner, struct guest_socket *s)
{
    while (guest_link_is_in(&s->waits)) {
        struct guest_wait *wait = GUEST_OF(s->waits.next, struct guest_wait, link);

        if (guest_target_waits(&wait->call))
            return true;
        guest_wait_end(runner, wait);
    }
    return false;
}

static void ask(struct guest_runner *runner, struct guest_socket *s)
{
    if (!has_caller(runner, s) && guest_holder_is_closed(runner, s))
        guest_ending_remove(runner, s);
}

/* Whose last copy was that of a parked call without a caller: told of now, not at the next turn. */
static void end_without_callers(struct guest_runner *runner)
{
    struct guest_socket *s;

    for (size_t i = 0; i < runner->slot_count; i++) {
        s = runner->slots[i].socket;
        if (s != NULL && guest_link_is_in(&s->waits) && !has_caller(runner, s) && !s->is_datagram &&
            s->bridge.end >= 0)
            guest_turn(runner, s, GUEST_BY_PROGRAM | GUEST_HUNG_UP);
    }
    while ((s = guest_closing_next(runner)) != NULL)
        guest_turn(runner, s, GUEST_BY_PROGRAM);
}

void guest_living_ask_port(struct guest_runner *runner, uint16_t port)
{
    struct guest_link *next, *list = &runner->listeners;
    int left = AT_ONCE;

    for (struct guest_link *l = list->next; l != list && left > 0; l = next) {
        struct guest_socket *s = of_link(l);

        next = l->next;
        if (s->port != port)
            continue;
        left--;
        ask(runner, s);
    }
}

void guest_living_ask_some(struct guest_runner *runner)
{
    struct guest_link *list = &runner->listeners, *last = list->previous;

    for (int i = 0; i < AT_ONCE && guest_link_is_in(list); i++) {
        struct guest_link *l = list->next;
        bool is_last = l == last;

        guest_link_remove(l);
        guest_link_put_last(list, l);
        ask(runner, of_link(l));
        if (is_last) /* all had their turn */
            return;
    }
}

/* ---- the census ---- */

/* Marks all whose holder lives. @return false: it cannot be told */
static bool count(struct guest_runner *runner)
{
    char path[48], line[256];
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", runner->census);
    file = fopen(path, "re");
    if (file == NULL)
        return false;
    runner->census_number++;
    while (fgets(line, sizeof line, file) != NULL) {
        const char *data = strstr(line, "data:");
        struct guest_socket *s =
            data == NULL ? NULL : guest_socket_of_handle(runner, strtoull(data + 5, NULL, 16));

        if (s != NULL)
            s->life.seen = runner->census_number;
    }
    fclose(file);
    return true;
}

static void take_census(struct guest_runner *runner)
{
    struct guest_link *next, *list = &runner->silent;

    if (!guest_link_is_in(list) || !count(runner))
        return;
    for (struct guest_link *l = list->next; l != list; l = next) {
        struct guest_socket *s = of_link(l);

        next = l->next;
        if (s->life.seen == runner->census_number || s->held_holder >= 0)
            continue;
        if (s->phase == GUEST_OPEN || s->is_datagram || s->local != NULL) {
            if (s->is_datagram || s->local != NULL)
                guest_closing_note(s);
            else
                guest_stream_note_gone(s);
            guest_link_remove(l); /* what it wrote goes out first: its turn comes */
            if (!guest_link_is_in(&s->unfinished))
                guest_link_put_last(&runner->unfinished, &s->unfinished);
        } else {
            guest_ending_remove(runner, s);
        }
    }
}

void guest_living_ask_all(struct guest_runner *runner)
{
    struct guest_link *next, *list = &runner->listeners;
    uint64_t before = runner->statistics.sockets_now;
    int64_t begin = drive_wall(), took;

    if (begin < runner->rest_until)
        return;
    end_without_callers(runner);
    for (struct guest_link *l = list->next; l != list; l = next) {
        next = l->next;
        ask(runner, of_link(l));
    }
    take_census(runner);
    took = drive_wall() - begin;
    if (took > DEAR && runner->statistics.sockets_now == before)
        runner->rest_until = begin + took + REST * took;
}

/* A token that could not be made, for want of a descriptor of ours, is made now. */
static void try_tokens(struct guest_runner *runner)
{
    struct guest_link *next, *list = &runner->listeners;

    for (struct guest_link *l = list->next; l != list; l = next) {
        next = l->next;
        if (of_link(l)->holder.tokens == 0)
            guest_turn(runner, of_link(l), GUEST_BY_LAB);
    }
}

/* Most are young and soon gone: then nothing is asked. */
void guest_living_sweep(struct guest_runner *runner)
{
    const struct guest_link *list = &runner->silent;
    bool is_one_old = false;

    for (struct guest_link *l = list->next; l != list; l = l->next) {
        is_one_old |= of_link(l)->life.is_old;
        of_link(l)->life.is_old = true;
    }
    if (is_one_old)
        take_census(runner);
    try_tokens(runner);
}

int guest_living_open(struct guest_runner *runner)
{
    runner->census = epoll_create1(EPOLL_CLOEXEC);
    runner->probe = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return runner->census < 0 || runner->probe < 0 ? -errno : 0;
}
