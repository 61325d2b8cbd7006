/* SPDX-License-Identifier: MIT */
/* Flows out of bytes and into them: theory in translate_packet.h. */
#include "3-network/translate_packet.h"

#include "base/bytes.h"
#include "base/checksum.h"
#include "base/compiler.h"

enum {
    PROTOCOL_ICMP6 = 58,
    PORTS_BYTES = 8, /* what of a transport header must be there: RFC 792 quotes no more */
    TCP_BYTES = 20,
    TCP_FLAGS_AT = 13,
    TCP_CHECKSUM_AT = 16,
    UDP_CHECKSUM_AT = 6,
    ICMP_CHECKSUM_AT = 2,
    ICMP_IDENTIFIER_AT = 4,
    ICMP_BYTES = 8, /* in front of what an error quotes */
    IP4_BYTES = 20,
    IP4_ID_AT = 4,
    IP4_FLAGS_AT = 6,
    IP4_DONT_FRAGMENT = 0x4000,
    IP4_CHECKSUM_AT = 10,
    IP4_SOURCE_AT = 12,
    IP4_DEST_AT = 16,
    IP6_BYTES = 40,
    IP6_SOURCE_AT = 8,
    IP6_DEST_AT = 24,
    QUOTED_HEADERS = 8 /* extension headers of a quoted packet that are walked */
};

/* What a message of ICMP is to a translator. */
enum icmp_use { ICMP_REQUEST, ICMP_REPLY, ICMP_ERROR, ICMP_OTHER };

/* RFC 792, RFC 4443: echo is the one query that hosts here send. */
static enum icmp_use icmp_use_of(uint8_t protocol, uint8_t type)
{
    bool is6 = protocol == PROTOCOL_ICMP6;

    if (type == (is6 ? 128 : 8))
        return ICMP_REQUEST;
    if (type == (is6 ? 129 : 0))
        return ICMP_REPLY;
    if (is6 ? type >= 1 && type <= 4 : type == 3 || type == 11 || type == 12)
        return ICMP_ERROR;
    return ICMP_OTHER;
}

static bool is_icmp(uint8_t protocol)
{
    return protocol == IP_PROTOCOL_ICMP || protocol == PROTOCOL_ICMP6;
}

/* RFC 1624 3: a checksum over what held `old` and holds `new` now, both as sums. */
static uint16_t checksum_after(uint16_t field, uint64_t old, uint64_t new)
{
    uint64_t sum = (uint64_t)(uint16_t)~field + (uint16_t)~checksum_fold(old) + new;

    return checksum_finish(sum);
}

static void checksum_change(uint8_t *at, uint64_t old, uint64_t new)
{
    u16_put(at, checksum_after(u16_at(at), old, new));
}

/* ---- flows ---- */

/* Ports, of which an identifier is that of who asks. `length` is at least PORTS_BYTES.
 * @return false: no protocol with ports, or no message with an identifier */
static bool ports_read(const uint8_t *at, uint32_t length, struct translate_flow *flow)
{
    enum icmp_use use;

    flow->source.port = flow->dest.port = 0;
    flow->tcp_flags = 0;
    if (flow->protocol == IP_PROTOCOL_TCP || flow->protocol == IP_PROTOCOL_UDP) {
        flow->source.port = u16_at(at);
        flow->dest.port = u16_at(at + 2);
        if (flow->protocol == IP_PROTOCOL_TCP && length >= TCP_BYTES)
            flow->tcp_flags = at[TCP_FLAGS_AT];
        return true;
    }
    use = is_icmp(flow->protocol) ? icmp_use_of(flow->protocol, at[0]) : ICMP_OTHER;
    if (use == ICMP_REQUEST)
        flow->source.port = u16_at(at + ICMP_IDENTIFIER_AT);
    else if (use == ICMP_REPLY)
        flow->dest.port = u16_at(at + ICMP_IDENTIFIER_AT);
    return use == ICMP_REQUEST || use == ICMP_REPLY;
}

/* What of a flow stands under the checksum of its transport. */
static uint64_t sum_of(const struct translate_flow *flow)
{
    uint64_t sum = (uint64_t)flow->source.port + flow->dest.port;

    if (flow->protocol == IP_PROTOCOL_ICMP) /* no pseudo-header: RFC 792 */
        return sum;
    return checksum_pseudo(flow->source.address, flow->dest.address, 0, 0) + sum;
}

