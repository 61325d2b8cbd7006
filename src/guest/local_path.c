/* SPDX-License-Identifier: MIT */
/*
 * Names of AF_UNIX that are files. They are made and looked for as the program would do it: from
 * its working directory or root (/proc/PID/cwd, root), with its user, groups and umask, which we
 * take on for the time of the call where we are root and it is not. The file is a socket's inode to
 * which the kernel has bound nobody: whoever connects to it outside of the lab, or on another host,
 * is refused. It is known by device and inode, so a rename or a link does not matter; an open
 * O_PATH keeps the number from being used again while the socket lives.
 */
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/local.h"

enum { SAME_ROOT = -2 }; /* in place of a descriptor of its root: it is ours */

/* ---- who ---- */

static void read_groups(const char *line, struct guest_identity *who)
{
    char *end;

    for (who->group_count = 0; who->group_count < 64; who->group_count++) {
        unsigned long group = strtoul(line, &end, 10);

        if (end == line)
            break;
        who->groups[who->group_count] = (gid_t)group;
        line = end;
    }
}

int guest_path_identity(const struct guest_call *call, struct guest_identity *who)
{
    char path[40], line[1024];
    FILE *file;

    memset(who, 0, sizeof *who);
    who->leader = (pid_t)call->notif.pid;
    who->umask = 022;
    snprintf(path, sizeof path, "/proc/%u/status", call->notif.pid);
    file = fopen(path, "re");
    if (file == NULL)
        return -errno;
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "Tgid:", 5) == 0)
            who->leader = (pid_t)strtol(line + 5, NULL, 10);
        else if (strncmp(line, "Umask:", 6) == 0)
            who->umask = (mode_t)strtoul(line + 6, NULL, 8);
        else if (strncmp(line, "Uid:", 4) == 0)
            sscanf(line + 4, "%u %u %*u %u", &who->uid, &who->euid, &who->fsuid);
        else if (strncmp(line, "Gid:", 4) == 0)
            sscanf(line + 4, "%u %u %*u %u", &who->gid, &who->egid, &who->fsgid);
        else if (strncmp(line, "Groups:", 7) == 0)
            read_groups(line + 7, who);
    }
    fclose(file);
    return 0;
}

void guest_path_say_caller(struct guest_call *call, bool effective)
{
    struct guest_identity who;
    struct sockeye_caller caller;

    if (guest_path_identity(call, &who) < 0)
        return;
    caller = (struct sockeye_caller){.pid = who.leader,
                                     .uid = effective ? who.euid : who.uid,
                                     .gid = effective ? who.egid : who.gid};
    sockeye_caller(call->runner->lab, call->program->host, &caller);
}

/* What we were before. */
struct own {
    mode_t umask;
    uid_t uid;
    gid_t gid;
    gid_t groups[NGROUPS_MAX > 1024 ? 1024 : NGROUPS_MAX];
    int group_count;
    bool is_changed;
};

static void become(const struct guest_identity *who, struct own *own)
{
    own->umask = umask(who->umask);
    own->uid = geteuid();
    own->gid = getegid();
    own->is_changed = own->uid == 0 && (who->fsuid != 0 || who->fsgid != own->gid);
    if (!own->is_changed)
        return;
    own->group_count = getgroups((int)(sizeof own->groups / sizeof *own->groups), own->groups);
    if (own->group_count < 0 || setgroups(who->group_count, who->groups) < 0 ||
        setegid(who->fsgid) < 0 || seteuid(who->fsuid) < 0)
        own->group_count = own->group_count < 0 ? 0 : own->group_count; /* undone below */
}

static void become_again(const struct own *own)
{
    int error = errno;

    umask(own->umask);
    if (own->is_changed && (seteuid(own->uid) < 0 || setegid(own->gid) < 0 ||
                            setgroups((size_t)own->group_count, own->groups) < 0))
        abort(); /* we may not go on as another */
    errno = error;
}

/* ---- where ---- */

/* Where paths of the program begin. @return a descriptor, AT_FDCWD or SAME_ROOT; or -errno below */
static int base_of(const struct guest_call *call, const char *path, int *base)
{
    char link[40];
    struct stat theirs, ours;

    snprintf(link, sizeof link, "/proc/%u/%s", call->notif.pid, path[0] == '/' ? "root" : "cwd");
    *base = open(link, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*base < 0)
        return -errno;
    if (path[0] == '/' && fstat(*base, &theirs) == 0 && stat("/", &ours) == 0 &&
        theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino) {
        close(*base);
        *base = SAME_ROOT;
    }
    return 0;
}

