/* SPDX-License-Identifier: MIT */
/*
 * The rapid spanning tree of a switch (IEEE 802.1D-2004 17), a value: what ports hear and when goes
 * in, which ports learn and forward, and what to say, comes out. It knows no wire, no frame and no
 * node; its neighbours speak to it in struct rstp_bpdu.
 *
 * All switches of a network agree on a root, the one with the least identifier. Each has one root
 * port, on its cheapest way there; on each wire one port is designated: it leads others to the
 * root; the rest, alternate ports (another way to the root) and backup ports (a second way to a
 * wire of its own), forward nothing. So one way is left between any two places. A designated port
 * that proposes to forward, and hears its neighbour agree, does at once; without an answer it waits
 * as the old protocol did.
 *
 * Each port has the state machines of clause 17 (rstp_port.c: 17.23 to 17.29), the switch the one
 * that selects roles (rstp.c: 17.28). An entry sets its facts and runs them all until none has
 * anything left to do. The variables have the standard's names. Its timers, which count seconds
 * down, are deadlines here: expired means due; and where the standard sets a timer anew over and
 * over, as long as something holds, it is HELD.
 *
 *     rstp_port_up, rstp_port_down, rstp_port_receive, rstp_advance    what happened
 *     port->learning, port->forwarding    what the switch may do, from then on
 *     rstp_flush    the next port whose stations are to be forgotten
 *     rstp_next_bpdu    the next port that has something to say, and what
 *     rstp_deadline    when to call rstp_advance at the latest
 */
#pragma once
#include "2-link/rstp_bpdu.h"
#include "sockeye/event.h"

enum rstp_constants {
    RSTP_PRIORITY = 32768, /* 17.14, table 17-2: of a switch, in steps of 4096 */
    RSTP_PRIORITY_STEP = 4096,
    RSTP_PORT_PRIORITY = 128, /* in steps of 16 */
    RSTP_PORT_PRIORITY_STEP = 16,
    RSTP_COST_MOST = 200000000,
    RSTP_HOLD_COUNT = 6 /* BPDUs a port may send in a second: Transmit Hold Count */
};
#define RSTP_HELLO (2 * SECOND)
#define RSTP_MAX_AGE (20 * SECOND)
#define RSTP_FORWARD_DELAY (15 * SECOND)
#define RSTP_MIGRATE (3 * SECOND)

/* 17.19.10: where a port's information is from. */
enum rstp_info { RSTP_INFO_DISABLED, RSTP_INFO_AGED, RSTP_INFO_MINE, RSTP_INFO_RECEIVED };

/* 17.29: of the machine of topology changes. */
enum rstp_change { RSTP_CHANGE_INACTIVE, RSTP_CHANGE_LEARNING, RSTP_CHANGE_ACTIVE };

struct rstp;

/* What is said of a port. */
struct rstp_port_settings {
    uint32_t cost;     /* of the way by it, 1 to RSTP_COST_MOST */
    uint32_t priority; /* 0 to 240 */
    bool edge;         /* no switch is behind it: it forwards at once, until it hears one */
    bool shared;       /* more than one may be: nobody can agree for all of them */
};

struct rstp_port {
    struct rstp_port *next; /* by number */
    struct rstp *rstp;
    struct rstp_vector port_priority, designated_priority;
    struct rstp_times port_times, designated_times;
    struct rstp_bpdu message; /* the last, while received_message */
    nanoseconds fd_while, received_info_while, rr_while, rb_while, tc_while, edge_delay_while,
        migrate_while, hello_when;
    nanoseconds transmit_second; /* when transmit_count becomes one less */
    uint32_t transmit_count;
    uint32_t cost;
    uint32_t id;                       /* priority and number: 16 bits */
    uint32_t number;                   /* 1 and on */
    uint8_t role, selected_role;       /* enum port_role */
    uint8_t info;                      /* enum rstp_info */
    uint8_t change;                    /* enum rstp_change */
    bool enabled, edge, shared, rapid; /* rapid: sendRSTP; edge: operEdge */
    bool admin_edge, sensing;          /* sensing: the port's neighbour may change what it speaks */
    bool received_rapid, received_old, received_message;
    bool proposed, proposing, agree, agreed, sync, synced, re_root, disputed;
    bool learn, learning, forward, forwarding;
    bool new_info, reselect, selected, update_info;
    bool received_tc, received_tcn, received_tc_ack, tc_ack, tc_propagate;
    bool flush;
    uint8_t zero[5];
};

struct rstp {
    struct rstp_port *first, *last;
    struct rstp_vector root_priority;
    struct rstp_times root_times, own_times;
    struct rstp_port *root_port; /* NULL: it is the root itself */
    uint64_t bridge;             /* its identifier */
    uint64_t changes;            /* of the topology, that it saw begin */
};

/* In zeroed memory, both. */
void rstp_init(struct rstp *r, uint32_t priority, const uint8_t mac[6]);
void rstp_port_init(struct rstp *r, struct rstp_port *port, uint32_t number,
                    const struct rstp_port_settings *settings);
void rstp_port_set(struct rstp_port *port, const struct rstp_port_settings *settings,
                   nanoseconds now);
void rstp_port_up(struct rstp_port *port, nanoseconds now);
void rstp_port_down(struct rstp_port *port, nanoseconds now);
void rstp_port_receive(struct rstp_port *port, const struct rstp_bpdu *b, nanoseconds now);
void rstp_advance(struct rstp *r, nanoseconds now);
nanoseconds rstp_deadline(const struct rstp *r); /* NEVER: nothing waits */

/* A port whose stations are to be forgotten, each once; NULL: none is left. */
struct rstp_port *rstp_flush(struct rstp *r);
/* A port that has something to say; NULL: none is left. */
struct rstp_port *rstp_next_bpdu(struct rstp *r, struct rstp_bpdu *b, nanoseconds now);

int rstp_check(const struct rstp *r); /* 0, or the line of a broken invariant */

/* ---- within the part: rstp_port.c ---- */

#define RSTP_RAN_OUT 0  /* of a timer: what it waited for is due */
#define RSTP_HELD NEVER /* it is set anew as long as something holds */

/* < 0: a is better (17.6) */
int rstp_port_compare(const struct rstp_vector *a, const struct rstp_vector *b);
/* Lets the machines of one port go on. @return did any? */
bool rstp_port_step(struct rstp_port *port, nanoseconds now);
