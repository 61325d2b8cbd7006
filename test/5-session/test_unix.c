/* SPDX-License-Identifier: MIT */
/*
 * AF_UNIX by the public door: the life of sockets and their names. What Linux says to each call is
 * what test/kernel/unix_oracle.c found; here it stands in sentences.
 */
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "check.h"
#include "sockeye/sockeye.h"

enum { H };

static struct sockeye *lab;

static void begin(void)
{
    sockeye_close(lab);
    check_equal(sockeye_open(NULL, &lab), 0);
    check_equal(sockeye_host(lab, "h"), H);
}

/* A path, or an abstract name that is written with an @. */
static uint32_t name(const char *text, struct sockaddr_un *a)
{
    size_t length = strlen(text);

    memset(a, 0, sizeof *a);
    a->sun_family = AF_UNIX;
    memcpy(a->sun_path, text, length);
    if (text[0] != '@')
        return sizeof *a;
    a->sun_path[0] = 0;
    return (uint32_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

static int bound(int type, const char *text)
{
    struct sockaddr_un a;
    uint32_t length = name(text, &a);
    int fd = sockeye_socket(lab, H, AF_UNIX, type, 0);

    check(fd >= 0);
    check_equal(sockeye_bind(lab, H, fd, &a, length), 0);
    return fd;
}

static int connect_to(int fd, const char *text)
{
    struct sockaddr_un a;
    uint32_t length = name(text, &a);

    return sockeye_connect(lab, H, fd, &a, length);
}

static int opened(int type)
{
    int fd = sockeye_socket(lab, H, AF_UNIX, type, 0);

    check(fd >= 0);
    return fd;
}

static void stream_path(void)
{
    int listener, client, server;
    char bytes[8];

    begin();
    listener = bound(SOCK_STREAM, "/run/s");
    check_equal(sockeye_listen(lab, H, listener, 5), 0);
    client = opened(SOCK_STREAM);
    check_equal(connect_to(client, "/run/s"), 0);
    check_equal(sockeye_send(lab, H, client, "hello", 5, 0), 5);
    check_equal(sockeye_poll(lab, H, listener), POLLIN);
    server = sockeye_accept(lab, H, listener, NULL, NULL);
    check(server >= 0);
    check_equal(sockeye_receive(lab, H, server, bytes, sizeof bytes, 0), 5);
    check(memcmp(bytes, "hello", 5) == 0);
    check_equal(sockeye_close_fd(lab, H, server), 0);
    check_equal(sockeye_receive(lab, H, client, bytes, sizeof bytes, 0), 0);
    check_equal(sockeye_send(lab, H, client, "x", 1, 0), -EPIPE);
    check_equal(sockeye_check(lab), 0);
}

static void path_stays(void)
{
    struct sockaddr_un a;
    int listener, other;

    begin();
    listener = bound(SOCK_STREAM, "p");
    other = opened(SOCK_STREAM);
    check_equal(connect_to(other, "q"), -ENOENT);
    check_equal(connect_to(other, "p"), -ECONNREFUSED);
    check_equal(sockeye_listen(lab, H, listener, 0), 0);
    check_equal(connect_to(opened(SOCK_DGRAM), "p"), -EPROTOTYPE);
    check_equal(sockeye_close_fd(lab, H, listener), 0);
    check_equal(connect_to(other, "p"), -ECONNREFUSED);
    check_equal(sockeye_bind(lab, H, other, &a, name("p", &a)), -EADDRINUSE);
    check_equal(sockeye_unlink(lab, H, "p"), 0);
    check_equal(sockeye_unlink(lab, H, "p"), -ENOENT);
    check_equal(sockeye_bind(lab, H, other, &a, name("p", &a)), 0);
    check_equal(sockeye_bind(lab, H, other, &a, name("q", &a)), -EINVAL);
    check_equal(sockeye_check(lab), 0);
}

static void place_is_found(void)
{
    const struct sockeye_place place = {.family = SOCKEYE_AF_PLACE, .place = 7};
    struct sockaddr_un a;
    int old = opened(SOCK_STREAM), fresh = opened(SOCK_STREAM), client = opened(SOCK_STREAM);
    uint32_t length = sizeof a;

    check_equal(sockeye_bind_at(lab, H, old, &a, name("s", &a), 7), 0);
    check_equal(sockeye_listen(lab, H, old, 1), 0);
    check_equal(connect_to(client, "s"), -ENOENT);
    check_equal(sockeye_connect(lab, H, client, &place, sizeof place), 0);
    check_equal(sockeye_peer_name(lab, H, client, &a, &length), 0);
    check_equal(length, offsetof(struct sockaddr_un, sun_path) + 2);
    check_equal(sockeye_bind_at(lab, H, fresh, &a, name("t", &a), 7), 0);
    check_equal(sockeye_connect(lab, H, opened(SOCK_STREAM), &place, sizeof place), -ECONNREFUSED);
    check_equal(sockeye_bind_at(lab, H, opened(SOCK_STREAM), &a, name("@x", &a), 8), -EINVAL);
    check_equal(sockeye_check(lab), 0);
}

static void backlog_is_one_more(void)
{
    struct sockeye_change change;
    int listener, client[3];

    begin();
    listener = bound(SOCK_SEQPACKET, "@l");
    check_equal(sockeye_listen(lab, H, listener, 1), 0);
    for (int i = 0; i < 3; i++) {
        client[i] = opened(SOCK_SEQPACKET);
        check_equal(connect_to(client[i], "@l"), i < 2 ? 0 : -EAGAIN);
    }
    while (sockeye_next_change(lab, &change))
        ;
    check(sockeye_accept(lab, H, listener, NULL, NULL) >= 0);
    for (change.fd = -1; change.fd != client[2];)
        check(sockeye_next_change(lab, &change));
    check_equal(connect_to(client[2], "@l"), 0);
    check_equal(sockeye_close_fd(lab, H, listener), 0);
    check_equal(sockeye_poll(lab, H, client[2]), POLLIN | POLLOUT | POLLHUP | POLLRDHUP | POLLERR);
    check_equal(sockeye_send(lab, H, client[2], "x", 1, 0), -ECONNRESET);
    check_equal(sockeye_check(lab), 0);
}

static void buffers_are_senders(void)
{
    char bytes[100];
    int fd[2], count = 0;

    begin();
    check_equal(sockeye_socketpair(lab, H, AF_UNIX, SOCK_STREAM, 0, fd), 0);
    while (sockeye_send(lab, H, fd[0], "x", 1, 0) == 1)
        count++;
    check_equal(count, 278); /* of 768 bytes each, as Linux counts them */
    check_equal(sockeye_poll(lab, H, fd[0]), 0);
    check_equal(sockeye_receive(lab, H, fd[1], bytes, 100, 0), 100);
    check_equal(sockeye_poll(lab, H, fd[0]), 0);
    check_equal(sockeye_receive(lab, H, fd[1], bytes, 100, 0), 100);
    check_equal(sockeye_receive(lab, H, fd[1], bytes, 9, 0), 9);
    check_equal(sockeye_poll(lab, H, fd[0]), POLLOUT);
    check_equal(sockeye_check(lab), 0);
}

static void eleven_datagrams(void)
{
    struct sockaddr_un a;
    struct sockeye_message m = {.bytes = (char[]){"x"}, .length = 1, .address = &a};
    int receiver, sender;
    char byte;

    begin();
    receiver = bound(SOCK_DGRAM, "@r");
    sender = opened(SOCK_DGRAM);
    m.address_length = name("@r", &a);
    for (int i = 0; i < 11; i++)
        check_equal(sockeye_send_message(lab, H, sender, &m, 0), 1);
    check_equal(sockeye_send_message(lab, H, sender, &m, 0), -EAGAIN);
    check_equal(sockeye_receive(lab, H, receiver, &byte, 1, 0), 1);
    check_equal(sockeye_send_message(lab, H, sender, &m, 0), 1);
    check_equal(connect_to(sender, "@r"), 0);
    check_equal(sockeye_close_fd(lab, H, receiver), 0);
    check_equal(sockeye_send(lab, H, sender, "x", 1, 0), -ECONNREFUSED);
    check_equal(sockeye_send(lab, H, sender, "x", 1, 0), -ENOTCONN);
    check_equal(sockeye_check(lab), 0);
}

/* The sender goes for good with its last message. */
static void name_of_who_has_gone(void)
{
    struct sockaddr_un to, from;
    struct sockeye_message m = {.bytes = (char[]){"x"}, .length = 1, .address = &to};
    int receiver, sender;
    char byte;

    begin();
    receiver = bound(SOCK_DGRAM, "@r");
    sender = bound(SOCK_DGRAM, "@gone");
    m.address_length = name("@r", &to);
    check_equal(sockeye_send_message(lab, H, sender, &m, 0), 1);
    check_equal(sockeye_close_fd(lab, H, sender), 0);
    m = (struct sockeye_message){
        .bytes = &byte, .length = 1, .address = &from, .address_length = sizeof from};
    check_equal(sockeye_receive_message(lab, H, receiver, &m, 0), 1);
    check_equal(m.address_length, offsetof(struct sockaddr_un, sun_path) + 5);
    check(memcmp(from.sun_path, "\0gone", 5) == 0);
    check_equal(sockeye_check(lab), 0);
}

static void names_of_each_kind(void)
{
    struct sockaddr_un a;
    uint32_t length = sizeof a;
    int fd;

    begin();
    (void)bound(SOCK_DGRAM, "@n");
    (void)bound(SOCK_STREAM, "@n");
    fd = opened(SOCK_STREAM);
    check_equal(sockeye_bind(lab, H, fd, &a, name("@n", &a)), -EADDRINUSE);
    check_equal(sockeye_local_name(lab, H, fd, &a, &length), 0);
    check_equal(length, sizeof(sa_family_t));
    check_equal(sockeye_bind(lab, H, fd, &a, sizeof(sa_family_t)), 0);
    length = sizeof a;
    check_equal(sockeye_local_name(lab, H, fd, &a, &length), 0);
    check_equal(length, sizeof(sa_family_t) + 6);
    check_equal(sockeye_check(lab), 0);
}

static void crash_ends_connections(void)
{
    int fd[2], datagrams[2];
    char byte;

    begin();
    check_equal(sockeye_socketpair(lab, H, AF_UNIX, SOCK_STREAM, 0, fd), 0);
    check_equal(sockeye_socketpair(lab, H, AF_UNIX, SOCK_DGRAM, 0, datagrams), 0);
    check_equal(sockeye_send(lab, H, fd[0], "x", 1, 0), 1);
    check_equal(sockeye_send(lab, H, datagrams[0], "x", 1, 0), 1);
    check_equal(sockeye_crash(lab, H), 0);
    check_equal(sockeye_receive(lab, H, fd[1], &byte, 1, 0), -ENETDOWN);
    check_equal(sockeye_receive(lab, H, fd[1], &byte, 1, 0), 0);
    check_equal(sockeye_receive(lab, H, datagrams[1], &byte, 1, 0), -EAGAIN);
    check_equal(sockeye_check(lab), 0);
}

static const struct test tests[] = {
    {"a crash ends connections, and what waited is gone", crash_ends_connections},
    {"bytes sent before accept are there, and an end is an end", stream_path},
    {"a path stays when its socket is closed", path_stays},
    {"a place leads to the socket that has it, whatever its path says", place_is_found},
    {"one more than the backlog may wait, and who waits is told of room", backlog_is_one_more},
    {"278 bytes of one each fit, and a quarter makes it writable", buffers_are_senders},
    {"eleven datagrams wait, and a closed peer refuses once", eleven_datagrams},
    {"who has gone is named by its last message", name_of_who_has_gone},
    {"each kind of socket has its own abstract names", names_of_each_kind},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
