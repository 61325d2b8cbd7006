/* SPDX-License-Identifier: MIT */
/*
 * WHOLE: the user of a connection: the program that holds it, or will by accept (RFC 9293 3.9.1),
 * what is to be told to it (RFC 9293 3.9.1.8), and how the connection ended (MUST-12). Telling is
 * only noted; tcp_finish hands it on when the entry ends. It calls no other WHOLE file.
 */
#include "4-transport/tcp/tcp_conn.h"

void tcp_user_begin(struct tcp_conn *c)
{
    c->end.service = &c->tcp->service;
    c->end.kind = c->tcp->service.kind;
}

void tcp_user_open(struct tcp_conn *c, struct transport_upper *upper)
{
    c->end.upper = upper;
    c->user.held = 1;
}

/* A listener's program will accept it. */
void tcp_user_promise(struct tcp_conn *c, struct tcp_conn *listener)
{
    c->user.parent = listener;
    c->user.held = 1;
}

void tcp_user_accept(struct tcp_conn *c, struct transport_upper *upper)
{
    c->user.parent = NULL;
    c->end.upper = upper;
    tcp_user_tell(c);
    transport_end_pending(&c->end);
}

/* Its listener is no more. */
void tcp_user_forsake(struct tcp_conn *c)
{
    c->user.parent = NULL;
}

void tcp_user_leave(struct tcp_conn *c)
{
    c->end.upper = NULL;
    list_remove(&c->end.pending);
    c->user.held = 0;
}

/* RFC 9293 3.9.1.8: the program is told when the entry ends (MUST-47). */
void tcp_user_tell(struct tcp_conn *c)
{
    c->user.touched = 1;
}

void tcp_user_finish(struct tcp_conn *c)
{
    if (c->user.touched && c->end.upper)
        transport_end_pending(&c->end);
    c->user.touched = 0;
}

/* 0: none is pending any more. */
void tcp_user_error(struct tcp_conn *c, int error)
{
    c->user.error = (int16_t)error;
}

/* Of ICMP: told if the connection times out (RFC 1122 4.2.3.9). */
void tcp_user_soft_error(struct tcp_conn *c, int error)
{
    c->user.soft_error = (int16_t)error;
}

int tcp_user_error_take(struct tcp_conn *c)
{
    int error = c->user.error;

    c->user.error = 0;
    return error;
}
