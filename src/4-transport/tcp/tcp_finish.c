/* SPDX-License-Identifier: MIT */
/*
 * WHOLE: the one ending. Whatever came, a segment, a call, a timer, an error, a queue that drained:
 * it changed the connection's state and left the rest to be done here, once: what is to be sent
 * (tcp_output), which deadlines there are now (tcp_timer), whether its buffers go back, whether its
 * listener has one to accept, and whom to tell. tcp_deliver then frees what has ended.
 */
#include "4-transport/tcp/tcp_conn.h"

#include "base/arena.h"

/* The one ending of every event of RFC 9293 3.10: all that came is processed before anything is
 * acknowledged (RFC 9293 3.10.7.4, MUST-58 and 59). */
void tcp_finish(struct tcp_conn *c, nanoseconds now)
{
    if (c->state != TCP_STATE_CLOSED && c->state != TCP_STATE_LISTEN)
        tcp_output(c, now);
    tcp_timer_rearm(c, now);
    tcp_buffers_rest(c);
    if (c->user.parent && tcp_is_synchronized(c) && !list_has(&c->queue))
        tcp_listen_established(c);
    tcp_user_finish(c);
}

/* Reading opens the window: if that is worth an ACK (or one was owed, or output had to stop), it
 * ends as everything does. If not, nothing of it can have changed. */
void tcp_finish_read(struct tcp_conn *c, nanoseconds now)
{
    if (c->delack.now || c->sending.starved || c->sending.path_changed || c->user.touched ||
        !ip_path_is_fresh(c->tcp->ip, &c->path))
        tcp_finish(c, now);
    else
        tcp_buffers_rest(c);
}

/* Its own wire queue is lighter: what had to stop goes on. */
void tcp_drained(struct transport_end *end, nanoseconds now)
{
    tcp_finish(tcp_conn_of(end), now);
}

/* Nothing points to them any more: their users are told, their timers and names are gone. */
void tcp_deliver(struct tcp *t)
{
    struct list_link *l;

    while ((l = list_pop(&t->dead)) != NULL) {
        struct tcp_conn *c = container_of(l, struct tcp_conn, queue);

        tcp_counts_keep(&t->counts, &c->totals);
        list_remove(&c->end.pending);
        list_remove(&c->all);
        options_done(&c->options.common, t->means);
        pool_put(t->conn_pool, c);
    }
}
