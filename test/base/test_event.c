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
    struct budget budget;
    struct packets packets;
    uint64_t drops[DROP_COUNT];
    uint64_t at; /* how far the log is read */
};

static struct world world;

static void fresh(uint32_t wanted)
{
    memset(&world, 0, sizeof world);
    world.arena = arena_fresh(160 * (uint64_t)MIB);
    world.budget.limit = 10;
    check_equal(event_log_init(&world.log, world.arena), 0);
    memset(world.log.bytes, 0xee, MIB); /* of earlier entries */
    check_equal(packet_pool_init(&world.packets, world.arena, &(struct packet_limits){10, 10, 10}),
                0);
    event_log_begin(&world.log, wanted);
    world.voice =
        (struct voice){.log = &world.log, .drops = world.drops, .host = 3, .wire = EVENT_NOWHERE};
}

static struct packet *packet_of(uint32_t length, int byte)
{
    struct packet *p = packet_get(&world.packets, &world.budget, length);

    check(p != NULL);
    memset(packet_append(p, length), byte, length);
    return p;
}

/* Reads the next event as a reader of `wanted` does. */
static bool next(uint32_t wanted, struct sockeye_event *event)
{
    const struct event_record *record = event_log_next(&world.log, &world.at);

    if (record)
        event_record_read(record, wanted, event);
    return record != NULL;
}

static void come_back(void)
{
    struct sockeye_event *event, got;
    struct packet *p;

    fresh(EVENT_EVERYTHING);
    p = packet_of(13, 0xab);
    p->serial = 7;
    p->mark = MARK_KEEPALIVE;
    p->flags = FRAME_LOST;
    event = event_begin(&world.voice, EVENT_TCP_STATE, 5);
    check(event != NULL);
    event->tcp_state =
        (struct event_tcp_state){.flow = {.serial = 9, .local = {.port = 80}}, .from = 1, .to = 2};
    check(event_begin_frame(&world.voice, EVENT_FRAME_SENT, p, 6) != NULL);
    event = event_begin(&world.voice, EVENT_LINK, 7);
    check(event != NULL);
    event->link.up = 1;
    check(next(EVENT_EVERYTHING, &got));
    check(got.kind == EVENT_TCP_STATE && got.time == 5 && got.host == 3 && got.direction == 0);
    check(got.wire == EVENT_NOWHERE && got.tcp_state.flow.serial == 9 && got.tcp_state.to == 2);
    check(got.tcp_state.flow.local.port == 80);
    check(next(EVENT_EVERYTHING, &got));
    check(got.kind == EVENT_FRAME_SENT && got.frame.length == 13 && got.frame.serial == 7);
    check(got.frame.mark == MARK_KEEPALIVE && got.frame.flags == FRAME_LOST);
    check(memcmp(got.frame.bytes, packet_data(p), 13) == 0);
    check(next(EVENT_EVERYTHING, &got) && got.kind == EVENT_LINK && got.link.up == 1);
    check(!next(EVENT_EVERYTHING, &got));
    event_log_begin(&world.log, EVENT_EVERYTHING);
    world.at = 0;
    check(!next(EVENT_EVERYTHING, &got));
    arena_free(world.arena);
}

static void unwanted_is_silent(void)
{
    struct sockeye_event got;

    fresh(1U << EVENT_DROP);
    check(!event_wanted(&world.voice, EVENT_NOTE) && event_wanted(&world.voice, EVENT_DROP));
    check(event_begin(&world.voice, EVENT_NOTE, 1) == NULL);
    check(event_begin_frame(&world.voice, EVENT_FRAME_SENT, packet_of(10, 1), 1) == NULL);
    check(!next(EVENT_EVERYTHING, &got));
    event_log_begin(&world.log, EVENT_BYTES);
    event_drop(&world.voice, 1, DROP_FCS, NULL);
    check_equal(world.drops[DROP_FCS], 1);
    check_equal(world.log.used, 0);
    arena_free(world.arena);
}

