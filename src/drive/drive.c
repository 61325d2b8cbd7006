/* SPDX-License-Identifier: MIT */
/*
 * The turn of a lab in real time.
 *
 * Where lab time should be is the wall clock's to say, less what has slipped. Events are run up to
 * 50 us before their time, at their own time, so that short wires cost no sleep; so the lab may be
 * ahead by that much, and what is allowed counts from the wall clock, never from the lab. Each
 * input is stamped with the time at which it is handled, never before an event that was due, nor
 * before the last one that was run.
 *
 * A lab that is behind catches up in steps of a millisecond, and users hear of each. What a user
 * says to it goes into the lab at the time that the lab has reached. If that is 10 ms behind, the
 * lab waits for its programs, not they for it: lab time slips by so much, that is, it is held back
 * for good. Without this a sender would find that its wire had run dry meanwhile, and a slow
 * machine would make a slow wire. More than 100 ms behind, lab time slips in any case. The
 * statistics say so; rate and delay hold in lab time, and in real time less what has slipped.
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
#include <unistd.h>

#include "drive/drive.h"
#include "drive/lateness.h"

enum {
    USER_SHIFT = 60,
    KIND_SHIFT = 56,
    MOST_STEPS = 1000,
    STEP_EVENTS = 1000,
    CLOCK_EVENTS = 16, /* the wall clock is read once for so many */
    TURN_CHANGES = 16, /* of the lab told at a time; the rest in another turn, soon */
    TURN_EVENTS = 64,
    RANKS = 3,
    DATE_LOOKS = 5,
    AHEAD = DRIVE_AHEAD,
    STEP = 1000000,        /* ns of lab time that pass before users are told */
    TOLD_LATE = 10000000,  /* ns behind when somebody is told: lab time slips */
    LATE_MOST = 100000000, /* ns behind in any case */
    MARK = 50000000,       /* ns from one mark to the next */
    DATE_CHANGE = 1000000  /* ns: less is how exactly we look */
};

struct drive {
    struct sockeye *lab;
    int epoll;
    unsigned long old_slack;
    int64_t start, slipped;
    int64_t date; /* at start */
    int64_t next_mark;
    uint64_t slips;
    struct drive_lateness lateness;
    bool undelivered; /* the lab has more changes to tell */
    struct {
        bool is_here;
        int64_t deadline; /* what on_time said last */
        struct drive_user is;
    } user[DRIVE_USERS];
};

/* Where lab time should be. The lab may be ahead of it, by AHEAD. */
static int64_t wall_time(const struct drive *drive)
{
    return drive_wall() - drive->start - drive->slipped;
}

