/* SPDX-License-Identifier: MIT */
/*
 * X.25 over TCP as a peer sees it who writes the octets himself: RFC 1613, each MUST by its
 * paragraph. Host B takes calls and has nobody for them, so that the answer to a call is a clear.
 */
#include "pair.h"
#include "sockeye/table.h"
#include <linux/x25.h>

enum { XOT_PORT = 1998, XOT_CIRCUITS = 64 };

static uint8_t got[512];

static void begin(void)
{
    pair_open();
    check_equal(sockeye_x25_xot(lab, B), 0);
}

static int dial(void)
{
    int fd = stream(A);

    check_equal(connect_to(A, fd, "10.0.0.2", XOT_PORT), -EINPROGRESS);
    pass(10 * MS);
    check_equal(connect_to(A, fd, "10.0.0.2", XOT_PORT), 0);
    return fd;
}

/* What the peer sends back to these octets. @return as sockeye_receive: 0: it has closed */
static ssize_t say(int fd, const uint8_t *bytes, size_t length)
{
    check_equal(sockeye_send(lab, A, fd, bytes, length, 0), (ssize_t)length);
    pass(100 * MS);
    return sockeye_receive(lab, A, fd, got, sizeof got, 0);
}

static const uint8_t call[] = {0, 0, 0, 11, 0x10, 1, 0x0b, 0, 6, 0x42, 7, 7, 0x43, 2, 2};

/* To 9, which listens if listen_at_b was called. */
static const uint8_t call_9[] = {0,    0,    0,    12, 0x10, 1,    0x0b, 0x01,
                                 0x90, 0x06, 0x42, 7,  7,    0x43, 2,    2};

static void listen_at_b(void)
{
    struct sockaddr_x25 name = {.sx25_family = AF_X25, .sx25_addr.x25_addr = "9"};
    int l = sockeye_socket(lab, B, AF_X25, SOCK_SEQPACKET, 0);

    check_equal(sockeye_bind(lab, B, l, &name, sizeof name), 0);
    check_equal(sockeye_listen(lab, B, l, 5), 0);
}

/* It is still open: a call is answered. */
static void check_open(int fd)
{
    check(say(fd, call, sizeof call) >= 7);
    check_equal(got[4], 0x10);
    check_equal(got[6], 0x13);
}

static void another_version_closes(void)
{
    static const uint8_t bad[][4] = {{0, 1, 0, 3}, {1, 0, 0, 3}, {0xff, 0xff, 0, 3}};

    begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int fd = dial();

        check_equal(say(fd, bad[i], 4), 0);
        check_equal(sockeye_close_fd(lab, A, fd), 0);
    }
    check_equal(sockeye_drops(lab, B, DROP_XOT_HEADER), 3);
    pair_close();
}

static void illegal_lengths_close(void)
{
    static const uint8_t bad[][4] = {
        {0, 0, 0, 0}, {0, 0, 0, 2}, {0, 0, 0x10, 5}, {0, 0, 0xff, 0xff}};

    begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int fd = dial();

        check_equal(say(fd, bad[i], 4), 0);
        check_equal(sockeye_close_fd(lab, A, fd), 0);
    }
    pair_close();
}

static void local_packets_are_dropped(void)
{
    static const uint8_t types[] = {0xfb, 0xff, 0x09, 0x29, 0xf1, 0xf3, 0xf7};
    uint8_t frame[] = {0, 0, 0, 5, 0x10, 0, 0, 0, 0};

    begin();
    for (size_t i = 0; i < sizeof types; i++) {
        int fd = dial();

        frame[6] = types[i];
        check_equal(say(fd, frame, sizeof frame), -EAGAIN);
        check_equal(sockeye_drops(lab, B, DROP_XOT_LOCAL), i + 1);
        check_open(fd);
        check_equal(sockeye_close_fd(lab, A, fd), 0);
    }
    pair_close();
}

static void unknown_packets_before_a_call_are_dropped(void)
{
    uint8_t frame[] = {0, 0, 0, 5, 0x10, 1, 0, 0, 0};
    int fd;

    begin();
    fd = dial();
    for (uint32_t type = 0; type < 256; type++) {
        frame[6] = (uint8_t)type;
        if (type == 0x0b || type == 0xf5)
            continue;
        check_equal(say(fd, frame, sizeof frame), -EAGAIN);
    }
    check_open(fd);
    pair_close();
}

static void call_that_nobody_wants_is_cleared(void)
{
    int fd;

    begin();
    fd = dial();
    check_equal(say(fd, call, sizeof call), 9);
    check_equal(got[3], 5);
    check_equal(got[5], 1); /* his own channel */
    check_equal(got[6], 0x13);
    pass(SECOND);
    check_equal(sockeye_receive(lab, A, fd, got, sizeof got, 0), 0); /* and closed: 6.1 */
    pair_close();
}

static void pieces_and_heaps_are_the_same(void)
{
    uint8_t heap[9 * 5 + sizeof call];
    size_t length = 0;
    int fd;

    begin();
    fd = dial();
    for (size_t i = 0; i < sizeof call - 1; i++)
        check_equal(say(fd, call + i, 1), -EAGAIN);
    check_equal(say(fd, call + sizeof call - 1, 1), 9);
    check_equal(sockeye_close_fd(lab, A, fd), 0);
    for (int i = 0; i < 5; i++, length += 9)
        memcpy(heap + length, "\0\0\0\5\x10\0\xfb\0\0", 9);
    memcpy(heap + length, call, sizeof call);
    fd = dial();
    check_equal(say(fd, heap, length + sizeof call), 9);
    check_equal(sockeye_drops(lab, B, DROP_XOT_LOCAL), 5);
    pair_close();
}

