/* SPDX-License-Identifier: MIT */
/*
 * Socket calls of a script. The host's calls never wait; a call on a blocking descriptor that would
 * is parked here, and tried again after each moment of the lab, as a kernel would wake it.
 *
 * Descriptors are mapped (the script's number is what its line says), non-blocking mode is kept
 * here, because the host's calls are all non-blocking. What a call returns is compared when it is
 * done: the value, or -1 and the errno, and the time for calls with a range.
 */
#include "drill/state.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { MOST_BYTES = 16 << 20 };

static int64_t broken(struct drill_run *run, struct drill_call *c, const char *why)
{
    drill_unsupported(run, c->event->line, "%s: %s", c->event->text, why);
    return CALL_BROKEN;
}

static const struct drill_node *argument(const struct drill_call *c, int i)
{
    return i < c->event->arguments->count ? c->event->arguments->child[i] : NULL;
}

static bool number(struct drill_run *run, const struct drill_call *c, int i, int64_t *value)
{
    const struct drill_node *node = argument(c, i);

    *value = 0;
    if (!node) {
        drill_unsupported(run, c->event->line, "%s: argument %d is missing", c->event->text, i + 1);
        return false;
    }
    return drill_value(run, node, value);
}

/* The socket of the first argument. A number that is no socket is tried as one that no host has:
 * EBADF. */
static struct drill_socket *socket_of(struct drill_run *run, const struct drill_call *c)
{
    static struct drill_socket none;
    struct drill_socket *s;
    int64_t fd;

    if (!number(run, c, 0, &fd))
        return NULL;
    s = drill_socket_find(run, (int)fd);
    if (s)
        return s;
    memset(&none, 0, sizeof none);
    none.fd = (int)fd;
    none.live = -1;
    return &none;
}

static struct drill_socket *socket_add(struct drill_run *run, struct drill_call *c,
                                       enum drill_socket_kind kind, int live)
{
    struct drill_socket *s;
    int64_t expected = live;

    if (c->event->result->kind == NODE_INTEGER && c->event->result->integer >= 0)
        expected = c->event->result->integer;
    s = drill_socket_add(run, kind, (int)expected, live);
    if (!s)
        drill_unsupported(run, c->event->line, "more than %d descriptors", DRILL_SOCKETS);
    return s;
}

static bool must_wait(const struct drill_socket *s, int64_t flags, int64_t result)
{
    return result == -EAGAIN && !s->nonblocking && !(flags & MSG_DONTWAIT);
}

static void flow_reset(struct drill_run *run, const struct drill_socket *s)
{
    memset(&run->flow, 0, sizeof run->flow);
    run->flow.socket = (int)(s - run->socket);
    run->flow.protocol = s->protocol;
    run->flow.local_port = DRILL_PORT;
}

static int64_t call_socket(struct drill_run *run, struct drill_call *c)
{
    int64_t domain = run->has_sockets6 ? AF_INET6 : AF_INET, type, protocol;
    struct drill_socket *s;
    int live;

    if (argument(c, 0) && argument(c, 0)->kind != NODE_ELLIPSIS && !number(run, c, 0, &domain))
        return CALL_BROKEN;
    if (!number(run, c, 1, &type) || !number(run, c, 2, &protocol))
        return CALL_BROKEN;
    live = sockeye_socket(run->lab, run->host, (int)domain, (int)type, (int)protocol);
    if (live < 0)
        return live;
    s = socket_add(run, c, DRILL_SOCKET, live);
    if (!s)
        return CALL_BROKEN;
    s->nonblocking = type & SOCK_NONBLOCK;
    s->protocol = (type & 15) == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
    flow_reset(run, s);
    return s->fd;
}

