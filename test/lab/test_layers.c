/* SPDX-License-Identifier: MIT */
/* The view of layers of a lab: sockets of AF_UNIX, whose messages go over no wire. */
#include <errno.h>
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

static const struct test tests[] = {
    {"a message of a pair of AF_UNIX is the same on layers 7 to 5, and has no others",
     passes_a_pair},
    {"datagrams of AF_UNIX are found at who is bound to the path", passes_datagrams},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
