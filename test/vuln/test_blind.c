/* SPDX-License-Identifier: MIT */
/*
 * Segments and ICMP messages of one who knows the addresses and ports of a connection, and guesses
 * the rest: RFC 5961, RFC 5927, RFC 1337, PAWS. What the guesses do in each state is in test_zoo.c.
 */
#include "vuln_bed.h"

static int listener;
static struct peer p; /* the rightful peer of the connection that is attacked */

static void begin(void)
{
    bed_open(SOCKEYE_DOOR_IP);
    listener = bed_listener(PORT, 64);
    p = (struct peer){.port = 1024, .seq = 0x7ffff000};
    peer_open(&p, listener);
    bed_flush();
}

/* The connection still carries bytes both ways. */
static void still_works(struct peer *q)
{
    uint8_t got[16];

    bed_advance(BED_SECOND);
    bed_flush();
    check_equal(bed_state(q->fd), TCP_STATE_ESTABLISHED);
    peer_send(q, ACK | PSH, "hello", 5);
    check_equal(sockeye_receive(bed.lab, VICTIM, q->fd, got, sizeof got, 0), 5);
    check_equal(sockeye_send(bed.lab, VICTIM, q->fd, "there", 5, 0), 5);
    bed_advance(BED_MS);
    while (peer_take(q))
        ;
    peer_send(q, ACK, NULL, 0);
    bed_flush();
}

static void finish(void)
{
    bed_friend_talks();
    check(bed_friend_connects(BED_SECOND) >= 0);
}

/* A segment `ahead` of the next number. */
static void guess(struct peer *q, uint32_t flags, uint32_t ahead, uint32_t ack, size_t length)
{
    struct tcp_spec s = peer_segment(q, flags);

    s.seq += ahead;
    s.ack = ack;
    s.text = "0123456789";
    s.length = length;
    bed_inject_tcp(&s);
    bed_advance(10000);
}

/* Frames that left, each of them the ACK of where we are. */
static int challenges(struct peer *q)
{
    int n = 0;

    for (; bed_take(); n++) {
        check(seen.flags == ACK && seen.seq == q->ack && seen.ack == q->seq && !seen.text_bytes);
        q->edge = seen.ack + seen.window;
    }
    return n;
}

static void resets_are_guesses(void)
{
    begin();
    for (uint32_t i = 1; i < 40; i++) {
        guess(&p, RST, i * ((p.edge - p.seq) / 40), 0, 0);
        check_equal(challenges(&p), 1);
        bed_advance(BED_SECOND);
        guess(&p, RST, p.edge - p.seq + (i - 1) * 1000, 0, 0);
        guess(&p, RST, -i * 1000, 0, 0);
        guess(&p, RST | ACK, -1u, p.ack, 0);
        check_equal(challenges(&p), 0);
    }
    still_works(&p);
    guess(&p, RST, 0, 0, 0); /* the right one */
    check_equal(bed_state(p.fd), TCP_STATE_CLOSED);
    check_equal(bed_error(VICTIM, p.fd), ECONNRESET);
    finish();
}

static void syns_are_challenged(void)
{
    begin();
    for (uint32_t i = 0; i < 64; i++) {
        guess(&p, SYN | (i % 2 ? ACK : 0), i * 0x04000000 + i % 3, p.ack, 0);
        check_equal(challenges(&p), 1);
        bed_advance(BED_SECOND);
    }
    still_works(&p);
    finish();
}

static void data_is_guessed(void)
{
    uint8_t got[16];

    begin();
    for (uint32_t i = 1; i < 32; i++) {
        guess(&p, ACK, 0, p.ack + i * 0x07ffffff, 10);
        guess(&p, ACK | FIN, 0, p.ack + i, 10);
        guess(&p, PSH, 0, p.ack, 10); /* no ACK at all */
        guess(&p, FIN, 0, 0, 0);
        check(sockeye_receive(bed.lab, VICTIM, p.fd, got, sizeof got, 0) == -EAGAIN);
        check(challenges(&p) <= 1);
        bed_advance(BED_SECOND);
    }
    guess(&p, ACK | FIN, p.edge - p.seq, p.ack, 0); /* a FIN at the right edge and behind it */
    guess(&p, ACK | FIN, p.edge - p.seq + 1, p.ack, 0);
    guess(&p, ACK, p.edge - p.seq, p.ack, 10);
    check(challenges(&p) <= 3);
    still_works(&p);
    for (uint32_t sent = 5; sent < 200000; sent += 10) { /* so that the edge of then is passed */
        guess(&p, ACK, 0, p.ack, 10);
        p.seq += 10;
        check_equal(sockeye_receive(bed.lab, VICTIM, p.fd, got, sizeof got, 0), 10);
    }
    still_works(&p);
    finish();
}

