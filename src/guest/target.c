/* SPDX-License-Identifier: MIT */
/*
 * The trapped program's memory and descriptors, and our answers to the kernel.
 *
 * The kernel names the caller by its thread id. Memory is copied once, by process_vm_readv and
 * process_vm_writev. A descriptor is borrowed by pidfd_getfd: the copy shares the open file (so
 * O_NONBLOCK too: nothing here may block on it) and is closed before the call's turn is over, for a
 * copy kept would hide the program's last close. Pidfds are cached by thread id; a stale one says
 * ESRCH and is made anew. Before Linux 6.9 a pidfd names a process only: then its leader serves.
 *
 * Death may take the caller away at any moment, and its thread id may then be another's. So what
 * was read or borrowed counts only if the caller still waited afterwards, and nothing is written
 * unless it waits just before. An answer that finds nobody is ENOENT.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "guest/state.h"

#define PIDFD_OF_THREAD O_EXCL /* Linux 6.9's PIDFD_THREAD */
/* Linux 6.6's SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP */
#define SET_FLAGS SECCOMP_IOW(4, __u64)
#define SYNC_WAKE_UP 1UL

static void *at(uint64_t address)
{
    void *p;
    uintptr_t value = (uintptr_t)address;

    memcpy(&p, &value, sizeof p);
    return p;
}

static size_t length_of(const struct iovec *pieces, size_t count)
{
    size_t length = 0;

    for (size_t i = 0; i < count; i++)
        length += pieces[i].iov_len;
    return length;
}

int guest_target_gather(const struct guest_call *call, const struct iovec *pieces, size_t count,
                        void *bytes)
{
    struct iovec here = {bytes, length_of(pieces, count)};

    if (here.iov_len == 0)
        return 0;
    if (process_vm_readv((pid_t)call->notif.pid, &here, 1, pieces, count, 0) ==
            (ssize_t)here.iov_len &&
        guest_target_waits(call))
        return 0;
    return -EFAULT;
}

int guest_target_scatter(const struct guest_call *call, const struct iovec *pieces, size_t count,
                         const void *bytes)
{
    struct iovec here = {NULL, length_of(pieces, count)};

    if (here.iov_len == 0)
        return 0;
    memcpy(&here.iov_base, &bytes, sizeof bytes); /* only read */
    if (guest_target_waits(call) && process_vm_writev((pid_t)call->notif.pid, &here, 1, pieces,
                                                      count, 0) == (ssize_t)here.iov_len)
        return 0;
    return -EFAULT;
}

int guest_target_read(const struct guest_call *call, uint64_t address, void *bytes, size_t length)
{
    struct iovec there = {at(address), length};

    return guest_target_gather(call, &there, 1, bytes);
}

int guest_target_write(const struct guest_call *call, uint64_t address, const void *bytes,
                       size_t length)
{
    struct iovec there = {at(address), length};

    return guest_target_scatter(call, &there, 1, bytes);
}

/* A NUL-ended text; reads page by page, since what follows the text may not be mapped. */
int guest_target_text(const struct guest_call *call, uint64_t address, char *text, size_t size)
{
    size_t done = 0;

    while (done < size) {
        size_t step = 4096 - (address + done) % 4096;

        if (step > size - done)
            step = size - done;
        if (guest_target_read(call, address + done, text + done, step) < 0)
            return -EFAULT;
        if (memchr(text + done, '\0', step) != NULL)
            return 0;
        done += step;
    }
    return -ENAMETOOLONG;
}

bool guest_target_is_nonblocking(const struct guest_call *call, int flags)
{
    return (flags & MSG_DONTWAIT) != 0 || (fcntl(call->fd, F_GETFL) & O_NONBLOCK) != 0;
}

/* @return the length */
int guest_target_read_address(const struct guest_call *call, uint64_t address, int64_t length,
                              struct sockaddr_storage *out)
{
    memset(out, 0, sizeof *out);
    if (length < 0 || length > (int64_t)sizeof *out)
        return -EINVAL;
    if (guest_target_read(call, address, out, (size_t)length) < 0)
        return -EFAULT;
    return (int)length;
}

