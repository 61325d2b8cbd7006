/* SPDX-License-Identifier: MIT */
/* Raw ends: who hears what, what goes out, and errors one by one. */
#include "4-transport/datagram_bed.h"

enum { PROTOCOL = 253 /* RFC 3692: for experiments */ };

static struct datagram d;
static struct ip4_header h;
static uint8_t bytes[2000];

static struct raw_end *open_end(uint8_t protocol)
{
    struct transport_end *end;

    check_equal(raw_open(&raw.service, NULL, &end), 0);
    check_equal(raw_option_set(end, OPTION_PROTOCOL, protocol, 0), 0);
    return raw_end_of(end);
}

static ssize_t receive(struct raw_end *e, struct transport_message *m, unsigned flags)
{
    memset(m, 0, sizeof *m);
    m->in = bytes;
    m->length = sizeof bytes;
    return datagram_receive(&e->common.end, m, flags, bed.now);
}

static ssize_t send_to(struct raw_end *e, uint32_t dest, const void *from, size_t length)
{
    struct transport_message m = {.out = from, .length = length};

    if (dest)
        m.remote = at(dest, 0);
    return raw_send(&e->common.end, &m, 0, bed.now);
}

static void arrive(uint32_t from, uint32_t to, uint8_t protocol)
{
    datagram_make(&d, header_for(from, to, protocol), "payload", 7);
    inject(&d);
}

/* raw(7): the IP header is included; without a raw end layer 3 has nobody to ask. */
static void each_end_of_a_protocol_hears_it_with_its_header(void)
{
    struct raw_end *one, *two, *other;
    struct transport_message m;

    datagram_bed();
    check(host.watcher == NULL);
    one = open_end(PROTOCOL);
    two = open_end(PROTOCOL);
    other = open_end(PROTOCOL + 1);
    check(host.watcher == &raw.ip_upper);
    arrive(PEER, HOST, PROTOCOL);
    check_equal(receive(one, &m, 0), 27);
    check_equal(bytes[0], 0x45);
    check_equal(bytes[9], PROTOCOL);
    check(memcmp(bytes + 20, "payload", 7) == 0);
    check(address_equal(m.remote.endpoint.address, ip4_of(PEER)));
    check_equal(m.remote.endpoint.port, 0);
    check(address_equal(m.local.address, ip4_of(HOST)));
    check_equal(receive(two, &m, 0), 27);
    check_equal(receive(other, &m, 0), -EAGAIN);
    check(nothing_left()); /* it was wanted: not unreachable */
    datagram_bed_done();
}

static void what_nobody_wants_is_unreachable(void)
{
    datagram_bed();
    (void)open_end(PROTOCOL + 1);
    arrive(PEER, HOST, PROTOCOL);
    check(left(&d, &h));
    check_equal(icmp_in(&d, &h).type, ICMP4_UNREACHABLE);
    datagram_bed_done();
}

/* The proper user has it as ever. */
static void an_end_hears_beside_the_proper_user(void)
{
    struct raw_end *icmp;
    struct transport_message m;

    datagram_bed();
    icmp = open_end(IP_PROTOCOL_ICMP);
    icmp_make(&d, header_for(PEER, HOST, 1), ICMP4_ECHO, 0, 7, "abcdefgh", 8);
    inject(&d);
    check_equal(receive(icmp, &m, 0), 36);
    check_equal(bytes[20], ICMP4_ECHO);
    check(left(&d, &h)); /* layer 3 answers */
    check_equal(icmp_in(&d, &h).type, ICMP4_ECHO_REPLY);
    datagram_bed_done();
}

static void a_filter_takes_types_away(void)
{
    struct transport_message m;
    struct raw_end *e;
    int64_t value;

    datagram_bed();
    e = open_end(IP_PROTOCOL_ICMP);
    check_equal(raw_option_set(&e->common.end, OPTION_FILTER, 1u << ICMP4_ECHO, 0), 0);
    check_equal(raw_option_get(&e->common.end, OPTION_FILTER, &value), 0);
    check_equal(value, 1u << ICMP4_ECHO);
    icmp_make(&d, header_for(PEER, HOST, 1), ICMP4_ECHO, 0, 7, "abcdefgh", 8);
    inject(&d);
    check_equal(receive(e, &m, 0), -EAGAIN);
    icmp_make(&d, header_for(PEER, HOST, 1), ICMP4_ECHO_REPLY, 0, 7, "abcdefgh", 8);
    inject(&d);
    check_equal(receive(e, &m, 0), 36);
    icmp_make(&d, header_for(PEER, HOST, 1), 40, 0, 7, "abcdefgh", 8); /* none has a bit */
    inject(&d);
    check_equal(receive(e, &m, 0), 36);
    datagram_bed_done();
}