static int64_t call_bind(struct drill_run *run, struct drill_call *c)
{
    struct drill_socket *s = socket_of(run, c);
    union drill_name name;
    uint32_t length;
    int result;

    if (!s)
        return CALL_BROKEN;
    length = drill_name_of(run, argument(c, 1), run->local_ip, &name);
    if (length == 0)
        return CALL_BROKEN;
    result = sockeye_bind(run->lab, run->host, s->live, &name, length);
    if (result == 0)
        run->flow.local_port = drill_name_port(&name);
    if (result == 0 && s->protocol == IPPROTO_UDP)
        run->flow.listening = true;
    return result;
}

static int64_t call_listen(struct drill_run *run, struct drill_call *c)
{
    struct drill_socket *s = socket_of(run, c);
    int64_t backlog;
    int result;

    if (!s || !number(run, c, 1, &backlog))
        return CALL_BROKEN;
    result = sockeye_listen(run->lab, run->host, s->live, (int)backlog);
    if (result == 0)
        run->flow.listening = true;
    return result;
}

static int64_t call_accept(struct drill_run *run, struct drill_call *c)
{
    struct drill_socket *s = socket_of(run, c), *child;
    union drill_name name;
    uint32_t length = sizeof name;
    int live;

    if (!s)
        return CALL_BROKEN;
    memset(&name, 0, sizeof name);
    live = sockeye_accept(run->lab, run->host, s->live, &name, &length);
    if (must_wait(s, 0, live))
        return CALL_WAIT;
    if (live < 0)
        return live;
    child = socket_add(run, c, DRILL_SOCKET, live);
    if (!child)
        return CALL_BROKEN;
    child->protocol = s->protocol;
    if (drill_name_port(&name) == run->flow.remote_port)
        run->flow.socket = (int)(child - run->socket);
    return child->fd;
}

static int pending_error(struct drill_run *run, const struct drill_socket *s)
{
    int error = 0;
    uint32_t length = sizeof error;

    (void)sockeye_get_option(run->lab, run->host, s->live, SOL_SOCKET, SO_ERROR, &error, &length);
    return error;
}

/* A blocking call waits for the outcome of the handshake. */
static int64_t wait_connected(struct drill_run *run, const struct drill_socket *s)
{
    int events = sockeye_poll(run->lab, run->host, s->live);

    if (!(events & (POLLOUT | POLLERR | POLLHUP)))
        return CALL_WAIT;
    return -pending_error(run, s);
}

static void flow_connects(struct drill_run *run, const struct drill_socket *s)
{
    if (s->kind == DRILL_FREE)
        return;
    if (run->flow.socket != (int)(s - run->socket))
        flow_reset(run, s);
    if (!run->flow.exists) {
        run->flow.connecting = true;
        run->flow.listening = false;
    }
}

static int64_t call_connect(struct drill_run *run, struct drill_call *c)
{
    struct drill_socket *s = socket_of(run, c);
    union drill_name name;
    uint32_t length;
    int result;

    if (!s)
        return CALL_BROKEN;
    length = drill_name_of(run, argument(c, 1), run->remote_ip, &name);
    if (length == 0)
        return CALL_BROKEN;
    if (c->started)
        return wait_connected(run, s);
    flow_connects(run, s);
    result = sockeye_connect(run->lab, run->host, s->live, &name, length);
    c->started = true;
    if (result != -EINPROGRESS || s->nonblocking)
        return result;
    return wait_connected(run, s);
}

static int64_t send_some(struct drill_run *run, struct drill_call *c, struct drill_socket *s,
                         int64_t size, int64_t flags, const union drill_name *to)
{
    struct sockeye_message message;
    int64_t sent;

    if (!to)
        return sockeye_send(run->lab, run->host, s->live, run->zero + c->progress,
                            (size_t)(size - c->progress), (int)flags);
    memset(&message, 0, sizeof message);
    message.bytes = run->zero + c->progress;
    message.length = (size_t)(size - c->progress);
    message.address_length = to->family == AF_INET6 ? sizeof to->six : (uint32_t)sizeof to->four;
    message.address = run->scratch;
    memcpy(run->scratch, to, sizeof *to);
    sent = sockeye_send_message(run->lab, run->host, s->live, &message, (int)flags);
    return sent;
}

