/* SPDX-License-Identifier: MIT */
/*
 * The life of a socket: what its user may do next, and what he is told when he asks too early, too
 * late or twice. RFC 9293 3.9.1 (OPEN, SEND, RECEIVE, CLOSE, STATUS, ABORT) names the calls and
 * their errors; the socket interface divides OPEN into bind, listen, connect and accept, and its
 * second connect asks for the outcome of the first:
 *
 *     UNCONNECTED   --connect-->            CONNECTING      -EINPROGRESS
 *     CONNECTING    --connect, under way--> CONNECTING      -EALREADY
 *     CONNECTING    --connect, it worked--> CONNECTED       0, then -EISCONN for ever
 *     CONNECTING    --connect, it failed--> UNCONNECTED     the error once; the next tries anew
 *     CONNECTING    --shutdown, failed-->   DISCONNECTING   -ENOTCONN; connect is -EINVAL now
 *     any           --disconnect-->         UNCONNECTED     the transport is reset
 *
 * What concerns bytes (is there room, has the peer finished, is an error pending) the transport
 * knows; this file never remembers it a second time. Everything here that changes the readiness of
 * a socket touches it (session_ready.c), so that who waits for it looks again.
 *
 * Which address family was used, and what a descriptor is, is unknown here.
 */
#include "5-session/session_state.h"

#include <errno.h>

#include "5-session/unix.h"
#include "base/arena.h"
#include "base/compiler.h"

uint32_t session_socket_bytes(void)
{
    return sizeof(struct socket);
}

void session_table_init(struct sessions *s, const struct means *means,
                        const struct session_plan *plan)
{
    s->transport = plan->transport;
    s->unix_host = plan->unix_host;
    s->pool = plan->pool;
    s->upper_code = plan->upper_code;
    s->all.first = s->all.last = NULL;
    s->touched = means->touched;
    s->opened = 0;
    s->count = 0;
}

/* A socket that has no transport yet; NULL: no memory. */
static struct socket *begin(struct sessions *s, struct session_upper *upper)
{
    struct socket *socket = pool_get(s->pool);

    if (!socket)
        return NULL;
    socket->below.code = s->upper_code;
    socket->sessions = s;
    socket->upper = upper;
    return socket;
}

/* It has its transport: it is one of the host's now. */
static void add(struct socket *socket, struct transport_end *end, enum session_state state)
{
    struct sessions *s = socket->sessions;

    socket->end = end;
    socket->state = state;
    socket->serial = ++s->opened;
    s->count++;
    list_add(&s->all, &socket->link);
    socket->upper->socket = socket;
}

int session_open(struct sessions *s, struct session_upper *upper, enum transport_kind kind)
{
    struct socket *socket = begin(s, upper);
    struct transport_end *end = NULL;
    int status;

    if (!socket)
        return -ENOBUFS;
    status = transport_open(s->transport, kind, &socket->below, &end);
    if (status) {
        pool_put(s->pool, socket);
        return status;
    }
    add(socket, end, SESSION_UNCONNECTED);
    return 0;
}

int session_pair(struct sessions *s, struct session_upper *a, struct session_upper *b,
                 enum transport_kind kind)
{
    int status = session_open(s, a, kind);

    if (status)
        return status;
    status = session_open(s, b, kind);
    if (!status) {
        status = transport_pair(a->socket->end, b->socket->end);
        if (status)
            session_close(b->socket, 0);
    }
    if (status)
        session_close(a->socket, 0);
    return status;
}

void session_caller_set(struct sessions *s, const struct session_credentials *caller)
{
    session_credentials_copy(&s->unix_host->caller, caller);
}

void session_credentials_of_peer(const struct socket *socket,
                                 struct session_credentials *credentials)
{
    unix_credentials(socket->end, credentials);
}

void session_serials(const struct socket *socket, uint64_t *own, uint64_t *peer)
{
    unix_serials(socket->end, own, peer);
}

struct session_rights *session_rights_open(struct sessions *s)
{
    return unix_rights_open(s->unix_host);
}

void session_rights_close(struct sessions *s, struct session_rights *rights)
{
    unix_rights_close(s->unix_host, rights);
}

void session_rights_drop(struct sessions *s, struct session_rights *rights)
{
    unix_rights_drop(s->unix_host, rights);
}

struct session_rights *session_rights_take_lost(struct sessions *s)
{
    return unix_rights_take(&s->unix_host->lost);
}

