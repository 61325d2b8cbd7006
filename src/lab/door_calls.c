/* SPDX-License-Identifier: MIT */
/*
 * The door, part three: the socket calls. Bytes of more than INPUT_MOST_BYTES are cut to that,
 * which a stream may always do and no datagram ever reaches. Calls that only look (names, ioctl,
 * poll) go to the host directly.
 */
#include <errno.h>
#include <string.h>

#include "base/integer.h"
#include "lab/handle.h"

enum { MOST_CONTROL = 1 << 20 };

static ssize_t call_enter(struct sockeye *s, struct input *in, enum input_kind kind, int host,
                          int fd)
{
    in->kind = kind;
    in->at = host;
    in->fd = fd;
    return door_enter(s, in);
}

static struct input_bytes bytes_in(const void *bytes, size_t length)
{
    return (struct input_bytes){bytes, bytes ? least(length, INPUT_MOST_BYTES) : 0};
}

/* NULL with a length is -EFAULT. An input cannot say it: there NULL means not given. */
static bool is_missing(const void *bytes, size_t length)
{
    return !bytes && length > 0;
}

static struct input_room room_out(void *bytes, size_t size)
{
    return (struct input_room){bytes, least(size, INPUT_MOST_BYTES)};
}

/* The room of a caller who is told its true length: *length bytes, or NULL. @raise EFAULT EINVAL */
static int room_given(struct input *in, void *bytes, const uint32_t *length)
{
    if (!bytes)
        return 0;
    if (!length)
        return -EFAULT;
    if (*length > INT32_MAX)
        return -EINVAL;
    in->out[0] = room_out(bytes, *length);
    return 0;
}

int sockeye_socket(struct sockeye *s, int host, int domain, int type, int protocol)
{
    struct input in = {.number = {domain, type, protocol}};

    return (int)call_enter(s, &in, INPUT_SOCKET, host, -1);
}

int sockeye_socketpair(struct sockeye *s, int host, int domain, int type, int protocol, int fd[2])
{
    struct input in = {.number = {domain, type, protocol},
                       .out = {{(uint8_t *)(void *)fd, 2 * sizeof *fd}}};

    return fd ? (int)call_enter(s, &in, INPUT_SOCKETPAIR, host, -1) : -EFAULT;
}

int sockeye_caller(struct sockeye *s, int host, const struct sockeye_caller *caller)
{
    struct input in = {.number = {caller->pid, caller->uid, caller->gid}};
    const struct host *h = lab_host(s->lab, host);
    const struct session_credentials now = {caller->pid, caller->uid, caller->gid};

    if (h && session_credentials_equal(&h->unix_host.caller, &now))
        return 0;
    return (int)call_enter(s, &in, INPUT_CALLER, host, -1);
}

int sockeye_next_lost(struct sockeye *s, int host, struct sockeye_rights *rights)
{
    struct input in = {
        .kind = INPUT_NEXT_LOST, .at = host, .out = {{(uint8_t *)(void *)rights, sizeof *rights}}};
    const struct host *h = lab_host(s->lab, host);

    return h && !h->unix_host.lost.first ? 0 : (int)door_enter(s, &in);
}

int sockeye_bind_at(struct sockeye *s, int host, int fd, const void *address, uint32_t length,
                    uint64_t place)
{
    struct input in = {.number = {(int64_t)place}, .in = {bytes_in(address, length)}};

    return (int)call_enter(s, &in, INPUT_BIND_AT, host, fd);
}

int sockeye_unlink(struct sockeye *s, int host, const char *path)
{
    struct input in = {.in = {bytes_in(path, path ? strlen(path) : 0)}};

    return path ? (int)call_enter(s, &in, INPUT_UNLINK, host, -1) : -EFAULT;
}

int sockeye_bind(struct sockeye *s, int host, int fd, const void *address, uint32_t length)
{
    struct input in = {.in = {bytes_in(address, length)}};

    return (int)call_enter(s, &in, INPUT_BIND, host, fd);
}

int sockeye_listen(struct sockeye *s, int host, int fd, int backlog)
{
    struct input in = {.number = {backlog}};

    return (int)call_enter(s, &in, INPUT_LISTEN, host, fd);
}

