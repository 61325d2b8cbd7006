/* SPDX-License-Identifier: MIT */
/*
 * forbid COMMAND...: runs it as on a machine where an ordinary user can make no namespace (a
 * hardened one, or a container): unshare, setns and a clone with a flag of a namespace say EPERM.
 * clone3, whose flags a filter cannot see, says ENOSYS, and clone is what libraries call then.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                 CLONE_NEWPID | CLONE_NEWNET
};

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF_IS(value, otherwise) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (otherwise))
#define SAY(what) BPF_STMT(BPF_RET | BPF_K, (what))

int main(int argc, char **argv)
{
    struct sock_filter filter[] = {
        LOAD(nr),
        IF_IS(SYS_unshare, 1),
        SAY(SECCOMP_RET_ERRNO | EPERM),
        IF_IS(SYS_setns, 1),
        SAY(SECCOMP_RET_ERRNO | EPERM),
        IF_IS(SYS_clone3, 1),
        SAY(SECCOMP_RET_ERRNO | ENOSYS),
        IF_IS(SYS_clone, 3),
        LOAD(args[0]), /* its lower half: both of our machines are little-endian */
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 0, 1),
        SAY(SECCOMP_RET_ERRNO | EPERM),
        SAY(SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};

    if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 || unshare(CLONE_NEWUSER) == 0) {
        fprintf(stderr, "forbid: %s\n", strerror(errno));
        return 1;
    }
    execvp(argv[1], argv + 1);
    fprintf(stderr, "forbid: %s: %s\n", argv[1], strerror(errno));
    return 1;
}
