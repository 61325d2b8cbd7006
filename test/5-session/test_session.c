/* SPDX-License-Identifier: MIT */
/* The life of a socket, call by call, and the list of those that changed. */
#include "check.h"
#include "fake_arena.h"
#include "fake_transport.h"

static struct link_list touched;
static const struct means means = {.touched = &touched};
static struct sessions sessions;
static struct session_upper uppers[4];
static struct arena *arena;

static const struct name peer = {
    .family = NAME_INTERNET, .endpoint = {.address = {0, UINT64_C(0xffff0a000001)}, .port = 80}};

/* A fresh host with one open socket. */
static struct fake_end *begin(enum transport_kind kind)
{
    const uint64_t bytes = sizeof(struct arena) + ARENA_PAGE_BYTES + 65536;
    struct session_plan plan = {.upper_code = FAKE_UPPER_CODE};

    memset(&fake, 0, sizeof fake);
    memset(&sessions, 0, sizeof sessions);
    memset(uppers, 0, sizeof uppers);
    memset(&touched, 0, sizeof touched);
    arena = fake_arena_fresh(arena, bytes);
    plan.pool = pool_open(arena, session_socket_bytes(), 4, false);
    session_table_init(&sessions, &means, &plan);
    check_equal(session_open(&sessions, &uppers[0], kind), 0);
    return fake_of(uppers[0].socket->end);
}

static void connect_speaks_once(void)
{
    struct fake_end *e = begin(TRANSPORT_STREAM);

    check_equal(session_connect(uppers[0].socket, &peer, 0), -EINPROGRESS);
    check_equal(session_connect(uppers[0].socket, &peer, 0), -EALREADY);
    e->phase = TRANSPORT_OPENING;
    check_equal(session_connect(uppers[0].socket, &peer, 0), -EALREADY);
    e->phase = TRANSPORT_OPEN;
    check_equal(session_connect(uppers[0].socket, &peer, 0), 0);
    check_equal(session_connect(uppers[0].socket, &peer, 0), -EISCONN);
    e->phase = TRANSPORT_CLOSED;
    check_equal(session_connect(uppers[0].socket, &peer, 0), -EISCONN);
    check_equal(session_table_check(&sessions, sessions.count), 0);
}

static void connect_failure_told_by_connect(void)
{
    struct fake_end *e = begin(TRANSPORT_STREAM);

    check_equal(session_connect(uppers[0].socket, &peer, 0), -EINPROGRESS);
    e->phase = TRANSPORT_CLOSED;
    e->error = ECONNREFUSED;
    check_equal(session_connect(uppers[0].socket, &peer, 0), -ECONNREFUSED);
    check_equal(e->disconnects, 1);
    check_equal(session_error_take(uppers[0].socket), 0);
    check_equal(session_connect(uppers[0].socket, &peer, 0), -EINPROGRESS);
}

static void connect_failure_told_by_error(void)
{
    struct fake_end *e = begin(TRANSPORT_STREAM);

    check_equal(session_connect(uppers[0].socket, &peer, 0), -EINPROGRESS);
    e->phase = TRANSPORT_CLOSED;
    e->error = ETIMEDOUT;
    check_equal(session_error_take(uppers[0].socket), ETIMEDOUT);
    check_equal(session_error_take(uppers[0].socket), 0);
    check_equal(session_connect(uppers[0].socket, &peer, 0), -ECONNABORTED);
    check_equal(session_connect(uppers[0].socket, &peer, 0), -EINPROGRESS);
}

static void connect_refused_below(void)
{
    begin(TRANSPORT_STREAM);
    fake.connect_result = -ENETUNREACH;
    check_equal(session_connect(uppers[0].socket, &peer, 0), -ENETUNREACH);
    fake.connect_result = 0;
    check_equal(session_connect(uppers[0].socket, &peer, 0), -EINPROGRESS);
}

static void datagrams_connect_again(void)
{
    struct fake_end *e = begin(TRANSPORT_DATAGRAM);
    struct name remote;

    check_equal(session_remote(uppers[0].socket, &remote), -ENOTCONN);
    check_equal(session_connect(uppers[0].socket, &peer, 0), 0);
    check_equal(session_connect(uppers[0].socket, &peer, 0), 0);
    check_equal(session_remote(uppers[0].socket, &remote), 0);
    check_equal(remote.endpoint.port, 80);
    check_equal(session_disconnect(uppers[0].socket, 0), 0);
    check_equal(session_remote(uppers[0].socket, &remote), -ENOTCONN);
    check_equal(e->disconnects, 1);
}