struct session_rights *session_rights_take_released(struct sessions *s)
{
    return unix_rights_take(&s->unix_host->released);
}

bool session_rights_has_released(const struct sessions *s)
{
    return s->unix_host && s->unix_host->released.first;
}

bool session_rights_holds(const struct socket *socket)
{
    return unix_walk_holds(socket->end);
}

const struct session_rights *session_rights_next(const struct socket *socket,
                                                 struct session_rights_walk *walk)
{
    return unix_walk_next(socket->end, walk);
}

void session_rights_purge(struct socket *socket)
{
    unix_walk_purge(socket->end);
}

int session_unlink(struct sessions *s, const struct name *path)
{
    return unix_name_unlink(s->unix_host, path);
}

void session_close(struct socket *socket, nanoseconds now)
{
    list_remove(&socket->changed);
    list_remove(&socket->link);
    socket->sessions->count--;
    transport_close(socket->end, now);
    pool_put(socket->sessions->pool, socket);
}

enum transport_phase session_phase(const struct socket *socket)
{
    return transport_phase(socket->end);
}

int session_bind(struct socket *socket, const struct name *local)
{
    return transport_bind(socket->end, local);
}

/* RFC 9293 3.10.1: a passive OPEN. */
int session_listen(struct socket *socket, uint32_t backlog, nanoseconds now)
{
    int status;

    if (socket->state != SESSION_UNCONNECTED && !transport_is_immediate(socket->end))
        return -EINVAL;
    status = transport_listen(socket->end, backlog, now);
    if (!status)
        session_ready_touch(socket);
    return status;
}

/* The connect under way is over without success: tell why, once, and begin anew. */
static int connect_failed(struct socket *socket, nanoseconds now)
{
    int error = transport_error_take(socket->end);

    socket->state = SESSION_UNCONNECTED;
    if (transport_disconnect(socket->end, now))
        socket->state = SESSION_DISCONNECTING;
    session_ready_touch(socket);
    return error ? -error : -ECONNABORTED;
}

int session_connect_outcome(struct socket *socket, nanoseconds now)
{
    enum transport_phase phase = transport_phase(socket->end);

    if (transport_is_immediate(socket->end))
        return 1;
    switch ((enum session_state)socket->state) {
    case SESSION_UNCONNECTED:
        return phase == TRANSPORT_LISTENING ? -EISCONN : 1;
    case SESSION_CONNECTED:
        return -EISCONN;
    case SESSION_DISCONNECTING:
        return -EINVAL;
    case SESSION_CONNECTING:
        break;
    }
    if (phase == TRANSPORT_OPENING)
        return -EALREADY;
    if (phase == TRANSPORT_CLOSED)
        return connect_failed(socket, now);
    socket->state = SESSION_CONNECTED;
    return 0;
}

/* RFC 9293 3.10.1: an active OPEN. */
int session_connect(struct socket *socket, const struct name *remote, nanoseconds now)
{
    int status = session_connect_outcome(socket, now);

    if (status != 1)
        return status;
    status = transport_connect(socket->end, remote, now);
    if (status && status != -EINPROGRESS)
        return status;
    session_ready_touch(socket);
    if (status)
        socket->state = SESSION_CONNECTING;
    return status;
}

/* RFC 9293 3.10.5: ABORT, and the socket may be used again. */
int session_disconnect(struct socket *socket, nanoseconds now)
{
    int status = transport_disconnect(socket->end, now);

    if (!transport_is_immediate(socket->end))
        socket->state = status ? SESSION_DISCONNECTING : SESSION_UNCONNECTED;
    session_ready_touch(socket);
    return status;
}

int session_accept(struct socket *listener, struct session_upper *upper, struct name *remote)
{
    struct socket *fresh = begin(listener->sessions, upper);
    struct transport_end *end = NULL;
    int status;

    if (!fresh)
        return -ENOBUFS;
    status = transport_accept(listener->end, &fresh->below, &end);
    if (status) {
        pool_put(listener->sessions->pool, fresh);
        return status;
    }
    add(fresh, end, SESSION_CONNECTED);
    (void)transport_remote(end, remote);
    session_ready_touch(fresh); /* it may have bytes already, and nobody was told */
    return 0;
}

ssize_t session_send(struct socket *socket, const struct transport_message *m, unsigned flags,
                     nanoseconds now)
{
    return transport_send(socket->end, m, flags, now);
}

