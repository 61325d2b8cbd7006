/* SPDX-License-Identifier: MIT */
/* Ports: who may bind beside whom, and which port comes next. */
#include <errno.h>
#include <string.h>

#include "4-transport/ports.h"
#include "base/base_test.h"

enum { ANY = 0, A = 0x0a000001, B = 0x0a000101, SOME = 2048 };

static struct arena *arena;
static struct ports ports;
static struct port_binding b[SOME];

static void ports_bed(bool stream, uint64_t key)
{
    arena = arena_fresh(64 << 20);
    memset(&ports, 0, sizeof ports);
    memset(b, 0, sizeof b);
    check_equal(ports_init(&ports, arena, 65536, (struct siphash_key){key, 2}, stream), 0);
}

static void ports_bed_done(void)
{
    for (uint32_t i = 0; i < SOME; i++)
        ports_release(&ports, &b[i]);
    check_equal(ports_check(&ports), 0);
    check_equal(ports.table.count, 0);
    arena_free(arena);
}

static struct endpoint at(uint32_t address, uint16_t port, uint16_t interface)
{
    return (struct endpoint){
        .address = address_from_ip4(address), .port = port, .interface = interface};
}

static int bind_at(struct port_binding *binding, uint32_t address, uint16_t port)
{
    struct endpoint local = at(address, port, 0);

    return ports_bind(&ports, binding, &local);
}

struct holder {
    uint32_t address;
    uint8_t reuse_address, reuse_port, listening;
    uint16_t interface;
};

static const struct {
    const char *what;
    struct holder first, second;
    bool stream_clash, datagram_clash;
} clashes[] = {
    {"the same", {A, 0, 0, 0, 0}, {A, 0, 0, 0, 0}, true, true},
    {"another address", {A, 0, 0, 0, 0}, {B, 0, 0, 0, 0}, false, false},
    {"any, then one", {ANY, 0, 0, 0, 0}, {A, 0, 0, 0, 0}, true, true},
    {"one, then any", {A, 0, 0, 0, 0}, {ANY, 0, 0, 0, 0}, true, true},
    {"any twice", {ANY, 0, 0, 0, 0}, {ANY, 0, 0, 0, 0}, true, true},
    {"another interface", {ANY, 0, 0, 0, 1}, {ANY, 0, 0, 0, 2}, false, false},
    {"one interface and any", {ANY, 0, 0, 0, 1}, {ANY, 0, 0, 0, 0}, true, true},
    {"reuse_address on both", {A, 1, 0, 0, 0}, {A, 1, 0, 0, 0}, false, false},
    {"reuse_address on the first", {A, 1, 0, 0, 0}, {A, 0, 0, 0, 0}, true, true},
    {"reuse_address on the second", {A, 0, 0, 0, 0}, {A, 1, 0, 0, 0}, true, true},
    {"reuse_address beside a listener", {A, 1, 0, 1, 0}, {A, 1, 0, 0, 0}, true, false},
    {"reuse_address, a listener on another", {A, 1, 0, 1, 0}, {B, 1, 0, 0, 0}, false, false},
    {"reuse_address, a listener on any", {ANY, 1, 0, 1, 0}, {B, 1, 0, 0, 0}, true, false},
    {"reuse_port on both", {A, 0, 1, 0, 0}, {A, 0, 1, 0, 0}, false, false},
    {"reuse_port beside a listener", {A, 0, 1, 1, 0}, {A, 0, 1, 0, 0}, false, false},
    {"reuse_port on one", {A, 0, 1, 0, 0}, {A, 0, 0, 0, 0}, true, true},
    {"reuse_address here, reuse_port there", {A, 1, 0, 0, 0}, {A, 0, 1, 0, 0}, true, true},
    {"both on both, a listener", {A, 1, 1, 1, 0}, {A, 1, 1, 0, 0}, false, false},
};

