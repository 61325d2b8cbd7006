/* SPDX-License-Identifier: MIT */
/* Stateless DHCPv6, both sides without a network. RFC 8415. */
#include "7-application/service_inform.h"

#include <string.h>

#include "base/bytes.h"
#include "check.h"

static const struct address server = {UINT64_C(0xfd00000100000000), 0x53};
static const struct service_inform_plan plan = {
    .name_server = {{UINT64_C(0xfd00000100000000), 0x53}},
    .name_servers = 1,
    .domain = {"lab.example", "example"},
    .domains = 2};
static const uint8_t hardware[6] = {2, 0, 0, 0, 0, 9};
static struct service_inform client;
static struct service_dhcp6_message sent, reply;
static struct service_dhcp6_id own;
static nanoseconds now;

static void begin(void)
{
    static const uint8_t other[6] = {2, 0, 0, 0, 0, 1};

    now = 0;
    service_dhcp6_id_of(other, &own);
    service_inform_init(&client, hardware, (struct siphash_key){1, 2});
}

static bool due(void)
{
    now = client.deadline;
    return service_inform_due(&client, now, &sent);
}

static void asked(void)
{
    begin();
    service_inform_wanted(&client, 0);
    check(due());
}

static void nothing_is_asked_before_a_router_says_so(void)
{
    begin();
    check(client.deadline == NEVER && !service_inform_due(&client, 1000 * SECOND, &sent));
    service_inform_wanted(&client, 1000 * SECOND);
    check(client.deadline >= 1000 * SECOND && client.deadline < 1001 * SECOND);
    check(due());
    check(sent.type == DHCP6_INFORMATION_REQUEST && sent.asks && sent.has_elapsed);
    check(sent.elapsed == 0 && sent.client.length == 10 && sent.server.length == 0);
}

/* RFC 8415 15: twice the last one, a tenth more or less, an hour at most. */
static void it_is_asked_again_ever_more_seldom(void)
{
    nanoseconds last, wait = 0;

    asked();
    for (int i = 0; i < 20; i++) {
        nanoseconds before = wait;

        last = now;
        check(due());
        wait = now - last;
        if (i == 0)
            check(wait >= 900 * MILLISECOND && wait <= 1100 * MILLISECOND);
        else if (2 * before + before / 10 < 3600 * SECOND)
            check(wait >= 2 * before - before / 10 && wait <= 2 * before + before / 10);
        else
            check(wait >= 3240 * SECOND - before / 10 && wait <= 3960 * SECOND);
        check(sent.elapsed > 0);
    }
    check_equal(sent.elapsed, UINT16_MAX);
}

static void a_server_answers_what_is_asked(void)
{
    asked();
    check(service_inform_answer(&plan, &own, &sent, &reply));
    check(reply.type == DHCP6_REPLY && reply.xid == sent.xid && reply.name_servers == 1);
    check(memcmp(&reply.client, &sent.client, sizeof sent.client) == 0);
    check(memcmp(&reply.server, &own, sizeof own) == 0);
    service_inform_came(&client, &reply, now);
    check(client.state == INFORM_INFORMED && client.is_informed && client.since == now);
    check(address_equal(client.told.name_server[0], server));
    check(strcmp(client.told.domain[1], "example") == 0);
    check_equal(client.deadline - now, 86400 * SECOND);
    check(!due() && client.state == INFORM_ASKING && client.is_informed);
    check(due());
    reply.xid = sent.xid;
    reply.refresh = 5; /* RFC 8415 21.23: not so often */
    service_inform_came(&client, &reply, now);
    check_equal(client.deadline - now, 600 * SECOND);
    check(!due() && due());
    reply.xid = sent.xid;
    reply.refresh = UINT32_MAX;
    service_inform_came(&client, &reply, now);
    check(client.deadline == NEVER);
}

/* RFC 8415 16.10, 16.12. */
static void what_is_not_for_them_changes_nothing(void)
{
    struct service_dhcp6_message good, m;

    asked();
    check(service_inform_answer(&plan, &own, &sent, &good));
    m = good;
    m.xid ^= 1;
    service_inform_came(&client, &m, now);
    m = good;
    m.server.length = 0;
    service_inform_came(&client, &m, now);
    m = good;
    m.client.bytes[9] ^= 1;
    service_inform_came(&client, &m, now);
    m = good;
    m.type = 2;
    service_inform_came(&client, &m, now);
    check(client.state == INFORM_ASKING && !client.is_informed);
    m = sent;
    m.server = own;
    check(service_inform_answer(&plan, &own, &m, &reply));
    m.server.bytes[9] ^= 1;
    check(!service_inform_answer(&plan, &own, &m, &reply));
    m = sent;
    m.has_association = true;
    check(!service_inform_answer(&plan, &own, &m, &reply));
    m = sent;
    m.type = 1;
    check(!service_inform_answer(&plan, &own, &m, &reply));
}

