/* SPDX-License-Identifier: MIT */
/* Translators of a lab's routers, as texts and numbers from outside say. */
#include <errno.h>
#include <string.h>

#include "lab/lab.h"
#include "node/router.h"

/* Numbers that may be missing in an older record: 0, the default. */
static uint64_t next(struct reader *r)
{
    return reader_left(r) ? read_u64(r) : 0;
}

static bool read_dependence(struct reader *r, uint32_t *dependence)
{
    uint64_t value = next(r);

    if (value > TRANSLATE_DEPENDENCES)
        return false;
    if (value)
        *dependence = (uint32_t)value - 1;
    return true;
}

/* 0: as it is. */
static bool read_limit(struct reader *r, uint32_t *limit)
{
    uint64_t value = next(r);

    if (value > *limit)
        return false;
    if (value)
        *limit = (uint32_t)value;
    return true;
}

static bool read_port(struct reader *r, uint16_t *port)
{
    uint64_t value = next(r);

    if (value)
        *port = (uint16_t)value;
    return value <= UINT16_MAX;
}

static bool settings_read(struct reader *r, struct translate_settings *s)
{
    bool good = read_dependence(r, &s->mapping) && read_dependence(r, &s->filter);
    uint64_t no_hairpin = next(r), closed = next(r), inbound_refresh = next(r);

    good = good && no_hairpin <= 1 && closed <= 1 && inbound_refresh <= 1;
    s->hairpin = no_hairpin == 0;
    s->open = closed == 0;
    s->inbound_refresh = (uint32_t)inbound_refresh;
    good = good && read_limit(r, &s->sessions_most) && read_limit(r, &s->host_sessions_most) &&
           read_port(r, &s->port_first) && read_port(r, &s->port_last);
    for (unsigned i = 0; good && i < TRANSLATE_TIMES; i++) {
        uint64_t idle = next(r);

        if (idle)
            s->idle[i] = (nanoseconds)idle;
        else if (i == TRANSLATE_TIME_CLOSING)
            s->idle[i] = s->idle[TRANSLATE_TIME_TRANSITORY];
        good = idle <= SOCKEYE_WAIT_MOST;
    }
    return good && !r->failed && s->port_first <= s->port_last;
}

/* RFC 6296: both of the same length, of IPv6. */
static int prefix_read(const char *inner, const char *outer, struct translate_prefix *prefix)
{
    uint32_t bits = 0;
    int result = lab_address_read(inner, &prefix->inner, &prefix->bits);

    if (result == 0)
        result = lab_address_read(outer, &prefix->outer, &bits);
    if (result < 0)
        return result;
    if (bits == 0 || bits != prefix->bits || address_is_mapped(prefix->inner) ||
        address_is_mapped(prefix->outer) ||
        !address_equal(prefix->inner, address_masked(prefix->inner, bits)) ||
        !address_equal(prefix->outer, address_masked(prefix->outer, bits)))
        return -EINVAL;
    return 0;
}

int lab_nat_open(struct lab *lab, int router, int64_t outside, const uint8_t *settings,
                 size_t length, const char *inner, const char *outer)
{
    struct host *h = lab_host(lab, router);
    struct reader r = reader_of(settings, length);
    struct translate_settings s;
    struct translate_prefix prefix = {.bits = 0};
    int result = inner || outer ? prefix_read(inner, outer, &prefix) : 0;

    translate_settings_default(&s);
    if (result < 0)
        return result;
    if (!h)
        return lab_no_host(lab, router);
    if (outside < 0 || outside > UINT32_MAX || !settings_read(&r, &s))
        return -EINVAL;
    return router_translate(h, &lab->pools, (uint32_t)outside, &s, &prefix, lab->now);
}

int lab_nat_forward(struct lab *lab, int router, int64_t protocol, int64_t outer_port,
                    const char *inner, int64_t inner_port)
{
    struct host *h = lab_host(lab, router);
    struct endpoint to = {0};
    int result = lab_address_read(inner, &to.address, NULL);

    if (result < 0)
        return result;
    if (!h)
        return lab_no_host(lab, router);
    if (!h->ip.translate || (protocol != IP_PROTOCOL_TCP && protocol != IP_PROTOCOL_UDP) ||
        outer_port < 1 || outer_port > UINT16_MAX || inner_port < 1 || inner_port > UINT16_MAX)
        return -EINVAL;
    to.port = (uint16_t)inner_port;
    return translate_forward_add(h->ip.translate, (uint8_t)protocol, (uint16_t)outer_port, &to,
                                 lab->now);
}
