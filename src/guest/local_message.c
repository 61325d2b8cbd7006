/* SPDX-License-Identifier: MIT */
/*
 * Trapped send and receive calls of AF_UNIX. What the kernel can do with the holder alone goes on
 * natively, descriptors and credentials included. Ours are:
 *
 *   a datagram for a name   goes to the lab, which knows whom it is for
 *   MSG_OOB                 the bytes go into the holder as others do; the last is known as urgent
 *   rights                  wait until all before them was passed on (local_turn.c)
 *   who has sent            a receive that asks for the address, or with SO_PASSCRED: for the
 *                           kernel it is we; the piece at the head of the holder says who it was
 */
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/local.h"
#include "guest/msghdr.h"

enum {
    MOST = GUEST_DATAGRAM,
    CONTROL = CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(GUEST_RIGHTS * sizeof(int)) + 64,
    MOST_CONTROL = 4096
};

static int64_t raise_pipe(const struct guest_call *call, int64_t result, int flags)
{
    if (result == -EPIPE && call->socket->local->type == SOCK_STREAM && !(flags & MSG_NOSIGNAL) &&
        guest_target_waits(call))
        syscall(SYS_tkill, (pid_t)call->notif.pid, SIGPIPE);
    return result;
}

/* ---- send ---- */

/* What rides on a message for a name. */
struct cargo {
    unsigned count;
    int fds[GUEST_RIGHTS];
    bool has_who;
    struct ucred who;
};

static void unload(struct cargo *cargo)
{
    for (unsigned i = 0; i < cargo->count; i++)
        close(cargo->fds[i]);
    cargo->count = 0;
}

static int load_rights(struct guest_call *call, const uint8_t *data, size_t length,
                       struct cargo *cargo)
{
    size_t count = length / sizeof(int);

    if (cargo->count + count > GUEST_RIGHTS)
        return -EINVAL;
    for (size_t i = 0; i < count; i++) {
        int number, fd;

        memcpy(&number, data + i * sizeof number, sizeof number);
        fd = guest_target_borrow(call, number);
        if (fd < 0)
            return fd == -ESRCH || fd == -EBADF ? -EBADF : -ETOOMANYREFS;
        cargo->fds[cargo->count++] = fd;
    }
    return 0;
}

/* May it say that? As the kernel asks: root may say anything that exists. */
static int load_who(const struct guest_call *call, const uint8_t *data, size_t length,
                    struct cargo *cargo)
{
    struct guest_identity own;

    if (length != sizeof cargo->who)
        return -EINVAL;
    memcpy(&cargo->who, data, sizeof cargo->who);
    if (guest_path_identity(call, &own) < 0)
        return -ESRCH;
    if (own.euid != 0 && (cargo->who.pid != own.leader ||
                          (cargo->who.uid != own.uid && cargo->who.uid != own.euid) ||
                          (cargo->who.gid != own.gid && cargo->who.gid != own.egid)))
        return -EPERM;
    if (cargo->who.pid != own.leader && kill(cargo->who.pid, 0) < 0 && errno == ESRCH)
        return -ESRCH;
    cargo->has_who = true;
    return 0;
}

static int load(struct guest_call *call, const struct guest_msghdr *m, struct cargo *cargo)
{
    static uint8_t control[MOST_CONTROL];
    size_t length = m->header.msg_control == NULL ? 0 : m->header.msg_controllen, at = 0;
    int r = 0;

    cargo->count = 0;
    cargo->has_who = false;
    if (length > sizeof control)
        return -ENOBUFS;
    if (guest_target_read(call, guest_msghdr_number(m->header.msg_control), control, length) < 0)
        return -EFAULT;
    while (r == 0 && length - at >= sizeof(struct cmsghdr)) {
        struct cmsghdr c;
        size_t whole;

        memcpy(&c, control + at, sizeof c);
        if (c.cmsg_len < sizeof c || c.cmsg_len > length - at)
            r = -EINVAL;
        else if (c.cmsg_level == SOL_SOCKET && c.cmsg_type == SCM_RIGHTS)
            r = load_rights(call, control + at + CMSG_LEN(0), c.cmsg_len - CMSG_LEN(0), cargo);
        else if (c.cmsg_level == SOL_SOCKET && c.cmsg_type == SCM_CREDENTIALS)
            r = load_who(call, control + at + CMSG_LEN(0), c.cmsg_len - CMSG_LEN(0), cargo);
        else if (c.cmsg_level == SOL_SOCKET)
            r = -EINVAL;
        whole = CMSG_ALIGN(c.cmsg_len);
        at = r < 0 || whole > length - at ? length : at + whole;
    }
    if (r < 0)
        unload(cargo);
    return r;
}

