/* SPDX-License-Identifier: MIT */
/*
 * setsockopt, form by form: what the value means to the transport, or to the descriptor (RFC 9293
 * 3.9.1.9, RFC 1122 4.2.4). Its int has been read already (sockopt.c); other bytes are read here.
 *
 * SO_SNDBUF and SO_RCVBUF: Linux doubles what is asked, since its own bookkeeping counts too, and
 * bounds it; programs read the doubled value back, so we do the same.
 */
#include "6-presentation/abi.h"
#include "6-presentation/protocol.h"
#include "6-presentation/sockopt_form.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/integer.h"

static int pass(const struct sockopt_request *r, int64_t value)
{
    return session_option_set(r->d->session.socket, (enum transport_option)r->row->option, value,
                              r->now);
}

int sockopt_set_number(const struct sockopt_request *r)
{
    const struct sockopt_row *row = r->row;

    if (r->number < row->least || r->number > row->most)
        return -row->error;
    return pass(r, r->number * row->unit);
}

int sockopt_set_number_or_0(const struct sockopt_request *r)
{
    return r->number == 0 ? pass(r, 0) : sockopt_set_number(r);
}

int sockopt_set_unsigned(const struct sockopt_request *r)
{
    return pass(r, (uint32_t)r->number);
}

int sockopt_set_flag(const struct sockopt_request *r)
{
    return pass(r, r->number != 0);
}

int sockopt_set_nothing(const struct sockopt_request *r)
{
    (void)r;
    return 0;
}

/* Both need privilege, which nobody has. */
int sockopt_set_debug(const struct sockopt_request *r)
{
    return r->number ? -EACCES : 0;
}

int sockopt_set_force(const struct sockopt_request *r)
{
    (void)r;
    return -EPERM;
}

int sockopt_set_quick_ack(const struct sockopt_request *r)
{
    return pass(r, r->number & 1);
}

int sockopt_set_buffer(const struct sockopt_request *r)
{
    bool sends = r->row->option == OPTION_SEND_BUFFER;
    uint64_t most_bytes = sends ? r->host->settings.wmem_max : r->host->settings.rmem_max;
    uint64_t least_bytes = sends ? SOCKOPT_SEND_LEAST : SOCKOPT_RECEIVE_LEAST;
    uint64_t value = least((uint32_t)r->number, least(most_bytes, SOCKOPT_BUFFER_MOST));

    return pass(r, (int64_t)most(2 * value, least_bytes));
}

int sockopt_set_low_water(const struct sockopt_request *r)
{
    if (r->number < 0)
        return pass(r, INT_MAX);
    return pass(r, r->number ? r->number : 1);
}

int sockopt_set_linger(const struct sockopt_request *r)
{
    struct linger linger;

    if (r->length < sizeof linger)
        return -EINVAL;
    memcpy(&linger, r->value, sizeof linger);
    if (!linger.l_onoff)
        return pass(r, -1);
    return pass(r, (int64_t)(uint32_t)linger.l_linger * SECOND);
}

/* struct timeval: seconds, microseconds. @return 0 @raise EINVAL EDOM */
static int read_timeout(const struct sockopt_request *r, nanoseconds *timeout)
{
    int64_t value[2];

    if (r->length < sizeof value)
        return -EINVAL;
    memcpy(value, r->value, sizeof value);
    if (value[1] < 0 || value[1] >= 1000000)
        return -EDOM;
    if (value[0] < 0)
        *timeout = 0;
    else if ((value[0] == 0 && value[1] == 0) || value[0] >= NEVER / SECOND - 1)
        *timeout = NEVER;
    else
        *timeout = value[0] * SECOND + value[1] * MICROSECOND;
    return 0;
}

int sockopt_set_receive_timeout(const struct sockopt_request *r)
{
    return read_timeout(r, &r->d->receive_timeout);
}

int sockopt_set_send_timeout(const struct sockopt_request *r)
{
    return read_timeout(r, &r->d->send_timeout);
}

