/* SPDX-License-Identifier: MIT */
/*
 * What a translator makes of flows: a table of little plays (translate_plays.h), each a sentence
 * and its packets. Inside are a and b, outside x and y; N is the router's outer address. A port of
 * 0 in what is expected is any that is not the inner one.
 */
#include <errno.h>
#include <string.h>

#include "3-network/ip.h"
#include "3-network/translate.h"
#include "3-network/translate_tcp.h"
#include "base/base_test.h"
#include "base/compiler.h"
#include "base/pool.h"

enum op { OUT = 1, IN, QUOTED_OUT, QUOTED_IN, WAIT, FORWARD, OUTER };

enum { S = TRANSLATE_TCP_SYN, A = TRANSLATE_TCP_ACK, F = TRANSLATE_TCP_FIN, R = TRANSLATE_TCP_RST };
enum { U = IP_PROTOCOL_UDP, T = IP_PROTOCOL_TCP, Q = IP_PROTOCOL_ICMP };
enum { DONE = TRANSLATE_DONE, NONE = TRANSLATE_NONE, HOLD = TRANSLATE_HOLD };
enum { FILTERED = TRANSLATE_FILTERED, FULL = TRANSLATE_FULL };

struct step {
    enum op op;
    uint8_t protocol;
    char from;
    uint16_t from_port;
    char to;
    uint16_t to_port;
    uint8_t flags;
    int verdict;
    char is; /* what the source (OUT) or the destination (IN) is then */
    uint16_t is_port;
};

enum { STEPS = 16 };

struct play {
    const char *sentence;
    int mapping, filter; /* -1: by default */
    void (*change)(struct translate_settings *settings);
    struct step steps[STEPS];
};

static struct translate nat;
static struct means means;
static struct event_log events;
static uint64_t drops[DROP_COUNT];
static nanoseconds now;

static struct address of(char who)
{
    static const struct {
        char who;
        uint32_t ip4;
    } all[] = {{'a', 0xc0a8010a}, {'b', 0xc0a8010b}, {'x', 0xc6336401},
               {'y', 0xc6336402}, {'N', 0xcb007101}, {'M', 0xcb007102}};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].who == who)
            return address_from_ip4(all[i].ip4);
    /* the same with capitals and digits in IPv6 */
    return (struct address){UINT64_C(0x20010db800000000), (uint64_t)(unsigned char)who};
}

static struct endpoint end_of(char who, uint16_t port)
{
    return (struct endpoint){.address = of(who), .port = port};
}

static struct arena *nat_fresh(const struct translate_settings *settings)
{
    struct arena *arena = arena_fresh(UINT64_C(256) << 20);
    struct translate_plan plan = {
        .mapping_pool = pool_open(arena, sizeof(struct translate_mapping), 1 << 16, false),
        .session_pool = pool_open(arena, sizeof(struct translate_session), 1 << 16, false),
        .host_pool = pool_open(arena, sizeof(struct translate_host), TRANSLATE_HOSTS, false),
    };

    memset(&nat, 0, sizeof nat);
    memset(drops, 0, sizeof drops);
    means = (struct means){.arena = arena, .key = {7, 9}};
    means.voice = (struct voice){.log = &events, .drops = drops};
    now = SECOND;
    check_equal(translate_init(&nat, &means, &plan, settings), 0);
    translate_outer_set(&nat, of('N'), now);
    return arena;
}

static void step(const struct step *s, size_t i)
{
    struct translate_flow flow = {.source = end_of(s->from, s->from_port),
                                  .dest = end_of(s->to, s->to_port),
                                  .protocol = s->protocol,
                                  .tcp_flags = s->flags};
    struct endpoint want = end_of(s->is, s->is_port), *is = &flow.source;
    int verdict = DONE;

    switch (s->op) {
    case OUT:
        verdict = (int)translate_outbound(&nat, &flow, now);
        break;
    case IN:
        verdict = (int)translate_inbound(&nat, &flow, now);
        is = &flow.dest;
        break;
    case QUOTED_OUT:
        verdict = translate_quoted_outbound(&nat, &flow) ? DONE : NONE;
        break;
    case QUOTED_IN:
        verdict = translate_quoted_inbound(&nat, &flow) ? DONE : NONE;
        is = &flow.dest;
        break;
    case WAIT:
        now += s->from_port * SECOND;
        translate_expire(&nat, now);
        return;
    case FORWARD:
        check_equal(translate_forward_add(&nat, s->protocol, s->from_port,
                                          &(struct endpoint){of(s->to), s->to_port, 0, 0}, now),
                    s->verdict);
        return;
    case OUTER:
        translate_outer_set(&nat, of(s->from), now);
        return;
    }
    if (verdict != s->verdict)
        test_fail(__FILE__, __LINE__, "step %zu: verdict %d, not %d", i + 1, verdict, s->verdict);
    if (verdict != DONE)
        return;
    if (!address_equal(is->address, want.address) ||
        (want.port ? is->port != want.port
                   : is->port == (s->op == OUT ? s->from_port : s->to_port)))
        test_fail(__FILE__, __LINE__, "step %zu: port %u at %llx", i + 1, is->port,
                  (unsigned long long)is->address.low);
}

