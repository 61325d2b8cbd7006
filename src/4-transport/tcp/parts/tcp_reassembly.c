/* SPDX-License-Identifier: MIT */
/*
 * Ranges beyond RCV.NXT, and the blocks that tell of them: the newest first, so that each is told
 * of three times and the loss of an ACK hides nothing (RFC 2018 4); a duplicate before all (RFC 2883
 * 4).
 */
#include "4-transport/tcp/parts/tcp_reassembly.h"

#include "base/integer.h"

/* `at` lies in the range that grew last: to the front, each range once. RFC 2018 4: the block with
 * the newest segment comes first. */
static void remember(struct tcp_reassembly *r, tcp_seq at)
{
    uint32_t newest = ranges_find(&r->ranges, at);
    uint64_t keep[TCP_SACK_BLOCKS] = {at};
    unsigned count = 1;

    for (unsigned i = 0; i < TCP_SACK_BLOCKS && count < TCP_SACK_BLOCKS; i++) {
        uint32_t k = ranges_find(&r->ranges, r->recent[i]);

        if (r->recent[i] == 0 || k == newest || k >= r->ranges.count ||
            r->ranges.range[k].from > r->recent[i])
            continue;
        keep[count++] = r->recent[i];
    }
    for (unsigned i = 0; i < TCP_SACK_BLOCKS; i++)
        r->recent[i] = i < count ? keep[i] : 0;
}

/* RFC 2883 4: of a segment that is partly known, the first contiguous part that is. */
static void notice_duplicate(struct tcp_reassembly *r, tcp_seq from, tcp_seq to)
{
    uint32_t k = ranges_find(&r->ranges, from);

    if (r->duplicate.to != 0 || k >= r->ranges.count || r->ranges.range[k].from >= to)
        return;
    tcp_reassembly_duplicate(r, most(from, r->ranges.range[k].from),
                             least(to, r->ranges.range[k].to));
}

/* RFC 9293 3.10.7.4, seventh check (SHLD-31): RCV.NXT moves over what is in order. */
bool tcp_reassembly_add(struct tcp_reassembly *r, tcp_seq *nxt, tcp_seq from, tcp_seq to,
                        uint64_t *added)
{
    notice_duplicate(r, from, to);
    if (from > *nxt) {
        if (!ranges_add(&r->ranges, from, to, added))
            return false;
        remember(r, from);
        return true;
    }
    *added = 0;
    /* the usual case; and data in order is never refused, or a full set of holes would stay full */
    if (r->ranges.count == 0 || to < r->ranges.range[0].from) {
        *added = to - *nxt;
        *nxt = to;
        return true;
    }
    if (!ranges_add(&r->ranges, *nxt, to, added))
        return false;
    *nxt = r->ranges.range[0].to;
    ranges_remove_below(&r->ranges, *nxt);
    for (unsigned i = 0; i < TCP_SACK_BLOCKS; i++)
        if (r->recent[i] < *nxt)
            r->recent[i] = 0;
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
    return r->ranges.count != 0 ? r->ranges.range[r->ranges.count - 1].to : nxt;
}

/* RFC 2018 4; RFC 2883 4: the duplicate before all others. */
uint8_t tcp_reassembly_blocks(struct tcp_reassembly *r, uint32_t most, bool dsack,
                              struct tcp_block *block)
{
    uint32_t count = 0, first;

    if (r->duplicate.to != 0 && dsack && most != 0)
        block[count++] = r->duplicate;
    first = count;
    r->duplicate.from = r->duplicate.to = 0;
    for (unsigned i = 0; i < TCP_SACK_BLOCKS && count < most; i++) {
        uint32_t k = ranges_find(&r->ranges, r->recent[i]);
        bool repeated = false;

        if (r->recent[i] == 0 || k >= r->ranges.count || r->ranges.range[k].from > r->recent[i])
            continue;
        for (unsigned j = first; j < count; j++) /* a D-SACK may be equal to the block around it */
            repeated |=
                block[j].from == r->ranges.range[k].from && block[j].to == r->ranges.range[k].to;
        if (repeated)
            continue;
        block[count].from = r->ranges.range[k].from;
        block[count++].to = r->ranges.range[k].to;
    }
    return (uint8_t)count;
}
