/* SPDX-License-Identifier: MIT */
/*
 * One host, two programs: what one of them does to its own sockets, or lets slow strangers do to
 * it, costs the other nothing. The other is the echo service that the friend talks to; its time and
 * bytes are measured without and with the hostile one, and must agree within a tenth (S-05, T-20).
 *
 * The buffers of a host are shared by its programs (struct sockeye_config, buffer_bytes), so it has
 * here what it has by default. What is taken at one host is taken from no other: test_flood.c.
 */
#include "vuln_bed.h"

enum { TALKS = 40, SOCKETS = 200, SLOW = 150, SHARE = 10 };

static int listener;

static void begin(void)
{
    const struct sockeye_config config = {.seed = 4711, .hosts = 2, .wires = 2};

    bed_open_with(SOCKEYE_DOOR_IP, &config);
    listener = bed_listener(PORT, SLOW + 10);
    bed_flush();
}

static int compare(const void *left, const void *right)
{
    int64_t a, b;

    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return (a > b) - (a < b);
}

/* Many talks, with what is hostile going on between them. @return the 99th of 100 in time: of 40
 * the last but none, so the longest */
static int64_t slowest_talk(void (*meanwhile)(int step))
{
    int64_t took[TALKS];

    for (int i = 0; i < TALKS; i++) {
        meanwhile(i);
        took[i] = bed_friend_talks();
        bed_flush();
    }
    qsort(took, TALKS, sizeof *took, compare);
    return took[TALKS - 1];
}

static void nothing(int step)
{
    (void)step;
}

static void check_share(int64_t alone, int64_t beside)
{
    if (beside > alone + alone / SHARE)
        test_fail(__FILE__, __LINE__, "%lld us instead of %lld", (long long)beside / 1000,
                  (long long)alone / 1000);
}

/* ---- a hostile program ---- */

static int own[SOCKETS];

/* Opens sockets, asks each for the most of everything, and fills what it can fill: towards a peer
 * that does not exist, towards itself without reading, and to all the world. */
static void grab(int step)
{
    static uint8_t bytes[60000];
    const int most = INT32_MAX, on = 1;
    struct sockaddr_in nobody = bed_name(ATTACKER_IP, 9), self = bed_name(VICTIM_IP, PORT);

    for (int i = step; i < SOCKETS; i += TALKS / 4) {
        int kind = i % 2 ? SOCK_STREAM : SOCK_DGRAM;
        struct sockaddr_in to = i % 4 < 2 ? nobody : self;

        if (own[i] > 0)
            (void)sockeye_close_fd(bed.lab, VICTIM, own[i]);
        own[i] = sockeye_socket(bed.lab, VICTIM, AF_INET, kind, 0);
        if (own[i] < 0)
            continue;
        (void)sockeye_set_option(bed.lab, VICTIM, own[i], SOL_SOCKET, SO_SNDBUF, &most, 4);
        (void)sockeye_set_option(bed.lab, VICTIM, own[i], SOL_SOCKET, SO_RCVBUF, &most, 4);
        (void)sockeye_set_option(bed.lab, VICTIM, own[i], SOL_SOCKET, SO_BROADCAST, &on, 4);
        (void)sockeye_connect(bed.lab, VICTIM, own[i], &to, sizeof to);
    }
    bed_advance(BED_MS);
    for (int i = 0; i < SOCKETS; i++)
        for (int n = 0; own[i] > 0 && n < 20; n++)
            if (sockeye_send(bed.lab, VICTIM, own[i], bytes, sizeof bytes, 0) < 0)
                break;
}

static void a_program_that_takes_all(void)
{
    int64_t alone, beside;

    begin();
    alone = slowest_talk(nothing);
    begin();
    memset(own, 0, sizeof own);
    beside = slowest_talk(grab);
    check_share(alone, beside);
    check(bed_friend_connects(BED_SECOND) >= 0);
    for (int i = 0; i < SOCKETS; i++)
        if (own[i] > 0)
            bed_close(own[i]);
    bed_advance(300 * BED_SECOND);
    bed_flush();
    check_share(alone, bed_friend_talks());
}

/* ---- slow strangers ---- */

static struct peer slow[SLOW];

/* Each has its connection accepted, and gives and takes a byte in ten seconds. */
static void be_slow(int step)
{
    static const uint8_t answer[8000];

    for (uint32_t i = 0; step == 0 && i < SLOW; i++) {
        slow[i] = (struct peer){.address = ATTACKER_IP + i % 8, .port = 20000 + i, .window = 1};
        peer_open(&slow[i], listener);
    }
    for (uint32_t i = 0; i < SLOW; i++) {
        if (step == 0)
            (void)sockeye_send(bed.lab, VICTIM, slow[i].fd, answer, sizeof answer, 0);
        peer_send(&slow[i], ACK | PSH, "x", 1);
    }
    bed_flush();
    bed_advance(10 * BED_SECOND);
}

static void slow_readers_and_writers(void)
{
    int64_t alone, beside;
    uint64_t before, slots;

    begin();
    alone = slowest_talk(nothing);
    begin();
    before = bed_slots();
    beside = slowest_talk(be_slow);
    check_share(alone, beside);
    check(bed_friend_connects(BED_SECOND) >= 0);
    /* A slow one holds its socket, its bytes and some timers, however long it stays. */
    slots = bed_slots() - before;
    check(slots < (uint64_t)SLOW * 40);
    be_slow(1);
    check(bed_slots() - before < slots + SLOW);
    for (uint32_t i = 0; i < SLOW; i++)
        if (slow[i].fd >= 0)
            peer_reset(&slow[i]);
    check_share(alone, bed_friend_talks());
}

static const struct test tests[] = {
    {"S-05 a program that takes all it can costs another nothing", a_program_that_takes_all},
    {"T-20 S-05 slow readers and writers of one program cost another nothing",
     slow_readers_and_writers},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