static void no_hosts_of_many(struct translate_settings *settings)
{
    settings->host_sessions_most = 2;
}

static void two_in_all(struct translate_settings *settings)
{
    settings->sessions_most = 2;
}

static void two_ports(struct translate_settings *settings)
{
    settings->port_first = 5000;
    settings->port_last = 5001;
}

#include "3-network/translate_plays.h"

static const struct play *playing;

static void play(void)
{
    struct translate_settings settings;
    struct arena *arena;

    translate_settings_default(&settings);
    if (playing->mapping >= 0)
        settings.mapping = (uint32_t)playing->mapping;
    if (playing->filter >= 0)
        settings.filter = (uint32_t)playing->filter;
    if (playing->change)
        playing->change(&settings);
    arena = nat_fresh(&settings);
    for (size_t i = 0; i < STEPS && playing->steps[i].op; i++) {
        step(&playing->steps[i], i);
        check_equal(translate_check(&nat), 0);
    }
    translate_forget(&nat, now);
    check_equal(translate_check(&nat), 0);
    check_equal(nat.session_count, 0);
    for (struct list_link *l = nat.mappings.first; l; l = l->next)
        check_equal(container_of(l, struct translate_mapping, order)->origin, TRANSLATE_BY_FORWARD);
    arena_free(arena);
}

/* RFC 4787 REQ-4: what is chosen has the parity of what was wanted; RFC 7857 9: and is at random.
 * */
static void chosen_ports_keep_parity_and_differ(void)
{
    struct translate_settings settings;
    struct arena *arena;
    uint32_t in_order = 0;
    uint16_t before = 0;

    translate_settings_default(&settings);
    arena = nat_fresh(&settings);
    for (uint32_t i = 0; i < 200; i++) {
        struct translate_flow flow = {.source = {address_from_ip4(0xc0a80100 + i), 5001, 0, 0},
                                      .dest = end_of('x', 53),
                                      .protocol = U};

        check_equal(translate_outbound(&nat, &flow, now), DONE);
        check_equal(flow.source.port & 1, 1);
        check(flow.source.port >= 1024);
        in_order += flow.source.port == before + 2;
        before = flow.source.port;
    }
    check(in_order < 10);
    check_equal(translate_check(&nat), 0);
    arena_free(arena);
}

/* RFC 4787 REQ-11: the same flows get the same translations, whatever came between them; and of so
 * many sessions each is found, refreshed and ended. */
static void thousands_of_sessions_live_and_end(void)
{
    struct translate_settings settings;
    struct seeded seeded = {4787};
    struct arena *arena;
    static uint16_t outer[64][512];

    translate_settings_default(&settings);
    arena = nat_fresh(&settings);
    memset(outer, 0, sizeof outer);
    for (uint32_t i = 0; i < 100000; i++) {
        uint32_t host = (uint32_t)draw_below(&seeded, 64),
                 port = (uint32_t)draw_below(&seeded, 512);
        struct translate_flow flow = {
            .source = {address_from_ip4(0xc0a80100 + host), (uint16_t)(20000 + port), 0, 0},
            .dest = end_of(draw_below(&seeded, 2) ? 'x' : 'y', 53),
            .protocol = U};
        struct translate_flow back = {.source = flow.dest, .protocol = U};

        check_equal(translate_outbound(&nat, &flow, now), DONE);
        check(outer[host][port] == 0 || outer[host][port] == flow.source.port);
        outer[host][port] = flow.source.port;
        back.dest = flow.source;
        check_equal(translate_inbound(&nat, &back, now), DONE);
        check_equal(back.dest.port, 20000 + port);
        check_equal(address_to_ip4(back.dest.address), 0xc0a80100 + host);
    }
    check_equal(translate_check(&nat), 0);
    check_equal(translate_deadline(&nat), now + 300 * SECOND);
    translate_expire(&nat, now + 300 * SECOND - 1);
    check(nat.session_count > 45000);
    translate_expire(&nat, now + 300 * SECOND);
    check_equal(nat.session_count + nat.mapping_count, 0);
    check_equal(translate_check(&nat), 0);
    check_equal(translate_deadline(&nat), NEVER);
    arena_free(arena);
}

