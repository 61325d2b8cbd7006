/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/event.h"
#include "base/packet.h"
#include "base_test.h"

enum { MIB = 1 << 20 };

struct world {
    struct arena *arena;
    struct event_log log;
    struct voice voice;
    uint64_t drops[DROP_COUNT];
};

static struct world world;

static void fresh(void)
{
    memset(&world, 0, sizeof world);
    world.arena = arena_fresh(160 * (uint64_t)MIB);
    check_equal(event_log_init(&world.log, world.arena), 0);
    world.log.wanted = UINT32_MAX;
    world.voice =
        (struct voice){.log = &world.log, .drops = world.drops, .host = 3, .wire = EVENT_NOWHERE};
}

static void comes_back(void)
{
    static const char frame[] = "thirteen byte";
    struct sockeye_event event = {.kind = EVENT_NOTE, .time = 5}, got;
    uint64_t at = 0;

    fresh();
    event_emit(&world.voice, &event, NULL, 0);
    event.kind = EVENT_FRAME_SENT;
    event_emit(&world.voice, &event, frame, 13);
    event_emit(&world.voice, &event, frame, 8);
    check(event_log_next(&world.log, &at, &got));
    check(got.kind == EVENT_NOTE && got.time == 5 && got.host == 3 && got.wire == EVENT_NOWHERE);
    check(!got.frame && got.length == 0);
    check(event_log_next(&world.log, &at, &got));
    check(got.kind == EVENT_FRAME_SENT && got.length == 13 && memcmp(got.frame, frame, 13) == 0);
    check(event_log_next(&world.log, &at, &got) && got.length == 8);
    check(!event_log_next(&world.log, &at, &got));
    event_log_clear(&world.log);
    at = 0;
    check(!event_log_next(&world.log, &at, &got));
    arena_free(world.arena);
}

static void unwanted_is_silent(void)
{
    struct sockeye_event event = {.kind = EVENT_NOTE}, got;
    uint64_t at = 0;

    fresh();
    world.log.wanted = 1u << EVENT_DROP;
    check(!event_wanted(&world.voice, EVENT_NOTE) && event_wanted(&world.voice, EVENT_DROP));
    event_emit(&world.voice, &event, NULL, 0);
    check(!event_log_next(&world.log, &at, &got));
    world.log.wanted = 0;
    event_drop(&world.voice, 1, DROP_FCS, NULL);
    check_equal(world.drops[DROP_FCS], 1);
    check(!event_log_next(&world.log, &at, &got));
    arena_free(world.arena);
}

static void full_log_counts(void)
{
    static uint8_t frame[MIB];
    struct sockeye_event event = {.kind = EVENT_FRAME_SENT}, got;
    unsigned taken = 0;
    uint64_t at = 0;

    fresh();
    for (int i = 0; i < 20; i++)
        event_emit(&world.voice, &event, frame, sizeof frame);
    while (event_log_next(&world.log, &at, &got))
        taken++;
    check_equal(taken, 15);
    check_equal(world.log.lost, 5);
    check(world.log.used <= EVENT_LOG_BYTES);
    arena_free(world.arena);
}

static void log_is_not_state(void)
{
    struct sockeye_event event = {.kind = EVENT_NOTE};
    uint64_t from, bytes, sum = 0;

    fresh();
    event_emit(&world.voice, &event, NULL, 0);
    for (uint32_t i = 2; arena_range(world.arena, i, &from, &bytes); i++)
        sum += bytes;
    check_equal(sum, 0);
    arena_free(world.arena);
}

static void drop_shows_the_packet(void)
{
    struct budget budget = {.limit = 10};
    struct sockeye_event got;
    struct packets packets;
    struct packet *p;
    uint64_t at = 0;

    fresh();
    check_equal(packet_pool_init(&packets, world.arena, 10, 10), 0);
    p = packet_get(&packets, &budget, 100);
    memset(packet_append(p, 34), 0xab, 34);
    p->mark = MARK_KEEPALIVE;
    p->serial = 9;
    event_drop(&world.voice, 77, DROP_FCS, p);
    packet_take(p, 14);
    p->network = p->start;
    packet_take(p, 20);
    event_drop(&world.voice, 78, DROP_UDP_HEADER, p);
    check(event_log_next(&world.log, &at, &got));
    check(got.kind == EVENT_DROP && got.reason == DROP_FCS && got.time == 77);
    check(got.length == 34 && got.frame[0] == 0xab && got.flags == 0);
    check(got.mark == MARK_KEEPALIVE && got.serial == 9);
    check(event_log_next(&world.log, &at, &got));
    check(got.reason == DROP_UDP_HEADER && got.length == 20 && got.flags == FRAME_BARE_IP);
    check(world.drops[DROP_FCS] == 1 && world.drops[DROP_UDP_HEADER] == 1);
    arena_free(world.arena);
}

static void endpoints(void)
{
    struct endpoint e = {.address = address_from_ip4(0x0a000001), .port = 80};
    static const uint8_t want[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
    struct event_endpoint got = event_endpoint_of(&e);

    check(memcmp(got.address, want, 16) == 0 && got.port == 80 && got.reserved == 0);
}

static const struct test tests[] = {
    {"events come back in order with their frames", comes_back},
    {"what nobody wants is counted but not logged", unwanted_is_silent},
    {"a full log counts what it lost", full_log_counts},
    {"no byte of the log is state", log_is_not_state},
    {"a dropped packet is shown from its IP header once that is known", drop_shows_the_packet},
    {"endpoints become bytes", endpoints},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
