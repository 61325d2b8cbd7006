/* SPDX-License-Identifier: MIT */
/*
 * A hostile station on a line of X.25 (security case P-18): calls that are malformed or too many,
 * records without an end, frames of any bytes. What the host keeps is bounded, what it drops is
 * counted, and an honest call still goes.
 */
#include <errno.h>
#include <linux/x25.h>
#include <string.h>
#include <sys/socket.h>

#include "check.h"
#include "sockeye/event.h"
#include "sockeye/sockeye.h"
#include "sockeye/table.h"

enum { HOST, FRIEND, PACKET_MOST = 1400, BACKLOG = 5, PACKETS = 512 };
#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)

static struct sockeye *lab;
static int door, listener;
static uint8_t vs, vr;                 /* of our side of the data link */
static uint8_t heard[64][PACKET_MOST]; /* packets of the host since the last listen_to */
static int heard_length[64], heard_count, frames_heard;

static void pass(int64_t time)
{
    const int64_t until = sockeye_now(lab) + time;

    while (sockeye_now(lab) < until)
        (void)sockeye_advance(lab, until);
    check_equal(sockeye_check(lab), 0);
}

static void put_frame(const uint8_t *lapb, size_t length)
{
    static const uint8_t header[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 9, 0x60, 0};
    uint8_t frame[PACKET_MOST + 32];

    memcpy(frame, header, 14);
    frame[14] = (uint8_t)length;
    frame[15] = (uint8_t)(length >> 8);
    memcpy(frame + 16, lapb, length);
    check_equal(sockeye_inject(lab, door, frame, 16 + length), 0);
    pass(MS);
}

/* What the host says: its packets are kept and acknowledged. */
static void listen_to(void)
{
    uint8_t frame[2048];
    ssize_t n;

    heard_count = frames_heard = 0;
    while ((n = sockeye_emit(lab, door, frame, sizeof frame, NULL)) > 0) {
        if (n < 18 || frame[12] != 0x60)
            continue;
        frames_heard++;
        if (frame[17] & 1)
            continue;
        vr = (uint8_t)((frame[17] >> 1 & 7) + 1) & 7;
        if (heard_count == 64)
            continue;
        heard_length[heard_count] = frame[14] + frame[15] * 256 - 2;
        memcpy(heard[heard_count], frame + 18, (size_t)heard_length[heard_count]);
        heard_count++;
    }
}

static void put_packet(const uint8_t *packet, size_t length)
{
    uint8_t lapb[PACKET_MOST + 2] = {0x01, (uint8_t)(vs << 1 | vr << 5)};

    memcpy(lapb + 2, packet, length);
    vs = (vs + 1) & 7;
    put_frame(lapb, length + 2);
    listen_to();
}

static void begin(void)
{
    static const uint8_t sabm[] = {0x01, 0x3f}, restart[] = {0x10, 0, 0xfb, 0, 0};
    const struct sockeye_config config = {
        .seed = 3, .hosts = 2, .wires = 2, .sockets = 32, .packets = PACKETS};
    const struct sockeye_x25_config line = {.role = SOCKEYE_X25_DCE};
    struct sockaddr_x25 own = {.sx25_family = AF_X25};
    int wire, interface;

    check_equal(sockeye_open(&config, &lab), 0);
    check_equal(sockeye_host(lab, "host"), HOST);
    check_equal(sockeye_host(lab, "friend"), FRIEND);
    door = sockeye_door(lab, "d", SOCKEYE_DOOR_ETHERNET, 0);
    interface = sockeye_interface(lab, HOST, "x0", door, 0, NULL);
    check_equal(sockeye_x25_lapb(lab, HOST, interface, &line), 0);
    wire = sockeye_wire(lab, "w", NULL, NULL);
    for (int i = 0; i < 2; i++) {
        interface = sockeye_interface(lab, i, "x1", wire, i, NULL);
        check_equal(sockeye_x25_lapb(lab, i, interface, NULL), 0);
        check_equal(sockeye_x25_route(lab, i, "", interface, NULL, 0), 0);
    }
    strcpy(own.sx25_addr.x25_addr, "1");
    listener = sockeye_socket(lab, HOST, AF_X25, SOCK_SEQPACKET, 0);
    check_equal(sockeye_bind(lab, HOST, listener, &own, sizeof own), 0);
    check_equal(sockeye_listen(lab, HOST, listener, BACKLOG), 0);
    vs = vr = 0;
    put_frame(sabm, sizeof sabm);
    listen_to();
    put_packet(restart, sizeof restart);
}

