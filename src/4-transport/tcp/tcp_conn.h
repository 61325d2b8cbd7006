/* SPDX-License-Identifier: MIT */
/*
 * SEAM: the connection: a struct of parts, and who may write what (architecture, section 6; checked
 * by tools/writers). Only WHOLE files include this header.
 *
 * Sequence numbers are 64 bits: ISS is stored as 2^32 + iss, so comparisons are plain. The send
 * buffer's offsets are sequence numbers, and so are the receive buffer's.
 *
 *     send:     una <= nxt;  bytes [una, send_buffer.to);  FIN at send_buffer.to once fin_wanted
 *     receive:  read up to receive_buffer.from;  in order up to nxt;  offered up to adv
 */
#pragma once
#include "4-transport/options.h"
#include "4-transport/tcp/tcp.h"
#include "4-transport/tcp/parts/tcp_cc.h"
#include "4-transport/tcp/parts/tcp_challenge.h"
#include "4-transport/tcp/parts/tcp_delack.h"
#include "4-transport/tcp/parts/tcp_demux.h"
#include "4-transport/tcp/parts/tcp_header.h"
#include "4-transport/tcp/parts/tcp_offer.h"
#include "4-transport/tcp/parts/tcp_pacer.h"
#include "4-transport/tcp/parts/tcp_reassembly.h"
#include "4-transport/tcp/parts/tcp_receive_room.h"
#include "4-transport/tcp/parts/tcp_recovery.h"
#include "4-transport/tcp/parts/tcp_rtt.h"
#include "4-transport/tcp/parts/tcp_scoreboard.h"
#include "4-transport/tcp/parts/tcp_send_room.h"
#include "4-transport/tcp/parts/tcp_timestamp.h"
#include "4-transport/tcp/parts/tcp_urgent.h"
#include "4-transport/tcp/parts/tcp_usage.h"
#include "4-transport/tcp/parts/tcp_window.h"
#include "base/ring.h"

/* RFC 9293 3.3.1: the send sequence variables. */
struct tcp_snd {
    tcp_seq una, nxt;
    uint64_t wnd, wnd_max; /* scaled: bytes */
    tcp_seq wl1, wl2;
    tcp_seq iss;
    tcp_seq small_end; /* the end of the last partial segment sent (Minshall) */
    uint32_t smss;     /* payload bytes of a full segment, timestamps taken off */
    uint16_t peer_mss; /* as the peer's SYN said */
    uint8_t wscale;    /* Snd.Wind.Shift */
    uint8_t fin_sent;  /* the FIN has been sent */
};

/* RFC 9293 3.3.1: the receive sequence variables. */
struct tcp_rcv {
    tcp_seq nxt, adv;
    tcp_seq fin_seq; /* where the peer's stream ends, once known; 0: not yet */
    tcp_seq irs;
    uint32_t rmss;  /* the MSS we announced */
    uint8_t wscale; /* Rcv.Wind.Shift */
};

struct tcp_timers {
    nanoseconds due[TCP_TIMER_COUNT];
    struct timer timer;
    nanoseconds began;         /* our SYN was sent for the first time */
    nanoseconds stalled_since; /* the first retransmission or probe without progress; NEVER: none */
    nanoseconds last_heard;    /* a segment of the peer */
    nanoseconds last_probe;    /* keepalive */
    nanoseconds waiting_since; /* TIME-WAIT or FIN-WAIT-2 began */
    uint32_t probes;           /* keepalives or window probes unanswered */
    uint32_t retransmits;      /* of the same data, by the timer */
    uint8_t rare;              /* one of the deadlines that few connections have is set */
};

/* What a listener holds. */
struct tcp_listener {
    struct link_list halves;   /* half-open connections: struct tcp_half.link */
    struct link_list accepted; /* established, not yet taken: struct tcp_conn.queue */
    uint32_t backlog, half_count, accepted_count;
    uint32_t zero;
};

struct tcp_totals {
    uint64_t bytes_acked, bytes_received, bytes_sent, bytes_again;
    uint32_t segments_in, segments_out, data_in, data_out,
        segments_again; /* as tcp_info has them */
    uint32_t duplicate_sacks, out_of_order;
    nanoseconds last_data_sent, last_data_received, last_ack_received;
};

