/* SPDX-License-Identifier: MIT */
/* Headers of frames as bytes, and which frames a link lets through. */
#include <errno.h>

#include "2-link/link_bed.h"

static const uint8_t ip_frame[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 'a', 'b', 'c'};

static void a_header_reads_as_it_was_written(void)
{
    uint8_t bytes[14];
    struct writer w = writer_of(bytes, sizeof bytes);
    struct reader r = reader_of(bytes, sizeof bytes);
    struct ethernet_header h;

    ethernet_header_write(&w, &own_mac, &peer_mac, 0x86dd);
    check(!w.failed && w.at == w.end);
    check(ethernet_header_read(&r, &h));
    check(mac_equal(&h.dest, &own_mac) && mac_equal(&h.source, &peer_mac));
    check_equal(h.ethertype, 0x86dd);
    check_equal(h.header_bytes, 14);
    check_equal(h.payload_bytes, 0);
}

static void short_headers_fail(void)
{
    struct ethernet_header h;

    for (size_t length = 0; length < 14; length++) {
        struct reader r = reader_of(ip_frame, length);

        check(!ethernet_header_read(&r, &h));
    }
}

static void lengths_and_snap(void)
{
    static const struct {
        uint16_t type;
        uint8_t llc[8];
        uint32_t left; /* bytes behind the first 14 */
        bool ok;
        uint16_t ethertype;
        uint32_t header_bytes, payload_bytes;
    } rows[] = {
        {0x0800, {0}, 46, true, 0x0800, 14, 46},
        {0x0600, {0}, 8, true, 0x0600, 14, 8},
        {0x05ff, {0}, 46, true, 0, 14, 46},
        {1501, {0}, 46, true, 0, 14, 46},
        {28, {0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, 46, true, 0x0800, 22, 20},
        {8, {0xaa, 0xaa, 3, 0, 0, 0, 8, 6}, 46, true, 0x0806, 22, 0},
        {46, {0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, 46, true, 0x0800, 22, 38},
        {47, {0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, 46, false, 0, 0, 0},
        {7, {0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, 46, true, 0, 14, 7},
        {0, {0}, 46, true, 0, 14, 0},
        {46, {0xaa, 0xaa, 3, 0, 0, 1, 8, 0}, 46, true, 0, 14, 46},
        {46, {0x42, 0x42, 3, 0, 0, 0, 0, 0}, 46, true, 0, 14, 46},
        {46, {0xaa, 0xaa, 3, 0, 0, 0, 0, 9}, 46, true, 0, 14, 46},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[64] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
        struct reader r = reader_of(bytes, 14 + rows[i].left);
        struct ethernet_header h;

        bytes[12] = (uint8_t)(rows[i].type >> 8);
        bytes[13] = (uint8_t)rows[i].type;
        memcpy(bytes + 14, rows[i].llc, 8);
        check_equal(ethernet_header_read(&r, &h), rows[i].ok);
        if (!rows[i].ok)
            continue;
        check_equal(h.ethertype, rows[i].ethertype);
        check_equal(h.header_bytes, rows[i].header_bytes);
        check_equal(h.payload_bytes, rows[i].payload_bytes);
    }
}

static void groups_are_mapped(void)
{
    static const struct {
        const char *address;
        struct mac mac;
    } rows[] = {
        {"255.255.255.255", {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}},
        {"224.0.0.1", {{1, 0, 0x5e, 0, 0, 1}}},
        {"239.255.129.7", {{1, 0, 0x5e, 0x7f, 0x81, 7}}},
    };
    struct address ip6 = {UINT64_C(0xff02000000000000), UINT64_C(0x1ff123456)};
    struct mac mac, want = {{0x33, 0x33, 0xff, 0x12, 0x34, 0x56}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *end;
        struct address a;

        check(address_parse(rows[i].address, &end, &a));
        check(ethernet_group(a, &mac));
        check(mac_equal(&mac, &rows[i].mac));
    }
    check(ethernet_group(ip6, &mac) && mac_equal(&mac, &want));
    check(!ethernet_group(address_from_ip4(OWN), &mac));
}

static void frames_for_us_come_up(void)
{
    uint8_t frame[sizeof ip_frame];

    link_bed(LINK_ETHERNET);
    memcpy(frame, ip_frame, sizeof frame);
    put_frame(frame, sizeof frame);
    check_equal(received.count, 1);
    check_equal(received.kept[0].length, 3);
    check(memcmp(received.kept[0].bytes, "abc", 3) == 0);
    check(!received.kept[0].broadcast);
    memset(frame, 0xff, 6);
    put_frame(frame, sizeof frame);
    check_equal(received.count, 2);
    check(received.kept[1].broadcast);
    memcpy(frame, "\x01\x00\x5e\x00\x00\x01", 6);
    put_frame(frame, sizeof frame);
    check_equal(received.count, 3);
    check(received.kept[2].broadcast);
    link_bed_done();
}

static void other_frames_are_dropped_by_name(void)
{
    uint8_t frame[60] = {0};

    link_bed(LINK_ETHERNET);
    memcpy(frame, ip_frame, sizeof ip_frame);
    frame[5] = 9;
    put_frame(frame, 60);
    check_equal(bed.drops[DROP_NOT_FOR_US], 1);
    frame[5] = 1;
    frame[12] = 0x81;
    put_frame(frame, 60);
    check_equal(bed.drops[DROP_ETHERTYPE], 1);
    check_equal(bed.last[EVENT_DROP].drop.frame.length, 60);
    frame[12] = 0;
    frame[13] = 46;
    put_frame(frame, 60);
    check_equal(bed.drops[DROP_ETHERTYPE], 2);
    frame[13] = 47;
    put_frame(frame, 60);
    check_equal(bed.drops[DROP_LINK_HEADER], 1);
    put_frame(frame, 13);
    check_equal(bed.drops[DROP_LINK_HEADER], 2);
    frame[12] = 8;
    frame[13] = 0;
    frame[6] = 3; /* from a group */
    put_frame(frame, 60);
    check_equal(bed.drops[DROP_LINK_HEADER], 3);
    check_equal(received.count, 0);
    check_equal(peer_budget.used + means.packet_budget.used, 0);
    link_bed_done();
}

static void damaged_frames_fail_the_fcs(void)
{
    struct wire_settings s = {.corrupt.ppm = 1000000};

    link_bed(LINK_ETHERNET);
    wire_settings_set(&wire, 1, &s);
    put_frame(ip_frame, sizeof ip_frame);
    check_equal(bed.drops[DROP_FCS], 1);
    check_equal(received.count, 0);
    link_bed_done();
}

static void snap_frames_come_up_without_padding(void)
{
    uint8_t frame[60] = {2,  0,    0,    0, 0, 1, 2, 0, 0, 0,   0,   2,  0,
                         11, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0, 'a', 'b', 'c'};

    link_bed(LINK_ETHERNET);
    put_frame(frame, sizeof frame);
    check_equal(received.count, 1);
    check_equal(received.kept[0].length, 3);
    check(memcmp(received.kept[0].bytes, "abc", 3) == 0);
    link_bed_done();
}

static void groups_need_no_neighbor(void)
{
    struct address all = {UINT64_C(0xff02000000000000), 1};
    struct packet *p;

    link_bed_ready();
    send_to(0xffffffff, 1);
    send_to(0xe0000001, 2);
    p = packet_get(&bed.packets, &means.packet_budget, 20);
    packet_append(p, 20);
    link_send(&station, &uppers[1], all, p, bed.now);
    settle();
    check_equal(on_wire.count, 3);
    check(sent_ip(0, ethernet_broadcast, 1));
    check(sent_ip(1, (struct mac){{1, 0, 0x5e, 0, 0, 1}}, 2));
    check(memcmp(on_wire.kept[2].bytes, "\x33\x33\0\0\0\1", 6) == 0);
    check(memcmp(on_wire.kept[2].bytes + 12, "\x86\xdd", 2) == 0);
    check_equal(station.neighbor_count, 0);
    link_bed_done();
}

static void who_cannot_be_asked_for_is_unreachable(void)
{
    struct address a = {UINT64_C(0xfe80000000000000), 2};
    struct packet *p;

    link_bed_ready();
    uppers[1].code = 2;
    p = packet_get(&bed.packets, &means.packet_budget, 20);
    packet_append(p, 20);
    link_send(&station, &uppers[1], a, p, bed.now);
    check_equal(unreachable.count, 1);
    send_to(0, 1);
    check_equal(unreachable.count, 2);
    link_bed_done();
}

static void bare_links_go_by_version(void)
{
    link_bed(LINK_BARE);
    put_frame("\x45 four", 6);
    put_frame("\x60 six", 5);
    put_frame("\x55 five", 6);
    put_frame("", 0);
    check_equal(received.count, 2);
    check_equal(received.kept[0].length, 6);
    check(memcmp(received.kept[1].bytes, "\x60 six", 5) == 0);
    check_equal(bed.drops[DROP_ETHERTYPE], 1);
    check_equal(bed.drops[DROP_LINK_HEADER], 1);
    check_equal(bed.last[EVENT_DROP].drop.frame.flags, FRAME_BARE_IP);
    check_equal(link_address_add(&station, address_from_ip4(OWN), bed.now), 0);
    send_to(PEER, 0x45);
    send_to(0xffffffff, 0x46);
    link_confirm(&station, address_from_ip4(PEER), bed.now);
    settle();
    check_equal(on_wire.count, 2);
    check_equal(on_wire.kept[0].length, 20);
    check_equal(on_wire.kept[0].bytes[0], 0x45);
    check_equal(link_mtu(&station), 1500);
    link_bed_done();
}

static void addresses_are_limited(void)
{
    link_bed(LINK_ETHERNET);
    for (uint32_t i = 0; i < LINK_ADDRESSES; i++)
        check_equal(link_address_add(&station, address_from_ip4(OWN + i), 0), 0);
    check_equal(link_address_add(&station, address_from_ip4(OWN), 0), 0); /* is there */
    check_equal(link_address_add(&station, address_from_ip4(OWN - 1), 0), -ENOSPC);
    link_bed_done();
}

static const struct test tests[] = {
    {"a header reads as it was written", a_header_reads_as_it_was_written},
    {"a short header fails", short_headers_fail},
    {"RFC 894, RFC 1042 and 802.3 headers are told apart", lengths_and_snap},
    {"groups and broadcast are mapped to stations", groups_are_mapped},
    {"frames for us, for all and for groups come up", frames_for_us_come_up},
    {"other frames are dropped, each by its reason", other_frames_are_dropped_by_name},
    {"a damaged frame fails the FCS", damaged_frames_fail_the_fcs},
    {"a SNAP frame comes up without its padding", snap_frames_come_up_without_padding},
    {"a packet to a group needs no neighbour", groups_need_no_neighbor},
    {"a neighbour whose upper cannot ask, and 0.0.0.0, are unreachable at once",
     who_cannot_be_asked_for_is_unreachable},
    {"a bare link goes by the version of IP", bare_links_go_by_version},
    {"a link holds so many addresses of its own", addresses_are_limited},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
