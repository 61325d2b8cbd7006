/* SPDX-License-Identifier: MIT */
/*
 * The scoreboard of RFC 6675 (sections 3 to 5) over records of segments; RFC 2018 5 and 8 for what
 * SACK may and may not mean. Only whole records are marked: a block that covers part of one says
 * nothing about it yet.
 */
#include "4-transport/tcp/parts/tcp_scoreboard.h"

#include <string.h>

#include "base/compiler.h"
#include "base/integer.h"

static struct tcp_sent *at(const struct tcp_scoreboard *b, uint64_t i)
{
    return &b->sent[i & (b->capacity - 1)];
}

static uint32_t length_of(const struct tcp_sent *s)
{
    return (uint32_t)(s->to - s->from);
}

void tcp_scoreboard_done(struct tcp_scoreboard *b, struct buffers *buffers, struct budget *budget)
{
    if (b->sent)
        buffer_put(buffers, budget, b->sent, b->class);
    memset(b, 0, sizeof *b);
}

bool tcp_scoreboard_reserve(struct tcp_scoreboard *b, struct buffers *buffers,
                            struct budget *budget)
{
    struct tcp_sent *larger;
    uint32_t capacity;
    unsigned class = 0;

    if (tcp_scoreboard_has_room(b))
        return true;
    larger = buffer_get(buffers, budget, most(b->capacity * 2u * sizeof *larger, 1), &class);
    if (!larger)
        return false;
    capacity = (uint32_t)(buffer_class_bytes(class) / sizeof *larger);
    for (uint64_t i = b->first; i < b->last; i++)
        larger[i & (capacity - 1)] = *at(b, i);
    if (b->sent)
        buffer_put(buffers, budget, b->sent, b->class);
    b->sent = larger;
    b->capacity = capacity;
    b->class = class;
    return true;
}

/* RFC 9293 3.8: the retransmission queue grows at its end. */
void tcp_scoreboard_sent(struct tcp_scoreboard *b, tcp_seq from, tcp_seq to, nanoseconds now)
{
    struct tcp_sent *s;

    ensure(b->last - b->first < b->capacity);
    s = at(b, b->last++);
    s->from = from;
    s->to = to;
    s->time = now;
    s->flags = 0;
    s->transmissions = 1;
    b->bytes += (uint32_t)(to - from);
}

/* Takes [0, n) bytes of a record, or all, out of the sums. */
static void discount(struct tcp_scoreboard *b, const struct tcp_sent *s, uint32_t bytes, bool whole)
{
    b->bytes -= bytes;
    if (s->flags & SENT_SACKED) {
        b->sacked -= bytes;
        b->sacked_segments -= whole;
    }
    if (s->flags & SENT_LOST) {
        b->lost -= bytes;
        b->lost_segments -= whole;
    }
    if (s->flags & SENT_AGAIN) {
        b->again -= bytes;
        b->again_segments -= whole;
    }
}

/* RFC 6675 4, Update(): what is acknowledged. */
void tcp_scoreboard_ack(struct tcp_scoreboard *b, tcp_seq una, struct tcp_scoreboard_news *news)
{
    while (b->first < b->last) {
        struct tcp_sent *s = at(b, b->first);
        bool whole = s->to <= una;
        uint32_t bytes = whole ? length_of(s) : una > s->from ? (uint32_t)(una - s->from) : 0;

        if (bytes == 0)
            break;
        news->acked += bytes;
        if (!(s->flags & SENT_SACKED)) {
            news->acked_fresh += bytes;
            if (s->transmissions == 1 && news->sent_time < 0)
                news->sent_time = s->time;
        }
        news->again |= s->transmissions > 1;
        discount(b, s, bytes, whole);
        if (!whole) { /* a block that covered a part of it may now cover all of it */
            s->from = una;
            memset(b->seen, 0, sizeof b->seen);
            break;
        }
        news->acked_segments++;
        b->first++;
    }
    b->lost_from = most(b->lost_from, b->first);
    b->marked = most(b->marked, b->first);
    if (b->high_sacked <= b->first)
        b->high_sacked = 0;
    if (b->emulated > b->bytes)
        b->emulated = b->bytes;
}