struct tcp_options {
    struct transport_options common;
    nanoseconds keepalive_idle, keepalive_interval; /* 0: the host's */
    nanoseconds linger_2;                           /* 0: the host's; -1 none */
    nanoseconds user_timeout;                       /* 0: by tcp_retries2 */
    uint32_t not_sent_low_water;
    uint32_t window_clamp;              /* 0: none */
    uint16_t maximum_segment;           /* 0: by the path */
    uint8_t keepalive_count, syn_count; /* 0: the host's */
    uint8_t no_delay, cork;
};

/* Who it is on the network. */
struct tcp_name {
    struct tcp_tuple tuple; /* its endpoints */
    struct port_binding binding;
    uint8_t hashed;         /* in tcp->connections */
    uint8_t address_chosen; /* our address is the route's choice, not the program's */
    uint8_t port_given;     /* our port is the program's choice */
};

/* Who holds it, and what is to be told. */
struct tcp_user {
    struct tcp_conn *parent; /* the listener, until accepted */
    int16_t error;           /* pending, positive */
    int16_t soft_error;      /* of ICMP, told if the connection times out (RFC 1122 4.2.3.9) */
    uint8_t held;            /* a program holds it, or will by accept */
    uint8_t touched;         /* its user is to be told */
};

/* What the user has ended. */
struct tcp_closing {
    uint8_t fin_wanted; /* our stream ends at send_buffer.to */
    uint8_t shut_reading;
};

/* How the present write wants to be cut. */
struct tcp_push {
    uint8_t more;    /* more follows: MSG_MORE, or the rest of this write */
    uint8_t no_push; /* and so what is in ends without PSH */
    uint8_t now;     /* what is in goes, corked or not: TCP_NODELAY was set behind it */
};

/* Why sending stopped before its end, or has to begin again. */
struct tcp_sending {
    uint8_t queue_limited; /* our own wire queue holds enough of it */
    uint8_t starved;       /* a packet or memory could not be had: on by SEND_LATER */
    uint8_t path_changed;  /* the path became smaller: asked anew by SEND_LATER, at once */
};

/* The TCB of RFC 9293 3.3.1. */
struct tcp_conn {
    struct transport_end end; /* first */
    struct tcp *tcp;
    struct tcp_name name;
    struct list_link all;    /* in tcp->all */
    struct list_link queue;  /* in a listener's `accepted`, in tcp->waiting or in tcp->dead */
    struct list_link rested; /* in tcp->rested */
    struct ip_path path;
    struct charge *charge;
    uint64_t serial;

    uint8_t state; /* enum tcp_state_name */
    struct tcp_closing close;
    struct tcp_push push;
    struct tcp_sending sending;
    struct tcp_agreed agreed;
    struct tcp_user user;
    struct tcp_snd snd;
    struct tcp_rcv rcv;
    struct tcp_timestamp ts;
    struct ring send_buffer, receive_buffer;
    struct tcp_scoreboard board;
    struct tcp_rtt rtt;
    struct cc cc;
    struct tcp_pacer pacer;
    struct tcp_recovery recovery;
    struct tcp_usage usage;
    struct tcp_delack delack;
    struct tcp_reassembly reassembly;
    struct tcp_urgent urgent;
    struct tcp_timers timers;
    struct tcp_challenge challenge;
    struct tcp_receive_room receive_room;
    struct tcp_send_room send_room;
    struct tcp_listener *listener; /* in LISTEN */
    struct tcp_options options;
    struct tcp_totals totals;
};

/* ---- tcp_user: its program ---- */
void tcp_user_begin(struct tcp_conn *c);
void tcp_user_open(struct tcp_conn *c, struct transport_upper *upper);
void tcp_user_promise(struct tcp_conn *c, struct tcp_conn *listener);
void tcp_user_accept(struct tcp_conn *c, struct transport_upper *upper);
void tcp_user_forsake(struct tcp_conn *c);
void tcp_user_leave(struct tcp_conn *c);
void tcp_user_tell(struct tcp_conn *c);
void tcp_user_finish(struct tcp_conn *c);
void tcp_user_error(struct tcp_conn *c, int error);
void tcp_user_soft_error(struct tcp_conn *c, int error);
int tcp_user_error_take(struct tcp_conn *c); /* a positive errno, or 0 */

