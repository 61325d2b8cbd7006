/* SPDX-License-Identifier: MIT */
/* ARP as bytes (with every wrong field), who is answered, who is believed, and RFC 5227. */
#include "2-link/link_bed.h"

static const uint8_t good[ARP_BYTES] = {0,  1, 8, 0, 6, 4, 0, 2, 2, 0, 0,  0, 0, 2,
                                        10, 0, 0, 2, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1};

static bool reads(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length);
    struct arp_header h;

    return arp_header_read(&r, &h);
}

static void a_header_reads_as_it_was_written(void)
{
    struct reader r = reader_of(good, sizeof good);
    struct arp_header h;
    uint8_t bytes[ARP_BYTES];
    struct writer w = writer_of(bytes, sizeof bytes);

    check(arp_header_read(&r, &h));
    check_equal(h.opcode, ARP_REPLY);
    check(mac_equal(&h.sender_mac, &peer_mac) && mac_equal(&h.target_mac, &own_mac));
    check_equal(address_to_ip4(h.sender), PEER);
    check_equal(address_to_ip4(h.target), OWN);
    arp_header_write(&w, &h);
    check(!w.failed && w.at == w.end && memcmp(bytes, good, sizeof good) == 0);
}

/* Each of the first eight bytes with each value: only the true one, and opcode 1, are ARP. */
static void only_exact_fields_are_arp(void)
{
    uint8_t bytes[ARP_BYTES];

    for (size_t at = 0; at < 8; at++)
        for (unsigned value = 0; value < 256; value++) {
            bool right = value == good[at] || (at == 7 && value == 1);

            memcpy(bytes, good, sizeof bytes);
            bytes[at] = (uint8_t)value;
            check_equal(reads(bytes, sizeof bytes), right);
        }
    for (size_t length = 0; length < ARP_BYTES; length++)
        check(!reads(good, length));
}

static void bad_senders(void)
{
    static const struct {
        uint8_t opcode, mac0, ip[4];
        bool ok;
    } rows[] = {
        {ARP_REQUEST, 2, {0, 0, 0, 0}, true}, /* a probe */
        {ARP_REPLY, 2, {0, 0, 0, 0}, false},         {ARP_REQUEST, 3, {10, 0, 0, 2}, false},
        {ARP_REPLY, 255, {10, 0, 0, 2}, false},      {ARP_REPLY, 2, {224, 0, 0, 1}, false},
        {ARP_REPLY, 2, {255, 255, 255, 255}, false}, {ARP_REPLY, 2, {127, 0, 0, 1}, false},
        {ARP_REPLY, 2, {192, 168, 1, 1}, true},
    };
    uint8_t bytes[ARP_BYTES];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        memcpy(bytes, good, sizeof bytes);
        bytes[7] = rows[i].opcode;
        bytes[8] = rows[i].mac0;
        memcpy(bytes + 14, rows[i].ip, 4);
        check_equal(reads(bytes, sizeof bytes), rows[i].ok);
    }
    memcpy(bytes, good, sizeof bytes);
    memset(bytes + 8, 0, 6);
    check(!reads(bytes, sizeof bytes));
}

static void requests_are_answered(void)
{
    link_bed_ready();
    put_arp(ARP_REQUEST, peer_mac, PEER, (struct mac){{0}}, OWN, ethernet_broadcast);
    check_equal(on_wire.count, 1);
    check(sent_arp(0, ARP_REPLY, peer_mac, OWN, PEER));
    check_equal(state_of(PEER), NEIGHBOR_STALE); /* RFC 826: added, since we are the target */
    put_arp(ARP_REQUEST, peer_mac, PEER, (struct mac){{0}}, OWN, own_mac); /* a unicast poll */
    check_equal(on_wire.count, 2);
    check(sent_arp(1, ARP_REPLY, peer_mac, OWN, PEER));
    link_bed_done();
}

static void probes_are_answered_and_teach_nothing(void)
{
    link_bed_ready();
    put_arp(ARP_REQUEST, peer_mac, 0, (struct mac){{0}}, OWN, ethernet_broadcast);
    check_equal(on_wire.count, 1);
    check(sent_arp(0, ARP_REPLY, peer_mac, OWN, 0));
    check_equal(station.neighbor_count, 0);
    link_bed_done();
}

