/* SPDX-License-Identifier: MIT */
/*
 * The runner as a user of the drive: what it does at each step of a turn, who of its files hears of
 * which descriptor, and its life.
 *
 * The drive watches for it the listeners of the programs, the data ends (edge-triggered, since they
 * always hold a byte), and SIGCHLD.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/ring.h"
#include "guest/state.h"

/* ---- a turn ---- */

static bool on_change(void *context, const struct sockeye_change *change)
{
    struct guest_runner *runner = context;
    struct guest_socket *s = guest_socket_of_fd(runner, change->host, change->fd);

    if (s != NULL)
        guest_turn(runner, s, GUEST_BY_LAB | GUEST_LOOKED_AT);
    guest_call_settle(runner);
    return s != NULL;
}

/* Probes those that may have closed without telling, before time goes on without them. */
static void on_advance(void *context, bool is_due)
{
    struct guest_runner *runner = context;
    int64_t wall = drive_wall();

    if (is_due && guest_link_is_in(&runner->listeners) &&
        wall - runner->last_probe >= GUEST_PROBE) {
        runner->last_probe = wall;
        guest_living_ask_some(runner);
    }
    if (wall - runner->last_sweep >= GUEST_SWEEP) {
        runner->last_sweep = wall;
        guest_living_sweep(runner);
    }
}

static void on_turn(void *context, int64_t wall)
{
    guest_call_expire(context, wall);
    guest_call_look(context, wall);
    guest_turn_later(context, wall);
    guest_ring_look(context, wall);
    guest_call_settle(context);
}

static void on_turn_end(void *context)
{
    guest_turn_finish(context);
    guest_rights_forget_lost(context);
    guest_call_settle(context);
}

static int64_t deadline(const void *context)
{
    const struct guest_runner *runner = context;
    int64_t sweep = runner->last_sweep + GUEST_SWEEP;
    int64_t least = guest_wait_deadline(runner), ring = guest_ring_deadline(runner);
    int64_t later = runner->last_later + GUEST_LATER;

    if (guest_link_is_in(&runner->unfinished))
        return 0;
    if (guest_link_is_in(&runner->later) && later < least)
        least = later;
    least = ring < least ? ring : least;
    if (!guest_link_is_in(&runner->silent) && !guest_link_is_in(&runner->listeners))
        return least;
    return sweep < least ? sweep : least;
}

static void on_listener(struct guest_runner *runner, int number, uint32_t events)
{
    struct guest_program *p = runner->programs[number];

    if (p->listener < 0)
        return;
    if (events & EPOLLIN)
        guest_call_receive(runner, p);
    else if (events & (EPOLLHUP | EPOLLERR))
        guest_program_listener_gone(runner, p);
}

static void on_event(void *context, const struct drive_event *event)
{
    struct guest_runner *runner = context;
    struct signalfd_siginfo info;
    struct guest_socket *s;

    switch ((enum guest_watched)event->kind) {
    case GUEST_IS_SIGNAL:
        if (read(runner->signals, &info, sizeof info) > 0)
            guest_program_reap(runner);
        break;
    case GUEST_IS_LISTENER:
        on_listener(runner, (int)event->which, event->events);
        break;
    case GUEST_IS_WARDEN:
        guest_warden_hear(runner);
        break;
    case GUEST_IS_SOCKET:
        s = guest_socket_of_handle(runner, event->which);
        if (s != NULL)
            guest_turn(runner, s,
                       GUEST_BY_PROGRAM | (event->events & EPOLLHUP ? GUEST_HUNG_UP : 0));
        break;
    case GUEST_IS_SETTING:
        guest_proc_hear(runner);
        break;
    case GUEST_IS_CLOSE:
        while ((s = guest_closing_next(runner)) != NULL)
            guest_turn(runner, s, GUEST_BY_PROGRAM);
        break;
    }
    guest_call_settle(runner);
}

/* Closes come before other events of sockets, and those before trapped calls: a program that closes
 * one socket and then calls for another did so in this order. */
static int rank(const struct drive_event *event)
{
    if (event->kind == GUEST_IS_CLOSE)
        return 0;
    if (event->kind != GUEST_IS_SOCKET)
        return 2;
    return event->events & EPOLLHUP ? 0 : 1;
}

static bool is_bound(const struct guest_runner *runner, const struct guest_socket *s, uint16_t port)
{
    struct sockaddr_in name = {0};
    uint32_t length = sizeof name;

    return sockeye_local_name(runner->lab, s->host, s->fd, &name, &length) == 0 &&
           ntohs(name.sin_port) == port;
}

bool guest_is_listening(struct guest_runner *runner, int host, uint16_t port, bool datagram)
{
    for (struct guest_link *l = runner->listeners.next; !datagram && l != &runner->listeners;
         l = l->next) {
        const struct guest_socket *s = GUEST_OF(l, struct guest_socket, life.link);

        if (s->host == host && s->port == port && !guest_holder_is_closed(runner, s))
            return true;
    }
    for (size_t i = 0; datagram && i < runner->slot_count; i++) {
        const struct guest_socket *s = runner->slots[i].socket;

        if (s != NULL && s->host == host && s->is_datagram && is_bound(runner, s, port))
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
    /* Programs run as our user: they may not open our memory, descriptors and door (holder.c). */
    runner->old_dumpable = prctl(PR_GET_DUMPABLE);
    prctl(PR_SET_DUMPABLE, 0UL);
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, &runner->old_mask);
    runner->is_changed = true;
    runner->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (runner->signals < 0)
        return guest_report_fail(NULL, errno, "signalfd: %s", strerror(errno));
    return drive_watch(runner->drive, runner->user, runner->signals, EPOLLIN, GUEST_IS_SIGNAL, 0);
}

