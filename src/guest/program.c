/* SPDX-License-Identifier: MIT */
/*
 * Starting, watching and ending programs.
 *
 * A start is an order to the warden (warden.c), who forks. The child installs the filter and tells
 * the number of the listener; we take that descriptor with pidfd_getfd (the child could not send
 * it: sendmsg is trapped already), then let it exec. All descendants inherit the filter, so a
 * listener stands for a program and all its children, and its hang-up, not the first child's death,
 * says that nobody is left (nginx and redis turn into daemons). Yama's ptrace_scope 1 wants those
 * whom we borrow from to be our descendants: so they are, through the warden.
 *
 * Refused by name, before anything starts: what is not there or not executable; unreadable files
 * (their process is not dumpable, so its descriptors cannot be borrowed); 32-bit programs. A file
 * that is setuid, setgid or has capabilities is executed without these, as the kernel does it under
 * no_new_privs; ping does well without them, and for one that does not the report says it.
 */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "guest/ring.h"
#include "guest/state.h"

enum { TERM_NS = 500000000, KILL_ROUNDS = 200, KILL_STEP_NS = 10000000, PATIENCE_MS = 10000 };

/* ---- what is asked for ---- */

struct start {
    struct guest_runner *runner;
    const struct guest_command *program;
    char path[PATH_MAX];
    char **environment;
    int files[3];
    int directory;      /* or -1 */
    bool is_privileged; /* the file: is_privileged() */
    int talk[2];        /* ours, the child's */
};

/* Where a relative path of the program is seen from: its working directory, as it will be there
 * when it is executed. */
static int place_of(const struct start *start)
{
    return start->directory >= 0 ? start->directory : AT_FDCWD;
}

static int find_in_path(struct start *start, const char *name)
{
    const char *p = getenv("PATH");
    int error = -ENOENT;

    if (p == NULL)
        p = "/usr/local/bin:/usr/bin:/bin";
    while (*p != '\0') {
        size_t length = strcspn(p, ":");
        struct stat st;

        snprintf(start->path, PATH_MAX, "%.*s/%s", length == 0 ? 1 : (int)length,
                 length == 0 ? "." : p, name);
        if (fstatat(place_of(start), start->path, &st, 0) == 0 && S_ISREG(st.st_mode)) {
            if (faccessat(place_of(start), start->path, X_OK, 0) == 0)
                return 0;
            error = -EACCES;
        }
        p += length;
        p += *p == ':';
    }
    return error;
}

/* Has the file privileges that we have not? The kernel gives none under no_new_privs, which the
 * filter needs. */
static bool is_privileged(int fd, const struct stat *st)
{
    return ((st->st_mode & S_ISUID) && st->st_uid != geteuid()) ||
           ((st->st_mode & S_ISGID) && (st->st_mode & S_IXGRP) && st->st_gid != getegid()) ||
           (geteuid() != 0 && fgetxattr(fd, "security.capability", NULL, 0) > 0);
}

