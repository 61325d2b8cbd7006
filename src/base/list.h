/* SPDX-License-Identifier: MIT */
/* A doubly linked list of embedded links, in insertion order; a zeroed link is in no list. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct link_list {
    struct list_link *first, *last;
};

struct list_link {
    struct list_link *next, *previous;
    struct link_list *list; /* NULL: in none */
};

static inline bool list_has(const struct list_link *l)
{
    return l->list != NULL;
}

static inline void list_add(struct link_list *list, struct list_link *l)
{
    l->list = list;
    l->next = NULL;
    l->previous = list->last;
    if (list->last)
        list->last->next = l;
    else
        list->first = l;
    list->last = l;
}

/* Behind another one of the list; NULL: as its first. */
static inline void list_add_after(struct link_list *list, struct list_link *before,
                                  struct list_link *l)
{
    if (before == list->last) {
        list_add(list, l);
        return;
    }
    l->list = list;
    l->previous = before;
    l->next = before ? before->next : list->first;
    l->next->previous = l;
    if (before)
        before->next = l;
    else
        list->first = l;
}

static inline void list_remove(struct list_link *l)
{
    if (!l->list)
        return;
    if (l->previous)
        l->previous->next = l->next;
    else
        l->list->first = l->next;
    if (l->next)
        l->next->previous = l->previous;
    else
        l->list->last = l->previous;
    l->next = l->previous = NULL;
    l->list = NULL;
}

static inline struct list_link *list_pop(struct link_list *list)
{
    struct list_link *l = list->first;

    if (l)
        list_remove(l);
    return l;
}
