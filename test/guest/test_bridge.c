/* SPDX-License-Identifier: MIT */
/*
 * bridge_holder.c and buffer.c alone: bytes between the two ends of a pair, of which one stands for
 * the program's holder. No program, no lab socket.
 */
#include "check.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest/state.h"

struct bench {
    struct sockeye *lab;
    struct guest_runner runner;
    struct guest_socket socket;
    int holder;
};

static struct bench bench; /* it is large */
static uint8_t bytes[GUEST_CHUNK * 2];

static void open_bench(int type, bool stale)
{
    struct sockeye_config config = {.seed = 1};
    struct drive_user user = {.context = &bench};
    int pair[2], size = 212992;

    memset(&bench, 0, sizeof bench);
    check_equal(sockeye_open(&config, &bench.lab), 0);
    check_equal(drive_open(bench.lab, &bench.runner.drive), 0);
    bench.runner.user = drive_join(bench.runner.drive, &user);
    bench.runner.scratch = malloc(GUEST_CHUNK + GUEST_DATAGRAM);
    check(bench.runner.scratch != NULL);
    check_equal(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, pair), 0);
    bench.holder = pair[0];
    setsockopt(bench.holder, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    guest_bridge_init(&bench.socket);
    check_equal(guest_bridge_open(&bench.runner, &bench.socket, pair[1], stale), 0);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
}

static void close_bench(void)
{
    close(bench.holder);
    guest_bridge_close(&bench.runner, &bench.socket, false);
    while (bench.runner.spare_count > 0)
        free(bench.runner.spare[--bench.runner.spare_count]);
    free(bench.runner.scratch);
    drive_close(bench.runner.drive);
    sockeye_close(bench.lab);
}

/* Takes all that the program wrote; @return its length, having compared it with `bytes`. */
static size_t take_all(void)
{
    const uint8_t *taken;
    size_t length = 0;
    bool more = true;

    for (int i = 0; i < 100 && more; i++) {
        size_t n = guest_bridge_take(&bench.runner, &bench.socket, &taken, &more);

        check(length + n <= sizeof bytes);
        check(n == 0 || memcmp(taken, bytes + length, n) == 0);
        length += n;
    }
    check(!more);
    return length;
}

static void what_was_written_is_taken_once(void)
{
    static const size_t sizes[] = {1,    2,     100,   2046,  2047,        2048,
                                   2049, 65535, 65536, 65537, sizeof bytes};

    open_bench(SOCK_STREAM, false);
    check_equal(take_all(), 0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        check_equal(send(bench.holder, bytes, sizes[i], 0), sizes[i]);
        check_equal(take_all(), sizes[i]);
        check_equal(take_all(), 0);
        check_equal(guest_bridge_untaken(&bench.socket), 0);
    }
    close_bench();
}

/* So that closing the end is a reset. */
static void one_byte_stays_unread(void)
{
    bool unread = false;
    char byte;

    open_bench(SOCK_STREAM, false);
    check_equal(send(bench.holder, bytes, 3000, 0), 3000);
    check_equal(take_all(), 3000);
    check(!guest_bridge_has_hung_up(&bench.socket, &unread));
    guest_bridge_close(&bench.runner, &bench.socket, false);
    check_equal(recv(bench.holder, &byte, 1, 0), -1);
    check_equal(errno, ECONNRESET);
    close_bench();
}

static void at_the_end_none_stays(void)
{
    char byte;

    open_bench(SOCK_STREAM, false);
    check_equal(send(bench.holder, bytes, 10, 0), 10);
    check_equal(take_all(), 10);
    guest_bridge_close(&bench.runner, &bench.socket, true);
    check_equal(recv(bench.holder, &byte, 1, 0), 0);
    close_bench();
}

static void a_close_is_told_with_what_was_unread(void)
{
    bool unread = false;
    size_t n = 10;

    open_bench(SOCK_STREAM, false);
    check_equal(guest_bridge_give(&bench.socket, bytes, &n), GUEST_GIVEN);
    close(bench.holder);
    check(guest_bridge_has_hung_up(&bench.socket, &unread));
    check(unread);
    n = 10;
    check_equal(guest_bridge_give(&bench.socket, bytes, &n), GUEST_UNWANTED);
    check_equal(n, 0);
    bench.holder = -1;
    close_bench();
}

/* Gives until there is no room; @return how much. */
static size_t give_all(void)
{
    size_t given = 0, room;

    for (int i = 0; i < 1000 && (room = guest_bridge_room(&bench.runner, &bench.socket)) > 0; i++) {
        size_t n = room;

        check_equal(guest_bridge_give(&bench.socket, bytes, &n), GUEST_GIVEN);
        check_equal(n, room);
        given += n;
    }
    return given;
}

