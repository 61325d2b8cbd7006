/* SPDX-License-Identifier: MIT */
/* Servers and clients of DHCP on the hosts of a lab, for hours of its time. RFC 2131. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include "7-application/service_dhcp_table.h"
#include "7-application/service_parts.h"
#include "check.h"
#include "sockeye/sockeye.h"

enum { OWN = 0x0a000001, FIRST = 0x0a000064, LEASE = 600 };
#define MASK 0xffffff00U

static bool probes;

/* Of what went out: where the last of each type went. */
static struct sockaddr_in went[DHCP_INFORM + 1];
static bool went_broadcast[DHCP_INFORM + 1]; /* its flag */

static ssize_t send_message(struct sockeye *lab, int host, int fd,
                            const struct call_message *message, int flags)
{
    struct service_dhcp_message m;

    check(service_dhcp_header_read(message->bytes, message->length, &m));
    memcpy(&went[m.type], message->address, sizeof went[0]);
    went_broadcast[m.type] = m.is_broadcast;
    const struct sockeye_message out = {.bytes = message->bytes,
                                        .length = message->length,
                                        .address = message->address,
                                        .address_length = message->address_length};

    return sockeye_send_message(lab, host, fd, &out, flags);
}

static ssize_t receive_message(struct sockeye *lab, int host, int fd, struct call_message *message,
                               int flags)
{
    struct sockeye_message in = {.bytes = message->bytes,
                                 .length = message->length,
                                 .address = message->address,
                                 .address_length = message->address_length};

    return sockeye_receive_message(lab, host, fd, &in, flags);
}

static const struct service_calls calls = {.now = sockeye_now,
                                           .socket = sockeye_socket,
                                           .close = sockeye_close_fd,
                                           .bind = sockeye_bind,
                                           .send_message = send_message,
                                           .receive_message = receive_message,
                                           .set_option = sockeye_set_option,
                                           .hardware = sockeye_hardware,
                                           .probe = sockeye_probe,
                                           .probed = sockeye_probed,
                                           .address = sockeye_address,
                                           .address_remove = sockeye_address_remove,
                                           .route = sockeye_route,
                                           .route_remove = sockeye_route_remove,
                                           .text_of_error = sockeye_strerror};

enum { CLIENTS = 5 };

static struct sockeye *lab;
static struct service_set *services;
static int server_wire, hub;

static void run(int64_t until)
{
    struct sockeye_change change;

    for (int64_t next = 0; next <= until;) {
        int64_t due_at;

        (void)service_set_on_time(services);
        while (sockeye_next_change(lab, &change))
            service_set_on_change(services, change.host, change.fd);
        due_at = service_set_on_time(services); /* of what came, too */
        next = sockeye_next_deadline(lab);
        if (due_at < next)
            next = due_at;
        if (next <= until)
            (void)sockeye_advance(lab, next);
    }
    (void)sockeye_advance(lab, until);
    check_equal(sockeye_check(lab), 0);
}

static void address_text(int host, char text[64])
{
    check(sockeye_interface_name(lab, host, 1, text, 64) != NULL);
}

static void lab_begin(void)
{
    static const struct service_lease_plan plan = {.own = OWN,
                                                   .first = FIRST,
                                                   .last = FIRST + 20,
                                                   .mask = MASK,
                                                   .router = {OWN},
                                                   .routers = 1,
                                                   .lease = LEASE};
    struct service_plan server = {.kind = SERVICE_DHCP_SERVER,
                                  .port = SERVICE_DHCP_SERVER_PORT,
                                  .datagram = true,
                                  .interface = 1,
                                  .interface_name = "eth0",
                                  .lease = &plan};
    struct service_plan client = {
        .kind = SERVICE_DHCP_CLIENT, .interface = 1, .interface_name = "eth0", .probes = probes};
    int router;

    check_equal(sockeye_open(NULL, &lab), 0);
    hub = sockeye_switch(lab, "switch", NULL);
    router = sockeye_host(lab, "router");
    server_wire = sockeye_wire(lab, "w", NULL, NULL);
    check(sockeye_interface(lab, hub, "p", server_wire, 0, NULL) >= 0);
    check_equal(sockeye_interface(lab, router, "eth0", server_wire, 1, NULL), 1);
    check_equal(sockeye_address(lab, router, 1, "10.0.0.1/24"), 0);
    check_equal(service_set_open(lab, &calls, 1, &services), 0);
    server.host = router;
    check_equal(service_set_add(services, &server), 0);
    for (int i = 0; i < CLIENTS; i++) {
        char name[] = {'c', (char)('0' + i), 0}, wire[] = {'w', (char)('0' + i), 0};
        int host = sockeye_host(lab, name), w = sockeye_wire(lab, wire, NULL, NULL);

        check(sockeye_interface(lab, hub, name, w, 0, NULL) >= 0);
        check_equal(sockeye_interface(lab, host, "eth0", w, 1, NULL), 1);
        client.host = host;
        client.host_name = i == 0 ? "first" : NULL;
        check_equal(service_set_add(services, &client), i + 1);
    }
    for (int i = 0; i <= CLIENTS; i++)
        service_set_start(services, i);
}

