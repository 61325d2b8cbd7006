/* SPDX-License-Identifier: MIT */
/*
 * The theory is in fragment.h. RFC 791 3.2 and RFC 8200 4.5 (the procedure), RFC 1122 3.3.2 (time
 * and errors), RFC 3168 5.3 (ECN of a reassembled datagram), RFC 1858 and RFC 5722 (what attackers
 * do).
 */
#include "3-network/fragment.h"

#include <string.h>

#include "base/integer.h"
#include "base/pool.h"

/* The payload's place in the big packet: behind room for the longest header. */
enum { PAYLOAD_AT = FRAGMENT_HEADER_MOST, DATAGRAM_MOST = 65535 };

struct piece {
    uint16_t from, to;
};

struct set {
    struct address source, dest;
    nanoseconds deadline;
    struct packet *packet; /* NULL: condemned */
    uint32_t end;          /* of the payload; 0: the last fragment has not come */
    uint32_t held;         /* bytes */
    uint32_t id;
    uint32_t uncounted; /* of header_bytes */
    uint16_t interface;
    uint16_t count;
    uint16_t header_bytes; /* of the first fragment; 0: it has not come */
    uint16_t next_at;      /* of the first fragment, as the next two */
    uint8_t next;
    uint8_t traffic_class;
    uint8_t protocol;
    uint8_t used;
    uint8_t broadcast;
    uint8_t ecn_seen; /* bit of each ECN field */
    uint16_t longest; /* bytes of a piece with its header */
    struct piece piece[FRAGMENT_PIECES];
};

/* Of one family. */
struct fragment {
    struct set set[IP_FRAGMENT_SETS];
    uint64_t bytes; /* of the slots of their packets */
    uint32_t family;
    uint32_t source_bits; /* of an address: who is one source */
};

uint32_t fragment_bytes(void)
{
    return sizeof(struct fragment);
}

/* A host that gets no fragments needs no memory for them: it is taken with the first. */
static struct fragment *of_family(struct ip *ip, enum ip_family_kind family)
{
    struct fragment *f = ip->fragments[family];

    if (f)
        return f;
    f = pool_get(ip->fragments_pool);
    if (!f)
        return NULL;
    f->family = family;
    f->source_bits = ip_family_rows[family].source_bits;
    ip->fragments[family] = f;
    return f;
}

/* ---- sets ---- */

static void set_condemn(struct fragment *f, struct set *s)
{
    if (!s->packet)
        return;
    f->bytes -= s->packet->size;
    packet_put(s->packet);
    s->packet = NULL;
}

static void set_free(struct fragment *f, struct set *s)
{
    set_condemn(f, s);
    memset(s, 0, sizeof *s);
}

/* What was held is discarded, by name. */
static void set_drop(struct ip *ip, struct set *s, enum drop reason, nanoseconds now)
{
    if (s->packet && s->count) {
        s->packet->network = PAYLOAD_AT - s->header_bytes;
        s->packet->start = s->packet->network;
        s->packet->end = PAYLOAD_AT + s->piece[s->count - 1].to;
        event_drop(&ip->means->voice, now, reason, s->header_bytes ? s->packet : NULL);
    }
}

/* RFC 791 3.2: source, destination, protocol and identification say what belongs together; RFC 8200
 * 4.5: the same without a protocol. */
static struct set *set_find(struct fragment *f, const struct ip_meta *meta,
                            const struct fragment_piece *piece)
{
    for (uint32_t k = 0; k < IP_FRAGMENT_SETS; k++) {
        struct set *s = &f->set[k];

        if (s->used && s->id == piece->id && s->protocol == piece->protocol &&
            s->interface == meta->interface && address_equal(s->source, meta->source) &&
            address_equal(s->dest, meta->dest))
            return s;
    }
    return NULL;
}

/* The oldest set; of one source if `source` is given. The oldest ends first. */
static struct set *set_oldest(struct fragment *f, const struct address *source, bool with_memory)
{
    struct set *oldest = NULL;