/* All of it on a blocking descriptor; `to` may be NULL. */
static int64_t send_all(struct drill_run *run, struct drill_call *c, struct drill_socket *s,
                        int64_t size, int64_t flags, const union drill_name *to)
{
    int64_t sent;

    if (size < 0 || size > MOST_BYTES)
        return broken(run, c, "the size is not supported");
    if (c->started && (flags & MSG_FASTOPEN)) {
        sent = wait_connected(run, s);
        if (sent != 0)
            return sent;
        flags &= ~(int64_t)MSG_FASTOPEN;
        to = NULL;
    } else if (flags & MSG_FASTOPEN) {
        flow_connects(run, s);
    }
    sent = send_some(run, c, s, size, flags, to);
    if (sent == -EINPROGRESS && !s->nonblocking) {
        c->started = true;
        return CALL_WAIT;
    }
    if (must_wait(s, flags, sent))
        return CALL_WAIT;
    if (sent < 0)
        return c->progress ? c->progress : sent;
    c->progress += sent;
    if (c->progress < size && !s->nonblocking && !(flags & MSG_DONTWAIT) && sent > 0) {
        if (flags & MSG_FASTOPEN)
            c->started = true;
        return CALL_WAIT;
    }
    return c->progress;
}

static int64_t call_write(struct drill_run *run, struct drill_call *c)
{
    struct drill_socket *s = socket_of(run, c);
    int64_t size, flags = 0;

    if (!s || !number(run, c, 2, &size) || (argument(c, 3) && !number(run, c, 3, &flags)))
        return CALL_BROKEN;
    return send_all(run, c, s, size, flags, NULL);
}

static int64_t call_sendto(struct drill_run *run, struct drill_call *c)
{
    struct drill_socket *s = socket_of(run, c);
    union drill_name name;
    int64_t size, flags;

    if (!s || !number(run, c, 2, &size) || !number(run, c, 3, &flags) ||
        !drill_name_of(run, argument(c, 4), run->remote_ip, &name))
        return CALL_BROKEN;
    if (s->protocol == IPPROTO_UDP)
        flow_connects(run, s);
    return send_all(run, c, s, size, flags, &name);
}

static int64_t call_read(struct drill_run *run, struct drill_call *c)
{
    struct drill_socket *s = socket_of(run, c);
    int64_t size, flags = 0, got;

    if (!s || !number(run, c, 2, &size) || (argument(c, 3) && !number(run, c, 3, &flags)))
        return CALL_BROKEN;
    if (size < 0 || size > MOST_BYTES)
        return broken(run, c, "the size is not supported");
    got = sockeye_receive(run->lab, run->host, s->live, run->scratch, (size_t)size, (int)flags);
    return must_wait(s, flags, got) ? CALL_WAIT : got;
}

static int64_t call_close(struct drill_run *run, struct drill_call *c)
{
    struct drill_socket *s = socket_of(run, c);
    int result = 0;

    if (!s)
        return CALL_BROKEN;
    if (s->kind == DRILL_SOCKET)
        drill_epoll_forget(run, s->live);
    if (s->kind != DRILL_EPOLL)
        result = sockeye_close_fd(run->lab, run->host, s->live);
    s->kind = DRILL_FREE;
    return result;
}

static int64_t call_shutdown(struct drill_run *run, struct drill_call *c)
{
    struct drill_socket *s = socket_of(run, c);
    int64_t how;

    if (!s || !number(run, c, 1, &how))
        return CALL_BROKEN;
    return sockeye_shutdown(run->lab, run->host, s->live, (int)how);
}