static ssize_t send_to_lab(struct guest_call *call, const struct guest_msghdr *m,
                           struct guest_destination *to, const struct cargo *cargo, int flags)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *s = call->socket;
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct sockeye_rights))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(struct sockeye_rights)),
                            .cmsg_level = SOL_SOCKET,
                            .cmsg_type = SOCKEYE_SCM_RIGHTS}};
    struct sockeye_rights rights = {.count = cargo->count};
    struct sockeye_caller caller = {cargo->who.pid, cargo->who.uid, cargo->who.gid};
    struct sockeye_message message = {.bytes = runner->scratch,
                                      .length = m->length,
                                      .address = &to->name,
                                      .address_length = to->length};
    ssize_t n;

    if (cargo->has_who)
        sockeye_caller(runner->lab, s->host, &caller);
    else
        guest_path_say_caller(call, false);
    if (cargo->count > 0) {
        rights.number = guest_rights_keep(runner, cargo->fds, cargo->count);
        if (rights.number == 0)
            return -ETOOMANYREFS;
        memcpy(CMSG_DATA(&control.header), &rights, sizeof rights);
        message.control = control.bytes;
        message.control_length = sizeof control.bytes;
    }
    n = sockeye_send_message(runner->lab, s->host, s->fd, &message,
                             (flags & ~MSG_DONTWAIT) | MSG_NOSIGNAL);
    if (n < 0 && rights.number != 0)
        guest_rights_drop(runner, rights.number);
    if (n > 0)
        runner->statistics.bytes_sent += (uint64_t)n;
    return n;
}

/* A datagram that does not go by the holder. */
static int64_t send_by_lab(struct guest_call *call, const struct guest_msghdr *m,
                           struct guest_destination *to, int flags)
{
    static struct cargo cargo;
    struct guest_runner *runner = call->runner;
    int64_t n;
    int r;

    if (m->length > MOST)
        return -EMSGSIZE;
    if (guest_msghdr_gather(call, m, 0, runner->scratch, m->length) < 0)
        return -EFAULT;
    r = load(call, m, &cargo);
    if (r < 0)
        return r;
    n = send_to_lab(call, m, to, &cargo, flags);
    unload(&cargo);
    if (n >= 0 && to->socket != NULL)
        guest_local_note_caller(to->socket, 0);
    if (n == -EAGAIN && !guest_target_is_nonblocking(call, flags)) {
        n = guest_wait_time(call, SO_SNDTIMEO);
        if (n == GUEST_WAIT)
            runner->blocked++;
    }
    return raise_pipe(call, n, flags);
}

/* A datagram for a name. */
static int64_t send_to_name(struct guest_call *call, const struct guest_msghdr *m,
                            uint64_t address_at, int64_t address_length, int flags)
{
    struct guest_runner *runner = call->runner;
    struct sockaddr_storage address;
    struct guest_destination to;
    int r = guest_target_read_address(call, address_at, address_length, &address);

    if (r < 0)
        return r;
    r = guest_local_resolve(call, &address, (uint32_t)r, &to);
    if (r < 0)
        return r;
    if (to.is_outside) {
        if (to.is_served)
            guest_report_add(runner, call->program->number,
                             "sendto(%.80s): served outside of the lab, and sent there",
                             ((const struct sockaddr_un *)(const void *)&address)->sun_path);
        return GUEST_CONTINUE;
    }
    return send_by_lab(call, m, &to, flags);
}

