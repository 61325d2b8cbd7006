/* SPDX-License-Identifier: MIT */
/* Ping ends: requests out, replies to who asked, errors. */
#include "4-transport/datagram_bed.h"

static struct datagram d;
static struct ip4_header h;
static uint8_t bytes[2000];

static const uint8_t request[16] = {8,   0,   0xde, 0xad, 0xbe, 0xef, 0,   3,
                                    'a', 'b', 'c',  'd',  'e',  'f',  'g', 'h'};

static struct ping_end *open_end(void)
{
    struct transport_end *end;

    check_equal(ping_open(&ping.service, NULL, &end), 0);
    return ping_end_of(end);
}

static ssize_t send_request(struct ping_end *e, uint32_t dest, const uint8_t *from, size_t length)
{
    struct transport_message m = {.out = from, .length = length};

    if (dest)
        m.remote = at(dest, 0);
    return ping_send(&e->common.end, &m, 0, bed.now);
}

static ssize_t receive(struct ping_end *e, struct transport_message *m)
{
    memset(m, 0, sizeof *m);
    m->in = bytes;
    m->length = sizeof bytes;
    return datagram_receive(&e->common.end, m, 0, bed.now);
}

static uint16_t id_of(const struct ping_end *e)
{
    struct name local;

    ping_local(&e->common.end, &local);
    return local.endpoint.port;
}

static void reply(uint32_t from, uint16_t id)
{
    icmp_make(&d, header_for(from, HOST, 1), ICMP4_ECHO_REPLY, 0, (uint32_t)id << 16 | 3,
              "abcdefgh", 8);
    inject(&d);
}

/* Each get of what an end needs fails in turn. */
static void an_end_that_cannot_be_opened_takes_nothing(void)
{
    struct transport_end *end;
    int result = -ENOBUFS;

    datagram_bed();
    for (int get = 1; get < 10 && result == -ENOBUFS; get++) {
        host_arena->fail_at = host_arena->gets + (uint64_t)get;
        result = ping_open(&ping.service, NULL, &end);
        check(get > 2 || result == -ENOBUFS); /* the end, and its charge */
        check_equal(pool_count(ping.end_pool), result == 0);
    }
    check_equal(result, 0);
    ping_close(end, bed.now);
    datagram_bed_done();
}

static void a_request_has_our_identifier(void)
{
    struct icmp4_header icmp;
    struct ping_end *e;

    datagram_bed();
    e = open_end();
    check_equal(send_request(e, PEER, request, 16), 16);
    check(left(&d, &h));
    icmp = icmp_in(&d, &h);
    check_equal(icmp.type, ICMP4_ECHO);
    check_equal(icmp.code, 0);
    check_equal(icmp.rest, (uint32_t)id_of(e) << 16 | 3);
    check(memcmp(d.bytes + 28, "abcdefgh", 8) == 0);
    datagram_bed_done();
}

static void a_reply_reaches_who_asked(void)
{
    struct transport_message m;
    struct ping_end *e, *other;

    datagram_bed();
    e = open_end();
    other = open_end();
    check_equal(send_request(e, PEER, request, 16), 16);
    check_equal(send_request(other, PEER, request, 16), 16);
    check(id_of(e) != id_of(other));
    reply(PEER, id_of(e));
    check_equal(told, 1);
    check_equal(datagram_ready(&e->common.end), READY_IN | READY_OUT);
    check_equal(datagram_ready(&other->common.end), READY_OUT);
    check_equal(datagram_count(&e->common.end, COUNT_UNREAD), 16);
    check_equal(receive(e, &m), 16);
    check(address_equal(m.remote.endpoint.address, ip4_of(PEER)));
    check_equal(bytes[0], ICMP4_ECHO_REPLY);
    check(memcmp(bytes + 8, "abcdefgh", 8) == 0);
    check_equal(receive(e, &m), -EAGAIN);
    reply(PEER, 9);
    check_equal(drops(DROP_PING_NO_SOCKET), 1);
    datagram_bed_done();
}

static void a_connected_end_hears_its_peer_alone(void)
{
    struct name remote = at(PEER, 0), place;
    struct transport_message m;
    struct ping_end *e;

    datagram_bed();
    e = open_end();
    check_equal(send_request(e, 0, request, 16), -EDESTADDRREQ);
    check_equal(ping_connect(&e->common.end, &remote, 0), 0);
    ping_local(&e->common.end, &place);
    check(address_equal(place.endpoint.address, ip4_of(HOST)));
    check_equal(send_request(e, 0, request, 16), 16);
    reply(FAR, id_of(e));
    check_equal(receive(e, &m), -EAGAIN);
    reply(PEER, id_of(e));
    check_equal(receive(e, &m), 16);
    check_equal(ping_disconnect(&e->common.end, bed.now), 0);
    check_equal(datagram_remote(&e->common.end, &place), -ENOTCONN);
    check_equal(id_of(e), 0); /* it was not the program's choice */
    check_equal(send_request(e, PEER, request, 16), 16);
    reply(FAR, id_of(e));
    check_equal(receive(e, &m), 16);
    remote = at(PEER, 7); /* only with a port has the peer a name, as on Linux */
    check_equal(ping_connect(&e->common.end, &remote, 0), 0);
    check_equal(datagram_remote(&e->common.end, &place), 0);
    datagram_bed_done();
}