static void addresses_and_interfaces_filter(void)
{
    struct name local = at(HOST_2, 0), remote = at(FAR, 0), place;
    struct transport_message m;
    struct raw_end *bound, *connected, *kept;

    datagram_bed();
    bound = open_end(PROTOCOL);
    connected = open_end(PROTOCOL);
    kept = open_end(PROTOCOL);
    check_equal(raw_bind(&bound->common.end, &local), 0);
    check_equal(raw_connect(&connected->common.end, &remote, 0), 0);
    check_equal(raw_option_set(&kept->common.end, OPTION_INTERFACE, 2, 0), 0);
    arrive(PEER, HOST, PROTOCOL);
    check_equal(receive(bound, &m, 0), -EAGAIN);
    check_equal(receive(connected, &m, 0), -EAGAIN);
    check_equal(receive(kept, &m, 0), -EAGAIN);
    arrive(FAR, HOST, PROTOCOL);
    check_equal(receive(connected, &m, 0), 27);
    raw_local(&connected->common.end, &place);
    check(address_equal(place.endpoint.address, ip4_of(HOST)));
    check_equal(place.endpoint.port, PROTOCOL); /* as Linux shows it */
    check_equal(raw_bind(&connected->common.end, &local), -EINVAL);
    local = at(PEER, 0);
    check_equal(raw_bind(&bound->common.end, &local), -EADDRNOTAVAIL);
    check_equal(raw_disconnect(&connected->common.end, 0), 0);
    arrive(FAR, HOST, PROTOCOL);
    check_equal(receive(connected, &m, 0), -EAGAIN); /* Linux: deaf from now on */
    datagram_bed_done();
}

/* RFC 791 3.2: after reassembly, with the header of the whole. */
static void fragments_are_heard_whole(void)
{
    struct transport_message m;
    struct ip4_header part = header_for(PEER, HOST, PROTOCOL);
    struct raw_end *e;

    datagram_bed();
    e = open_end(PROTOCOL);
    part.id = 77;
    part.more_fragments = true;
    datagram_make(&d, part, "12345678", 8);
    inject(&d);
    check_equal(receive(e, &m, 0), -EAGAIN);
    part.more_fragments = false;
    part.fragment_offset = 8;
    datagram_make(&d, part, "9", 1);
    inject(&d);
    check_equal(receive(e, &m, 0), 29);
    check(memcmp(bytes + 20, "123456789", 9) == 0);
    check_equal(bytes[2] << 8 | bytes[3], 29);
    check_equal((bytes[6] & 0x3f) << 8 | bytes[7], 0);
    datagram_bed_done();
}

/* RFC 1122 4.1.3.2: what options came is told. */
static void options_are_told(void)
{
    static const uint8_t some[8] = {0x1e, 8, 1, 2, 3, 4, 5, 6}; /* that nobody knows */
    struct transport_message m;
    struct raw_end *e;

    datagram_bed();
    e = open_end(PROTOCOL);
    datagram_make(&d, header_for(PEER, HOST, PROTOCOL), "payload", 7);
    datagram_options(&d, some, sizeof some);
    inject(&d);
    check_equal(receive(e, &m, 0), 35);
    check(memcmp(bytes, d.bytes, 35) == 0); /* RFC 1812 5.2.1: nothing of the header is changed */
    check_equal(m.options_length, 8);
    check(memcmp(m.options, some, 8) == 0);
    arrive(PEER, HOST, PROTOCOL);
    check_equal(receive(e, &m, 0), 27);
    check_equal(m.options_length, 0);
    datagram_bed_done();
}

static void a_payload_gets_its_header(void)
{
    struct raw_end *e;

    datagram_bed();
    e = open_end(PROTOCOL);
    check_equal(send_to(e, 0, "abc", 3), -EDESTADDRREQ);
    check_equal(send_to(e, PEER, "abc", 3), 3);
    check(left(&d, &h));
    check_equal(h.protocol, PROTOCOL);
    check_equal(h.total_length, 23);
    check(h.checksum_right && h.dont_fragment);
    check_equal(h.source, HOST);
    check_equal(send_to(e, PEER, bytes, 0), 0);
    check(left(&d, &h));
    check_equal(h.total_length, 20);
    check_equal(send_to(e, 0x0a0000ff, "abc", 3), -EACCES);
    check_equal(raw_option_set(&e->common.end, OPTION_BROADCAST, 1, 0), 0);
    check_equal(send_to(e, 0x0a0000ff, "abc", 3), 3);
    datagram_bed_done();
}

