/* SPDX-License-Identifier: MIT */
/*
 * The kinds of calls of AF_UNIX in the storm: the other end is a thread of the same program, which
 * no signal comes to. What is sent has numbers, and descriptors ride on some of it.
 */
#pragma once
#include <pthread.h>
#include <stddef.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "storm.h"

enum { LOCAL_END = -1, LOCAL_RIGHTS_EACH = 4 };

/* A thread that the storm does not reach. */
static pthread_t calm(void *(*run)(void *), void *context)
{
    sigset_t all, before;
    pthread_t thread;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, run, context) != 0)
        fatal("pthread_create");
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return thread;
}

/* A number, with or without a descriptor beside it. @return bytes */
static ssize_t pass_number(int fd, int32_t *number, int *right, bool sends)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control = {.bytes = {0}};
    struct iovec vector = {number, sizeof *number};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    struct cmsghdr *c = &control.header;
    ssize_t n;

    if (!sends || *right >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
    }
    if (sends && *right >= 0) {
        *c = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(c), right, sizeof *right);
    }
    if (sends)
        TRY(n, MAY_WAIT, sendmsg(fd, &message, 0));
    else
        TRY(n, MAY_WAIT, recvmsg(fd, &message, 0));
    if (!sends && n > 0) {
        *right = -1;
        if (message.msg_controllen >= CMSG_LEN(sizeof(int)))
            memcpy(right, CMSG_DATA(c), sizeof *right);
    }
    return n;
}

/* Receives the numbers: each once, in order, with its descriptor. */
static void *local_reader(void *context)
{
    int fd = *(int *)context, right;
    int32_t number, wanted = 0;

    for (; pass_number(fd, &number, &right, false) == sizeof number && number != LOCAL_END;
         wanted++) {
        if (number != wanted)
            fault("message %d is number %d", wanted, number);
        if ((right >= 0) != (number % LOCAL_RIGHTS_EACH == 0))
            fault("message %d: descriptor %d", number, right);
        if (right >= 0)
            close(right);
        wanted = number;
    }
    return NULL;
}

static void local_messages(void)
{
    static const int types[] = {SOCK_SEQPACKET, SOCK_STREAM, SOCK_DGRAM};
    int32_t count = 0, all = 0, last = LOCAL_END;
    int none = -1;

    for (int i = 0; !is_over(); i++, all += count) {
        int pair[2], r;
        pthread_t reader;
        ssize_t n;

        TRY(r, NEVER_WAITS, socketpair(AF_UNIX, types[i % 3], 0, pair));
        if (r < 0)
            fatal("socketpair");
        reader = calm(local_reader, &pair[1]);
        for (count = 0; count < 200 && !is_over(); count++) {
            n = pass_number(pair[0], &count, count % LOCAL_RIGHTS_EACH == 0 ? &pair[0] : &none,
                            true);
            if (n != sizeof count)
                fault("sendmsg: %zd", n);
        }
        (void)pass_number(pair[0], &last, &none, true);
        pthread_join(reader, NULL);
        close(pair[0]);
        close(pair[1]);
    }
    printf("local-messages: %d", all);
}

static struct sockaddr_un local_name;
static socklen_t local_length;

/* Connects, one after another, and says which it is, until the listener is gone. */
static void *local_caller(void *context)
{
    const _Atomic bool *is_done = context;
    bool goes_on = true;

    for (int32_t number = 0; goes_on; number++) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        char byte;

        goes_on = connect(fd, (struct sockaddr *)&local_name, local_length) == 0 &&
                  write(fd, &number, sizeof number) == sizeof number && read(fd, &byte, 1) == 0;
        if (!goes_on && !*is_done)
            fault("connection %d to ourselves", number);
        close(fd);
    }
    return NULL;
}

static void local_accepts(void)
{
    static _Atomic bool is_done;
    int listener, r;
    int32_t count = 0, number;
    pthread_t caller;

    local_name.sun_family = AF_UNIX;
    local_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                               (size_t)snprintf(local_name.sun_path + 1, 32, "storm-%d", getpid()));
    TRY(listener, NEVER_WAITS, socket(AF_UNIX, SOCK_STREAM, 0));
    TRY(r, NEVER_WAITS, bind(listener, (struct sockaddr *)&local_name, local_length));
    if (r == 0)
        TRY(r, NEVER_WAITS, listen(listener, 4));
    if (r < 0)
        fatal("listen");
    is_done = false;
    caller = calm(local_caller, &is_done);
    for (; !is_over(); count++) {
        int fd;

        TRY(fd, MAY_WAIT, accept(listener, NULL, NULL));
        if (fd < 0 || !get_all(fd, &number, sizeof number) || number != count)
            fault("connection %d is number %d", count, number);
        close(fd);
    }
    is_done = true;
    shutdown(listener, SHUT_RDWR); /* with whoever waits in its queue */
    close(listener);
    pthread_join(caller, NULL);
    printf("local-accepts: %d connections", count);
}
