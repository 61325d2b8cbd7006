/* SPDX-License-Identifier: MIT */
/* DHCP: the codec and the server's memory as values. RFC 2131. */
#include "7-application/dhcp_bed.h"

enum { LEASE = 600 };

static struct service_leases leases;
static struct service_dhcp_message reply;

static void begin(uint32_t addresses)
{
    struct service_lease_plan plan = {.own = OWN,
                                      .first = FIRST,
                                      .last = FIRST + addresses - 1,
                                      .mask = MASK,
                                      .router = {OWN},
                                      .routers = 1,
                                      .name_server = {0x0a000035},
                                      .name_servers = 1,
                                      .lease = LEASE};

    check_equal(service_lease_open(&leases, &plan), 0);
}

static struct service_dhcp_message from(uint8_t client, enum service_dhcp_type type)
{
    return (struct service_dhcp_message){
        .type = type, .xid = 7, .hardware = {2, 0, 0, 0, 0, client}};
}

static bool answer(const struct service_dhcp_message *m, int64_t seconds)
{
    return service_lease_answer(&leases, m, seconds * SECOND, &reply);
}

static bool request(uint8_t client, uint32_t requested, uint32_t server, uint32_t has, int64_t now)
{
    struct service_dhcp_message m = from(client, DHCP_REQUEST);

    m.requested = requested;
    m.server_id = server;
    m.client = has;
    return answer(&m, now);
}

static uint32_t bind_one(uint8_t client, int64_t now)
{
    struct service_dhcp_message m = from(client, DHCP_DISCOVER);
    uint32_t offered;

    check(answer(&m, now));
    check_equal(reply.type, DHCP_OFFER);
    offered = reply.your;
    check(request(client, offered, OWN, 0, now));
    check_equal(reply.type, DHCP_ACK);
    check_equal(reply.your, offered);
    return offered;
}

static void a_long_name_is_cut(void)
{
    struct service_dhcp_message m = from(9, DHCP_DISCOVER), read;
    uint8_t bytes[SERVICE_DHCP_BYTES];
    size_t end = service_dhcp_header_write(&m, bytes);

    while (bytes[end - 1] != 255)
        end--;
    bytes[end - 1] = 12;
    bytes[end] = 100;
    memset(bytes + end + 1, 'n', 100);
    bytes[end + 101] = 255;
    check(service_dhcp_header_read(bytes, sizeof bytes, &read));
    check_equal(strlen(read.host), SERVICE_DHCP_NAME - 1);
}

static void what_is_written_is_read(void)
{
    struct service_dhcp_message m = from(9, DHCP_ACK), read;
    uint8_t bytes[SERVICE_DHCP_BYTES];
    size_t length;

    m.is_reply = m.is_broadcast = true;
    m.secs = 5;
    m.client = 1;
    m.your = 2;
    m.server = 3;
    m.relay = 4;
    m.server_id = OWN;
    m.mask = MASK;
    m.lease = 1;
    m.renewal = 2;
    m.rebinding = 3;
    m.requested = 6;
    m.mtu = 1400;
    m.routers = 2;
    m.router[1] = 9;
    m.name_servers = SERVICE_DHCP_LIST;
    m.id_length = 3;
    memcpy(m.id, "abc", 3);
    m.asks_parameters = true;
    strcpy(m.host, "somebody");
    length = service_dhcp_header_write(&m, bytes);
    check(length >= SERVICE_DHCP_LEAST);
    check(service_dhcp_header_read(bytes, length, &read));
    check(memcmp(&m, &read, sizeof m) == 0);
    /* cut off anywhere before the end option it is not taken for a whole one */
    for (size_t i = 0; i < 240; i++)
        check(!service_dhcp_header_read(bytes, i, &read));
}

static void malformed_options_are_refused(void)
{
    static const struct {
        uint8_t length;
        uint8_t bytes[8];
        bool good;
    } rows[] = {
        {4, {53, 1, 1, 255}, true},
        {3, {53, 1, 1}, true},
        {3, {53, 1, 9}, false},
        {2, {53, 1}, false},
        {1, {53}, false},
        {1, {255}, false}, /* no type */
        {8, {53, 1, 1, 50, 3, 1, 2, 3}, false},
        {8, {53, 1, 1, 0, 0, 0, 0, 255}, true},
        {6, {53, 1, 1, 61, 1, 9}, false},
        {6, {53, 1, 1, 200, 1, 9}, true},
        {6, {53, 1, 1, 200, 2, 9}, false},
        {5, {53, 1, 1, 3, 0}, false},
    };
    struct service_dhcp_message m = from(9, DHCP_DISCOVER), read;
    uint8_t bytes[SERVICE_DHCP_BYTES], all[SERVICE_DHCP_BYTES];

    (void)service_dhcp_header_write(&m, bytes);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        memcpy(all, bytes, 240);
        memcpy(all + 240, rows[i].bytes, rows[i].length);
        if (service_dhcp_header_read(all, 240U + rows[i].length, &read) != rows[i].good)
            test_fail(__FILE__, __LINE__, "row %zu", i);
    }
    bytes[1] = 6; /* another hardware */
    check(!service_dhcp_header_read(bytes, SERVICE_DHCP_LEAST, &read));
}

