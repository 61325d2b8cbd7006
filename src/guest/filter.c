/* SPDX-License-Identifier: MIT */
/*
 * The seccomp filter, made by libseccomp of the table in trap.c. Calls of another architecture
 * (int 0x80, x32) get ENOSYS.
 *
 * The program is compiled once, in the parent; the child between fork and exec makes one seccomp
 * call. WAIT_KILLABLE_RECV (Linux 5.19) is what lets each call act once: from our taking it to our
 * answer only death takes its thread away. Without it a signal would, and the kernel would send the
 * call again, which has acted already. Who waits long is asked for its signals by us (signal.c).
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
#include "guest/trap.h"

#define LOW 0xffffffffu
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

static int add_condition(scmp_filter_ctx context, const struct guest_trap *trap, size_t i)
{
    unsigned argument = trap->when[i].argument;
    uint32_t value = trap->when[i].value;
    struct scmp_arg_cmp all[2] = {{argument, SCMP_CMP_MASKED_EQ, LOW, value},
                                  {argument + 1, SCMP_CMP_MASKED_EQ, LOW, 0}};
    unsigned count = 1;

    switch (trap->when[i].is) {
    case GUEST_IS:
        break;
    case GUEST_IS_AND_ZERO:
        count = 2;
        break;
    case GUEST_IS_NOT:
        all[0] = (struct scmp_arg_cmp){argument, SCMP_CMP_NE, value, 0};
        break;
    case GUEST_MAPS:
        all[0].datum_a = MAP_TYPE | MAP_ANONYMOUS;
        break;
    case GUEST_HAS:
        all[0].datum_a = value;
        break;
    case GUEST_IS_IN_256:
        all[0].datum_a = 0xffffff00u;
        break;
    case GUEST_ALWAYS:
        count = 0;
        break;
    }
    return seccomp_rule_add_array(context, SCMP_ACT_NOTIFY, trap->number, count, all);
}

/* A rule a condition: any of them traps. */
static int add_trap(scmp_filter_ctx context, const struct guest_trap *trap)
{
    size_t i = 0;
    int r = 0;

    if (trap->reads == GUEST_READS_REFUSED)
        return seccomp_rule_add_array(context, SCMP_ACT_ERRNO((unsigned)trap->error), trap->number,
                                      0, NULL);
    do
        r = add_condition(context, trap, i++);
    while (r == 0 && i < GUEST_CONDITIONS && trap->when[i].is != GUEST_ALWAYS);
    return r;
}

static int add_rules(scmp_filter_ctx context, bool as_root)
{
    int r = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));

    for (size_t i = 0; r == 0 && i < guest_trap_count; i++)
        if (as_root || !guest_trap_table[i].of_root)
            r = add_trap(context, &guest_trap_table[i]);
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

int guest_filter_build(bool as_root, struct sock_filter **filter, unsigned *length)
{
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
    int r;

    if (context == NULL)
        return -ENOMEM;
    r = add_rules(context, as_root);
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
    fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                 SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
                 &program);
    return fd < 0 ? -errno : (int)fd;
}
