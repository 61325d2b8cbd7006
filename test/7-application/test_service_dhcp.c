/* SPDX-License-Identifier: MIT */
/* DHCP: the codec, the server's memory and the client's machine as values. RFC 2131. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "7-application/service_parts.h"
#include "check.h"

enum { OWN = 0x0a000001, FIRST = 0x0a000064, LEASE = 600 };
#define MASK 0xffffff00U

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

/* ---- the client ---- */

static struct service_tenant tenant;
static struct service_tenant_step did;
static int64_t at;
static bool probes;

static void tenant_begin(void)
{
    static const uint8_t hardware[] = {2, 0, 0, 0, 0, 1};

    at = 0;
    service_tenant_init(&tenant, hardware, "pc", probes, (struct siphash_key){1, 2}, 0);
}

static void due(void)
{
    at = tenant.deadline;
    service_tenant_due(&tenant, at, &did);
}

/* The server's answer to what was sent. */
static void served(enum service_dhcp_type type, uint32_t lease)
{
    struct service_dhcp_message m = did.message;

    m.is_reply = true;
    m.type = type;
    m.your = FIRST;
    m.server_id = OWN;
    m.mask = MASK;
    m.lease = lease;
    service_tenant_came(&tenant, &m, at, &did);
}

static void tenant_bound(uint32_t lease)
{
    tenant_begin();
    due();
    check_equal(did.message.type, DHCP_DISCOVER);
    served(DHCP_OFFER, lease);
    check_equal(did.message.type, DHCP_REQUEST);
    check_equal(did.message.requested, FIRST);
    check_equal(did.message.server_id, OWN);
    check_equal(did.message.client, 0);
    check_equal(did.send, TENANT_SEND_ALL);
    served(DHCP_ACK, lease);
    check(did.configure && !did.withdraw);
    check(service_tenant_has_address(&tenant));
}

static void discover_backs_off(void)
{
    int64_t before = 0, wait;

    tenant_begin();
    due();
    for (int i = 0; i < 8; i++) {
        int64_t want = (INT64_C(4) << (i < 4 ? i : 4)) * SECOND;

        before = at;
        due();
        check_equal(did.message.type, DHCP_DISCOVER);
        check_equal(did.send, TENANT_SEND_ALL);
        wait = at - before;
        check(wait >= want - SECOND && wait <= want + SECOND);
    }
}

static void a_request_is_sent_four_times(void)
{
    tenant_begin();
    due();
    served(DHCP_OFFER, 600);
    for (int i = 0; i < 3; i++) {
        due();
        check_equal(did.message.type, DHCP_REQUEST);
    }
    due();
    check_equal(did.message.type, DHCP_DISCOVER);
}

static void tenant_bound_but_for_probes(void)
{
    tenant_begin();
    due();
    served(DHCP_OFFER, 600);
    served(DHCP_ACK, 600);
}

/* RFC 5227 2.1.1, 1.1: three probes, and silence for two seconds. */
static void an_address_is_probed(void)
{
    int64_t acknowledged, before;

    probes = true;
    tenant_bound_but_for_probes();
    check(!did.configure && !did.withdraw && !service_tenant_has_address(&tenant));
    acknowledged = at;
    for (int i = 0; i < 3; i++) {
        before = at;
        due();
        check(did.probe && !did.configure);
        check(i == 0 ? at - before < SECOND : at - before >= SECOND && at - before < 2 * SECOND);
    }
    before = at;
    due();
    check(did.configure && !did.probe && at - before == 2 * SECOND);
    check(service_tenant_has_address(&tenant));
    check_equal(tenant.deadline, acknowledged + 300 * SECOND); /* half of the lease */
    due();
    served(DHCP_ACK, 600);
    check(!did.configure && service_tenant_has_address(&tenant)); /* a renewal is not probed */
    probes = false;
}

/* RFC 2131 4.4.1, table 5; 3.1: ten seconds at least. */
static void a_taken_address_is_declined(void)
{
    int64_t declined;
    uint32_t xid;

    probes = true;
    tenant_bound_but_for_probes();
    xid = tenant.xid;
    due();
    check(did.probe);
    service_tenant_conflict(&tenant, at, &did);
    check_equal(did.message.type, DHCP_DECLINE);
    check_equal(did.send, TENANT_SEND_ALL);
    check_equal(did.message.requested, FIRST);
    check_equal(did.message.server_id, OWN);
    check(did.message.client == 0 && did.message.secs == 0 && !did.message.asks_parameters);
    check(did.message.host[0] == '\0' && did.message.xid != xid && !did.configure);
    declined = at;
    due();
    check_equal(did.message.type, DHCP_DISCOVER);
    check(at - declined >= 10 * SECOND);
    service_tenant_conflict(&tenant, at, &did); /* nothing is probed now */
    check(did.send == TENANT_SEND_NOTHING);
    probes = false;
}

