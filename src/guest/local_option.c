/* SPDX-License-Identifier: MIT */
/*
 * Options and ioctls of AF_UNIX: the holder's own, natively, but for who the peer is and who writes
 * (for the kernel it is we), and what would tell of our own names.
 */
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>

#include "guest/local.h"

enum {
    PASSPIDFD = 76, /* SO_PASSPIDFD, SO_PEERPIDFD: of newer headers */
    PEERPIDFD = 77,
    UNIXFILE = 0x89e0 /* SIOCUNIXFILE */
};

static bool is_labs(int level, int name)
{
    return level == SOL_SOCKET && (name == SO_PEERCRED || name == SO_PASSCRED);
}

static bool is_refused(int level, int name)
{
    return level == SOL_SOCKET && (name == SO_PEERGROUPS || name == SO_PEERSEC ||
                                   name == SO_PASSSEC || name == PASSPIDFD || name == PEERPIDFD);
}

static int64_t refuse(struct guest_call *call, const char *what)
{
    guest_report_add(call->runner, call->program->number, "%s(%d of SOL_SOCKET): ENOPROTOOPT", what,
                     (int)call->notif.data.args[2]);
    return -ENOPROTOOPT;
}

int64_t guest_local_get(struct guest_call *call)
{
    const __u64 *args = call->notif.data.args;

    if (is_refused((int)args[1], (int)args[2]))
        return refuse(call, "getsockopt");
    return is_labs((int)args[1], (int)args[2]) ? guest_option_get(call) : GUEST_CONTINUE;
}

int64_t guest_local_set(struct guest_call *call)
{
    const __u64 *args = call->notif.data.args;
    struct guest_socket *s = call->socket;
    int on = 0, r;

    if (is_refused((int)args[1], (int)args[2]))
        return refuse(call, "setsockopt");
    if (!is_labs((int)args[1], (int)args[2])) {
        if ((int)args[1] == SOL_SOCKET && (int)args[2] == SO_SNDBUF &&
            guest_target_read(call, args[3], &on, sizeof on) == 0)
            sockeye_set_option(call->runner->lab, s->host, s->fd, SOL_SOCKET, SO_SNDBUF, &on,
                               sizeof on);
        return GUEST_CONTINUE;
    }
    if ((uint32_t)args[4] < sizeof on)
        return -EINVAL;
    if (guest_target_read(call, args[3], &on, sizeof on) < 0)
        return -EFAULT;
    r = sockeye_set_option(call->runner->lab, s->host, s->fd, SOL_SOCKET, (int)args[2], &on,
                           sizeof on);
    if (r == 0 && (int)args[2] == SO_PASSCRED)
        s->local->passes_who = on != 0;
    return r;
}

/* What is sent to a name is charged in the lab alone. */
static int64_t unread(struct guest_call *call)
{
    struct guest_socket *s = call->socket;
    int of_lab = 0, native = 0, r;

    r = sockeye_ioctl(call->runner->lab, s->host, s->fd, SIOCOUTQ, &of_lab);
    if (r < 0 || ioctl(call->fd, SIOCOUTQ, &native) < 0)
        return GUEST_CONTINUE;
    native += of_lab;
    return guest_target_write(call, call->notif.data.args[2], &native, sizeof native);
}

int64_t guest_local_ioctl(struct guest_call *call)
{
    const struct guest_local *l = call->socket->local;
    unsigned request = (unsigned)call->notif.data.args[1];

    if (request == UNIXFILE)
        return -ENOTTY; /* it would open a name of ours */
    if (request == SIOCOUTQ && l->type == SOCK_DGRAM && !l->is_pair)
        return unread(call);
    if (request < 0x8900 || request == SIOCATMARK)
        return GUEST_CONTINUE;
    return guest_option_ioctl(call);
}