/* Bytes of which the last is urgent. */
static int64_t send_urgent(struct guest_call *call, const struct guest_msghdr *m, int flags)
{
    struct guest_socket *s = call->socket;
    size_t size = m->length < MOST ? m->length : MOST;
    ssize_t n;

    if (s->local->type != SOCK_STREAM || s->phase != GUEST_OPEN || size == 0)
        return GUEST_CONTINUE;
    if (s->local->unread || s->local->urgent > 0)
        return guest_target_is_nonblocking(call, flags) ? -EAGAIN
                                                        : guest_wait_time(call, SO_SNDTIMEO);
    if (guest_msghdr_gather(call, m, 0, call->runner->scratch, size) < 0)
        return -EFAULT;
    n = send(call->fd, call->runner->scratch, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN && !guest_target_is_nonblocking(call, flags))
        return guest_wait_time(call, SO_SNDTIMEO);
    if (n < 0)
        return raise_pipe(call, -errno, flags);
    s->local->urgent = (size_t)n;
    guest_turn(call->runner, s, GUEST_BY_PROGRAM);
    return n;
}

int64_t guest_local_sendto(struct guest_call *call)
{
    const __u64 *args = call->notif.data.args;
    static struct guest_msghdr m;

    guest_msghdr_make(call, &m);
    if (call->socket->local->type == SOCK_DGRAM && args[4] != 0)
        return send_to_name(call, &m, args[4], (int32_t)args[5], (int)args[3]);
    return (int)args[3] & MSG_OOB && args[4] == 0 ? send_urgent(call, &m, (int)args[3])
                                                  : GUEST_CONTINUE;
}

static int64_t send_message(struct guest_call *call, uint64_t at, int flags, struct guest_msghdr *m)
{
    struct guest_socket *s = call->socket;
    int r = guest_msghdr_read(call, at, m);

    if (r < 0)
        return GUEST_CONTINUE; /* the kernel knows what is wrong with it */
    if (s->local->type == SOCK_DGRAM && m->header.msg_name != NULL && m->header.msg_namelen > 0)
        return send_to_name(call, m, guest_msghdr_number(m->header.msg_name),
                            (int32_t)m->header.msg_namelen, flags);
    if (flags & MSG_OOB && m->header.msg_name == NULL && m->header.msg_control == NULL)
        return send_urgent(call, m, flags);
    if (m->header.msg_control != NULL && m->header.msg_controllen > 0 && s->local->unread)
        return guest_target_is_nonblocking(call, flags) ? -EAGAIN
                                                        : guest_wait_time(call, SO_SNDTIMEO);
    return GUEST_CONTINUE;
}

int64_t guest_local_sendmsg(struct guest_call *call)
{
    static struct guest_msghdr m;

    return send_message(call, call->notif.data.args[1], (int)call->notif.data.args[2], &m);
}

/* ---- receive ---- */

/* Needs a receive what the kernel does not know? */
static bool asks_who(const struct guest_call *call, bool wants_name)
{
    return wants_name || call->socket->local->passes_who;
}

struct received {
    ssize_t length;
    int flags;
    int fds[GUEST_RIGHTS];
    unsigned count;
    const struct guest_piece *head;
};

/* Is there less than a blocking receive with MSG_WAITALL wants? */
static bool is_short(const struct guest_call *call, int flags, size_t size)
{
    const struct guest_socket *s = call->socket;
    int available = 0;

    return (flags & MSG_WAITALL) && !(flags & MSG_PEEK) && s->local->type == SOCK_STREAM &&
           s->phase == GUEST_OPEN && !s->local->eof_given && !call->timed_out &&
           !call->interrupted && !guest_target_is_nonblocking(call, flags) &&
           ioctl(call->fd, SIOCINQ, &available) == 0 && (size_t)available < size &&
           available < GUEST_CHUNK;
}

/* From the holder. @return the length, -errno, GUEST_WAIT or GUEST_ANSWERED */
static int64_t receive(struct guest_call *call, const struct guest_msghdr *m, int flags,
                       struct received *got)
{
    union {
        struct cmsghdr align;
        char bytes[CONTROL];
    } control;
    size_t size = m->length < MOST ? m->length : MOST;
    struct iovec piece = {call->runner->scratch, size};
    struct msghdr header = {.msg_iov = &piece,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes};

