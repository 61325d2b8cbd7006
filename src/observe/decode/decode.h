/* SPDX-License-Identifier: MIT */
/*
 * A frame as named header fields: Ethernet II, ARP, IPv4, ICMP with the packet it quotes, UDP, TCP.
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

enum decode_limits { DECODE_SACKS = 4 };

struct decode_ethernet {
    uint8_t dest[6], source[6];
    uint16_t type;
};

struct decode_arp {
    uint16_t hardware, protocol, operation;
    uint8_t hardware_length, protocol_length;
    uint8_t sender_mac[6], target_mac[6];
    struct address sender, target;
};

struct decode_ip {
    uint8_t version, header_length, tos, ttl, protocol;
    struct address source, dest;
    uint16_t total_length, id, fragment_offset, checksum;
    bool dont_fragment, more_fragments, checksum_ok;
    const uint8_t *options;
    size_t options_length;
};

struct decode_icmp {
    uint8_t type, code;
    uint16_t checksum, id, sequence, mtu;
    uint8_t pointer;
    bool checksum_ok;
    bool has_quote; /* the IP header of the packet it speaks of, and the first 8 bytes of it */
    struct decode_ip quote; /* its checksum_ok and options are as quoted */
    bool has_quote_ports;
    uint16_t quote_source_port, quote_dest_port;
    uint32_t quote_seq; /* of TCP */
};

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

struct decode {
    bool has_ethernet, has_arp, has_ip, has_icmp, has_udp, has_tcp;
    struct decode_ethernet ethernet;
    struct decode_arp arp;
    struct decode_ip ip;
    struct decode_icmp icmp;
    struct decode_udp udp;
    struct decode_tcp tcp;
    const uint8_t *payload; /* after the last header that was read */
    size_t payload_length;
    const char *broken; /* NULL, or the first thing that is wrong: "IP: header checksum wrong" */
};

/* Reads a frame (bare_ip: it begins with the IP header). All of `d` is set. */
void decode_frame(struct decode *d, const uint8_t *bytes, size_t length, bool bare_ip);