static void listeners(void)
{
    struct fake_end *e = begin(TRANSPORT_STREAM);
    struct name remote;

    check_equal(session_accept(uppers[0].socket, &uppers[1], &remote), -EINVAL);
    check_equal(session_listen(uppers[0].socket, 5, 0), 0);
    check_equal(session_listen(uppers[0].socket, 9, 0), 0);
    check_equal(e->backlog, 9);
    check_equal(session_connect(uppers[0].socket, &peer, 0), -EISCONN);
    check_equal(session_bind(uppers[0].socket, &peer), -EINVAL);
    check_equal(session_count(uppers[0].socket, COUNT_UNREAD), -EINVAL);
    check_equal(session_remote(uppers[0].socket, &remote), -ENOTCONN);
    fake.accept_result = -EAGAIN;
    check_equal(session_accept(uppers[0].socket, &uppers[1], &remote), -EAGAIN);
    check_equal(sessions.count, 1);
    fake.accept_result = 0;
    check_equal(session_accept(uppers[0].socket, &uppers[1], &remote), 0);
    check_equal(remote.endpoint.port, 40000);
    check_equal(sessions.count, 2);
    check_equal(uppers[1].socket->below.code, FAKE_UPPER_CODE);
    check_equal(session_connect(uppers[1].socket, &peer, 0), -EISCONN);
    check_equal(session_table_check(&sessions, sessions.count), 0);
}

static void listening_needs_a_fresh_stream(void)
{
    struct fake_end *e = begin(TRANSPORT_STREAM);
    struct name remote;

    check_equal(session_connect(uppers[0].socket, &peer, 0), -EINPROGRESS);
    check_equal(session_listen(uppers[0].socket, 1, 0), -EINVAL);
    e->phase = TRANSPORT_OPEN;
    check_equal(session_listen(uppers[0].socket, 1, 0), -EINVAL);
    check_equal(session_open(&sessions, &uppers[1], TRANSPORT_DATAGRAM), 0);
    check_equal(session_listen(uppers[1].socket, 1, 0), -EOPNOTSUPP);
    check_equal(session_accept(uppers[1].socket, &uppers[2], &remote), -EOPNOTSUPP);
}

static void shutdown_by_state(void)
{
    struct fake_end *e = begin(TRANSPORT_STREAM);

    check_equal(session_shutdown(uppers[0].socket, true, true, 0), -ENOTCONN);
    check_equal(session_listen(uppers[0].socket, 1, 0), 0);
    check_equal(session_shutdown(uppers[0].socket, false, true, 0), 0);
    check_equal(e->phase, TRANSPORT_LISTENING);
    check_equal(session_shutdown(uppers[0].socket, true, false, 0), 0);
    check_equal(e->phase, TRANSPORT_CLOSED);
    check_equal(session_connect(uppers[0].socket, &peer, 0), -EINPROGRESS);
    check_equal(session_shutdown(uppers[0].socket, false, true, 0), 0);
    check_equal(e->phase, TRANSPORT_CLOSED); /* the connect was given up */
    check_equal(session_connect(uppers[0].socket, &peer, 0), -EINPROGRESS);
    e->phase = TRANSPORT_OPEN;
    check_equal(session_shutdown(uppers[0].socket, false, true, 0), 0);
    check(e->shut_writing);
    check_equal(session_connect(uppers[0].socket, &peer, 0), -EISCONN);
}

static void shutdown_after_failure(void)
{
    struct fake_end *e = begin(TRANSPORT_STREAM);

    check_equal(session_connect(uppers[0].socket, &peer, 0), -EINPROGRESS);
    e->phase = TRANSPORT_CLOSED;
    e->error = ECONNREFUSED;
    check_equal(session_shutdown(uppers[0].socket, true, true, 0), -ENOTCONN);
    check_equal(session_connect(uppers[0].socket, &peer, 0), -EINVAL);
}

