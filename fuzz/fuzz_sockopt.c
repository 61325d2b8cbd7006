/* SPDX-License-Identifier: MIT */
/* Options of any level, name and bytes, and addresses of any bytes: a sequence of calls on a stream
 * and a datagram socket. Results are 0 or an errno of the calls, bytes stay inside their room, and
 * the host stays sound. */
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "../test/fake_host.h"
#include "base/bytes.h"

/* A stream or a datagram socket of either family. */
static int fd_of(uint8_t what)
{
    return 3 + (what & 1) + (what & 4 ? 2 : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const int levels[] = {SOL_SOCKET, IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, 41, -1};

/* The next n bytes in memory of exactly that size. */
static uint8_t *take(struct reader *r, size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);

    ensure(copy != NULL);
    read_copy(r, copy, n);
    return copy;
}

static void fuzz_option(struct reader *r, int fd)
{
    int level = levels[read_u8(r) % 6], name = read_u8(r);
    uint32_t room = read_u8(r), size = read_u8(r) % 40;
    uint8_t *value = take(r, size), *answer = malloc(room ? room : 1);
    uint32_t got = room;
    int result = call_set_option(&fake_host, fd, level, name, value, size, 0);

    ensure(result <= 0 && result > -4096);
    ensure(answer != NULL);
    result = call_get_option(&fake_host, fd, level, name, answer, &got, 0);
    ensure(result <= 0 && result > -4096);
    ensure(got <= room);
    free(value);
    free(answer);
}

static void fuzz_address(struct reader *r, int fd)
{
    uint32_t size = read_u8(r) % 140, room = read_u8(r), told = room;
    uint8_t *address = take(r, size), *answer = malloc(room ? room : 1);
    int result;

    ensure(answer != NULL);
    if (read_u8(r) & 1)
        result = call_bind(&fake_host, fd, address, size, 0);
    else
        result = call_connect(&fake_host, fd, address, size, 0);
    ensure(result <= 0 && result > -4096);
    ensure(call_local_name(&fake_host, fd, answer, &told) == 0 && told == (fd < 5 ? 16u : 28u));
    told = room;
    (void)call_peer_name(&fake_host, fd, answer, &told);
    free(address);
    free(answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length);

    fake_host_begin();
    ensure(call_socket(&fake_host, AF_INET, SOCK_STREAM, 0, 0) == 3);
    ensure(call_socket(&fake_host, AF_INET, SOCK_DGRAM, 0, 0) == 4);
    ensure(call_socket(&fake_host, AF_INET6, SOCK_STREAM, 0, 0) == 5);
    ensure(call_socket(&fake_host, AF_INET6, SOCK_DGRAM, 0, 0) == 6);
    for (int i = 0; i < 100 && reader_left(&r) && !r.failed; i++) {
        uint8_t what = read_u8(&r);

        if (what & 2)
            fuzz_address(&r, fd_of(what));
        else
            fuzz_option(&r, fd_of(what));
    }
    ensure(call_check(&fake_host) == 0);
    return 0;
}
