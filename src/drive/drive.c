/* SPDX-License-Identifier: MIT */
/*
 * The turn of a lab in real time.
 *
 * If the lab's next event is found more than 100 ms late, the lab's clock is held back to that
 * event's time, and the statistics say so. Each input is stamped with the time at which it is
 * handled, never before an event that was due. Events are run up to 50 us before their time, at
 * their own time, so that short wires cost no sleep; inputs are then stamped no earlier than that.
 *
 * One epoll holds what all users watch; the number of the user, its kind and its own word make up
 * the word that epoll keeps for a descriptor.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "drive/drive.h"
#include "drive/lateness.h"

enum {
    USER_SHIFT = 60,
    KIND_SHIFT = 56,
    MOST_ADVANCES = 1000,
    TURN_CHANGES = 16, /* of the lab told at a time; the rest in another turn, soon */
    TURN_EVENTS = 64,
    RANKS = 3,
    AHEAD = 50000,   /* ns: events are run so much before their time */
    SLIP = 100000000 /* ns behind: lab time slips */
};

struct drive {
    struct sockeye *lab;
    int epoll;
    unsigned long old_slack;
    int64_t start, slipped;
    uint64_t slips;
    struct drive_lateness lateness;
    bool undelivered; /* the lab has more changes to tell */
    struct {
        bool is_here;
        int64_t deadline; /* what on_time said last */
        struct drive_user is;
    } user[DRIVE_USERS];
};

