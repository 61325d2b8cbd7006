/* SPDX-License-Identifier: MIT */
/*
 * Signals of threads that wait in a parked call. The kernel lets only death end such a wait
 * (filter.c), and tells us of nothing; so each is looked at from time to time (wait.c says when).
 * One that was told of a signal is answered: with what there is, else ERESTARTSYS. That is the
 * kernel's own word; on the way to the handler it becomes EINTR, or the call made anew, and the
 * handler runs, the process stops, or dies with a core (signal(7)).
 *
 * A thread that was told of none would keep that word, an error which nobody knows. A pending
 * signal of its process is no sign: the kernel has chosen one of several threads to take it. But
 * the state is: a thread whose call we have taken sleeps so that a signal wakes it (S), finds that
 * its call was taken, and sleeps again so that only death does (D); what it was told stays told
 * until it returns. A stop, a debugger and the freezer tell it in the same way. Should a kernel put
 * all of them in D from the start, then none is ever seen in S, and only a pending signal counts.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/state.h"

enum { STATUS_BYTES = 8192 };

static uint64_t field(const char *text, const char *name)
{
    const char *line = strstr(text, name);

    return line == NULL ? 0 : strtoull(line + strlen(name), NULL, 16);
}

static bool read_status(pid_t thread, char text[STATUS_BYTES])
{
    char path[40];
    ssize_t n;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/status", (int)thread);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, text, STATUS_BYTES - 1);
    close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    return true;
}

/* /proc/TID/syscall begins with the number of the call in which a thread sleeps, else with a
 * word. */
bool guest_signal_waits(pid_t thread)
{
    static const int waits[] = {
#ifdef SYS_poll
        SYS_poll,  SYS_select,   SYS_epoll_wait,
#endif
        SYS_ppoll, SYS_pselect6, SYS_epoll_pwait, SYS_read,
        SYS_readv, SYS_recvfrom, SYS_recvmsg,     SYS_recvmmsg,
    };
    char path[40], text[128];
    ssize_t n;
    int fd, number;

    snprintf(path, sizeof path, "/proc/%d/syscall", (int)thread);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return true; /* nobody can tell */
    text[n] = '\0';
    if (text[0] < '0' || text[0] > '9')
        return false;
    number = (int)strtol(text, NULL, 10);
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
        if (waits[i] == number)
            return true;
    return false;
}

bool guest_signal_is_told(struct guest_runner *runner, pid_t thread)
{
    static const char state[] = "\nState:\t";
    char text[STATUS_BYTES];
    const char *line;
    uint64_t pending;

    if (!read_status(thread, text) || (line = strstr(text, state)) == NULL)
        return false;
    if (line[sizeof state - 1] != 'D') {
        runner->has_seen_calm |= line[sizeof state - 1] == 'S';
        return false;
    }
    pending = field(text, "\nSigPnd:\t") | field(text, "\nShdPnd:\t");
    return runner->has_seen_calm || (pending & ~field(text, "\nSigBlk:\t")) != 0;
}
