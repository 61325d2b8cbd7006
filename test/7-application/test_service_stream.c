/* SPDX-License-Identifier: MIT */
/*
 * A service that listens, against calls whose accept() fails for a while: it goes on, and takes
 * what waited when there is room again.
 */
#include <errno.h>
#include <string.h>
#include "7-application/service_parts.h"
#include "check.h"

enum { LISTENER = 3, FIRST = 4, WAITING = 5 };

/* The host of the calls. */
static struct {
    nanoseconds now;
    int error;   /* of accept(); 0: it has room */
    int waiting; /* connections */
    int taken, asked, closed;
} host;

static nanoseconds fake_now(const struct sockeye *lab)
{
    (void)lab;
    return host.now;
}

static int fake_socket(struct sockeye *lab, int number, int domain, int type, int protocol)
{
    (void)lab, (void)number, (void)domain, (void)type, (void)protocol;
    return LISTENER;
}

static int fake_close(struct sockeye *lab, int number, int fd)
{
    (void)lab, (void)number, (void)fd;
    host.closed++;
    return 0;
}

static int fake_set_option(struct sockeye *lab, int number, int fd, int level, int name,
                           const void *value, uint32_t length)
{
    (void)lab, (void)number, (void)fd, (void)level, (void)name, (void)value, (void)length;
    return 0;
}

static int fake_bind(struct sockeye *lab, int number, int fd, const void *address, uint32_t length)
{
    (void)lab, (void)number, (void)fd, (void)address, (void)length;
    return 0;
}

static int fake_listen(struct sockeye *lab, int number, int fd, int backlog)
{
    (void)lab, (void)number, (void)fd, (void)backlog;
    return 0;
}

static int fake_accept(struct sockeye *lab, int number, int fd, void *address, uint32_t *length)
{
    (void)lab, (void)number, (void)fd, (void)address, (void)length;
    host.asked++;
    if (host.error != 0)
        return -host.error;
    if (host.waiting == 0)
        return -EAGAIN;
    host.waiting--;
    return FIRST + host.taken++;
}

static ssize_t fake_receive(struct sockeye *lab, int number, int fd, void *bytes, size_t size,
                            int flags)
{
    (void)lab, (void)number, (void)fd, (void)bytes, (void)size, (void)flags;
    return -EAGAIN;
}

static const char *fake_text(int error)
{
    (void)error;
    return "a fault";
}

static const struct service_calls calls = {
    .now = fake_now,
    .socket = fake_socket,
    .close = fake_close,
    .set_option = fake_set_option,
    .bind = fake_bind,
    .listen = fake_listen,
    .accept = fake_accept,
    .receive = fake_receive,
    .text_of_error = fake_text,
};

static struct service_set *open_echo(struct service_status *status)
{
    const struct service_plan plan = {.kind = SERVICE_ECHO, .stream = true, .port = 7};
    struct service_set *set;

    memset(&host, 0, sizeof host);
    host.waiting = WAITING;
    check_equal(service_set_open(NULL, &calls, 1, &set), 0);
    check_equal(service_set_add(set, &plan), 0);
    service_set_start(set, 0);
    service_set_status(set, 0, status);
    check_equal(status->state, SERVICE_RUNNING);
    return set;
}

static void a_failed_accept_is_tried_again(void)
{
    static const int errors[] = {EMFILE, ENFILE, ENOBUFS, ENOMEM, ECONNABORTED};

    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        struct service_status status;
        struct service_set *set = open_echo(&status);

        host.error = errors[i];
        service_set_on_change(set, 0, LISTENER);
        check_equal(host.asked, 1);
        for (int n = 0; n < 3; n++) { /* each time it looks once */
            int64_t next = service_set_on_time(set);

            check(next > host.now && next <= host.now + 1000000000);
            host.now = next;
        }
        host.error = 0;
        (void)service_set_on_time(set);
        service_set_status(set, 0, &status);
        check_equal(status.state, SERVICE_RUNNING);
        check_equal(status.connections, WAITING);
        check_equal(host.asked, 4 + WAITING);
        check(service_set_on_time(set) == INT64_MAX);
        service_set_close(set);
    }
}

static void a_broken_listener_ends_it(void)
{
    struct service_status status;
    struct service_set *set = open_echo(&status);

    host.error = EINVAL;
    service_set_on_change(set, 0, LISTENER);
    service_set_status(set, 0, &status);
    check_equal(status.state, SERVICE_FAILED);
    check(strcmp(status.problem, "accept: a fault") == 0);
    service_set_close(set);
}

static const struct test tests[] = {
    {"a service goes on when its host has no room for a connection, and takes it later",
     a_failed_accept_is_tried_again},
    {"a service ends when its listener is broken", a_broken_listener_ends_it},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