static void ports_write(uint8_t *at, uint32_t length, const struct translate_flow *before,
                        const struct translate_flow *after)
{
    uint32_t checksum_at = ICMP_CHECKSUM_AT;

    if (is_icmp(after->protocol)) {
        u16_put(at + ICMP_IDENTIFIER_AT, after->source.port | after->dest.port);
    } else {
        u16_put(at, after->source.port);
        u16_put(at + 2, after->dest.port);
        checksum_at = after->protocol == IP_PROTOCOL_TCP ? TCP_CHECKSUM_AT : UDP_CHECKSUM_AT;
    }
    if (length < checksum_at + 2) /* a quote may end before it */
        return;
    /* RFC 768: 0 is none, and stays none */
    if (after->protocol == IP_PROTOCOL_UDP && u16_at(at + checksum_at) == 0)
        return;
    checksum_change(at + checksum_at, sum_of(before), sum_of(after));
    if (after->protocol == IP_PROTOCOL_UDP && u16_at(at + checksum_at) == 0)
        u16_put(at + checksum_at, 0xffff);
}

/* ---- addresses in an IP header ---- */

static struct address address_at(const uint8_t *at)
{
    return (struct address){.high = (uint64_t)u32_at(at) << 32 | u32_at(at + 4),
                            .low = (uint64_t)u32_at(at + 8) << 32 | u32_at(at + 12)};
}

static void address_put(uint8_t *at, struct address a)
{
    u32_put(at, (uint32_t)(a.high >> 32));
    u32_put(at + 4, (uint32_t)a.high);
    u32_put(at + 8, (uint32_t)(a.low >> 32));
    u32_put(at + 12, (uint32_t)a.low);
}

static void header_write(uint8_t *header, const struct translate_flow *before,
                         const struct translate_flow *after)
{
    struct address source = after->source.address, dest = after->dest.address;

    if (!address_is_mapped(source)) {
        address_put(header + IP6_SOURCE_AT, source);
        address_put(header + IP6_DEST_AT, dest);
        return;
    }
    u32_put(header + IP4_SOURCE_AT, address_to_ip4(source));
    u32_put(header + IP4_DEST_AT, address_to_ip4(dest));
    checksum_change(header + IP4_CHECKSUM_AT,
                    checksum_pseudo(before->source.address, before->dest.address, 0, 0),
                    checksum_pseudo(source, dest, 0, 0));
}

/* ---- quoted packets ---- */

/* A packet that an error quotes. */
struct quote {
    uint8_t *header, *transport;
    uint32_t available; /* of the transport's bytes */
    struct translate_flow flow;
};

/* RFC 5508 4.1: a bad checksum of the quoted header makes it void, options are walked past, and the
 * checksum of the transport is nobody's business here. */
static bool quote4_read(uint8_t *at, uint32_t length, struct quote *quote)
{
    uint32_t header = length >= IP4_BYTES ? (at[0] & 15U) * 4 : 0;

    if (header < IP4_BYTES || at[0] >> 4 != 4 || header + PORTS_BYTES > length ||
        (u16_at(at + 6) & 0x1fff) != 0 || checksum_finish(checksum_header(0, at, header)) != 0)
        return false;
    quote->flow.source.address = address_from_ip4(u32_at(at + IP4_SOURCE_AT));
    quote->flow.dest.address = address_from_ip4(u32_at(at + IP4_DEST_AT));
    quote->flow.protocol = at[9];
    quote->transport = at + header;
    quote->available = length - header;
    return true;
}

