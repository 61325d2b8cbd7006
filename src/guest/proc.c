/* SPDX-License-Identifier: MIT */
/*
 * What a program sees of its host in files of the machine's: /proc/net (also by /proc/self/net and
 * any process's), /sys/class/net/INTERFACE, and the settings in /proc/sys/net.
 *
 * An open() for reading gets a memfd with what the host is at that moment. A setting that is opened
 * for writing gets one end of a pair; what the program writes there sets the host when it comes out
 * at the other end, and before any later trapped call of anybody is acted on, so that who writes
 * and then asks, finds it set. That the value is none, write() cannot say any more: the report of
 * the run does. What a host has not is ENOENT: the machine's would be another's.
 *
 * Directories are opened natively and list the machine's names.
 */
#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/state.h"

enum { FILE_LEAST = 4096, VALUE_MOST = 512 };

/* ---- which file ---- */

/* "a//b/./c/../d" as it is meant, in place; false: it is above the root. */
static bool normalize(char *path)
{
    char *to = path;
    const char *from = path;

    while (*from != '\0') {
        size_t length;

        while (*from == '/')
            from++;
        length = strcspn(from, "/");
        if (length == 0 || (length == 1 && from[0] == '.')) {
            from += length;
            continue;
        }
        if (length == 2 && from[0] == '.' && from[1] == '.') {
            while (to > path && *--to != '/')
                continue;
            from += length;
            continue;
        }
        *to++ = '/';
        memmove(to, from, length);
        to += length;
        from += length;
    }
    *to = '\0';
    return to > path;
}

/* The path from the root, if it may be one of ours: others are not looked at further. */
static bool whole_path(const struct guest_call *call, int directory, const char *path,
                       char whole[2 * PATH_MAX])
{
    char link[64];
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
    }
    snprintf(whole + n, (size_t)(2 * PATH_MAX - n), "%s", path);
    return (strncmp(whole, "/proc/", 6) == 0 || strncmp(whole, "/sys/", 5) == 0) &&
           normalize(whole);
}

/* Behind /proc/net/, or a process's. NULL: it is elsewhere */
static const char *in_net(const char *path)
{
    const char *at = path + 6;

    if (strncmp(path, "/proc/", 6) != 0)
        return NULL;
    if (strncmp(at, "net/", 4) == 0)
        return at;
    if (strncmp(at, "self/", 5) == 0)
        at += 5;
    else if (strncmp(at, "thread-self/", 12) == 0)
        at += 12;
    else {
        while (isdigit((unsigned char)*at))
            at++;
        if (at == path + 6 || *at != '/')
            return NULL;
        at++;
    }
    if (strncmp(at, "task/", 5) == 0) {
        at += 5;
        at += strspn(at, "0123456789");
        at += *at == '/';
    }
    return strncmp(at, "net/", 4) == 0 ? at : NULL;
}

/* ---- files that are read ---- */

static int memory_file(const char *text, size_t length)
{
    char path[40];
    int memory = memfd_create("proc", MFD_CLOEXEC), fd = -1;

    if (memory < 0)
        return -errno;
    snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
    if (write(memory, text, length) == (ssize_t)length && fchmod(memory, 0444) == 0)
        fd = open(path, O_RDONLY | O_CLOEXEC);
    close(memory);
    return fd < 0 ? -ENOSPC : fd;
}

static int64_t give(struct guest_call *call, int fd, uint64_t flags)
{
    int r;

    if (fd < 0)
        return fd;
    r = guest_target_give(call, fd, (flags & O_CLOEXEC) != 0);
    close(fd);
    return r < 0 && r != -ENOENT ? r : GUEST_ANSWERED;
}

static int64_t not_there(struct guest_call *call, const char *path)
{
    guest_report_add(call->runner, call->program->number, "open(%.60s): ENOENT", path);
    return -ENOENT;
}

