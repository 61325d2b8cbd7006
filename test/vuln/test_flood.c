/* SPDX-License-Identifier: MIT */
/*
 * Floods: half-open connections, peers that open and say nothing, orphans, poison in the accept
 * queue, holes without number, tuples chosen to collide, and no memory. What is limited is limited
 * for this host alone, the friend's traffic goes on, and in the end nothing is left.
 *
 * Thousands here where the rows say hundreds of thousands: the limits are of hundreds.
 */
#include "vuln_bed.h"

#include "node/host.h"

static int listener;

static void begin(uint32_t sockets)
{
    const struct sockeye_config config = {
        .seed = 4711, .hosts = 2, .wires = 2, .sockets = sockets, .buffer_bytes = 16 << 20};

    bed_open_with(SOCKEYE_DOOR_IP, &config);
    listener = bed_listener(PORT, 128);
    bed_flush();
}

static void finish(void)
{
    bed_friend_talks();
    check(bed_friend_connects(BED_SECOND) >= 0);
}

static void spoofed_syn(uint32_t i, uint32_t port)
{
    struct tcp_spec s = {.source = 0x0b000000 + i,
                         .from = 1024 + i % 60000,
                         .to = port,
                         .seq = i * 2654435761u,
                         .flags = SYN,
                         .window = 1000};

    bed_inject_tcp(&s);
}

static void syn_flood(void)
{
    int64_t idle, busy = 0;
    uint64_t slots, most_slots = 0;

    begin(512);
    bed_set("net.ipv4.tcp_max_syn_backlog", "128");
    idle = bed_friend_talks();
    slots = bed_slots();
    for (uint32_t round = 0; round < 20; round++) {
        bed.unchecked = true;
        for (uint32_t i = 0; i < 1000; i++) {
            spoofed_syn(round * 1000 + i, PORT);
            bed_advance(10000);
        }
        bed.unchecked = false;
        while (bed_take())
            check(seen.flags == (SYN | ACK));
        most_slots = bed_slots() > most_slots ? bed_slots() : most_slots;
        busy += bed_friend_talks();
    }
    check(most_slots <= slots + 128 + 16);
    check(bed_drops(DROP_TCP_BACKLOG) > 19000);
    check(busy <= 2 * 20 * idle);  /* goodput: at least half */
    bed_advance(130 * BED_SECOND); /* five SYN-ACKs, then they are forgotten */
    bed_flush();
    check(bed_slots() <= slots);
    finish();
}

/* A SYN is answered by at most six SYN-ACKs, ever further apart (T-33 has a use for it). */
static void one_syn_few_answers(void)
{
    int64_t last = 0, apart = 0;
    int n = 0;

    begin(64);
    spoofed_syn(1, PORT);
    bed_advance(200 * BED_SECOND);
    for (; bed_take(); n++) {
        check(seen.flags == (SYN | ACK) && seen.length <= 60);
        check(n == 0 || seen.when - last >= apart);
        apart = n == 0 ? 0 : seen.when - last;
        last = seen.when;
    }
    check(n >= 2 && n <= 6);
    finish();
}

/* What a flood takes at one host it does not take from another: half-open ones, and connections. */
static void floods_stay_at_their_host(void)
{
    struct sockaddr_in name = bed_name(INADDR_ANY, PORT), to = bed_name(FRIEND_IP, PORT);
    int there, fd;

    begin(64);
    there = sockeye_socket(bed.lab, FRIEND, AF_INET, SOCK_STREAM, 0);
    check_equal(sockeye_bind(bed.lab, FRIEND, there, &name, sizeof name), 0);
    check_equal(sockeye_listen(bed.lab, FRIEND, there, 8), 0);
    fd = sockeye_socket(bed.lab, VICTIM, AF_INET, SOCK_STREAM, 0);
    for (uint32_t i = 0; i < 1000; i++)
        spoofed_syn(i, PORT);
    bed_advance(BED_MS);
    bed_flush();
    check_equal(sockeye_connect(bed.lab, VICTIM, fd, &to, sizeof to), -EINPROGRESS);
    bed_advance(BED_SECOND);
    check_equal(bed_state(fd), TCP_STATE_ESTABLISHED);
    bed_advance(200 * BED_SECOND);
    for (uint32_t i = 0; i < 1000; i++) { /* TIME-WAIT */
        struct peer p = {.port = 1024 + i, .to = PORT, .window = 1000};
        struct tcp_spec s = peer_segment(&p, SYN);

        bed_inject_tcp(&s);
        bed_advance(10000);
        if (!bed_take_protocol(6) || seen.flags != (SYN | ACK))
            continue;
        p.seq++;
        p.ack = seen.seq + 1;
        peer_send(&p, ACK, NULL, 0);
        p.fd = bed_accept(listener);
        if (p.fd < 0)
            continue;
        bed_close(p.fd);
        bed_advance(10000);
        p.ack++;
        peer_send(&p, ACK | FIN, NULL, 0);
        bed_flush();
    }
    for (int i = 0; i < 50; i++) { /* the friend has all that is its own */
        int mine = sockeye_socket(bed.lab, FRIEND, AF_INET, SOCK_STREAM, 0);

        check(mine >= 0);
    }
    bed_friend_talks();
}