static void what_is_written_is_read(void)
{
    uint8_t bytes[SERVICE_DHCP6_BYTES];
    struct service_dhcp6_message read;
    size_t length;

    asked();
    check(service_inform_answer(&plan, &own, &sent, &reply));
    for (int i = 0; i < 2; i++) {
        const struct service_dhcp6_message *m = i ? &reply : &sent;

        length = service_dhcp6_header_write(m, bytes);
        check(service_dhcp6_header_read(bytes, length, &read));
        check(memcmp(&read, m, sizeof read) == 0);
        /* cut off it is read only where an option ends */
        for (size_t cut = 0; cut < 4; cut++)
            check(!service_dhcp6_header_read(bytes, cut, &read));
        check(!service_dhcp6_header_read(bytes, length - 1, &read));
    }
}

static void malformed_options_are_refused_and_odd_domains_passed_over(void)
{
    static const struct {
        uint8_t length, bytes[28];
        bool good;
        uint8_t domains, servers;
    } rows[] = {
        {4, {0, 24, 0, 0}, true, 0, 0},
        {8, {0, 24, 0, 4, 2, 'a', 'b', 0}, true, 1, 0},
        {7, {0, 24, 0, 3, 2, 'a', 'b'}, false, 0, 0},    /* without its end */
        {8, {0, 24, 0, 4, 3, 'a', 'b', 0}, false, 0, 0}, /* a label cut off */
        {8, {0, 24, 0, 4, 0xc0, 0, 0, 0}, false, 0, 0},  /* compressed */
        {8, {0, 24, 0, 4, 2, 'a', '\n', 0}, true, 0, 0}, /* no line of its own */
        {8, {0, 24, 0, 4, 2, 'a', 0, 0}, true, 0, 0},
        {9, {0, 24, 0, 5, 2, 'a', 'b', 0, 0}, true, 1, 0},
        {20, {0, 23, 0, 16, 0xfd, [19] = 1}, true, 0, 1},
        {20, {0, 23, 0, 16, 0xff, 2, [19] = 1}, true, 0, 0}, /* a group */
        {19, {0, 23, 0, 15, 0xfd}, false, 0, 0},
        {5, {0, 24, 0, 2, 1}, false, 0, 0},
        {6, {0, 1, 0, 2, 0, 3}, false, 0, 0}, /* a DUID of a type alone */
        {7, {0, 32, 0, 3, 0, 0, 1}, false, 0, 0},
        {8, {0xff, 0xff, 0, 4, 1, 2, 3, 4}, true, 0, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t all[32] = {DHCP6_REPLY, 1, 2, 3};
        struct service_dhcp6_message m;

        memcpy(all + 4, rows[i].bytes, rows[i].length);
        if (service_dhcp6_header_read(all, 4U + rows[i].length, &m) != rows[i].good ||
            (rows[i].good && (m.domains != rows[i].domains || m.name_servers != rows[i].servers)))
            test_fail(__FILE__, __LINE__, "row %zu", i);
    }
    check(service_dhcp6_is_domain("a.b-1.example") && !service_dhcp6_is_domain(""));
    check(!service_dhcp6_is_domain("a..b") && !service_dhcp6_is_domain("a.") &&
          !service_dhcp6_is_domain(".a") && !service_dhcp6_is_domain("a b"));
}

static const struct test tests[] = {
    {"RFC 4861 4.2: nothing is asked before a router says so",
     nothing_is_asked_before_a_router_says_so},
    {"RFC 8415 15: it is asked again ever more seldom", it_is_asked_again_ever_more_seldom},
    {"RFC 8415 18.3.6: a server answers what is asked", a_server_answers_what_is_asked},
    {"RFC 8415 16: what is not for them changes nothing", what_is_not_for_them_changes_nothing},
    {"what is written is read", what_is_written_is_read},
    {"malformed options are refused and odd domains passed over",
     malformed_options_are_refused_and_odd_domains_passed_over},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
