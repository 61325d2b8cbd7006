/* SPDX-License-Identifier: MIT */
/*
 * Lists whose links stand in what they list: putting and removing cost the same wherever it is, and
 * cannot fail. A list is a link that nothing contains; a link in no list points at itself.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct guest_link {
    struct guest_link *next, *previous;
};

/* What contains a link. */
#define GUEST_OF(link, type, member) ((type *)((void *)((char *)(link)-offsetof(type, member))))

static inline void guest_link_init(struct guest_link *l)
{
    l->next = l->previous = l;
}

static inline bool guest_link_is_in(const struct guest_link *l) /* of a list: is it not empty? */
{
    return l->next != l;
}

static inline void guest_link_remove(struct guest_link *l)
{
    l->next->previous = l->previous;
    l->previous->next = l->next;
    guest_link_init(l);
}

static inline void guest_link_put_last(struct guest_link *list, struct guest_link *l)
{
    l->previous = list->previous;
    l->next = list;
    list->previous->next = l;
    list->previous = l;
}

/* Moves all of `from` into `list`, which is empty. */
static inline void guest_link_move_all(struct guest_link *list, struct guest_link *from)
{
    guest_link_init(list);
    if (!guest_link_is_in(from))
        return;
    *list = *from;
    list->next->previous = list->previous->next = list;
    guest_link_init(from);
}