ssize_t session_receive(struct socket *socket, struct transport_message *m, unsigned flags,
                        nanoseconds now)
{
    return transport_receive(socket->end, m, flags, now);
}

/* RFC 9293 3.10.4: CLOSE is shutting down for writing. A listener that is shut down for reading
 * listens no longer; a connect under way is given up: both are closed after it, and may begin anew.
 */
int session_shutdown(struct socket *socket, bool reading, bool writing, nanoseconds now)
{
    enum transport_phase before = transport_phase(socket->end);
    int status;

    if (transport_is_immediate(socket->end))
        return transport_shutdown(socket->end, reading, writing, now);
    if (before == TRANSPORT_LISTENING && !reading)
        return 0;
    status = transport_shutdown(socket->end, reading, writing, now);
    if (status == -EOPNOTSUPP)
        return status; /* of this kind nothing is shut down, and nothing is another */
    if (socket->state == SESSION_CONNECTING)
        socket->state = before == TRANSPORT_OPEN ? SESSION_CONNECTED : SESSION_DISCONNECTING;
    if ((before == TRANSPORT_LISTENING || before == TRANSPORT_OPENING) &&
        transport_phase(socket->end) == TRANSPORT_CLOSED)
        socket->state = status ? SESSION_DISCONNECTING : SESSION_UNCONNECTED;
    session_ready_touch(socket);
    return status;
}

void session_local(const struct socket *socket, struct name *local)
{
    transport_local(socket->end, local);
}

int session_remote(const struct socket *socket, struct name *remote)
{
    enum transport_phase phase = transport_phase(socket->end);

    if (phase == TRANSPORT_CLOSED || phase == TRANSPORT_LISTENING)
        return -ENOTCONN;
    return transport_remote(socket->end, remote);
}

int session_option_set(struct socket *socket, enum transport_option option, int64_t value,
                       nanoseconds now)
{
    return transport_option_set(socket->end, option, value, now);
}

int session_group(struct socket *socket, enum transport_group_call call,
                  struct transport_group *group, nanoseconds now)
{
    return transport_group(socket->end, call, group, now);
}

int session_link(struct socket *socket, enum transport_link_call call, struct transport_link *given)
{
    return transport_link(socket->end, call, given);
}

int session_header(struct socket *socket, enum transport_header_call call,
                   struct transport_header *header)
{
    return transport_header(socket->end, call, header);
}

int session_filter(struct socket *socket, enum transport_filter_call call,
                   struct transport_filter *filter)
{
    return transport_filter(socket->end, call, filter);
}

uint16_t session_interface_of(const struct socket *socket, struct address own)
{
    return transport_interface_of(socket->end, own);
}

int session_circuit(struct socket *socket, enum transport_circuit_call call,
                    struct transport_circuit *circuit, nanoseconds now)
{
    return transport_circuit(socket->end, call, circuit, now);
}

int session_option_get(const struct socket *socket, enum transport_option option, int64_t *value)
{
    return transport_option_get(socket->end, option, value);
}

int session_error_take(struct socket *socket)
{
    return transport_error_take(socket->end);
}

int64_t session_count(const struct socket *socket, enum transport_count_kind kind)
{
    if (!transport_is_immediate(socket->end) &&
        transport_phase(socket->end) == TRANSPORT_LISTENING && kind != COUNT_AT_MARK)
        return -EINVAL;
    return transport_count(socket->end, kind);
}

int session_info(const struct socket *socket, struct transport_info *info, nanoseconds now)
{
    return transport_info(socket->end, info, now);
}

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return __LINE__;                                                                       \
    } while (0)

int session_table_check(const struct sessions *s, uint32_t open)
{
    uint32_t count = 0;

    for (struct list_link *l = s->all.first; l && count <= s->count; l = l->next) {
        const struct socket *socket = container_of(l, struct socket, link);

        REQUIRE(socket->sessions == s);
        REQUIRE(socket->end != NULL && transport_upper_of(socket->end) == &socket->below);
        REQUIRE(socket->below.code == s->upper_code && socket->upper->socket == socket);
        REQUIRE(socket->state <= SESSION_DISCONNECTING);
        REQUIRE(socket->serial != 0 && socket->serial <= s->opened);
        REQUIRE(!socket->changed.list || socket->changed.list == s->touched);
        count++;
    }
    REQUIRE(count == s->count && count == open);
    return 0;
}
