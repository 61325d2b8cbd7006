/* SPDX-License-Identifier: MIT */
/* LAPB on an Ethernet wire: the bytes of lapbether, losses, damage, a third station, a crash. */
#include "2-link/lapb_ether.h"

#include "1-physical/wire_bed.h"
#include "2-link/ethernet.h"

enum { TIMER_LAPB = 2, KEPT = 64 };

struct side {
    struct link link;
    struct lapb_ether ether;
    struct lapb_upper upper;
    struct means means;
    uint64_t drops[DROP_COUNT];
    uint32_t next_sent, next_due, wrong, ready;
    uint32_t news[4];
};

static struct bed bed;
static struct wire wire;
static struct side sides[2];
static const struct mac macs[3] = {
    {{2, 0, 0, 0, 0, 1}}, {{2, 0, 0, 0, 0, 2}}, {{2, 0, 0, 0, 0, 3}}};

const struct wire_upper_code wire_upper_codes[] = {{.receive = link_receive}};
const struct link_upper_code link_upper_codes[] = {
    {.ethertype = LAPB_ETHERTYPE, .receive = lapb_ether_receive}};
const uint32_t link_upper_code_count = 1;

static void on_packet(struct lapb_upper *upper, struct packet *p, nanoseconds now)
{
    struct side *s = container_of(upper, struct side, upper);

    (void)now;
    s->wrong += packet_length(p) != 100 || u32_at(packet_data(p)) != s->next_due;
    s->next_due++;
    packet_put(p);
}

static void on_news(struct lapb_upper *upper, enum lapb_news news, nanoseconds now)
{
    (void)now;
    container_of(upper, struct side, upper)->news[news]++;
}

static void on_ready(struct lapb_upper *upper, nanoseconds now)
{
    (void)now;
    container_of(upper, struct side, upper)->ready++;
}

const struct lapb_upper_code lapb_upper_codes[] = {
    {.receive = on_packet, .told = on_news, .ready = on_ready}};

static void timers(struct timer *timer, nanoseconds now)
{
    lapb_ether_timer(timer, now);
    for (int i = 0; i < 2; i++)
        check_equal(lapb_ether_check(&sides[i].ether), 0);
}

static void begin(const struct mac *peer)
{
    memset(sides, 0, sizeof sides);
    bed_init(&bed);
    bed_wire_init(&bed, &wire, 0, "w", WIRE_SIM, false);
    for (uint32_t i = 0; i < 2; i++) {
        struct side *s = &sides[i];
        const struct link_plan link_plan = {.kind = LINK_ETHERNET,
                                            .interface = 1,
                                            .key = {3, i},
                                            .mac = macs[i],
                                            .neighbor_pool = NULL};
        struct lapb_ether_plan plan = {.interface = 1, .timer_code = TIMER_LAPB, .peer = peer};

        s->means = bed.means;
        s->means.node = i + 1;
        s->means.voice.drops = s->drops;
        check_equal(link_init(&s->link, &s->means, &wire.end[i], &link_plan), 0);
        lapb_settings_default(&plan.settings);
        plan.settings.dce = i == 1;
        lapb_ether_init(&s->ether, &s->means, &s->link, &s->upper, &plan);
    }
}

static void done(void)
{
    for (int i = 0; i < 2; i++)
        lapb_ether_crash(&sides[i].ether);
    check_equal(wire_check(&wire), 0);
    bed_done(&bed);
}

static void run(nanoseconds until)
{
    bed_run(&bed, until, timers);
}

static void send(struct side *s)
{
    struct packet *p = bed_packet(&bed, &s->means.packet_budget, 100, 0);

    u32_put(packet_data(p), s->next_sent++);
    lapb_ether_send(&s->ether, p, bed.now);
}

static void up(void)
{
    lapb_ether_connect(&sides[0].ether, bed.now);
    run(bed.now + MILLISECOND);
    check_equal(sides[0].news[LAPB_NEWS_UP], 1);
    check_equal(sides[1].news[LAPB_NEWS_UP], 1);
    check_equal(bed.last[EVENT_LAPB].lapb.to, LAPB_CONNECTED);
}

