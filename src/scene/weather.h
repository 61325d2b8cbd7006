/* SPDX-License-Identifier: MIT */
/*
 * The faults of a lab that runs: what its wires and hosts suffer now, and who says so. Three say
 * it: the lab file of each wire, who changes it by hand (sockeye set), and the faults in force.
 * What a direction of a wire does is all of these put together in this order: the file, what was
 * set, the faults in force in the order of the file, each saying only what it has a key for. So
 * faults combine, and the end of one restores what the others say, however they overlap. So it is
 * with a name server, and with a host: it has crashed while anyone says so, else it is paused while
 * anyone says that.
 *
 * Every change is an input of the lab, so records and replays have it; of a name server they have
 * its answers.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "scene/dns.h"
#include "scene/scene.h"

struct scene_weather_wire {
    struct sockeye_wire_config base[2], now[2]; /* by the file and by hand; with all faults */
    bool is_down[2], was_down[2];               /* by hand; as the lab was told last */
    uint32_t mtu;                               /* of both directions: as it was told last */
};

/* What befalls the programs of a host, for who runs them. */
enum scene_weather_host {
    SCENE_HOST_CRASHES,
    SCENE_HOST_STARTS,
    SCENE_HOST_STOPS,
    SCENE_HOST_GOES_ON
};

struct scene_weather_programs {
    void *context;
    void (*told)(void *context, unsigned host, enum scene_weather_host what);
};

/* What a host is. Of two that are said the later here holds. */
enum scene_host_state { SCENE_HOST_RUNS, SCENE_HOST_IS_PAUSED, SCENE_HOST_HAS_CRASHED };

struct scene_weather_host_states {
    enum scene_host_state by_hand, now; /* now: as the lab was told last */
};

/* A fault of the file that has a time. */
struct scene_weather_fault {
    enum { SCENE_FAULT_WAITS, SCENE_FAULT_HOLDS, SCENE_FAULT_IS_OVER } stage;
    int partition[2]; /* their numbers, each way; -1: none */
};

enum { SCENE_WEATHER_PARTITIONS = 32 };

struct scene_weather {
    const struct scene *scene;
    struct sockeye *lab;
    struct scene_weather_wire *wires;   /* as in the file */
    struct scene_weather_fault *faults; /* the same */
    struct scene_weather_host_states *hosts;
    struct scene_dns_server *servers; /* of names */
    unsigned servers_count;
    struct scene_weather_programs programs;
    int by_hand[SCENE_WEATHER_PARTITIONS]; /* partitions that were set */
    unsigned by_hand_count;
};

/* Of a lab that was built. @return 0 or -ENOMEM */
int scene_weather_open(struct scene_weather *weather, const struct scene *scene,
                       struct sockeye *lab, const struct scene_weather_programs *programs);
void scene_weather_close(struct scene_weather *weather);
/* Is a host that has crashed to start again, as the file says? */
bool scene_weather_is_to_start(const struct scene_weather *weather, unsigned host);
/* Begins and ends what is due. @return the time of the next, SOCKEYE_NEVER if there is none */
int64_t scene_weather_on_time(struct scene_weather *weather);

enum { SCENE_WEATHER_ANSWER_BYTES = 240 };

/* What sockeye set asks for: a name and what is to be: "road", "back", "loss=0", "down"; or of a
 * host: "server", "crash", and of a name server "ns", "dns=silent"; or "partition", "from=a,b",
 * "to=c"; or "heal". All of it or, with the reason in `answer`, nothing. @return 0 or -EINVAL */
int scene_weather_set(struct scene_weather *weather, char **words, unsigned count,
                      char answer[SCENE_WEATHER_ANSWER_BYTES]);
