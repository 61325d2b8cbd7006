/* SPDX-License-Identifier: MIT */
/*
 * getsockopt, form by form: a value becomes bytes (RFC 9293 3.9.1.5, STATUS, is TCP_INFO here).
 * They are cut to the room there is by sockopt.c; a small number of IP's in a room of less than
 * four bytes is one byte, and an interface's name must fit whole.
 */
#include "6-presentation/abi.h"
#include "6-presentation/protocol.h"
#include "6-presentation/sockopt_form.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/bytes.h"
#include "base/integer.h"

/* An int in the room there is; IP's small ones shrink to a byte. */
static int put_number(const struct sockopt_query *q, struct sockopt_answer *answer, int64_t number)
{
    int value = number > INT_MAX ? INT_MAX : number < INT_MIN ? INT_MIN : (int)number;

    memcpy(answer->bytes, &value, sizeof value);
    answer->length = sizeof value;
    if (q->row->level == IPPROTO_IP && q->room > 0 && q->room < sizeof value && value >= 0 &&
        value <= 255) {
        answer->bytes[0] = (uint8_t)value;
        answer->length = 1;
    }
    return 0;
}

static int ask(const struct sockopt_query *q, int64_t *value)
{
    *value = 0;
    return session_option_get(q->d->session.socket, (enum transport_option)q->row->option, value);
}

int sockopt_get_value(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    int64_t value;
    int status = ask(q, &value);

    return status ? status : put_number(q, answer, value);
}

int sockopt_get_number(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    int64_t value;
    int status = ask(q, &value);

    return status ? status : put_number(q, answer, value / q->row->unit);
}

int sockopt_get_unsigned(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    int64_t value;
    int status = ask(q, &value);

    return status ? status : put_number(q, answer, (int32_t)(uint32_t)value);
}

int sockopt_get_seconds(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    int64_t value;
    int status = ask(q, &value);

    return status ? status : put_number(q, answer, value > 0 ? value / SECOND : value);
}

int sockopt_get_hop_limit(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    int64_t value;
    int status = ask(q, &value);

    if (value == 0)
        value = q->host->settings.default_ttl;
    return status ? status : put_number(q, answer, value);
}

int sockopt_get_constant(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    return put_number(q, answer, q->row->least);
}

int sockopt_get_zero(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    return put_number(q, answer, 0);
}

int sockopt_get_wants(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    return put_number(q, answer, (q->d->wants & (uint32_t)q->row->least) != 0);
}

int sockopt_get_error(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    return put_number(q, answer, session_error_take(q->d->session.socket));
}

int sockopt_get_type(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    return put_number(q, answer, protocol_of(q->d)->type);
}

int sockopt_get_domain(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    return put_number(q, answer, protocol_of(q->d)->domain);
}

int sockopt_get_protocol(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    int64_t protocol = protocol_of(q->d)->protocol;

    if (protocol == PROTOCOL_ANY)
        (void)session_option_get(q->d->session.socket, OPTION_PROTOCOL, &protocol);
    return put_number(q, answer, protocol);
}

int sockopt_get_listening(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    return put_number(q, answer, session_phase(q->d->session.socket) == TRANSPORT_LISTENING);
}

int sockopt_get_linger(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    struct linger linger;
    int64_t value;
    int status = ask(q, &value);

    if (status)
        return status;
    memset(&linger, 0, sizeof linger);
    linger.l_onoff = value >= 0;
    linger.l_linger = value > 0 ? (int)(uint32_t)(value / SECOND) : 0;
    memcpy(answer->bytes, &linger, sizeof linger);
    answer->length = sizeof linger;
    return 0;
}

/* struct ucred */
int sockopt_get_credentials(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    struct writer w = writer_of(answer->bytes, sizeof answer->bytes);
    struct session_credentials c;

    session_credentials_of_peer(q->d->session.socket, &c);
    write_copy(&w, &c.pid, sizeof c.pid);
    write_copy(&w, &c.uid, sizeof c.uid);
    write_copy(&w, &c.gid, sizeof c.gid);
    answer->length = (uint32_t)(w.at - answer->bytes);
    return 0;
}

static int put_timeout(nanoseconds timeout, struct sockopt_answer *answer)
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

int sockopt_get_receive_timeout(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    return put_timeout(q->d->receive_timeout, answer);
}

int sockopt_get_send_timeout(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    return put_timeout(q->d->send_timeout, answer);
}

int sockopt_get_interface(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    char name[CALL_INTERFACE_NAME_BYTES];
    int64_t number;
    int length, status = ask(q, &number);

    if (status || number == 0)
        return status;
    if (q->room < IFNAMSIZ)
        return -EINVAL;
    length = manage_interface_name(q->host, (uint32_t)number, name);
    if (length < 0 || length >= CALL_INTERFACE_NAME_BYTES)
        return -ENODEV;
    if ((uint32_t)length >= q->room)
        return -EINVAL;
    memcpy(answer->bytes, name, (size_t)length);
    answer->bytes[length] = 0;
    answer->length = (uint32_t)length + 1;
    return 0;
}

int sockopt_get_rate(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    int64_t value;
    int status = ask(q, &value);
    uint64_t rate = (uint64_t)value;
    uint32_t old = (uint32_t)least(rate, UINT32_MAX);

    answer->length = q->room >= sizeof rate ? sizeof rate : sizeof old;
    if (q->room >= sizeof rate)
        memcpy(answer->bytes, &rate, sizeof rate);
    else
        memcpy(answer->bytes, &old, sizeof old);
    return status;
}

int sockopt_get_congestion(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    char name[CALL_CONGESTION_NAME_BYTES] = {0};
    int64_t kind;
    int status = ask(q, &kind);

    if (!status)
        status = manage_congestion_name(q->host, (uint32_t)kind, name);
    memcpy(answer->bytes, name, sizeof name);
    answer->length = sizeof name;
    return status;
}

int sockopt_get_hops(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    int64_t value;
    int status = ask(q, &value);

    if (value == 0)
        value = q->host->settings.default_hop_limit;
    return status ? status : put_number(q, answer, value);
}

/* Its index is in the network's order. */
int sockopt_get_unicast_interface(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    struct writer w = writer_of(answer->bytes, sizeof(uint32_t));
    int64_t value;
    int status = ask(q, &value);

    write_u32(&w, (uint32_t)value);
    answer->length = sizeof(uint32_t);
    return status;
}

/* What was set is not what is read: that is the path's. */
int sockopt_get_path_mtu(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    int64_t value = 0;
    int status = session_option_get(q->d->session.socket, OPTION_MTU, &value);

    return status ? status : put_number(q, answer, value);
}

int sockopt_get_v6only(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    int64_t value;
    int status = ask(q, &value);

    return status ? status : put_number(q, answer, value == ADDRESS_FAMILY_6);
}

int sockopt_get_info(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    int status = sockopt_info(q->d, answer->bytes, q->now);

    answer->length = status > 0 ? (uint32_t)status : 0;
    return status < 0 ? status : 0;
}