/* RFC 2132 9.3. */
static void options_go_on_in_file_and_sname(void)
{
    struct service_dhcp_message m = from(9, DHCP_DISCOVER), read;
    static const uint8_t options[] = {52, 1, 3, 255}, file[] = {53, 1, 1, 255},
                         sname[] = {50, 4, 10, 0, 0, 9, 255};
    uint8_t bytes[SERVICE_DHCP_BYTES];

    (void)service_dhcp_header_write(&m, bytes);
    memcpy(bytes + 44, sname, sizeof sname);
    memcpy(bytes + 108, file, sizeof file);
    memcpy(bytes + 240, options, sizeof options);
    check(service_dhcp_header_read(bytes, 244, &read));
    check_equal(read.type, DHCP_DISCOVER);
    check_equal(read.requested, 0x0a000009);
}

/* First what stands in the options field, then in file, then in sname: the last word counts. */
static void options_are_read_in_their_order(void)
{
    static const uint8_t options[] = {52, 1, 3, 53, 1, 1, 50, 4, 10, 0, 0, 1, 255},
                         file[] = {50, 4, 10, 0, 0, 2, 255}, sname[] = {50, 4, 10, 0, 0, 3, 255};
    struct service_dhcp_message m = from(9, DHCP_DISCOVER), read;
    uint8_t bytes[SERVICE_DHCP_BYTES];

    (void)service_dhcp_header_write(&m, bytes);
    memcpy(bytes + 240, options, sizeof options);
    memcpy(bytes + 108, file, sizeof file);
    memcpy(bytes + 44, sname, sizeof sname);
    check(service_dhcp_header_read(bytes, 240 + sizeof options, &read));
    check_equal(read.requested, 0x0a000003);
    bytes[242] = 1; /* of file alone */
    check(service_dhcp_header_read(bytes, 240 + sizeof options, &read));
    check_equal(read.requested, 0x0a000002);
    memset(bytes + 108, 0, 128);
    bytes[108 + 126] = 50; /* an option that is not whole in its field */
    bytes[108 + 127] = 4;
    check(!service_dhcp_header_read(bytes, 240 + sizeof options, &read));
}

static void reserved_flags_are_zero_and_ignored(void)
{
    struct service_dhcp_message m = from(9, DHCP_DISCOVER), read;
    uint8_t bytes[SERVICE_DHCP_BYTES];

    for (int broadcast = 0; broadcast < 2; broadcast++) {
        size_t length;

        m.is_broadcast = broadcast;
        length = service_dhcp_header_write(&m, bytes);
        check_equal(bytes[10] << 8 | bytes[11], broadcast << 15);
        bytes[10] |= 0x7f;
        bytes[11] = 0xff;
        check(service_dhcp_header_read(bytes, length, &read));
        check_equal(read.is_broadcast, broadcast);
    }
}

/* RFC 2131 4.3.1, table 3: what MUST be there once, and what MUST NOT. */
static void replies_have_what_table_3_says(void)
{
    static const struct {
        enum service_dhcp_type asked, type;
        uint8_t lease, server; /* how often */
    } rows[] = {{DHCP_DISCOVER, DHCP_OFFER, 1, 1},
                {DHCP_REQUEST, DHCP_ACK, 1, 1},
                {DHCP_REQUEST, DHCP_NAK, 0, 1},
                {DHCP_INFORM, DHCP_ACK, 0, 1}};
    static const uint8_t never[] = {50, 55, 57, 61};

    begin(3);
    bind_one(2, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct service_dhcp_message m = from(1, rows[i].asked);

        m.asks_parameters = true;
        m.id_length = 3;
        memcpy(m.id, "abc", 3);
        if (rows[i].asked == DHCP_REQUEST)
            m.requested = rows[i].type == DHCP_ACK ? FIRST + 1 : FIRST;
        if (rows[i].asked == DHCP_REQUEST)
            m.server_id = OWN;
        if (rows[i].asked == DHCP_INFORM)
            m.client = 0x0a000009;
        check(answer(&m, 1));
        check_equal(reply.type, rows[i].type);
        check_equal(option_count(&reply, 53), 1);
        check_equal(option_count(&reply, 51), rows[i].lease);
        check_equal(option_count(&reply, 58), rows[i].lease);
        check_equal(option_count(&reply, 54), rows[i].server);
        for (size_t k = 0; k < sizeof never; k++)
            check_equal(option_count(&reply, never[k]), 0);
        for (unsigned k = 1; k < 255; k++)
            check(option_count(&reply, (uint8_t)k) <= 1);
        check_equal(reply.your != 0, rows[i].lease);
        check_equal(reply.xid, m.xid);
        check(memcmp(reply.hardware, m.hardware, sizeof m.hardware) == 0);
        check_equal(option_count(&reply, 1), rows[i].type != DHCP_NAK);
        check_equal(option_count(&reply, 26), 0); /* an MTU that nobody gave is not there */
    }
    service_lease_close(&leases);
}