/* An option's value as bytes: a number in a list, a string, or a record of linger. */
static bool option_bytes(struct drill_run *run, const struct drill_call *c,
                         const struct drill_node *node, uint8_t *bytes, size_t size)
{
    int32_t number32;
    int64_t value = 0;

    memset(bytes, 0, size);
    if (node && node->kind == NODE_TEXT) {
        memcpy(bytes, node->text, node->length < size ? node->length : size);
        return true;
    }
    for (int i = 0; node && node->kind == NODE_RECORD && i < node->count && i < 2; i++) {
        if (node->child[i]->kind != NODE_FIELD ||
            !drill_value(run, node->child[i]->child[0], &value))
            return false;
        number32 = (int32_t)value;
        memcpy(bytes + 4 * i, &number32, 4);
    }
    if (node && node->kind == NODE_RECORD)
        return true;
    if (!node || node->kind != NODE_LIST || node->count != 1) {
        drill_unsupported(run, c->event->line, "%s: a value of this form is not known",
                          c->event->text);
        return false;
    }
    if (!drill_value(run, node->child[0], &value))
        return false;
    number32 = (int32_t)value;
    memcpy(bytes, &number32, 4);
    return true;
}

static int64_t call_setsockopt(struct drill_run *run, struct drill_call *c)
{
    struct drill_socket *s = socket_of(run, c);
    uint8_t bytes[1024];
    int64_t level, name, length;

    if (!s || !number(run, c, 1, &level) || !number(run, c, 2, &name) ||
        !number(run, c, 4, &length) || !option_bytes(run, c, argument(c, 3), bytes, sizeof bytes))
        return CALL_BROKEN;
    if (length < 0 || length > (int64_t)sizeof bytes)
        return broken(run, c, "the length is not supported");
    return sockeye_set_option(run->lab, run->host, s->live, (int)level, (int)name, bytes,
                              (uint32_t)length);
}

static int64_t call_getsockopt(struct drill_run *run, struct drill_call *c)
{
    struct drill_socket *s = socket_of(run, c);
    const struct drill_node *expected = argument(c, 3), *room = argument(c, 4);
    uint8_t got[1024] = {0}, want[1024];
    int64_t level, name, size = 4;
    uint32_t length;
    int result;

    if (!s || !number(run, c, 1, &level) || !number(run, c, 2, &name))
        return CALL_BROKEN;
    if (room && room->kind == NODE_LIST && room->count == 1 &&
        !drill_value(run, room->child[0], &size))
        return CALL_BROKEN;
    length = size > 0 && size <= (int64_t)sizeof got ? (uint32_t)size : sizeof got;
    result = sockeye_get_option(run->lab, run->host, s->live, (int)level, (int)name, got, &length);
    if (result < 0 || !expected || expected->kind == NODE_ELLIPSIS)
        return result;
    if (!option_bytes(run, c, expected, want, sizeof want))
        return CALL_BROKEN;
    if (length > sizeof got || memcmp(got, want, length) != 0) {
        int32_t a, b;

        memcpy(&a, want, 4);
        memcpy(&b, got, 4);
        drill_fail(run, c->event->line, "getsockopt: expected the value %" PRId32 ", came %" PRId32,
                   a, b);
        return CALL_BROKEN;
    }
    return result;
}

static int64_t call_fcntl(struct drill_run *run, struct drill_call *c)
{
    struct drill_socket *s = socket_of(run, c);
    int64_t command, value = 0;

    if (!s || !number(run, c, 1, &command) || (argument(c, 2) && !number(run, c, 2, &value)))
        return CALL_BROKEN;
    if (s->kind == DRILL_FREE)
        return -EBADF;
    if (command == F_GETFL)
        return O_RDWR | (s->nonblocking ? O_NONBLOCK : 0);
    if (command != F_SETFL)
        return broken(run, c, "this command is not known");
    s->nonblocking = value & O_NONBLOCK;
    return 0;
}

static int64_t call_ioctl(struct drill_run *run, struct drill_call *c)
{
    struct drill_socket *s = socket_of(run, c);
    const struct drill_node *list = argument(c, 2);
    int64_t request, expected;
    int value = 0, result;

    if (!s || !number(run, c, 1, &request))
        return CALL_BROKEN;
    result = sockeye_ioctl(run->lab, run->host, s->live, (unsigned long)request, &value);
    if (result < 0 || !list || list->kind != NODE_LIST || list->count != 1)
        return result;
    if (!drill_value(run, list->child[0], &expected))
        return CALL_BROKEN;
    if (expected != value) {
        drill_fail(run, c->event->line, "ioctl: expected the value %" PRId64 ", came %d", expected,
                   value);
        return CALL_BROKEN;
    }
    return result;
}

