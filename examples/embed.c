/* SPDX-License-Identifier: MIT */
/* Two hosts joined by a wire, and an echo between them, in one process and no time at all. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "sockeye/sockeye.h"

/* Lets time pass until a call has something else to say than "later", a second of it at most. */
#define WAIT(lab, result, call)                                                                    \
    while (((result) = (call)) == -EAGAIN && sockeye_now(lab) < 1000000000)                        \
    sockeye_advance(lab, sockeye_next_deadline(lab))

static int ok(long result)
{
    if (result >= 0)
        return (int)result;
    fprintf(stderr, "%s\n", sockeye_strerror((int)result));
    exit(1);
}

int main(void)
{
    struct sockaddr_in port = {.sin_family = AF_INET, .sin_port = htons(7)};
    struct sockeye *lab = NULL;
    char text[64] = "";
    long result;
    int a, b, wire, listener, server, client;

    ok(sockeye_open(&(struct sockeye_config){.seed = 1}, &lab));
    a = ok(sockeye_host(lab, "a"));
    b = ok(sockeye_host(lab, "b"));
    wire = ok(sockeye_wire(lab, "w", &(struct sockeye_wire_config){.delay_ns = 1000000}, NULL));
    ok(sockeye_address(lab, a, ok(sockeye_interface(lab, a, "eth0", wire, 0, NULL)),
                       "10.0.0.1/24"));
    ok(sockeye_address(lab, b, ok(sockeye_interface(lab, b, "eth0", wire, 1, NULL)),
                       "10.0.0.2/24"));

    listener = ok(sockeye_socket(lab, b, AF_INET, SOCK_STREAM, 0));
    ok(sockeye_bind(lab, b, listener, &port, sizeof port));
    ok(sockeye_listen(lab, b, listener, 1));
    client = ok(sockeye_socket(lab, a, AF_INET, SOCK_STREAM, 0));
    port.sin_addr.s_addr = htonl(0x0a000002);
    (void)sockeye_connect(lab, a, client, &port, sizeof port); /* -EINPROGRESS */
    WAIT(lab, result, sockeye_accept(lab, b, listener, NULL, NULL));
    server = ok(result);

    WAIT(lab, result, sockeye_send(lab, a, client, "hello, sockeye", 14, 0));
    ok(result);
    WAIT(lab, result, sockeye_receive(lab, b, server, text, sizeof text, 0));
    ok(sockeye_send(lab, b, server, text, (size_t)ok(result), 0));
    WAIT(lab, result, sockeye_receive(lab, a, client, text, sizeof text, 0));
    printf("%.*s, after %lld us of lab time\n", ok(result), text,
           (long long)(sockeye_now(lab) / 1000));
    sockeye_close(lab);
    return 0;
}
