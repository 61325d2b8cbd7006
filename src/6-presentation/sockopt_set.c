/* SPDX-License-Identifier: MIT */
/*
 * setsockopt: bytes become a value, checked as Linux checks it, level by level: the socket's and
 * TCP's options are an int of four bytes at least, IP's may be one byte, an empty value of IP is 0.
 * Then each form of option says what the value means to the transport (RFC 9293 3.9.1.9, RFC 1122
 * 4.2.4).
 *
 * SO_SNDBUF and SO_RCVBUF: Linux doubles what is asked, since its own bookkeeping counts too, and
 * bounds it; programs read the doubled value back, so we do the same.
 */
#include "6-presentation/abi.h"
#include "6-presentation/protocol.h"
#include "6-presentation/sockopt.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/integer.h"

/* One call, as the forms see it. */
struct request {
    struct call_host *host;
    struct descriptor *d;
    const struct sockopt_row *row;
    const void *value;
    uint32_t length;
    int number; /* the int in value, where there is one */
    nanoseconds now;
};

static int pass(const struct request *r, int64_t value)
{
    return session_option_set(r->d->session.socket, (enum transport_option)r->row->option, value,
                              r->now);
}

static int set_number(const struct request *r)
{
    const struct sockopt_row *row = r->row;
    bool none = row->form == SOCKOPT_NUMBER_OR_0 && r->number == 0;

    if (!none && (r->number < row->least || r->number > row->most))
        return -row->error;
    return pass(r, r->number * row->unit);
}

static int set_buffer(const struct request *r)
{
    bool sends = r->row->option == OPTION_SEND_BUFFER;
    uint64_t most_bytes = sends ? r->host->settings.wmem_max : r->host->settings.rmem_max;
    uint64_t least_bytes = sends ? SOCKOPT_SEND_LEAST : SOCKOPT_RECEIVE_LEAST;
    uint64_t value = least((uint32_t)r->number, least(most_bytes, SOCKOPT_BUFFER_MOST));

    return pass(r, (int64_t)most(2 * value, least_bytes));
}

static int set_low_water(const struct request *r)
{
    if (r->number < 0)
        return pass(r, INT_MAX);
    return pass(r, r->number ? r->number : 1);
}

static int set_linger(const struct request *r)
{
    struct linger linger;

    if (r->length < sizeof linger)
        return -EINVAL;
    memcpy(&linger, r->value, sizeof linger);
    if (!linger.l_onoff)
        return pass(r, -1);
    return pass(r, (int64_t)(uint32_t)linger.l_linger * SECOND);
}

static int set_timeout(const struct request *r)
{
    nanoseconds timeout;
    int64_t value[2]; /* struct timeval: seconds, microseconds */

    if (r->length < sizeof value)
        return -EINVAL;
    memcpy(value, r->value, sizeof value);
    if (value[1] < 0 || value[1] >= 1000000)
        return -EDOM;
    if (value[0] < 0)
        timeout = 0;
    else if ((value[0] == 0 && value[1] == 0) || value[0] >= NEVER / SECOND - 1)
        timeout = NEVER;
    else
        timeout = value[0] * SECOND + value[1] * MICROSECOND;
    if (r->row->form == SOCKOPT_RECEIVE_TIMEOUT)
        r->d->receive_timeout = timeout;
    else
        r->d->send_timeout = timeout;
    return 0;
}

static int set_wants(const struct request *r)
{
    const uint32_t times = WANTS_TIME | WANTS_TIME_NANOSECONDS;
    uint32_t bit = (uint32_t)r->row->least;

    if (bit & times) /* one or the other, and either off is both off */
        r->d->wants &= ~times;
    if (r->number)
        r->d->wants |= bit;
    else
        r->d->wants &= ~bit;
    return 0;
}

/* The length of a name that may or may not end with a NUL. */
static size_t name_length(const char *name, size_t most_bytes)
{
    size_t length = 0;

    while (length < most_bytes && name[length])
        length++;
    return length;
}

static int set_interface(const struct request *r)
{
    size_t length = name_length(r->value, least(r->length, CALL_INTERFACE_NAME_BYTES - 1));
    int number;

    if (length == 0)
        return pass(r, 0);
    number = manage_interface_by_name(r->host, r->value, length);
    if (number < 0)
        return number;
    return number == 0 ? -EOPNOTSUPP : pass(r, number); /* 0 means any, below */
}

/* Linux: bytes a second, in 32 bits or, where there is room, in 64; none is all bits set. 0 would
 * be none too. */
static int set_rate(const struct request *r)
{
    uint64_t rate = (uint32_t)r->number;

    if (r->length >= sizeof rate)
        memcpy(&rate, r->value, sizeof rate);
    else if (rate == UINT32_MAX)
        rate = 0;
    return pass(r, rate > INT64_MAX ? 0 : (int64_t)rate);
}

static int set_congestion(const struct request *r)
{
    size_t length = name_length(r->value, least(r->length, SOCKOPT_CONGESTION_BYTES - 1));
    int kind;

    if (r->length < 1)
        return -EINVAL;
    kind = manage_congestion_by_name(r->host, r->value, length);
    return kind < 0 ? kind : pass(r, kind);
}

static int set_hop_limit(const struct request *r)
{
    if (r->length < 1 || (r->number != -1 && (r->number < 1 || r->number > 255)))
        return -EINVAL;
    return pass(r, r->number == -1 ? 0 : r->number);
}

