/* SPDX-License-Identifier: MIT */
/*
 * A client of stateless DHCPv6 for one interface of a host: UDP port 546, and a raw socket by which
 * it hears, as a daemon of a host does, what routers say of the link: with the O or M flag there is
 * something to ask for (RFC 4861 4.2). What is asked and when is service_inform.c's.
 */
#include <linux/icmpv6.h>
#include <netinet/in.h>
#include <string.h>
#include "7-application/service_inform_socket.h"

enum { ADVERTISEMENT = 134, ADVERTISEMENT_BYTES = 16, FLAGS = 5, MANAGED_OR_OTHER = 0xc0 };

/* Of ICMPv6 advertisements of routers alone. */
static void open_listener(struct service *service)
{
    const struct service_plan *plan = &service->plan;
    const struct service_calls *calls = service->calls;
    uint32_t filter[8];
    int fd = calls->socket(service->lab, plan->host, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6), result;

    if (fd < 0) {
        service_fail(service, "socket: %s", calls->text_of_error(fd));
        return;
    }
    memset(filter, 0xff, sizeof filter); /* RFC 3542 3.2: what is set is not wanted */
    filter[ADVERTISEMENT / 32] &= ~(UINT32_C(1) << ADVERTISEMENT % 32);
    result = calls->set_option(service->lab, plan->host, fd, IPPROTO_ICMPV6, ICMPV6_FILTER, filter,
                               sizeof filter);
    if (result >= 0)
        result = calls->set_option(service->lab, plan->host, fd, SOL_SOCKET, SO_BINDTODEVICE,
                                   plan->interface_name, (uint32_t)strlen(plan->interface_name));
    if (result < 0) {
        (void)calls->close(service->lab, plan->host, fd);
        service_fail(service, "listening for routers: %s", calls->text_of_error(result));
        return;
    }
    service->listener = fd;
    (void)service_open_socket(service, fd, ROLE_DATAGRAM);
}

void service_inform_client_open(struct service *service)
{
    const struct service_plan *plan = &service->plan;
    struct siphash_key key = {service->seed ^ (uint64_t)service->calls->now(service->lab),
                              (uint64_t)plan->host << 32 | (uint32_t)plan->interface};
    uint8_t hardware[6] = {0};

    (void)service->calls->hardware(service->lab, plan->host, plan->interface, hardware);
    service_inform_init(&service->inform, hardware, key);
    service->deadline = NEVER;
    service->status.connections = 0;
    if (service_inform_socket_open(service, &in6addr_any, SERVICE_DHCP6_CLIENT_PORT) != NULL)
        open_listener(service);
}

/* The socket by which it asks. */
static const struct service_socket *socket_of(const struct service *service)
{
    const struct service_socket *s = service->sockets;

    while (s != NULL && s->fd == service->listener)
        s = s->next;
    return s;
}

void service_inform_client_due(struct service *service)
{
    const struct sockaddr_in6 servers = {.sin6_family = AF_INET6,
                                         .sin6_port = htons(SERVICE_DHCP6_SERVER_PORT),
                                         .sin6_addr = service_inform_socket_all,
                                         .sin6_scope_id = service_inform_socket_index(service)};
    const struct service_socket *s = socket_of(service);
    struct service_dhcp6_message m;

    if (service_inform_due(&service->inform, service->calls->now(service->lab), &m) && s != NULL)
        service_inform_socket_send(service, s, &m, &servers);
    service->deadline = service->inform.deadline;
}

/* RFC 4861 6.1.2: from an address of the link. */
static bool is_of_router(const struct call_message *message, const uint8_t *bytes, size_t length)
{
    struct sockaddr_in6 from;

    if (message->address_length != sizeof from || length < ADVERTISEMENT_BYTES)
        return false;
    memcpy(&from, message->address, sizeof from);
    return IN6_IS_ADDR_LINKLOCAL(&from.sin6_addr) && bytes[0] == ADVERTISEMENT;
}

void service_inform_client_came(struct service *service, struct service_socket *s,
                                struct call_message *message, size_t length)
{
    nanoseconds now = service->calls->now(service->lab);
    struct service_dhcp6_message m;

    if (s->fd == service->listener) {
        if (is_of_router(message, s->buffer, length) && (s->buffer[FLAGS] & MANAGED_OR_OTHER) != 0)
            service_inform_wanted(&service->inform, now);
    } else if (service_dhcp6_header_read(s->buffer, length, &m)) {
        service_inform_came(&service->inform, &m, now);
        service->status.connections = service->inform.is_informed;
    }
    service->deadline = service->inform.deadline;
}
