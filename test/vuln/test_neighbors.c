/* SPDX-License-Identifier: MIT */
/*
 * ARP as attackers speak it: malformed, forged, and in floods. The policy is in 2-link/neighbor.c:
 * what nobody asked for creates nothing, and a neighbour that is reachable does not move by being
 * told to, but follows an address whose station is gone.
 */
#include "vuln_bed.h"

enum { REQUEST = 1, REPLY = 2, KNOWN = 0x0a000032, REACHABLE_STATE = 3 };

static const uint8_t known_mac[6] = {2, 0, 0, 0, 0, 0x50}, forged_mac[6] = {2, 0, 0, 0, 0, 0xbd},
                     everyone[6] = {255, 255, 255, 255, 255, 255}, nobody[6];

static int changes; /* EVENT_NEIGHBOR events of the victim's door */
static int socket_out;

static void count_changes(void *context, const struct sockeye_event *event)
{
    (void)context;
    changes += event->kind == EVENT_NEIGHBOR && event->host == VICTIM;
}

static void begin(void)
{
    bed_open(SOCKEYE_DOOR_ETHERNET);
    bed_advance(5 * BED_SECOND); /* announcements */
    bed_friend_talks();
    bed_flush();
    check(sockeye_observe(bed.lab, EVENT_EVERYTHING, count_changes, NULL, NULL) >= 0);
    socket_out = bed_datagram(PORT);
    changes = 0;
}

static void make_arp(uint8_t frame[42], uint32_t op, const uint8_t *sender_mac, uint32_t sender,
                     const uint8_t *target_mac, uint32_t target, const uint8_t *to)
{
    memcpy(frame, to, 6);
    memcpy(frame + 6, sender_mac, 6);
    frame[6] &= 0xfe;
    put16(frame + 12, 0x0806);
    put16(frame + 14, 1);
    put16(frame + 16, 0x0800);
    frame[18] = 6;
    frame[19] = 4;
    put16(frame + 20, op);
    memcpy(frame + 22, sender_mac, 6);
    put32(frame + 28, sender);
    memcpy(frame + 32, target_mac, 6);
    put32(frame + 38, target);
}

static void send_arp(uint32_t op, const uint8_t *sender_mac, uint32_t sender,
                     const uint8_t *target_mac, uint32_t target, const uint8_t *to)
{
    uint8_t frame[42];

    make_arp(frame, op, sender_mac, sender, target_mac, target, to);
    check_equal(sockeye_inject(bed.lab, DOOR, frame, sizeof frame), 0);
    bed_advance(10000);
}

/* The victim sends a datagram to `dest`. */
static ssize_t say(uint32_t dest)
{
    struct sockaddr_in name = bed_name(dest, 9);
    struct sockeye_message m = {.bytes = (uint8_t[]){'h', 'i'},
                                .length = 2,
                                .address = &name,
                                .address_length = sizeof name};
    ssize_t n = sockeye_send_message(bed.lab, VICTIM, socket_out, &m, 0);

    bed_advance(10000);
    return n;
}

/* The next frame of the victim: which station it goes to. */
static bool goes_to(const uint8_t *mac, uint32_t ethertype)
{
    return bed_take() && seen.ethertype == ethertype && memcmp(seen.bytes, mac, 6) == 0;
}

/* KNOWN becomes REACHABLE at known_mac. */
static void learn_known(void)
{
    check_equal(say(KNOWN), 2);
    check(goes_to(everyone, 0x0806));
    send_arp(REPLY, known_mac, KNOWN, victim_mac, VICTIM_IP, victim_mac);
    check(goes_to(known_mac, 0x0800));
}

static void only_exact_arp_counts(void)
{
    static const uint32_t at[] = {14, 16, 18, 19, 20}, right[] = {1, 0x0800, 6, 4, 0};
    uint8_t frame[60];

    begin();
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        for (uint32_t value = 0; value < 65536; value += value < 0x120 ? 1 : 97) {
            bool wide = at[i] != 18 && at[i] != 19;

            if (value == right[i] || (!wide && value > 255) ||
                (at[i] == 20 && (value == REQUEST || value == REPLY)))
                continue;
            make_arp(frame, REQUEST, forged_mac, 0x0a000063, nobody, VICTIM_IP, victim_mac);
            if (wide)
                put16(frame + at[i], value);
            else
                frame[at[i]] = (uint8_t)value;
            check_equal(sockeye_inject(bed.lab, DOOR, frame, 42), 0);
            bed_advance(10000);
        }
    make_arp(frame, REQUEST, forged_mac, 0x0a000063, nobody, VICTIM_IP, victim_mac);
    for (size_t n = 14; n < 42; n++) /* cut */
        check_equal(sockeye_inject(bed.lab, DOOR, frame, n), 0);
    bed_advance(10000);
    check_equal(bed_flush() + changes, 0);
    memset(frame + 42, 0xee, sizeof frame - 42); /* with padding it is good */
    check_equal(sockeye_inject(bed.lab, DOOR, frame, sizeof frame), 0);
    bed_advance(10000);
    check_equal(bed_flush(), 1);
    bed_friend_talks();
}

