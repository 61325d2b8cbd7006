/* SPDX-License-Identifier: MIT */
/*
 * What a program sees of a stream that it fills: back pressure, and that no byte is lost. Run
 * natively and by the runner, as sockets.c.
 */
#include "sockets.h"

static uint8_t pattern(size_t i)
{
    return (uint8_t)(i * 7 + i / 251 + i / 65521);
}

enum { BULK = 3000000 };

static int write_bulk(int fd)
{
    static uint8_t bytes[10000];
    size_t done = 0;

    while (done < BULK) {
        size_t step = BULK - done < sizeof bytes ? BULK - done : sizeof bytes;
        ssize_t n;

        for (size_t i = 0; i < step; i++)
            bytes[i] = pattern(done + i);
        n = write(fd, bytes, step);
        if (n <= 0)
            return 1;
        done += (size_t)n;
    }
    return shutdown(fd, SHUT_WR) != 0;
}

static int read_bulk(int fd)
{
    static uint8_t bytes[30000];
    size_t done = 0;
    ssize_t n;

    while ((n = read(fd, bytes, sizeof bytes)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            if (bytes[i] != pattern(done + (size_t)i))
                return 1;
        done += (size_t)n;
    }
    return n < 0 || done != BULK;
}

static void bulk_both_ways(void)
{
    int c[2], status = 0, failed = 0;
    pid_t children[4];

    connection(c);
    for (int i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(i < 2 ? write_bulk(c[i]) : read_bulk(c[i - 2]));
    }
    for (int i = 0; i < 4; i++) {
        waitpid(children[i], &status, 0);
        failed |= status << i;
    }
    check_equal(failed, 0);
    close(c[0]);
    close(c[1]);
}

static void full_buffer_blocks(void)
{
    int c[2];
    static char bytes[65536];
    size_t sent = 0, received = 0;
    ssize_t n;

    connection(c);
    set_nonblocking(c[0]);
    for (int i = 0; i < 100 && sent < 100000000; i++) { /* until all buffers are full */
        while ((n = send(c[0], bytes, sizeof bytes, 0)) > 0)
            sent += (size_t)n;
        if (!(wait_for(c[0], POLLOUT, 100) & POLLOUT))
            break;
    }
    check(sent > 10000 && sent < 100000000);
    check_equal(wait_for(c[0], POLLOUT, 0), 0);
    shutdown(c[0], SHUT_WR);
    while ((n = recv(c[1], bytes, sizeof bytes, 0)) > 0)
        received += (size_t)n;
    check_equal(n, 0);
    check_equal(received, sent);
    close(c[0]);
    close(c[1]);
}

/* Sends in ways that differ from write(). */
static ssize_t send_strangely(int fd, int way, char *bytes, size_t length)
{
    struct sockaddr_in name;
    socklen_t name_length = sizeof name;
    struct iovec piece = {bytes, length};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};

    switch (way) {
    case 0:
        return send(fd, bytes, length, MSG_MORE);
    case 1:
        return sendmsg(fd, &message, MSG_MORE);
    case 2:
        if (getpeername(fd, (sa *)&name, &name_length) < 0)
            return -1;
        return sendto(fd, bytes, length, 0, (sa *)&name, name_length);
    default:
        return send(fd, bytes, length, MSG_OOB);
    }
}