/* Opened from both sides, it is not given up by a shutdown: it will close when it is open. */
static void shutdown_while_opening(void)
{
    struct fake_end *e = begin(TRANSPORT_STREAM);

    fake.stays_opening = true;
    check_equal(session_connect(uppers[0].socket, &peer, 0), -EINPROGRESS);
    check_equal(session_shutdown(uppers[0].socket, false, true, 0), 0);
    check_equal(e->phase, TRANSPORT_OPENING);
    check_equal(session_connect(uppers[0].socket, &peer, 0), -EINVAL);
}

static void peers_by_phase(void)
{
    static const struct {
        enum transport_phase phase;
        int result;
    } rows[] = {{TRANSPORT_OPENING, 0},
                {TRANSPORT_OPEN, 0},
                {TRANSPORT_CLOSED, -ENOTCONN},
                {TRANSPORT_LISTENING, -ENOTCONN}};
    struct fake_end *e = begin(TRANSPORT_STREAM);
    struct name remote;

    check_equal(session_connect(uppers[0].socket, &peer, 0), -EINPROGRESS);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        e->phase = rows[i].phase;
        check_equal(session_remote(uppers[0].socket, &remote), rows[i].result);
    }
    e->phase = TRANSPORT_OPENING;
    e->has_remote = false; /* not answered yet */
    check_equal(session_remote(uppers[0].socket, &remote), -ENOTCONN);
}

static void changed_once_each(void)
{
    begin(TRANSPORT_STREAM);
    for (int i = 1; i < 4; i++)
        check_equal(session_open(&sessions, &uppers[i], TRANSPORT_STREAM), 0);
    check(session_ready_take(&touched) == NULL);
    session_ready_told(&uppers[2].socket->below, 1);
    session_ready_told(&uppers[1].socket->below, 1);
    session_ready_told(&uppers[2].socket->below, 2);
    session_ready_told(&uppers[3].socket->below, 2);
    check_equal(session_table_check(&sessions, sessions.count), 0);
    session_close(uppers[3].socket, 3);
    check(session_ready_take(&touched) == &uppers[2]);
    session_ready_told(&uppers[2].socket->below, 4);
    check(session_ready_take(&touched) == &uppers[1]);
    check(session_ready_take(&touched) == &uppers[2]);
    check(session_ready_take(&touched) == NULL);
    check_equal(sessions.count, 3);
}

static void calls_touch(void)
{
    begin(TRANSPORT_STREAM);
    check_equal(session_connect(uppers[0].socket, &peer, 0), -EINPROGRESS);
    check(session_ready_take(&touched) == &uppers[0]);
    check_equal(session_shutdown(uppers[0].socket, true, true, 0), 0);
    check(session_ready_take(&touched) == &uppers[0]);
    check_equal(session_listen(uppers[0].socket, 1, 0), 0);
    check(session_ready_take(&touched) == &uppers[0]);
}

static void no_room(void)
{
    begin(TRANSPORT_STREAM);
    fake.open_result = -ENOBUFS;
    check_equal(session_open(&sessions, &uppers[1], TRANSPORT_STREAM), -ENOBUFS);
    check_equal(sessions.count, 1);
    check_equal(session_table_check(&sessions, sessions.count), 0);
}

static const struct test tests[] = {
    {"connect is in progress, under way, done once, and then connected", connect_speaks_once},
    {"a failed connect is told once by the next connect, then tried anew",
     connect_failure_told_by_connect},
    {"a failure taken from the socket leaves ECONNABORTED to connect",
     connect_failure_told_by_error},
    {"a connect refused below leaves the socket unconnected", connect_refused_below},
    {"datagram sockets change and forget their peer", datagrams_connect_again},
    {"a listener accepts, and nothing else", listeners},
    {"only a fresh stream listens", listening_needs_a_fresh_stream},
    {"shutdown of closed, listening, connecting and connected streams", shutdown_by_state},
    {"a stream shut down after its connect failed connects no more", shutdown_after_failure},
    {"a stream shut down while both sides open it connects no more", shutdown_while_opening},
    {"the peer's name is there from the peer's answer until the end", peers_by_phase},
    {"a touched socket is on the list of changes once, in order", changed_once_each},
    {"calls that change readiness touch their socket", calls_touch},
    {"a socket that finds no room leaves nothing behind", no_room},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
