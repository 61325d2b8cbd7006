/* SPDX-License-Identifier: MIT */
/*
 * Which interfaces hear each other: those that a wire or switches join are in one segment. Each
 * wire joins the segments of its ends. VLANs part none here: it is for hints alone.
 */
#include <stdlib.h>
#include "scene/check.h"

struct segments {
    struct scene *lab;
    unsigned *parent;          /* switches first, then the interfaces of each host */
    unsigned *first_interface; /* of each host */
};

/* The segment's name: one of its members, whose way to it is made shorter. */
static unsigned find(const struct segments *segments, unsigned member)
{
    while (segments->parent[member] != member) {
        segments->parent[member] = segments->parent[segments->parent[member]];
        member = segments->parent[member];
    }
    return member;
}

static unsigned member_of(const struct segments *segments, struct scene_end end)
{
    return end.is_switch ? end.node : segments->first_interface[end.node] + end.port;
}

static bool segments_open(struct segments *segments)
{
    const struct scene *lab = segments->lab;
    unsigned count = lab->switches_count;

    segments->first_interface = calloc(lab->hosts_count + 1, sizeof *segments->first_interface);
    if (segments->first_interface == NULL)
        return false;
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        segments->first_interface[i] = count;
        count += lab->hosts[i].interfaces_count;
    }
    segments->parent = calloc(count + 1, sizeof *segments->parent);
    for (unsigned i = 0; segments->parent != NULL && i < count; i++)
        segments->parent[i] = i;
    return segments->parent != NULL;
}

static void join(const struct segments *segments, const struct scene_end end[2])
{
    unsigned a = find(segments, member_of(segments, end[0]));
    unsigned b = find(segments, member_of(segments, end[1]));

    /* the lesser name, so that it does not depend on the order */
    if (a < b)
        segments->parent[b] = a;
    else
        segments->parent[a] = b;
}

void scene_check_segments(struct scene_check *check)
{
    struct scene *lab = check->lab;
    struct segments segments = {.lab = lab};

    if (check->count > 0) /* an end of a wire may be nowhere */
        return;
    if (!segments_open(&segments)) {
        scene_check_fail(check, "", "out of memory");
    } else {
        for (unsigned i = 0; i < lab->wires_count; i++)
            join(&segments, lab->wires[i].end);
        for (unsigned i = 0; i < lab->hosts_count; i++) {
            for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++)
                lab->hosts[i].interfaces[k].segment =
                    find(&segments, segments.first_interface[i] + k);
        }
    }
    free(segments.parent);
    free(segments.first_interface);
}