int sockeye_connect(struct sockeye *s, int host, int fd, const void *address, uint32_t length)
{
    struct input in = {.in = {bytes_in(address, length)}};

    return (int)call_enter(s, &in, INPUT_CONNECT, host, fd);
}

int sockeye_accept(struct sockeye *s, int host, int fd, void *address, uint32_t *length)
{
    struct input in = {0};
    int result = room_given(&in, address, length);

    if (result < 0)
        return result;
    result = (int)call_enter(s, &in, INPUT_ACCEPT, host, fd);
    if (result >= 0 && address)
        *length = (uint32_t)in.out[0].size;
    return result;
}

ssize_t sockeye_send(struct sockeye *s, int host, int fd, const void *bytes, size_t length,
                     int flags)
{
    struct input in = {.number = {flags}, .in = {bytes_in(bytes, length)}};

    if (is_missing(bytes, length))
        return -EFAULT;
    return call_enter(s, &in, INPUT_SEND, host, fd);
}

ssize_t sockeye_receive(struct sockeye *s, int host, int fd, void *bytes, size_t size, int flags)
{
    struct input in = {.number = {flags}, .out = {room_out(bytes, size)}};

    return call_enter(s, &in, INPUT_RECEIVE, host, fd);
}

ssize_t sockeye_send_message(struct sockeye *s, int host, int fd,
                             const struct sockeye_message *message, int flags)
{
    struct input in = {.number = {flags},
                       .in = {bytes_in(message->bytes, message->length),
                              bytes_in(message->address, message->address_length),
                              bytes_in(message->control, message->control_length)}};

    if (is_missing(message->bytes, message->length))
        return -EFAULT;
    if (message->control_length > MOST_CONTROL)
        return -ENOBUFS;
    return call_enter(s, &in, INPUT_SEND_MESSAGE, host, fd);
}

ssize_t sockeye_receive_message(struct sockeye *s, int host, int fd,
                                struct sockeye_message *message, int flags)
{
    struct input in = {
        .number = {flags},
        .out = {room_out(message->bytes, message->length),
                room_out(message->address, message->address_length),
                room_out(message->control, least(message->control_length, MOST_CONTROL))}};
    ssize_t result;

    if (message->address && message->address_length > INT32_MAX)
        return -EINVAL;
    result = call_enter(s, &in, INPUT_RECEIVE_MESSAGE, host, fd);
    if (result >= 0) {
        message->address_length = (uint32_t)in.out[1].size;
        message->control_length = in.out[2].size;
        message->flags = in.flags;
    }
    return result;
}

int sockeye_shutdown(struct sockeye *s, int host, int fd, int how)
{
    struct input in = {.number = {how}};

    return (int)call_enter(s, &in, INPUT_SHUTDOWN, host, fd);
}

int sockeye_close_fd(struct sockeye *s, int host, int fd)
{
    struct input in = {0};

    return (int)call_enter(s, &in, INPUT_CLOSE, host, fd);
}

int sockeye_local_name(struct sockeye *s, int host, int fd, void *address, uint32_t *length)
{
    const struct host *h = lab_host(s->lab, host);

    return h ? call_local_name(&h->calls, fd, address, length) : lab_no_host(s->lab, host);
}

int sockeye_peer_name(struct sockeye *s, int host, int fd, void *address, uint32_t *length)
{
    const struct host *h = lab_host(s->lab, host);

    return h ? call_peer_name(&h->calls, fd, address, length) : lab_no_host(s->lab, host);
}

/* SO_GET_FILTER counts in instructions, its room too. */
static int get_filter(struct sockeye *s, struct input *in, int host, int fd, void *value,
                      uint32_t *length)
{
    uint32_t count = *length <= INT32_MAX / CALL_FILTER_UNIT ? *length : 0;
    uint8_t nowhere;
    int result;

    in->out[0] = room_out(value ? value : &nowhere, value ? (size_t)count * CALL_FILTER_UNIT : 0);
    result = (int)call_enter(s, in, INPUT_GET_OPTION, host, fd);
    if (result >= 0)
        *length = (uint32_t)in->out[0].size / CALL_FILTER_UNIT;
    return result;
}

