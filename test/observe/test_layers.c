/* SPDX-License-Identifier: MIT */
/* layers.h: messages whose frames are known, whole, changed on the wire, and lost. */
#include "check.h"
#include "frames.h"
#include "observe/layers.h"
#include <sys/socket.h>

enum { MS = 1000000, ISS = 100, PEER_ISS = 900, PIECE = 10, WHOLE = 2 * PIECE };

struct bed {
    FILE *file;
    struct layers layers;
    uint64_t serial;
    int type;
};

static void bed_open(struct bed *bed, int type, bool json)
{
    bed->file = tmpfile();
    bed->serial = 0;
    bed->type = type;
    check(bed->file && layers_init(&bed->layers, bed->file, &test_names, json, true) == 0);
}

static const char *bed_close(struct bed *bed)
{
    const char *text;

    layers_done(&bed->layers);
    text = file_text(bed->file);
    fclose(bed->file);
    return text;
}

/* A program of a host (1 or 2) sends, or gets, so many bytes of x. */
static void message(struct bed *bed, int64_t time, int host, bool received, uint32_t length,
                    const uint8_t *bytes)
{
    struct sockeye_event e;

    memset(&e, 0, sizeof e);
    e.time = time;
    e.kind = EVENT_DATA;
    e.host = (uint16_t)(host - 1);
    e.wire = EVENT_NOWHERE;
    e.data.frame.length = length;
    e.data.frame.bytes = bytes;
    e.data.local = test_endpoint(host);
    e.data.remote = test_endpoint(3 - host);
    e.data.fd = 3;
    e.data.domain = AF_INET;
    e.data.type = (uint16_t)bed->type;
    e.data.received = received;
    layers_event(&bed->layers, &e);
}

/* A frame is handed to the wire. */
static void sent(struct bed *bed, int64_t time, const struct frame *f)
{
    struct sockeye_event e = frame_event(f, time, 1);

    e.frame.serial = ++bed->serial;
    layers_event(&bed->layers, &e);
}

/* The last one comes out, as it is now; it is dropped there for the reason. */
static void delivered(struct bed *bed, int64_t time, const struct frame *f, int flags,
                      enum drop reason)
{
    struct sockeye_event e = frame_event(f, time, 1);

    e.kind = EVENT_FRAME_DELIVERED;
    e.frame.serial = bed->serial;
    e.frame.flags = (uint16_t)flags;
    layers_event(&bed->layers, &e);
    if (reason == DROP_NONE)
        return;
    e.kind = EVENT_DROP;
    e.host = 1;
    e.drop.reason = (uint8_t)reason;
    layers_event(&bed->layers, &e);
}

static void frame_piece(struct frame *f, unsigned piece)
{
    const struct segment s = {.from = 1,
                              .flags = 0x10,
                              .seq = ISS + 1 + piece * PIECE,
                              .ack = PEER_ISS + 1,
                              .length = PIECE};

    frame_tcp(f, &s);
}

static void syn(struct bed *bed)
{
    const struct segment s = {.from = 1, .flags = 2, .seq = ISS};
    struct frame f;

    frame_tcp(&f, &s);
    sent(bed, 0, &f);
    delivered(bed, MS, &f, 0, DROP_NONE);
}

static const uint8_t *letters(void)
{
    static uint8_t x[WHOLE];

    memset(x, 'x', sizeof x);
    return x;
}

/* Twenty bytes in two segments; the second is changed at a byte of its frame, dropped for a reason,
 * and sent again. */
static const char *changed_at(unsigned at, int flags, enum drop reason)
{
    struct bed bed;
    struct frame f;

    bed_open(&bed, SOCK_STREAM, false);
    syn(&bed);
    message(&bed, 10 * MS, 1, false, WHOLE, letters());
    frame_piece(&f, 0);
    sent(&bed, 10 * MS, &f);
    delivered(&bed, 11 * MS, &f, 0, DROP_NONE);
    frame_piece(&f, 1);
    sent(&bed, 10 * MS, &f);
    f.bytes[at] ^= 1;
    delivered(&bed, 11 * MS, &f, flags, reason);
    frame_piece(&f, 1);
    sent(&bed, 20 * MS, &f);
    delivered(&bed, 21 * MS, &f, 0, DROP_NONE);
    message(&bed, 11 * MS, 2, true, PIECE, letters());
    message(&bed, 21 * MS, 2, true, PIECE, letters() + PIECE);
    return bed_close(&bed);
}

