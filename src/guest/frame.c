/* SPDX-License-Identifier: MIT */
/*
 * The end of a signal's handler: rt_sigreturn, which is trapped for the sake of one case. A signal
 * that comes before we have taken a call ends it in any way, as the kernel has it; nothing was done
 * then, and it is made anew, unless the handler is without SA_RESTART: then the program would see
 * EINTR of socket(), bind() or open(), which never say so, or of a send for which there is room.
 * Where the thread goes on lies on its stack, where rt_sigreturn takes it from: there the call is
 * put back into its place. One that would wait keeps its EINTR: the program may need it.
 *
 * Which call it was is not kept by the kernel. The instruction tells: `mov $number, %eax; syscall`,
 * as glibc has it in these functions; who loads the number from elsewhere keeps the EINTR. An
 * rt_sigreturn that another signal has ended is put back at the end of that one's handler, or the
 * thread would go on behind it: it is known by its place. Where the result takes the place of an
 * argument (aarch64) nothing can be put back, and rt_sigreturn is not trapped.
 */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "guest/state.h"

/* Of the calls that may wait: for what, and where their flags are. */
static const struct waiting {
    int number;
    short events; /* 0: a connection */
    int flags;    /* which argument, or -1 */
} waitings[] = {{SYS_connect, 0, -1},      {SYS_accept, POLLIN, -1},  {SYS_accept4, POLLIN, -1},
                {SYS_recvfrom, POLLIN, 3}, {SYS_recvmsg, POLLIN, 2},  {SYS_recvmmsg, POLLIN, 3},
                {SYS_sendto, POLLOUT, 3},  {SYS_sendmsg, POLLOUT, 2}, {SYS_sendmmsg, POLLOUT, 3}};

static const struct waiting *waiting_of(int number)
{
    for (size_t i = 0; i < sizeof waitings / sizeof *waitings; i++)
        if (waitings[i].number == number)
            return &waitings[i];
    return NULL;
}

bool guest_frame_would_wait(struct guest_call *call, const struct guest_frame *frame)
{
    const struct waiting *w = waiting_of(frame->number);
    const uint64_t *arguments = frame->arguments;
    struct pollfd p = {.fd = -1};

    if (w == NULL)
        return true;
    call->fd = guest_target_borrow(call, (int)arguments[0]);
    if (call->fd < 0)
        return true;
    if (guest_target_is_nonblocking(call, w->flags < 0 ? 0 : (int)arguments[w->flags]))
        return false;
    if (w->events == 0) {
        call->socket = guest_socket_of_cookie(call->runner, guest_target_cookie(call->fd));
        return call->socket == NULL || !call->socket->is_datagram;
    }
    p.fd = call->fd;
    p.events = w->events;
    return poll(&p, 1, 0) != 1;
}

#ifdef __x86_64__

enum {
    TRIES = 50,    /* until the thread has fallen asleep, and shows its stack */
    SYSCALL = 2,   /* bytes of that instruction */
    CODE_BYTES = 9 /* of the longer form: mov $number, %rax; syscall */
};

/* The stack pointer of a thread that waits in a system call. @return 0: it cannot be told */
static uint64_t stack_of(pid_t thread)
{
    char path[40], text[256];
    unsigned long long stack = 0;
    ssize_t n = 0;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/syscall", (int)thread);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    for (int i = 0; i < TRIES; i++) {
        n = pread(fd, text, sizeof text - 1, 0);
        if (n <= 0 || text[0] != 'r') /* "running" */
            break;
        sched_yield();
    }
    close(fd);
    if (n <= 0 || text[0] == 'r')
        return 0;
    text[n] = '\0';
    /* behind the number and six arguments; who is in no call has none */
    return sscanf(text, "%*s %*s %*s %*s %*s %*s %*s %llx", &stack) == 1 ? stack : 0;
}

/* The number of the call that ends before `place`, or -1. */
static int number_before(const struct guest_call *call, uint64_t place)
{
    uint8_t code[CODE_BYTES];
    int32_t number;

    if (place == call->notif.data.instruction_pointer)
        return SYS_rt_sigreturn;
    if (guest_target_read(call, place - CODE_BYTES, code, sizeof code) < 0)
        return -1;
    if (code[7] != 0x0f || code[8] != 0x05 ||
        !(code[2] == 0xb8 || (code[0] == 0x48 && code[1] == 0xc7 && code[2] == 0xc0)))
        return -1;
    memcpy(&number, code + 3, sizeof number);
    return number;
}

bool guest_frame_read(const struct guest_call *call, struct guest_frame *frame)
{
    static const int places[6] = {REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9};
    long long registers[REG_RIP + 1];
    uint64_t stack = stack_of((pid_t)call->notif.pid);

    frame->at = stack + offsetof(ucontext_t, uc_mcontext.gregs);
    if (stack == 0 || guest_target_read(call, frame->at, registers, sizeof registers) < 0 ||
        registers[REG_RAX] != -EINTR)
        return false;
    frame->place = (uint64_t)registers[REG_RIP];
    frame->number = number_before(call, frame->place);
    for (int i = 0; i < 6; i++)
        frame->arguments[i] = (uint64_t)registers[places[i]];
    return frame->number >= 0;
}

void guest_frame_put_back(const struct guest_call *call, const struct guest_frame *frame)
{
    int64_t number = frame->number;
    uint64_t place = frame->place - SYSCALL;

    guest_target_write(call, frame->at + REG_RAX * sizeof(greg_t), &number, sizeof number);
    guest_target_write(call, frame->at + REG_RIP * sizeof(greg_t), &place, sizeof place);
}

#else

bool guest_frame_read(const struct guest_call *call, struct guest_frame *frame)
{
    (void)call;
    (void)frame;
    return false;
}

void guest_frame_put_back(const struct guest_call *call, const struct guest_frame *frame)
{
    (void)call;
    (void)frame;
}

#endif
