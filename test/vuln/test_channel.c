/* SPDX-License-Identifier: MIT */
/*
 * What a stranger learns of others by asking for himself (S-01). Two worlds begin from one seed: in
 * one nothing happens; in the other a third party has a connection, or spends a budget of the
 * victim's, or the stranger does it in that party's name. Then the stranger asks as he pleases. All
 * that comes to him, and when, must be the same in both; only numbers that are chance (ISNs,
 * identifications) may be others, and then their distribution is the same, by a two-sample
 * Kolmogorov-Smirnov test over all seeds (p > 0.001). So no port in use, place of a window, budget
 * of errors, resets or challenges, and no pressure on reassembly is to be seen.
 */
#include "vuln_bed.h"

enum {
    SEEDS = 400,
    PROBES = 40,
    PARTY_IP = 0x0a000063,
    PARTY_PORT = 5000,
    OWN_PORT = 6000,
    CLOSED = 81,
    MOST_SEEN = 4 * PROBES,
    MOST_NUMBERS = SEEDS * MOST_SEEN
};

enum world {
    NOTHING,
    CONNECTED,       /* the party has a connection that the stranger guesses at */
    CHALLENGED,      /* and its challenges are spent */
    ERRORS_SPENT,    /* the party has asked closed ports, by UDP */
    RESETS_SPENT,    /* and by TCP */
    FRAGMENTS_HELD,  /* pieces of the party's datagrams wait for the rest */
    BACKLOG_HAS_SOME /* half-open connections of the party */
};

/* What came to the stranger: kind and time; the numbers in it that are chance. */
struct view {
    int count;
    struct {
        int64_t when;
        uint32_t protocol, kind, length;
    } seen[MOST_SEEN];
    uint32_t isn[MOST_SEEN], id[MOST_SEEN];
    int isns, ids;
};

static int listener;
static struct view views[2];
static double isn[2][MOST_NUMBERS], id[2][MOST_NUMBERS];
static int isns[2], ids[2];

static struct tcp_spec of_party(uint32_t flags, uint32_t seq)
{
    return (struct tcp_spec){.source = PARTY_IP,
                             .from = PARTY_PORT,
                             .to = PORT,
                             .seq = seq,
                             .ack = 1,
                             .flags = flags,
                             .window = 1000};
}

/* The stranger guesses in the party's name; the same in every world. */
static void guess(void)
{
    for (uint32_t i = 0; i < PROBES; i++) {
        struct tcp_spec s = of_party(i % 3 == 0   ? RST
                                     : i % 3 == 1 ? SYN
                                                  : ACK,
                                     i * UINT32_C(0x06666667));

        bed_inject_tcp(&s);
        bed_advance(20000);
    }
}

static void make_world(enum world world)
{
    struct peer party = {.address = PARTY_IP, .port = PARTY_PORT, .seq = 1000};
    uint8_t udp[64];

    if (world == CONNECTED || world == CHALLENGED)
        peer_open(&party, listener);
    for (uint32_t i = 0; i < 3 * PROBES; i++) {
        struct tcp_spec s = of_party(SYN, party.seq + 70000);
        struct ip_spec ip = {.source = PARTY_IP, .protocol = 17, .id = i};

        switch (world) {
        case NOTHING:
        case CONNECTED:
            break;
        case CHALLENGED:
            bed_inject_tcp(&s);
            break;
        case ERRORS_SPENT:
            bed_send_ip(&ip, udp, make_udp(udp, 9, CLOSED, "x", 1));
            break;
        case RESETS_SPENT:
            s.to = CLOSED;
            bed_inject_tcp(&s);
            break;
        case FRAGMENTS_HELD:
            ip.more = true;
            bed_send_ip(&ip, udp, 32);
            break;
        case BACKLOG_HAS_SOME:
            s.from = 10000 + i % 8;
            bed_inject_tcp(&s);
            break;
        }
        bed_advance(20000);
    }
    bed_flush();
}

static void look(struct view *v)
{
    bed_advance(50 * BED_MS);
    while (bed_take()) {
        if (!seen.ip || seen.dest != ATTACKER_IP)
            continue;
        check(v->count < MOST_SEEN);
        v->seen[v->count].when = seen.when;
        v->seen[v->count].protocol = seen.protocol;
        v->seen[v->count].kind = seen.protocol == 6 ? seen.flags : seen.type << 8 | seen.code;
        v->seen[v->count++].length = (uint32_t)seen.length;
        if (seen.protocol == 6 && seen.flags == (SYN | ACK))
            v->isn[v->isns++] = seen.seq;
        if (seen.protocol == 1)
            v->id[v->ids++] = seen.id;
    }
}