static void challenges_have_a_rate(void)
{
    struct peer other = {.address = ATTACKER_IP + 1, .port = 1024};
    int n;

    begin();
    peer_open(&other, listener);
    bed_flush();
    for (int i = 0; i < 3000; i++)
        guess(&p, i % 2 ? SYN : RST, 1 + bed_draw(1000), 0, 0);
    n = challenges(&p);
    check(n >= 1 && n <= 2); /* 30 ms: one in 500 ms */
    for (int i = 0; i < 100; i++) {
        guess(&p, RST, 1 + bed_draw(1000), 0, 0);
        bed_advance(50 * BED_MS);
    }
    n = challenges(&p);
    check(n >= 9 && n <= 11);
    guess(&p, RST, 5, 0, 0); /* no quota of the one is the other's */
    bed_flush();
    guess(&other, RST, 5, 0, 0);
    check_equal(challenges(&other), 1);
    still_works(&p);
    still_works(&other);
    finish();
}

static void errors_have_a_rate(void)
{
    uint8_t udp[40];
    struct ip_spec spec = {.protocol = 17};
    size_t n;
    int answers;

    begin();
    n = make_udp(udp, 9, 9, "hi", 2);
    put16(udp + 6, 0);
    for (int i = 0; i < 2000; i++)
        bed_send_ip(&spec, udp, n);
    answers = bed_flush();
    check(answers >= 1 && answers <= 8);
    spec.source = ATTACKER_IP + 1; /* a flood of the one costs the other nothing */
    bed_send_ip(&spec, udp, n);
    check_equal(bed_flush(), 1);
    for (uint32_t i = 0; i < 5000; i++) { /* of all: a thousand a second */
        spec.source = 0x0b000000 + i;
        bed_send_ip(&spec, udp, n);
    }
    answers = bed_flush();
    check(answers > 20 && answers < 200);
    bed_advance(2 * BED_SECOND);
    spec.source = ATTACKER_IP;
    bed_send_ip(&spec, udp, n);
    check_equal(bed_flush(), 1);
    finish();
}

/* A timestamp option with NOPs. */
static const uint8_t *stamp(uint32_t value, uint32_t echo)
{
    static uint8_t option[12] = {1, 1, 8, 10};

    put32(option + 4, value);
    put32(option + 8, echo);
    return option;
}

static bool stamped(struct peer *q, uint32_t value, uint32_t ahead, uint32_t ack)
{
    struct tcp_spec s = peer_segment(q, ACK);
    uint8_t got[4];

    s.options = stamp(value, 0);
    s.option_bytes = 12;
    s.seq += ahead;
    s.ack = ack;
    s.text = "x";
    s.length = 1;
    bed_inject_tcp(&s);
    bed_advance(BED_MS);
    bed_flush();
    if (sockeye_receive(bed.lab, VICTIM, q->fd, got, 1, 0) != 1)
        return false;
    q->seq++;
    return true;
}

static void stamps_are_guessed(void)
{
    struct peer q = {.port = 1025, .seq = 5};

    begin();
    peer_open_with(&q, listener, stamp(1000, 0), 12);
    check(stamped(&q, 1001, 0, q.ack));
    check(!stamped(&q, 0x70000000, q.edge - q.seq + 100, q.ack)); /* right of the window */
    check(!stamped(&q, 0x70000000, -5000u, q.ack));               /* left of it */
    check(!stamped(&q, 0x70000000, 0, q.ack + 100000));           /* acknowledges what is not */
    check(!stamped(&q, 0x70000000, 10, q.ack));                   /* ahead: accepted, no stamp */
    check(stamped(&q, 1002, 0, q.ack));                           /* the rightful peer */
    check(!stamped(&q, 900, 0, q.ack));                           /* PAWS */
    check(stamped(&q, 1002, 0, q.ack));
    finish();
}

static void land(void)
{
    struct sockaddr_in self = bed_name(0x7f000001, 5000);
    struct peer me = {.address = VICTIM_IP, .port = PORT, .to = PORT};
    struct tcp_spec s;
    uint8_t got[4];
    int fd;

    begin();
    for (uint32_t flags = 0; flags < 64; flags++) {
        s = peer_segment(&me, flags);
        bed_inject_tcp(&s);
        s.source = 0x7f000001;
        s.dest = 0x7f000001;
        bed_inject_tcp(&s);
        bed_advance(BED_MS);
    }
    check_equal(bed_flush(), 0);
    check_equal(bed_drops(DROP_IP_SOURCE) + bed_drops(DROP_IP_DEST), 128);
    fd = sockeye_socket(bed.lab, VICTIM, AF_INET, SOCK_STREAM, 0); /* to oneself is legal */
    check_equal(sockeye_bind(bed.lab, VICTIM, fd, &self, sizeof self), 0);
    check_equal(sockeye_connect(bed.lab, VICTIM, fd, &self, sizeof self), -EINPROGRESS);
    bed_advance(BED_SECOND);
    check_equal(bed_state(fd), TCP_STATE_ESTABLISHED);
    check_equal(sockeye_send(bed.lab, VICTIM, fd, "abc", 3, 0), 3);
    bed_advance(BED_SECOND);
    check_equal(sockeye_receive(bed.lab, VICTIM, fd, got, sizeof got, 0), 3);
    check(memcmp(got, "abc", 3) == 0);
    finish();
}

