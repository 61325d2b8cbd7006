/* SPDX-License-Identifier: MIT */
/*
 * RFC 4443 in the order of a message's life: the header; what goes out, with the rules of when not
 * to (2.4); what comes in, first echo, then errors. Theory in icmp6.h.
 */
#include "3-network/ip6/icmp6.h"

#include <string.h>

#include "3-network/icmp_rate.h"
#include "3-network/ip6/ip6.h"
#include "3-network/ip6/ndp.h"
#include "3-network/ip6/mld.h"
#include "3-network/ip6/ip6_chain.h"
#include "3-network/ip_timer.h"
#include "3-network/ip_upper.h"
#include "3-network/path_mtu.h"
#include "3-network/route.h"
#include "base/checksum.h"
#include "base/integer.h"

/* RFC 4443 2.1, 2.3: type, code, checksum over all and a pseudo-header. */
bool icmp6_header_read(struct reader *r, struct address source, struct address dest,
                       struct icmp6_header *h)
{
    uint32_t length = (uint32_t)reader_left(r);
    uint64_t pseudo = checksum_pseudo(source, dest, IP_PROTOCOL_ICMPV6, length);

    h->checksum_right = checksum_finish(checksum_add(pseudo, r->at, length)) == 0;
    h->type = read_u8(r);
    h->code = read_u8(r);
    h->checksum = read_u16(r);
    h->rest = read_u32(r);
    return !r->failed;
}

void icmp6_header_write(struct writer *w, const struct icmp6_header *h)
{
    write_u8(w, h->type);
    write_u8(w, h->code);
    write_u16(w, h->checksum);
    write_u32(w, h->rest);
}

/* Writes the header in front of the payload that p holds. */
static void header_push(struct packet *p, const struct icmp6_header *h, const struct ip_path *path)
{
    struct writer w = writer_of(packet_push(p, ICMP6_HEADER_BYTES), ICMP6_HEADER_BYTES);

    icmp6_header_write(&w, h);
    icmp6_send_checksum(p, path->source, path->dest);
}

static void drop(struct ip *ip, struct packet *p, enum drop reason, nanoseconds now)
{
    event_drop(&ip->means->voice, now, reason, p);
    packet_put(p);
}

/* ---- what goes out ---- */

/* The way back to who sent us this, from the address that he sent to if it is ours alone (RFC 4443
 * 2.2); on the same link if his address is of one link. */
static int path_back(const struct ip *ip, const struct ip_meta *meta, nanoseconds now,
                     struct ip_path *path)
{
    bool of_link = ip6_is_link_local(meta->source) || address_is_multicast(meta->dest);
    struct address source = {0, 0};

    if (!address_is_multicast(meta->dest) && ip_is_own(ip, meta->dest))
        source = meta->dest;
    return ip_path_find(ip, meta->source, source, of_link ? meta->interface : 0, now, path);
}

/* RFC 4443 2.4 (e): never about an ICMP error or a redirect, about what was sent to a group, in its
 * address or its frame, but in the two cases that `always` stands for, or to a source that is not
 * one station. What is left of a message of ICMP without its type may be an error. */
static bool may_answer(const struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                       bool always)
{
    const uint8_t *packet = p->bytes + p->network;
    uint32_t length = p->end - p->network;
    struct ip6_chain c = ip6_chain_of(packet[IP6_NEXT_AT]);
    bool there = ip6_chain_skip(packet, length, &c);

    if (meta->broadcast && !always)
        return false;
    if (!route_is_one_station(ip, meta->source) && !ip_is_own(ip, meta->source))
        return false;
    if (c.next != IP_PROTOCOL_ICMPV6)
        return true;
    return there && c.at < length && packet[c.at] >= ICMP6_INFORMATION &&
           packet[c.at] != ICMP6_REDIRECT;
}

/* RFC 4443 2.4 (c): as much of what it is about as fits the least MTU of all links. */
void icmp6_send_error(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                      const struct icmp6_header *error, bool always, nanoseconds now)
{
    static const struct ip_send_facts facts;
    uint32_t length =
        (uint32_t)least(p->end - p->network, IP6_MTU_LEAST - IP6_HEADER_BYTES - ICMP6_HEADER_BYTES);
    struct ip_path path;
    struct packet *answer;

    if (!may_answer(ip, meta, p, always) || path_back(ip, meta, now, &path) < 0)
        return;
    if (!path.local && !icmp_rate_allows(ip, meta->source, now)) {
        event_drop(&ip->means->voice, now, DROP_ICMP_RATE, NULL);
        return;
    }
    answer = packet_get(ip->means->packets, &ip->means->packet_budget, length);
    if (!answer) {
        event_drop(&ip->means->voice, now, DROP_NO_MEMORY, NULL);
        return;
    }
    memcpy(packet_append(answer, length), p->bytes + p->network, length);
    header_push(answer, error, &path);
    (void)ip6_send(ip, IP_PROTOCOL_ICMPV6, &path, &facts, answer, now);
}

