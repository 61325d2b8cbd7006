/* SPDX-License-Identifier: MIT */
/*
 * The theory is in fragment4.h. RFC 791 3.2 (the procedure), RFC 1122 3.3.2 (time and errors),
 * RFC 3168 5.3 (ECN of a reassembled datagram), RFC 1858 and RFC 5722 (what attackers do).
 */
#include "3-network/ip4/fragment4.h"

#include <errno.h>
#include <string.h>

#include "base/checksum.h"

/* The payload's place in the big packet: behind room for the longest header. */
enum { PAYLOAD_AT = PACKET_HEADROOM + IP4_HEADER_MOST };

struct piece {
    uint16_t from, to;
};

struct set {
    struct address source, dest;
    nanoseconds deadline;
    struct packet *packet; /* NULL: condemned */
    uint32_t end;          /* of the payload; 0: the last fragment has not come */
    uint32_t held;         /* bytes */
    uint16_t id;
    uint16_t interface;
    uint16_t count;
    uint8_t protocol;
    uint8_t used;
    uint8_t broadcast;
    uint8_t header_bytes;  /* of the first fragment; 0: it has not come */
    uint8_t ecn_seen;      /* bit of each ECN field */
    uint8_t traffic_class; /* of the first fragment */
    struct piece piece[FRAGMENT4_PIECES];
};

struct fragment4 {
    struct set set[IP_FRAGMENT_SETS];
    uint64_t bytes; /* of the slots of their packets */
};

uint32_t fragment4_bytes(void)
{
    return sizeof(struct fragment4);
}

/* ---- sending ---- */

/* RFC 791 3.2, the fragmentation procedure; RFC 1122 3.3.3. */
int fragment4_send(struct ip *ip, const struct ip_path *path, const struct ip4_header *h,
                   struct packet *p, nanoseconds now)
{
    const struct ip_interface *i = ip->interface[path->interface];
    uint32_t most_bytes = (path->mtu - IP4_HEADER_BYTES) & ~7u;
    uint32_t length = packet_length(p);

    for (uint32_t from = 0; from < length; from += most_bytes) {
        uint32_t n = length - from < most_bytes ? length - from : most_bytes;
        struct ip4_header piece = *h;
        struct packet *f = packet_get(ip->means->packets, &ip->means->packet_budget, n);
        struct writer w;

        if (!f) {
            event_drop(&ip->means->voice, now, DROP_NO_MEMORY, p);
            packet_put(p);
            return -ENOBUFS;
        }
        memcpy(packet_append(f, n), packet_data(p) + from, n);
        f->mark = p->mark;
        if (p->charge)
            packet_charge(f, p->charge);
        piece.fragment_offset = from;
        piece.more_fragments = from + n < length;
        piece.total_length = (uint16_t)(IP4_HEADER_BYTES + n);
        w = writer_of(packet_push(f, IP4_HEADER_BYTES), IP4_HEADER_BYTES);
        ip4_header_write(&w, &piece);
        f->network = f->start;
        link_send(i->link, &i->link_upper, path->next_hop, f, now);
    }
    packet_put(p);
    return 0;
}

/* ---- sets ---- */

static void set_condemn(struct ip *ip, struct set *s)
{
    if (!s->packet)
        return;
    ip->fragments->bytes -= s->packet->size;
    packet_put(s->packet);
    s->packet = NULL;
}

