/* SPDX-License-Identifier: MIT */
/*
 * The bed of ip_bed.h with IPv6: fd00::1/64 and fe80::1/64 on interface 1, fd01::1/64 on interface
 * 2, a default route by fd00::fe. Packets are made and read here.
 */
#pragma once
#include "3-network/ip6/icmp6.h"
#include "3-network/ip6/ip6.h"
#include "3-network/ip6/ip6_chain.h"
#include "3-network/ip_keeper.h"

#define IP6(high, low) ((struct address){UINT64_C(high), UINT64_C(low)})
#define HOST6 IP6(0xfd00000000000000, 1)
#define HOST6_LINK IP6(0xfe80000000000000, 1)
#define HOST6_2 IP6(0xfd01000000000000, 1)
#define PEER6 IP6(0xfd00000000000000, 2)
#define PEER6_LINK IP6(0xfe80000000000000, 2)
#define FAR6 IP6(0x20010db800000000, 9) /* by the gateway */
#define ROUTER6 IP6(0xfd00000000000000, 0xfe)
#define LOCALHOST6 IP6(0, 1)

static void ip6_bed(void)
{
    keeper_bed();
    check_equal(ip_address_add(&host, 1, HOST6, 64, 0), 0);
    check_equal(ip_address_add(&host, 1, HOST6_LINK, 64, 0), 0);
    check_equal(ip_address_add(&host, 2, HOST6_2, 64, 0), 0);
    check_equal(ip_route_add(&host, IP6(0, 0), 0, ROUTER6, 0), 0);
}

UNUSED static struct ip6_header header6_for(struct address source, struct address dest,
                                            uint8_t next_header)
{
    return (struct ip6_header){
        .source = source, .dest = dest, .next_header = next_header, .hop_limit = 64};
}

/* A packet with the right length. */
UNUSED static void packet6_make(struct datagram *d, struct ip6_header h, const void *payload,
                                uint32_t length)
{
    struct writer w = writer_of(d->bytes, sizeof d->bytes);

    d->length = IP6_HEADER_BYTES + length;
    h.payload_length = (uint16_t)length;
    ip6_header_write(&w, &h);
    if (length)
        memcpy(d->bytes + IP6_HEADER_BYTES, payload, length);
}

/* An ICMP message: header and what follows. */
UNUSED static void icmp6_make(struct datagram *d, struct ip6_header h, struct icmp6_header icmp,
                              const void *payload, uint32_t length)
{
    static uint8_t message[PACKET_ROOM];
    struct writer w = writer_of(message, sizeof message);

    icmp.checksum = 0;
    icmp6_header_write(&w, &icmp);
    write_copy(&w, payload, length);
    icmp.checksum = checksum_finish(checksum_add(
        checksum_pseudo(h.source, h.dest, IP_PROTOCOL_ICMPV6, 8 + length), message, 8 + length));
    w = writer_of(message, 8);
    icmp6_header_write(&w, &icmp);
    h.next_header = IP_PROTOCOL_ICMPV6;
    packet6_make(d, h, message, 8 + length);
}

/* The next packet that left by an interface; false: none. */
UNUSED static bool left6_by(uint32_t interface, struct datagram *d, struct ip6_header *h)
{
    struct packet *p = wire_outside_take(&wires[interface]);
    struct reader r;

    if (!p)
        return false;
    d->length = packet_length(p);
    memcpy(d->bytes, packet_data(p), d->length);
    packet_put(p);
    r = reader_of(d->bytes, d->length);
    check(ip6_header_read(&r, h));
    check_equal(h->payload_length + IP6_HEADER_BYTES, d->length);
    return true;
}

UNUSED static bool left6(struct datagram *d, struct ip6_header *h)
{
    return left6_by(1, d, h);
}

/* The ICMP message in a packet that left. */
UNUSED static struct icmp6_header icmp6_in(const struct datagram *d, const struct ip6_header *h)
{
    struct reader r = reader_of(d->bytes + IP6_HEADER_BYTES, h->payload_length);
    struct icmp6_header icmp;

    check_equal(h->next_header, IP_PROTOCOL_ICMPV6);
    check(icmp6_header_read(&r, h->source, h->dest, &icmp) && icmp.checksum_right);
    return icmp;
}

/* Sends `length` bytes of a known pattern to an address. @return as ip_send, or the path's error */
UNUSED static int send6_to(struct address dest, uint32_t length, struct ip_send_facts facts)
{
    struct packet *p = packet_get(&host_packets, &means.packet_budget, length);
    struct ip_path path;
    int result = ip_path_find(&host, dest, IP6(0, 0), 0, bed.now, &path);

    if (result < 0) {
        packet_put(p);
        return result;
    }
    check(p);
    for (uint32_t i = 0; i < length; i++)
        *packet_append(p, 1) = (uint8_t)(i * 7 + i / 256);
    return ip_send(&host, &udp_keeper.upper, &path, &facts, p, bed.now);
}