/* RFC 4443 3.1. */
void icmp6_send_unreachable(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                            enum ip_error_kind kind, nanoseconds now)
{
    const struct icmp6_header error = {.type = ICMP6_UNREACHABLE, .code = ICMP6_CODE_PORT};

    ensure(kind == IP_ERROR_PORT_UNREACHABLE);
    icmp6_send_error(ip, meta, p, &error, false, now);
}

/* RFC 8200 4.5. */
void icmp6_send_timeout(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                        nanoseconds now)
{
    const struct icmp6_header error = {.type = ICMP6_TIME_EXCEEDED, .code = ICMP6_CODE_REASSEMBLY};

    icmp6_send_error(ip, meta, p, &error, false, now);
}

/* ---- errors that we get ---- */

/* No socket knows of the echo replies of layer 3. RFC 8201 4: their path MTU is learnt all the
 * same; RFC 5927 4.1: if one so large was lately sent there. */
static void echo_note(struct ip *ip, struct address dest)
{
    ip->echo[ip->echo_count++ % IP_ECHOES] = dest;
}

static bool was_echoed(const struct ip *ip, struct address dest)
{
    for (uint32_t i = 0; i < IP_ECHOES && i < ip->echo_count; i++) {
        if (address_equal(ip->echo[i], dest))
            return true;
    }
    return false;
}

/* RFC 4443 2.4 (d): the upper is found in the packet that is quoted; RFC 5927 4.1: that one says
 * whether it is plausible. Of what layer 3 said itself nothing but that an echo reply was too big
 * is of use, and of errors about errors nothing. */
enum ip_heard icmp6_error_tell(struct ip *ip, struct ip_error *error, const uint8_t *quoted,
                               uint32_t length, nanoseconds now)
{
    struct reader r = reader_of(quoted, length);
    struct ip6_header h;
    struct ip6_chain c;
    enum ip_heard watched = IP_UNHEARD;

    if (!ip6_header_read_quoted(&r, &h))
        return IP_UNHEARD;
    length = (uint32_t)least(length, (uint64_t)IP6_HEADER_BYTES + h.payload_length);
    c = ip6_chain_of(h.next_header);
    if (!ip6_chain_skip(quoted, length, &c) || !ip_is_own(ip, h.source))
        return IP_UNHEARD;
    error->protocol = c.next;
    error->source = h.source;
    error->dest = h.dest;
    error->quoted = quoted + c.at;
    error->quoted_length = length - c.at;
    error->quoted_header = c.at;
    if (error->from_here)
        error->offender = h.source;
    if (unlikely(ip->watcher))
        watched = ip_upper_watch_error(ip, error, now);
    if (c.next == IP_PROTOCOL_ICMPV6 && (c.at == length || quoted[c.at] != ICMP6_ECHO))
        return error->kind == IP_ERROR_TOO_BIG && c.at < length &&
                       quoted[c.at] == ICMP6_ECHO_REPLY && was_echoed(ip, h.dest)
                   ? IP_PLAUSIBLE
                   : watched;
    return ip_upper_error(ip, error, now) ? IP_PLAUSIBLE : watched;
}

/* RFC 4443 3.1 to 3.4: what the message says in our words; false: a code that nobody has defined,
 * and so nothing to act on. */
static bool kind_of(const struct icmp6_header *h, struct ip_error *error)
{
    static const uint8_t unreachable[] = {
        [ICMP6_CODE_NO_ROUTE] = IP_ERROR_NET_UNREACHABLE,
        [ICMP6_CODE_PROHIBITED] = IP_ERROR_PROHIBITED,
        [ICMP6_CODE_SCOPE] = IP_ERROR_NET_UNREACHABLE,
        [ICMP6_CODE_ADDRESS] = IP_ERROR_HOST_UNREACHABLE,
        [ICMP6_CODE_PORT] = IP_ERROR_PORT_UNREACHABLE,
        [ICMP6_CODE_POLICY] = IP_ERROR_PROHIBITED,
        [ICMP6_CODE_REJECT] = IP_ERROR_PROHIBITED,
    };

    switch (h->type) {
    case ICMP6_UNREACHABLE:
        if (h->code >= sizeof unreachable)
            return false;
        error->kind = (enum ip_error_kind)unreachable[h->code];
        return true;
    case ICMP6_TOO_BIG: /* its code is ignored: RFC 4443 3.2 */
        error->kind = IP_ERROR_TOO_BIG;
        error->mtu = h->rest;
        return true;
    case ICMP6_TIME_EXCEEDED:
        error->kind =
            h->code == ICMP6_CODE_REASSEMBLY ? IP_ERROR_REASSEMBLY_TIME : IP_ERROR_TIME_EXCEEDED;
        return h->code <= ICMP6_CODE_REASSEMBLY;
    case ICMP6_PARAMETER:
        error->kind = IP_ERROR_PARAMETER;
        error->pointer = h->rest;
        return true;
    default: /* RFC 4443 2.4 (a): it is the upper's all the same */
        error->kind = IP_ERROR_UNKNOWN;
        return true;
    }
}

