/* SPDX-License-Identifier: MIT */
/*
 * WHOLE: what comes from layer 3, and whose it is: a segment's connection, half-open connection or
 * listener (RFC 9293 3.10.7.1 to 3.10.7.3, MUST-3, MUST-57), and the connection that an ICMP error
 * is about (RFC 9293 3.9.2.2, RFC 5927). What it means is tcp_input's and tcp_listen's to say.
 */
#include "4-transport/tcp/tcp_conn.h"

#include "4-transport/errors.h"
#include "base/checksum.h"
#include "base/compiler.h"

/* How much a listener names of what comes to it: an interface, and IPv4 alone: as on Linux, either
 * is as good. */
static unsigned rank_of(const struct port_binding *b)
{
    return (b->local.interface != 0 ? 1u : 0u) + (b->families == ADDRESS_FAMILY_4 ? 1u : 0u);
}

/* Of the listeners at this local end: the one that names most, then the weight decides. */
static struct tcp_conn *listener_at(struct tcp *t, const struct endpoint *at,
                                    const struct endpoint *local, const struct endpoint *remote,
                                    uint16_t interface)
{
    uint64_t hash = tcp_demux_listener_hash(at), best_weight = 0;
    struct tcp_tuple *k = tcp_demux_listener(&t->listeners, hash, at);
    struct tcp_conn *best = NULL;
    unsigned best_rank = 0;

    for (; k; k = tcp_demux_listener_next(k)) {
        struct tcp_conn *c = container_of(k, struct tcp_conn, name.tuple);
        unsigned rank = rank_of(&c->name.binding);
        uint64_t weight;

        if (!tcp_is_heard_by(c, interface) || !ports_takes(&c->name.binding, local->address))
            continue;
        weight = ports_weight(&t->ports, &c->name.binding, local, remote);
        if (best && (best_rank > rank || (best_rank == rank && weight <= best_weight)))
            continue;
        best = c;
        best_rank = rank;
        best_weight = weight;
    }
    return best;
}

/* RFC 9293 3.10.7.2: the listener that names most of where it came to: its address first. */
static struct tcp_conn *find_listener(struct tcp *t, const struct endpoint *local,
                                      const struct endpoint *remote, uint16_t interface)
{
    const struct endpoint any = {.port = local->port};
    struct tcp_conn *named = listener_at(t, local, local, remote, interface);

    return named ? named : listener_at(t, &any, local, remote, interface);
}

/* A SYN for a new incarnation ends TIME-WAIT (RFC 9293 3.6.1 and 3.10.7.4, MAY-2; RFC 6191). true:
 * it did. */
static bool time_wait_reopens(struct tcp_conn *c, const struct tcp_segment *seg, nanoseconds now)
{
    bool newer;

    if (c->state != TCP_STATE_TIME_WAIT ||
        (seg->flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) != TCP_SYN)
        return false; /* what the listener would not take must not end it either */
    newer = seg->seq > c->rcv.nxt || (c->agreed.ts_ok && (seg->options & TCP_HAS_TIMESTAMP) &&
                                      tcp_timestamp_is_later(seg->ts_val, c->ts.recent));
    if (newer)
        tcp_close_abort(c, 0, false, now);
    return newer;
}

/* RFC 9293 3.10.7: a connection, else a half-open one, else a listener (RFC 9293 3.10.7.2), else
 * nobody, and a RST (RFC 9293 3.10.7.1, 3.5.2). */
static void arrives(struct tcp *t, const struct ip_meta *meta, struct tcp_segment *seg,
                    struct packet *p, nanoseconds now)
{
    struct endpoint local = {.address = meta->dest, .port = seg->dest_port};
    struct endpoint remote = {.address = meta->source, .port = seg->source_port};
    struct tcp_tuple *tuple = t->recent;
    struct tcp_conn *listener;
    tcp_seq old_nxt = 0;
    uint64_t hash;

