/* SPDX-License-Identifier: MIT */
/*
 * The drive with users of its own, without programs: who is called, in which order, and when. What
 * is waited for is an event, each with a bound; no check depends on how fast the machine is.
 */
#include "check.h"
#include <errno.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drive/drive.h"

#define SECONDS INT64_C(1000000000)
enum { TURNS = 1000 };

struct listener {
    int events, changes, times, turns, ends;
    uint64_t which[16];
    int64_t next, last;
    bool takes;
};

static struct sockeye *make_lab(void)
{
    struct sockeye_config config = {.seed = 1};
    struct sockeye *lab;

    check_equal(sockeye_open(&config, &lab), 0);
    return lab;
}

static void on_event(void *context, const struct drive_event *event)
{
    struct listener *l = context;

    if (l->events < 16)
        l->which[l->events] = event->which;
    l->events++;
}

static bool on_change(void *context, const struct sockeye_change *change)
{
    struct listener *l = context;

    (void)change;
    l->changes++;
    return l->takes;
}

static int64_t on_time(void *context, int64_t now)
{
    struct listener *l = context;

    l->times++;
    l->last = now;
    return now < l->next ? l->next : SOCKEYE_NEVER;
}

static void on_turn(void *context, int64_t wall)
{
    struct listener *l = context;

    (void)wall;
    l->turns++;
}

static void on_turn_end(void *context)
{
    struct listener *l = context;

    l->ends++;
}

static int rank(const struct drive_event *event)
{
    return (int)event->which; /* the pipe's own number says when it is served */
}

static void close_all(struct drive *drive, struct sockeye *lab)
{
    drive_close(drive);
    check_equal(sockeye_check(lab), 0);
    sockeye_close(lab);
}

static void a_descriptor_is_watched_until_unwatched(void)
{
    struct sockeye *lab = make_lab();
    struct listener l = {0};
    struct drive_user user = {.context = &l, .on_event = on_event};
    struct drive *drive;
    int ends[2], number;

    check_equal(drive_open(lab, &drive), 0);
    number = drive_join(drive, &user);
    check_equal(pipe(ends), 0);
    check_equal(drive_watch(drive, number, ends[0], EPOLLIN, 15, (UINT64_C(1) << 56) - 1), 0);
    check_equal(drive_turn(drive, 0), 0);
    check_equal(l.events, 0);
    check_equal(write(ends[1], "x", 1), 1);
    check_equal(drive_turn(drive, SECONDS), 0);
    check_equal(l.events, 1);
    check_equal(l.which[0], (UINT64_C(1) << 56) - 1);
    check_equal(drive_unwatch(drive, ends[0]), 0);
    check_equal(drive_unwatch(drive, ends[0]), -ENOENT);
    check_equal(drive_turn(drive, 0), 0);
    check_equal(l.events, 1);
    close(ends[0]);
    close(ends[1]);
    close_all(drive, lab);
}

static void a_descriptor_is_watched_for_other_events(void)
{
    struct sockeye *lab = make_lab();
    struct listener l = {0};
    struct drive_user user = {.context = &l, .on_event = on_event};
    struct drive *drive;
    int ends[2], number;

    check_equal(drive_open(lab, &drive), 0);
    number = drive_join(drive, &user);
    check_equal(pipe(ends), 0);
    check_equal(drive_rewatch(drive, number, ends[1], EPOLLOUT | EPOLLET, 1, 7), -ENOENT);
    check_equal(drive_watch(drive, number, ends[1], EPOLLET, 1, 7), 0);
    check_equal(drive_turn(drive, 0), 0);
    check_equal(l.events, 0);
    check_equal(drive_rewatch(drive, number, ends[1], EPOLLOUT | EPOLLET, 1, 8), 0);
    check_equal(drive_turn(drive, SECONDS), 0); /* there is room: told at once, and once */
    check_equal(drive_turn(drive, 0), 0);
    check_equal(l.events, 1);
    check_equal(l.which[0], 8);
    close(ends[0]);
    close(ends[1]);
    close_all(drive, lab);
}

static void events_go_by_rank(void)
{
    struct sockeye *lab = make_lab();
    struct listener l = {0};
    struct drive_user user = {.context = &l, .on_event = on_event, .rank = rank};
    struct drive *drive;
    int ends[3][2], number;

    check_equal(drive_open(lab, &drive), 0);
    number = drive_join(drive, &user);
    for (int i = 0; i < 3; i++) {
        check_equal(pipe(ends[i]), 0);
        check_equal(drive_watch(drive, number, ends[i][0], EPOLLIN, 0, (uint64_t)(2 - i)), 0);
        check_equal(write(ends[i][1], "x", 1), 1);
    }
    check_equal(drive_turn(drive, SECONDS), 0);
    check_equal(l.events, 3);
    for (int i = 0; i < 3; i++) {
        check_equal(l.which[i], i);
        close(ends[i][0]);
        close(ends[i][1]);
    }
    close_all(drive, lab);
}