static void conflicts_are_linuxs(void)
{
    for (uint32_t i = 0; i < sizeof clashes / sizeof *clashes; i++) {
        for (int stream = 0; stream < 2; stream++) {
            bool clash = stream ? clashes[i].stream_clash : clashes[i].datagram_clash;
            const struct holder *holders[] = {&clashes[i].first, &clashes[i].second};
            int result = 0;

            ports_bed(stream, 1);
            for (uint32_t k = 0; k < 2; k++) {
                struct endpoint local = at(holders[k]->address, 80, holders[k]->interface);

                b[k].reuse_address = holders[k]->reuse_address;
                b[k].reuse_port = holders[k]->reuse_port;
                result = ports_bind(&ports, &b[k], &local);
                if (k == 0) {
                    check_equal(result, 0);
                    b[k].listening = holders[k]->listening;
                }
            }
            if (result != (clash ? -EADDRINUSE : 0))
                test_fail(__FILE__, __LINE__, "%s, %s: %d", clashes[i].what,
                          stream ? "stream" : "datagram", result);
            check_equal(ports_is_bound(&b[1]), !clash);
            ports_bed_done();
        }
    }
}

static void a_second_listener_needs_reuse_port(void)
{
    ports_bed(true, 1);
    b[0].reuse_address = b[1].reuse_address = 1;
    check_equal(bind_at(&b[0], A, 80), 0);
    check_equal(bind_at(&b[1], A, 80), 0);
    check_equal(ports_listen(&ports, &b[0]), 0);
    check_equal(ports_listen(&ports, &b[1]), -EADDRINUSE);
    check(!b[1].listening);
    ports_release(&ports, &b[0]);
    check_equal(ports_listen(&ports, &b[1]), 0);
    ports_release(&ports, &b[1]);
    b[0].reuse_port = b[1].reuse_port = 1;
    check_equal(bind_at(&b[0], A, 80), 0);
    check_equal(bind_at(&b[1], A, 80), 0);
    check_equal(ports_listen(&ports, &b[0]), 0);
    check_equal(ports_listen(&ports, &b[1]), 0);
    ports_bed_done();
}

static void what_a_listener_accepted_keeps_its_port(void)
{
    struct endpoint local = at(A, 80, 0);

    ports_bed(true, 1);
    b[0].reuse_address = 1;
    check_equal(bind_at(&b[0], ANY, 80), 0);
    check_equal(ports_listen(&ports, &b[0]), 0);
    check_equal(ports_inherit(&ports, &b[1], &b[0], &local), 0);
    check_equal(b[1].local.port, 80);
    ports_release(&ports, &b[0]);
    check_equal(bind_at(&b[2], ANY, 80), -EADDRINUSE); /* a restarted server without the option */
    b[2].reuse_address = 1;
    check_equal(bind_at(&b[2], ANY, 80), 0);
    check_equal(ports_listen(&ports, &b[2]), 0);
    ports_bed_done();
}

/* Of those accepted nothing is listed: what a question walks is as long as if there were none. */
static void accepted_connections_are_counted_not_listed(void)
{
    struct endpoint local = at(A, 80, 0), other = at(B, 80, 0);
    struct port_binding *first;

    ports_bed(true, 1);
    b[0].reuse_address = 1;
    check_equal(bind_at(&b[0], ANY, 80), 0);
    check_equal(ports_listen(&ports, &b[0]), 0);
    for (int i = 2; i < SOME; i++)
        check_equal(ports_inherit(&ports, &b[i], &b[0], i % 2 ? &local : &other), 0);
    first = ports_first(&ports, 80);
    check(first == &b[0] && !ports_next(first));
    check_equal(pool_count(ports.share_pool), 2); /* one for each address */
    ports_release(&ports, &b[0]);
    b[1].reuse_address = 1;
    check_equal(bind_at(&b[1], ANY, 80), 0);
    ports_bed_done();
}