/* RFC 8201 4, RFC 5927 7: less than every link carries is no answer to believe, and a packet as
 * small as it asks for cannot have been too big. */
static bool too_big_is_sound(const struct icmp6_header *h, const struct ip6_header *quoted)
{
    return h->rest >= IP6_MTU_LEAST &&
           h->rest < (uint32_t)IP6_HEADER_BYTES + quoted->payload_length;
}

/* RFC 4443 2.4 (d): the error goes to the upper that sent the datagram. r stands behind the
 * header of the message. */
static void error_receive(struct ip *ip, const struct ip_meta *meta, const struct icmp6_header *h,
                          struct reader *r, struct packet *p, nanoseconds now)
{
    const uint8_t *at = r->at;
    uint32_t length = (uint32_t)reader_left(r);
    struct ip_error error;
    struct ip6_header quoted;
    enum ip_heard heard = IP_UNHEARD;

    if (!ip6_header_read_quoted(r, &quoted)) {
        drop(ip, p, DROP_ICMP_HEADER, now);
        return;
    }
    memset(&error, 0, sizeof error);
    error.type = h->type;
    error.code = h->code;
    error.interface = meta->interface;
    error.offender = meta->source;
    error.hop_limit = meta->hop_limit;
    error.traffic_class = meta->traffic_class;
    if (!meta->broadcast && kind_of(h, &error) &&
        (error.kind != IP_ERROR_TOO_BIG || too_big_is_sound(h, &quoted)))
        heard = icmp6_error_tell(ip, &error, at, length, now);
    if (heard == IP_UNHEARD) {
        drop(ip, p, DROP_ICMP_IGNORED, now);
        return;
    }
    if (heard == IP_PLAUSIBLE && error.kind == IP_ERROR_TOO_BIG) {
        path_mtu_lower(ip, error.dest, error.mtu, now);
        ip_timer_rearm(ip);
    }
    packet_put(p);
}

/* ---- what comes in ---- */

/* RFC 4443 4.2: the data come back unchanged, from the address that was asked; who asked a group
 * gets an answer from an address of the interface by which he was heard. */
static void echo_receive(struct ip *ip, const struct ip_meta *meta, const struct icmp6_header *h,
                         struct packet *p, nanoseconds now)
{
    const struct ip_send_facts facts = {.traffic_class = meta->traffic_class & 0xfc};
    const struct icmp6_header reply = {.type = ICMP6_ECHO_REPLY, .rest = h->rest};
    struct ip_path path;

    if (ip->settings.icmp6_echo_ignore_all || address_is_unspecified(meta->source)) {
        drop(ip, p, DROP_ICMP_IGNORED, now);
        return;
    }
    if (path_back(ip, meta, now, &path) < 0) {
        drop(ip, p, DROP_IP_NO_ROUTE, now);
        return;
    }
    packet_take(p, ICMP6_HEADER_BYTES);
    header_push(p, &reply, &path);
    p->mark = MARK_NONE;
    p->flags = 0;
    if (packet_length(p) > IP6_MTU_LEAST - IP6_HEADER_BYTES)
        echo_note(ip, path.dest);
    (void)ip6_send(ip, IP_PROTOCOL_ICMPV6, &path, &facts, p, now);
}

/* RFC 4443 2.4 (b): unknown messages that are no errors are silently discarded. */
static void information_receive(struct ip *ip, const struct ip_meta *meta,
                                const struct icmp6_header *h, struct packet *p, nanoseconds now)
{
    switch (h->type) {
    case ICMP6_ECHO:
        echo_receive(ip, meta, h, p, now);
        return;
    case ICMP6_ECHO_REPLY: /* to who asked, which only the ping sockets know */
        if (!ip_upper_receive(ip, meta, p, now))
            drop(ip, p, DROP_PING_NO_SOCKET, now);
        return;
    case ICMP6_ROUTER_SOLICITATION:
    case ICMP6_ROUTER_ADVERTISEMENT:
    case ICMP6_NEIGHBOR_SOLICITATION:
    case ICMP6_NEIGHBOR_ADVERTISEMENT:
    case ICMP6_REDIRECT:
        ndp_receive(ip, meta, p, now);
        return;
    default:
        drop(ip, p, DROP_ICMP_HEADER, now);
    }
}

/* RFC 4443 2.1: errors have types below 128. */
void icmp6_receive(struct ip *ip, const struct ip_meta *meta, struct packet *p, nanoseconds now)
{
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct icmp6_header h;

    if (!icmp6_header_read(&r, meta->source, meta->dest, &h) || !h.checksum_right)
        drop(ip, p, DROP_ICMP_HEADER, now);
    else if ((h.type >= MLD_QUERY && h.type <= MLD_DONE_1) || h.type == MLD_REPORT_2)
        mld_receive(ip, meta, p, now);
    else if (h.type >= ICMP6_INFORMATION)
        information_receive(ip, meta, &h, p, now);
    else
        error_receive(ip, meta, &h, &r, p, now);
}
