/* SPDX-License-Identifier: MIT */
/*
 * Names of the lab for an unmodified program, without touching a file of the machine.
 *
 * An open() for reading of /etc/hosts, /etc/nsswitch.conf, /etc/resolv.conf, /etc/hostname or
 * /proc/sys/kernel/hostname gets a memfd with the lab's own content; for writing, EACCES. The path
 * counts, however it was written: relative, by a directory's descriptor, through /proc/self/root or
 * by a link with one of those names. Everything else is opened natively. uname() has the host's
 * name. A connect() to a resolver of the machine (nscd, systemd-resolved, avahi, D-Bus) gets
 * ENOENT. Writes below /proc/sys/net are refused: as root they would alter the machine.
 */
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "guest/state.h"

static const char *const hosts_head = "127.0.0.1 localhost\n";
/* No server of names that answers: what hosts does not have fails at once. */
static const char *const resolv = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n";
static const char *const nsswitch = "passwd: files\ngroup: files\nshadow: files\nhosts: files\n"
                                    "networks: files\nservices: files\nprotocols: files\n";

static const char *const resolvers[] = {
    "/run/systemd/resolve/",
    "/run/nscd/socket",
    "/var/run/nscd/socket",
    "/run/avahi-daemon/socket",
    "/var/run/avahi-daemon/socket",
    "/run/dbus/system_bus_socket",
    "/var/run/dbus/system_bus_socket",
    "/run/systemd/userdb/",
};

bool guest_name_is_resolver(const struct sockaddr_storage *address, int length)
{
    struct sockaddr_un un = {0};

    if (address->ss_family != AF_UNIX || length <= (int)sizeof un.sun_family)
        return false;
    memcpy(&un, address, (size_t)length < sizeof un ? (size_t)length : sizeof un - 1);
    for (size_t i = 0; i < sizeof resolvers / sizeof *resolvers; i++)
        if (strncmp(un.sun_path, resolvers[i], strlen(resolvers[i])) == 0)
            return true;
    return false;
}

static int memory_file(const char *name)
{
    return memfd_create(name, MFD_CLOEXEC);
}

static int write_text(int fd, const char *text)
{
    size_t length = strlen(text);

    return write(fd, text, length) == (ssize_t)length ? 0 : -ENOSPC;
}

static int write_hosts(const struct guest_runner *runner, int fd)
{
    int r = write_text(fd, hosts_head);

    for (size_t i = 0; r == 0 && i < runner->config.name_count; i++) {
        char line[512];

        snprintf(line, sizeof line, "%s %s\n", runner->config.names[i].address,
                 runner->config.names[i].name);
        r = write_text(fd, line);
    }
    return r;
}

int guest_name_init(struct guest_runner *runner)
{
    static const char *const paths[GUEST_FILES] = {"/etc/hosts", "/etc/nsswitch.conf",
                                                   "/etc/resolv.conf"};
    int r = 0;

    for (int i = 0; i < GUEST_FILES; i++) {
        runner->files[i].path = paths[i];
        runner->files[i].fd = memory_file(paths[i] + strlen("/etc/"));
        if (runner->files[i].fd < 0)
            return -errno;
        fchmod(runner->files[i].fd, 0444);
    }
    r = write_hosts(runner, runner->files[0].fd);
    if (r == 0)
        r = write_text(runner->files[1].fd, nsswitch);
    if (r == 0)
        r = write_text(runner->files[2].fd, resolv);
    return r;
}

void guest_name_done(struct guest_runner *runner)
{
    for (int i = 0; i < GUEST_FILES; i++)
        if (runner->files[i].path != NULL && runner->files[i].fd >= 0)
            close(runner->files[i].fd);
}