static void a_user_that_left_hears_nothing(void)
{
    struct sockeye *lab = make_lab();
    struct listener l = {0};
    struct drive_user user = {.context = &l, .on_event = on_event, .on_turn = on_turn};
    struct drive *drive;
    int ends[2], number;

    check_equal(drive_open(lab, &drive), 0);
    number = drive_join(drive, &user);
    check_equal(pipe(ends), 0);
    check_equal(drive_watch(drive, number, ends[0], EPOLLIN, 0, 0), 0);
    check_equal(write(ends[1], "x", 1), 1);
    drive_leave(drive, number);
    check_equal(drive_turn(drive, 0), 0);
    check_equal(l.events, 0);
    check_equal(l.turns, 0);
    for (int i = 0; i < DRIVE_USERS; i++)
        check(drive_join(drive, &user) >= 0);
    check_equal(drive_join(drive, &user), -ENOSPC);
    close(ends[0]);
    close(ends[1]);
    close_all(drive, lab);
}

static void a_turn_has_a_beginning_and_an_end(void)
{
    struct sockeye *lab = make_lab();
    struct listener l = {0};
    struct drive_user user = {.context = &l, .on_turn = on_turn, .on_turn_end = on_turn_end};
    struct drive *drive;

    check_equal(drive_open(lab, &drive), 0);
    check_equal(drive_join(drive, &user), 0);
    check_equal(drive_turn(drive, 0), 0);
    check_equal(l.turns, 1);
    check_equal(l.ends, 1);
    close_all(drive, lab);
}

static void time_asked_for_comes_and_is_not_early(void)
{
    struct sockeye *lab = make_lab();
    struct listener l = {.next = SECONDS / 50};
    struct drive_user user = {.context = &l, .on_time = on_time};
    struct drive *drive;

    check_equal(drive_open(lab, &drive), 0);
    check_equal(drive_join(drive, &user), 0);
    for (int i = 0; i < TURNS && l.last < l.next; i++)
        check_equal(drive_turn(drive, SOCKEYE_NEVER), 0); /* it ends by the user's time */
    check(l.last >= l.next);
    check(drive_now(drive) >= l.next);
    check(sockeye_now(lab) >= l.next);
    close_all(drive, lab);
}

/* A datagram to the host's own port: what is touched is told to each who lets it pass. */
static void changes_go_to_the_first_who_takes_them(void)
{
    struct sockeye *lab = make_lab();
    struct listener first = {0}, second = {.takes = true}, third = {0};
    struct drive_user user = {.on_change = on_change};
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(7000)};
    struct sockeye_message message = {.address = &name, .address_length = sizeof name};
    struct drive *drive;
    int host = sockeye_host(lab, "h"), fd;

    check(host >= 0);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check_equal(drive_open(lab, &drive), 0);
    user.context = &first;
    check_equal(drive_join(drive, &user), 0);
    user.context = &second;
    check_equal(drive_join(drive, &user), 1);
    user.context = &third;
    check_equal(drive_join(drive, &user), 2);
    fd = sockeye_socket(lab, host, AF_INET, SOCK_DGRAM, 0);
    check_equal(sockeye_bind(lab, host, fd, &name, sizeof name), 0);
    message.bytes = &host;
    message.length = sizeof host;
    check_equal(sockeye_send_message(lab, host, fd, &message, 0), sizeof host);
    for (int i = 0; i < TURNS && sockeye_poll(lab, host, fd) >= 0 && second.changes == 0; i++)
        check_equal(drive_turn(drive, SECONDS / 100), 0);
    check(first.changes > 0);
    check_equal(first.changes, second.changes);
    check_equal(third.changes, 0);
    close_all(drive, lab);
}

static void lateness_is_measured(void)
{
    struct sockeye *lab = make_lab();
    struct drive_statistics s;
    struct drive *drive;

    check_equal(drive_open(lab, &drive), 0);
    drive_statistics(drive, &s);
    check_equal(s.deadlines, 0);
    check_equal(drive_turn(drive, 0), 0);
    drive_statistics(drive, &s);
    check(s.lateness_p99 <= s.lateness_max);
    check_equal(s.slipped, 0);
    close_all(drive, lab);
}

static const struct test tests[] = {
    {"a descriptor is watched until it is unwatched", a_descriptor_is_watched_until_unwatched},
    {"a descriptor is watched for other events from now on",
     a_descriptor_is_watched_for_other_events},
    {"events of a turn go by rank", events_go_by_rank},
    {"a user that left hears nothing, and its place is free", a_user_that_left_hears_nothing},
    {"a turn has a beginning and an end", a_turn_has_a_beginning_and_an_end},
    {"the time that a user asked for comes, and is not early",
     time_asked_for_comes_and_is_not_early},
    {"changes go to the first user who takes them", changes_go_to_the_first_who_takes_them},
    {"lateness is measured", lateness_is_measured},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
