/* SPDX-License-Identifier: MIT */
/* SYN negotiation: RFC 9293 3.7.1, RFC 7323 2.3 and 3.2, RFC 2018 2. See the header. */
#include "4-transport/tcp/parts/tcp_offer.h"

#include "base/integer.h"

/* RFC 6691 2: options of IP and TCP are not taken off. */
uint16_t tcp_offer_mss(uint64_t path_bytes, uint32_t asked)
{
    uint64_t mss = path_bytes - TCP_HEADER_BYTES;

    if (asked != 0)
        mss = least(mss, asked);
    return (uint16_t)least(mss, 65535);
}

uint32_t tcp_offer_segment(uint64_t path_bytes, uint32_t peer, uint32_t asked,
                           const struct tcp_agreed *agreed)
{
    uint64_t mss = path_bytes - TCP_HEADER_BYTES;

    mss = least(mss, peer != 0 ? peer : TCP_SMSS_DEFAULT);
    if (asked != 0)
        mss = least(mss, asked);
    mss = most(mss, TCP_SMSS_LEAST);
    return (uint32_t)mss - (agreed->ts_ok ? TCP_TIMESTAMP_SPACE : 0);
}

void tcp_offer_write(const struct tcp_offer *o, const struct tcp_agreed *agreed,
                     struct tcp_segment *syn)
{
    syn->options = TCP_HAS_MSS;
    syn->mss = o->mss;
    if (agreed ? agreed->ts_ok : o->timestamps)
        syn->options |= TCP_HAS_TIMESTAMP;
    if (agreed ? agreed->sack_ok : o->sack)
        syn->options |= TCP_HAS_SACK_OK;
    if (agreed ? agreed->wscale_ok : o->window_scaling) {
        syn->options |= TCP_HAS_WSCALE;
        syn->wscale = o->wscale;
    }
}

void tcp_offer_agree(const struct tcp_offer *o, const struct tcp_segment *syn,
                     struct tcp_agreed *agreed)
{
    agreed->ts_ok = o->timestamps && (syn->options & TCP_HAS_TIMESTAMP);
    agreed->sack_ok = o->sack && (syn->options & TCP_HAS_SACK_OK);
    agreed->wscale_ok = o->window_scaling && (syn->options & TCP_HAS_WSCALE);
}

uint16_t tcp_offer_peer_mss(const struct tcp_segment *syn, bool is_ip6)
{
    if (syn->options & TCP_HAS_MSS)
        return syn->mss;
    return is_ip6 ? TCP_SMSS_DEFAULT_6 : TCP_SMSS_DEFAULT;
}

uint8_t tcp_offer_peer_wscale(const struct tcp_segment *syn, const struct tcp_agreed *agreed)
{
    return agreed->wscale_ok ? syn->wscale : 0;
}
