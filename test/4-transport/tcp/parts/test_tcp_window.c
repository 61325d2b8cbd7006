/* SPDX-License-Identifier: MIT */
/* RFC 9293 3.8.6.2 (MUST-38, MUST-39, SHLD-14), 3.7.4, RFC 7323 2. */
#include "4-transport/tcp/parts/tcp_window.h"
#include "base/base_test.h"

enum { MSS = 1460, ROOM = 65535, BASE = 1000000 };

static void scales(void)
{
    check_equal(tcp_window_scale_for(0), 0);
    check_equal(tcp_window_scale_for(65535), 0);
    check_equal(tcp_window_scale_for(65536), 1);
    check_equal(tcp_window_scale_for(131071), 1);
    check_equal(tcp_window_scale_for(3145728), 6);
    check_equal(tcp_window_scale_for(UINT64_C(65535) << 14), 14);
    check_equal(tcp_window_scale_for(UINT64_MAX), 14);
}

static void first_offer(void)
{
    check_equal(tcp_window_offer(BASE, BASE, ROOM, ROOM, MSS, 0), BASE + ROOM);
    check_equal(tcp_window_offer(BASE, BASE, 100000, 100000, MSS, 0), BASE + 65535);
    check_equal(tcp_window_offer(BASE, BASE, 100000, 100000, MSS, 7), BASE + 99968);
}

/* MUST-39: the edge moves by min(room / 2, MSS) or not at all */
static void silly_receiver(void)
{
    tcp_seq adv = BASE + 4000;

    for (uint64_t extra = 0; extra < 3000; extra++) {
        tcp_seq edge = tcp_window_offer(BASE, adv, 4000 + extra, 20000, MSS, 0);

        check_equal(edge, extra < MSS ? adv : adv + extra);
        edge = tcp_window_offer(BASE, adv, 4000 + extra, 8000, 8000, 0);
        check_equal(edge, extra < 4000 && extra != 4000 ? adv : adv + extra);
    }
}

static void an_empty_buffer_is_offered_whole(void)
{
    check_equal(tcp_window_offer(BASE, BASE + 990, 1000, 1000, MSS, 0), BASE + 1000);
}

/* SHLD-14, over random histories of arriving, reading and offering. */
static void never_left(void)
{
    struct seeded random = {5};

    for (int run = 0; run < 300; run++) {
        uint64_t room = 500 + draw_below(&random, 1 << draw_below(&random, 21)), held = 0;
        uint32_t mss = (uint32_t)(88 + draw_below(&random, 3000));
        uint8_t scale = tcp_window_scale_for(room);
        tcp_seq nxt = BASE, adv = tcp_window_offer(nxt, nxt, room, room, mss, scale);

        for (int i = 0; i < 300; i++) {
            uint64_t window = adv - nxt, come = draw_below(&random, window + 1);
            tcp_seq before;

            nxt += come;
            held += come;
            held -= draw_below(&random, held + 1);
            before = adv;
            adv = tcp_window_offer(nxt, adv, room > held ? room - held : 0, room, mss, scale);
            check(adv >= before && adv >= nxt);
            check(adv <= nxt + ((uint64_t)65535 << scale) || adv == before);
            check(adv == before || adv <= nxt + room - held);
            check(adv == before || (adv - nxt) % (1u << scale) == 0);
        }
    }
}

static void on_the_wire(void)
{
    struct seeded random = {21};

    check_equal(tcp_window_wire(65536, 65536, 7), 512);
    check_equal(tcp_window_wire(65535, 65536, 7), 512);
    check_equal(tcp_window_wire(65535, 65408, 7), 511); /* 65536 would be a whole unit too much */
    check_equal(tcp_window_wire(65535, 65409, 7), 512);
    check_equal(tcp_window_wire(70000, 70000, 0), 65535);
    check_equal(tcp_window_wire(100, 0, 0), 100); /* what was promised unscaled stays */
    for (int i = 0; i < 100000; i++) {
        uint8_t scale = (uint8_t)draw_below(&random, 15);
        uint64_t unit = UINT64_C(1) << scale, offered = draw_below(&random, 60000 * unit);
        uint64_t free = draw_below(&random, 60000 * unit);
        uint64_t wire = tcp_window_wire(offered, free, scale) << scale;

        check(wire + unit > offered && wire < offered + unit);
        check(wire < free + unit || wire <= offered);
    }
}

static void updates(void)
{
    /* closed, then the program reads */
    check(!tcp_window_update_due(BASE, BASE, 0, ROOM, MSS));
    check(!tcp_window_update_due(BASE, BASE, 2 * MSS - 1, ROOM, MSS));
    check(tcp_window_update_due(BASE, BASE, 2 * MSS, ROOM, MSS));
    check(tcp_window_update_due(BASE, BASE, 500, 1000, MSS)); /* half a small buffer */
    /* a window that is wide open already is not worth an ACK */
    check(!tcp_window_update_due(BASE, BASE + 40000, 50000, ROOM, MSS));
    check(tcp_window_update_due(BASE, BASE + 20000, 50000, ROOM, MSS));
    check(!tcp_window_update_due(BASE, BASE + 5000, 4000, ROOM, MSS));
}