    for (uint32_t k = 0; k < IP_FRAGMENT_SETS; k++) {
        struct set *s = &f->set[k];

        if (s->used && (!source || address_matches(s->source, *source, f->source_bits)) &&
            (!with_memory || s->packet) && (!oldest || s->deadline < oldest->deadline))
            oldest = s;
    }
    return oldest;
}

static void set_evict(struct ip *ip, struct fragment *f, struct set *s, nanoseconds now)
{
    set_drop(ip, s, DROP_IP_FRAGMENT, now);
    set_free(f, s);
}

/* A free place, within the limits. */
static struct set *set_room(struct ip *ip, struct fragment *f, const struct address *source,
                            nanoseconds now)
{
    uint32_t of_source = 0;
    struct set *free = NULL;

    for (uint32_t k = 0; k < IP_FRAGMENT_SETS; k++) {
        struct set *s = &f->set[k];

        if (!s->used)
            free = free ? free : s;
        else if (address_matches(s->source, *source, f->source_bits))
            of_source++;
    }
    if (of_source >= FRAGMENT_SETS_OF_SOURCE) {
        free = set_oldest(f, source, false);
        set_evict(ip, f, free, now);
    } else if (!free) {
        free = set_oldest(f, NULL, false);
        set_evict(ip, f, free, now);
    }
    while (f->bytes + PACKET_HEADROOM + PACKET_BIG_BYTES >
           ip->settings.fragment_high_bytes[f->family]) {
        struct set *s = set_oldest(f, NULL, true);

        if (!s)
            return NULL;
        set_evict(ip, f, s, now);
    }
    return free;
}

static struct set *set_open(struct ip *ip, struct fragment *f, const struct ip_meta *meta,
                            const struct fragment_piece *piece, nanoseconds now)
{
    struct set *s = set_room(ip, f, &meta->source, now);
    struct packet *big =
        s ? packet_get(ip->means->packets, &ip->means->packet_budget, DATAGRAM_MOST) : NULL;

    if (!big)
        return NULL;
    s->used = 1;
    s->packet = big;
    s->source = meta->source;
    s->dest = meta->dest;
    s->id = piece->id;
    s->protocol = piece->protocol;
    s->interface = meta->interface;
    s->broadcast = meta->broadcast;
    s->deadline = now + (nanoseconds)ip->settings.fragment_time_ms[f->family] * MILLISECOND;
    f->bytes += big->size;
    return s;
}

/* ---- pieces ---- */

enum verdict { PIECE_NEW, PIECE_DUPLICATE, PIECE_BAD };

/* RFC 5722 4 in spirit: where the piece goes, or what is wrong with it. */
static enum verdict piece_place(const struct set *s, uint32_t from, uint32_t to, bool more,
                                const uint8_t *bytes, uint32_t *at)
{
    uint32_t low = 0, high = s->count;

    if (s->end && (more ? to >= s->end : to != s->end))
        return PIECE_BAD;
    if (!more && s->count && s->piece[s->count - 1].to > to)
        return PIECE_BAD;
    while (low < high) {
        uint32_t middle = (low + high) / 2;

        if (s->piece[middle].from < from)
            low = middle + 1;
        else
            high = middle;
    }
    *at = low;
    if (low < s->count && s->piece[low].from == from && s->piece[low].to == to)
        return more == (to != s->end) &&
                       memcmp(s->packet->bytes + PAYLOAD_AT + from, bytes, to - from) == 0
                   ? PIECE_DUPLICATE
                   : PIECE_BAD;
    if ((low > 0 && s->piece[low - 1].to > from) || (low < s->count && s->piece[low].from < to) ||
        s->count == FRAGMENT_PIECES)
        return PIECE_BAD;
    return PIECE_NEW;
}

