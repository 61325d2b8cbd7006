/* SPDX-License-Identifier: MIT */
/*
 * AF_UNIX by any bytes: addresses of any family and length, control messages of any form, calls in
 * any order. What is read stays inside its bytes (ASan sees it), no room is overrun, and after each
 * call every invariant holds.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "sockeye/sockeye.h"

enum { CALLS = 200, FIRST = 3, NUMBERS = 12, CONTROL = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct reader r;
static struct sockeye *lab;

static int some_socket(void)
{
    return FIRST + read_u8(&r) % NUMBERS;
}

/* Bytes in memory of their own length, so that a read behind them is seen. */
static uint8_t *some_bytes(size_t most_bytes, size_t *length)
{
    uint8_t *bytes;

    *length = read_u8(&r);
    *length = *length > most_bytes ? most_bytes : *length;
    *length = *length > reader_left(&r) ? reader_left(&r) : *length;
    bytes = malloc(*length ? *length : 1);
    ensure(bytes != NULL);
    if (*length)
        read_copy(&r, bytes, *length);
    return bytes;
}

static void send_any(int fd)
{
    size_t address = 0, control = 0, text = 0;
    struct sockeye_message m = {.bytes = NULL};
    int flags = read_u8(&r);

    m.bytes = some_bytes(100, &text);
    m.address = some_bytes(140, &address);
    m.control = some_bytes(CONTROL, &control);
    m.length = text;
    m.address_length = (uint32_t)address;
    m.control_length = control;
    (void)sockeye_send_message(lab, 0, fd, &m, flags);
    free(m.bytes);
    free(m.address);
    free(m.control);
}

static void receive_any(int fd)
{
    struct sockeye_message m = {
        .length = read_u8(&r), .address_length = read_u8(&r), .control_length = read_u8(&r)};
    size_t control = m.control_length;
    int flags = read_u8(&r);

    m.bytes = malloc(m.length + 1);
    m.address = malloc(m.address_length + 1);
    m.control = malloc(control + 1);
    ensure(m.bytes && m.address && m.control);
    (void)sockeye_receive_message(lab, 0, fd, &m, flags);
    ensure(m.control_length <= control);
    free(m.bytes);
    free(m.address);
    free(m.control);
}

static void address_any(int fd, uint8_t what)
{
    size_t length;
    uint8_t *address = some_bytes(140, &length);

    if (what == 0)
        (void)sockeye_bind(lab, 0, fd, address, (uint32_t)length);
    else if (what == 1)
        (void)sockeye_bind_at(lab, 0, fd, address, (uint32_t)length, read_u8(&r) % 4);
    else
        (void)sockeye_connect(lab, 0, fd, address, (uint32_t)length);
    free(address);
}

static void call_any(void)
{
    uint8_t what = read_u8(&r) % 12;
    int fd = some_socket(), pair[2], value = (int8_t)read_u8(&r);
    struct sockeye_rights lost;
    char path[3] = {0};

    if (what < 3)
        address_any(fd, what);
    else if (what == 3)
        (void)sockeye_socketpair(lab, 0, AF_UNIX, value & 7, 0, pair);
    else if (what == 4)
        (void)sockeye_socket(lab, 0, AF_UNIX, value & 7, 0);
    else if (what == 5)
        (void)sockeye_listen(lab, 0, fd, value);
    else if (what == 6)
        (void)sockeye_accept(lab, 0, fd, NULL, NULL);
    else if (what == 7)
        (void)sockeye_close_fd(lab, 0, fd);
    else if (what == 8)
        (void)sockeye_set_option(lab, 0, fd, SOL_SOCKET, read_u8(&r), &value, sizeof value);
    else if (what == 9)
        send_any(fd);
    else if (what == 10)
        receive_any(fd);
    else
        (void)sockeye_shutdown(lab, 0, fd, value & 3);
    path[0] = (char)value;
    if (value < 0)
        (void)sockeye_unlink(lab, 0, path);
    while (value > 100 && sockeye_next_lost(lab, 0, &lost) == 1)
        ;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const struct sockeye_config config = {.hosts = 1, .wires = 1, .sockets = 16};

    r = reader_of(bytes, length);
    ensure(sockeye_open(&config, &lab) == 0 && sockeye_host(lab, "h") == 0);
    for (int i = 0; i < CALLS && reader_left(&r); i++) {
        call_any();
        ensure(sockeye_check(lab) == 0);
    }
    sockeye_close(lab);
    return 0;
}
