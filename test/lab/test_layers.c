/* SPDX-License-Identifier: MIT */
/* The view of layers of a lab: sockets of AF_UNIX, whose messages go over no wire. */
#include <linux/x25.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "check.h"
#include "sockeye/sockeye.h"

static const char *shown(FILE *file)
{
    static char text[1 << 14];
    size_t length;

    rewind(file);
    length = fread(text, 1, sizeof text - 1, file);
    text[length] = 0;
    return text;
}

static void passes_a_pair(void)
{
    struct sockeye *lab;
    struct sockeye_view *view;
    FILE *file = tmpfile();
    char got[8];
    const char *text;
    int host, fd[2];

    check(file && sockeye_open(NULL, &lab) == 0);
    host = sockeye_host(lab, "a");
    check(host >= 0 && sockeye_view_open(lab, SOCKEYE_VIEW_LAYERS_ALL, file, &view) == 0);
    check(sockeye_socketpair(lab, host, AF_UNIX, SOCK_STREAM, 0, fd) == 0);
    check(sockeye_send(lab, host, fd[0], "hello", 5, 0) == 5);
    check(sockeye_receive(lab, host, fd[1], got, 2, 0) == 2);
    check(sockeye_receive(lab, host, fd[1], got, 2, MSG_PEEK) == 2); /* is not shown */
    check(sockeye_receive(lab, host, fd[1], got, sizeof got, 0) == 3);
    check(sockeye_view_close(view) == 0);
    text = shown(file);
    check(strstr(text, "s: a to a, UNIX socket 1 > socket 2\n"));
    check(strstr(text, "  7 application   data 5 bytes \"hello\" "));
    check(strstr(text, " data 5 bytes receive x 2 "));
    check(strstr(text, "  4 transport     - ") && strstr(text, "  1 physical      - "));
    check(strstr(text, "  7 application              1            1            0\n"));
    fclose(file);
    sockeye_close(lab);
}

static void passes_datagrams(void)
{
    static struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "/run/log"};
    static char first[] = "first";
    const struct sockeye_message message = {
        .bytes = first, .length = 5, .address = &name, .address_length = sizeof name};
    struct sockeye *lab;
    struct sockeye_view *view;
    FILE *file = tmpfile();
    char got[8];
    const char *text;
    int host, server, client;

    check(file && sockeye_open(NULL, &lab) == 0);
    host = sockeye_host(lab, "a");
    check(host >= 0 && sockeye_view_open(lab, SOCKEYE_VIEW_LAYERS_ALL, file, &view) == 0);
    server = sockeye_socket(lab, host, AF_UNIX, SOCK_DGRAM, 0);
    client = sockeye_socket(lab, host, AF_UNIX, SOCK_DGRAM, 0);
    check(server >= 0 && client >= 0);
    check(sockeye_bind(lab, host, server, &name, sizeof name) == 0);
    check(sockeye_send_message(lab, host, client, &message, 0) == 5);
    check(sockeye_receive(lab, host, server, got, 3, 0) == 3); /* the rest is gone */
    check(sockeye_send_message(lab, host, client, &message, 0) == 5);
    check(sockeye_receive(lab, host, server, got, sizeof got, 0) == 5);
    check(sockeye_view_close(view) == 0);
    text = shown(file);
    check(strstr(text, "s: a to a, UNIX /run/log: socket 2 > whoever it is\n"));
    check(strstr(text, "  7 application              2            2            0\n"));
    fclose(file);
    sockeye_close(lab);
}

static void pass(struct sockeye *lab, int64_t time)
{
    int64_t until = sockeye_now(lab) + time;

    for (int i = 0; i < 100000 && sockeye_now(lab) < until; i++)
        (void)sockeye_advance(lab, until);
}

static void passes_circuits(void)
{
    const struct sockeye_config config = {.seed = 3};
    const struct sockeye_wire_config wire = {.delay_ns = 1000000, .loss_ppm = 200000};
    static const char *const numbers[] = {"1", "3"};
    const struct sockaddr_x25 own = {.sx25_family = AF_X25, .sx25_addr = {"100"}};
    const struct sockaddr_x25 to = {.sx25_family = AF_X25, .sx25_addr = {"301"}};
    char record[500], got[600];
    struct sockeye *lab;
    struct sockeye_view *view;
    FILE *file = tmpfile();
    const char *text;
    int host[2], w, caller, listener, called = -1;

    check(file && sockeye_open(&config, &lab) == 0);
    host[0] = sockeye_host(lab, "a");
    host[1] = sockeye_host(lab, "b");
    w = sockeye_wire(lab, "w", &wire, NULL);
    for (int i = 0; i < 2; i++) {
        int interface = sockeye_interface(lab, host[i], "x0", w, i, NULL);

        check(sockeye_x25_lapb(lab, host[i], interface, NULL) == 0);
        check(sockeye_x25_route(lab, host[i], numbers[1 - i], interface, NULL, 0) == 0);
    }
    check(sockeye_view_open(lab, SOCKEYE_VIEW_LAYERS_ALL, file, &view) == 0);
    listener = sockeye_socket(lab, host[1], AF_X25, SOCK_SEQPACKET, 0);
    check(sockeye_bind(lab, host[1], listener, &to, sizeof to) == 0);
    check(sockeye_listen(lab, host[1], listener, 4) == 0);
    caller = sockeye_socket(lab, host[0], AF_X25, SOCK_SEQPACKET, 0);
    check(sockeye_bind(lab, host[0], caller, &own, sizeof own) == 0);
    (void)sockeye_connect(lab, host[0], caller, &to, sizeof to);
    for (int i = 0; i < 100 && called < 0; i++) {
        pass(lab, 1000000000);
        called = sockeye_accept(lab, host[1], listener, NULL, NULL);
    }
    check(called >= 0);
    memset(record, 'r', sizeof record);
    check(sockeye_send(lab, host[0], caller, record, sizeof record, MSG_EOR) == sizeof record);
    pass(lab, INT64_C(60000000000));
    check(sockeye_receive(lab, host[1], called, got, sizeof got, 0) == sizeof record);
    check(sockeye_view_close(view) == 0);
    text = shown(file);
    check(strstr(text, "s: a to b, X.25 100 > 301: "));
    check(strstr(text, "  4 transport     record 500 bytes "));
    check(strstr(text, "  3 network       4 packets 512 bytes "));
    check(strstr(text, "  2 data link     6 frames ")); /* of which one was lost */
    check(strstr(text, "did not come out of the wire"));
    check(strstr(text, "  7 application              1            1            0\n"));
    check(strstr(text, "  3 network                  1            1            0\n"));
    check(strstr(text, "  1 physical                 1            1            0\n"));
    fclose(file);
    sockeye_close(lab);
}

static const struct test tests[] = {
    {"a message of a pair of AF_UNIX is the same on layers 7 to 5, and has no others",
     passes_a_pair},
    {"datagrams of AF_UNIX are found at who is bound to the path", passes_datagrams},
    {"a record of X.25 is the same on all layers, with what LAPB sends again", passes_circuits},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
