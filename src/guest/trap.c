/* SPDX-License-Identifier: MIT */
/*
 * Which system calls of a program are trapped, and what each does.
 *
 * Data calls run natively (read, write, send without an address, poll, epoll, close); trapped are
 * the calls that make, name and control sockets, those that carry an address, control messages or
 * flags that an AF_UNIX socket understands differently, the opens (for the resolver's files),
 * uname, and the ends of signals' handlers (frame.c). A filter sees the values of arguments, not
 * what they point at; so sendmsg and recvmsg are trapped whole. io_uring could make sockets behind
 * the filter's back: ENOSYS. userfaultfd could make us wait where we read the program's memory:
 * EPERM, as an ordinary user has it anyway.
 */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <linux/seccomp.h>
#include <linux/sockios.h>

#include "guest/ring.h"
#include "guest/state.h"
#include "guest/trap.h"

/* The words of the rows. A row: the call, what is read, which argument is an address, whether it
 * waits, its function, the error of a refused one, when it is trapped. */
#define NOTHING GUEST_READS_NOTHING
#define OURS GUEST_READS_OURS
#define ANY GUEST_READS_ANY
#define FRAME GUEST_READS_FRAME
#define REFUSED GUEST_READS_REFUSED
#define NEVER GUEST_WAITS_NEVER
#define WAITS GUEST_WAITS
#define IN_LINE GUEST_WAITS_IN_LINE
#define IS GUEST_IS
#define IS_NOT GUEST_IS_NOT
#define HAS GUEST_HAS
#define IN_256 GUEST_IS_IN_256
#define IS_AND_ZERO GUEST_IS_AND_ZERO
#define ALWAYS                                                                                     \
    {                                                                                              \
        GUEST_ALWAYS, 0, 0                                                                         \
    }
#define FLAG(bit)                                                                                  \
    {                                                                                              \
        HAS, 3, bit                                                                                \
    }
/* flags that an AF_UNIX socket would ignore, or understand as its own */
#define STRANGE_SEND                                                                               \
    {IS_NOT, 4, 0}, FLAG(MSG_OOB), FLAG(MSG_DONTROUTE), FLAG(MSG_EOR), FLAG(MSG_CONFIRM),          \
        FLAG(MSG_MORE), FLAG(MSG_ZEROCOPY), FLAG(MSG_FASTOPEN)
#define STRANGE_RECEIVE                                                                            \
    {IS_NOT, 4, 0}, FLAG(MSG_OOB), FLAG(MSG_TRUNC), FLAG(MSG_ERRQUEUE), FLAG(MSG_PEEK | MSG_WAITALL)
/* SIOC..., SIOC...IW... */
#define OF_SOCKETS                                                                                 \
    {IS, 1, SIOCINQ}, {IS, 1, SIOCOUTQ}, {IN_256, 1, 0x8900},                                      \
    {                                                                                              \
        IN_256, 1, 0x8b00                                                                          \
    }
/* MAP_SHARED, and not of no file */
#define MAPS_FILE                                                                                  \
    {                                                                                              \
        GUEST_MAPS, 3, MAP_SHARED                                                                  \
    }