    memset(got, 0, sizeof *got);
    if (!guest_target_waits(call))
        return GUEST_ANSWERED;
    if (is_short(call, flags, size))
        return guest_wait_time(call, SO_RCVTIMEO);
    got->head = guest_local_head(call->socket);
    got->length =
        recvmsg(call->fd, &header,
                (flags & (MSG_PEEK | MSG_OOB | MSG_TRUNC)) | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got->length < 0 && errno == EAGAIN && !guest_target_is_nonblocking(call, flags))
        return guest_wait_time(call, SO_RCVTIMEO);
    if (got->length < 0)
        return -errno;
    got->flags = header.msg_flags & (MSG_TRUNC | MSG_OOB | MSG_EOR);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c != NULL; c = CMSG_NXTHDR(&header, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
            got->count = (unsigned)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
            memcpy(got->fds, CMSG_DATA(c), got->count * sizeof(int));
        }
    size = (size_t)got->length < size ? (size_t)got->length : size;
    if (guest_msghdr_scatter(call, m, call->runner->scratch, size) < 0) {
        for (unsigned i = 0; i < got->count; i++)
            close(got->fds[i]);
        return -EFAULT;
    }
    return got->length;
}

/* The sender's name as Linux tells it to a receive. @return its length */
static uint32_t name_of_sender(const struct guest_call *call, const struct guest_piece *head,
                               struct sockaddr_un *name)
{
    const struct guest_socket *s = call->socket;
    uint32_t length = sizeof *name;

    memset(name, 0, sizeof *name);
    if (s->local->type == SOCK_DGRAM) {
        if (head == NULL)
            return 0;
        *name = head->name;
        return head->name_length;
    }
    if (sockeye_peer_name(call->runner->lab, s->host, s->fd, name, &length) < 0 ||
        length <= sizeof name->sun_family)
        return 0;
    return length;
}

int64_t guest_local_recvfrom(struct guest_call *call)
{
    const __u64 *args = call->notif.data.args;
    static struct guest_msghdr m;
    static struct received got;
    struct sockaddr_un name;
    uint32_t length;
    int64_t n;
    int r;

    if (args[4] == 0 || ((int)args[3] & MSG_ERRQUEUE))
        return GUEST_CONTINUE;
    guest_msghdr_make(call, &m);
    n = receive(call, &m, (int)args[3], &got);
    if (n < 0 || n >= GUEST_CONTINUE)
        return n;
    for (unsigned i = 0; i < got.count; i++)
        close(got.fds[i]);
    length = name_of_sender(call, got.head, &name);
    r = guest_target_write_address(call, args[4], args[5], &name, length);
    guest_turn(call->runner, call->socket, 0);
    return r < 0 ? r : n;
}

/* A control message that is being built for the program. */
struct built {
    uint8_t bytes[CONTROL];
    size_t length, room;
};

/* As put_cmsg() of Linux: as much as there is room for. @return was it all? */
static bool add_control(struct built *b, int kind, const void *data, size_t length)
{
    struct cmsghdr header = {
        .cmsg_len = CMSG_LEN(length), .cmsg_level = SOL_SOCKET, .cmsg_type = kind};
    size_t left = b->room - b->length, space = CMSG_SPACE(length);
    bool is_whole = left >= header.cmsg_len;

    if (left < sizeof header)
        return false;
    if (!is_whole)
        header.cmsg_len = left;
    memcpy(b->bytes + b->length, &header, sizeof header);
    memcpy(b->bytes + b->length + CMSG_LEN(0), data, header.cmsg_len - CMSG_LEN(0));
    b->length += space < left ? space : left;
    return is_whole;
}

/* Gives the program as many as it has room for. @return were they all? */
static bool add_rights(struct guest_call *call, struct built *b, struct received *got, int flags)
{
    int numbers[GUEST_RIGHTS];
    size_t left = b->room - b->length, most, count = 0;

    most = left < CMSG_LEN(sizeof(int)) ? 0 : (left - CMSG_LEN(0)) / sizeof(int);
    while (count < got->count && count < most) {
        numbers[count] = guest_target_add(call, got->fds[count], (flags & MSG_CMSG_CLOEXEC) != 0);
        if (numbers[count] < 0)
            break;
        count++;
    }
    for (unsigned i = 0; i < got->count; i++)
        close(got->fds[i]);
    if (count > 0)
        add_control(b, SCM_RIGHTS, numbers, count * sizeof *numbers);
    return count == got->count;
}