static void is_the_same(void)
{
    struct bed bed;
    struct frame f;
    const char *text;

    bed_open(&bed, SOCK_STREAM, false);
    syn(&bed);
    message(&bed, 10 * MS, 1, false, WHOLE, letters());
    for (unsigned piece = 0; piece < 2; piece++) {
        frame_piece(&f, piece);
        sent(&bed, 10 * MS, &f);
        delivered(&bed, 11 * MS, &f, 0, DROP_NONE);
    }
    message(&bed, 11 * MS, 2, true, WHOLE, letters());
    text = bed_close(&bed);
    check(strstr(text, "0.010000 s: a to b, TCP 10.0.0.1:40000 > 10.0.0.2:80\n"));
    check(strstr(text, "7 application   data 20 bytes \"xxxxxxxxxxxxxxxxxxxx\""));
    check(strstr(text, "4 transport     2 segments 60 bytes "));
    check(strstr(text, "3 network       2 packets 100 bytes "));
    check(strstr(text, "2 data link     2 frames 128 bytes "));
    check(strstr(text, "1 physical      1,024 bits on w0 "));
    check(!strstr(text, "DIFFERS") && !strstr(text, "arrive"));
    check(strstr(text, "  7 application              1            1            0\n"));
}

/* A call of a host (1 or 2), by its name. */
static void called(struct bed *bed, int host, const char *name, int fd, int64_t result)
{
    struct sockeye_event e = {.kind = EVENT_CALL, .host = (uint16_t)(host - 1)};

    while (strcmp(event_call_name(e.call.call), name) != 0)
        e.call.call++;
    e.call.fd = fd;
    e.call.result = result;
    layers_event(&bed->layers, &e);
}

/* A dialogue between the two ends that all have here. */
static void dialogue(struct bed *bed, int64_t time)
{
    const struct segment s = {.from = 1, .flags = 2, .seq = ISS};
    struct frame f;

    frame_tcp(&f, &s);
    sent(bed, time, &f);
    delivered(bed, time, &f, 0, DROP_NONE);
    message(bed, time + MS, 1, false, WHOLE, letters());
    for (unsigned piece = 0; piece < 2; piece++) {
        frame_piece(&f, piece);
        sent(bed, time + MS, &f);
        delivered(bed, time + 2 * MS, &f, 0, DROP_NONE);
    }
    message(bed, time + 2 * MS, 2, true, WHOLE, letters());
}

static void number_is_used_again(void)
{
    for (int of_new = 0; of_new < 2; of_new++) {
        struct bed bed;
        const char *text;

        bed_open(&bed, SOCK_STREAM, false);
        dialogue(&bed, 0);
        called(&bed, 1, of_new ? "socket" : "close", of_new ? -1 : 3, of_new ? 3 : 0);
        called(&bed, 2, of_new ? "accept" : "close", of_new ? 5 : 3, of_new ? 3 : 0);
        dialogue(&bed, 10 * MS);
        text = bed_close(&bed);
        check(strstr(text, "0.001000 s: a to b, TCP") && strstr(text, "0.011000 s: a to b, TCP"));
        check(!strstr(text, "arrive") && !strstr(text, "from byte 20"));
        check(strstr(text, "  7 application              2            2            0\n"));
    }
}

/* A record of AF_X25, by which circuit. */
static void record(struct bed *bed, int64_t time, int host, bool received, int fd, const char *name)
{
    struct sockeye_event e = {.time = time, .kind = EVENT_DATA, .host = (uint16_t)(host - 1)};

    e.data.frame.length = WHOLE;
    e.data.frame.bytes = letters();
    e.data.fd = fd;
    e.data.domain = AF_X25;
    e.data.type = SOCK_SEQPACKET;
    e.data.received = received;
    snprintf(e.data.name, sizeof e.data.name, "%s", name);
    layers_event(&bed->layers, &e);
}

static void reader_has_the_addresses(void)
{
    struct bed bed;
    const char *text;

    bed_open(&bed, SOCK_SEQPACKET, false);
    record(&bed, MS, 1, false, 3, "100 > 200");
    record(&bed, 2 * MS, 1, true, 4, "1200 > 100");
    record(&bed, 3 * MS, 1, true, 5, "200 > 1001");
    record(&bed, 4 * MS, 2, true, 3, "200 > 100");
    called(&bed, 1, "close", 3, 0);
    record(&bed, 5 * MS, 1, false, 3, "101 > 200");
    text = bed_close(&bed);
    check(strstr(text, "0.001000 s: a to b, X.25 100 > 200"));
    check(strstr(text, "0.005000 s: a to ") && !strstr(text, "0.005000 s: a to b"));
    check(strstr(text, "X.25 101 > 200"));
}

static void data_differ(void)
{
    const char *text = changed_at(ETHERNET + IP + 20 + 3, FRAME_FLIPPED, DROP_TCP_CHECKSUM);

    check(strstr(text,
                 "differs in layer 7 (application): byte 57 went in as 78 and came out as 79; "
                 "layer 4 of b threw it away"));
    check(strstr(text, "  4 transport                1            0            1\n"));
    check(strstr(text, "  7 application              1            1            0\n"));
}