static void time_wait_is_not_assassinated(void)
{
    uint64_t slots;

    begin();
    bed_close(p.fd);
    bed_advance(BED_MS);
    while (peer_take(&p))
        ;
    slots = bed_slots();
    peer_send(&p, ACK | FIN, NULL, 0); /* FIN-WAIT-1 to TIME-WAIT */
    bed_flush();
    for (int i = 0; i < 500; i++) {
        guess(&p, RST, bed_draw(3), 0, 0);
        guess(&p, RST | ACK, 0, p.ack, 0);
        guess(&p, ACK, -bed_draw(3000), p.ack, bed_draw(10));
        guess(&p, SYN | FIN, 1 + bed_draw(1u << 30), 0, 0);
        guess(&p, SYN, -1u - bed_draw(1u << 30), 0, 0);
        bed_advance(50 * BED_MS);
        while (bed_take())
            check(seen.flags == ACK && seen.ack == p.seq);
    }
    guess(&p, ACK, 0, p.ack, 0);
    check_equal(bed_flush(), 0); /* it is there: nobody answers with a RST */
    check(bed_slots() + 2 >= slots);
    bed_advance(61 * BED_SECOND);
    guess(&p, ACK, 0, p.ack, 0);
    check(bed_take() && seen.flags == RST);
    finish();
}

static void open_to(struct peer *q, uint32_t port)
{
    struct sockaddr_in name = bed_name(ATTACKER_IP, (int)port);

    *q = (struct peer){.port = port, .window = 60000, .seq = 9000};
    q->fd = sockeye_socket(bed.lab, VICTIM, AF_INET, SOCK_STREAM, 0);
    check_equal(sockeye_connect(bed.lab, VICTIM, q->fd, &name, sizeof name), -EINPROGRESS);
    bed_advance(10000);
    check(bed_take_protocol(6) && seen.flags == SYN);
    q->to = seen.from;
    q->ack = seen.seq + 1;
}

static void answers_to_a_syn(void)
{
    uint8_t got[16];
    struct peer q;

    begin();
    open_to(&q, 100); /* a RST must acknowledge our SYN */
    guess(&q, RST, 0, 0, 0);
    for (uint32_t i = 1; i < 100; i++) {
        guess(&q, RST | ACK, 0, q.ack + (i % 2 ? i : -i), 0);
        guess(&q, SYN | ACK, 0, q.ack + (i % 2 ? i : -i), 5);
        check(bed_take() && seen.flags == RST && !bed_take());
    }
    check_equal(bed_state(q.fd), TCP_STATE_SYN_SENT);
    guess(&q, RST | ACK, 0, q.ack, 0);
    check_equal(bed_error(VICTIM, q.fd), ECONNREFUSED);
    open_to(&q, 101); /* text on the SYN-ACK */
    guess(&q, SYN | ACK, 0, q.ack, 10);
    check_equal(bed_state(q.fd), TCP_STATE_ESTABLISHED);
    check_equal(sockeye_receive(bed.lab, VICTIM, q.fd, got, sizeof got, 0), 10);
    bed_flush();
    open_to(&q, 102); /* split: an ACK alone, then a SYN alone, then the ACK */
    guess(&q, ACK, 0, q.ack, 0);
    check_equal(bed_flush(), 0);
    guess(&q, SYN, 0, 0, 0);
    check(bed_take() && seen.flags == (SYN | ACK));
    check_equal(bed_state(q.fd), TCP_STATE_SYN_RECEIVED);
    q.seq++;
    guess(&q, ACK, 0, q.ack, 0);
    still_works(&q);
    finish();
}

