/* SPDX-License-Identifier: MIT */
/*
 * A lab in real time: the clock, how late we are, and one poll loop.
 *
 *     drive_open, drive_join ...   then   while (...) drive_turn(drive, wait)
 *
 * Lab time is the monotonic clock since drive_open, less the slips: never more than DRIVE_AHEAD
 * before it, and behind it by what the statistics call lateness. Nobody else may advance the lab
 * while it is driven. Who takes part joins as a user and is called: when a descriptor it watches is
 * ready, when a socket of the lab was touched, when time has gone on. One thread; nothing here
 * blocks but drive_turn, for its wait. A lab in virtual time needs no drive: its time jumps.
 *
 * Results are -errno.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "sockeye/sockeye.h"

struct drive;

enum {
    DRIVE_USERS = 8,
    DRIVE_AHEAD = 50000 /* ns: events are run so much before their time */
};

struct drive_event {
    unsigned kind;   /* the user's own, below 16 */
    uint64_t which;  /* the user's own, below 2^56 */
    uint32_t events; /* EPOLLIN... */
};

/* Any function may be NULL. */
struct drive_user {
    void *context;
    /* Before lab time goes on; `is_due`: the lab waits for a time. */
    void (*on_advance)(void *context, bool is_due);
    /* A socket of the lab was touched (sockeye_next_change). @return true: it is this user's, and
     * those who joined later do not hear of it */
    bool (*on_change)(void *context, const struct sockeye_change *change);
    /* After each advance, at lab time `now`: do what is due. @return the lab time to be called at
     * next, SOCKEYE_NEVER if none */
    int64_t (*on_time)(void *context, int64_t now);
    /* A turn begins, at this time of drive_wall. */
    void (*on_turn)(void *context, int64_t wall);
    /* A turn ends: what was put off may be done. */
    void (*on_turn_end)(void *context);
    /* @return the time of drive_wall at which a turn must begin, SOCKEYE_NEVER if none */
    int64_t (*deadline)(const void *context);
    void (*on_event)(void *context, const struct drive_event *event);
    /* Events of a turn are handled by rank: 0, then 1, then 2, which all have without this. */
    int (*rank)(const struct drive_event *event);
};

/* Takes over the driving of `lab`; the lab stays open when the drive is closed. */
int drive_open(struct sockeye *lab, struct drive **drive);
void drive_close(struct drive *drive); /* NULL is fine */
struct sockeye *drive_lab(const struct drive *drive);

/* Users are called in the order in which they joined. @return the user's number
 * @raise ENOSPC there are DRIVE_USERS */
int drive_join(struct drive *drive, const struct drive_user *user);
void drive_leave(struct drive *drive, int user);

/* The user hears of `events` (EPOLLIN..., EPOLLET) at a descriptor until drive_unwatch or its
 * close. An event names `kind` and `which`, never a pointer: what an earlier event of the same turn
 * freed is simply not found. */
int drive_watch(struct drive *drive, int user, int fd, uint32_t events, unsigned kind,
                uint64_t which);
/* Other events of one that is watched. */
int drive_rewatch(struct drive *drive, int user, int fd, uint32_t events, unsigned kind,
                  uint64_t which);
int drive_unwatch(struct drive *drive, int fd);

/* One turn: waits at most wait_ns for something to happen (0: not at all; SOCKEYE_NEVER: as long as
 * it takes), handles it, advances the lab to the wall clock, tells the users. @return 0 or -errno
 */
int drive_turn(struct drive *drive, int64_t wait_ns);
/* Advances the lab to the wall clock in the midst of a turn, so that an input has its time. */
void drive_advance(struct drive *drive);

/* Lab time by the wall clock, never behind sockeye_now(). */
int64_t drive_now(const struct drive *drive);
/* An input that was just taken from a program is to have the time of now, not that of the advance
 * before it. What is due until then is run; users hear of it later. */
void drive_stamp(struct drive *drive);
/* Waits until the wall clock is where the lab is: DRIVE_AHEAD at most. For whoever gives a program
 * the time of what came to it, which then is not of the future. */
void drive_settle(const struct drive *drive);
int64_t drive_wall(void); /* of the monotonic clock */
int64_t drive_date(void); /* of the realtime clock, ns since 1970 */
/* What PR_GET_TIMERSLACK was before drive_open: programs that we start begin with it. */
unsigned long drive_old_slack(const struct drive *drive);

struct drive_statistics {
    int64_t lateness_p99, lateness_max; /* ns an event of the lab ran after its time */
    uint64_t deadlines;                 /* measured */
    int64_t slipped;                    /* ns by which lab time was held back in all */
    uint64_t slips;
};
void drive_statistics(const struct drive *drive, struct drive_statistics *statistics);
