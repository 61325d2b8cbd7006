/* SPDX-License-Identifier: MIT */
/* ECN and flows of frames as a queue sees them: both families, tags, fragments, what is cut off. */
#include <string.h>

#include "1-physical/wire_ip.h"
#include "base/checksum.h"
#include "check.h"

static const struct siphash_key key = {1, 9};

/* A frame of UDP over IPv4 with that ECN; @return its length. */
static uint32_t frame4(uint8_t frame[64], uint8_t ecn, bool tagged)
{
    static const uint8_t ip[20] = {0x45, 0xb8, 0,  32, 1, 2, 0x40, 0, 64, 17,
                                   0,    0,    10, 0,  0, 1, 10,   0, 0,  2};
    static const uint8_t udp[12] = {0x12, 0x34, 0x00, 0x35};
    uint32_t at = tagged ? 18 : 14;
    uint16_t sum;

    memset(frame, 0, 64);
    if (tagged)
        memcpy(frame + 12, "\x81\x00\x00\x07", 4);
    memcpy(frame + at - 2, "\x08\x00", 2);
    memcpy(frame + at, ip, sizeof ip);
    memcpy(frame + at + 20, udp, sizeof udp);
    frame[at + 1] |= ecn;
    sum = checksum_finish(checksum_add(0, frame + at, 20));
    frame[at + 10] = (uint8_t)(sum >> 8);
    frame[at + 11] = (uint8_t)sum;
    return at + 32;
}

static uint32_t frame6(uint8_t frame[80], uint8_t ecn)
{
    memset(frame, 0, 80);
    memcpy(frame + 12, "\x86\xdd", 2);
    frame[14] = 0x6a;
    frame[15] = (uint8_t)(0x85 | ecn << 4); /* class and flow label around it stay */
    frame[20] = 17;
    frame[22] = 0xfd;
    frame[53] = 2;
    return 62;
}

static void ip4_is_marked_and_its_checksum_follows(void)
{
    for (int tagged = 0; tagged < 2; tagged++) {
        for (uint8_t ecn = 0; ecn < 4; ecn++) {
            uint8_t frame[64], before[64];
            uint32_t length = frame4(frame, ecn, tagged), at = tagged ? 18 : 14;

            memcpy(before, frame, sizeof frame);
            check_equal(wire_ip_mark(frame, length, false), ecn != 0);
            check_equal(checksum_finish(checksum_add(0, frame + at, 20)), 0);
            check_equal(frame[at + 1], ecn ? 0xbb : 0xb8);
            check(ecn % 3 || memcmp(before, frame, sizeof frame) == 0);
            check(memcmp(before + at + 12, frame + at + 12, 64 - at - 12) == 0);
        }
    }
}

/* The sum of RFC 1624 for every value of a field that changes, those of -0 too. */
static void every_checksum_is_mended(void)
{
    for (uint32_t id = 0; id < 65536; id++) {
        uint8_t packet[64];
        uint32_t length = frame4(packet, 1 + id % 2, false) - 14;
        uint16_t sum;

        memmove(packet, packet + 14, length);
        packet[4] = (uint8_t)(id >> 8);
        packet[5] = (uint8_t)id;
        packet[10] = packet[11] = 0;
        sum = checksum_finish(checksum_add(0, packet, 20));
        packet[10] = (uint8_t)(sum >> 8);
        packet[11] = (uint8_t)sum;
        check(wire_ip_mark(packet, length, true));
        check(checksum_finish(checksum_add(0, packet, 20)) == 0);
    }
}

static void ip6_is_marked(void)
{
    for (uint8_t ecn = 0; ecn < 4; ecn++) {
        uint8_t frame[80], before[80];
        uint32_t length = frame6(frame, ecn);

        memcpy(before, frame, sizeof frame);
        check_equal(wire_ip_mark(frame, length, false), ecn != 0);
        before[15] |= ecn ? 0x30 : 0;
        check(memcmp(before, frame, sizeof frame) == 0);
    }
}