int sockopt_set_wants(const struct sockopt_request *r)
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

/* What Linux cannot do: a reset of the circuit, with this cause and diagnostic. */
int sockopt_set_circuit_reset(const struct sockopt_request *r)
{
    struct transport_circuit circuit = {.cause = 0};
    struct x25_causediag reason;

    if (r->length < sizeof reason)
        return -EINVAL;
    memcpy(&reason, r->value, sizeof reason);
    circuit.cause = reason.cause;
    circuit.diagnostic = reason.diagnostic;
    return session_circuit(r->d->session.socket, TRANSPORT_CIRCUIT_RESET, &circuit, r->now);
}

/* The length of a name that may or may not end with a NUL. */
static size_t name_length(const char *name, size_t most_bytes)
{
    size_t length = 0;

    while (length < most_bytes && name[length])
        length++;
    return length;
}

int sockopt_set_interface(const struct sockopt_request *r)
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

/* Linux: bytes a second, in 32 bits or, where there is room, in 64; none is all bits set. 0 paces
 * nothing either, but is another value. */
int sockopt_set_rate(const struct sockopt_request *r)
{
    uint64_t rate = (uint32_t)r->number;

    if (r->length >= sizeof rate)
        memcpy(&rate, r->value, sizeof rate);
    else if (rate == UINT32_MAX)
        rate = UINT64_MAX;
    return pass(r, (int64_t)rate);
}

int sockopt_set_congestion(const struct sockopt_request *r)
{
    size_t length = name_length(r->value, least(r->length, CALL_CONGESTION_NAME_BYTES - 1));
    int kind;

    if (r->length < 1)
        return -EINVAL;
    kind = manage_congestion_by_name(r->host, r->value, length);
    return kind < 0 ? kind : pass(r, kind);
}

int sockopt_set_hop_limit(const struct sockopt_request *r)
{
    if (r->length < 1 || (r->number != -1 && (r->number < 1 || r->number > 255)))
        return -EINVAL;
    return pass(r, r->number == -1 ? 0 : r->number);
}

int sockopt_set_multicast_hop_limit(const struct sockopt_request *r)
{
    if (!protocol_of(r->d)->has_boundaries || r->length < 1)
        return -EINVAL;
    if (r->number < -1 || r->number > 255)
        return -EINVAL;
    return pass(r, r->number == -1 ? 1 : r->number);
}

/* RFC 3168 5: the two ECN bits of a stream are the transport's, not the program's. */
int sockopt_set_traffic_class(const struct sockopt_request *r)
{
    int64_t now_set = 0;
    int value = r->number & 0xff;

    if (!protocol_of(r->d)->has_boundaries) {
        (void)session_option_get(r->d->session.socket, OPTION_TRAFFIC_CLASS, &now_set);
        value = (value & 0xfc) | (int)(now_set & 3);
    }
    return pass(r, value);
}

int sockopt_set_linger_2(const struct sockopt_request *r)
{
    const int most_seconds = 120;

    if (r->number < 0)
        return pass(r, -1);
    return pass(r, (r->number < most_seconds ? r->number : most_seconds) * SECOND);
}

/* Linux counts in retransmissions of the SYN-ACK: the time is that of the first n, 1 s, doubled
 * each time, 120 s at most. */
int sockopt_set_defer_accept(const struct sockopt_request *r)
{
    int64_t period = 0, timeout = 1;

    for (int i = 0; i < 255 && period < r->number; i++) {
        period += timeout;
        timeout = timeout * 2 < 120 ? timeout * 2 : 120;
    }
    return pass(r, period * SECOND);
}

int sockopt_set_window_clamp(const struct sockopt_request *r)
{
    const int least_bytes = SOCKOPT_RECEIVE_LEAST / 2;

    return pass(r, r->number != 0 && r->number < least_bytes ? least_bytes : r->number);
}