/* By the identifier if there is one, whatever the station; else by the station. */
static void a_client_is_who_it_says(void)
{
    struct service_dhcp_message m = from(1, DHCP_DISCOVER);
    uint32_t first;

    begin(5);
    m.id_length = 3;
    memcpy(m.id, "abc", 3);
    check(answer(&m, 0));
    first = reply.your;
    m = from(2, DHCP_DISCOVER); /* another card of the same client */
    m.id_length = 3;
    memcpy(m.id, "abc", 3);
    check(answer(&m, 0));
    check_equal(reply.your, first);
    m = from(1, DHCP_DISCOVER); /* the first card without a name is somebody else */
    check(answer(&m, 0));
    check(reply.your != first);
    first = reply.your;
    check(answer(&m, 0));
    check_equal(reply.your, first);
    service_lease_close(&leases);
}

static void addresses_are_given_in_order_and_kept(void)
{
    begin(3);
    check_equal(bind_one(1, 0), FIRST);
    check_equal(reply.mask, MASK);
    check_equal(reply.router[0], OWN);
    check_equal(reply.lease, LEASE);
    check_equal(reply.renewal, LEASE / 2);
    check_equal(reply.rebinding, LEASE * 7 / 8);
    check_equal(bind_one(2, 0), FIRST + 1);
    check_equal(bind_one(1, 100), FIRST); /* whose it is gets it again */
    check_equal(bind_one(3, 100), FIRST + 2);
    check_equal(service_lease_bound(&leases, 100 * SECOND), 3);
    service_lease_close(&leases);
}

static void there_is_no_more_than_there_is(void)
{
    struct service_dhcp_message m = from(3, DHCP_DISCOVER);

    begin(2);
    bind_one(1, 0);
    bind_one(2, 0);
    check(!answer(&m, 1));
    check(!answer(&m, LEASE - 1));
    check(answer(&m, LEASE)); /* what has ended is free, longest nobody's first */
    check_equal(reply.your, FIRST);
    service_lease_close(&leases);
}

static void what_is_asked_for_is_given_if_it_is_free(void)
{
    struct service_dhcp_message m = from(1, DHCP_DISCOVER);

    begin(10);
    m.requested = FIRST + 5;
    check(answer(&m, 0));
    check_equal(reply.your, FIRST + 5);
    m = from(2, DHCP_DISCOVER);
    m.requested = FIRST + 5;
    check(answer(&m, 0));
    check_equal(reply.your, FIRST);
    m = from(3, DHCP_DISCOVER);
    m.requested = OWN; /* the server's own never */
    check(answer(&m, 0));
    check_equal(reply.your, FIRST + 1);
    service_lease_close(&leases);
}

static void requests_are_judged_by_their_state(void)
{
    begin(10);
    bind_one(1, 0);
    /* RENEWING, REBINDING */
    check(request(1, 0, 0, FIRST, 10));
    check_equal(reply.type, DHCP_ACK);
    check(request(1, 0, 0, FIRST + 1, 10));
    check_equal(reply.type, DHCP_NAK);
    check(reply.is_broadcast);
    /* INIT-REBOOT */
    check(request(1, FIRST, 0, 0, 10));
    check_equal(reply.type, DHCP_ACK);
    check(request(1, 0xc0a80005, 0, 0, 10)); /* the wrong network */
    check_equal(reply.type, DHCP_NAK);
    check(!request(7, FIRST + 3, 0, 0, 10)); /* nobody here knows it: silent */
    /* SELECTING, for another server: the offer is free again */
    {
        struct service_dhcp_message m = from(5, DHCP_DISCOVER);

        check(answer(&m, 20));
        check_equal(reply.your, FIRST + 1);
        check(!request(5, FIRST + 1, OWN + 9, 0, 20));
        m = from(6, DHCP_DISCOVER);
        check(answer(&m, 20));
        m = from(8, DHCP_DISCOVER);
        m.requested = FIRST + 1;
        check(answer(&m, 20));
        check_equal(reply.your, FIRST + 1);
    }
    check(request(9, FIRST, OWN, 0, 30)); /* somebody else's */
    check_equal(reply.type, DHCP_NAK);
    service_lease_close(&leases);
}

