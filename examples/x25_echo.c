/* SPDX-License-Identifier: MIT */
/*
 * An echo server and its client on X.25, with nothing but Linux's own header:
 * what any program of AF_X25 does. The server takes calls to its address, sends
 * each record back as it is, and an interrupt as an interrupt; the client sends
 * records of random lengths, compares, and hangs up.
 *
 *     x25_echo server ADDRESS [CALLS]
 *     x25_echo client OWN-ADDRESS ADDRESS [RECORDS]
 */
#include <errno.h>
#include <linux/sockios.h>
#include <linux/x25.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_BYTES = 4096, INTERRUPT_EACH = 10 };

static unsigned char given[MOST_BYTES], got[MOST_BYTES];

static void fail(const char *what)
{
    fprintf(stderr, "x25_echo: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct sockaddr_x25 address_of(const char *digits)
{
    struct sockaddr_x25 a = {.sx25_family = AF_X25};

    strncpy(a.sx25_addr.x25_addr, digits, sizeof a.sx25_addr.x25_addr - 1);
    return a;
}

static int bound(const char *digits)
{
    struct sockaddr_x25 a = address_of(digits);
    int s = socket(AF_X25, SOCK_SEQPACKET, 0);

    if (s < 0)
        fail("socket");
    if (bind(s, (struct sockaddr *)&a, sizeof a) < 0)
        fail("bind");
    return s;
}

/* Larger packets and windows than every network has; both ends may ask for
 * less. */
static void ask_for_more(int s)
{
    struct x25_facilities f = {7, 7, X25_PS1024, X25_PS1024, 0, 0};

    if (ioctl(s, SIOCX25SFACILITIES, &f) < 0)
        fail("SIOCX25SFACILITIES");
}

/* ---- the server ---- */

static void serve(int s)
{
    struct x25_causediag why = {.cause = 0, .diagnostic = 42};
    ssize_t n;

    while ((n = recv(s, got, sizeof got, 0)) > 0) {
        if (n == 1 && got[0] == 'i') { /* its interrupt has overtaken it, or is here as soon */
            ssize_t m = recv(s, got, sizeof got, MSG_OOB);

            if (m > 0 && send(s, got, (size_t)m, MSG_OOB) != m)
                fail("send of an interrupt");
            continue;
        }
        if (send(s, got, (size_t)n, MSG_EOR) != n)
            fail("send");
    }
    if (ioctl(s, SIOCX25SCAUSEDIAG, &why) < 0)
        fail("SIOCX25SCAUSEDIAG");
    close(s);
}

static void server(const char *address, int calls)
{
    struct x25_calluserdata data;
    int l = bound(address);

    ask_for_more(l);
    if (listen(l, 16) < 0)
        fail("listen");
    printf("listening at %s\n", address);
    fflush(stdout);
    for (int i = 0; calls == 0 || i < calls; i++) {
        struct sockaddr_x25 from;
        socklen_t length = sizeof from;
        int s = accept(l, (struct sockaddr *)&from, &length);

        if (s < 0)
            fail("accept");
        if (ioctl(s, SIOCX25GCALLUSERDATA, &data) < 0)
            fail("SIOCX25GCALLUSERDATA");
        printf("a call from %s with %u bytes of user data\n", from.sx25_addr.x25_addr,
               data.cudlength);
        fflush(stdout);
        serve(s);
    }
}

/* ---- the client ---- */

static void interrupt(int s, int number)
{
    struct pollfd p = {.fd = s, .events = POLLIN};
    ssize_t n = -1;

    if (send(s, &number, sizeof number, MSG_OOB) != sizeof number || send(s, "i", 1, MSG_EOR) != 1)
        fail("send of an interrupt");
    for (int i = 0; i < 1000 && n < 0; i++) {
        poll(&p, 0, 10);
        n = recv(s, got, sizeof got, MSG_OOB);
    }
    if (n != sizeof number || memcmp(got, &number, sizeof number) != 0) {
        fprintf(stderr, "x25_echo: interrupt %d did not come back\n", number);
        exit(1);
    }
}

static void record(int s, int number)
{
    size_t length = 2 + (size_t)rand() % (MOST_BYTES - 1);

    length = length > MOST_BYTES ? MOST_BYTES : length;
    for (size_t i = 0; i < length; i++)
        given[i] = (unsigned char)(number + (int)i);
    if (send(s, given, length, MSG_EOR) != (ssize_t)length)
        fail("send");
    if (recv(s, got, sizeof got, 0) != (ssize_t)length || memcmp(got, given, length) != 0) {
        fprintf(stderr, "x25_echo: record %d of %zu bytes came back as another\n", number, length);
        exit(1);
    }
}

/* Who is not there yet may be in a moment: a call that is refused is tried
 * again for two seconds. */
static int calls_in_vain(int s, const struct sockaddr_x25 *to)
{
    int tries = 20;

    while (connect(s, (const struct sockaddr *)to, sizeof *to) < 0)
        if (errno != ECONNREFUSED || --tries == 0 || poll(NULL, 0, 100) < 0)
            return 1;
    return 0;
}

static void client(const char *own, const char *address, int records)
{
    struct x25_calluserdata data = {.cudlength = 4, .cuddata = {0xC0, 'e', 'c', 'h'}};
    struct sockaddr_x25 to = address_of(address);
    struct x25_causediag why;
    struct x25_facilities f;
    int s = bound(own);

    ask_for_more(s);
    if (ioctl(s, SIOCX25SCALLUSERDATA, &data) < 0)
        fail("SIOCX25SCALLUSERDATA");
    if (calls_in_vain(s, &to)) {
        int error = errno;

        if (ioctl(s, SIOCX25GCAUSEDIAG, &why) == 0)
            fprintf(stderr, "x25_echo: cause %u, diagnostic %u\n", why.cause, why.diagnostic);
        errno = error;
        fail("connect");
    }
    if (ioctl(s, SIOCX25GFACILITIES, &f) < 0)
        fail("SIOCX25GFACILITIES");
    printf("connected: packets of %u bytes, windows of %u\n", 1u << f.pacsize_out, f.winsize_out);
    for (int i = 0; i < records; i++) {
        record(s, i);
        if (i % INTERRUPT_EACH == 0)
            interrupt(s, i);
    }
    close(s);
    printf("%d records came back\n", records);
}

int main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "server") == 0)
        server(argv[2], argc > 3 ? atoi(argv[3]) : 0);
    else if (argc >= 4 && strcmp(argv[1], "client") == 0)
        client(argv[2], argv[3], argc > 4 ? atoi(argv[4]) : 100);
    else
        return fprintf(stderr, "x25_echo server ADDRESS [CALLS]\n"
                               "x25_echo client OWN-ADDRESS ADDRESS [RECORDS]\n"),
               2;
    return 0;
}
