/* SPDX-License-Identifier: MIT */
/*
 * The turn of the runner, and its time.
 *
 * Lab time is the monotonic clock since guest_open, less the slips: if the lab's next event is
 * found more than 100 ms late, the lab's clock is held back to that event's time, and the summary
 * says so. Each input is stamped with the time at which it is handled, never before an event that
 * was due. Events are run up to 50 us before their time, at their own time, so that short wires
 * cost no sleep; inputs are then stamped no earlier than that.
 *
 * One epoll holds the listeners of the programs, the data ends (edge-triggered, since they always
 * hold a byte), SIGCHLD, and what the caller watches. An event names a handle, never a pointer:
 * what an earlier event of the same batch freed is simply not found.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "guest/state.h"

enum { WHAT_SHIFT = 56, MOST_ADVANCES = 1000 };

int64_t guest_loop_wall(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t guest_now(const struct guest_runner *runner)
{
    int64_t now = guest_loop_wall() - runner->start - runner->slipped;
    int64_t lab = sockeye_now(runner->lab);

    return now > lab ? now : lab;
}

int guest_loop_watch(struct guest_runner *runner, int fd, uint32_t events, enum guest_watched what,
                     uint64_t which)
{
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)what << WHAT_SHIFT | which};

    return epoll_ctl(runner->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* ---- time ---- */

static void deliver(struct guest_runner *runner)
{
    struct sockeye_change change;

    runner->undelivered = false;
    for (int i = 0; sockeye_next_change(runner->lab, &change); i++) {
        struct guest_socket *s = guest_socket_of_fd(runner, change.host, change.fd);

        runner->undelivered = i >= GUEST_TURN_CHANGES;

        if (s != NULL)
            guest_socket_turn(runner, s);
        else if (runner->config.on_change != NULL)
            runner->config.on_change(runner->config.context, &change);
        if (runner->undelivered)
            return;
    }
}

static void probe_and_sweep(struct guest_runner *runner, bool event_due)
{
    int64_t wall = guest_loop_wall();

    if (event_due && runner->listening > 0 && wall - runner->last_probe >= GUEST_PROBE) {
        runner->last_probe = wall;
        guest_socket_probe(runner, true);
    }
    if (wall - runner->last_sweep >= GUEST_SWEEP) {
        runner->last_sweep = wall;
        guest_socket_probe(runner, false);
        guest_wait_sweep(runner);
    }
}

/* How late are we? Too late: lab time slips. */
static int64_t measure(struct guest_runner *runner, int64_t due)
{
    int64_t now = guest_now(runner), late = now - due;

    if (late < 0)
        return now;
    guest_report_late(runner, late);
    if (late > GUEST_SLIP) {
        runner->slipped += late;
        runner->statistics.slips++;
        return guest_now(runner);
    }
    return now;
}

/* Brings the lab to the wall clock, and a little beyond if an event waits there. */
void guest_loop_advance(struct guest_runner *runner)
{
    int64_t due = sockeye_next_deadline(runner->lab), now;

    probe_and_sweep(runner, due != SOCKEYE_NEVER);
    now = measure(runner, due);
    due = sockeye_advance(runner->lab, now);
    for (int i = 0; i < MOST_ADVANCES && due <= now + GUEST_AHEAD; i++) {
        guest_report_late(runner, 0); /* in time: these count too */
        due = sockeye_advance(runner->lab, due > now ? due : now);
    }
    deliver(runner);
    if (runner->config.on_time != NULL) {
        runner->hook_deadline =
            runner->config.on_time(runner->config.context, sockeye_now(runner->lab));
        deliver(runner);
    }
}

