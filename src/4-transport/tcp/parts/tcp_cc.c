/* SPDX-License-Identifier: MIT */
/*
 * The table of congestion controls, and what they have in common: how cwnd begins (RFC 6928 2),
 * and begins again after a pause (RFC 5681 4.1).
 */
#include <errno.h>

#include "4-transport/tcp/parts/tcp_cc.h"
#include "base/integer.h"

static const struct cc_ops *const table[TCP_CC_COUNT] = {
    [TCP_CC_RENO] = &cc_reno,
};

/* RFC 6928 2 (RFC 9293 3.8.2): the initial window. */
void tcp_cc_init(struct cc *cc, enum tcp_cc_kind kind, uint32_t smss, uint32_t initial_segments)
{
    cc->kind = kind;
    cc->smss = smss;
    cc->cwnd = (uint64_t)smss * initial_segments;
    cc->ssthresh = UINT64_MAX / 2; /* RFC 5681 3.1: arbitrarily high */
    cc->counted = 0;
}

void tcp_cc_on_ack(struct cc *cc, const struct ack_event *e)
{
    table[cc->kind]->on_ack(cc, e);
}

void tcp_cc_on_loss(struct cc *cc, uint64_t flight)
{
    table[cc->kind]->on_loss(cc, flight);
}

void tcp_cc_on_timeout(struct cc *cc, uint64_t flight, bool first)
{
    table[cc->kind]->on_timeout(cc, flight, first);
}

/* RFC 5681 4.1: after a pause the ACKs that would clock a full window out have stopped. */
void tcp_cc_on_idle(struct cc *cc, uint64_t initial)
{
    cc->cwnd = least(cc->cwnd, initial);
}

/* Recovery is over (RFC 6582 3.2, step 3; RFC 5681 3.2, step 6): what it inflated goes. */
void tcp_cc_deflate(struct cc *cc)
{
    cc->cwnd = most(least(cc->cwnd, cc->ssthresh), cc->smss);
}

void tcp_cc_kind_set(struct cc *cc, uint32_t kind)
{
    cc->kind = kind;
}

void tcp_cc_smss_set(struct cc *cc, uint32_t smss)
{
    uint64_t segments = most(cc->cwnd / cc->smss, 1);

    cc->cwnd = segments * smss;
    cc->smss = smss;
}

const char *tcp_cc_name(unsigned kind)
{
    return kind < TCP_CC_COUNT ? table[kind]->name : NULL;
}

int tcp_cc_kind_of(const char *name, size_t length)
{
    for (int k = 0; k < TCP_CC_COUNT; k++) {
        size_t i = 0;

        while (i < length && table[k]->name[i] != 0 && table[k]->name[i] == name[i])
            i++;
        if (table[k]->name[i] == 0 && (i == length || name[i] == 0))
            return k;
    }
    return -ENOENT;
}
