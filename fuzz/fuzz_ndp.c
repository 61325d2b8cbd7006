/* SPDX-License-Identifier: MIT */
/* A message of Neighbor Discovery and its options, on any bytes: what is accepted lies within them,
 * and what is written from it reads the same. */
#include "3-network/ip6/ndp_message.h"
#include "base/compiler.h"

enum { OPTION_MOST = 255 * NDP_OPTION_UNIT };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static bool is_same(const struct ndp_option *a, const struct ndp_option *b)
{
    return a->type == b->type && memcmp(&a->mac, &b->mac, sizeof a->mac) == 0 && a->mtu == b->mtu &&
           address_equal(a->prefix, b->prefix) && a->prefix_length == b->prefix_length &&
           a->on_link == b->on_link && a->autonomous == b->autonomous &&
           a->preference == b->preference && a->lifetime_s == b->lifetime_s &&
           a->preferred_s == b->preferred_s && a->length == b->length &&
           (a->length == 0 || memcmp(a->bytes, b->bytes, a->length) == 0);
}

static void fuzz_option(const struct ndp_option *o)
{
    uint8_t again[OPTION_MOST];
    struct writer w = writer_of(again, sizeof again);
    struct ndp_option back;
    struct reader r;

    ndp_message_option_write(&w, o);
    ensure(!w.failed);
    r = reader_of(again, (size_t)(w.at - again));
    ensure(ndp_message_option_read(&r, &back) && reader_left(&r) == 0 && is_same(o, &back));
}

static void fuzz_header(const struct ndp_header *h)
{
    uint8_t again[64];
    struct writer w = writer_of(again, sizeof again);
    struct ndp_header back;
    struct reader r;

    ndp_message_write(&w, h);
    ensure(!w.failed);
    r = reader_of(again, (size_t)(w.at - again));
    ensure(ndp_message_read(&r, &back) && reader_left(&r) == 0);
    ensure(back.type == h->type && address_equal(back.target, h->target) &&
           address_equal(back.dest, h->dest) && back.preference == h->preference &&
           back.lifetime_s == h->lifetime_s && back.router == h->router &&
           back.solicited == h->solicited && back.override == h->override);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length);
    struct ndp_header h;
    struct ndp_option o;

    if (!ndp_message_read(&r, &h))
        return 0;
    ensure(r.at >= bytes && r.at <= bytes + length && reader_left(&r) % NDP_OPTION_UNIT == 0);
    fuzz_header(&h);
    while (ndp_message_option_read(&r, &o)) {
        ensure(o.length == 0 || (o.bytes >= bytes && o.bytes + o.length <= bytes + length));
        fuzz_option(&o);
    }
    return 0;
}
