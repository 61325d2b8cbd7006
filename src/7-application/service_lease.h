/* SPDX-License-Identifier: MIT */
/*
 * What a server of DHCP remembers: which client has which address until when, and what it answers
 * to whom (RFC 2131 4.3). A value: messages and time go in, messages come out; the socket is
 * service_dhcp_server.c's.
 *
 * A client is its identifier, or its hardware address if it has told none (RFC 2131 4.2). It gets
 * the address that it has or had, else the one it asks for, else the one that was longest nobody's,
 * the lowest first (RFC 2131 4.3.1). An address that was offered is kept for a minute, one that a
 * client has declined for an hour.
 */
#pragma once
#include "7-application/service_dhcp.h"
#include "base/time.h"

enum { SERVICE_LEASES = 4096 }; /* most of a server */

/* What a server gives. */
struct service_lease_plan {
    uint32_t own;         /* its address, by which clients name it */
    uint32_t first, last; /* addresses; its own is never given */
    uint32_t mask;
    uint32_t router[SERVICE_DHCP_LIST], name_server[SERVICE_DHCP_LIST];
    uint8_t routers, name_servers;
    uint16_t mtu;   /* 0: not told */
    uint32_t lease; /* seconds, at least 60 */
};

enum service_lease_state { LEASE_FREE, LEASE_OFFERED, LEASE_BOUND, LEASE_DECLINED };

struct service_lease {
    enum service_lease_state state;
    uint8_t id[SERVICE_DHCP_ID]; /* of whom it is or was last */
    uint8_t id_length;           /* 0: of nobody yet */
    uint8_t hardware[SERVICE_DHCP_HARDWARE];
    char host[SERVICE_DHCP_NAME]; /* as it says; "": it does not */
    nanoseconds since, until;
};

struct service_leases {
    struct service_lease_plan plan;
    uint32_t count;             /* addresses, from plan.first on */
    struct service_lease *list; /* by address */
};

/* @return 0, -ENOMEM or -EINVAL (no address, or more than SERVICE_LEASES) */
int service_lease_open(struct service_leases *leases, const struct service_lease_plan *plan);
void service_lease_close(struct service_leases *leases);
/* What the server says to a message. @return false: nothing */
bool service_lease_answer(struct service_leases *leases, const struct service_dhcp_message *message,
                          nanoseconds now, struct service_dhcp_message *reply);
/* How many are bound now. */
uint32_t service_lease_bound(const struct service_leases *leases, nanoseconds now);
