/* SPDX-License-Identifier: MIT */
/*
 * What an idle connection costs: a thousand of them between two hosts, fresh, and again after each
 * has carried a message both ways.
 */
#include "scenario.h"

#include "check.h"

enum {
    CONNECTIONS = 1000,
    PORT = 80,
    MESSAGE = 64,
    KEPT = 8 * 3 * 4096,
    BYTES_MOST = 4000,
    CONN_MOST = 1400
};

static int client[CONNECTIONS], server[CONNECTIONS];

static void settle(struct sockeye *lab)
{
    for (int64_t now = sockeye_now(lab) + 1000000000; sockeye_advance(lab, now) <= now;)
        ;
}

static void idle_bed(struct scenario *s, struct sockeye_config *config)
{
    struct sockaddr_in a;
    int listener;

    check_equal(sockeye_open(config, &s->lab), 0);
    scenario_hosts(s, NULL, NULL);
    listener = scenario_listener(s, 1, PORT);
    scenario_address(&a, 1, PORT);
    for (int i = 0; i < CONNECTIONS; i++) {
        client[i] = sockeye_socket(s->lab, 0, AF_INET, SOCK_STREAM, 0);
        check_equal(sockeye_connect(s->lab, 0, client[i], &a, sizeof a), -EINPROGRESS);
        sockeye_advance(s->lab, sockeye_now(s->lab) + 1000000);
        server[i] = sockeye_accept(s->lab, 1, listener, NULL, NULL);
        check(server[i] >= 0);
    }
    settle(s->lab);
}

static void say(struct sockeye *lab, int host, int from, int to)
{
    uint8_t bytes[MESSAGE] = {1};

    check_equal(sockeye_send(lab, host, from, bytes, MESSAGE, 0), MESSAGE);
    sockeye_advance(lab, sockeye_now(lab) + 1000000);
    check_equal(sockeye_receive(lab, 1 - host, to, bytes, MESSAGE, 0), MESSAGE);
}

static void say_all(struct sockeye *lab)
{
    for (int i = 0; i < CONNECTIONS; i++) {
        say(lab, 0, client[i], server[i]);
        say(lab, 1, server[i], client[i]);
    }
    settle(lab);
}

/* Of the arena: what an image would hold. */
static uint64_t state_bytes(const struct sockeye *lab)
{
    uint64_t sum = 0, from, bytes;

    for (uint32_t i = 0; arena_range(lab->lab->arena, i, &from, &bytes); i++)
        sum += bytes;
    return sum;
}

/* Both ends together, with their sockets, descriptors and ports. */
static void a_connection_is_small(void)
{
    struct sockeye_config config = {.seed = 3, .hosts = 2, .wires = 1};
    struct scenario s = {.seed = 3}, none = {.seed = 3};
    uint64_t before;

    check_equal(sockeye_open(&config, &none.lab), 0);
    scenario_hosts(&none, NULL, NULL);
    before = state_bytes(none.lab);
    sockeye_close(none.lab);
    idle_bed(&s, &config);
    check((state_bytes(s.lab) - before) / CONNECTIONS <= BYTES_MOST);
    say_all(s.lab);
    check((state_bytes(s.lab) - before) / CONNECTIONS <= BYTES_MOST);
    sockeye_close(s.lab);
}

static void a_tcp_conn_is_small(void)
{
    check(tcp_conn_bytes() <= CONN_MOST);
}

static void empty_buffers_go_back(void)
{
    struct sockeye_config config = {.seed = 3, .hosts = 2, .wires = 1};
    struct scenario s = {.seed = 3};

    idle_bed(&s, &config);
    say_all(s.lab);
    for (int host = 0; host < 2; host++)
        check(s.lab->lab->node[host]->means.buffer_budget.used <= KEPT);
    check_equal(sockeye_check(s.lab), 0);
    sockeye_close(s.lab);
}

/* Each was reset by its peer; what had come before is read, and its program keeps the socket. */
static void a_closed_connection_keeps_no_buffer(void)
{
    struct sockeye_config config = {.seed = 3, .hosts = 2, .wires = 1};
    const struct linger hard = {.l_onoff = 1};
    struct scenario s = {.seed = 3};
    uint8_t bytes[MESSAGE] = {1};

    idle_bed(&s, &config);
    for (int i = 0; i < CONNECTIONS; i++) {
        check_equal(sockeye_send(s.lab, 0, client[i], bytes, MESSAGE, 0), MESSAGE);
        check_equal(sockeye_send(s.lab, 1, server[i], bytes, (size_t)i % 2, 0), i % 2);
        check_equal(
            sockeye_set_option(s.lab, 0, client[i], SOL_SOCKET, SO_LINGER, &hard, sizeof hard), 0);
        check_equal(sockeye_close_fd(s.lab, 0, client[i]), 0);
    }
    settle(s.lab);
    for (int i = 0; i < CONNECTIONS; i++)
        check_equal(sockeye_receive(s.lab, 1, server[i], bytes, MESSAGE, 0), MESSAGE);
    check_equal(s.lab->lab->node[1]->means.buffer_budget.used, 0);
    check_equal(sockeye_check(s.lab), 0);
    sockeye_close(s.lab);
}

/* With room for the buffers of a few of them. */
static void buffers_of_connections_at_rest_are_no_reason_to_refuse(void)
{
    struct sockeye_config config = {
        .seed = 3, .hosts = 2, .wires = 1, .sockets = 2048, .buffer_bytes = 64 << 10};
    struct scenario s = {.seed = 3};

    idle_bed(&s, &config);
    say_all(s.lab);
    check_equal(sockeye_drops(s.lab, -1, DROP_TCP_MEMORY), 0);
    sockeye_close(s.lab);
}

static void a_flow_of_messages_fetches_no_buffers_anew(void)
{
    struct sockeye_config config = {.seed = 3, .hosts = 2, .wires = 1};
    struct scenario s = {.seed = 3};
    uint64_t gets, more;

    idle_bed(&s, &config);
    say(s.lab, 0, client[0], server[0]);
    settle(s.lab);
    gets = s.lab->lab->arena->gets;
    say(s.lab, 0, client[0], server[0]);
    settle(s.lab);
    more = s.lab->lab->arena->gets - gets;
    for (int i = 1; i < 5; i++) {
        gets = s.lab->lab->arena->gets;
        say(s.lab, 0, client[0], server[0]);
        settle(s.lab);
        check_equal(s.lab->lab->arena->gets - gets, more); /* its packets */
    }
    check(more <= 3);
    sockeye_close(s.lab);
}

static const struct test tests[] = {
    {"empty buffers go back, but for those of the last few", empty_buffers_go_back},
    {"a connection that was reset keeps no buffer when all is read",
     a_closed_connection_keeps_no_buffer},
    {"an idle connection takes 4,000 bytes, both ends together, fresh and after use",
     a_connection_is_small},
    {"a struct tcp_conn has 1,400 bytes at most", a_tcp_conn_is_small},
    {"buffers of connections at rest are no reason to refuse others",
     buffers_of_connections_at_rest_are_no_reason_to_refuse},
    {"a flow of messages fetches no buffers anew", a_flow_of_messages_fetches_no_buffers_anew},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
