/* SPDX-License-Identifier: MIT */
/*
 * What a lab tells its observers: one struct for everything that happens, and the names of the
 * reasons. Pure types; the core itself emits these (base/event), so there is one vocabulary.
 *
 * An event is valid only during the observer's call. `frame` points at the bytes of the frame for
 * the EVENT_FRAME_* kinds and EVENT_DROP where a packet is at hand, and is NULL else.
 */
#pragma once
#include <stdint.h>

enum event_kind {
    EVENT_NONE,
    EVENT_FRAME_SENT,      /* a frame was handed to a wire (at the sender's end); mark, fate */
    EVENT_FRAME_DELIVERED, /* a frame came out at the far end; FRAME_DAMAGED in flags */
    EVENT_DROP,            /* a packet or frame was discarded: reason = enum drop */
    EVENT_TCP_STATE,       /* value[0] from, value[1] to (enum tcp_state_name) */
    EVENT_TCP_TIMER,       /* a timer fired: reason = enum tcp_timer_name */
    EVENT_TCP_CWND, /* value: cwnd, ssthresh (-1: none yet), flight, srtt_ns, rto_ns, phase of
                     * recovery: 0 open, 1 disorder, 2 cwr, 3 recovery, 4 loss, as Linux's
                     * tcpi_ca_state */
    EVENT_NEIGHBOR, /* value[0] from, value[1] to (RFC 4861 states) ; remote = who */
    EVENT_LINK,     /* a wire's direction went up (value[0]=1) or down (0) */
    EVENT_CALL,     /* a socket call: reason = enum input_kind, value[0] fd, value[1] result */
    EVENT_NOTE,     /* RFC 5227 2.4: our address remote is defended; value[0] conflicts so far */
    EVENT_KINDS
};

/* Why a packet was dropped. Every discard in the core names one, is counted and emitted once. */
enum drop {
    DROP_NONE,
    /* layer 1 */
    DROP_WIRE_LOSS,       /* the wire's random loss */
    DROP_WIRE_QUEUE_FULL, /* over the queue limit of the wire */
    DROP_WIRE_DOWN,       /* the wire is down */
    DROP_NO_MEMORY,       /* the node's packet limit is reached */
    DROP_TOO_LONG,        /* longer than the wire's MTU */
    /* layer 2 */
    DROP_FCS,         /* the frame was damaged on the wire */
    DROP_LINK_HEADER, /* shorter than its header */
    DROP_NOT_FOR_US,  /* another station's MAC address */
    DROP_ETHERTYPE,   /* no upper for this ethertype */
    DROP_ARP_HEADER,  /* RFC 826: not Ethernet and IPv4, bad lengths or opcode, or a bad sender */
    DROP_ARP_IGNORED, /* valid ARP that is not for us and updates nothing */
    DROP_NEIGHBOR_FAILED, /* the next hop did not answer */
    DROP_NEIGHBOR_QUEUE,  /* too many packets waiting for resolution (the oldest goes) */
    DROP_NEIGHBOR_TABLE,  /* no room for another neighbour */
    /* layer 3 */
    DROP_IP_HEADER,   /* version, IHL or total length are wrong */
    DROP_IP_CHECKSUM, /* header checksum */
    DROP_IP_OPTION,   /* a malformed or refused option */
    DROP_IP_SOURCE,   /* martian source address */
    DROP_IP_DEST,     /* martian destination, or not ours */
    DROP_IP_PROTOCOL, /* no upper for this protocol */
    DROP_IP_NO_ROUTE,
    DROP_IP_FRAGMENT,         /* bad, overlapping or too many fragments */
    DROP_IP_FRAGMENT_TIMEOUT, /* reassembly timed out */
    DROP_IP_TOO_BIG,          /* larger than the MTU, and may not be fragmented */
    DROP_ICMP_HEADER,         /* too short, bad checksum, or unknown type */
    DROP_ICMP_IGNORED, /* valid, but acts on nothing (unknown connection, source quench, ...) */
    DROP_ICMP_RATE,    /* our own ICMP, over its rate */
    /* layer 4 */
    DROP_UDP_HEADER,
    DROP_UDP_CHECKSUM,
    DROP_UDP_NO_SOCKET,
    DROP_UDP_BUFFER, /* the receive buffer is full */
    DROP_TCP_HEADER, /* data offset, option area */
    DROP_TCP_CHECKSUM,
    DROP_TCP_NO_SOCKET, /* answered with RST */
    DROP_TCP_BAD_FLAGS,
    DROP_TCP_OLD,     /* wholly left of RCV.NXT */
    DROP_TCP_WINDOW,  /* right of the window */
    DROP_TCP_PAWS,    /* RFC 7323 section 5 */
    DROP_TCP_ACK,     /* unacceptable ACK */
    DROP_TCP_RST,     /* a RST that is not exact: RFC 5961 section 3 */
    DROP_TCP_SYN,     /* a SYN in a synchronized state: RFC 5961 section 4 */
    DROP_TCP_NO_ACK,  /* no ACK flag where one must be */
    DROP_TCP_BACKLOG, /* the accept queue or the half-open table is full */
    DROP_TCP_MEMORY,
    DROP_TCP_REASSEMBLY, /* too many holes */
    DROP_TCP_CLOSED,     /* data after close: answered with RST */
    DROP_TCP_DUPLICATE,  /* all its bytes were there already */
    DROP_PING_NO_SOCKET,
    DROP_COUNT
};

