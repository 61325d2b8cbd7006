/* SPDX-License-Identifier: MIT */
/*
 * getsockopt, setsockopt and ioctl of the programs' sockets, answered by the lab; and the two calls
 * that would take a program out of our hands, prctl(PR_SET_DUMPABLE, 0) and a second listener.
 *
 * Native, because the holder itself acts on them: SO_RCVTIMEO, SO_SNDTIMEO, SO_RCVLOWAT,
 * SO_OOBINLINE, SO_PEEK_OFF. SO_ERROR joins what the lab told us, what it still knows, and clears
 * the holder's own. SO_SNDBUF and SO_RCVBUF go to the lab: the holder's sizes are ours.
 */
#include <linux/sockios.h>
#include <string.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#include "guest/ring.h"
#include "guest/state.h"
#include "guest/words.h"

enum { IN6_IFREQ = 24 /* bytes of struct in6_ifreq */ };

static bool is_native(int level, int name)
{
    if (level != SOL_SOCKET)
        return false;
    switch (name) {
    case SO_RCVTIMEO:
    case SO_SNDTIMEO:
    case 66: /* SO_RCVTIMEO_NEW, SO_SNDTIMEO_NEW: 64-bit times of 32-bit machines */
    case 67:
    case SO_RCVLOWAT:
    case SO_OOBINLINE:
    case SO_PEEK_OFF:
        return true;
    default:
        return false;
    }
}

/* The filter of a group: which, the value says. */
static bool asks_by_value(int level, int name)
{
    return (level == IPPROTO_IP && (name == IP_MSFILTER || name == MCAST_MSFILTER)) ||
           (level == IPPROTO_IPV6 && name == MCAST_MSFILTER);
}

static void report_option(struct guest_call *call, const char *what, int level, int name, int error)
{
    bool is_ebpf = level == SOL_SOCKET && name == SO_ATTACH_BPF;

    if (error == -ENOPROTOOPT || error == -EOPNOTSUPP || error == -EPERM || is_ebpf)
        guest_report_add(call->runner, call->program->number, "%s(%s): %s", what,
                         guest_words_option(level, name).text, sockeye_strerror(error));
}

/* @return the pending error, positive; it is told once, here or by a native call */
int guest_option_take_error(struct guest_call *call)
{
    struct guest_socket *s = call->socket;
    int native = 0, error, of_lab = 0;
    socklen_t length = sizeof native;
    uint32_t lab_length = sizeof of_lab;

    getsockopt(call->fd, SOL_SOCKET, SO_ERROR, &native, &length);
    if (s->is_datagram)
        return guest_datagram_take_error(s, native);
    error = guest_socket_take_error(s);
    if (error == 0 && sockeye_get_option(call->runner->lab, s->host, s->fd, SOL_SOCKET, SO_ERROR,
                                         &of_lab, &lab_length) == 0)
        error = of_lab;
    if ((s->phase == GUEST_RESET || s->phase == GUEST_FAILED) && native == 0 &&
        !s->stream.ends_quietly)
        return 0; /* a native read has told it */
    return error;
}

int64_t guest_option_get(struct guest_call *call)
{
    const __u64 *args = call->notif.data.args;
    struct guest_socket *s = call->socket;
    int level = (int)args[1], name = (int)args[2], r = 0;
    uint8_t value[GUEST_OPTION] = {0};
    int32_t room;
    uint32_t length;

    if (is_native(level, name))
        return GUEST_CONTINUE;
    if (guest_target_read(call, args[4], &room, sizeof room) < 0)
        return -EFAULT;
    if (room < 0)
        return -EINVAL;
    if (guest_bpf_is(level, name))
        return guest_bpf_get(call, (uint32_t)room);
    length = (uint32_t)room < sizeof value ? (uint32_t)room : sizeof value;
    if (guest_ring_is_option(s, level, name)) {
        if (guest_target_read(call, args[3], value, length) < 0)
            return -EFAULT;
        r = guest_ring_get(call->runner, s, name, value, &length);
    } else if (level == SOL_SOCKET && name == SO_ERROR) {
        int error = guest_option_take_error(call);

        memcpy(value, &error, sizeof error);
        length = length < sizeof error ? length : sizeof error;
    } else {
        if (asks_by_value(level, name) && guest_target_read(call, args[3], value, length) < 0)
            return -EFAULT;
        r = sockeye_get_option(call->runner->lab, s->host, s->fd, level, name, value, &length);
        if (r == -ENOPROTOOPT && level == SOL_SOCKET && name == SO_COOKIE)
            return GUEST_CONTINUE;
    }
    if (r < 0) {
        report_option(call, "getsockopt", level, name, r);
        return r;
    }
    if (guest_target_write(call, args[3], value, length) < 0 ||
        guest_target_write(call, args[4], &length, sizeof length) < 0)
        return -EFAULT;
    return 0;
}

