/* SPDX-License-Identifier: MIT */
/*
 * The deadlines of a lab's services: a heap that holds every service, so the next is known at once,
 * and a service that is touched costs the logarithm of their number. Of equal deadlines the service
 * that was added first comes first.
 *
 * A handler sets service->deadline as it likes; who called it says so by service_queue_moved.
 */
#pragma once
#include <stdint.h>

struct service;

struct service_queue {
    struct service **heap;
    struct service **due; /* those of one moment */
    int count;
    uint64_t steps; /* services compared: what the tests count */
};

/* A service without a deadline. @return 0 or -ENOMEM */
int service_queue_add(struct service_queue *queue, struct service *service);
void service_queue_done(struct service_queue *queue);
void service_queue_moved(struct service_queue *queue, struct service *service);
int64_t service_queue_next(const struct service_queue *queue); /* NEVER: none */
/* Takes those whose deadline has come, to queue->due, in order; each is to be told moved again.
 * @return how many */
int service_queue_take(struct service_queue *queue, int64_t now);