static void frames_are_lapbethers(void)
{
    static const uint8_t sabm[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,    0,    0,
                                   0,    0,    1,    0x60, 0x00, 0x02, 0x00, 0x01, 0x3f};
    const struct event_record *record;
    uint64_t at = 0;
    bool seen = false;

    begin(NULL);
    lapb_ether_connect(&sides[0].ether, bed.now);
    while ((record = event_log_next(&bed.log, &at))) {
        struct sockeye_event e;

        event_record_read(record, EVENT_EVERYTHING, &e);
        if (e.kind != EVENT_FRAME_SENT)
            continue;
        seen = true;
        check_equal(e.frame.length, sizeof sabm);
        check(memcmp(e.frame.bytes, sabm, sizeof sabm) == 0);
    }
    check(seen);
    done();
}

static void packets_pass_a_bad_wire(void)
{
    const struct wire_settings s = {
        .delay.base = 5 * MILLISECOND, .loss.ppm = 50000, .corrupt.ppm = 20000};

    begin(NULL);
    up();
    check_equal(wire_settings_set(&wire, 0, &s), 0);
    check_equal(wire_settings_set(&wire, 1, &s), 0);
    for (int i = 0; i < 2000; i++) {
        for (int k = 0; k < 2; k++)
            if (lapb_ether_has_room(&sides[k].ether))
                send(&sides[k]);
        run(bed.now + 30 * MILLISECOND);
    }
    run(bed.now + 300 * SECOND);
    for (int i = 0; i < 2; i++) {
        check(sides[i].next_sent > 300 && sides[i].ready > 0);
        check_equal(sides[1 - i].next_due, sides[i].next_sent);
        check_equal(sides[i].wrong, 0);
        check(sides[i].ether.lapb.counts.rejects_out > 10);
        check(sides[i].ether.lapb.counts.timeouts > 0);
        check(sides[i].drops[DROP_LAPB_SEQUENCE] > 0);
        check_equal(sides[i].news[LAPB_NEWS_DOWN] + sides[i].news[LAPB_NEWS_RESET], 0);
    }
    done();
}

enum { FEW = 64 };

static void host_without_memory_stops_its_peer(void)
{
    struct packet *kept[FEW];
    int n = 0;

    begin(NULL);
    up();
    sides[1].means.packet_budget.limit = FEW;
    while (n < FEW - 6)
        kept[n++] = bed_packet(&bed, &sides[1].means.packet_budget, 100, 0);
    for (int i = 0; i < 30; i++)
        send(&sides[0]);
    run(bed.now + 10 * SECOND);
    check_equal(sides[0].ether.lapb.peer_busy, 1);
    check(sides[1].next_due < 30);
    check_equal(sides[1].drops[DROP_NO_MEMORY], 0);
    while (n > 0)
        packet_put(kept[--n]);
    run(bed.now + 20 * SECOND);
    check_equal(sides[0].ether.lapb.peer_busy, 0);
    check_equal(sides[1].next_due, 30);
    check_equal(sides[0].news[LAPB_NEWS_DOWN] + sides[0].news[LAPB_NEWS_RESET], 0);
    done();
}

static void two_without_memory_do_not_wait_for_each_other(void)
{
    begin(NULL);
    up();
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 30; k++)
            send(&sides[i]);
    for (int i = 0; i < 2; i++)
        sides[i].means.packet_budget.limit = sides[i].means.packet_budget.used + 2;
    run(bed.now + 300 * SECOND);
    for (int i = 0; i < 2; i++) {
        check_equal(sides[i].next_due, 30);
        check_equal(sides[i].wrong, 0);
    }
    done();
}

