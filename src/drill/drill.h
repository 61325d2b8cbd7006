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

enum drill_result {
    DRILL_PASS = 0,
    DRILL_FAIL = 1,       /* the host did something else than the script says */
    DRILL_UNSUPPORTED = 2 /* the script cannot be read, or uses what is not known here */
};

struct drill_define {
    const char *name, *value; /* a word of the script that stands for another */
};

struct drill_options {
    bool verbose;    /* each event and packet as it comes, to `report` */
    bool parse_only; /* only read the script */
    uint64_t seed;
    const char *ip_version; /* "ipv4", "ipv6" or "ipv4-mapped-ipv6"; NULL: as the script says */
    const char *pcap;       /* write a pcapng of the run here; may be NULL */
    const struct drill_define *defines;
    size_t define_count;
};

/* Runs a script; what went wrong is said to `report` as FILE:LINE: ... @return enum drill_result
 */
int drill_run(const char *path, const struct drill_options *options, FILE *report);
/* The same of a text in memory; `path` is what it is called in messages. */
int drill_run_text(const char *path, const char *text, size_t length,
                   const struct drill_options *options, FILE *report);