static bool quote6_read(uint8_t *at, uint32_t length, struct quote *quote)
{
    uint32_t offset = IP6_BYTES;
    uint8_t next;

    if (length < IP6_BYTES + PORTS_BYTES || at[0] >> 4 != 6)
        return false;
    quote->flow.source.address = address_at(at + IP6_SOURCE_AT);
    quote->flow.dest.address = address_at(at + IP6_DEST_AT);
    if (address_is_mapped(quote->flow.source.address) ||
        address_is_mapped(quote->flow.dest.address))
        return false; /* IPv4's, whose sessions stand in the same tables */
    next = at[6];
    for (unsigned i = 0; i < QUOTED_HEADERS; i++) {
        bool is_fragment = next == 44;

        if (next != 0 && next != 43 && next != 60 && !is_fragment) {
            quote->flow.protocol = next;
            quote->transport = at + offset;
            quote->available = length - offset;
            return true;
        }
        if (is_fragment && (u16_at(at + offset + 2) & 0xfff8) != 0)
            return false; /* not the first: no ports */
        next = at[offset];
        offset += is_fragment ? 8 : (at[offset + 1] + 1U) * 8;
        if (offset + PORTS_BYTES > length)
            return false;
    }
    return false;
}

/* Where the quoted packet ends: at extensions (RFC 4884 3), if there are any. */
static uint32_t quoted_length(uint8_t protocol, const uint8_t *icmp, uint32_t length)
{
    uint32_t said = protocol == IP_PROTOCOL_ICMP ? icmp[5] * 4U : icmp[4] * 8U;

    /* of Packet Too Big the fields are the MTU's */
    if (protocol == PROTOCOL_ICMP6 && icmp[0] == 2)
        said = 0;
    length -= ICMP_BYTES;
    return said != 0 && said < length ? said : length;
}

static bool quote_read(uint8_t protocol, uint8_t *icmp, uint32_t length, struct quote *quote)
{
    uint32_t most = quoted_length(protocol, icmp, length);

    return (protocol == IP_PROTOCOL_ICMP ? quote4_read(icmp + ICMP_BYTES, most, quote)
                                         : quote6_read(icmp + ICMP_BYTES, most, quote)) &&
           ((quote->header = icmp + ICMP_BYTES), true);
}

/* ---- packets ---- */

/* A packet as it came: what it is, and where. */
struct passing {
    uint8_t *header, *transport;
    uint32_t length; /* of the transport's bytes */
    struct translate_flow flow;
    bool is_error, is_question, is_answer; /* of ICMP */
    bool by_prefix;                        /* addresses alone change, and no checksum with them */
    struct quote quote;
};

static uint64_t icmp_sum(const struct passing *v)
{
    uint64_t sum = 0;

    if (v->flow.protocol == PROTOCOL_ICMP6)
        sum = checksum_pseudo(v->flow.source.address, v->flow.dest.address, PROTOCOL_ICMP6,
                              v->length);
    return checksum_add(sum, v->transport, v->length);
}

static enum translate_verdict passing_read(const struct ip_meta *meta, struct packet *p,
                                           uint32_t transport, struct passing *v)
{
    enum icmp_use use;

    ensure(transport >= p->network && transport <= p->end);
    *v = (struct passing){.header = p->bytes + p->network,
                          .transport = p->bytes + transport,
                          .length = p->end - transport,
                          .flow = {.source.address = meta->source,
                                   .dest.address = meta->dest,
                                   .protocol = meta->protocol}};
    if (v->length < PORTS_BYTES)
        return TRANSLATE_MALFORMED;
    use = is_icmp(meta->protocol) ? icmp_use_of(meta->protocol, v->transport[0]) : ICMP_OTHER;
    v->is_question = use == ICMP_REQUEST;
    v->is_answer = use == ICMP_REPLY;
    if (use == ICMP_ERROR) {
        v->is_error = true;
        if (checksum_finish(icmp_sum(v)) != 0 ||
            !quote_read(meta->protocol, v->transport, v->length, &v->quote))
            return TRANSLATE_MALFORMED;
        return TRANSLATE_DONE;
    }
    if (meta->protocol == IP_PROTOCOL_TCP && v->length < TCP_BYTES)
        return TRANSLATE_MALFORMED;
    return ports_read(v->transport, v->length, &v->flow) ? TRANSLATE_DONE : TRANSLATE_PROTOCOL;
}

