/* SPDX-License-Identifier: MIT */
/*
 * The swarm of whole networks: each seed makes LANs behind routers and translators (net.h), with
 * conversations of both families across them (net_talk.h), and mostly faults while they run
 * (net_faults.h). What must hold: every byte that arrives is the one sent, in order; streams arrive
 * whole, or end by an error that a fault explains; all invariants after each event; afterwards each
 * pair that has a way can talk anew; after everything was closed nothing is left. The same seed
 * gives the same state twice, the second time out of an image from the middle; and its record is
 * replayed to that state.
 *
 *     SEED=17 build/test/lab/test_swarm_net      one seed
 *     SEED=17 TRACE=file ...                      and what happened
 *     SEEDS=100000 FROM=1 ...                     many
 */
#include "net_faults.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"

enum {
    SEEDS = 60,
    ACTIONS = 256,
    MOST_EVENTS = 1000000,
    FIRST_PORT = 8000,
    LATER_PORT = 9000,
    FAULTS = 6
};
#define FIRST_TIME (10 * NET_SECOND) /* when everything was begun */
#define MOST_TIME (3 * 3600 * NET_SECOND)
#define QUIET_TIME (1800 * NET_SECOND)
#define RECORD_BYTES (64U << 20)

enum deed { DEED_BEGIN, DEED_DATAGRAM, DEED_FAULT, DEED_HEAL };

struct action {
    int64_t when;
    enum deed deed;
    int object;
};

struct run {
    struct net n;
    struct action action[ACTIONS];
    int actions, next;
    struct net_fault fault[FAULTS];
    uint64_t image_at; /* after so many events the lab goes on from an image; 0: never */
};

/* In order of time; of equal ones the first put is first. */
static void put(struct run *r, int64_t when, enum deed deed, int object)
{
    int i = r->actions;

    if (r->actions == ACTIONS)
        return;
    for (r->actions++; i > 0 && r->action[i - 1].when > when; i--)
        r->action[i] = r->action[i - 1];
    r->action[i].when = when;
    r->action[i].deed = deed;
    r->action[i].object = object;
}

static void act(struct run *r)
{
    const struct action action = r->action[r->next++], *a = &action;

    switch (a->deed) {
    case DEED_BEGIN:
        if (net_runs(&r->n, r->n.talk[a->object].client))
            net_begin(&r->n, &r->n.talk[a->object]);
        else
            put(r, a->when + NET_SECOND, DEED_BEGIN, a->object);
        break;
    case DEED_FAULT:
        net_fault_begin(&r->n, &r->fault[a->object]);
        break;
    case DEED_HEAL:
        net_fault_heal(&r->n, &r->fault[a->object]);
        break;
    case DEED_DATAGRAM:
        net_send_datagram(&r->n, &r->n.talk[a->object]);
        break;
    }
    net_serve_all(&r->n);
}

/* Conversations of which each begins at some time. */
static void draw_talks(struct run *r)
{
    struct net *n = &r->n;
    int wanted = 2 + (int)net_draw(n, NET_TALKS - 1);

    for (int tries = 0; tries < 40 && n->talks < wanted; tries++) {
        int client = (int)net_draw(n, (uint64_t)n->hosts);
        int server = (int)net_draw(n, (uint64_t)n->hosts), i = n->talks;
        struct net_talk *t = &n->talk[i];
        int64_t when = (int64_t)net_draw(n, (uint64_t)FIRST_TIME);

        if (n->host[client].is_auto) /* who finds his address needs some seconds */
            when += FIRST_TIME / 2;
        if (!net_has_way(n, client, server))
            continue;
        net_talk_open(n, t, client, server, FIRST_PORT + i);
        n->talks++;
        put(r, when, DEED_BEGIN, i);
        for (int which = 0; which < 2; which++)
            t->total[which] = t->is_stream && net_draw(n, 4) ? net_draw(n, 60000) : 0;
        for (uint64_t k = t->is_stream ? 0 : 1 + net_draw(n, 30); k > 0; k--)
            put(r, when + (int64_t)net_draw(n, (uint64_t)FIRST_TIME), DEED_DATAGRAM, i);
    }
}

