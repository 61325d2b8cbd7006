/* SPDX-License-Identifier: MIT */
/*
 * RFC 792 in the order of a message's life: the header; what comes in (RFC 1122 3.2.2.1 to
 * 3.2.2.8), first echo, then errors; what goes out, with the rules of when not to (RFC 1122
 * 3.2.2). Theory in icmp4.h.
 */
#include "3-network/ip4/icmp4.h"

#include <string.h>

#include "3-network/ip4/ip4.h"
#include "3-network/ip4/ip4_options.h"
#include "3-network/ip4/redirect4.h"
#include "3-network/icmp_rate.h"
#include "3-network/ip_timer.h"
#include "3-network/ip_upper.h"
#include "3-network/path_mtu.h"
#include "3-network/route.h"
#include "base/checksum.h"
#include "base/compiler.h"
#include "base/integer.h"

/* RFC 792: type, code, checksum over all. */
bool icmp4_header_read(struct reader *r, struct icmp4_header *h)
{
    h->checksum_right = checksum_finish(checksum_add(0, r->at, reader_left(r))) == 0;
    h->type = read_u8(r);
    h->code = read_u8(r);
    h->checksum = read_u16(r);
    h->rest = read_u32(r);
    return !r->failed;
}

void icmp4_header_write(struct writer *w, const struct icmp4_header *h)
{
    write_u8(w, h->type);
    write_u8(w, h->code);
    write_u16(w, h->checksum);
    write_u32(w, h->rest);
}

/* Writes the header in front of the payload that p holds. */
static void header_push(struct packet *p, uint8_t type, uint8_t code, uint32_t rest)
{
    struct icmp4_header h = {.type = type, .code = code, .rest = rest};
    uint8_t *at = packet_push(p, ICMP4_HEADER_BYTES);
    struct writer w = writer_of(at, ICMP4_HEADER_BYTES);

    icmp4_header_write(&w, &h);
    h.checksum = checksum_finish(checksum_add(0, at, packet_length(p)));
    at[2] = (uint8_t)(h.checksum >> 8);
    at[3] = (uint8_t)h.checksum;
}

static void drop(struct ip *ip, struct packet *p, enum drop reason, nanoseconds now)
{
    event_drop(&ip->means->voice, now, reason, p);
    packet_put(p);
}

/* Sends an answer to p's datagram: with its records, as they are now (RFC 1122 3.2.2.6; Linux does
 * so for errors, too). It may be p itself. */
static void answer(struct ip *ip, const uint8_t *back, uint32_t length, struct ip_path *path,
                   const struct ip_send_facts *facts, struct packet *p, nanoseconds now)
{
    ip_path_options(path, length);
    if (length)
        memcpy(packet_push(p, length), back, length);
    (void)ip4_send(ip, IP_PROTOCOL_ICMP, path, facts, p, now);
}

/* The options that an answer has. */
static uint32_t options_back(const struct ip_meta *meta, const struct packet *p,
                             uint8_t back[IP_OPTIONS_MOST])
{
    if (likely(meta->options_length == 0))
        return 0;
    return ip4_options_back(p->bytes + p->network + meta->options_at, meta->options_length, back);
}

/* ---- errors that we send ---- */

/* RFC 1122 3.2.2: never about an ICMP error, a broadcast or group datagram or frame, a fragment but
 * the first, or to a source that is not one station. */
static bool may_answer(const struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                       struct ip4_header *h)
{
    struct reader r = reader_of(p->bytes + p->network, p->end - p->network);
    uint8_t type;

    if (meta->broadcast || !ip4_header_read_quoted(&r, h) || h->fragment_offset != 0)
        return false;
    if (!route_is_one_station(ip, meta->source) && !ip_is_own(ip, meta->source))
        return false;
    if (h->protocol != IP_PROTOCOL_ICMP)
        return true;
    type = read_u8(&r);
    return !r.failed && (type == ICMP4_ECHO || type == ICMP4_ECHO_REPLY ||
                         type == ICMP4_TIMESTAMP || type == ICMP4_TIMESTAMP_REPLY);
}

