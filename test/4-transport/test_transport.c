/* SPDX-License-Identifier: MIT */
/* The table of transports, as layer 5 sees it: every kind answers every call, and TCP's states are
 * the four phases of a dialogue. */
#include <errno.h>
#include <string.h>

#include "4-transport/tcp/tcp_conn.h"
#include "check.h"
#include "lab/handle.h"

static struct sockeye *lab;
static struct transport_upper upper = {.code = HOST_TRANSPORT_SESSION};

/* The transports of a host that is alone. */
static struct transport *begin(void)
{
    struct sockeye_config config = {.hosts = 1, .wires = 1, .sockets = 16};

    check(sockeye_open(&config, &lab) == 0);
    check(sockeye_host(lab, "a") == 0);
    return &host_of_node(lab->lab->node[0])->transport;
}

static const enum transport_kind kinds[] = {TRANSPORT_STREAM, TRANSPORT_DATAGRAM, TRANSPORT_PING};

static void every_kind_answers(void)
{
    struct transport *t = begin();
    const struct name self = {.family = NAME_INTERNET,
                              .endpoint = {.address = {0, UINT64_C(0xffff7f000001)}}};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct transport_end *end = NULL;
        struct name place;
        int64_t value = 0;

        check_equal(transport_open(t, kinds[i], &upper, &end), 0);
        check(transport_upper_of(end) == &upper);
        check_equal(transport_phase(end), TRANSPORT_CLOSED);
        check_equal(transport_error_take(end), 0);
        check_equal(transport_remote(end, &place), -ENOTCONN);
        check_equal(transport_bind(end, &self), 0);
        transport_local(end, &place);
        check(address_equal(place.endpoint.address, self.endpoint.address) &&
              place.endpoint.port != 0);
        check_equal(transport_bind(end, &self), -EINVAL);
        check_equal(transport_option_set(end, OPTION_PRIORITY, 3, 0), 0);
        check_equal(transport_option_get(end, OPTION_PRIORITY, &value), 0);
        check_equal(value, 3);
        check_equal(transport_count(end, COUNT_UNREAD), 0);
        check_equal(transport_shutdown(end, true, true, 0), -ENOTCONN);
        check(transport_ready(end) & READY_HUP);
        check_equal(transport_disconnect(end, 0), 0);
        check_equal(transport_check(t), 0);
        transport_close(end, 0);
    }
    sockeye_close(lab);
}

static void datagrams_have_no_connections(void)
{
    struct transport *t = begin();

    for (size_t i = 1; i < sizeof kinds / sizeof *kinds; i++) {
        const struct name self = {
            .family = NAME_INTERNET,
            .endpoint = {.address = {0, UINT64_C(0xffff7f000001)}, .port = 9}};
        struct transport_end *end = NULL, *accepted = NULL;
        struct transport_info info;

        check_equal(transport_open(t, kinds[i], &upper, &end), 0);
        check_equal(transport_listen(end, 1, 0), -EOPNOTSUPP);
        check_equal(transport_accept(end, &upper, &accepted), -EOPNOTSUPP);
        check_equal(transport_info(end, &info, 0), -ENOPROTOOPT);
        check_equal(transport_connect(end, &self, 0), 0);
        check_equal(transport_phase(end), TRANSPORT_OPEN);
        check_equal(transport_disconnect(end, 0), 0);
        check_equal(transport_phase(end), TRANSPORT_CLOSED);
        transport_close(end, 0);
    }
    sockeye_close(lab);
}

