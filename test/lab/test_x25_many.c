/* SPDX-License-Identifier: MIT */
/*
 * A thousand calls one after the other and ten megabytes of records, over a wire that loses 2 % of
 * its frames, by LAPB and by XOT, of both moduli: boundaries are kept, interrupts arrive, each
 * clear says its diagnostic, and tshark finds nothing malformed in the capture.
 */
#include <errno.h>
#include <linux/sockios.h>
#include <linux/x25.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "sockeye/event.h"
#include "sockeye/sockeye.h"

enum { A, B, CALLS = 1000, CAPTURED_CALLS = 60, RECORDS = 10, WAITS = 40000 };
#define MS INT64_C(1000000)

static struct sockeye *lab;
static int listener;
static long bytes_got;

static void pass(int64_t time)
{
    const int64_t until = sockeye_now(lab) + time;

    while (sockeye_now(lab) < until)
        (void)sockeye_advance(lab, until);
}

static struct sockaddr_x25 name_of(const char *digits)
{
    struct sockaddr_x25 a = {.sx25_family = AF_X25};

    snprintf(a.sx25_addr.x25_addr, sizeof a.sx25_addr.x25_addr, "%s", digits);
    return a;
}

static void lab_open(bool xot, uint32_t modulo_128)
{
    const struct sockeye_wire_config wire = {.delay_ns = MS, .loss_ppm = 20000};
    const struct sockeye_x25_config line = {.t1_ns = 500 * MS, .packets_128 = modulo_128};
    const struct sockaddr_x25 own = name_of("300");
    const struct sockeye_config config = {.seed = 5, .hosts = 2, .wires = 1, .sockets = 64};
    int w;

    check_equal(sockeye_open(&config, &lab), 0);
    check_equal(sockeye_host(lab, "a"), A);
    check_equal(sockeye_host(lab, "b"), B);
    w = sockeye_wire(lab, "w", &wire, NULL);
    for (int i = 0; i < 2; i++) {
        int interface = sockeye_interface(lab, i, "eth0", w, i, NULL);

        if (xot) {
            check_equal(sockeye_address(lab, i, interface, i ? "10.0.0.2/24" : "10.0.0.1/24"), 0);
            check_equal(sockeye_x25_xot(lab, i), 0);
        } else {
            check_equal(sockeye_x25_lapb(lab, i, interface, &line), 0);
        }
        check_equal(
            sockeye_x25_route(lab, i, "", interface, xot ? "10.0.0.2" : NULL, (int)modulo_128), 0);
    }
    listener = sockeye_socket(lab, B, AF_X25, SOCK_SEQPACKET, 0);
    check_equal(sockeye_bind(lab, B, listener, &own, sizeof own), 0);
    check_equal(sockeye_listen(lab, B, listener, 5), 0);
    bytes_got = 0;
}

static int length_of(int call, int record)
{
    return 500 + (call * 37 + record * 211) % 1000;
}

static void connect_both(int fd[2])
{
    const struct sockaddr_x25 own = name_of("100"), to = name_of("300");

    fd[A] = sockeye_socket(lab, A, AF_X25, SOCK_SEQPACKET, 0);
    check_equal(sockeye_bind(lab, A, fd[A], &own, sizeof own), 0);
    check_equal(sockeye_connect(lab, A, fd[A], &to, sizeof to), -EINPROGRESS);
    for (int i = 0; i < WAITS && (fd[B] = sockeye_accept(lab, B, listener, NULL, NULL)) < 0; i++)
        pass(5 * MS);
    check(fd[B] >= 0);
    for (int i = 0; i < WAITS && sockeye_connect(lab, A, fd[A], &to, sizeof to) < 0; i++)
        pass(5 * MS);
}