/* The first record that ends after seq. */
static uint64_t find(const struct tcp_scoreboard *b, tcp_seq seq)
{
    uint64_t low = b->first, high = b->last;

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (at(b, middle)->to > seq)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void sack_record(struct tcp_scoreboard *b, uint64_t i, struct tcp_scoreboard_news *news)
{
    struct tcp_sent *s = at(b, i);
    uint32_t bytes = length_of(s);

    if (s->flags & SENT_SACKED)
        return;
    if (s->flags & SENT_LOST) {
        b->lost -= bytes;
        b->lost_segments--;
    }
    if (s->flags & SENT_AGAIN) {
        b->again -= bytes;
        b->again_segments--;
    }
    if (s->transmissions == 1 && news->sent_time < 0)
        news->sent_time = s->time;
    s->flags &= ~(uint32_t)(SENT_LOST | SENT_AGAIN);
    s->flags |= SENT_SACKED;
    b->sacked += bytes;
    b->sacked_segments++;
    news->sacked += bytes;
    news->sacked_segments++;
    b->high_sacked = most(b->high_sacked, i + 1);
}

/* Only what the last ACK's blocks did not say: they are walked again from where they ended. RFC
 * 6675 4, Update(): what is SACKed. */
static void sack_block(struct tcp_scoreboard *b, const struct tcp_block *block,
                       struct tcp_scoreboard_news *news)
{
    tcp_seq start = block->from;

    for (unsigned i = 0; i < TCP_SACK_BLOCKS; i++) {
        const struct tcp_block *seen = &b->seen[i];

        if (seen->to != 0 && seen->from <= block->from && seen->to > start)
            start = seen->to;
    }
    if (start >= block->to)
        return;
    for (uint64_t i = find(b, start); i < b->last && at(b, i)->to <= block->to; i++)
        if (at(b, i)->from >= block->from)
            sack_record(b, i, news);
}

/* RFC 2018 5; a D-SACK (RFC 2883 4, 5) marks nothing. */
void tcp_scoreboard_sack(struct tcp_scoreboard *b, const struct tcp_block *blocks, unsigned count,
                         tcp_seq una, tcp_seq nxt, struct tcp_scoreboard_news *news)
{
    struct tcp_block good[TCP_SACK_BLOCKS];
    unsigned kept = 0;

    for (unsigned i = 0; i < count; i++) {
        const struct tcp_block *k = &blocks[i];

        if (k->from >= k->to || k->to > nxt)
            continue;
        if (k->to <= una || (i == 0 && count > 1 && k->from >= blocks[1].from &&
                             k->to <= blocks[1].to)) { /* D-SACK: RFC 2883 4 */
            news->duplicate = true;
            continue;
        }
        if (k->from < una)
            continue;
        good[kept++] = *k;
        sack_block(b, k, news);
    }
    for (unsigned i = 0; i < TCP_SACK_BLOCKS; i++) {
        b->seen[i].from = i < kept ? good[i].from : 0;
        b->seen[i].to = i < kept ? good[i].to : 0;
    }
}

static bool lose(struct tcp_scoreboard *b, uint64_t i)
{
    struct tcp_sent *s = at(b, i);

    if (s->flags & (SENT_SACKED | SENT_LOST))
        return false;
    s->flags |= SENT_LOST;
    b->lost += length_of(s);
    b->lost_segments++;
    if (i < b->lost_from)
        b->lost_from = i;
    return true;
}

/* IsLost() (RFC 6675 4) for all records at once: below the DUP_THRESH-th SACKed one everything that
 * is not SACKed is lost. What was judged once is not looked at again. */
bool tcp_scoreboard_judge(struct tcp_scoreboard *b, uint32_t smss)
{
    uint64_t edge = b->high_sacked, bytes = 0;
    unsigned segments = 0;
    bool newly = false;

    /* down to where DUP_THRESH SACKed ones, or more than (DUP_THRESH - 1) * SMSS, are above */
    while (edge > b->marked) {
        const struct tcp_sent *s = at(b, edge - 1);

        if (segments >= DUP_THRESH || bytes > (uint64_t)(DUP_THRESH - 1) * smss)
            break;
        if (s->flags & SENT_SACKED) {
            segments++;
            bytes += length_of(s);
        }
        edge--;
    }
    if (segments < DUP_THRESH && bytes <= (uint64_t)(DUP_THRESH - 1) * smss)
        return false;
    for (; b->marked < edge; b->marked++)
        newly |= lose(b, b->marked);
    return newly;
}

/* RFC 6675 5, step 4.3: the first segment presumed dropped; RFC 5681 3.2, step 2. */
bool tcp_scoreboard_first_lost(struct tcp_scoreboard *b)
{
    return b->first < b->last && lose(b, b->first);
}

/* RFC 6675 5.1, RFC 6298 5.4: all that is not SACKed, the first in any case. */
void tcp_scoreboard_all_lost(struct tcp_scoreboard *b)
{
    bool reneged = b->first < b->last && (at(b, b->first)->flags & SENT_SACKED);

    for (uint64_t i = b->first; i < b->last; i++) {
        struct tcp_sent *s = at(b, i);

        if (reneged && (s->flags & SENT_SACKED)) { /* RFC 2018 8: the receiver took it back */
            s->flags &= ~(uint32_t)SENT_SACKED;
            b->sacked -= length_of(s);
            b->sacked_segments--;
        }
        if (s->flags & SENT_AGAIN) {
            s->flags &= ~(uint32_t)SENT_AGAIN;
            b->again -= length_of(s);
            b->again_segments--;
        }
        (void)lose(b, i);
    }
    if (reneged) {
        b->high_sacked = 0;
        memset(b->seen, 0, sizeof b->seen);
    }
    b->lost_from = b->marked = b->first;
    b->emulated = 0;
}

/* What was too long for the path was dropped on it, every one; so NextSeg() takes it first (RFC
 * 6675 4, rule 1). */
void tcp_scoreboard_larger_lost(struct tcp_scoreboard *b, uint32_t length)
{
    for (uint64_t i = b->first; i < b->last; i++) {
        struct tcp_sent *s = at(b, i);

        if (length_of(s) <= length || (s->flags & SENT_SACKED))
            continue;
        if (s->flags & SENT_AGAIN) {
            s->flags &= ~(uint32_t)SENT_AGAIN;
            b->again -= length_of(s);
            b->again_segments--;
        }
        (void)lose(b, i);
        b->lost_from = least(b->lost_from, i);
    }
}

const struct tcp_sent *tcp_scoreboard_next_lost(struct tcp_scoreboard *b)
{
    if (b->lost_segments == 0)
        return NULL;
    for (; b->lost_from < b->last; b->lost_from++) {
        const struct tcp_sent *s = at(b, b->lost_from);

        if ((s->flags & (SENT_LOST | SENT_AGAIN)) == SENT_LOST)
            return s;
    }
    return NULL;
}

const struct tcp_sent *tcp_scoreboard_first(const struct tcp_scoreboard *b)
{
    return b->first < b->last ? at(b, b->first) : NULL;
}

/* Makes two records of record i, at seq: those behind it move up by one. */
static void split(struct tcp_scoreboard *b, uint64_t i, tcp_seq seq)
{
    struct tcp_sent *s;

    ensure(b->last - b->first < b->capacity);
    for (uint64_t k = b->last; k > i; k--)
        *at(b, k) = *at(b, k - 1);
    b->last++;
    s = at(b, i);
    s->to = seq;
    at(b, i + 1)->from = seq;
    memset(b->seen, 0, sizeof b->seen); /* a block that covered a part may cover one of the two */
    b->lost_segments += (s->flags & SENT_LOST) != 0;
    b->again_segments += (s->flags & SENT_AGAIN) != 0;
    b->sacked_segments += (s->flags & SENT_SACKED) != 0;
    if (b->high_sacked > i)
        b->high_sacked++;
    if (b->marked > i)
        b->marked++;
}

void tcp_scoreboard_sent_again(struct tcp_scoreboard *b, tcp_seq from, tcp_seq to, nanoseconds now)
{
    uint64_t i = find(b, from);
    struct tcp_sent *s = at(b, i);

    ensure(i < b->last && s->from == from && to <= s->to && to > from);
    if (s->to > to)
        split(b, i, to);
    if (!(s->flags & SENT_AGAIN)) {
        s->flags |= SENT_AGAIN;
        b->again += length_of(s);
        b->again_segments++;
    }
    s->flags |= SENT_EVER_AGAIN;
    s->time = now;
    s->transmissions++;
    b->high_rxt = most(b->high_rxt, to);
}

void tcp_scoreboard_emulate(struct tcp_scoreboard *b, uint64_t bytes)
{
    b->emulated = (uint32_t)least(bytes, b->bytes);
}

bool tcp_scoreboard_valid(const struct tcp_scoreboard *b, tcp_seq una, tcp_seq nxt)
{
    uint64_t bytes = 0, sacked = 0, lost = 0, again = 0;
    tcp_seq edge = una;

    for (uint64_t i = b->first; i < b->last; i++) {
        const struct tcp_sent *s = at(b, i);

        if (s->from != edge || s->to <= s->from)
            return false;
        if ((s->flags & SENT_SACKED) && (s->flags & (SENT_LOST | SENT_AGAIN)))
            return false;
        edge = s->to;
        bytes += length_of(s);
        sacked += s->flags & SENT_SACKED ? length_of(s) : 0;
        lost += s->flags & SENT_LOST ? length_of(s) : 0;
        again += s->flags & SENT_AGAIN ? length_of(s) : 0;
    }
    return (b->first == b->last || edge == nxt) && bytes == b->bytes && sacked == b->sacked &&
           lost == b->lost && again == b->again;
}
