/* SPDX-License-Identifier: MIT */
/*
 * The faults of a lab that runs: what its wires and hosts suffer now, and who says so. Three say
 * it: the lab file of each wire, who changes it by hand (sockeye set), and the faults in force.
 * What a direction of a wire does is all of these put together in this order: the file, what was
 * set, the faults in force in the order of the file, each saying only what it has a key for. So
 * faults combine, and the end of one restores what the others say, however they overlap.
 *
 * Every change is an input of the lab, so records and replays have it.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "scene/scene.h"

struct scene_weather_wire {
    struct sockeye_wire_config base[2], now[2]; /* by the file and by hand; with all faults */
    bool is_down[2], was_down[2];               /* by hand; as the lab was told last */
};

struct scene_weather {
    const struct scene *scene;
    struct sockeye *lab;
    struct scene_weather_wire *wires; /* as in the file */
};

/* Of a lab that was built. @return 0 or -ENOMEM */
int scene_weather_open(struct scene_weather *weather, const struct scene *scene,
                       struct sockeye *lab);
void scene_weather_close(struct scene_weather *weather);

enum { SCENE_WEATHER_ANSWER_BYTES = 240 };

/* What sockeye set asks for: a name and what is to be, "road", "back", "loss=0", "down". All of it
 * or, with the reason in `answer`, nothing. @return 0 or -EINVAL */
int scene_weather_set(struct scene_weather *weather, char **words, unsigned count,
                      char answer[SCENE_WEATHER_ANSWER_BYTES]);