/* The packet as its flow says now; of an error, what it quotes, too. */
static void passing_write(struct passing *v, const struct translate_flow *after,
                          const struct translate_flow *quoted, struct ip_meta *meta)
{
    header_write(v->header, &v->flow, after);
    if (v->is_error)
        header_write(v->quote.header, &v->quote.flow, quoted);
    meta->source = after->source.address;
    meta->dest = after->dest.address;
    if (v->by_prefix)
        return;
    if (!v->is_error) {
        ports_write(v->transport, v->length, &v->flow, after);
    } else {
        ports_write(v->quote.transport, v->quote.available, &v->quote.flow, quoted);
        v->flow = *after;
        u16_put(v->transport + ICMP_CHECKSUM_AT, 0);
        u16_put(v->transport + ICMP_CHECKSUM_AT, checksum_finish(icmp_sum(v)));
    }
}

/* RFC 7857 10, RFC 6864 5.3: two hosts inside may have chosen one identification for datagrams to
 * one peer, to which they are one source now. What is never cut needs none. */
static void id_renew(struct translate *t, const struct passing *v)
{
    uint16_t old, new;

    if (!address_is_mapped(v->flow.source.address) ||
        u16_at(v->header + IP4_FLAGS_AT) & IP4_DONT_FRAGMENT)
        return;
    old = u16_at(v->header + IP4_ID_AT);
    new = (uint16_t)random_draw(t->key, RANDOM_IP_ID, t->id_draws++);
    u16_put(v->header + IP4_ID_AT, new);
    checksum_change(v->header + IP4_CHECKSUM_AT, old, new);
}

/* RFC 6296 2.6: no ports, and no checksum of a transport changes; so it is no matter whether one is
 * there. */
static enum translate_verdict by_prefix(const struct translate *t, bool outbound,
                                        enum translate_verdict verdict, struct passing *v,
                                        struct translate_flow *after, struct translate_flow *quoted)
{
    bool done;

    if (verdict == TRANSLATE_MALFORMED && v->is_error)
        return verdict;
    done = outbound ? translate_prefix_outbound(&t->prefix, &after->source.address)
                    : translate_prefix_inbound(&t->prefix, &after->dest.address);
    v->by_prefix = true;
    if (v->is_error)
        (void)(outbound ? translate_prefix_outbound(&t->prefix, &quoted->dest.address)
                        : translate_prefix_inbound(&t->prefix, &quoted->source.address));
    return done ? TRANSLATE_DONE : TRANSLATE_NONE;
}

static bool is_by_prefix(const struct translate *t, const struct ip_meta *meta)
{
    return t->prefix.bits > 0 && !address_is_mapped(meta->source);
}

/* RFC 5508 4.2.2: an error from inside comes from the router, as seen from outside. */
static enum translate_verdict quoted_outbound(const struct translate *t, struct passing *v,
                                              struct translate_flow *after,
                                              struct translate_flow *quoted)
{
    if (!ports_read(v->quote.transport, v->quote.available, quoted))
        return TRANSLATE_PROTOCOL;
    v->quote.flow = *quoted;
    if (!translate_quoted_inbound(t, quoted))
        return TRANSLATE_FILTERED;
    after->source.address = translate_outer(t, after->source.address);
    return TRANSLATE_DONE;
}

/* RFC 5508 4.2.1: from whomever it is, it goes to who sent what it quotes. */
static enum translate_verdict quoted_inbound(const struct translate *t, struct passing *v,
                                             struct translate_flow *after,
                                             struct translate_flow *quoted)
{
    if (!ports_read(v->quote.transport, v->quote.available, quoted))
        return TRANSLATE_NONE;
    v->quote.flow = *quoted;
    if (!translate_quoted_outbound(t, quoted))
        return TRANSLATE_NONE;
    after->dest.address = quoted->source.address;
    return TRANSLATE_DONE;
}

enum translate_verdict translate_packet_outbound(struct translate *t, struct ip_meta *meta,
                                                 struct packet *p, uint32_t transport,
                                                 nanoseconds now)
{
    struct passing v;
    enum translate_verdict verdict = passing_read(meta, p, transport, &v);
    struct translate_flow after = v.flow, quoted = v.quote.flow;

    if (is_by_prefix(t, meta))
        verdict = by_prefix(t, true, verdict, &v, &after, &quoted);
    else if (v.is_answer) /* RFC 5508 3.1: a question alone begins a mapping, and none came in */
        verdict = TRANSLATE_FILTERED;
    else if (verdict == TRANSLATE_DONE)
        verdict = v.is_error ? quoted_outbound(t, &v, &after, &quoted)
                             : translate_outbound(t, &after, now);
    if (verdict != TRANSLATE_DONE)
        return verdict;
    if (!address_equal(v.flow.source.address, after.source.address))
        id_renew(t, &v);
    passing_write(&v, &after, &quoted, meta);
    return verdict;
}

