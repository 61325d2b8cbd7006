/* SPDX-License-Identifier: MIT */
/*
 * A hostile station on a line of X.25, and a hostile caller over TCP, of a host that switches
 * between both and listens. What arrives is frames of any bytes; or packets of any bytes in frames
 * of LAPB that are right, so that they reach the packet layer; or octets of a stream; and time
 * between them. Every invariant holds after each, and what the host keeps is bounded. The input is
 * a list: what, how much later, a length, bytes.
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "sockeye/sockeye.h"

enum { STEPS = 3000, FRAME = 600, LINES = 2, STREAMS = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct sockeye *lab;
static int host, caller, door[LINES], stream[STREAMS];
static uint8_t vs[LINES], vr[LINES]; /* of our side of each line, while it is up */

static void build(uint8_t flags)
{
    const struct sockeye_config config = {
        .hosts = 2, .wires = 4, .sockets = 32, .packets = 128, .buffer_bytes = 1 << 20};
    struct sockeye_x25_config line = {.role = flags & 1 ? SOCKEYE_X25_DTE : SOCKEYE_X25_DCE,
                                      .packets_128 = flags >> 1 & 1};
    int wire;

    ensure(sockeye_open(&config, &lab) == 0);
    host = sockeye_host(lab, "h");
    caller = sockeye_host(lab, "c");
    for (int i = 0; i < LINES; i++) {
        char name[] = {'d', (char)('0' + i), 0};
        int interface;

        door[i] = sockeye_door(lab, name, SOCKEYE_DOOR_ETHERNET, 0);
        interface = sockeye_interface(lab, host, name, door[i], 0, NULL);
        ensure(interface > 0);
        ensure(sockeye_x25_lapb(lab, host, interface, &line) == 0);
        ensure(sockeye_x25_route(lab, host, i ? "2" : "1", interface, NULL, 0) == 0);
        line.packets_128 ^= flags >> 2 & 1;
        vs[i] = vr[i] = 0;
    }
    wire = sockeye_wire(lab, "w", NULL, NULL);
    ensure(sockeye_address(lab, host, sockeye_interface(lab, host, "e", wire, 0, NULL),
                           "10.0.0.1/24") == 0);
    ensure(sockeye_address(lab, caller, sockeye_interface(lab, caller, "e", wire, 1, NULL),
                           "10.0.0.2/24") == 0);
    ensure(sockeye_x25_xot(lab, host) == 0);
    ensure(sockeye_x25_route(lab, host, "3", 0, "10.0.0.2", 0) == 0);
    ensure(sockeye_set(lab, host, "net.x25.x25_forward", "1") == 0);
    for (int i = 0; i < STREAMS; i++)
        stream[i] = -1;
}

static void later(int64_t time)
{
    const int64_t until = sockeye_now(lab) + time;

    for (int i = 0; i < 100000 && sockeye_now(lab) < until; i++)
        (void)sockeye_advance(lab, until);
}

/* What the host says on a line: what it counts is followed, and a setup answered. */
static void listen_to(int i)
{
    uint8_t frame[2048];
    ssize_t n;

    while ((n = sockeye_emit(lab, door[i], frame, sizeof frame, NULL)) > 0) {
        if (n < 18 || frame[12] != 0x60)
            continue;
        if ((frame[17] & 1) == 0)
            vr[i] = (uint8_t)((frame[17] >> 1) + 1) & 7;
        else if ((frame[17] & 0xef) == 0x2f || (frame[17] & 0xef) == 0x63)
            vs[i] = vr[i] = 0;
    }
}

static void put_frame(int i, const uint8_t *lapb, size_t length)
{
    static const uint8_t header[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 9, 0x60, 0};
    uint8_t frame[FRAME + 32];

    memcpy(frame, header, 14);
    frame[14] = (uint8_t)length;
    frame[15] = (uint8_t)(length >> 8);
    memcpy(frame + 16, lapb, length);
    (void)sockeye_inject(lab, door[i], frame, 16 + length);
}

static void put_packet(int i, const uint8_t *packet, size_t length)
{
    uint8_t lapb[FRAME + 2];

    lapb[0] = 0x01;
    lapb[1] = (uint8_t)(vs[i] << 1 | vr[i] << 5);
    memcpy(lapb + 2, packet, length);
    vs[i] = (vs[i] + 1) & 7;
    put_frame(i, lapb, length + 2);
}

static void dial(int k)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(1998)};

    to.sin_addr.s_addr = htonl(0x0a000001);
    if (stream[k] >= 0)
        (void)sockeye_close_fd(lab, caller, stream[k]);
    stream[k] = sockeye_socket(lab, caller, AF_INET, SOCK_STREAM, 0);
    if (stream[k] >= 0)
        (void)sockeye_connect(lab, caller, stream[k], &to, sizeof to);
    later(1000000);
}

static void say(int k, const uint8_t *bytes, size_t length, bool framed)
{
    const uint8_t header[] = {0, 0, (uint8_t)(length >> 8), (uint8_t)length};
    uint8_t sink[256];

    if (stream[k] < 0)
        return;
    if (framed)
        (void)sockeye_send(lab, caller, stream[k], header, sizeof header, 0);
    (void)sockeye_send(lab, caller, stream[k], bytes, length, 0);
    (void)sockeye_receive(lab, caller, stream[k], sink, sizeof sink, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const uint8_t sabm[] = {0x01, 0x3f}, sabm_of_dce[] = {0x03, 0x3f};
    struct reader r = reader_of(bytes, length);
    uint8_t flags = read_u8(&r);

    build(flags);
    for (int step = 0; step < STEPS && !r.failed; step++) {
        uint8_t what = read_u8(&r), n = read_u8(&r);
        const uint8_t *at = read_bytes(&r, n);
        int i = what >> 3 & 1, k = what >> 3 & 3;

        if (!at)
            break;
        switch (what & 7) {
        case 0:
            put_frame(i, at, n);
            break;
        case 1:
            put_frame(i, flags & 1 ? sabm_of_dce : sabm, 2);
            break;
        case 2:
        case 3:
            put_packet(i, at, n);
            break;
        case 4:
            dial(k);
            break;
        case 5:
            say(k, at, n, false);
            break;
        case 6:
            say(k, at, n, true);
            break;
        default:
            later((int64_t)n * 1000000000);
            break;
        }
        later((int64_t)(what >> 5) * 2000000);
        for (int l = 0; l < LINES; l++)
            listen_to(l);
        ensure(sockeye_check(lab) == 0);
    }
    sockeye_close(lab);
    return 0;
}
