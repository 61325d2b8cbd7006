/* SPDX-License-Identifier: MIT */
/* Frames made by hand for the tests of observe/: 10.0.0.1 (a) and 10.0.0.2 (b) on one wire. */
#pragma once
#include "observe/names.h"
#include "sockeye/event.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { FRAME_ROOM = 2048, ETHERNET = 14, IP = 20 };

struct frame {
    uint8_t bytes[FRAME_ROOM];
    uint32_t length;
};

static inline void put16(uint8_t *b, unsigned v)
{
    b[0] = (uint8_t)(v >> 8);
    b[1] = (uint8_t)v;
}

static inline void put32(uint8_t *b, uint32_t v)
{
    put16(b, v >> 16);
    put16(b + 2, v & 0xffff);
}

static inline uint32_t frame_sum(uint32_t sum, const uint8_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum += i & 1 ? b[i] : (uint32_t)b[i] << 8;
    return sum;
}

static inline unsigned frame_fold(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

/* Ethernet and IP headers around `length` bytes at bytes + 34; from: 1 or 2 */
static inline void frame_wrap(struct frame *f, int from, unsigned protocol, size_t length)
{
    uint8_t *ip = f->bytes + ETHERNET;

    memset(f->bytes, 0, ETHERNET + IP);
    f->bytes[0] = f->bytes[6] = 2;
    f->bytes[5] = (uint8_t)(3 - from);
    f->bytes[11] = (uint8_t)from;
    put16(f->bytes + 12, 0x0800);
    ip[0] = 0x45;
    put16(ip + 2, (unsigned)(IP + length));
    ip[6] = 0x40;
    ip[8] = 64;
    ip[9] = (uint8_t)protocol;
    ip[12] = ip[16] = 10;
    ip[15] = (uint8_t)from;
    ip[19] = (uint8_t)(3 - from);
    put16(ip + 10, frame_fold(frame_sum(0, ip, IP)));
    f->length = (uint32_t)(ETHERNET + IP + length);
}

static inline unsigned frame_transport_sum(const struct frame *f, unsigned protocol, size_t length)
{
    const uint8_t *ip = f->bytes + ETHERNET;

    return frame_fold(
        frame_sum(frame_sum(protocol + (uint32_t)length, ip + 12, 8), ip + IP, length));
}

struct segment {
    int from;
    uint16_t flags;
    uint32_t seq, ack;
    size_t length;
    const uint8_t *options;
    size_t options_length; /* a multiple of 4 */
};

/* A TCP segment between 10.0.0.1:40000 and 10.0.0.2:80 */
static inline void frame_tcp(struct frame *f, const struct segment *s)
{
    uint8_t *tcp = f->bytes + ETHERNET + IP;
    size_t header = 20 + s->options_length;

    memset(tcp, 0, 20);
    put16(tcp, s->from == 1 ? 40000 : 80);
    put16(tcp + 2, s->from == 1 ? 80 : 40000);
    put32(tcp + 4, s->seq);
    put32(tcp + 8, s->ack);
    tcp[12] = (uint8_t)(header / 4 << 4);
    tcp[13] = (uint8_t)s->flags;
    put16(tcp + 14, 65535);
    if (s->options_length)
        memcpy(tcp + 20, s->options, s->options_length);
    memset(tcp + header, 'x', s->length);
    frame_wrap(f, s->from, 6, header + s->length);
    put16(tcp + 16, frame_transport_sum(f, 6, header + s->length));
}

static inline struct sockeye_event frame_event(const struct frame *f, int64_t time, int from)
{
    struct sockeye_event e;

    memset(&e, 0, sizeof e);
    e.time = time;
    e.kind = EVENT_FRAME_SENT;
    e.host = EVENT_NOWHERE;
    e.direction = (uint16_t)(from == 1 ? 0 : 1);
    e.frame.length = f->length;
    e.frame.bytes = f->bytes;
    e.frame.serial = 1;
    return e;
}

static inline struct endpoint test_endpoint(int host)
{
    return (struct endpoint){.address = {0, UINT64_C(0xffff0a000000) + (unsigned)host},
                             .port = host == 1 ? 40000 : 80};
}

static inline struct sockeye_event state_event(int64_t time, int host, int from, int to)
{
    struct sockeye_event e;

    memset(&e, 0, sizeof e);
    e.time = time;
    e.kind = EVENT_TCP_STATE;
    e.wire = EVENT_NOWHERE;
    e.host = (uint16_t)(host - 1);
    e.tcp_state.flow.local = test_endpoint(host);
    e.tcp_state.flow.remote = test_endpoint(3 - host);
    e.tcp_state.from = (uint8_t)from;
    e.tcp_state.to = (uint8_t)to;
    return e;
}

static inline void test_host_name(const void *context, unsigned host, char *text, size_t size)
{
    (void)context;
    snprintf(text, size, "%s", host == 0 ? "a" : "b");
}

static inline void test_wire_name(const void *context, unsigned wire, char *text, size_t size)
{
    (void)context;
    snprintf(text, size, "w%u", wire);
}

static inline void test_sender_name(const void *context, unsigned wire, unsigned direction,
                                    char *text, size_t size)
{
    (void)context;
    (void)wire;
    snprintf(text, size, "%s.eth0", direction == 0 ? "a" : "b");
}

static inline uint64_t test_rate(const void *context, unsigned wire, unsigned direction)
{
    (void)context;
    (void)wire;
    (void)direction;
    return 0;
}

static inline int test_host_at(const void *context, unsigned wire, unsigned direction)
{
    (void)context;
    (void)wire;
    return direction == 0 ? 0 : 1;
}

static const struct names test_names = {NULL,           test_host_name, test_sender_name,
                                        test_wire_name, test_rate,      test_host_at};

/* All of a file as text, in a buffer that the next call reuses. */
static inline const char *file_text(FILE *file)
{
    static char text[1 << 18];
    size_t length;

    rewind(file);
    length = fread(text, 1, sizeof text - 1, file);
    text[length] = 0;
    return text;
}
