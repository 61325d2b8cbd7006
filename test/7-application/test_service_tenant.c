/* SPDX-License-Identifier: MIT */
/* DHCP: the client's machine as a value. RFC 2131. */
#include "7-application/dhcp_bed.h"

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

/* Neither two clients nor two beginnings of one are likely to say the same. */
static void each_beginning_has_an_xid_of_its_own(void)
{
    static const uint8_t hardware[] = {2, 0, 0, 0, 0, 1};
    enum { CLIENTS = 8, BEGINNINGS = 4 };
    uint32_t xids[CLIENTS * BEGINNINGS];

    for (uint32_t i = 0; i < CLIENTS * BEGINNINGS; i++) {
        if (i % BEGINNINGS == 0)
            service_tenant_init(&tenant, hardware, "pc", false,
                                (struct siphash_key){1, i / BEGINNINGS}, 0);
        due();
        check_equal(did.message.type, DHCP_DISCOVER);
        xids[i] = did.message.xid;
        due();
        check_equal(did.message.xid, xids[i]); /* asked again it is the same question */
        for (uint32_t k = 0; k < i; k++)
            check(xids[k] != xids[i]);
        served(DHCP_OFFER, 600);
        served(DHCP_NAK, 0);
    }
}

/* The OFFER comes late, and the REQUEST is sent again: a relay sees the same seconds. */
static void a_request_says_the_seconds_of_its_discover(void)
{
    uint16_t secs;

    tenant_begin();
    for (int i = 0; i < 3; i++)
        due();
    secs = did.message.secs;
    check(secs > 0);
    at += 3 * SECOND;
    served(DHCP_OFFER, 600);
    check_equal(did.message.type, DHCP_REQUEST);
    check_equal(did.message.secs, secs);
    check_equal(did.send, TENANT_SEND_ALL);
    due();
    check_equal(did.message.type, DHCP_REQUEST);
    check_equal(did.message.secs, secs);
    check_equal(did.send, TENANT_SEND_ALL);
}

/* The server's times, in seconds; 0: not said. */
static void t1_is_before_t2_and_t2_before_the_end(void)
{
    static const uint32_t rows[][5] = {
        /* lease, renewal, rebinding: T1, T2 */
        {800, 0, 0, 400, 700},     {800, 100, 200, 100, 200},   {800, 0, 200, 100, 200},
        {800, 900, 0, 400, 700},   {800, 700, 600, 400, 600},   {800, 100, 900, 100, 700},
        {800, 800, 800, 400, 700}, {800, 5000, 9000, 400, 700},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct service_dhcp_message m;

        tenant_begin();
        due();
        served(DHCP_OFFER, 800);
        m = did.message;
        m.is_reply = true;
        m.type = DHCP_ACK;
        m.your = FIRST;
        m.lease = rows[i][0];
        m.renewal = rows[i][1];
        m.rebinding = rows[i][2];
        service_tenant_came(&tenant, &m, at, &did);
        check_equal(tenant.renew_at - at, rows[i][3] * SECOND);
        check_equal(tenant.rebind_at - at, rows[i][4] * SECOND);
        check(tenant.renew_at < tenant.rebind_at && tenant.rebind_at < tenant.ends_at);
        check_equal(tenant.lease.server_id, OWN);
    }
}

/* An ACK without a name: the renewal goes to who made the offer. */
static void a_renewal_goes_to_the_server_of_the_offer(void)
{
    struct service_dhcp_message m;

    tenant_begin();
    due();
    served(DHCP_OFFER, 600);
    m = did.message;
    m.is_reply = true;
    m.type = DHCP_ACK;
    m.your = FIRST;
    m.server_id = 0;
    m.lease = 600;
    service_tenant_came(&tenant, &m, at, &did);
    due();
    check_equal(did.send, TENANT_SEND_SERVER);
    check_equal(tenant.lease.server_id, OWN);
}

/* RFC 2131 4.3.6, table 4, and 4.4.1, table 5: as it goes to the wire. */
static void a_client_says_what_its_state_demands(void)
{
    static const uint8_t hardware[] = {2, 0, 0, 0, 0, 1};
    const struct {
        enum service_tenant_state state;
        uint8_t server, requested; /* how often */
        uint32_t client;
    } rows[] = {{TENANT_INIT, 0, 0, 0},
                {TENANT_REQUESTING, 1, 1, 0},
                {TENANT_RENEWING, 0, 0, FIRST},
                {TENANT_REBINDING, 0, 0, FIRST}};

    tenant_begin();
    due();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].state == TENANT_REQUESTING)
            served(DHCP_OFFER, 600);
        if (rows[i].state == TENANT_RENEWING)
            served(DHCP_ACK, 600);
        while (tenant.state != rows[i].state)
            due();
        check_equal(tenant.state, rows[i].state);
        check_equal(option_count(&did.message, 54), rows[i].server);
        check_equal(option_count(&did.message, 50), rows[i].requested);
        check_equal(option_count(&did.message, 53), 1);
        check_equal(option_count(&did.message, 55), 1); /* the list, in each of them */
        check_equal(did.message.client, rows[i].client);
        check(memcmp(did.message.hardware, hardware, sizeof hardware) == 0);
        check_equal(did.send,
                    rows[i].state == TENANT_RENEWING ? TENANT_SEND_SERVER : TENANT_SEND_ALL);
    }
}

static void another_address_takes_the_place_of_the_old(void)
{
    struct service_dhcp_message m;

    tenant_bound(600);
    due();
    m = did.message;
    m.is_reply = true;
    m.type = DHCP_ACK;
    m.your = FIRST + 7;
    m.server_id = OWN;
    m.lease = 600;
    service_tenant_came(&tenant, &m, at, &did);
    check(did.withdraw && did.configure);
    check_equal(tenant.lease.your, FIRST + 7);
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
    {"RFC 2131 4.1: a client backs off at random", discover_backs_off},
    {"RFC 2131 4.4.1: a REQUEST is sent four times", a_request_is_sent_four_times},
    {"RFC 5227 2.1.1: an address is probed before it is used", an_address_is_probed},
    {"RFC 2131 4.4.1: an address that somebody has is declined", a_taken_address_is_declined},
    {"RFC 2131 4.1-11: each beginning has an xid of its own", each_beginning_has_an_xid_of_its_own},
    {"RFC 2131 3.1-3: a REQUEST says the seconds of its DISCOVER",
     a_request_says_the_seconds_of_its_discover},
    {"RFC 2131 4.4.5-1: T1 is before T2, and T2 before the end",
     t1_is_before_t2_and_t2_before_the_end},
    {"RFC 2131 4.1-3: a renewal goes to the server of the offer",
     a_renewal_goes_to_the_server_of_the_offer},
    {"RFC 2131 4.3.6-1, 4.4.1-1 to 3: a client says what its state demands",
     a_client_says_what_its_state_demands},
    {"RFC 2131 4.4.5-5: another address takes the place of the old",
     another_address_takes_the_place_of_the_old},
    {"RFC 2131 4.4.5: a lease is renewed after its half", a_lease_is_renewed},
    {"RFC 2131 4.4.5: a lease is rebound, and ends", a_lease_is_rebound_and_ends},
    {"a refusal takes the address away", a_refusal_takes_the_address_away},
    {"what is not for a client changes nothing", what_is_not_for_it_changes_nothing},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