int64_t guest_deadline(const struct guest_runner *runner)
{
    int64_t now = guest_now(runner), wall = guest_loop_wall(), wait = SOCKEYE_NEVER;
    int64_t due = sockeye_next_deadline(runner->lab);

    if (runner->undelivered || runner->unfinished_count > 0)
        return 0;
    if (due != SOCKEYE_NEVER)
        wait = due - GUEST_AHEAD - now;
    if (runner->hook_deadline != SOCKEYE_NEVER && runner->hook_deadline - now < wait)
        wait = runner->hook_deadline - now;
    if (runner->wait_deadline != SOCKEYE_NEVER && runner->wait_deadline - wall < wait)
        wait = runner->wait_deadline - wall;
    if ((runner->endless > 0 || runner->waits != NULL) &&
        runner->last_sweep + GUEST_SWEEP - wall < wait)
        wait = runner->last_sweep + GUEST_SWEEP - wall;
    return wait < 0 ? 0 : wait;
}

/* ---- the turn ---- */

static void on_watch(struct guest_runner *runner, int fd, uint32_t events)
{
    for (int i = 0; i < GUEST_WATCHES; i++)
        if (runner->watches[i].watcher != NULL && runner->watches[i].fd == fd) {
            runner->watches[i].watcher(runner->watches[i].context, fd, events);
            return;
        }
}

static void on_listener(struct guest_runner *runner, int number, uint32_t events)
{
    struct guest_program *p = &runner->programs[number];

    if (p->listener < 0)
        return;
    if (events & EPOLLIN)
        guest_call_receive(runner, p);
    else if (events & (EPOLLHUP | EPOLLERR))
        guest_program_listener_gone(runner, p);
}

static void on_event(struct guest_runner *runner, const struct epoll_event *event)
{
    uint64_t which = event->data.u64 & (((uint64_t)1 << WHAT_SHIFT) - 1);
    struct signalfd_siginfo info;
    struct guest_socket *s;

    switch ((enum guest_watched)(event->data.u64 >> WHAT_SHIFT)) {
    case GUEST_IS_SIGNAL:
        if (read(runner->signals, &info, sizeof info) > 0)
            guest_program_reap(runner);
        break;
    case GUEST_IS_LISTENER:
        on_listener(runner, (int)which, event->events);
        break;
    case GUEST_IS_SOCKET:
        s = guest_socket_of_handle(runner, which);
        if (s != NULL)
            guest_socket_turn(runner, s);
        break;
    case GUEST_IS_WATCH:
        on_watch(runner, (int)which, event->events);
        break;
    }
}

/* Closes come before other events of sockets, and those before trapped calls: a program that closes
 * one socket and then calls for another did so in this order. */
static int rank(const struct epoll_event *event)
{
    if (event->data.u64 >> WHAT_SHIFT != GUEST_IS_SOCKET)
        return 2;
    return event->events & EPOLLHUP ? 0 : 1;
}

static int wait_events(struct guest_runner *runner, struct epoll_event *events, int64_t wait)
{
    struct timespec t = {.tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000};
    long n = syscall(SYS_epoll_pwait2, runner->epoll, events, GUEST_EVENTS,
                     wait == SOCKEYE_NEVER ? NULL : &t, NULL, 0);

    if (n < 0 && errno == ENOSYS)
        n = epoll_wait(runner->epoll, events, GUEST_EVENTS,
                       wait == SOCKEYE_NEVER ? -1 : (int)((wait + 999999) / 1000000 % 1000000));
    return n < 0 ? -errno : (int)n;
}

int guest_run_once(struct guest_runner *runner, int64_t wait_ns)
{
    struct epoll_event events[GUEST_EVENTS];
    int64_t wait;
    int n;

    guest_loop_advance(runner);
    guest_wait_expire(runner, guest_loop_wall());
    wait = guest_deadline(runner);
    n = wait_events(runner, events, wait < wait_ns ? wait : wait_ns);
    if (n < 0)
        return n == -EINTR ? 0 : n;
    guest_loop_advance(runner); /* what the events do, they do now */
    for (int now = 0; now < 3; now++)
        for (int i = 0; i < n; i++)
            if (rank(&events[i]) == now) {
                on_event(runner, &events[i]);
                guest_loop_advance(runner);
            }
    guest_socket_finish_turns(runner);
    return 0;
}

