/* SPDX-License-Identifier: MIT */
/* The deadlines of services: who is due, in which order, and what it costs beside many others. */
#include <string.h>
#include "7-application/service_parts.h"
#include "check.h"

enum { SERVICES = 1000 };

static struct service services[SERVICES];

static void queue_open(struct service_queue *queue, int count)
{
    memset(queue, 0, sizeof *queue);
    memset(services, 0, sizeof services);
    for (int i = 0; i < count; i++)
        check_equal(service_queue_add(queue, &services[i]), 0);
}

static void move(struct service_queue *queue, int number, int64_t deadline)
{
    services[number].deadline = deadline;
    service_queue_moved(queue, &services[number]);
}

/* Against looking at all of them. */
static void the_next_is_the_least(void)
{
    struct service_queue queue;
    uint64_t random = 1;

    queue_open(&queue, SERVICES);
    check_equal(service_queue_next(&queue), NEVER);
    for (int n = 0; n < 20000; n++) {
        int64_t least = NEVER;

        random = random * 6364136223846793005 + 1442695040888963407;
        move(&queue, (int)(random >> 40) % SERVICES,
             random >> 33 & 3 ? (int64_t)(random >> 35 & 0xffff) : NEVER);
        for (int i = 0; n % 100 == 0 && i < SERVICES; i++)
            least = services[i].deadline < least ? services[i].deadline : least;
        if (n % 100 == 0)
            check_equal(service_queue_next(&queue), least);
    }
    service_queue_done(&queue);
}

static void those_due_come_in_order(void)
{
    struct service_queue queue;

    queue_open(&queue, 5);
    move(&queue, 4, 10);
    move(&queue, 3, 20);
    move(&queue, 2, 10);
    move(&queue, 0, 21);
    check_equal(service_queue_take(&queue, 9), 0);
    check_equal(service_queue_take(&queue, 20), 3);
    check_equal(queue.due[0]->number, 2);
    check_equal(queue.due[1]->number, 4);
    check_equal(queue.due[2]->number, 3);
    check_equal(service_queue_next(&queue), 21);
    move(&queue, 3, 20);
    check_equal(service_queue_next(&queue), 20);
    service_queue_done(&queue);
}

static void one_costs_little_beside_many(void)
{
    struct service_queue queue;

    queue_open(&queue, SERVICES);
    for (int i = 0; i < SERVICES; i++)
        move(&queue, i, i);
    queue.steps = 0;
    for (int n = 0; n < SERVICES; n++) {
        check_equal(service_queue_take(&queue, n), 1);
        move(&queue, queue.due[0]->number, SERVICES + n);
    }
    check(queue.steps < (uint64_t)SERVICES * 30);
    service_queue_done(&queue);
}

static const struct test tests[] = {
    {"the next deadline is the least of all", the_next_is_the_least},
    {"services due come by deadline, then as they were added", those_due_come_in_order},
    {"a deadline beside a thousand costs some comparisons", one_costs_little_beside_many},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
