/* SPDX-License-Identifier: MIT */
/*
 * The warden: a process of ours between us and the programs. It forks them, so they are its
 * children, and all that they leave behind comes to it, daemons too, for it is a subreaper. It
 * waits for two things, our word and our end. When we end, by kill -9 too, it kills all that is
 * below it until nobody is left, and ends. When it ends first, its children die with it
 * (PR_SET_PDEATHSIG), and theirs come to us, a subreaper too: the lab is over (guest_is_lost), and
 * we kill the rest.
 *
 * It has a session of its own: what is sent to our group, a Ctrl-C or a kill -9, does not reach it,
 * and no program has a controlling terminal to type into. Like us it is not dumpable (runner.c). A
 * program is forked from it without a descriptor of ours, and is dumpable before it has its own
 * image, so that we can take its listener; by then it has its filter.
 *
 * Orders go by a SEQPACKET pair: the words in a memfd, the descriptors by SCM_RIGHTS. Notes come
 * back in order: that one was started, that one has ended. None of our own calls waits for the
 * warden without a bound: a program may stop it.
 */
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/state.h"

enum {
    PATIENCE_MS = 10000, /* for an answer of the warden */
    END_MS = 3000,       /* for its end */
    STEP_MS = 5,         /* between two looks at who is left */
    OWN_TALK = 3         /* of a new program: the descriptor on which it tells of itself */
};

enum note_kind { NOTE_STARTED, NOTE_ENDED };

struct warden_note {
    enum note_kind kind;
    int pid; /* or -errno */
    int status;
};

/* ---- a new program ---- */

struct warden_child {
    const struct guest_runner *runner;
    struct guest_warden_order order;
    int files[GUEST_WARDEN_FILES];
};

static void say(int number)
{
    ssize_t n = write(OWN_TALK, &number, sizeof number);

    (void)n; /* a parent that is gone needs no answer */
}

/* Points at `count` words; @return what follows the last */
static char *point(char **list, uint32_t count, char *text)
{
    for (uint32_t i = 0; i < count; i++) {
        list[i] = text;
        text += strlen(text) + 1;
    }
    list[count] = NULL;
    return text;
}

/* The files, and none of ours. @return 0 or -errno */
static int take_files(const struct warden_child *child)
{
    const int *files = child->files;

    if (child->order.has_directory && fchdir(files[GUEST_WARDEN_DIRECTORY]) < 0)
        return -errno;
    for (int i = 0; i < 3; i++)
        dup2(files[GUEST_WARDEN_INPUT + i], i);
    dup3(files[GUEST_WARDEN_TALK], OWN_TALK, O_CLOEXEC);
    syscall(SYS_close_range, OWN_TALK + 1u, ~0u, 0);
    return 0;
}

/* As the exec will. */
static void drop_handlers(void)
{
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;

        if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            signal(number, SIG_DFL);
    }
}

static void become(const struct warden_child *child)
{
    const struct guest_runner *runner = child->runner;
    const struct guest_warden_order *order = &child->order;
    char *text = mmap(NULL, order->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE,
                      child->files[GUEST_WARDEN_TEXT], 0);
    char **words = calloc((size_t)order->arguments + order->environment + 2, sizeof *words);
    char **environment = words == NULL ? NULL : words + order->arguments + 1;
    const struct guest_filter *filter = order->as_root ? &runner->root_filter : &runner->filter;
    int r = take_files(child), listener;
    char go;

    if (r < 0 || text == MAP_FAILED || words == NULL) {
        say(r < 0 ? r : -ENOMEM);
        return;
    }
    point(environment, order->environment, point(words, order->arguments, text + strlen(text) + 1));
    prctl(PR_SET_TIMERSLACK, drive_old_slack(runner->drive));
    setrlimit(RLIMIT_NOFILE, &runner->old_files);
    drop_handlers(); /* before the filter, which traps their ends */
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &runner->old_mask, NULL);
    listener = guest_filter_install(filter->code, filter->length);
    prctl(PR_SET_DUMPABLE, 1UL);
    say(listener);
    if (listener < 0 || read(OWN_TALK, &go, 1) != 1)
        return;
    execve(text, words, environment);
    say(-errno);
}

/* ---- the warden ---- */

