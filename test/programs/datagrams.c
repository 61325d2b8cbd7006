/* SPDX-License-Identifier: MIT */
/*
 * What a program sees of datagram sockets on one host; run natively and by the runner, as
 * sockets.c.
 */
#include "sockets.h"

static int bound(uint16_t *port)
{
    struct sockaddr_in any = at(0);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    check(fd >= 0);
    check_equal(bind(fd, (sa *)&any, sizeof any), 0);
    *port = port_of(fd);
    return fd;
}

static void datagrams_keep_source_and_size(void)
{
    uint16_t port, ports[2];
    int u = bound(&port), from[2] = {bound(&ports[0]), bound(&ports[1])};
    struct sockaddr_in to = at(port), source;
    char text[16];

    for (int i = 0; i < 6; i++)
        check_equal(sendto(from[i % 2], "0123456789", (size_t)i, 0, (sa *)&to, sizeof to), i);
    for (int i = 0; i < 6; i++) {
        socklen_t length = sizeof source;

        check_equal(recvfrom(u, text, sizeof text, 0, (sa *)&source, &length), i);
        check_equal(ntohs(source.sin_port), ports[i % 2]);
    }
    check_equal(sendto(from[0], "0123456789", 10, 0, (sa *)&to, sizeof to), 10);
    check_equal(recv(u, text, 4, MSG_PEEK | MSG_TRUNC), 10);
    check_equal(recv(u, text, 4, 0), 4);
    check(recv(u, text, 4, MSG_DONTWAIT) < 0 && errno == EAGAIN);
    close(u);
    close(from[0]);
    close(from[1]);
}

static void connected_datagrams(void)
{
    uint16_t a_port, b_port;
    int a = bound(&a_port), b = bound(&b_port);
    struct sockaddr_in to_a = at(a_port), to_b = at(b_port), name;
    socklen_t length = sizeof name;
    char text[16];

    check(send(a, "x", 1, 0) < 0 || 1); /* unconnected: told only to trapped calls */
    check_equal(connect(a, (sa *)&to_b, sizeof to_b), 0);
    check_equal(connect(b, (sa *)&to_a, sizeof to_a), 0);
    check_equal(getpeername(a, (sa *)&name, &length), 0);
    check_equal(ntohs(name.sin_port), b_port);
    for (int i = 1; i < 9; i++)
        check_equal(write(a, "12345678", (size_t)i), i);
    for (int i = 1; i < 9; i++)
        check_equal(read(b, text, sizeof text), i);
    check_equal(send(b, "back", 4, 0), 4);
    check_equal(wait_for(a, POLLIN, 1000), POLLIN);
    check_equal(recv(a, text, sizeof text, 0), 4);
    close(a);
    close(b);
}

struct slow_sender {
    int fd;
    struct sockaddr_in to;
    useconds_t pause;
    int count;
};

static void *send_slowly(void *context)
{
    const struct slow_sender *s = context;

    for (int i = 0; i < s->count; i++) {
        check_equal(sendto(s->fd, "abcd", 4, 0, (const sa *)&s->to, sizeof s->to), 4);
        usleep(s->pause);
    }
    return NULL;
}

/* recvmmsg() waits for all of them, or until one has come after its time. */
static void messages_are_waited_for(void)
{
    uint16_t port;
    int u = bound(&port), s = socket(AF_INET, SOCK_DGRAM, 0);
    struct slow_sender sender = {s, at(port), 30000, 3};
    struct timespec time = {.tv_nsec = 20000000};
    struct mmsghdr messages[3] = {0};
    struct iovec pieces[3];
    char text[3][8];
    pthread_t thread;

    for (int i = 0; i < 3; i++) {
        pieces[i] = (struct iovec){text[i], sizeof text[i]};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
    }
    pthread_create(&thread, NULL, send_slowly, &sender);
    check_equal(recvmmsg(u, messages, 3, 0, NULL), 3);
    for (int i = 0; i < 3; i++)
        check_equal(messages[i].msg_len, 4);
    pthread_join(thread, NULL);
    sender.count = 2;
    pthread_create(&thread, NULL, send_slowly, &sender);
    check_equal(recvmmsg(u, messages, 3, 0, &time), 2);
    check_equal(time.tv_sec, 0);
    check_equal(time.tv_nsec, 0);
    pthread_join(thread, NULL);
    set_nonblocking(u);
    check(recvmmsg(u, messages, 3, 0, NULL) < 0 && errno == EAGAIN);
    check_equal(sendto(s, "x", 1, 0, (sa *)&sender.to, sizeof sender.to), 1);
    wait_for(u, POLLIN, 1000);
    check_equal(recvmmsg(u, messages, 3, 0, NULL), 1);
    time.tv_nsec = 1000000000;
    check(recvmmsg(u, messages, 3, 0, &time) < 0 && errno == EINVAL);
    close(u);
    close(s);
}

static void *receive_from(void *context)
{
    int u = *(const int *)context;
    struct sockaddr_in source;
    socklen_t length = sizeof source;
    char text[16];

    return recvfrom(u, text, sizeof text, 0, (sa *)&source, &length) == 4 ? context : NULL;
}

/* Another thread closes the socket while a receive waits. */
static void receive_outlives_close(void)
{
    uint16_t port;
    int u = bound(&port), s = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in to = at(port);
    pthread_t thread;
    void *result = NULL;

    pthread_create(&thread, NULL, receive_from, &u);
    usleep(50000);
    close(u);
    usleep(20000);
    check_equal(sendto(s, "late", 4, 0, (sa *)&to, sizeof to), 4);
    pthread_join(thread, &result);
    check(result != NULL);
    u = socket(AF_INET, SOCK_DGRAM, 0);
    check_equal(bind(u, (sa *)&to, sizeof to), 0); /* it is free again */
    close(u);
    close(s);
}