static void set_free(struct ip *ip, struct set *s)
{
    set_condemn(ip, s);
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

/* RFC 791 3.2: source, destination, protocol and identification say what belongs together. */
static struct set *set_find(struct ip *ip, const struct ip_meta *meta, const struct ip4_header *h)
{
    for (uint32_t k = 0; k < IP_FRAGMENT_SETS; k++) {
        struct set *s = &ip->fragments->set[k];

        if (s->used && s->id == h->id && s->protocol == h->protocol &&
            s->interface == meta->interface && address_equal(s->source, meta->source) &&
            address_equal(s->dest, meta->dest))
            return s;
    }
    return NULL;
}

/* The oldest set; of one source if `source` is given. The oldest ends first. */
static struct set *set_oldest(struct ip *ip, const struct address *source, bool with_memory)
{
    struct set *oldest = NULL;

    for (uint32_t k = 0; k < IP_FRAGMENT_SETS; k++) {
        struct set *s = &ip->fragments->set[k];

        if (s->used && (!source || address_equal(s->source, *source)) &&
            (!with_memory || s->packet) && (!oldest || s->deadline < oldest->deadline))
            oldest = s;
    }
    return oldest;
}

static void set_evict(struct ip *ip, struct set *s, nanoseconds now)
{
    set_drop(ip, s, DROP_IP_FRAGMENT, now);
    set_free(ip, s);
}

/* A free place, within the limits. */
static struct set *set_room(struct ip *ip, const struct address *source, nanoseconds now)
{
    uint32_t of_source = 0;
    struct set *free = NULL;

    for (uint32_t k = 0; k < IP_FRAGMENT_SETS; k++) {
        struct set *s = &ip->fragments->set[k];

        if (!s->used)
            free = free ? free : s;
        else if (address_equal(s->source, *source))
            of_source++;
    }
    if (of_source >= FRAGMENT4_SETS_OF_SOURCE) {
        free = set_oldest(ip, source, false);
        set_evict(ip, free, now);
    } else if (!free) {
        free = set_oldest(ip, NULL, false);
        set_evict(ip, free, now);
    }
    while (ip->fragments->bytes + PACKET_HEADROOM + PACKET_BIG_BYTES >
           ip->settings.fragment_high_bytes) {
        struct set *s = set_oldest(ip, NULL, true);

        if (!s)
            return NULL;
        set_evict(ip, s, now);
    }
    return free;
}

static struct set *set_open(struct ip *ip, const struct ip_meta *meta, const struct ip4_header *h,
                            nanoseconds now)
{
    struct set *s = set_room(ip, &meta->source, now);
    struct packet *big =
        s ? packet_get(ip->means->packets, &ip->means->packet_budget, IP4_PACKET_MOST) : NULL;

    if (!big)
        return NULL;
    s->used = 1;
    s->packet = big;
    s->source = meta->source;
    s->dest = meta->dest;
    s->id = h->id;
    s->protocol = h->protocol;
    s->interface = meta->interface;
    s->broadcast = meta->broadcast;
    s->deadline = now + (nanoseconds)ip->settings.fragment_time_ms * MILLISECOND;
    ip->fragments->bytes += big->size;
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
        s->count == FRAGMENT4_PIECES)
        return PIECE_BAD;
    return PIECE_NEW;
}

