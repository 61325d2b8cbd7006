/* SPDX-License-Identifier: MIT */
/* Packets in a stream: RFC 1613 4.1. */
#include "4-transport/xot_frame.h"

#include <string.h>

#include "base/means.h"
#include "check.h"
#include "fake_arena.h"

static struct arena *arena;
static struct packets packets;
static struct means means;

static void begin(uint64_t budget)
{
    const struct packet_limits limits = {64, 8, 4};

    arena = fake_arena_fresh(arena, 16 << 20);
    memset(&means, 0, sizeof means);
    check_equal(packet_pool_init(&packets, arena, &limits), 0);
    means.packets = &packets;
    means.packet_budget.limit = budget;
}

/* Octets in pieces of this size. @return how many packets came out; -1: the stream is bad */
static int feed(struct xot_frame *f, const uint8_t *bytes, size_t length, size_t piece,
                uint32_t *octets)
{
    int count = 0;

    while (length > 0) {
        size_t room, n = piece < length ? piece : length;
        uint8_t *to = xot_frame_room(f, &means, &room);
        enum xot_frame_result result;

        check(to && room > 0);
        n = n < room ? n : room;
        memcpy(to, bytes, n);
        bytes += n;
        length -= n;
        result = xot_frame_took(f, n);
        if (result == XOT_FRAME_BAD)
            return -1;
        if (result == XOT_FRAME_WHOLE) {
            struct packet *p = xot_frame_take(f);

            *octets += packet_length(p);
            packet_put(p);
            count++;
        }
    }
    return count;
}

static void any_pieces_give_the_same_packets(void)
{
    static const uint8_t stream[] = {0, 0, 0, 3, 0x10, 1, 0x0b, 0, 0,    0, 5,   0x10,
                                     1, 0, 9, 9, 0,    0, 0,    3, 0x10, 1, 0x13};

    for (size_t piece = 1; piece < sizeof stream; piece++) {
        struct xot_frame f = {0};
        uint32_t octets = 0;

        begin(8);
        check_equal(feed(&f, stream, sizeof stream, piece, &octets), 3);
        check_equal(octets, 11);
        check_equal(means.packet_budget.used, 0);
    }
}

static void another_version_is_bad(void)
{
    static const uint8_t versions[][4] = {{0, 1, 0, 3}, {1, 0, 0, 3}, {0xff, 0xff, 0, 3}};

    for (size_t i = 0; i < 3; i++) {
        struct xot_frame f = {0};
        uint32_t octets = 0;

        begin(8);
        check_equal(feed(&f, versions[i], 2, 2, &octets), -1); /* before its length is there */
    }
}

static void lengths_of_no_packet_are_bad(void)
{
    static const struct {
        uint16_t length;
        bool good;
    } rows[] = {{0, false},   {1, false},    {2, false},    {3, true},
                {4100, true}, {4101, false}, {65535, false}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const uint8_t header[] = {0, 0, (uint8_t)(rows[i].length >> 8), (uint8_t)rows[i].length};
        struct xot_frame f = {0};
        uint32_t octets = 0;

        begin(8);
        check_equal(feed(&f, header, 4, 4, &octets), rows[i].good ? 0 : -1);
    }
}

static void what_is_written_is_read(void)
{
    struct xot_frame f = {0};
    struct packet *p;
    uint32_t octets = 0;

    begin(8);
    p = packet_get(&packets, &means.packet_budget, 300);
    memset(packet_append(p, 300), 7, 300);
    xot_frame_write(p);
    check_equal(packet_length(p), 304);
    check_equal(feed(&f, packet_data(p), 304, 50, &octets), 1);
    check_equal(octets, 300);
    packet_put(p);
}

static void nothing_is_lost_while_there_is_no_packet(void)
{
    static const uint8_t header[] = {0, 0, 0, 3}, body[] = {0x10, 1, 0x0b};
    struct xot_frame f = {0};
    uint32_t octets = 0;
    size_t room;

    begin(0);
    check_equal(feed(&f, header, 4, 4, &octets), 0);
    check(!xot_frame_room(&f, &means, &room));
    means.packet_budget.limit = 1;
    check_equal(feed(&f, body, 3, 1, &octets), 1);
    check_equal(feed(&f, header, 4, 4, &octets), 0);
    check(xot_frame_room(&f, &means, &room));
    xot_frame_done(&f);
    check_equal(means.packet_budget.used, 0);
}

static const struct test tests[] = {
    {"any pieces of a stream give the same packets", any_pieces_give_the_same_packets},
    {"a version that is not 0 closes the stream (RFC 1613 4.1)", another_version_is_bad},
    {"a length of no packet closes the stream (RFC 1613 4.1)", lengths_of_no_packet_are_bad},
    {"what is written is read again", what_is_written_is_read},
    {"nothing is lost while there is no packet to be had",
     nothing_is_lost_while_there_is_no_packet},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