/* RFC 5227 2.1.1: by no address, to all; who speaks by it has it, and who probes too wants it. */
static void an_address_is_probed_for_by_nobody(void)
{
    const struct address wanted = address_from_ip4(OWN + 9);

    link_bed_ready();
    for (int how = 0; how < 4; how++) {
        on_wire.count = 0;
        check_equal(link_probe(&station, wanted, true, bed.now), 0);
        settle();
        check_equal(on_wire.count, 1);
        check(sent_arp(0, ARP_REQUEST, ethernet_broadcast, 0, OWN + 9));
        check(memcmp(on_wire.kept[0].bytes + 22, own_mac.bytes, 6) == 0);
        put_arp(ARP_REQUEST, peer_mac, PEER, (struct mac){{0}}, OWN + 9, ethernet_broadcast);
        put_arp(ARP_REQUEST, own_mac, 0, (struct mac){{0}}, OWN + 9, ethernet_broadcast);
        check_equal(link_probed(&station, wanted), 0); /* who asks for it has it not; our own */
        if (how == 0)
            put_arp(ARP_REQUEST, peer_mac, OWN + 9, (struct mac){{0}}, PEER, ethernet_broadcast);
        else if (how == 1)
            put_arp(ARP_REPLY, peer_mac, OWN + 9, own_mac, 0, own_mac);
        else if (how == 2)
            put_arp(ARP_REQUEST, peer_mac, 0, (struct mac){{0}}, OWN + 9, ethernet_broadcast);
        check_equal(link_probed(&station, wanted), how < 3);
    }
    link_bed_done();
}

static void each_address_answers_for_itself(void)
{
    link_bed_ready();
    check_equal(link_address_add(&station, address_from_ip4(0x0a000105), bed.now), 0);
    run(bed.now + 5 * SECOND);
    on_wire.count = 0;
    put_arp(ARP_REQUEST, peer_mac, 0x0a000106, (struct mac){{0}}, 0x0a000105, ethernet_broadcast);
    check(sent_arp(0, ARP_REPLY, peer_mac, 0x0a000105, 0x0a000106));
    /* and a request of ours comes from the address nearest to its target */
    send_to(0x0a000107, 1);
    settle();
    check(sent_arp(1, ARP_REQUEST, ethernet_broadcast, 0x0a000105, 0x0a000107));
    send_to(0x0a000003, 1);
    settle();
    check(sent_arp(2, ARP_REQUEST, ethernet_broadcast, OWN, 0x0a000003));
    link_bed_done();
}

static void what_is_not_for_us_creates_nothing(void)
{
    link_bed_ready();
    put_arp(ARP_REQUEST, peer_mac, PEER, (struct mac){{0}}, 0x0a000009, ethernet_broadcast);
    put_arp(ARP_REQUEST, peer_mac, PEER, (struct mac){{0}}, PEER,
            ethernet_broadcast);                                 /* announced */
    reply_from(peer_mac);                                        /* unsolicited */
    put_arp(ARP_REPLY, peer_mac, PEER, other_mac, OWN, own_mac); /* for another station */
    check_equal(bed.drops[DROP_ARP_IGNORED], 4);
    check_equal(station.neighbor_count, 0);
    check_equal(on_wire.count, 0);
    link_bed_done();
}

static void malformed_arp_is_dropped_by_name(void)
{
    uint8_t frame[60] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 6};

    link_bed_ready();
    memcpy(frame + 14, good, sizeof good);
    put_frame(frame, 14 + 27);
    check_equal(bed.drops[DROP_ARP_HEADER], 1);
    frame[14 + 7] = 9;
    put_frame(frame, 60);
    check_equal(bed.drops[DROP_ARP_HEADER], 2);
    check_equal(bed.last[EVENT_DROP].drop.frame.length, 60);
    frame[14 + 7] = 1;
    put_frame(frame, 60); /* padded: fine */
    check_equal(bed.drops[DROP_ARP_HEADER], 2);
    check_equal(on_wire.count, 1);
    link_bed_done();
}

static void our_own_words_are_ignored(void)
{
    link_bed_ready();
    put_arp(ARP_REQUEST, own_mac, OWN, (struct mac){{0}}, OWN, ethernet_broadcast);
    put_arp(ARP_REQUEST, own_mac, PEER, (struct mac){{0}}, OWN, ethernet_broadcast);
    check_equal(bed.drops[DROP_ARP_IGNORED], 2);
    check_equal(station.conflicts, 0);
    check_equal(station.neighbor_count, 0);
    link_bed_done();
}