int guest_watch(struct guest_runner *runner, int fd, uint32_t events, guest_watcher *watcher,
                void *context)
{
    for (int i = 0; i < GUEST_WATCHES; i++)
        if (runner->watches[i].watcher == NULL) {
            int r = guest_loop_watch(runner, fd, events, GUEST_IS_WATCH, (uint64_t)fd);

            if (r == 0)
                runner->watches[i] = (struct guest_watch){fd, watcher, context};
            return r;
        }
    return -ENOSPC;
}

int guest_unwatch(struct guest_runner *runner, int fd)
{
    for (int i = 0; i < GUEST_WATCHES; i++)
        if (runner->watches[i].watcher != NULL && runner->watches[i].fd == fd) {
            memset(&runner->watches[i], 0, sizeof runner->watches[i]);
            return epoll_ctl(runner->epoll, EPOLL_CTL_DEL, fd, NULL) < 0 ? -errno : 0;
        }
    return -ENOENT;
}

bool guest_is_listening(struct guest_runner *runner, int host, uint16_t port, bool datagram)
{
    for (size_t i = 0; i < runner->slot_count; i++) {
        const struct guest_socket *s = runner->slots[i].socket;
        struct sockaddr_in name = {0};
        uint32_t length = sizeof name;

        if (s == NULL || s->host != host || s->datagram != datagram ||
            (!datagram && s->phase != GUEST_LISTENING) ||
            sockeye_local_name(runner->lab, host, s->fd, &name, &length) < 0 ||
            ntohs(name.sin_port) != port)
            continue;
        if (datagram || !guest_socket_is_closed(runner, s))
            return true;
    }
    return false;
}

/* ---- life ---- */

static int make_directory(struct guest_runner *runner)
{
    const char *base = getenv("XDG_RUNTIME_DIR");
    struct stat st;

    if (runner->config.directory != NULL) {
        if (strlen(runner->config.directory) >= sizeof runner->directory)
            return guest_report_fail(NULL, ENAMETOOLONG, "%s: too long for sockets in it",
                                     runner->config.directory);
        snprintf(runner->directory, sizeof runner->directory, "%s", runner->config.directory);
        runner->made_directory = mkdir(runner->directory, 0700) == 0;
        if (!runner->made_directory && (errno != EEXIST || stat(runner->directory, &st) < 0 ||
                                        st.st_uid != geteuid() || (st.st_mode & 0077) != 0))
            return guest_report_fail(NULL, EACCES, "%s: cannot be made, or is not ours alone",
                                     runner->directory);
        return 0;
    }
    if (base == NULL || strlen(base) > sizeof runner->directory - 16 || access(base, W_OK) < 0)
        base = "/tmp";
    snprintf(runner->directory, sizeof runner->directory, "%s/sockeye-XXXXXX", base);
    if (mkdtemp(runner->directory) == NULL)
        return guest_report_fail(NULL, errno, "%s: %s", runner->directory, strerror(errno));
    runner->made_directory = true;
    return 0;
}

static int change_process(struct guest_runner *runner)
{
    struct rlimit files;
    sigset_t set;

    getrlimit(RLIMIT_NOFILE, &runner->old_files);
    files = runner->old_files;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    prctl(PR_GET_CHILD_SUBREAPER, &runner->old_subreaper);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    runner->old_slack = (unsigned long)prctl(PR_GET_TIMERSLACK);
    prctl(PR_SET_TIMERSLACK, 1UL);
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, &runner->old_mask);
    runner->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (runner->signals < 0)
        return guest_report_fail(NULL, errno, "signalfd: %s", strerror(errno));
    return guest_loop_watch(runner, runner->signals, EPOLLIN, GUEST_IS_SIGNAL, 0);
}

