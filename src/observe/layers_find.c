/* SPDX-License-Identifier: MIT */
/*
 * layers_find.h says what. How: a segment belongs to a message by its sequence numbers, which count
 * from the SYN; a datagram by its content, in order. From wire to wire a packet is followed by its
 * content too, since addresses and ports may be translated on the way, and who got it is who stands
 * at the addresses that it has in the end.
 */
#include "observe/layers_find.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* So many frames are looked at: from one wire to the next, and behind the last of a message. */
enum { LOOK_AHEAD = 1 << 14 };

/* A name that was told; an address that was not is every one. */
static bool is_at(const struct endpoint *told, const struct endpoint *seen)
{
    return told->port == seen->port &&
           (address_is_unspecified(told->address) || address_equal(told->address, seen->address));
}

/* ---- from wire to wire ---- */

/* Is it the same content: what layer 3 carries, but for the ports and sums of layer 4? */
static bool is_same_content(const struct layers_header *a, const uint8_t *a_bytes,
                            const struct layers_header *b, const uint8_t *b_bytes)
{
    uint32_t length = a->end - a->payload;

    return a->protocol == b->protocol && a->is_x25 == b->is_x25 && a->more == b->more &&
           (a->is_x25 || a->seq == b->seq) && a->flags == b->flags &&
           a->is_fragment == b->is_fragment && a->is_first == b->is_first &&
           a->udp_length == b->udp_length && (!a->is_fragment || a->id == b->id) &&
           b->end - b->payload == length &&
           memcmp(a_bytes + a->payload, b_bytes + b->payload, length) == 0;
}

/* Does it go back where the first came from, as what an echo sends does? A packet of X.25 says not
 * who sent it, but goes back to the host that it came from. */
static bool is_answer(const struct layers_frame *came, const struct layers_header *a,
                      const struct layers_frame *frame)
{
    const struct layers_header *b = &frame->header;

    if (a->is_x25)
        return frame->to == came->from;
    return address_equal(a->source.address, b->dest.address) &&
           address_equal(a->dest.address, b->source.address) && a->source.port == b->dest.port &&
           a->dest.port == b->source.port;
}

