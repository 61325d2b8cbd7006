/* SPDX-License-Identifier: MIT */
/*
 * getsockopt: a value becomes bytes, cut to the room there is, as on Linux: a value that is longer
 * than the room is cut without a word, a small number of IP's in a room of less than four bytes is
 * one byte, and *length says what was written (RFC 9293 3.9.1.5, STATUS, is TCP_INFO here).
 */
#include "6-presentation/abi.h"
#include "6-presentation/protocol.h"
#include "6-presentation/sockopt.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/integer.h"

/* A value's bytes. */
struct answer {
    uint8_t bytes[SOCKOPT_INFO_BYTES];
    uint32_t length;
};

static int ask(const struct descriptor *d, const struct sockopt_row *row, int64_t *value)
{
    return session_option_get(d->session.socket, (enum transport_option)row->option, value);
}

static int get_listening(const struct descriptor *d)
{
    return session_phase(d->session.socket) == TRANSPORT_LISTENING;
}

static int get_hop_limit(const struct call_host *host, const struct descriptor *d,
                         const struct sockopt_row *row, int64_t *value)
{
    int status = ask(d, row, value);

    if (!status && *value == 0)
        *value = host->settings.default_ttl;
    return status;
}

static int get_seconds(const struct descriptor *d, const struct sockopt_row *row, int64_t *value)
{
    int status = ask(d, row, value);

    if (!status && *value > 0)
        *value /= SECOND;
    return status;
}

static int get_wants(const struct descriptor *d, const struct sockopt_row *row)
{
    return (d->wants & (uint32_t)row->least) != 0;
}

/* The forms that are an int. @return 0 or -errno; 1: another form */
static int get_number(const struct call_host *host, struct descriptor *d,
                      const struct sockopt_row *row, int64_t *value)
{
    int status = 0;

    *value = 0;
    switch ((enum sockopt_form)row->form) {
    case SOCKOPT_NUMBER:
    case SOCKOPT_NUMBER_OR_0:
        status = ask(d, row, value);
        *value /= row->unit;
        return status;
    case SOCKOPT_UNSIGNED:
        status = ask(d, row, value);
        *value = (int32_t)(uint32_t)*value;
        return status;
    case SOCKOPT_FLAG:
    case SOCKOPT_BUFFER:
    case SOCKOPT_LOW_WATER:
    case SOCKOPT_MULTICAST_HOP_LIMIT:
    case SOCKOPT_TRAFFIC_CLASS:
    case SOCKOPT_WINDOW_CLAMP:
    case SOCKOPT_QUICK_ACK:
        return ask(d, row, value);
    case SOCKOPT_LINGER_2:
    case SOCKOPT_DEFER_ACCEPT:
        return get_seconds(d, row, value);
    case SOCKOPT_HOP_LIMIT:
        return get_hop_limit(host, d, row, value);
    case SOCKOPT_CONSTANT:
        *value = row->least;
        return 0;
    case SOCKOPT_WANTS:
        *value = get_wants(d, row);
        return 0;
    case SOCKOPT_ERROR:
        *value = session_error_take(d->session.socket);
        return 0;
    case SOCKOPT_TYPE:
        *value = protocol_of(d)->type;
        return 0;
    case SOCKOPT_DOMAIN:
        *value = protocol_of(d)->domain;
        return 0;
    case SOCKOPT_PROTOCOL:
        *value = protocol_of(d)->protocol;
        return 0;
    case SOCKOPT_LISTENING:
        *value = get_listening(d);
        return 0;
    case SOCKOPT_DEBUG:
        return 0;
    case SOCKOPT_FORCE:
        return -ENOPROTOOPT;
    case SOCKOPT_LINGER:
    case SOCKOPT_RECEIVE_TIMEOUT:
    case SOCKOPT_SEND_TIMEOUT:
    case SOCKOPT_INTERFACE:
    case SOCKOPT_RATE:
    case SOCKOPT_CONGESTION:
    case SOCKOPT_INFO:
        return 1;
    }
    return -ENOPROTOOPT;
}

static int get_linger(const struct descriptor *d, const struct sockopt_row *row,
                      struct answer *answer)
{
    int64_t value = -1;
    struct linger linger;
    int status = ask(d, row, &value);

    if (status)
        return status;
    memset(&linger, 0, sizeof linger);
    linger.l_onoff = value >= 0;
    linger.l_linger = value > 0 ? (int)(uint32_t)(value / SECOND) : 0;
    memcpy(answer->bytes, &linger, sizeof linger);
    answer->length = sizeof linger;
    return 0;
}

