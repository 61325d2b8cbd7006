/* SPDX-License-Identifier: MIT */
/*
 * SO_MAX_PACING_RATE, from the program to the wire: how much a stream brings in a time of the lab.
 */
#include "scenario.h"

#include "check.h"

enum { PORT = 80, MSS = 1448, RATE = 1000000, BYTES = 2000000, STEP = 1000000 };

struct stream {
    struct scenario s;
    int sender, receiver; /* on hosts 0 and 1 */
    bool too_fast;
};

static void stream_wait(struct stream *t, int64_t time)
{
    for (int64_t until = sockeye_now(t->s.lab) + time; sockeye_now(t->s.lab) < until;)
        sockeye_advance(t->s.lab, until);
}

/* The limit is the sender's; or the receiver is the one who connects, and the listener has it. */
static void stream_open(struct stream *t, const struct sockeye_wire_config *wire, uint64_t rate,
                        bool accepted)
{
    struct sockeye_config config = {.seed = 9, .hosts = 2, .wires = 1};
    int server = accepted ? 0 : 1, listener, connecting, taken;
    struct sockaddr_in a;

    memset(t, 0, sizeof *t);
    check_equal(sockeye_open(&config, &t->s.lab), 0);
    scenario_hosts(&t->s, wire, NULL);
    listener = scenario_listener(&t->s, server, PORT);
    connecting = sockeye_socket(t->s.lab, 1 - server, AF_INET, SOCK_STREAM, 0);
    check_equal(sockeye_set_option(t->s.lab, 0, accepted ? listener : connecting, SOL_SOCKET,
                                   SO_MAX_PACING_RATE, &rate, sizeof rate),
                0);
    scenario_address(&a, server, PORT);
    check_equal(sockeye_connect(t->s.lab, 1 - server, connecting, &a, sizeof a), -EINPROGRESS);
    stream_wait(t, 5000000000);
    taken = sockeye_accept(t->s.lab, server, listener, NULL, NULL);
    check(taken >= 0);
    t->sender = accepted ? taken : connecting;
    t->receiver = accepted ? connecting : taken;
}

/* Carries the bytes. @return how long it took, in the lab's time */
static int64_t stream_carry(struct stream *t, uint64_t bytes, uint64_t rate)
{
    static uint8_t block[65536];
    int64_t begin = sockeye_now(t->s.lab), now = begin;
    uint64_t sent = 0, received = 0;

    while (received < bytes && now < begin + 60000000000) {
        ssize_t n = 0;

        if (sent < bytes)
            n = sockeye_send(t->s.lab, 0, t->sender, block,
                             bytes - sent < sizeof block ? bytes - sent : sizeof block, 0);
        sent += n > 0 ? (uint64_t)n : 0;
        stream_wait(t, STEP);
        now += STEP;
        do {
            n = sockeye_receive(t->s.lab, 1, t->receiver, block, sizeof block, 0);
            received += n > 0 ? (uint64_t)n : 0;
        } while (n > 0);
        t->too_fast |= received > MSS + (uint64_t)(now - begin) * rate / 1000000000;
    }
    check_equal(received, bytes);
    check_equal(sockeye_check(t->s.lab), 0);
    return now - begin;
}

static void a_stream_keeps_its_rate(void)
{
    static const int64_t delays[] = {0, 1000000, 5000000};

    for (int i = 0; i < 3; i++) {
        const struct sockeye_wire_config wire = {.rate_bits = 100000000, .delay_ns = delays[i]};
        struct stream t;
        int64_t time;

        stream_open(&t, &wire, RATE, false);
        time = stream_carry(&t, BYTES, RATE);
        check(time >= 2000000000 - 2 * STEP && time <= 2000000000 + 4 * delays[i] + 10 * STEP);
        check(!t.too_fast);
        sockeye_close(t.s.lab);
    }
}

/* Retransmissions have their turn in it; it may take longer, but at no time is it faster. */
static void losses_make_it_no_faster(void)
{
    const struct sockeye_wire_config wire = {
        .rate_bits = 100000000, .delay_ns = 2000000, .loss_ppm = 2000};
    struct stream t;
    int64_t time;

    stream_open(&t, &wire, RATE, false);
    time = stream_carry(&t, BYTES, RATE);
    check(time >= 2000000000 - 2 * STEP && time <= 3000000000);
    sockeye_close(t.s.lab);
}

