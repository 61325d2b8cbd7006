/* SPDX-License-Identifier: MIT */
/*
 * The messages of DHCP for IPv6 (RFC 8415 8, 21), as far as stateless servers and clients need them
 * (18.2.6, 18.3.6): which servers of names there are and in which domains names are looked for
 * (RFC 3646). Bytes become this struct once, and it becomes bytes. Options that are not here are
 * walked over. Of domains only such are kept that a resolver's file can hold as one word.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

enum service_dhcp6_constants {
    SERVICE_DHCP6_CLIENT_PORT = 546,
    SERVICE_DHCP6_SERVER_PORT = 547,
    SERVICE_DHCP6_BYTES = 1024, /* of a message here */
    SERVICE_DHCP6_ID = 130,     /* of a DUID, at most (RFC 8415 11.1) */
    SERVICE_DHCP6_LIST = 4,     /* servers, domains: as many of each are kept */
    SERVICE_DHCP6_DOMAIN = 64   /* of a domain's text, with its end */
};

enum service_dhcp6_type { DHCP6_REPLY = 7, DHCP6_INFORMATION_REQUEST = 11 };

struct service_dhcp6_id {
    uint8_t length; /* 0: none */
    uint8_t bytes[SERVICE_DHCP6_ID];
};

struct service_dhcp6_message {
    uint8_t type;                           /* any; only those of the enum are written */
    uint32_t xid;                           /* 24 bits */
    struct service_dhcp6_id client, server; /* 1, 2 */
    bool has_association; /* 3, 4, 25: it asks for more than a stateless server has */
    bool has_elapsed;
    uint16_t elapsed;                               /* hundredths of a second; 8 */
    bool asks;                                      /* for all that is here; 6 */
    struct address name_server[SERVICE_DHCP6_LIST]; /* 23 */
    uint8_t name_servers;
    uint8_t domains;
    char domain[SERVICE_DHCP6_LIST][SERVICE_DHCP6_DOMAIN]; /* 24 */
    bool has_refresh;
    uint32_t refresh; /* seconds; 32 */
};

/* @return false: malformed */
bool service_dhcp6_header_read(const uint8_t *bytes, size_t length,
                               struct service_dhcp6_message *message);
/* `bytes` has SERVICE_DHCP6_BYTES. @return the length */
size_t service_dhcp6_header_write(const struct service_dhcp6_message *message, uint8_t *bytes);
/* Can it be a domain's text: letters, digits, hyphens and dots? */
bool service_dhcp6_is_domain(const char *text);
/* RFC 8415 11.4: a DUID of a station's address. */
void service_dhcp6_id_of(const uint8_t hardware[6], struct service_dhcp6_id *id);
