/* SPDX-License-Identifier: MIT */
/*
 * One pcapng file of a lab, as Wireshark reads it. An interface of the file is a direction of a
 * wire at one end ("w0 a.eth0>b.eth0"); its block is written before its first packet, so the file
 * is the same bytes for the same events.
 */
#pragma once
#include "observe/names.h"
#include "sockeye/event.h"
#include <stdbool.h>
#include <stdio.h>

struct pcapng {
    FILE *file;
    struct names names;
    bool sides;
    bool failed;         /* no memory for an interface */
    uint32_t *interface; /* by wire, direction and end: its number in the file + 1; 0: none yet */
    uint32_t count, room;
};

int pcapng_init(struct pcapng *p, FILE *file, const struct names *names, bool sides);
void pcapng_event(struct pcapng *p, const struct sockeye_event *event);
int pcapng_done(struct pcapng *p); /* @raise ENOMEM */