static void addresses_are_announced_twice(void)
{
    link_bed(LINK_ETHERNET);
    check_equal(link_address_add(&station, address_from_ip4(OWN), 0), 0);
    run(SECOND);
    check_equal(on_wire.count, 1);
    check_equal(link_address_add(&station, address_from_ip4(OWN + 8), SECOND), 0);
    run(20 * SECOND);
    check_equal(on_wire.count, 4);
    check(sent_arp(0, ARP_REQUEST, ethernet_broadcast, OWN, OWN));
    check(sent_arp(1, ARP_REQUEST, ethernet_broadcast, OWN + 8, OWN + 8));
    check(sent_arp(2, ARP_REQUEST, ethernet_broadcast, OWN, OWN));
    check(sent_arp(3, ARP_REQUEST, ethernet_broadcast, OWN + 8, OWN + 8));
    check_equal(on_wire.kept[0].time, MICROSECOND);
    check_equal(on_wire.kept[2].time, 2 * SECOND + MICROSECOND);
    check_equal(on_wire.kept[3].time, 3 * SECOND + MICROSECOND);
    check(!timer_is_set(&station.announce));
    link_bed_done();
}

static void an_address_is_defended_once_in_ten_seconds(void)
{
    nanoseconds start;

    link_bed_ready();
    start = bed.now;
    put_arp(ARP_REQUEST, peer_mac, OWN, (struct mac){{0}}, OWN, ethernet_broadcast);
    check_equal(on_wire.count, 1); /* an announcement, not an answer */
    check(sent_arp(0, ARP_REQUEST, ethernet_broadcast, OWN, OWN));
    check_equal(bed.events[EVENT_NOTE], 1);
    check_equal(bed.drops[DROP_ARP_HEADER], 1);
    run(start + 9 * SECOND);
    put_arp(ARP_REPLY, peer_mac, OWN, own_mac, OWN, own_mac);
    check_equal(on_wire.count, 1);
    check_equal(station.conflicts, 2);
    run(start + 11 * SECOND);
    put_arp(ARP_REQUEST, peer_mac, OWN, (struct mac){{0}}, PEER, ethernet_broadcast);
    check_equal(on_wire.count, 2);
    check_equal(bed.events[EVENT_NOTE], 2);
    check_equal(station.conflicts, 3);
    check_equal(station.neighbor_count, 0);
    link_bed_done();
}

static void no_memory_is_named(void)
{
    link_bed_ready();
    means.packet_budget.limit = 0;
    check(means.packet_budget.used == 0);
    put_arp(ARP_REQUEST, peer_mac, PEER, (struct mac){{0}}, OWN, ethernet_broadcast);
    check_equal(bed.drops[DROP_NO_MEMORY], 1); /* the frame itself found no room */
    means.packet_budget.limit = 1;
    put_arp(ARP_REQUEST, peer_mac, PEER, (struct mac){{0}}, OWN, ethernet_broadcast);
    check_equal(on_wire.count, 1); /* asked and answered with one packet's room */
    link_bed_done();
}

static const struct test tests[] = {
    {"a header reads as it was written", a_header_reads_as_it_was_written},
    {"only exactly Ethernet, IPv4, 6, 4, request and reply are ARP", only_exact_fields_are_arp},
    {"a sender that no station can be is no sender", bad_senders},
    {"a request for us is answered, and its sender is kept", requests_are_answered},
    {"a probe is answered and teaches nothing", probes_are_answered_and_teach_nothing},
    {"an address is probed for by nobody (RFC 5227 1.1-6 to 8, 2.1.1-1 to 4)",
     an_address_is_probed_for_by_nobody},
    {"each address of ours answers and asks for itself", each_address_answers_for_itself},
    {"what is not for us creates nothing", what_is_not_for_us_creates_nothing},
    {"malformed ARP is dropped by name", malformed_arp_is_dropped_by_name},
    {"our own words are ignored", our_own_words_are_ignored},
    {"an address is announced twice, two seconds apart", addresses_are_announced_twice},
    {"an address is defended once in ten seconds", an_address_is_defended_once_in_ten_seconds},
    {"an answer that finds no packet is a named drop", no_memory_is_named},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
