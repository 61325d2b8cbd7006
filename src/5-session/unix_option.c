/* SPDX-License-Identifier: MIT */
/*
 * What may be asked of an end of AF_UNIX, and what it is ready for (unix_poll, unix_dgram_poll of
 * Linux). Options of the socket level that mean nothing here are kept and read back, as there.
 */
#include "5-session/unix_end.h"

#include <errno.h>

#include "base/integer.h"

/* ---- readiness ---- */

enum transport_phase unix_option_phase(const struct transport_end *end)
{
    const struct unix_end *e = unix_end_of(end);

    if (e->state == UNIX_LISTENING)
        return TRANSPORT_LISTENING;
    return e->peer ? TRANSPORT_OPEN : TRANSPORT_CLOSED;
}

/* A quarter of its buffer at most is charged. */
static bool has_room(const struct unix_end *e)
{
    return e->state != UNIX_LISTENING && 4 * ((uint64_t)e->charged + 1) <= e->send_buffer;
}

/* Whole messages: does the peer take another? */
static bool peer_has_room(const struct unix_end *e)
{
    return e->end.kind == TRANSPORT_UNIX_STREAM || !e->peer || e->peer->peer == e ||
           !unix_queue_is_full(e->peer);
}

unsigned unix_option_ready(const struct transport_end *end)
{
    const struct unix_end *e = unix_end_of(end);
    unsigned ready = 0;

    if (e->error)
        ready |= READY_ERROR;
    if (e->shut == UNIX_SHUT_BOTH || (unix_end_connects(e) && e->state == UNIX_CLOSED))
        ready |= READY_HUP;
    if (e->shut & UNIX_SHUT_READING)
        ready |= READY_READ_END | READY_IN;
    if (e->queue.first || e->accepts.first)
        ready |= READY_IN;
    if (e->urgent)
        ready |= READY_URGENT;
    if (has_room(e) && peer_has_room(e))
        ready |= READY_OUT;
    return ready;
}

int unix_option_error_take(struct transport_end *end)
{
    struct unix_end *e = unix_end_of(end);
    int error = e->error;

    e->error = 0;
    return error;
}

/* Is the next byte where one out of band is or was? Linux asks for an empty message, and that is
 * what waits at a listener. */
static bool is_at_mark(const struct unix_end *e)
{
    const struct unix_item *item = unix_queue_first(e);

    if (!item)
        return e->accepts.first != NULL;
    if (item == e->urgent)
        return true;
    return unix_queue_left(item) == 0 && (!e->urgent || unix_queue_next(item) == e->urgent);
}

int64_t unix_option_count(const struct transport_end *end, enum transport_count_kind kind)
{
    const struct unix_end *e = unix_end_of(end);

    if (kind == COUNT_UNACKED)
        return e->charged;
    if (kind == COUNT_AT_MARK)
        return is_at_mark(e);
    if (e->state == UNIX_LISTENING)
        return -EINVAL;
    if (unix_end_connects(e))
        return (int64_t)e->unread;
    return e->queue.first ? unix_queue_first(e)->length : 0;
}

/* ---- options ---- */

static uint32_t flag_of(enum transport_option option)
{
    static const struct {
        enum transport_option option;
        uint32_t flag;
    } flags[] = {
        {OPTION_REUSE_ADDRESS, UNIX_REUSE_ADDRESS},
        {OPTION_BROADCAST, UNIX_BROADCAST},
        {OPTION_KEEPALIVE, UNIX_KEEPALIVE},
        {OPTION_DONT_ROUTE, UNIX_DONT_ROUTE},
        {OPTION_OOB_INLINE, UNIX_OOB_INLINE},
        {OPTION_PASS_CREDENTIALS, UNIX_PASS_CREDENTIALS},
        {OPTION_PASS_RIGHTS, UNIX_PASS_RIGHTS},
    };

    for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i].option == option)
            return flags[i].flag;
    return 0;
}

/* Where an option that is a number is kept; NULL: nowhere. */
static uint32_t *number_of(struct unix_end *e, enum transport_option option)
{
    const struct {
        enum transport_option option;
        uint32_t *at;
    } numbers[] = {
        {OPTION_SEND_BUFFER, &e->send_buffer},
        {OPTION_RECEIVE_BUFFER, &e->receive_buffer},
        {OPTION_RECEIVE_LOW_WATER, &e->low_water},
        {OPTION_PRIORITY, &e->priority},
        {OPTION_MARK, &e->mark},
    };

    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].option == option)
            return numbers[i].at;
    return NULL;
}

int unix_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                    nanoseconds now)
{
    struct unix_end *e = unix_end_of(end);
    uint32_t flag = flag_of(option), *number = number_of(e, option);

    (void)now;
    if (option == OPTION_REUSE_PORT)
        return value ? -EOPNOTSUPP : 0;
    if (flag)
        e->flags = value ? e->flags | flag : e->flags & ~flag;
    else if (number)
        *number = (uint32_t)value;
    else if (option == OPTION_LINGER)
        e->linger = value;
    else if (option == OPTION_PEEK_OFFSET)
        e->peek_at = (int32_t)value;
    else
        return -ENOPROTOOPT;
    unix_end_tell(e);
    return 0;
}

int unix_option_get(const struct transport_end *end, enum transport_option option, int64_t *value)
{
    struct unix_end *e = unix_end_of(end);
    uint32_t flag = flag_of(option), *number = number_of(e, option);

    if (option == OPTION_REUSE_PORT)
        *value = 0;
    else if (flag)
        *value = (e->flags & flag) != 0;
    else if (number)
        *value = *number;
    else if (option == OPTION_LINGER)
        *value = e->linger;
    else if (option == OPTION_PEEK_OFFSET)
        *value = e->peek_at;
    else
        return -ENOPROTOOPT;
    return 0;
}
