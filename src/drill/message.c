/* SPDX-License-Identifier: MIT */
/*
 * sendmsg and recvmsg of a script: vectors are joined, since the host takes one buffer; flags and
 * control messages that come back are compared with the record of the script.
 */
#include "drill/state.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/errqueue.h>
#include <linux/tcp.h>
#include <string.h>
#include <sys/socket.h>

enum { CONTROL = 512, MOST_BYTES = 16 << 20 };

static const struct drill_node *argument(const struct drill_call *c, int i)
{
    return i < c->event->arguments->count ? c->event->arguments->child[i] : NULL;
}

static bool is_given(const struct drill_node *node)
{
    return node && node->kind != NODE_ELLIPSIS;
}

static bool vector_size(struct drill_run *run, const struct drill_node *record, int64_t *size)
{
    const struct drill_node *vector = drill_field(record, "msg_iov");
    int64_t part;

    *size = 0;
    for (int i = 0; is_given(vector) && i < vector->count; i++) {
        const struct drill_node *one = vector->child[i];

        if (one->kind != NODE_RECORD || one->count != 2 || one->child[1]->kind == NODE_FIELD ||
            !drill_value(run, one->child[1], &part) || part < 0 || part > MOST_BYTES)
            return false;
        *size += part;
    }
    return *size >= 0 && *size <= MOST_BYTES;
}

static struct drill_socket *begin(struct drill_run *run, struct drill_call *c, int64_t *size,
                                  int64_t *flags)
{
    const struct drill_node *fd_node = argument(c, 0), *record = argument(c, 1);
    struct drill_socket *s = NULL;
    int64_t fd;

    if (fd_node && drill_value(run, fd_node, &fd))
        s = drill_socket_find(run, (int)fd);
    if (!s || !record || !vector_size(run, record, size) || !argument(c, 2) ||
        !drill_value(run, argument(c, 2), flags)) {
        drill_unsupported(run, c->event->line, "%s: arguments of this form are not known",
                          c->event->text);
        return NULL;
    }
    return s;
}

static int64_t wait_writable(struct drill_run *run, const struct drill_socket *s, int64_t result)
{
    int error = 0;
    uint32_t length = sizeof error;

    if (result != 0)
        return result;
    (void)sockeye_get_option(run->lab, run->host, s->live, SOL_SOCKET, SO_ERROR, &error, &length);
    return -error;
}

int64_t drill_sendmsg(struct drill_run *run, struct drill_call *c)
{
    int64_t size, flags, sent;
    struct drill_socket *s = begin(run, c, &size, &flags);
    struct sockeye_message message;
    union drill_name name;
    uint32_t name_length;

    if (!s)
        return CALL_BROKEN;
    name_length = drill_name(run, run->remote_ip, &name);
    memset(&message, 0, sizeof message);
    if (is_given(drill_field(argument(c, 1), "msg_control"))) {
        drill_unsupported(run, c->event->line, "sendmsg: control messages are not known");
        return CALL_BROKEN;
    }
    if ((flags & MSG_FASTOPEN) && !c->started) {
        message.address = &name;
        message.address_length = name_length;
        if (!run->flow.exists)
            run->flow.connecting = true;
        run->flow.listening = false;
    } else if (flags & MSG_FASTOPEN) {
        int events = sockeye_poll(run->lab, run->host, s->live);

        if (!(events & (4 | 8 | 16))) /* POLLOUT, POLLERR, POLLHUP */
            return CALL_WAIT;
        sent = wait_writable(run, s, 0);
        if (sent < 0)
            return sent;
        flags &= ~(int64_t)MSG_FASTOPEN;
    }
    message.bytes = run->zero;
    message.length = (size_t)(size - c->progress);
    sent = sockeye_send_message(run->lab, run->host, s->live, &message, (int)flags);
    if (!s->nonblocking && !(flags & MSG_DONTWAIT) && (sent == -EAGAIN || sent == -EINPROGRESS)) {
        c->started = c->started || sent == -EINPROGRESS;
        return CALL_WAIT;
    }
    if (sent < 0)
        return c->progress ? c->progress : sent;
    c->progress += sent;
    if (c->progress < size && sent > 0 && !s->nonblocking && !(flags & MSG_DONTWAIT)) {
        c->started = c->started || (flags & MSG_FASTOPEN);
        return CALL_WAIT;
    }
    return c->progress;
}

static bool number_of(struct drill_run *run, const struct drill_node *record, const char *name,
                      int64_t *value)
{
    const struct drill_node *field = drill_field(record, name);

    *value = 0;
    return field && drill_value(run, field, value);
}

enum { DIFFERENCE_BYTES = 160 };

static bool differs(char *text, const char *what, int64_t expected, int64_t came)
{
    if (expected == came)
        return false;
    snprintf(text, DIFFERENCE_BYTES, "%s: expected %" PRId64 ", came %" PRId64, what, expected,
             came);
    return true;
}

