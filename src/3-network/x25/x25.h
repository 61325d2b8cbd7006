/* SPDX-License-Identifier: MIT */
/*
 * THE SERVICE OF LAYER 3 THAT HAS CONNECTIONS: virtual circuits (ITU-T X.25, the packet layer
 * protocol; ISO/IEC 8208). Who calls an address gets a circuit, or is told by cause and diagnostic
 * why not; on a circuit records keep their boundaries and their order, an interrupt overtakes them,
 * and a reset throws away what is under way.
 *
 * Below is the LINE: packets between two stations, in order, none lost while it is up. Two kinds:
 *
 *     X25_LINE_LAPB   a wire: many circuits, told apart by the number of their logical channel; one
 *                     end is the DTE, the other the DCE; begins with a restart (r1 to r3)
 *     X25_LINE_XOT    a stream of layer 4 for each circuit (RFC 1613): the channel's number means
 *                     nothing, there is no DTE and no DCE, and no restart
 *
 * What a line can do is a row of x25_line_codes, which whoever assembles a machine defines, so that
 * this layer knows neither. Up go the calls of struct x25_upper_code and x25_user_code.
 *
 * Nothing here waits. What the upper is told it is told at once, in the middle of things: in answer
 * it may own a circuit, accept it, hold it and confirm an interrupt, and nothing else.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "base/means.h"
#include "base/name.h"
#include "base/timer.h"

enum x25_constants {
    X25_CIRCUITS = 256,        /* of a host, unless it is told otherwise */
    X25_CHANNELS = 4095,       /* most of a line: 12 bits, 0 is the restart's */
    X25_USER_DATA_BYTES = 128, /* of a call, as Linux has it: with fast select or without */
    X25_INTERRUPT_BYTES = 32,
    X25_EXTENSION_BYTES = 20, /* of an address: 40 half octets */
    X25_RECORD_BYTES = 65535, /* the longest record; a longer one resets the circuit */
    X25_PACKET_BYTES_LOG = 7, /* 128 bytes of data, unless both agree on another size */
    X25_PACKET_BYTES_LOG_LEAST = 4,
    X25_PACKET_BYTES_LOG_MOST = 12,
    X25_WINDOW = 2,
    X25_PACKET_MOST_BYTES = 4096 + 4 /* on a line */
};

struct x25;         /* the packet layer of one host */
struct x25_circuit; /* one virtual circuit's end at this host */

/* ---- the line ---- */

enum x25_line_kind { X25_LINE_LAPB, X25_LINE_XOT, X25_LINE_KINDS };
enum x25_role { X25_DTE, X25_DCE };

/* Embedded in what the line is below; x25_line_open fills it in. */
struct x25_line {
    struct x25 *x25;
    struct list_link link;     /* in x25->lines */
    struct link_list circuits; /* on this line */
    struct timer timer;        /* T20 */
    uint32_t number;           /* of its host, from 1, in order of opening */
    uint16_t lowest, highest;  /* channels */
    uint8_t kind;              /* enum x25_line_kind */
    uint8_t role;              /* enum x25_role; of XOT: X25_DTE for who opened the stream */
    uint8_t extended;          /* packets are numbered modulo 128 */
    uint8_t up;                /* the layer below carries packets */
    uint8_t restarting;        /* r2: a restart of ours is not confirmed; else r1 */
    uint8_t negotiates;        /* facilities may be asked for (X25_MASK_*) */
    uint8_t packet_most;       /* the logarithm of the most data of a packet */
    uint8_t zero;
};

struct x25_line_plan {
    enum x25_line_kind kind;
    enum x25_role role;
    bool extended;
    uint16_t lowest, highest; /* channels, 1 to 4095; 0, 0: 1 to 4095 */
    uint8_t packet_most;      /* the logarithm of the most data of a packet; 0: 12 */
};