#define ROW(call, reads, address, waits, act, error, ...)                                          \
    {SYS_##call, #call, reads, address, waits, act, NULL, error, false, {__VA_ARGS__}},
/* of a call that is another one for a socket of AF_UNIX */
#define TWO(call, reads, address, waits, act, local, ...)                                          \
    {SYS_##call, #call, reads, address, waits, act, local, 0, false, {__VA_ARGS__}},
/* of a program as root: by a function, or 0 */
#define ROOT(call, act) {SYS_##call, #call, NOTHING, 0, NEVER, act, NULL, 0, true, {ALWAYS}},
#define ZERO(call) {SYS_##call, #call, REFUSED, 0, NEVER, NULL, NULL, 0, true, {ALWAYS}},

/* clang-format off */
const struct guest_trap guest_trap_table[] = {
    ROW(socket,            NOTHING, 0, NEVER,   guest_life_socket,         0,      ALWAYS)
    ROW(socketpair,        NOTHING, 0, NEVER,   guest_life_socketpair,     0,      ALWAYS)
    TWO(bind,              OURS,    1, NEVER,   guest_life_bind,
        guest_local_bind,                              ALWAYS)
    TWO(listen,            OURS,    0, NEVER,   guest_life_listen,
        guest_local_listen,                            ALWAYS)
    ROW(connect,           ANY,     1, WAITS,   guest_life_connect,        0,      ALWAYS)
    ROW(accept,            OURS,    0, IN_LINE, guest_life_accept,         0,      ALWAYS)
    ROW(accept4,           OURS,    0, IN_LINE, guest_life_accept4,        0,      ALWAYS)
    TWO(shutdown,          OURS,    0, NEVER,   guest_life_shutdown,
        guest_local_shutdown,                          ALWAYS)
    ROW(getsockname,       OURS,    0, NEVER,   guest_life_getsockname,    0,      ALWAYS)
    ROW(getpeername,       OURS,    0, NEVER,   guest_life_getpeername,    0,      ALWAYS)
    TWO(getsockopt,        OURS,    0, NEVER,   guest_option_get,
        guest_local_get,                               ALWAYS)
    TWO(setsockopt,        OURS,    0, NEVER,   guest_option_set,
        guest_local_set,                               ALWAYS)
    TWO(sendto,            OURS,    0, WAITS,   guest_message_sendto,
        guest_local_sendto,                            STRANGE_SEND)
    TWO(recvfrom,          OURS,    0, WAITS,   guest_message_recvfrom,
        guest_local_recvfrom,                          STRANGE_RECEIVE)
    TWO(sendmsg,           OURS,    0, WAITS,   guest_message_sendmsg,
        guest_local_sendmsg,                           ALWAYS)
    TWO(recvmsg,           OURS,    0, WAITS,   guest_message_recvmsg,
        guest_local_recvmsg,                           ALWAYS)
    TWO(sendmmsg,          OURS,    0, WAITS,   guest_message_sendmmsg,
        guest_local_sendmmsg,                          ALWAYS)
    TWO(recvmmsg,          OURS,    0, WAITS,   guest_message_recvmmsg,
        guest_local_recvmmsg,                          ALWAYS)
    ROW(mmap,              NOTHING, 0, NEVER,   guest_ring_mmap,           0,      MAPS_FILE)
    TWO(ioctl,             ANY,     0, NEVER,   guest_option_ioctl,
        guest_local_ioctl,                             OF_SOCKETS)
    ROW(openat,            NOTHING, 0, NEVER,   guest_name_openat,         0,      ALWAYS)
    ROW(openat2,           NOTHING, 0, NEVER,   guest_name_openat2,        0,      ALWAYS)
#ifdef SYS_open
    ROW(open,              NOTHING, 0, NEVER,   guest_name_open,           0,      ALWAYS)
#endif
    ROW(uname,             NOTHING, 0, NEVER,   guest_name_uname,          0,      ALWAYS)
    ROW(prctl,             NOTHING, 0, NEVER,   guest_option_prctl,        0,
        {IS_AND_ZERO, 0, PR_SET_DUMPABLE}, {IS, 0, PR_CAPBSET_DROP})
    ROW(seccomp,           NOTHING, 0, NEVER,   guest_option_seccomp,      0,
        {HAS, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER})
#ifdef __x86_64__
    ROW(rt_sigreturn,      FRAME,   0, NEVER,   NULL,                      0,      ALWAYS)
#endif
    ROW(sethostname,       REFUSED, 0, NEVER,   NULL,                      EPERM,  ALWAYS)
    ROW(setdomainname,     REFUSED, 0, NEVER,   NULL,                      EPERM,  ALWAYS)
    ROW(io_uring_setup,    REFUSED, 0, NEVER,   NULL,                      ENOSYS, ALWAYS)
    ROW(io_uring_enter,    REFUSED, 0, NEVER,   NULL,                      ENOSYS, ALWAYS)
    ROW(io_uring_register, REFUSED, 0, NEVER,   NULL,                      ENOSYS, ALWAYS)
    ROW(userfaultfd,       REFUSED, 0, NEVER,   NULL,                      EPERM,  ALWAYS)
    ZERO(getuid)    ZERO(geteuid)   ZERO(getgid)    ZERO(getegid)
    ZERO(setuid)    ZERO(setgid)    ZERO(setreuid)  ZERO(setregid)
    ZERO(setresuid) ZERO(setresgid) ZERO(setfsuid)  ZERO(setfsgid)
    ZERO(setgroups) ZERO(capset)
    ROOT(getresuid, guest_root_getres)
    ROOT(getresgid, guest_root_getres)
    ROOT(capget,    guest_root_capget)
};
/* clang-format on */

const size_t guest_trap_count = sizeof guest_trap_table / sizeof *guest_trap_table;

const struct guest_trap *guest_trap_find(int number)
{
    for (size_t i = 0; i < guest_trap_count; i++)
        if (guest_trap_table[i].number == number)
            return &guest_trap_table[i];
    return NULL;
}

static bool holds(const struct guest_trap *trap, size_t i, const uint64_t arguments[6])
{
    uint64_t whole = arguments[trap->when[i].argument];
    uint32_t low = (uint32_t)whole, value = trap->when[i].value;

    switch (trap->when[i].is) {
    case GUEST_ALWAYS:
        return true;
    case GUEST_HAS:
        return (low & value) == value;
    case GUEST_MAPS:
        return (low & (MAP_TYPE | MAP_ANONYMOUS)) == value;
    case GUEST_IS:
        return low == value;
    case GUEST_IS_NOT:
        return whole != value;
    case GUEST_IS_IN_256:
        return (low & 0xffffff00u) == value;
    case GUEST_IS_AND_ZERO:
        return low == value && (uint32_t)arguments[trap->when[i].argument + 1] == 0;
    }
    return false;
}

bool guest_trap_is_for(const struct guest_trap *trap, const uint64_t arguments[6])
{
    size_t i = 0;

    do {
        if (holds(trap, i, arguments))
            return true;
        i++;
    } while (i < GUEST_CONDITIONS && trap->when[i].is != GUEST_ALWAYS);
    return false;
}
