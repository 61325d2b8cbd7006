/* SPDX-License-Identifier: MIT */
/*
 * The fifth check of the architecture: after events of a lab at work its live memory is scanned. No
 * word of it may point into text, constants, heap or stack of the process, since the arena is
 * opened by other processes and by later ones.
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
#include "transfer.h"

enum { MOST_MAPS = 512 };
#ifdef HAVE_ASAN
#define IS_ASAN 1
#else
#define IS_ASAN 0
#endif

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
    s.lab->lab->node[0]->drops[0] = (uint64_t)(uintptr_t)a_planted_pointer_is_found;
    check_equal(words_outside(s.lab, maps, count), 1);
    s.lab->lab->node[0]->drops[0] = (uint64_t)(uintptr_t) "text";
    check_equal(words_outside(s.lab, maps, count), 1);
    sockeye_close(s.lab);
}

static const struct test tests[] = {
    {"no word of the arena points to code, constants, heap or stack", no_word_points_outside},
    {"a planted pointer is found", a_planted_pointer_is_found},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