int64_t drive_now(const struct drive *drive)
{
    int64_t now = wall_time(drive), lab = sockeye_now(drive->lab);

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

/* What the wall clock was at start: of several looks the one between whose ends least time passed.
 */
static int64_t find_date(int64_t start)
{
    int64_t least_time = INT64_MAX, found = 0;

    for (int i = 0; i < DATE_LOOKS; i++) {
        int64_t before = drive_wall(), date = drive_date(), after = drive_wall();

        if (after - before >= least_time)
            continue;
        least_time = after - before;
        found = date - (before + least_time / 2 - start);
    }
    return found;
}

/* Stamps are of the wall clock: what slipped is in them. */
static void tell_date(const struct drive *drive)
{
    sockeye_wall_base(drive->lab, (uint64_t)(drive->date + drive->slipped));
}

/* @return it was for somebody */
static bool tell_change(struct drive *drive, const struct sockeye_change *change)
{
    for (int i = 0; i < DRIVE_USERS; i++) {
        const struct drive_user *user = &drive->user[i].is;

        if (user->on_change != NULL && user->on_change(user->context, change))
            return true;
    }
    return false;
}

/* @return somebody was told */
static bool deliver(struct drive *drive)
{
    struct sockeye_change change;
    bool told = false;

    drive->undelivered = false;
    for (int i = 0; !drive->undelivered && sockeye_next_change(drive->lab, &change); i++) {
        drive->undelivered = i >= TURN_CHANGES;
        told |= tell_change(drive, &change);
    }
    return told;
}

static void tell_time(struct drive *drive)
{
    for (int i = 0; i < DRIVE_USERS; i++) {
        const struct drive_user *user = &drive->user[i].is;

        if (user->on_time == NULL)
            continue;
        drive->user[i].deadline = user->on_time(user->context, sockeye_now(drive->lab));
        (void)deliver(drive);
    }
}

static void slip(struct drive *drive, int64_t by)
{
    drive->slipped += by;
    drive->slips++;
    tell_date(drive);
}

void drive_settle(const struct drive *drive)
{
    while (wall_time(drive) < sockeye_now(drive->lab))
        continue;
}

/* Runs what is due by `wall`, and a little beyond: one step. @return false: nothing is */
static bool run_step(struct drive *drive, int64_t wall)
{
    int64_t due = sockeye_next_deadline(drive->lab), now = wall, until;

    if (due > wall + AHEAD)
        return false;
    until = due + STEP;
    for (int i = 0; i < STEP_EVENTS && due <= wall + AHEAD && due <= until; i++) {
        if (i % CLOCK_EVENTS == 0)
            now = wall_time(drive);
        drive_lateness_add(&drive->lateness, now - due);
        (void)sockeye_step(drive->lab, due);
        due = sockeye_next_deadline(drive->lab);
    }
    return true;
}

void drive_stamp(struct drive *drive)
{
    int64_t late;

    (void)run_step(drive, wall_time(drive));
    late = wall_time(drive) - sockeye_now(drive->lab);
    if (late <= 0)
        return;
    if (sockeye_next_deadline(drive->lab) > sockeye_now(drive->lab) + late)
        (void)sockeye_advance(drive->lab, sockeye_now(drive->lab) + late);
    else
        slip(drive, late);
}

/* Brings the lab to the wall clock, and a little beyond if an event waits there. */
static void catch_up(struct drive *drive)
{
    int64_t wall = wall_time(drive), late = wall - sockeye_next_deadline(drive->lab);

    if (late > LATE_MOST) {
        drive_lateness_add(&drive->lateness, late);
        slip(drive, late);
        wall -= late;
    }
    for (int i = 0; i < MOST_STEPS && run_step(drive, wall); i++) {
        if (!deliver(drive))
            continue;
        late = wall_time(drive) - sockeye_now(drive->lab);
        if (late > TOLD_LATE) {
            slip(drive, late);
            return;
        }
    }
    if (sockeye_next_deadline(drive->lab) > wall)
        (void)sockeye_advance(drive->lab, wall);
}

void drive_advance(struct drive *drive)
{
    bool is_due = sockeye_next_deadline(drive->lab) != SOCKEYE_NEVER;

    for (int i = 0; i < DRIVE_USERS; i++)
        if (drive->user[i].is.on_advance != NULL)
            drive->user[i].is.on_advance(drive->user[i].is.context, is_due);
    catch_up(drive);
    (void)deliver(drive);
    tell_time(drive);
}

/* Now and then: a date that was set anew comes into stamps, and what is recorded to its file, with
 * this very input as its end. A process that is killed has lost no more than what came after. */
static void mark(struct drive *drive)
{
    int64_t wall = drive_wall(), date;

    if (wall < drive->next_mark)
        return;
    drive->next_mark = wall + MARK;
    date = find_date(drive->start);
    if (date > drive->date + DATE_CHANGE || date < drive->date - DATE_CHANGE)
        drive->date = date;
    tell_date(drive);
    (void)sockeye_record_flush(drive->lab); /* its state says if it failed */
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Nanoseconds until the next turn must begin; SOCKEYE_NEVER: by an event only */
static int64_t time_left(const struct drive *drive)
{
    int64_t now = wall_time(drive), wall = drive_wall(), wait = SOCKEYE_NEVER;
    int64_t due = sockeye_next_deadline(drive->lab);

    if (drive->undelivered)
        return 0;
    if (sockeye_record_state(drive->lab) == SOCKEYE_RECORD_ON)
        wait = drive->next_mark - wall;
    if (due != SOCKEYE_NEVER)
        wait = least(wait, due - AHEAD - now);
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
    mark(drive);
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
    drive->date = find_date(drive->start);
    tell_date(drive);
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