/* RFC 791 3.2, RFC 8200 4.5, the reassembly procedure. */
static void piece_add(struct set *s, const struct fragment_piece *piece, const struct packet *p,
                      uint32_t at)
{
    uint32_t from = piece->offset, length = packet_length(p);

    memmove(&s->piece[at + 1], &s->piece[at], (s->count - at) * sizeof s->piece[0]);
    s->piece[at].from = (uint16_t)from;
    s->piece[at].to = (uint16_t)(from + length);
    s->count++;
    s->held += length;
    if (piece->header_bytes + length > s->longest)
        s->longest = (uint16_t)least(piece->header_bytes + length, UINT16_MAX);
    s->ecn_seen |= (uint8_t)(1u << (piece->traffic_class & 3));
    if (!piece->more)
        s->end = from + length;
    memcpy(s->packet->bytes + PAYLOAD_AT + from, packet_data(p), length);
    if (from == 0) {
        s->header_bytes = (uint16_t)piece->header_bytes;
        s->uncounted = piece->uncounted;
        s->traffic_class = piece->traffic_class;
        s->next_at = piece->next_at;
        s->next = piece->next;
        memcpy(s->packet->bytes + PAYLOAD_AT - piece->header_bytes, piece->header,
               piece->header_bytes);
    }
}

/* RFC 3168 5.3: CE of any fragment is kept; CE beside Not-ECT is not believed. */
static bool ecn_join(struct set *s)
{
    if (!(s->ecn_seen & 1u << IP_ECN_CE))
        return true;
    s->traffic_class |= IP_ECN_CE;
    return (s->ecn_seen & 1u << IP_ECN_NOT) == 0;
}

static struct packet *set_complete(struct fragment *f, struct set *s, struct fragment_whole *whole)
{
    struct packet *p = s->packet;

    whole->header_bytes = s->header_bytes;
    whole->length = s->end;
    whole->next_at = s->next_at;
    whole->longest = s->longest;
    whole->next = s->next;
    whole->traffic_class = s->traffic_class;
    p->start = p->network = PAYLOAD_AT - s->header_bytes;
    p->end = PAYLOAD_AT + s->end;
    f->bytes -= p->size;
    s->packet = NULL;
    set_free(f, s);
    return p;
}

struct packet *fragment_fit(struct ip *ip, struct packet *p)
{
    uint32_t total = packet_length(p);
    struct packet *small;

    if (total > PACKET_SMALL_BYTES)
        return p;
    small = packet_get(ip->means->packets, &ip->means->packet_budget, total);
    if (!small)
        return p;
    memcpy(packet_append(small, total), packet_data(p), total);
    small->network = small->start;
    packet_put(p);
    return small;
}

/* A piece that does not fit condemns its datagram. */
static struct packet *refuse(struct ip *ip, struct fragment *f, struct set *s, struct packet *p,
                             enum drop reason, nanoseconds now)
{
    if (s) {
        set_drop(ip, s, reason, now);
        set_condemn(f, s);
    }
    event_drop(&ip->means->voice, now, reason, p);
    packet_put(p);
    return NULL;
}

/* RFC 791 3.2, RFC 1122 3.3.2, RFC 8200 4.5; overlaps condemn the datagram, in silence, what is yet
 * to come of it included (RFC 5722 4). */
struct packet *fragment_receive(struct ip *ip, enum ip_family_kind family,
                                const struct ip_meta *meta, const struct fragment_piece *piece,
                                struct packet *p, struct fragment_whole *whole, nanoseconds now)
{
    struct fragment *f = of_family(ip, family);
    uint32_t from = piece->offset, length = packet_length(p), at;
    struct set *s = f ? set_find(f, meta, piece) : NULL;

