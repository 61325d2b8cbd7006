/* SPDX-License-Identifier: MIT */
/*
 * storm OWN PEER MICROSECONDS restart|end MILLISECONDS [KIND]: signals in a storm over the calls of
 * sockets. SIGALRM comes at each interval; its handler is restarting or not; each kind of calls
 * goes on for so many milliseconds, from the address OWN to storm_peer.py at PEER, and both ends
 * count: what a call reported has happened, once. It is the same on the kernel's own sockets and in
 * a lab.
 *
 * A line a kind: what was counted, and the EINTR of calls that may wait, which is right without
 * SA_RESTART or with a time of their own (signal(7)). Exit code 1 if anything was wrong.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/ioctl.h>

#include "storm.h"
#include "storm_local.h"

/* ---- calls of a socket's life ---- */

static const char *ourselves;

static void one_name(int type)
{
    struct sockaddr_in name = {0};
    socklen_t length = sizeof name, size = sizeof(int);
    int fd = made(type), one = 1, value = 0, r;

    TRY(r, NEVER_WAITS, setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one));
    if (r < 0)
        fault("setsockopt");
    TRY(r, NEVER_WAITS, getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, &size));
    if (r < 0 || value != 1)
        fault("getsockopt: %d, value %d", r, value);
    own.sin_port = 0;
    TRY(r, NEVER_WAITS, bind(fd, generic(&own), sizeof own));
    if (r < 0)
        fault("bind");
    TRY(r, NEVER_WAITS, getsockname(fd, generic(&name), &length));
    if (r < 0 || name.sin_port == 0)
        fault("getsockname: %d, port %d", r, ntohs(name.sin_port));
    TRY(r, NEVER_WAITS, bind(fd, generic(&own), sizeof own));
    if (r == 0 || errno != EINVAL)
        fault("bind, the second time: %d", r);
    TRY(r, NEVER_WAITS, getpeername(fd, generic(&name), &length));
    if (r == 0 || errno != ENOTCONN)
        fault("getpeername without a peer: %d", r);
    TRY(r, NEVER_WAITS, shutdown(fd, SHUT_RDWR));
    if (r == 0 || errno != ENOTCONN)
        fault("shutdown without a peer: %d", r);
    TRY(r, NEVER_WAITS, open(ourselves, O_RDONLY | O_CLOEXEC));
    if (r < 0)
        fault("open");
    close(r);
    if (type == SOCK_DGRAM) {
        TRY(r, NEVER_WAITS, ioctl(fd, FIONREAD, &value));
        if (r < 0 || value != 0)
            fault("ioctl: %d, %d bytes", r, value);
    } else {
        TRY(r, NEVER_WAITS, listen(fd, 5));
        if (r < 0)
            fault("listen");
    }
    close(fd);
}

static void names(void)
{
    long count = 0;

    for (; !is_over(); count++)
        one_name(count % 2 == 0 ? SOCK_STREAM : SOCK_DGRAM);
    printf("names: %ld sockets", count);
}

static void connections(void)
{
    long count = 0;

    for (; !is_over(); count++) {
        int fd = asked('s', 0), error = 0, r;
        struct sockaddr_in name = {0};
        socklen_t length = sizeof name, size = sizeof error;
        uint32_t words[2];

        TRY(r, NEVER_WAITS, getpeername(fd, generic(&name), &length));
        if (r < 0 || name.sin_port != peer.sin_port)
            fault("getpeername: %d", r);
        TRY(r, NEVER_WAITS, getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size));
        if (r < 0 || error != 0)
            fault("SO_ERROR: %d, %d", r, error);
        TRY(r, MAY_WAIT, connect(fd, generic(&peer), sizeof peer));
        if (r == 0 || errno != EISCONN)
            fault("connect, the second time: %d", r);
        TRY(r, NEVER_WAITS, shutdown(fd, SHUT_WR));
        if (r < 0)
            fault("shutdown");
        answer(fd, words);
        if (words[0] != 0)
            fault("%u bytes came of none", words[0]);
        close(fd);
    }
    printf("connections: %ld", count);
}

