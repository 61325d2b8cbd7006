/* SPDX-License-Identifier: MIT */
/*
 * A loop of hubs and switches. Wires are taken one by one, in their order, and what they join so
 * far is kept as a forest: each node knows the wire to its parent. A wire between two trees makes
 * one of them; a wire within a tree closes a loop, which is that wire and the ways of its ends up
 * to where they meet. Switches of the spanning tree stand in no tree: they open every loop that
 * they are on.
 */
#include <string.h>

#include "lab/lab.h"
#include "node/switch.h"

enum { NOBODY = -1 };

struct forest {
    int parent[SOCKEYE_HOSTS];
    int wire[SOCKEYE_HOSTS]; /* to the parent */
};

struct wires_found {
    int *wires;
    int most, count;
};

/* Sends on whatever comes in, to all. */
static bool floods(const struct lab *lab, int64_t number)
{
    struct node *n = lab_node(lab, number);

    return n && (n->kind == NODE_HUB ||
                 (n->kind == NODE_SWITCH && !node_switch_of_node(n)->core.has_tree));
}

static void add(struct wires_found *found, int wire)
{
    if (found->count < found->most)
        found->wires[found->count] = wire;
    found->count++;
}

static int root_of(const struct forest *f, int node)
{
    while (f->parent[node] != NOBODY)
        node = f->parent[node];
    return node;
}

/* Hangs the tree of a node below another one, by a wire: the node becomes its tree's root first. */
static void hang(struct forest *f, int node, int below, int wire)
{
    while (node != NOBODY) {
        int next = f->parent[node], by = f->wire[node];

        f->parent[node] = below;
        f->wire[node] = wire;
        below = node;
        wire = by;
        node = next;
    }
}

static int depth_of(const struct forest *f, int node)
{
    int depth = 0;

    for (; f->parent[node] != NOBODY; node = f->parent[node])
        depth++;
    return depth;
}

/* Where the ways of two nodes of a tree meet. */
static int meeting_of(const struct forest *f, int a, int b)
{
    int deep_a = depth_of(f, a), deep_b = depth_of(f, b);

    for (; deep_a > deep_b; deep_a--)
        a = f->parent[a];
    for (; deep_b > deep_a; deep_b--)
        b = f->parent[b];
    while (a != b) {
        a = f->parent[a];
        b = f->parent[b];
    }
    return a;
}

/* From a by the wire to b, up to where they meet, and down to a again. */
static void loop_of(const struct forest *f, int a, int b, int wire, struct wires_found *found)
{
    int meeting = meeting_of(f, a, b), steps = depth_of(f, a) - depth_of(f, meeting);

    add(found, wire);
    for (; b != meeting; b = f->parent[b])
        add(found, f->wire[b]);
    while (steps-- > 0) {
        int at = a;

        for (int i = 0; i < steps; i++)
            at = f->parent[at];
        add(found, f->wire[at]);
    }
}

int lab_loop_find(const struct lab *lab, int *wires, int most)
{
    struct wires_found found = {.wires = wires, .most = most};
    struct forest f;

    memset(f.parent, 0xff, sizeof f.parent);
    for (uint32_t i = 0; i < lab->wire_count; i++) {
        const struct wire *w = lab->wire[i];
        int a = (int)w->end[0].node, b = (int)w->end[1].node;

        if (!floods(lab, w->end[0].node) || !floods(lab, w->end[1].node))
            continue;
        if (root_of(&f, a) == root_of(&f, b)) {
            loop_of(&f, a, b, (int)i, &found);
            return found.count;
        }
        hang(&f, b, a, (int)i);
    }
    return 0;
}
