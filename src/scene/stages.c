/* SPDX-License-Identifier: MIT */
/* Values of the stages of a wire. Theory in stages.h. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "scene/stages.h"
#include "scene/value.h"

enum { ALL_PPM = 1000000, CHANCES = 4 };

/* Reads "gemodel" and its chances. @return how many, 0: it is not that */
static unsigned read_bursts(char **words, unsigned count, uint32_t ppm[CHANCES])
{
    if (count < 2 || count > 1 + CHANCES || strcmp(words[0], "gemodel") != 0)
        return 0;
    for (unsigned i = 1; i < count; i++) {
        if (!scene_read_chance(words[i], &ppm[i - 1]))
            return 0;
    }
    return count - 1;
}

bool scene_read_loss(const char *text, struct sockeye_wire_config *config)
{
    uint32_t ppm[CHANCES] = {0, 0, ALL_PPM, 0}; /* p, r, 1-h, 1-k */
    unsigned count = 0, chances;
    char **words = scene_read_words(text, &count);
    bool is_random;

    if (words == NULL)
        return false;
    is_random =
        (count == 1 && scene_read_chance(words[0], &ppm[3])) ||
        (count == 2 && strcmp(words[0], "random") == 0 && scene_read_chance(words[1], &ppm[3]));
    chances = is_random ? CHANCES : read_bursts(words, count, ppm);
    free(words);
    if (chances == 0)
        return false;
    if (chances == 1)
        ppm[1] = ALL_PPM - ppm[0];
    if (ppm[0] > 0 && ppm[1] == 0) /* it would get bad and never good again */
        return false;
    config->loss_to_bad_ppm = ppm[0];
    config->loss_to_good_ppm = is_random ? 0 : ppm[1];
    config->loss_bad_ppm = is_random ? 0 : ppm[2];
    config->loss_ppm = ppm[3];
    return true;
}

bool scene_read_discipline(const char *text, struct sockeye_wire_config *config)
{
    static const char *const names[] = {
        [SOCKEYE_QUEUE_TAIL] = "tail",
        [SOCKEYE_QUEUE_HEAD] = "head",
        [SOCKEYE_QUEUE_CODEL] = "codel",
        [SOCKEYE_QUEUE_FQ_CODEL] = "fq_codel",
    };

    for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], text) != 0)
            continue;
        config->queue_discipline = i;
        config->queue_ecn = i == SOCKEYE_QUEUE_FQ_CODEL;
        config->queue_target_ns = config->queue_interval_ns = 0;
        config->queue_flows = config->queue_quantum = 0;
        return true;
    }
    return false;
}

static bool read_rate(const char *text, struct sockeye_wire_config *config)
{
    return scene_read_rate(text, &config->rate_bits);
}

static bool read_delay(const char *text, struct sockeye_wire_config *config)
{
    return scene_read_duration(text, &config->delay_ns);
}

static bool read_jitter(const char *text, struct sockeye_wire_config *config)
{
    return scene_read_duration(text, &config->jitter_ns);
}

static bool read_reorder(const char *text, struct sockeye_wire_config *config)
{
    return scene_read_chance(text, &config->reorder_ppm);
}

static bool read_reorder_by(const char *text, struct sockeye_wire_config *config)
{
    return scene_read_duration(text, &config->reorder_ns);
}

static bool read_duplicate(const char *text, struct sockeye_wire_config *config)
{
    return scene_read_chance(text, &config->duplicate_ppm);
}

static bool read_corrupt(const char *text, struct sockeye_wire_config *config)
{
    return scene_read_chance(text, &config->corrupt_ppm);
}

static bool read_past_fcs(const char *text, struct sockeye_wire_config *config)
{
    bool value;

    if (!scene_read_bool(text, &value))
        return false;
    config->past_fcs = value;
    return true;
}

static bool read_mtu(const char *text, struct sockeye_wire_config *config)
{
    uint64_t value;

    if (!scene_read_number(text, 65535, &value) || value < 68)
        return false;
    config->mtu = (uint32_t)value;
    return true;
}

static bool read_packets(const char *text, struct sockeye_wire_config *config)
{
    uint64_t value;

    if (!scene_read_number(text, 1000000, &value) || value == 0)
        return false;
    config->queue_packets = (uint32_t)value;
    return true;
}

static bool read_bytes(const char *text, struct sockeye_wire_config *config)
{
    uint64_t value;

    if (!scene_read_bytes(text, &value) || value > UINT32_MAX)
        return false;
    config->queue_bytes = (uint32_t)value;
    return true;
}

static bool is_codel(const struct sockeye_wire_config *config)
{
    return config->queue_discipline == SOCKEYE_QUEUE_CODEL ||
           config->queue_discipline == SOCKEYE_QUEUE_FQ_CODEL;
}

