/* SPDX-License-Identifier: MIT */
/*
 * What rides on a message: descriptors (files, pipes, sockets of every kind, more than there is
 * room for), credentials, and who the peer is.
 */
#pragma once
#include "fidelity_unix.h"

static void close_all(const int *fds, int count)
{
    for (int i = 0; i < count; i++)
        close(fds[i]);
}

static void of_rights(void)
{
    int p[2], got[64], pipes[2], five[5], count;
    char byte;

    enter("rights");
    make_pair(p);
    if (pipe(pipes) < 0)
        give_up("pipe");
    q("sendmsg", send_rights(p[0], "r", &pipes[0], 1));
    arrived(p[1]);
    count = receive_parcel(p[1], "recvmsg", 256, 0, got);
    q("write to the pipe", write(pipes[1], "x", 1));
    q("read by what came", count == 1 ? read(got[0], &byte, 1) : -1);
    row("close on exec", "%d", count == 1 ? fcntl(got[0], F_GETFD) : -1);
    close_all(got, count);
    send_rights(p[0], "r", &pipes[0], 1);
    arrived(p[1]);
    count = receive_parcel(p[1], "recvmsg MSG_CMSG_CLOEXEC", 256, MSG_CMSG_CLOEXEC, got);
    row("close on exec", "%d", count == 1 ? fcntl(got[0], F_GETFD) : -1);
    close_all(got, count);
    for (int i = 0; i < 5; i++)
        five[i] = pipes[0];
    q("sendmsg of five", send_rights(p[0], "five", five, 5));
    arrived(p[1]);
    count = receive_parcel(p[1], "recvmsg with room for two", CMSG_SPACE(2 * sizeof(int)), 0, got);
    close_all(got, count);
    send_rights(p[0], "five", five, 5);
    arrived(p[1]);
    count = receive_parcel(p[1], "recvmsg without room", 0, 0, got);
    send_rights(p[0], "r", five, 2);
    arrived(p[1]);
    q_recv(p[1]);
    send_rights(p[0], "r", five, 2);
    arrived(p[1]);
    count = receive_parcel(p[1], "recvmsg MSG_PEEK", 256, MSG_PEEK, got);
    close_all(got, count);
    count = receive_parcel(p[1], "recvmsg", 256, 0, got);
    close_all(got, count);
    q("sendmsg of none such", send_rights(p[0], "r", &(int){999}, 1));
    q("sendmsg without bytes", send_rights(p[0], "", five, 1));
    if (type != SOCK_STREAM) {
        arrived(p[1]);
        count = receive_parcel(p[1], "recvmsg", 256, 0, got);
        close_all(got, count);
    }
    {
        int many[254];

        for (int i = 0; i < 254; i++)
            many[i] = pipes[0];
        q("sendmsg of 254", send_rights(p[0], "r", many, 254));
        q("sendmsg of 253", send_rights(p[0], "r", many, 253));
        arrived(p[1]);
        q_recv(p[1]);
    }
    close_all(pipes, 2);
    close_both(p);
}

/* Rights stay with their bytes. */
static void of_rights_in_a_stream(void)
{
    int p[2], got[64], count;

    enter("rights between");
    make_pair(p);
    q_send(p[0]);
    send_rights(p[0], "RR", &p[0], 1);
    q_send(p[0]);
    arrived(p[1]);
    usleep(LONG_PAUSE_US);
    q_recv_as(p[1], "recv of 3", 3, 0);
    arrived(p[1]);
    count = receive_parcel(p[1], "recvmsg", 256, 0, got);
    close_all(got, count);
    arrived(p[1]);
    count = receive_parcel(p[1], "recvmsg", 256, 0, got);
    close_all(got, count);
    q_recv(p[1]);
    close_both(p);
}

/* Waits for the end of what is reachable by nobody: the kernel looks for it when a socket closes,
 * if it does not look already. */
static void collect(int fd)
{
    for (int ms = 0; ms < MOST_MS && !(poll_now(fd, 0) & POLLHUP); ms += 10) {
        close(socket(AF_UNIX, SOCK_STREAM, 0));
        usleep(10000);
    }
}

/* Sockets of the same kind, of AF_INET, themselves; the last copy is on the way. */
static void of_rights_of_sockets(void)
{
    int p[2], inner[2], got[64], count, inet;

    enter("rights of sockets");
    make_pair(p);
    make_pair(inner);
    inet = socket(AF_INET, SOCK_DGRAM, 0);
    q("sendmsg", send_rights(p[0], "s", (int[]){inner[1], inet}, 2));
    close(inner[1]);
    close(inet);
    q_poll(inner[0]);
    q("send to one on its way", send(inner[0], "abc", 3, MSG_NOSIGNAL));
    arrived(p[1]);
    count = receive_parcel(p[1], "recvmsg", 256, 0, got);
    if (count == 2) {
        arrived(got[0]);
        q_recv(got[0]);
        q_option(got[1], "SO_DOMAIN", SO_DOMAIN);
    }
    close_all(got, count);
    if (connects())
        q_settled(inner[0], POLLHUP);
    close(inner[0]);

    make_pair(inner);
    q("sendmsg", send_rights(p[0], "s", &inner[1], 1));
    close(inner[1]);
    arrived(p[1]);
    close_both(p); /* the message goes with its receiver, unread */
    if (connects())
        q_settled(inner[0], POLLHUP);
    q_recv(inner[0]);
    close(inner[0]);

    make_pair(p);
    make_pair(inner);
    q("a cycle", send_rights(p[0], "c", &p[1], 1));
    q("with another", send_rights(p[0], "c", &inner[1], 1));
    arrived(p[1]);
    usleep(LONG_PAUSE_US);
    close_both(p);
    close(inner[1]);
    if (connects()) {
        collect(inner[0]);
        q_poll(inner[0]);
    }
    close(inner[0]);
}