int guest_target_write_address(const struct guest_call *call, uint64_t address, uint64_t length_at,
                               const void *bytes, uint32_t length)
{
    int32_t room;

    if (guest_target_read(call, length_at, &room, sizeof room) < 0)
        return -EFAULT;
    if (room < 0)
        return -EINVAL;
    if (guest_target_write(call, address, bytes,
                           length < (uint32_t)room ? length : (uint32_t)room) < 0 ||
        guest_target_write(call, length_at, &length, sizeof length) < 0)
        return -EFAULT;
    return 0;
}

static pid_t leader_of(pid_t thread)
{
    char path[40], line[128];
    FILE *file;
    pid_t leader = thread;

    snprintf(path, sizeof path, "/proc/%d/status", (int)thread);
    file = fopen(path, "re");
    if (file == NULL)
        return thread;
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "Tgid:", 5) == 0)
            leader = (pid_t)strtol(line + 5, NULL, 10);
    fclose(file);
    return leader;
}

static int open_pidfd(struct guest_runner *runner, pid_t thread)
{
    int fd = -1;

    if (!runner->no_thread_pidfd) {
        fd = (int)syscall(SYS_pidfd_open, thread, PIDFD_OF_THREAD);
        if (fd < 0 && errno == EINVAL)
            runner->no_thread_pidfd = true;
    }
    if (fd < 0 && runner->no_thread_pidfd)
        fd = (int)syscall(SYS_pidfd_open, leader_of(thread), 0);
    return fd < 0 ? -errno : fd;
}

static struct guest_pidfd *slot_of(struct guest_runner *runner, pid_t thread)
{
    return &runner->pidfds[(unsigned)thread % GUEST_PIDFDS];
}

static int borrow(struct guest_runner *runner, pid_t thread, int fd)
{
    struct guest_pidfd *slot = slot_of(runner, thread);
    int copy = -1, error = ESRCH;

    for (int i = 0; i < 2; i++) { /* the cached one may be stale */
        if (slot->thread != thread || i == 1) {
            if (slot->fd >= 0)
                close(slot->fd);
            slot->thread = thread;
            slot->leader = 0; /* not known */
            slot->fd = open_pidfd(runner, thread);
            if (slot->fd < 0) {
                slot->thread = 0;
                return slot->fd;
            }
        }
        copy = (int)syscall(SYS_pidfd_getfd, slot->fd, fd, 0);
        error = errno;
        if (copy >= 0 || error == EBADF || error == EMFILE)
            break;
    }
    return copy < 0 ? -error : copy;
}

int guest_target_borrow(struct guest_call *call, int fd)
{
    int copy = borrow(call->runner, (pid_t)call->notif.pid, fd);

    if (copy >= 0 && !guest_target_waits(call)) {
        close(copy);
        return -ESRCH;
    }
    return copy;
}

/* The call's descriptor is that of the socket's holder. */
void guest_target_remember(const struct guest_call *call, struct guest_socket *s)
{
    pid_t thread = (pid_t)call->notif.pid;
    struct guest_pidfd *slot = slot_of(call->runner, thread);

    if (slot->leader == 0) /* the slot is the thread's: its descriptor was just borrowed */
        slot->leader = leader_of(thread);
    s->last_user.thread = thread;
    s->last_user.leader = slot->leader;
    s->last_user.number = (int)call->notif.data.args[0];
}

/* The holder, without a call of the program: by who used it last, if they still have it there. */
int guest_target_borrow_again(struct guest_runner *runner, const struct guest_socket *s)
{
    const pid_t who[] = {s->last_user.thread, s->last_user.leader};

    for (int i = 0; i < 2; i++) {
        int fd = borrow(runner, who[i], s->last_user.number);

        if (fd >= 0 && guest_target_cookie(fd) == s->cookie)
            return fd;
        if (fd >= 0)
            close(fd);
    }
    return -ENOENT;
}

