/* SPDX-License-Identifier: MIT */
/*
 * The queue of a router before a slow wire, with a stream through it: how long frames stand in it
 * is measured by their own times, as an observer sees them.
 */
#include <stdlib.h>

#include "sockeye/event.h"
#include "scenario.h"

#include "check.h"

enum { PORT = 80, FRAMES = 1 << 16, RATE = 10000000, DELAY = 10000000, STEP = 1000000 };
#define LASTS (20 * INT64_C(1000000000))
#define BEGINS (5 * INT64_C(1000000000)) /* slow start is over */

struct bed {
    struct scenario s;
    int64_t sent[FRAMES]; /* by serial: when it was handed to the slow wire */
    int64_t stood[FRAMES];
    size_t count;
    uint64_t received, standing, full;
};

static struct bed *bed;

static void on_event(void *context, const struct sockeye_event *e)
{
    (void)context;
    if (e->wire != 1 || e->direction != 0)
        return;
    if (e->kind == EVENT_DROP) {
        bed->standing += e->drop.reason == DROP_WIRE_STANDING;
        bed->full += e->drop.reason == DROP_WIRE_QUEUE_FULL;
    } else if (e->kind == EVENT_FRAME_SENT && e->frame.serial < FRAMES) {
        bed->sent[e->frame.serial] = e->time;
    } else if (e->frame.serial < FRAMES && e->frame.length > 1000 && e->time > BEGINS) {
        int64_t transmission = (int64_t)e->frame.length * 8 * 1000000000 / RATE;

        bed->stood[bed->count++] = e->time - bed->sent[e->frame.serial] - DELAY - transmission;
    }
}

static int by_size(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void open_bed(const struct sockeye_wire_config *slow)
{
    const struct sockeye_wire_config fast = {.rate_bits = 100000000}, back = {.delay_ns = DELAY};
    struct sockeye_config config = {.seed = 3, .hosts = 3, .wires = 2};
    struct sockeye *lab;

    bed = calloc(1, sizeof *bed);
    check(bed != NULL);
    check_equal(sockeye_open(&config, &bed->s.lab), 0);
    lab = bed->s.lab;
    check(sockeye_host(lab, "a") == 0 && sockeye_host(lab, "b") == 1);
    check_equal(sockeye_router(lab, "r"), 2);
    /* windows that are no limit */
    check_equal(sockeye_set(lab, -1, "net.ipv4.tcp_rmem", "4096 4000000 4000000"), 0);
    check_equal(sockeye_set(lab, -1, "net.ipv4.tcp_wmem", "4096 4000000 4000000"), 0);
    check_equal(sockeye_wire(lab, "fast", &fast, NULL), 0);
    check_equal(sockeye_wire(lab, "slow", slow, &back), 1);
    check_equal(sockeye_interface(lab, 0, "eth0", 0, 0, NULL), 1);
    check_equal(sockeye_interface(lab, 2, "eth0", 0, 1, NULL), 1);
    check_equal(sockeye_interface(lab, 2, "eth1", 1, 0, NULL), 2);
    check_equal(sockeye_interface(lab, 1, "eth0", 1, 1, NULL), 1);
    check_equal(sockeye_address(lab, 0, 1, "10.0.1.1/24"), 0);
    check_equal(sockeye_address(lab, 2, 1, "10.0.1.254/24"), 0);
    check_equal(sockeye_address(lab, 2, 2, "10.0.2.254/24"), 0);
    check_equal(sockeye_address(lab, 1, 1, "10.0.2.1/24"), 0);
    check_equal(sockeye_route(lab, 0, "default", "10.0.1.254", 1), 0);
    check_equal(sockeye_route(lab, 1, "default", "10.0.2.254", 1), 0);
    check_equal(sockeye_observe(
                    lab, 1U << EVENT_FRAME_SENT | 1U << EVENT_FRAME_DELIVERED | 1U << EVENT_DROP,
                    on_event, NULL, NULL),
                0);
}

static void carry(void)
{
    static uint8_t block[65536];
    struct sockeye *lab = bed->s.lab;
    int client = sockeye_socket(lab, 0, AF_INET, SOCK_STREAM, 0), server = -1;
    int listener = sockeye_socket(lab, 1, AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a;

    scenario_address(&a, 0, PORT);
    a.sin_addr.s_addr = htonl(0x0a000201);
    check_equal(sockeye_bind(lab, 1, listener, &a, sizeof a), 0);
    check_equal(sockeye_listen(lab, 1, listener, 8), 0);
    check_equal(sockeye_connect(lab, 0, client, &a, sizeof a), -EINPROGRESS);
    for (int64_t now = STEP; now < LASTS; now += STEP) {
        ssize_t n;

        sockeye_advance(lab, now);
        if (server < 0)
            server = sockeye_accept(lab, 1, listener, NULL, NULL);
        while (sockeye_send(lab, 0, client, block, sizeof block, 0) > 0)
            continue;
        while (server >= 0 && (n = sockeye_receive(lab, 1, server, block, sizeof block, 0)) > 0)
            bed->received += (uint64_t)n;
    }
    check_equal(sockeye_check(lab), 0);
}

/* @return how long half of the frames stood at least */
static int64_t median(enum sockeye_queue discipline, uint64_t *received)
{
    const struct sockeye_wire_config slow = {
        .rate_bits = RATE, .delay_ns = DELAY, .queue_discipline = discipline};
    int64_t half;

    open_bed(&slow);
    carry();
    check(bed->count > 1000);
    qsort(bed->stood, bed->count, sizeof *bed->stood, by_size);
    half = bed->stood[bed->count / 2];
    printf("# discipline %d: stood %.1f ms, 99 %% %.1f ms, %llu bytes, %llu dropped, %llu full\n",
           discipline, (double)half / 1e6, (double)bed->stood[bed->count * 99 / 100] / 1e6,
           (unsigned long long)bed->received, (unsigned long long)bed->standing,
           (unsigned long long)bed->full);
    check((bed->standing > 0) == (discipline >= SOCKEYE_QUEUE_CODEL));
    *received = bed->received;
    sockeye_close(bed->s.lab);
    free(bed);
    return half;
}

static void a_standing_queue_shrinks(void)
{
    uint64_t tail, head, codel, flows;
    int64_t stood = median(SOCKEYE_QUEUE_TAIL, &tail);

    check(stood > 100000000); /* a thousand frames are 1.2 s */
    check(median(SOCKEYE_QUEUE_HEAD, &head) > 100000000);
    /* around the target of 5 ms, and the wire as good as full */
    check(median(SOCKEYE_QUEUE_CODEL, &codel) < 15000000);
    check(median(SOCKEYE_QUEUE_FQ_CODEL, &flows) < 15000000);
    check(codel > tail / 10 * 8 && flows > tail / 10 * 8 && head > tail / 10 * 8);
}

static const struct test tests[] = {
    {"RFC 8289 1 CoDel keeps a queue at milliseconds where tail drop lets it stand",
     a_standing_queue_shrinks},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
