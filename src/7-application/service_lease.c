/* SPDX-License-Identifier: MIT */
/* The server's side of DHCP without its socket: theory in service_lease.h. */
#include "7-application/service_lease.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const nanoseconds offer_lasts = 60 * SECOND, declined_lasts = 3600 * SECOND;

int service_lease_open(struct service_leases *leases, const struct service_lease_plan *plan)
{
    if (plan->last < plan->first || plan->last - plan->first >= SERVICE_LEASES)
        return -EINVAL;
    leases->plan = *plan;
    leases->count = plan->last - plan->first + 1;
    leases->list = calloc(leases->count, sizeof *leases->list);
    return leases->list ? 0 : -ENOMEM;
}

void service_lease_close(struct service_leases *leases)
{
    free(leases->list);
    leases->list = NULL;
}

static uint32_t address_of(const struct service_leases *leases, const struct service_lease *lease)
{
    return leases->plan.first + (uint32_t)(lease - leases->list);
}

static struct service_lease *lease_at(const struct service_leases *leases, uint32_t address)
{
    if (address < leases->plan.first || address > leases->plan.last || address == leases->plan.own)
        return NULL;
    return &leases->list[address - leases->plan.first];
}

/* RFC 2131 4.2: who it is. */
static void id_of(const struct service_dhcp_message *m, uint8_t id[SERVICE_DHCP_ID],
                  uint8_t *length)
{
    memset(id, 0, SERVICE_DHCP_ID);
    if (m->id_length > 0) {
        memcpy(id, m->id, m->id_length);
        *length = m->id_length;
    } else {
        id[0] = 1; /* Ethernet */
        memcpy(id + 1, m->hardware, SERVICE_DHCP_HARDWARE);
        *length = 1 + SERVICE_DHCP_HARDWARE;
    }
}

static bool is_of(const struct service_lease *lease, const struct service_dhcp_message *m)
{
    uint8_t id[SERVICE_DHCP_ID], length;

    id_of(m, id, &length);
    return lease->id_length == length && memcmp(lease->id, id, sizeof id) == 0;
}

static void expire(struct service_lease *lease, nanoseconds now)
{
    if (lease->state != LEASE_FREE && lease->until <= now)
        lease->state = LEASE_FREE;
}

/* What it has, else what it had last. */
static struct service_lease *lease_of(const struct service_leases *leases,
                                      const struct service_dhcp_message *m, nanoseconds now)
{
    struct service_lease *had = NULL;

    for (uint32_t i = 0; i < leases->count; i++) {
        struct service_lease *lease = &leases->list[i];

        expire(lease, now);
        if (lease->state == LEASE_DECLINED || !is_of(lease, m))
            continue;
        if (lease->state != LEASE_FREE)
            return lease;
        if (!had || lease->until > had->until)
            had = lease;
    }
    return had;
}

/* RFC 2131 4.3.1, in its order. */
static struct service_lease *choose(const struct service_leases *leases,
                                    const struct service_dhcp_message *m, nanoseconds now)
{
    struct service_lease *lease = lease_of(leases, m, now), *best = NULL;

    if (lease)
        return lease;
    lease = lease_at(leases, m->requested);
    if (lease && lease->state == LEASE_FREE)
        return lease;
    for (uint32_t i = 0; i < leases->count; i++) {
        lease = lease_at(leases, leases->plan.first + i);
        if (lease && lease->state == LEASE_FREE && (!best || lease->until < best->until))
            best = lease;
    }
    return best;
}

static void give(struct service_lease *lease, enum service_lease_state state,
                 const struct service_dhcp_message *m, nanoseconds now, nanoseconds lasts)
{
    if (lease->state != state || !is_of(lease, m))
        lease->since = now;
    id_of(m, lease->id, &lease->id_length);
    memcpy(lease->hardware, m->hardware, sizeof lease->hardware);
    memcpy(lease->host, m->host, sizeof lease->host);
    lease->state = state;
    lease->until = now + lasts;
}

/* RFC 2131 4.3.1, table 3. */
static void reply_begin(const struct service_leases *leases, const struct service_dhcp_message *m,
                        enum service_dhcp_type type, struct service_dhcp_message *reply)
{
    memset(reply, 0, sizeof *reply);
    reply->is_reply = true;
    reply->type = type;
    reply->xid = m->xid;
    reply->relay = m->relay;
    reply->is_broadcast = m->is_broadcast;
    memcpy(reply->hardware, m->hardware, sizeof reply->hardware);
    reply->server_id = leases->plan.own;
}

static void parameters_write(const struct service_leases *leases,
                             struct service_dhcp_message *reply)
{
    const struct service_lease_plan *plan = &leases->plan;

    reply->mask = plan->mask;
    reply->mtu = plan->mtu;
    reply->routers = plan->routers;
    reply->name_servers = plan->name_servers;
    memcpy(reply->router, plan->router, sizeof reply->router);
    memcpy(reply->name_server, plan->name_server, sizeof reply->name_server);
}