/* RFC 791 3.2, the reassembly procedure. */
static void piece_add(struct set *s, const struct ip4_header *h, const struct packet *p,
                      uint32_t at)
{
    uint32_t from = h->fragment_offset, length = packet_length(p);

    memmove(&s->piece[at + 1], &s->piece[at], (s->count - at) * sizeof s->piece[0]);
    s->piece[at].from = (uint16_t)from;
    s->piece[at].to = (uint16_t)(from + length);
    s->count++;
    s->held += length;
    s->ecn_seen |= (uint8_t)(1u << (h->traffic_class & 3));
    if (!h->more_fragments)
        s->end = from + length;
    memcpy(s->packet->bytes + PAYLOAD_AT + from, packet_data(p), length);
    if (from == 0) {
        s->header_bytes = h->header_bytes;
        s->traffic_class = h->traffic_class;
        memcpy(s->packet->bytes + PAYLOAD_AT - h->header_bytes, p->bytes + p->network,
               h->header_bytes);
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

/* RFC 791 3.2: the header of the whole is the first fragment's, with its own length and no
 * fragment fields. Moved to a small packet if it fits. */
static struct packet *set_complete(struct ip *ip, struct set *s)
{
    struct packet *p = s->packet, *small;
    uint8_t *h = p->bytes + PAYLOAD_AT - s->header_bytes;
    uint32_t total = s->header_bytes + s->end;
    uint16_t checksum;

    h[1] = s->traffic_class;
    h[2] = (uint8_t)(total >> 8);
    h[3] = (uint8_t)total;
    h[6] = h[7] = h[10] = h[11] = 0;
    checksum = checksum_finish(checksum_add(0, h, s->header_bytes));
    h[10] = (uint8_t)(checksum >> 8);
    h[11] = (uint8_t)checksum;
    p->start = PAYLOAD_AT - s->header_bytes;
    p->end = PAYLOAD_AT + s->end;
    ip->fragments->bytes -= p->size;
    s->packet = NULL;
    set_free(ip, s);
    if (total > PACKET_SMALL_BYTES)
        return p;
    small = packet_get(ip->means->packets, &ip->means->packet_budget, total);
    if (!small)
        return p;
    memcpy(packet_append(small, total), packet_data(p), total);
    packet_put(p);
    return small;
}

/* A piece that does not fit condemns its datagram. */
static struct packet *refuse(struct ip *ip, struct set *s, struct packet *p, enum drop reason,
                             nanoseconds now)
{
    if (s) {
        set_drop(ip, s, reason, now);
        set_condemn(ip, s);
    }
    event_drop(&ip->means->voice, now, reason, p);
    packet_put(p);
    return NULL;
}

/* RFC 791 3.2, RFC 1122 3.3.2; overlaps condemn the datagram (RFC 5722 4 in spirit). */
struct packet *fragment4_receive(struct ip *ip, const struct ip_meta *meta,
                                 const struct ip4_header *h, struct packet *p, nanoseconds now)
{
    uint32_t from = h->fragment_offset, length = packet_length(p), at;
    struct set *s = set_find(ip, meta, h);

    if (s && !s->packet)
        return refuse(ip, NULL, p, DROP_IP_FRAGMENT, now);
    if (length == 0 || (h->more_fragments && length % 8 != 0))
        return refuse(ip, NULL, p, DROP_IP_FRAGMENT, now);
    if (h->header_bytes + from + length > IP4_PACKET_MOST)
        return refuse(ip, s, p, DROP_IP_FRAGMENT, now);
    if (!s)
        s = set_open(ip, meta, h, now);
    if (!s)
        return refuse(ip, NULL, p, DROP_NO_MEMORY, now);
    switch (piece_place(s, from, from + length, h->more_fragments, packet_data(p), &at)) {
    case PIECE_DUPLICATE:
        return refuse(ip, NULL, p, DROP_IP_FRAGMENT, now);
    case PIECE_BAD:
        return refuse(ip, s, p, DROP_IP_FRAGMENT, now);
    case PIECE_NEW:
        break;
    }
    piece_add(s, h, p, at);
    if (s->end == 0 || s->held != s->end) {
        packet_put(p);
        return NULL;
    }
    if (s->header_bytes + s->end > IP4_PACKET_MOST || !ecn_join(s))
        return refuse(ip, s, p, DROP_IP_FRAGMENT, now);
    packet_put(p);
    return set_complete(ip, s);
}

/* ---- time ---- */

/* RFC 1122 3.3.2: the source is told only if fragment zero is there to be quoted. */
static struct packet *set_end(struct ip *ip, struct set *s, struct ip_meta *meta, nanoseconds now)
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
        ip->fragments->bytes -= p->size;
        s->packet = NULL;
    }
    set_free(ip, s);
    return p;
}

struct packet *fragment4_expire(struct ip *ip, struct ip_meta *meta, nanoseconds now)
{
    for (uint32_t k = 0; k < IP_FRAGMENT_SETS; k++) {
        struct set *s = &ip->fragments->set[k];
        struct packet *p;

        if (!s->used || s->deadline > now)
            continue;
        p = set_end(ip, s, meta, now);
        if (p)
            return p;
    }
    return NULL;
}

nanoseconds fragment4_deadline(const struct ip *ip)
{
    nanoseconds first = NEVER;

    for (uint32_t k = 0; k < IP_FRAGMENT_SETS; k++)
        if (ip->fragments->set[k].used)
            first = time_earlier(first, ip->fragments->set[k].deadline);
    return first;
}

uint32_t fragment4_sets(const struct ip *ip)
{
    uint32_t n = 0;

    for (uint32_t k = 0; k < IP_FRAGMENT_SETS; k++)
        n += ip->fragments->set[k].used;
    return n;
}

int fragment4_check(const struct ip *ip)
{
    uint64_t bytes = 0;

    for (uint32_t k = 0; k < IP_FRAGMENT_SETS; k++) {
        const struct set *s = &ip->fragments->set[k];
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
    return bytes == ip->fragments->bytes ? 0 : __LINE__;
}
