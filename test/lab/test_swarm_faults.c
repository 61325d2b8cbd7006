/* SPDX-License-Identifier: MIT */
/*
 * The swarm under faults that come and go: each seed has a wire that is changed again and again,
 * in each direction for itself (losses, bursts, delays, rates, disciplines of the queue), links
 * that flap, partitions of every action, hosts that stand still; at the end all has healed. What
 * must hold: every stream arrives whole, each byte as it was sent; all invariants after each event;
 * nothing is left. Of every second seed the lab is saved and loaded again with faults in force, of
 * the others the record is replayed and must come to the same state. Then a host crashes: what it
 * knew is gone, and nothing of it is left either.
 *
 *     SEED=17 build/test/lab/test_swarm_faults     one seed
 *     SEEDS=1000 FROM=1 ...                        many
 */
#include "scenario.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"

enum { SEEDS = 60, MOST_EVENTS = 3000000, CHANGES = 40 };
#define SECOND INT64_C(1000000000)
#define MOST_TIME (3 * 3600 * SECOND)
#define QUIET_TIME (1800 * SECOND)

struct faults {
    struct scenario s;
    int partition[4]; /* -1: none */
    bool is_paused[2];
    int64_t next; /* when something changes */
    int left;     /* changes to come; at 0 all heals */
    int record;   /* a file, or -1 */
};

static struct sockeye_wire_config draw_config(struct scenario *s)
{
    static const uint64_t rates[] = {0, 2000000, 20000000, 200000000};
    struct sockeye_wire_config c = {.rate_bits = rates[scenario_draw(s, 4)]};

    c.delay_ns = (int64_t)scenario_draw(s, 50000000);
    c.jitter_ns = scenario_draw(s, 2) ? 0 : (int64_t)scenario_draw(s, 10000000);
    c.loss_ppm = scenario_draw(s, 2) ? 0 : (uint32_t)scenario_draw(s, 100000);
    c.duplicate_ppm = scenario_draw(s, 2) ? 0 : (uint32_t)scenario_draw(s, 50000);
    c.corrupt_ppm = scenario_draw(s, 2) ? 0 : (uint32_t)scenario_draw(s, 20000);
    c.reorder_ppm = scenario_draw(s, 2) ? 0 : (uint32_t)scenario_draw(s, 50000);
    if (scenario_draw(s, 3) == 0) {
        c.loss_bad_ppm = (uint32_t)scenario_draw(s, 1000000);
        c.loss_to_bad_ppm = (uint32_t)scenario_draw(s, 50000);
        c.loss_to_good_ppm = 50000 + (uint32_t)scenario_draw(s, 500000);
    }
    c.queue_packets = 5 + (uint32_t)scenario_draw(s, 100);
    c.queue_discipline = (uint32_t)scenario_draw(s, 4);
    if (c.queue_discipline >= SOCKEYE_QUEUE_CODEL)
        c.queue_ecn = (uint32_t)scenario_draw(s, 2);
    if (c.queue_discipline == SOCKEYE_QUEUE_FQ_CODEL)
        c.queue_flows = 1 + (uint32_t)scenario_draw(s, 30);
    return c;
}

static void change_partition(struct faults *f)
{
    int which = (int)scenario_draw(&f->s, 4);
    /* what resets would end streams, so it is of new connections alone, which are tried again */
    bool resets = scenario_draw(&f->s, 4) == 0;
    uint16_t from = (uint16_t)scenario_draw(&f->s, 2), to = (uint16_t)(1 - from);
    const struct sockeye_partition p = {.from = &from,
                                        .to = &to,
                                        .from_count = 1,
                                        .to_count = 1,
                                        .action = resets ? SOCKEYE_PARTITION_RESET
                                                         : (scenario_draw(&f->s, 2)
                                                                ? SOCKEYE_PARTITION_DROP
                                                                : SOCKEYE_PARTITION_UNREACHABLE),
                                        .new_only = resets};

    if (f->partition[which] >= 0) {
        scenario_expect(&f->s, sockeye_heal(f->s.lab, f->partition[which]) == 0);
        f->partition[which] = -1;
        return;
    }
    f->partition[which] = sockeye_partition(f->s.lab, &p);
    scenario_expect(&f->s, f->partition[which] >= 0);
}

