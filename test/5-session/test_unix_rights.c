/* SPDX-License-Identifier: MIT */
/* AF_UNIX by the public door: descriptors that ride on messages (SCM_RIGHTS), and credentials. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "check.h"
#include "sockeye/sockeye.h"

enum { H };

static struct sockeye *lab;
static int fd[2];

static void begin(int type)
{
    sockeye_close(lab);
    check_equal(sockeye_open(NULL, &lab), 0);
    check_equal(sockeye_host(lab, "h"), H);
    check_equal(sockeye_socketpair(lab, H, AF_UNIX, type, 0, fd), 0);
}

/* A control message, and the length with its padding. */
union control {
    struct cmsghdr header;
    uint8_t bytes[2048];
};

static size_t control_of(union control *c, int type, const void *data, size_t length)
{
    memset(c, 0, sizeof *c);
    c->header.cmsg_level = SOL_SOCKET;
    c->header.cmsg_type = type;
    c->header.cmsg_len = CMSG_LEN(length);
    memcpy(CMSG_DATA(&c->header), data, length);
    return CMSG_SPACE(length);
}

static ssize_t send_rights(const char *text, uint64_t number, uint32_t count)
{
    const struct sockeye_rights rights = {.number = number, .count = count};
    char bytes[32];
    union control c;
    struct sockeye_message m = {.bytes = bytes, .length = strlen(text), .control = &c};

    memcpy(bytes, text, strlen(text));
    m.control_length = control_of(&c, SOCKEYE_SCM_RIGHTS, &rights, sizeof rights);
    return sockeye_send_message(lab, H, fd[0], &m, 0);
}

/* What came: the number of its rights, 0: none. */
static ssize_t receive_rights(size_t size, int flags, size_t room, uint64_t *number)
{
    struct sockeye_rights rights = {0};
    char bytes[32];
    union control c = {.bytes = {0}};
    struct sockeye_message m = {.bytes = bytes, .length = size, .control = &c};
    ssize_t got;

    m.control_length = room;
    got = sockeye_receive_message(lab, H, fd[1], &m, flags);
    if (m.control_length >= CMSG_LEN(sizeof rights))
        memcpy(&rights, CMSG_DATA(&c.header), sizeof rights);
    *number = rights.number;
    check_equal(sockeye_check(lab), 0);
    return got;
}

static void read_stops_behind_rights(void)
{
    uint64_t number;

    begin(SOCK_STREAM);
    check_equal(sockeye_send(lab, H, fd[0], "ab", 2, 0), 2);
    check_equal(send_rights("cd", 7, 3), 2);
    check_equal(send_rights("ef", 8, 1), 2);
    check_equal(sockeye_send(lab, H, fd[0], "gh", 2, 0), 2);
    check_equal(receive_rights(20, MSG_PEEK, 64, &number), 4);
    check_equal(number, 7);
    check_equal(receive_rights(3, 0, 64, &number), 3);
    check_equal(number, 7); /* with the first of its bytes */
    check_equal(receive_rights(20, 0, 64, &number), 3);
    check_equal(number, 8);
    check_equal(receive_rights(20, 0, 64, &number), 2);
    check_equal(number, 0);
}

static void lost_are_told(void)
{
    struct sockeye_rights lost;
    uint64_t number;
    char byte;

    begin(SOCK_SEQPACKET);
    check_equal(send_rights("a", 1, 2), 1);
    check_equal(send_rights("b", 2, 2), 1);
    check_equal(send_rights("c", 3, 253), 1);
    check_equal(send_rights("d", 4, 254), -EINVAL);
    check_equal(send_rights("d", 0, 1), -EINVAL);
    check_equal(sockeye_next_lost(lab, H, &lost), 0);
    check_equal(sockeye_receive(lab, H, fd[1], &byte, 1, 0), 1);
    check_equal(sockeye_next_lost(lab, H, &lost), 1);
    check_equal(lost.number, 1);
    check_equal(receive_rights(1, 0, 8, &number), 1);
    check_equal(sockeye_next_lost(lab, H, &lost), 1);
    check_equal(lost.number, 2);
    check_equal(sockeye_close_fd(lab, H, fd[1]), 0);
    check_equal(sockeye_next_lost(lab, H, &lost), 1);
    check_equal(lost.number, 3);
    check_equal(lost.count, 253);
    check_equal(sockeye_next_lost(lab, H, &lost), 0);
    check_equal(sockeye_check(lab), 0);
}

static void refused_by_receiver(void)
{
    const int passes_rights = 83, zero = 0;
    struct sockeye_rights lost;

    begin(SOCK_STREAM);
    check_equal(sockeye_set_option(lab, H, fd[1], SOL_SOCKET, passes_rights, &zero, sizeof zero),
                0);
    check_equal(send_rights("a", 1, 1), -EPERM);
    check_equal(sockeye_send(lab, H, fd[0], "a", 1, 0), 1);
    check_equal(sockeye_next_lost(lab, H, &lost), 0); /* they were never taken */
    check_equal(sockeye_check(lab), 0);
}

static void bounded(void)
{
    int taken = 0;

    begin(SOCK_SEQPACKET);
    while (send_rights("a", 1, 1) == 1)
        check(++taken < 5000);
    check_equal(sockeye_send(lab, H, fd[0], "b", 1, 0), -EAGAIN);
    check_equal(taken, 278);
    for (int pairs = 0; pairs < 2; pairs++) {
        check_equal(sockeye_socketpair(lab, H, AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
        while (send_rights("a", 1, 1) == 1)
            check(++taken < 5000);
    }
    check_equal(taken, 512);
    check_equal(send_rights("a", 1, 1), -ETOOMANYREFS);
    check_equal(sockeye_send(lab, H, fd[0], "b", 1, 0), 1);
    check_equal(sockeye_check(lab), 0);
}

static const struct test tests[] = {
    {"a read stops behind a message with rights", read_stops_behind_rights},
    {"rights that nobody receives are told as lost", lost_are_told},
    {"a receiver may refuse them", refused_by_receiver},
    {"so many messages of a host may have rights, and others go on", bounded},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
