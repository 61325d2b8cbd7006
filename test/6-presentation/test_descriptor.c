/* SPDX-License-Identifier: MIT */
/* The table of descriptors against a plain array, in random order. */
#include "check.h"
#include "fake_host.h"

#include "6-presentation/descriptor.h"

enum { MODEL_LIMIT = 9000 };

static struct descriptor *model[MODEL_LIMIT];

static struct arena *memory_of(uint32_t limit)
{
    uint64_t bytes = sizeof(struct arena) + descriptor_table_bytes(limit) + 4 * ARENA_PAGE_BYTES;
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    check(memory != MAP_FAILED);
    arena_init(memory, bytes, 1);
    return memory;
}

static void give_back(struct arena *arena)
{
    uint64_t bytes = arena->reserved;

    arena_unpoison(arena);
    munmap(arena, bytes);
}

static uint32_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static int lowest_of_model(void)
{
    for (int i = 0; i < MODEL_LIMIT; i++)
        if (!model[i])
            return i;
    return -1;
}

static void random_order(void)
{
    struct arena *arena = memory_of(MODEL_LIMIT);
    struct descriptors ds;
    uint64_t state = 1;
    uint32_t open = 0;

    memset(&ds, 0, sizeof ds);
    memset(model, 0, sizeof model);
    check_equal(descriptor_table_init(&ds, arena, MODEL_LIMIT), 0);
    for (int step = 0; step < 30000; step++) {
        uint32_t at = draw(&state) % MODEL_LIMIT;

        if (draw(&state) % 5 < 3) {
            struct descriptor *d = NULL;
            int free = lowest_of_model(), got = descriptor_add(&ds, &d);

            check_equal(got, free < 0 ? -EMFILE : free + CALL_FIRST);
            if (got >= 0) {
                model[free] = d;
                open++;
            }
        } else if (model[at]) {
            descriptor_remove(&ds, model[at]);
            model[at] = NULL;
            open--;
        }
        check(descriptor_find(&ds, (int)at + CALL_FIRST) == model[at]);
        check_equal(pool_count(ds.pool), open);
        if (step % 1000 == 0)
            check_equal(descriptor_table_check(&ds, 0), 0);
    }
    check_equal(descriptor_table_check(&ds, 0), 0);
    give_back(arena);
}

static void full_house(void)
{
    struct arena *arena = memory_of(CALL_DESCRIPTORS);
    struct descriptors ds;
    struct descriptor *d = NULL;

    memset(&ds, 0, sizeof ds);
    check_equal(descriptor_table_init(&ds, arena, CALL_DESCRIPTORS), 0);
    for (int i = 0; i < CALL_DESCRIPTORS; i++)
        check_equal(descriptor_add(&ds, &d), i + CALL_FIRST);
    check_equal(descriptor_add(&ds, &d), -EMFILE);
    descriptor_remove(&ds, descriptor_find(&ds, 70003));
    check_equal(descriptor_add(&ds, &d), 70003);
    check_equal(descriptor_add(&ds, &d), -EMFILE);
    check_equal(descriptor_next(&ds, CALL_DESCRIPTORS + CALL_FIRST), -1);
    give_back(arena);
}

static void limits(void)
{
    struct arena *arena = memory_of(64);
    struct descriptors ds;
    struct descriptor *d = NULL;

    memset(&ds, 0, sizeof ds);
    check_equal(descriptor_table_init(&ds, arena, 0), -EINVAL);
    check_equal(descriptor_table_init(&ds, arena, CALL_DESCRIPTORS + 1), -EINVAL);
    check_equal(descriptor_table_init(&ds, arena, CALL_DESCRIPTORS), -ENOMEM);
    check_equal(descriptor_table_init(&ds, arena, 1), 0);
    check_equal(descriptor_add(&ds, &d), 3);
    check_equal(descriptor_add(&ds, &d), -EMFILE);
    check(descriptor_find(&ds, 4) == NULL);
    give_back(arena);
}

static const struct test tests[] = {
    {"the lowest free number is found, as in a plain array", random_order},
    {"262,144 descriptors fit and one more does not", full_house},
    {"limits are checked and kept", limits},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