/* ---- tcp_name: ports, four-tuple, tables; @return 0 or as ports.h ---- */
int tcp_name_bind(struct tcp_conn *c, const struct endpoint *local);
void tcp_name_options(struct tcp_conn *c);
int tcp_name_listen(struct tcp_conn *c);
void tcp_name_unlisten(struct tcp_conn *c);
int tcp_name_take(struct tcp_conn *c, const struct endpoint *remote, nanoseconds now,
                  struct tcp_conn **old);
int tcp_name_inherit(struct tcp_conn *c, const struct tcp_conn *listener,
                     const struct tcp_tuple *tuple);
void tcp_name_release(struct tcp_conn *c);
void tcp_name_forget(struct tcp_conn *c);

/* ---- tcp_option ---- */
int tcp_option_link(struct tcp_conn *c, const struct endpoint *at, bool binds);
void tcp_option_bound(struct tcp_conn *c, struct address local);
int tcp_option_change(struct tcp_conn *c, enum transport_option option, int64_t value,
                      nanoseconds now);
void tcp_option_begin(struct tcp_conn *c);
uint64_t tcp_option_low_water_most(const struct tcp_conn *c); /* of SO_RCVLOWAT */
void tcp_option_inherit(struct tcp_conn *c, const struct tcp_conn *listener, uint16_t interface);

/* ---- tcp_input: SEGMENT ARRIVES ---- */
void tcp_segment_arrives(struct tcp_conn *c, struct tcp_segment *seg, nanoseconds now);
void tcp_input_start(struct tcp_conn *c, tcp_seq irs, uint32_t ts_recent, nanoseconds now);

/* ---- tcp_ack ---- */
enum tcp_ack_verdict { ACK_GOOD, ACK_OLD, ACK_DROP };
void tcp_ack_start(struct tcp_conn *c, tcp_seq iss);
enum tcp_ack_verdict tcp_ack_arrives(struct tcp_conn *c, const struct tcp_segment *seg,
                                     nanoseconds now);
void tcp_ack_window(struct tcp_conn *c, const struct tcp_segment *seg); /* of a SYN: unscaled */

/* ---- tcp_output: the only sender ---- */
void tcp_output_close(struct tcp_conn *c);
void tcp_output_start(struct tcp_conn *c);
void tcp_output_child(struct tcp_conn *c, uint32_t window);
void tcp_output_offered(struct tcp_conn *c, uint64_t window);
void tcp_output_path_changed(struct tcp_conn *c);
void tcp_output(struct tcp_conn *c, nanoseconds now);
void tcp_output_syn(struct tcp_conn *c, enum mark mark,
                    nanoseconds now); /* with ACK in SYN-RECEIVED */
void tcp_output_ack(struct tcp_conn *c, enum mark mark, nanoseconds now);
void tcp_output_probe(struct tcp_conn *c, enum mark mark, nanoseconds now); /* seq = SND.UNA - 1 */
void tcp_output_reset(struct tcp_conn *c, nanoseconds now);
bool tcp_output_wakeup(struct tcp_conn *c, nanoseconds now); /* data the window allows, SWS aside */
/* A segment that belongs to no connection: RST answers, SYN-ACKs. Zero but for what its sender
 * sets; ports and lengths are tcp_output_reply's to fill in. */
struct tcp_reply {
    struct tcp_segment seg;
    struct endpoint local, remote; /* local.interface: by that one, if no path is known; 0: any */
    struct ip_send_facts facts;
    enum mark mark;
};
/* path NULL: it is looked for. */
void tcp_output_reply(struct tcp *t, struct tcp_reply *reply, const struct ip_path *path,
                      nanoseconds now);
void tcp_output_reject(struct tcp *t, const struct endpoint *local, const struct endpoint *remote,
                       const struct tcp_segment *seg, nanoseconds now); /* RST, RFC 9293 3.10.7.1 */

/* ---- tcp_counts ---- */
/* It ends, or begins anew: its host keeps what it counted. */
static inline void tcp_counts_keep(struct tcp_counts *counts, const struct tcp_totals *totals)
{
    counts->segments_in += totals->segments_in;
    counts->segments_out += totals->segments_out;
    counts->segments_again += totals->segments_again;
}