/* Somebody else calls, and is heard. */
static void check_honest_call(void)
{
    struct sockaddr_x25 own = {.sx25_family = AF_X25}, to = own;
    int fd = sockeye_socket(lab, FRIEND, AF_X25, SOCK_SEQPACKET, 0), accepted;
    char bytes[8];

    strcpy(own.sx25_addr.x25_addr, "2");
    strcpy(to.sx25_addr.x25_addr, "1");
    while ((accepted = sockeye_accept(lab, HOST, listener, NULL, NULL)) >= 0)
        check_equal(sockeye_close_fd(lab, HOST, accepted), 0);
    check_equal(sockeye_bind(lab, FRIEND, fd, &own, sizeof own), 0);
    check_equal(sockeye_connect(lab, FRIEND, fd, &to, sizeof to), -EINPROGRESS);
    pass(SECOND);
    check_equal(sockeye_connect(lab, FRIEND, fd, &to, sizeof to), 0);
    accepted = sockeye_accept(lab, HOST, listener, NULL, NULL);
    check(accepted >= 0);
    check_equal(sockeye_send(lab, FRIEND, fd, "hello", 5, MSG_EOR), 5);
    pass(SECOND);
    check_equal(sockeye_receive(lab, HOST, accepted, bytes, sizeof bytes, 0), 5);
    sockeye_close(lab);
}

static int64_t circuits(void)
{
    struct sockeye_row row;

    return sockeye_table(lab, HOST, SOCKEYE_TABLE_CIRCUITS, &row, 1);
}

static void malformed_calls_are_cleared(void)
{
    static const struct {
        uint8_t bytes[24];
        size_t length;
    } calls[] = {
        {{0x10, 7, 0x0b}, 3},                               /* no addresses */
        {{0x10, 7, 0x0b, 0xff}, 4},                         /* 15 digits twice, and none there */
        {{0x10, 7, 0x0b, 0xff, 1, 1, 1, 1, 1, 1, 1}, 11},   /* some of them */
        {{0x10, 7, 0x0b, 0x01, 0xa0, 0}, 6},                /* a digit that is none */
        {{0x10, 7, 0x0b, 0x01, 0x10, 0x20, 0x42}, 7},       /* facilities beyond the packet */
        {{0x10, 7, 0x0b, 0x01, 0x10, 0x02, 0xc9, 0xff}, 8}, /* class D beyond the facilities */
        {{0x10, 7, 0x0b, 0x01, 0x10, 0x01, 0xc9}, 7},       /* class D without its length */
        {{0x10, 7, 0x0b, 0x01, 0x10, 0x01, 0x42}, 7},       /* cut off */
        {{0x10, 7, 0x0b, 0x01, 0x10, 0x03, 0x43, 0, 0}, 9}, /* a window of none */
        {{0x10, 7, 0x0b, 0x01, 0x10, 0x03, 0x42, 1, 99}, 9} /* packets of no size */
    };

    begin();
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        put_packet(calls[i].bytes, calls[i].length);
        check_equal(heard_count, 1);
        check_equal(heard[0][1], 7);
        check_equal(heard[0][2], 0x13);
        check_equal(circuits(), 0);
        put_packet((const uint8_t[]){0x10, 7, 0x17}, 3);
    }
    check(sockeye_drops(lab, HOST, DROP_X25_PACKET) >= sizeof calls / sizeof *calls);
    check_honest_call();
}

