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
 *     drive_open, guest_open, guest_start ...   then   while (...) drive_turn(drive, wait)
 *
 * The runner is a user of the drive (drive/drive.h): that keeps the lab's time, waits, and tells it
 * what happened. Nothing here blocks but guest_start and guest_close (bounded).
 *
 * Results are -errno; after a failure of guest_open or guest_start, guest_error() says what and
 * where in one line.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "drive/drive.h"
#include "sockeye/address.h"

struct guest_runner;

struct guest_name { /* a line of /etc/hosts; those of one name stand together */
    const char *name;
    const char *address; /* "10.0.0.1"; "": it has none yet */
};

struct guest_server { /* a line of a host's /etc/resolv.conf */
    int host;
    const char *address; /* "": nobody has told it yet */
};

struct guest_search { /* the same: where names are looked for */
    int host;
    const char *domains; /* with blanks between; "": nobody has told any yet */
};

enum { GUEST_OUT_OF_REACH = 2 };

struct guest_config {
    const char *directory; /* of the holders; NULL: made in $XDG_RUNTIME_DIR or /tmp */
    const struct guest_name *names;
    const struct guest_server *servers;
    const struct guest_search *searches;
    size_t name_count, server_count, search_count;
    /* How far the address of names[name] is from a host, 0 to GUEST_OUT_OF_REACH: of a name with
     * several addresses a host sees the nearest first. NULL: as they stand. */
    int (*distance)(void *context, int host, size_t name);
    void *context;
    /* Is AF_UNIX of this host's programs left to the kernel? NULL: of none. */
    bool (*leaves_unix)(void *context, int host);
    /* Do this host's programs see themselves as root? NULL: no. */
    bool (*is_root)(void *context, int host);
    bool names_change; /* addresses come and go while the runner runs */
    bool names_served; /* by servers: no names stand in /etc/hosts */
};

/* Joins the drive. `config` may be NULL; what it points to stays until guest_close. Until then
 * RLIMIT_NOFILE is at its hard limit, SIGCHLD is blocked, we are a child subreaper and not
 * dumpable, and every child of this process is reaped by the runner; programs start with the old
 * values.
 * @raise ENOSYS EINVAL the kernel lacks something (doctor.h says the cure); EACCES ENAMETOOLONG the
 * directory */
int guest_open(struct drive *drive, const struct guest_config *config,
               struct guest_runner **runner);

/* Kills every process still running under the runner (SIGTERM, half a second, SIGKILL), reaps,
 * removes the directory, restores what guest_open changed, leaves the drive. NULL is fine. */
void guest_close(struct guest_runner *runner);

/* What went wrong last, one line; static if runner is NULL (after guest_open failed). */
const char *guest_error(const struct guest_runner *runner);

struct guest_command {
    int host;                       /* of the lab */
    const char *const *argv;        /* ends with NULL; argv[0] is searched in PATH; one with a
                                       slash is seen from `directory` */
    const char *const *environment; /* "NAME=value" added to ours; ends with NULL; may be NULL */
    const char *directory;          /* working directory; NULL: ours */
    const char *log;                /* stdout and stderr go to this file; NULL: see output, error */
    bool log_append;                /* else it is truncated */
    bool own_files;                 /* use the three below; else input is /dev/null, output ours */
    int input, output, error;       /* file descriptors, copied */
    bool keep_group;                /* it leads no group, so it can make a session (a shell) */
};

/* Starts a program on a host. @return its number, from 0; it stays the program's until it is both
 * gone and forgotten
 * @raise ENOENT EACCES ENOEXEC the program, its directory, its log or files, by name; EBUSY we
 * are ourselves inside of a runner; ENOSPC too many programs */
int guest_start(struct guest_runner *runner, const struct guest_command *program);

/* Has somebody killed the process that the programs are children of? They are killed then, and none
 * can be started: the lab is over. */
bool guest_is_lost(const struct guest_runner *runner);

enum guest_state {
    GUEST_RUNNING,
    GUEST_EXITED, /* the process we started has ended, its children have not */
    GUEST_GONE    /* no process of it is left */
};
/* @return the state; once not RUNNING, *status (may be NULL) is as waitpid's */
enum guest_state guest_program_state(const struct guest_runner *runner, int program, int *status);

/* Nobody will ask for this program any more. */
void guest_forget(struct guest_runner *runner, int program);

/* Sends a signal to the process group of a program (with keep_group: to the process).
 * @raise ESRCH it has ended; EINVAL no such program */
int guest_kill(struct guest_runner *runner, int program, int signal);

/* Does any program on the host listen on this TCP port (host order)? A UDP port that is bound
 * counts when `datagram`. Sockets that the lab's built-in traffic opened are not looked at. */
bool guest_is_listening(struct guest_runner *runner, int host, uint16_t port, bool datagram);

/* Does one listen to calls of X.25 for this address, which is digits? */
bool guest_circuit_is_listening(struct guest_runner *runner, int host, const char *x121);

struct guest_statistics {
    uint64_t calls;                      /* socket calls of programs handled */
    uint64_t retries;                    /* calls that waited, tried again */
    uint64_t sockets, sockets_now;       /* made in all, and open */
    uint64_t bytes_sent, bytes_received; /* by programs, of streams and datagrams */
};
void guest_statistics(const struct guest_runner *runner, struct guest_statistics *statistics);

/* What a program asked for and did not get, or got differently from Linux: each said once, and
 * counted. Those behind the first GUEST_REPORTS are not kept. */
enum { GUEST_REPORTS = 256 };

struct guest_complaint {
    int program;      /* its number, of guest_start */
    char name[32];    /* what its argv[0] is called */
    char text[120];   /* the call and the answer: "socket(AF_INET6): EAFNOSUPPORT" */
    const char *cure; /* a sentence; "": none is known */
    uint64_t count;
};

/* The i-th, from 0, in their order. @return false: there is none */
bool guest_report(const struct guest_runner *runner, int i, struct guest_complaint *complaint);

struct guest_unreached { /* a host whose program was told ENETUNREACH */
    int host;
    struct address to;
};
/* Who was told so by connect() or a send with an address, each once, as many as are kept.
 * @return their number */
size_t guest_unreached(const struct guest_runner *runner, const struct guest_unreached **list);