enum translate_verdict translate_packet_own(struct translate *t, struct ip_meta *meta,
                                            struct packet *p, uint32_t transport, nanoseconds now)
{
    struct translate_flow quoted;
    struct passing v;

    if (!is_by_prefix(t, meta))
        return translate_packet_outbound(t, meta, p, transport, now);
    if (passing_read(meta, p, transport, &v) != TRANSLATE_DONE || !v.is_error)
        return TRANSLATE_NONE;
    quoted = v.quote.flow;
    v.by_prefix = true;
    if (!translate_prefix_outbound(&t->prefix, &quoted.dest.address))
        return TRANSLATE_NONE;
    passing_write(&v, &v.flow, &quoted, meta);
    return TRANSLATE_DONE;
}

bool translate_packet_return(const struct translate *t, struct ip_meta *meta, struct packet *p,
                             uint32_t transport)
{
    struct passing v;
    enum translate_verdict verdict = passing_read(meta, p, transport, &v);
    struct translate_flow before = v.flow;

    if (v.is_error) /* nobody is told about one */
        return false;
    v.by_prefix = is_by_prefix(t, meta);
    if (v.by_prefix ? !translate_prefix_inbound(&t->prefix, &before.source.address)
                    : verdict != TRANSLATE_DONE || !translate_quoted_outbound(t, &before))
        return false;
    passing_write(&v, &before, &before, meta);
    return true;
}

enum translate_verdict translate_packet_inbound(struct translate *t, struct ip_meta *meta,
                                                struct packet *p, uint32_t transport,
                                                nanoseconds now)
{
    struct passing v;
    enum translate_verdict verdict = passing_read(meta, p, transport, &v);
    struct translate_flow after = v.flow, quoted = v.quote.flow;

    if (is_by_prefix(t, meta))
        verdict = by_prefix(t, false, verdict, &v, &after, &quoted);
    else if (verdict == TRANSLATE_PROTOCOL || v.is_question)
        verdict = TRANSLATE_NONE; /* the router's own, or nobody's */
    else if (verdict == TRANSLATE_DONE)
        verdict =
            v.is_error ? quoted_inbound(t, &v, &after, &quoted) : translate_inbound(t, &after, now);
    if (verdict == TRANSLATE_DONE)
        passing_write(&v, &after, &quoted, meta);
    return verdict;
}

bool translate_packet_is_known(const struct translate *t, const struct ip_meta *meta,
                               const struct packet *p, uint32_t transport)
{
    struct translate_flow flow = {
        .source.address = meta->source, .dest.address = meta->dest, .protocol = meta->protocol};

    return p->end - transport >= PORTS_BYTES &&
           ports_read(p->bytes + transport, p->end - transport, &flow) &&
           translate_is_known(t, &flow);
}

bool translate_packet_is_mapped(const struct translate *t, const struct ip_meta *meta,
                                const struct packet *p, uint32_t transport)
{
    struct translate_flow flow = {
        .source.address = meta->source, .dest.address = meta->dest, .protocol = meta->protocol};
    const uint8_t *at = p->bytes + transport;

    if (p->end - transport < PORTS_BYTES)
        return false;
    if (is_icmp(meta->protocol))
        return icmp_use_of(meta->protocol, at[0]) == ICMP_ERROR;
    return ports_read(at, p->end - transport, &flow) &&
           translate_is_mapped(t, flow.protocol, &flow.dest);
}

enum drop translate_packet_drop(enum translate_verdict verdict)
{
    switch (verdict) {
    case TRANSLATE_FULL:
        return DROP_NAT_FULL;
    case TRANSLATE_PROTOCOL:
        return DROP_NAT_PROTOCOL;
    case TRANSLATE_MALFORMED:
        return DROP_NAT_HEADER;
    case TRANSLATE_NONE:
    case TRANSLATE_HOLD:
    case TRANSLATE_FILTERED:
    case TRANSLATE_DONE:
        break;
    }
    return DROP_NAT_FILTERED;
}