static void class_d_without_octets_is_skipped(void)
{
    static const uint8_t call[] = {0x10, 7, 0x0b, 0x01, 0x10, 0x05, 0xc9, 0, 0x43, 2, 2};

    begin();
    put_packet(call, sizeof call);
    check_equal(circuits(), 1);
    check_honest_call();
}

static void calls_are_bounded(void)
{
    uint8_t call[] = {0x10, 0, 0x0b, 0x01, 0x10, 0};
    int cleared = 0;

    begin();
    for (int i = 1; i <= 2000; i++) {
        call[0] = (uint8_t)(0x10 | i >> 8);
        call[1] = (uint8_t)i;
        put_packet(call, sizeof call);
        cleared += heard_count == 1 && heard[0][2] == 0x13;
    }
    check(circuits() <= BACKLOG + 2);
    check(cleared >= 2000 - BACKLOG - 2);
    check_honest_call();
}

/* All with M: they are put together, to the longest record, and then the circuit is reset. */
static void record_without_an_end_is_reset(void)
{
    uint8_t data[3 + 128] = {0x10, 7, 0};
    bool was_reset = false;
    uint8_t ps = 0;
    int accepted;

    begin();
    put_packet((const uint8_t[]){0x10, 7, 0x0b, 0x01, 0x10, 0}, 6);
    accepted = sockeye_accept(lab, HOST, listener, NULL, NULL);
    check(accepted >= 0);
    pass(MS);
    listen_to();
    for (int i = 0; i < 1000 && !was_reset; i++) {
        data[2] = (uint8_t)(0x10 | ps << 1);
        ps = (ps + 1) & 7;
        put_packet(data, sizeof data);
        for (int k = 0; k < heard_count; k++)
            was_reset = was_reset || heard[k][2] == 0x1b;
    }
    check(was_reset);
    check_honest_call();
}

static void any_frames_are_answered_once_at_most(void)
{
    uint64_t x = 88172645463325252U;
    uint8_t frame[40];

    begin();
    for (int i = 0; i < 5000; i++) {
        size_t length = 1 + x % 12;

        for (size_t k = 0; k < length; k++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            frame[k] = (uint8_t)(x >> 20);
        }
        frame[0] = x & 1 ? 0x01 : 0x03;
        put_frame(frame, length);
        listen_to();
        check(frames_heard <= 3); /* an answer, and at most a restart and a clear with it */
    }
    check(sockeye_drops(lab, HOST, DROP_LAPB_HEADER) + sockeye_drops(lab, HOST, DROP_LAPB_DOWN) +
              sockeye_drops(lab, HOST, DROP_LAPB_SEQUENCE) >
          500);
    check_honest_call();
}

static void any_packets_are_survived(void)
{
    uint64_t x = 1234567;
    uint8_t packet[24];

    begin();
    for (int i = 0; i < 5000; i++) {
        size_t length;

        x = x * 6364136223846793005U + 1442695040888963407U;
        length = 1 + (x >> 33) % 20;
        for (size_t k = 0; k < length; k++)
            packet[k] = (uint8_t)((x >> (k % 6 * 8)) + k * 77);
        if (i % 4)
            packet[0] = 0x10;
        if (i % 3 && length > 1)
            packet[1] = (uint8_t)(x >> 50 & 3);
        put_packet(packet, length);
        if (frames_heard == 0) { /* it waits for a link that is set up anew */
            vs = vr = 0;
            put_frame((const uint8_t[]){0x01, 0x3f}, 2);
            listen_to();
        }
    }
    check(circuits() <= 8);
    check_honest_call();
}

static const struct test tests[] = {
    {"calls that are malformed are cleared, and leave nothing (P-18)", malformed_calls_are_cleared},
    {"a facility of class D without octets is skipped (P-18)", class_d_without_octets_is_skipped},
    {"calls are bounded by the backlog, and the rest cleared", calls_are_bounded},
    {"a record without an end is reset", record_without_an_end_is_reset},
    {"frames of any bytes are answered once at most (P-18)", any_frames_are_answered_once_at_most},
    {"packets of any bytes are survived", any_packets_are_survived},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
