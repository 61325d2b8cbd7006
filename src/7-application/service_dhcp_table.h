/* SPDX-License-Identifier: MIT */
/*
 * What servers and clients of DHCP on a host know of leases, for who looks at the lab. Looking
 * changes nothing: a lease that is over is left out, also where its server has not noticed yet.
 */
#pragma once
#include "7-application/service.h"
#include "7-application/service_dhcp.h"
#include "7-application/service_dhcp6.h"

struct service_dhcp_row {
    int interface;
    bool is_client;    /* else it is of a server */
    const char *state; /* BOUND, OFFERED, DECLINED; of a client also RENEWING, REBINDING */
    uint32_t address;  /* in host order */
    uint32_t server;   /* of a client: who gave it */
    uint8_t hardware[SERVICE_DHCP_HARDWARE]; /* the client's */
    char host[SERVICE_DHCP_NAME];            /* what it is called; "": nobody knows */
    uint32_t name_server[SERVICE_DHCP_LIST]; /* of a client: what came with it */
    uint8_t name_servers;
    bool is_informed; /* no lease, but what stateless DHCPv6 told a client: these */
    const struct service_dhcp6_message *told; /* the service's, until it goes on */
    nanoseconds since, until;                 /* NEVER: it does not end */
};

/* Fills in the first `most` rows, servers' by address. @return how many there are, which may be
 * more */
size_t service_dhcp_table(const struct service_set *services, int host,
                          struct service_dhcp_row *rows, size_t most);
