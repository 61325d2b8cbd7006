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

/* ---- sockets of the same host ---- */

static ssize_t send_text(int by, const char *text, const int *numbers, uint32_t count)
{
    char bytes[8];
    union control c;
    struct sockeye_message m = {.bytes = bytes, .length = strlen(text), .control = &c};

    memcpy(bytes, text, m.length);
    m.control_length = control_of(&c, SCM_RIGHTS, numbers, count * sizeof *numbers);
    return sockeye_send_message(lab, H, by, &m, 0);
}

static ssize_t send_sockets(int by, const int *numbers, uint32_t count)
{
    return send_text(by, "x", numbers, count);
}

/* @return how many came, as many as there was room for; *flags: of the message */
static int receive_sockets(int by, int flags, uint32_t room, int *numbers, uint32_t *told)
{
    char byte;
    union control c = {.bytes = {0}};
    struct sockeye_message m = {
        .bytes = &byte, .length = 1, .control = &c, .control_length = CMSG_LEN(room * sizeof(int))};
    int count;

    check_equal(sockeye_receive_message(lab, H, by, &m, flags), 1);
    check_equal(sockeye_check(lab), 0);
    *told = m.flags;
    if (m.control_length == 0)
        return 0;
    check_equal(c.header.cmsg_type, SCM_RIGHTS);
    count = (int)((c.header.cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(numbers, CMSG_DATA(&c.header), (size_t)count * sizeof(int));
    return count;
}

static void socket_rides(void)
{
    int pair[2], got[2], peeked[2];
    uint32_t told;
    char byte;

    begin(SOCK_STREAM);
    check_equal(sockeye_socketpair(lab, H, AF_UNIX, SOCK_DGRAM, 0, pair), 0);
    check_equal(send_sockets(fd[0], &pair[1], 1), 1);
    check_equal(sockeye_close_fd(lab, H, pair[1]), 0);
    check_equal(sockeye_send(lab, H, pair[1], "y", 1, 0), -EBADF);
    check_equal(sockeye_send(lab, H, pair[0], "y", 1, 0), 1); /* it is open still */
    check_equal(receive_sockets(fd[1], MSG_PEEK, 2, peeked, &told), 1);
    check_equal(receive_sockets(fd[1], 0, 2, got, &told), 1);
    check(got[0] != peeked[0]);
    check_equal(told, 0);
    check_equal(sockeye_close_fd(lab, H, peeked[0]), 0);
    check_equal(sockeye_receive(lab, H, got[0], &byte, 1, 0), 1);
    check_equal(byte, 'y');
    check_equal(sockeye_close_fd(lab, H, got[0]), 0);
    check_equal(sockeye_send(lab, H, pair[0], "y", 1, 0), -ECONNREFUSED);
    check_equal(sockeye_check(lab), 0);
}

/* A read without room for rights loses them with the first byte, and what is behind them is one
 * with what was left. */
static void plain_read_loses_them(void)
{
    int numbers[2], got[2];
    uint32_t told;
    char bytes[8];

    begin(SOCK_STREAM);
    numbers[0] = sockeye_socket(lab, H, AF_UNIX, SOCK_STREAM, 0);
    for (int i = 0; i < 2; i++)
        check_equal(send_text(fd[0], "abcd", numbers, 1), 4);
    check_equal(sockeye_close_fd(lab, H, numbers[0]), 0);
    check_equal(sockeye_receive(lab, H, fd[1], bytes, 1, MSG_PEEK), 1);
    check_equal(sockeye_receive(lab, H, fd[1], bytes, 2, 0), 2);
    check_equal(receive_sockets(fd[1], 0, 2, got, &told), 0);
    check_equal(told, 0);
    check_equal(sockeye_receive(lab, H, fd[1], bytes, 8, 0), 5); /* to the next that have some */
    check_equal(sockeye_poll(lab, H, numbers[0]), -EBADF);
    check_equal(sockeye_socket(lab, H, AF_UNIX, SOCK_STREAM, 0), numbers[0]);
    check_equal(sockeye_check(lab), 0);
}

/* Room for two of five, as of a receiver that does not expect so many. */
static void too_many_for_the_room(void)
{
    int five[5], got[5];
    uint32_t told;

    begin(SOCK_STREAM);
    for (int i = 0; i < 5; i++)
        five[i] = sockeye_socket(lab, H, AF_INET, SOCK_STREAM, 0);
    check_equal(send_sockets(fd[0], five, 5), 1);
    for (int i = 0; i < 5; i++)
        check_equal(sockeye_close_fd(lab, H, five[i]), 0);
    check_equal(receive_sockets(fd[1], 0, 2, got, &told), 2);
    check_equal(told, MSG_CTRUNC);
    check_equal(got[0], five[0]); /* the lowest that are free */
    check_equal(got[1], five[1]);
    check_equal(sockeye_poll(lab, H, five[2]), -EBADF);
    check_equal(send_sockets(fd[0], five, 5), -EBADF);
}

/* P-21: lengths of a control message that are none, and more descriptors than there may be. */
static void odd_lengths_are_refused(void)
{
    static const struct {
        size_t length; /* that the header says */
        ssize_t sent;
    } rows[] = {
        {0, -EINVAL},
        {1, -EINVAL},
        {CMSG_LEN(0) - 1, -EINVAL},
        {CMSG_LEN(0), 1}, /* no descriptor */
        {CMSG_LEN(3), 1},
        {CMSG_LEN(4), 1},
        {CMSG_LEN(7), 1},
        {CMSG_LEN(8) + 1, -EINVAL},
        {SIZE_MAX, -EINVAL},
        {SIZE_MAX - 7, -EINVAL},
        {SIZE_MAX / 2 + 1, -EINVAL},
        {UINT64_C(1) << 32, -EINVAL},
    };
    int numbers[254], one;
    union control c;
    char byte = 'x';

    begin(SOCK_DGRAM);
    one = sockeye_socket(lab, H, AF_INET, SOCK_DGRAM, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sockeye_message m = {.bytes = &byte, .length = 1, .control = &c};

        m.control_length = control_of(&c, SCM_RIGHTS, (int[2]){one, one}, 2 * sizeof(int));
        c.header.cmsg_len = rows[i].length;
        if (sockeye_send_message(lab, H, fd[0], &m, 0) != rows[i].sent)
            test_fail(__FILE__, __LINE__, "row %zu", i);
        check_equal(sockeye_check(lab), 0);
        if (rows[i].sent > 0)
            check_equal(sockeye_receive(lab, H, fd[1], &byte, 1, 0), 1);
    }
    for (size_t i = 0; i < 254; i++)
        numbers[i] = one;
    check_equal(send_sockets(fd[0], numbers, 254), -EINVAL);
    check_equal(send_sockets(fd[0], numbers, 253), 1);
    numbers[252] = 99;
    check_equal(send_sockets(fd[0], numbers, 253), -EBADF);
    check_equal(sockeye_close_fd(lab, H, one), 0);
    check_equal(sockeye_receive(lab, H, fd[1], &byte, 1, 0), 1);
    check_equal(sockeye_receive(lab, H, fd[1], &byte, 1, 0), -EAGAIN);
    check_equal(sockeye_socket(lab, H, AF_INET, SOCK_DGRAM, 0), one); /* it was closed */
    check_equal(sockeye_check(lab), 0);
}

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* What Linux says that credentials and three descriptors took of a room. */
static size_t taken_of(size_t room)
{
    size_t first = room < CMSG_LEN(0) ? 0 : least_of(room, CMSG_SPACE(12)), left = room - first;

    if (first < CMSG_SPACE(12) || left < CMSG_LEN(4))
        return first;
    return first + least_of(left, CMSG_SPACE(least_of((left - CMSG_LEN(0)) / 4, 3) * 4));
}

/* P-21: nothing is written outside of the room for control messages, whatever its size. */
static void any_room_is_kept_to(void)
{
    enum { CANARY = 0x5a };
    const int one = 1;

    for (size_t room = 0; room <= 64; room++) {
        union control c;
        char byte;
        struct sockeye_message m = {
            .bytes = &byte, .length = 1, .control = &c, .control_length = room};
        int sent[3];

        begin(SOCK_SEQPACKET);
        check_equal(sockeye_set_option(lab, H, fd[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof one),
                    0);
        for (int i = 0; i < 3; i++)
            sent[i] = sockeye_socket(lab, H, AF_UNIX, SOCK_STREAM, 0);
        check_equal(send_sockets(fd[0], sent, 3), 1);
        memset(&c, CANARY, sizeof c);
        check_equal(sockeye_receive_message(lab, H, fd[1], &m, 0), 1);
        check_equal(m.control_length, taken_of(room));
        check_equal((m.flags & MSG_CTRUNC) != 0, room < CMSG_SPACE(12) + CMSG_LEN(12));
        for (size_t i = room; i < sizeof c; i++)
            check_equal(c.bytes[i], CANARY);
        check_equal(sockeye_check(lab), 0);
    }
}

/* Sockets that nobody can receive any more are closed, however they hold each other. */
static void circles_end(void)
{
    int a[2], b[2], outside[2];
    char byte;

    begin(SOCK_STREAM);
    check_equal(sockeye_socketpair(lab, H, AF_UNIX, SOCK_STREAM, 0, a), 0);
    check_equal(sockeye_socketpair(lab, H, AF_UNIX, SOCK_STREAM, 0, b), 0);
    check_equal(sockeye_socketpair(lab, H, AF_UNIX, SOCK_STREAM, 0, outside), 0);
    check_equal(send_sockets(a[0], &b[1], 1), 1);       /* a[1] holds b[1] */
    check_equal(send_sockets(b[0], &a[1], 1), 1);       /* and it a[1] */
    check_equal(send_sockets(a[0], &outside[1], 1), 1); /* and a third, which is in no circle */
    check_equal(sockeye_close_fd(lab, H, outside[1]), 0);
    check_equal(sockeye_close_fd(lab, H, a[1]), 0);
    check_equal(sockeye_send(lab, H, outside[0], "x", 1, 0), 1); /* b[1] can be read still */
    check_equal(sockeye_close_fd(lab, H, b[1]), 0);
    check_equal(sockeye_check(lab), 0);
    check_equal(sockeye_send(lab, H, a[0], "x", 1, 0), -EPIPE);
    check_equal(sockeye_send(lab, H, b[0], "x", 1, 0), -EPIPE);
    check_equal(sockeye_send(lab, H, outside[0], "x", 1, 0), -EPIPE);
    check_equal(sockeye_receive(lab, H, outside[0], &byte, 1, 0), -ECONNRESET);
}

/* Each holds the one before: closing the last closes all, none within another. */
static void deep_chain_ends(void)
{
    enum { DEEP = 400 };
    int first[2], pair[2], last;

    begin(SOCK_STREAM);
    check_equal(sockeye_socketpair(lab, H, AF_UNIX, SOCK_STREAM, 0, first), 0);
    last = first[1];
    for (int i = 0; i < DEEP; i++) {
        check_equal(sockeye_socketpair(lab, H, AF_UNIX, SOCK_STREAM, 0, pair), 0);
        check_equal(send_sockets(pair[0], &last, 1), 1);
        check_equal(sockeye_close_fd(lab, H, last), 0);
        check_equal(sockeye_close_fd(lab, H, pair[0]), 0);
        last = pair[1];
    }
    check_equal(sockeye_send(lab, H, first[0], "x", 1, 0), 1);
    check_equal(sockeye_close_fd(lab, H, last), 0);
    check_equal(sockeye_send(lab, H, first[0], "x", 1, 0), -EPIPE);
    check_equal(sockeye_check(lab), 0);
}

static void sender_is_known(void)
{
    const struct sockeye_caller first = {10, 11, 12}, second = {20, 21, 22};
    const int one = 1;
    int32_t who[3];
    uint32_t length = sizeof who;
    char bytes[8];
    union control c = {.bytes = {0}};
    struct sockeye_message m = {
        .bytes = bytes, .length = 8, .control = &c, .control_length = sizeof c};

    begin(SOCK_STREAM);
    check_equal(sockeye_caller(lab, H, &first), 0);
    check_equal(sockeye_socketpair(lab, H, AF_UNIX, SOCK_STREAM, 0, fd), 0);
    check_equal(sockeye_get_option(lab, H, fd[0], SOL_SOCKET, SO_PEERCRED, who, &length), 0);
    check(length == 12 && who[0] == 10 && who[1] == 11 && who[2] == 12);
    check_equal(sockeye_set_option(lab, H, fd[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof one), 0);
    check_equal(sockeye_send(lab, H, fd[0], "a", 1, 0), 1);
    check_equal(sockeye_caller(lab, H, &second), 0);
    check_equal(sockeye_send(lab, H, fd[0], "b", 1, 0), 1);
    check_equal(sockeye_receive_message(lab, H, fd[1], &m, 0), 1); /* of one sender at a time */
    memcpy(who, CMSG_DATA(&c.header), sizeof who);
    check(who[0] == 10 && who[1] == 11 && who[2] == 12);
    m.control_length = sizeof c;
    check_equal(sockeye_receive_message(lab, H, fd[1], &m, 0), 1);
    memcpy(who, CMSG_DATA(&c.header), sizeof who);
    check(who[0] == 20 && who[1] == 21 && who[2] == 22);
}

static const struct test tests[] = {
    {"a socket that rides on a message lives, and gets another number", socket_rides},
    {"a read without room for rights loses them with its first byte", plain_read_loses_them},
    {"five sockets for a receiver with room for two", too_many_for_the_room},
    {"P-21: odd lengths of control messages are refused", odd_lengths_are_refused},
    {"P-21: what comes beside a message stays in its room", any_room_is_kept_to},
    {"sockets that hold each other alone are closed", circles_end},
    {"a deep chain of sockets in queues ends without depth", deep_chain_ends},
    {"a read does not glue what two processes wrote", sender_is_known},
    {"a read stops behind a message with rights", read_stops_behind_rights},
    {"rights that nobody receives are told as lost", lost_are_told},
    {"a receiver may refuse them", refused_by_receiver},
    {"so many messages of a host may have rights, and others go on", bounded},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