/* What the victim sent to q, quoted with the sequence number seq. */
static void icmp_about(const struct peer *q, uint32_t type, uint32_t code, uint32_t rest,
                       uint32_t seq, uint32_t total)
{
    const struct ip_spec ip = {
        .source = VICTIM_IP, .dest = ATTACKER_IP, .protocol = 6, .dont_fragment = true};
    uint8_t tcp[20] = {0}, inner[40];

    put16(tcp, q->to);
    put16(tcp + 2, q->port);
    put32(tcp + 4, seq);
    tcp[12] = 0x50;
    make_ip(&ip, tcp, sizeof tcp);
    put16(made.bytes + 2, total);
    put16(made.bytes + 10, 0);
    put16(made.bytes + 10, checksum_of(made.bytes, 20, 0));
    memcpy(inner, made.bytes, sizeof inner);
    bed_send_icmp(type, code, rest, inner, sizeof inner);
}

static void icmp_ends_no_connection(void)
{
    static const uint8_t text[8000];
    struct peer q;
    size_t longest = 0;

    begin();
    check_equal(sockeye_send(bed.lab, VICTIM, p.fd, "0123456789", 10, 0), 10); /* is out */
    bed_advance(10000);
    bed_flush();
    for (uint32_t code = 0; code < 20; code++)
        for (uint32_t seq = 0; seq < 12; seq++) {
            icmp_about(&p, 3, code, 0, p.ack + seq, 60);
            icmp_about(&p, 4, code, 0, p.ack + seq, 60);
            icmp_about(&p, 11, code, 0, p.ack + seq, 60);
            icmp_about(&p, 12, code, 0, p.ack + seq, 60);
            check_equal(bed_state(p.fd), TCP_STATE_ESTABLISHED);
            check(sockeye_receive(bed.lab, VICTIM, p.fd, (uint8_t[4]){0}, 4, 0) == -EAGAIN);
        }
    while (peer_take(&p))
        ;
    p.ack += 10;
    peer_send(&p, ACK, NULL, 0);
    still_works(&p);
    open_to(&q, 100); /* in SYN-SENT: what is not about our SYN does nothing, what is ends it */
    for (uint32_t seq = 0; seq < 100; seq++)
        icmp_about(&q, 3, 3, 0, q.ack + seq, 40);
    check_equal(bed_state(q.fd), TCP_STATE_SYN_SENT);
    icmp_about(&q, 3, 3, 0, q.ack - 1, 40);
    check_equal(bed_error(VICTIM, q.fd), ECONNREFUSED);
    q = (struct peer){.port = 3000, .window = 65535}; /* too big: wrong number, then the right */
    peer_open_with(&q, listener, (const uint8_t[]){2, 4, 0x05, 0xb4}, 4);
    check_equal(sockeye_send(bed.lab, VICTIM, q.fd, text, sizeof text, 0), sizeof text);
    bed_advance(10000);
    bed_flush();
    for (uint32_t i = 0; i < 1000; i++) {
        icmp_about(&q, 3, 4, 600, q.ack - 1 - i * 77, 1500);
        icmp_about(&q, 3, 4, 600, q.ack + 8000 + i * 7777777, 1500);
    }
    bed_advance(5 * BED_SECOND);
    while (bed_take_protocol(6))
        longest = seen.body_bytes > longest ? seen.body_bytes : longest;
    check_equal(longest, 1480);
    finish();
}

/* Two ends that both think the other is wrong: each answers the other's ACK. */
static void storms_die_down(void)
{
    int answers = 0, rounds = 0;

    begin();
    for (; rounds < 1000; rounds++) {
        guess(&p, ACK, rounds % 2 ? 3000000 : -3000000u, p.ack, 0);
        if (!bed_take())
            break;
        answers++;
    }
    check(answers <= 4);
    for (int i = 0; i < 1000; i++) /* one who storms alone */
        guess(&p, ACK, 3000000, p.ack, 0);
    check(bed_flush() <= 2);
    still_works(&p);
    finish();
}

static const struct test tests[] = {
    {"T-03 a RST resets only at the exact number", resets_are_guesses},
    {"T-04 a SYN in a synchronized state is challenged only", syns_are_challenged},
    {"T-05 data, FIN and ACK that are guessed do nothing", data_is_guessed},
    {"T-06 challenge ACKs have a rate of each connection's own", challenges_have_a_rate},
    {"T-07 our ICMP errors have a rate, and one's flood is not another's", errors_have_a_rate},
    {"T-11 a timestamp that is guessed does not become TS.Recent", stamps_are_guessed},
    {"T-12 a SYN from ourselves on a wire is dropped; to oneself is legal", land},
    {"T-22 TIME-WAIT is not ended by RST, old text, SYN or SYN with FIN",
     time_wait_is_not_assassinated},
    {"T-25 what answers a SYN must acknowledge it", answers_to_a_syn},
    {"T-26 ICMP ends no connection that stands", icmp_ends_no_connection},
    {"T-29 an ACK storm dies down", storms_die_down},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
