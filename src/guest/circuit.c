/* SPDX-License-Identifier: MIT */
/*
 * Sockets that keep boundaries and have a dialogue all the same: AF_X25. Their bytes go the way of
 * messages (datagram.c), between the lab and a holder that is one end of a pair of SOCK_SEQPACKET,
 * which is told when the other end is closed. What is theirs alone stands here:
 *
 *   connect  waits for the answer of the lab; while it is under way the holder is full of pads, so
 *            that poll() says OUT when it is over
 *   listen   a call that waits is one byte in the holder, so that poll() says IN; accept() takes
 *            the call from the lab
 *   clear    once all that came before it is in the holder, the end is shut: reads come to the end
 *            (Linux: ENOTCONN), writes are EPIPE, poll() says HUP
 *   ioctl    those of linux/x25.h go to the lab, as do interrupts (MSG_OOB), which no holder has
 */
#include <linux/sockios.h>
#include <linux/x25.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "guest/state.h"

static int events_of(const struct guest_runner *runner, const struct guest_socket *s)
{
    return sockeye_poll(runner->lab, s->host, s->fd);
}

/* ---- listen, accept ---- */

int64_t guest_circuit_listen(struct guest_call *call)
{
    struct guest_socket *s = call->socket;
    int r = sockeye_listen(call->runner->lab, s->host, s->fd, (int)call->notif.data.args[1]);

    if (r == 0)
        guest_socket_set_phase(call->runner, s, GUEST_LISTENING);
    return r;
}

/* A listener without an address of its own takes calls for all. */
static bool is_for(const struct guest_runner *runner, const struct guest_socket *s,
                   const char *x121)
{
    struct sockaddr_x25 name = {0};
    uint32_t length = sizeof name;

    return sockeye_local_name(runner->lab, s->host, s->fd, &name, &length) == 0 &&
           (name.sx25_addr.x25_addr[0] == '\0' ||
            strncmp(name.sx25_addr.x25_addr, x121, sizeof name.sx25_addr.x25_addr) == 0);
}

bool guest_circuit_is_listening(struct guest_runner *runner, int host, const char *x121)
{
    for (size_t i = 0; i < runner->slot_count; i++) {
        const struct guest_socket *s = runner->slots[i].socket;

        if (s != NULL && s->host == host && s->kind->way == GUEST_WAY_RECORD &&
            s->phase == GUEST_LISTENING && is_for(runner, s, x121))
            return true;
    }
    return false;
}

/* The call is the program's; what fails now clears it. */
static int64_t give_accepted(struct guest_call *call, struct guest_socket *s, int flags,
                             const struct sockaddr_storage *address, uint32_t length)
{
    const __u64 *args = call->notif.data.args;
    int holder = guest_holder_message(call->runner, s, (flags & SOCK_NONBLOCK) != 0);
    int64_t r = holder;

    if (holder < 0)
        return guest_report_want(call->runner, call->program->number, "accept", holder);
    guest_socket_set_phase(call->runner, s, GUEST_OPEN);
    guest_turn(call->runner, s, GUEST_BY_LAB); /* what has arrived is there at once */
    r = args[1] == 0 ? 0 : guest_target_write_address(call, args[1], args[2], address, length);
    if (r >= 0)
        r = guest_target_give(call, holder, (flags & SOCK_CLOEXEC) != 0);
    close(holder);
    return r < 0 ? r : GUEST_ANSWERED;
}

int64_t guest_circuit_accept(struct guest_call *call, int flags)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *l = call->socket, *s;
    struct sockaddr_storage address;
    uint32_t length = sizeof address;
    int64_t r;
    int fd;

    if (!guest_target_waits(call))
        return GUEST_ANSWERED;
    if (l->phase == GUEST_LISTENING && !(events_of(runner, l) & POLLIN))
        return guest_target_is_nonblocking(call, 0) ? -EAGAIN : guest_wait_time(call, SO_RCVTIMEO);
    fd = sockeye_accept(runner->lab, l->host, l->fd, &address, &length);
    if (fd < 0)
        return fd;
    guest_circuit_settle_token(runner, l,
                               call->fd); /* before the answer: the program may poll at once */
    s = guest_socket_add(runner, l->host, fd, call->program->number, l->kind);
    if (s == NULL) {
        sockeye_close_fd(runner->lab, l->host, fd);
        return -ENOBUFS;
    }
    r = give_accepted(call, s, flags, &address, length);
    if (r < 0)
        guest_ending_remove(runner, s);
    return r;
}