static void build(struct guest_call *call, struct built *b, struct received *got, int *flags_out,
                  int flags)
{
    static const struct ucred nobody = {.pid = 0, .uid = 65534, .gid = 65534};
    const struct guest_piece *head = got->head;
    bool all = true;

    if (call->socket->local->passes_who && (got->length > 0 || head != NULL))
        all = add_control(b, SCM_CREDENTIALS, head != NULL && head->has_who ? &head->who : &nobody,
                          sizeof nobody);
    if (got->count > 0)
        all &= add_rights(call, b, got, flags);
    *flags_out = got->flags | (all ? 0 : MSG_CTRUNC) | (flags & MSG_CMSG_CLOEXEC);
}

static int64_t receive_message(struct guest_call *call, uint64_t at, int flags,
                               struct guest_msghdr *m)
{
    static struct received got;
    static struct built b;
    struct sockaddr_un name;
    int64_t n;
    int r = guest_msghdr_read(call, at, m);

    if (r < 0 || (flags & MSG_ERRQUEUE) || !asks_who(call, m->header.msg_name != NULL))
        return GUEST_CONTINUE;
    n = receive(call, m, flags, &got);
    if (n < 0 || n >= GUEST_CONTINUE)
        return n;
    b.length = 0;
    b.room = m->header.msg_control == NULL ? 0 : m->header.msg_controllen;
    b.room = b.room < sizeof b.bytes ? b.room : sizeof b.bytes;
    build(call, &b, &got, &m->header.msg_flags, flags);
    if (m->header.msg_name != NULL) {
        uint32_t length = name_of_sender(call, got.head, &name), room = m->header.msg_namelen;

        if (guest_target_write(call, guest_msghdr_number(m->header.msg_name), &name,
                               length < room ? length : room) < 0)
            return -EFAULT;
        m->header.msg_namelen = length;
    }
    m->header.msg_controllen = b.length;
    if (b.length > 0 &&
        guest_target_write(call, guest_msghdr_number(m->header.msg_control), b.bytes, b.length) < 0)
        return -EFAULT;
    if (guest_target_write(call, at, &m->header, sizeof m->header) < 0)
        return -EFAULT;
    guest_turn(call->runner, call->socket, 0);
    return n;
}

int64_t guest_local_recvmsg(struct guest_call *call)
{
    static struct guest_msghdr m;

    return receive_message(call, call->notif.data.args[1], (int)call->notif.data.args[2], &m);
}

/* ---- many at once ---- */

/* Is one of the messages for a name? What cannot be read is for the kernel to say. */
static bool has_names(const struct guest_call *call)
{
    const __u64 *args = call->notif.data.args;
    uint64_t count = args[2] < GUEST_VECTORS ? args[2] : GUEST_VECTORS;
    struct mmsghdr m;

    for (uint64_t i = 0; i < count; i++) {
        if (guest_target_read(call, args[1] + i * sizeof m, &m, sizeof m) < 0)
            return false;
        if (m.msg_hdr.msg_name != NULL && m.msg_hdr.msg_namelen > 0)
            return true;
    }
    return false;
}

/* To the peer, by the lab as those for a name are. */
static int64_t send_to_peer(struct guest_call *call, uint64_t at, int flags, struct guest_msghdr *m)
{
    struct guest_destination peer = {.length = 0};
    int r = guest_msghdr_read(call, at, m);

    if (r < 0)
        return r;
    return m->header.msg_name != NULL && m->header.msg_namelen > 0
               ? send_message(call, at, flags, m)
               : send_by_lab(call, m, &peer, flags);
}

/* The kernel's own call would send them all, those for a name too, of which it knows nothing. */
int64_t guest_local_sendmmsg(struct guest_call *call)
{
    bool by_lab = call->socket->local->type == SOCK_DGRAM && has_names(call);

    return guest_msghdr_many(call, by_lab ? send_to_peer : send_message,
                             call->socket->local->type == SOCK_STREAM);
}

int64_t guest_local_recvmmsg(struct guest_call *call)
{
    return guest_msghdr_receive_many(call, receive_message, false);
}
