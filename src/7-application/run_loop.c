/* SPDX-License-Identifier: MIT */
/*
 * The turn of the runner, and its time.
 *
 * Lab time is the monotonic clock since runner_open, less the slips: if the lab's next event is
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

#include "7-application/run_state.h"

enum { WHAT_SHIFT = 56, MOST_ADVANCES = 1000 };

int64_t run_loop_wall(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t runner_now(const struct runner *runner)
{
    int64_t now = run_loop_wall() - runner->start - runner->slipped;
    int64_t lab = sockeye_now(runner->lab);

    return now > lab ? now : lab;
}

int run_loop_watch(struct runner *runner, int fd, uint32_t events, enum run_watched what,
                   uint64_t which)
{
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)what << WHAT_SHIFT | which};

    return epoll_ctl(runner->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* ---- time ---- */

static void deliver(struct runner *runner)
{
    struct sockeye_change change;

    runner->undelivered = false;
    for (int i = 0; sockeye_next_change(runner->lab, &change); i++) {
        struct run_socket *s = run_socket_of_fd(runner, change.host, change.fd);

        runner->undelivered = i >= RUN_TURN_CHANGES;

        if (s != NULL)
            run_socket_turn(runner, s);
        else if (runner->config.on_change != NULL)
            runner->config.on_change(runner->config.context, &change);
        if (runner->undelivered)
            return;
    }
}

static void probe_and_sweep(struct runner *runner, bool event_due)
{
    int64_t wall = run_loop_wall();

    if (event_due && runner->listening > 0 && wall - runner->last_probe >= RUN_PROBE) {
        runner->last_probe = wall;
        run_socket_probe(runner, true);
    }
    if (wall - runner->last_sweep >= RUN_SWEEP) {
        runner->last_sweep = wall;
        run_socket_probe(runner, false);
        run_wait_sweep(runner);
    }
}

/* How late are we? Too late: lab time slips. */
static int64_t measure(struct runner *runner, int64_t due)
{
    int64_t now = runner_now(runner), late = now - due;

    if (late < 0)
        return now;
    run_report_late(runner, late);
    if (late > RUN_SLIP) {
        runner->slipped += late;
        runner->statistics.slips++;
        return runner_now(runner);
    }
    return now;
}

/* Brings the lab to the wall clock, and a little beyond if an event waits there. */
void run_loop_advance(struct runner *runner)
{
    int64_t due = sockeye_next_deadline(runner->lab), now;

    probe_and_sweep(runner, due != SOCKEYE_NEVER);
    now = measure(runner, due);
    due = sockeye_advance(runner->lab, now);
    for (int i = 0; i < MOST_ADVANCES && due <= now + RUN_AHEAD; i++) {
        run_report_late(runner, 0); /* in time: these count too */
        due = sockeye_advance(runner->lab, due > now ? due : now);
    }
    deliver(runner);
    if (runner->config.on_time != NULL) {
        runner->hook_deadline =
            runner->config.on_time(runner->config.context, sockeye_now(runner->lab));
        deliver(runner);
    }
}

int64_t runner_deadline(const struct runner *runner)
{
    int64_t now = runner_now(runner), wall = run_loop_wall(), wait = SOCKEYE_NEVER;
    int64_t due = sockeye_next_deadline(runner->lab);

    if (runner->undelivered || runner->unfinished_count > 0)
        return 0;
    if (due != SOCKEYE_NEVER)
        wait = due - RUN_AHEAD - now;
    if (runner->hook_deadline != SOCKEYE_NEVER && runner->hook_deadline - now < wait)
        wait = runner->hook_deadline - now;
    if (runner->wait_deadline != SOCKEYE_NEVER && runner->wait_deadline - wall < wait)
        wait = runner->wait_deadline - wall;
    if ((runner->endless > 0 || runner->waits != NULL) &&
        runner->last_sweep + RUN_SWEEP - wall < wait)
        wait = runner->last_sweep + RUN_SWEEP - wall;
    return wait < 0 ? 0 : wait;
}

/* ---- the turn ---- */

static void on_watch(struct runner *runner, int fd, uint32_t events)
{
    for (int i = 0; i < RUN_WATCHES; i++)
        if (runner->watches[i].watcher != NULL && runner->watches[i].fd == fd) {
            runner->watches[i].watcher(runner->watches[i].context, fd, events);
            return;
        }
}

static void on_listener(struct runner *runner, int number, uint32_t events)
{
    struct run_program *p = &runner->programs[number];

    if (p->listener < 0)
        return;
    if (events & EPOLLIN)
        run_call_receive(runner, p);
    else if (events & (EPOLLHUP | EPOLLERR))
        run_program_listener_gone(runner, p);
}

