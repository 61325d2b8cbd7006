/* SPDX-License-Identifier: MIT */
/*
 * TCP (RFC 9293 3.1) and its options: MSS (RFC 9293 3.2), window scale and timestamps (RFC 7323
 * 2.2, 3.2), SACK (RFC 2018 2, 3).
 */
#include "observe/decode/decode_parts.h"
#include <string.h>

/* An option of a TCP header. */
struct option {
    uint8_t kind;
    uint8_t length; /* of data */
    const uint8_t *data;
};

/* Walks the options of a TCP header: gives kind, and the data after the length byte.
 * `at` is 0 at first. @return false at the end (or at END OF OPTIONS, or at a broken one) */
static bool option_next(const uint8_t *options, size_t length, size_t *at, struct option *option)
{
    size_t left = length - *at;

    memset(option, 0, sizeof *option);
    if (*at >= length || options[*at] == 0)
        return false;
    option->kind = options[*at];
    if (option->kind == 1) {
        *at += 1;
        return true;
    }
    if (left < 2 || options[*at + 1] < 2 || options[*at + 1] > left)
        return false;
    option->length = (uint8_t)(options[*at + 1] - 2);
    option->data = options + *at + 2;
    *at += options[*at + 1];
    return true;
}

static bool is_all_read(const uint8_t *options, size_t length, size_t at)
{
    return at >= length || options[at] == 0;
}

static void read_sacks(struct decode_tcp *tcp, const struct option *option)
{
    for (uint8_t i = 0; i < option->length / 8 && i < DECODE_SACKS; i++) {
        tcp->sack_start[i] = u32_at(option->data + 8 * i);
        tcp->sack_end[i] = u32_at(option->data + 8 * i + 4);
        tcp->sacks = (uint8_t)(i + 1);
    }
}

static void read_tcp_options(struct decode_tcp *tcp)
{
    struct option option;
    size_t at = 0;

    while (option_next(tcp->options, tcp->options_length, &at, &option)) {
        if (option.kind == 2 && option.length == 2) {
            tcp->has_mss = true;
            tcp->mss = u16_at(option.data);
        } else if (option.kind == 3 && option.length == 1) {
            tcp->has_wscale = true;
            tcp->wscale = option.data[0];
        } else if (option.kind == 4 && option.length == 0) {
            tcp->sack_permitted = true;
        } else if (option.kind == 5) {
            read_sacks(tcp, &option);
        } else if (option.kind == 8 && option.length == 8) {
            tcp->has_timestamps = true;
            tcp->ts_value = u32_at(option.data);
            tcp->ts_echo = u32_at(option.data + 4);
        }
    }
    tcp->options_ok = is_all_read(tcp->options, tcp->options_length, at);
}

void decode_tcp_read(struct decode *d)
{
    struct decode_view v = decode_payload(d);
    struct decode_tcp *tcp = &d->tcp;
    const uint8_t *b = v.bytes;

    if (v.length < 20) {
        decode_break(d, "TCP: header cut off");
        return;
    }
    d->has_tcp = true;
    tcp->source_port = u16_at(b);
    tcp->dest_port = u16_at(b + 2);
    tcp->seq = u32_at(b + 4);
    tcp->ack = u32_at(b + 8);
    tcp->header_length = (uint8_t)((b[12] >> 4) * 4);
    tcp->flags = (uint16_t)(u16_at(b + 12) & 0x1ff);
    tcp->window = u16_at(b + 14);
    tcp->checksum = u16_at(b + 16);
    tcp->urgent = u16_at(b + 18);
    tcp->checksum_ok = decode_sum_is_good(decode_pseudo_sum(&d->ip, v.length), v);
    if (tcp->header_length < 20 || tcp->header_length > v.length) {
        decode_break(d, "TCP: data offset wrong");
        return;
    }
    tcp->options = b + 20;
    tcp->options_length = tcp->header_length - 20U;
    read_tcp_options(tcp);
    if (!tcp->options_ok)
        decode_break(d, "TCP: option length wrong");
    if (!tcp->checksum_ok)
        decode_break(d, "TCP: checksum wrong");
    v = decode_after(v, tcp->header_length);
    decode_payload_put(d, v);
}