static void an_accepted_connection_that_changes_its_flags_is_counted_anew(void)
{
    struct endpoint local = at(A, 80, 0);

    ports_bed(true, 1);
    b[0].reuse_address = 1;
    check_equal(bind_at(&b[0], ANY, 80), 0);
    check_equal(ports_listen(&ports, &b[0]), 0);
    check_equal(ports_inherit(&ports, &b[1], &b[0], &local), 0);
    ports_release(&ports, &b[0]);
    b[2].reuse_address = 1;
    ports_reuse_set(&b[1], false, false);
    check_equal(bind_at(&b[2], A, 80), -EADDRINUSE);
    check_equal(bind_at(&b[2], B, 80), 0); /* an address of its own */
    ports_release(&ports, &b[2]);
    ports_reuse_set(&b[1], false, true);
    check_equal(bind_at(&b[2], A, 80), -EADDRINUSE);
    b[2].reuse_port = 1;
    check_equal(bind_at(&b[2], A, 80), 0);
    ports_bed_done();
}

static void a_binding_is_bound_once(void)
{
    ports_bed(false, 1);
    check_equal(bind_at(&b[0], A, 80), 0);
    check_equal(bind_at(&b[0], A, 81), -EINVAL);
    ports_release(&ports, &b[0]);
    ports_release(&ports, &b[0]);
    check_equal(bind_at(&b[0], A, 81), 0);
    check_equal(bind_at(&b[1], A, 80), 0);
    ports_bed_done();
}

static void port_0_is_random_and_free(void)
{
    uint32_t up_by_one = 0;

    ports_bed(false, 1);
    for (uint32_t i = 0; i < SOME; i++) {
        check_equal(bind_at(&b[i], ANY, 0), 0);
        check(b[i].local.port >= PORTS_FIRST && b[i].local.port <= PORTS_LAST);
        up_by_one += i > 0 && b[i].local.port == b[i - 1].local.port + 1;
        for (uint32_t k = 0; k < i; k++)
            check(b[k].local.port != b[i].local.port);
    }
    check(up_by_one < 5);
    ports_bed_done();
}

static void a_full_range_is_said_to_be(void)
{
    struct port_walk walk;
    struct endpoint local = at(A, 0, 0), remote = at(B, 80, 0);

    ports_bed(true, 1);
    ports.first = 40000;
    ports.last = 40009;
    for (uint32_t i = 0; i < 10; i++)
        check_equal(bind_at(&b[i], A, 0), 0);
    check_equal(bind_at(&b[10], A, 0), -EADDRINUSE);
    check_equal(bind_at(&b[10], B, 0), 0); /* another address has its own */
    ports_walk(&ports, &walk, &local, &remote);
    check_equal(ports_candidate(&ports, &walk), 0);
    ports_release(&ports, &b[4]);
    ports_release(&ports, &b[10]);
    ports_walk(&ports, &walk, &local, &remote);
    check(ports_candidate(&ports, &walk) != 0);
    check_equal(ports_candidate(&ports, &walk), 0);
    ports_bed_done();
}

/* The port that a connect gets, if nobody else has the four-tuple. */
static uint16_t connect_to(struct port_binding *binding, uint32_t remote, uint16_t port)
{
    struct endpoint local = at(A, 0, 0), far = at(remote, port, 0);
    struct port_walk walk;
    uint16_t candidate;

    ports_walk(&ports, &walk, &local, &far);
    candidate = ports_candidate(&ports, &walk);
    check_equal(ports_take(&ports, &walk, binding), 0);
    check_equal(binding->local.port, candidate);
    check(binding->by_connect);
    return candidate;
}

static void every_candidate_is_offered_once(void)
{
    static uint8_t seen[65536];
    struct endpoint local = at(A, 0, 0), remote = at(B, 80, 0);
    struct port_walk walk;
    uint32_t count = 0;
    uint16_t port;

    ports_bed(true, 1);
    memset(seen, 0, sizeof seen);
    check_equal(bind_at(&b[0], A, PORTS_FIRST + 7), 0);
    connect_to(&b[1], B, 80);
    ports_walk(&ports, &walk, &local, &remote);
    while ((port = ports_candidate(&ports, &walk))) {
        check(!seen[port] && port >= PORTS_FIRST && port <= PORTS_LAST);
        seen[port] = 1;
        count++;
    }
    check_equal(count, PORTS_LAST - PORTS_FIRST + 1 - 1); /* but the one that was bound */
    check(!seen[PORTS_FIRST + 7]);
    check(seen[b[1].local.port]);
    ports_bed_done();
}

