/* SPDX-License-Identifier: MIT */
/*
 * WHOLE: options and counts of a stream (RFC 9293 3.9.1: the calls' options, STATUS): what is
 * common lives in options.h, what is TCP's own here; and TCP_INFO as facts.
 */
#include <errno.h>
#include <string.h>

#include "4-transport/tcp/tcp_conn.h"

#include "base/integer.h"

enum { KEEPALIVE_MOST_S = 32767, COUNT_MOST = 127, MAXIMUM_SEGMENT_LEAST = 88 };

void tcp_option_begin(struct tcp_conn *c)
{
    options_init(&c->options.common, c->tcp->settings.wmem[1], c->tcp->settings.rmem[1]);
}

/* What was set on a listener holds for what it accepts; to an address of one link it keeps to the
 * interface by which that came (RFC 4007 6). */
void tcp_option_inherit(struct tcp_conn *c, const struct tcp_conn *listener, uint16_t interface)
{
    memcpy(&c->options, &listener->options, sizeof c->options); /* of a zeroed slot: padding too */
    c->options.common.interface = interface;
    options_inherit(&c->options.common, c->tcp->means);
    tcp_cc_kind_set(&c->cc, listener->cc.kind);
}

static int set_range(nanoseconds *field, int64_t value, int64_t most_seconds)
{
    if (value < SECOND || value > most_seconds * SECOND)
        return -EINVAL;
    *field = value;
    return 0;
}

static int set_count(uint8_t *field, int64_t value)
{
    if (value < 1 || value > COUNT_MOST)
        return -EINVAL;
    *field = (uint8_t)value;
    return 0;
}

/* RFC 9293 3.7.4 (MUST-17: Nagle's algorithm can be turned off), RFC 9293 3.9.1.7 (there is no
 * FLUSH: TCP_NODELAY, or TCP_CORK taken off, lets go what waits). tcp(7): TCP_NODELAY does so even
 * while TCP_CORK is set. */
static int set_sending(struct tcp_conn *c, enum transport_option option, int64_t value)
{
    struct tcp_options *o = &c->options;

    if (option == OPTION_NO_DELAY)
        o->no_delay = value != 0;
    else if (option == OPTION_CORK)
        o->cork = value != 0;
    else if (option == OPTION_NOT_SENT_LOW_WATER)
        o->not_sent_low_water = (uint32_t)value;
    else if (value != 0 && (value < MAXIMUM_SEGMENT_LEAST || value > 32767))
        return -EINVAL;
    else
        o->maximum_segment = (uint16_t)value;
    return 0;
}

/* RFC 9293 3.8.4 (MUST-27), RFC 9293 3.8.3 (MUST-21: R2 of a connection). */
static int set_own(struct tcp_conn *c, enum transport_option option, int64_t value)
{
    struct tcp_options *o = &c->options;

    switch ((int)option) {
    case OPTION_NO_DELAY:
    case OPTION_CORK:
    case OPTION_NOT_SENT_LOW_WATER:
    case OPTION_MAXIMUM_SEGMENT:
        return set_sending(c, option, value);
    case OPTION_KEEPALIVE_IDLE:
        return set_range(&o->keepalive_idle, value, KEEPALIVE_MOST_S);
    case OPTION_KEEPALIVE_INTERVAL:
        return set_range(&o->keepalive_interval, value, KEEPALIVE_MOST_S);
    case OPTION_KEEPALIVE_COUNT:
        return set_count(&o->keepalive_count, value);
    case OPTION_SYN_COUNT:
        return set_count(&o->syn_count, value);
    case OPTION_LINGER_2:
        o->linger_2 = value;
        return 0;
    case OPTION_WINDOW_CLAMP:
        if (value == 0 && c->state != TCP_STATE_CLOSED)
            return -EINVAL;
        o->window_clamp = (uint32_t)value;
        return 0;
    case OPTION_QUICK_ACK:
        tcp_delack_quick(&c->delack, value != 0);
        return 0;
    case OPTION_USER_TIMEOUT:
        if (value < 0)
            return -EINVAL;
        o->user_timeout = value;
        return 0;
    case OPTION_CONGESTION:
        if (value < 0 || !tcp_cc_name((unsigned)value))
            return -ENOENT;
        tcp_cc_kind_set(&c->cc, (uint32_t)value);
        return 0;
    default:
        return -ENOPROTOOPT;
    }
}

