/* SPDX-License-Identifier: MIT */
/*
 * What congestion controls have in common: how cwnd begins (RFC 6928 2) and follows the segment
 * size, and how one is found by its name.
 */
#include <errno.h>
#include <string.h>

#include "4-transport/tcp/parts/tcp_cc.h"
#include "base/integer.h"

/* RFC 6928 2 (RFC 9293 3.8.2): the initial window. */
void tcp_cc_init(struct cc *cc, enum tcp_cc_kind kind, uint32_t smss, uint32_t initial_segments)
{
    cc->kind = kind;
    cc->smss = smss;
    cc->cwnd = (uint64_t)smss * initial_segments;
    cc->ssthresh = UINT64_MAX / 2; /* RFC 5681 3.1: arbitrarily high */
    cc->pacing_rate = 0;
    memset(&cc->own, 0, sizeof cc->own);
}

void tcp_cc_on_sent(struct cc *cc, const struct sent_event *e)
{
    tcp_cc_table[cc->kind]->on_sent(cc, e);
}

void tcp_cc_on_ack(struct cc *cc, const struct ack_event *e)
{
    tcp_cc_table[cc->kind]->on_ack(cc, e);
}

void tcp_cc_on_loss(struct cc *cc, const struct loss_event *e)
{
    tcp_cc_table[cc->kind]->on_loss(cc, e);
}

void tcp_cc_on_idle(struct cc *cc, const struct idle_event *e)
{
    const struct cc_ops *ops = tcp_cc_table[cc->kind];

    if (ops->on_idle)
        ops->on_idle(cc, e);
}

/* What one control knew says nothing to another. */
void tcp_cc_kind_set(struct cc *cc, uint32_t kind)
{
    if (cc->kind == kind)
        return;
    cc->kind = kind;
    cc->pacing_rate = 0;
    memset(&cc->own, 0, sizeof cc->own);
}

void tcp_cc_smss_set(struct cc *cc, uint32_t smss)
{
    uint64_t segments = most(cc->cwnd / cc->smss, 1);

    cc->cwnd = segments * smss;
    cc->smss = smss;
}

const char *tcp_cc_name(unsigned kind)
{
    for (unsigned k = 0; tcp_cc_table[k]; k++)
        if (k == kind)
            return tcp_cc_table[k]->name;
    return NULL;
}

int tcp_cc_kind_of(const char *name, size_t length)
{
    for (int k = 0; tcp_cc_table[k]; k++) {
        const char *row = tcp_cc_table[k]->name;
        size_t i = 0;

        while (i < length && row[i] != 0 && row[i] == name[i])
            i++;
        if (row[i] == 0 && (i == length || name[i] == 0))
            return k;
    }
    return -ENOENT;
}