static void every_state_of_tcp_has_its_time(void)
{
    for (unsigned state = 0; state < TRANSLATE_TCP_STATES; state++) {
        bool is_long = state >= TRANSLATE_TCP_ESTABLISHED && state <= TRANSLATE_TCP_FIN_INBOUND;

        check_equal(translate_tcp_is_established(state), is_long);
        /* a RST never makes an open one, and a new SYN begins anew where all was over */
        check(!translate_tcp_is_established(translate_tcp_next(state, true, R)) || !is_long);
    }
    check_equal(translate_tcp_next(TRANSLATE_TCP_FIN_BOTH, true, S), TRANSLATE_TCP_INIT_OUTBOUND);
    check_equal(translate_tcp_next(TRANSLATE_TCP_FIN_BOTH, false, S), TRANSLATE_TCP_INIT_INBOUND);
    check_equal(translate_tcp_next(TRANSLATE_TCP_FIN_OUTBOUND, true, F),
                TRANSLATE_TCP_FIN_OUTBOUND);
    check_equal(translate_tcp_next(TRANSLATE_TCP_FIN_INBOUND, true, F), TRANSLATE_TCP_FIN_BOTH);
    check_equal(translate_tcp_next(TRANSLATE_TCP_INIT_OUTBOUND, true, S),
                TRANSLATE_TCP_INIT_OUTBOUND);
    check_equal(translate_tcp_next(TRANSLATE_TCP_INIT_OUTBOUND, false, A),
                TRANSLATE_TCP_INIT_OUTBOUND);
}

/* How many mappings have begun and ended, as told. */
static void told(unsigned began, unsigned ended)
{
    const struct event_record *r;
    uint64_t at = 0;

    while ((r = event_log_next(&events, &at)) != NULL) {
        struct sockeye_event event;

        event_record_read(r, UINT32_MAX, &event);
        check(address_equal(event.mapping.outer.address, of('N')));
        check_equal(event.mapping.protocol, U);
        began -= event.mapping.change == CHANGE_BEGAN;
        ended -= event.mapping.change == CHANGE_ENDED;
    }
    check_equal(began + ended, 0);
}

static void mappings_are_told(void)
{
    struct translate_flow flow = {
        .source = end_of('a', 5000), .dest = end_of('x', 53), .protocol = U};
    struct translate_settings settings;
    struct arena *arena;

    translate_settings_default(&settings);
    arena = nat_fresh(&settings);
    check_equal(event_log_init(&events, arena), 0);
    event_log_begin(&events, 1U << EVENT_MAPPING);
    check_equal((int)translate_outbound(&nat, &flow, now), DONE);
    check_equal(translate_forward_add(&nat, U, 80, &(struct endpoint){of('b'), 80, 0, 0}, now), 0);
    told(2, 0);
    translate_expire(&nat, now + 300 * SECOND);
    told(2, 1);
    memset(&events, 0, sizeof events);
    arena_free(arena);
}

static const struct test others[] = {
    {"a mapping is told when it begins and when it ends", mappings_are_told},
    {"RFC 4787 REQ-4: ports are chosen at random, odd for odd and even for even",
     chosen_ports_keep_parity_and_differ},
    {"RFC 4787 REQ-11: thousands of sessions are found, keep their ports, and end",
     thousands_of_sessions_live_and_end},
    {"RFC 7857 2: the states of a translated connection", every_state_of_tcp_has_its_time},
};

int main(void)
{
    enum { PLAYS = sizeof plays / sizeof *plays, OTHERS = sizeof others / sizeof *others };
    volatile int failed = 0;

    printf("1..%d\n", (int)PLAYS + (int)OTHERS);
    for (volatile size_t i = 0; i < (size_t)PLAYS + OTHERS; i++) {
        bool is_play = i < PLAYS, ok = setjmp(test_failed) == 0;

        playing = is_play ? &plays[i] : NULL;
        if (ok)
            (is_play ? play : others[i - PLAYS].run)();
        printf("%sok %zu - %s\n", ok ? "" : "not ", i + 1,
               is_play ? plays[i].sentence : others[i - PLAYS].sentence);
        failed += !ok;
    }
    return failed != 0;
}
