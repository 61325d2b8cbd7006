/* SPDX-License-Identifier: MIT */
/*
 * THE SERVICE OF LAYER 4: end to end. Streams (TCP), datagrams (UDP) and echo requests (ping),
 * behind one set of calls; a session holds a `struct transport_end *` and need not know which.
 *
 * Nothing here waits: -EAGAIN says that it would. What happens later is told upward once an entry
 * of the lab has done its work (transport_deliver): the user then looks at transport_ready. That is
 * also the only place where ended connections are freed.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "3-network/ip.h"
#include "base/list.h"
#include "base/name.h"

enum transport_kind {
    TRANSPORT_STREAM,
    TRANSPORT_DATAGRAM,
    TRANSPORT_PING,
    TRANSPORT_NETLINK,     /* of layer 6: what a host says of itself */
    TRANSPORT_UNIX_STREAM, /* of layer 5, all three: between programs of one host */
    TRANSPORT_UNIX_DATAGRAM,
    TRANSPORT_UNIX_PACKETS,
    TRANSPORT_RAW,
    TRANSPORT_CIRCUIT, /* virtual circuits of X.25 */
    TRANSPORT_DIAG,    /* of layer 6: what it says of its sockets */
    TRANSPORT_FRAMES,  /* whole frames of the host's interfaces */
    TRANSPORT_KINDS
};

/* Where a dialogue is. A kind without dialogues is open when it has a peer, else closed. */
enum transport_phase { TRANSPORT_CLOSED, TRANSPORT_LISTENING, TRANSPORT_OPENING, TRANSPORT_OPEN };

enum transport_ready {
    READY_IN = 1,        /* bytes, a datagram, a connection to accept, or the end of the stream */
    READY_OUT = 2,       /* there is room to send */
    READY_ERROR = 4,     /* a pending error */
    READY_HUP = 8,       /* both directions are shut, or there never was a connection */
    READY_READ_END = 16, /* the peer has finished (POLLRDHUP) */
    READY_URGENT = 32
};

/* What layer 5 provides. */
struct transport_upper {
    uint32_t code;
    uint32_t zero;
};

struct transport_upper_code {
    /* Something changed; look at transport_ready. */
    void (*told)(struct transport_upper *upper, nanoseconds now);
};
extern const struct transport_upper_code transport_upper_codes[]; /* the assembler's */

struct transport;     /* the transports of one host */
struct transport_end; /* one socket's end of one of them: a TCP connection, a UDP or a ping end */

struct message_beside; /* session.h: what goes beside the bytes within one host */

/* Who says that there is trouble: the ABI's numbers (SO_EE_ORIGIN_*). */
enum trouble_origin { TROUBLE_LOCAL = 1, TROUBLE_ICMP = 2, TROUBLE_ICMP_6 = 3 };

/* An error about a datagram that was sent, told by itself (IP_RECVERR). */
struct transport_trouble {
    struct address offender; /* who says so; of this host: nobody */
    uint32_t number;         /* errno, positive */
    uint32_t info;           /* an MTU, or a pointer to what is wrong */
    uint8_t origin;          /* enum trouble_origin */
    uint8_t type, code;      /* of ICMP */
    uint8_t zero[5];
};

enum { TRANSPORT_OPTIONS_MOST = 40 };

/* What few messages say besides. */
struct transport_extra {
    uint32_t flow_label;   /* of IPv6; 0: as without */
    uint8_t header_length; /* of options of IPv4, whole words; 0: the end's */
    uint8_t header[TRANSPORT_OPTIONS_MOST];
};

enum transport_chosen {
    TRANSPORT_DONT_FRAGMENT = 1, /* longer than the path's MTU is -EMSGSIZE */
    TRANSPORT_HAS_EXTRA = 2
};