/* The peer connects, one after another: each is accepted once, in order. */
static void accepts(void)
{
    enum { CALLS = 20 };
    int listener = listening(CALLED);
    uint32_t count = 0;

    while (!is_over()) {
        int control = asked('c', CALLS);

        for (uint32_t i = 0; i < CALLS; i++, count++) {
            struct sockaddr_in from = {0};
            socklen_t length = sizeof from;
            uint32_t number = UINT32_MAX;
            int fd;

            if (i % 2 == 0)
                TRY(fd, MAY_WAIT, accept(listener, generic(&from), &length));
            else
                TRY(fd, MAY_WAIT, accept4(listener, NULL, NULL, SOCK_CLOEXEC));
            if (fd < 0) {
                fault("accept");
                continue;
            }
            if (!get_all(fd, &number, sizeof number) || ntohl(number) != i)
                fault("connection %u is number %u", i, ntohl(number));
            put_all(fd, "", 1);
            close(fd);
        }
        close(control);
    }
    close(listener);
    printf("accepts: %u connections", count);
}

/* ---- streams ---- */

static ssize_t send_in_one_way(int fd, uint32_t *word, unsigned way)
{
    struct iovec piece = {word, sizeof *word};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    struct mmsghdr many = {.msg_hdr = message};
    ssize_t n;

    switch (way % 6) {
    case 0:
        return send(fd, word, sizeof *word, MSG_MORE);
    case 1:
        message.msg_name = &peer;
        message.msg_namelen = sizeof peer;
        return sendmsg(fd, &message, 0);
    case 2:
        return sendto(fd, word, sizeof *word, 0, generic(&peer), sizeof peer);
    case 3:
        return sendmsg(fd, &message, MSG_MORE);
    case 4:
        n = sendmmsg(fd, &many, 1, 0);
        return n == 1 ? (ssize_t)many.msg_len : n;
    default:
        return write(fd, word, sizeof *word);
    }
}

static void stream_sends(void)
{
    int fd = asked('s', 0), r;
    uint32_t words[2], count = 0;

    for (; !is_over(); count++) {
        uint32_t word = htonl(count);
        ssize_t n;

        TRY(n, MAY_WAIT, send_in_one_way(fd, &word, count));
        if (n != sizeof word)
            fault("send %u: %zd", count, n);
    }
    TRY(r, NEVER_WAITS, shutdown(fd, SHUT_WR));
    answer(fd, words);
    if (words[0] != count * 4 || words[1] != 0)
        fault("%u bytes were sent, %u came, %u out of order", count * 4, words[0], words[1]);
    close(fd);
    printf("stream sends: %u bytes", count * 4);
}

static ssize_t receive_in_one_way(int fd, uint8_t *bytes, size_t size, unsigned way)
{
    struct iovec piece = {bytes, size};
    struct sockaddr_in from = {0};
    socklen_t length = sizeof from;
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    struct mmsghdr many = {.msg_hdr = message};
    ssize_t n;

    switch (way % 6) {
    case 0:
        return recvfrom(fd, bytes, size, 0, generic(&from), &length);
    case 1:
        message.msg_name = &from;
        message.msg_namelen = sizeof from;
        return recvmsg(fd, &message, 0);
    case 2:
        return recvmsg(fd, &message, 0);
    case 3:
        n = recvmmsg(fd, &many, 1, 0, NULL);
        return n == 1 ? (ssize_t)many.msg_len : n;
    case 4:
        return recvfrom(fd, bytes, size, MSG_WAITALL, generic(&from), &length);
    default:
        return recv(fd, NULL, size, MSG_TRUNC);
    }
}

static uint8_t byte_at(uint32_t place)
{
    return (uint8_t)(place / 4 >> (24 - place % 4 * 8));
}

static void stream_receives(void)
{
    enum { NUMBERS = 500 };
    uint32_t total = 0;

    for (unsigned way = 0; !is_over();) {
        int fd = asked('g', NUMBERS);
        uint32_t place = 0;

        for (ssize_t n = 1; n > 0; way++) {
            uint8_t bytes[64];
            size_t size = 1 + way % sizeof bytes;

            TRY(n, MAY_WAIT, receive_in_one_way(fd, bytes, size, way));
            if (n < 0)
                fault("receive at %u, way %u", place, way % 6);
            for (ssize_t i = 0; i < n && way % 6 != 5; i++)
                if (bytes[i] != byte_at(place + (uint32_t)i)) {
                    fault("another byte at %u, way %u", place, way % 6);
                    break;
                }
            place += n > 0 ? (uint32_t)n : 0;
        }
        if (place != NUMBERS * 4)
            fault("%u bytes came of %u", place, NUMBERS * 4u);
        total += place;
        close(fd);
    }
    printf("stream receives: %u bytes", total);
}

/* ---- datagrams ---- */

