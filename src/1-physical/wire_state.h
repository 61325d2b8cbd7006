/* SPDX-License-Identifier: MIT */
/*
 * The structs behind the service of layer 1, and what who owns wires does with them (node/ with a
 * loopback, lab/ with all others): make them, change them, serve their timers and their doors. No
 * other folder includes this.
 */
#pragma once
#include <stdbool.h>

#include "1-physical/wire.h"
#include "1-physical/wire_corrupt.h"
#include "1-physical/wire_delay.h"
#include "1-physical/wire_duplicate.h"
#include "1-physical/wire_flows.h"
#include "1-physical/wire_loss.h"
#include "1-physical/wire_queue.h"
#include "1-physical/wire_rate.h"
#include "1-physical/wire_reorder.h"

enum wire_constants {
    WIRE_NAME_BYTES = 32,
    WIRE_MTU_LEAST = 68,
    WIRE_MTU_DEFAULT = 1500,
    WIRE_DOOR_PACKETS = 65536, /* frames that wait outside for the driver */
    WIRE_LINK_CHANGES = 16,    /* link-up and link-down events set in advance, a direction */
    WIRE_TIMERS = 6            /* departure, arrival and link change of both directions */
};

/* What one direction does to frames, a stage each; zeroes as in sockeye.h. */
struct wire_settings {
    struct wire_rate rate;
    struct wire_delay delay;
    struct wire_reorder reorder;
    struct wire_loss loss;
    struct wire_corrupt corrupt;
    struct wire_queue_plan queue;
    struct wire_duplicate duplicate;
    uint32_t has_faults; /* some frame may have another fate than to arrive once, whole, in time */
};

struct wire_change {
    nanoseconds when;
    uint32_t up;
    uint32_t zero;
};

/* One direction of a simulated wire. */
struct wire_sim {
    struct wire_settings settings;
    struct siphash_key key;     /* of wire and direction */
    struct wire_queue queue;    /* waiting for transmission */
    struct packet *sending;     /* in transmission; NULL: none, and none waits */
    struct packet_queue flight; /* sorted by arrival, then serial */
    struct timer depart, arrive, change;
    struct budget budget;                          /* of packets in queue and flight */
    uint64_t serial;                               /* frames handed to this direction */
    struct wire_change changes[WIRE_LINK_CHANGES]; /* sorted; the first is next */
    uint32_t change_count;
    uint32_t down;        /* why a frame may not go: enum wire_down bits; 0: it may */
    uint32_t loss_is_bad; /* wire_loss: the state */
    uint32_t deaf;        /* the node at its end hears nothing */
};

enum wire_down {
    WIRE_LINK_DOWN = 1,
    WIRE_SENDER_AWAY = 2, /* the sending node stands still, or is gone */
    WIRE_ASKS_SENDER = 4  /* its upper says of each frame whether it may go */
};

enum wire_kind { WIRE_SIM, WIRE_DOOR };

struct wire_end {
    struct wire *wire;
    struct wire_upper *upper; /* NULL: nobody, or outside */
    struct budget *budget;    /* of the receiving node's packets */
    uint32_t node;            /* receiving node's number */
    uint32_t index;           /* 0 or 1 */
};

struct wire {
    struct means *means; /* the lab's, or of the host whose loopback it is */
    struct voice voice;  /* the same with its own number */
    struct wire_end end[2];
    struct wire_sim sim[2];      /* sim[i]: from end i to the other */
    struct packet_queue outside; /* a door's frames for the driver; p->time is when they left */
    uint32_t kind;               /* enum wire_kind */
    uint32_t number;
    uint32_t mtu;        /* bytes of IP packet */
    uint32_t bare;       /* 1: no Ethernet header on this wire */
    uint32_t timer_code; /* of its timers: wire_timer is to be called */
    uint32_t zero;
    struct pool *flows; /* memory of WIRE_FQ_CODEL, one a direction; NULL: not to be had */
    char name[WIRE_NAME_BYTES];
};

/* What one wire is. */
struct wire_plan {
    enum wire_kind kind;
    uint32_t number;
    uint32_t mtu; /* bytes of IP packet */
    bool bare;
    struct siphash_key key; /* of its owner's and its name */
    uint32_t timer_code;
    struct pool *flows; /* of struct wire_flows, or NULL */
};

/* Two ends with nobody. Each direction holds as many packets as the means' own budget allows. */
void wire_init(struct wire *w, struct means *means, const struct wire_plan *plan);
/* From now on; what waits goes over to another discipline. @return 0 or -ENOSPC (no memory for
 * flows; all is as it was) */
/* Of both directions; who is at the ends is to be told by who sets it. */
void wire_mtu_set(struct wire *w, uint32_t mtu);
int wire_settings_set(struct wire *w, uint32_t direction, const struct wire_settings *settings);
/* @return 0 or -ENOSPC (WIRE_LINK_CHANGES are waiting) -EINVAL (in the past) */
int wire_link_at(struct wire *w, uint32_t direction, bool up, nanoseconds when, nanoseconds now);

/* Do its frames begin with the IP header? */
bool wire_is_bare(const struct wire_end *end);
/* The node at this end hears nothing and sends nothing, or does again. */
void wire_away(struct wire_end *end, bool is_away);
/* From now on the upper is asked of each frame that it sends (wire_upper_code, refuses), or not. */
void wire_ask(struct wire_end *end, bool is_asked);
/* Takes a frame that comes back to this end at once, as if from the other. */
void wire_answer(struct wire_end *end, struct packet *p, nanoseconds now);

/* One of this wire's timers is due; it is no longer set. */
void wire_timer(struct wire *w, struct timer *timer, nanoseconds now);

/* Is this frame short enough for a direction (of end 0 or 1)? */
bool wire_takes(const struct wire *w, uint32_t direction, const uint8_t *frame, uint32_t length);
/* A door, from outside: takes the packet, which comes up at end 0 as an event at `now`. */
void wire_inject(struct wire *w, struct packet *p, nanoseconds now);
struct packet *wire_outside(struct wire *w); /* the next frame that left, still queued; or NULL */
struct packet *wire_outside_take(struct wire *w);
int wire_check(const struct wire *w); /* 0, or the line of a broken invariant */
