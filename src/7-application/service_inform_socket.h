/* SPDX-License-Identifier: MIT */
/* The socket of a server or client of stateless DHCPv6. */
#pragma once
#include <netinet/in.h>

#include "7-application/service_parts.h"

/* A socket of UDP over IPv6, kept to the plan's interface; `at`: what it hears is sent there, or
 * in6addr_any. @return NULL after service_fail */
struct service_socket *service_inform_socket_open(struct service *service,
                                                  const struct in6_addr *at, uint16_t port);
void service_inform_socket_send(struct service *service, const struct service_socket *s,
                                const struct service_dhcp6_message *m,
                                const struct sockaddr_in6 *to);
/* The interface as the calls of the ABI number it. */
uint32_t service_inform_socket_index(const struct service *service);
/* All servers and relays of DHCPv6 on the link (RFC 8415 7.1). */
extern const struct in6_addr service_inform_socket_all;
