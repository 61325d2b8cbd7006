/* SPDX-License-Identifier: MIT */
/* Stateless DHCPv6, both sides without a network. RFC 8415. */
#include "7-application/service_inform_socket.h"

#include <arpa/inet.h>
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

/* ---- the server's socket ---- */

static struct sockaddr_in6 bound;

static int fake_socket(struct sockeye *lab, int host, int domain, int type, int protocol)
{
    (void)lab, (void)host, (void)domain, (void)type, (void)protocol;
    return 3;
}

static int fake_set_option(struct sockeye *lab, int host, int fd, int level, int name,
                           const void *value, uint32_t length)
{
    (void)lab, (void)host, (void)fd, (void)level, (void)name, (void)value, (void)length;
    return 0;
}

static int fake_bind(struct sockeye *lab, int host, int fd, const void *address, uint32_t length)
{
    (void)lab, (void)host, (void)fd;
    check_equal(length, sizeof bound);
    memcpy(&bound, address, sizeof bound);
    return 0;
}

static int fake_close(struct sockeye *lab, int host, int fd)
{
    (void)lab, (void)host, (void)fd;
    return 0;
}

static nanoseconds fake_now(const struct sockeye *lab)
{
    (void)lab;
    return 0;
}

static int fake_hardware(const struct sockeye *lab, int host, int interface, uint8_t mac[6])
{
    (void)lab, (void)host, (void)interface;
    memcpy(mac, hardware, 6);
    return 0;
}

static void a_server_hears_what_is_sent_to_all_servers_alone(void)
{
    static const struct service_calls calls = {.now = fake_now,
                                               .socket = fake_socket,
                                               .set_option = fake_set_option,
                                               .bind = fake_bind,
                                               .close = fake_close,
                                               .hardware = fake_hardware};
    struct service_plan server_plan = {
        .kind = SERVICE_INFORM_SERVER, .interface = 1, .interface_name = "eth0", .inform = &plan};
    struct in6_addr all;
    struct service_set *set;

    check_equal(inet_pton(AF_INET6, "ff02::1:2", &all), 1);
    check_equal(service_set_open(NULL, &calls, 1, &set), 0);
    check_equal(service_set_add(set, &server_plan), 0);
    service_set_start(set, 0);
    check(memcmp(&bound.sin6_addr, &all, sizeof all) == 0);
    check_equal(ntohs(bound.sin6_port), SERVICE_DHCP6_SERVER_PORT);
    check_equal(bound.sin6_scope_id, 2);
    service_set_close(set);
}

static const struct test tests[] = {
    {"RFC 4861 4.2: nothing is asked before a router says so",
     nothing_is_asked_before_a_router_says_so},
    {"RFC 8415 15: it is asked again ever more seldom", it_is_asked_again_ever_more_seldom},
    {"RFC 8415 18.3.6: a server answers what is asked", a_server_answers_what_is_asked},
    {"RFC 8415 16: what is not for them changes nothing", what_is_not_for_them_changes_nothing},
    {"RFC 8415 16: a server hears what is sent to all servers alone",
     a_server_hears_what_is_sent_to_all_servers_alone},
    {"what is written is read", what_is_written_is_read},
    {"malformed options are refused and odd domains passed over",
     malformed_options_are_refused_and_odd_domains_passed_over},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