static int64_t open_file(struct guest_call *call, const char *name, const char *path,
                         uint64_t flags, bool writes)
{
    struct sockeye *lab = call->runner->lab;
    size_t size = FILE_LEAST;
    char *text = NULL;
    ssize_t n;
    int fd;

    if (writes)
        return -EACCES;
    guest_living_ask_all(call->runner); /* some may be closed */
    guest_socket_tell(call->runner, call->program->host);
    do {
        free(text);
        text = malloc(size);
        n = text == NULL ? -ENOMEM : sockeye_proc(lab, call->program->host, name, text, size);
        size = n < 0 || (size_t)n <= size ? size : (size_t)n;
    } while (n >= 0 && text != NULL && (size_t)n > size);
    if (n >= 0 && (size_t)n == size && size > FILE_LEAST)
        n = sockeye_proc(lab, call->program->host, name, text, size);
    fd = n < 0 ? (int)n : memory_file(text, (size_t)n);
    free(text);
    return fd == -ENOENT ? not_there(call, path) : give(call, fd, flags);
}

/* ---- settings ---- */

/* What Linux has for each interface, and a host for all of them alike. */
static const struct {
    const char *of_one, *of_all;
} shared[] = {{"net/ipv4/conf/", "net/ipv4/conf/all/"},
              {"net/ipv6/conf/", "net/ipv6/conf/all/"},
              {"net/ipv4/neigh/", "net/ipv4/neigh/default/"},
              {"net/ipv6/neigh/", "net/ipv4/neigh/default/"}};

/* The name of a setting; *is_one: Linux would have it for one interface alone. */
static void setting_of(const char *path, char name[GUEST_SETTING], bool *is_one)
{
    const char *tail = path;

    *is_one = false;
    snprintf(name, GUEST_SETTING, "%.120s", path);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        size_t length = strlen(shared[i].of_one);
        size_t word;

        if (strncmp(path, shared[i].of_one, length) != 0)
            continue;
        word = strcspn(path + length, "/");
        tail = path + length + word + (path[length + word] == '/');
        *is_one =
            strncmp(path + length, "all/", 4) != 0 && strncmp(path + length, "default/", 8) != 0;
        snprintf(name, GUEST_SETTING, "%s%.80s", shared[i].of_all, tail);
        break;
    }
    for (char *c = name; *c != '\0'; c++)
        if (*c == '/')
            *c = '.';
    if (strcmp(name, "net.ipv6.conf.all.disable_ipv6") == 0)
        snprintf(name, GUEST_SETTING, "ipv6.disable");
}

static int64_t read_setting(struct guest_call *call, const char *name, const char *path,
                            uint64_t flags)
{
    char text[VALUE_MOST];
    int n = sockeye_get(call->runner->lab, call->program->host, name, text, sizeof text - 1);

    if (n < 0)
        return not_there(call, path);
    for (char *c = text; *c != '\0'; c++)
        if (*c == ' ')
            *c = '\t'; /* as Linux writes several values */
    strcat(text, "\n");
    return give(call, memory_file(text, strlen(text)), flags);
}

static int64_t write_setting(struct guest_call *call, const char *name, const char *path,
                             uint64_t flags)
{
    struct guest_runner *runner = call->runner;
    struct guest_setting *setting = NULL;
    char text[VALUE_MOST];
    int pair[2], r;

    if (sockeye_get(runner->lab, call->program->host, name, text, sizeof text) < 0)
        return not_there(call, path);
    for (int i = 0; i < GUEST_SETTINGS && setting == NULL; i++)
        if (runner->settings[i].end <= 0)
            setting = &runner->settings[i];
    if (setting == NULL)
        return -ENFILE;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    r = drive_watch(runner->drive, runner->user, pair[1], EPOLLIN, GUEST_IS_SETTING, 0);
    if (r < 0) {
        close(pair[0]);
        close(pair[1]);
        return r;
    }
    *setting = (struct guest_setting){
        .end = pair[1], .host = call->program->host, .program = call->program->number};
    snprintf(setting->name, sizeof setting->name, "%s", name);
    runner->setting_count++;
    return give(call, pair[0], flags);
}