static void lab_end(void)
{
    struct service_status status;

    for (int i = 0; i <= CLIENTS; i++) {
        service_set_status(services, i, &status);
        if (status.state != SERVICE_RUNNING)
            test_fail(__FILE__, __LINE__, "service %d: %s", i, status.problem);
    }
    service_set_close(services);
    sockeye_close(lab);
}

static void clients_of_a_lab_get_addresses_and_keep_them(void)
{
    char text[64], all[CLIENTS][64];

    lab_begin();
    run(2 * SECOND);
    for (int i = 0; i < CLIENTS; i++) {
        address_text(2 + i, all[i]);
        check(strncmp(all[i], "10.0.0.10", 9) == 0);
        for (int k = 0; k < i; k++)
            check(strcmp(all[i], all[k]) != 0);
    }
    run(4 * 3600 * SECOND);
    for (int i = 0; i < CLIENTS; i++) {
        address_text(2 + i, text);
        check(strcmp(text, all[i]) == 0);
    }
    lab_end();
}

/* What another client, or a relay, sends to the server; where its answer went. */
static const struct sockaddr_in *answered(struct service_dhcp_message m,
                                          enum service_dhcp_type answer)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(SERVICE_DHCP_SERVER_PORT),
                             .sin_addr.s_addr = htonl(OWN)};
    uint8_t bytes[SERVICE_DHCP_BYTES];
    const struct sockeye_message out = {.bytes = bytes,
                                        .length = service_dhcp_header_write(&m, bytes),
                                        .address = &to,
                                        .address_length = sizeof to};
    int fd = sockeye_socket(lab, 2, AF_INET, SOCK_DGRAM, 0);

    memset(went, 0, sizeof went);
    check(sockeye_send_message(lab, 2, fd, &out, 0) > 0);
    run(sockeye_now(lab) + SECOND);
    check_equal(sockeye_close_fd(lab, 2, fd), 0);
    return &went[answer];
}

static void a_refusal_goes_to_all_or_to_the_relay(void)
{
    struct service_dhcp_message m = {
        .type = DHCP_REQUEST, .xid = 9, .hardware = {2, 0, 0, 0, 9, 9}, .requested = 0xc0a80005};
    const struct sockaddr_in *to;

    lab_begin();
    run(2 * SECOND);
    to = answered(m, DHCP_NAK); /* from another network: INIT-REBOOT */
    check_equal(ntohl(to->sin_addr.s_addr), INADDR_BROADCAST);
    check_equal(ntohs(to->sin_port), SERVICE_DHCP_CLIENT_PORT);
    check(went_broadcast[DHCP_NAK]);
    m.relay = 0x0a000042;
    to = answered(m, DHCP_NAK);
    check_equal(ntohl(to->sin_addr.s_addr), 0x0a000042);
    check_equal(ntohs(to->sin_port), SERVICE_DHCP_SERVER_PORT);
    check(went_broadcast[DHCP_NAK]);
    m.relay = 0;
    m.requested = FIRST + 19; /* of this network, and unknown here: silence */
    check_equal(answered(m, DHCP_NAK)->sin_port, 0);
    /* one that has an address and says that it has another: at that one it may hear nothing */
    m.client = FIRST + 15;
    m.requested = 0;
    check_equal(sockeye_hardware(lab, 3, 1, m.hardware), 0);
    to = answered(m, DHCP_NAK);
    check_equal(ntohl(to->sin_addr.s_addr), INADDR_BROADCAST);
    check(went_broadcast[DHCP_NAK]);
    m = (struct service_dhcp_message){.type = DHCP_INFORM, .client = 0x0a000042};
    to = answered(m, DHCP_ACK);
    check_equal(ntohl(to->sin_addr.s_addr), 0x0a000042);
    lab_end();
}

static void renewals_go_to_the_server(void)
{
    lab_begin();
    run(2 * SECOND);
    check_equal(ntohl(went[DHCP_REQUEST].sin_addr.s_addr), INADDR_BROADCAST);
    run((LEASE / 2 + 20) * SECOND);
    check_equal(ntohl(went[DHCP_REQUEST].sin_addr.s_addr), OWN);
    check_equal(ntohs(went[DHCP_REQUEST].sin_port), SERVICE_DHCP_SERVER_PORT);
    check_equal(sockeye_wire_link(lab, server_wire, 0, false, sockeye_now(lab)), 0);
    run((LEASE / 2 + LEASE - 20) * SECOND);
    check_equal(ntohl(went[DHCP_REQUEST].sin_addr.s_addr), INADDR_BROADCAST); /* rebinding */
    lab_end();
}