static bool stamp_differs(struct drill_run *run, const struct drill_node *data,
                          const uint8_t *bytes, size_t length, char *text)
{
    int64_t seconds, nanoseconds, stamp[2], off;

    snprintf(text, DIFFERENCE_BYTES, "timestamp: expected scm_sec and scm_nsec");
    if (length < sizeof stamp || !number_of(run, data, "scm_sec", &seconds) ||
        !number_of(run, data, "scm_nsec", &nanoseconds) || seconds < 0 || seconds > INT32_MAX ||
        nanoseconds < 0 || nanoseconds > INT32_MAX)
        return true;
    memcpy(stamp, bytes, sizeof stamp);
    stamp[0] -= run->origin / 1000000000;
    stamp[1] -= run->origin % 1000000000;
    off = (stamp[0] - seconds) * 1000000000 + stamp[1] - nanoseconds;
    snprintf(text, DIFFERENCE_BYTES, "timestamp: expected %.6f, came %.6f",
             (double)seconds + (double)nanoseconds / 1e9,
             (double)stamp[0] + (double)stamp[1] / 1e9);
    return off >= run->tolerance || off <= -run->tolerance;
}

/* @return true, and in the text what of the message differs */
static bool data_differs(struct drill_run *run, const struct drill_node *data, const uint8_t *bytes,
                         size_t length, char *text)
{
    static const char *const names[] = {"ee_errno", "ee_origin", "ee_type",
                                        "ee_code",  "ee_info",   "ee_data"};
    struct sock_extended_err error;
    int64_t value = 0, got[6];

    if (!data || data->kind == NODE_ELLIPSIS)
        return false;
    if (data->kind != NODE_RECORD) {
        int32_t number = 0;

        memcpy(&number, bytes, length < 4 ? length : 4);
        return !drill_value(run, data, &value) || differs(text, "cmsg_data", value, number);
    }
    if (drill_field(data, "scm_sec"))
        return stamp_differs(run, data, bytes, length, text);
    if (length < sizeof error)
        return differs(text, "length of the extended error", sizeof error, (int64_t)length);
    memcpy(&error, bytes, sizeof error);
    got[0] = error.ee_errno;
    got[1] = error.ee_origin;
    got[2] = error.ee_type;
    got[3] = error.ee_code;
    got[4] = error.ee_info;
    got[5] = error.ee_data;
    for (int i = 0; i < 6; i++) {
        if (!number_of(run, data, names[i], &value) || differs(text, names[i], value, got[i]))
            return true;
    }
    return false;
}

static void complain_of_kind(struct drill_run *run, const struct drill_call *c, int number,
                             int64_t level, int64_t type, const struct cmsghdr *message)
{
    char came[64] = "none";

    if (message)
        snprintf(came, sizeof came, "level %d type %d", message->cmsg_level, message->cmsg_type);
    drill_fail(run, c->event->line,
               "recvmsg: control message %d: expected level %" PRId64 " type %" PRId64 ", came %s",
               number, level, type, came);
}

static void check_control(struct drill_run *run, struct drill_call *c,
                          const struct drill_node *expected, uint8_t *control, size_t length)
{
    struct msghdr header = {.msg_control = control, .msg_controllen = length};
    struct cmsghdr *message = CMSG_FIRSTHDR(&header);

    for (int i = 0; i < expected->count; i++) {
        const struct drill_node *x = expected->child[i];
        char what[DIFFERENCE_BYTES] = "what is expected is no value";
        int64_t level, type;

        if (!number_of(run, x, "cmsg_level", &level) || !number_of(run, x, "cmsg_type", &type))
            return;
        if (!message || message->cmsg_level != level || message->cmsg_type != type) {
            complain_of_kind(run, c, i + 1, level, type, message);
            return;
        }
        if (data_differs(run, drill_field(x, "cmsg_data"), CMSG_DATA(message),
                         message->cmsg_len - CMSG_LEN(0), what)) {
            drill_fail(run, c->event->line, "recvmsg: control message %d: %s", i + 1, what);
            return;
        }
        message = CMSG_NXTHDR(&header, message);
    }
    if (message)
        drill_fail(run, c->event->line,
                   "recvmsg: expected %d control messages, came another of level %d type %d",
                   expected->count, message->cmsg_level, message->cmsg_type);
}

int64_t drill_recvmsg(struct drill_run *run, struct drill_call *c)
{
    _Alignas(struct cmsghdr) uint8_t control[CONTROL];
    const struct drill_node *expected;
    int64_t size, flags, got, want;
    struct drill_socket *s = begin(run, c, &size, &flags);
    struct sockeye_message message;

    if (!s)
        return CALL_BROKEN;
    memset(control, 0, sizeof control);
    memset(&message, 0, sizeof message);
    message.bytes = run->scratch;
    message.length = (size_t)size;
    message.control = control;
    message.control_length = sizeof control;
    got = sockeye_receive_message(run->lab, run->host, s->live, &message, (int)flags);
    if (got == -EAGAIN && !s->nonblocking && !(flags & (MSG_DONTWAIT | MSG_ERRQUEUE)))
        return CALL_WAIT;
    if (got < 0)
        return got;
    expected = drill_field(argument(c, 1), "msg_flags");
    if (is_given(expected)) {
        if (!drill_value(run, expected, &want))
            return CALL_BROKEN;
        if (want != message.flags) {
            drill_fail(run, c->event->line, "recvmsg: expected the flags 0x%" PRIx64 ", came 0x%x",
                       want, message.flags);
            return CALL_BROKEN;
        }
    }
    expected = drill_field(argument(c, 1), "msg_control");
    if (expected && expected->kind == NODE_LIST)
        check_control(run, c, expected, control, message.control_length);
    return run->result == DRILL_PASS ? got : CALL_BROKEN;
}