static int open_parts(struct guest_runner *runner)
{
    int r = guest_filter_build(false, &runner->filter.code, &runner->filter.length);

    if (r == 0)
        r = guest_filter_build(true, &runner->root_filter.code, &runner->root_filter.length);
    if (r < 0)
        return guest_report_fail(NULL, r, "the seccomp filter: %s", strerror(-r));
    r = make_directory(runner);
    if (r < 0)
        return r;
    r = guest_living_open(runner);
    if (r < 0)
        return guest_report_fail(NULL, r, "the census: %s", strerror(-r));
    guest_closing_open(runner);
    r = guest_holder_open_doors(runner);
    if (r < 0)
        return guest_report_fail(NULL, r, "%s: %s", runner->directory, strerror(-r));
    r = guest_name_init(runner);
    if (r < 0)
        return guest_report_fail(NULL, r, "memfd: %s", strerror(-r));
    r = change_process(runner);
    if (r < 0)
        return r;
    r = guest_warden_open(runner);
    return r < 0 ? guest_report_fail(NULL, r, "the warden: %s", strerror(-r)) : 0;
}

static int join(struct guest_runner *runner)
{
    const struct drive_user user = {.context = runner,
                                    .on_advance = on_advance,
                                    .on_change = on_change,
                                    .on_turn = on_turn,
                                    .on_turn_end = on_turn_end,
                                    .deadline = deadline,
                                    .on_event = on_event,
                                    .rank = rank};
    int r = drive_join(runner->drive, &user);

    if (r < 0)
        return guest_report_fail(NULL, r, "the drive has no room");
    runner->user = r;
    return open_parts(runner);
}

int guest_open(struct drive *drive, const struct guest_config *config, struct guest_runner **out)
{
    struct guest_runner *runner = calloc(1, sizeof *runner);
    int r;

    *out = NULL;
    if (runner == NULL)
        return guest_report_fail(NULL, ENOMEM, "no memory");
    if (config != NULL)
        runner->config = *config;
    runner->drive = drive;
    runner->lab = drive_lab(drive);
    runner->user = runner->signals = runner->probe = runner->census = -1;
    runner->warden.talk = -1;
    for (int i = 0; i < 4; i++)
        runner->scales[i] = -1;
    for (int i = 0; i < 2; i++)
        runner->doors[i].fd = runner->doors[i].file = -1;
    runner->closes = -1;
    guest_link_init(&runner->listeners);
    guest_link_init(&runner->silent);
    guest_link_init(&runner->unfinished);
    guest_link_init(&runner->later);
    guest_wait_init(runner);
    runner->scratch = malloc(GUEST_CHUNK + GUEST_DATAGRAM);
    runner->complaints = calloc(GUEST_REPORTS, sizeof *runner->complaints);
    runner->last_sweep = drive_wall();
    for (int i = 0; i < GUEST_PIDFDS; i++)
        runner->pidfds[i].fd = -1;
    runner->hosts_file = -1;
    r = runner->scratch == NULL || runner->complaints == NULL
            ? guest_report_fail(NULL, ENOMEM, "no memory")
            : join(runner);
    if (r < 0) {
        guest_close(runner);
        return r;
    }
    *out = runner;
    return 0;
}

static void restore_process(struct guest_runner *runner)
{
    if (!runner->is_changed)
        return;
    if (runner->signals >= 0)
        close(runner->signals);
    sigprocmask(SIG_SETMASK, &runner->old_mask, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, runner->old_subreaper);
    prctl(PR_SET_DUMPABLE, (unsigned long)runner->old_dumpable);
    setrlimit(RLIMIT_NOFILE, &runner->old_files);
}

static void done(struct guest_runner *runner)
{
    const int fds[] = {runner->doors[0].fd,   runner->doors[0].file, runner->doors[1].fd,
                       runner->doors[1].file, runner->probe,         runner->census,
                       runner->scales[0],     runner->scales[1],     runner->scales[2],
                       runner->scales[3]};

    if (runner->made_directory)
        rmdir(runner->directory);
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    guest_closing_done(runner);
    while (runner->spare_count > 0)
        free(runner->spare[--runner->spare_count]);
    guest_deadlines_done(&runner->deadlines);
    guest_deadlines_done(&runner->looks);
    for (int i = 0; i < runner->program_size; i++)
        free(runner->programs[i]);
    free(runner->programs);
    free(runner->filter.code);
    free(runner->root_filter.code);
    free(runner->scratch);
    free(runner->complaints);
    free(runner);
}

void guest_close(struct guest_runner *runner)
{
    if (runner == NULL)
        return;
    if (runner->program_count > 0)
        guest_program_kill_all(runner);
    guest_warden_close(runner);
    for (int i = 0; i < runner->program_count; i++)
        guest_program_listener_gone(runner, runner->programs[i]);
    guest_ending_all(runner);
    while (guest_link_is_in(&runner->orphans)) /* their programs are gone */
        guest_wait_end(runner, GUEST_OF(runner->orphans.next, struct guest_wait, link));
    guest_name_done(runner);
    guest_proc_done(runner);
    guest_rights_done(runner);
    for (int i = 0; i < GUEST_PIDFDS; i++)
        if (runner->pidfds[i].fd >= 0)
            close(runner->pidfds[i].fd);
    restore_process(runner);
    if (runner->user >= 0)
        drive_leave(runner->drive, runner->user);
    done(runner);
}
