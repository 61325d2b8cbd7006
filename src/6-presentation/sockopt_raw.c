/* SPDX-License-Identifier: MIT */
/*
 * Options of raw sockets (raw(7), ICMP_FILTER; RFC 3542 3.1, IPV6_CHECKSUM; 3.2, ICMP6_FILTER). A
 * filter has a bit for each type that is not wanted; less than a whole one changes its beginning
 * alone, and of it as much is told as there is room for.
 */
#include "6-presentation/abi.h"
#include "6-presentation/protocol.h"
#include "6-presentation/sockopt_form.h"

#include <errno.h>
#include <string.h>

#include "base/integer.h"

enum { FILTER_WORDS_6 = 8 };

static int64_t protocol_asked(const struct descriptor *d)
{
    int64_t protocol = 0;

    (void)session_option_get(d->session.socket, OPTION_PROTOCOL, &protocol);
    return protocol;
}

static int get_filter(const struct descriptor *d, uint32_t *filter, uint32_t words)
{
    for (uint32_t i = 0; i < words; i++) {
        int64_t value = 0;
        int status = session_option_get(
            d->session.socket, (enum transport_option)((uint32_t)OPTION_FILTER + i), &value);

        if (status)
            return status;
        filter[i] = (uint32_t)value;
    }
    return 0;
}

static int set_filter(const struct sockopt_request *r, uint32_t words)
{
    uint32_t filter[FILTER_WORDS_6];
    int status = get_filter(r->d, filter, words);

    if (status)
        return status;
    memcpy(filter, r->value, least(r->length, words * sizeof filter[0]));
    for (uint32_t i = 0; i < words && status == 0; i++)
        status = session_option_set(r->d->session.socket,
                                    (enum transport_option)((uint32_t)OPTION_FILTER + i), filter[i],
                                    r->now);
    return status;
}

static int answer_filter(const struct sockopt_query *q, uint32_t words,
                         struct sockopt_answer *answer)
{
    uint32_t filter[FILTER_WORDS_6];
    int status = get_filter(q->d, filter, words);

    if (status)
        return status;
    answer->length = words * (uint32_t)sizeof filter[0];
    memcpy(answer->bytes, filter, answer->length);
    return 0;
}

int sockopt_raw_set_filter(const struct sockopt_request *r)
{
    return protocol_asked(r->d) == IPPROTO_ICMP ? set_filter(r, 1) : -EOPNOTSUPP;
}

int sockopt_raw_get_filter(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    return protocol_asked(q->d) == IPPROTO_ICMP ? answer_filter(q, 1, answer) : -EOPNOTSUPP;
}

int sockopt_raw_set_filter_6(const struct sockopt_request *r)
{
    return protocol_asked(r->d) == IPPROTO_ICMPV6 ? set_filter(r, FILTER_WORDS_6) : -EOPNOTSUPP;
}

int sockopt_raw_get_filter_6(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    return protocol_asked(q->d) == IPPROTO_ICMPV6 ? answer_filter(q, FILTER_WORDS_6, answer)
                                                  : -EOPNOTSUPP;
}

/* RFC 3542 3.1: an odd place is none; ICMPv6's own is not to be changed, but at Linux's own
 * level. */
int sockopt_raw_set_checksum(const struct sockopt_request *r)
{
    int64_t value = r->number < 0 ? -1 : r->number;

    if (r->row->level == IPPROTO_IPV6 && protocol_asked(r->d) == IPPROTO_ICMPV6)
        return -EINVAL;
    if (value > 0 && value % 2)
        return -EINVAL;
    return session_option_set(r->d->session.socket, (enum transport_option)r->row->option, value,
                              r->now);
}