static void only_requests_may_be_sent(void)
{
    static const uint8_t wrong[8] = {0, 0, 0, 0, 0, 0, 0, 0}, code[8] = {8, 1, 0, 0, 0, 0, 0, 0};
    struct name local = at(PEER, 77);
    struct ping_end *e, *other;
    int64_t value = 0;

    datagram_bed();
    e = open_end();
    check_equal(send_request(e, PEER, wrong, 8), -EINVAL);
    check_equal(send_request(e, PEER, code, 8), -EINVAL);
    check_equal(send_request(e, PEER, request, 7), -EINVAL);
    check_equal(send_request(e, 0x0a0000ff, request, 16), -EACCES);
    check(nothing_left());
    check(id_of(e) != 0); /* whatever came of it: as Linux */
    check_equal(ping_bind(&e->common.end, &local), -EINVAL);
    e = open_end();
    check_equal(ping_bind(&e->common.end, &local), -EADDRNOTAVAIL);
    local = at(HOST, 77);
    check_equal(ping_bind(&e->common.end, &local), 0);
    check_equal(id_of(e), 77);
    check_equal(ping_disconnect(&e->common.end, bed.now), 0);
    check_equal(id_of(e), 77);
    other = open_end(); /* Linux lets them be shared, unless SO_REUSEADDR is taken off */
    check_equal(datagram_option_get(&other->common.end, OPTION_REUSE_ADDRESS, &value), 0);
    check_equal(value, 1);
    check_equal(datagram_option_set(&other->common.end, OPTION_REUSE_ADDRESS, 0, bed.now), 0);
    check_equal(ping_bind(&other->common.end, &local), -EADDRINUSE);
    check_equal(datagram_option_set(&other->common.end, OPTION_REUSE_ADDRESS, 1, bed.now), 0);
    check_equal(ping_bind(&other->common.end, &local), 0);
    datagram_bed_done();
}

static void our_own_address_answers(void)
{
    struct transport_message m;
    struct ping_end *e;

    datagram_bed();
    e = open_end();
    check_equal(send_request(e, LOCALHOST, request, 16), 16);
    settle();
    check_equal(receive(e, &m), 16);
    check(address_equal(m.remote.endpoint.address, ip4_of(LOCALHOST)));
    check_equal(send_request(e, HOST, request, 16), 16);
    settle();
    check_equal(receive(e, &m), 16);
    check(address_equal(m.remote.endpoint.address, ip4_of(HOST)));
    datagram_bed_done();
}

static void errors_reach_the_end_that_asked(void)
{
    static struct datagram original;
    struct name remote = at(PEER, 0);
    struct transport_message m;
    struct ping_end *e;

    datagram_bed();
    e = open_end();
    check_equal(ping_connect(&e->common.end, &remote, 0), 0);
    check_equal(send_request(e, 0, request, 16), 16);
    check(left(&original, &h));
    icmp_make(&d, header_for(0x0a0000fe, HOST, 1), 3, 13, 0, original.bytes, original.length);
    inject(&d);
    check_equal(datagram_ready(&e->common.end) & READY_ERROR, READY_ERROR);
    check_equal(receive(e, &m), -EHOSTUNREACH);
    original.bytes[25] ^= 1; /* another identifier */
    icmp_make(&d, header_for(0x0a0000fe, HOST, 1), 3, 13, 0, original.bytes, original.length);
    inject(&d);
    check_equal(datagram_error_take(&e->common.end), 0);
    check_equal(drops(DROP_ICMP_IGNORED), 1);
    datagram_bed_done();
}

static const struct test tests[] = {
    {"an end that cannot be opened takes nothing", an_end_that_cannot_be_opened_takes_nothing},
    {"a request has our identifier and a right checksum (RFC 792)", a_request_has_our_identifier},
    {"a reply reaches who asked (RFC 1122 3.2.2.6)", a_reply_reaches_who_asked},
    {"a connected end hears its peer alone", a_connected_end_hears_its_peer_alone},
    {"only echo requests may be sent, from an identifier of one's own", only_requests_may_be_sent},
    {"our own addresses answer (RFC 1122 3.2.2.6)", our_own_address_answers},
    {"errors reach the end that asked, and no other (RFC 1122 3.2.2.1, P-11)",
     errors_reach_the_end_that_asked},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