/* What a transport says about a segment it sends; rides with the packet, never on the wire. */
enum mark {
    MARK_NONE,
    MARK_RETRANSMIT_SYN,     /* SYN or SYN-ACK again, by the retransmission timer */
    MARK_RETRANSMIT_RTO,     /* RFC 6298 5.4 */
    MARK_RETRANSMIT_FAST,    /* third duplicate ACK: RFC 5681 3.2 */
    MARK_RETRANSMIT_SACK,    /* in recovery, by the scoreboard: RFC 6675 */
    MARK_RETRANSMIT_PARTIAL, /* in recovery, after a partial ACK: RFC 6582 */
    MARK_WINDOW_PROBE,       /* zero-window probe: RFC 9293 3.8.6.1 */
    MARK_KEEPALIVE,          /* RFC 9293 3.8.4 */
    MARK_CHALLENGE_ACK,      /* RFC 5961 */
    MARK_COUNT
};

/* What became of a frame handed to a wire, as far as known when it left. */
enum frame_flag {
    FRAME_LOST = 1,        /* the wire will lose it */
    FRAME_DAMAGED = 2,     /* a bit was flipped on the wire, layer 2 will see it */
    FRAME_FLIPPED = 4,     /* a bit was flipped past the FCS */
    FRAME_DUPLICATED = 8,  /* a second copy follows */
    FRAME_REORDERED = 16,  /* held back on purpose */
    FRAME_BARE_IP = 32,    /* no Ethernet header: `frame` begins with the IP header */
    FRAME_QUEUE_FULL = 64, /* refused by the wire's own queue */
    FRAME_WIRE_DOWN = 128  /* refused: the wire is down */
};

/* RFC 9293 section 3.3.2, in its order; values are Linux's (tcp_states.h), as TCP_INFO shows them.
 */
enum tcp_state_name {
    TCP_STATE_ESTABLISHED = 1,
    TCP_STATE_SYN_SENT,
    TCP_STATE_SYN_RECEIVED,
    TCP_STATE_FIN_WAIT_1,
    TCP_STATE_FIN_WAIT_2,
    TCP_STATE_TIME_WAIT,
    TCP_STATE_CLOSED,
    TCP_STATE_CLOSE_WAIT,
    TCP_STATE_LAST_ACK,
    TCP_STATE_LISTEN,
    TCP_STATE_CLOSING,
    TCP_STATE_COUNT
};

enum tcp_timer_name {
    TCP_TIMER_RETRANSMIT,
    TCP_TIMER_PERSIST,
    TCP_TIMER_DELACK,
    TCP_TIMER_KEEPALIVE,
    TCP_TIMER_TIME_WAIT,
    TCP_TIMER_FIN_WAIT_2,
    TCP_TIMER_SEND_LATER, /* corked or silly-window data waited long enough */
    TCP_TIMER_COUNT
};

struct event_endpoint {
    uint8_t address[16]; /* IPv4 in mapped form */
    uint16_t port;
    uint16_t reserved;
};

enum { EVENT_NOWHERE = 0xffff };

struct sockeye_event {
    int64_t time; /* nanoseconds of lab time */
    uint8_t kind; /* enum event_kind */
    uint8_t reason;
    uint8_t flags;      /* enum frame_flag */
    uint8_t mark;       /* enum mark */
    uint16_t host;      /* host number or EVENT_NOWHERE */
    uint16_t wire;      /* wire number or EVENT_NOWHERE */
    uint16_t direction; /* of the wire: 0 from end 0 to end 1, 1 the other way */
    uint16_t protocol;  /* IP protocol where known, else 0 */
    uint32_t length;    /* bytes at frame */
    uint64_t serial;    /* frames: the number of the frame on this wire and direction, from 1;
                           TCP: the number of the connection on its host, from 1 */
    struct event_endpoint local, remote; /* TCP and neighbour events */
    int64_t value[6];
    const uint8_t *frame;
};

/* Words for the enums above; never NULL. */
const char *event_drop_name(unsigned reason);
const char *event_drop_cause(unsigned reason); /* a sentence, for people */
const char *event_mark_name(unsigned mark);
const char *event_tcp_state_name(unsigned state); /* "SYN-SENT", in the RFC's spelling */
const char *event_tcp_timer_name(unsigned timer);
