/* SPDX-License-Identifier: MIT */
/*
 * Send and receive calls that are trapped: those with an address, with control messages, or with
 * flags that an AF_UNIX socket understands differently.
 *
 * Streams: sendmsg and recvmsg go on natively unless they carry such things; then a send goes to
 * the lab directly (what was written before it is there already: the socket had its turn), and what
 * the lab does not take at once into the holder; a receive takes from the holder, in whose queue
 * the data is. So what poll() says of the holder holds for trapped calls too. Datagrams: a send
 * goes to the lab; a receive takes the datagram from the holder, the source and the control
 * messages from the socket (guest_datagram).
 */
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "guest/msghdr.h"
#include "guest/ring.h"

enum {
    FRAME_FLAGS = MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC, /* of a receive of frames */
    NATIVE_SEND = MSG_NOSIGNAL | MSG_DONTWAIT,         /* flags that AF_UNIX treats as TCP does */
    STRANGE_RECEIVE = MSG_TRUNC | MSG_ERRQUEUE,
    PEEK_ALL = MSG_PEEK | MSG_WAITALL /* AF_UNIX peeks at what there is */
};

static void signal_pipe(const struct guest_call *call, int flags)
{
    if (!(flags & MSG_NOSIGNAL) && guest_target_waits(call))
        syscall(SYS_tkill, (pid_t)call->notif.pid, SIGPIPE);
}

/* One piece of what is left. @return its length that was taken, or -errno */
static ssize_t send_piece(struct guest_call *call, const struct guest_msghdr *m, int flags)
{
    struct guest_socket *s = call->socket;
    size_t left = m->length - call->done, size = left < GUEST_QUEUE ? left : GUEST_QUEUE;
    uint8_t *bytes;
    ssize_t n;
    int error;

    if (s->phase == GUEST_RESET && call->done == 0 && call->messages == 0 &&
        (error = guest_option_take_error(call)) != 0)
        return -error; /* else it is for the next call */
    if (s->stream.shut_write)
        return -EPIPE;
    bytes = malloc(size + 1);
    if (bytes == NULL)
        return -ENOBUFS;
    n = guest_msghdr_gather(call, m, call->done, bytes, size);
    if (n == 0)
        n = guest_stream_send(call->runner, s, call->fd, bytes, size,
                              size < left ? flags & ~MSG_OOB : flags);
    free(bytes);
    return n;
}

static bool is_writable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};

    return poll(&p, 1, 0) == 1;
}

/* A blocking one takes all, in as many turns as it needs. Its message is read anew in each: another
 * thread may have made it shorter than what was sent already. */
static int64_t send_stream(struct guest_call *call, const struct guest_msghdr *m, int flags)
{
    bool waits = !guest_target_is_nonblocking(call, flags);
    bool is_empty = m->length == 0 && call->done == 0;
    ssize_t n = call->again && !is_writable(call->fd) ? -EAGAIN : 0;

    while (n >= 0 && (call->done < m->length || is_empty)) {
        n = send_piece(call, m, flags);
        if (n > 0)
            call->done += (size_t)n;
        if (is_empty)
            break;
    }
    if (n == -EAGAIN && waits)
        n = guest_wait_time(call, SO_SNDTIMEO);
    if (n == GUEST_WAIT)
        return n;
    if (call->done > 0)
        return (int64_t)call->done;
    if (n == -EPIPE)
        signal_pipe(call, flags);
    return n;
}

/* Of a datagram socket; the holder is asked only if there may be one. @return positive, or 0 */
static int take_error(struct guest_call *call)
{
    const struct guest_socket *s = call->socket;

    return s->error == 0 && !s->datagram->is_raised ? 0 : guest_option_take_error(call);
}

/* Of records Linux knows few flags, and MSG_NOSIGNAL is none of them. */
static int flags_to_lab(const struct guest_socket *s, int flags)
{
    flags &= ~MSG_DONTWAIT;
    return s->kind->way == GUEST_WAY_RECORD ? flags : flags | MSG_NOSIGNAL;
}