static int set_multicast_hop_limit(const struct request *r)
{
    if (!protocol_of(r->d)->has_boundaries || r->length < 1)
        return -EINVAL;
    if (r->number < -1 || r->number > 255)
        return -EINVAL;
    return pass(r, r->number == -1 ? 1 : r->number);
}

/* RFC 3168 5: the two ECN bits of a stream are the transport's, not the program's. */
static int set_traffic_class(const struct request *r)
{
    int64_t now_set = 0;
    int value = r->number & 0xff;

    if (!protocol_of(r->d)->has_boundaries) {
        (void)session_option_get(r->d->session.socket, OPTION_TRAFFIC_CLASS, &now_set);
        value = (value & 0xfc) | (int)(now_set & 3);
    }
    return pass(r, value);
}

static int set_linger_2(const struct request *r)
{
    const int most_seconds = 120;

    if (r->number < 0)
        return pass(r, -1);
    return pass(r, (r->number < most_seconds ? r->number : most_seconds) * SECOND);
}

/* Linux counts in retransmissions of the SYN-ACK: the time is that of the first n, 1 s, doubled
 * each time, 120 s at most. */
static int set_defer_accept(const struct request *r)
{
    int64_t period = 0, timeout = 1;

    for (int i = 0; i < 255 && period < r->number; i++) {
        period += timeout;
        timeout = timeout * 2 < 120 ? timeout * 2 : 120;
    }
    return pass(r, period * SECOND);
}

static int set_window_clamp(const struct request *r)
{
    const int least_bytes = SOCKOPT_RECEIVE_LEAST / 2;

    return pass(r, r->number != 0 && r->number < least_bytes ? least_bytes : r->number);
}

static int set_form(const struct request *r)
{
    switch ((enum sockopt_form)r->row->form) {
    case SOCKOPT_NUMBER:
    case SOCKOPT_NUMBER_OR_0:
        return set_number(r);
    case SOCKOPT_UNSIGNED:
        return pass(r, (uint32_t)r->number);
    case SOCKOPT_FLAG:
        return pass(r, r->number != 0);
    case SOCKOPT_CONSTANT:
        return 0;
    case SOCKOPT_DEBUG:
        return r->number ? -EACCES : 0;
    case SOCKOPT_FORCE:
        return -EPERM;
    case SOCKOPT_BUFFER:
        return set_buffer(r);
    case SOCKOPT_LOW_WATER:
        return set_low_water(r);
    case SOCKOPT_LINGER:
        return set_linger(r);
    case SOCKOPT_RECEIVE_TIMEOUT:
    case SOCKOPT_SEND_TIMEOUT:
        return set_timeout(r);
    case SOCKOPT_WANTS:
        return set_wants(r);
    case SOCKOPT_INTERFACE:
        return set_interface(r);
    case SOCKOPT_RATE:
        return set_rate(r);
    case SOCKOPT_HOP_LIMIT:
        return set_hop_limit(r);
    case SOCKOPT_MULTICAST_HOP_LIMIT:
        return set_multicast_hop_limit(r);
    case SOCKOPT_TRAFFIC_CLASS:
        return set_traffic_class(r);
    case SOCKOPT_LINGER_2:
        return set_linger_2(r);
    case SOCKOPT_DEFER_ACCEPT:
        return set_defer_accept(r);
    case SOCKOPT_WINDOW_CLAMP:
        return set_window_clamp(r);
    case SOCKOPT_QUICK_ACK:
        return pass(r, r->number & 1);
    case SOCKOPT_CONGESTION:
        return set_congestion(r);
    case SOCKOPT_ERROR:
    case SOCKOPT_TYPE:
    case SOCKOPT_DOMAIN:
    case SOCKOPT_PROTOCOL:
    case SOCKOPT_LISTENING:
    case SOCKOPT_INFO:
        return -ENOPROTOOPT;
    }
    return -ENOPROTOOPT;
}

/* Does this option of IP refuse an empty value? The others take it for 0. */
static bool needs_a_byte(int name)
{
    return name == IP_FREEBIND || name == IP_MULTICAST_LOOP;
}

/* The int of a value, and the least length that its level asks. */
static int read_number(struct request *r, int level, int name)
{
    bool is_name = (level == SOL_SOCKET && name == SO_BINDTODEVICE) ||
                   (level == IPPROTO_TCP && name == TCP_CONGESTION);

    r->number = 0;
    if (is_name)
        return 0;
    if (r->length >= sizeof r->number) {
        memcpy(&r->number, r->value, sizeof r->number);
        return 0;
    }
    if (level != IPPROTO_IP)
        return -EINVAL;
    if (r->length >= 1)
        r->number = *(const uint8_t *)r->value;
    else if (needs_a_byte(name))
        return -EINVAL;
    return 0;
}

int sockopt_set(struct call_host *host, struct descriptor *d, int level, int name,
                const void *value, uint32_t length, nanoseconds now)
{
    struct request r = {
        .host = host, .d = d, .value = value, .length = length, .number = 0, .now = now};
    int status;

    if (length > INT_MAX)
        return -EINVAL;
    if (!sockopt_has_level(d, level))
        return -ENOPROTOOPT;
    if (length && !value)
        return -EFAULT;
    status = read_number(&r, level, name);
    if (status)
        return status;
    r.row = sockopt_find(d, level, name);
    if (!r.row || !(r.row->access & SOCKOPT_WRITE))
        return -ENOPROTOOPT;
    return set_form(&r);
}
