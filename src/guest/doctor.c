/* SPDX-License-Identifier: MIT */
/*
 * `sockeye doctor`: what the runner needs, tried for real. A child installs the runner's own filter
 * and calls socket(); the parent takes the listener, reads the child's memory, and hands it a
 * descriptor: exactly what happens to every program of a lab. The rest are limits and versions.
 */
#include <fcntl.h>
#include <linux/filter.h>
#include <poll.h>
#include <seccomp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/doctor.h"
#include "guest/state.h"

enum { WAIT_MS = 2000, LEAST_FILES = 1024, LEAST_BUFFER = 212992 };

struct doctor {
    FILE *file;
    int missing;
};

__attribute__((format(printf, 3, 4))) static void good(struct doctor *d, const char *what,
                                                       const char *format, ...)
{
    va_list list;

    fprintf(d->file, "ok       %-24s ", what);
    va_start(list, format);
    vfprintf(d->file, format, list);
    va_end(list);
    fprintf(d->file, "\n");
}

__attribute__((format(printf, 4, 5))) static void missing(struct doctor *d, const char *what,
                                                          const char *cure, const char *format, ...)
{
    va_list list;

    d->missing++;
    fprintf(d->file, "MISSING  %-24s ", what);
    va_start(list, format);
    vfprintf(d->file, format, list);
    va_end(list);
    fprintf(d->file, "\n         cure: %s\n", cure);
}

static long number_in(const char *path, long otherwise)
{
    FILE *file = fopen(path, "re");
    char text[32];
    long number = otherwise;

    if (file == NULL)
        return otherwise;
    if (fgets(text, sizeof text, file) != NULL)
        number = strtol(text, NULL, 10);
    fclose(file);
    return number;
}

static void kernel(struct doctor *d)
{
    struct utsname name;
    char *end;
    long major, minor = 0;

    if (uname(&name) < 0)
        return;
    major = strtol(name.release, &end, 10);
    if (*end == '.')
        minor = strtol(end + 1, NULL, 10);
    if (major > 5 || (major == 5 && minor >= 19))
        good(d, "kernel", "Linux %s", name.release);
    else
        missing(d, "kernel", "run Linux 5.19 or later: on older ones a signal may double a call",
                "Linux %s", name.release);
    if (strcmp(name.machine, "x86_64") == 0 || strcmp(name.machine, "aarch64") == 0)
        good(d, "machine", "%s", name.machine);
    else
        missing(d, "machine", "use x86-64 or aarch64", "%s is not supported", name.machine);
}

static void libraries(struct doctor *d)
{
    const struct scmp_version *v = seccomp_version();

    if (v->major > 2 || (v->major == 2 && v->minor >= 5))
        good(d, "libseccomp", "%u.%u.%u", v->major, v->minor, v->micro);
    else
        missing(d, "libseccomp", "install libseccomp 2.5 or later (apt install libseccomp2)",
                "%u.%u.%u", v->major, v->minor, v->micro);
}

static void yama(struct doctor *d)
{
    long scope = number_in("/proc/sys/kernel/yama/ptrace_scope", 0);

    if (scope <= 1 || (scope == 2 && geteuid() == 0))
        good(d, "ptrace scope", "%ld", scope);
    else
        missing(d, "ptrace scope",
                scope == 2 ? "sudo sysctl kernel.yama.ptrace_scope=1, or run as root"
                           : "boot with kernel.yama.ptrace_scope=1 (3 cannot be lowered)",
                "%ld: no process may look into another", scope);
}

/* The program of the probe: filter, tell the listener, wait for go, make a socket. */
static void patient(int talk, const struct sock_filter *filter, unsigned length)
{
    int number = guest_filter_install(filter, length);
    char go;

    if (write(talk, &number, sizeof number) != sizeof number || number < 0 ||
        read(talk, &go, 1) != 1)
        _exit(1);
    _exit(socket(AF_INET, SOCK_STREAM, 0) < 0 ? 2 : 0);
}

/* Answers the patient's socket() with a descriptor. */
static int give_descriptor(int listener)
{
    struct seccomp_notif notif = {0};
    struct pollfd p = {.fd = listener, .events = POLLIN};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), r = -ETIMEDOUT;

    if (poll(&p, 1, WAIT_MS) == 1 && ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notif) == 0) {
        struct seccomp_notif_addfd give = {
            .id = notif.id, .flags = SECCOMP_ADDFD_FLAG_SEND, .srcfd = (uint32_t)fd};

        r = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &give) < 0 ? -errno : 0;
    }
    if (fd >= 0)
        close(fd);
    return r;
}