static void released_and_declined(void)
{
    struct service_dhcp_message m;

    begin(2);
    bind_one(1, 0);
    m = from(2, DHCP_RELEASE);
    m.client = FIRST; /* it is another's */
    check(!answer(&m, 1));
    check_equal(service_lease_bound(&leases, SECOND), 1);
    m = from(1, DHCP_RELEASE);
    m.client = FIRST;
    check(!answer(&m, 1));
    check_equal(service_lease_bound(&leases, SECOND), 0);
    check_equal(bind_one(2, 2),
                FIRST + 1); /* one that is nobody's before one that was somebody's */
    check_equal(bind_one(1, 2), FIRST);
    m = from(1, DHCP_DECLINE);
    m.requested = FIRST;
    m.server_id = OWN;
    check(!answer(&m, 3));
    m = from(1, DHCP_DISCOVER);
    check(!answer(&m, 4)); /* the other one is another's, and that one is nobody's for an hour */
    check(request(2, 0, 0, FIRST + 1, 500));
    check(answer(&m, 3 + 3600));
    service_lease_close(&leases);
}

/* The hour in which nobody gets a declined address ends while its client has another one. */
static void who_declined_keeps_its_other_address(void)
{
    struct service_dhcp_message m;

    begin(4);
    check_equal(bind_one(1, 0), FIRST);
    m = from(1, DHCP_DECLINE);
    m.requested = FIRST;
    m.server_id = OWN;
    check(!answer(&m, 1));
    check_equal(bind_one(1, 10), FIRST + 1);
    for (int64_t now = 300; now < 3 * 3600; now += 300) {
        check(request(1, 0, 0, FIRST + 1, now));
        check_equal(reply.type, DHCP_ACK);
    }
    m = from(1, DHCP_DISCOVER);
    check(answer(&m, 3 * 3600) && reply.your == FIRST + 1);
    service_lease_close(&leases);
}

static void who_is_behind_a_relay_of_another_network_gets_nothing(void)
{
    struct service_dhcp_message m = from(1, DHCP_DISCOVER);

    begin(2);
    m.relay = OWN + 0x100;
    check(!answer(&m, 0));
    m.relay = OWN + 7;
    check(answer(&m, 0) && reply.relay == OWN + 7);
    service_lease_close(&leases);
}

static void inform_gets_parameters_and_no_lease(void)
{
    struct service_dhcp_message m = from(1, DHCP_INFORM);

    begin(2);
    m.client = 0x0a000009;
    check(answer(&m, 0));
    check_equal(reply.type, DHCP_ACK);
    check_equal(reply.your, 0);
    check_equal(reply.lease, 0);
    check_equal(reply.router[0], OWN);
    m.type = DHCP_OFFER;
    check(!answer(&m, 0));
    m.type = DHCP_DISCOVER;
    m.is_reply = true;
    check(!answer(&m, 0));
    service_lease_close(&leases);
}

static const struct test tests[] = {
    {"RFC 2132 3.14: a long name of a host is cut, not refused", a_long_name_is_cut},
    {"what is written is read, and what is cut off is not", what_is_written_is_read},
    {"RFC 2132 2: malformed options are refused", malformed_options_are_refused},
    {"RFC 2132 9.3: options go on in file and sname", options_go_on_in_file_and_sname},
    {"RFC 2131 4.1-7 to 9: options are read in their order", options_are_read_in_their_order},
    {"RFC 2131 2-3: reserved flags are zero, and ignored", reserved_flags_are_zero_and_ignored},
    {"RFC 2131 4.3.1-1, 4.3.1-6 to 8: replies have what table 3 says",
     replies_have_what_table_3_says},
    {"RFC 2131 4.2-1 to 2: a client is who it says, or its station", a_client_is_who_it_says},
    {"RFC 2131 4.3.1: addresses are given in order and kept for whose they are",
     addresses_are_given_in_order_and_kept},
    {"there is no more than there is, and what has ended is given again",
     there_is_no_more_than_there_is},
    {"RFC 2131 4.3.1: what is asked for is given if it is free",
     what_is_asked_for_is_given_if_it_is_free},
    {"RFC 2131 4.3.2: a REQUEST is judged by its state", requests_are_judged_by_their_state},
    {"RFC 2131 4.3.3, 4.3.4: released and declined", released_and_declined},
    {"who declined an address keeps its other one", who_declined_keeps_its_other_address},
    {"RFC 2131 4.3.1: who is behind a relay of another network gets nothing",
     who_is_behind_a_relay_of_another_network_gets_nothing},
    {"RFC 2131 4.3.5: INFORM gets parameters and no lease", inform_gets_parameters_and_no_lease},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