/* ---- tcp_open ---- */
/* CLOSED, in tcp->all; serial 0: the next. NULL: limit reached */
struct tcp_conn *tcp_open_conn(struct tcp *t, uint64_t serial);
void tcp_open_renew(struct tcp_conn *c); /* of the connection it was nothing is left */
tcp_seq tcp_open_iss(const struct tcp *t, const struct endpoint *local,
                     const struct endpoint *remote, nanoseconds now);
/* Beyond all that an old incarnation sent, up to SND.NXT. */
tcp_seq tcp_open_iss_beyond(tcp_seq iss, tcp_seq old_nxt);
uint32_t tcp_open_ts_offset(const struct tcp *t, const struct endpoint *local,
                            const struct endpoint *remote);
uint8_t tcp_open_scale(const struct tcp_conn *c); /* the shift to offer */
/* What it would have of its peer. */
void tcp_open_offer(const struct tcp_conn *c, const struct ip_path *path, struct tcp_offer *offer);
void tcp_open_agree(struct tcp_conn *c, const struct tcp_segment *syn);
void tcp_open_segment_size(struct tcp_conn *c); /* smss from path, peer and options */
void tcp_open_numbers(struct tcp_conn *c, tcp_seq iss, tcp_seq irs);
void tcp_open_buffers(struct tcp_conn *c); /* sizes and RTT from the settings */

/* ---- tcp_listen ---- */
/* old_nxt: SND.NXT of the TIME-WAIT that this SYN ended; 0: none. */
void tcp_listen_arrives(struct tcp_conn *listener, const struct tcp_tuple *who,
                        struct tcp_segment *seg, tcp_seq old_nxt, nanoseconds now);
struct tcp_half;
/* @return the connection that it became, in SYN-RECEIVED: the segment arrives there next; or
 * NULL */
struct tcp_conn *tcp_listen_half_arrives(struct tcp_half *h, struct tcp_segment *seg,
                                         nanoseconds now);
struct tcp_half *tcp_listen_half_of(struct tcp_tuple *tuple);
const struct tcp_conn *tcp_listen_of_half(const struct tcp_half *h);
/* What is told of one that is half open. */
struct tcp_half_facts {
    const struct tcp_tuple *tuple;
    uint64_t serial;
    nanoseconds due; /* when the SYN-ACK is sent again */
    uint32_t retransmits;
    uint16_t interface; /* that it keeps to; 0: any */
};
/* The one of a listener behind h, NULL: the first; NULL: h was the last. */
struct tcp_half *tcp_listen_half_next(const struct tcp_conn *l, const struct tcp_half *h);
void tcp_listen_half_tell(const struct tcp_half *h, struct tcp_half_facts *facts);
/* It is forgotten; its peer hears a RST when it goes on. */
void tcp_listen_half_end(struct tcp_half *h, nanoseconds now);
void tcp_listen_end(struct tcp_conn *listener, nanoseconds now);
void tcp_listen_established(struct tcp_conn *c);

/* ---- tcp_close ---- */
void tcp_set_state(struct tcp_conn *c, enum tcp_state_name state, nanoseconds now);
void tcp_state_begin(struct tcp_conn *c,
                     enum tcp_state_name state); /* told by tcp_state_emit already */
void tcp_state_emit(const struct tcp *t, const struct tcp_tuple *tuple, uint64_t serial,
                    enum tcp_state_name from, enum tcp_state_name to, nanoseconds now);
bool tcp_close_make_room(struct tcp *t, nanoseconds now); /* for one connection more */
bool tcp_close_resets(const struct tcp_conn *c);          /* does ABORT tell the peer? */
void tcp_close_leave(struct tcp_conn *c);
void tcp_close_wait_alone(struct tcp_conn *c);
void tcp_close_renew(struct tcp_conn *c);
void tcp_close_reading(struct tcp_conn *c);
void tcp_close_refused(struct tcp_conn *c, bool reading, bool writing);
void tcp_close_sending(struct tcp_conn *c, nanoseconds now);
void tcp_close_fin_received(struct tcp_conn *c, nanoseconds now);
void tcp_close_fin_acked(struct tcp_conn *c, nanoseconds now);
void tcp_close_time_wait(struct tcp_conn *c, nanoseconds now);
void tcp_close_abort(struct tcp_conn *c, int error, bool reset, nanoseconds now); /* to CLOSED */
void tcp_close_challenge_ack(struct tcp_conn *c, nanoseconds now); /* RFC 5961, by rate */
void tcp_close_duplicate_ack(struct tcp_conn *c, const struct tcp_segment *seg, nanoseconds now);

