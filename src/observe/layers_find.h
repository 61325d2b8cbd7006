/* SPDX-License-Identifier: MIT */
/*
 * Where the bytes of a message went: the frames that carried it from its sender, what of them came
 * out at the other end of their way, through switches and routers, and the program there that got
 * it.
 */
#pragma once
#include "observe/layers_log.h"

enum layers_find_limits {
    LAYERS_UNITS = 256, /* frames of a message that are looked at */
    LAYERS_HOPS = 32
};

/* A frame at the sender's end, and the one that brought its content to the other end: the same on
 * one wire; LAYERS_NONE: none came. */
struct layers_unit {
    int sent, arrived;
};

/* What of a message was found. */
struct layers_found {
    struct layers_unit unit[LAYERS_UNITS];
    int units;
    uint64_t more;   /* units beyond these */
    int way;         /* of the program that got it; LAYERS_NONE: nobody did */
    int first;       /* its first message with bytes of this one */
    uint32_t at;     /* where these begin in that */
    uint32_t length; /* bytes of it that were got */
    int reads;       /* in so many calls */
    int64_t changed; /* the first byte of it that is another there; LAYERS_NONE: none */
};

/* Another frame that carried it. */
void layers_find_add(struct layers_log *log, struct layers_found *found, int frame);
/* Messages that were sent, in their order: what is taken for the other end of one is not taken
 * again. */
void layers_find(struct layers_log *log, int message, struct layers_found *found);