/* The first frame that was handed to a wire at that time, or later. */
static int frame_since(const struct layers_log *log, int64_t time)
{
    int low = 0, high = log->frames;

    while (low < high) {
        int middle = low + (high - low) / 2;

        if (log->frame[middle].sent < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The frame that brought the content of frame i to the end of its way, or as far as it came. */
static int follow(struct layers_log *log, int i)
{
    int at = i;

    for (int hop = 0; hop < LAYERS_HOPS; hop++) {
        struct layers_frame *frame = &log->frame[at];
        struct layers_header in;
        const uint8_t *bytes = layers_log_arrived(frame, &in);
        int next = LAYERS_NONE;

        if (frame->delivered < 0 || in.network == 0)
            break;
        for (int k = at + 1; k < log->frames && k < at + LOOK_AHEAD && next < 0; k++) {
            const struct layers_frame *f = &log->frame[k];

            if (f->from == frame->to && !f->is_taken && f->sent >= frame->delivered &&
                f->header.network > 0 && !is_answer(frame, &in, f) &&
                is_same_content(&in, bytes, &f->header, f->bytes))
                next = k;
        }
        if (next == LAYERS_NONE)
            break;
        log->frame[next].is_taken = true;
        at = next;
    }
    return log->frame[at].delivered >= 0 ? at : LAYERS_NONE;
}

void layers_find_add(struct layers_log *log, struct layers_found *found, int frame)
{
    if (found->units == LAYERS_UNITS) {
        found->more++;
        return;
    }
    found->unit[found->units].sent = frame;
    found->unit[found->units++].arrived = follow(log, frame);
}

/* ---- who got it ---- */

/* The way of a program at these ends. */
static int reader_at(const struct layers_log *log, int host, int type, const struct endpoint *local,
                     const struct endpoint *remote, int64_t since)
{
    for (int i = 0; i < log->ways; i++) {
        const struct layers_way *way = &log->way[i];

        if (way->received && way->host == host && way->type == type && is_at(&way->local, local) &&
            (way->remote.port == 0 || is_at(&way->remote, remote)) && way->last != LAYERS_NONE &&
            log->message[way->last].time >= since)
            return i;
    }
    return LAYERS_NONE;
}

/* Whoever stands where the frames came to; without any, on the same host, at the mirrored ends. */
static int reader_of(const struct layers_log *log, const struct layers_message *message,
                     const struct layers_found *found)
{
    const struct layers_way *way = &log->way[message->way];

    for (int i = 0; i < found->units; i++) {
        const struct layers_frame *frame;
        struct layers_header h;
        int at;

        if (found->unit[i].arrived == LAYERS_NONE)
            continue;
        frame = &log->frame[found->unit[i].arrived];
        (void)layers_log_arrived(frame, &h);
        if (h.network == 0 || !h.is_first)
            continue;
        at = reader_at(log, frame->to, way->type, &h.dest, &h.source, message->time);
        if (at != LAYERS_NONE)
            return at;
    }
    if (found->units > 0)
        return LAYERS_NONE;
    return reader_at(log, way->host, way->type, &way->remote, &way->local, message->time);
}

/* Bytes of a message against those of a read, from these places on. */
static void compare_data(struct layers_found *found, const struct layers_message *sent,
                         uint32_t from, const struct layers_message *read, uint32_t at,
                         uint32_t length)
{
    found->length += length;
    found->reads++;
    for (uint32_t i = 0; i < length && found->changed < 0; i++) {
        if (sent->bytes[from + i] != read->bytes[at + i])
            found->changed = from + i;
    }
}

/* A stream: the same places in both ways. */
static void read_stream(struct layers_log *log, const struct layers_message *message,
                        struct layers_found *found)
{
    uint64_t from = message->offset, end = from + message->length;
    struct layers_way *way = &log->way[found->way];

    while (way->done != way->last &&
           log->message[way->done].offset + log->message[way->done].length <= from)
        way->done = log->message[way->done].next;
    for (int i = way->done; i != LAYERS_NONE && log->message[i].offset < end;
         i = log->message[i].next) {
        const struct layers_message *read = &log->message[i];
        uint64_t first = read->offset > from ? read->offset : from;
        uint64_t last = read->offset + read->length < end ? read->offset + read->length : end;

        if (first >= last)
            continue;
        if (found->reads == 0) {
            found->first = i;
            found->at = (uint32_t)(first - read->offset);
        }
        compare_data(found, message, (uint32_t)(first - from), read,
                     (uint32_t)(first - read->offset), (uint32_t)(last - first));
    }
}

/* A datagram: the first that is the same; or else the first that is as long. */
static void read_datagram(struct layers_log *log, const struct layers_message *message,
                          struct layers_found *found)
{
    struct layers_way *way = &log->way[found->way];
    int alike = LAYERS_NONE;

    while (way->done != way->last && log->message[way->done].is_found)
        way->done = log->message[way->done].next;
    for (int i = way->done; i != LAYERS_NONE; i = log->message[i].next) {
        const struct layers_message *read = &log->message[i];

        if (read->is_found || read->time < message->time || read->length > message->length)
            continue;
        if (memcmp(read->bytes, message->bytes, read->length) == 0 &&
            (read->length == message->length || alike == LAYERS_NONE)) {
            alike = i;
            if (read->length == message->length)
                break;
        }
        if (alike == LAYERS_NONE && read->length == message->length)
            alike = i;
    }
    if (alike == LAYERS_NONE)
        return;
    log->message[alike].is_found = true;
    found->first = alike;
    compare_data(found, message, 0, &log->message[alike], 0, log->message[alike].length);
}

/* ---- its frames ---- */

/* The number of the first byte that a stream sends: behind its SYN, the last one before its first
 * message. */
static bool stream_start(struct layers_log *log, const struct layers_message *message,
                         uint32_t *start)
{
    struct layers_way *way = &log->way[message->way];
    int64_t until = log->message[way->first].time;

    for (int i = 0; i < log->frames && !way->is_started && log->frame[i].sent <= until; i++) {
        const struct layers_frame *frame = &log->frame[i];
        const struct layers_header *h = &frame->header;

        if (frame->from != (int)way->host || h->protocol != IPPROTO_TCP ||
            !is_at(&way->local, &h->source) || !is_at(&way->remote, &h->dest) ||
            !(h->flags & DECODE_SYN))
            continue;
        way->start = h->seq + 1;
        way->has_start = true;
    }
    way->is_started = true;
    *start = way->start;
    return way->has_start;
}

static void find_segments(struct layers_log *log, const struct layers_message *message,
                          struct layers_found *found)
{
    const struct layers_way *way = &log->way[message->way];
    uint64_t end = message->offset + message->length;
    uint32_t start = 0;

    if (!stream_start(log, message, &start))
        return;
    for (int i = frame_since(log, message->time), last = i;
         i < log->frames && i < last + LOOK_AHEAD; i++) {
        const struct layers_frame *frame = &log->frame[i];
        const struct layers_header *h = &frame->header;
        uint64_t from;

        if (frame->from != (int)way->host || frame->is_taken || h->protocol != IPPROTO_TCP ||
            h->payload == h->end || !is_at(&way->local, &h->source) ||
            !is_at(&way->remote, &h->dest))
            continue;
        from = h->seq - start;
        if (from < end && from + (h->end - h->payload) > message->offset) {
            layers_find_add(log, found, i);
            last = i;
        }
    }
}

/* The further fragments of a datagram. */
static void find_fragments(struct layers_log *log, int first, struct layers_found *found)
{
    const struct layers_header *of = &log->frame[first].header;

    for (int i = first + 1; i < log->frames && i < first + LOOK_AHEAD; i++) {
        struct layers_frame *frame = &log->frame[i];
        const struct layers_header *h = &frame->header;

        if (frame->from != log->frame[first].from || frame->is_found || !h->is_fragment ||
            h->is_first || h->id != of->id || h->protocol != of->protocol ||
            !address_equal(h->source.address, of->source.address) ||
            !address_equal(h->dest.address, of->dest.address))
            continue;
        frame->is_found = true;
        layers_find_add(log, found, i);
    }
}

static void find_datagram(struct layers_log *log, const struct layers_message *message,
                          struct layers_found *found)
{
    const struct layers_way *way = &log->way[message->way];

    for (int i = frame_since(log, message->time), first = i;
         i < log->frames && i < first + LOOK_AHEAD; i++) {
        struct layers_frame *frame = &log->frame[i];
        const struct layers_header *h = &frame->header;

        if (frame->from != (int)way->host || frame->is_found || frame->is_taken ||
            h->protocol != IPPROTO_UDP || !h->is_first || h->udp_length != message->length + 8 ||
            !is_at(&way->local, &h->source) || !is_at(&way->remote, &h->dest) ||
            h->end - h->payload > message->length ||
            memcmp(frame->bytes + h->payload, message->bytes, h->end - h->payload) != 0)
            continue;
        frame->is_found = true;
        layers_find_add(log, found, i);
        if (h->is_fragment)
            find_fragments(log, i, found);
        return;
    }
}

/* AF_UNIX: the socket that the sender's is connected to; without one, the first on its host that
 * got the same bytes. */
static int unix_reader(const struct layers_log *log, const struct layers_message *message)
{
    const struct layers_way *way = &log->way[message->way];

    for (int i = 0; i < log->ways; i++) {
        const struct layers_way *other = &log->way[i];

        if (!other->received || other->host != way->host || other->domain != way->domain ||
            other->type != way->type || other->last == LAYERS_NONE ||
            log->message[other->last].time < message->time)
            continue;
        if (way->peer != 0 && other->own == way->peer)
            return i;
        for (int k = other->first; k != LAYERS_NONE && way->peer == 0; k = log->message[k].next) {
            const struct layers_message *read = &log->message[k];

            if (!read->is_found && read->time >= message->time && read->length <= message->length &&
                memcmp(read->bytes, message->bytes, read->length) == 0)
                return i;
        }
    }
    return LAYERS_NONE;
}

/* Do both say the same two addresses, each its own first ("100 > 200")? */
static bool is_other_end(const char *one, const char *other)
{
    static const char to[] = " > ";
    const char *at = strstr(one, to);
    size_t length = at ? (size_t)(at - one) : 0;
    char mirrored[EVENT_DATA_NAME + sizeof to];

    if (!at)
        return false;
    snprintf(mirrored, sizeof mirrored, "%s%s%.*s", at + sizeof to - 1, to, (int)length, one);
    return strcmp(mirrored, other) == 0;
}

/* X.25: the first of its type between the two addresses that got the same bytes, at the host where
 * its packets came out; over XOT these are not looked for. */
static int circuit_reader(const struct layers_log *log, const struct layers_message *message,
                          const struct layers_found *found)
{
    const struct layers_way *way = &log->way[message->way];
    int host = LAYERS_NONE;

    for (int i = 0; i < found->units; i++) {
        if (found->unit[i].arrived != LAYERS_NONE)
            host = log->frame[found->unit[i].arrived].to;
    }
    for (int i = 0; i < log->ways; i++) {
        const struct layers_way *other = &log->way[i];

        if (!other->received || other->domain != way->domain || other->type != way->type ||
            !is_other_end(way->name, other->name) || (found->units > 0 && (int)other->host != host))
            continue;
        for (int k = other->first; k != LAYERS_NONE; k = log->message[k].next) {
            const struct layers_message *read = &log->message[k];

            if (!read->is_found && read->time >= message->time && read->length <= message->length &&
                memcmp(read->bytes, message->bytes, read->length) == 0)
                return i;
        }
    }
    return LAYERS_NONE;
}

/* Is it a packet of the record that was found before, sent again? */
static bool is_again(const struct layers_log *log, const struct layers_found *found,
                     const struct layers_frame *frame)
{
    const struct layers_header *h = &frame->header;

    for (int i = 0; i < found->units; i++) {
        const struct layers_frame *before = &log->frame[found->unit[i].sent];
        const struct layers_header *b = &before->header;

        if (b->seq == h->seq && b->end - b->payload == h->end - h->payload &&
            memcmp(before->bytes + b->payload, frame->bytes + h->payload, h->end - h->payload) == 0)
            return true;
    }
    return false;
}

/* The packets of a record: its bytes in order, each packet but the last with M. What LAPB sends
 * again is of it too, up to the answer to the last. */
static void find_record(struct layers_log *log, const struct layers_message *message,
                        struct layers_found *found)
{
    const struct layers_way *way = &log->way[message->way];
    const struct layers_header *first = NULL;
    uint32_t at = 0, next = 0;

    for (int i = frame_since(log, message->time), last = i;
         i < log->frames && i < last + LOOK_AHEAD; i++) {
        struct layers_frame *frame = &log->frame[i];
        const struct layers_header *h = &frame->header;
        uint32_t length = h->end - h->payload;

        if (frame->from != (int)way->host || !h->is_x25 || frame->is_found || frame->is_taken ||
            (first && h->channel != first->channel))
            continue;
        if (first && (h->seq != next || at == message->length)) {
            if (!is_again(log, found, frame))
                break; /* the next record */
        } else if (length == 0 || length > message->length - at ||
                   h->more != (length < message->length - at) ||
                   memcmp(frame->bytes + h->payload, message->bytes + at, length) != 0) {
            continue;
        } else {
            first = first ? first : h;
            next = (h->seq + 1) % h->modulo;
            at += length;
        }
        frame->is_found = true;
        layers_find_add(log, found, i);
        last = i;
    }
}

static void find_units(struct layers_log *log, const struct layers_message *message,
                       struct layers_found *found)
{
    const struct layers_way *way = &log->way[message->way];

    if (way->domain == AF_UNIX) {
        found->way = unix_reader(log, message);
        return;
    }
    if (way->domain == AF_X25) {
        find_record(log, message, found);
        found->way = circuit_reader(log, message, found);
        return;
    }
    if (way->type == SOCK_STREAM)
        find_segments(log, message, found);
    else
        find_datagram(log, message, found);
    found->way = reader_of(log, message, found);
}

void layers_find(struct layers_log *log, int i, struct layers_found *found)
{
    const struct layers_message *message = &log->message[i];
    bool is_stream = log->way[message->way].type == SOCK_STREAM;

    memset(found, 0, sizeof *found);
    found->first = LAYERS_NONE;
    found->changed = LAYERS_NONE;
    find_units(log, message, found);
    if (found->way == LAYERS_NONE)
        return;
    if (is_stream)
        read_stream(log, message, found);
    else
        read_datagram(log, message, found);
}
