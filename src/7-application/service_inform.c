/* SPDX-License-Identifier: MIT */
/* Theory in service_inform.h. */
#include "7-application/service_inform.h"

#include <string.h>

enum { REFRESH_DEFAULT = 86400, REFRESH_LEAST = 600 }; /* RFC 8415 7.6: IRT_DEFAULT, IRT_MINIMUM */
static const nanoseconds first_wait = SECOND, wait_most = 3600 * SECOND, delay_most = SECOND;

static uint64_t draw(struct service_inform *c, nanoseconds below)
{
    const uint64_t words[] = {c->draws++};

    return siphash_words(c->key, words, 1) % (uint64_t)below;
}

void service_inform_init(struct service_inform *c, const uint8_t hardware[6],
                         struct siphash_key key)
{
    memset(c, 0, sizeof *c);
    service_dhcp6_id_of(hardware, &c->id);
    c->key = key;
    c->deadline = NEVER;
}

static void begin(struct service_inform *c, nanoseconds now)
{
    c->state = INFORM_ASKING;
    c->xid = (uint32_t)draw(c, 1 << 24);
    c->wait = 0;
    c->began = now;
    c->deadline = now + (nanoseconds)draw(c, delay_most);
}

void service_inform_wanted(struct service_inform *c, nanoseconds now)
{
    if (c->state == INFORM_QUIET)
        begin(c, now);
}

/* RFC 8415 15: a tenth of it more or less. */
static nanoseconds retransmission(struct service_inform *c)
{
    nanoseconds last = c->wait == 0 ? first_wait : c->wait, base = c->wait == 0 ? last : 2 * last;

    if (base > wait_most)
        base = last = wait_most;
    return base - last / 10 + (nanoseconds)draw(c, last / 5);
}

bool service_inform_due(struct service_inform *c, nanoseconds now, struct service_dhcp6_message *m)
{
    nanoseconds elapsed;

    if (now < c->deadline || c->state == INFORM_QUIET)
        return false;
    if (c->state == INFORM_INFORMED) {
        begin(c, now);
        return false;
    }
    if (c->wait == 0)
        c->began = now; /* RFC 8415 21.9: the first message says 0 */
    elapsed = (now - c->began) / (10 * MILLISECOND);
    c->wait = retransmission(c);
    c->deadline = now + c->wait;
    memset(m, 0, sizeof *m);
    m->type = DHCP6_INFORMATION_REQUEST;
    m->xid = c->xid;
    m->client = c->id;
    m->asks = m->has_elapsed = true;
    m->elapsed = (uint16_t)(elapsed > UINT16_MAX ? UINT16_MAX : elapsed);
    return true;
}

static bool is_same(const struct service_dhcp6_id *a, const struct service_dhcp6_id *b)
{
    return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* RFC 8415 16.10. */
void service_inform_came(struct service_inform *c, const struct service_dhcp6_message *m,
                         nanoseconds now)
{
    uint32_t refresh = m->has_refresh ? m->refresh : REFRESH_DEFAULT;

    if (c->state != INFORM_ASKING || c->wait == 0 || m->type != DHCP6_REPLY || m->xid != c->xid ||
        m->server.length == 0 || !is_same(&m->client, &c->id))
        return;
    if (!c->is_informed)
        c->since = now;
    c->is_informed = true;
    c->told = *m;
    c->state = INFORM_INFORMED;
    if (refresh < REFRESH_LEAST)
        refresh = REFRESH_LEAST;
    c->deadline = refresh == UINT32_MAX ? NEVER : now + refresh * SECOND;
}

bool service_inform_answer(const struct service_inform_plan *plan,
                           const struct service_dhcp6_id *own,
                           const struct service_dhcp6_message *m,
                           struct service_dhcp6_message *reply)
{
    /* RFC 8415 16.12 */
    if (m->type != DHCP6_INFORMATION_REQUEST || m->has_association ||
        (m->server.length > 0 && !is_same(&m->server, own)))
        return false;
    memset(reply, 0, sizeof *reply);
    reply->type = DHCP6_REPLY;
    reply->xid = m->xid;
    reply->client = m->client;
    reply->server = *own;
    memcpy(reply->name_server, plan->name_server, sizeof reply->name_server);
    reply->name_servers = plan->name_servers;
    reply->domains = plan->domains;
    for (unsigned i = 0; i < plan->domains; i++)
        memcpy(reply->domain[i], plan->domain[i], strlen(plan->domain[i]) + 1);
    reply->has_refresh = true;
    reply->refresh = REFRESH_DEFAULT;
    return true;
}