static void a_program_that_does_not_read_has_a_bound(void)
{
    size_t given;

    open_bench(SOCK_STREAM, false);
    given = give_all();
    check(given >= GUEST_LARGE);
    check(given <= (size_t)bench.runner.end_size / 4);
    check(guest_bridge_is_full(&bench.runner, &bench.socket));
    check_equal(give_all(), 0);
    close_bench();
}

/* One that is behind gets room by what it reads, not only when it has read all. */
static void room_comes_by_the_piece(void)
{
    static uint8_t away[GUEST_LARGE];

    open_bench(SOCK_STREAM, false);
    give_all();
    check_equal(recv(bench.holder, away, GUEST_LARGE, 0), GUEST_LARGE);
    check(give_all() >= GUEST_LARGE / 2); /* by small pieces now, for it has not read all */
    for (int i = 0; i < 20; i++) {
        check_equal(recv(bench.holder, away, GUEST_PIECE, 0), GUEST_PIECE);
        check_equal(give_all(), GUEST_PIECE);
    }
    close_bench();
}

static void datagrams_keep_their_bounds(void)
{
    open_bench(SOCK_DGRAM, false);
    check_equal(guest_bridge_take_datagram(&bench.runner, &bench.socket), -EAGAIN);
    check_equal(send(bench.holder, bytes, 100, 0), 100);
    check_equal(send(bench.holder, bytes, 0, 0), 0);
    check_equal(send(bench.holder, bytes, 65507, 0), 65507);
    check_equal(guest_bridge_take_datagram(&bench.runner, &bench.socket), 100);
    check_equal(guest_bridge_take_datagram(&bench.runner, &bench.socket), 0);
    check_equal(guest_bridge_take_datagram(&bench.runner, &bench.socket), 65507);
    check_equal(guest_bridge_take_datagram(&bench.runner, &bench.socket), -EAGAIN);
    close_bench();
}

static void a_datagram_of_another_source_waits(void)
{
    uint8_t away[100];

    open_bench(SOCK_DGRAM, false);
    check(guest_bridge_fits(&bench.runner, &bench.socket, true));
    check(guest_bridge_give_datagram(&bench.socket, bytes, 100));
    check(!guest_bridge_fits(&bench.runner, &bench.socket, true));
    check(guest_bridge_fits(&bench.runner, &bench.socket, false));
    check(!guest_bridge_is_empty(&bench.socket));
    check_equal(recv(bench.holder, away, sizeof away, 0), 100);
    check(guest_bridge_is_empty(&bench.socket));
    check(guest_bridge_fits(&bench.runner, &bench.socket, true));
    close_bench();
}

static void blocks_are_kept_for_the_next(void)
{
    struct guest_buffer a = {0}, b = {0};
    const uint8_t *block;

    open_bench(SOCK_STREAM, false);
    check(guest_buffer_ready(&bench.runner));
    check(guest_buffer_ready(&bench.runner));
    check_equal(bench.runner.spare_count, 1);
    guest_buffer_add(&bench.runner, &a, bytes, 100);
    block = a.bytes;
    guest_buffer_drop(&bench.runner, &a, 60);
    guest_buffer_add(&bench.runner, &a, bytes + 100, GUEST_CHUNK - 50);
    check_equal(a.length, GUEST_CHUNK - 10);
    check(memcmp(a.bytes + a.from, bytes + 60, a.length) == 0);
    guest_buffer_drop(&bench.runner, &a, a.length);
    check(a.bytes == NULL);
    check(guest_buffer_ready(&bench.runner));
    guest_buffer_add(&bench.runner, &b, bytes, 1);
    check(b.bytes == block);
    guest_buffer_add(&bench.runner, &b, bytes + 1, GUEST_CHUNK - 1);
    check_equal(b.length, GUEST_CHUNK);
    check(memcmp(b.bytes + b.from, bytes, b.length) == 0);
    guest_buffer_done(&bench.runner, &b);
    check_equal(bench.runner.spare_count, 1);
    close_bench();
}

static const struct test tests[] = {
    {"what a program wrote is taken once, whatever its length", what_was_written_is_taken_once},
    {"one byte stays unread, so that closing the end is a reset", one_byte_stays_unread},
    {"after the peer's end no byte stays", at_the_end_none_stays},
    {"a program's close is told, and that something was unread",
     a_close_is_told_with_what_was_unread},
    {"a program that does not read gets a quarter of the buffer",
     a_program_that_does_not_read_has_a_bound},
    {"a program that is behind gets room by the piece", room_comes_by_the_piece},
    {"datagrams keep their bounds, and the close is told", datagrams_keep_their_bounds},
    {"a datagram of another source waits until the holder is empty",
     a_datagram_of_another_source_waits},
    {"blocks of bytes that wait are kept for the next who needs one", blocks_are_kept_for_the_next},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
