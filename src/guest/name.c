/* SPDX-License-Identifier: MIT */
/*
 * Names of the lab for an unmodified program, without touching a file of the machine.
 *
 * An open() for reading of /etc/hosts, /etc/nsswitch.conf, /etc/resolv.conf, /etc/hostname or
 * /proc/sys/kernel/hostname gets a memfd with what the host knows; for writing, EACCES. A name of
 * several addresses has those first which the host can reach. The path
 * counts, however it was written: relative, by a directory's descriptor, through /proc/self/root or
 * by a link with one of those names. Everything else is opened natively. uname() has the host's
 * name. A connect() to a resolver of the machine (nscd, systemd-resolved, avahi, D-Bus) gets
 * ENOENT. Files of /proc/net, /proc/sys/net and /sys/class/net are proc.c's. Devices that are
 * interfaces of the machine are refused: as root they would alter it.
 */
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <linux/major.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "guest/state.h"

enum { HOSTS, NSSWITCH, RESOLV, HOSTNAME, FILES };
static const char *const files[FILES] = {"/etc/hosts", "/etc/nsswitch.conf", "/etc/resolv.conf",
                                         "/etc/hostname"};
static const char *const hosts_head = "127.0.0.1 localhost\n";
static const char *const hosts_head_6 = "::1 localhost\n";
/* No server of names that answers: what hosts does not have fails at once. */
static const char *const no_server = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n";
static const char *const nsswitch = "passwd: files\ngroup: files\nshadow: files\n"
                                    "networks: files\nservices: files\nprotocols: files\nhosts: ";

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

static bool is_interface(const char *path)
{
    static const char *const devices[] = {"/dev/net/tun", "/dev/vhost-net", "/dev/vsock",
                                          "/dev/vhost-vsock"};

    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        if (strcmp(path, devices[i]) == 0)
            return true;
    return false;
}

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

/* A file in memory with a text. @return its descriptor, or -errno */
static int memory_file(const char *name, const char *text, size_t length)
{
    int fd = memfd_create(name, MFD_CLOEXEC);

    if (fd < 0)
        return -errno;
    if (write(fd, text, length) != (ssize_t)length || fchmod(fd, 0444) < 0) {
        close(fd);
        return -ENOSPC;
    }
    return fd;
}

/* Where the rows of a name end, of which one begins at `from`. */
static size_t end_of_name(const struct guest_config *config, size_t from)
{
    size_t end = from + 1;

    while (end < config->name_count &&
           strcmp(config->names[end].name, config->names[from].name) == 0)
        end++;
    return end;
}

/* The rows of a name, the nearest address first. */
static void write_name(const struct guest_config *config, int host, size_t from, size_t end,
                       FILE *out)
{
    bool is_choice = end - from > 1 && config->distance != NULL;

    for (int distance = 0; distance <= (is_choice ? GUEST_OUT_OF_REACH : 0); distance++) {
        for (size_t i = from; i < end; i++) {
            if (config->names[i].address[0] != '\0' &&
                (!is_choice || config->distance(config->context, host, i) == distance))
                fprintf(out, "%s %s\n", config->names[i].address, config->names[i].name);
        }
    }
}

/* Does the host have IPv6 at all? It loses it before its programs start, or never. */
static bool has_ip6(struct sockeye *lab, int host)
{
    char text[24];

    return sockeye_get(lab, host, "ipv6.disable", text, sizeof text) < 0 || strcmp(text, "1") != 0;
}

/* host -1: any that is as all others are */
static void write_hosts(const struct guest_runner *runner, int host, FILE *out)
{
    const struct guest_config *config = &runner->config;

    fputs(hosts_head, out);
    if (host < 0 || has_ip6(runner->lab, host))
        fputs(hosts_head_6, out);
    for (size_t from = 0, end; !config->names_served && from < config->name_count; from = end) {
        end = end_of_name(config, from);
        write_name(config, host, from, end, out);
    }
}

/* @return how many servers of names a host has; `out` may be NULL */
static size_t write_servers(const struct guest_config *config, int host, FILE *out)
{
    size_t count = 0;

    for (size_t i = 0; out != NULL && i < config->search_count; i++) {
        if (config->searches[i].host == host && config->searches[i].domains[0] != '\0')
            fprintf(out, "search %s\n", config->searches[i].domains);
    }
    for (size_t i = 0; i < config->server_count; i++) {
        if (config->servers[i].host != host || config->servers[i].address[0] == '\0')
            continue;
        count++;
        if (out != NULL)
            fprintf(out, "nameserver %s\n", config->servers[i].address);
    }
    return count;
}