/* What a line's kind does. */
struct x25_line_code {
    /* Sends one packet, at its general format identifier; takes it. While the line is not up
     * nothing is sent. */
    void (*send)(struct x25_line *line, struct packet *p, nanoseconds now);
    /* May another packet of data be given to it now? If not, x25_line_ready says when. Packets of
     * other types may always be. */
    bool (*has_room)(const struct x25_line *line);
    /* The circuit's last packet was given to it (RFC 1613 5: the stream may be closed, once that
     * has gone). On a LAPB line nothing. The line closes itself by x25_line_close. */
    void (*released)(struct x25_line *line, nanoseconds now);
    /* It is down, and a call waits for it: it should come up. */
    void (*wanted)(struct x25_line *line, nanoseconds now);
    /* A line of its own to this host, for a call; NULL: there is none. No function: the lines of
     * this kind are there, or not. */
    struct x25_line *(*open)(struct x25 *x, const struct endpoint *to, bool extended,
                             nanoseconds now);
};
extern const struct x25_line_code x25_line_codes[X25_LINE_KINDS]; /* the assembler's */

/* A line in zeroed memory; it is down. */
void x25_line_open(struct x25 *x, struct x25_line *line, const struct x25_line_plan *plan);
/* It is no more: its circuits are cleared (as x25_line_down says). */
void x25_line_close(struct x25_line *line, nanoseconds now);
/* The layer below carries packets from now on: a restart is begun (LAPB), and calls that waited for
 * it are sent. */
void x25_line_up(struct x25_line *line, nanoseconds now);
/* It does not any more: all circuits on it are cleared, here, as by the network: cause 0x09, out of
 * order. */
void x25_line_down(struct x25_line *line, nanoseconds now);
/* The same, and it will not come up: calls that wait for it are cleared too. */
void x25_line_failed(struct x25_line *line, nanoseconds now);
/* A packet arrived; takes it. */
void x25_line_receive(struct x25_line *line, struct packet *p, nanoseconds now);
/* has_room has become true. */
void x25_line_ready(struct x25_line *line, nanoseconds now);

/* ---- what is said of a call ---- */

enum x25_facility_mask { /* as Linux's X25_MASK_* */
                         X25_FACILITY_REVERSE = 1,
                         X25_FACILITY_THROUGHPUT = 2,
                         X25_FACILITY_PACKET_BYTES = 4,
                         X25_FACILITY_WINDOW = 8,
                         X25_FACILITY_CALLING_EXTENSION = 16,
                         X25_FACILITY_CALLED_EXTENSION = 32
};

enum x25_reverse_bits { /* the value of the facility 0x01 */
                        X25_REVERSE = 0x01,
                        X25_FAST_SELECT = 0x80,
                        X25_FAST_SELECT_RESTRICTED = 0xC0
};

struct x25_extension {
    uint8_t digits; /* half octets */
    uint8_t bytes[X25_EXTENSION_BYTES];
};

/* In and out are the station's own: what comes to it, what it sends. */
struct x25_facilities {
    uint8_t mask;                  /* enum x25_facility_mask: what was said, or is to be */
    uint8_t window_in, window_out; /* packets */
    uint8_t packet_in, packet_out; /* the logarithm of the size: 4 to 12 */
    uint8_t throughput;            /* class of who is called << 4 | of who calls */
    uint8_t reverse;               /* enum x25_reverse_bits */
    struct x25_extension calling, called;
};

struct x25_user_data {
    uint8_t length;
    uint8_t bytes[X25_USER_DATA_BYTES];
};

/* Why a circuit was cleared or reset. */
struct x25_reason {
    uint8_t cause, diagnostic;
    uint8_t by; /* enum x25_by, of event.h */
};

/* A call, or its answer. */
struct x25_call {
    struct x121 called, calling;
    struct x25_facilities facilities;
    struct x25_user_data data;
    bool confirm_delivery; /* the D bit: acknowledgements are the far station's (X.25 4.3.3) */
};

/* ---- up ---- */

struct x25_upper { /* who takes calls: one of a host */
    uint32_t code;
    uint32_t zero;
};
struct x25_user { /* whose the circuit is; embedded, NULL: nobody's any more */
    uint32_t code;
    uint32_t zero;
};

