/* SPDX-License-Identifier: MIT */
/* The socket of a server or client of stateless DHCPv6. */
#include <netinet/in.h>
#include <string.h>
#include "7-application/service_inform_socket.h"

const struct in6_addr service_inform_socket_all = {
    .s6_addr = {0xff, 0x02, [13] = 1, [15] = 2}}; /* ff02::1:2 */

uint32_t service_inform_socket_index(const struct service *service)
{
    return (uint32_t)service->plan.interface + 1; /* lo, number 0, is 1 */
}

struct service_socket *service_inform_socket_open(struct service *service,
                                                  const struct in6_addr *at, uint16_t port)
{
    const struct service_plan *plan = &service->plan;
    const struct service_calls *calls = service->calls;
    struct sockaddr_in6 own = {.sin6_family = AF_INET6,
                               .sin6_port = htons(port),
                               .sin6_addr = *at,
                               .sin6_scope_id = service_inform_socket_index(service)};
    int fd = calls->socket(service->lab, plan->host, AF_INET6, SOCK_DGRAM, 0), one = 1, result;

    if (fd < 0) {
        service_fail(service, "socket: %s", calls->text_of_error(fd));
        return NULL;
    }
    (void)calls->set_option(service->lab, plan->host, fd, SOL_SOCKET, SO_REUSEADDR, &one,
                            sizeof one);
    result = calls->set_option(service->lab, plan->host, fd, SOL_SOCKET, SO_BINDTODEVICE,
                               plan->interface_name, (uint32_t)strlen(plan->interface_name));
    if (result >= 0)
        result = calls->bind(service->lab, plan->host, fd, &own, sizeof own);
    if (result < 0) {
        (void)calls->close(service->lab, plan->host, fd);
        service_fail(service, "port %u on %s: %s", port, plan->interface_name,
                     calls->text_of_error(result));
        return NULL;
    }
    return service_open_socket(service, fd, ROLE_DATAGRAM);
}

/* What does not leave is as lost as what does not arrive: it is asked again. */
void service_inform_socket_send(struct service *service, const struct service_socket *s,
                                const struct service_dhcp6_message *m,
                                const struct sockaddr_in6 *to)
{
    struct sockaddr_in6 peer = *to;
    uint8_t bytes[SERVICE_DHCP6_BYTES];
    struct call_message message = {.bytes = bytes,
                                   .length = service_dhcp6_header_write(m, bytes),
                                   .address = &peer,
                                   .address_length = sizeof peer};

    if (service->calls->send_message(service->lab, service->plan.host, s->fd, &message,
                                     MSG_NOSIGNAL) >= 0)
        service->status.sent += message.length;
}
