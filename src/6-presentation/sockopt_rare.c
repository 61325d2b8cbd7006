/* SPDX-License-Identifier: MIT */
/*
 * Options that few programs set, form by form: of IPv6 (RFC 3542 6.1, 6.2, 11.3; RFC 6437; Linux's
 * IPV6_ADDRFORM), and those of the IPv4 header (RFC 791 3.1; RFC 1122 3.2.1.8). Errors are Linux's.
 */
#include "6-presentation/abi.h"
#include "6-presentation/protocol.h"
#include "6-presentation/sockopt_form.h"

#include <errno.h>
#include <string.h>

#include "6-presentation/control.h"
#include "base/bytes.h"
#include "base/integer.h"

static int pass(const struct sockopt_request *r, int64_t value)
{
    return session_option_set(r->d->session.socket, (enum transport_option)r->row->option, value,
                              r->now);
}

/* RFC 3542 6.2. Linux keeps the address and does not look at it; an interface that there is not
 * leads nowhere. */
int sockopt_rare_set_sticky(const struct sockopt_request *r)
{
    const uint8_t *info = r->value;
    uint32_t index;

    if (r->length < sizeof(struct in6_addr) + sizeof index)
        return -EINVAL;
    memcpy(&index, info + sizeof(struct in6_addr), sizeof index);
    return pass(r, (int64_t)least(index, IP_INTERFACES));
}

/* The peer, if it is an address of IPv4's. @return 0 @raise ENOTCONN EADDRNOTAVAIL */
static int has_mapped_peer(const struct descriptor *d)
{
    int64_t families = 0;
    struct name peer;

    if (session_phase(d->session.socket) != TRANSPORT_OPEN ||
        session_remote(d->session.socket, &peer) < 0)
        return -ENOTCONN;
    (void)session_option_get(d->session.socket, OPTION_FAMILIES, &families);
    return families != ADDRESS_FAMILY_6 && address_is_mapped(peer.endpoint.address)
               ? 0
               : -EADDRNOTAVAIL;
}

static bool has_other_form(const struct descriptor *d)
{
    return protocol_of(d)->protocol == IPPROTO_UDP || protocol_of(d)->protocol == IPPROTO_TCP;
}

/* It is a socket of AF_INET from now on. */
int sockopt_rare_set_family(const struct sockopt_request *r)
{
    const struct protocol *row = protocol_of(r->d);
    int status;

    if (r->number != AF_INET)
        return -EINVAL;
    if (!has_other_form(r->d))
        return -ENOPROTOOPT;
    status = has_mapped_peer(r->d);
    if (status == 0)
        status =
            session_option_set(r->d->session.socket, OPTION_FAMILIES, ADDRESS_FAMILY_4, r->now);
    if (status)
        return status;
    r->d->protocol = (uint16_t)protocol_find(AF_INET, row->type, row->protocol);
    return 0;
}

int sockopt_rare_get_family(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    struct name peer;

    if (!has_other_form(q->d))
        return -ENOPROTOOPT;
    if (session_phase(q->d->session.socket) != TRANSPORT_OPEN ||
        session_remote(q->d->session.socket, &peer) < 0)
        return -ENOTCONN;
    return sockopt_get_domain(q, answer);
}

/* struct ip6_mtuinfo, without the address (Linux). */
int sockopt_rare_get_path_mtu(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    int64_t mtu = 0;
    int status;

    if (q->room < sizeof(struct ip6_mtuinfo))
        return -EINVAL;
    status = session_option_get(q->d->session.socket, OPTION_MTU, &mtu);
    if (status)
        return status;
    control_flow_mtu_write(NULL, (uint32_t)mtu, answer->bytes);
    answer->length = sizeof(struct ip6_mtuinfo);
    return 0;
}

/* Both who notes it and who tells it must know. */
int sockopt_rare_set_tell_mtu(const struct sockopt_request *r)
{
    int status = pass(r, r->number != 0);

    if (status)
        return status;
    if (r->number)
        r->d->wants |= WANTS_PATH_MTU;
    else
        r->d->wants &= ~(uint32_t)WANTS_PATH_MTU;
    return 0;
}

/* A value of another length is 0, as to Linux. */
int sockopt_rare_set_auto_label(const struct sockopt_request *r)
{
    int number = 0;

    if (r->length >= sizeof number)
        memcpy(&number, r->value, sizeof number);
    return pass(r, 1 + (number != 0));
}

int sockopt_rare_get_auto_label(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    int64_t set = 0;
    int status = session_option_get(q->d->session.socket, OPTION_AUTO_LABEL_6, &set), value;

    value = set ? set == 2 : q->host->settings.auto_flowlabels != 0;
    memcpy(answer->bytes, &value, sizeof value);
    answer->length = sizeof value;
    return status;
}

/* RFC 791 3.1: filled up to whole words. */
int sockopt_rare_set_header(const struct sockopt_request *r)
{
    struct transport_header header;

    if (r->length > sizeof header.options)
        return -EINVAL;
    memset(&header, 0, sizeof header);
    if (r->length)
        memcpy(header.options, r->value, r->length);
    header.length = (uint8_t)((r->length + 3) & ~3u);
    return session_header(r->d->session.socket, TRANSPORT_HEADER_SET, &header);
}

int sockopt_rare_get_header(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    struct transport_header header;
    int status = session_header(q->d->session.socket, TRANSPORT_HEADER_READ, &header);

    if (status)
        return status;
    memcpy(answer->bytes, header.options, header.length);
    answer->length = header.length;
    return 0;
}
