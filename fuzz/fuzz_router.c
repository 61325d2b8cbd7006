/* SPDX-License-Identifier: MIT */
/*
 * Packets of any bytes, of both families, through a router that translates: it stays sound, what it
 * sends fits its wires and has a right header, and nothing of it is kept when time has passed.
 *
 * The input is packets: two bytes of length, a byte that says by which door (bit 0), whether the
 * IPv4 header's checksum is made right first (bit 1) and whether time passes behind it (bit 2),
 * then the bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/compiler.h"
#include "sockeye/sockeye.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { DOORS = 2, MTU_IN = 9000, MTU_OUT = 1280, MOST_PACKETS = 64, IP4_HEADER = 20 };
#define SECOND INT64_C(1000000000)

static struct sockeye *lab_open(int door[DOORS])
{
    static const char *const addresses[DOORS][2] = {{"10.0.0.1/24", "fd00::1/64"},
                                                    {"192.0.2.1/24", "2001:db8::1/64"}};
    static const struct sockeye_config config = {.hosts = 1, .wires = DOORS, .sockets = 16};
    struct sockeye *lab = NULL;
    int router, outside = 0;

    ensure(sockeye_open(&config, &lab) == 0);
    router = sockeye_router(lab, "r");
    for (int i = 0; i < DOORS; i++) {
        door[i] = sockeye_door(lab, i ? "out" : "in", SOCKEYE_DOOR_IP, i ? MTU_OUT : MTU_IN);
        outside = sockeye_interface(lab, router, i ? "out" : "in", door[i], 0, NULL);
        for (int k = 0; k < 2; k++)
            ensure(sockeye_address(lab, router, outside, addresses[i][k]) == 0);
    }
    ensure(sockeye_nat(lab, router, outside, NULL) == 0);
    ensure(sockeye_nat_forward(lab, router, 6, 80, "10.0.0.2", 80) == 0);
    ensure(sockeye_route(lab, router, "default", "192.0.2.254", 0) == 0);
    ensure(sockeye_route(lab, router, "default", "2001:db8::fe", 0) == 0);
    return lab;
}

static void take_out(struct sockeye *lab, const int door[DOORS])
{
    static uint8_t frame[65536];

    for (int i = 0; i < DOORS; i++) {
        ssize_t n;

        while ((n = sockeye_emit(lab, door[i], frame, sizeof frame, NULL)) >= 0) {
            uint32_t header = (uint32_t)(frame[0] & 0xf) * 4;

            ensure(n >= IP4_HEADER && n <= (i ? MTU_OUT : MTU_IN));
            if (frame[0] >> 4 == 4)
                ensure(header >= IP4_HEADER && header <= (uint32_t)n && frame[8] > 0 &&
                       checksum_finish(checksum_add(0, frame, header)) == 0);
            else
                ensure(frame[0] >> 4 == 6 && frame[7] > 0);
        }
    }
}

static void pass(struct sockeye *lab, int64_t time)
{
    int64_t until = sockeye_now(lab) + time;

    for (int i = 0; i < 1000 && sockeye_now(lab) < until; i++)
        (void)sockeye_advance(lab, until);
}

static void make_right(uint8_t *packet, size_t n)
{
    size_t header = n ? (size_t)(packet[0] & 0xf) * 4 : 0;
    uint16_t checksum;

    if (header < IP4_HEADER || header > n)
        return;
    packet[10] = packet[11] = 0;
    checksum = checksum_finish(checksum_add(0, packet, header));
    packet[10] = (uint8_t)(checksum >> 8);
    packet[11] = (uint8_t)checksum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static uint8_t packet[MTU_IN];
    int door[DOORS];
    struct sockeye *lab = lab_open(door);

    for (int i = 0; i < MOST_PACKETS && length > 3; i++) {
        size_t n = (size_t)bytes[0] << 8 | bytes[1];
        uint8_t how = bytes[2];

        bytes += 3;
        length -= 3;
        n = n < length ? n : length;
        n = n < sizeof packet ? n : sizeof packet;
        memcpy(packet, bytes, n);
        if (how & 2)
            make_right(packet, n);
        (void)sockeye_inject(lab, door[how & 1], packet, n);
        pass(lab, how & 4 ? 10 * SECOND : SECOND / 1000);
        take_out(lab, door);
        ensure(sockeye_check(lab) == 0);
        bytes += n;
        length -= n;
    }
    pass(lab, 8000 * SECOND);
    take_out(lab, door);
    ensure(sockeye_check(lab) == 0);
    sockeye_close(lab);
    return 0;
}