static void many_messages(void)
{
    uint16_t port;
    int u = bound(&port), s = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in to = at(port), from[3];
    char text[3][8];
    struct iovec out[3], in[3];
    struct mmsghdr send[3] = {0}, receive[3] = {0};

    for (int i = 0; i < 3; i++) {
        static char letters[] = "abc";

        out[i] = (struct iovec){letters, (size_t)i + 1};
        in[i] = (struct iovec){text[i], sizeof text[i]};
        send[i].msg_hdr = (struct msghdr){
            .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &out[i], .msg_iovlen = 1};
        receive[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
                                             .msg_namelen = sizeof from[i],
                                             .msg_iov = &in[i],
                                             .msg_iovlen = 1};
    }
    check_equal(sendmmsg(s, send, 3, 0), 3);
    check_equal(wait_for(u, POLLIN, 1000), POLLIN);
    usleep(20000);
    check_equal(recvmmsg(u, receive, 3, MSG_WAITFORONE, NULL), 3);
    for (int i = 0; i < 3; i++) {
        check_equal(receive[i].msg_len, i + 1);
        check_equal(ntohs(from[i].sin_port), port_of(s));
        check_equal(receive[i].msg_hdr.msg_namelen, sizeof from[i]);
    }
    close(u);
    close(s);
}

static void packet_info_comes(void)
{
    uint16_t port;
    int u = bound(&port), s = socket(AF_INET, SOCK_DGRAM, 0), one = 1;
    struct sockaddr_in to = at(port);
    char text[8], control[256];
    struct iovec piece = {text, sizeof text};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *header;
    struct in_pktinfo info;

    check_equal(setsockopt(u, IPPROTO_IP, IP_PKTINFO, &one, sizeof one), 0);
    check_equal(sendto(s, "i", 1, 0, (sa *)&to, sizeof to), 1);
    check_equal(recvmsg(u, &message, 0), 1);
    header = CMSG_FIRSTHDR(&message);
    check(header != NULL);
    check_equal(header->cmsg_type, IP_PKTINFO);
    memcpy(&info, CMSG_DATA(header), sizeof info);
    check_equal(info.ipi_addr.s_addr, htonl(INADDR_LOOPBACK));
    close(u);
    close(s);
}

static void unreachable_port_is_told(void)
{
    uint16_t port;
    int u = bound(&port), s = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in to = at(port);
    char byte;
    socklen_t length = sizeof to;

    close(u);
    check_equal(connect(s, (sa *)&to, sizeof to), 0);
    check_equal(send(s, "x", 1, 0), 1);
    usleep(100000);
    check(recvfrom(s, &byte, 1, MSG_DONTWAIT, (sa *)&to, &length) < 0 && errno == ECONNREFUSED);
    check_equal(socket_error(s), 0);
    check_equal(send(s, "x", 1, 0), 1);
    usleep(100000);
    check_equal(socket_error(s), ECONNREFUSED);
    close(s);
}

static void receive_waits_for_datagram(void)
{
    uint16_t port;
    int u = bound(&port);
    struct sockaddr_in to = at(port), from;
    socklen_t length = sizeof from;
    char text[8];
    pid_t child = fork();

    if (child == 0) {
        int s = socket(AF_INET, SOCK_DGRAM, 0);

        usleep(50000);
        sendto(s, "late", 4, 0, (sa *)&to, sizeof to);
        _exit(0);
    }
    check_equal(recvfrom(u, text, sizeof text, 0, (sa *)&from, &length), 4);
    waitpid(child, NULL, 0);
    alarm_in_ms(50, 0);
    check(recvfrom(u, text, sizeof text, 0, (sa *)&from, &length) < 0 && errno == EINTR);
    close(u);
}

/* sendto() and sendmsg() do not agree, nor do they in Linux. */
static void odd_lengths_of_names_and_control(void)
{
    union {
        struct sockaddr_in in;
        char room[256];
    } to = {.in = at(5000)};
    char byte = 'x';
    struct iovec piece = {&byte, 1};
    struct msghdr m = {.msg_name = &to, .msg_namelen = 200, .msg_iov = &piece, .msg_iovlen = 1};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    check_equal(sendmsg(fd, &m, 0), 1);
    check(sendto(fd, "x", 1, 0, (sa *)&to, 200) < 0 && errno == EINVAL);
    m.msg_namelen = 0;
    check(sendmsg(fd, &m, 0) < 0 && errno == EDESTADDRREQ);
    check(sendto(fd, "x", 1, 0, (sa *)&to, 0) < 0 && errno == EINVAL);
    m.msg_namelen = sizeof to.in;
    m.msg_controllen = 16;
    check(sendmsg(fd, &m, 0) < 0 && errno == EFAULT);
    close(fd);
}

static const struct test tests[] = {
    {"recvmmsg waits for all, or its time", messages_are_waited_for},
    {"a receive that waits goes on though its socket is closed", receive_outlives_close},
    {"datagrams keep their source and size", datagrams_keep_source_and_size},
    {"connected datagram sockets read and write natively", connected_datagrams},
    {"sendmmsg and recvmmsg carry several messages", many_messages},
    {"IP_PKTINFO comes with a datagram", packet_info_comes},
    {"a connected datagram socket hears that a port is closed", unreachable_port_is_told},
    {"recvfrom waits for a datagram, or a signal", receive_waits_for_datagram},
    {"odd lengths of a name and of control are answered as by Linux",
     odd_lengths_of_names_and_control},
};

int main(int argc, char **argv)
{
    return sockets_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
