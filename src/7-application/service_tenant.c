/* SPDX-License-Identifier: MIT */
/* The machine of a client of DHCP: see service_tenant.h. */
#include "7-application/service_tenant.h"

#include <stdio.h>
#include <string.h>

enum { REQUESTS = 4, DOUBLINGS = 4 };
static const nanoseconds first_wait = 4 * SECOND, least_wait = 60 * SECOND;
static const nanoseconds declined_wait = 10 * SECOND; /* RFC 2131 3.1, 5 */

/* RFC 5227 1.1 */
enum { PROBE_NUM = 3 };
static const nanoseconds probe_wait = SECOND, probe_least = SECOND, probe_most = 2 * SECOND,
                         announce_wait = 2 * SECOND;

static uint64_t draw(struct service_tenant *t)
{
    const uint64_t words[] = {t->draws++};

    return siphash_words(t->key, words, 1);
}

/* RFC 2131 4.1: doubled each time up to 64 s, and a second more or less at random. */
static nanoseconds backoff(struct service_tenant *t)
{
    nanoseconds wait = first_wait << (t->tries < DOUBLINGS ? t->tries : DOUBLINGS);

    return wait - SECOND + (nanoseconds)(draw(t) % (uint64_t)(2 * SECOND));
}

void service_tenant_init(struct service_tenant *t, const uint8_t hardware[SERVICE_DHCP_HARDWARE],
                         const char *host, bool probes, struct siphash_key key, nanoseconds now)
{
    memset(t, 0, sizeof *t);
    if (host)
        snprintf(t->host, sizeof t->host, "%s", host);
    memcpy(t->hardware, hardware, sizeof t->hardware);
    t->key = key;
    t->probes = probes;
    t->began = t->deadline = now;
}

bool service_tenant_has_address(const struct service_tenant *t)
{
    return t->state >= TENANT_BOUND;
}

static void begin_anew(struct service_tenant *t, nanoseconds now)
{
    t->state = TENANT_INIT;
    t->tries = 0;
    t->began = t->deadline = now;
    memset(&t->lease, 0, sizeof t->lease);
}

static void message_begin(const struct service_tenant *t, enum service_dhcp_type type,
                          nanoseconds now, struct service_dhcp_message *m)
{
    nanoseconds secs = (now - t->began) / SECOND;

    memset(m, 0, sizeof *m);
    m->type = type;
    m->xid = t->xid;
    m->secs = (uint16_t)(secs > UINT16_MAX ? UINT16_MAX : secs);
    m->asks_parameters = true;
    memcpy(m->hardware, t->hardware, sizeof m->hardware);
    memcpy(m->host, t->host, sizeof m->host);
}

static void discover(struct service_tenant *t, nanoseconds now, struct service_tenant_step *step)
{
    if (t->tries == 0)
        t->xid = (uint32_t)draw(t);
    message_begin(t, DHCP_DISCOVER, now, &step->message);
    step->message.is_broadcast = true; /* without an address it hears nothing else */
    t->secs = step->message.secs;
    step->send = TENANT_SEND_ALL;
    t->deadline = now + backoff(t);
    t->tries++;
}

/* RFC 2131 4.3.2: what stands in a REQUEST, by state. */
static void request(struct service_tenant *t, nanoseconds now, struct service_tenant_step *step)
{
    message_begin(t, DHCP_REQUEST, now, &step->message);
    if (t->state == TENANT_REQUESTING) {
        step->message.requested = t->lease.your;
        step->message.server_id = t->lease.server_id;
        step->message.is_broadcast = true;
        step->message.secs = t->secs; /* RFC 2131 3.1, 3: a relay does with it the same again */
    } else {
        step->message.client = t->lease.your;
    }
    step->send = t->state == TENANT_RENEWING ? TENANT_SEND_SERVER : TENANT_SEND_ALL;
    t->tries++;
}

/* RFC 2131 4.4.5: half of the time that is left, one minute at least. */
static nanoseconds half_of_rest(nanoseconds now, nanoseconds until)
{
    nanoseconds half = (until - now) / 2;

    if (half < least_wait)
        half = least_wait;
    return now + half < until ? now + half : until;
}

static void on_lease_time(struct service_tenant *t, nanoseconds now,
                          struct service_tenant_step *step)
{
    if (now >= t->ends_at) {
        step->withdraw = true;
        begin_anew(t, now);
        discover(t, now, step);
        return;
    }
    if (now >= t->rebind_at) {
        if (t->state != TENANT_REBINDING)
            t->tries = 0;
        t->state = TENANT_REBINDING;
        t->deadline = half_of_rest(now, t->ends_at);
    } else {
        if (t->state == TENANT_BOUND) {
            t->tries = 0;
            t->xid = (uint32_t)draw(t);
            t->began = now;
        }
        t->state = TENANT_RENEWING;
        t->deadline = half_of_rest(now, t->rebind_at);
    }
    request(t, now, step);
}