/* `address` and `control` are the program's, or 0. */
static int64_t send_datagram(struct guest_call *call, const struct guest_msghdr *m, int flags,
                             uint64_t address_at, int64_t address_length)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *s = call->socket;
    struct sockaddr_storage address;
    uint8_t control[GUEST_CONTROL];
    struct sockeye_message message = {.bytes = runner->scratch, .length = m->length};
    ssize_t n;

    if (m->length > s->kind->most)
        return -EMSGSIZE;
    if (m->header.msg_controllen > sizeof control)
        return -ENOBUFS;
    if (address_at != 0) {
        int r = guest_target_read_address(call, address_at, address_length, &address);

        if (r <= 0)
            return r < 0 ? r : -EINVAL;
        message.address = &address;
        message.address_length = (uint32_t)r;
    }
    if (m->header.msg_controllen > 0) {
        if (guest_target_read(call, guest_msghdr_number(m->header.msg_control), control,
                              m->header.msg_controllen) < 0)
            return -EFAULT;
        message.control = control;
        message.control_length = m->header.msg_controllen;
    }
    if (guest_msghdr_gather(call, m, 0, runner->scratch, GUEST_DATAGRAM) < 0)
        return -EFAULT;
    n = take_error(call);
    if (n != 0)
        return -n;
    n = s->datagram->out_full
            ? -EAGAIN
            : sockeye_send_message(runner->lab, s->host, s->fd, &message, flags_to_lab(s, flags));
    if (n > 0)
        runner->statistics.bytes_sent += (uint64_t)n;
    if (n == -EPIPE)
        signal_pipe(call, flags);
    if (n == -ENETUNREACH && message.address != NULL)
        guest_report_unreached(call, &address);
    if (n >= 0 || n == -EAGAIN)
        guest_datagram_note_sent(runner, s, call->fd);
    if (n == -EAGAIN && !guest_target_is_nonblocking(call, flags))
        return guest_wait_time(call, SO_SNDTIMEO);
    return n;
}

/* A blocking receive from a stream waits for all with MSG_WAITALL, else for SO_RCVLOWAT: as far as
 * the holder can have so much, for a part that was taken could not be given back to a signal. */
static bool has_enough(struct guest_call *call, int flags, size_t size)
{
    struct guest_socket *s = call->socket;
    int want = 1, available = 0;
    socklen_t length = sizeof want;

    if (s->is_datagram || s->phase != GUEST_OPEN || s->stream.eof_given || s->stream.shut_read ||
        call->timed_out || (flags & MSG_OOB) || guest_target_is_nonblocking(call, flags))
        return true;
    getsockopt(call->fd, SOL_SOCKET, SO_RCVLOWAT, &want, &length);
    if ((flags & MSG_WAITALL) || (size_t)want > size)
        want = (int)size;
    return ioctl(call->fd, SIOCINQ, &available) < 0 || available >= want ||
           (call->interrupted && available > 0) || /* Linux gives what there is */
           s->stream.in.length > 0 || guest_bridge_is_full(call->runner, s);
}

/* The data is in the holder, whoever reads it. */
static int64_t receive_holder(struct guest_call *call, const struct guest_msghdr *m, int flags,
                              size_t size, uint32_t *out_flags)
{
    struct guest_socket *s = call->socket;
    struct iovec piece = {call->runner->scratch, size};
    struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
    ssize_t n;

    if (!guest_target_waits(call))
        return GUEST_ANSWERED;
    if (s->kind->domain == AF_PACKET && flags & ~FRAME_FLAGS)
        return -EINVAL;
    if (s->is_datagram && guest_ring_is(s)) /* what waits is its byte */
        return guest_target_is_nonblocking(call, flags) ? -EAGAIN
                                                        : guest_wait_time(call, SO_RCVTIMEO);
    if (!s->is_datagram && (s->phase == GUEST_FRESH || s->phase == GUEST_LISTENING))
        return s->phase == GUEST_FRESH && (flags & MSG_OOB) ? -EINVAL : -ENOTCONN;
    if (s->is_datagram && (n = take_error(call)) != 0)
        return -n;
    if (s->is_datagram && s->datagram->shut_read && guest_bridge_is_empty(s)) {
        guest_datagram_forget_head(s);
        return guest_target_is_nonblocking(call, flags) ? -EAGAIN : 0;
    }
    if (!has_enough(call, flags, size))
        return guest_wait_time(call, SO_RCVTIMEO);
    n = recvmsg(call->fd, &header,
                MSG_DONTWAIT | (s->is_datagram ? MSG_TRUNC : 0) |
                    (flags & (s->is_datagram ? MSG_PEEK : MSG_PEEK | MSG_OOB)));
    if (n < 0 && errno == EAGAIN && !guest_target_is_nonblocking(call, flags))
        return guest_wait_time(call, SO_RCVTIMEO);
    if (n < 0)
        return -errno;
    *out_flags = (uint32_t)header.msg_flags & (MSG_TRUNC | MSG_OOB);
    if (s->kind->way == GUEST_WAY_RECORD)
        *out_flags |= MSG_EOR;
    if (!(!s->is_datagram && (flags & MSG_TRUNC)) && /* TCP: discard */
        guest_msghdr_scatter(call, m, call->runner->scratch, (size_t)n < size ? (size_t)n : size) <
            0)
        return -EFAULT;
    if (s->is_datagram && !(flags & MSG_TRUNC) && (size_t)n > size)
        return (int64_t)size;
    return n;
}

