/* SPDX-License-Identifier: MIT */
/* The parts of a lab that are switches: their settings are checked here, as in lab_parts.c. */
#include "lab/lab.h"

_Static_assert((int)SOCKEYE_STATIONS == (int)SWITCH_STATIONS, "one limit");

static uint32_t or_else(uint32_t value, uint32_t otherwise)
{
    return value ? value : otherwise;
}

int lab_switch_open(struct lab *lab, const char *name, const struct sockeye_switch_config *config)
{
    struct node_plan plan = {.kind = NODE_SWITCH, .name = name};
    struct switch_table_settings *stations = &plan.stations;

    if (config->age_ns < 0 || config->age_ns > SOCKEYE_WAIT_MOST ||
        config->stations > SOCKEYE_STATIONS || config->port_stations > SOCKEYE_STATIONS ||
        config->keep_oldest > 1)
        return -EINVAL;
    stations->age = config->age_ns ? config->age_ns : SWITCH_AGE;
    stations->stations = or_else(config->stations, SOCKEYE_STATIONS);
    stations->port_stations = or_else(config->port_stations, stations->stations);
    stations->full = config->keep_oldest ? SWITCH_FULL_NOT_LEARNED : SWITCH_FULL_OLDEST_GOES;
    return lab_node_make(lab, &plan);
}
