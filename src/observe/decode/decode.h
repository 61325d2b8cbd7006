/* SPDX-License-Identifier: MIT */
/*
 * A frame as named header fields: Ethernet II with 802.1Q tags, ARP, bridges' BPDUs, IPv4 and IPv6
 * with its extension headers, ICMP of both with the packet it quotes, Neighbor Discovery, IGMP and
 * MLD, UDP, TCP; LAPB, and the packets of X.25 in it or in a segment of XOT; and what a datagram of
 * DHCP or DNS says, as a line.
 *
 * The layers read bytes to act on them and refuse what is wrong; the observer reads the same bytes
 * to show them, broken ones most of all. So it decodes by itself, keeps what it could read, and
 * says in `broken` what is wrong with the rest. Nothing here allocates or writes but the result.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sockeye/address.h"

enum decode_limits {
    DECODE_SACKS = 4,
    DECODE_TAGS = 2,
    DECODE_EXTENSIONS = 8, /* headers between IPv6 and its upper layer */
    DECODE_PREFIXES = 4,   /* of a router advertisement, and as many routes and servers of names */
    DECODE_RECORDS = 4,    /* of a membership report */
    DECODE_MESSAGE_BYTES = 160,
    DECODE_X25S = 4 /* packets of X.25 in a segment of XOT */
};

struct decode_tag {
    uint16_t type, vlan;
    uint8_t priority;
};

struct decode_ethernet {
    uint8_t dest[6], source[6];
    uint16_t type; /* behind the tags; below 1536: a length (IEEE 802.3) */
    uint8_t tags;
    struct decode_tag tag[DECODE_TAGS]; /* the outer first */
};

struct decode_arp {
    uint16_t hardware, protocol, operation;
    uint8_t hardware_length, protocol_length;
    uint8_t sender_mac[6], target_mac[6];
    struct address sender, target;
};

/* A BPDU of a bridge. */
struct decode_stp {
    uint8_t version; /* 0: STP, 2: RSTP */
    uint8_t type;    /* 0: configuration, 2: rapid, 0x80: topology change */
    uint8_t flags;
    uint16_t root_priority, bridge_priority, port;
    uint8_t root_mac[6], bridge_mac[6];
    uint32_t root_cost;
    uint16_t age, max_age, hello, forward_delay; /* in 1/256 s */
};

struct decode_ip {
    uint8_t version, tos, ttl;
    uint8_t protocol;       /* of the upper layer: of IPv6 behind the extension headers */
    uint16_t header_length; /* with options and extension headers */
    struct address source, dest;
    uint32_t total_length, id, flow_label;
    uint16_t fragment_offset, checksum;
    bool dont_fragment, more_fragments, checksum_ok;  /* IPv6 has none: true */
    bool has_fragment;                                /* IPv6: the header is there */
    uint8_t extensions, extension[DECODE_EXTENSIONS]; /* their numbers */
    const uint8_t *options;                           /* NULL: the header is broken */
    size_t options_length;
};

/* Of the version that the IP header has. */
struct decode_icmp {
    uint8_t type, code;
    uint16_t checksum, id, sequence;
    uint32_t mtu, pointer;
    bool checksum_ok;
    bool has_quote; /* the IP header of the packet it speaks of, and the first 8 bytes of it */
    struct decode_ip quote; /* its checksum_ok and options are as quoted */
    bool has_quote_echo;    /* a ping of that id */
    uint16_t quote_echo_id, quote_echo_sequence;
    bool has_quote_ports;
    uint16_t quote_source_port, quote_dest_port;
    uint32_t quote_seq; /* of TCP */
};

struct decode_nd_prefix {
    struct address prefix;
    uint8_t length, flags; /* of a prefix L and A; of a route its preference */
    uint32_t valid, preferred;
};

/* Neighbor Discovery: the type stands in struct decode_icmp. */
struct decode_nd {
    struct address target, dest;
    uint8_t flags, hop_limit;
    uint16_t router_lifetime;
    uint32_t reachable_ms, retransmit_ms;
    /* the options that were there, read */
    bool has_source_mac, has_target_mac, has_mtu, has_redirected, has_nonce;
    uint8_t source_mac[6], target_mac[6];
    uint32_t mtu;
    uint8_t prefixes, routes, servers;
    struct decode_nd_prefix prefix[DECODE_PREFIXES], route[DECODE_PREFIXES];
    struct address server[DECODE_PREFIXES]; /* of names */
    uint32_t server_lifetime;
};

struct decode_group_record {
    uint8_t type; /* 1: include, 2: exclude, 3, 4: changes to these, 5: allow, 6: block */
    uint16_t sources;
    struct address group;
};

/* IGMP and MLD. */
struct decode_group {
    uint8_t version;      /* of the protocol */
    uint8_t kind;         /* enum decode_group_kind */
    struct address group; /* unspecified: of all */
    uint32_t response_ms;
    uint16_t sources; /* of a query */
    uint16_t all_records;
    uint8_t records;
    struct decode_group_record record[DECODE_RECORDS];
};