static void on_event(struct runner *runner, const struct epoll_event *event)
{
    uint64_t which = event->data.u64 & (((uint64_t)1 << WHAT_SHIFT) - 1);
    struct signalfd_siginfo info;
    struct run_socket *s;

    switch ((enum run_watched)(event->data.u64 >> WHAT_SHIFT)) {
    case RUN_IS_SIGNAL:
        if (read(runner->signals, &info, sizeof info) > 0)
            run_program_reap(runner);
        break;
    case RUN_IS_LISTENER:
        on_listener(runner, (int)which, event->events);
        break;
    case RUN_IS_SOCKET:
        s = run_socket_of_handle(runner, which);
        if (s != NULL)
            run_socket_turn(runner, s);
        break;
    case RUN_IS_WATCH:
        on_watch(runner, (int)which, event->events);
        break;
    }
}

/* Closes come before other events of sockets, and those before trapped calls: a program that closes
 * one socket and then calls for another did so in this order. */
static int rank(const struct epoll_event *event)
{
    if (event->data.u64 >> WHAT_SHIFT != RUN_IS_SOCKET)
        return 2;
    return event->events & EPOLLHUP ? 0 : 1;
}

static int wait_events(struct runner *runner, struct epoll_event *events, int64_t wait)
{
    struct timespec t = {.tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000};
    long n = syscall(SYS_epoll_pwait2, runner->epoll, events, RUN_EVENTS,
                     wait == SOCKEYE_NEVER ? NULL : &t, NULL, 0);

    if (n < 0 && errno == ENOSYS)
        n = epoll_wait(runner->epoll, events, RUN_EVENTS,
                       wait == SOCKEYE_NEVER ? -1 : (int)((wait + 999999) / 1000000 % 1000000));
    return n < 0 ? -errno : (int)n;
}

int runner_run_once(struct runner *runner, int64_t wait_ns)
{
    struct epoll_event events[RUN_EVENTS];
    int64_t wait;
    int n;

    run_loop_advance(runner);
    run_wait_expire(runner, run_loop_wall());
    wait = runner_deadline(runner);
    n = wait_events(runner, events, wait < wait_ns ? wait : wait_ns);
    if (n < 0)
        return n == -EINTR ? 0 : n;
    run_loop_advance(runner); /* what the events do, they do now */
    for (int now = 0; now < 3; now++)
        for (int i = 0; i < n; i++)
            if (rank(&events[i]) == now) {
                on_event(runner, &events[i]);
                run_loop_advance(runner);
            }
    run_socket_finish_turns(runner);
    return 0;
}

int runner_watch(struct runner *runner, int fd, uint32_t events, runner_watcher *watcher,
                 void *context)
{
    for (int i = 0; i < RUN_WATCHES; i++)
        if (runner->watches[i].watcher == NULL) {
            int r = run_loop_watch(runner, fd, events, RUN_IS_WATCH, (uint64_t)fd);

            if (r == 0)
                runner->watches[i] = (struct run_watch){fd, watcher, context};
            return r;
        }
    return -ENOSPC;
}

int runner_unwatch(struct runner *runner, int fd)
{
    for (int i = 0; i < RUN_WATCHES; i++)
        if (runner->watches[i].watcher != NULL && runner->watches[i].fd == fd) {
            memset(&runner->watches[i], 0, sizeof runner->watches[i]);
            return epoll_ctl(runner->epoll, EPOLL_CTL_DEL, fd, NULL) < 0 ? -errno : 0;
        }
    return -ENOENT;
}

bool runner_is_listening(struct runner *runner, int host, uint16_t port, bool datagram)
{
    for (size_t i = 0; i < runner->slot_count; i++) {
        const struct run_socket *s = runner->slots[i].socket;
        struct sockaddr_in name = {0};
        uint32_t length = sizeof name;

        if (s == NULL || s->host != host || s->datagram != datagram ||
            (!datagram && s->phase != RUN_LISTENING) ||
            sockeye_local_name(runner->lab, host, s->fd, &name, &length) < 0 ||
            ntohs(name.sin_port) != port)
            continue;
        if (datagram || !run_socket_is_closed(runner, s))
            return true;
    }
    return false;
}

/* ---- life ---- */