/* Bytes behind a lapbether header, from a third station. */
static void put_raw(const struct mac *source, const uint8_t *bytes, uint32_t length)
{
    struct packet *p = packet_get(&bed.packets, &sides[0].means.packet_budget, 128);
    struct writer w;

    check(p);
    w = writer_of(packet_append(p, ETHERNET_HEADER_BYTES), ETHERNET_HEADER_BYTES);
    ethernet_header_write(&w, &ethernet_broadcast, source, LAPB_ETHERTYPE);
    memcpy(packet_append(p, length), bytes, length);
    wire_send(&wire.end[0], p, bed.now);
    run(bed.now + MILLISECOND);
}

static void length_cuts_off_padding(void)
{
    static const uint8_t padded[46] = {2, 0, 0x01, 0x3f, 0xaa};

    begin(NULL);
    put_raw(&macs[0], padded, sizeof padded);
    check_equal(sides[1].ether.lapb.state, LAPB_CONNECTED);
    done();
}

static void bad_lengths_and_addresses_are_counted(void)
{
    static const struct {
        uint8_t bytes[8];
        uint32_t length;
    } bad[] = {
        {{0}, 0},
        {{2}, 1},
        {{3, 0, 0x01, 0x3f}, 4},       /* longer than what came */
        {{0xff, 0xff, 0x01, 0x3f}, 4}, /* the same */
        {{0, 0, 0x01, 0x3f}, 4},       /* nothing */
        {{1, 0, 0x01, 0x3f}, 4},       /* no control field */
        {{2, 0, 0x07, 0x3f}, 4},       /* address of nobody */
    };

    begin(NULL);
    for (uint32_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put_raw(&macs[0], bad[i].bytes, bad[i].length);
        check_equal(sides[1].drops[DROP_LAPB_HEADER], i + 1);
        check_equal(sides[1].ether.lapb.state, LAPB_DISCONNECTED);
    }
    done();
}

static void named_peer_alone_is_heard(void)
{
    static const uint8_t sabm[] = {2, 0, 0x01, 0x3f};

    begin(&macs[0]);
    put_raw(&macs[2], sabm, sizeof sabm);
    check_equal(sides[1].ether.lapb.state, LAPB_DISCONNECTED);
    check_equal(sides[1].drops[DROP_NOT_FOR_US], 1);
    put_raw(&macs[0], sabm, sizeof sabm);
    check_equal(sides[1].ether.lapb.state, LAPB_CONNECTED);
    done();
}

static void crash_leaves_nothing(void)
{
    begin(NULL);
    up();
    for (int i = 0; i < 20; i++)
        send(&sides[0]);
    lapb_ether_crash(&sides[0].ether);
    check_equal(lapb_ether_check(&sides[0].ether), 0);
    run(bed.now + 10 * SECOND);
    check_equal(sides[0].means.packet_budget.used, 0);
    check_equal(sides[1].ether.lapb.state, LAPB_CONNECTED);
    send(&sides[1]); /* it asks, and hears DM */
    run(bed.now + 10 * SECOND);
    check_equal(sides[1].ether.lapb.state, LAPB_DISCONNECTED);
    check_equal(sides[1].news[LAPB_NEWS_DOWN], 1);
    send(&sides[1]);
    check_equal(sides[1].drops[DROP_LAPB_DOWN], 1);
    done();
}

static const struct test tests[] = {
    {"frames are as Linux's lapbether has them", frames_are_lapbethers},
    {"a host without memory stops its peer (X.25 2.4.5.8)", host_without_memory_stops_its_peer},
    {"two without memory do not wait for each other",
     two_without_memory_do_not_wait_for_each_other},
    {"packets pass a wire that loses and damages, once and in order", packets_pass_a_bad_wire},
    {"the length cuts off padding", length_cuts_off_padding},
    {"bad lengths and addresses are dropped and counted", bad_lengths_and_addresses_are_counted},
    {"a named peer alone is heard", named_peer_alone_is_heard},
    {"a crash leaves nothing behind, and the peer finds out", crash_leaves_nothing},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