static void what_is_too_long_goes_in_fragments(void)
{
    struct raw_end *e;

    datagram_bed();
    e = open_end(PROTOCOL);
    check_equal(send_to(e, PEER, bytes, 1600), 1600);
    check(left(&d, &h));
    check(h.more_fragments);
    check(left(&d, &h));
    check(!h.more_fragments && h.fragment_offset > 0);
    check_equal(raw_option_set(&e->common.end, OPTION_DISCOVER_MTU, DISCOVER_DO, 0), 0);
    check_equal(send_to(e, PEER, bytes, 1600), -EMSGSIZE);
    check(nothing_left());
    datagram_bed_done();
}

/* raw(7), IP_HDRINCL: checksum and total length always, source and identification if they are 0. */
static void of_a_whole_packet_we_fill_in_what_is_left_to_us(void)
{
    uint8_t whole[30] = {0x45, 0,    0, 0, 0, 0, 0,  0, 9, PROTOCOL,
                         0xde, 0xad, 0, 0, 0, 0, 10, 0, 0, 9};
    struct raw_end *e;

    datagram_bed();
    e = open_end(RAW_PROTOCOL_MOST);
    check(e->is_whole);
    check_equal(send_to(e, PEER, whole, sizeof whole), sizeof whole);
    check(left(&d, &h));
    check(h.checksum_right);
    check_equal(h.total_length, 30);
    check_equal(h.source, HOST);
    check(h.id != 0);
    check_equal(h.dest, 0x0a000009); /* it says so, though it goes to another */
    check_equal(h.ttl, 9);
    whole[5] = 42;
    whole[12] = 192;
    whole[15] = 1;
    check_equal(send_to(e, PEER, whole, sizeof whole), sizeof whole);
    check(left(&d, &h));
    check_equal(h.id, 42);
    check_equal(h.source, 0xc0000001);
    check_equal(send_to(e, PEER, whole, 19), -EINVAL);
    whole[0] = 0x4f;
    check_equal(send_to(e, PEER, whole, sizeof whole), -EINVAL); /* it has no 60 bytes */
    check_equal(send_to(e, PEER, bytes, 1501), -EMSGSIZE);
    check(nothing_left());
    datagram_bed_done();
}

/* An error about what the end sent, of this type and code, from a router. */
static void error_about(uint8_t protocol, uint8_t type, uint8_t code, uint32_t rest)
{
    static struct datagram quoted;
    struct ip4_header sent = header_for(HOST, PEER, protocol);

    sent.dont_fragment = true;
    datagram_make(&quoted, sent, "the payload", 11);
    icmp_make(&d, header_for(0x0a0000fe, HOST, 1), type, code, rest, quoted.bytes, quoted.length);
    inject(&d);
}

/* ip(7), IP_RECVERR; and raw_err of Linux: without it only a connected end hears hard ones. */
static void errors_are_told_one_by_one(void)
{
    struct name remote = at(PEER, 0);
    struct transport_message m;
    struct raw_end *e;

    datagram_bed();
    e = open_end(PROTOCOL);
    error_about(PROTOCOL, ICMP4_UNREACHABLE, ICMP4_CODE_PROTOCOL, 0);
    check_equal(receive(e, &m, 0), -EAGAIN); /* it has no peer */
    check_equal(drops(DROP_ICMP_IGNORED), 1);
    check_equal(raw_option_set(&e->common.end, OPTION_RECEIVE_ERRORS, 1, 0), 0);
    error_about(PROTOCOL, ICMP4_TIME_EXCEEDED, 0, 0);
    error_about(PROTOCOL, ICMP4_UNREACHABLE, ICMP4_CODE_PROTOCOL, 0);
    check(datagram_ready(&e->common.end) & READY_ERROR);
    check_equal(receive(e, &m, TRANSPORT_ERRORS), 11);
    check(memcmp(bytes, "the payload", 11) == 0);
    check_equal(m.trouble.number, EHOSTUNREACH);
    check_equal(m.trouble.origin, TROUBLE_ICMP);
    check_equal(m.trouble.type, ICMP4_TIME_EXCEEDED);
    check(address_equal(m.trouble.offender, ip4_of(0x0a0000fe)));
    check(address_equal(m.remote.endpoint.address, ip4_of(PEER)));
    check_equal(datagram_error_take(&e->common.end), ENOPROTOOPT); /* the next one's */
    check_equal(receive(e, &m, TRANSPORT_ERRORS), 11);
    check_equal(m.trouble.number, ENOPROTOOPT);
    check_equal(receive(e, &m, TRANSPORT_ERRORS), -EAGAIN);
    check_equal(drops(DROP_ICMP_IGNORED), 1); /* these two were heard */
    check(!(datagram_ready(&e->common.end) & READY_ERROR));
    error_about(PROTOCOL, ICMP4_TIME_EXCEEDED, 0, 0);
    check_equal(raw_option_set(&e->common.end, OPTION_RECEIVE_ERRORS, 0, 0), 0); /* thrown away */
    check_equal(receive(e, &m, TRANSPORT_ERRORS), -EAGAIN);
    check_equal(datagram_error_take(&e->common.end), EHOSTUNREACH);
    check_equal(raw_connect(&e->common.end, &remote, 0), 0);
    error_about(PROTOCOL, ICMP4_TIME_EXCEEDED, 0, 0); /* soft */
    check_equal(receive(e, &m, 0), -EAGAIN);
    error_about(PROTOCOL, ICMP4_UNREACHABLE, ICMP4_CODE_PROTOCOL, 0);
    check_equal(receive(e, &m, 0), -ENOPROTOOPT);
    datagram_bed_done();
}