static void what_is_cut_off_is_left_alone(void)
{
    uint8_t frame[80], before[80];
    uint32_t whole = frame4(frame, 2, false);

    memcpy(before, frame, sizeof frame);
    for (uint32_t length = 0; length < 14 + 20; length++)
        check(!wire_ip_mark(frame, length, false));
    check(wire_ip_flow(frame, 0, false, key) == wire_ip_flow(frame, 0, true, key));
    check(memcmp(before, frame, 64) == 0);
    frame[14] = 0x44; /* a header of 16 bytes */
    check(!wire_ip_mark(frame, whole, false));
    frame[14] = 0x55;
    check(!wire_ip_mark(frame, whole, false));
    frame4(frame, 2, false);
    frame[13] = 0x06;
    check(!wire_ip_mark(frame, whole, false));
    frame6(frame, 2);
    for (uint32_t length = 0; length < 14 + 40; length++)
        check(!wire_ip_mark(frame, length, false));
}

static void flows_are_told_by_their_five_numbers(void)
{
    static const uint8_t told[] = {14 + 9, 14 + 12, 14 + 15, 14 + 19, 14 + 20, 14 + 21, 14 + 23};
    static const uint8_t same[] = {14 + 1, 14 + 5, 14 + 8, 14 + 11, 14 + 25, 14 + 31};
    uint8_t frame[64];
    uint32_t length = frame4(frame, 0, false);
    uint64_t flow = wire_ip_flow(frame, length, false, key);

    for (uint32_t i = 0; i < sizeof told; i++) {
        frame4(frame, 0, false);
        frame[told[i]] ^= 23; /* UDP becomes TCP, say */
        check(wire_ip_flow(frame, length, false, key) != flow);
    }
    for (uint32_t i = 0; i < sizeof same; i++) {
        frame4(frame, 0, false);
        frame[same[i]] ^= 1;
        check_equal(wire_ip_flow(frame, length, false, key), flow);
    }
    length = frame4(frame, 0, true);
    check_equal(wire_ip_flow(frame, length, false, key), flow);
    check(wire_ip_flow(frame, length, false, (struct siphash_key){1, 8}) != flow);
}

/* All fragments of a datagram are one flow: the later ones have no ports. */
static void fragments_go_by_their_addresses(void)
{
    uint8_t first[64], later[64], six[80];
    uint32_t length = frame4(first, 0, false);
    uint64_t flow;

    frame4(later, 0, false);
    first[14 + 6] = 0x20; /* more fragments */
    later[14 + 7] = 1;
    later[14 + 20] ^= 1; /* that are no ports */
    check_equal(wire_ip_flow(first, length, false, key), wire_ip_flow(later, length, false, key));
    length = frame6(six, 0);
    flow = wire_ip_flow(six, length, false, key);
    six[14 + 40] ^= 1;
    check(wire_ip_flow(six, length, false, key) != flow);
    six[20] = 44; /* a fragment header: RFC 8290 4.1.1, addresses and protocol */
    flow = wire_ip_flow(six, length, false, key);
    six[14 + 40] ^= 1;
    check_equal(wire_ip_flow(six, length, false, key), flow);
}

static const struct test tests[] = {
    {"RFC 3168 5 IPv4 is marked with CE, and its checksum follows",
     ip4_is_marked_and_its_checksum_follows},
    {"RFC 1624 3 every checksum is mended", every_checksum_is_mended},
    {"RFC 3168 5 IPv6 is marked with CE, and nothing else changes", ip6_is_marked},
    {"what is cut off or no IP is left alone", what_is_cut_off_is_left_alone},
    {"RFC 8290 4.1 flows are told by addresses, protocol and ports",
     flows_are_told_by_their_five_numbers},
    {"fragments go by addresses and protocol", fragments_go_by_their_addresses},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
