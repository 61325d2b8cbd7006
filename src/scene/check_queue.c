/* SPDX-License-Identifier: MIT */
/*
 * Checks the queue of a wire: its limits, its discipline, and the keys that only some disciplines
 * have. Where a direction has a queue of its own, it says only what differs; a discipline said anew
 * begins with its own defaults.
 */
#include <string.h>
#include "scene/check.h"
#include "scene/stages.h"

static void check_bytes(struct scene_check *check, const char *key, const char *text,
                        uint64_t greatest, uint32_t *value)
{
    uint64_t bytes = *value;

    scene_check_bytes(check, key, text, greatest, &bytes);
    *value = (uint32_t)bytes;
}

static void check_discipline(struct scene_check *check, const char *text,
                             struct sockeye_wire_config *config)
{
    if (text == NULL)
        return;
    if (!scene_read_discipline(text, config))
        scene_check_fail(check, "discipline", "\"%s\" is none of tail, head, codel, fq_codel",
                         text);
}

static void refuse(struct scene_check *check, const char *key, const char *text, const char *whose)
{
    if (text != NULL)
        scene_check_fail(check, key, "only %s has it", whose);
}

static void check_codel(struct scene_check *check, const struct scene_queue *queue,
                        struct sockeye_wire_config *config)
{
    bool ecn = config->queue_ecn != 0;

    if (config->queue_discipline != SOCKEYE_QUEUE_CODEL &&
        config->queue_discipline != SOCKEYE_QUEUE_FQ_CODEL) {
        static const char both[] = "discipline: codel or fq_codel";

        refuse(check, "ecn", queue->ecn, both);
        refuse(check, "target", queue->target, both);
        refuse(check, "interval", queue->interval, both);
        return;
    }
    scene_check_bool(check, "ecn", queue->ecn, &ecn);
    config->queue_ecn = ecn;
    scene_check_duration(check, "target", queue->target, &config->queue_target_ns);
    scene_check_duration(check, "interval", queue->interval, &config->queue_interval_ns);
}

void scene_check_queue(struct scene_check *check, const struct scene_queue *queue,
                       struct sockeye_wire_config *config)
{
    size_t before;

    if (queue == NULL)
        return;
    before = scene_check_enter(check, "%squeue", check->length == 0 ? "" : ".");
    scene_check_number(check, "packets", queue->packets, 1, 1000000, &config->queue_packets);
    check_bytes(check, "bytes", queue->bytes, UINT32_MAX, &config->queue_bytes);
    check_discipline(check, queue->discipline, config);
    check_codel(check, queue, config);
    if (config->queue_discipline == SOCKEYE_QUEUE_FQ_CODEL) {
        scene_check_number(check, "flows", queue->flows, 1, 1024, &config->queue_flows);
        check_bytes(check, "quantum", queue->quantum, UINT16_MAX, &config->queue_quantum);
        if (queue->quantum != NULL && config->queue_quantum < 256)
            scene_check_fail(check, "quantum", "\"%s\" is less than 256 bytes", queue->quantum);
    } else {
        refuse(check, "flows", queue->flows, "discipline: fq_codel");
        refuse(check, "quantum", queue->quantum, "discipline: fq_codel");
    }
    scene_check_leave(check, before);
}