static void bytes_only_for_who_asks(void)
{
    struct packet *p;
    struct sockeye_event got;
    uint64_t used;

    fresh(1U << EVENT_FRAME_SENT);
    p = packet_of(1500, 1);
    check(event_begin_frame(&world.voice, EVENT_FRAME_SENT, p, 1) != NULL);
    used = world.log.used;
    check(used < 100);
    check(next(EVENT_EVERYTHING, &got) && got.frame.length == 1500 && got.frame.bytes == NULL);
    world.log.wanted |= EVENT_BYTES;
    check(event_begin_frame(&world.voice, EVENT_FRAME_SENT, p, 2) != NULL);
    check(world.log.used > used + 1500);
    check(next(1U << EVENT_FRAME_SENT, &got) && got.frame.length == 1500 && !got.frame.bytes);
    arena_free(world.arena);
}

static void full_log_counts(void)
{
    struct packet *p;
    struct sockeye_event got;
    unsigned taken = 0;

    fresh(EVENT_EVERYTHING);
    p = packet_of(65536, 1);
    for (int i = 0; i < 260; i++)
        event_begin_frame(&world.voice, EVENT_FRAME_SENT, p, i);
    while (next(EVENT_EVERYTHING, &got)) {
        check_equal(got.time, taken);
        taken++;
    }
    check_equal(taken, 255);
    check(world.log.lost == 5 && world.log.lost_of[EVENT_FRAME_SENT] == 5);
    check(world.log.used <= EVENT_LOG_BYTES);
    arena_free(world.arena);
}

static void log_is_not_state(void)
{
    uint64_t from, bytes, sum = 0, before = 0;

    fresh(EVENT_EVERYTHING);
    for (uint32_t i = 2; arena_range(world.arena, i, &from, &bytes); i++)
        before += bytes;
    event_drop(&world.voice, 1, DROP_FCS, NULL);
    for (uint32_t i = 2; arena_range(world.arena, i, &from, &bytes); i++)
        sum += bytes;
    check(world.log.used > 0 && sum == before);
    arena_free(world.arena);
}

static void drop_shows_the_packet(void)
{
    struct sockeye_event got;
    struct packet *p;

    fresh(EVENT_EVERYTHING);
    p = packet_of(34, 0xab);
    p->mark = MARK_KEEPALIVE;
    p->serial = 9;
    event_drop(&world.voice, 77, DROP_FCS, p);
    packet_take(p, 14);
    p->network = p->start;
    packet_take(p, 20);
    event_drop(&world.voice, 78, DROP_UDP_HEADER, p);
    event_drop(&world.voice, 79, DROP_NO_MEMORY, NULL);
    check(next(EVENT_EVERYTHING, &got));
    check(got.kind == EVENT_DROP && got.drop.reason == DROP_FCS && got.time == 77);
    check(got.drop.frame.length == 34 && got.drop.frame.bytes[0] == 0xab);
    check(got.drop.frame.mark == MARK_KEEPALIVE && got.drop.frame.serial == 9);
    check(got.drop.frame.flags == 0);
    check(next(EVENT_EVERYTHING, &got));
    check(got.drop.reason == DROP_UDP_HEADER && got.drop.frame.length == 20);
    check(got.drop.frame.flags == FRAME_BARE_IP);
    check(next(EVENT_EVERYTHING, &got));
    check(got.drop.reason == DROP_NO_MEMORY && got.drop.frame.length == 0);
    check(got.drop.frame.bytes == NULL && got.drop.frame.serial == 0);
    check(world.drops[DROP_FCS] == 1 && world.drops[DROP_UDP_HEADER] == 1);
    arena_free(world.arena);
}

static void kinds_have_names(void)
{
    for (unsigned kind = 0; kind < EVENT_KINDS; kind++)
        check(strlen(event_kind_name(kind)) > 2 && strcmp(event_kind_name(kind), "unknown") != 0);
    check(strcmp(event_kind_name(EVENT_KINDS), "unknown") == 0);
}

static const struct test tests[] = {
    {"events come back in order with their facts and frames", come_back},
    {"what nobody wants is counted but not made", unwanted_is_silent},
    {"frames are copied only if somebody wants bytes, and shown to them alone",
     bytes_only_for_who_asks},
    {"a full log counts what it lost, by kind", full_log_counts},
    {"no byte of the log is state", log_is_not_state},
    {"a dropped packet is shown from its IP header once that is known", drop_shows_the_packet},
    {"every kind of event has a name", kinds_have_names},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
