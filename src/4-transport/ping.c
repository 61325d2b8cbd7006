/* SPDX-License-Identifier: MIT */
/*
 * Echo requests from programs (RFC 792, RFC 4443 4.1; RFC 1122 3.2.2.6; Linux's ping sockets). A
 * program gives and gets a whole ICMP message; type and code must be those of a request, the
 * identifier is replaced by the end's port and the checksum is ours. Requests are answered in
 * layer 3, so only replies come up here.
 */
#include "4-transport/ping.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/checksum.h"

enum { BUFFER_DEFAULT = 212992 };

/* What the two versions differ in. */
struct version {
    uint8_t request, reply; /* types */
    bool pseudo_header;     /* the checksum covers one (RFC 4443 2.3) */
};

static const struct version versions[] = {
    [ADDRESS_FAMILY_4] = {.request = 8, .reply = 0},
    [ADDRESS_FAMILY_6] = {.request = 128, .reply = 129, .pseudo_header = true},
};

static unsigned family_of(const struct ping_end *e)
{
    return e->common.options.families == ADDRESS_FAMILY_4 ? ADDRESS_FAMILY_4 : ADDRESS_FAMILY_6;
}

uint32_t ping_end_bytes(void)
{
    return sizeof(struct ping_end);
}

int ping_init(struct ping *g, struct means *means, const struct datagram_plan *plan)
{
    int result;

    g->ip = plan->ip;
    g->means = means;
    g->end_pool = plan->end_pool;
    g->inbox_pool = plan->inbox_pool;
    g->error_pool = plan->error_pool;
    g->code = plan->code;
    g->send_buffer = g->receive_buffer = BUFFER_DEFAULT;
    result =
        ports_init(&g->ports, means->arena, plan->limit, random_key(means->key, "ping", 4), false);
    if (result == 0)
        ip_attach(plan->ip, &g->ip_upper, plan->code);
    return result;
}

void ping_attach_6(struct ping *g, uint32_t code)
{
    ip_attach(g->ip, &g->ip_upper_6, code);
}

/* ---- from below ---- */

static struct ping_end *find(const struct ping *g, const struct endpoint *local,
                             const struct endpoint *remote)
{
    struct port_binding *b = ports_first(&g->ports, local->port);
    struct ping_end *best = NULL;
    uint64_t best_weight = 0;

    for (; b; b = ports_next(b)) {
        struct ping_end *e = container_of(b, struct ping_end, common.binding);
        uint64_t weight = ports_weight(&g->ports, b, local, remote);

        if (family_of(e) != address_family_of(local->address) ||
            (!address_is_unspecified(b->local.address) &&
             !address_equal(b->local.address, local->address)) ||
            (b->local.interface && b->local.interface != local->interface) ||
            (e->common.connected && !address_equal(e->common.remote.address, remote->address)))
            continue;
        if (!best || weight > best_weight) {
            best = e;
            best_weight = weight;
        }
    }
    return best;
}

static void receive_message(struct ping *g, const struct version *version,
                            const struct ip_meta *meta, struct packet *p, nanoseconds now)
{
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct endpoint local = {.address = meta->dest, .interface = meta->interface};
    struct endpoint remote = {.address = meta->source, .interface = meta->interface};
    enum drop reason = DROP_PING_NO_SOCKET;
    struct ping_end *e = NULL;
    uint8_t type = read_u8(&r);

    if (version != &versions[address_family_of(meta->dest)]) /* no protocol of that version's */
        ip_send_unreachable(g->ip, meta, p, IP_ERROR_PROTOCOL_UNREACHABLE, now);

    read_skip(&r, 3);
    local.port = read_u16(&r);
    if (!r.failed && type == version->reply && local.port != 0)
        e = find(g, &local, &remote);
    if (e && !datagram_is_wanted(&e->common, meta, p, 0)) {
        reason = DROP_SOCKET_FILTER;
    } else if (e) {
        if (datagram_arrived(&e->common, g->ip, p, meta, &remote, &local, now))
            return;
        reason = DROP_UDP_BUFFER;
    }
    event_drop(&g->means->voice, now, reason, p);
    packet_put(p);
}

void ping_receive_message(struct ip_upper *upper, const struct ip_meta *meta, struct packet *p,
                          nanoseconds now)
{
    receive_message(container_of(upper, struct ping, ip_upper), &versions[ADDRESS_FAMILY_4], meta,
                    p, now);
}

void ping_receive_message_6(struct ip_upper *upper, const struct ip_meta *meta, struct packet *p,
                            nanoseconds now)
{
    receive_message(container_of(upper, struct ping, ip_upper_6), &versions[ADDRESS_FAMILY_6], meta,
                    p, now);
}