int64_t drive_wall(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t drive_now(const struct drive *drive)
{
    int64_t now = drive_wall() - drive->start - drive->slipped;
    int64_t lab = sockeye_now(drive->lab);

    return now > lab ? now : lab;
}

struct sockeye *drive_lab(const struct drive *drive)
{
    return drive->lab;
}

unsigned long drive_old_slack(const struct drive *drive)
{
    return drive->old_slack;
}

/* ---- time ---- */

static void tell_change(struct drive *drive, const struct sockeye_change *change)
{
    for (int i = 0; i < DRIVE_USERS; i++) {
        const struct drive_user *user = &drive->user[i].is;

        if (user->on_change != NULL && user->on_change(user->context, change))
            return;
    }
}

static void deliver(struct drive *drive)
{
    struct sockeye_change change;

    drive->undelivered = false;
    for (int i = 0; sockeye_next_change(drive->lab, &change); i++) {
        drive->undelivered = i >= TURN_CHANGES;
        tell_change(drive, &change);
        if (drive->undelivered)
            return;
    }
}

static void tell_time(struct drive *drive)
{
    for (int i = 0; i < DRIVE_USERS; i++) {
        const struct drive_user *user = &drive->user[i].is;

        if (user->on_time == NULL)
            continue;
        drive->user[i].deadline = user->on_time(user->context, sockeye_now(drive->lab));
        deliver(drive);
    }
}

/* How late are we? Too late: lab time slips. */
static int64_t measure(struct drive *drive, int64_t due)
{
    int64_t now = drive_now(drive), late = now - due;

    if (late < 0)
        return now;
    drive_lateness_add(&drive->lateness, late);
    if (late > SLIP) {
        drive->slipped += late;
        drive->slips++;
        return drive_now(drive);
    }
    return now;
}

/* Brings the lab to the wall clock, and a little beyond if an event waits there. */
void drive_advance(struct drive *drive)
{
    int64_t due = sockeye_next_deadline(drive->lab), now;

    for (int i = 0; i < DRIVE_USERS; i++)
        if (drive->user[i].is.on_advance != NULL)
            drive->user[i].is.on_advance(drive->user[i].is.context, due != SOCKEYE_NEVER);
    now = measure(drive, due);
    due = sockeye_advance(drive->lab, now);
    for (int i = 0; i < MOST_ADVANCES && due <= now + AHEAD; i++) {
        drive_lateness_add(&drive->lateness, 0); /* in time: these count too */
        due = sockeye_advance(drive->lab, due > now ? due : now);
    }
    deliver(drive);
    tell_time(drive);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Nanoseconds until the next turn must begin; SOCKEYE_NEVER: by an event only */
static int64_t time_left(const struct drive *drive)
{
    int64_t now = drive_now(drive), wall = drive_wall(), wait = SOCKEYE_NEVER;
    int64_t due = sockeye_next_deadline(drive->lab);

    if (drive->undelivered)
        return 0;
    if (due != SOCKEYE_NEVER)
        wait = due - AHEAD - now;
    for (int i = 0; i < DRIVE_USERS; i++) {
        const struct drive_user *user = &drive->user[i].is;
        int64_t own = user->deadline == NULL ? SOCKEYE_NEVER : user->deadline(user->context);

        if (drive->user[i].deadline != SOCKEYE_NEVER)
            wait = least(wait, drive->user[i].deadline - now);
        if (own != SOCKEYE_NEVER)
            wait = least(wait, own - wall);
    }
    return wait < 0 ? 0 : wait;
}

/* ---- the turn ---- */

static int wait_events(struct drive *drive, struct epoll_event *events, int64_t wait)
{
    struct timespec t = {.tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000};
    long n = syscall(SYS_epoll_pwait2, drive->epoll, events, TURN_EVENTS,
                     wait == SOCKEYE_NEVER ? NULL : &t, NULL, 0);

    if (n < 0 && errno == ENOSYS)
        n = epoll_wait(drive->epoll, events, TURN_EVENTS,
                       wait == SOCKEYE_NEVER ? -1 : (int)((wait + 999999) / 1000000 % 1000000));
    return n < 0 ? -errno : (int)n;
}

static const struct drive_user *read_event(const struct drive *drive,
                                           const struct epoll_event *event, struct drive_event *out)
{
    out->kind = event->data.u64 >> KIND_SHIFT & 15;
    out->which = event->data.u64 & (((uint64_t)1 << KIND_SHIFT) - 1);
    out->events = event->events;
    return &drive->user[event->data.u64 >> USER_SHIFT].is;
}

static void handle(struct drive *drive, const struct epoll_event *events, int count)
{
    for (int rank = 0; rank < RANKS; rank++)
        for (int i = 0; i < count; i++) {
            struct drive_event event;
            const struct drive_user *user = read_event(drive, &events[i], &event);

            if (user->on_event == NULL || /* it has left */
                (user->rank == NULL ? RANKS - 1 : user->rank(&event)) != rank)
                continue;
            user->on_event(user->context, &event);
            drive_advance(drive);
        }
}

int drive_turn(struct drive *drive, int64_t wait_ns)
{
    struct epoll_event events[TURN_EVENTS];
    int n;

    drive_advance(drive);
    for (int i = 0; i < DRIVE_USERS; i++)
        if (drive->user[i].is.on_turn != NULL)
            drive->user[i].is.on_turn(drive->user[i].is.context, drive_wall());
    n = wait_events(drive, events, least(time_left(drive), wait_ns));
    if (n < 0)
        return n == -EINTR ? 0 : n;
    drive_advance(drive); /* what the events do, they do now */
    handle(drive, events, n);
    for (int i = 0; i < DRIVE_USERS; i++)
        if (drive->user[i].is.on_turn_end != NULL)
            drive->user[i].is.on_turn_end(drive->user[i].is.context);
    return 0;
}

/* ---- users ---- */

int drive_join(struct drive *drive, const struct drive_user *user)
{
    for (int i = 0; i < DRIVE_USERS; i++)
        if (!drive->user[i].is_here) {
            drive->user[i].is_here = true;
            drive->user[i].deadline = SOCKEYE_NEVER;
            drive->user[i].is = *user;
            return i;
        }
    return -ENOSPC;
}

void drive_leave(struct drive *drive, int user)
{
    memset(&drive->user[user], 0, sizeof drive->user[user]);
    drive->user[user].deadline = SOCKEYE_NEVER;
}

static int watch(const struct drive *drive, int operation, int user, int fd, uint32_t events,
                 unsigned kind, uint64_t which)
{
    struct epoll_event event = {.events = events};

    event.data.u64 = (uint64_t)(unsigned)user << USER_SHIFT | (uint64_t)kind << KIND_SHIFT | which;
    return epoll_ctl(drive->epoll, operation, fd, &event) < 0 ? -errno : 0;
}

int drive_watch(struct drive *drive, int user, int fd, uint32_t events, unsigned kind,
                uint64_t which)
{
    return watch(drive, EPOLL_CTL_ADD, user, fd, events, kind, which);
}

int drive_rewatch(struct drive *drive, int user, int fd, uint32_t events, unsigned kind,
                  uint64_t which)
{
    return watch(drive, EPOLL_CTL_MOD, user, fd, events, kind, which);
}

int drive_unwatch(struct drive *drive, int fd)
{
    return epoll_ctl(drive->epoll, EPOLL_CTL_DEL, fd, NULL) < 0 ? -errno : 0;
}

void drive_statistics(const struct drive *drive, struct drive_statistics *statistics)
{
    statistics->lateness_p99 = drive_lateness_p99(&drive->lateness);
    statistics->lateness_max = drive->lateness.most;
    statistics->deadlines = drive->lateness.events;
    statistics->slipped = drive->slipped;
    statistics->slips = drive->slips;
}

/* ---- life ---- */

int drive_open(struct sockeye *lab, struct drive **out)
{
    struct drive *drive = calloc(1, sizeof *drive);

    *out = NULL;
    if (drive == NULL)
        return -ENOMEM;
    drive->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (drive->epoll < 0) {
        int error = errno;

        free(drive);
        return -error;
    }
    drive->lab = lab;
    drive->old_slack = (unsigned long)prctl(PR_GET_TIMERSLACK);
    prctl(PR_SET_TIMERSLACK, 1UL);
    for (int i = 0; i < DRIVE_USERS; i++)
        drive->user[i].deadline = SOCKEYE_NEVER;
    drive->start = drive_wall() - sockeye_now(lab);
    *out = drive;
    return 0;
}

void drive_close(struct drive *drive)
{
    if (drive == NULL)
        return;
    prctl(PR_SET_TIMERSLACK, drive->old_slack);
    close(drive->epoll);
    free(drive);
}