/* ---- tcp_timer ---- */
/* Its SYN or SYN-ACK went out at `began`, and again so many times. */
void tcp_timer_init(struct tcp_conn *c, uint32_t tries, nanoseconds began, nanoseconds now);
void tcp_timer_on_heard(struct tcp_conn *c, nanoseconds now);
void tcp_timer_on_progress(struct tcp_conn *c);    /* SND.UNA moved: RFC 6298 5.3 */
void tcp_timer_on_first_again(struct tcp_conn *c); /* SND.UNA was sent again */
void tcp_timer_on_window(struct tcp_conn *c); /* the peer's window opened, or answered a probe */
void tcp_timer_on_wait(struct tcp_conn *c, nanoseconds now); /* TIME-WAIT or FIN-WAIT-2 begins */
void tcp_timer_rearm(struct tcp_conn *c, nanoseconds now);
void tcp_timer_on_stalled(struct tcp_conn *c, nanoseconds since);
void tcp_timer_on_again(struct tcp_conn *c);
void tcp_timer_on_probe(struct tcp_conn *c);
void tcp_timer_on_keepalive(struct tcp_conn *c, nanoseconds now);
void tcp_timer_on_answered(struct tcp_conn *c);
bool tcp_timer_take(struct tcp_conn *c, enum tcp_timer_name which, nanoseconds now);
void tcp_timer_stop(struct tcp_conn *c);

/* ---- tcp_buffers: the rings, the records of what was sent ---- */
/* Memory for a buffer up to `to`, if need be that of connections at rest. */
bool tcp_buffers_reserve(struct tcp_conn *c, struct ring *r, uint64_t to, uint64_t keep_to);
bool tcp_buffers_reserve_record(struct tcp_conn *c); /* the same, for one segment more */
void tcp_buffers_rest(struct tcp_conn *c);           /* gives them back, if it is at rest */
void tcp_buffers_leave(struct tcp_conn *c);          /* it is no longer one of those at rest */

/* ---- tcp_finish ---- */
void tcp_finish(struct tcp_conn *c, nanoseconds now);
void tcp_finish_read(struct tcp_conn *c, nanoseconds now); /* only bytes were read */

/* ---- tcp.c ---- */
int tcp_check(const struct tcp_conn *c);

static inline struct tcp_conn *tcp_conn_of(const struct transport_end *end)
{
    return (struct tcp_conn *)(uintptr_t)end; /* its first member */
}

/* Past the handshake: the peer knows our numbers (RFC 9293 3.5.2, group 3). */
static inline bool tcp_is_synchronized(const struct tcp_conn *c)
{
    return c->state != TCP_STATE_CLOSED && c->state != TCP_STATE_LISTEN &&
           c->state != TCP_STATE_SYN_SENT && c->state != TCP_STATE_SYN_RECEIVED;
}

/* Bytes a second that may leave; 0: no limit. */
static inline uint64_t tcp_pacing_rate(const struct tcp_conn *c)
{
    return tcp_pacer_rate(c->cc.pacing_rate, c->options.common.pacing_rate);
}

/* What has been sent and not acknowledged: FlightSize. */
static inline uint64_t tcp_flight_size(const struct tcp_conn *c)
{
    return c->snd.nxt - c->snd.una;
}

/* Does the reader stand at an out-of-band byte? It is no part of the stream. */
static inline bool tcp_is_at_urgent(const struct tcp_conn *c)
{
    return c->urgent.mark != 0 && c->urgent.come && c->urgent.mark == c->receive_buffer.from &&
           ring_used(&c->receive_buffer) > 0 && !c->options.common.oob_inline;
}

/* SO_BINDTODEVICE: what comes by another interface is none of its business. */
static inline bool tcp_is_heard_by(const struct tcp_conn *c, uint16_t interface)
{
    return c->name.binding.local.interface == 0 || c->name.binding.local.interface == interface;
}

/* Room behind rcv.nxt, as a window. */
static inline uint64_t tcp_buffers_free(const struct tcp_conn *c)
{
    return tcp_receive_room_free(&c->receive_room, c->rcv.nxt > c->receive_buffer.from
                                                       ? c->rcv.nxt - c->receive_buffer.from
                                                       : 0);
}