int sockeye_get_option(struct sockeye *s, int host, int fd, int level, int name, void *value,
                       uint32_t *length)
{
    struct input in = {.number = {level, name}};
    int result = room_given(&in, value, length);
    uint8_t asked[CALL_ASKED];

    if (result < 0)
        return result;
    if (call_is_filter(level, name) && length)
        return get_filter(s, &in, host, fd, value, length);
    if (call_is_asked(level, name) && value && length) {
        in.in[0].at = memcpy(asked, value, least(*length, sizeof asked));
        in.in[0].length = least(*length, sizeof asked);
    }
    result = (int)call_enter(s, &in, in.in[0].at ? INPUT_ASK_OPTION : INPUT_GET_OPTION, host, fd);
    if (result >= 0 && value)
        *length = (uint32_t)in.out[0].size;
    return result;
}

int sockeye_set_option(struct sockeye *s, int host, int fd, int level, int name, const void *value,
                       uint32_t length)
{
    struct input in = {.number = {level, name}};
    int result;

    if (is_missing(value, length))
        return -EFAULT;
    if (length > MOST_CONTROL)
        return -EINVAL;
    if (call_is_filter(level, name)) {
        result = call_filter_given(value, length, &value, &length);
        if (result < 0)
            return result;
    }
    in.in[0] = bytes_in(value, length);
    return (int)call_enter(s, &in, INPUT_SET_OPTION, host, fd);
}

int sockeye_ioctl(struct sockeye *s, int host, int fd, unsigned long request, int *value)
{
    const struct host *h = lab_host(s->lab, host);

    return h ? call_ioctl(&h->calls, fd, request, value) : lab_no_host(s->lab, host);
}

int sockeye_ioctl_x25(struct sockeye *s, int host, int fd, unsigned long request, void *bytes,
                      size_t length)
{
    struct input in = {.number = {(int64_t)request}};

    if (is_missing(bytes, length))
        return -EFAULT;
    if (length > CALL_IOCTL_CIRCUIT_BYTES)
        length = CALL_IOCTL_CIRCUIT_BYTES;
    in.in[0] = bytes_in(bytes, length);
    in.out[0] = room_out(bytes, length);
    return (int)call_enter(s, &in, INPUT_IOCTL_CIRCUIT, host, fd);
}

int sockeye_ioctl_interface(struct sockeye *s, int host, unsigned long request, void *bytes,
                            size_t *length)
{
    const struct host *h = lab_host(s->lab, host);
    struct input in = {.kind = INPUT_CHANGE, .at = host, .number = {(int64_t)request}};

    if (!length)
        return -EFAULT;
    if (call_ioctl_changes(request)) {
        in.in[0] = bytes_in(bytes, *length);
        return (int)door_enter(s, &in);
    }
    return h ? call_ioctl_interface(&h->calls, request, bytes, length) : lab_no_host(s->lab, host);
}

ssize_t sockeye_proc(const struct sockeye *s, int host, const char *name, char *text, size_t size)
{
    const struct host *h = lab_host(s->lab, host);

    if (!name || (!text && size > 0))
        return -EFAULT;
    return h ? call_proc(&h->calls, name, text, size, s->lab->now) : lab_no_host(s->lab, host);
}

int sockeye_name_socket(struct sockeye *s, int host, int fd, uint32_t inode)
{
    struct input in = {.kind = INPUT_NAME, .at = host, .number = {fd, inode}};

    return (int)door_enter(s, &in);
}

int sockeye_poll(const struct sockeye *s, int host, int fd)
{
    const struct host *h = lab_host(s->lab, host);

    return h ? call_poll(&h->calls, fd) : lab_no_host(s->lab, host);
}

bool sockeye_next_change(struct sockeye *s, struct sockeye_change *change)
{
    struct input in = {.kind = INPUT_NEXT_CHANGE,
                       .out = {{(uint8_t *)(void *)change, sizeof *change}}};

    return s->lab->touched.first && door_enter(s, &in) > 0;
}