static int check_file(struct start *start)
{
    struct guest_runner *runner = start->runner;
    struct stat st;
    uint8_t head[5] = {0};
    int fd;

    if (fstatat(place_of(start), start->path, &st, 0) < 0)
        return guest_report_fail(runner, errno, "%s: %s", start->path, strerror(errno));
    if (!S_ISREG(st.st_mode) || faccessat(place_of(start), start->path, X_OK, 0) < 0)
        return guest_report_fail(runner, EACCES, "%s: not an executable file", start->path);
    fd = openat(place_of(start), start->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return guest_report_fail(
            runner, EACCES, "%s: not readable; such a program's descriptors cannot be borrowed",
            start->path);
    start->is_privileged = is_privileged(fd, &st);
    if (read(fd, head, sizeof head) == sizeof head && memcmp(head, "\177ELF\1", 5) == 0) {
        close(fd);
        return guest_report_fail(runner, ENOEXEC, "%s: 32-bit programs are not supported",
                                 start->path);
    }
    close(fd);
    return 0;
}

static int find_program(struct start *start)
{
    const struct guest_command *p = start->program;
    int r = 0;

    if (p->argv == NULL || p->argv[0] == NULL || p->argv[0][0] == '\0')
        return guest_report_fail(start->runner, EINVAL, "no program is named");
    if (p->directory != NULL) {
        start->directory = open(p->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (start->directory < 0)
            return guest_report_fail(start->runner, errno, "directory %s: %s", p->directory,
                                     strerror(errno));
    }
    if (strchr(p->argv[0], '/') == NULL)
        r = find_in_path(start, p->argv[0]);
    else
        snprintf(start->path, sizeof start->path, "%s", p->argv[0]);
    if (r < 0)
        return guest_report_fail(start->runner, r, "%s: %s in PATH", p->argv[0],
                                 r == -EACCES ? "not executable" : "no such program");
    return check_file(start);
}

static bool is_replaced(const char *variable, const char *const *additions)
{
    size_t length = strcspn(variable, "=") + 1;

    for (size_t i = 0; additions != NULL && additions[i] != NULL; i++)
        if (strncmp(variable, additions[i], length) == 0)
            return true;
    return false;
}

static int make_environment(struct start *start)
{
    extern char **environ;
    const char *const *additions = start->program->environment;
    size_t count = 1, n = 0;

    for (size_t i = 0; environ != NULL && environ[i] != NULL; i++)
        count++;
    for (size_t i = 0; additions != NULL && additions[i] != NULL; i++)
        count++;
    start->environment = calloc(count, sizeof(char *));
    if (start->environment == NULL)
        return -ENOMEM;
    for (size_t i = 0; environ != NULL && environ[i] != NULL; i++)
        if (!is_replaced(environ[i], additions))
            start->environment[n++] = environ[i];
    for (size_t i = 0; additions != NULL && additions[i] != NULL; i++, n++)
        memcpy(&start->environment[n], &additions[i], sizeof(char *));
    return 0;
}

/* What is a socket of the machine's network does not come into the lab: a write to it would need no
 * call that we see. */
static int check_files(const struct start *start, int number)
{
    static const char *const names[] = {"input", "output", "error output"};

    for (int i = 0; i < 3; i++) {
        if (!guest_target_is_foreign(start->files[i]))
            continue;
        guest_report_add(start->runner, number,
                         "its standard %s is a socket of the machine: EACCES", names[i]);
        return guest_report_fail(start->runner, EACCES,
                                 "%s: its standard %s is a socket of the machine's network, which "
                                 "no program of a lab may have; put a pipe between (| cat)",
                                 start->path, names[i]);
    }
    return 0;
}

static int open_files(struct start *start)
{
    const struct guest_command *p = start->program;
    struct guest_runner *runner = start->runner;

    if (p->own_files) {
        start->files[0] = fcntl(p->input, F_DUPFD_CLOEXEC, 3);
        start->files[1] = fcntl(p->output, F_DUPFD_CLOEXEC, 3);
        start->files[2] = fcntl(p->error, F_DUPFD_CLOEXEC, 3);
    } else {
        start->files[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        start->files[1] = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
        start->files[2] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    }
    if (p->log != NULL) {
        int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (p->log_append ? O_APPEND : O_TRUNC);
        int log = open(p->log, flags | O_NONBLOCK, 0644); /* a FIFO is not waited for */

        if (log < 0 || fcntl(log, F_SETFL, flags & O_APPEND) < 0)
            return guest_report_fail(runner, errno, "log %s: %s", p->log, strerror(errno));
        close(start->files[1]);
        close(start->files[2]);
        start->files[1] = log;
        start->files[2] = fcntl(log, F_DUPFD_CLOEXEC, 3);
    }
    for (int i = 0; i < 3; i++)
        if (start->files[i] < 0)
            return guest_report_fail(runner, EBADF, "%s: its standard files: %s", start->path,
                                     strerror(EBADF));
    return 0;
}

/* ---- meeting it ---- */

/* @return 1 a number came; 0 its end is closed (it is gone, or has its own image), or it said
 * nothing for too long (it was stopped) */
static int hear(const struct start *start, int *number)
{
    struct pollfd talk = {.fd = start->talk[0], .events = POLLIN};

    if (poll(&talk, 1, PATIENCE_MS) != 1)
        return 0;
    return recv(talk.fd, number, sizeof *number, MSG_DONTWAIT) == sizeof *number ? 1 : 0;
}

static const char *filter_cure(int error)
{
    switch (error) {
    case -EBUSY:
        return "we run inside of another lab or container manager that traps calls";
    case -ENOSYS:
    case -EINVAL:
        return "this kernel cannot keep signals away from trapped calls (Linux 5.19 is needed)";
    default:
        return "see sockeye doctor";
    }
}

/* Takes the listener from the waiting child and lets it exec. */
static int meet_child(struct start *start, struct guest_program *p)
{
    struct guest_runner *runner = start->runner;
    int number = -EPIPE;

    if (!hear(start, &number) || number < 0)
        return guest_report_fail(runner, number, "%s: the filter: %s: %s", start->path,
                                 strerror(-number), filter_cure(number));
    p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
    p->listener = p->pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, p->pidfd, number, 0);
    if (p->listener < 0)
        return guest_report_fail(runner, errno,
                                 "%s: pidfd_getfd: %s (a container's filter, or a security module "
                                 "refuses it: see sockeye doctor)",
                                 start->path, strerror(errno));
    fcntl(p->listener, F_SETFD, FD_CLOEXEC);
    guest_target_wake_here(p->listener);
    if (send(start->talk[0], "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1)
        return guest_report_fail(runner, EPIPE, "%s: the child died", start->path);
    if (hear(start, &number))
        return guest_report_fail(runner, number, "%s: %s%s", start->path, strerror(-number),
                                 number == -EPERM && start->is_privileged
                                     ? ": its file has capabilities that our bounding set lacks (a "
                                       "container's?); a copy of it has none, and can be run"
                                     : "");
    return drive_watch(runner->drive, runner->user, p->listener, EPOLLIN, GUEST_IS_LISTENER,
                       (uint64_t)p->number);
}

/* The words of the program, each with its NUL, in a memfd: its path, its arguments, its
 * environment. @return the memfd or -errno */
static int write_words(const struct start *start, struct guest_warden_order *order)
{
    int fd = memfd_create("words", MFD_CLOEXEC), copy = fd < 0 ? -1 : dup(fd);
    FILE *file = copy < 0 ? NULL : fdopen(copy, "w");
    const char *const *argv = start->program->argv;
    bool is_written;

    if (file == NULL) {
        int error = errno;

        if (copy >= 0)
            close(copy);
        if (fd >= 0)
            close(fd);
        return -error;
    }
    fwrite(start->path, 1, strlen(start->path) + 1, file);
    for (order->arguments = 0; argv[order->arguments] != NULL; order->arguments++)
        fwrite(argv[order->arguments], 1, strlen(argv[order->arguments]) + 1, file);
    for (order->environment = 0; start->environment[order->environment] != NULL;
         order->environment++)
        fwrite(start->environment[order->environment], 1,
               strlen(start->environment[order->environment]) + 1, file);
    order->bytes = (uint64_t)ftell(file);
    is_written = !ferror(file);
    if (fclose(file) != 0 || !is_written) {
        close(fd);
        return -ENOSPC;
    }
    return fd;
}

/* @return the pid of the new process, or -errno */
static int order(const struct start *start)
{
    struct guest_warden_order what = {.keep_group = start->program->keep_group,
                                      .has_directory = start->directory >= 0,
                                      .as_root =
                                          guest_root_is(start->runner, start->program->host)};
    int words = write_words(start, &what), r;
    const int files[GUEST_WARDEN_FILES] = {
        [GUEST_WARDEN_TEXT] = words,
        [GUEST_WARDEN_INPUT] = start->files[0],
        [GUEST_WARDEN_OUTPUT] = start->files[1],
        [GUEST_WARDEN_ERROR] = start->files[2],
        [GUEST_WARDEN_TALK] = start->talk[1],
        /* if there is none, another, for all are sent */
        [GUEST_WARDEN_DIRECTORY] = start->directory >= 0 ? start->directory : words,
    };

    if (words < 0)
        return words;
    r = guest_warden_start(start->runner, &what, files);
    close(words);
    return r;
}

static int spawn(struct start *start, struct guest_program *p)
{
    int r;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, start->talk) < 0)
        return guest_report_fail(start->runner, errno, "%s: %s", start->path, strerror(errno));
    r = order(start);
    close(start->talk[1]);
    if (r < 0) {
        r = guest_report_fail(start->runner, r, "%s: the warden: %s", start->path,
                              r == -EPIPE ? "it was killed" : strerror(-r));
    } else {
        p->pid = r;
        r = meet_child(start, p);
    }
    close(start->talk[0]); /* a child that waits for our word ends */
    if (r < 0 && p->pidfd >= 0)
        syscall(SYS_pidfd_send_signal, p->pidfd, SIGKILL, NULL, 0);
    return r;
}

static void give_up(struct guest_program *p)
{
    if (p->pidfd >= 0)
        close(p->pidfd);
    if (p->listener >= 0)
        close(p->listener);
    p->pidfd = p->listener = -1;
    p->state = GUEST_GONE;
    p->is_forgotten = true;
}

static void done(struct start *start)
{
    for (int i = 0; i < 3; i++)
        if (start->files[i] >= 0)
            close(start->files[i]);
    if (start->directory >= 0)
        close(start->directory);
    free(start->environment);
}

static int make_places(struct guest_runner *runner)
{
    int size = runner->program_size == 0 ? 64 : runner->program_size * 2;
    struct guest_program **programs;

    if (size > GUEST_PROGRAMS)
        return -ENOSPC;
    programs = realloc(runner->programs, (size_t)size * sizeof *programs);
    if (programs == NULL)
        return -ENOMEM;
    memset(programs + runner->program_size, 0,
           (size_t)(size - runner->program_size) * sizeof *programs);
    runner->programs = programs;
    runner->program_size = size;
    return 0;
}

/* Before more room is made, one that is gone and forgotten gives its place. @return its number */
static int find_place(struct guest_runner *runner)
{
    int r;

    for (int i = 0; runner->program_count == runner->program_size && i < runner->program_count; i++)
        if (runner->programs[i]->state == GUEST_GONE && runner->programs[i]->is_forgotten)
            return i;
    r = runner->program_count < runner->program_size ? 0 : make_places(runner);
    if (r == 0 && runner->programs[runner->program_count] == NULL) {
        struct guest_program *p = calloc(1, sizeof *p);

        runner->programs[runner->program_count] = p;
        r = p == NULL ? -ENOMEM : 0;
    }
    return r < 0 ? r : runner->program_count;
}

int guest_start(struct guest_runner *runner, const struct guest_command *program)
{
    struct start start = {
        .runner = runner, .program = program, .files = {-1, -1, -1}, .directory = -1};
    int number = find_place(runner), r;
    struct guest_program *p;
    const char *host = sockeye_host_name(runner->lab, program->host), *base;

    if (number == -ENOSPC)
        return guest_report_fail(runner, ENOSPC, "more than %d programs", GUEST_PROGRAMS);
    if (number < 0)
        return guest_report_fail(runner, number, "no memory");
    p = runner->programs[number];
    if (host == NULL)
        return guest_report_fail(runner, EINVAL, "no host has the number %d", program->host);
    r = find_program(&start);
    if (r < 0) {
        done(&start);
        return r;
    }
    memset(p, 0, sizeof *p);
    p->number = number;
    p->host = program->host;
    p->own_group = !program->keep_group;
    p->pidfd = p->listener = -1;
    guest_link_init(&p->waits);
    snprintf(p->hostname, sizeof p->hostname, "%s", host);
    base = strrchr(program->argv[0], '/');
    snprintf(p->name, sizeof p->name, "%.31s", base == NULL ? program->argv[0] : base + 1);
    r = make_environment(&start);
    if (r == 0)
        r = open_files(&start);
    if (r == 0)
        r = check_files(&start, number);
    if (r == 0)
        r = spawn(&start, p);
    if (r < 0)
        give_up(p);
    done(&start);
    if (r == 0 && number == runner->program_count)
        runner->program_count++;
    if (r == 0 && start.is_privileged)
        guest_report_add(runner, number,
                         "the privileges of its file (setuid, setgid or capabilities)");
    return r < 0 ? r : number;
}

void guest_forget(struct guest_runner *runner, int program)
{
    if (program >= 0 && program < runner->program_count)
        runner->programs[program]->is_forgotten = true;
}

/* ---- their end ---- */

/* Our child is the warden; if it has ended before us, its children are ours. */
void guest_program_reap(struct guest_runner *runner)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid != runner->warden.pid) {
            guest_warden_note_end(runner, pid, status);
            continue;
        }
        runner->warden.pid = 0;
        guest_warden_hear(runner); /* its last words */
        guest_warden_lost(runner);
    }
}