/* T-08: ports seen at one destination say nothing of those at another. */
static void a_destination_says_nothing_of_another(void)
{
    uint32_t hits = 0, next = 0;
    uint16_t last[2] = {0, 0};

    for (uint64_t key = 0; key < SOME / 4; key++) {
        ports_bed(true, key);
        last[0] = connect_to(&b[0], B, 80);
        last[1] = connect_to(&b[1], B, 81);
        hits += (uint16_t)(last[0] + 1) == last[1] || last[0] == last[1];
        next += (uint16_t)(last[0] + 1) == connect_to(&b[2], B, 80);
        ports_bed_done();
    }
    check(hits <= 2);
    /* to one destination the step is random, 1 to 8 */
    check(next > 30 && next < 110);
}

static void one_destination_uses_the_range_evenly(void)
{
    uint32_t eighth[8] = {0};

    for (uint64_t key = 0; key < SOME; key++) {
        ports_bed(true, key * 7919);
        eighth[(connect_to(&b[0], B, 80) - PORTS_FIRST) * 8 / (PORTS_LAST - PORTS_FIRST + 1)]++;
        ports_bed_done();
    }
    for (uint32_t i = 0; i < 8; i++)
        check(eighth[i] > SOME / 8 * 3 / 4 && eighth[i] < SOME / 8 * 5 / 4);
}

static void weights_choose_evenly_and_stay(void)
{
    uint32_t count[4] = {0}, moved = 0;
    static uint8_t chosen[4000];

    ports_bed(false, 1);
    for (uint32_t i = 0; i < 4; i++) {
        b[i].reuse_port = 1;
        check_equal(bind_at(&b[i], ANY, 80), 0);
    }
    for (uint32_t round = 0; round < 2; round++) {
        for (uint16_t f = 0; f < 4000; f++) {
            struct endpoint local = at(A, 80, 0), remote = at(B, f, 0);
            struct port_binding *best = NULL;

            for (struct port_binding *x = ports_first(&ports, 80); x; x = ports_next(x))
                if (!best || ports_weight(&ports, x, &local, &remote) >
                                 ports_weight(&ports, best, &local, &remote))
                    best = x;
            check(best);
            if (round == 0) {
                count[best - b]++;
                chosen[f] = (uint8_t)(best - b);
            } else {
                moved += chosen[f] != 2 && chosen[f] != best - b;
            }
        }
        ports_release(&ports, &b[2]);
    }
    for (uint32_t i = 0; i < 4; i++)
        check(count[i] > 850 && count[i] < 1150);
    check_equal(moved, 0); /* only the flows of the one that went have moved */
    ports_bed_done();
}

static const struct test tests[] = {
    {"bindings clash as on Linux", conflicts_are_linuxs},
    {"a second listener needs reuse_port", a_second_listener_needs_reuse_port},
    {"what a listener accepted keeps its port", what_a_listener_accepted_keeps_its_port},
    {"a binding is bound once, released, and bound again", a_binding_is_bound_once},
    {"accepted connections are counted by address, not listed",
     accepted_connections_are_counted_not_listed},
    {"an accepted connection that changes its flags is counted anew",
     an_accepted_connection_that_changes_its_flags_is_counted_anew},
    {"port 0 is random and free (RFC 6056 3.3.1)", port_0_is_random_and_free},
    {"a full range is said to be full", a_full_range_is_said_to_be},
    {"a walk offers every port once, but those that were bound", every_candidate_is_offered_once},
    {"ports to one destination say nothing of another (RFC 6056 3.3.4, T-08)",
     a_destination_says_nothing_of_another},
    {"the keyed offset uses the range evenly (RFC 6056 3.3.4)",
     one_destination_uses_the_range_evenly},
    {"of equals with reuse_port each gets its share, and keeps it", weights_choose_evenly_and_stay},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