static void without_the_server_addresses_end_and_come_back(void)
{
    char text[64];

    lab_begin();
    run(2 * SECOND);
    check_equal(sockeye_wire_link(lab, server_wire, 0, false, sockeye_now(lab)), 0);
    check_equal(sockeye_wire_link(lab, server_wire, 1, false, sockeye_now(lab)), 0);
    run((LEASE - 2) * SECOND);
    address_text(2, text);
    check(text[0] != '\0');
    run((LEASE + 3) * SECOND);
    for (int i = 0; i < CLIENTS; i++) {
        address_text(2 + i, text);
        check(text[0] == '\0');
        /* the way by the lease's router went with it */
        check_equal(sockeye_route_remove(lab, 2 + i, "default", NULL, 0), -ESRCH);
    }
    check_equal(sockeye_wire_link(lab, server_wire, 0, true, sockeye_now(lab)), 0);
    check_equal(sockeye_wire_link(lab, server_wire, 1, true, sockeye_now(lab)), 0);
    run((LEASE + 140) * SECOND);
    for (int i = 0; i < CLIENTS; i++) {
        address_text(2 + i, text);
        check(strncmp(text, "10.0.0.10", 9) == 0);
    }
    lab_end();
}

/* RFC 2131 1.6: a server that starts again knows whose the addresses are, and a client that does
 * gets the one that it had. */
static void who_crashed_starts_again(void)
{
    char before[2][64], text[64];

    lab_begin();
    run(2 * SECOND);
    for (int i = 0; i < 2; i++)
        address_text(2 + i, before[i]);
    for (int host = 1; host <= 2; host++) { /* the server, then the first client */
        check_equal(sockeye_crash(lab, host), 0);
        service_set_crash(services, host);
        check(service_set_has_crashed(services, host - 1));
        run(sockeye_now(lab) + LEASE / 4 * SECOND);
        check_equal(sockeye_resume(lab, host), 0);
        service_set_restart(services, host - 1);
        check(!service_set_has_crashed(services, host - 1));
        address_text(2, text);
        check(strcmp(text, host == 1 ? before[0] : "") == 0);
        run(sockeye_now(lab) + 5 * SECOND);
        for (int i = 0; i < 2; i++) {
            address_text(2 + i, text);
            check(strcmp(text, before[i]) == 0);
        }
    }
    run(sockeye_now(lab) + 4 * LEASE * SECOND);
    address_text(3, text);
    check(strcmp(text, before[1]) == 0);
    lab_end();
}

/* Somebody has the first address that the server gives, as the wire tells. */
static void what_somebody_has_is_declined(void)
{
    struct service_dhcp_row rows[40];
    char text[64];
    int squatter, wire, declined = 0;
    size_t count;

    probes = true;
    lab_begin();
    squatter = sockeye_host(lab, "squatter");
    wire = sockeye_wire(lab, "ws", NULL, NULL);
    check(sockeye_interface(lab, hub, "ps", wire, 0, NULL) >= 0);
    check_equal(sockeye_interface(lab, squatter, "eth0", wire, 1, NULL), 1);
    check_equal(sockeye_address(lab, squatter, 1, "10.0.0.100/24"), 0);
    check_equal(sockeye_probed(lab, squatter, 1, "10.0.0.7"), -EINVAL);
    check_equal(sockeye_probe(lab, squatter, 1, "fd00::1", true), -EINVAL);
    check_equal(sockeye_probe(lab, squatter, 0, "10.0.0.7", true), -EINVAL);
    run(30 * SECOND);
    for (int i = 0; i < CLIENTS; i++) {
        address_text(2 + i, text);
        check(strncmp(text, "10.0.0.10", 9) == 0 && strcmp(text, "10.0.0.100/24") != 0);
    }
    count = service_dhcp_table(services, 1, rows, 40);
    check_equal(count, CLIENTS + 1);
    check_equal(service_dhcp_table(services, 1, rows, 2), CLIENTS + 1);
    count = service_dhcp_table(services, 1, rows, 40);
    for (size_t i = 0; i < count; i++) {
        declined += strcmp(rows[i].state, "DECLINED") == 0;
        check(rows[i].address != FIRST || strcmp(rows[i].state, "DECLINED") == 0);
        check(!rows[i].is_client && rows[i].until > sockeye_now(lab));
    }
    check_equal(declined, 1);
    check_equal(service_dhcp_table(services, 2, rows, 40), 1);
    check(rows[0].is_client && strcmp(rows[0].state, "BOUND") == 0);
    check(strcmp(rows[0].host, "first") == 0 && rows[0].server == OWN);
    lab_end();
    probes = false;
}

static const struct test tests[] = {
    {"what somebody on the wire has is declined, and the tables say it",
     what_somebody_has_is_declined},
    {"clients of a lab get addresses and keep them for hours",
     clients_of_a_lab_get_addresses_and_keep_them},
    {"RFC 2131 3.2-3 to 4, 4.3.2-5 to 7: a refusal goes to all, or to the relay",
     a_refusal_goes_to_all_or_to_the_relay},
    {"RFC 2131 4.1-3, 4.3.2-10: renewals go to the server, and rebinding to all",
     renewals_go_to_the_server},
    {"who crashed starts again, and has its address", who_crashed_starts_again},
    {"without the server addresses end, and come back with it",
     without_the_server_addresses_end_and_come_back},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