bool guest_is_lost(const struct guest_runner *runner)
{
    return runner->warden.is_lost;
}

/* Nobody is left who uses the filter. */
void guest_program_listener_gone(struct guest_runner *runner, struct guest_program *p)
{
    if (p->listener < 0)
        return;
    close(p->listener);
    p->listener = -1;
    guest_wait_forget_program(runner, p);
    guest_ring_forget_program(runner, p->number);
    if (p->state == GUEST_EXITED)
        p->state = GUEST_GONE;
}

enum guest_state guest_program_state(const struct guest_runner *runner, int program, int *status)
{
    if (program < 0 || program >= runner->program_count)
        return GUEST_GONE;
    if (status != NULL && runner->programs[program]->state != GUEST_RUNNING)
        *status = runner->programs[program]->status;
    return runner->programs[program]->state;
}

int guest_kill(struct guest_runner *runner, int program, int signal)
{
    const struct guest_program *p;

    if (program < 0 || program >= runner->program_count)
        return -EINVAL;
    p = runner->programs[program];
    if (p->state == GUEST_GONE || (p->state == GUEST_EXITED && !p->own_group))
        return -ESRCH;
    if (p->pidfd < 0) /* its leader is gone: the number may name a group of somebody else */
        return guest_kin_kill(p->pid, signal, true) > 0 ? 0 : -ESRCH;
    return kill(p->own_group ? -p->pid : p->pid, signal) < 0 ? -errno : 0;
}

/* ---- the end of all ---- */

static int alive(const struct guest_runner *runner)
{
    int count = 0;

    for (int i = 0; i < runner->program_count; i++)
        count += runner->programs[i]->listener >= 0 || runner->programs[i]->pidfd >= 0;
    return count;
}

void guest_program_kill_all(struct guest_runner *runner)
{
    int64_t until = drive_wall() + TERM_NS;

    for (int i = 0; i < runner->program_count; i++)
        guest_kill(runner, i, SIGTERM);
    while (alive(runner) > 0 && drive_wall() < until)
        (void)drive_turn(runner->drive, KILL_STEP_NS);
    for (int i = 0; i < KILL_ROUNDS && (alive(runner) > 0 || i == 0); i++) {
        if (guest_kin_kill(0, SIGKILL, true) == 0 && alive(runner) == 0)
            break;
        (void)drive_turn(runner->drive, KILL_STEP_NS);
    }
}