/* RFC 9293 3.8.4 (MUST-24: keep-alives on and off), RFC 9293 3.9.1.9: options of the connection
 * while it is open. */
int tcp_option_change(struct tcp_conn *c, enum transport_option option, int64_t value,
                      nanoseconds now)
{
    int result = -EINVAL;

    if (option != OPTION_FAMILIES || !ports_is_bound(&c->name.binding) ||
        (value == ADDRESS_FAMILY_4 && c->state != TCP_STATE_CLOSED &&
         c->state != TCP_STATE_LISTEN && address_is_mapped(c->path.dest)))
        result = options_set(&c->options.common, option, value);
    if (result == 0) {
        if (option == OPTION_KEEPALIVE && value != 0)
            tcp_timer_on_heard(c, now); /* its time begins now */
        if (option == OPTION_RECEIVE_LOW_WATER)
            c->options.common.receive_low_water =
                (uint32_t)least(c->options.common.receive_low_water, tcp_option_low_water_most(c));
        if (option == OPTION_PACING_RATE)
            tcp_pacer_restart(&c->pacer);
        tcp_name_options(c);
        if (option == OPTION_INTERFACE)
            ip_path_want(&c->path, c->options.common.interface);
        if (option == OPTION_RECEIVE_BUFFER)
            tcp_receive_room_set(&c->receive_room, c->options.common.receive_buffer,
                                 most(c->rcv.adv, c->rcv.nxt) - c->receive_buffer.from);
    } else if (result == -ENOPROTOOPT) {
        result = options_rare_set(&c->options.common, c->tcp->means, option, value);
        if (result == -ENOPROTOOPT)
            result = set_own(c, option, value);
    }
    if (result == 0 && (option == OPTION_SEND_BUFFER || option == OPTION_NOT_SENT_LOW_WATER ||
                        option == OPTION_RECEIVE_BUFFER || option == OPTION_RECEIVE_LOW_WATER))
        tcp_user_tell(c); /* who waited for more may go on */
    return result;
}

/* Options of the header take room from each segment: the path is asked for anew. */
int tcp_option_header(struct transport_end *end, enum transport_header_call call,
                      struct transport_header *header)
{
    struct tcp_conn *c = tcp_conn_of(end);
    int result = options_header(&c->options.common, c->tcp->means, call, header);

    if (result == 0 && call == TRANSPORT_HEADER_SET)
        ip_path_doubt(&c->path);
    return result;
}

/* Which interface an address of one link alone is on (options_link). */
int tcp_option_link(struct tcp_conn *c, const struct endpoint *at, bool binds)
{
    int result = options_link(&c->options.common, c->tcp->ip, at, binds);

    tcp_name_options(c);
    return result;
}

/* It was bound to this address. */
void tcp_option_bound(struct tcp_conn *c, struct address local)
{
    options_bound(&c->options.common, local);
    tcp_name_options(c);
}

/* More can never be there at once; Linux's bound. */
uint64_t tcp_option_low_water_most(const struct tcp_conn *c)
{
    const struct transport_options *o = &c->options.common;

    return (o->receive_buffer_locked ? o->receive_buffer : c->tcp->settings.rmem[2]) / 2;
}

static int64_t or_default(int64_t value, int64_t setting)
{
    return value != 0 ? value : setting;
}