/* What waits of errors counts against the same limit as data; what is over it is lost. */
static void the_queue_of_errors_is_bounded(void)
{
    struct transport_message m;
    struct raw_end *e;
    int count = 0;

    datagram_bed();
    e = open_end(PROTOCOL);
    check_equal(raw_option_set(&e->common.end, OPTION_RECEIVE_ERRORS, 1, 0), 0);
    check_equal(raw_option_set(&e->common.end, OPTION_RECEIVE_BUFFER, 10000, 0), 0);
    for (int i = 0; i < 100; i++)
        error_about(PROTOCOL, ICMP4_TIME_EXCEEDED, 0, 0);
    check(e->common.errors.used <= 10000);
    while (receive(e, &m, TRANSPORT_ERRORS) >= 0)
        count++;
    check(count > 0 && count < 10);
    datagram_bed_done();
}

/* What is longer than the path carries is told with the MTU (ip(7), IP_RECVERR). */
static void a_datagram_that_is_too_long_is_told_locally(void)
{
    struct transport_message m;
    struct raw_end *e;

    datagram_bed();
    e = open_end(PROTOCOL);
    check_equal(raw_option_set(&e->common.end, OPTION_RECEIVE_ERRORS, 1, 0), 0);
    check_equal(raw_option_set(&e->common.end, OPTION_DISCOVER_MTU, DISCOVER_DO, 0), 0);
    check_equal(send_to(e, PEER, bytes, 1481), -EMSGSIZE);
    check_equal(receive(e, &m, TRANSPORT_ERRORS), 0);
    check_equal(m.trouble.origin, TROUBLE_LOCAL);
    check_equal(m.trouble.number, EMSGSIZE);
    check_equal(m.trouble.info, 1500);
    check_equal(datagram_error_take(&e->common.end), 0);
    datagram_bed_done();
}

/* RAW_ENDS of a host; each get of what an end needs fails in turn, and nothing is lost. */
static void ends_have_a_limit(void)
{
    struct transport_end *end;
    int result = -ENOBUFS;

    datagram_bed();
    for (int get = 1; get < 10 && result == -ENOBUFS; get++) {
        host_arena->fail_at = host_arena->gets + (uint64_t)get;
        result = raw_open(&raw.service, NULL, &end);
        check_equal(pool_count(raw.end_pool), result == 0);
    }
    check_equal(result, 0);
    host_arena->fail_at = 0;
    for (int i = 1; i < RAW_ENDS; i++)
        check_equal(raw_open(&raw.service, NULL, &end), 0);
    check_equal(raw_open(&raw.service, NULL, &end), -ENOBUFS);
    datagram_bed_done();
}

static const struct test tests[] = {
    {"each end of a protocol hears it, with its header",
     each_end_of_a_protocol_hears_it_with_its_header},
    {"what nobody wants is unreachable", what_nobody_wants_is_unreachable},
    {"an end hears beside the proper user", an_end_hears_beside_the_proper_user},
    {"a filter takes types of ICMP away", a_filter_takes_types_away},
    {"addresses and interfaces filter", addresses_and_interfaces_filter},
    {"fragments are heard whole", fragments_are_heard_whole},
    {"options of the header are told", options_are_told},
    {"a payload gets its header", a_payload_gets_its_header},
    {"what is too long goes in fragments, if it may", what_is_too_long_goes_in_fragments},
    {"of a whole packet we fill in what is left to us",
     of_a_whole_packet_we_fill_in_what_is_left_to_us},
    {"errors are told one by one", errors_are_told_one_by_one},
    {"the queue of errors is bounded", the_queue_of_errors_is_bounded},
    {"a datagram that is too long is told locally", a_datagram_that_is_too_long_is_told_locally},
    {"ends of a host have a limit", ends_have_a_limit},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
