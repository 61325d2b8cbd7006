/* SPDX-License-Identifier: MIT */
/*
 * What stands on an arrow of the ladder: the words of a segment, a datagram or an ICMP message, as
 * many as there is room for. What matters least goes first, whole words at a time.
 */
#pragma once
#include "observe/flows.h"
#include <stddef.h>

enum { LABEL_BYTES = 200 };

/* Why it is sent: enum mark; NULL: there is nothing to say. */
const char *label_mark(unsigned mark);
/* Of at most `room` columns. */
void label_tcp(char label[LABEL_BYTES], int room, const struct decode *d, const struct flow *flow,
               int side, unsigned mark);
void label_udp(char label[LABEL_BYTES], int room, const struct decode *d);
void label_icmp(char label[LABEL_BYTES], int room, const struct decode *d);
/* A piece of a datagram behind the first. */
void label_fragment(char label[LABEL_BYTES], int room, const struct decode *d);
/* Of ICMPv6, but not of Neighbor Discovery and MLD. */
void label_icmp6(char label[LABEL_BYTES], int room, const struct decode *d);
/* A frame of LAPB, or a segment of XOT. */
void label_x25(char label[LABEL_BYTES], int room, const struct decode *d, unsigned mark);
/* ARP, Neighbor Discovery, IGMP, MLD, a BPDU. */
void label_link(char label[LABEL_BYTES], int room, const struct decode *d);
