/* SPDX-License-Identifier: MIT */
/*
 * SO_ATTACH_FILTER and SO_GET_FILTER of a program: the value of the first points to the program's
 * instructions, which are read where they are; the second counts instructions.
 */
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

#include "guest/state.h"

bool guest_bpf_is(int level, int name)
{
    return level == SOL_SOCKET && name == SO_ATTACH_FILTER;
}

int guest_bpf_set(struct guest_call *call, const void *value, uint32_t length)
{
    const struct guest_socket *s = call->socket;
    struct sock_fprog program;
    struct sock_filter *filter;
    size_t bytes;
    int r;

    if (length != sizeof program)
        return -EINVAL;
    memcpy(&program, value, sizeof program);
    if (program.filter == NULL || program.len > BPF_MAXINSNS)
        program.len = 0; /* is none: the lab says so, if nothing else is wrong */
    bytes = program.len * sizeof *filter;
    filter = malloc(bytes + 1);
    if (filter == NULL)
        return -ENOMEM;
    r = guest_target_read(call, (uint64_t)(uintptr_t)program.filter, filter, bytes);
    program.filter = filter;
    if (r == 0)
        r = sockeye_set_option(call->runner->lab, s->host, s->fd, SOL_SOCKET, SO_ATTACH_FILTER,
                               &program, sizeof program);
    free(filter);
    return r;
}

int64_t guest_bpf_get(struct guest_call *call, uint32_t count)
{
    const __u64 *args = call->notif.data.args;
    const struct guest_socket *s = call->socket;
    uint32_t length = count < BPF_MAXINSNS ? count : BPF_MAXINSNS;
    struct sock_filter *filter = calloc(length + 1, sizeof *filter);
    int r;

    if (filter == NULL)
        return -ENOMEM;
    r = sockeye_get_option(call->runner->lab, s->host, s->fd, SOL_SOCKET, SO_GET_FILTER, filter,
                           &length);
    if (r == 0 && count > 0 &&
        guest_target_write(call, args[3], filter, length * sizeof *filter) < 0)
        r = -EFAULT;
    if (r == 0 && guest_target_write(call, args[4], &length, sizeof length) < 0)
        r = -EFAULT;
    free(filter);
    return r;
}