static int make_directory(struct runner *runner)
{
    const char *base = getenv("XDG_RUNTIME_DIR");
    struct stat st;

    if (runner->config.directory != NULL) {
        if (strlen(runner->config.directory) >= sizeof runner->directory)
            return run_report_fail(NULL, ENAMETOOLONG, "%s: too long for sockets in it",
                                   runner->config.directory);
        snprintf(runner->directory, sizeof runner->directory, "%s", runner->config.directory);
        runner->made_directory = mkdir(runner->directory, 0700) == 0;
        if (!runner->made_directory && (errno != EEXIST || stat(runner->directory, &st) < 0 ||
                                        st.st_uid != geteuid() || (st.st_mode & 0077) != 0))
            return run_report_fail(NULL, EACCES, "%s: cannot be made, or is not ours alone",
                                   runner->directory);
        return 0;
    }
    if (base == NULL || strlen(base) > sizeof runner->directory - 16 || access(base, W_OK) < 0)
        base = "/tmp";
    snprintf(runner->directory, sizeof runner->directory, "%s/sockeye-XXXXXX", base);
    if (mkdtemp(runner->directory) == NULL)
        return run_report_fail(NULL, errno, "%s: %s", runner->directory, strerror(errno));
    runner->made_directory = true;
    return 0;
}

static int change_process(struct runner *runner)
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
        return run_report_fail(NULL, errno, "signalfd: %s", strerror(errno));
    return run_loop_watch(runner, runner->signals, EPOLLIN, RUN_IS_SIGNAL, 0);
}

static int open_parts(struct runner *runner)
{
    int r = run_filter_build(&runner->filter, &runner->filter_length);

    if (r < 0)
        return run_report_fail(NULL, r, "the seccomp filter: %s", strerror(-r));
    r = make_directory(runner);
    if (r < 0)
        return r;
    r = run_holder_open_door(runner);
    if (r < 0)
        return run_report_fail(NULL, r, "%s: %s", runner->directory, strerror(-r));
    r = run_name_init(runner);
    if (r < 0)
        return run_report_fail(NULL, r, "memfd: %s", strerror(-r));
    runner->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (runner->epoll < 0)
        return run_report_fail(NULL, errno, "epoll: %s", strerror(errno));
    return change_process(runner);
}

int runner_open(struct sockeye *lab, const struct runner_config *config, struct runner **out)
{
    struct runner *runner = calloc(1, sizeof *runner);
    int r;

    *out = NULL;
    if (runner == NULL)
        return run_report_fail(NULL, ENOMEM, "no memory");
    if (config != NULL)
        runner->config = *config;
    runner->lab = lab;
    runner->epoll = runner->signals = runner->door = runner->probe = -1;
    runner->old_slack = 0;
    runner->scratch = malloc(RUN_CHUNK + RUN_DATAGRAM);
    runner->complaints = calloc(RUN_REPORTS, sizeof *runner->complaints);
    runner->wait_deadline = SOCKEYE_NEVER;
    runner->hook_deadline = SOCKEYE_NEVER;
    for (int i = 0; i < RUN_PIDFDS; i++)
        runner->pidfds[i].fd = -1;
    for (int i = 0; i < RUN_FILES; i++)
        runner->files[i].fd = -1;
    r = runner->scratch == NULL || runner->complaints == NULL
            ? run_report_fail(NULL, ENOMEM, "no memory")
            : open_parts(runner);
    if (r < 0) {
        runner_close(runner);
        return r;
    }
    runner->start = run_loop_wall() - sockeye_now(lab);
    runner->last_sweep = run_loop_wall();
    *out = runner;
    return 0;
}

static void restore_process(struct runner *runner)
{
    if (runner->signals < 0)
        return;
    close(runner->signals);
    sigprocmask(SIG_SETMASK, &runner->old_mask, NULL);
    prctl(PR_SET_TIMERSLACK, runner->old_slack);
    prctl(PR_SET_CHILD_SUBREAPER, runner->old_subreaper);
    setrlimit(RLIMIT_NOFILE, &runner->old_files);
}

static void close_sockets(struct runner *runner)
{
    for (size_t i = 0; i < runner->slot_count; i++)
        if (runner->slots[i].socket != NULL)
            run_socket_remove(runner, runner->slots[i].socket);
    for (int i = 0; i < SOCKEYE_HOSTS; i++)
        free(runner->by_fd[i]);
    free(runner->slots);
}

void runner_close(struct runner *runner)
{
    const int fds[] = {runner == NULL ? -1 : runner->door, runner == NULL ? -1 : runner->probe,
                       runner == NULL ? -1 : runner->epoll};

    if (runner == NULL)
        return;
    if (runner->program_count > 0)
        run_program_kill_all(runner);
    for (int i = 0; i < runner->program_count; i++)
        run_program_listener_gone(runner, &runner->programs[i]);
    close_sockets(runner);
    run_name_done(runner);
    for (int i = 0; i < RUN_PIDFDS; i++)
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