static bool receive_error(struct ping *g, const struct ip_error *error, nanoseconds now)
{
    const struct datagram_quote quote = {.payload = error->quoted, .length = error->quoted_length};
    struct reader r = reader_of(error->quoted, error->quoted_length);
    struct endpoint local = {.address = error->source}, remote = {.address = error->dest};
    struct ping_end *e;

    read_skip(&r, 4);
    local.port = read_u16(&r);
    local.interface = error->interface;
    if (r.failed || local.port == 0)
        return false;
    e = find(g, &local, &remote);
    if (!e)
        return false;
    datagram_error_arrives(&e->common, g->means, error, &quote, now);
    return true;
}

bool ping_receive_error(struct ip_upper *upper, const struct ip_error *error, nanoseconds now)
{
    return receive_error(container_of(upper, struct ping, ip_upper), error, now);
}

bool ping_receive_error_6(struct ip_upper *upper, const struct ip_error *error, nanoseconds now)
{
    return receive_error(container_of(upper, struct ping, ip_upper_6), error, now);
}

/* ---- from above ---- */

int ping_open(struct transport_service *service, struct transport_upper *upper,
              struct transport_end **end)
{
    struct ping *g = container_of(service, struct ping, service);
    const struct datagram_service shared = {.of = service,
                                            .means = g->means,
                                            .inbox_pool = g->inbox_pool,
                                            .error_pool = g->error_pool,
                                            .send_buffer = g->send_buffer,
                                            .receive_buffer = g->receive_buffer};
    struct ping_end *e = pool_get(g->end_pool);
    int result;

    if (!e)
        return -ENOBUFS;
    result = datagram_open(&e->common, &shared, upper);
    if (result < 0) {
        pool_put(g->end_pool, e);
        return result;
    }
    e->ping = g;
    e->common.options.reuse_address =
        1; /* Linux: identifiers may be shared unless told otherwise */
    e->common.options.families = ADDRESS_FAMILY_4;
    list_add(&g->ends, &e->common.link);
    g->count++;
    *end = &e->common.end;
    return 0;
}

void ping_close(struct transport_end *end, nanoseconds now)
{
    struct ping_end *e = ping_end_of(end);
    struct ping *g = e->ping;

    (void)now;
    datagram_close(&e->common, g->means->packets, &g->ports);
    g->count--;
    pool_put(g->end_pool, e);
}

/* Over IPv6 what is no station's is a mistake to Linux, over IPv4 an address that is not ours. */
static int can_bind(const struct ping_end *e, struct address local)
{
    bool many = address_is_mapped(local) || address_is_multicast(local);

    return family_of(e) == ADDRESS_FAMILY_6 && many ? -EINVAL : 0;
}

int ping_bind(struct transport_end *end, const struct name *name)
{
    const struct endpoint *local = &name->endpoint;
    struct ping_end *e = ping_end_of(end);
    int result;

    if (ports_is_bound(&e->common.binding))
        return -EINVAL;
    result = can_bind(e, local->address);
    if (result == 0)
        result = datagram_link_take(&e->common, e->ping->ip, local, true);
    if (result < 0)
        return result;
    if (!address_is_unspecified(local->address) && !ip_is_own(e->ping->ip, local->address))
        return -EADDRNOTAVAIL;
    result = datagram_port_take(&e->common, &e->ping->ports, local);
    if (result == 0)
        e->port_given = local->port != 0;
    return result;
}

int ping_connect(struct transport_end *end, const struct name *name, nanoseconds now)
{
    const struct endpoint *remote = &name->endpoint;
    struct ping_end *e = ping_end_of(end);
    struct ip_path path;
    int result = datagram_bind_if_needed(&e->common, &e->ping->ports);
    uint16_t interface;

    if (result == 0 && family_of(e) != address_family_of(remote->address))
        result = -ENETUNREACH;
    if (result == 0)
        result = datagram_link_take(&e->common, e->ping->ip, remote, false);
    interface = options_interface(&e->common.options, remote->address, remote->interface);
    if (result == 0)
        result = datagram_path_find(&e->common, e->ping->ip, remote->address,
                                    e->common.binding.local.address, interface, now, &path);
    if (result < 0)
        return result;
    memcpy(&e->common.path, &path, sizeof path);
    e->common.remote.address = path.dest;
    e->common.remote.port = remote->port;
    e->common.remote.interface = interface;
    e->common.connected = 1;
    return 0;
}

int ping_disconnect(struct transport_end *end, nanoseconds now)
{
    struct ping_end *e = ping_end_of(end);

    (void)now;
    memset(&e->common.remote, 0, sizeof e->common.remote);
    e->common.path.generation = 0;
    e->common.connected = 0;
    if (!e->port_given)
        ports_release(&e->ping->ports, &e->common.binding);
    return 0;
}

static int can_send(const struct ping_end *e, const struct transport_message *m, unsigned flags)
{
    uint8_t request = versions[family_of(e)].request;

    if (!(flags & (TRANSPORT_OUT_OF_BAND | TRANSPORT_MORE)) && m->length <= PING_MOST_BYTES &&
        (m->length < PING_HEADER_BYTES || m->out[0] != request || m->out[1] != 0))
        return -EINVAL;
    return datagram_can_send(m, PING_MOST_BYTES, flags);
}

