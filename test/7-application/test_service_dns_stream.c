/* SPDX-License-Identifier: MIT */
/*
 * The lab's name server over TCP (RFC 7766), against a connection with little room: what its client
 * reads is whole answers, one after the other.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include "7-application/service_parts.h"
#include "base/bytes.h"
#include "check.h"

enum { LISTENER = 3, DATAGRAMS = 4, STREAM = 5, QUERIES = 3, QUERY_BYTES = 12 + 8 + 4 };

static const struct service_dns_record records[] = {{"server", {0, UINT64_C(0xffff0a000002)}}};
static struct service_dns_plan names;

/* The host of the calls. */
static struct {
    nanoseconds now;
    int sockets;   /* made so far */
    bool accepted; /* the only connection */
    size_t room;   /* of the connection */
    int error;     /* of its send; 0: none */
    uint8_t query[QUERIES * (2 + QUERY_BYTES)];
    size_t asked, read; /* bytes of queries: there are, and were read */
    uint8_t answer[4096];
    size_t answered;
    unsigned datagrams, told; /* queries that wait as datagrams, and answers to such */
    int closed;               /* the last that was; 0: none */
} host;

static nanoseconds fake_now(const struct sockeye *lab)
{
    (void)lab;
    return host.now;
}

static int fake_socket(struct sockeye *lab, int number, int domain, int type, int protocol)
{
    (void)lab, (void)number, (void)domain, (void)protocol;
    host.sockets++;
    return type == SOCK_STREAM ? LISTENER : DATAGRAMS;
}

static int fake_close(struct sockeye *lab, int number, int fd)
{
    (void)lab, (void)number;
    host.closed = fd;
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
    if (host.accepted)
        return -EAGAIN;
    host.accepted = true;
    return STREAM;
}

static ssize_t fake_receive(struct sockeye *lab, int number, int fd, void *bytes, size_t size,
                            int flags)
{
    size_t n = host.asked - host.read;

    (void)lab, (void)number, (void)flags;
    if (fd != STREAM || n == 0)
        return -EAGAIN;
    n = n > size ? size : n;
    memcpy(bytes, host.query + host.read, n);
    host.read += n;
    return (ssize_t)n;
}

static ssize_t fake_send(struct sockeye *lab, int number, int fd, const void *bytes, size_t length,
                         int flags)
{
    size_t n = length > host.room ? host.room : length;

    (void)lab, (void)number, (void)flags;
    check_equal(fd, STREAM);
    if (host.error != 0)
        return -host.error;
    if (n == 0)
        return -EAGAIN;
    check(host.answered + n <= sizeof host.answer);
    memcpy(host.answer + host.answered, bytes, n);
    host.answered += n;
    host.room -= n;
    return (ssize_t)n;
}

/* A query as a datagram. */
static ssize_t fake_receive_message(struct sockeye *lab, int number, int fd,
                                    struct call_message *message, int flags)
{
    (void)lab, (void)number, (void)flags;
    check_equal(fd, DATAGRAMS);
    if (host.datagrams == 0)
        return -EAGAIN;
    host.datagrams--;
    memcpy(message->bytes, host.query + 2, QUERY_BYTES);
    message->address_length = sizeof(struct sockaddr_in);
    return QUERY_BYTES;
}

static ssize_t fake_send_message(struct sockeye *lab, int number, int fd,
                                 const struct call_message *message, int flags)
{
    (void)lab, (void)number, (void)flags;
    check_equal(fd, DATAGRAMS);
    host.told++;
    return (ssize_t)message->length;
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
    .send = fake_send,
    .receive = fake_receive,
    .send_message = fake_send_message,
    .receive_message = fake_receive_message,
    .text_of_error = fake_text,
};

/* A server that answers after `delay`, with a connection that has asked nothing yet. */
static struct service_set *begin(nanoseconds delay)
{
    struct service_plan plan = {.kind = SERVICE_DNS, .port = 53, .dns = &names};
    struct service_set *set;

