/* SPDX-License-Identifier: MIT */
/* Values of the stages of a wire. Theory in stages.h. */
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
