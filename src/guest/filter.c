/* SPDX-License-Identifier: MIT */
/*
 * Which system calls of a program are trapped: the seccomp filter, made by libseccomp.
 *
 * Data calls run natively (read, write, send without an address, poll, epoll, close); trapped are
 * the calls that make, name and control sockets, those that carry an address, control messages or
 * flags that an AF_UNIX socket understands differently, the opens (for the resolver's files) and
 * uname. A filter sees the values of arguments, not what they point at; so sendmsg and recvmsg are
 * trapped whole. AF_UNIX sockets are let through at socket(). io_uring could make sockets behind
 * the filter's back: ENOSYS. Calls of another architecture (int 0x80, x32) get ENOSYS.
 *
 * The program is compiled once, in the parent; the child between fork and exec makes one seccomp
 * call. WAIT_KILLABLE_RECV stays off: signals must interrupt a waiting accept() with EINTR.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/state.h"

#define LOW 0xffffffffu /* int arguments: the upper half is whatever the caller left there */
#define HAS(argument, bits)                                                                        \
    {                                                                                              \
        argument, SCMP_CMP_MASKED_EQ, bits, bits                                                   \
    }
#define IS(argument, value)                                                                        \
    {                                                                                              \
        argument, SCMP_CMP_MASKED_EQ, LOW, value                                                   \
    }
#define IS_NOT(argument, value)                                                                    \
    {                                                                                              \
        argument, SCMP_CMP_NE, value, 0                                                            \
    }
#define IN_256(argument, value)                                                                    \
    {                                                                                              \
        argument, SCMP_CMP_MASKED_EQ, 0xffffff00u, value                                           \
    }

static const int always[] = {
    SCMP_SYS(connect),    SCMP_SYS(bind),        SCMP_SYS(listen),      SCMP_SYS(accept),
    SCMP_SYS(accept4),    SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt), SCMP_SYS(shutdown),    SCMP_SYS(sendmsg),     SCMP_SYS(recvmsg),
    SCMP_SYS(sendmmsg),   SCMP_SYS(recvmmsg),    SCMP_SYS(open),        SCMP_SYS(openat),
    SCMP_SYS(openat2),    SCMP_SYS(uname),
};

static const struct {
    int call;
    uint32_t error;
} refused[] = {
    {SCMP_SYS(io_uring_setup), ENOSYS},    {SCMP_SYS(io_uring_enter), ENOSYS},
    {SCMP_SYS(io_uring_register), ENOSYS}, {SCMP_SYS(sethostname), EPERM},
    {SCMP_SYS(setdomainname), EPERM},
};

static const struct {
    int call;
    struct scmp_arg_cmp when;
} sometimes[] = {
    {SCMP_SYS(socket), IS_NOT(0, AF_UNIX)},
    {SCMP_SYS(socketpair), IS_NOT(0, AF_UNIX)},
    {SCMP_SYS(sendto), IS_NOT(4, 0)},
    {SCMP_SYS(sendto), HAS(3, MSG_OOB)},
    {SCMP_SYS(sendto), HAS(3, MSG_DONTROUTE)},
    {SCMP_SYS(sendto), HAS(3, MSG_EOR)},
    {SCMP_SYS(sendto), HAS(3, MSG_CONFIRM)},
    {SCMP_SYS(sendto), HAS(3, MSG_MORE)},
    {SCMP_SYS(sendto), HAS(3, MSG_ZEROCOPY)},
    {SCMP_SYS(sendto), HAS(3, MSG_FASTOPEN)},
    {SCMP_SYS(recvfrom), IS_NOT(4, 0)},
    {SCMP_SYS(recvfrom), HAS(3, MSG_OOB)},
    {SCMP_SYS(recvfrom), HAS(3, MSG_TRUNC)},
    {SCMP_SYS(recvfrom), HAS(3, MSG_ERRQUEUE)},
    {SCMP_SYS(ioctl), IS(1, 0x541B)},     /* FIONREAD */
    {SCMP_SYS(ioctl), IS(1, 0x5411)},     /* TIOCOUTQ, SIOCOUTQ */
    {SCMP_SYS(ioctl), IN_256(1, 0x8900)}, /* SIOC... */
    {SCMP_SYS(ioctl), IN_256(1, 0x8b00)}, /* SIOC...IW... */
    {SCMP_SYS(seccomp), HAS(1, SECCOMP_FILTER_FLAG_NEW_LISTENER)},
};

static const struct scmp_arg_cmp not_dumpable[] = {IS(0, PR_SET_DUMPABLE), IS(1, 0)};

static int add_rules(scmp_filter_ctx context)
{
    int r = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));

    for (size_t i = 0; r == 0 && i < sizeof always / sizeof *always; i++)
        if (always[i] >= 0) /* below: this machine has no such call */
            r = seccomp_rule_add_array(context, SCMP_ACT_NOTIFY, always[i], 0, NULL);
    for (size_t i = 0; r == 0 && i < sizeof refused / sizeof *refused; i++)
        r = seccomp_rule_add_array(context, SCMP_ACT_ERRNO(refused[i].error), refused[i].call, 0,
                                   NULL);
    for (size_t i = 0; r == 0 && i < sizeof sometimes / sizeof *sometimes; i++)
        r = seccomp_rule_add_array(context, SCMP_ACT_NOTIFY, sometimes[i].call, 1,
                                   &sometimes[i].when);
    if (r == 0)
        r = seccomp_rule_add_array(context, SCMP_ACT_NOTIFY, SCMP_SYS(prctl), 2, not_dumpable);
    return r;
}

/* libseccomp writes the program to a file; we want it in memory. */
static int export(scmp_filter_ctx context, struct sock_filter **filter, unsigned *length)
{
    int file = memfd_create("filter", MFD_CLOEXEC);
    int r = file < 0 ? -errno : seccomp_export_bpf(context, file);
    off_t size = r < 0 ? 0 : lseek(file, 0, SEEK_END);

    if (r == 0 && (size <= 0 || size % (off_t)sizeof **filter != 0))
        r = -EIO;
    if (r == 0) {
        *filter = malloc((size_t)size);
        *length = (unsigned)((size_t)size / sizeof **filter);
        if (*filter == NULL || pread(file, *filter, (size_t)size, 0) != size)
            r = -ENOMEM;
    }
    if (file >= 0)
        close(file);
    return r;
}

int guest_filter_build(struct sock_filter **filter, unsigned *length)
{
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
    int r;

    if (context == NULL)
        return -ENOMEM;
    r = add_rules(context);
    if (r == 0)
        r = export(context, filter, length);
    seccomp_release(context);
    return r;
}

int guest_filter_install(const struct sock_filter *filter, unsigned length)
{
    struct sock_fprog program = {.len = (unsigned short)length, .filter = NULL};
    long fd;

    memcpy(&program.filter, &filter, sizeof filter); /* the kernel's struct lacks a const */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    return fd < 0 ? -errno : (int)fd;
}