/* RFC 792, RFC 1122 3.2.2: the header and more than 8 octets of what it is about, unchanged (RFC
 * 1812 4.3.2.3: up to 576). */
void icmp4_send_error(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                      enum icmp4_type type, uint8_t code, uint32_t rest, nanoseconds now)
{
    /* RFC 1812 4.3.2.5: precedence 6; no DF, so that it passes anywhere */
    const struct ip_send_facts facts = {.traffic_class = 0xc0};
    struct address source = ip_is_own(ip, meta->dest) ? meta->dest : (struct address){0};
    struct ip4_header h;
    uint8_t back[IP_OPTIONS_MOST];
    struct ip_path path;
    struct packet *message;
    uint32_t length, options = options_back(meta, p, back);

    if (!may_answer(ip, meta, p, &h) || ip_path_find(ip, meta->source, source, 0, now, &path) < 0)
        return;
    if (!path.local && !icmp_rate_allows(ip, meta->source, now)) {
        event_drop(&ip->means->voice, now, DROP_ICMP_RATE, NULL);
        return;
    }
    length = (uint32_t)least(p->end - p->network, h.total_length);
    length =
        (uint32_t)least(length, ICMP4_ERROR_MOST - IP4_HEADER_BYTES - ICMP4_HEADER_BYTES - options);
    message = packet_get(ip->means->packets, &ip->means->packet_budget, length);
    if (!message) {
        event_drop(&ip->means->voice, now, DROP_NO_MEMORY, NULL);
        return;
    }
    memcpy(packet_append(message, length), p->bytes + p->network, length);
    header_push(message, (uint8_t)type, code, rest);
    answer(ip, back, options, &path, &facts, message, now);
}

/* RFC 1122 3.2.2.1: of the codes of "unreachable", a host finds these two; the others are a
 * router's. */
void icmp4_send_unreachable(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                            enum ip_error_kind kind, nanoseconds now)
{
    icmp4_send_error(ip, meta, p, ICMP4_UNREACHABLE,
                     kind == IP_ERROR_PROTOCOL_UNREACHABLE ? ICMP4_CODE_PROTOCOL : ICMP4_CODE_PORT,
                     0, now);
}

/* RFC 1122 3.3.2. */
void icmp4_send_timeout(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                        nanoseconds now)
{
    icmp4_send_error(ip, meta, p, ICMP4_TIME_EXCEEDED, ICMP4_CODE_REASSEMBLY, 0, now);
}

/* ---- errors that we get ---- */

/* RFC 1122 3.2.2: the protocol in the quoted header says whose it is; RFC 5927 4.1: that one says
 * whether it is plausible. */
enum ip_heard icmp4_error_tell(struct ip *ip, struct ip_error *error,
                               const struct ip4_header *quoted, struct reader *rest,
                               nanoseconds now)
{
    enum ip_heard watched = IP_UNHEARD;

    error->protocol = quoted->protocol;
    error->source = address_from_ip4(quoted->source);
    error->dest = address_from_ip4(quoted->dest);
    error->quoted = rest->at;
    error->quoted_length =
        (uint32_t)least(reader_left(rest), (uint64_t)quoted->total_length - quoted->header_bytes);
    error->quoted_header = quoted->header_bytes;
    if (quoted->fragment_offset != 0 || !ip_is_own(ip, error->source))
        return IP_UNHEARD;
    if (unlikely(ip->watcher))
        watched = ip_upper_watch_error(ip, error, now);
    if (quoted->protocol == IP_PROTOCOL_ICMP &&
        (error->quoted_length == 0 || error->quoted[0] != ICMP4_ECHO))
        return watched; /* an error about an error */
    return ip_upper_error(ip, error, now) ? IP_PLAUSIBLE : watched;
}

