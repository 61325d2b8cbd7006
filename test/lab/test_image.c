/* SPDX-License-Identifier: MIT */
/*
 * A lab is bytes. At 100 random events of a bulk transfer over a bad wire an image is taken; a new
 * process (this program, executed again, so that everything lies elsewhere) loads it and goes on to
 * the end. All that happens from there on must be what happens here. And no word of the live memory
 * may look like an address of the program, its libraries, heap or stack.
 */
#include "scenario.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "check.h"

enum { IMAGES = 100, MOST_EVENTS = 1000000, MOST_MAPS = 512 };

#ifdef HAVE_ASAN
#define IS_ASAN true
#else
#define IS_ASAN false
#endif

static const char *self;

/* All that is seen from here on, in one number. */
struct digest {
    uint64_t hash, events;
};

static void digest_event(void *context, const struct sockeye_event *event)
{
    struct digest *d = context;
    struct siphash_key key = {d->hash, event->kind};
    uint64_t facts[] = {
        (uint64_t)event->time, event->reason,    event->flags,  event->mark,   event->host,
        event->wire,           event->direction, event->serial, event->length, 0};

    for (int i = 0; i < 6; i++)
        facts[9] = facts[9] * 31 + (uint64_t)event->value[i];
    key.k0 = siphash_words(key, facts, sizeof facts / sizeof *facts);
    d->hash = siphash(key, event->frame, event->length);
    d->events++;
}

static void transfer_open(struct scenario *s, uint64_t seed)
{
    const struct sockeye_wire_config wire = {.rate_bits = 50000000,
                                             .delay_ns = 2000000,
                                             .loss_ppm = 50000,
                                             .reorder_ppm = 50000,
                                             .duplicate_ppm = 20000,
                                             .corrupt_ppm = 10000};
    struct sockeye_config config = {
        .seed = seed, .hosts = 2, .wires = 1, .sockets = 64, .buffer_bytes = 16 << 20};

    memset(s, 0, sizeof *s);
    s->seed = seed;
    check(sockeye_open(&config, &s->lab) == 0);
    scenario_hosts(s, &wire, NULL);
    scenario_flow_open(s, 0, 300000, 50000);
    scenario_flow_open(s, 1, 100000, 1000);
    scenario_datagrams_open(s, 100);
}

/* Runs to the end, or to an event. */
static void transfer_run(struct scenario *s, uint64_t until_step)
{
    for (int i = 0; i < MOST_EVENTS && !scenario_done(s) && s->problem == 0; i++) {
        if (s->lab->lab->steps >= until_step)
            return;
        if (!scenario_step(s, SOCKEYE_NEVER - 1))
            return;
    }
}

/* What the new process says at its end. */
struct outcome {
    uint64_t hash, events, state, done;
};

static void outcome_of(struct scenario *s, const struct digest *d, struct outcome *o)
{
    o->hash = d->hash;
    o->events = d->events;
    o->state = sockeye_hash(s->lab);
    o->done = scenario_done(s) && s->problem == 0;
}

/* Child: image and driver from `in`, outcome to `out`. */
static int resume(int in, int out)
{
    struct scenario s;
    struct digest d = {0, 0};
    struct outcome o;

    if (file_read(in, &s, sizeof s) < 0 || sockeye_load(in, &s.lab) < 0)
        return 1;
    (void)sockeye_observe(s.lab, digest_event, &d);
    transfer_run(&s, UINT64_MAX);
    outcome_of(&s, &d, &o);
    sockeye_close(s.lab);
    return file_write(out, &o, sizeof o) < 0;
}

static void resume_elsewhere(const struct scenario *s, struct outcome *o)
{
    int in = memfd_create("image", 0), out = memfd_create("outcome", 0), status;
    char in_text[16], out_text[16];
    pid_t child;

    check(in >= 0 && out >= 0);
    check(file_write(in, s, sizeof *s) == 0 && sockeye_save(s->lab, in) == 0);
    check(lseek(in, 0, SEEK_SET) == 0);
    snprintf(in_text, sizeof in_text, "%d", in);
    snprintf(out_text, sizeof out_text, "%d", out);
    child = fork();
    if (child == 0) {
        execl(self, self, "resume", in_text, out_text, (char *)NULL);
        _exit(127);
    }
    check(child > 0 && waitpid(child, &status, 0) == child);
    check_equal(status, 0);
    check(lseek(out, 0, SEEK_SET) == 0 && file_read(out, o, sizeof *o) == 0);
    close(in);
    close(out);
}

static void restored_goes_on_alike(void)
{
    struct scenario s;
    struct digest d = {0, 0};
    struct outcome here, there;
    uint64_t events;

    transfer_open(&s, 1);
    transfer_run(&s, UINT64_MAX);
    check(scenario_done(&s));
    events = s.lab->lab->steps;
    sockeye_close(s.lab);
    for (uint64_t i = 0; i < IMAGES; i++) {
        struct siphash_key key = {i, 77};

        transfer_open(&s, 1);
        transfer_run(&s, random_below(random_draw(key, RANDOM_KEY, i), events));
        resume_elsewhere(&s, &there);
        d.hash = d.events = 0;
        check(sockeye_observe(s.lab, digest_event, &d) >= 0);
        transfer_run(&s, UINT64_MAX);
        outcome_of(&s, &d, &here);
        sockeye_close(s.lab);
        check(here.done && there.done);
        check_equal(there.events, here.events);
        check_equal(there.hash, here.hash);
        check_equal(there.state, here.state);
    }
}

struct map {
    uint64_t from, to;
};