/* The content of a file as a host sees it, in memory. @return a descriptor, or -errno */
static int make_file(const struct guest_runner *runner, int host, const char *hostname, int which)
{
    const struct guest_config *config = &runner->config;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    int fd = -ENOMEM;

    if (out == NULL)
        return -ENOMEM;
    if (which == HOSTS)
        write_hosts(runner, host, out);
    else if (which == NSSWITCH)
        fprintf(out, "%s%s\n", nsswitch,
                write_servers(config, host, NULL) == 0 ? "files" : "files dns");
    else if (which == HOSTNAME)
        fprintf(out, "%s\n", hostname);
    else if (write_servers(config, host, out) == 0)
        fputs(no_server, out);
    if (fclose(out) == 0)
        fd = memory_file(strrchr(files[which], '/') + 1, text, length);
    free(text);
    return fd;
}

/* All hosts see the same names, at any time, unless one of them has a choice of addresses or no
 * IPv6, or gets its addresses while the lab runs. */
int guest_name_init(struct guest_runner *runner)
{
    bool is_served = runner->config.names_served;
    bool is_choice = runner->config.names_change && !is_served;

    for (size_t i = 1; i < runner->config.name_count && !is_choice && !is_served; i++)
        is_choice = end_of_name(&runner->config, i - 1) > i;
    for (int i = 0; sockeye_host_name(runner->lab, i) != NULL && !is_choice; i++)
        is_choice = !has_ip6(runner->lab, i);
    if (is_choice)
        return 0;
    runner->hosts_file = make_file(runner, -1, "", HOSTS);
    return runner->hosts_file < 0 ? runner->hosts_file : 0;
}

void guest_name_done(struct guest_runner *runner)
{
    if (runner->hosts_file >= 0)
        close(runner->hosts_file);
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

static int open_file(const struct guest_call *call, int which)
{
    const struct guest_program *program = call->program;
    int memory, fd;

    if (which == HOSTS && call->runner->hosts_file >= 0)
        return open_copy(call->runner->hosts_file);
    memory = make_file(call->runner, program->host, program->hostname, which);
    if (memory < 0)
        return memory;
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
    for (int i = 0; i < HOSTNAME; i++)
        if (is_same_file(full, files[i]))
            return open_file(call, i);
    if (strcmp(full, files[HOSTNAME]) == 0 || strcmp(full, "/proc/sys/kernel/hostname") == 0)
        return open_file(call, HOSTNAME);
    return -1;
}

static int64_t open_path(struct guest_call *call, int directory, uint64_t path_at, uint64_t flags)
{
    char path[PATH_MAX], full[PATH_MAX + NAME_MAX];
    bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_TRUNC | O_CREAT)) != 0;
    int64_t result;
    int fd, r;

    if (guest_target_text(call, path_at, path, sizeof path) < 0)
        return GUEST_CONTINUE;
    result = guest_proc_open(call, directory, path, flags, writes);
    if (result != GUEST_CONTINUE)
        return result;
    if (is_interface(path)) {
        guest_report_add(call->runner, call->program->number, "open(%.60s): EACCES", path);
        return -EACCES;
    }
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

bool guest_name_may_wait(const struct guest_call *call, int number, const uint64_t *arguments)
{
    bool has_directory = number == SYS_openat || number == SYS_openat2;
    char path[PATH_MAX], whole[PATH_MAX + 64];
    struct stat st;

#ifdef SYS_open
    if (!has_directory && number != SYS_open)
        return false;
#endif
    if (guest_target_text(call, arguments[has_directory], path, sizeof path) < 0)
        return true;
    if (path[0] == '/')
        snprintf(whole, sizeof whole, "%s", path);
    else if (!has_directory || (int)arguments[0] == AT_FDCWD)
        snprintf(whole, sizeof whole, "/proc/%u/cwd/%s", call->notif.pid, path);
    else
        snprintf(whole, sizeof whole, "/proc/%u/fd/%d/%s", call->notif.pid, (int)arguments[0],
                 path);
    return stat(whole, &st) == 0 &&
           (S_ISFIFO(st.st_mode) || (S_ISCHR(st.st_mode) && major(st.st_rdev) != MEM_MAJOR));
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