    if (likely(tuple && tcp_demux_is(tuple, &local, &remote))) {
        hash = tuple->link.hash;
    } else {
        hash = tcp_demux_hash(t->table_key, &local, &remote);
        tuple = tcp_demux_find(&t->connections, hash, &local, &remote);
    }
    if (tuple &&
        tcp_is_heard_by(container_of(tuple, struct tcp_conn, name.tuple), meta->interface)) {
        struct tcp_conn *c = container_of(tuple, struct tcp_conn, name.tuple);

        t->recent = tuple;
        tcp_header_place(seg, c->rcv.nxt, c->snd.una);
        old_nxt = c->snd.nxt;
        if (c->state != TCP_STATE_TIME_WAIT ||
            !find_listener(t, &local, &remote, meta->interface) ||
            !time_wait_reopens(c, seg, now)) {
            tcp_segment_arrives(c, seg, now);
            tcp_finish(c, now);
            return;
        }
        tcp_finish(c, now);
    }
    if (address_is_of_link(remote.address)) /* an answer goes back by the same */
        local.interface = meta->interface;
    tuple = tcp_demux_find(&t->half_opens, hash, &local, &remote);
    if (tuple && tcp_is_heard_by(tcp_listen_of_half(tcp_listen_half_of(tuple)), meta->interface)) {
        struct tcp_conn *c = tcp_listen_half_arrives(tcp_listen_half_of(tuple), seg, now);

        t->counts.segments_in += c == NULL;
        if (c) { /* it has become a connection, whose first segment this is */
            tcp_segment_arrives(c, seg, now);
            tcp_finish(c, now);
        }
        return;
    }
    t->counts.segments_in++;
    listener = find_listener(t, &local, &remote, meta->interface);
    if (listener) {
        const struct tcp_tuple who = {.link.hash = hash, .local = local, .remote = remote};

        tcp_listen_arrives(listener, &who, seg, old_nxt, now);
        return;
    }
    event_drop(&t->means->voice, now, DROP_TCP_NO_SOCKET, p);
    tcp_output_reject(t, &local, &remote, seg, now);
}

/* RFC 9293 3.10.7, after what concerns any segment: not to a broadcast (RFC 9293 3.9.2.3, MUST-57),
 * a sound header and the checksum (RFC 9293 3.1, MUST-3). */
void tcp_receive(struct ip_upper *upper, const struct ip_meta *meta, struct packet *p,
                 nanoseconds now)
{
    struct tcp *t = container_of(upper, struct tcp, ip_upper);
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct tcp_segment seg;
    enum drop reason = DROP_NONE;

    if (meta->broadcast) /* MUST-57 */
        reason = DROP_IP_DEST;
    else if (!tcp_header_read(&r, &seg))
        reason = DROP_TCP_HEADER;
    else if (checksum_finish(checksum_add(
                 checksum_pseudo(meta->source, meta->dest, IP_PROTOCOL_TCP, packet_length(p)),
                 packet_data(p), packet_length(p))) != 0) /* MUST-3 */
        reason = DROP_TCP_CHECKSUM;
    if (reason == DROP_NONE)
        arrives(t, meta, &seg, p, now);
    else
        event_drop(&t->means->voice, now, reason, p);
    packet_put(p);
}

/* RFC 9293 3.9.2.2: to the connection that it is about (MUST-54), if its number is in flight (RFC
 * 5927 4.1). As on Linux an error ends SYN-SENT (RFC 5461), nothing else (RFC 5927 5.2). Too big:
 * RFC 9293 3.7.2; the path's MTU is lowered by layer 3 (RFC 5927 7.2). */
bool tcp_receive_error(struct ip_upper *upper, const struct ip_error *error, nanoseconds now)
{
    struct tcp *t = container_of(upper, struct tcp, ip_upper);
    struct reader r = reader_of(error->quoted, error->quoted_length);
    struct endpoint local = {.address = error->source}, remote = {.address = error->dest};
    struct tcp_tuple *tuple;
    struct tcp_conn *c;
    tcp_seq seq;
    bool hard;
    int number;

    local.port = read_u16(&r);
    remote.port = read_u16(&r);
    seq = read_u32(&r);
    if (r.failed)
        return false;
    tuple = tcp_demux_find(&t->connections, tcp_demux_hash(t->table_key, &local, &remote), &local,
                           &remote);
    if (!tuple)
        return false;
    c = container_of(tuple, struct tcp_conn, name.tuple);
    seq = tcp_seq_near(c->snd.una, (uint32_t)seq);
    if (seq < c->snd.una || seq >= c->snd.nxt) /* RFC 5927 4.1 */
        return false;
    if (error->kind == IP_ERROR_TOO_BIG) { /* once the path knows, tcp_output finds what is lost */
        tcp_output_path_changed(c);
        tcp_timer_rearm(c, now);
        return true;
    }
    number = errors_number(error, &hard);
    if (c->state == TCP_STATE_SYN_SENT) {
        tcp_close_abort(c, number, false, now);
    } else if (options_to(&c->options.common, remote.address)->flags & OPTIONS_RECEIVE_ERRORS) {
        /* IP_RECVERR: told, though it ends nothing */
        tcp_user_error(c, number);
        tcp_user_tell(c);
    } else {
        tcp_user_soft_error(c, number); /* MUST-56; all are soft by RFC 5927 5.2 */
    }
    tcp_finish(c, now);
    return true;
}