/* Interrupts of a circuit are not in the holder. */
static int64_t receive_interrupt(struct guest_call *call, const struct guest_msghdr *m,
                                 struct sockeye_message *message)
{
    struct guest_socket *s = call->socket;
    ssize_t n = sockeye_receive_message(call->runner->lab, s->host, s->fd, message, MSG_OOB);

    if (n >= 0 && guest_msghdr_scatter(call, m, call->runner->scratch, (size_t)n) < 0)
        return -EFAULT;
    return n;
}

/* Linux keeps errors of datagrams in a queue of their own (IP_RECVERR). The lab has them. */
static int64_t receive_error_queue(struct guest_call *call, const struct guest_msghdr *m,
                                   struct sockeye_message *message)
{
    struct guest_socket *s = call->socket;
    ssize_t n = sockeye_receive_message(call->runner->lab, s->host, s->fd, message, MSG_ERRQUEUE);

    if (n == -EOPNOTSUPP)
        return -EAGAIN; /* it is always empty */
    if (n >= 0 && guest_msghdr_scatter(call, m, call->runner->scratch, (size_t)n) < 0)
        n = -EFAULT;
    if (n >= 0 && s->is_datagram) {
        guest_target_remember(call, s);
        guest_datagram_note_told(s, call->fd);
        guest_turn(call->runner, s, GUEST_BY_LAB); /* it uses the scratch too */
    }
    return n;
}

int64_t guest_message_sendto(struct guest_call *call)
{
    const __u64 *args = call->notif.data.args;
    int flags = (int)args[3];
    static struct guest_msghdr m;

    guest_msghdr_make(call, &m);
    if (call->socket->is_datagram)
        return send_datagram(call, &m, flags, args[4], (int32_t)args[5]);
    if (args[4] != 0) { /* a connected one looks no further at it */
        struct sockaddr_storage address;
        int r = guest_target_read_address(call, args[4], (int32_t)args[5], &address);

        if (r < 0)
            return r;
    }
    if (flags & MSG_FASTOPEN) {
        guest_report_add(call->runner, call->program->number, "sendto(MSG_FASTOPEN): EOPNOTSUPP");
        return -EOPNOTSUPP;
    }
    return send_stream(call, &m, flags);
}

/* What a receive call gives beside the bytes. */
struct extras {
    struct sockaddr_storage address;
    uint32_t address_length, flags, control_length;
    uint8_t control[GUEST_CONTROL];
};

/* The bytes go to the program; the rest comes back in `extras`, for each caller's own form. */
static int64_t receive(struct guest_call *call, const struct guest_msghdr *m, int flags,
                       struct extras *extras)
{
    struct guest_socket *s = call->socket;
    size_t size = m->length < GUEST_DATAGRAM ? m->length : GUEST_DATAGRAM;
    const struct guest_origin *head;
    int64_t n;

    extras->address_length = extras->flags = extras->control_length = 0;
    if (flags & MSG_ERRQUEUE || (flags & MSG_OOB && s->kind->way == GUEST_WAY_RECORD)) {
        struct sockeye_message message = {.bytes = call->runner->scratch,
                                          .length = size,
                                          .address = &extras->address,
                                          .address_length = sizeof extras->address,
                                          .control = extras->control,
                                          .control_length = sizeof extras->control};

        n = flags & MSG_ERRQUEUE ? receive_error_queue(call, m, &message)
                                 : receive_interrupt(call, m, &message);
        extras->address_length = n < 0 ? 0 : message.address_length;
        extras->control_length = n < 0 ? 0 : (uint32_t)message.control_length;
        extras->flags = message.flags;
        return n;
    }
    n = receive_holder(call, m, flags, size, &extras->flags);
    if (n < 0 || n >= GUEST_CONTINUE || !s->is_datagram)
        return n;
    head = &s->datagram->head;
    extras->address_length = head->source_length;
    memcpy(&extras->address, &head->source, sizeof extras->address);
    extras->control_length = head->control_length;
    memcpy(extras->control, head->control, head->control_length);
    if (head->control_length > 0) /* perhaps a stamp, and that of a frame that came early */
        drive_settle(call->runner->drive);
    guest_turn(call->runner, s, GUEST_BY_LAB); /* the next may come into the holder */
    return n;
}

int64_t guest_message_recvfrom(struct guest_call *call)
{
    const __u64 *args = call->notif.data.args;
    static struct guest_msghdr m;
    static struct extras extras;
    int64_t n;
    int r;

    guest_msghdr_make(call, &m);
    n = receive(call, &m, (int)args[3], &extras);
    if (n < 0 || n >= GUEST_CONTINUE || args[4] == 0)
        return n;
    r = guest_target_write_address(call, args[4], args[5], &extras.address, extras.address_length);
    return r < 0 ? r : n;
}