/* In three seeds of four; all is healed some time after everything was begun. */
static void draw_faults(struct run *r)
{
    struct net *n = &r->n;
    int faults = net_draw(n, 4) ? 1 + (int)net_draw(n, FAULTS) : 0;

    n->has_faults = faults > 0;
    for (int i = 0; i < faults; i++) {
        int64_t when = (int64_t)net_draw(n, (uint64_t)FIRST_TIME);

        net_fault_draw(n, &r->fault[i]);
        put(r, when, DEED_FAULT, i);
        put(r, when + (int64_t)net_draw(n, 15 * (uint64_t)NET_SECOND), DEED_HEAL, i);
    }
}

/* The same network, out of its image: the lab from before is gone. */
static void go_on_from_image(struct run *r)
{
    int fd = memfd_create("image", 0);

    r->image_at = 0;
    net_expect(&r->n, fd >= 0 && sockeye_save(r->n.lab, fd) == 0);
    sockeye_close(r->n.lab);
    r->n.lab = NULL;
    if (lseek(fd, 0, SEEK_SET) != 0 || sockeye_load(fd, &r->n.lab) < 0)
        abort();
    close(fd);
}

static bool step(struct run *r, int64_t until)
{
    struct net *n = &r->n;

    if (n->problem || !sockeye_step(n->lab, until))
        return false;
    n->steps++;
    if (n->is_checked)
        net_expect(n, sockeye_check(n->lab) == 0);
    net_serve(n);
    if (n->steps == r->image_at)
        go_on_from_image(r);
    net_expect(n, n->steps < MOST_EVENTS);
    return n->problem == 0;
}

static void run_to(struct run *r, int64_t until)
{
    while (step(r, until))
        continue;
    if (r->n.problem == 0)
        (void)sockeye_advance(r->n.lab, until);
}

/* All actions, and until the streams are at their end. */
static void run_talks(struct run *r)
{
    struct net *n = &r->n;

    while (r->next < r->actions && n->problem == 0) {
        run_to(r, r->action[r->next].when);
        act(r);
    }
    if (n->problem == 0)
        run_to(r, sockeye_now(n->lab) + 5 * NET_SECOND);
    while (!net_is_done(n) && step(r, MOST_TIME))
        continue;
    net_expect(n, net_is_done(n));
    for (int i = 0; i < n->talks; i++)
        net_talk_close(n, &n->talk[i]);
}

/* Every pair that talked can do so anew, whatever was before. */
static void run_again(struct run *r)
{
    struct net *n = &r->n;
    int64_t when = sockeye_now(n->lab) + 60 * NET_SECOND;

    for (int i = 0; i < n->talks && n->problem == 0; i++) {
        struct net_talk *t = &n->talk[i];

        net_talk_open(n, t, t->client, t->server, LATER_PORT + i);
        t->total[0] = t->total[1] = t->is_stream ? 5000 : 0;
        put(r, when, DEED_BEGIN, i);
        for (int k = 0; k < 3 && !t->is_stream; k++)
            put(r, when + k * NET_SECOND, DEED_DATAGRAM, i);
    }
    while (r->next < r->actions && n->problem == 0) {
        run_to(r, r->action[r->next].when);
        act(r);
    }
    if (n->problem == 0)
        run_to(r, sockeye_now(n->lab) + 20 * NET_SECOND);
    net_expect(n, net_is_done(n));
    for (int i = 0; i < n->talks && n->problem == 0; i++) {
        net_expect(n, n->talk[i].is_stream || n->talk[i].answered >= n->talk[i].small);
        net_talk_close(n, &n->talk[i]);
    }
}

/* After long silence: nothing of the talk. */
static int leftovers(const struct run *r)
{
    const struct lab *lab = r->n.lab->lab;

    if (pool_count(lab->pools.conns) || pool_count(lab->pools.halves))
        return __LINE__;
    if (pool_count(lab->pools.udp_ends) || pool_count(lab->pools.inbox))
        return __LINE__;
    if (pool_count(lab->pools.listeners) || pool_count(lab->pools.holes))
        return __LINE__;
    return 0;
}