static void senders_that_cannot_be(void)
{
    static const uint32_t senders[] = {VICTIM_IP,  0x7f000001, 0xe0000001,
                                       0xffffffff, 0x7fffffff, 0xefffffff};
    static const uint8_t group[6] = {1, 0, 0x5e, 0, 0, 1};

    begin();
    for (uint32_t op = REQUEST; op <= REPLY; op++)
        for (size_t i = 0; i < sizeof senders / sizeof *senders; i++) {
            send_arp(op, forged_mac, senders[i], victim_mac, VICTIM_IP, victim_mac);
            send_arp(op, group, 0x0a000063, victim_mac, VICTIM_IP, victim_mac);
            send_arp(op, nobody, 0x0a000063, victim_mac, VICTIM_IP, victim_mac);
            send_arp(op, everyone, 0x0a000063, victim_mac, VICTIM_IP, victim_mac);
            send_arp(op, victim_mac, 0x0a000063, victim_mac, VICTIM_IP, victim_mac);
        }
    check_equal(changes, 0);
    check_equal(bed_flush(), 1); /* one announcement in defence of our address */
    send_arp(REQUEST, forged_mac, 0, nobody, VICTIM_IP, everyone); /* a probe is answered */
    check(goes_to(forged_mac, 0x0806));
    check_equal(changes, 0);
    bed_friend_talks();
}

static void unsolicited_creates_nothing(void)
{
    begin();
    for (uint32_t i = 0; i < 200; i++) {
        send_arp(REPLY, forged_mac, 0x0a000010 + i, victim_mac, VICTIM_IP, victim_mac);
        send_arp(REPLY, forged_mac, 0x0a000010 + i, everyone, 0x0a000010 + i, everyone);
        send_arp(REQUEST, forged_mac, 0x0a000010 + i, nobody, 0x0a000010 + i, everyone);
        send_arp(REQUEST, forged_mac, 0x0a000010 + i, nobody, 0x0a000011 + i, everyone);
    }
    check_equal(changes, 0);
    check_equal(bed_flush(), 0);
    check_equal(say(0x0a000010), 2);
    check(goes_to(everyone, 0x0806)); /* it has to ask */
    bed_friend_talks();
}

static void reachable_does_not_move(void)
{
    int to_forged = 0;

    begin();
    learn_known();
    for (int i = 0; i < 300; i++) {
        send_arp(REPLY, forged_mac, KNOWN, victim_mac, VICTIM_IP, victim_mac);
        send_arp(REPLY, forged_mac, KNOWN, everyone, KNOWN, everyone);
        send_arp(REQUEST, forged_mac, KNOWN, nobody, KNOWN, everyone);
        send_arp(REQUEST, forged_mac, KNOWN, nobody, VICTIM_IP, victim_mac);
        check_equal(say(KNOWN), 2);
        while (bed_take()) {
            if (seen.ethertype == 0x0800)
                to_forged += memcmp(seen.bytes, known_mac, 6) != 0;
            else if (get16(seen.bytes + 20) == REQUEST && memcmp(seen.bytes, known_mac, 6) == 0)
                send_arp(REPLY, known_mac, KNOWN, victim_mac, VICTIM_IP, victim_mac);
        }
        bed_advance(20 * BED_MS);
    }
    check_equal(to_forged, 0);
    check(changes > 0); /* it was probed, and the observers were told */
    bed_friend_talks();
}

/* Two stations a millisecond away, of which one goes and the other announces its address (B26). */
static void an_address_that_moves_is_followed_in_milliseconds(void)
{
    int64_t answer_at = INT64_MAX, last = 0, longest = 0, now = 0;

    begin();
    learn_known();
    bed_advance(2 * BED_SECOND);
    send_arp(REQUEST, forged_mac, KNOWN, nobody, KNOWN, everyone);
    for (; now < 200; now++) {
        check_equal(say(KNOWN), 2);
        while (bed_take())
            if (memcmp(seen.bytes, forged_mac, 6) == 0) {
                if (seen.ethertype == 0x0800 && now - last > longest)
                    longest = now - last;
                if (seen.ethertype == 0x0800)
                    last = now;
                else if (answer_at == INT64_MAX)
                    answer_at = now + 2; /* there and back */
            }
        bed_advance(BED_MS);
        if (now == answer_at)
            send_arp(REPLY, forged_mac, KNOWN, victim_mac, VICTIM_IP, victim_mac);
    }
    check(last == 199 && longest <= 7);
    bed_friend_talks();
}

