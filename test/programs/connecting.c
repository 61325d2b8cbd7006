/* SPDX-License-Identifier: MIT */
/*
 * Second tries: sockets that connect again after a connect() that was refused, or that another
 * thread has undone; and ports of who was killed amid a call. Run natively and by the runner, as
 * sockets.c.
 */
#include "sockets.h"

/* How long it waits for a byte is the socket's, not the failed connection's. */
static void limits_outlive_refusal(void)
{
    const struct timeval time = {.tv_usec = 60000};
    struct sockaddr_in to = at(closed_port());
    int fd = socket(AF_INET, SOCK_STREAM, 0), l;
    uint16_t port;
    char byte;

    check_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time), 0);
    check(connect(fd, (sa *)&to, sizeof to) < 0 && errno == ECONNREFUSED);
    l = listener(&port);
    to = at(port);
    check_equal(connect(fd, (sa *)&to, sizeof to), 0);
    alarm(10);
    check(recv(fd, &byte, 1, 0) < 0 && errno == EAGAIN);
    alarm(0);
    close(fd);
    close(l);
}

struct attempt {
    struct sockaddr_in to;
    int fd, error;
};

static void *attempt(void *context)
{
    struct attempt *a = context;

    a->error = connect(a->fd, (sa *)&a->to, sizeof a->to) < 0 ? errno : 0;
    return NULL;
}

/* A connect() waits for a full listener while another thread undoes it. */
static void connect_is_undone(void)
{
    enum { FULL = 4 };
    const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    struct attempt a = {.fd = socket(AF_INET, SOCK_STREAM, 0), .error = -1};
    int l, others[FULL];
    pthread_t thread;
    uint16_t port;

    l = listener(&port);
    a.to = at(port);
    check_equal(listen(l, 0), 0);
    for (int i = 0; i < FULL; i++) {
        others[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(others[i], (sa *)&a.to, sizeof a.to);
    }
    pthread_create(&thread, NULL, attempt, &a);
    usleep(200000);
    if (connect(a.fd, &nobody, sizeof nobody) == 0) { /* Linux 6.4 to 6.6 says EBUSY */
        pthread_join(thread, NULL);
        check(a.error == EPIPE || a.error == ECONNRESET || a.error == ECONNABORTED);
        close(l);
        l = listener(&port);
        a.to = at(port);
        check_equal(connect(a.fd, (sa *)&a.to, sizeof a.to), 0);
    } else {
        check_equal(errno, EBUSY);
        shutdown(a.fd, SHUT_RDWR);
        pthread_join(thread, NULL);
    }
    for (int i = 0; i < FULL; i++)
        close(others[i]);
    close(a.fd);
    close(l);
}

/* A child waits there in a call, and is killed. @return its address */
static struct sockaddr_in killed_amid_call(int type)
{
    struct sockaddr_in from, own = at(0);
    socklen_t length = sizeof own;
    int fd = socket(AF_INET, type, 0), one = 1;
    pid_t child;
    char byte;

    check_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one), 0);
    check_equal(bind(fd, (sa *)&own, sizeof own), 0);
    check_equal(getsockname(fd, (sa *)&own, &length), 0);
    if (type == SOCK_STREAM)
        check_equal(listen(fd, 5), 0);
    child = fork();
    if (child == 0) {
        if (type == SOCK_STREAM)
            accept(fd, NULL, NULL);
        else
            recvfrom(fd, &byte, 1, 0, (sa *)&from, &length);
        _exit(1);
    }
    close(fd);
    usleep(100000);
    kill(child, SIGKILL);
    check_equal(waitpid(child, NULL, 0), child);
    return own;
}

static void port_of_killed_is_free(void)
{
    enum { ROUNDS = 3 };

    for (int i = 0; i < ROUNDS; i++) {
        struct sockaddr_in own = killed_amid_call(SOCK_STREAM);
        int fd = socket(AF_INET, SOCK_STREAM, 0);

        check(connect(fd, (sa *)&own, sizeof own) < 0 && errno == ECONNREFUSED);
        close(fd);
        for (int k = 0; k < 2; k++) {
            int type = k == 0 ? SOCK_STREAM : SOCK_DGRAM;

            own = killed_amid_call(type);
            fd = socket(AF_INET, type, 0);
            check_equal(bind(fd, (sa *)&own, sizeof own), 0);
            close(fd);
        }
    }
}

static const struct test tests[] = {
    {"a time limit outlives a connect that was refused", limits_outlive_refusal},
    {"a connect that another thread undoes leaves a socket that can connect", connect_is_undone},
    {"the port of one that was killed amid a call is free at once", port_of_killed_is_free},
};

int main(int argc, char **argv)
{
    return sockets_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