static void change_host(struct faults *f)
{
    int host = (int)scenario_draw(&f->s, 2);
    int result =
        f->is_paused[host] ? sockeye_resume(f->s.lab, host) : sockeye_pause(f->s.lab, host);

    scenario_expect(&f->s, result == 0);
    f->is_paused[host] = !f->is_paused[host];
}

static void change_link(struct faults *f)
{
    int direction = (int)scenario_draw(&f->s, 2);
    bool up = scenario_draw(&f->s, 3) != 0;

    scenario_expect(&f->s,
                    sockeye_wire_link(f->s.lab, 0, direction, up, sockeye_now(f->s.lab)) == 0);
}

static void change(struct faults *f)
{
    struct sockeye_wire_config config;

    switch (scenario_draw(&f->s, 6)) {
    case 0:
        change_partition(f);
        return;
    case 1:
        change_host(f);
        return;
    case 2:
        change_link(f);
        return;
    default:
        config = draw_config(&f->s);
        scenario_expect(
            &f->s, sockeye_wire_change(f->s.lab, 0, (int)scenario_draw(&f->s, 2), &config) == 0);
        return;
    }
}

static void heal(struct faults *f)
{
    static const struct sockeye_wire_config good = {.rate_bits = 10000000, .delay_ns = 1000000};

    for (int i = 0; i < 4; i++)
        if (f->partition[i] >= 0)
            scenario_expect(&f->s, sockeye_heal(f->s.lab, f->partition[i]) == 0);
    for (int i = 0; i < 2; i++) {
        if (f->is_paused[i])
            scenario_expect(&f->s, sockeye_resume(f->s.lab, i) == 0);
        scenario_expect(&f->s, sockeye_wire_change(f->s.lab, 0, i, &good) == 0);
        scenario_expect(&f->s, sockeye_wire_link(f->s.lab, 0, i, true, sockeye_now(f->s.lab)) == 0);
    }
}

/* Through a file and back, in the same place of memory. */
static void save_and_load(struct faults *f)
{
    int file = memfd_create("image", 0);
    uint64_t before = sockeye_hash(f->s.lab);

    scenario_expect(&f->s, file >= 0 && sockeye_save(f->s.lab, file) == 0);
    sockeye_close(f->s.lab);
    check(lseek(file, 0, SEEK_SET) == 0);
    check_equal(sockeye_load(file, &f->s.lab), 0);
    scenario_expect(&f->s, sockeye_hash(f->s.lab) == before);
    scenario_expect(&f->s, sockeye_check(f->s.lab) == 0);
    close(file);
}

static void run(struct faults *f)
{
    for (int i = 0; f->s.problem == 0 && (f->left > 0 || !scenario_done(&f->s)); i++) {
        scenario_expect(&f->s, i < MOST_EVENTS && sockeye_now(f->s.lab) < MOST_TIME);
        if (f->left > 0 && sockeye_now(f->s.lab) >= f->next) {
            f->next = sockeye_now(f->s.lab) + (int64_t)scenario_draw(&f->s, SECOND);
            if (--f->left > 0)
                change(f);
            else
                heal(f);
            if (f->left == CHANGES / 2 && f->record < 0)
                save_and_load(f);
        }
        if (!scenario_step(&f->s, f->left > 0 ? f->next : SOCKEYE_NEVER - 1) && f->left > 0)
            sockeye_advance(f->s.lab, f->next);
    }
    scenario_expect(&f->s, scenario_done(&f->s));
}

