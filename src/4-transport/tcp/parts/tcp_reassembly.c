/* SPDX-License-Identifier: MIT */
/*
 * Ranges beyond RCV.NXT, and the blocks that tell of them: the newest first, so that each is told
 * of three times and the loss of an ACK hides nothing (RFC 2018 4); a duplicate before all (RFC
 * 2883 4).
 */
#include "4-transport/tcp/parts/tcp_reassembly.h"

#include "base/compiler.h"
#include "base/integer.h"

uint32_t tcp_reassembly_bytes(void)
{
    return sizeof(struct tcp_holes);
}

void tcp_reassembly_done(struct tcp_reassembly *r, struct pool *pool)
{
    if (r->holes)
        pool_put(pool, r->holes);
    r->holes = NULL;
}

/* `at` lies in the range that grew last: to the front, each range once. RFC 2018 4: the block with
 * the newest segment comes first. */
static void remember(struct tcp_holes *h, tcp_seq at)
{
    uint32_t newest = ranges_find(&h->ranges, at);
    uint64_t keep[TCP_SACK_BLOCKS] = {at};
    unsigned count = 1;

    for (unsigned i = 0; i < TCP_SACK_BLOCKS && count < TCP_SACK_BLOCKS; i++) {
        if (h->recent[i] != 0 && ranges_find(&h->ranges, h->recent[i]) != newest)
            keep[count++] = h->recent[i];
    }
    for (unsigned i = 0; i < TCP_SACK_BLOCKS; i++)
        h->recent[i] = keep[i];
}

/* RFC 2883 4: of a segment that is partly known, the first contiguous part that is. */
static void notice_duplicate(struct tcp_reassembly *r, tcp_seq from, tcp_seq to)
{
    const struct ranges *known = &r->holes->ranges;
    uint32_t k = ranges_find(known, from);

    if (r->duplicate.to != 0 || k >= known->count || known->range[k].from >= to)
        return;
    tcp_reassembly_duplicate(r, most(from, known->range[k].from), least(to, known->range[k].to));
}

/* Beyond RCV.NXT: there is a hole before it. */
static bool add_behind_hole(struct tcp_reassembly *r, struct pool *pool, tcp_seq from, tcp_seq to,
                            uint64_t *added)
{
    if (!r->holes)
        r->holes = pool_get(pool);
    if (!r->holes || !ranges_add(&r->holes->ranges, from, to, added))
        return false;
    remember(r->holes, from);
    return true;
}

/* RFC 9293 3.10.7.4, seventh check (SHLD-31): RCV.NXT moves over what is in order. */
bool tcp_reassembly_add(struct tcp_reassembly *r, struct pool *pool, tcp_seq *nxt, tcp_seq from,
                        tcp_seq to, uint64_t *added)
{
    struct tcp_holes *h = r->holes;

    *added = 0;
    if (h)
        notice_duplicate(r, from, to);
    if (from > *nxt)
        return add_behind_hole(r, pool, from, to, added);
    /* the usual case; and data in order is never refused, or a full set of holes would stay full */
    if (!h || to < h->ranges.range[0].from) {
        *added = to - *nxt;
        *nxt = to;
        return true;
    }
    if (!ranges_add(&h->ranges, *nxt, to, added))
        return false;
    *nxt = h->ranges.range[0].to;
    ranges_remove_below(&h->ranges, *nxt);
    for (unsigned i = 0; i < TCP_SACK_BLOCKS; i++)
        if (h->recent[i] < *nxt)
            h->recent[i] = 0;
    if (h->ranges.count == 0)
        tcp_reassembly_done(r, pool);
    return true;
}

/* RFC 2883 4.1, 4.2: told once, by the next ACK. */
void tcp_reassembly_duplicate(struct tcp_reassembly *r, tcp_seq from, tcp_seq to)
{
    r->duplicate.from = from;
    r->duplicate.to = to;
}

tcp_seq tcp_reassembly_end(const struct tcp_reassembly *r, tcp_seq nxt)
{
    return r->holes ? r->holes->ranges.range[r->holes->ranges.count - 1].to : nxt;
}

/* RFC 2018 4: the most recent ranges; remember() has each once. */
static uint8_t sack_blocks(const struct tcp_holes *h, uint32_t first, uint32_t most,
                           struct tcp_block *block)
{
    uint32_t count = first;

    for (unsigned i = 0; i < TCP_SACK_BLOCKS && count < most; i++) {
        uint32_t k = ranges_find(&h->ranges, h->recent[i]);

        if (h->recent[i] == 0)
            continue;
        ensure(k < h->ranges.count && h->ranges.range[k].from <= h->recent[i]);
        block[count].from = h->ranges.range[k].from;
        block[count++].to = h->ranges.range[k].to;
    }
    return (uint8_t)count;
}

/* RFC 2883 4: the duplicate before all others. */
uint8_t tcp_reassembly_blocks(struct tcp_reassembly *r, uint32_t most, bool dsack,
                              struct tcp_block *block)
{
    uint8_t count = 0;

    if (r->duplicate.to != 0 && dsack && most != 0)
        block[count++] = r->duplicate;
    r->duplicate.from = r->duplicate.to = 0;
    return r->holes ? sack_blocks(r->holes, count, most, block) : count;
}

bool tcp_reassembly_valid(const struct tcp_reassembly *r)
{
    return !r->holes || (r->holes->ranges.count != 0 && ranges_valid(&r->holes->ranges));
}
