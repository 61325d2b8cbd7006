/* SPDX-License-Identifier: MIT */
/*
 * X.25 of a host: its packet layer, the lines below it, and what ties them together. A line of LAPB
 * is a data link at one of its interfaces, beside IP; lines of XOT are streams of its own TCP. The
 * packet layer knows neither: here are the functions of its table of lines, and what LAPB tells.
 */
#pragma once
#include "2-link/lapb_ether.h"
#include "3-network/x25/x25.h"

struct host;
struct node_pools;

enum host_lapb_code { HOST_LAPB_LINE = 1 };

/* A line of LAPB. */
struct host_lapb {
    struct lapb_ether ether;
    struct lapb_upper upper;
    struct x25_line line;
    struct host_lapb *next; /* of the host */
    uint32_t interface;
    uint32_t zero;
};

struct host_lapb_plan {
    struct lapb_settings lapb;
    const struct mac *peer; /* NULL: whoever is there */
    bool extended;          /* packets modulo 128 */
    uint16_t lowest, highest;
};

/* @raise ENODEV; EOPNOTSUPP no stations on its wire; EEXIST it has one; ENOBUFS; EINVAL */
int host_x25_lapb(struct host *h, const struct node_pools *pools, uint32_t interface,
                  const struct host_lapb_plan *plan);
/* The line at an interface; NULL: there is none. */
struct host_lapb *host_x25_line(const struct host *h, uint32_t interface);
/* The host has lost its power. */
void host_x25_crash(struct host *h, nanoseconds now);
int host_x25_check(const struct host *h);

/* ---- for the tables ---- */
void host_x25_packet(struct lapb_upper *upper, struct packet *p, nanoseconds now);
void host_x25_told(struct lapb_upper *upper, enum lapb_news news, nanoseconds now);
void host_x25_ready(struct lapb_upper *upper, nanoseconds now);
void host_x25_send(struct x25_line *line, struct packet *p, nanoseconds now);
bool host_x25_has_room(const struct x25_line *line);
void host_x25_released(struct x25_line *line, nanoseconds now);
void host_x25_wanted(struct x25_line *line, nanoseconds now);
struct x25_line *host_x25_open(struct x25 *x, const struct endpoint *to, bool extended,
                               nanoseconds now);
void host_x25_nothing(struct x25_line *line, nanoseconds now);