struct warden {
    const struct guest_runner *runner;
    int talk, us, signals;
    pid_t pid;
    pid_t *leaders; /* who we told of, and still lives */
    size_t count, size;
};

static void tell(const struct warden *w, enum note_kind kind, int pid, int status)
{
    struct warden_note note = {.kind = kind, .pid = pid, .status = status};

    (void)send(w->talk, &note, sizeof note, MSG_NOSIGNAL);
}

static bool make_place(struct warden *w)
{
    size_t size = w->size == 0 ? 64 : w->size * 2;
    pid_t *leaders;

    if (w->count < w->size)
        return true;
    leaders = realloc(w->leaders, size * sizeof *leaders);
    if (leaders == NULL)
        return false;
    w->leaders = leaders;
    w->size = size;
    return true;
}

static void start(struct warden *w, const struct warden_child *child)
{
    pid_t pid = make_place(w) ? fork() : -1;

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (!child->order.keep_group)
            setpgid(0, 0);
        if (getppid() == w->pid)
            become(child);
        _exit(127);
    }
    if (pid > 0)
        w->leaders[w->count++] = pid;
    tell(w, NOTE_STARTED, pid > 0 ? pid : -errno, 0);
}

/* @return false: we are to end */
static bool obey(struct warden *w)
{
    struct warden_child child = {.runner = w->runner};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof child.files)];
    } control;
    struct iovec part = {&child.order, sizeof child.order};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t n = recvmsg(w->talk, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    if (n != (ssize_t)sizeof child.order || c == NULL ||
        c->cmsg_len != CMSG_LEN(sizeof child.files))
        return n > 0;
    memcpy(child.files, CMSG_DATA(c), sizeof child.files);
    start(w, &child);
    for (int i = 0; i < GUEST_WARDEN_FILES; i++)
        close(child.files[i]);
    return true;
}

/* @return false: there is no child */
static bool reap(struct warden *w)
{
    struct signalfd_siginfo info;
    int status;
    pid_t pid;

    while (read(w->signals, &info, sizeof info) > 0)
        continue;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (size_t i = 0; i < w->count; i++)
            if (w->leaders[i] == pid) {
                w->leaders[i] = w->leaders[--w->count];
                tell(w, NOTE_ENDED, pid, status);
                break;
            }
    return pid == 0;
}

static void end_all(struct warden *w)
{
    struct pollfd children = {.fd = w->signals, .events = POLLIN};

    close(w->talk);
    w->talk = -1;
    do {
        guest_kin_kill(0, SIGKILL, false);
        (void)poll(&children, 1, STEP_MS);
    } while (reap(w));
}

static void watch(struct warden *w)
{
    bool goes_on = true;

    while (goes_on) {
        struct pollfd files[] = {{.fd = w->talk, .events = POLLIN},
                                 {.fd = w->us, .events = POLLIN},
                                 {.fd = w->signals, .events = POLLIN}};

        if (poll(files, sizeof files / sizeof *files, -1) < 0)
            continue;
        if (files[2].revents != 0)
            (void)reap(w);
        if (files[0].revents & POLLIN)
            goes_on = obey(w);
        else if (files[0].revents != 0 || files[1].revents != 0)
            goes_on = false;
    }
    end_all(w);
}

/* Keeps its three descriptors and no other. */
static void keep_own(struct warden *w)
{
    int *const own[] = {&w->talk, &w->us, &w->signals}, null = open("/dev/null", O_RDWR);

    for (int i = 0; i < 3; i++) /* out of the way */
        *own[i] = fcntl(*own[i], F_DUPFD_CLOEXEC, 10);
    for (int i = 0; i < 3; i++)
        dup2(null, i);
    for (int i = 0; i < 3; i++) {
        dup3(*own[i], 3 + i, O_CLOEXEC);
        *own[i] = 3 + i;
    }
    syscall(SYS_close_range, 6u, ~0u, 0);
}

static void live(const struct guest_runner *runner, int talk, int us)
{
    struct warden w = {.runner = runner, .talk = talk, .us = us, .pid = getpid()};
    sigset_t children;

    setsid();
    prctl(PR_SET_NAME, "sockeye-warden");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    w.signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    if (w.signals < 0)
        return;
    keep_own(&w);
    watch(&w);
}

/* ---- we ---- */