/* RFC 792, RFC 1122 3.2.2.1: what the code says; false: nothing that we know. */
static bool unreachable_kind(uint8_t code, enum ip_error_kind *kind)
{
    static const uint8_t kinds[] = {
        [ICMP4_CODE_NET] = IP_ERROR_NET_UNREACHABLE,
        [ICMP4_CODE_HOST] = IP_ERROR_HOST_UNREACHABLE,
        [ICMP4_CODE_PROTOCOL] = IP_ERROR_PROTOCOL_UNREACHABLE,
        [ICMP4_CODE_PORT] = IP_ERROR_PORT_UNREACHABLE,
        [ICMP4_CODE_TOO_BIG] = IP_ERROR_TOO_BIG,
        [5] = IP_ERROR_SOURCE_ROUTE,     /* source route failed */
        [6] = IP_ERROR_NET_UNREACHABLE,  /* network unknown */
        [7] = IP_ERROR_HOST_UNREACHABLE, /* host unknown */
        [8] = IP_ERROR_HOST_UNREACHABLE, /* source host isolated */
        [9] = IP_ERROR_PROHIBITED,       /* the network */
        [10] = IP_ERROR_PROHIBITED,      /* the host */
        [11] = IP_ERROR_NET_UNREACHABLE, /* for this type of service */
        [12] = IP_ERROR_HOST_UNREACHABLE,
        [13] = IP_ERROR_PROHIBITED, /* by a filter: RFC 1812 5.2.7.1, as the next two */
        [14] = IP_ERROR_PROHIBITED, /* host precedence violation */
        [15] = IP_ERROR_PROHIBITED, /* precedence cutoff */
    };

    if (code >= sizeof kinds)
        return false;
    *kind = (enum ip_error_kind)kinds[code];
    return true;
}

/* The plateaus just below what links carry. */
uint32_t icmp4_plateau(uint32_t length)
{
    static const uint16_t plateaus[] = {65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508};

    for (uint32_t i = 0; i < sizeof plateaus / sizeof plateaus[0]; i++)
        if (plateaus[i] < length)
            return plateaus[i];
    return IP4_MTU_LEAST;
}

/* RFC 1191 4, 5 and 7.1; RFC 5927 7: a packet as small as it asks for cannot have been too big, and
 * one that may be fragmented cannot have met the error. */
static bool too_big_read(const struct icmp4_header *h, const struct ip4_header *quoted,
                         uint32_t *mtu)
{
    *mtu = h->rest & 0xffff;
    if (*mtu == 0)
        *mtu = icmp4_plateau(quoted->total_length);
    if (!quoted->dont_fragment || *mtu >= quoted->total_length)
        return false;
    return *mtu >= IP4_MTU_LEAST;
}

/* What the message says in our words (RFC 1122 3.2.2.1, 3.2.2.4 and 3.2.2.5); false: a code that
 * nobody has defined, or a size that cannot be, and so nothing to act on. */
static bool kind_of(const struct ip *ip, const struct icmp4_header *h,
                    const struct ip4_header *quoted, struct ip_error *error, uint32_t *mtu)
{
    if (h->type == ICMP4_TIME_EXCEEDED) {
        error->kind =
            h->code == ICMP4_CODE_REASSEMBLY ? IP_ERROR_REASSEMBLY_TIME : IP_ERROR_TIME_EXCEEDED;
        return h->code <= ICMP4_CODE_REASSEMBLY;
    }
    if (h->type == ICMP4_PARAMETER) {
        error->kind = IP_ERROR_PARAMETER;
        error->pointer = h->rest >> 24;
        return true;
    }
    if (!unreachable_kind(h->code, &error->kind))
        return false;
    if (error->kind != IP_ERROR_TOO_BIG)
        return true;
    if (!too_big_read(h, quoted, mtu))
        return false;
    error->mtu = (uint32_t)most(*mtu, ip->settings.path_mtu_least);
    return true;
}

/* RFC 1122 3.2.2: the error goes to the upper that sent the datagram. */
static void error_receive(struct ip *ip, const struct ip_meta *meta, const struct icmp4_header *h,
                          struct reader *r, struct packet *p, nanoseconds now)
{
    struct ip_error error;
    struct ip4_header quoted;
    enum ip_heard heard = IP_UNHEARD;
    uint32_t mtu = 0;

