/* SPDX-License-Identifier: MIT */
/* What the files of a switch ask of each other. */
#pragma once
#include "2-link/switch_state.h"

/* To the wire, as it is, and counted; takes the packet. */
static inline void switch_put_out(struct switch_port *port, struct packet *p, nanoseconds now)
{
    port->count.out++;
    port->count.out_bytes += packet_length(p);
    wire_send(port->end, p, now);
}

/* ---- switch_snoop.c: frames for groups ---- */

enum snoop_verdict {
    SNOOP_ALL,   /* by all ports */
    SNOOP_SOME,  /* by those named */
    SNOOP_NONE,  /* its headers are broken */
    SNOOP_TAKEN, /* it was for the switch alone */
};

int switch_snoop_init(struct switch_core *core, const struct switch_plan *plan);
/* Learns from a frame for a group of stations, without its VLAN's tag, and says where it goes. */
enum snoop_verdict switch_snoop(struct switch_port *in, const struct vlan_facts *facts,
                                const struct packet *p, nanoseconds now, struct snoop_ports *some);
void switch_snoop_forget_port(struct switch_core *core, uint32_t port, nanoseconds now);
/* The spanning tree has other ways: who listens where must be said again. */
void switch_snoop_doubt(struct switch_core *core, nanoseconds now);
void switch_snoop_settle(struct switch_core *core, nanoseconds now);
void switch_snoop_crash(struct switch_core *core, nanoseconds now);
int switch_snoop_check(const struct switch_core *core);
