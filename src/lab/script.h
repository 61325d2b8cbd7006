/* SPDX-License-Identifier: MIT */
/*
 * `sockeye drill FILE.pkt`: a script in packetdrill's language against one host, in virtual time.
 *
 * The host is a lab of its own with a door for IP packets: the script calls its sockets, puts
 * packets in, and says which packets come out and when. It enters by the public header alone.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum script_result {
    SCRIPT_PASS = 0,
    SCRIPT_FAIL = 1,       /* the host did something else than the script says */
    SCRIPT_UNSUPPORTED = 2 /* the script cannot be read, or uses what is not known here */
};

struct script_define {
    const char *name, *value; /* a word of the script that stands for another */
};

struct script_options {
    bool verbose;    /* each event and packet as it comes, to `report` */
    bool parse_only; /* only read the script */
    uint64_t seed;
    const char *pcap; /* write a pcapng of the run here; may be NULL */
    const struct script_define *defines;
    size_t define_count;
};

/* Runs a script; what went wrong is said to `report` as FILE:LINE: ... @return enum script_result
 */
int script_run(const char *path, const struct script_options *options, FILE *report);