    if (!ip4_header_read_quoted(r, &quoted)) {
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
    if (!meta->broadcast && kind_of(ip, h, &quoted, &error, &mtu))
        heard = icmp4_error_tell(ip, &error, &quoted, r, now);
    if (heard == IP_UNHEARD) {
        drop(ip, p, DROP_ICMP_IGNORED, now);
        return;
    }
    if (heard == IP_PLAUSIBLE && error.kind == IP_ERROR_TOO_BIG) {
        path_mtu_lower(ip, error.dest, mtu, now);
        ip_timer_rearm(ip);
    }
    packet_put(p);
}

static void redirect_receive(struct ip *ip, const struct ip_meta *meta,
                             const struct icmp4_header *h, struct reader *r, struct packet *p,
                             nanoseconds now)
{
    if (!redirect4_receive(ip, meta, h, r, now)) {
        drop(ip, p, DROP_ICMP_IGNORED, now);
        return;
    }
    ip_timer_rearm(ip);
    packet_put(p);
}

/* ---- what comes in ---- */

/* RFC 1122 3.2.2.6: the data come back unchanged, from the address that was asked; broadcasts are
 * not answered. No option of the request is copied. */
static void echo_receive(struct ip *ip, const struct ip_meta *meta, const struct icmp4_header *h,
                         struct packet *p, nanoseconds now)
{
    const struct ip_send_facts facts = {.traffic_class = meta->traffic_class & 0xfc};
    uint8_t back[IP_OPTIONS_MOST];
    uint32_t options = options_back(meta, p, back);
    struct ip_path path;

    if (meta->broadcast || ip->settings.icmp_echo_ignore_all) {
        drop(ip, p, DROP_ICMP_IGNORED, now);
        return;
    }
    if (ip_path_find(ip, meta->source, meta->dest, 0, now, &path) < 0) {
        drop(ip, p, DROP_IP_NO_ROUTE, now);
        return;
    }
    packet_take(p, ICMP4_HEADER_BYTES);
    header_push(p, ICMP4_ECHO_REPLY, 0, h->rest);
    p->mark = MARK_NONE;
    p->flags = 0;
    answer(ip, back, options, &path, &facts, p, now);
}

/* RFC 1122 3.2.2.6: to who asked, which only the ping sockets know. */
static void reply_receive(struct ip *ip, const struct ip_meta *meta, struct packet *p,
                          nanoseconds now)
{
    if (!ip_upper_receive(ip, meta, p, now))
        drop(ip, p, DROP_PING_NO_SOCKET, now);
}

/* RFC 792, RFC 1122 3.2.2: by type; unknown ones are silently discarded. */
void icmp4_receive(struct ip *ip, const struct ip_meta *meta, struct packet *p, nanoseconds now)
{
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct icmp4_header h;

    if (!icmp4_header_read(&r, &h) || !h.checksum_right) {
        drop(ip, p, DROP_ICMP_HEADER, now);
        return;
    }
    switch (h.type) {
    case ICMP4_ECHO:
        echo_receive(ip, meta, &h, p, now);
        return;
    case ICMP4_ECHO_REPLY:
        reply_receive(ip, meta, p, now);
        return;
    case ICMP4_UNREACHABLE:
    case ICMP4_TIME_EXCEEDED:
    case ICMP4_PARAMETER:
        error_receive(ip, meta, &h, &r, p, now);
        return;
    case ICMP4_REDIRECT:
        redirect_receive(ip, meta, &h, &r, p, now);
        return;
    case ICMP4_SOURCE_QUENCH:   /* RFC 6633 3: anybody could slow us down by it */
    case ICMP4_TIMESTAMP:       /* a MAY (RFC 1122 3.2.2.8), and it tells our clock */
    case ICMP4_TIMESTAMP_REPLY: /* we never ask */
        drop(ip, p, DROP_ICMP_IGNORED, now);
        return;
    default: /* RFC 1122 3.2.2: silently, but counted */
        drop(ip, p, DROP_ICMP_HEADER, now);
    }
}