/* Everything of this process but the arena; under ASan only what has a name, since its shadow lies
 * everywhere. */
static int maps_read(struct map maps[MOST_MAPS], const struct sockeye *lab)
{
    FILE *file = fopen("/proc/self/maps", "r");
    char line[512], name[256];
    unsigned long long from, to;
    int count = 0;

    check(file != NULL);
    while (fgets(line, sizeof line, file)) {
        int fields = sscanf(line, "%llx-%llx %*s %*s %*s %*s %255s", &from, &to, name);

        if (fields < (IS_ASAN ? 3 : 2))
            continue;
        if (from == (uint64_t)(uintptr_t)lab->map.address || from < UINT64_C(1) << 32)
            continue;
        check(count < MOST_MAPS);
        maps[count].from = from;
        maps[count++].to = to;
    }
    fclose(file);
    return count;
}

static int words_outside(const struct sockeye *lab, const struct map *maps, int count)
{
    struct arena *a = lab->lab->arena;
    uint64_t from, bytes;
    int found = 0;

    arena_unpoison(a);
    for (uint32_t i = 0; arena_range(a, i, &from, &bytes); i++) {
        const uint64_t *word = (const uint64_t *)(const void *)((const uint8_t *)a + from);

        for (uint64_t k = 0; k < bytes / 8; k++)
            for (int m = 0; m < count; m++)
                if (word[k] >= maps[m].from && word[k] < maps[m].to) {
                    printf("# range %u, word %llu: %llx\n", i, (unsigned long long)k,
                           (unsigned long long)word[k]);
                    found++;
                }
    }
    arena_repoison(a);
    return found;
}

static void no_word_points_outside(void)
{
    struct map maps[MOST_MAPS];
    struct scenario s;
    int count;

    transfer_open(&s, 2);
    for (uint64_t step = 100; step < 3000; step += 500) {
        transfer_run(&s, step);
        count = maps_read(maps, s.lab);
        check(count > 3);
        check_equal(words_outside(s.lab, maps, count), 0);
    }
    sockeye_close(s.lab);
}

/* The scan itself sees what it looks for. */
static void a_planted_pointer_is_found(void)
{
    struct map maps[MOST_MAPS];
    struct scenario s;
    int count;

    transfer_open(&s, 2);
    transfer_run(&s, 50);
    count = maps_read(maps, s.lab);
    s.lab->lab->host[0]->drops[0] = (uint64_t)(uintptr_t)a_planted_pointer_is_found;
    check_equal(words_outside(s.lab, maps, count), 1);
    s.lab->lab->host[0]->drops[0] = (uint64_t)(uintptr_t) "text";
    check_equal(words_outside(s.lab, maps, count), 1);
    sockeye_close(s.lab);
}

static int image_of(struct scenario *s)
{
    int fd = memfd_create("image", 0);

    check(fd >= 0 && sockeye_save(s->lab, fd) == 0);
    return fd;
}

static void a_damaged_image_is_refused(void)
{
    struct sockeye *lab = NULL;
    struct scenario s;
    struct stat stat;
    int fd;

    transfer_open(&s, 3);
    transfer_run(&s, 500);
    fd = image_of(&s);
    check(fstat(fd, &stat) == 0);
    check(lseek(fd, 0, SEEK_SET) == 0);
    check_equal(sockeye_load(fd, &lab), -EBUSY);
    sockeye_close(s.lab);
    for (off_t i = 0; i < 200; i++) {
        off_t at = i < 40 ? i : stat.st_size / 200 * i;
        uint8_t byte, other;
        int result;

        check(pread(fd, &byte, 1, at) == 1);
        other = byte ^ 0x20;
        check(pwrite(fd, &other, 1, at) == 1 && lseek(fd, 0, SEEK_SET) == 0);
        result = sockeye_load(fd, &lab);
        check(result == -EINVAL || result == -ESTALE || result == -ENOMEM);
        check(pwrite(fd, &byte, 1, at) == 1);
    }
    for (off_t length = stat.st_size - 1; length > 0; length -= stat.st_size / 50) {
        check(ftruncate(fd, length) == 0 && lseek(fd, 0, SEEK_SET) == 0);
        check_equal(sockeye_load(fd, &lab), -EINVAL);
    }
    close(fd);
}

static void an_image_is_equal_to_its_lab(void)
{
    struct sockeye *lab = NULL;
    struct scenario s;
    uint64_t hash;
    int fd;

    transfer_open(&s, 4);
    transfer_run(&s, 700);
    hash = sockeye_hash(s.lab);
    fd = image_of(&s);
    check(lseek(fd, 0, SEEK_SET) == 0);
    sockeye_close(s.lab);
    check_equal(sockeye_load(fd, &lab), 0);
    check(sockeye_hash(lab) == hash && sockeye_check(lab) == 0);
    sockeye_close(lab);
    close(fd);
}

static const struct test tests[] = {
    {"an image is equal to its lab", an_image_is_equal_to_its_lab},
    {"a lab restored in a new process at any of 100 events goes on alike", restored_goes_on_alike},
    {"no word of the arena points to code, constants, heap or stack", no_word_points_outside},
    {"a planted pointer is found", a_planted_pointer_is_found},
    {"a damaged or shortened image is refused", a_damaged_image_is_refused},
};

int main(int argc, char **argv)
{
    self = "/proc/self/exe";
    if (argc == 4 && strcmp(argv[1], "resume") == 0)
        return resume(atoi(argv[2]), atoi(argv[3]));
    return test_main(tests, sizeof tests / sizeof *tests);
}
