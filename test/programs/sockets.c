/* SPDX-License-Identifier: MIT */
/*
 * What a program sees of stream sockets on one host. It is run twice: natively, where the kernel's
 * own TCP must pass, so that the test is right; and by the runner on a host of a lab, which must
 * not be told from it. It knows nothing of Sockeye.
 */
#include "sockets.h"

static void names_agree(void)
{
    int c[2];
    struct sockaddr_in name = {0};
    socklen_t length = sizeof name;

    connection(c);
    check_equal(getpeername(c[0], (sa *)&name, &length), 0);
    check_equal(ntohs(name.sin_port), port_of(c[1]));
    check_equal(name.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    check_equal(getpeername(c[1], (sa *)&name, &length), 0);
    check_equal(ntohs(name.sin_port), port_of(c[0]));
    close(c[0]);
    close(c[1]);
}

static void refused_nonblocking(void)
{
    struct sockaddr_in to = at(closed_port());
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    char byte;

    check(connect(fd, (sa *)&to, sizeof to) < 0);
    check(errno == EINPROGRESS || errno == ECONNREFUSED);
    if (errno == EINPROGRESS) {
        check(wait_for(fd, POLLIN | POLLOUT | POLLRDHUP, 2000) & POLLERR);
        usleep(10000);
        check_equal(wait_for(fd, POLLIN | POLLOUT | POLLRDHUP, 0),
                    POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP);
        check_equal(socket_error(fd), ECONNREFUSED);
    }
    check_equal(socket_error(fd), 0);
    check_equal(recv(fd, &byte, 1, 0), 0);
    check(send(fd, "x", 1, MSG_NOSIGNAL) < 0 && errno == EPIPE);
    close(fd);
}

static void refused_then_accepted(void)
{
    struct sockaddr_in to = at(closed_port());
    int fd = socket(AF_INET, SOCK_STREAM, 0), l, a;
    uint16_t port;
    char byte = 0;

    check(connect(fd, (sa *)&to, sizeof to) < 0 && errno == ECONNREFUSED);
    l = listener(&port);
    to = at(port);
    check_equal(connect(fd, (sa *)&to, sizeof to), 0);
    a = accept(l, NULL, NULL);
    check_equal(write(fd, "y", 1), 1);
    check_equal(read(a, &byte, 1), 1);
    check_equal(byte, 'y');
    close(fd);
    close(a);
    close(l);
}

static void connected_again(void)
{
    int c[2];
    struct sockaddr_in to;

    connection(c);
    to = at(port_of(c[1]));
    check(connect(c[0], (sa *)&to, sizeof to) < 0 && errno == EISCONN);
    close(c[0]);
    close(c[1]);
}

static void unconnected_answers(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in name;
    socklen_t length = sizeof name;

    check(shutdown(fd, SHUT_WR) < 0 && errno == ENOTCONN);
    check(getpeername(fd, (sa *)&name, &length) < 0 && errno == ENOTCONN);
    check(accept(fd, NULL, NULL) < 0 && errno == EINVAL);
    check_equal(wait_for(fd, POLLIN | POLLOUT, 0), POLLOUT | POLLHUP);
    close(fd);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    check(listen(fd, 1) < 0 && errno == EOPNOTSUPP);
    close(fd);
    check(socketpair(AF_INET, SOCK_STREAM, 0, (int[2]){0}) < 0 && errno == EOPNOTSUPP);
}

static void port_in_use(void)
{
    uint16_t port;
    int l = listener(&port), fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in name = at(port);

    check(bind(fd, (sa *)&name, sizeof name) < 0 && errno == EADDRINUSE);
    close(l);
    check_equal(bind(fd, (sa *)&name, sizeof name), 0);
    close(fd);
}

static void accept_interrupted(void)
{
    uint16_t port;
    int l = listener(&port);

    alarm_in_ms(50, 0);
    check(accept(l, NULL, NULL) < 0 && errno == EINTR);
    check_equal(signals, 1);
    close(l);
}

static void accept_restarted(void)
{
    uint16_t port;
    int l = listener(&port), a;
    struct sockaddr_in to = at(port);
    pid_t child = fork();

    if (child == 0) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);

        usleep(150000);
        connect(fd, (sa *)&to, sizeof to);
        _exit(0);
    }
    alarm_in_ms(50, SA_RESTART);
    a = accept(l, NULL, NULL);
    check(a >= 0);
    check_equal(signals, 1);
    waitpid(child, NULL, 0);
    close(a);
    close(l);
}