static int open_parts(struct guest_runner *runner)
{
    int r = guest_filter_build(&runner->filter, &runner->filter_length);

    if (r < 0)
        return guest_report_fail(NULL, r, "the seccomp filter: %s", strerror(-r));
    r = make_directory(runner);
    if (r < 0)
        return r;
    r = guest_holder_open_door(runner);
    if (r < 0)
        return guest_report_fail(NULL, r, "%s: %s", runner->directory, strerror(-r));
    r = guest_name_init(runner);
    if (r < 0)
        return guest_report_fail(NULL, r, "memfd: %s", strerror(-r));
    runner->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (runner->epoll < 0)
        return guest_report_fail(NULL, errno, "epoll: %s", strerror(errno));
    return change_process(runner);
}

int guest_open(struct sockeye *lab, const struct guest_config *config, struct guest_runner **out)
{
    struct guest_runner *runner = calloc(1, sizeof *runner);
    int r;

    *out = NULL;
    if (runner == NULL)
        return guest_report_fail(NULL, ENOMEM, "no memory");
    if (config != NULL)
        runner->config = *config;
    runner->lab = lab;
    runner->epoll = runner->signals = runner->door = runner->probe = -1;
    runner->old_slack = 0;
    runner->scratch = malloc(GUEST_CHUNK + GUEST_DATAGRAM);
    runner->complaints = calloc(GUEST_REPORTS, sizeof *runner->complaints);
    runner->wait_deadline = SOCKEYE_NEVER;
    runner->hook_deadline = SOCKEYE_NEVER;
    for (int i = 0; i < GUEST_PIDFDS; i++)
        runner->pidfds[i].fd = -1;
    for (int i = 0; i < GUEST_FILES; i++)
        runner->files[i].fd = -1;
    r = runner->scratch == NULL || runner->complaints == NULL
            ? guest_report_fail(NULL, ENOMEM, "no memory")
            : open_parts(runner);
    if (r < 0) {
        guest_close(runner);
        return r;
    }
    runner->start = guest_loop_wall() - sockeye_now(lab);
    runner->last_sweep = guest_loop_wall();
    *out = runner;
    return 0;
}

static void restore_process(struct guest_runner *runner)
{
    if (runner->signals < 0)
        return;
    close(runner->signals);
    sigprocmask(SIG_SETMASK, &runner->old_mask, NULL);
    prctl(PR_SET_TIMERSLACK, runner->old_slack);
    prctl(PR_SET_CHILD_SUBREAPER, runner->old_subreaper);
    setrlimit(RLIMIT_NOFILE, &runner->old_files);
}

static void close_sockets(struct guest_runner *runner)
{
    for (size_t i = 0; i < runner->slot_count; i++)
        if (runner->slots[i].socket != NULL)
            guest_socket_remove(runner, runner->slots[i].socket);
    for (int i = 0; i < SOCKEYE_HOSTS; i++)
        free(runner->by_fd[i]);
    free(runner->slots);
}

void guest_close(struct guest_runner *runner)
{
    const int fds[] = {runner == NULL ? -1 : runner->door, runner == NULL ? -1 : runner->probe,
                       runner == NULL ? -1 : runner->epoll};

    if (runner == NULL)
        return;
    if (runner->program_count > 0)
        guest_program_kill_all(runner);
    for (int i = 0; i < runner->program_count; i++)
        guest_program_listener_gone(runner, &runner->programs[i]);
    close_sockets(runner);
    guest_name_done(runner);
    for (int i = 0; i < GUEST_PIDFDS; i++)
        if (runner->pidfds[i].fd >= 0)
            close(runner->pidfds[i].fd);
    restore_process(runner);
    if (runner->door >= 0)
        unlink(runner->door_address.sun_path);
    if (runner->made_directory)
        rmdir(runner->directory);
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    free(runner->filter);
    free(runner->scratch);
    free(runner->complaints);
    free(runner);
}