struct transport_message {
    const uint8_t *out; /* send: the bytes */
    uint8_t *in;        /* receive: room */
    size_t length;
    union {
        struct message_beside *beside;       /* of AF_UNIX; NULL: nothing */
        const struct transport_extra *extra; /* of IP, with TRANSPORT_HAS_EXTRA */
    };
    struct endpoint local; /* receive: the address it was sent to, the interface it came by;
                               send: source address and interface if set */
    uint8_t hop_limit;     /* receive: as it came; send: 0 default */
    uint8_t traffic_class;
    bool has_traffic_class; /* send: traffic_class is set */
    uint8_t chosen;         /* send: enum transport_chosen */
    bool qualified;         /* of circuits: the record is qualified (X.25's Q bit) */
    bool urgent;            /* receive: out: the byte is urgent data */
    struct name remote;     /* send: to (NAME_NONE: the peer); receive: from (streams: NAME_NONE) */
    /* From here on what is told of messages received alone: a sender need not clear it. */
    struct address own;     /* what to answer from: local's, or for a broadcast ours */
    nanoseconds time;       /* when it arrived */
    size_t true_length;     /* of the datagram */
    uint8_t options_length; /* of IPv4's options; of IPv6's header the first word, or nothing */
    uint8_t options[TRANSPORT_OPTIONS_MOST];
    struct transport_trouble trouble; /* with TRANSPORT_ERRORS */
    /* of a frame, what its filter cut off too */
    bool has_vlan;
    uint16_t vlan;          /* the tag that was taken off */
    uint32_t frame_bytes;   /* 0: it is none */
    uint32_t frame_network; /* where its layer-3 header is */
};

/* As much of a message as is cleared for every send; of `remote` the family says whether there is
 * more, and who names a remote clears it first. */
enum { TRANSPORT_MESSAGE_SENT = offsetof(struct transport_message, remote) };

enum transport_flags { /* of send and receive */
                       TRANSPORT_PEEK = 1,
                       TRANSPORT_MORE = 2, /* more follows: do not send a partial segment yet */
                       TRANSPORT_OUT_OF_BAND = 4,
                       TRANSPORT_LAST = 16,   /* memory is the limit, not the buffer's */
                       TRANSPORT_ERRORS = 32, /* receive: errors, not data */
                       TRANSPORT_DISCARD =
                           8 /* streams: count the bytes, do not copy them (MSG_TRUNC) */
};

/* Values are int64; booleans 0 or 1; sizes in bytes; times in nanoseconds. */
enum transport_option {
    OPTION_REUSE_ADDRESS,
    OPTION_REUSE_PORT,
    OPTION_BROADCAST,
    OPTION_SEND_BUFFER, /* the limit, as Linux reports it (twice what was asked) */
    OPTION_RECEIVE_BUFFER,
    OPTION_RECEIVE_LOW_WATER,
    OPTION_KEEPALIVE,
    OPTION_LINGER,    /* -1: off; else seconds as nanoseconds; 0: close with RST */
    OPTION_INTERFACE, /* number of the interface; 0 any (SO_BINDTODEVICE) */
    OPTION_DONT_ROUTE,
    OPTION_PRIORITY,
    OPTION_MARK,
    OPTION_PACING_RATE, /* bytes a second at most; 0: no limit */
    OPTION_OOB_INLINE,
    OPTION_HOP_LIMIT, /* 0: default */
    OPTION_TRAFFIC_CLASS,
    OPTION_MULTICAST_HOP_LIMIT,
    OPTION_MULTICAST_LOOP,
    OPTION_DISCOVER_MTU,   /* IP_PMTUDISC_* */
    OPTION_MTU,            /* read: of the path; @raise ENOTCONN */
    OPTION_RECEIVE_ERRORS, /* IP_RECVERR: soft errors are reported at once */
    OPTION_BIND_NO_PORT,   /* IP_BIND_ADDRESS_NO_PORT */
    OPTION_FREE_BIND,
    OPTION_FAMILIES, /* enum address_families; @raise EINVAL it is bound */
    /* as those above, which are IPv4's, for what goes to or comes from addresses of IPv6 */
    OPTION_HOP_LIMIT_6,
    OPTION_TRAFFIC_CLASS_6,
    OPTION_MULTICAST_HOP_LIMIT_6,
    OPTION_MULTICAST_LOOP_6,
    OPTION_DISCOVER_MTU_6,
    OPTION_RECEIVE_ERRORS_6,
    OPTION_MULTICAST_ALL_6,       /* groups that somebody else here joined are heard too */
    OPTION_DONT_FRAGMENT_6,       /* IPV6_DONTFRAG: longer than the path's MTU is -EMSGSIZE */
    OPTION_FRAGMENT_MTU_6,        /* fragments are no longer; 0: the path's MTU alone */
    OPTION_MULTICAST_INTERFACE_6, /* number + 1 of the interface for groups; 0: the routes' */
    OPTION_UNICAST_INTERFACE_6,   /* the same, for other addresses */
    OPTION_UNICAST_INTERFACE,
    OPTION_MULTICAST_INTERFACE, /* number + 1 of the interface for groups; 0: the routes' */
    OPTION_MULTICAST_ALL,
    OPTION_MULTICAST_SOURCE,   /* the low half of the mapped address that groups of IPv4 are sent
                                * to from; 0: layer 3's choice */
    OPTION_STICKY_INTERFACE_6, /* number + 1: before those two of IPv6 for both; 0: none */
    OPTION_AUTO_LABEL_6,       /* flows have labels: 0 as the host's do, 1 no, 2 yes */
    OPTION_FLOW_LABEL_6,       /* of what goes to its peer; 0: none of its own choice */
    OPTION_TELL_MTU_6,         /* what is too long for its path is news, as these */
    OPTION_TOLD_MTU_6,         /* of the news that nobody has read; 0: there is none */
    OPTION_TOLD_INTERFACE_6,
    OPTION_TOLD_HIGH_6, /* the destination it is of */
    OPTION_TOLD_LOW_6,
    /* raw */
    OPTION_PROTOCOL,    /* which it speaks and hears: 1 to 255 */
    OPTION_WHOLE,       /* what is sent begins with its IP header */
    OPTION_CHECKSUM_AT, /* where a checksum stands that is ours to compute and check; -1: none */
    OPTION_FILTER,      /* 32 types of ICMP that are not wanted, a bit each; then the next 32 */
    OPTION_FILTER_LAST = OPTION_FILTER + 7,
    /* frames */
    OPTION_HEARD,       /* the protocol that is heard; 0: none */
    OPTION_COOKED,      /* without the header of the link; before anything is heard */
    OPTION_IGNORE_SENT, /* what the host sends is not shown */
    /* streams */
    OPTION_NO_DELAY,
    OPTION_CORK,
    OPTION_MAXIMUM_SEGMENT,
    OPTION_KEEPALIVE_IDLE,
    OPTION_KEEPALIVE_INTERVAL,
    OPTION_KEEPALIVE_COUNT,
    OPTION_SYN_COUNT,
    OPTION_LINGER_2, /* TCP_LINGER2: FIN-WAIT-2 of orphans; -1: none */
    OPTION_DEFER_ACCEPT,
    OPTION_WINDOW_CLAMP,
    OPTION_QUICK_ACK,
    OPTION_USER_TIMEOUT,
    OPTION_NOT_SENT_LOW_WATER,
    OPTION_CONGESTION, /* enum tcp_cc_kind */
    /* of a host's own (TRANSPORT_NETLINK) */
    OPTION_NETLINK_EXPLAINS, /* errors say why in words */
    OPTION_NETLINK_CAPPED,   /* and do not repeat the request */
    OPTION_NETLINK_STRICT,   /* questions for tables may not say what is not looked at */
    OPTION_NETLINK_JOIN,     /* set: a group, by its number */
    OPTION_NETLINK_LEAVE,
    /* within one host */
    OPTION_PASS_CREDENTIALS,
    OPTION_PASS_RIGHTS,
    OPTION_PEEK_OFFSET, /* -1: none */
    OPTION_COUNT
};