/* @return how many were sent, by the call's own word */
static int send_datagrams(int fd, uint32_t first, unsigned way)
{
    uint32_t words[2] = {htonl(first), htonl(first + 1)};
    struct iovec pieces[2] = {{&words[0], 4}, {&words[1], 4}};
    struct mmsghdr many[2];
    long n;

    memset(many, 0, sizeof many);
    for (int i = 0; i < 2; i++) {
        many[i].msg_hdr.msg_iov = &pieces[i];
        many[i].msg_hdr.msg_iovlen = 1;
        many[i].msg_hdr.msg_name = &peer;
        many[i].msg_hdr.msg_namelen = sizeof peer;
    }
    if (way % 3 == 0)
        TRY(n, MAY_WAIT, sendto(fd, words, 4, 0, generic(&peer), sizeof peer));
    else if (way % 3 == 1)
        TRY(n, MAY_WAIT, sendmsg(fd, &many[0].msg_hdr, 0));
    else
        TRY(n, MAY_WAIT, sendmmsg(fd, many, 2, 0));
    if (n != (way % 3 == 2 ? 2 : 4))
        fault("send of datagram %u, way %u: %ld", first, way % 3, n);
    return way % 3 == 2 ? (int)n : n == 4;
}

static uint32_t receive_datagram(int fd, unsigned way)
{
    uint32_t word = UINT32_MAX;
    struct iovec piece = {&word, 4};
    struct sockaddr_in from = {0};
    socklen_t length = sizeof from;
    struct mmsghdr many = {
        .msg_hdr = {
            .msg_iov = &piece, .msg_iovlen = 1, .msg_name = &from, .msg_namelen = sizeof from}};
    long n;

    if (way % 3 == 0)
        TRY(n, MAY_WAIT, recvfrom(fd, &word, 4, 0, generic(&from), &length));
    else if (way % 3 == 1)
        TRY(n, MAY_WAIT, recvmsg(fd, &many.msg_hdr, 0));
    else
        TRY(n, MAY_WAIT, recvmmsg(fd, &many, 1, 0, NULL));
    if (n != (way % 3 == 2 ? 1 : 4) || from.sin_port != peer.sin_port)
        fault("receive, way %u: %ld", way % 3, n);
    return ntohl(word);
}

static void seen(uint32_t words[2])
{
    int fd = asked('n', 0);

    answer(fd, words);
    close(fd);
}

/* Each comes back, in order, once. @return how many */
static uint32_t echoed(void)
{
    int fd = made(SOCK_DGRAM), patience = 0;
    uint32_t sent = 0, got = 0;
    char more;

    for (unsigned way = 0; !is_over(); way++) {
        sent += (uint32_t)send_datagrams(fd, sent, way);
        for (; got < sent; got++) {
            uint32_t number = receive_datagram(fd, way / 3);

            if (number != got)
                fault("datagram %u is number %u", got, number);
        }
    }
    while (patience++ < 20 && recv(fd, &more, 1, MSG_DONTWAIT) < 0)
        usleep(1000);
    if (patience <= 20)
        fault("one more datagram");
    close(fd);
    return sent;
}

static void datagrams(void)
{
    uint32_t words[2], sent;

    seen(words);
    sent = echoed();
    seen(words);
    if (words[0] != sent)
        fault("%u datagrams were sent, %u came", sent, words[0]);
    printf("datagrams: %u", sent);
}

static void *echoed_in_a_thread(void *argument)
{
    *(uint32_t *)argument = echoed();
    return NULL;
}

/* The same in all threads of a process: it has the signals, and any of them takes one. */
static void herd(void)
{
    pthread_t thread[THREADS];
    uint32_t words[2], sent[THREADS], total = 0;

    seen(words);
    for (int i = 1; i < THREADS; i++)
        pthread_create(&thread[i], NULL, echoed_in_a_thread, &sent[i]);
    sent[0] = echoed();
    for (int i = 0; i < THREADS; i++) {
        if (i > 0)
            pthread_join(thread[i], NULL);
        total += sent[i];
    }
    seen(words);
    if (words[0] != total)
        fault("%u datagrams were sent, %u came", total, words[0]);
    printf("herd: %u datagrams", total);
}

/* ---- calls with a time of their own ---- */