static void run_all(struct run *r)
{
    struct net *n = &r->n;

    run_talks(r);
    for (int i = 0; i < n->talks && n->problem == 0 && !n->has_faults; i++)
        net_expect(n, n->talk[i].is_stream || n->talk[i].answered >= n->talk[i].small);
    run_again(r);
    if (n->problem == 0)
        run_to(r, sockeye_now(n->lab) + QUIET_TIME);
    net_expect(n, sockeye_check(n->lab) == 0);
    if (n->problem == 0)
        n->problem = leftovers(r);
}

/* @return the state at its end; record: a file for it, or -1 */
static uint64_t run_seed(struct run *r, uint64_t seed, int record, FILE *trace)
{
    const struct sockeye_config config = {
        .seed = seed, .hosts = 16, .wires = NET_WIRES, .sockets = 64, .buffer_bytes = 64 << 20};
    struct sockeye_view *view = NULL;
    uint64_t state;

    r->n.seed = seed;
    if (sockeye_open(&config, &r->n.lab) < 0)
        abort();
    if (record >= 0)
        net_expect(&r->n, sockeye_record(r->n.lab, record, RECORD_BYTES) == 0);
    if (trace)
        net_expect(&r->n, sockeye_view_open(r->n.lab, SOCKEYE_VIEW_TRACE, trace, &view) == 0);
    net_open(&r->n);
    if (r->n.problem == 0)
        draw_talks(r);
    draw_faults(r);
    run_all(r);
    if (record >= 0)
        net_expect(&r->n, sockeye_record_stop(r->n.lab) == 0);
    if (view)
        net_expect(&r->n, sockeye_view_close(view) == 0);
    state = sockeye_hash(r->n.lab);
    sockeye_close(r->n.lab);
    return state;
}

static int replayed(int fd, uint64_t *state)
{
    struct sockeye_replay *replay;
    struct sockeye *lab;
    int result;

    if (lseek(fd, 0, SEEK_SET) != 0 ||
        sockeye_replay_open(fd, SOCKEYE_TRUST_NOTHING, &replay, &lab) < 0)
        abort();
    while ((result = sockeye_replay_next(replay)) > 0)
        continue;
    if (result < 0)
        printf("# replay: %s\n", sockeye_replay_divergence(replay));
    *state = sockeye_hash(lab);
    sockeye_replay_close(replay);
    return result;
}

static bool seed_holds(uint64_t seed)
{
    static struct run first, second;
    const char *path = getenv("TRACE");
    FILE *trace = path ? fopen(path, "w") : NULL;
    int record = memfd_create("record", 0);
    uint64_t state, again = 0, replay = 0;
    const char *wrong = NULL;

    memset(&first, 0, sizeof first);
    memset(&second, 0, sizeof second);
    first.n.is_checked = true;
    state = run_seed(&first, seed, record, trace);
    if (first.n.problem) {
        wrong = "it";
    } else {
        second.image_at = 1 + seed * 7919 % first.n.steps;
        again = run_seed(&second, seed, -1, NULL);
        if (second.n.problem || again != state)
            wrong = "the image from its middle";
        else if (replayed(record, &replay) < 0 || replay != state)
            wrong = "its record";
    }
    if (wrong)
        printf("# seed %llu failed: %s, line %d\n", (unsigned long long)seed, wrong,
               first.n.problem ? first.n.problem : second.n.problem);
    close(record);
    if (trace)
        fclose(trace);
    return wrong == NULL;
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void every_seed_holds(void)
{
    uint64_t from = number_from("SEED", number_from("FROM", 1));
    uint64_t count = getenv("SEED") ? 1 : number_from("SEEDS", SEEDS);
    int failed = 0;

    for (uint64_t i = 0; i < count; i++)
        failed += !seed_holds(from + i);
    printf("# %llu seeds from %llu, %d failed\n", (unsigned long long)count,
           (unsigned long long)from, failed);
    check_equal(failed, 0);
}

static const struct test tests[] = {
    {"across any network streams arrive whole, the same each time, out of an image and a record",
     every_seed_holds},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
