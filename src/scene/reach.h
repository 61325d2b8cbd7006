/* SPDX-License-Identifier: MIT */
/*
 * Why hosts of a lab could not talk: no route there, or none back. Told when a run has failed, with
 * the line that the lab file lacks. That there was no route is known from programs (guest.h) and
 * traffic that were told so; that there was none back, from connections that were begun. And that a
 * host asked for an address where no wire leads to it, from the neighbors that did not answer.
 */
#pragma once
#include "scene/scene.h"

enum { SCENE_REACH_GAPS = 8 };

/* Which interface has an address. */
struct scene_reach_owner {
    struct address ip;
    unsigned host, interface;
};

struct scene_reach {
    const struct scene *lab;
    struct scene_reach_gap {
        const struct scene_host *host; /* which has no route */
        struct address to;
        const struct scene_interface
            *asked; /* or had no answer by this interface; NULL: no route */
    } gap[SCENE_REACH_GAPS];
    unsigned count;
    struct scene_reach_owner *owners; /* by address: each connection of the lab asks for two */
    size_t owners_count;
    struct address last_local, last_remote; /* of the connection that was looked at last */
};

/* Looks at the connections of a lab from now on. @return 0 or -errno */
int scene_reach_watch(struct scene_reach *reach, const struct scene *lab, struct sockeye *sockeye);
void scene_reach_close(struct scene_reach *reach);
/* A host was told that there is no route to an address; kept if that is the file's doing, and with
 * it the way back if that is missing as well. */
void scene_reach_add(struct scene_reach *reach, unsigned host, struct address to);
void scene_reach_print(const struct scene_reach *reach, FILE *out, const char *prefix);