static void timed(void)
{
    enum { LIMIT_MS = 25 };
    struct timeval limit = {.tv_usec = LIMIT_MS * 1000};
    int fds[] = {made(SOCK_DGRAM), listening(CALLED)}, r;
    long count = 0, over = 0, before = interrupted;

    for (int i = 0; i < 2; i++) {
        TRY(r, NEVER_WAITS, setsockopt(fds[i], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
        if (r < 0)
            fault("SO_RCVTIMEO");
    }
    is_timed = true;
    for (; !is_over(); count++) {
        struct sockaddr_in from;
        socklen_t length = sizeof from;
        int64_t since = now();
        char byte;
        long n = count % 2 == 0 ? recvfrom(fds[0], &byte, 1, 0, generic(&from), &length)
                                : accept(fds[1], NULL, NULL);

        if (again(n, MAY_WAIT))
            continue;
        if (n >= 0 || errno != EAGAIN)
            fault("a call with a time: %ld", n);
        else if (now() - since < LIMIT_MS * INT64_C(900000))
            fault("its time is over after %lld us", (long long)(now() - since) / 1000);
        over++;
    }
    is_timed = false;
    if (interval < LIMIT_MS * 1000u / 2 && interrupted == before)
        fault("no call with a time was interrupted");
    close(fds[0]);
    close(fds[1]);
    printf("timed: %ld, %ld to their end", count, over);
}

/* ---- threads, signalled one by one as Go does ---- */

static void *serve(void *argument)
{
    int listener = *(int *)argument;

    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        uint32_t word;
        struct iovec piece = {&word, sizeof word};
        struct msghdr message = {
            .msg_iov = &piece, .msg_iovlen = 1, .msg_name = &peer, .msg_namelen = sizeof peer};

        if (fd < 0)
            return NULL; /* the listener is shut */
        while (recvfrom(fd, &word, sizeof word, MSG_WAITALL, NULL, NULL) == sizeof word) {
            struct timespec later = {.tv_nsec = 50000000};

            while (nanosleep(&later, &later) < 0)
                continue;
            word = htonl(ntohl(word) + 1);
            if (sendmsg(fd, &message, MSG_MORE) != sizeof word)
                fault("an answer");
            message.msg_namelen = sizeof peer;
            if (send(fd, NULL, 0, 0) < 0) /* pushes */
                fault("a push");
        }
        close(fd);
    }
}

static void threads(void)
{
    enum { QUESTIONS = 5 };
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    int listener = listening(ASKED), control, r;
    pthread_t thread[THREADS];
    pthread_attr_t attributes;
    uint32_t words[2];
    ssize_t n;

    storm(false);
    sigaction(SIGURG, &action, NULL);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread[i], &attributes, serve, &listener);
    control = asked('a', QUESTIONS);
    do {
        usleep(interval < 2000 ? 2000 : interval);
        for (int i = 0; i < THREADS; i++)
            pthread_kill(thread[i], SIGURG);
        n = recv(control, words, sizeof words, MSG_DONTWAIT | MSG_PEEK);
    } while (n < (ssize_t)sizeof words && (n >= 0 || errno == EAGAIN));
    answer(control, words);
    if (words[0] != QUESTIONS * THREADS || words[1] != QUESTIONS * THREADS)
        fault("%u answers of %u are right", words[0], words[1]);
    TRY(r, NEVER_WAITS, shutdown(listener, SHUT_RDWR));
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    close(listener);
    close(control);
    printf("threads: %u answers", words[0]);
}

static const struct kind {
    const char *name;
    void (*run)(void);
} kinds[] = {{"names", names},
             {"connections", connections},
             {"accepts", accepts},
             {"stream-sends", stream_sends},
             {"stream-receives", stream_receives},
             {"datagrams", datagrams},
             {"herd", herd},
             {"timed", timed},
             {"threads", threads},
             {"local-messages", local_messages},
             {"local-accepts", local_accepts}};

static bool run(const struct kind *kind, int64_t time)
{
    int before = descriptors(), after;

    faults = interrupted = 0;
    ticks = 0;
    end_of_kind = now() + time;
    storm(true);
    kind->run();
    storm(false);
    after = descriptors();
    if (after != before)
        fault("%d descriptors became %d", before, after);
    printf("; %ld signals, %ld EINTR, %ld faults\n", (long)ticks, interrupted, faults);
    fflush(stdout);
    return faults == 0;
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = on_signal};
    bool good = true;

    if (argc < 6)
        return 2;
    ourselves = argv[0];
    own.sin_family = peer.sin_family = AF_INET;
    peer.sin_port = htons(PEER);
    inet_pton(AF_INET, argv[1], &own.sin_addr);
    inet_pton(AF_INET, argv[2], &peer.sin_addr);
    interval = (unsigned)strtoul(argv[3], NULL, 10);
    restarts = strcmp(argv[4], "restart") == 0;
    action.sa_flags = restarts ? SA_RESTART : 0;
    sigaction(SIGALRM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (argc == 6 || strcmp(argv[6], kinds[i].name) == 0)
            good &= run(&kinds[i], strtol(argv[5], NULL, 10) * INT64_C(1000000));
    return !good;
}
