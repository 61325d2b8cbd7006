/* SPDX-License-Identifier: MIT */
/* What the tests of UDP share: ends, datagrams that arrive, ICMP about datagrams of ours. */
#pragma once
#include "4-transport/datagram_bed.h"

static struct datagram d;
static struct ip4_header h;
static uint8_t bytes[PACKET_ROOM];

static struct udp_end *open_end(void)
{
    struct transport_end *end;

    check_equal(udp_open(&udp.service, NULL, &end), 0);
    return udp_end_of(end);
}

UNUSED static struct udp_end *bound(uint32_t address, uint16_t port)
{
    struct udp_end *e = open_end();
    struct name local = at(address, port);

    check_equal(udp_bind(&e->common.end, &local), 0);
    return e;
}

UNUSED static int connect_to(struct udp_end *e, uint32_t address, uint16_t port)
{
    struct name remote = at(address, port);

    return udp_connect(&e->common.end, &remote, bed.now);
}

UNUSED static ssize_t send_bytes(struct udp_end *e, uint32_t address, uint16_t port,
                                 const void *from, size_t length)
{
    struct transport_message m = {.out = from, .length = length};

    if (port)
        m.remote = at(address, port);
    return udp_send(&e->common.end, &m, 0, bed.now);
}

UNUSED static ssize_t receive(struct udp_end *e, struct transport_message *m, unsigned flags)
{
    memset(m, 0, sizeof *m);
    m->in = bytes;
    m->length = sizeof bytes;
    return datagram_receive(&e->common.end, m, flags, bed.now);
}

UNUSED static ssize_t received(struct udp_end *e)
{
    struct transport_message m;

    return receive(e, &m, 0);
}

struct arriving {
    uint32_t source, dest;
    uint16_t source_port, dest_port;
    uint32_t length; /* of the payload */
    int length_lie;  /* added to the length field */
    bool no_checksum, bad_checksum;
};

UNUSED static void arrive_on(uint32_t interface, struct arriving a)
{
    static uint8_t message[PACKET_ROOM];
    struct udp_header u = {.source_port = a.source_port, .dest_port = a.dest_port};
    struct writer w = writer_of(message, sizeof message);
    uint64_t sum;

    u.length = (uint16_t)((int)a.length + 8 + a.length_lie);
    for (uint32_t i = 0; i < a.length; i++)
        message[8 + i] = (uint8_t)(i + 1);
    udp_header_write(&w, &u);
    sum = checksum_pseudo(ip4_of(a.source), ip4_of(a.dest), 17, u.length);
    sum = checksum_add(sum, message, u.length < a.length + 8 ? u.length : a.length + 8);
    u.checksum = a.no_checksum ? 0 : checksum_finish(sum);
    u.checksum = (uint16_t)(u.checksum ^ (a.bad_checksum ? 0x100 : 0));
    w = writer_of(message, 8);
    udp_header_write(&w, &u);
    datagram_make(&d, header_for(a.source, a.dest, 17), message, a.length + 8);
    inject_on(interface, d.bytes, d.length);
}

UNUSED static void arrive(struct arriving a)
{
    arrive_on(1, a);
}

UNUSED static struct arriving from_peer(uint16_t dest_port, uint32_t length)
{
    return (struct arriving){.source = PEER,
                             .dest = HOST,
                             .source_port = 4000,
                             .dest_port = dest_port,
                             .length = length};
}

/* ICMP about our datagram to PEER:4000. */
UNUSED static void complain(struct udp_end *e, uint8_t type, uint8_t code, uint32_t rest,
                            uint32_t quoted)
{
    static struct datagram original;
    struct name local;
    uint8_t head[1480] = {0};

    udp_local(&e->common.end, &local);
    head[0] = (uint8_t)(local.endpoint.port >> 8);
    head[1] = (uint8_t)local.endpoint.port;
    head[2] = 4000 >> 8;
    head[3] = 4000 & 0xff;
    h = header_for(HOST, PEER, 17);
    h.dont_fragment = true;
    datagram_make(&original, h, head, sizeof head);
    icmp_make(&d, header_for(PEER, HOST, 1), type, code, rest, original.bytes, 20 + quoted);
    inject(&d);
}