static void records(const int fd[2], int call)
{
    uint8_t bytes[2000];
    int sent = 0, got = 0;

    for (int i = 0; i < WAITS && got < RECORDS; i++) {
        ssize_t n = sent < RECORDS ? length_of(call, sent) : 0;

        memset(bytes, call + sent, sizeof bytes);
        if (n > 0 && sockeye_send(lab, A, fd[A], bytes, (size_t)n, MSG_EOR) == n)
            sent++;
        n = sockeye_receive(lab, B, fd[B], bytes, sizeof bytes, 0);
        if (n == -EAGAIN) {
            pass(5 * MS);
            continue;
        }
        check_equal(n, length_of(call, got));
        check(bytes[0] == (uint8_t)(call + got) && bytes[n - 1] == bytes[0]);
        bytes_got += n;
        got++;
    }
    check_equal(got, RECORDS);
}

static void interrupt(const int fd[2])
{
    uint8_t bytes[32];
    ssize_t n = -EAGAIN;

    check_equal(sockeye_send(lab, A, fd[A], "int", 3, MSG_OOB), 3);
    for (int i = 0; i < WAITS && n < 0; i++) {
        pass(5 * MS);
        n = sockeye_receive(lab, B, fd[B], bytes, sizeof bytes, MSG_OOB);
    }
    check_equal(n, 3);
}

static void hang_up(const int fd[2], int call)
{
    struct x25_causediag said = {.cause = 0, .diagnostic = (uint8_t)call}, heard = {0};
    uint8_t bytes[32];
    ssize_t n = -EAGAIN;

    check_equal(sockeye_ioctl_x25(lab, A, fd[A], SIOCX25SCAUSEDIAG, &said, sizeof said), 0);
    check_equal(sockeye_close_fd(lab, A, fd[A]), 0);
    for (int i = 0; i < WAITS && n == -EAGAIN; i++) {
        pass(5 * MS);
        n = sockeye_receive(lab, B, fd[B], bytes, sizeof bytes, 0);
    }
    check_equal(sockeye_ioctl_x25(lab, B, fd[B], SIOCX25GCAUSEDIAG, &heard, sizeof heard), 0);
    check_equal(heard.diagnostic, said.diagnostic);
    check_equal(sockeye_close_fd(lab, B, fd[B]), 0);
}

static void run_calls(int calls)
{
    for (int call = 0; call < calls; call++) {
        int fd[2];

        connect_both(fd);
        records(fd, call);
        if (call % 10 == 0)
            interrupt(fd);
        hang_up(fd, call);
    }
    check_equal(sockeye_check(lab), 0);
}

static void thousand_calls(void)
{
    for (int kind = 0; kind < 4; kind++) {
        lab_open(kind & 1, (uint32_t)kind >> 1);
        run_calls(CALLS);
        check(bytes_got > 9900000);
        sockeye_close(lab);
    }
}

static void nothing_is_malformed(void)
{
    if (system("command -v tshark >/dev/null") != 0) {
        printf("# tshark is not installed: this test did not run\n");
        return;
    }
    for (int kind = 0; kind < 4; kind++) {
        char path[] = "/tmp/sockeye-x25-XXXXXX", command[200];
        FILE *file = fdopen(mkstemp(path), "w"), *tshark;
        struct sockeye_view *view;

        check(file);
        lab_open(kind & 1, (uint32_t)kind >> 1);
        check_equal(sockeye_view_open(lab, SOCKEYE_VIEW_PCAPNG, file, &view), 0);
        run_calls(CAPTURED_CALLS);
        check_equal(sockeye_view_close(view), 0);
        fclose(file);
        sockeye_close(lab);
        snprintf(command, sizeof command, "HOME=/tmp tshark -r %s -Y _ws.malformed 2>/dev/null",
                 path);
        tshark = popen(command, "r");
        check(tshark && fgets(command, sizeof command, tshark) == NULL);
        check_equal(pclose(tshark), 0);
        (void)unlink(path);
    }
}

static const struct test tests[] = {
    {"a thousand calls and ten megabytes pass a wire that loses 2 %, whole", thousand_calls},
    {"tshark finds nothing malformed in them", nothing_is_malformed},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