static int route(struct ping_end *e, const struct transport_message *m, nanoseconds now,
                 struct ip_path *path)
{
    const struct endpoint *to = &m->remote.endpoint;
    bool chosen = !address_is_unspecified(m->local.address) || m->local.interface;
    int result;

    if (m->remote.family == NAME_NONE) {
        if (!e->common.connected)
            return -EDESTADDRREQ;
        to = &e->common.remote;
    }
    if (family_of(e) == ADDRESS_FAMILY_6 && m->remote.family != NAME_NONE &&
        (address_is_mapped(to->address) ||
         (address_is_of_link(to->address) && !to->interface && !e->common.options.interface)))
        return -EINVAL;
    if (chosen && !address_is_unspecified(m->local.address) &&
        !datagram_has_source(&e->common, e->ping->ip, m->local.address))
        return -EINVAL;
    if (m->remote.family != NAME_NONE || chosen) {
        struct address source = address_is_unspecified(m->local.address)
                                    ? e->common.binding.local.address
                                    : m->local.address;
        uint16_t interface =
            options_interface(&e->common.options, to->address,
                              m->local.interface ? m->local.interface : to->interface);

        return datagram_path_find(&e->common, e->ping->ip, to->address, source, interface, now,
                                  path);
    }
    result = ip_path_refresh(e->ping->ip, &e->common.path, now);
    memcpy(path, &e->common.path, sizeof *path);
    return result;
}

/* The identifier is the port; the checksum covers the whole message (RFC 792), of ICMPv6 a
 * pseudo-header too (RFC 4443 2.3). */
static void message_write(const struct ping_end *e, const struct ip_path *path,
                          const struct transport_message *m, struct packet *p)
{
    uint64_t sum = 0;
    uint8_t *at = packet_append(p, (uint32_t)m->length);
    struct writer w = writer_of(at + 4, 2);
    uint16_t checksum;

    memcpy(at, m->out, m->length);
    at[2] = at[3] = 0;
    write_u16(&w, e->common.binding.local.port);
    if (versions[family_of(e)].pseudo_header)
        sum = checksum_pseudo(path->source, path->dest, IP_PROTOCOL_ICMPV6, (uint32_t)m->length);
    checksum = checksum_finish(checksum_add(sum, at, m->length));
    w = writer_of(at + 2, 2);
    write_u16(&w, checksum);
}

static int send_facts(struct ping_end *e, const struct transport_message *m, struct ip_path *path,
                      struct ip_send_facts *facts, nanoseconds now)
{
    int result =
        options_send_facts(&e->common.options, e->ping->ip, path, m, (uint32_t)m->length, facts);

    return result == -EMSGSIZE ? datagram_too_long(&e->common, m, path, now) : result;
}

ssize_t ping_send(struct transport_end *end, const struct transport_message *m, unsigned flags,
                  nanoseconds now)
{
    struct ping_end *e = ping_end_of(end);
    struct ip_send_facts facts = {.flow = 0};
    struct ip_path path;
    struct packet *p;
    int result = datagram_bind_if_needed(
        &e->common, &e->ping->ports); /* Linux: first, whatever comes of the sending */

    if (result == 0)
        result = can_send(e, m, flags);
    if (result == 0)
        result = route(e, m, now, &path);
    if (result == 0)
        result = send_facts(e, m, &path, &facts, now);
    if (result == 0)
        result = datagram_may_send(&e->common);
    if (result < 0)
        return result;
    p = packet_get(e->ping->means->packets, &e->ping->means->packet_budget, (uint32_t)m->length);
    if (!p)
        return -ENOBUFS;
    message_write(e, &path, m, p);
    if (path.options_bytes)
        options_rare_packet(&e->common.options, m, &path, &facts, p);
    packet_charge(p, e->common.charge);
    result = ip_send(e->ping->ip,
                     family_of(e) == ADDRESS_FAMILY_6 ? &e->ping->ip_upper_6 : &e->ping->ip_upper,
                     &path, &facts, p, now);
    datagram_sent(&e->common);
    return result < 0 ? result : (ssize_t)m->length;
}

void ping_local(const struct transport_end *end, struct name *local)
{
    const struct ping_end *e = ping_end_of(end);

    name_of_endpoint(local, &e->common.binding.local);
    if (e->common.connected && address_is_unspecified(local->endpoint.address))
        local->endpoint.address = e->common.path.source;
}

int ping_check(const struct transport_service *service)
{
    const struct ping *g = container_of(service, const struct ping, service);
    uint32_t count = 0;

    for (struct list_link *l = g->ends.first; l; l = l->next) {
        const struct ping_end *e = container_of(l, struct ping_end, common.link);

        if (e->ping != g || e->common.charge->owner != e)
            return __LINE__;
        count++;
    }
    return count == g->count ? ports_check(&g->ports) : __LINE__;
}
