/* SPDX-License-Identifier: MIT */
/*
 * WHOLE: the memory of a connection: the rings of bytes to send and to read, and the records of
 * what was sent, all from blocks of the node's budget (base/buffer). A connection at rest, with
 * nothing to send, to be acknowledged or to read, needs none and gives its blocks back. It calls no
 * other WHOLE file.
 */
#include "4-transport/tcp/tcp_conn.h"

/* Nothing waits to be acknowledged (of what is closed, nothing ever will) or read: its buffers are
 * empty. */
static bool is_at_rest(const struct tcp_conn *c)
{
    return ring_used(&c->send_buffer) == 0 &&
           (c->snd.nxt == c->snd.una || c->state == TCP_STATE_CLOSED) &&
           ring_used(&c->receive_buffer) == 0 && !tcp_reassembly_has_holes(&c->reassembly);
}

void tcp_buffers_leave(struct tcp_conn *c)
{
    if (!list_has(&c->rested))
        return;
    list_remove(&c->rested);
    c->tcp->rested_count--;
}

/* It comes again the next time that it is at rest. */
static void give_back(struct tcp_conn *c)
{
    struct means *m = c->tcp->means;

    tcp_buffers_leave(c);
    if (!is_at_rest(c))
        return;
    ring_done(&c->send_buffer, m->buffers, &m->buffer_budget);
    ring_done(&c->receive_buffer, m->buffers, &m->buffer_budget);
    tcp_scoreboard_done(&c->board, m->buffers, &m->buffer_budget);
}

/* Empty buffers go back, or ten thousand idle connections would hold what a busy one needs. But a
 * flow whose buffers are empty after each message, or each read, shall not fetch them anew each
 * time: the last few to come to rest keep theirs. */
void tcp_buffers_rest(struct tcp_conn *c)
{
    struct tcp *t = c->tcp;

    if (list_has(&c->rested) || !is_at_rest(c) ||
        (!c->send_buffer.bytes && !c->receive_buffer.bytes && !c->board.sent))
        return;
    if (c->state == TCP_STATE_CLOSED) { /* it will not need them again */
        give_back(c);
        return;
    }
    list_add(&t->rested, &c->rested);
    if (++t->rested_count > TCP_RESTED_MOST)
        give_back(container_of(t->rested.first, struct tcp_conn, rested));
}

/* There is no memory left: the last few give theirs up too, but not c. @return any did */
static bool give_back_all(struct tcp_conn *c)
{
    struct tcp *t = c->tcp;

    tcp_buffers_leave(c);
    if (!t->rested.first)
        return false;
    while (t->rested.first)
        give_back(container_of(t->rested.first, struct tcp_conn, rested));
    return true;
}

bool tcp_buffers_reserve(struct tcp_conn *c, struct ring *r, uint64_t to, uint64_t keep_to)
{
    struct means *m = c->tcp->means;

    return ring_reserve(r, m->buffers, &m->buffer_budget, to, keep_to) ||
           (give_back_all(c) && ring_reserve(r, m->buffers, &m->buffer_budget, to, keep_to));
}

bool tcp_buffers_reserve_record(struct tcp_conn *c)
{
    struct means *m = c->tcp->means;

    return tcp_scoreboard_reserve(&c->board, m->buffers, &m->buffer_budget) ||
           (give_back_all(c) && tcp_scoreboard_reserve(&c->board, m->buffers, &m->buffer_budget));
}
