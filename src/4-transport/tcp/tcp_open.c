/* SPDX-License-Identifier: MIT */
/*
 * WHOLE: what a connection begins with: its slot, what both ends agree on in their SYNs (tcp_offer:
 * RFC 9293 3.7.1, RFC 7323 1.3, RFC 2018 2), the sizes that follow, and its numbers. ISNs are RFC
 * 6528's: a 4 us clock plus a keyed hash of the four-tuple; timestamps get an offset the same way
 * (RFC 7323 5.4, T-10). SND.ISS, SND.WSCALE, SND.SMSS, RCV.IRS and RCV.WSCALE are written here
 * only. It begins every group of the connection, and no other file may set one to zero.
 */
#include <string.h>

#include "4-transport/tcp/tcp_conn.h"

#include "base/arena.h"
#include "base/integer.h"

struct tcp_conn *tcp_open_conn(struct tcp *t, uint64_t serial)
{
    struct tcp_conn *c = pool_get(t->conn_pool);
    uint64_t next;

    if (!c)
        return NULL;
    next = ++t->serials;
    c->tcp = t;
    c->serial = serial != 0 ? serial : next;
    tcp_user_begin(c);
    tcp_option_begin(c);
    tcp_cc_init(&c->cc, (enum tcp_cc_kind)t->settings.congestion, TCP_SMSS_DEFAULT,
                t->settings.initial_cwnd);
    list_add(&t->all, &c->all);
    return c;
}

/* What its program had set stays; a connection that is opened anew begins with nothing else. Its
 * memory and its name have gone before. */
void tcp_open_renew(struct tcp_conn *c)
{
    memset(&c->snd, 0, sizeof c->snd);
    memset(&c->rcv, 0, sizeof c->rcv);
    memset(&c->agreed, 0, sizeof c->agreed);
    memset(&c->ts, 0, sizeof c->ts);
    memset(&c->rtt, 0, sizeof c->rtt);
    memset(&c->recovery, 0, sizeof c->recovery);
    memset(&c->delack, 0, sizeof c->delack);
    memset(&c->reassembly, 0, sizeof c->reassembly);
    memset(&c->urgent, 0, sizeof c->urgent);
    memset(&c->timers, 0, sizeof c->timers);
    tcp_counts_keep(&c->tcp->counts, &c->totals);
    memset(&c->totals, 0, sizeof c->totals);
    memset(&c->challenge, 0, sizeof c->challenge);
    memset(&c->receive_room, 0, sizeof c->receive_room);
    memset(&c->send_room, 0, sizeof c->send_room);
    memset(&c->push, 0, sizeof c->push);
    memset(&c->sending, 0, sizeof c->sending);
    memset(&c->usage, 0, sizeof c->usage);
    memset(&c->close, 0, sizeof c->close);
    tcp_pacer_restart(&c->pacer);
    tcp_cc_init(&c->cc, (enum tcp_cc_kind)c->cc.kind, TCP_SMSS_DEFAULT,
                c->tcp->settings.initial_cwnd);
    ring_init(&c->send_buffer, 0);
    tcp_user_soft_error(c, 0);
}

static uint64_t tuple_hash(struct siphash_key key, const struct endpoint *local,
                           const struct endpoint *remote)
{
    const uint64_t words[] = {local->address.high, local->address.low, remote->address.high,
                              remote->address.low, (uint64_t)local->port << 16 | remote->port};

    return siphash_words(key, words, 5);
}

/* RFC 6528 3: M + F(four-tuple, secret), MUST-8 and 9: RFC 9293 3.4.1. The clock of 4 us runs on
 * from one incarnation to the next. */
tcp_seq tcp_open_iss(const struct tcp *t, const struct endpoint *local,
                     const struct endpoint *remote, nanoseconds now)
{
    uint32_t clock = (uint32_t)(uint64_t)(now / 4000);

    return ((uint64_t)1 << 32) +
           (uint32_t)(clock + (uint32_t)tuple_hash(t->isn_key, local, remote));
}