static void times_out(void)
{
    struct timeval time = {.tv_usec = 60000};
    uint16_t port;
    int l = listener(&port), c[2], u = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in any = at(0);
    int64_t start = now_ms();
    char byte;

    connection(c);
    check_equal(setsockopt(l, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time), 0);
    check(accept(l, NULL, NULL) < 0 && errno == EAGAIN);
    check(now_ms() - start >= 50);
    check_equal(setsockopt(c[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time), 0);
    check(recv(c[0], &byte, 1, 0) < 0 && errno == EAGAIN);
    check_equal(bind(u, (sa *)&any, sizeof any), 0);
    check_equal(setsockopt(u, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time), 0);
    check(recvfrom(u, &byte, 1, 0, (sa *)&any, &(socklen_t){sizeof any}) < 0 && errno == EAGAIN);
    check(now_ms() - start >= 150);
    close(l);
    close(u);
    close(c[0]);
    close(c[1]);
}

static void noticed(int number)
{
    (void)number;
}

static void time_goes_on(void)
{
    const struct sigaction action = {.sa_handler = noticed, .sa_flags = SA_RESTART};
    const struct itimerval often = {{.tv_usec = 20000}, {.tv_usec = 20000}}, never = {0};
    const struct timeval time = {.tv_usec = 90000};
    int u = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in any = at(0);
    char byte;

    check_equal(bind(u, (sa *)&any, sizeof any), 0);
    check_equal(setsockopt(u, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time), 0);
    check_equal(sigaction(SIGALRM, &action, NULL), 0);
    check_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    check(recvfrom(u, &byte, 1, 0, (sa *)&any, &(socklen_t){sizeof any}) < 0);
    check(errno == EAGAIN || errno == EINTR); /* Linux gives up at the first signal */
    check_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    check(signal(SIGALRM, SIG_DFL) != SIG_ERR);
    close(u);
}

static void waits_for_all(void)
{
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    char text[3000] = {0};
    int c[2], least = 2000;
    pid_t child;

    connection(c);
    child = fork();
    if (child == 0) {
        for (int i = 0; i < 6; i++) {
            (void)!write(c[1], text, 1000);
            usleep(20000);
        }
        _exit(0);
    }
    check_equal(recvfrom(c[0], text, 3000, MSG_WAITALL, (sa *)&from, &length), 3000);
    check_equal(setsockopt(c[0], SOL_SOCKET, SO_RCVLOWAT, &least, sizeof least), 0);
    check(recvfrom(c[0], text, 3000, 0, (sa *)&from, &length) >= least);
    check_equal(waitpid(child, NULL, 0), child);
    close(c[1]);
    check(recvfrom(c[0], text, 3000, MSG_WAITALL, (sa *)&from, &length) <= 1000);
    close(c[0]);
}

static void sizes_are_cut(void)
{
    static char text[8]; /* the 2 GiB that Linux looks at from here end in user space */
    int c[2], number = 1;
    char options[10000] = {1};
    struct sockaddr_in from = at(1);
    struct iovec part = {text, (size_t)1 << 40};
    struct msghdr message = {
        .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &part, .msg_iovlen = 1};

    connection(c);
    check_equal(write(c[1], "abc", 3), 3);
    check_equal(recvmsg(c[0], &message, 0), 3);
    part.iov_len = SIZE_MAX;
    check(recvmsg(c[0], &message, MSG_DONTWAIT) < 0 && errno == EINVAL);
    check_equal(setsockopt(c[0], SOL_SOCKET, SO_KEEPALIVE, options, sizeof options), 0);
    check_equal(getsockopt(c[0], SOL_SOCKET, SO_KEEPALIVE, &number, &(socklen_t){4}), 0);
    check_equal(number, 1);
    check(sendto(c[0], text, 1, 0, (sa *)&from, (socklen_t)-1) < 0 && errno == EINVAL);
    check(recvfrom(c[0], text, 1, MSG_DONTWAIT, (sa *)&from, &(socklen_t){4}) < 0 &&
          errno == EAGAIN);
    check(socket(AF_INET, SOCK_STREAM | 0x1000, 0) < 0 && errno == EINVAL);
    close(c[0]);
    close(c[1]);
}

static void half_close(void)
{
    int c[2];
    char text[8];

    connection(c);
    check_equal(write(c[0], "abc", 3), 3);
    check_equal(shutdown(c[0], SHUT_WR), 0);
    check(write(c[0], "x", 1) < 0 && errno == EPIPE);
    check_equal(recv(c[1], text, 8, MSG_WAITALL), 3);
    check_equal(recv(c[1], text, 8, 0), 0);
    check(wait_for(c[1], POLLIN | POLLRDHUP, 1000) == (POLLIN | POLLRDHUP));
    check_equal(write(c[1], "back", 4), 4);
    check_equal(recv(c[0], text, 4, MSG_WAITALL), 4);
    check_equal(close(c[1]), 0);
    check_equal(recv(c[0], text, 8, 0), 0);
    check_equal(wait_for(c[0], POLLIN | POLLOUT | POLLRDHUP, 1000) & POLLHUP, POLLHUP);
    close(c[0]);
}

static void close_with_unread_data_resets(void)
{
    int c[2];
    char text[8];

    connection(c);
    check_equal(write(c[0], "abc", 3), 3);
    check_equal(wait_for(c[1], POLLIN, 1000), POLLIN);
    close(c[1]);
    check_equal(wait_for(c[0], POLLRDHUP, 1000), POLLERR | POLLHUP | POLLRDHUP);
    check(recv(c[0], text, 8, 0) < 0 && errno == ECONNRESET);
    check_equal(recv(c[0], text, 8, 0), 0);
    check(write(c[0], "x", 1) < 0 && errno == EPIPE);
    close(c[0]);
}

static void linger_zero_resets(void)
{
    int c[2];
    struct linger now = {.l_onoff = 1};
    char text[8];

    connection(c);
    check_equal(write(c[1], "abc", 3), 3);
    check_equal(wait_for(c[0], POLLIN, 1000), POLLIN);
    check_equal(setsockopt(c[1], SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    close(c[1]);
    check_equal(wait_for(c[0], POLLHUP, 1000) & (POLLERR | POLLHUP), POLLERR | POLLHUP);
    check_equal(socket_error(c[0]), ECONNRESET);
    check_equal(socket_error(c[0]), 0);
    check(recv(c[0], text, 8, 0) <= 3);
    close(c[0]);
}

static void killed_program_ends_connection(void)
{
    for (int unread = 0; unread < 2; unread++) {
        int c[2];
        char byte;
        pid_t child;
        ssize_t n;

        connection(c);
        child = fork();
        if (child == 0) {
            close(c[1]);
            for (;;)
                pause();
        }
        close(c[0]);
        if (unread)
            check_equal(write(c[1], "abc", 3), 3);
        usleep(50000);
        check_equal(wait_for(c[1], POLLIN, 0), 0);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        check(wait_for(c[1], POLLIN, 1000) & POLLIN);
        n = recv(c[1], &byte, 1, 0);
        check(unread ? n < 0 && errno == ECONNRESET : n == 0);
        close(c[1]);
    }
}

static void last_copy_counts(void)
{
    int c[2], copy;
    pid_t child;
    char byte;

    connection(c);
    copy = dup(c[0]);
    child = fork();
    if (child == 0) {
        close(c[1]);
        close(c[0]);
        usleep(100000);
        _exit(0);
    }
    close(c[0]);
    close(copy);
    check_equal(wait_for(c[1], POLLIN, 30), 0);
    check(wait_for(c[1], POLLIN, 2000) & POLLIN);
    check_equal(recv(c[1], &byte, 1, 0), 0);
    waitpid(child, NULL, 0);
    close(c[1]);
}

static void closed_listener_refuses(void)
{
    uint16_t port;
    int l = listener(&port), fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = at(port);
    pid_t child = fork();

    if (child == 0) {
        usleep(30000);
        _exit(0);
    }
    close(l);
    check_equal(connect(fd, (sa *)&to, sizeof to), 0); /* the child's copy listens */
    close(fd);
    waitpid(child, NULL, 0);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    check(connect(fd, (sa *)&to, sizeof to) < 0 && errno == ECONNREFUSED);
    close(fd);
}

static void epoll_edges_of_listener(void)
{
    uint16_t port;
    int l = listener(&port), e = epoll_create1(0), fds[3];
    struct epoll_event event = {.events = EPOLLIN | EPOLLET}, got;
    struct sockaddr_in to = at(port);

    set_nonblocking(l);
    check_equal(epoll_ctl(e, EPOLL_CTL_ADD, l, &event), 0);
    check_equal(epoll_wait(e, &got, 1, 0), 0);
    check(accept(l, NULL, NULL) < 0 && errno == EAGAIN);
    for (int i = 0; i < 3; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM, 0);
        check_equal(connect(fds[i], (sa *)&to, sizeof to), 0);
        check_equal(epoll_wait(e, &got, 1, 1000), 1);
    }
    for (int i = 0; i < 3; i++) {
        struct sockaddr_in from;
        socklen_t length = sizeof from;
        int a = accept4(l, (sa *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);

        check(a >= 0);
        check_equal(ntohs(from.sin_port), port_of(fds[i]));
        check_equal(fcntl(a, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
        check_equal(fcntl(a, F_GETFD), FD_CLOEXEC);
        close(a);
        close(fds[i]);
    }
    check(accept(l, NULL, NULL) < 0 && errno == EAGAIN);
    check_equal(wait_for(l, POLLIN, 0), 0);
    close(l);
    close(e);
}

static void flags_of_receive(void)
{
    int c[2], n = 0;
    char text[8] = {0};
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    struct iovec piece = {text, sizeof text};
    struct msghdr message = {
        .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &piece, .msg_iovlen = 1};

    connection(c);
    check_equal(write(c[0], "abcdef", 6), 6);
    check_equal(wait_for(c[1], POLLIN, 1000), POLLIN);
    check_equal(ioctl(c[1], FIONREAD, &n), 0);
    check_equal(n, 6);
    check_equal(recv(c[1], text, 3, MSG_PEEK), 3);
    check_equal(recv(c[1], NULL, 2, MSG_TRUNC), 2); /* thrown away */
    check_equal(recvfrom(c[1], text, 2, 0, (sa *)&from, &length), 2);
    check_equal(memcmp(text, "cd", 2), 0);
    check_equal(length, 0);
    check_equal(recvmsg(c[1], &message, 0), 2);
    check_equal(message.msg_namelen, 0);
    check_equal(memcmp(text, "ef", 2), 0);
    check(recv(c[1], text, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN);
    check(recvmsg(c[1], &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0 && errno == EAGAIN);
    close(c[0]);
    close(c[1]);
}

static void more_is_sent(void)
{
    int c[2];
    char text[8];

    connection(c);
    check_equal(send(c[0], "ab", 2, MSG_MORE), 2);
    check_equal(send(c[0], "cd", 2, 0), 2);
    check_equal(recv(c[1], text, 4, MSG_WAITALL), 4);
    check_equal(memcmp(text, "abcd", 4), 0);
    close(c[0]);
    close(c[1]);
}

static void urgent_byte(void)
{
    int c[2], mark = 0;
    char text[8] = {0};

    connection(c);
    check_equal(send(c[0], "ab", 2, 0), 2);
    check_equal(send(c[0], "u", 1, MSG_OOB), 1);
    check_equal(send(c[0], "cd", 2, 0), 2);
    check(wait_for(c[1], POLLPRI, 1000) & POLLPRI);
    usleep(50000);
    check_equal(recv(c[1], text, 8, 0), 2); /* up to the mark */
    check_equal(ioctl(c[1], SIOCATMARK, &mark), 0);
    check_equal(mark, 1);
    check_equal(recv(c[1], text, 1, MSG_OOB), 1);
    check_equal(text[0], 'u');
    check_equal(recv(c[1], text, 2, MSG_WAITALL), 2);
    check_equal(memcmp(text, "cd", 2), 0);
    close(c[0]);
    close(c[1]);
}

static void passed_by_message(void)
{
    int c[2], unix_pair[2];
    char byte = 'p', control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec piece = {&byte, 1};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    connection(c);
    check_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, unix_pair), 0);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &c[0], sizeof(int));
    check_equal(sendmsg(unix_pair[0], &message, 0), 1);
    close(c[0]);
    check_equal(wait_for(c[1], POLLIN, 30), 0);
    check_equal(recvmsg(unix_pair[1], &message, 0), 1);
    memcpy(&c[0], CMSG_DATA(header), sizeof(int));
    check_equal(write(c[0], "z", 1), 1);
    check_equal(read(c[1], &byte, 1), 1);
    check_equal(byte, 'z');
    close(unix_pair[0]);
    close(unix_pair[1]);
    close(c[0]);
    close(c[1]);
}

static void *connect_later(void *argument)
{
    struct sockaddr_in to = *(struct sockaddr_in *)argument;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    usleep(50000);
    if (connect(fd, (sa *)&to, sizeof to) == 0 && write(fd, "t", 1) == 1)
        close(fd);
    return NULL;
}

static void threads_wait_apart(void)
{
    uint16_t port;
    int l = listener(&port), a;
    struct sockaddr_in to = at(port);
    pthread_t thread;
    char byte = 0;

    check_equal(pthread_create(&thread, NULL, connect_later, &to), 0);
    a = accept(l, NULL, NULL);
    check(a >= 0);
    check_equal(read(a, &byte, 1), 1);
    check_equal(byte, 't');
    check_equal(read(a, &byte, 1), 0);
    pthread_join(thread, NULL);
    close(a);
    close(l);
}

static void *send_in_two(void *context)
{
    const int fd = *(const int *)context;

    check_equal(send(fd, "012345", 6, 0), 6);
    usleep(50000);
    check_equal(send(fd, "67", 2, 0), 2);
    return NULL;
}

/* The three calls that can, on what is there in two parts. */
static void peek_waits_for_all(void)
{
    enum { BOTH = MSG_PEEK | MSG_WAITALL };
    struct sockaddr_in name;
    socklen_t length = sizeof name;

    for (int way = 0; way < 3; way++) {
        char text[16] = "";
        struct iovec piece = {text, 8};
        struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
        pthread_t thread;
        int c[2];

        connection(c);
        pthread_create(&thread, NULL, send_in_two, &c[0]);
        wait_for(c[1], POLLIN, 1000);
        check_equal(way == 0   ? recv(c[1], text, 8, BOTH)
                    : way == 1 ? recvfrom(c[1], text, 8, BOTH, (sa *)&name, &length)
                               : recvmsg(c[1], &message, BOTH),
                    8);
        check_equal(memcmp(text, "01234567", 8), 0);
        pthread_join(thread, NULL);
        check_equal(recv(c[1], text, 6, MSG_WAITALL), 6);
        shutdown(c[0], SHUT_WR);
        check_equal(recv(c[1], text, 8, BOTH), 2); /* no more comes */
        close(c[0]);
        close(c[1]);
    }
}

static void *accept_and_read(void *context)
{
    int l = *(const int *)context, a = accept(l, NULL, NULL);
    char byte = 0;

    if (a >= 0 && read(a, &byte, 1) != 1)
        byte = 0;
    close(a);
    return byte == 'k' ? context : NULL;
}

/* Another thread closes the listener, and its number is taken by another file. */
static void accept_outlives_close(void)
{
    uint16_t port;
    int l = listener(&port), fd = socket(AF_INET, SOCK_STREAM, 0), other;
    struct sockaddr_in to = at(port);
    pthread_t thread;
    void *result = NULL;

    pthread_create(&thread, NULL, accept_and_read, &l);
    usleep(50000);
    close(l);
    other = open("/dev/null", O_RDONLY);
    usleep(20000);
    check_equal(connect(fd, (sa *)&to, sizeof to), 0);
    check_equal(write(fd, "k", 1), 1);
    pthread_join(thread, &result);
    check(result != NULL);
    close(fd);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    check(connect(fd, (sa *)&to, sizeof to) < 0 && errno == ECONNREFUSED);
    close(fd);
    close(other);
}

static void options_are_kept(void)
{
    int c[2], value = 1;
    socklen_t length = sizeof value;

    connection(c);
    check_equal(getsockopt(c[0], SOL_SOCKET, SO_TYPE, &value, &length), 0);
    check_equal(value, SOCK_STREAM);
    check_equal(getsockopt(c[0], SOL_SOCKET, SO_DOMAIN, &value, &length), 0);
    check_equal(value, AF_INET);
    check_equal(getsockopt(c[0], SOL_SOCKET, SO_ACCEPTCONN, &value, &length), 0);
    check_equal(value, 0);
    value = 1;
    check_equal(setsockopt(c[0], IPPROTO_TCP, TCP_NODELAY, &value, sizeof value), 0);
    value = 0;
    check_equal(getsockopt(c[0], IPPROTO_TCP, TCP_NODELAY, &value, &length), 0);
    check(value != 0);
    check(setsockopt(c[0], SOL_SOCKET, SO_REUSEADDR, &value, 1) < 0 && errno == EINVAL);
    check(getsockopt(c[0], 12345, 1, &value, &length) < 0);
    close(c[0]);
    close(c[1]);
    check(shutdown(c[0], SHUT_WR) < 0 && errno == EBADF);
    check(getsockname(0, NULL, NULL) < 0 && (errno == ENOTSOCK || errno == EFAULT));
}

static const struct test tests[] = {
    {"the names of both ends agree", names_agree},
    {"a nonblocking connect is refused by SO_ERROR", refused_nonblocking},
    {"a refused socket may connect elsewhere", refused_then_accepted},
    {"a connected socket says EISCONN", connected_again},
    {"unconnected sockets answer as Linux's", unconnected_answers},
    {"a port in use is refused, and free after close", port_in_use},
    {"a signal without SA_RESTART ends accept with EINTR", accept_interrupted},
    {"a signal with SA_RESTART does not end accept", accept_restarted},
    {"SO_RCVTIMEO ends accept, recv and recvfrom", times_out},
    {"SO_RCVTIMEO ends a receive that signals with SA_RESTART interrupt", time_goes_on},
    {"MSG_WAITALL and SO_RCVLOWAT hold when the address is asked for", waits_for_all},
    {"lengths out of all bounds are cut, or refused", sizes_are_cut},
    {"a half-closed connection still carries data back", half_close},
    {"a close with unread data resets", close_with_unread_data_resets},
    {"SO_LINGER of zero resets", linger_zero_resets},
    {"kill -9 ends a connection by FIN, with unread data by RST", killed_program_ends_connection},
    {"a connection ends with the last copy of its socket", last_copy_counts},
    {"a listener that is closed in all processes refuses", closed_listener_refuses},
    {"a listener gives an edge for each connection", epoll_edges_of_listener},
    {"peek, discard, names and error queue of a stream", flags_of_receive},
    {"MSG_MORE holds nothing back for good", more_is_sent},
    {"an urgent byte is found at its mark", urgent_byte},
    {"a socket passed by SCM_RIGHTS lives on", passed_by_message},
    {"accept waits in one thread while another connects", threads_wait_apart},
    {"MSG_PEEK with MSG_WAITALL waits for all", peek_waits_for_all},
    {"an accept() that waits takes the next connection though its listener is closed",
     accept_outlives_close},
    {"options are answered and kept", options_are_kept},
};

int main(int argc, char **argv)
{
    return sockets_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