int64_t guest_option_set(struct guest_call *call)
{
    const __u64 *args = call->notif.data.args;
    struct guest_socket *s = call->socket;
    int level = (int)args[1], name = (int)args[2], r;
    int32_t length = (int32_t)args[4];
    uint8_t value[GUEST_OPTION];

    if (is_native(level, name)) {
        guest_stream_note_options(s);
        return GUEST_CONTINUE;
    }
    if (length < 0)
        return -EINVAL;
    if (length > (int32_t)sizeof value) /* no option has more; Linux does not look at the rest */
        length = sizeof value;
    if (guest_target_read(call, args[3], value, (size_t)length) < 0)
        return -EFAULT;
    if (guest_bpf_is(level, name))
        r = guest_bpf_set(call, value, (uint32_t)length);
    else if (guest_ring_is_option(s, level, name)) {
        guest_target_remember(call, s); /* the ring's byte is taken away by it */
        r = guest_ring_set(call->runner, s, name, value, (uint32_t)length);
    } else {
        r = sockeye_set_option(call->runner->lab, s->host, s->fd, level, name, value,
                               (uint32_t)length);
    }
    if (r < 0)
        report_option(call, "setsockopt", level, name, r);
    else
        guest_turn(call->runner, s,
                   GUEST_BY_LAB); /* SO_RCVBUF, TCP_NODELAY, TCP_CORK may free data */
    return r;
}

/* Bytes that the program wrote and the lab has not: they are unsent too. */
static int unsent(const struct guest_socket *s)
{
    if (s->bridge.end < 0 || s->phase == GUEST_CONNECTING)
        return 0;
    return guest_bridge_untaken(s) + (int)s->stream.out.length;
}

static int64_t put_number(const struct guest_call *call, int value)
{
    return guest_target_write(call, call->notif.data.args[2], &value, sizeof value);
}

static int64_t ioctl_ours(struct guest_call *call)
{
    const __u64 *args = call->notif.data.args;
    struct guest_socket *s = call->socket;
    unsigned long request = (unsigned)args[1];
    int value = 0, native = 0, r;

    switch (request) {
    case SIOCINQ: /* natively but for a listener: what is in the holder can be read, no more */
        if (s->is_datagram)
            return GUEST_CONTINUE;
        /* fall through */
    case SIOCATMARK:
        if (s->phase != GUEST_FRESH && s->phase != GUEST_LISTENING)
            return GUEST_CONTINUE;
        break;
    case SIOCOUTQ:
    case SIOCOUTQNSD:
        if (!s->is_datagram)
            native = unsent(s);
        break;
    default:
        break;
    }
    r = sockeye_ioctl(call->runner->lab, s->host, s->fd, request, &value);
    if (r < 0)
        return r;
    return put_number(call, value + native);
}

/* Of struct ifconf: how many bytes there is room for, and where. */
static int64_t list_interfaces(struct guest_call *call)
{
    struct guest_runner *runner = call->runner;
    uint64_t at = call->notif.data.args[2];
    static uint8_t rows[GUEST_ROWS];
    size_t length = sizeof rows;
    struct ifconf list;
    uintptr_t to;
    int r;

    if (guest_target_read(call, at, &list, sizeof list) < 0)
        return -EFAULT;
    memcpy(&to, &list.ifc_buf, sizeof to);
    if (to != 0 && list.ifc_len < 0)
        return -EINVAL;
    if (to != 0 && (size_t)list.ifc_len < length)
        length = (size_t)list.ifc_len;
    r = sockeye_ioctl_interface(runner->lab, call->program->host, SIOCGIFCONF,
                                to == 0 ? NULL : rows, &length);
    if (r < 0)
        return r;
    if (to != 0 && guest_target_write(call, to, rows, length) < 0)
        return -EFAULT;
    list.ifc_len = (int)length;
    return guest_target_write(call, at, &list, sizeof list);
}