static bool read_target(const char *text, struct sockeye_wire_config *config)
{
    return is_codel(config) && scene_read_duration(text, &config->queue_target_ns);
}

static bool read_interval(const char *text, struct sockeye_wire_config *config)
{
    return is_codel(config) && scene_read_duration(text, &config->queue_interval_ns);
}

static bool read_ecn(const char *text, struct sockeye_wire_config *config)
{
    bool value;

    if (!is_codel(config) || !scene_read_bool(text, &value))
        return false;
    config->queue_ecn = value;
    return true;
}

static bool read_flows(const char *text, struct sockeye_wire_config *config)
{
    uint64_t value;

    if (config->queue_discipline != SOCKEYE_QUEUE_FQ_CODEL ||
        !scene_read_number(text, 1024, &value) || value == 0)
        return false;
    config->queue_flows = (uint32_t)value;
    return true;
}

static bool read_quantum(const char *text, struct sockeye_wire_config *config)
{
    uint64_t value;

    if (config->queue_discipline != SOCKEYE_QUEUE_FQ_CODEL || !scene_read_bytes(text, &value) ||
        value < 256 || value > UINT16_MAX)
        return false;
    config->queue_quantum = (uint32_t)value;
    return true;
}

static const char a_time[] = "a time such as 250us, 1.5ms, 2s, 5min or 1h";
static const char a_chance[] = "a chance such as 5%, 0.1% or 250ppm";

#define AT(member) offsetof(struct scene_faults, member), 0
#define IN_QUEUE(member) offsetof(struct scene_faults, queue), offsetof(struct scene_queue, member)
static const struct {
    const char *name;
    bool (*read)(const char *text, struct sockeye_wire_config *config);
    const char *expected;
    size_t at, in_queue; /* where its text stands; of a queue, by a pointer */
} stages[] = {
    {"rate", read_rate, "a rate such as 64kbit, 100Mbit, 1Gbit or unlimited", AT(rate)},
    {"delay", read_delay, a_time, AT(delay)},
    {"jitter", read_jitter, a_time, AT(jitter)},
    {"loss", scene_read_loss,
     "a chance such as 5%, 0.1% or 250ppm, nor bursts such as gemodel 1% 25%", AT(loss)},
    {"reorder", read_reorder, a_chance, AT(reorder)},
    {"reorder_by", read_reorder_by, a_time, AT(reorder_by)},
    {"duplicate", read_duplicate, a_chance, AT(duplicate)},
    {"corrupt", read_corrupt, a_chance, AT(corrupt)},
    {"past_fcs", read_past_fcs, "true or false", AT(past_fcs)},
    {"mtu", read_mtu, "a whole number from 68 to 65535", AT(mtu)},
    {"queue", scene_read_discipline, "one of tail, head, codel, fq_codel", IN_QUEUE(discipline)},
    {"queue.packets", read_packets, "a whole number from 1 to 1000000", IN_QUEUE(packets)},
    {"queue.bytes", read_bytes, "a size such as 1500, 64KiB or 10MB", IN_QUEUE(bytes)},
    {"queue.target", read_target, "a time such as 5ms, of a queue of codel or fq_codel",
     IN_QUEUE(target)},
    {"queue.interval", read_interval, "a time such as 100ms, of a queue of codel or fq_codel",
     IN_QUEUE(interval)},
    {"queue.flows", read_flows, "1 to 1024, of a queue of fq_codel", IN_QUEUE(flows)},
    {"queue.quantum", read_quantum, "256 to 65535 bytes, of a queue of fq_codel",
     IN_QUEUE(quantum)},
    {"queue.ecn", read_ecn, "true or false, of a queue of codel or fq_codel", IN_QUEUE(ecn)},
};

bool scene_stage_set(const char *name, const char *text, struct sockeye_wire_config *config,
                     const char **expected)
{
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        if (strcmp(stages[i].name, name) != 0)
            continue;
        *expected = stages[i].expected;
        return stages[i].read(text, config);
    }
    *expected = NULL;
    return false;
}

unsigned scene_stage_count(void)
{
    return sizeof stages / sizeof *stages;
}

const char *scene_stage_text(const struct scene_faults *faults, unsigned i, const char **name)
{
    bool is_queue = strncmp(stages[i].name, "queue", 5) == 0;
    const char *const *text;

    *name = stages[i].name;
    if (is_queue && faults->queue == NULL)
        return NULL;
    text = is_queue ? (const void *)((const char *)faults->queue + stages[i].in_queue)
                    : (const void *)((const char *)faults + stages[i].at);
    return *text;
}
