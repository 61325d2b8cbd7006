/* SPDX-License-Identifier: MIT */
/*
 * A source of a stream, against calls that take a little at each wake-up: what it sends, and what
 * that costs it.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include "7-application/service_parts.h"
#include "check.h"

enum { BYTES = 300000, FD = 3, SEED = 7 };

/* The other side of the calls. */
static struct {
    size_t room; /* what a send may still take before the next wake-up */
    uint64_t taken, offered;
    uint64_t made; /* by the source, when it shut its side */
    const struct service_pattern *pattern;
    bool is_right, is_shut;
} peer;

static nanoseconds fake_now(const struct sockeye *lab)
{
    (void)lab;
    return 0;
}

static int fake_socket(struct sockeye *lab, int host, int domain, int type, int protocol)
{
    (void)lab, (void)host, (void)domain, (void)type, (void)protocol;
    return FD;
}

static int fake_close(struct sockeye *lab, int host, int fd)
{
    (void)lab, (void)host, (void)fd;
    return 0;
}

static int fake_connect(struct sockeye *lab, int host, int fd, const void *address, uint32_t length)
{
    (void)lab, (void)host, (void)fd, (void)address, (void)length;
    return -EINPROGRESS;
}

static ssize_t fake_send(struct sockeye *lab, int host, int fd, const void *bytes, size_t length,
                         int flags)
{
    size_t some = length < peer.room ? length : peer.room;

    (void)lab, (void)host, (void)fd, (void)flags;
    peer.offered += length;
    if (some == 0)
        return -EAGAIN;
    if (service_pattern_check(SEED, peer.taken, bytes, some) != some)
        peer.is_right = false;
    peer.room -= some;
    peer.taken += some;
    return (ssize_t)some;
}

static ssize_t fake_receive(struct sockeye *lab, int host, int fd, void *bytes, size_t size,
                            int flags)
{
    (void)lab, (void)host, (void)fd, (void)bytes, (void)size, (void)flags;
    return peer.is_shut ? 0 : -EAGAIN;
}

static int fake_shutdown(struct sockeye *lab, int host, int fd, int how)
{
    (void)lab, (void)host, (void)fd, (void)how;
    peer.is_shut = true;
    peer.made = peer.pattern->made;
    return 0;
}

static int fake_get_option(struct sockeye *lab, int host, int fd, int level, int name, void *value,
                           uint32_t *length)
{
    (void)lab, (void)host, (void)fd, (void)level, (void)name;
    memset(value, 0, *length);
    return 0;
}

static int fake_poll(const struct sockeye *lab, int host, int fd)
{
    (void)lab, (void)host, (void)fd;
    return POLLOUT;
}

static const struct service_calls calls = {
    .now = fake_now,
    .socket = fake_socket,
    .close = fake_close,
    .connect = fake_connect,
    .send = fake_send,
    .receive = fake_receive,
    .shutdown = fake_shutdown,
    .get_option = fake_get_option,
    .poll = fake_poll,
};

static void each_byte_is_made_once(void)
{
    static const size_t pieces[] = {1460, 1, 65536, 3, 100000};

    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        const struct service_plan plan = {.kind = SERVICE_SOURCE, .stream = true, .bytes = BYTES};
        struct service_status status;
        struct service_set *set;

        memset(&peer, 0, sizeof peer);
        peer.is_right = true;
        check_equal(service_set_open(NULL, &calls, SEED, &set), 0);
        check_equal(service_set_add(set, &plan), 0);
        service_set_start(set, 0);
        check(set->list[0]->sockets != NULL);
        peer.pattern = &set->list[0]->sockets->pattern;
        for (int n = 0; n < 2 * BYTES && service_set_is_running(set); n++) {
            peer.room = pieces[i];
            service_set_on_change(set, 0, FD);
        }
        service_set_status(set, 0, &status);
        service_set_close(set);
        check_equal(status.state, SERVICE_DONE);
        check(peer.is_right);
        check_equal(peer.taken, BYTES);
        check_equal(peer.made, BYTES);
        check(peer.offered > BYTES);
    }
}

static const struct test tests[] = {
    {"a source makes each byte once, however few of them are taken at a time",
     each_byte_is_made_once},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
