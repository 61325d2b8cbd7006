/* SPDX-License-Identifier: MIT */
/*
 * The messages of DHCP for IPv4 (RFC 2131 2, RFC 2132), as far as a server and a client of a lab
 * need them: bytes become this struct once, and it becomes bytes. Options that are not here are
 * walked over; `sname` and `file` are read as options where option 52 says so (RFC 2132 9.3).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum service_dhcp_constants {
    SERVICE_DHCP_SERVER_PORT = 67,
    SERVICE_DHCP_CLIENT_PORT = 68,
    SERVICE_DHCP_BYTES = 576, /* of a message here, and what any client takes (RFC 2131 2) */
    SERVICE_DHCP_LEAST = 300, /* as BOOTP's messages were: old relays pass no shorter ones */
    SERVICE_DHCP_HARDWARE = 6,
    SERVICE_DHCP_ID = 32,  /* bytes of a client identifier that are kept; longer ones are refused */
    SERVICE_DHCP_LIST = 4, /* routers, name servers: as many of each are kept */
    SERVICE_DHCP_NAME = 64
};

enum service_dhcp_type {
    DHCP_NONE, /* BOOTP: not answered */
    DHCP_DISCOVER,
    DHCP_OFFER,
    DHCP_REQUEST,
    DHCP_DECLINE,
    DHCP_ACK,
    DHCP_NAK,
    DHCP_RELEASE,
    DHCP_INFORM
};

/* Addresses are numbers in host order, 0: none; times are seconds, 0: not given. */
struct service_dhcp_message {
    bool is_reply; /* op: BOOTREPLY */
    bool is_broadcast;
    enum service_dhcp_type type;
    uint32_t xid;
    uint16_t secs;
    uint32_t client, your, server, relay; /* ciaddr, yiaddr, siaddr, giaddr */
    uint8_t hardware[SERVICE_DHCP_HARDWARE];
    uint8_t id[SERVICE_DHCP_ID]; /* option 61 */
    uint8_t id_length;
    uint32_t requested, server_id;                                      /* 50, 54 */
    uint32_t mask;                                                      /* 1 */
    uint32_t router[SERVICE_DHCP_LIST], name_server[SERVICE_DHCP_LIST]; /* 3, 6 */
    uint8_t routers, name_servers;
    uint16_t mtu;                       /* 26 */
    uint32_t lease, renewal, rebinding; /* 51, 58, 59 */
    bool asks_parameters;               /* 55 */
    char host[SERVICE_DHCP_NAME];       /* 12 */
};

/* @return false: malformed, of other hardware than Ethernet, or without a type */
bool service_dhcp_header_read(const uint8_t *bytes, size_t length,
                              struct service_dhcp_message *message);
/* `bytes` has SERVICE_DHCP_BYTES. @return the length */
size_t service_dhcp_header_write(const struct service_dhcp_message *message, uint8_t *bytes);
