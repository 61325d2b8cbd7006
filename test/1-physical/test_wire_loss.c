/* SPDX-License-Identifier: MIT */
/* Random loss and bursts, against what the models say of the long run. */
#include "1-physical/wire_chance.h"
#include "1-physical/wire_loss.h"
#include "check.h"

enum { FRAMES = 200000 };
static const struct siphash_key key = {3, 5};

struct run {
    uint32_t lost, bursts; /* a burst: losses in a row */
};

static struct run run_frames(const struct wire_loss *l, struct siphash_key k)
{
    struct run run = {0, 0};
    uint32_t is_bad = 0;
    bool before = false;

    for (uint64_t n = 1; n <= FRAMES; n++) {
        bool lost = wire_loss_meets(l, k, n, &is_bad);

        run.lost += lost;
        run.bursts += lost && !before;
        before = lost;
    }
    return run;
}

static void check_near(uint64_t found, uint64_t expected, uint64_t off)
{
    if (found + off < expected || found > expected + off)
        test_fail(__FILE__, __LINE__, "%llu is not %llu, nor nearer than %llu to it",
                  (unsigned long long)found, (unsigned long long)expected, (unsigned long long)off);
}

static void random_loss_is_each_for_itself(void)
{
    const struct wire_loss l = {.ppm = 100000};
    struct run run = run_frames(&l, key);

    check_equal(wire_loss_share(&l), 100000);
    check_near(run.lost, 20000, 500); /* sigma is 134 */
    check_near(run.bursts, 18000, 500);
}

static void bursts_have_their_length(void)
{
    /* bad for 1/r = 4 frames on average, and then all is lost; p/(p + r) = 1/26 of the time */
    const struct wire_loss l = {.bad_ppm = 1000000, .to_bad_ppm = 10000, .to_good_ppm = 250000};
    struct run run = run_frames(&l, key);

    check_equal(wire_loss_share(&l), 38461);
    check_near(run.lost, 7692, 600);
    check_near((uint64_t)run.lost * 100 / run.bursts, 400, 25);
}

static void each_state_has_its_chance(void)
{
    const struct wire_loss l = {
        .ppm = 10000, .bad_ppm = 500000, .to_bad_ppm = 50000, .to_good_ppm = 200000};

    /* (0.2 * 1 % + 0.05 * 50 %) / 0.25 */
    check_equal(wire_loss_share(&l), 108000);
    check_near(run_frames(&l, key).lost, 21600, 900);
}

/* Gilbert's model with the words of tc-netem: r = 1 - p is the same as random loss of p. */
static void the_default_way_back_makes_it_random(void)
{
    const struct wire_loss l = {.bad_ppm = 1000000, .to_bad_ppm = 100000, .to_good_ppm = 900000};
    struct run run = run_frames(&l, key);

    check_near(run.lost, 20000, 500);
    check_near(run.bursts, 18000, 500);
}

static void a_frame_has_its_luck_by_its_number(void)
{
    const struct wire_loss l = {.ppm = 300000};
    uint32_t is_bad = 0, differ = 0;

    for (uint64_t n = 1; n <= 1000; n++) {
        bool first = wire_loss_meets(&l, key, n, &is_bad);

        check(wire_loss_meets(&l, key, n, &is_bad) == first);
        differ += wire_loss_meets(&l, (struct siphash_key){3, 6}, n, &is_bad) != first;
    }
    check(differ > 300);
}

static void nothing_is_lost_without_chance(void)
{
    const struct wire_loss none = {.bad_ppm = 1000000, .to_good_ppm = 1};
    const struct wire_loss all = {.ppm = 1000000};

    check(!wire_loss_is_set(&none));
    check_equal(run_frames(&none, key).lost, 0);
    check_equal(run_frames(&all, key).lost, FRAMES);
    for (uint64_t n = 0; n < 1000; n++) {
        check(!wire_chance(key, RANDOM_LOSS, n, 0));
        check(wire_chance(key, RANDOM_LOSS, n, WIRE_MILLION));
    }
}

static const struct test tests[] = {
    {"random loss takes its share, each frame for itself", random_loss_is_each_for_itself},
    {"bursts are as long and as many as the model says", bursts_have_their_length},
    {"each state loses with its own chance", each_state_has_its_chance},
    {"a way back of 1 - p is random loss", the_default_way_back_makes_it_random},
    {"a frame has its luck by its number and the wire's key", a_frame_has_its_luck_by_its_number},
    {"chances of none and all are exact", nothing_is_lost_without_chance},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
