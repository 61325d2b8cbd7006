/* SPDX-License-Identifier: MIT */
/*
 * The table behind flows.h: an array of flows and buckets of indexes, doubled when half full.
 *
 * The order of flows is the order in which they were first seen; nothing shown depends on the
 * hash. A new incarnation (RFC 9293 3.4.1: the same pair with a new ISS) is a new entry that hides
 * the old one, which stays for those who hold its index.
 */
#include "flows.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64 };
static const uint64_t mixer = UINT64_C(0x9e3779b97f4a7c15);

/* The ends of a segment or of a connection, in the order in which they are asked about. */
struct key {
    const struct endpoint *end[2];
};

/* Mixed twice: else the sum of two ends would hardly depend on more than the sum of their ports,
 * and whoever goes through the ports of both ends would fill one bucket. */
static uint64_t end_hash(const struct endpoint *e)
{
    uint64_t hash = ((e->address.high * 31 + e->address.low) * 31 + e->port) * mixer;

    return (hash ^ hash >> 32) * mixer;
}

/* The same for both orders of the ends. */
static uint32_t pair_hash(const struct key *k)
{
    return (uint32_t)((end_hash(k->end[0]) + end_hash(k->end[1])) >> 32);
}

static bool end_equal(const struct endpoint *a, const struct endpoint *b)
{
    return a->port == b->port && address_equal(a->address, b->address);
}

static int find(const struct flows *f, const struct key *k, int *side)
{
    int i = f->bucket[pair_hash(k) & (uint32_t)(f->buckets - 1)];

    for (; i != FLOWS_NONE; i = f->flow[i].next) {
        const struct flow *flow = &f->flow[i];

        for (int s = 0; s < 2; s++) {
            if (end_equal(&flow->end[s], k->end[0]) && end_equal(&flow->end[1 - s], k->end[1])) {
                *side = s;
                return i;
            }
        }
    }
    return FLOWS_NONE;
}

static void link_in(struct flows *f, int i)
{
    struct key k = {{&f->flow[i].end[0], &f->flow[i].end[1]}};
    int *head = &f->bucket[pair_hash(&k) & (uint32_t)(f->buckets - 1)];

    f->flow[i].next = *head;
    *head = i;
}

static int grow(struct flows *f)
{
    int room = f->room ? f->room * 2 : FIRST_ROOM;
    struct flow *flow = realloc(f->flow, (size_t)room * sizeof *flow);
    int *bucket;

    if (!flow)
        return -ENOMEM;
    f->flow = flow;
    bucket = realloc(f->bucket, (size_t)room * 2 * sizeof *bucket);
    if (!bucket)
        return -ENOMEM;
    f->bucket = bucket;
    f->room = room;
    f->buckets = room * 2;
    for (int i = 0; i < f->buckets; i++)
        bucket[i] = FLOWS_NONE;
    for (int i = 0; i < f->count; i++)
        link_in(f, i);
    return 0;
}

static int add(struct flows *f, const struct key *k)
{
    struct flow *flow;

    if (f->count == f->room && grow(f) < 0)
        return -ENOMEM;
    flow = &f->flow[f->count];
    memset(flow, 0, sizeof *flow);
    flow->end[0] = *k->end[0];
    flow->end[1] = *k->end[1];
    link_in(f, f->count);
    return f->count++;
}

int flows_init(struct flows *f)
{
    memset(f, 0, sizeof *f);
    return grow(f);
}

void flows_done(struct flows *f)
{
    free(f->flow);
    free(f->bucket);
    memset(f, 0, sizeof *f);
}

static void learn(struct flow *flow, int side, const struct decode_tcp *tcp)
{
    bool syn = tcp->flags & DECODE_SYN;

    if (syn && !flow->began_by_syn[side]) {
        flow->start[side] = tcp->seq;
        flow->began[side] = flow->began_by_syn[side] = true;
    }
    if (!flow->began[side]) {
        flow->start[side] = tcp->seq - 1;
        flow->began[side] = true;
    }
    if ((tcp->flags & DECODE_ACK) && !flow->began[1 - side] && tcp->ack != 0) {
        flow->start[1 - side] = tcp->ack - 1;
        flow->began[1 - side] = true;
    }
}

int flows_of_segment(struct flows *f, const struct decode *d, int *side)
{
    const struct decode_tcp *tcp = &d->tcp;
    struct endpoint from = {.address = d->ip.source, .port = tcp->source_port};
    struct endpoint to = {.address = d->ip.dest, .port = tcp->dest_port};
    struct key k = {{&from, &to}};
    int i = find(f, &k, side);

    if (i != FLOWS_NONE && (tcp->flags & (DECODE_SYN | DECODE_ACK)) == DECODE_SYN &&
        f->flow[i].began_by_syn[*side] && f->flow[i].start[*side] != tcp->seq)
        i = FLOWS_NONE;
    if (i == FLOWS_NONE) {
        i = add(f, &k);
        *side = 0;
    }
    if (i >= 0)
        learn(&f->flow[i], *side, tcp);
    return i;
}

int flows_of_endpoints(const struct flows *f, const struct endpoint *local,
                       const struct endpoint *remote, int *side)
{
    struct key k = {{local, remote}};

    return find(f, &k, side);
}

int flows_add(struct flows *f, const struct endpoint *local, const struct endpoint *remote)
{
    struct key k = {{local, remote}};

    return add(f, &k);
}

uint32_t flows_seq(const struct flow *flow, int side, uint32_t seq)
{
    return seq - flow->start[side];
}

uint32_t flows_ack(const struct flow *flow, int side, uint32_t ack)
{
    return ack - flow->start[1 - side];
}

const char *flows_endpoint(const struct endpoint *e, char text[FLOWS_ENDPOINT_BYTES])
{
    char address[ADDRESS_TEXT_BYTES];

    address_format(e->address, address);
    snprintf(text, FLOWS_ENDPOINT_BYTES, address_is_mapped(e->address) ? "%s:%u" : "[%s]:%u",
             address, e->port);
    return text;
}