static void pvc_is_refused(void)
{
    static const uint8_t setup[] = {0, 0, 0, 19, 0x10, 1, 0xf5, 0x81, 0,   2,   0,  1,
                                    2, 0, 1, 2,  2,    7, 7,    's',  '0', 's', '1'};
    int fd;

    begin();
    fd = dial();
    check_equal(say(fd, setup, sizeof setup), sizeof setup);
    check_equal(got[6], 0xf5);
    check_equal(got[8], 0x16);
    check(memcmp(got + 9, setup + 9, sizeof setup - 9) == 0);
    pass(SECOND);
    check_equal(sockeye_receive(lab, A, fd, got, sizeof got, 0), 0);
    pair_close();
}

static void streams_have_a_limit(void)
{
    int fd[XOT_CIRCUITS];

    begin();
    for (int i = 0; i < XOT_CIRCUITS; i++)
        fd[i] = dial();
    check_equal(say(dial(), call, sizeof call), 0);
    check_equal(sockeye_drops(lab, B, DROP_XOT_FULL), 1);
    check_open(fd[0]);
    check_open(fd[XOT_CIRCUITS - 1]);
    pass(SECOND);
    check_open(dial()); /* those two have gone */
    pair_close();
}

static void others_than_the_callers_are_closed(void)
{
    int fd;

    begin();
    check_equal(sockeye_x25_permit(lab, B, "10.0.0.0/33"), -EINVAL);
    check_equal(sockeye_x25_permit(lab, B, NULL), -EINVAL);
    check_equal(sockeye_x25_permit(lab, 9, "10.0.0.9"), -EINVAL);
    check_equal(sockeye_x25_permit(lab, B, "10.0.0.9"), 0);
    check_equal(sockeye_x25_permit(lab, B, "10.0.1.0/24"), 0);
    check_equal(sockeye_x25_permit(lab, B, "fd00::/8"), 0);
    fd = dial();
    pass(SECOND);
    check_equal(sockeye_receive(lab, A, fd, got, sizeof got, 0), 0);
    check_equal(sockeye_drops(lab, B, DROP_XOT_CALLER), 1);
    check_equal(sockeye_x25_permit(lab, B, "10.0.0.0/30"), 0);
    check_open(dial());
    for (int i = 4; i < 8; i++)
        check_equal(sockeye_x25_permit(lab, B, "10.9.0.0/16"), 0);
    check_equal(sockeye_x25_permit(lab, B, "10.9.0.0/16"), -ENOBUFS);
    pair_close();
}

static void keepalive_ends_the_circuit_of_a_peer_that_has_gone(void)
{
    for (int asks = 0; asks < 2; asks++) {
        struct sockeye_row row;
        int fd;

        begin();
        if (asks)
            check_equal(sockeye_set(lab, B, "net.x25.xot_keepalive", "30"), 0);
        listen_at_b();
        fd = dial();
        check_equal(say(fd, call_9, sizeof call_9) > 6 && got[6] == 0x0f, 1);
        check_equal(sockeye_pause(lab, A), 0);
        pass(700 * SECOND);
        check_equal(sockeye_table(lab, B, SOCKEYE_TABLE_CIRCUITS, &row, 1), asks ? 0 : 1);
        pair_close();
    }
}

static void silent_stream_is_closed(void)
{
    int fd;

    begin();
    fd = dial();
    pass(59 * SECOND);
    check_equal(sockeye_receive(lab, A, fd, got, sizeof got, 0), -EAGAIN);
    pass(2 * SECOND);
    check_equal(sockeye_receive(lab, A, fd, got, sizeof got, 0), 0);
    pair_close();
}

static void crash_ends_all_and_it_listens_again(void)
{
    int fd;

    begin();
    fd = dial();
    check_equal(sockeye_crash(lab, B), 0);
    check_equal(sockeye_resume(lab, B), 0);
    check_equal(sockeye_send(lab, A, fd, call, sizeof call, 0), sizeof call);
    pass(SECOND);
    check_equal(sockeye_receive(lab, A, fd, got, sizeof got, 0), -ECONNRESET);
    check_open(dial());
    pair_close();
}

static const struct test tests[] = {
    {"another version closes the stream (RFC 1613 4.1)", another_version_closes},
    {"an illegal length closes the stream (RFC 1613 4.1)", illegal_lengths_close},
    {"packets of an interface are dropped silently (RFC 1613 6.4)", local_packets_are_dropped},
    {"unknown packets before a call are dropped silently (RFC 1613 6.1)",
     unknown_packets_before_a_call_are_dropped},
    {"a call that nobody wants is cleared, and the stream closed (RFC 1613 6.1)",
     call_that_nobody_wants_is_cleared},
    {"octets one by one and many packets at once are the same", pieces_and_heaps_are_the_same},
    {"a PVC is refused by its status (RFC 1613 6.5)", pvc_is_refused},
    {"streams have a limit", streams_have_a_limit},
    {"others than the callers are closed", others_than_the_callers_are_closed},
    {"keepalive ends the circuit of a peer that has gone",
     keepalive_ends_the_circuit_of_a_peer_that_has_gone},
    {"a stream that says nothing is closed after a minute", silent_stream_is_closed},
    {"a crash ends all streams, and calls are taken again", crash_ends_all_and_it_listens_again},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