    memset(&host, 0, sizeof host);
    names = (struct service_dns_plan){.records = records, .count = 1, .ttl = 60, .delay = delay};
    check_equal(service_set_open(NULL, &calls, 1, &set), 0);
    check_equal(service_set_add(set, &plan), 0);
    service_set_start(set, 0);
    service_set_on_change(set, 0, LISTENER);
    check(host.accepted);
    return set;
}

static void ask(uint16_t id)
{
    struct writer w = writer_of(host.query + host.asked, sizeof host.query - host.asked);

    write_u16(&w, QUERY_BYTES);
    write_u16(&w, id);
    write_u16(&w, 0x0100);
    write_u16(&w, 1);
    write_u16(&w, 0);
    write_u32(&w, 0);
    write_u8(&w, 6);
    write_copy(&w, "server", 6);
    write_u8(&w, 0);
    write_u16(&w, 1);
    write_u16(&w, 1);
    host.asked += 2 + QUERY_BYTES;
}

/* Whole answers, by number from 1. */
static void check_answers(unsigned count)
{
    size_t at = 0;

    for (unsigned id = 1; id <= count; id++) {
        size_t length;

        check(host.answered >= at + 4);
        length = u16_at(host.answer + at);
        check(length > QUERY_BYTES && host.answered >= at + 2 + length);
        check_equal(u16_at(host.answer + at + 2), id);
        check_equal(u32_at(host.answer + at + 2 + length - 4), 0x0a000002);
        at += 2 + length;
    }
    check_equal(at, host.answered);
}

static void answers_wait_for_room(void)
{
    for (size_t step = 1; step < 120; step++) {
        struct service_set *set = begin(0);

        for (uint16_t id = 1; id <= QUERIES; id++) {
            ask(id);
            host.room = id == 2 ? step : 0;
            service_set_on_change(set, 0, STREAM);
        }
        for (int turns = 0; turns < 200; turns++) {
            host.room = step;
            service_set_on_change(set, 0, STREAM);
        }
        check_answers(QUERIES);
        service_set_close(set);
    }
}

/* The answers' time comes while the connection has no room; one that was made later goes later. */
static void late_answers_wait_too(void)
{
    struct service_set *set = begin(1000);

    ask(1);
    service_set_on_change(set, 0, STREAM);
    check_equal(service_set_on_time(set), 1000);
    host.now = 1000;
    host.room = 5;
    (void)service_set_on_time(set);
    check_equal(host.answered, 5);
    names.delay = 0;
    ask(2);
    host.room = 0;
    service_set_on_change(set, 0, STREAM);
    host.room = 1000;
    service_set_on_change(set, 0, STREAM);
    check_answers(2);
    service_set_close(set);
}

static void a_broken_connection_keeps_no_answer(void)
{
    struct service_set *set = begin(0);

    ask(1);
    service_set_on_change(set, 0, STREAM);
    host.error = EPIPE;
    service_set_on_change(set, 0, STREAM);
    host.error = 0;
    host.room = 1000;
    service_set_on_change(set, 0, STREAM);
    check_equal(host.answered, 0);
    ask(1);
    service_set_on_change(set, 0, STREAM);
    check_answers(1);
    service_set_close(set);
}

/* As many answers as there is room for wait for it; then it is the others' turn. */
static void who_does_not_read_keeps_nobody_else_from_an_answer(void)
{
    struct service_set *set = begin(0);

    for (unsigned i = 0; i < SERVICE_DNS_WAITING; i++) {
        host.asked = host.read = 0;
        ask(1);
        service_set_on_change(set, 0, STREAM);
    }
    check_equal(host.closed, 0);
    host.datagrams = 2;
    service_set_on_change(set, 0, DATAGRAMS);
    check_equal(host.told, 2);
    check_equal(host.closed, STREAM);
    service_set_close(set);
}

static const struct test tests[] = {
    {"answers over TCP wait for room, whole and in their order", answers_wait_for_room},
    {"an answer whose time comes without room waits, and those after it", late_answers_wait_too},
    {"of a connection that is broken no answer is kept", a_broken_connection_keeps_no_answer},
    {"who does not read his answers keeps nobody else from one",
     who_does_not_read_keeps_nobody_else_from_an_answer},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