struct ask_case {
    struct tcp_window_question q;
    enum tcp_window_verdict verdict;
    uint32_t length;
};

static void ask_all(const struct ask_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t length = 77;

        check_equal(tcp_window_ask(&cases[i].q, &length), cases[i].verdict);
        check_equal(length, cases[i].length);
    }
}

#define Q(have_, usable_, ...)                                                                     \
    {                                                                                              \
        .have = have_, .usable = usable_, .wnd_max = 60000, .smss = MSS, __VA_ARGS__               \
    }

/* MUST-38 */
static void silly_sender(void)
{
    static const struct ask_case cases[] = {
        {Q(5000, 5000, .no_delay = true), WINDOW_SEND, MSS}, /* (1) */
        {Q(5000, MSS, .last = false), WINDOW_SEND, MSS},
        {Q(5000, MSS - 1, .last = false), WINDOW_WAIT_ROOM, 0},
        {Q(5000, MSS - 1, .no_delay = true), WINDOW_WAIT_ROOM, 0},
        {Q(5000, 0, .last = false), WINDOW_WAIT_ROOM, 0},
        {Q(0, 5000, .last = false), WINDOW_WAIT_ROOM, 0},
        {Q(100, 5000, .last = false), WINDOW_SEND, 100}, /* (2) */
        {Q(100, 99, .last = false), WINDOW_WAIT_ROOM, 0},
        {{.have = 5000, .usable = 500, .wnd_max = 1000, .smss = MSS}, WINDOW_SEND, 500}, /* (3) */
        {{.have = 5000, .usable = 499, .wnd_max = 1000, .smss = MSS}, WINDOW_WAIT_ROOM, 0},
    };

    ask_all(cases, sizeof cases / sizeof *cases);
}

static void nagle(void)
{
    static const struct ask_case cases[] = {
        {Q(1, 5000, .last = false), WINDOW_SEND, 1},
        {Q(1, 5000, .partial_unacked = true), WINDOW_WAIT_ACK, 0},
        {Q(1, 5000, .partial_unacked = true, .no_delay = true), WINDOW_SEND, 1}, /* MUST-17 */
        {Q(MSS, 5000, .partial_unacked = true), WINDOW_SEND, MSS},
        {Q(1, 5000, .partial_unacked = true, .last = true), WINDOW_SEND, 1},
    };

    ask_all(cases, sizeof cases / sizeof *cases);
}

static void cork(void)
{
    static const struct ask_case cases[] = {
        {Q(1, 5000, .corked = true), WINDOW_WAIT_MORE, 0},
        {Q(MSS, 5000, .corked = true), WINDOW_SEND, MSS},
        {Q(MSS + 1, 5000, .corked = true), WINDOW_SEND, MSS},
        {Q(1, 5000, .corked = true, .last = true), WINDOW_SEND, 1},
        {Q(1, 5000, .corked = true, .no_delay = true), WINDOW_WAIT_MORE, 0},
    };

    ask_all(cases, sizeof cases / sizeof *cases);
}

static void answers_are_in_bounds(void)
{
    struct seeded random = {9};

    for (int i = 0; i < 200000; i++) {
        struct tcp_window_question q = {.have = draw_below(&random, 4000),
                                        .usable = draw_below(&random, 4000),
                                        .wnd_max = draw_below(&random, 4000),
                                        .smss = (uint32_t)(1 + draw_below(&random, 2000)),
                                        .no_delay = draw(&random) & 1,
                                        .corked = draw(&random) & 1,
                                        .partial_unacked = draw(&random) & 1,
                                        .last = draw(&random) & 1};
        uint32_t length = 0;
        enum tcp_window_verdict verdict = tcp_window_ask(&q, &length);

        check((verdict == WINDOW_SEND) == (length != 0));
        check(length <= q.have && length <= q.usable && length <= q.smss);
    }
}

static const struct test tests[] = {
    {"the scale is the least that can say the buffer, 14 at most (RFC 7323 2.3)", scales},
    {"the first offer is the room, as far as it can be said", first_offer},
    {"the edge moves by a segment or half the room (MUST-39)", silly_receiver},
    {"an empty buffer is offered whole", an_empty_buffer_is_offered_whole},
    {"the edge never moves left, and never promises what is not there (SHLD-14)", never_left},
    {"the field is rounded up, but by less than a unit beyond the room (RFC 7323 2.4)",
     on_the_wire},
    {"an update is due when the window doubled by two segments or half the room", updates},
    {"the sender waits for a segment's room, or half the largest window (MUST-38)", silly_sender},
    {"a partial segment waits for a partial one (Nagle, Minshall; MUST-17)", nagle},
    {"a cork holds partial segments", cork},
    {"answers are in bounds", answers_are_in_bounds},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
