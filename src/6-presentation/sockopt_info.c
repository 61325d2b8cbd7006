/* SPDX-License-Identifier: MIT */
/*
 * TCP_INFO: struct tcp_info of <linux/tcp.h>, filled as Linux fills it: times in microseconds, ages
 * in milliseconds, windows in packets, an infinite ssthresh as 0x7fffffff (RFC 9293 3.9.1.5,
 * STATUS). What this stack does not measure (delivery rates, the receiver's RTT, times of being
 * limited) stays 0, and so does a pacing rate that there is none of; its limit is then "none".
 */
#include "6-presentation/abi.h"
#include "6-presentation/sockopt.h"

#include <string.h>

#include "base/integer.h"

enum info_constants { INFO_INFINITE_SSTHRESH = 0x7fffffff };

_Static_assert(sizeof(struct tcp_info) <= SOCKOPT_INFO_BYTES, "an answer holds a tcp_info");

static uint32_t in_units(nanoseconds time, nanoseconds unit)
{
    return (uint32_t)least((uint64_t)(time_later(time, 0) / unit), UINT32_MAX);
}

static uint32_t microseconds(nanoseconds time)
{
    return in_units(time, MICROSECOND);
}

static uint32_t milliseconds(nanoseconds time)
{
    return in_units(time, MILLISECOND);
}

static uint32_t bounded(uint64_t value)
{
    return (uint32_t)least(value, UINT32_MAX);
}

static void fill_state(struct tcp_info *to, const struct transport_info *from)
{
    to->tcpi_state = (uint8_t)from->state;
    to->tcpi_ca_state = (uint8_t)from->ca_state;
    to->tcpi_retransmits = (uint8_t)least(from->retransmits, UINT8_MAX);
    to->tcpi_probes = (uint8_t)least(from->probes, UINT8_MAX);
    to->tcpi_backoff = (uint8_t)least(from->backoff, UINT8_MAX);
    to->tcpi_options =
        (uint8_t)((from->timestamps ? TCPI_OPT_TIMESTAMPS : 0) | (from->sack ? TCPI_OPT_SACK : 0) |
                  (from->wscale ? TCPI_OPT_WSCALE : 0) | (from->ecn ? TCPI_OPT_ECN : 0));
    to->tcpi_snd_wscale = from->send_wscale & 0xfu;
    to->tcpi_rcv_wscale = from->receive_wscale & 0xfu;
}

static void fill_times(struct tcp_info *to, const struct transport_info *from)
{
    to->tcpi_rto = microseconds(from->rto);
    to->tcpi_ato = microseconds(from->ack_timeout);
    to->tcpi_rtt = microseconds(from->srtt);
    to->tcpi_rttvar = microseconds(from->rttvar);
    to->tcpi_min_rtt = microseconds(from->least_rtt);
    to->tcpi_last_data_sent = milliseconds(from->since_data_sent);
    to->tcpi_last_data_recv = milliseconds(from->since_data_received);
    to->tcpi_last_ack_recv = milliseconds(from->since_ack_received);
}

static void fill_windows(struct tcp_info *to, const struct transport_info *from)
{
    to->tcpi_snd_mss = from->smss;
    to->tcpi_rcv_mss = from->rmss;
    to->tcpi_advmss = from->advertised_mss;
    to->tcpi_pmtu = from->path_mtu;
    to->tcpi_snd_cwnd = bounded(from->cwnd_packets);
    to->tcpi_snd_ssthresh = (uint32_t)least(from->ssthresh_packets, INFO_INFINITE_SSTHRESH);
    to->tcpi_rcv_ssthresh = bounded(from->receive_ssthresh);
    to->tcpi_rcv_space = bounded(from->receive_window);
    to->tcpi_snd_wnd = bounded(from->send_window);
    to->tcpi_reordering = from->reordering;
    to->tcpi_unacked = from->unacked_packets;
    to->tcpi_sacked = from->sacked_packets;
    to->tcpi_lost = from->lost_packets;
    to->tcpi_retrans = from->retransmitted_packets;
    to->tcpi_notsent_bytes = from->not_sent_bytes;
}

static void fill_counts(struct tcp_info *to, const struct transport_info *from)
{
    to->tcpi_total_retrans = from->total_retransmits;
    to->tcpi_bytes_acked = from->bytes_acked;
    to->tcpi_bytes_received = from->bytes_received;
    to->tcpi_bytes_sent = from->bytes_sent;
    to->tcpi_bytes_retrans = from->bytes_retransmitted;
    to->tcpi_segs_out = bounded(from->segments_out);
    to->tcpi_segs_in = bounded(from->segments_in);
    to->tcpi_data_segs_in = bounded(from->data_segments_in);
    to->tcpi_data_segs_out = bounded(from->data_segments_out);
    to->tcpi_dsack_dups = from->duplicate_sacks;
    to->tcpi_reord_seen = from->reordered_seen;
    to->tcpi_rcv_ooopack = from->out_of_order;
    to->tcpi_pacing_rate = from->pacing_rate;
    to->tcpi_max_pacing_rate = from->pacing_limit;
}

int sockopt_info_fill(const struct transport_info *from, uint8_t bytes[SOCKOPT_INFO_BYTES])
{
    struct tcp_info to;

    memset(&to, 0, sizeof to);
    fill_state(&to, from);
    fill_times(&to, from);
    fill_windows(&to, from);
    fill_counts(&to, from);
    memcpy(bytes, &to, sizeof to);
    return (int)sizeof to;
}

int sockopt_info(const struct descriptor *d, uint8_t bytes[SOCKOPT_INFO_BYTES], nanoseconds now)
{
    struct transport_info from;
    int status;

    memset(&from, 0, sizeof from);
    status = session_info(d->session.socket, &from, now);
    return status ? status : sockopt_info_fill(&from, bytes);
}
