/* SPDX-License-Identifier: MIT */
/* Buckets of saved-up time. Theory in icmp_rate.h. */
#include "3-network/icmp_rate.h"

struct bucket {
    nanoseconds at;     /* when tokens were counted */
    nanoseconds tokens; /* time saved up */
};

struct icmp_rate {
    struct bucket dest[ICMP_RATE_BUCKETS];
    struct bucket host;
    uint64_t draws; /* of RANDOM_ICMP_RATE */
};

uint32_t icmp_rate_bytes(void)
{
    return sizeof(struct icmp_rate);
}

void icmp_rate_init(struct ip *ip)
{
    for (uint32_t i = 0; i < ICMP_RATE_BUCKETS; i++)
        ip->icmp->dest[i].tokens = NEVER / 2; /* full; cut to the burst on use */
    ip->icmp->host.tokens = NEVER / 2;
}

/* What an answer costs is drawn, `interval` on average; the draw does not decide whether it may go,
 * so that asking often does not help. */
static bool bucket_take(struct bucket *b, nanoseconds interval, nanoseconds burst, uint64_t draw,
                        nanoseconds now)
{
    b->tokens = time_earlier(b->tokens + (now - b->at), interval * burst);
    b->at = now;
    if (b->tokens < interval)
        return false;
    b->tokens -= interval / 2 + (nanoseconds)random_below(draw, (uint64_t)interval + 1);
    return true;
}

/* RFC 1812 4.3.2.8, RFC 4443 2.4. First the destination's own bucket, so that a flood from one
 * source costs the host's bucket nothing. */
bool icmp_rate_allows(struct ip *ip, struct address dest, nanoseconds now)
{
    const uint64_t words[] = {RANDOM_ICMP_RATE, dest.high, dest.low};
    struct icmp_rate *l = ip->icmp;
    nanoseconds interval = (nanoseconds)ip->settings.icmp_ratelimit_ms * MILLISECOND;
    uint64_t draw = random_draw(ip->means->key, RANDOM_ICMP_RATE, l->draws++);
    uint64_t hash;

    if (interval) {
        hash = siphash_words(ip->means->key, words, 3);
        if (!bucket_take(&l->dest[hash % ICMP_RATE_BUCKETS], interval, ICMP_RATE_BURST, draw, now))
            return false;
    }
    if (ip->settings.icmp_msgs_per_sec == 0)
        return true;
    interval = SECOND / ip->settings.icmp_msgs_per_sec;
    draw = random_draw(ip->means->key, RANDOM_ICMP_RATE, l->draws++);
    return bucket_take(&l->host, interval, ICMP_RATE_HOST_BURST, draw, now);
}