bool guest_target_waits(const struct guest_call *call)
{
    uint64_t id = call->notif.id;

    return ioctl(call->program->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

/* We sleep soon after an answer: the kernel need not wake another processor for the program, nor
 * for us when it calls. Linux 6.6; an older one does as before. */
void guest_target_wake_here(int listener)
{
    ioctl(listener, SET_FLAGS, SYNC_WAKE_UP);
}

static int respond(const struct guest_call *call, struct seccomp_notif_resp *response)
{
    response->id = call->notif.id;
    return ioctl(call->program->listener, SECCOMP_IOCTL_NOTIF_SEND, response) < 0 ? -errno : 0;
}

void guest_target_answer(const struct guest_call *call, int error, int64_t value)
{
    struct seccomp_notif_resp response = {.error = -error, .val = error != 0 ? 0 : value};

    respond(call, &response);
}

int guest_target_continue(const struct guest_call *call)
{
    struct seccomp_notif_resp response = {.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};

    return respond(call, &response);
}

/* Our own signals may disturb it; then nothing was added. A caller who dies while it is told says
 * ESRCH: it is gone, too. */
static int add(const struct guest_call *call, struct seccomp_notif_addfd *give)
{
    int r;

    do
        r = ioctl(call->program->listener, SECCOMP_IOCTL_NOTIF_ADDFD, give);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        return errno == ESRCH ? -ENOENT : -errno;
    return r;
}

/* @return the program's number; -ENOENT: the caller is gone; EMFILE: the program has no room */
int guest_target_give(const struct guest_call *call, int fd, bool cloexec)
{
    struct seccomp_notif_addfd give = {.id = call->notif.id,
                                       .flags = SECCOMP_ADDFD_FLAG_SEND,
                                       .srcfd = (uint32_t)fd,
                                       .newfd_flags = cloexec ? O_CLOEXEC : 0};

    return add(call, &give);
}

/* How many numbers below the limit are in use. */
static rlim_t count_files(const char *path, rlim_t limit)
{
    DIR *files = opendir(path);
    const struct dirent *entry;
    rlim_t count = 0;

    while (files != NULL && (entry = readdir(files)) != NULL)
        count += entry->d_name[0] != '.' && strtoull(entry->d_name, NULL, 10) < limit;
    if (files != NULL)
        closedir(files);
    return count;
}

/* Could it have so many descriptors more? What was given cannot be taken back. Linux 6.2 says how
 * many there are as the size of the directory; some of them may be above the limit. */
bool guest_target_has_room(const struct guest_call *call, unsigned wanted)
{
    struct rlimit limit;
    struct stat st;
    char path[32];

    snprintf(path, sizeof path, "/proc/%u/fd", call->notif.pid);
    if (prlimit((pid_t)call->notif.pid, RLIMIT_NOFILE, NULL, &limit) < 0 || stat(path, &st) < 0)
        return true; /* whether it could, giving says */
    if (st.st_size > 0 && (rlim_t)st.st_size + wanted <= limit.rlim_cur)
        return true;
    return count_files(path, limit.rlim_cur) + wanted <= limit.rlim_cur;
}

/* @return the program's number, or as guest_target_give */
int guest_target_add(const struct guest_call *call, int fd, bool cloexec)
{
    struct seccomp_notif_addfd give = {
        .id = call->notif.id, .srcfd = (uint32_t)fd, .newfd_flags = cloexec ? O_CLOEXEC : 0};

    return add(call, &give);
}

/* Puts our `by` in the place of the program's descriptor, with its FD_CLOEXEC. @return 0 or -errno:
 * then the program has what it had */
int guest_target_replace(const struct guest_call *call, int fd, int by)
{
    char path[64], line[128];
    bool cloexec = false;
    int r;
    FILE *file;
    struct seccomp_notif_addfd give = {.id = call->notif.id,
                                       .flags = SECCOMP_ADDFD_FLAG_SETFD,
                                       .srcfd = (uint32_t)by,
                                       .newfd = (uint32_t)fd};

    snprintf(path, sizeof path, "/proc/%u/fdinfo/%d", call->notif.pid, fd);
    file = fopen(path, "re");
    if (file != NULL) {
        while (fgets(line, sizeof line, file) != NULL)
            if (strncmp(line, "flags:", 6) == 0)
                cloexec = (strtol(line + 6, NULL, 8) & O_CLOEXEC) != 0;
        fclose(file);
    }
    give.newfd_flags = cloexec ? O_CLOEXEC : 0;
    r = add(call, &give);
    return r < 0 ? r : 0;
}

/* A socket of the kernel's, of a family that reaches further than this machine's AF_UNIX? */
bool guest_target_is_foreign(int fd)
{
    int domain = AF_UNIX;
    socklen_t length = sizeof domain;

    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain != AF_UNIX;
}

uint64_t guest_target_cookie(int fd)
{
    uint64_t cookie = 0;
    socklen_t length = sizeof cookie;

    if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &length) < 0)
        return 0;
    return cookie;
}
