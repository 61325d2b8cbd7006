/* SPDX-License-Identifier: MIT */
/* event_ring.h without a lab: order, wrap-around, and losses counted to the last event. */
#include <string.h>

#include "check.h"
#include "lab/event_ring.h"

enum { RING_BYTES = 4096, MOST_FRAME = 1900 };

static struct event_ring ring;
static uint64_t space[RING_BYTES / 8];
static struct {
    struct event_record head;
    struct sockeye_event event;
    uint8_t room[RING_BYTES];
} made;

static void fresh(void)
{
    memset(space, 0xff, sizeof space);
    event_ring_init(&ring, space, sizeof space);
}

/* The n-th event: a frame of `length` bytes that say n, or a change of a link. */
static void add(int64_t n, uint32_t length)
{
    size_t bytes = offsetof(struct sockeye_event, frame) + sizeof(struct event_frame);

    memset(&made, 0, sizeof made);
    made.event.time = n;
    if (length) {
        made.event.kind = EVENT_FRAME_SENT;
        made.event.frame.length = length;
        memset((uint8_t *)&made.event + bytes, (int)n, length);
    } else {
        made.event.kind = EVENT_LINK;
        bytes = offsetof(struct sockeye_event, link) + sizeof(struct event_link);
    }
    made.head.kept = length;
    made.head.bytes = (uint32_t)((sizeof made.head + bytes + length + 7) / 8 * 8);
    event_ring_add(&ring, &made.head);
}

/* Reads all; each must come after the one before, with its own bytes. */
static uint64_t read_all(struct event_reader *reader, int64_t *last)
{
    struct sockeye_event event;
    uint64_t count = 0;

    for (; event_ring_next(&ring, reader, &event); count++) {
        check(event.time > *last);
        *last = event.time;
        if (event.kind != EVENT_FRAME_SENT || !(reader->kinds & EVENT_BYTES))
            continue;
        for (uint32_t i = 0; i < event.frame.length; i++)
            check(event.frame.bytes[i] == (uint8_t)event.time);
    }
    return count;
}

static void cursors_are_their_own(void)
{
    struct event_reader a, b;
    int64_t last_a = 0, last_b = 0;

    fresh();
    add(1, 10);
    event_ring_join(&ring, &a, EVENT_EVERYTHING);
    add(2, 20);
    event_ring_join(&ring, &b, EVENT_EVERYTHING);
    add(3, 0);
    check_equal(read_all(&a, &last_a), 2);
    add(4, 5);
    check(read_all(&a, &last_a) == 1 && last_a == 4);
    check(read_all(&b, &last_b) == 2 && last_b == 4);
    check(read_all(&a, &last_a) == 0 && a.lost == 0 && b.lost == 0);
}

static void masks_are_their_own(void)
{
    struct event_reader frames, links;
    int64_t last = 0;

    fresh();
    event_ring_join(&ring, &frames, 1U << EVENT_FRAME_SENT | EVENT_BYTES);
    event_ring_join(&ring, &links, 1U << EVENT_LINK);
    check_equal(ring.wanted, 1U << EVENT_FRAME_SENT | 1U << EVENT_LINK | EVENT_BYTES);
    for (int i = 1; i <= 9; i++)
        add(i, i % 3 == 0 ? 0 : 7);
    check_equal(read_all(&frames, &last), 6);
    last = 0;
    check_equal(read_all(&links, &last), 3);
    event_ring_leave(&ring, &frames);
    check_equal(ring.wanted, 1U << EVENT_LINK);
    event_ring_leave(&ring, &links);
    check(ring.wanted == 0 && ring.readers == NULL);
}

/* Frames of all lengths and link changes between them; readers of every speed. */
static void losses_are_exact(void)
{
    enum { READERS = 5, EVENTS = 20000 };
    static const uint32_t kinds[READERS] = {EVENT_EVERYTHING, EVENT_EVERYTHING,
                                            1U << EVENT_FRAME_SENT, 1U << EVENT_LINK,
                                            EVENT_EVERYTHING};
    static const int every[READERS] = {1, 7, 100, 3000, EVENTS + 1};
    struct event_reader reader[READERS];
    uint64_t seen[READERS] = {0}, frames = 0, links = 0;
    int64_t last[READERS] = {0};

    fresh();
    for (int r = 0; r < READERS; r++)
        event_ring_join(&ring, &reader[r], kinds[r]);
    for (int i = 1; i <= EVENTS; i++) {
        uint32_t length = (uint32_t)i * 7919 % (MOST_FRAME + 200);

        if (length > MOST_FRAME)
            length = 0;
        add(i, length);
        frames += length > 0;
        links += length == 0;
        for (int r = 0; r < READERS; r++)
            if (i % every[r] == 0)
                seen[r] += read_all(&reader[r], &last[r]);
    }
    for (int r = 0; r < READERS; r++) {
        uint64_t want = r == 2 ? frames : r == 3 ? links : EVENTS;

        seen[r] += read_all(&reader[r], &last[r]);
        check_equal(seen[r] + reader[r].lost, want);
        check((reader[r].lost == 0) == (every[r] == 1));
        check(seen[r] > 0);
    }
}

static void too_large_is_lost(void)
{
    struct event_reader frames, links;
    int64_t last = 0;

    fresh();
    event_ring_join(&ring, &frames, 1U << EVENT_FRAME_SENT);
    event_ring_join(&ring, &links, 1U << EVENT_LINK);
    add(1, 100);
    add(2, RING_BYTES / 2);
    add(3, 100);
    event_ring_lose(&ring, EVENT_LINK, 5);
    check(read_all(&frames, &last) == 2 && last == 3);
    check(frames.lost == 1 && links.lost == 5);
}

static const struct test tests[] = {
    {"each reader has its own cursor and sees what comes after it joined", cursors_are_their_own},
    {"each reader gets the kinds it asked for", masks_are_their_own},
    {"what was read and what was lost is all there was, over many turns", losses_are_exact},
    {"an event that does not fit is lost to those who want it", too_large_is_lost},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