static void of_credentials(void)
{
    struct ucred who = {.pid = getpid(), .uid = geteuid(), .gid = getegid()};
    socklen_t length = sizeof who;
    struct parcel parcel;
    int p[2], got[64], count;

    enter("credentials");
    make_pair(p);
    q_send(p[0]);
    arrived(p[1]);
    receive_parcel(p[1], "recvmsg", 256, 0, got);
    set_on(p[1], SO_PASSCRED);
    q_send(p[0]);
    arrived(p[1]);
    receive_parcel(p[1], "SO_PASSCRED", 256, 0, got);
    if (fork() == 0) {
        send(p[0], "child", 5, 0);
        _exit(0);
    }
    wait(NULL);
    arrived(p[1]);
    receive_parcel(p[1], "of a child", 256, 0, got);
    pack(&parcel, "own");
    put_control(&parcel, SCM_CREDENTIALS, &who, sizeof who);
    q("SCM_CREDENTIALS", sendmsg(p[0], &parcel.header, MSG_NOSIGNAL));
    arrived(p[1]);
    receive_parcel(p[1], "recvmsg", 256, 0, got);
    pack(&parcel, "both");
    put_control(&parcel, SCM_CREDENTIALS, &who, sizeof who);
    put_control(&parcel, SCM_RIGHTS, &p[0], sizeof p[0]);
    q("with rights", sendmsg(p[0], &parcel.header, MSG_NOSIGNAL));
    arrived(p[1]);
    count = receive_parcel(p[1], "recvmsg", 256, 0, got);
    close_all(got, count);
    q("with rights", sendmsg(p[0], &parcel.header, MSG_NOSIGNAL));
    arrived(p[1]);
    count = receive_parcel(p[1], "recvmsg with room for one", CMSG_SPACE(sizeof who), 0, got);
    close_all(got, count);
    who.pid = 0x3fffffff;
    pack(&parcel, "none");
    put_control(&parcel, SCM_CREDENTIALS, &who, sizeof who);
    q("of nobody", sendmsg(p[0], &parcel.header, MSG_NOSIGNAL));
    pack(&parcel, "short");
    put_control(&parcel, SCM_CREDENTIALS, &who, 4);
    q("too short", sendmsg(p[0], &parcel.header, MSG_NOSIGNAL));
    pack(&parcel, "other");
    put_control(&parcel, 77, &who, 4);
    q("of another type", sendmsg(p[0], &parcel.header, MSG_NOSIGNAL));
    memset(&who, 0, sizeof who);
    q("SO_PEERCRED", getsockopt(p[0], SOL_SOCKET, SO_PEERCRED, &who, &length));
    row("its process", "%s %d %d", who.pid == getpid() ? "own" : "other", who.uid == geteuid(),
        who.gid == getegid());
    close_both(p);
    p[0] = make();
    length = sizeof who;
    getsockopt(p[0], SOL_SOCKET, SO_PEERCRED, &who, &length);
    row("of a fresh one", "%d %d %d", who.pid, (int)who.uid, (int)who.gid);
    close(p[0]);
}

/* recvmmsg()'s time has run out when the first has come: the others wait for the next call. */
static void of_many(void)
{
    struct mmsghdr headers[3] = {0};
    struct iovec pieces[3];
    struct timespec time = {.tv_nsec = 1};
    char bytes[3][8];
    int p[2];

    if (type == SOCK_STREAM)
        return;
    enter("many");
    make_pair(p);
    set_on(p[1], SO_PASSCRED);
    for (int i = 0; i < 3; i++) {
        pieces[i] = (struct iovec){bytes[i], sizeof bytes[i]};
        headers[i].msg_hdr.msg_iov = &pieces[i];
        headers[i].msg_hdr.msg_iovlen = 1;
        q_send(p[0]);
    }
    arrived(p[1]);
    usleep(LONG_PAUSE_US);
    q("recvmmsg in a nanosecond", recvmmsg(p[1], headers, 3, 0, &time));
    row("what is left of it", "%ld %ld", (long)time.tv_sec, time.tv_nsec);
    q("recvmmsg", recvmmsg(p[1], headers, 3, MSG_DONTWAIT, NULL));
    time.tv_nsec = -1;
    q("in less than none", recvmmsg(p[1], headers, 3, 0, &time));
    close_both(p);
}

static void of_peer(void)
{
    struct ucred who = {0};
    socklen_t length = sizeof who;
    char path[32];
    int l, a;
    pid_t child;

    if (!connects())
        return;
    enter("peer");
    l = make_bound(path);
    listen(l, 5);
    child = fork();
    if (child == 0) {
        int c = make();

        join(c, path);
        poll_now(c, 0);
        getsockopt(c, SOL_SOCKET, SO_PEERCRED, &who, &length);
        send(c, who.pid == getppid() ? "parent" : "wrong", 6, 0);
        usleep(50000);
        _exit(0);
    }
    await(l, POLLIN);
    a = accept4(l, NULL, NULL, SOCK_NONBLOCK);
    arrived(a);
    q_recv(a);
    getsockopt(a, SOL_SOCKET, SO_PEERCRED, &who, &length);
    row("SO_PEERCRED", "%s", who.pid == child ? "the child" : "another");
    wait(NULL);
    close(a);
    close(l);
    unlink(path);
}

static void run_rights(void)
{
    of_rights();
    of_rights_in_a_stream();
    of_rights_of_sockets();
    of_credentials();
    of_many();
    of_peer();
}