/* 300 peers that open, ask for much, and never open their window again. */
static void sockstress(void)
{
    static const uint8_t text[6000];
    static struct peer peers[300];
    uint64_t slots;

    begin(512);
    slots = bed_slots();
    for (uint32_t i = 0; i < 300; i++) {
        peers[i] = (struct peer){.port = 2000 + i, .window = 1};
        peer_open(&peers[i], listener);
        check(sockeye_send(bed.lab, VICTIM, peers[i].fd, text, sizeof text, 0) > 0);
        peers[i].window = 0;
        peers[i].ack++;
        peer_send(&peers[i], ACK, NULL, 0);
        bed_close(peers[i].fd); /* the program gives up on it */
        bed_flush();
    }
    bed_friend_talks();
    bed.unchecked = true;
    for (int i = 0; i < 1200; i++) { /* each probe is answered: "still zero" */
        bed_advance(BED_SECOND);
        while (bed_take()) {
            struct peer *p = &peers[seen.to - 2000];

            if (!(seen.flags & RST)) {
                struct tcp_spec s = peer_segment(p, ACK);

                bed_inject_tcp(&s);
            }
        }
    }
    bed.unchecked = false;
    bed_advance(BED_SECOND);
    bed_flush();
    check(bed_slots() <= slots + 8);
    finish();
}

/* The same, with a user timeout and a program that holds on. */
static void user_timeout_ends_zero_windows(void)
{
    static const uint8_t text[30000];
    struct peer p = {.port = 2000, .window = 1};
    uint32_t timeout_ms = 30000;

    begin(64);
    peer_open(&p, listener);
    check_equal(sockeye_set_option(bed.lab, VICTIM, p.fd, IPPROTO_TCP, TCP_USER_TIMEOUT,
                                   &timeout_ms, sizeof timeout_ms),
                0);
    check(sockeye_send(bed.lab, VICTIM, p.fd, text, sizeof text, 0) > 0);
    p.window = 0;
    p.ack++;
    peer_send(&p, ACK, NULL, 0);
    for (int i = 0; i < 300 && bed_state(p.fd) == TCP_STATE_ESTABLISHED; i++) {
        bed_advance(BED_SECOND);
        while (bed_take()) {
            struct tcp_spec s = peer_segment(&p, ACK);

            bed_inject_tcp(&s);
        }
    }
    check_equal(bed_state(p.fd), TCP_STATE_CLOSED);
    check_equal(bed_error(VICTIM, p.fd), ETIMEDOUT);
    finish();
}

/* Closed by the program, and the peer says nothing more: in each state where that can be. */
static void orphans_end(void)
{
    uint64_t slots;

    begin(512);
    bed_set("net.ipv4.tcp_max_orphans", "100");
    slots = bed_slots();
    for (uint32_t i = 0; i < 400; i++) {
        struct peer p = {.port = 2000 + i};

        peer_open(&p, listener);
        if (i % 4 == 1)
            peer_send(&p, ACK | FIN, NULL, 0);
        bed_close(p.fd);
        bed_advance(10000);
        if (i % 4 == 2) {
            p.ack++;
            peer_send(&p, ACK, NULL, 0);
        }
        if (i % 4 == 3)
            peer_send(&p, ACK | FIN, NULL, 0);
        bed_flush();
        check(bed_slots() <= slots + 100 * 6);
    }
    bed_friend_talks();
    bed_advance(1200 * BED_SECOND);
    bed_flush();
    check(bed_slots() <= slots + 8);
    finish();
}

/* Reset, half-closed, or both, before anybody accepts. */
static void accept_queue_is_poisoned(void)
{
    uint64_t slots;
    int accepted = 0;

    begin(512);
    slots = bed_slots();
    for (uint32_t i = 0; i < 2000; i++) {
        struct peer p = {.port = 2000 + i, .to = PORT, .window = 1000, .fd = -1};
        struct tcp_spec s = peer_segment(&p, SYN);
        uint8_t got[4];
        int fd;

        bed_inject_tcp(&s);
        bed_advance(10000);
        if (bed_take_protocol(6) && seen.flags == (SYN | ACK)) {
            p.seq++;
            p.ack = seen.seq + 1;
            peer_send(&p, ACK, "abc", i % 3);
            if (i % 2)
                peer_send(&p, ACK | FIN, NULL, 0);
            if (i % 5 < 3)
                peer_send(&p, RST, NULL, 0);
        }
        bed_flush();
        if (i % 50 < 40)
            continue;
        fd = bed_accept(listener);
        check(fd >= 0 || fd == -ECONNABORTED || fd == -EAGAIN);
        if (fd < 0)
            continue;
        accepted++;
        (void)sockeye_receive(bed.lab, VICTIM, fd, got, sizeof got, 0);
        (void)sockeye_send(bed.lab, VICTIM, fd, "abc", 3, MSG_NOSIGNAL);
        bed_close(fd);
    }
    check(accepted > 100);
    bed_friend_talks();
    bed_close(listener);
    bed_advance(1200 * BED_SECOND);
    bed_flush();
    check(bed_slots() <= slots + 8);
    finish();
}