int guest_warden_open(struct guest_runner *runner)
{
    struct guest_warden *warden = &runner->warden;
    int talk[2], us = (int)syscall(SYS_pidfd_open, getpid(), 0), r;

    if (us < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, talk) < 0) {
        r = -errno;
        if (us >= 0)
            close(us);
        return r;
    }
    fflush(NULL);
    warden->pid = fork();
    if (warden->pid == 0) {
        live(runner, talk[1], us);
        _exit(0);
    }
    r = warden->pid < 0 ? -errno : 0;
    close(talk[1]);
    close(us);
    if (r < 0) {
        close(talk[0]);
        return r;
    }
    warden->talk = talk[0];
    warden->is_lost = false;
    return drive_watch(runner->drive, runner->user, warden->talk, EPOLLIN, GUEST_IS_WARDEN, 0);
}

void guest_warden_lost(struct guest_runner *runner)
{
    struct guest_warden *warden = &runner->warden;

    if (warden->talk < 0)
        return;
    close(warden->talk);
    warden->talk = -1;
    warden->is_lost = true;
}

void guest_warden_note_end(struct guest_runner *runner, pid_t pid, int status)
{
    for (int i = 0; i < runner->program_count; i++) {
        struct guest_program *p = runner->programs[i];

        if (p->pid != pid || p->pidfd < 0)
            continue;
        p->status = status;
        close(p->pidfd);
        p->pidfd = -1;
        p->state = p->listener < 0 ? GUEST_GONE : GUEST_EXITED;
    }
}

/* @return 1 a note, 0 none, -EPIPE the warden is lost */
static int hear(struct guest_runner *runner, struct warden_note *note)
{
    ssize_t n =
        runner->warden.talk < 0 ? 0 : recv(runner->warden.talk, note, sizeof *note, MSG_DONTWAIT);

    if (n == (ssize_t)sizeof *note)
        return 1;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    guest_warden_lost(runner);
    return -EPIPE;
}

void guest_warden_hear(struct guest_runner *runner)
{
    struct warden_note note;

    while (hear(runner, &note) > 0)
        if (note.kind == NOTE_ENDED)
            guest_warden_note_end(runner, note.pid, note.status);
}

/* @return the pid of what was ordered, or -errno */
static int await_start(struct guest_runner *runner)
{
    int64_t until = drive_wall() + (int64_t)PATIENCE_MS * 1000000;
    struct warden_note note;

    while (drive_wall() < until) {
        struct pollfd talk = {.fd = runner->warden.talk, .events = POLLIN};
        int r = hear(runner, &note);

        if (r < 0)
            return r;
        if (r == 0)
            (void)poll(&talk, 1, STEP_MS * 20);
        else if (note.kind == NOTE_STARTED)
            return note.pid;
        else
            guest_warden_note_end(runner, note.pid, note.status);
    }
    kill(runner->warden.pid, SIGKILL); /* an answer that comes later would be taken for another's */
    return -ETIMEDOUT;
}

int guest_warden_start(struct guest_runner *runner, const struct guest_warden_order *order,
                       const int files[GUEST_WARDEN_FILES])
{
    struct guest_warden_order copy = *order;
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(GUEST_WARDEN_FILES * sizeof(int))];
    } control = {0};
    struct iovec part = {&copy, sizeof copy};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);

    if (runner->warden.talk < 0)
        return -EPIPE;
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(GUEST_WARDEN_FILES * sizeof(int));
    memcpy(CMSG_DATA(c), files, GUEST_WARDEN_FILES * sizeof(int));
    if (sendmsg(runner->warden.talk, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        return -errno;
    return await_start(runner);
}

void guest_warden_close(struct guest_runner *runner)
{
    struct guest_warden *warden = &runner->warden;
    int pidfd;
    struct pollfd end = {.events = POLLIN};

    if (warden->pid <= 0)
        return;
    pidfd = (int)syscall(SYS_pidfd_open, warden->pid, 0);
    if (warden->talk >= 0)
        close(warden->talk); /* it hears that, and ends */
    warden->talk = -1;
    end.fd = pidfd;
    if (pidfd < 0 || poll(&end, 1, END_MS) != 1)
        kill(warden->pid, SIGKILL);
    while (waitpid(warden->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    if (pidfd >= 0)
        close(pidfd);
    warden->pid = 0;
}