static void headers_differ(void)
{
    check(
        strstr(changed_at(ETHERNET + 8, FRAME_FLIPPED, DROP_IP_CHECKSUM),
               "differs in layer 3 (network): byte 22 went in as 40 and came out as 41; layer 3 of "
               "b threw it away"));
    check(strstr(changed_at(ETHERNET + IP + 4, FRAME_FLIPPED, DROP_TCP_CHECKSUM),
                 "differs in layer 4 (transport): byte 38 went in as 00 and came out as 01"));
    check(strstr(
        changed_at(5, FRAME_FLIPPED, DROP_NOT_FOR_US),
        "differs in layer 2 (data link): byte 5 went in as 02 and came out as 03; layer 2 of "
        "b threw it away"));
}

static void fcs_sees_it(void)
{
    const char *text = changed_at(ETHERNET + 8, FRAME_DAMAGED, DROP_FCS);

    check(strstr(text, "layer 2 of b threw it away"));
    check(strstr(text, "  3 network                  1            1            0\n"));
    check(strstr(text, "  2 data link                1            1            0\n"));
    check(strstr(text, "  1 physical                 1            0            1\n"));
}

static void is_lost(void)
{
    struct bed bed;
    struct frame f;
    const char *text;

    bed_open(&bed, SOCK_STREAM, false);
    syn(&bed);
    message(&bed, 10 * MS, 1, false, PIECE, letters());
    frame_piece(&f, 0);
    sent(&bed, 10 * MS, &f);
    text = bed_close(&bed);
    check(strstr(text, "a to nobody"));
    check(strstr(text, "frame 2 on w0 at 0.010000 s did not come out of the wire"));
    check(strstr(text, "did not arrive\n"));
    check(strstr(text, "  7 application              0            0            0\n"));
}

/* A datagram of PIECE bytes, without a checksum. */
static void frame_datagram(struct frame *f)
{
    uint8_t *udp = f->bytes + ETHERNET + IP;

    put16(udp, 40000);
    put16(udp + 2, 80);
    put16(udp + 4, 8 + PIECE);
    put16(udp + 6, 0);
    memset(udp + 8, 'x', PIECE);
    frame_wrap(f, 1, 17, 8 + PIECE);
}

static void nobody_noticed(void)
{
    uint8_t got[PIECE];
    struct bed bed;
    struct frame f;
    const char *text;

    bed_open(&bed, SOCK_DGRAM, false);
    message(&bed, 10 * MS, 1, false, PIECE, letters());
    frame_datagram(&f);
    sent(&bed, 10 * MS, &f);
    f.bytes[ETHERNET + IP + 8] = 'y';
    delivered(&bed, 11 * MS, &f, FRAME_FLIPPED, DROP_NONE);
    memset(got, 'x', sizeof got);
    got[0] = 'y';
    message(&bed, 11 * MS, 2, true, PIECE, got);
    text = bed_close(&bed);
    check(strstr(text,
                 "differs in layer 7 (application): byte 42 went in as 78 and came out as 79; "
                 "no layer noticed"));
    check(strstr(text, "  7 application              1            0            1\n"));
    check(strstr(text, "4 transport     datagram 18 bytes "));
}

static void is_json(void)
{
    struct bed bed;
    struct frame f;
    const char *text;

    bed_open(&bed, SOCK_DGRAM, true);
    message(&bed, 10 * MS, 1, false, PIECE, letters());
    frame_datagram(&f);
    sent(&bed, 10 * MS, &f);
    delivered(&bed, 11 * MS, &f, 0, DROP_NONE);
    message(&bed, 11 * MS, 2, true, PIECE, letters());
    text = bed_close(&bed);
    check(strstr(text,
                 "\"physical\":{\"layer\":1,\"unit\":\"bits\",\"sent_units\":1,\"sent_bits\":416"));
    check(strstr(text, "\"application\":{\"layer\":7,\"unit\":\"data\",\"sent_units\":1,"
                       "\"sent_bytes\":10,\"received_units\":1,\"received_bytes\":10,"
                       "\"peers\":\"same\"}"));
}

static const struct test tests[] = {
    {"a message in two segments is the same on all layers at both ends", is_the_same},
    {"a number that is used again is another dialogue, even between the same ends",
     number_is_used_again},
    {"a record's reader is who stands between the same two addresses", reader_has_the_addresses},
    {"a byte of the data changed past the FCS is told of layer 7, and who noticed", data_differ},
    {"a byte of a header is told of the layer whose header it is", headers_differ},
    {"what the FCS sees differs on layer 1 alone", fcs_sees_it},
    {"what did not come out of the wire is told", is_lost},
    {"a datagram without a checksum is another for the program, and nobody noticed",
     nobody_noticed},
    {"as JSON each layer is an object", is_json},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
