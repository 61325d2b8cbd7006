/* SPDX-License-Identifier: MIT */
/*
 * Programs that wait for the end of others must not wait for their own: a circle never starts, and
 * the lab would only find that out at its time limit.
 *
 * The programs of all hosts are the nodes of a graph, `after: HOST.PROGRAM.exited` its edges; it is
 * searched in depth with a stack of our own, each edge once. Other conditions name no program.
 */
#include <stdlib.h>
#include "scene/check.h"

enum order_mark { UNSEEN, OPEN, DONE };

struct order_node {
    const struct scene_host *host;
    const struct scene_program *program;
    unsigned host_number, number;
    unsigned next; /* condition to look at */
    size_t place;  /* on the stack, while it is open */
    enum order_mark mark;
};

struct order {
    struct scene_check *check;
    struct order_node *nodes;
    size_t *first; /* node of a host's first program */
    size_t *stack;
    size_t depth;
};

/* "a.p after b.q after a.p", as far as there is room. */
static void describe(const struct order *order, size_t from, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = from; i <= order->depth && used + 1 < size; i++) {
        const struct order_node *node = &order->nodes[order->stack[i < order->depth ? i : from]];

        used += (size_t)snprintf(text + used, size - used, "%s%s.%s", i == from ? "" : " after ",
                                 node->host->name, node->program->title);
    }
}

/* The nodes of the stack from this place on wait for each other. */
static void complain(const struct order *order, size_t from)
{
    const struct order_node *first = &order->nodes[order->stack[from]];
    size_t before;
    char circle[200];

    describe(order, from, circle, sizeof circle);
    before = scene_check_enter(order->check, "hosts[%u].programs[%u]", first->host_number,
                               first->number);
    scene_check_fail(order->check, "after", "it waits for itself: %s", circle);
    scene_check_leave(order->check, before);
}

static void push(struct order *order, size_t node)
{
    order->nodes[node].mark = OPEN;
    order->nodes[node].place = order->depth;
    order->stack[order->depth++] = node;
}

static void visit(struct order *order, size_t to)
{
    if (order->nodes[to].mark == UNSEEN)
        push(order, to);
    else if (order->nodes[to].mark == OPEN)
        complain(order, order->nodes[to].place);
}

static void search(struct order *order)
{
    while (order->depth > 0) {
        struct order_node *node = &order->nodes[order->stack[order->depth - 1]];
        const struct scene_after *after = &node->program->start;

        if (node->next == after->count) {
            node->mark = DONE;
            order->depth--;
        } else {
            const struct scene_condition *condition = &after->condition[node->next++];

            if (condition->kind == CONDITION_EXITED)
                visit(order, order->first[condition->host] + condition->program);
        }
    }
}

static size_t fill(const struct order *order, const struct scene *lab)
{
    size_t count = 0;

    for (unsigned i = 0; i < lab->hosts_count; i++) {
        order->first[i] = count;
        for (unsigned k = 0; k < lab->hosts[i].programs_count; k++)
            order->nodes[count++] = (struct order_node){.host = &lab->hosts[i],
                                                        .program = &lab->hosts[i].programs[k],
                                                        .host_number = i,
                                                        .number = k};
    }
    return count;
}

void scene_check_order(struct scene_check *check)
{
    const struct scene *lab = check->lab;
    struct order order = {.check = check};
    size_t count = 1;

    for (unsigned i = 0; i < lab->hosts_count; i++)
        count += lab->hosts[i].programs_count;
    order.nodes = calloc(count, sizeof *order.nodes);
    order.first = calloc(lab->hosts_count + 1, sizeof *order.first);
    order.stack = calloc(count, sizeof *order.stack);
    if (order.nodes == NULL || order.first == NULL || order.stack == NULL) {
        scene_check_fail(check, "", "out of memory");
    } else {
        count = fill(&order, lab);
        for (size_t i = 0; i < count; i++) {
            if (order.nodes[i].mark == UNSEEN) {
                push(&order, i);
                search(&order);
            }
        }
    }
    free(order.nodes);
    free(order.first);
    free(order.stack);
}