static void look_into(struct doctor *d, pid_t pid)
{
    static char word[8] = "patient", copy[8];
    struct iovec here = {copy, sizeof copy}, there = {word, sizeof word};

    if (process_vm_readv(pid, &here, 1, &there, 1, 0) == (ssize_t)sizeof copy &&
        memcmp(copy, word, sizeof copy) == 0)
        good(d, "memory of programs", "process_vm_readv");
    else
        missing(d, "memory of programs",
                "in a container: --cap-add SYS_PTRACE, or --security-opt seccomp=unconfined",
                "process_vm_readv: %s", strerror(errno));
}

static void examine(struct doctor *d, pid_t pid, int talk)
{
    int number = -EPIPE, pidfd, listener, r;

    if (read(talk, &number, sizeof number) != sizeof number || number < 0) {
        missing(d, "user notification",
                number == -EBUSY ? "leave the lab or container manager that traps calls already"
                                 : "a kernel with CONFIG_SECCOMP_FILTER, 5.19 or later; in a "
                                   "container: --security-opt seccomp=unconfined",
                "seccomp: %s", strerror(-number));
        return;
    }
    good(d, "user notification", "the filter is installed");
    pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    listener = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
    if (listener < 0) {
        missing(d, "pidfd_getfd",
                "in a container: --cap-add SYS_PTRACE (Docker's default filter refuses this call "
                "without it), or --security-opt seccomp=unconfined",
                "%s", strerror(errno));
    } else {
        good(d, "pidfd_getfd", "a child's descriptor is borrowed");
        look_into(d, pid);
        r = write(talk, "", 1) == 1 ? give_descriptor(listener) : -EPIPE;
        if (r == 0)
            good(d, "ADDFD with SEND", "a socket() is answered with a descriptor");
        else
            missing(d, "ADDFD with SEND", "run Linux 5.14 or later", "%s", strerror(-r));
        close(listener);
    }
    if (pidfd >= 0)
        close(pidfd);
}

static void program(struct doctor *d)
{
    struct sock_filter *filter = NULL;
    unsigned length;
    int talk[2], r = guest_filter_build(false, &filter, &length);
    pid_t pid;

    if (r < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, talk) < 0) {
        missing(d, "filter", "install libseccomp 2.5 or later", "%s", strerror(-r));
        free(filter);
        return;
    }
    fflush(NULL);
    pid = fork();
    if (pid == 0)
        patient(talk[1], filter, length);
    close(talk[1]);
    if (pid > 0) {
        examine(d, pid, talk[0]);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    close(talk[0]);
    free(filter);
}

static void urgent(struct doctor *d)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return;
    if (send(pair[0], "u", 1, MSG_OOB) == 1)
        good(d, "urgent data", "AF_UNIX has MSG_OOB");
    else
        missing(d, "urgent data", "a kernel with CONFIG_AF_UNIX_OOB (5.15 or later)",
                "AF_UNIX: MSG_OOB: %s", strerror(errno));
    close(pair[0]);
    close(pair[1]);
}

static void limits(struct doctor *d)
{
    struct rlimit files;
    long buffer = number_in("/proc/sys/net/core/wmem_max", 0);
    const char *base = getenv("XDG_RUNTIME_DIR");

    getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max >= LEAST_FILES)
        good(d, "open files", "%llu at most", (unsigned long long)files.rlim_max);
    else
        missing(d, "open files", "raise the hard limit: ulimit -Hn 65536 (as root), limits.conf",
                "%llu at most", (unsigned long long)files.rlim_max);
    if (buffer == 0 || buffer >= LEAST_BUFFER)
        good(d, "socket buffers", "net.core.wmem_max is %ld", buffer);
    else
        missing(d, "socket buffers", "sudo sysctl net.core.wmem_max=212992",
                "net.core.wmem_max is %ld: sendfile may stall", buffer);
    if (base == NULL || access(base, W_OK) < 0)
        base = "/tmp";
    if (access(base, W_OK | X_OK) == 0)
        good(d, "directory", "%s", base);
    else
        missing(d, "directory", "make /tmp writable, or set XDG_RUNTIME_DIR", "%s: %s", base,
                strerror(errno));
}

int guest_doctor(FILE *file)
{
    struct doctor d = {.file = file};

    kernel(&d);
    libraries(&d);
    yama(&d);
    program(&d);
    urgent(&d);
    limits(&d);
    if (d.missing == 0)
        fprintf(file, "Unmodified programs can run on a lab here.\n");
    return d.missing != 0;
}