/* @return how many bytes were read to the end, slowly; *sum tells of what they were */
static size_t read_slowly(int fd, unsigned *sum)
{
    static char bytes[32768];
    size_t done = 0;
    ssize_t n;

    while ((n = recv(fd, bytes, sizeof bytes, 0)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            *sum = *sum * 31 + (unsigned char)bytes[i];
        done += (size_t)n;
        usleep(500);
    }
    return done;
}

struct slow_reader {
    int fd;
    size_t done;
    unsigned sum;
};

static void *be_slow(void *context)
{
    struct slow_reader *reader = context;

    reader->done = read_slowly(reader->fd, &reader->sum);
    return NULL;
}

static void poll_tells_of_every_send(void)
{
    enum { WAYS = 4, LENGTH = 1000000 };
    static char bytes[16384];

    for (int way = 0; way < WAYS; way++) {
        struct slow_reader reader = {0};
        unsigned sum = 0;
        int c[2], again = 0, yes = 1, size = 65536;
        pthread_t thread;

        connection(c);
        setsockopt(c[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
        setsockopt(c[1], SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
        reader.fd = c[1];
        set_nonblocking(c[0]);
        setsockopt(c[1], SOL_SOCKET, SO_OOBINLINE, &yes, sizeof yes);
        pthread_create(&thread, NULL, be_slow, &reader);
        for (size_t done = 0; done < LENGTH && again < 1000;) {
            size_t length = LENGTH - done < sizeof bytes ? LENGTH - done : sizeof bytes;
            ssize_t n;

            for (size_t i = 0; i < length; i++)
                bytes[i] = (char)pattern(done + i);
            if (!(wait_for(c[0], POLLOUT, 5000) & POLLOUT))
                break;
            n = send_strangely(c[0], way, bytes, length);
            again += n < 0 && errno == EAGAIN;
            for (ssize_t i = 0; i < n; i++)
                sum = sum * 31 + (unsigned char)bytes[i];
            done += n < 0 ? 0 : (size_t)n;
        }
        close(c[0]);
        pthread_join(thread, NULL);
        check_equal(again, 0);
        check_equal(reader.done, LENGTH);
        check_equal(reader.sum, sum);
        close(c[1]);
    }
}

static void blocking_send_takes_all(void)
{
    enum { LENGTH = 1500000 };
    static char bytes[LENGTH];

    for (size_t i = 0; i < LENGTH; i++)
        bytes[i] = (char)pattern(i);
    for (int way = 0; way < 3; way++) {
        struct slow_reader reader = {0};
        unsigned sum = 0;
        pthread_t thread;
        int c[2];

        connection(c);
        reader.fd = c[1];
        pthread_create(&thread, NULL, be_slow, &reader);
        check_equal(send_strangely(c[0], way, bytes, LENGTH), LENGTH);
        for (size_t i = 0; i < LENGTH; i++)
            sum = sum * 31 + (unsigned char)bytes[i];
        close(c[0]);
        pthread_join(thread, NULL);
        check_equal(reader.done, LENGTH);
        check_equal(reader.sum, sum);
        close(c[1]);
    }
}

/* By a peer that has not read all; sent with MSG_MORE, for the plain ones are the kernel's. */
static void reset_is_told_to_sends(void)
{
    struct iovec piece = {malloc(30000000), 30000000};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    int c[2];
    pid_t child;

    connection(c);
    check(piece.iov_base != NULL);
    memset(piece.iov_base, 'x', piece.iov_len);
    child = fork();
    if (child == 0) { /* the last who has the other end */
        usleep(200000);
        _exit(0);
    }
    close(c[1]);
    check(sendmsg(c[0], &message, MSG_MORE) > 0);
    waitpid(child, NULL, 0);
    check(sendmsg(c[0], &message, MSG_MORE) < 0 && errno == ECONNRESET);
    check(sendmsg(c[0], &message, MSG_MORE) < 0 && errno == EPIPE);
    free(piece.iov_base);
    close(c[0]);
}

static void *send_whole(void *context)
{
    struct msghdr *message = context;
    int *fd = message->msg_control;

    message->msg_control = NULL;
    sendmsg(*fd, message, MSG_MORE);
    shutdown(*fd, SHUT_WR);
    return NULL;
}

/* Linux copies the vector when the call begins. */
static void shorter_message_gives_nobodys_bytes(void)
{
    enum { LENGTH = 30000000 };
    static char bytes[300000];
    struct iovec piece = {malloc(LENGTH), LENGTH};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    size_t strange = 0, done = 0;
    char *whole = piece.iov_base;
    pthread_t thread;
    ssize_t n;
    int c[2], others[2];

    connection(c);
    connection(others);
    check(whole != NULL);
    memset(whole, 'x', LENGTH);
    message.msg_control = &c[0];
    pthread_create(&thread, NULL, send_whole, &message);
    for (int i = 0; i < 3; i++) /* until it waits */
        for (usleep(100000); wait_for(c[0], POLLOUT, 0) != 0;)
            usleep(10000);
    memset(bytes, 'y', sizeof bytes);
    check(send(others[0], bytes, sizeof bytes, MSG_MORE | MSG_DONTWAIT) > 0);
    *(volatile size_t *)&piece.iov_len = 0;
    while ((n = recv(c[1], bytes, sizeof bytes, 0)) > 0) {
        done += (size_t)n;
        for (ssize_t i = 0; i < n; i++)
            strange += bytes[i] != 'x';
    }
    pthread_join(thread, NULL);
    check(done > 0 && done <= LENGTH);
    check_equal(strange, 0);
    free(whole);
    for (int i = 0; i < 2; i++) {
        close(c[i]);
        close(others[i]);
    }
}

static const struct test tests[] = {
    {"three megabytes cross each other unharmed", bulk_both_ways},
    {"a writer without a reader fills the buffers, and no byte is lost", full_buffer_blocks},
    {"poll tells when a send with flags or a name has room", poll_tells_of_every_send},
    {"a blocking send with flags or a name takes all", blocking_send_takes_all},
    {"a send that was cut short by a reset is told so next, and then EPIPE",
     reset_is_told_to_sends},
    {"a message that is made shorter while its send waits sends no byte of another's",
     shorter_message_gives_nobodys_bytes},
};

int main(int argc, char **argv)
{
    return sockets_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