/* RFC 5227 2.1.1 */
static void probe(struct service_tenant *t, nanoseconds now, struct service_tenant_step *step)
{
    if (t->tries == PROBE_NUM) {
        step->configure = true;
        t->state = TENANT_BOUND;
        t->tries = 0;
        t->since = now;
        t->deadline = t->renew_at;
        return;
    }
    step->probe = true;
    t->tries++;
    t->deadline = now + announce_wait;
    if (t->tries < PROBE_NUM)
        t->deadline =
            now + probe_least + (nanoseconds)(draw(t) % (uint64_t)(probe_most - probe_least));
}

/* RFC 2131 4.4.1, table 5: what stands in a DECLINE. */
void service_tenant_conflict(struct service_tenant *t, nanoseconds now,
                             struct service_tenant_step *step)
{
    uint32_t address = t->lease.your, server = t->lease.server_id;

    memset(step, 0, sizeof *step);
    if (t->state != TENANT_PROBING)
        return;
    t->xid = (uint32_t)draw(t);
    message_begin(t, DHCP_DECLINE, now, &step->message);
    step->message.secs = 0;
    step->message.asks_parameters = false;
    step->message.host[0] = '\0';
    step->message.requested = address;
    step->message.server_id = server;
    step->send = TENANT_SEND_ALL;
    begin_anew(t, now);
    t->deadline = now + declined_wait;
}

void service_tenant_due(struct service_tenant *t, nanoseconds now, struct service_tenant_step *step)
{
    memset(step, 0, sizeof *step);
    if (now < t->deadline)
        return;
    switch (t->state) {
    case TENANT_INIT:
        discover(t, now, step);
        break;
    case TENANT_REQUESTING:
        if (t->tries == REQUESTS) {
            begin_anew(t, now);
            discover(t, now, step);
            break;
        }
        t->deadline = now + backoff(t);
        request(t, now, step);
        break;
    case TENANT_PROBING:
        probe(t, now, step);
        break;
    case TENANT_BOUND:
    case TENANT_RENEWING:
    case TENANT_REBINDING:
        on_lease_time(t, now, step);
        break;
    }
}

/* RFC 2131 4.4.5: T1 is a half and T2 seven eighths if the server says nothing, or nonsense; T1 is
 * before T2, and T2 before the end. */
static void times_set(struct service_tenant *t, const struct service_dhcp_message *m,
                      nanoseconds now)
{
    nanoseconds lease = m->lease * SECOND, rebinding = m->rebinding * SECOND,
                renewal = m->renewal * SECOND;

    if (rebinding == 0 || rebinding >= lease)
        rebinding = lease / 8 * 7;
    if (renewal == 0 || renewal >= rebinding)
        renewal = lease / 2 < rebinding ? lease / 2 : rebinding / 2;
    t->renew_at = now + renewal;
    t->rebind_at = now + rebinding;
    t->ends_at = now + lease;
    if (m->lease == UINT32_MAX) /* RFC 2131 3.3: for ever */
        t->renew_at = t->rebind_at = t->ends_at = NEVER;
    t->deadline = t->renew_at;
}

static void bound(struct service_tenant *t, const struct service_dhcp_message *m, nanoseconds now,
                  struct service_tenant_step *step)
{
    bool had = service_tenant_has_address(t), moved = had && t->lease.your != m->your;
    uint32_t server = m->server_id ? m->server_id : t->lease.server_id;

    step->withdraw = moved;
    step->configure = (moved || !had) && !t->probes;
    if (step->configure)
        t->since = now;
    t->lease = *m;
    t->lease.server_id = server; /* RFC 2131 4.1: to whom a renewal goes */
    t->state = TENANT_BOUND;
    t->tries = 0;
    times_set(t, m, now);
    if (t->probes && (moved || !had)) {
        t->state = TENANT_PROBING;
        t->deadline = now + (nanoseconds)(draw(t) % (uint64_t)probe_wait);
    }
}

static bool is_an_address(uint32_t a)
{
    return a != 0 && a >> 24 != 127 && a >> 28 < 14;
}

void service_tenant_came(struct service_tenant *t, const struct service_dhcp_message *m,
                         nanoseconds now, struct service_tenant_step *step)
{
    bool asked = t->state == TENANT_REQUESTING || t->state >= TENANT_RENEWING;

    memset(step, 0, sizeof *step);
    if (!m->is_reply || m->xid != t->xid || t->tries == 0 ||
        memcmp(m->hardware, t->hardware, sizeof t->hardware) != 0)
        return;
    if (m->type == DHCP_OFFER && t->state == TENANT_INIT && is_an_address(m->your) &&
        m->server_id != 0) {
        t->lease = *m;
        t->state = TENANT_REQUESTING;
        t->tries = 0;
        t->deadline = now + backoff(t);
        request(t, now, step);
    } else if (m->type == DHCP_ACK && asked && is_an_address(m->your) && m->lease > 0) {
        bound(t, m, now, step);
    } else if (m->type == DHCP_NAK && asked) {
        bool was_offered = t->state == TENANT_REQUESTING;

        step->withdraw = service_tenant_has_address(t);
        begin_anew(t, now);
        if (was_offered) /* a server that offers and refuses is not asked as fast as it answers */
            t->deadline = now + declined_wait;
        else
            discover(t, now, step);
    }
}