/* ---- groups ---- */

enum { TRANSPORT_GROUP_SOURCES = 64 };

/* What an end wants to hear of a group: these sources alone, or all but these. */
struct transport_group {
    struct address group;
    uint16_t interface; /* number + 1; 0: that of the route to the group */
    bool is_exclude;
    uint8_t zero[5];
    uint32_t count;
    uint32_t zero_too;
    struct address source[TRANSPORT_GROUP_SOURCES];
};

enum transport_group_call {
    TRANSPORT_GROUP_JOIN,
    TRANSPORT_GROUP_READ,  /* fills in what is wanted */
    TRANSPORT_GROUP_CHANGE /* of these sources alone, of which there is none: leaves it */
};

/* The number + 1 of the interface that has this address of ours; 0: none has it. */
uint16_t transport_interface_of(const struct transport_end *end, struct address own);
/* @raise EPROTO a stream; EINVAL ENODEV EADDRINUSE (it has joined) EADDRNOTAVAIL (it has not)
 * ENOBUFS */
int transport_group(struct transport_end *end, enum transport_group_call call,
                    struct transport_group *group, nanoseconds now);

/* ---- frames: what else there is at a link ---- */

enum transport_member_kind {
    TRANSPORT_MEMBER_GROUP,
    TRANSPORT_MEMBER_PROMISCUOUS,
    TRANSPORT_MEMBER_ALL_GROUPS,
    TRANSPORT_MEMBER_STATION
};

enum transport_link_call {
    TRANSPORT_LINK_JOIN,
    TRANSPORT_LINK_LEAVE,
    TRANSPORT_LINK_COUNTS /* frames since the last time, and of these those without room */
};

struct transport_link {
    enum transport_member_kind kind;
    uint32_t interface; /* its index */
    uint32_t length;    /* of the address */
    uint8_t address[8];
    uint32_t frames, dropped; /* counts */
};