static void leave_base(int base)
{
    if (base >= 0)
        close(base);
}

/* Opens a path as the program sees it. */
static int open_at(const struct guest_call *call, int base, const char *path, int flags)
{
    char own[PATH_MAX + 32];
    struct open_how how = {.flags = (uint64_t)(unsigned)(flags | O_PATH | O_CLOEXEC),
                           .resolve = RESOLVE_IN_ROOT};
    int fd;

    if (base == SAME_ROOT && strncmp(path, "/proc/self/", 11) == 0) {
        snprintf(own, sizeof own, "/proc/%u/%s", call->notif.pid, path + 11);
        path = own;
    }
    if (base >= 0 && path[0] == '/')
        fd = (int)syscall(SYS_openat2, base, path, &how, sizeof how);
    else
        fd = openat(base < 0 ? AT_FDCWD : base, path, flags | O_PATH | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* The directory of a path, and the name in it. @return a descriptor, or -errno */
static int open_parent(const struct guest_call *call, int base, const char *path, char *name)
{
    char directory[PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');

    if (slash != NULL) {
        size_t length = slash == path ? 1 : (size_t)(slash - path);

        memcpy(directory, path, length);
        directory[length] = '\0';
        path = slash + 1;
    }
    snprintf(name, NAME_MAX + 1, "%s", path);
    if (strlen(path) > NAME_MAX)
        return -ENAMETOOLONG;
    return open_at(call, base, directory, O_DIRECTORY);
}

/* ---- files ---- */

static int make_file(int parent, const char *name, mode_t mode, struct guest_local *local)
{
    struct stat st;

    if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return -EADDRINUSE;
    if (mknodat(parent, name, S_IFSOCK | mode, 0) < 0)
        return errno == EEXIST ? -EADDRINUSE : -errno;
    local->file = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (local->file < 0 || fstat(local->file, &st) < 0) {
        int error = errno;

        unlinkat(parent, name, 0);
        if (local->file >= 0)
            close(local->file);
        local->file = -1;
        return -error;
    }
    local->device = st.st_dev;
    local->inode = st.st_ino;
    return 0;
}

/* Does something in the directory of a path, as the program: makes the file, or takes it away. */
static int in_parent(struct guest_call *call, const char *path, bool makes, mode_t mode,
                     struct guest_local *local)
{
    struct guest_identity who;
    struct own own;
    char name[NAME_MAX + 1];
    int base, parent, r = guest_path_identity(call, &who);

    if (r < 0 || (r = base_of(call, path, &base)) < 0)
        return r;
    become(&who, &own);
    parent = open_parent(call, base, path, name);
    r = parent < 0 ? parent : 0;
    if (parent >= 0 && makes)
        r = make_file(parent, name, mode, local);
    else if (parent >= 0)
        unlinkat(parent, name, 0);
    become_again(&own);
    if (parent >= 0)
        close(parent);
    leave_base(base);
    return r;
}

int guest_path_make(struct guest_call *call, const char *path, mode_t mode,
                    struct guest_local *local)
{
    return in_parent(call, path, true, mode, local);
}

void guest_path_unmake(struct guest_call *call, const char *path)
{
    in_parent(call, path, false, 0, NULL);
}

/* Does somebody whom the kernel knows listen or receive there? */
static bool is_served(const struct guest_runner *runner, int file)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", file);
    return connect(runner->probe, (struct sockaddr *)&address, sizeof address) == 0 ||
           errno == EPROTOTYPE;
}

int guest_path_find(struct guest_call *call, const char *path, struct guest_socket **place)
{
    struct guest_runner *runner = call->runner;
    struct guest_identity who;
    struct own own;
    struct stat st = {0};
    int base, file, r = guest_path_identity(call, &who);
    bool is_allowed = false;

    if (r < 0 || (r = base_of(call, path, &base)) < 0)
        return r;
    become(&who, &own);
    file = open_at(call, base, path, 0);
    if (file >= 0)
        is_allowed = syscall(SYS_faccessat2, file, "", W_OK, AT_EMPTY_PATH | AT_EACCESS) == 0;
    become_again(&own);
    leave_base(base);
    if (file < 0)
        return 1; /* the kernel says why */
    r = 1;
    if (fstat(file, &st) == 0 && S_ISSOCK(st.st_mode)) {
        *place = guest_local_of_place(runner, call->program->host, st.st_dev, st.st_ino);
        if (*place != NULL)
            r = is_allowed ? 0 : -EACCES;
        else if (is_served(runner, file))
            r = 2;
    }
    close(file);
    return r;
}