struct x25_upper_code {
    /* Is there somebody who takes calls such as this? If not, it may be another host's. */
    bool (*wants)(const struct x25_upper *upper, const struct x25_call *call);
    /* A call came in, and the circuit for it: state p3. true: it is wanted, and the upper answers,
     * now or later, by x25_accept or x25_clear, having said x25_own. false: it has no room for it;
     * the packet layer clears it. *reason says why; it is 0x01, 0 before. */
    bool (*incoming)(struct x25_upper *upper, struct x25_circuit *c, const struct x25_call *call,
                     struct x25_reason *reason, nanoseconds now);
};
struct x25_user_code {
    void (*connected)(struct x25_user *user, const struct x25_call *answer, nanoseconds now);
    /* It is over: by the other station, an error, a timer or the line; the circuit is no more.
     * `data` may be empty. */
    void (*cleared)(struct x25_user *user, const struct x25_reason *reason,
                    const struct x25_user_data *data, nanoseconds now);
    /* A whole record; takes it. qualified: the Q bit. */
    void (*record)(struct x25_user *user, struct packet *p, bool qualified, nanoseconds now);
    /* To be confirmed by x25_interrupt_confirm, which lets another come. */
    void (*interrupt)(struct x25_user *user, const uint8_t *bytes, size_t length, nanoseconds now);
    /* By the other station or an error; what was under way either way is lost. */
    void (*reset)(struct x25_user *user, const struct x25_reason *reason, nanoseconds now);
    /* Records or interrupts that were waiting have gone: x25_unsent_bytes is less. */
    void (*sent)(struct x25_user *user, nanoseconds now);
};
extern const struct x25_upper_code x25_upper_codes[]; /* the assembler's */
extern const struct x25_user_code x25_user_codes[];

void x25_attach(struct x25 *x, struct x25_upper *upper, uint32_t code);

/* ---- down ---- */

/* Calls, by the route of call->called. The packet goes when the line is up. What the line and the
 * other station do not allow is less in the answer. @raise ENETUNREACH no route, or no channel
 * free; ENOBUFS */
int x25_call(struct x25 *x, struct x25_user *user, const struct x25_call *call,
             struct x25_circuit **circuit, nanoseconds now);
/* Whose it is from now on. */
void x25_own(struct x25_circuit *c, struct x25_user *user);
/* Answers an incoming call: answer->facilities are what may be used at most (they are made less by
 * what the caller asked for); its addresses are not sent, its data only with fast select.
 * @raise EOPNOTSUPP the caller wants no circuit, but to be cleared (fast select, restricted) */
int x25_accept(struct x25_circuit *c, const struct x25_call *answer, nanoseconds now);
/* Ends it; the user is told nothing more, and may not use it again. data: of a fast select, or
 * NULL. */
void x25_clear(struct x25_circuit *c, const struct x25_reason *reason,
               const struct x25_user_data *data, nanoseconds now);
/* A record of at most X25_RECORD_BYTES bytes; takes the packet. @raise ENOTCONN */
int x25_send(struct x25_circuit *c, struct packet *record, bool qualified, nanoseconds now);
/* At most X25_INTERRUPT_BYTES; one is out at a time, others wait; takes the packet. */
int x25_interrupt(struct x25_circuit *c, struct packet *p, nanoseconds now);
void x25_interrupt_confirm(struct x25_circuit *c, nanoseconds now);
/* @raise ENOTCONN; EALREADY one is under way; ENOBUFS the answer to the call has found no memory */
int x25_reset(struct x25_circuit *c, const struct x25_reason *reason, nanoseconds now);
/* The user has no room for more (RNR), or again (RR). */
void x25_hold(struct x25_circuit *c, bool hold, nanoseconds now);
/* Of records and interrupts given that the other station has not acknowledged. */
uint32_t x25_unsent_bytes(const struct x25_circuit *c);
/* Both stations' agreement, once it is connected. */
const struct x25_facilities *x25_agreed(const struct x25_circuit *c);
