/* SPDX-License-Identifier: MIT */
/* Netlink messages of any bytes, to both protocols of a host with interfaces, addresses, routes and
 * sockets: what is asked, changed and told is bounded, answers are whole messages, and the lab
 * stays sound. A message is framed here, or taken as it is. */
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "base/integer.h"
#include "lab/handle.h"
#include "lab/lab.h"
#include "sockeye/sockeye.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { SEND_MOST = 600, STEPS = 40, ROUNDS = 400 };

static struct sockeye *lab;
static int host;

/* Sockets of all kinds that NETLINK_SOCK_DIAG tells of. */
static void open_others(void)
{
    static const uint8_t name[] = {AF_UNIX & 0xff, AF_UNIX >> 8, 0, 'n'};
    int local, client;

    local = sockeye_socket(lab, host, AF_UNIX, SOCK_STREAM, 0);
    client = sockeye_socket(lab, host, AF_UNIX, SOCK_STREAM, 0);
    ensure(sockeye_bind(lab, host, local, name, sizeof name) == 0);
    ensure(sockeye_listen(lab, host, local, 1) == 0);
    ensure(sockeye_connect(lab, host, client, name, sizeof name) == 0);
    ensure(sockeye_name_socket(lab, host, client, 7) == 0);
    ensure(sockeye_socket(lab, host, AF_INET, SOCK_RAW, 89) > 0);
    ensure(sockeye_socket(lab, host, AF_PACKET, SOCK_RAW, htons(3)) > 0);
}

static void open_lab(void)
{
    const struct sockeye_config config = {.seed = 7, .hosts = 2, .wires = 2, .sockets = 64};
    int other, wire, eth0;

    ensure(sockeye_open(&config, &lab) == 0);
    host = sockeye_host(lab, "a");
    other = sockeye_host(lab, "b");
    wire = sockeye_wire(lab, "w", NULL, NULL);
    eth0 = sockeye_interface(lab, host, "eth0", wire, 0, NULL);
    ensure(sockeye_interface(lab, other, "eth0", wire, 1, NULL) > 0);
    ensure(sockeye_address(lab, host, eth0, "10.0.0.1/24") == 0);
    ensure(sockeye_address(lab, host, eth0, "fd00::1/64") == 0);
    ensure(sockeye_socket(lab, host, AF_INET, SOCK_STREAM, 0) == 3);
    ensure(sockeye_listen(lab, host, 3, 4) == 0);
    ensure(sockeye_socket(lab, host, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) == 4);
    ensure(sockeye_socket(lab, host, AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG) == 5);
    open_others();
}

/* Each packet holds whole messages. */
static void read_all(int fd)
{
    uint8_t answer[4096];
    ssize_t n = 1;

    for (int i = 0; n > 0 && i < ROUNDS; i++) {
        struct nlmsghdr h;

        n = sockeye_receive(lab, host, fd, answer, sizeof answer, 0);
        for (size_t at = 0; n > 0 && at < (size_t)n; at += NLMSG_ALIGN(h.nlmsg_len)) {
            ensure((size_t)n - at >= sizeof h);
            memcpy(&h, answer + at, sizeof h);
            ensure(h.nlmsg_len >= sizeof h && h.nlmsg_len <= (size_t)n - at);
        }
    }
}

static void send_one(struct reader *r, uint8_t what)
{
    size_t size = (size_t)least(read_u8(r) * (what & 4 ? 4u : 1u), SEND_MOST);
    int fd = what & 1 ? 5 : 4, on = what >> 5 & 1;
    uint8_t *message;

    size = (size_t)least(size, reader_left(r));
    message = malloc(size + NLMSG_HDRLEN);
    ensure(message != NULL);
    if (what & 2) {
        struct nlmsghdr h = {.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + size),
                             .nlmsg_type = (uint16_t)(16 + read_u8(r) % 100),
                             .nlmsg_flags =
                                 (uint16_t)(NLM_F_REQUEST | read_u8(r) << 8 | NLM_F_ACK)};

        size = (size_t)least(size, reader_left(r));
        h.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + size);
        memcpy(message, &h, sizeof h);
        read_copy(r, message + NLMSG_HDRLEN, size);
        size += NLMSG_HDRLEN;
    } else {
        read_copy(r, message, size);
    }
    (void)sockeye_set_option(lab, host, fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
    (void)sockeye_set_option(lab, host, fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
    (void)sockeye_send(lab, host, fd, message, size, 0);
    free(message);
    if (what & 8)
        read_all(fd);
    if (what & 16)
        ensure(sockeye_advance(lab, sockeye_now(lab) + 1000000000) >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length);

    open_lab();
    for (int i = 0; i < STEPS && reader_left(&r) && !r.failed; i++)
        send_one(&r, read_u8(&r));
    read_all(4);
    read_all(5);
    ensure(sockeye_check(lab) == 0);
    sockeye_close(lab);
    return 0;
}