static int64_t send_message(struct guest_call *call, uint64_t at, int flags, struct guest_msghdr *m)
{
    int r = guest_msghdr_read(call, at, m);
    int64_t length = m->header.msg_namelen;

    if (r < 0)
        return r;
    if (length > (int64_t)sizeof(struct sockaddr_storage)) /* sendto() refuses it */
        length = sizeof(struct sockaddr_storage);
    if (call->socket->is_datagram)
        return send_datagram(call, m, flags,
                             length == 0 ? 0 : guest_msghdr_number(m->header.msg_name), length);
    return send_stream(call, m, flags);
}

/* Does the holder answer as TCP does, where nothing strange is asked? One that never connected has
 * errors of its own. */
static bool is_native(const struct guest_socket *s)
{
    return !s->is_datagram && s->phase != GUEST_FRESH && s->phase != GUEST_LISTENING;
}

int64_t guest_message_sendmsg(struct guest_call *call)
{
    const __u64 *args = call->notif.data.args;
    int flags = (int)args[2];
    static struct guest_msghdr m;

    if (is_native(call->socket) && !(flags & ~NATIVE_SEND)) {
        int r = guest_msghdr_read(call, args[1], &m);

        if (r < 0)
            return r;
        if (m.header.msg_name == NULL && m.header.msg_control == NULL)
            return GUEST_CONTINUE;
    }
    return send_message(call, args[1], flags, &m);
}

/* Control messages as far as there is room, whole ones only. */
static int write_control(const struct guest_call *call, struct guest_msghdr *m,
                         struct extras *extras)
{
    size_t room = m->header.msg_control == NULL ? 0 : m->header.msg_controllen;
    size_t length = extras->control_length, used = 0;

    while (used + sizeof(struct cmsghdr) <= length) {
        struct cmsghdr header;
        size_t whole;

        memcpy(&header, extras->control + used, sizeof header);
        whole = CMSG_ALIGN(header.cmsg_len);
        if (header.cmsg_len < sizeof header || whole > length - used ||
            header.cmsg_len > room - used)
            break;
        used += whole < room - used ? whole : room - used;
    }
    if (used < length)
        extras->flags |= MSG_CTRUNC;
    m->header.msg_controllen = used;
    return used == 0 ? 0
                     : guest_target_write(call, guest_msghdr_number(m->header.msg_control),
                                          extras->control, used);
}

/* Receives into the msghdr at `at`; writes back what the kernel would. */
static int64_t receive_message(struct guest_call *call, uint64_t at, int flags,
                               struct guest_msghdr *m)
{
    static struct extras extras;
    int64_t n;
    int r = guest_msghdr_read(call, at, m);

    if (r < 0)
        return r;
    n = receive(call, m, flags, &extras);
    if (n < 0 || n >= GUEST_CONTINUE)
        return n;
    if (m->header.msg_name != NULL) {
        uint32_t room = m->header.msg_namelen;

        if (guest_target_write(call, guest_msghdr_number(m->header.msg_name), &extras.address,
                               extras.address_length < room ? extras.address_length : room) < 0)
            return -EFAULT;
        m->header.msg_namelen = extras.address_length;
    }
    if (write_control(call, m, &extras) < 0)
        return -EFAULT;
    m->header.msg_flags = (int)extras.flags | (flags & MSG_ERRQUEUE);
    return guest_target_write(call, at, &m->header, sizeof m->header) < 0 ? -EFAULT : n;
}

/* Does a receive on a stream need more than AF_UNIX gives? */
static bool is_strange(int flags)
{
    return (flags & STRANGE_RECEIVE) || (flags & PEEK_ALL) == PEEK_ALL;
}

int64_t guest_message_recvmsg(struct guest_call *call)
{
    const __u64 *args = call->notif.data.args;
    int flags = (int)args[2];
    static struct guest_msghdr m;

    if (is_native(call->socket) && !is_strange(flags)) {
        int r = guest_msghdr_read(call, args[1], &m);

        if (r < 0)
            return r;
        if (m.header.msg_name == NULL)
            return GUEST_CONTINUE;
    }
    return receive_message(call, args[1], flags, &m);
}

/* Of a stream what was sent in part, or came in part, is the last. */
int64_t guest_message_sendmmsg(struct guest_call *call)
{
    int flags = (int)call->notif.data.args[3];

    return is_native(call->socket) && !(flags & ~NATIVE_SEND)
               ? GUEST_CONTINUE
               : guest_msghdr_many(call, send_message, !call->socket->is_datagram);
}

int64_t guest_message_recvmmsg(struct guest_call *call)
{
    return is_native(call->socket) && !is_strange((int)call->notif.data.args[3])
               ? GUEST_CONTINUE
               : guest_msghdr_receive_many(call, receive_message, !call->socket->is_datagram);
}
