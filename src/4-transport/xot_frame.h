/* SPDX-License-Identifier: MIT */
/*
 * Packets in a stream (RFC 1613 4.1): before each stand four octets, a version, which is 0, and a
 * length, which is that of a packet of X.25. A value that is fed with what arrives, and says where
 * the next bytes have to go, so that they are copied once.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct means;
struct packet;

enum xot_frame_constants {
    XOT_FRAME_HEADER_BYTES = 4,
    XOT_FRAME_VERSION = 0,
    XOT_FRAME_LEAST = 3,  /* octets of a packet: its header */
    XOT_FRAME_MOST = 4100 /* 4096 of data behind four */
};

struct xot_frame {
    struct packet *packet; /* NULL: its header is not whole */
    uint32_t have;         /* octets of header, or packet */
    uint32_t length;
    uint8_t header[XOT_FRAME_HEADER_BYTES];
    uint32_t zero;
};

enum xot_frame_result {
    XOT_FRAME_MORE,
    XOT_FRAME_WHOLE, /* xot_frame_take gives the packet */
    XOT_FRAME_BAD    /* a version or a length that there is not: the stream is to be closed */
};

/* Where the next octets go, and how many at most; NULL: there is no packet to be had. */
uint8_t *xot_frame_room(struct xot_frame *f, struct means *means, size_t *room);
/* So many octets were put there. */
enum xot_frame_result xot_frame_took(struct xot_frame *f, size_t octets);
struct packet *xot_frame_take(struct xot_frame *f);
void xot_frame_done(struct xot_frame *f); /* gives back what it has */
/* Puts the four octets in front. */
void xot_frame_write(struct packet *p);
