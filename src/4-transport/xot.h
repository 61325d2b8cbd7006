/* SPDX-License-Identifier: MIT */
/*
 * X.25 over TCP (RFC 1613): the line whose packets ride in a stream, one stream a circuit. It
 * stands in layer 4 since it is a user of the service of streams, beside the kinds of transport
 * that are: below it is transport.h, above it the packet layer's line, which knows neither. So a
 * circuit of X.25 passes layer 3 twice, once as X.25 and once as IP: that is what the RFC does.
 *
 * Client: xot_open connects, and the line is up when the stream is (nothing rides with the SYN: 5).
 * Server: every stream that comes to port 1998 is a circuit, whose line opens with its call. Both
 * are bounded by XOT_CIRCUITS, what is to be sent by its queue, and a stream that says nothing for
 * XOT_CALL_WAIT is closed. Who is none of the callers, if there are some, is closed at once. A
 * circuit may be silent for ever; that its peer is still there TCP's keepalive finds out.
 *
 * What ends is only marked: xot_settle, at the end of every entry, closes lines and streams.
 *
 * Timer of a circuit: source is XOT_TIMER_SOURCE, serial its number: its call has not come, what is
 * left does not go, or there was no packet for what came.
 */
#pragma once
#include "3-network/x25/x25.h"
#include "3-network/x25/x25_xot.h"
#include "4-transport/transport.h"
#include "4-transport/xot_frame.h"

enum xot_constants {
    XOT_PORT = 1998,
    XOT_CIRCUITS = 64, /* of a host */
    XOT_BACKLOG = 16,
    XOT_QUEUE = 64,  /* packets that TCP has not taken */
    XOT_CALLERS = 8, /* networks */
    XOT_TIMER_SOURCE = 7
};
#define XOT_CALL_WAIT (60 * SECOND)
#define XOT_MEMORY_WAIT (100 * MILLISECOND)

/* One circuit's stream. */
struct xot_circuit {
    struct transport_upper upper;
    struct x25_line line;
    struct x25_xot rules;
    struct xot_frame in;
    struct packet_queue out;
    struct transport_end *stream;
    struct xot *xot;
    struct list_link link;    /* in xot->circuits */
    struct list_link touched; /* in xot->touched */
    struct timer timer;
    nanoseconds call_until; /* when its call must have come, or all have gone; NEVER: neither */
    uint32_t sent;          /* octets of the first of `out` that TCP has */
    bool connected;         /* the stream is */
    bool has_line;          /* x25_line_open was called */
    bool over;              /* closes once all is sent */
    bool broken;            /* closes now */
    bool is_full;           /* has_room said no since */
    uint8_t zero[7];
};

/* Who may call: hosts of these networks; while there is none, every one. */
struct xot_caller {
    struct address network;
    uint32_t bits; /* of 128 */
    uint32_t zero;
};

/* XOT of one host. */
struct xot {
    struct means *means;
    struct transport *transport;
    struct x25 *x25;
    struct pool *pool;
    struct transport_end *listener; /* NULL: it does not listen */
    struct transport_upper upper;   /* of the listener */
    struct link_list circuits, touched;
    uint64_t opened;
    uint32_t count, limit;
    uint32_t circuit_code; /* of transport_upper_codes */
    uint32_t timer_code;
    uint32_t keepalive; /* seconds without a segment until a stream is asked; 0: it is not */
    uint32_t callers;
    struct xot_caller caller[XOT_CALLERS];
};

struct xot_plan {
    struct transport *transport;
    struct x25 *x25;
    struct pool *pool; /* slots of xot_circuit_bytes() */
    uint32_t circuit_code, listener_code;
    uint32_t timer_code;
};

uint32_t xot_circuit_bytes(void);
/* In zeroed memory. */
void xot_init(struct xot *x, struct means *means, const struct xot_plan *plan);
/* Takes calls from now on. @raise EADDRINUSE ENOBUFS */
int xot_listen(struct xot *x, nanoseconds now);
/* Hosts whose addresses begin with these bits may call, beside those said before. @raise ENOBUFS */
int xot_permit(struct xot *x, struct address network, uint32_t bits);
/* A line to this host, on its way; NULL: no room, or no route there. */
struct x25_line *xot_open(struct xot *x, const struct endpoint *to, bool extended, nanoseconds now);
/* All streams have ended, as TCP tells them; calls are taken again once the host is back. */
void xot_crash(struct xot *x, nanoseconds now);

/* ---- for the tables ---- */
void xot_told(struct transport_upper *upper, nanoseconds now);
void xot_told_listener(struct transport_upper *upper, nanoseconds now);
void xot_send(struct x25_line *line, struct packet *p, nanoseconds now);
bool xot_has_room(const struct x25_line *line);
void xot_released(struct x25_line *line, nanoseconds now);
void xot_timer(struct timer *timer, nanoseconds now);
/* The end of every entry: what is over is closed. */
void xot_settle(struct xot *x, nanoseconds now);
static inline bool xot_has_circuits(const struct xot *x)
{
    return x->circuits.first != NULL;
}
static inline bool xot_is_touched(const struct xot *x)
{
    return x->touched.first != NULL;
}
int xot_check(const struct xot *x);