/* What a request that changes gives, in the lab's form: struct rtentry has the name of its
 * interface behind it. @return its length, or -errno */
static int read_change(const struct guest_call *call, unsigned request, uint8_t bytes[GUEST_OPTION])
{
    uint64_t at = call->notif.data.args[2];
    bool is_6 = call->socket != NULL && call->socket->kind->domain == AF_INET6;
    bool is_route = request == SIOCADDRT || request == SIOCDELRT;
    size_t length = sizeof(struct ifreq);
    struct rtentry route;
    uintptr_t name;

    if (is_route)
        length = is_6 ? sizeof(struct in6_rtmsg) : sizeof route;
    else if (request == SIOCSARP || request == SIOCDARP || request == SIOCGARP)
        length = sizeof(struct arpreq);
    else if (is_6 && (request == SIOCSIFADDR || request == SIOCDIFADDR))
        length = IN6_IFREQ;
    if (guest_target_read(call, at, bytes, length) < 0)
        return -EFAULT;
    if (!is_route || is_6)
        return (int)length;
    memcpy(&route, bytes, sizeof route);
    memcpy(&name, &route.rt_dev, sizeof name);
    memset(bytes + length, 0, IFNAMSIZ);
    if (name != 0 && guest_target_text(call, name, (char *)bytes + length, IFNAMSIZ) < 0)
        return -EFAULT;
    return (int)length + IFNAMSIZ;
}

/* Interfaces are the host's: whichever socket is asked, one of AF_UNIX too. */
static int64_t ioctl_interface(struct guest_call *call, unsigned request)
{
    struct guest_runner *runner = call->runner;
    uint64_t at = call->notif.data.args[2];
    uint8_t row[GUEST_OPTION];
    size_t length;
    int r;

    if (request == SIOCGIFCONF)
        return list_interfaces(call);
    r = read_change(call, request, row);
    if (r < 0)
        return r;
    length = (size_t)r;
    r = sockeye_ioctl_interface(runner->lab, call->program->host, request, row, &length);
    if (r == -ENOTTY || r == -EOPNOTSUPP)
        guest_report_add(runner, call->program->number, "ioctl(%s): %s",
                         guest_words_ioctl(request).text, r == -ENOTTY ? "ENOTTY" : "EOPNOTSUPP");
    if (r < 0 || !(request == SIOCGARP || (request >= SIOCGIFNAME && request <= SIOCGIFMAP)))
        return r;
    return guest_target_write(call, at, row, length);
}

/* ioctls of sockets that name interfaces would tell of, or change, the machine's own. */
int64_t guest_option_ioctl(struct guest_call *call)
{
    unsigned request = (unsigned)call->notif.data.args[1];

    if (request == FIOSETOWN || request == SIOCSPGRP || request == FIOGETOWN ||
        request == SIOCGPGRP || (call->socket == NULL && request < 0x8900))
        return GUEST_CONTINUE;
    if (call->socket != NULL && guest_circuit_has_ioctl(call->socket, request))
        return guest_circuit_ioctl(call);
    if (call->socket != NULL &&
        (request < 0x8900 || request == SIOCATMARK || request == SIOCOUTQNSD))
        return ioctl_ours(call);
    if (call->socket == NULL && (request == SIOCATMARK || guest_target_cookie(call->fd) == 0))
        return GUEST_CONTINUE;
    return ioctl_interface(call, request);
}

/* A process that is not dumpable keeps its descriptors from us: it is told yes, and stays so. */
int64_t guest_option_prctl(struct guest_call *call)
{
    if ((int)call->notif.data.args[0] == PR_CAPBSET_DROP)
        return guest_root_drop(call);
    guest_report_add(call->runner, call->program->number,
                     "prctl(PR_SET_DUMPABLE, 0): answered 0, not done");
    return 0;
}

int64_t guest_option_seccomp(struct guest_call *call)
{
    guest_report_add(call->runner, call->program->number,
                     "seccomp(NEW_LISTENER): EBUSY: a process has one listener, and it is ours (a "
                     "runner in a lab cannot run)");
    return -EBUSY;
}