/* Each open has an offset of its own, and may only read. */
static int open_copy(int memory)
{
    char path[40];
    int fd;

    snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int open_hostname(const struct guest_call *call)
{
    char text[80];
    int memory = memory_file("hostname"), fd;

    if (memory < 0)
        return -errno;
    snprintf(text, sizeof text, "%s\n", call->program->hostname);
    fd = write_text(memory, text);
    if (fd == 0)
        fd = open_copy(memory);
    close(memory);
    return fd;
}

static bool has_known_end(const char *path)
{
    static const char *const ends[] = {"hosts", "nsswitch.conf", "resolv.conf", "hostname",
                                       "stub-resolv.conf"};
    const char *slash = strrchr(path, '/'), *end = slash == NULL ? path : slash + 1;

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (strcmp(end, ends[i]) == 0)
            return true;
    return false;
}

/* The path as the machine knows it: absolute, links of its directories followed. */
static bool resolve(const struct guest_call *call, int directory, const char *path, char *full)
{
    char link[64], whole[PATH_MAX * 2], own[PATH_MAX];
    const char *from = path;
    ssize_t n = 0;

    if (path[0] != '/') {
        if (directory == AT_FDCWD)
            snprintf(link, sizeof link, "/proc/%u/cwd", call->notif.pid);
        else
            snprintf(link, sizeof link, "/proc/%u/fd/%d", call->notif.pid, directory);
        n = readlink(link, whole, PATH_MAX - 1);
        if (n <= 0)
            return false;
        whole[n++] = '/';
    } else if (strncmp(path, "/proc/self/", 11) == 0) {
        n = snprintf(whole, 64, "/proc/%u/", call->notif.pid);
        from = path + 11;
    }
    snprintf(whole + n, sizeof whole - (size_t)n, "%s", from);
    if (strlen(whole) >= sizeof own)
        return false;
    if (realpath(whole, full) != NULL)
        return true;
    memcpy(own, whole, strlen(whole) + 1); /* not there on this machine, but perhaps in the lab */
    if (realpath(dirname(own), full) == NULL || strlen(full) + NAME_MAX >= PATH_MAX)
        return false;
    strcat(strcat(full, "/"), strrchr(whole, '/') + 1);
    return true;
}

static bool is_same_file(const char *path, const char *other)
{
    struct stat a, b;

    return strcmp(path, other) == 0 || (stat(path, &a) == 0 && stat(other, &b) == 0 &&
                                        a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

/* @return a descriptor of ours, or -1: not one of these files */
static int find_file(const struct guest_call *call, const char *full)
{
    for (int i = 0; i < GUEST_FILES; i++)
        if (is_same_file(full, call->runner->files[i].path))
            return open_copy(call->runner->files[i].fd);
    if (strcmp(full, "/etc/hostname") == 0 || strcmp(full, "/proc/sys/kernel/hostname") == 0)
        return open_hostname(call);
    return -1;
}

static int64_t open_path(struct guest_call *call, int directory, uint64_t path_at, uint64_t flags)
{
    char path[PATH_MAX], full[PATH_MAX + NAME_MAX];
    bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_TRUNC | O_CREAT)) != 0;
    int fd, r;

    if (guest_target_text(call, path_at, path, sizeof path) < 0)
        return GUEST_CONTINUE;
    if (writes && strncmp(path, "/proc/sys/net/", 14) == 0) {
        guest_report_add(call->runner, call->program->number, "open(%.60s) for writing: EACCES",
                         path);
        return -EACCES;
    }
    if (strncmp(path, "/proc/net/", 10) == 0 || strncmp(path, "/proc/self/net/", 15) == 0)
        guest_report_add(call->runner, call->program->number,
                         "open(%.60s): it shows the machine's, not the lab's", path);
    if (!has_known_end(path) || (flags & (O_PATH | O_DIRECTORY)) ||
        !resolve(call, directory, path, full))
        return GUEST_CONTINUE;
    fd = find_file(call, full);
    if (fd < 0)
        return GUEST_CONTINUE;
    if (writes) {
        close(fd);
        guest_report_add(call->runner, call->program->number, "open(%.60s) for writing: EACCES",
                         path);
        return -EACCES;
    }
    r = guest_target_give(call, fd, (flags & O_CLOEXEC) != 0);
    close(fd);
    return r < 0 && r != -ENOENT ? r : GUEST_ANSWERED;
}

int64_t guest_name_open(struct guest_call *call)
{
    return open_path(call, AT_FDCWD, call->notif.data.args[0], call->notif.data.args[1]);
}

int64_t guest_name_openat(struct guest_call *call)
{
    return open_path(call, (int)call->notif.data.args[0], call->notif.data.args[1],
                     call->notif.data.args[2]);
}

int64_t guest_name_openat2(struct guest_call *call)
{
    struct open_how how;

    if (call->notif.data.args[3] < sizeof how ||
        guest_target_read(call, call->notif.data.args[2], &how, sizeof how) < 0)
        return GUEST_CONTINUE;
    return open_path(call, (int)call->notif.data.args[0], call->notif.data.args[1], how.flags);
}

int64_t guest_name_uname(struct guest_call *call)
{
    struct utsname name;

    if (uname(&name) < 0)
        return -errno;
    memset(name.nodename, 0, sizeof name.nodename);
    snprintf(name.nodename, sizeof name.nodename, "%s", call->program->hostname);
    return guest_target_write(call, call->notif.data.args[0], &name, sizeof name);
}
