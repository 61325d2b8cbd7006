/* SPDX-License-Identifier: MIT */
/*
 * What a lab tells who looks: one tagged union for everything that happens, and the names of the
 * reasons. Pure types; the core itself fills these in (base/event), so there is one vocabulary.
 *
 * Readers and observers (sockeye.h, "seeing") say by a mask of kinds what they want to be told:
 * `1u << EVENT_DROP | 1u << EVENT_FRAME_SENT | EVENT_BYTES`. What nobody wants is not even made.
 */
#pragma once
#include <stdint.h>

#include "sockeye/address.h"

#ifdef __cplusplus
extern "C" {
#endif

enum event_kind {
    EVENT_NONE,
    EVENT_FRAME_SENT,      /* frame: it was handed to a wire (at the sender's end); mark, fate */
    EVENT_FRAME_DELIVERED, /* frame: it came out at the far end; FRAME_DAMAGED in flags */
    EVENT_DROP,            /* drop: a packet or frame was discarded */
    EVENT_TCP_STATE,       /* tcp_state: RFC 9293 3.3.2 */
    EVENT_TCP_TIMER,       /* tcp_timer: it fired */
    EVENT_TCP_CWND,        /* tcp_cwnd: cwnd or the phase of recovery is another */
    EVENT_NEIGHBOR,        /* neighbor: its state is another (RFC 4861 7.3.2) */
    EVENT_LINK,            /* link: a wire's direction went up or down */
    EVENT_CALL,            /* call: a socket call, and what it was told */
    EVENT_NOTE,            /* note: what is worth a line and is none of the above */
    EVENT_ADDRESS,         /* address: an address of an interface is in another state */
    EVENT_ROUTE,           /* route: one was added, changed or removed */
    EVENT_STATION,         /* station: a switch learned, moved or forgot a MAC address */
    EVENT_MAPPING,         /* mapping: a translator (NAT) made or ended one */
    EVENT_GROUP,           /* group: an interface joined or left a multicast group; a switch learned
                            * or forgot that a port listens to one, or leads to who asks for all */
    EVENT_FAULT,           /* fault: one of a wire or a node began, changed or ended */
    EVENT_PORT,            /* port: one of a switch has another part in the spanning tree */
    EVENT_LAPB,            /* lapb: a data link of X.25 is in another state */
    EVENT_DATA,            /* data: a socket call took bytes of a program, or gave it some */
    EVENT_X25,             /* x25: a circuit of X.25 was cleared or reset, and why */
    EVENT_KINDS
};

/* In a mask of kinds: the bytes of frames too. Who only counts does not want them copied. */
#define EVENT_BYTES (UINT32_C(1) << 31)
#define EVENT_EVERYTHING UINT32_MAX /* all kinds, with bytes */

/* Why a packet was dropped. Every discard in the core names one, is counted and emitted once. */
enum drop {
    DROP_NONE,
    /* layer 1 */
    DROP_WIRE_LOSS,       /* the wire's random loss */
    DROP_WIRE_QUEUE_FULL, /* over the queue limit of the wire */
    DROP_WIRE_DOWN,       /* the wire is down */
    DROP_NO_MEMORY,       /* the node's packet limit is reached */
    DROP_TOO_LONG,        /* longer than the wire's MTU */
    DROP_NODE_AWAY,       /* the node is paused, or has crashed */
    DROP_PARTITION,       /* a partition lies between */
    DROP_WIRE_STANDING,   /* CoDel: the queue of the wire stood for too long */
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
    DROP_ICMP_IGNORED,  /* valid, but acts on nothing (unknown connection, source quench, ...) */
    DROP_ICMP_RATE,     /* our own ICMP, over its rate */
    DROP_FORWARD_HOPS,  /* not forwarded: its TTL (hop limit) is used up */
    DROP_FORWARD_SCOPE, /* not forwarded: an address that means one wire or one host alone */
    DROP_FORWARD_GROUP, /* not forwarded: to a group */
    DROP_FORWARD_BROADCAST, /* not forwarded: to all stations of another network */
    DROP_FORWARD_POLICY,    /* not forwarded: a route says so */
    DROP_NAT_FILTERED,      /* from outside, and the inside has not sent to that peer */
    DROP_NAT_FULL,          /* no port or session is left for it */
    DROP_NAT_PROTOCOL,      /* a protocol without ports cannot be translated */
    DROP_NAT_HEADER,        /* too short to be translated, or a bad checksum of ICMP */
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
    /* layer 2, of a switch or hub */
    DROP_SWITCH_SOURCE,    /* sent by a group or by nobody */
    DROP_SWITCH_RESERVED,  /* for the neighbour on the wire alone: 01-80-C2-00-00-0X */
    DROP_SWITCH_SAME_PORT, /* its receiver is where it came from */
    DROP_SWITCH_NO_PORT,   /* no other port to send it by */
    DROP_SWITCH_VLAN,      /* of a VLAN that is none of its port's */
    DROP_SWITCH_TAGS,      /* with a tag, or a second one, where none may be */
    DROP_SWITCH_BLOCKED,   /* the spanning tree has closed the port it came in by */
    DROP_SWITCH_BPDU,      /* no message of the spanning tree, and sent to where these go */
    DROP_SWITCH_STORM, /* for all or for somebody unknown, and more of these than its port may */
    DROP_LINK_DOWN,    /* its host has switched the interface off */
    /* layer 2, of LAPB */
    DROP_LAPB_HEADER,   /* its length, address or control field are none */
    DROP_LAPB_SEQUENCE, /* not the frame that is due: the peer sends it again */
    DROP_LAPB_DOWN,     /* the data link is not up */
    DROP_LAPB_QUEUE,    /* too many packets wait for it */
    DROP_SOCKET_FILTER, /* the program's filter does not want it */
    /* layer 3, of X.25 */
    DROP_X25_PACKET,  /* it is none that can be: too short, a wrong format, a wrong call */
    DROP_X25_CHANNEL, /* there is no circuit on its channel */
    DROP_X25_STATE,   /* nothing that its circuit or line waits for now */
    /* layer 4, of X.25 over TCP */
    DROP_XOT_HEADER, /* a version or a length that there is not: its stream is closed */
    DROP_XOT_LOCAL,  /* what may not pass a stream: RFC 1613 6.1, 6.4 */
    DROP_XOT_QUEUE,  /* too much waits for the stream, or it is broken */
    DROP_XOT_FULL,   /* a stream too many */
    /* layer 2, of a switch: what is for a group */
    DROP_SWITCH_GROUP,       /* its headers are broken: RFC 4541 2.1.1 (5) */
    DROP_SWITCH_NO_LISTENER, /* behind no other port does anybody listen to it */
    DROP_XOT_CALLER,         /* a stream from a host that may not call */
    DROP_X25_RELAY,          /* more for a switched call than its windows let on their way */
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
    MARK_LAPB_REJECTED,      /* an I frame again: REJ asked for it */
    MARK_LAPB_TIMER,         /* an I frame again: the answer after T1 says that it is missing */
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
    FRAME_WIRE_DOWN = 128, /* refused: the wire is down */
    FRAME_MARKED = 256     /* the queue marked it: CE (RFC 3168), in place of a drop */
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
    TCP_TIMER_SEND_LATER, /* a packet could not be had, or the path became smaller: again */
    TCP_TIMER_PACE,       /* what is ready waited for its time: SO_MAX_PACING_RATE */
    TCP_TIMER_COUNT
};

/* How sure a station is of a neighbour: RFC 4861 7.3.2, which ARP here follows too. */
enum neighbor_state {
    NEIGHBOR_NONE,
    NEIGHBOR_INCOMPLETE, /* its station is being asked for; packets wait */
    NEIGHBOR_REACHABLE,  /* it answered lately */
    NEIGHBOR_STALE,      /* it may have gone; nobody has sent to it since */
    NEIGHBOR_DELAY,      /* sent to; an upper layer may still say that it answers */
    NEIGHBOR_PROBE,      /* the station known is being asked */
    NEIGHBOR_FAILED
};

/* What happened to an entry of a table. */
enum change {
    CHANGE_NONE,
    CHANGE_ADDED,
    CHANGE_CHANGED,
    CHANGE_REMOVED, /* by whoever made it */
    CHANGE_EXPIRED, /* by its age */
    CHANGE_LEARNED,
    CHANGE_MOVED,
    CHANGE_EVICTED, /* for want of room */
    CHANGE_JOINED,
    CHANGE_LEFT,
    CHANGE_BEGAN,
    CHANGE_ENDED,
    CHANGE_COUNT
};

/* How an entry of a table came to be known. */
enum origin {
    ORIGIN_NONE,
    ORIGIN_CONFIGURED, /* the lab says so */
    ORIGIN_KERNEL,     /* it follows from something else: the network of an address */
    ORIGIN_TRAFFIC,    /* seen in what passes: a switch's stations, a translator's mappings */
    ORIGIN_ARP,        /* RFC 826 */
    ORIGIN_ND,         /* RFC 4861: solicitations and advertisements of neighbours */
    ORIGIN_RA,         /* RFC 4861: an advertisement of a router; RFC 4862 */
    ORIGIN_LINK_LOCAL, /* RFC 4862 5.3 */
    ORIGIN_TEMPORARY,  /* RFC 8981 */
    ORIGIN_REDIRECT,   /* RFC 792, RFC 4861 8 */
    ORIGIN_DHCP,       /* RFC 2131, RFC 8415 */
    ORIGIN_CALL,       /* a program asked for it */
    ORIGIN_CONFIRMED,  /* an upper layer says that it works: RFC 4861 7.3.1 */
    ORIGIN_COUNT
};

/* RFC 4862 2, RFC 4429 3.1 */
enum address_state {
    ADDRESS_NONE, /* not there: before it is added, after it is removed */
    ADDRESS_TENTATIVE,
    ADDRESS_OPTIMISTIC,
    ADDRESS_PREFERRED,
    ADDRESS_DEPRECATED,
    ADDRESS_DUPLICATED, /* another station has it */
    ADDRESS_STATE_COUNT
};

/* What a port is in the spanning tree: IEEE 802.1D-2004 17.3. */
enum port_role {
    PORT_DISABLED, /* nothing comes in by its wire */
    PORT_ROOT,
    PORT_DESIGNATED,
    PORT_ALTERNATE,
    PORT_BACKUP,
    PORT_ROLE_COUNT
};

enum port_state { PORT_DISCARDING, PORT_LEARNING, PORT_FORWARDING, PORT_STATE_COUNT };

/* Of a data link (X.25 2.4.4). */
enum lapb_state {
    LAPB_DISCONNECTED,
    LAPB_SETUP,   /* SABM or SABME was sent */
    LAPB_RELEASE, /* DISC was sent */
    LAPB_CONNECTED,
    LAPB_REJECTED, /* FRMR was sent: the peer has to set up the link anew */
    LAPB_STATE_COUNT
};

enum fault {
    FAULT_NONE,
    FAULT_RATE,
    FAULT_DELAY,
    FAULT_JITTER,
    FAULT_LOSS,
    FAULT_REORDER,
    FAULT_DUPLICATE,
    FAULT_CORRUPT,
    FAULT_QUEUE,
    FAULT_MTU,
    FAULT_DOWN, /* of a wire */
    FAULT_PARTITION,
    FAULT_CRASH,
    FAULT_RESTART,
    FAULT_PAUSE,
    FAULT_COUNT
};

enum note {
    NOTE_NONE,
    NOTE_ADDRESS_DEFENDED, /* RFC 5227 2.4: another station claims an address of ours */
    NOTE_ADDRESS_CLAIMED,  /* RFC 4862 5.4.4: the same, of IPv6, after it was found to be ours */
    NOTE_ADDRESS_LOOPED,   /* RFC 7527 4.2: a probe of ours came back to us */
    NOTE_COUNT
};

/* ---- what each kind tells; a new kind is a struct here, a row in base/event.c, and its fields in
 * observe/event_fields.c ---- */

struct event_frame {
    uint64_t serial;      /* its number on this wire and direction, from 1 */
    const uint8_t *bytes; /* NULL: not asked for (EVENT_BYTES), or there is no packet */
    uint32_t length;      /* of the frame, whether its bytes are here or not */
    uint16_t flags;       /* enum frame_flag */
    uint8_t mark;         /* enum mark */
};

struct event_drop {
    struct event_frame frame; /* what was dropped; length 0: no packet is at hand */
    uint8_t reason;           /* enum drop */
};

/* A connection of TCP as events name it. */
struct event_flow {
    struct endpoint local, remote;
    uint64_t serial; /* its number on its host, from 1; 0: a listener's or nobody's */
};

struct event_tcp_state {
    struct event_flow flow;
    uint8_t from, to; /* enum tcp_state_name */
};

struct event_tcp_timer {
    struct event_flow flow;
    int64_t rto;          /* nanoseconds */
    uint32_t retransmits; /* in a row so far */
    uint8_t timer;        /* enum tcp_timer_name */
};

struct event_tcp_cwnd {
    struct event_flow flow;
    int64_t cwnd, ssthresh, flight; /* bytes; ssthresh -1: none yet */
    int64_t srtt, rto;              /* nanoseconds; srtt 0: none yet */
    uint8_t phase; /* of recovery: 0 open, 1 disorder, 2 cwr, 3 recovery, 4 loss, as Linux's
                    * tcpi_ca_state */
};

struct event_neighbor {
    struct address address;
    uint8_t mac[6];   /* as far as it is known */
    uint8_t from, to; /* enum neighbor_state */
};

struct event_link {
    uint8_t up; /* 1, or 0: down */
};

struct event_call {
    int64_t result; /* as sockeye.h says: -errno, a length, a descriptor */
    int32_t fd;     /* -1: none was given */
    uint32_t call;  /* a number of event_call_name */
};

enum { EVENT_DATA_NAME = 40 };

/* Of a call that sends or receives, beside its EVENT_CALL; not if it only looks (MSG_PEEK). */
struct event_data {
    struct event_frame frame;      /* bytes: what was taken, or given; serial, flags, mark: 0 */
    struct endpoint local, remote; /* of an Internet socket; remote of a datagram: whom it is to, or
                                    * from; unspecified: not told */
    uint64_t own, peer; /* of AF_UNIX: numbers of the socket and its peer on their host; 0: none */
    char name[EVENT_DATA_NAME]; /* of AF_UNIX: a path, or @ and an abstract name; of X.25: both
                                 * addresses; "": neither has one */
    int32_t fd;
    uint32_t call;         /* a number of event_call_name */
    uint16_t domain, type; /* AF_*, SOCK_* */
    uint8_t received;      /* 1; 0: sent */
};

struct event_note {
    struct address address;
    uint64_t conflicts; /* so far */
    uint8_t note;       /* enum note */
};

/* A network, or an address with the length of its network: 24 of 10.0.0.1/24. */
struct event_prefix {
    struct address address;
    uint64_t length;
};

struct event_address {
    struct event_prefix address;
    int64_t preferred, valid; /* when these end, in lab time; INT64_MAX: never */
    uint16_t interface;
    uint8_t from, to; /* enum address_state */
    uint8_t origin;   /* enum origin */
};

struct event_route {
    struct event_prefix prefix;
    struct address gateway; /* unspecified: on the wire itself */
    uint32_t metric;
    uint16_t interface;
    uint8_t change; /* enum change */
    uint8_t origin; /* enum origin */
};

/* The event's host is the switch. */
struct event_station {
    uint8_t mac[6];
    uint16_t vlan;           /* 0: none */
    uint16_t port, old_port; /* numbers of its interfaces; the old one of what moved */
    uint8_t change;          /* enum change */
};

/* The event's host is the switch. */
struct event_port {
    uint16_t port; /* number of its interface */
    uint8_t role;  /* enum port_role */
    uint8_t state; /* enum port_state */
};

struct event_mapping {
    struct endpoint inner, outer, peer; /* peer: unspecified, for every one */
    uint8_t protocol;                   /* of IP */
    uint8_t change;                     /* enum change */
    uint8_t origin;                     /* enum origin */
};

struct event_group {
    struct address group, source; /* source: unspecified, of every one */
    uint16_t interface;           /* of a switch, its port */
    uint8_t change;               /* enum change */
    uint16_t vlan;                /* of a switch with VLANs; 0: none */
};

struct event_lapb {
    uint16_t interface;
    uint8_t from, to; /* enum lapb_state */
};

enum x25_by {
    X25_BY_STATION, /* the other one: a packet said so */
    X25_BY_ERROR,   /* a packet that may not be */
    X25_BY_TIMER,
    X25_BY_LINE, /* it is down */
    X25_BY_USER, /* of the circuit, here */
    X25_BY_COUNT
};

struct event_x25 {
    uint16_t lcn;              /* of the circuit, as its host numbers it */
    uint8_t is_reset;          /* 1; 0: it was cleared */
    uint8_t cause, diagnostic; /* ITU-T X.25 5.2.3, 5.4.3, annex E */
    uint8_t by;                /* enum x25_by */
};

/* Of the event's wire and direction, or of its host. */
struct event_fault {
    int64_t value;  /* now: in nanoseconds, bits a second, bytes or parts per million; 0: none */
    uint8_t fault;  /* enum fault */
    uint8_t change; /* enum change */
};

enum { EVENT_NOWHERE = 0xffff };

struct sockeye_event {
    int64_t time;       /* nanoseconds of lab time */
    uint16_t kind;      /* enum event_kind: which member of the union holds */
    uint16_t host;      /* host number or EVENT_NOWHERE */
    uint16_t wire;      /* wire number or EVENT_NOWHERE */
    uint16_t direction; /* of the wire: 0 from end 0 to end 1, 1 the other way */
    union {
        struct event_frame frame; /* EVENT_FRAME_SENT, EVENT_FRAME_DELIVERED */
        struct event_drop drop;
        struct event_tcp_state tcp_state;
        struct event_tcp_timer tcp_timer;
        struct event_tcp_cwnd tcp_cwnd;
        struct event_neighbor neighbor;
        struct event_link link;
        struct event_call call;
        struct event_data data;
        struct event_note note;
        struct event_address address;
        struct event_route route;
        struct event_station station;
        struct event_port port;
        struct event_mapping mapping;
        struct event_group group;
        struct event_fault fault;
        struct event_lapb lapb;
        struct event_x25 x25;
    };
};

/* Words for the numbers above; never NULL. */
const char *event_kind_name(unsigned kind);
const char *event_drop_name(unsigned reason);
const char *event_drop_cause(unsigned reason); /* a sentence, for people */
const char *event_mark_name(unsigned mark);
const char *event_tcp_state_name(unsigned state); /* "SYN-SENT", in the RFC's spelling */
const char *event_tcp_timer_name(unsigned timer);
const char *event_tcp_phase_name(unsigned phase); /* of recovery, in the words of ss(8) */
const char *event_neighbor_name(unsigned state);
const char *event_note_cause(unsigned note); /* a sentence */
const char *event_call_name(unsigned call);
const char *event_change_name(unsigned change);
const char *event_origin_name(unsigned origin);
const char *event_address_state_name(unsigned state);
const char *event_fault_name(unsigned fault);
const char *event_port_role_name(unsigned role);
const char *event_port_state_name(unsigned state);
const char *event_lapb_state_name(unsigned state);
const char *event_x25_change_name(unsigned is_reset);
const char *event_x25_by_name(unsigned by);

#ifdef __cplusplus
}
#endif
