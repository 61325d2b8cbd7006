/* SPDX-License-Identifier: MIT */
/*
 * The runner: real, unmodified programs on the hosts of a lab.
 *
 * A program started here runs as an ordinary process of the machine, with one difference: its calls
 * that make, name and control sockets are handed to us by the kernel (seccomp user notification).
 * For an AF_INET socket the program gets an AF_UNIX socket, the holder, whose far end is ours, and
 * we walk the holder through the states of the lab's socket; reads, writes and polls of the program
 * then run natively on it. No privilege, no namespace, no preloaded library is needed.
 *
 *     runner_open, runner_start ...   then   while (...) runner_run_once(runner, wait)
 *
 * The runner drives its lab: lab time is the wall clock since runner_open, less the slips. Nobody
 * else may advance the lab while a runner is open; other users of the lab's sockets (the built-in
 * traffic) get their turns by on_change and on_time. One thread; nothing here blocks but
 * runner_run_once (for its wait) and runner_close (bounded).
 *
 * Results are -errno; after a failure of runner_open or runner_start, runner_error() says what and
 * where in one line.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "sockeye/sockeye.h"

struct runner;

struct runner_name { /* a line of the lab's /etc/hosts */
    const char *name;
    const char *address; /* "10.0.0.1" */
};

struct runner_config {
    const char *directory;           /* of the holders; NULL: made in $XDG_RUNTIME_DIR or /tmp */
    const struct runner_name *names; /* copied */
    size_t name_count;
    const char *nameserver; /* for the programs' resolv.conf; NULL: none is usable */
    bool verbose;           /* each call that is handled goes to stderr */

    /* A socket of the lab that is not the runner's own was touched (sockeye_next_change). */
    void (*on_change)(void *context, const struct sockeye_change *change);
    /* After each advance, at lab time `now`: do what is due; return the next time you want to be
     * called, SOCKEYE_NEVER if none. The runner sleeps no longer than that. */
    int64_t (*on_time)(void *context, int64_t now);
    void *context;
};

/* Takes over the driving of `lab`. `config` may be NULL. Until runner_close: RLIMIT_NOFILE is at
 * its hard limit, SIGCHLD is blocked, we are a child subreaper, and every child of this process is
 * reaped by the runner; programs start with the old values. @raise ENOSYS EINVAL the kernel lacks
 * something (run_doctor.h says the cure); EACCES ENAMETOOLONG the directory */
int runner_open(struct sockeye *lab, const struct runner_config *config, struct runner **runner);

/* Kills every process still running under the runner (SIGTERM, half a second, SIGKILL), reaps,
 * removes the directory, restores what runner_open changed. The lab stays open. NULL is fine. */
void runner_close(struct runner *runner);

/* What went wrong last, one line; static if runner is NULL (after runner_open failed). */
const char *runner_error(const struct runner *runner);

struct runner_program {
    int host;                       /* of the lab */
    const char *hostname;           /* what uname() says; NULL: the host's name in the lab */
    const char *const *argv;        /* ends with NULL; argv[0] is searched in PATH */
    const char *const *environment; /* "NAME=value" added to ours; ends with NULL; may be NULL */
    const char *directory;          /* working directory; NULL: ours */
    const char *log;                /* stdout and stderr go to this file; NULL: see output, error */
    bool log_append;                /* else it is truncated */
    bool own_files;                 /* use the three below; else input is /dev/null, output ours */
    int input, output, error;       /* file descriptors, copied */
    bool keep_group;                /* stay in our process group (an interactive shell) */
};

/* Starts a program on a host. @return its number, from 0; it stays the program's until it is both
 * gone and forgotten
 * @raise ENOENT EACCES ENOEXEC the program, its directory or its log, by name; EPERM the file is
 * setuid, setgid or has capabilities and would lose them; EBUSY we are ourselves inside of a
 * runner; ENOSPC too many programs */
int runner_start(struct runner *runner, const struct runner_program *program);

enum runner_state {
    RUNNER_RUNNING,
    RUNNER_EXITED, /* the process we started has ended, its children have not */
    RUNNER_GONE    /* no process of it is left */
};
/* @return the state; once not RUNNING, *status (may be NULL) is as waitpid's */
enum runner_state runner_program_state(const struct runner *runner, int program, int *status);

/* Nobody will ask for this program any more. */
void runner_forget(struct runner *runner, int program);

/* Sends a signal to the process group of a program (with keep_group: to the process).
 * @raise ESRCH it has ended; EINVAL no such program */
int runner_kill(struct runner *runner, int program, int signal);

/* Does any program on the host listen on this TCP port (host order)? A UDP port that is bound
 * counts when `datagram`. Sockets that the lab's built-in traffic opened are not looked at. */
bool runner_is_listening(struct runner *runner, int host, uint16_t port, bool datagram);

/* One turn: waits at most wait_ns for something to happen (0: not at all; SOCKEYE_NEVER: as long as
 * it takes), handles it, advances the lab to the wall clock, delivers. @return 0 or -errno */
int runner_run_once(struct runner *runner, int64_t wait_ns);

/* Lab time by the wall clock, never behind sockeye_now(). */
int64_t runner_now(const struct runner *runner);

/* Watches a descriptor of the caller's in runner_run_once; `events` are EPOLLIN...; level
 * triggered. Up to 64. */
typedef void runner_watcher(void *context, int fd, uint32_t events);
int runner_watch(struct runner *runner, int fd, uint32_t events, runner_watcher *watcher,
                 void *context);
int runner_unwatch(struct runner *runner, int fd);
/* Nanoseconds of wall time until runner_run_once must be called; SOCKEYE_NEVER: on runner_fd only
 */
int64_t runner_deadline(const struct runner *runner);

struct runner_statistics {
    int64_t lateness_p99, lateness_max; /* ns an event of the lab ran after its time */
    uint64_t deadlines;                 /* measured */
    int64_t slipped;                    /* ns of lab time lost: the driver was > 100 ms behind */
    uint64_t slips;
    uint64_t calls;                      /* socket calls of programs handled */
    uint64_t sockets, sockets_now;       /* made in all, and open */
    uint64_t bytes_sent, bytes_received; /* by programs, of streams and datagrams */
};
void runner_statistics(const struct runner *runner, struct runner_statistics *statistics);

/* Writes what programs asked for and did not get, or got differently from Linux: a line each, with
 * the program, the call, the answer and how often. @return the number of lines */
int runner_report(const struct runner *runner, FILE *file);