/* The stranger asks for himself: what is open, what is not, and how much is answered. */
static void ask(struct view *v)
{
    struct tcp_spec s = {.window = 1000, .from = OWN_PORT};
    struct peer own = {.port = OWN_PORT, .to = PORT, .seq = 9000, .window = 60000};
    struct ip_spec ip = {.protocol = 17};
    uint8_t bytes[64];

    memset(v, 0, sizeof *v);
    peer_half_open(&own, NULL, 0);
    v->isn[v->isns++] = own.ack - 1;
    peer_send(&own, ACK, NULL, 0);
    look(v);
    for (uint32_t i = 0; i < PROBES; i++) {
        s = peer_segment(&own, SYN); /* is challenged, at a rate */
        s.seq += 70000;
        bed_inject_tcp(&s);
        s = (struct tcp_spec){.from = OWN_PORT + 1, .to = CLOSED, .seq = i, .flags = SYN};
        bed_inject_tcp(&s); /* is reset */
        ip.id = i;
        bed_send_ip(&ip, bytes, make_udp(bytes, 9, CLOSED, "x", 1)); /* an error, at a rate */
        bed_send_icmp(8, 0, i, "ping", 4);
        bed_advance(30000);
        if (i % 8 == 7)
            look(v);
    }
    look(v);
}

static void run(enum world world, uint64_t seed, int which)
{
    const struct sockeye_config config = {
        .seed = seed, .hosts = 2, .wires = 2, .sockets = 64, .buffer_bytes = 4 << 20};
    struct view *v = &views[which];

    bed_open_with(SOCKEYE_DOOR_IP, &config);
    bed.unchecked = true;
    listener = bed_listener(PORT, 64);
    bed_flush();
    make_world(world);
    while (sockeye_now(bed.lab) < 3 * BED_SECOND)
        bed_advance(3 * BED_SECOND - sockeye_now(bed.lab));
    bed_flush();
    guess();
    bed_flush();
    ask(v);
    check_equal(sockeye_check(bed.lab), 0);
    for (int i = 0; i < v->isns; i++)
        isn[which][isns[which]++] = v->isn[i];
    for (int i = 0; i < v->ids; i++)
        id[which][ids[which]++] = v->id[i];
}

static int compare(const void *left, const void *right)
{
    double a, b;

    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return (a > b) - (a < b);
}

/* The square of the largest distance of two distributions is below what chance exceeds once in
 * 1,000: 1.949 * 1.949 * (n + m) / (n * m). */
static void check_alike(double *a, int n, double *b, int m)
{
    double most = 0, bound = 3.7986 * ((double)n + m) / ((double)n * m);
    int i = 0, k = 0;

    check(n > 100 && m > 100);
    qsort(a, (size_t)n, sizeof *a, compare);
    qsort(b, (size_t)m, sizeof *b, compare);
    while (i < n && k < m) {
        double x = a[i] < b[k] ? a[i] : b[k], distance;

        while (i < n && a[i] <= x)
            i++;
        while (k < m && b[k] <= x)
            k++;
        distance = (double)i / n - (double)k / m;
        most = distance * distance > most ? distance * distance : most;
    }
    if (most >= bound)
        test_fail(__FILE__, __LINE__, "the distributions are %.5f apart, more than %.5f", most,
                  bound);
}

static void is_not_seen(enum world world)
{
    isns[0] = isns[1] = ids[0] = ids[1] = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        run(NOTHING, seed, 0);
        run(world, seed, 1);
        check(views[0].count > PROBES);
        check_equal(views[1].count, views[0].count);
        for (int i = 0; i < views[0].count; i++) {
            check_equal(views[1].seen[i].protocol, views[0].seen[i].protocol);
            check_equal(views[1].seen[i].kind, views[0].seen[i].kind);
            check_equal(views[1].seen[i].length, views[0].seen[i].length);
            check_equal(views[1].seen[i].when, views[0].seen[i].when);
        }
    }
    check_alike(isn[0], isns[0], isn[1], isns[1]);
    check_alike(id[0], ids[0], id[1], ids[1]);
}

static void a_connection_is_not_seen(void)
{
    is_not_seen(CONNECTED);
}

static void spent_challenges_are_not_seen(void)
{
    is_not_seen(CHALLENGED);
}

static void spent_errors_are_not_seen(void)
{
    is_not_seen(ERRORS_SPENT);
}

static void spent_resets_are_not_seen(void)
{
    is_not_seen(RESETS_SPENT);
}

static void fragments_are_not_seen(void)
{
    is_not_seen(FRAGMENTS_HELD);
}

static void half_open_ones_are_not_seen(void)
{
    is_not_seen(BACKLOG_HAS_SOME);
}

static const struct test tests[] = {
    {"S-01 whether another has a connection is not to be seen", a_connection_is_not_seen},
    {"S-01 challenges that another spent are not to be seen", spent_challenges_are_not_seen},
    {"S-01 errors that another was sent are not to be seen", spent_errors_are_not_seen},
    {"S-01 resets that another was sent are not to be seen", spent_resets_are_not_seen},
    {"S-01 fragments of another that wait are not to be seen", fragments_are_not_seen},
    {"S-01 half-open connections of another are not to be seen", half_open_ones_are_not_seen},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
