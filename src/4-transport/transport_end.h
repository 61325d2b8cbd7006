/* SPDX-License-Identifier: MIT */
/*
 * The common part of every kind of end, embedded first in each: whose user it has, and how it says
 * that its readiness may have changed. It stands below the kinds, so that none of them knows the
 * table that knows them all (transport.c).
 */
#pragma once
#include "4-transport/transport.h"

struct transport_end {
    struct transport_upper *upper; /* NULL: the user has closed it, or not accepted it yet */
    struct link_list *pending_of;  /* the host's list of those to be told */
    struct list_link pending;      /* in it */
    uint32_t kind;                 /* enum transport_kind */
    uint32_t zero;
};

/* Puts the end on the list of those whose user is told when this entry ends (transport_deliver).
 * Any number of times; an end without a user is left out. */
void transport_end_pending(struct transport_end *end);