enum decode_group_kind { DECODE_GROUP_QUERY, DECODE_GROUP_REPORT, DECODE_GROUP_LEAVE };

struct decode_udp {
    uint16_t source_port, dest_port, length, checksum;
    bool checksum_ok; /* true for 0, "none" */
};

enum decode_tcp_flag {
    DECODE_FIN = 1,
    DECODE_SYN = 2,
    DECODE_RST = 4,
    DECODE_PSH = 8,
    DECODE_ACK = 16,
    DECODE_URG = 32,
    DECODE_ECE = 64,
    DECODE_CWR = 128,
    DECODE_AE = 256
};

struct decode_tcp {
    uint16_t source_port, dest_port, flags, window, checksum, urgent;
    uint32_t seq, ack;
    uint8_t header_length;
    bool checksum_ok, options_ok;
    const uint8_t *options;
    size_t options_length;
    /* the options that were there, read */
    bool has_mss, has_wscale, has_timestamps, sack_permitted;
    uint16_t mss;
    uint8_t wscale, sacks;
    uint32_t ts_value, ts_echo;
    uint32_t sack_start[DECODE_SACKS], sack_end[DECODE_SACKS];
};

/* X.25 2.3.4 */
enum decode_lapb_kind {
    DECODE_LAPB_I,
    DECODE_LAPB_RR,
    DECODE_LAPB_RNR,
    DECODE_LAPB_REJ,
    DECODE_LAPB_SABM,
    DECODE_LAPB_SABME,
    DECODE_LAPB_DISC,
    DECODE_LAPB_UA,
    DECODE_LAPB_DM,
    DECODE_LAPB_FRMR,
    DECODE_LAPB_UNKNOWN
};

struct decode_lapb {
    uint16_t length;       /* as lapbether says it */
    uint8_t address, kind; /* enum decode_lapb_kind */
    uint8_t ns, nr;
    bool poll;     /* or final */
    bool extended; /* modulo 128, as far as the frame shows it */
    bool has_reject;
    uint8_t rejected, reasons; /* of a FRMR: the control field, and W X Y Z */
};

enum decode_x25_types {
    DECODE_X25_DATA = 0,
    DECODE_X25_RR = 1,
    DECODE_X25_RNR = 5,
    DECODE_X25_REJ = 9,
    DECODE_X25_INTERRUPT = 0x23,
    DECODE_X25_INTERRUPT_CONFIRM = 0x27
};

struct decode_x25 {
    uint16_t lcn, length; /* of what is behind its header */
    uint8_t type;         /* its third octet, without the numbers */
    uint8_t ps, pr, cause, diagnostic;
    bool extended, qualified, delivery, more;
    bool has_reason, has_packet_bytes, has_window;
    uint8_t packet_log[2], window[2]; /* of who is called, of who calls */
    char called[16], calling[16];
};

static inline bool decode_x25_is_numbered(uint8_t type)
{
    return type == DECODE_X25_DATA || type == DECODE_X25_RR || type == DECODE_X25_RNR ||
           type == DECODE_X25_REJ;
}

/* Of the beginning and the end of a call or a line: neither data nor what is between. */
static inline bool decode_x25_is_of_call(uint8_t type)
{
    return !decode_x25_is_numbered(type) && type != DECODE_X25_INTERRUPT &&
           type != DECODE_X25_INTERRUPT_CONFIRM;
}

struct decode {
    bool has_ethernet, has_arp, has_stp, has_ip, has_icmp, has_nd, has_igmp, has_mld, has_udp,
        has_tcp, has_lapb, has_xot;
    struct decode_ethernet ethernet;
    struct decode_arp arp;
    struct decode_stp stp;
    struct decode_ip ip;
    struct decode_icmp icmp;
    struct decode_nd nd;
    struct decode_group group; /* of IGMP or MLD */
    struct decode_udp udp;
    struct decode_tcp tcp;
    struct decode_lapb lapb;
    uint8_t x25s, xot_packets; /* packets that were read, and that there are */
    struct decode_x25 x25[DECODE_X25S];
    const uint8_t *payload; /* after the last header that was read */
    size_t payload_length;
    const char *protocol; /* of the message in a datagram: "dhcp", "dhcp6", "dns"; or NULL */
    char message[DECODE_MESSAGE_BYTES]; /* "OFFER 10.0.0.5 to 02:00:00:00:00:01 lease=3600s" */
    const char *broken; /* NULL, or the first thing that is wrong: "IP: header checksum wrong" */
};

/* A piece of a datagram. */
static inline bool decode_is_fragment(const struct decode_ip *ip)
{
    return ip->more_fragments || ip->fragment_offset != 0;
}

const char *decode_lapb_name(unsigned kind);
const char *decode_x25_name(unsigned type);

/* Reads a frame (bare_ip: it begins with the IP header). All of `d` is set. */
void decode_frame(struct decode *d, const uint8_t *bytes, size_t length, bool bare_ip);