/* RFC 9293 3.9.1.1: what the route chose is chosen anew, what the program chose is kept. */
static void an_address_that_was_bound_is_kept(void)
{
    struct transport *t = begin();
    const struct name peer = {.family = NAME_INTERNET,
                              .endpoint = {.address = {0, UINT64_C(0xffff7f000001)}, .port = 9}};
    const struct name own = {.family = NAME_INTERNET,
                             .endpoint = {.address = {0, UINT64_C(0xffff7f000002)}}};
    struct transport_end *end = NULL;
    struct name place;

    check_equal(transport_open(t, TRANSPORT_STREAM, &upper, &end), 0);
    check_equal(transport_connect(end, &peer, 0), -EINPROGRESS);
    transport_local(end, &place);
    check(address_equal(place.endpoint.address, peer.endpoint.address));
    check_equal(transport_disconnect(end, 0), 0);
    transport_local(end, &place);
    check(address_is_unspecified(place.endpoint.address));
    check_equal(transport_bind(end, &own), 0);
    check_equal(transport_connect(end, &peer, 0), -EINPROGRESS);
    check_equal(transport_disconnect(end, 0), 0);
    transport_local(end, &place);
    check(address_equal(place.endpoint.address, own.endpoint.address));
    transport_close(end, 0);
    sockeye_close(lab);
}

static void unknown_kinds(void)
{
    struct transport *t = begin();
    struct transport_end *end = NULL;

    t->service[TRANSPORT_PING] = NULL; /* a host without pings */
    check_equal(transport_open(t, TRANSPORT_PING, &upper, &end), -EPROTONOSUPPORT);
    check_equal(transport_open(t, (enum transport_kind)99, &upper, &end), -EPROTONOSUPPORT);
    check(end == NULL);
    sockeye_close(lab);
}

static void states_are_phases(void)
{
    static const struct {
        enum tcp_state_name state;
        enum transport_phase phase;
        uint32_t told; /* by TCP_INFO: what waits 2 MSL is over for its user, as on Linux */
    } rows[TCP_STATE_COUNT] = {
        {TCP_STATE_CLOSED, TRANSPORT_CLOSED, TCP_STATE_CLOSED},
        {TCP_STATE_LISTEN, TRANSPORT_LISTENING, TCP_STATE_LISTEN},
        {TCP_STATE_SYN_SENT, TRANSPORT_OPENING, TCP_STATE_SYN_SENT},
        {TCP_STATE_SYN_RECEIVED, TRANSPORT_OPENING, TCP_STATE_SYN_RECEIVED},
        {TCP_STATE_ESTABLISHED, TRANSPORT_OPEN, TCP_STATE_ESTABLISHED},
        {TCP_STATE_FIN_WAIT_1, TRANSPORT_OPEN, TCP_STATE_FIN_WAIT_1},
        {TCP_STATE_FIN_WAIT_2, TRANSPORT_OPEN, TCP_STATE_FIN_WAIT_2},
        {TCP_STATE_CLOSE_WAIT, TRANSPORT_OPEN, TCP_STATE_CLOSE_WAIT},
        {TCP_STATE_CLOSING, TRANSPORT_OPEN, TCP_STATE_CLOSING},
        {TCP_STATE_LAST_ACK, TRANSPORT_OPEN, TCP_STATE_LAST_ACK},
        {TCP_STATE_TIME_WAIT, TRANSPORT_CLOSED, TCP_STATE_CLOSED},
    };
    struct transport *t = begin();
    struct transport_end *end = NULL;
    uint32_t seen = 0;

    check_equal(transport_open(t, TRANSPORT_STREAM, &upper, &end), 0);
    for (size_t i = 0; i < TCP_STATE_COUNT && (rows[i].phase != 0 || rows[i].state != 0); i++) {
        struct transport_info info;

        memset(&info, 0, sizeof info);
        tcp_conn_of(end)->state = (uint8_t)rows[i].state;
        check_equal(transport_phase(end), rows[i].phase);
        check_equal(transport_info(end, &info, 0), 0);
        check_equal(info.state, rows[i].told);
        seen++;
    }
    check_equal(seen, 11);
    tcp_conn_of(end)->state = TCP_STATE_CLOSED;
    transport_close(end, 0);
    sockeye_close(lab);
}

static const struct test tests[] = {
    {"every kind of transport answers every call", every_kind_answers},
    {"datagrams have no connections, and count as open while they have a peer",
     datagrams_have_no_connections},
    {"an address that a program bound is kept when it disconnects, one of the route is not",
     an_address_that_was_bound_is_kept},
    {"a kind that is not there is not supported", unknown_kinds},
    {"each state of TCP is a phase of the dialogue", states_are_phases},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
