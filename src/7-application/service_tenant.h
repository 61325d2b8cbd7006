/* SPDX-License-Identifier: MIT */
/*
 * The client of DHCP as a value (RFC 2131 4.4, figure 5): it is told of time and of messages, and
 * says what is to be sent and whether its interface gets or loses an address. The socket is
 * service_dhcp_client.c's.
 *
 *     INIT        a DISCOVER, again after 4, 8, 16, 32, 64, 64 ... s, each a second more or less
 *                 (4.1), until an OFFER comes; the first is taken
 *     REQUESTING  a REQUEST to all, for that server; four times, then from the beginning
 *     PROBING     three probes for the address, one or two seconds apart, and two more of silence
 *                 (2.2, 4.4.1; RFC 5227 2.1.1); if somebody has it, a DECLINE, and all begins anew
 *                 ten seconds later. A client that does not probe has the address at once
 *     BOUND       until half of the lease is over
 *     RENEWING    a REQUEST to the server, each half of what is left (4.4.5), one minute at least
 *     REBINDING   the same to all, after seven eighths of the lease
 *
 * A NAK, or the end of the lease, takes the address away at once, and all begins anew; after a NAK
 * to what was just offered, ten seconds later.
 */
#pragma once
#include "7-application/service_dhcp.h"
#include "base/siphash.h"
#include "base/time.h"

enum service_tenant_state {
    TENANT_INIT,
    TENANT_REQUESTING,
    TENANT_PROBING,
    TENANT_BOUND,
    TENANT_RENEWING,
    TENANT_REBINDING
};

struct service_tenant {
    enum service_tenant_state state;
    uint8_t hardware[SERVICE_DHCP_HARDWARE];
    char host[SERVICE_DHCP_NAME]; /* what it is called; "": not said */
    struct siphash_key key;       /* of its chance */
    uint64_t draws;
    uint32_t xid;
    uint16_t secs; /* of the last DISCOVER */
    bool probes;
    uint32_t tries; /* messages of this state sent so far, or probes */
    nanoseconds began, deadline;
    nanoseconds since;                        /* when it got the address that it has */
    nanoseconds renew_at, rebind_at, ends_at; /* of the lease it has */
    struct service_dhcp_message lease;        /* as acknowledged; REQUESTING: as offered */
};

/* What came of an event. */
struct service_tenant_step {
    enum { TENANT_SEND_NOTHING, TENANT_SEND_ALL, TENANT_SEND_SERVER } send;
    struct service_dhcp_message message;
    bool probe;     /* ask the wire for lease.your */
    bool withdraw;  /* take the address away (first) */
    bool configure; /* `lease` is to be set up */
};

/* host: its name, or NULL; probes: it looks whether somebody has the address already. */
void service_tenant_init(struct service_tenant *t, const uint8_t hardware[SERVICE_DHCP_HARDWARE],
                         const char *host, bool probes, struct siphash_key key, nanoseconds now);
/* PROBING: somebody has the address. */
void service_tenant_conflict(struct service_tenant *t, nanoseconds now,
                             struct service_tenant_step *step);
/* Its deadline has come. */
void service_tenant_due(struct service_tenant *t, nanoseconds now,
                        struct service_tenant_step *step);
void service_tenant_came(struct service_tenant *t, const struct service_dhcp_message *m,
                         nanoseconds now, struct service_tenant_step *step);
/* Has it an address? */
bool service_tenant_has_address(const struct service_tenant *t);
