/* SPDX-License-Identifier: MIT */
/*
 * What a queue looks at in a frame, as the queue of a router does, which is why it stands in layer
 * 1 and reads two fields of others: the two bits of ECN, which it may set (RFC 3168 5), and the
 * five numbers of a flow (RFC 8290 4.1). Frames are looked at with their bounds in mind, behind one
 * tag of a VLAN too; what is no IP has no ECN, and its ethertype alone as a flow. `bare`: the frame
 * begins with the IP header.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/siphash.h"

/* What is read of a frame that carries IP. */
struct wire_ip {
    struct address source, dest;
    uint32_t version;                /* 4 or 6 */
    uint32_t at;                     /* where the IP header begins */
    uint32_t payload;                /* and what follows it */
    uint32_t protocol;               /* of that; a fragment header of IPv6 is one */
    uint16_t source_port, dest_port; /* of TCP and UDP; 0: none, or it is a fragment */
};

/* @return false: no IP, or its header is not whole */
bool wire_ip_read(const uint8_t *frame, uint32_t length, bool bare, struct wire_ip *ip);

/* Marks a packet of a transport that speaks ECN with CE; IPv4's checksum follows (RFC 1624).
 * @return false: it is not ECT, and is to be dropped instead */
bool wire_ip_mark(uint8_t *frame, uint32_t length, bool bare);
/* A keyed hash of addresses, protocol and ports; fragments and protocols without ports go by the
 * first three. */
uint64_t wire_ip_flow(const uint8_t *frame, uint32_t length, bool bare, struct siphash_key key);