static int get_timeout(nanoseconds timeout, struct answer *answer)
{
    int64_t value[2] = {0, 0};

    if (timeout != NEVER) {
        value[0] = timeout / SECOND;
        value[1] = timeout % SECOND / MICROSECOND;
    }
    memcpy(answer->bytes, value, sizeof value);
    answer->length = sizeof value;
    return 0;
}

static int get_interface(const struct call_host *host, const struct descriptor *d,
                         const struct sockopt_row *row, uint32_t room, struct answer *answer)
{
    char name[CALL_INTERFACE_NAME_BYTES];
    int64_t number = 0;
    int length, status = ask(d, row, &number);

    answer->length = 0;
    if (status || number == 0)
        return status;
    if (room < IFNAMSIZ)
        return -EINVAL;
    length = manage_interface_name(host, (uint32_t)number, name);
    if (length < 0 || length >= CALL_INTERFACE_NAME_BYTES)
        return -ENODEV;
    if ((uint32_t)length >= room)
        return -EINVAL;
    memcpy(answer->bytes, name, (size_t)length);
    answer->bytes[length] = 0;
    answer->length = (uint32_t)length + 1;
    return 0;
}

static int get_rate(const struct descriptor *d, const struct sockopt_row *row, uint32_t room,
                    struct answer *answer)
{
    int64_t value = 0;
    int status = ask(d, row, &value);
    uint64_t rate = value != 0 ? (uint64_t)value : UINT64_MAX;
    uint32_t old = (uint32_t)least(rate, UINT32_MAX);

    answer->length = room >= sizeof rate ? sizeof rate : sizeof old;
    if (room >= sizeof rate)
        memcpy(answer->bytes, &rate, sizeof rate);
    else
        memcpy(answer->bytes, &old, sizeof old);
    return status;
}

static int get_congestion(const struct call_host *host, const struct descriptor *d,
                          const struct sockopt_row *row, struct answer *answer)
{
    char name[SOCKOPT_CONGESTION_BYTES] = {0};
    int64_t kind = 0;
    int status = ask(d, row, &kind);

    if (!status)
        status = manage_congestion_name(host, (uint32_t)kind, name);
    memcpy(answer->bytes, name, sizeof name);
    answer->length = sizeof name;
    return status;
}

static int get_bytes(const struct call_host *host, struct descriptor *d,
                     const struct sockopt_row *row, uint32_t room, struct answer *answer,
                     nanoseconds now)
{
    int status;

    switch (row->form) {
    case SOCKOPT_LINGER:
        return get_linger(d, row, answer);
    case SOCKOPT_RECEIVE_TIMEOUT:
        return get_timeout(d->receive_timeout, answer);
    case SOCKOPT_SEND_TIMEOUT:
        return get_timeout(d->send_timeout, answer);
    case SOCKOPT_INTERFACE:
        return get_interface(host, d, row, room, answer);
    case SOCKOPT_RATE:
        return get_rate(d, row, room, answer);
    case SOCKOPT_CONGESTION:
        return get_congestion(host, d, row, answer);
    case SOCKOPT_INFO:
        status = sockopt_info(d, answer->bytes, now);
        answer->length = status > 0 ? (uint32_t)status : 0;
        return status < 0 ? status : 0;
    default:
        return -ENOPROTOOPT;
    }
}

/* An int in the room there is; IP's small ones shrink to a byte. */
static void put_number(const struct sockopt_row *row, int64_t number, uint32_t room,
                       struct answer *answer)
{
    int value = number > INT_MAX ? INT_MAX : number < INT_MIN ? INT_MIN : (int)number;

    memcpy(answer->bytes, &value, sizeof value);
    answer->length = sizeof value;
    if (row->level == IPPROTO_IP && room > 0 && room < sizeof value && value >= 0 && value <= 255) {
        answer->bytes[0] = (uint8_t)value;
        answer->length = 1;
    }
}

int sockopt_get(const struct call_host *host, struct descriptor *d, int level, int name,
                void *value, uint32_t *length, nanoseconds now)
{
    const struct sockopt_row *row = sockopt_find(d, level, name);
    struct answer answer = {.length = 0};
    int64_t number;
    int status;

    if (!length)
        return -EFAULT;
    if (*length > INT_MAX)
        return -EINVAL;
    if (*length && !value)
        return -EFAULT;
    if (!sockopt_has_level(d, level))
        return -EOPNOTSUPP;
    if (!row || !(row->access & SOCKOPT_READ))
        return -ENOPROTOOPT;
    status = get_number(host, d, row, &number);
    if (status < 0)
        return status;
    if (status == 0)
        put_number(row, number, *length, &answer);
    else
        status = get_bytes(host, d, row, *length, &answer, now);
    if (status < 0)
        return status;
    *length = (uint32_t)least(*length, answer.length);
    if (*length)
        memcpy(value, answer.bytes, *length);
    return 0;
}