/* On-link is 10.2.0.0/16 as well: 3,000 stations that do not exist are asked for. */
static void scan_costs_no_neighbour(void)
{
    static uint8_t asked[3000];
    uint64_t slots, most_slots = 0;
    int worst = 0;

    begin();
    check_equal(sockeye_address(bed.lab, VICTIM, 1, "10.2.0.1/16"), 0);
    bed_advance(5 * BED_SECOND);
    bed_flush();
    learn_known();
    slots = bed_slots();
    memset(asked, 0, sizeof asked);
    for (uint32_t i = 0; i < 3000; i++) {
        check(say(0x0a020100 + i) == 2);
        if (i % 100 != 0)
            continue;
        most_slots = bed_slots() > most_slots ? bed_slots() : most_slots;
        check_equal(say(KNOWN), 2);
        while (bed_take()) {
            uint32_t target = get32(seen.bytes + 38) - 0x0a020100;

            if (seen.ethertype == 0x0806 && target < 3000 && ++asked[target] > worst)
                worst = asked[target];
            else if (seen.ethertype == 0x0800)
                check(memcmp(seen.bytes, known_mac, 6) == 0 && seen.dest == KNOWN);
        }
    }
    check(most_slots < slots + 1000);
    check_equal(worst, 1); /* in these 30 ms, none was asked for twice */
    check(bed_drops(DROP_NEIGHBOR_TABLE) > 0);
    bed_advance(60 * BED_SECOND);
    bed_flush();
    check_equal(bed_drops(DROP_NEIGHBOR_FAILED) + bed_drops(DROP_NEIGHBOR_TABLE), 3000);
    bed_friend_talks();
}

/* Pings from 3,000 stations, and ARP requests from as many: who is in use stays. */
static void strangers_cost_no_neighbour(void)
{
    uint8_t ping[30];
    size_t n;

    begin();
    check_equal(sockeye_address(bed.lab, VICTIM, 1, "10.2.0.1/16"), 0);
    bed_advance(5 * BED_SECOND);
    bed_flush();
    learn_known();
    n = make_icmp(ping, 8, 0, 1, "ping", 4);
    for (uint32_t i = 0; i < 3000; i++) {
        const struct ip_spec spec = {.source = 0x0a020100 + i, .protocol = 1};

        bed_send_ip(&spec, ping, n);
        send_arp(REQUEST, forged_mac, 0x0a024000 + i, nobody, VICTIM_IP, everyone);
        if (i % 50 != 0)
            continue;
        bed_flush();
        check_equal(say(KNOWN), 2);
        check(goes_to(known_mac, 0x0800));
    }
    bed_flush();
    bed_friend_talks();
}

/* 10,000 packets for one station that is silent (the row says 100,000; it says 3 waiting, ours are
 * Linux's 64). */
static void queue_of_the_unresolved(void)
{
    uint64_t slots;
    int n = 0;

    begin();
    check_equal(say(KNOWN), 2);
    bed_flush();
    slots = bed_slots();
    for (int i = 0; i < 10000; i++)
        check_equal(say(KNOWN), 2);
    check(bed_slots() <= slots + 64 * 2);
    check_equal(bed_drops(DROP_NEIGHBOR_QUEUE), 10001 - 64);
    check_equal(bed_flush(), 0); /* within a second, one question */
    send_arp(REPLY, known_mac, KNOWN, victim_mac, VICTIM_IP, victim_mac);
    while (goes_to(known_mac, 0x0800))
        n++;
    check_equal(n, 64);
    bed_friend_talks();
}

static const struct test tests[] = {
    {"P-13 ARP that is not exactly Ethernet and IPv4 does nothing", only_exact_arp_counts},
    {"P-13 senders that cannot be are believed in nothing", senders_that_cannot_be},
    {"N-01 what nobody asked for creates no neighbour", unsolicited_creates_nothing},
    {"N-01 a reachable neighbour does not move by being told to", reachable_does_not_move},
    {"an address that moves is followed in milliseconds",
     an_address_that_moves_is_followed_in_milliseconds},
    {"N-02 a scan costs no neighbour in use its place", scan_costs_no_neighbour},
    {"N-02 strangers who ask cost no neighbour in use its place", strangers_cost_no_neighbour},
    {"N-03 few packets wait for a station that is silent", queue_of_the_unresolved},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