    if (!f)
        return refuse(ip, f, NULL, p, DROP_NO_MEMORY, now);
    if (s && !s->packet)
        return refuse(ip, f, NULL, p, DROP_IP_FRAGMENT, now);
    if (length == 0 || (piece->more && length % 8 != 0) ||
        piece->header_bytes > FRAGMENT_HEADER_MOST)
        return refuse(ip, f, NULL, p, DROP_IP_FRAGMENT, now);
    if (piece->header_bytes - piece->uncounted + from + length > DATAGRAM_MOST)
        return refuse(ip, f, s, p, DROP_IP_FRAGMENT, now);
    if (!s)
        s = set_open(ip, f, meta, piece, now);
    if (!s)
        return refuse(ip, f, NULL, p, DROP_NO_MEMORY, now);
    switch (piece_place(s, from, from + length, piece->more, packet_data(p), &at)) {
    case PIECE_DUPLICATE:
        return refuse(ip, f, NULL, p, DROP_IP_FRAGMENT, now);
    case PIECE_BAD:
        return refuse(ip, f, s, p, DROP_IP_FRAGMENT, now);
    case PIECE_NEW:
        break;
    }
    piece_add(s, piece, p, at);
    if (s->end == 0 || s->held != s->end) {
        packet_put(p);
        return NULL;
    }
    if (s->header_bytes - s->uncounted + s->end > DATAGRAM_MOST || !ecn_join(s))
        return refuse(ip, f, s, p, DROP_IP_FRAGMENT, now);
    packet_put(p);
    return set_complete(f, s, whole);
}

/* ---- time ---- */

/* RFC 1122 3.3.2, RFC 8200 4.5: the source is told only if the first fragment is there to be
 * quoted. */
static struct packet *set_end(struct ip *ip, struct fragment *f, struct set *s,
                              struct ip_meta *meta, nanoseconds now)
{
    struct packet *p = s->header_bytes ? s->packet : NULL;

    set_drop(ip, s, DROP_IP_FRAGMENT_TIMEOUT, now);
    if (p) {
        memset(meta, 0, sizeof *meta);
        meta->source = s->source;
        meta->dest = s->dest;
        meta->interface = s->interface;
        meta->broadcast = s->broadcast;
        p->end = PAYLOAD_AT + s->piece[0].to;
        f->bytes -= p->size;
        s->packet = NULL;
    }
    set_free(f, s);
    return p;
}

struct packet *fragment_expire(struct ip *ip, enum ip_family_kind family, struct ip_meta *meta,
                               nanoseconds now)
{
    struct fragment *f = ip->fragments[family];

    for (uint32_t k = 0; f && k < IP_FRAGMENT_SETS; k++) {
        struct packet *p;

        if (!f->set[k].used || f->set[k].deadline > now)
            continue;
        p = set_end(ip, f, &f->set[k], meta, now);
        if (p)
            return p;
    }
    return NULL;
}

nanoseconds fragment_deadline(const struct ip *ip, enum ip_family_kind family)
{
    const struct fragment *f = ip->fragments[family];
    nanoseconds first = NEVER;

    for (uint32_t k = 0; f && k < IP_FRAGMENT_SETS; k++)
        if (f->set[k].used)
            first = time_earlier(first, f->set[k].deadline);
    return first;
}

uint32_t fragment_sets(const struct ip *ip, enum ip_family_kind family)
{
    const struct fragment *f = ip->fragments[family];
    uint32_t n = 0;

    for (uint32_t k = 0; f && k < IP_FRAGMENT_SETS; k++)
        n += f->set[k].used;
    return n;
}

int fragment_check(const struct ip *ip, enum ip_family_kind family)
{
    const struct fragment *f = ip->fragments[family];
    uint64_t bytes = 0;

    for (uint32_t k = 0; f && k < IP_FRAGMENT_SETS; k++) {
        const struct set *s = &f->set[k];
        uint32_t held = 0;

        for (uint32_t j = 0; j < s->count; j++) {
            held += (uint32_t)(s->piece[j].to - s->piece[j].from);
            if (s->piece[j].from >= s->piece[j].to ||
                (j > 0 && s->piece[j - 1].to > s->piece[j].from))
                return __LINE__;
        }
        if (held != s->held)
            return __LINE__;
        bytes += s->packet ? s->packet->size : 0;
    }
    return !f || bytes == f->bytes ? 0 : __LINE__;
}