static int64_t open_setting(struct guest_call *call, const char *path, uint64_t flags, bool writes)
{
    char name[GUEST_SETTING];
    bool is_one;

    setting_of(path + strlen("/proc/sys/"), name, &is_one);
    if (!writes)
        return read_setting(call, name, path, flags);
    if ((flags & O_ACCMODE) != O_WRONLY || is_one || strncmp(name, "net.", 4) != 0) {
        guest_report_add(call->runner, call->program->number, "open(%.60s) for writing: EACCES",
                         path);
        return -EACCES;
    }
    return write_setting(call, name, path, flags);
}

static void set(struct guest_runner *runner, const struct guest_setting *setting, char *text)
{
    char value[VALUE_MOST];
    size_t n = 0;
    int r;

    for (const char *from = text; *from != '\0' && n < sizeof value - 1; from++)
        value[n++] = *from == '\t' ? ' ' : *from;
    while (n > 0 && isspace((unsigned char)value[n - 1]))
        n--;
    value[n] = '\0';
    r = sockeye_set(runner->lab, setting->host, setting->name, value);
    if (r < 0)
        guest_report_add(runner, setting->program, "write(%.40s) of a value that is none: not done",
                         setting->name);
}

static void hear(struct guest_runner *runner, struct guest_setting *setting)
{
    char text[VALUE_MOST];
    ssize_t n;

    while ((n = recv(setting->end, text, sizeof text - 1, MSG_DONTWAIT)) > 0) {
        text[n] = '\0';
        set(runner, setting, text);
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    drive_unwatch(runner->drive, setting->end);
    close(setting->end);
    setting->end = 0;
    runner->setting_count--;
}

void guest_proc_hear(struct guest_runner *runner)
{
    for (int i = 0; i < GUEST_SETTINGS && runner->setting_count > 0; i++)
        if (runner->settings[i].end > 0)
            hear(runner, &runner->settings[i]);
}

void guest_proc_done(struct guest_runner *runner)
{
    for (int i = 0; i < GUEST_SETTINGS; i++)
        if (runner->settings[i].end > 0)
            close(runner->settings[i].end);
}

/* A link to a setting of the machine, when we could alter it. */
static bool is_hidden_setting(const struct guest_call *call, int directory, const char *path)
{
    char whole[2 * PATH_MAX], full[PATH_MAX];

    if (geteuid() != 0)
        return false;
    if (path[0] == '/')
        return realpath(path, full) != NULL && strncmp(full, "/proc/sys/net/", 14) == 0;
    if (directory == AT_FDCWD)
        snprintf(whole, sizeof whole, "/proc/%u/cwd/%s", call->notif.pid, path);
    else
        snprintf(whole, sizeof whole, "/proc/%u/fd/%d/%s", call->notif.pid, directory, path);
    return realpath(whole, full) != NULL && strncmp(full, "/proc/sys/net/", 14) == 0;
}

int64_t guest_proc_open(struct guest_call *call, int directory, const char *path, uint64_t flags,
                        bool writes)
{
    char whole[2 * PATH_MAX], name[NAME_MAX];
    const char *tail;
    struct stat st;

    if (!whole_path(call, directory, path, whole))
        return writes && is_hidden_setting(call, directory, path) ? -EACCES : GUEST_CONTINUE;
    tail = in_net(whole);
    if (flags & (O_PATH | O_DIRECTORY))
        return GUEST_CONTINUE;
    if (tail != NULL && tail[4] != '\0')
        return stat(whole, &st) == 0 && S_ISDIR(st.st_mode)
                   ? GUEST_CONTINUE
                   : open_file(call, tail, path, flags, writes);
    if (strncmp(whole, "/sys/class/net/", 15) == 0 && strchr(whole + 15, '/') != NULL) {
        snprintf(name, sizeof name, "class/%.200s", whole + 15);
        return open_file(call, name, path, flags, writes);
    }
    if (strncmp(whole, "/proc/sys/net/", 14) == 0 &&
        !(stat(whole, &st) == 0 && S_ISDIR(st.st_mode)))
        return open_setting(call, whole, flags, writes);
    return GUEST_CONTINUE;
}