static int get_times(const struct tcp_conn *c, enum transport_option option, int64_t *value)
{
    const struct tcp_options *o = &c->options;
    const struct tcp_settings *s = &c->tcp->settings;

    switch ((int)option) {
    case OPTION_KEEPALIVE_IDLE:
        *value = or_default(o->keepalive_idle, s->keepalive_time_ms * MILLISECOND);
        return 0;
    case OPTION_KEEPALIVE_INTERVAL:
        *value = or_default(o->keepalive_interval, s->keepalive_interval_ms * MILLISECOND);
        return 0;
    case OPTION_KEEPALIVE_COUNT:
        *value = or_default(o->keepalive_count, s->keepalive_probes);
        return 0;
    case OPTION_SYN_COUNT:
        *value = or_default(o->syn_count, s->syn_retries);
        return 0;
    case OPTION_LINGER_2:
        *value = or_default(o->linger_2, s->fin_timeout_ms * MILLISECOND);
        return 0;
    case OPTION_USER_TIMEOUT:
        *value = o->user_timeout;
        return 0;
    default:
        return -ENOPROTOOPT;
    }
}

/* Where the program set none, what bounds the window all the same: the buffer (Linux:
 * window_clamp). */
static int64_t window_clamp(const struct tcp_conn *c)
{
    if (c->options.window_clamp != 0 || c->state == TCP_STATE_CLOSED ||
        c->state == TCP_STATE_LISTEN)
        return c->options.window_clamp;
    return (int64_t)tcp_receive_room_window(&c->receive_room);
}

static int get_own(const struct tcp_conn *c, enum transport_option option, int64_t *value)
{
    const struct tcp_options *o = &c->options;

    switch ((int)option) {
    case OPTION_NO_DELAY:
        *value = o->no_delay;
        return 0;
    case OPTION_CORK:
        *value = o->cork;
        return 0;
    case OPTION_MAXIMUM_SEGMENT:
        *value = c->snd.smss != 0 ? c->snd.smss : or_default(o->maximum_segment, TCP_SMSS_DEFAULT);
        return 0;
    case OPTION_WINDOW_CLAMP:
        *value = window_clamp(c);
        return 0;
    case OPTION_QUICK_ACK:
        *value = !c->delack.interactive;
        return 0;
    case OPTION_NOT_SENT_LOW_WATER:
        *value = o->not_sent_low_water;
        return 0;
    case OPTION_CONGESTION:
        *value = c->cc.kind;
        return 0;
    case OPTION_MTU:
        if (!tcp_is_synchronized(c))
            return -ENOTCONN;
        *value = c->path.mtu;
        return 0;
    default:
        return get_times(c, option, value);
    }
}

int tcp_option_get(const struct transport_end *end, enum transport_option option, int64_t *value)
{
    const struct tcp_conn *c = tcp_conn_of(end);
    int result;

    if (option == OPTION_RECEIVE_BUFFER && tcp_is_synchronized(c)) {
        *value = (int64_t)c->receive_room.bytes;
        return 0;
    }
    result = options_get(&c->options.common, option, value);
    return result == -ENOPROTOOPT ? get_own(c, option, value) : result;
}

/* RFC 9293 3.9.1.5; how much is before the urgent byte (RFC 9293 3.8.5, MUST-33). */
int64_t tcp_count(const struct transport_end *end, enum transport_count_kind kind)
{
    const struct tcp_conn *c = tcp_conn_of(end);
    uint64_t unsent = c->send_buffer.to - least(c->snd.nxt, c->send_buffer.to);

    switch (kind) {
    case COUNT_UNREAD:
        if (c->urgent.mark != 0 && c->urgent.mark > c->receive_buffer.from &&
            c->urgent.mark < c->receive_buffer.to && !c->options.common.oob_inline)
            return (int64_t)(c->urgent.mark - c->receive_buffer.from);
        return (int64_t)ring_used(&c->receive_buffer);
    case COUNT_UNACKED: /* Linux: write_seq - snd_una, the FIN counted */
        return (int64_t)(ring_used(&c->send_buffer) + (c->close.fin_wanted &&
                                                       c->snd.una <= c->send_buffer.to &&
                                                       c->state != TCP_STATE_CLOSED));
    case COUNT_UNSENT:
        return (int64_t)(unsent + (c->close.fin_wanted && !c->snd.fin_sent));
    case COUNT_AT_MARK:
        return c->urgent.mark != 0 && c->urgent.mark == c->receive_buffer.from;
    }
    return -EINVAL;
}