/* A crash in the midst of what is left: closed behind it, nothing is there any more. */
static void crash(struct faults *f)
{
    int host = (int)scenario_draw(&f->s, 2);

    scenario_expect(&f->s, sockeye_crash(f->s.lab, host) == 0);
    scenario_expect(&f->s, sockeye_check(f->s.lab) == 0);
    sockeye_advance(f->s.lab, sockeye_now(f->s.lab) + SECOND);
    scenario_expect(&f->s, sockeye_resume(f->s.lab, host) == 0);
    scenario_leave(&f->s);
    for (int i = 0; i < MOST_EVENTS && f->s.problem == 0; i++)
        if (sockeye_step(f->s.lab, sockeye_now(f->s.lab) + QUIET_TIME) == 0)
            break;
    sockeye_advance(f->s.lab, sockeye_now(f->s.lab) + QUIET_TIME);
    scenario_expect(&f->s, sockeye_check(f->s.lab) == 0);
    if (f->s.problem == 0)
        f->s.problem = scenario_leftovers(&f->s);
}

static void replay(struct faults *f)
{
    uint64_t state = sockeye_hash(f->s.lab);
    struct sockeye_replay *replay;
    struct sockeye *lab;
    int result;

    scenario_expect(&f->s, sockeye_record_stop(f->s.lab) == 0);
    sockeye_close(f->s.lab);
    check(lseek(f->record, 0, SEEK_SET) == 0);
    check_equal(sockeye_replay_open(f->record, SOCKEYE_TRUST_NOTHING, &replay, &lab), 0);
    while ((result = sockeye_replay_next(replay)) > 0)
        continue;
    f->s.lab = lab;
    scenario_expect(&f->s, result == 0 && sockeye_hash(lab) == state);
    sockeye_replay_close(replay);
    close(f->record);
}

static int run_seed(uint64_t seed)
{
    const struct sockeye_config config = {
        .seed = seed, .hosts = 2, .wires = 1, .sockets = 64, .buffer_bytes = 64 << 20};
    struct faults f = {.s = {.seed = seed, .check_always = true},
                       .partition = {-1, -1, -1, -1},
                       .left = CHANGES,
                       .record = -1};
    struct sockeye_wire_config forth, back;

    check_equal(sockeye_open(&config, &f.s.lab), 0);
    if (seed % 2) {
        f.record = memfd_create("record", 0);
        scenario_expect(&f.s, sockeye_record(f.s.lab, f.record, UINT64_C(1) << 30) == 0);
    }
    forth = draw_config(&f.s);
    back = draw_config(&f.s);
    scenario_hosts(&f.s, &forth, &back);
    /* as patient as silences are long */
    scenario_expect(&f.s, sockeye_set(f.s.lab, -1, "net.ipv4.tcp_orphan_retries", "15") == 0);
    scenario_expect(&f.s, sockeye_set(f.s.lab, -1, "net.ipv4.tcp_retries2", "15") == 0);
    for (int i = 0; i < 3; i++)
        scenario_flow_open(&f.s, i % 2, scenario_draw(&f.s, 200000), scenario_draw(&f.s, 50000));
    scenario_datagrams_open(&f.s, 50);
    run(&f);
    crash(&f);
    if (f.record >= 0)
        replay(&f);
    else
        sockeye_close(f.s.lab);
    if (f.s.problem)
        printf("# seed %llu failed: line %d\n", (unsigned long long)seed, f.s.problem);
    return f.s.problem;
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void every_seed_heals(void)
{
    uint64_t from = number_from("SEED", number_from("FROM", 1));
    uint64_t count = getenv("SEED") ? 1 : number_from("SEEDS", SEEDS);
    int failed = 0;

    for (uint64_t i = 0; i < count; i++)
        failed += run_seed(from + i) != 0;
    printf("# %llu seeds from %llu, %d failed\n", (unsigned long long)count,
           (unsigned long long)from, failed);
    check_equal(failed, 0);
}

static const struct test tests[] = {
    {"faults come and go, and streams arrive whole; images and records hold them",
     every_seed_heals},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
