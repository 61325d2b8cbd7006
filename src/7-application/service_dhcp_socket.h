/* SPDX-License-Identifier: MIT */
/* The socket of a server or client of DHCP. */
#pragma once
#include "7-application/service_parts.h"

/* A socket of UDP, kept to the plan's interface, that may broadcast. */
void service_dhcp_socket_open(struct service *service, uint16_t port);
void service_dhcp_socket_send(struct service *service, struct service_socket *s,
                              const struct service_dhcp_message *m, uint32_t to, uint16_t port);