/* One byte of each two, at chance places of the window; then the rest: all of it arrives. */
static void holes_without_number(void)
{
    static uint8_t sent[60000], got[60000];
    struct peer p = {.port = 2000};
    uint64_t slots;
    size_t n = 0;

    begin(64);
    peer_open(&p, listener);
    slots = bed_slots();
    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (uint8_t)bed_draw(256);
    bed.unchecked = true;
    for (int i = 0; i < 30000; i++) {
        struct tcp_spec s = peer_segment(&p, ACK);
        uint32_t at = 2 * bed_draw(sizeof sent / 2) + 1;

        s.seq += at;
        s.text = sent + at;
        s.length = 1;
        bed_inject_tcp(&s);
        bed_advance(10000);
        bed_flush();
    }
    bed.unchecked = false;
    check_equal(sockeye_check(bed.lab), 0);
    check(bed_slots() <= slots + 16);
    check(bed_drops(DROP_TCP_REASSEMBLY) > 1000);
    bed_friend_talks();
    for (size_t at = 0; at < sizeof sent; at += 1000) {
        ssize_t r;

        peer_send(&p, ACK, sent + at, 1000);
        r = sockeye_receive(bed.lab, VICTIM, p.fd, got + n, sizeof got - n, 0);
        n += r > 0 ? (size_t)r : 0;
        bed_flush();
    }
    check_equal(n, sizeof sent);
    check(memcmp(sent, got, n) == 0);
    finish();
}

static uint32_t longest_chain(const struct table *t)
{
    uint32_t longest = 0;

    for (uint32_t i = 0; i < t->size; i++) {
        uint32_t n = 0;

        for (const struct table_link *l = t->buckets[i]; l; l = l->next)
            n++;
        longest = n > longest ? n : longest;
    }
    return longest;
}

/* Tuples that any sum, XOR or multiplication of theirs would put into one bucket. */
static void tuples_that_would_collide(void)
{
    const struct tcp *t;

    begin(4096);
    t = &lab_host(bed.lab->lab, VICTIM)->transport.tcp;
    for (uint32_t i = 0; i < 2000; i++) {
        struct tcp_spec s = {.source = 0x0b000000 + (i << 8 | (255 - i % 256)),
                             .from = 1024 + (i & 255),
                             .to = PORT,
                             .flags = SYN};

        s.source ^= s.from << 8;
        bed_inject_tcp(&s);
        if (i % 100 == 0)
            bed_advance(10000);
    }
    bed_advance(BED_MS);
    check(t->half_opens.count >= 1900);
    check(longest_chain(&t->half_opens) <= 8 + 8); /* ln 2000 = 7.6 */
    bed_flush();
    finish();
}

/* Each of the first gets of a passive open with text fails in turn (test_fail.c does it all). */
static void no_memory(void)
{
    for (uint64_t fail = 1; fail <= 40; fail++) {
        struct peer p = {.port = 2000, .to = PORT, .window = 1000, .fd = -1};
        uint64_t slots;
        int fd;

        begin(64);
        slots = bed_slots();
        bed.may_fail = true;
        sockeye_fail_get(bed.lab, fail);
        for (int tries = 0; tries < 3; tries++) {
            struct tcp_spec s = peer_segment(&p, SYN);

            bed_inject_tcp(&s);
            bed_advance(BED_MS);
            if (bed_take_protocol(6) && seen.flags == (SYN | ACK))
                p.ack = seen.seq + 1;
        }
        p.seq = 1;
        peer_send(&p, ACK, "abc", 3);
        fd = bed_accept(listener);
        if (fd >= 0) {
            (void)sockeye_send(bed.lab, VICTIM, fd, "abc", 3, 0);
            bed_advance(BED_MS);
            bed_close(fd);
        }
        sockeye_fail_get(bed.lab, 0);
        bed_advance(1200 * BED_SECOND);
        bed_flush();
        check(bed_slots() <= slots + 4);
        finish();
    }
}

static const struct test tests[] = {
    {"T-01 a SYN flood is limited, and who is connected stays at work", syn_flood},
    {"T-01 one SYN has few answers", one_syn_few_answers},
    {"T-01 T-21 what a flood takes at one host it takes from no other", floods_stay_at_their_host},
    {"T-16 holes without number cost bounded memory and no byte", holes_without_number},
    {"T-19 orphans whose peer keeps its window shut are ended", sockstress},
    {"T-19 a user timeout ends a window that stays shut", user_timeout_ends_zero_windows},
    {"T-21 orphans of silent peers end, and are limited", orphans_end},
    {"T-28 tuples chosen to collide do not", tuples_that_would_collide},
    {"T-34 no memory at any step of a passive open", no_memory},
    {"T-35 poison in the accept queue", accept_queue_is_poisoned},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