/* @raise ENOPROTOOPT ends of this kind have none; ENODEV EINVAL EADDRNOTAVAIL ENOBUFS */
int transport_link(struct transport_end *end, enum transport_link_call call,
                   struct transport_link *given);

/* ---- filters: programs that say which packets an end wants (base/bpf.h) ---- */

struct transport_filter {
    const uint8_t *program; /* attach: its instructions */
    uint8_t *room;          /* read: where they go */
    size_t length;          /* bytes of either; read: of the program there is, 0: none */
    bool is_locked;         /* lock, read */
};

enum transport_filter_call {
    TRANSPORT_FILTER_ATTACH, /* in place of the one it has */
    TRANSPORT_FILTER_DETACH,
    TRANSPORT_FILTER_LOCK, /* what is locked stays as it is */
    TRANSPORT_FILTER_READ  /* without room: the length alone */
};

/* @raise ENOPROTOOPT ends of this kind have none; EPERM it is locked; EINVAL no program that may
 * run, or less room than it needs; ENOMEM the host has no room for it; ENOENT there is none to
 * detach */
int transport_filter(struct transport_end *end, enum transport_filter_call call,
                     struct transport_filter *filter);

/* ---- options of the IPv4 header ---- */

struct transport_header {
    uint8_t length; /* whole words */
    uint8_t options[TRANSPORT_OPTIONS_MOST];
};

enum transport_header_call { TRANSPORT_HEADER_SET, TRANSPORT_HEADER_READ };

/* @raise ENOPROTOOPT ends of this kind have none; EINVAL malformed; EOPNOTSUPP a source route;
 * ENOBUFS */
int transport_header(struct transport_end *end, enum transport_header_call call,
                     struct transport_header *header);

/* ---- circuits ---- */

enum {
    TRANSPORT_CIRCUIT_DATA_BYTES = 128,
    TRANSPORT_CIRCUIT_EXTENSION_BYTES = 20,
    TRANSPORT_CIRCUIT_KEPT_BYTES = 8
};

/* What is said with a call, what came with it, and why it ended (linux/x25.h). */
struct transport_circuit {
    uint8_t window_in, window_out; /* packets */
    uint8_t packet_in, packet_out; /* logarithms of their size */
    uint8_t throughput, reverse;
    uint8_t calling_digits, called_digits; /* of the extensions of addresses */
    uint8_t calling[TRANSPORT_CIRCUIT_EXTENSION_BYTES], called[TRANSPORT_CIRCUIT_EXTENSION_BYTES];
    uint8_t kept[TRANSPORT_CIRCUIT_KEPT_BYTES]; /* said with the extensions, and not sent */
    uint8_t data_length;
    uint8_t data[TRANSPORT_CIRCUIT_DATA_BYTES];
    uint8_t cause, diagnostic;
    uint8_t match_length; /* a listener's: so many bytes of data must be the same */
};

enum transport_circuit_call {
    TRANSPORT_CIRCUIT_READ,       /* fills in all of it */
    TRANSPORT_CIRCUIT_FACILITIES, /* @raise EINVAL it is connected, or about to be */
    TRANSPORT_CIRCUIT_EXTENSIONS, /* the same */
    TRANSPORT_CIRCUIT_DATA_SET,
    TRANSPORT_CIRCUIT_REASON, /* of its clear */
    TRANSPORT_CIRCUIT_MATCH,  /* @raise EINVAL it listens, or is connected */
    TRANSPORT_CIRCUIT_DECIDE, /* calls are accepted by the next; @raise EINVAL the same */
    TRANSPORT_CIRCUIT_ACCEPT, /* @raise EINVAL it is no call that waits for that */
    TRANSPORT_CIRCUIT_RESET   /* cause, diagnostic; @raise ENOTCONN; EALREADY one is under way */
};
/* @raise EOPNOTSUPP it is no circuit */
int transport_circuit(struct transport_end *end, enum transport_circuit_call call,
                      struct transport_circuit *circuit, nanoseconds now);

enum transport_count_kind {
    COUNT_UNREAD,  /* bytes that can be read now (FIONREAD); of the next datagram */
    COUNT_UNACKED, /* bytes written and not acknowledged (SIOCOUTQ) */
    COUNT_UNSENT,  /* of these, never sent (SIOCOUTQNSD) */
    COUNT_AT_MARK  /* is the next byte the urgent one (SIOCATMARK) */
};