static void a_lease_is_renewed(void)
{
    int64_t bound_at;

    tenant_bound(600);
    bound_at = at;
    due();
    check_equal(at, bound_at + 300 * SECOND);
    check_equal(did.send, TENANT_SEND_SERVER);
    check_equal(did.message.client, FIRST);
    check(did.message.requested == 0 && did.message.server_id == 0);
    served(DHCP_ACK, 600);
    check(!did.configure && !did.withdraw); /* it has that already */
    check_equal(tenant.deadline, at + 300 * SECOND);
}

static void a_lease_is_rebound_and_ends(void)
{
    int64_t bound_at;
    int renewing = 0, rebinding = 0;

    tenant_bound(6000);
    bound_at = at;
    for (int i = 0; i < 50; i++) {
        due();
        if (did.withdraw)
            break;
        check_equal(did.message.type, DHCP_REQUEST);
        renewing += did.send == TENANT_SEND_SERVER;
        rebinding += did.send == TENANT_SEND_ALL;
    }
    check_equal(at, bound_at + 6000 * SECOND);
    check_equal(did.message.type, DHCP_DISCOVER);
    check(renewing >= 3 && rebinding >= 2);
    check(!service_tenant_has_address(&tenant));
}

static void a_refusal_takes_the_address_away(void)
{
    tenant_bound(600);
    due();
    served(DHCP_NAK, 0);
    check(did.withdraw);
    check_equal(did.message.type, DHCP_DISCOVER);
}

static void what_is_not_for_it_changes_nothing(void)
{
    struct service_dhcp_message m;

    tenant_begin();
    due();
    m = did.message;
    m.is_reply = true;
    m.type = DHCP_OFFER;
    m.your = FIRST;
    m.server_id = OWN;
    m.xid++;
    service_tenant_came(&tenant, &m, at, &did);
    check_equal(tenant.state, TENANT_INIT);
    m.xid--;
    m.hardware[5]++;
    service_tenant_came(&tenant, &m, at, &did);
    check_equal(tenant.state, TENANT_INIT);
    m.hardware[5]--;
    m.your = 0x7f000001; /* no address of a station */
    service_tenant_came(&tenant, &m, at, &did);
    check_equal(tenant.state, TENANT_INIT);
    m.your = FIRST;
    m.type = DHCP_ACK; /* nobody asked */
    service_tenant_came(&tenant, &m, at, &did);
    check_equal(tenant.state, TENANT_INIT);
}

static const struct test tests[] = {
    {"RFC 2132 3.14: a long name of a host is cut, not refused", a_long_name_is_cut},
    {"what is written is read, and what is cut off is not", what_is_written_is_read},
    {"RFC 2132 2: malformed options are refused", malformed_options_are_refused},
    {"RFC 2132 9.3: options go on in file and sname", options_go_on_in_file_and_sname},
    {"RFC 2131 4.3.1: addresses are given in order and kept for whose they are",
     addresses_are_given_in_order_and_kept},
    {"there is no more than there is, and what has ended is given again",
     there_is_no_more_than_there_is},
    {"RFC 2131 4.3.1: what is asked for is given if it is free",
     what_is_asked_for_is_given_if_it_is_free},
    {"RFC 2131 4.3.2: a REQUEST is judged by its state", requests_are_judged_by_their_state},
    {"RFC 2131 4.3.3, 4.3.4: released and declined", released_and_declined},
    {"RFC 2131 4.3.5: INFORM gets parameters and no lease", inform_gets_parameters_and_no_lease},
    {"RFC 2131 4.1: a client backs off at random", discover_backs_off},
    {"RFC 2131 4.4.1: a REQUEST is sent four times", a_request_is_sent_four_times},
    {"RFC 5227 2.1.1: an address is probed before it is used", an_address_is_probed},
    {"RFC 2131 4.4.1: an address that somebody has is declined", a_taken_address_is_declined},
    {"RFC 2131 4.4.5: a lease is renewed after its half", a_lease_is_renewed},
    {"RFC 2131 4.4.5: a lease is rebound, and ends", a_lease_is_rebound_and_ends},
    {"a refusal takes the address away", a_refusal_takes_the_address_away},
    {"what is not for a client changes nothing", what_is_not_for_it_changes_nothing},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