/* RFC 9293 3.6.1, MAY-2 (1): the new ISS is larger than any number of the old incarnation. */
tcp_seq tcp_open_iss_beyond(tcp_seq iss, tcp_seq old_nxt)
{
    enum { BEYOND = 65536 + 1 };

    if ((int32_t)((uint32_t)iss - (uint32_t)old_nxt) > 0)
        return iss;
    return ((uint64_t)1 << 32) + (uint32_t)(old_nxt + BEYOND);
}

/* RFC 7323 5.4: timestamps of different peers tell nothing of each other. */
uint32_t tcp_open_ts_offset(const struct tcp *t, const struct endpoint *local,
                            const struct endpoint *remote)
{
    return (uint32_t)tuple_hash(t->timestamp_key, local, remote);
}

/* Eff.snd.MSS of RFC 9293 3.7.1 (MUST-16), less the timestamps of every segment. The path's MTU
 * bounds it (RFC 9293 3.7.2), and may change (RFC 9293 3.7.3). */
void tcp_open_segment_size(struct tcp_conn *c)
{
    c->snd.smss = tcp_offer_segment(c->path.mtu - c->path.header_bytes, c->snd.peer_mss,
                                    c->options.maximum_segment, &c->agreed);
    if (c->cc.smss != c->snd.smss)
        tcp_cc_smss_set(&c->cc, c->snd.smss);
}

/* RFC 7323 2.3: for the largest window that the buffer may come to, as Linux reckons. */
uint8_t tcp_open_scale(const struct tcp_conn *c)
{
    uint64_t space = tcp_window_of_buffer(c->options.common.receive_buffer);

    if (!c->options.common.receive_buffer_locked)
        space = most(space, c->tcp->settings.rmem[2]);
    if (c->options.window_clamp != 0)
        space = least(space, c->options.window_clamp);
    return tcp_window_scale_for(space);
}

void tcp_open_offer(const struct tcp_conn *c, const struct ip_path *path, struct tcp_offer *offer)
{
    const struct tcp_settings *s = &c->tcp->settings;

    offer->mss = tcp_offer_mss(path->mtu - (path->header_bytes - path->options_bytes),
                               c->options.maximum_segment); /* RFC 6691 2: without options */
    offer->wscale = tcp_open_scale(c);
    offer->timestamps = s->timestamps != 0;
    offer->sack = s->sack != 0;
    offer->window_scaling = s->window_scaling != 0;
}

/* The peer's SYN came: what both have said is agreed. */
void tcp_open_agree(struct tcp_conn *c, const struct tcp_segment *syn)
{
    struct tcp_offer offer;

    tcp_open_offer(c, &c->path, &offer);
    tcp_offer_agree(&offer, syn, &c->agreed);
    c->snd.wscale = tcp_offer_peer_wscale(syn, &c->agreed);
    c->rcv.wscale = c->agreed.wscale_ok ? offer.wscale : 0;
    c->snd.peer_mss = tcp_offer_peer_mss(syn, !address_is_mapped(c->path.dest));
}

/* RFC 9293 3.3.1, 3.4.1: ISS, and IRS from the peer's SYN. */
void tcp_open_numbers(struct tcp_conn *c, tcp_seq iss, tcp_seq irs)
{
    c->snd.iss = iss;
    c->rcv.irs = irs;
    ring_init(&c->receive_buffer, irs + 1);
}

void tcp_open_buffers(struct tcp_conn *c)
{
    const struct tcp_settings *s = &c->tcp->settings;

    tcp_receive_room_init(&c->receive_room, c->options.common.receive_buffer);
    c->rcv.rmss = tcp_offer_mss(c->path.mtu - c->path.header_bytes, c->options.maximum_segment);
    tcp_rtt_init(&c->rtt, (nanoseconds)s->rto_initial_ms * MILLISECOND,
                 (nanoseconds)s->rto_min_us * MICROSECOND,
                 (nanoseconds)s->rto_max_ms * MILLISECOND);
    tcp_delack_init(&c->delack, c->rcv.rmss);
}