/* What TCP_INFO shows. Times in nanoseconds, windows in bytes. */
struct transport_info {
    uint64_t bytes_acked, bytes_received, bytes_sent, bytes_retransmitted;
    uint64_t segments_out, segments_in, data_segments_in, data_segments_out;
    nanoseconds rto, ack_timeout, srtt, rttvar, least_rtt;
    nanoseconds since_data_sent, since_data_received, since_ack_received;
    uint64_t pacing_rate, pacing_limit; /* bytes a second; none: 0, and as it was set */
    uint64_t cwnd_packets, ssthresh_packets, send_window, receive_window, receive_ssthresh;
    uint32_t state, ca_state, retransmits, probes, backoff;
    uint32_t smss, rmss, path_mtu, advertised_mss, reordering;
    uint32_t unacked_packets, sacked_packets, lost_packets, retransmitted_packets;
    uint32_t total_retransmits, not_sent_bytes;
    uint32_t duplicate_sacks, reordered_seen, out_of_order;
    uint8_t send_wscale, receive_wscale;
    bool timestamps, sack, wscale, ecn;
};

/* ---- calls; `now` is the lab's time ---- */

/* @return 0 -ENOBUFS -EPROTONOSUPPORT */
int transport_open(struct transport *t, enum transport_kind kind, struct transport_upper *upper,
                   struct transport_end **end);
/* Two fresh ends of one kind become each other's peers. @raise EOPNOTSUPP the kind has no pairs */
int transport_pair(struct transport_end *a, struct transport_end *b);
/* Is all that a call of it does done when it returns? Then there is no connect under way to ask
 * for, and every call may come at any time: the kind says what it refuses. */
bool transport_is_immediate(const struct transport_end *end);
/* Frees the user's part; the connection goes on closing by itself. */
void transport_close(struct transport_end *end, nanoseconds now);
/* @raise EADDRINUSE EADDRNOTAVAIL EINVAL (bound already) */
int transport_bind(struct transport_end *end, const struct name *local);
/* @raise EADDRINUSE; EINVAL it is in use; EOPNOTSUPP nobody can listen at this kind */
int transport_listen(struct transport_end *end, uint32_t backlog, nanoseconds now);
/* Streams: starts; @raise EINPROGRESS; EISCONN it is not closed; ENETUNREACH EADDRNOTAVAIL.
 * Datagrams: sets the peer. How it ends is seen by transport_phase and transport_error_take; who
 * has been told is the user's to remember. */
int transport_connect(struct transport_end *end, const struct name *remote, nanoseconds now);
int transport_disconnect(struct transport_end *end, nanoseconds now); /* AF_UNSPEC */
/* Takes an established connection; it tells `upper` from now on.
 * @raise EAGAIN; EINVAL it does not listen; EOPNOTSUPP nobody can listen at this kind */
int transport_accept(struct transport_end *end, struct transport_upper *upper,
                     struct transport_end **accepted);
/* @return bytes taken or given, 0: end of stream; @raise EAGAIN EPIPE ENOTCONN EMSGSIZE
 * EDESTADDRREQ EACCES ENETUNREACH, or the pending error */
ssize_t transport_send(struct transport_end *end, const struct transport_message *m, unsigned flags,
                       nanoseconds now);
ssize_t transport_receive(struct transport_end *end, struct transport_message *m, unsigned flags,
                          nanoseconds now);
/* A stream that listens, or has asked and not been answered, is closed at once. @raise ENOTCONN */
int transport_shutdown(struct transport_end *end, bool reading, bool writing, nanoseconds now);
enum transport_phase transport_phase(const struct transport_end *end);
unsigned transport_ready(const struct transport_end *end);
int transport_error_take(struct transport_end *end); /* a positive errno, cleared; 0: none */
void transport_local(const struct transport_end *end, struct name *local);
/* @return 0 or -ENOTCONN */
int transport_remote(const struct transport_end *end, struct name *remote);
int transport_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                         nanoseconds now);
int transport_option_get(const struct transport_end *end, enum transport_option option,
                         int64_t *value);
int64_t transport_count(const struct transport_end *end, enum transport_count_kind kind);
/* @raise ENOPROTOOPT there is none for this kind */
int transport_info(const struct transport_end *end, struct transport_info *info, nanoseconds now);
/* Who is told of the end; NULL: nobody (any more). */
const struct transport_upper *transport_upper_of(const struct transport_end *end);

/* The end of every entry that touched this host: sockets whose own queue drained go on, pending
 * upcalls are made, ended connections freed. */
void transport_deliver(struct transport *t, nanoseconds now);
/* 0, or the line of a broken invariant. */
int transport_check(const struct transport *t);