/* ---- connect ---- */

/* The lab tells by a last connect() what became of it; or its error was taken by a turn before. */
static int64_t connect_outcome(struct guest_call *call)
{
    struct guest_socket *s = call->socket;
    int r;

    if (!(events_of(call->runner, s) & (POLLOUT | POLLHUP))) {
        r = guest_wait_time(call, SO_SNDTIMEO);
        return r == -EAGAIN ? -EINPROGRESS : r;
    }
    r = sockeye_connect(call->runner->lab, s->host, s->fd, &call->address,
                        (uint32_t)call->address_length);
    if (r == -ECONNABORTED && s->error != 0)
        r = -guest_socket_take_error(s);
    return r;
}

int64_t guest_circuit_connect(struct guest_call *call)
{
    struct guest_socket *s = call->socket;
    int r;

    if (call->again)
        return connect_outcome(call);
    r = sockeye_connect(call->runner->lab, s->host, s->fd, &call->address,
                        (uint32_t)call->address_length);
    if (r == -ECONNABORTED && s->error != 0)
        r = -guest_socket_take_error(s);
    if (r != -EINPROGRESS)
        return r;
    guest_socket_set_phase(call->runner, s, GUEST_CONNECTING);
    if (!guest_target_is_nonblocking(call, 0))
        return connect_outcome(call);
    guest_datagram_note_sent(call->runner, s, call->fd); /* it is not writable yet */
    return r;
}

/* ---- ioctl ---- */

struct circuit_struct {
    unsigned request;
    size_t takes, gives;
};

static const struct circuit_struct structs[] = {
    {SIOCX25GFACILITIES, 0, sizeof(struct x25_facilities)},
    {SIOCX25SFACILITIES, sizeof(struct x25_facilities), 0},
    {SIOCX25GDTEFACILITIES, 0, sizeof(struct x25_dte_facilities)},
    {SIOCX25SDTEFACILITIES, sizeof(struct x25_dte_facilities), 0},
    {SIOCX25GCALLUSERDATA, 0, sizeof(struct x25_calluserdata)},
    {SIOCX25SCALLUSERDATA, sizeof(struct x25_calluserdata), 0},
    {SIOCX25GCAUSEDIAG, 0, sizeof(struct x25_causediag)},
    {SIOCX25SCAUSEDIAG, sizeof(struct x25_causediag), 0},
    {SIOCX25SCUDMATCHLEN, sizeof(struct x25_subaddr), 0},
    {SIOCX25GSUBSCRIP, sizeof(struct x25_subscrip_struct), sizeof(struct x25_subscrip_struct)},
    {SIOCX25SSUBSCRIP, sizeof(struct x25_subscrip_struct), 0},
    {SIOCADDRT, sizeof(struct x25_route_struct), 0},
    {SIOCDELRT, sizeof(struct x25_route_struct), 0},
    {SIOCX25CALLACCPTAPPRV, 0, 0},
    {SIOCX25SENDCALLACCPT, 0, 0},
};

static const struct circuit_struct *find(unsigned request)
{
    for (size_t i = 0; i < sizeof structs / sizeof *structs; i++)
        if (structs[i].request == request)
            return &structs[i];
    return NULL;
}

bool guest_circuit_has_ioctl(const struct guest_socket *s, unsigned request)
{
    return s->kind->way == GUEST_WAY_RECORD && find(request) != NULL;
}

int64_t guest_circuit_ioctl(struct guest_call *call)
{
    const struct circuit_struct *c = find((unsigned)call->notif.data.args[1]);
    struct guest_socket *s = call->socket;
    uint64_t at = call->notif.data.args[2];
    uint8_t bytes[sizeof(struct x25_route_struct)];
    int r;

    _Static_assert(sizeof bytes >= sizeof(struct x25_subscrip_struct), "the largest");
    if (c == NULL) /* guest_circuit_has_ioctl says that there is one */
        return -ENOTTY;
    if (c->takes > 0 && guest_target_read(call, at, bytes, c->takes) < 0)
        return -EFAULT;
    r = sockeye_ioctl_x25(call->runner->lab, s->host, s->fd, c->request, bytes,
                          c->takes > 0 ? c->takes : c->gives);
    if (r == 0 && c->gives > 0 && guest_target_write(call, at, bytes, c->gives) < 0)
        return -EFAULT;
    return r;
}