static uint32_t segments_of(uint64_t bytes, uint32_t smss)
{
    return smss != 0 ? (uint32_t)((bytes + smss - 1) / smss) : 0;
}

static void info_times(const struct tcp_conn *c, struct transport_info *info, nanoseconds now)
{
    info->rto = tcp_rtt_timeout(&c->rtt);
    info->ack_timeout = DELACK_NS;
    info->srtt = c->rtt.srtt;
    info->rttvar = c->rtt.rttvar;
    info->least_rtt = c->rtt.least;
    info->since_data_sent = now - c->totals.last_data_sent;
    info->since_data_received = now - c->totals.last_data_received;
    info->since_ack_received = now - c->totals.last_ack_received;
}

/* RFC 9293 3.9.1.5: windows, and what waits for acknowledgment. */
static void info_windows(const struct tcp_conn *c, struct transport_info *info)
{
    uint32_t smss = c->cc.smss;

    info->pacing_rate = tcp_pacing_rate(c);
    info->pacing_limit = c->options.common.pacing_rate;
    info->cwnd_packets = most(c->cc.cwnd / smss, 1);
    info->ssthresh_packets = c->cc.ssthresh > UINT32_MAX ? 0x7fffffff : c->cc.ssthresh / smss;
    info->send_window = c->snd.wnd;
    info->receive_window = c->rcv.adv > c->rcv.nxt ? c->rcv.adv - c->rcv.nxt : 0;
    info->receive_ssthresh = tcp_receive_room_window(&c->receive_room);
    info->unacked_packets = (uint32_t)(c->board.last - c->board.first);
    info->sacked_packets =
        c->agreed.sack_ok ? c->board.sacked_segments : segments_of(c->board.emulated, smss);
    info->lost_packets = c->board.lost_segments;
    info->retransmitted_packets = c->board.again_segments;
}

/* STATUS: RFC 9293 3.9.1.5, 3.10.6. */
int tcp_info(const struct transport_end *end, struct transport_info *info, nanoseconds now)
{
    const struct tcp_conn *c = tcp_conn_of(end);

    info->state = c->state == TCP_STATE_TIME_WAIT ? TCP_STATE_CLOSED : c->state; /* as tcp_phase */
    info->ca_state = c->recovery.phase;
    info->retransmits = c->timers.retransmits;
    info->probes = c->timers.probes;
    info->backoff = c->rtt.backoff;
    info->smss = c->snd.smss != 0 ? c->snd.smss : TCP_SMSS_DEFAULT;
    info->rmss = c->delack.largest != 0 ? c->delack.largest : TCP_SMSS_DEFAULT;
    info->path_mtu = c->path.mtu;
    info->advertised_mss = c->rcv.rmss - (c->agreed.ts_ok ? TCP_TIMESTAMP_SPACE : 0);
    info->reordering = DUP_THRESH;
    info->bytes_acked = c->totals.bytes_acked;
    info->bytes_received = c->totals.bytes_received;
    info->bytes_sent = c->totals.bytes_sent;
    info->bytes_retransmitted = c->totals.bytes_again;
    info->segments_in = c->totals.segments_in;
    info->segments_out = c->totals.segments_out;
    info->data_segments_in = c->totals.data_in;
    info->data_segments_out = c->totals.data_out;
    info->total_retransmits = (uint32_t)c->totals.segments_again;
    info->not_sent_bytes = (uint32_t)(c->send_buffer.to - least(c->snd.nxt, c->send_buffer.to));
    info->duplicate_sacks = c->totals.duplicate_sacks;
    info->out_of_order = c->totals.out_of_order;
    info->send_wscale = c->snd.wscale;
    info->receive_wscale = c->rcv.wscale;
    info->timestamps = c->agreed.ts_ok;
    info->sack = c->agreed.sack_ok;
    info->wscale = c->agreed.wscale_ok;
    info->ecn = false;
    info_times(c, info, now);
    info_windows(c, info);
    return 0;
}
