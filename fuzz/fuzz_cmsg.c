/* SPDX-License-Identifier: MIT */
/* Control messages: any bytes sent, any room to receive in (P-21). What is read stays inside the
 * bytes (ASan sees it), what is accepted is in range, what is written stays inside the room. */
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "../test/fake_host.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void fuzz_send(int fd, const uint8_t *bytes, size_t length)
{
    struct call_message m = {.control_length = length};
    uint8_t *control = malloc(length ? length : 1);
    const struct transport_message *sent = &fake_at(fd)->sent;
    ssize_t result;

    ensure(control != NULL);
    if (length)
        memcpy(control, bytes, length);
    m.control = control;
    result = call_send_message(&fake_host, fd, &m, 0, 0);
    free(control);
    ensure(result == 0 || result == -EINVAL || result == -ENODEV || result == -ENOBUFS);
    ensure(sent->local.interface <= 1);
}

static void fuzz_receive(int fd, const uint8_t *bytes, size_t length)
{
    static const int names[] = {IP_PKTINFO, IP_RECVTTL, IP_RECVTOS};
    size_t room = length > 0 ? bytes[0] : 0;
    struct call_message m = {.control_length = room};
    uint8_t *control = malloc(room ? room : 1);

    ensure(control != NULL);
    for (int i = 0; i < 3; i++) {
        int value = length > 1 ? bytes[1] >> i & 1 : 1;

        ensure(call_set_option(&fake_host, fd, IPPROTO_IP, names[i], &value, 4, 0) == 0);
    }
    m.control = control;
    fake.datagram.time = length > 2 ? bytes[2] * SECOND : 0;
    ensure(call_receive_message(&fake_host, fd, &m, 0, 0) == 0);
    ensure(m.control_length <= room);
    free(control);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    int on = 1, stream, datagram, six;

    fake_host_begin();
    stream = call_socket(&fake_host, AF_INET, SOCK_STREAM, 0, 0);
    datagram = call_socket(&fake_host, AF_INET, SOCK_DGRAM, 0, 0);
    six = call_socket(&fake_host, AF_INET6, SOCK_DGRAM, 0, 0);
    ensure(stream == 3 && datagram == 4 && six == 5);
    ensure(call_set_option(&fake_host, 4, SOL_SOCKET, SO_TIMESTAMP, &on, 4, 0) == 0);
    fuzz_send(stream, bytes, length);
    fuzz_send(datagram, bytes, length);
    fuzz_send(six, bytes, length);
    fuzz_receive(datagram, bytes, length);
    fuzz_receive(six, bytes, length);
    return 0;
}
