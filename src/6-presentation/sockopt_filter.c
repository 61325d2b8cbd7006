/* SPDX-License-Identifier: MIT */
/*
 * Options about filters: SO_ATTACH_FILTER, SO_GET_FILTER (the same number), SO_DETACH_FILTER,
 * SO_LOCK_FILTER. Linux's value of the first is a struct with a pointer to the program; here it is
 * the program itself, for a pointer means nothing in a record: who has the pointer (the public
 * door) follows it. So lengths are bytes here, where SO_GET_FILTER counts instructions.
 *
 * SO_ATTACH_BPF names a program that is in the kernel, of which there is none here (EINVAL, as for
 * one of another type). RFC 1122 4.1.4 has no filters; the rest is Linux's (socket(7)).
 */
#include "6-presentation/abi.h"
#include "6-presentation/sockopt_form.h"

#include <errno.h>
#include <linux/filter.h>
#include <string.h>

_Static_assert((int)CALL_FILTER_UNIT == sizeof(struct sock_filter), "an instruction");

bool call_is_filter(int level, int name)
{
    return level == SOL_SOCKET && name == SO_ATTACH_FILTER;
}

/* A program without a place or of too many instructions is none: the check says so. */
int call_filter_given(const void *value, uint32_t length, const void **program, uint32_t *bytes)
{
    struct sock_fprog given;

    if (length != sizeof given)
        return -EINVAL;
    memcpy(&given, value, sizeof given);
    *program = given.len <= BPF_MAXINSNS ? given.filter : NULL;
    *bytes = *program ? given.len * (uint32_t)sizeof(struct sock_filter) : 0;
    return 0;
}

static int ask_filter(struct descriptor *d, enum transport_filter_call call,
                      struct transport_filter *filter)
{
    return session_filter(d->session.socket, call, filter);
}

int sockopt_filter_attach(const struct sockopt_request *r)
{
    struct transport_filter filter = {.program = r->value, .length = r->length};

    return ask_filter(r->d, TRANSPORT_FILTER_ATTACH, &filter);
}

int sockopt_filter_detach(const struct sockopt_request *r)
{
    struct transport_filter filter = {0};

    return ask_filter(r->d, TRANSPORT_FILTER_DETACH, &filter);
}

int sockopt_filter_lock(const struct sockopt_request *r)
{
    struct transport_filter filter = {.is_locked = r->number != 0};

    return ask_filter(r->d, TRANSPORT_FILTER_LOCK, &filter);
}

int sockopt_filter_refuse(const struct sockopt_request *r)
{
    (void)r;
    return -EINVAL;
}

int sockopt_filter_get(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    struct transport_filter filter = {.room = q->value, .length = q->room};
    int status = ask_filter(q->d, TRANSPORT_FILTER_READ, &filter);

    answer->length = (uint32_t)filter.length;
    return status;
}

int sockopt_filter_get_lock(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    struct transport_filter filter = {0};
    int status = ask_filter(q->d, TRANSPORT_FILTER_READ, &filter);
    int value = filter.is_locked;

    memcpy(answer->bytes, &value, sizeof value);
    answer->length = sizeof value;
    return status;
}

/* Linux says SKF_AD_MAX: all below that number is there. Here what a packet's payload is, and
 * chance, are not; libpcap asks whether the tag of a VLAN is. */
int sockopt_filter_get_extensions(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    int value = SKF_AD_PAY_OFFSET;

    (void)q;
    memcpy(answer->bytes, &value, sizeof value);
    answer->length = sizeof value;
    return 0;
}