/* RFC 2131 4.4.5: renewal after a half, rebinding after seven eighths. */
static void times_write(const struct service_leases *leases, struct service_dhcp_message *reply)
{
    reply->lease = leases->plan.lease;
    reply->renewal = reply->lease / 2;
    reply->rebinding = (uint32_t)((uint64_t)reply->lease * 7 / 8);
}

static bool on_discover(struct service_leases *leases, const struct service_dhcp_message *m,
                        nanoseconds now, struct service_dhcp_message *reply)
{
    struct service_lease *lease = choose(leases, m, now);

    if (!lease)
        return false;
    if (lease->state != LEASE_BOUND)
        give(lease, LEASE_OFFERED, m, now, offer_lasts);
    reply_begin(leases, m, DHCP_OFFER, reply);
    reply->your = address_of(leases, lease);
    parameters_write(leases, reply);
    times_write(leases, reply);
    return true;
}

static bool acknowledge(struct service_leases *leases, struct service_lease *lease,
                        const struct service_dhcp_message *m, nanoseconds now,
                        struct service_dhcp_message *reply)
{
    give(lease, LEASE_BOUND, m, now, leases->plan.lease * SECOND);
    reply_begin(leases, m, DHCP_ACK, reply);
    reply->your = address_of(leases, lease);
    reply->client = m->client;
    parameters_write(leases, reply);
    times_write(leases, reply);
    return true;
}

/* RFC 2131 4.3.2: it is to be told by a broadcast, since its address may be wrong. */
static bool refuse(const struct service_leases *leases, const struct service_dhcp_message *m,
                   struct service_dhcp_message *reply)
{
    reply_begin(leases, m, DHCP_NAK, reply);
    reply->is_broadcast = true;
    return true;
}

static bool on_request(struct service_leases *leases, const struct service_dhcp_message *m,
                       nanoseconds now, struct service_dhcp_message *reply)
{
    uint32_t wanted = m->client ? m->client : m->requested;
    struct service_lease *had = lease_of(leases, m, now), *lease = lease_at(leases, wanted);

    if (m->server_id != 0 && m->server_id != leases->plan.own) {
        if (had && had->state == LEASE_OFFERED)
            had->state = LEASE_FREE; /* it has chosen another server */
        return false;
    }
    if (m->server_id == 0 && m->client == 0 &&
        ((wanted ^ leases->plan.own) & leases->plan.mask) != 0)
        return refuse(leases, m, reply); /* INIT-REBOOT, on the wrong network */
    if (lease)
        expire(lease, now);
    if (lease && (lease == had || (lease->state == LEASE_FREE && m->server_id != 0)))
        return acknowledge(leases, lease, m, now, reply);
    /* a client that nobody here knows is left to other servers: they MUST not disturb each other */
    if (!had && m->server_id == 0)
        return false;
    return refuse(leases, m, reply);
}

/* RFC 2131 4.3.1: behind a relay, the client's network is the relay's. */
static bool is_of_network(const struct service_leases *leases, const struct service_dhcp_message *m)
{
    return m->relay == 0 || ((m->relay ^ leases->plan.own) & leases->plan.mask) == 0;
}

bool service_lease_answer(struct service_leases *leases, const struct service_dhcp_message *m,
                          nanoseconds now, struct service_dhcp_message *reply)
{
    struct service_lease *lease;

    if (m->is_reply || !is_of_network(leases, m))
        return false;
    switch (m->type) {
    case DHCP_DISCOVER:
        return on_discover(leases, m, now, reply);
    case DHCP_REQUEST:
        return on_request(leases, m, now, reply);
    case DHCP_DECLINE: /* RFC 2131 4.3.3: somebody else has it */
        lease = lease_at(leases, m->requested);
        if (m->server_id == leases->plan.own && lease && is_of(lease, m)) {
            lease->state = LEASE_DECLINED;
            lease->id_length = 0; /* it is not what this client had */
            lease->since = now;
            lease->until = now + declined_lasts;
        }
        return false;
    case DHCP_RELEASE: /* RFC 2131 4.3.4: kept in mind for the same client */
        lease = lease_at(leases, m->client);
        if (lease && lease->state == LEASE_BOUND && is_of(lease, m)) {
            lease->state = LEASE_FREE;
            lease->until = now;
        }
        return false;
    case DHCP_INFORM: /* RFC 2131 4.3.5: parameters, and no lease */
        reply_begin(leases, m, DHCP_ACK, reply);
        reply->client = m->client;
        parameters_write(leases, reply);
        return true;
    case DHCP_NONE:
    case DHCP_OFFER:
    case DHCP_ACK:
    case DHCP_NAK:
        break;
    }
    return false;
}

uint32_t service_lease_bound(const struct service_leases *leases, nanoseconds now)
{
    uint32_t bound = 0;

    for (uint32_t i = 0; i < leases->count; i++)
        bound += leases->list[i].state == LEASE_BOUND && leases->list[i].until > now;
    return bound;
}