static void the_limit_of_a_listener_is_its_connections(void)
{
    const struct sockeye_wire_config wire = {.rate_bits = 100000000, .delay_ns = 1000000};
    struct stream t;
    int64_t time;

    stream_open(&t, &wire, RATE, true);
    time = stream_carry(&t, BYTES, RATE);
    check(time >= 2000000000 - 2 * STEP && time <= 2000000000 + 20 * STEP);
    check(!t.too_fast);
    sockeye_close(t.s.lab);
}

/* The other way too: from a segment in half an hour to as fast as the wire. */
static void a_limit_may_change(void)
{
    const struct sockeye_wire_config wire = {.rate_bits = 100000000, .delay_ns = 1000000};
    uint64_t slow = 1, none = UINT64_MAX, rate = RATE;
    uint8_t segments[4 * MSS] = {0};
    struct stream t;
    int64_t time;

    stream_open(&t, &wire, slow, false);
    check_equal(sockeye_send(t.s.lab, 0, t.sender, segments, sizeof segments, 0), sizeof segments);
    stream_wait(&t, 60000000000);
    check_equal(sockeye_receive(t.s.lab, 1, t.receiver, segments, sizeof segments, 0), MSS);
    check_equal(sockeye_set_option(t.s.lab, 0, t.sender, SOL_SOCKET, SO_MAX_PACING_RATE, &none,
                                   sizeof none),
                0);
    stream_wait(&t, 10000000);
    check_equal(sockeye_receive(t.s.lab, 1, t.receiver, segments, sizeof segments, 0), 3 * MSS);
    time = stream_carry(&t, BYTES, UINT32_MAX);
    check(time <= 400000000);
    check_equal(sockeye_set_option(t.s.lab, 0, t.sender, SOL_SOCKET, SO_MAX_PACING_RATE, &rate,
                                   sizeof rate),
                0);
    time = stream_carry(&t, BYTES, RATE);
    check(time >= 2000000000 - 2 * STEP && time <= 2000000000 + 20 * STEP);
    sockeye_close(t.s.lab);
}

/* What the old connection sent concerns the new one no more than its numbers do. */
static void a_new_connection_begins_without_the_old_ones_wait(void)
{
    const struct sockeye_wire_config wire = {.rate_bits = 100000000, .delay_ns = 1000000};
    const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    uint64_t slow = 1;
    uint8_t segments[2 * MSS] = {0};
    struct sockaddr_in a;
    struct stream t;
    int listener;

    stream_open(&t, &wire, slow, false);
    check_equal(sockeye_send(t.s.lab, 0, t.sender, segments, sizeof segments, 0), sizeof segments);
    stream_wait(&t, 100000000);
    check_equal(sockeye_connect(t.s.lab, 0, t.sender, &nobody, sizeof nobody), 0);
    listener = scenario_listener(&t.s, 1, PORT + 1);
    scenario_address(&a, 1, PORT + 1);
    check_equal(sockeye_connect(t.s.lab, 0, t.sender, &a, sizeof a), -EINPROGRESS);
    stream_wait(&t, 100000000);
    t.receiver = sockeye_accept(t.s.lab, 1, listener, NULL, NULL);
    check_equal(sockeye_send(t.s.lab, 0, t.sender, segments, 100, 0), 100);
    stream_wait(&t, 100000000);
    check_equal(sockeye_receive(t.s.lab, 1, t.receiver, segments, sizeof segments, 0), 100);
    sockeye_close(t.s.lab);
}

static const struct test tests[] = {
    {"a stream brings what its rate allows, no more and no less", a_stream_keeps_its_rate},
    {"losses make a paced stream no faster", losses_make_it_no_faster},
    {"connections inherit the limit of their listener", the_limit_of_a_listener_is_its_connections},
    {"a limit that is changed counts from then on", a_limit_may_change},
    {"a socket that is connected anew does not wait for what it sent before",
     a_new_connection_begins_without_the_old_ones_wait},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