static const struct {
    const char *name;
    int64_t (*attempt)(struct drill_run *run, struct drill_call *call);
} calls[] = {
    {"socket", call_socket},
    {"bind", call_bind},
    {"listen", call_listen},
    {"accept", call_accept},
    {"connect", call_connect},
    {"write", call_write},
    {"send", call_write},
    {"sendto", call_sendto},
    {"read", call_read},
    {"recv", call_read},
    {"recvfrom", call_read},
    {"close", call_close},
    {"shutdown", call_shutdown},
    {"setsockopt", call_setsockopt},
    {"getsockopt", call_getsockopt},
    {"fcntl", call_fcntl},
    {"ioctl", call_ioctl},
    {"poll", drill_poll},
    {"sendmsg", drill_sendmsg},
    {"recvmsg", drill_recvmsg},
    {"epoll_create", drill_epoll_create},
    {"epoll_ctl", drill_epoll_ctl},
    {"epoll_wait", drill_epoll_wait},
};

static void result_text(int64_t result, char *text, size_t size)
{
    const char *name = result < 0 ? drill_errno_name((int)-result) : NULL;

    if (name)
        snprintf(text, size, "-1 %s", name);
    else
        snprintf(text, size, "%" PRId64, result);
}

static void check_result(struct drill_run *run, struct drill_call *c)
{
    struct drill_event *event = c->event;
    int64_t expected = 0;
    int error = 0;
    char came[64];
    bool same;

    if (event->result->kind == NODE_ELLIPSIS)
        return;
    if (!drill_value(run, event->result, &expected))
        return;
    if (event->result_errno && !drill_errno(event->result_errno, &error)) {
        drill_unsupported(run, event->line, "unknown error %s", event->result_errno);
        return;
    }
    same = c->result < 0 ? expected == -1 && (!error || error == -c->result)
                         : expected == c->result && !error;
    if (same)
        return;
    result_text(c->result, came, sizeof came);
    drill_fail(run, event->line, "%s: expected %" PRId64 "%s%s; came %s", event->text, expected,
               event->result_errno ? " " : "", event->result_errno ? event->result_errno : "",
               came);
}

static void finish(struct drill_run *run, struct drill_call *c)
{
    char came[64];

    c->active = false;
    c->done = true;
    c->finished = sockeye_now(run->lab);
    if (c->result == CALL_BROKEN)
        return;
    result_text(c->result, came, sizeof came);
    drill_say(run, "%.6f %s = %s", drill_seconds(run, c->finished), c->event->text, came);
    check_result(run, c);
    if (run->result == DRILL_PASS && !drill_is_in_time(run, c->event, c->base, c->finished)) {
        char expected[80];

        drill_expected_time(run, c->event, c->base, expected, sizeof expected);
        drill_fail(run, c->event->line, "%s: %s; came %s at %.6f", c->event->text, expected, came,
                   drill_seconds(run, c->finished));
    }
}

void drill_call_again(struct drill_run *run)
{
    struct drill_call *c = &run->call;

    if (!c->active || run->held || run->result != DRILL_PASS)
        return;
    c->result = c->attempt(run, c);
    if (c->result != CALL_WAIT)
        finish(run, c);
}

void drill_call_begin(struct drill_run *run, struct drill_event *event, int64_t base)
{
    struct drill_call *c = &run->call;

    memset(c, 0, sizeof *c);
    c->event = event;
    c->base = base;
    c->deadline = -1;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        if (strcmp(calls[i].name, event->text) == 0)
            c->attempt = calls[i].attempt;
    }
    if (!c->attempt) {
        drill_unsupported(run, event->line, "the call %s is not known", event->text);
        return;
    }
    c->active = true;
    drill_call_again(run);
}
