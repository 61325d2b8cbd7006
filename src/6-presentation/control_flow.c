/* SPDX-License-Identifier: MIT */
/*
 * Of IPv6, beside the bytes: labels of flows by name or by message (RFC 6437; Linux's
 * IPV6_FLOWINFO and IPV6_FLOWINFO_SEND), and the MTU of a path that a datagram was too long for
 * (RFC 3542 11.3, IPV6_PATHMTU). Any label may be sent: none is anybody's own here.
 */
#include "6-presentation/abi.h"
#include "6-presentation/control.h"
#include "6-presentation/sockaddr.h"

#include <stddef.h>
#include <string.h>

#include "base/bytes.h"

enum { LABEL_MOST = 0xfffff /* RFC 8200 3 */ };

static void begin(struct transport_message *m, struct transport_extra *extra)
{
    if (!(m->chosen & TRANSPORT_HAS_EXTRA))
        memset(extra, 0, sizeof *extra);
    m->extra = extra;
    m->chosen |= TRANSPORT_HAS_EXTRA;
}

void control_flow_set(struct transport_message *m, struct transport_extra *extra, uint32_t word)
{
    begin(m, extra);
    extra->flow_label = word & LABEL_MOST;
}

void control_flow_header_set(struct transport_message *m, struct transport_extra *extra,
                             const uint8_t *options, size_t length)
{
    begin(m, extra);
    memset(extra->header, 0, sizeof extra->header);
    memcpy(extra->header, options, length);
    extra->header_length = (uint8_t)((length + 3) & ~(size_t)3);
}

/* What a name of AF_INET6 says; 0: nothing, or it is no such name. */
static uint32_t label_of(const void *address, uint32_t length)
{
    struct sockaddr_in6 name;
    struct reader r;

    if (!address || length < offsetof(struct sockaddr_in6, sin6_scope_id))
        return 0;
    memcpy(&name, address, offsetof(struct sockaddr_in6, sin6_scope_id));
    r = reader_of(&name.sin6_flowinfo, sizeof name.sin6_flowinfo);
    return name.sin6_family == AF_INET6 ? read_u32(&r) & LABEL_MOST : 0;
}

void control_flow_of_name(const void *address, uint32_t length, struct transport_message *m,
                          struct transport_extra *extra)
{
    uint32_t label = label_of(address, length);

    if (label && !(m->chosen & TRANSPORT_HAS_EXTRA && extra->flow_label))
        control_flow_set(m, extra, label);
}

int control_flow_of_peer(const struct descriptor *d, const void *address, uint32_t length,
                         nanoseconds now)
{
    return session_option_set(d->session.socket, OPTION_FLOW_LABEL_6, label_of(address, length),
                              now);
}

static uint64_t option_of(const struct descriptor *d, enum transport_option option)
{
    int64_t value = 0;

    (void)session_option_get(d->session.socket, option, &value);
    return (uint64_t)value;
}

/* Linux: a look at it (MSG_PEEK) takes it, too. */
bool control_flow_mtu(const struct descriptor *d, struct transport_message *m, nanoseconds now)
{
    struct endpoint to = {.port = 0};

    m->trouble.info = (uint32_t)option_of(d, OPTION_TOLD_MTU_6);
    if (m->trouble.info == 0)
        return false;
    to.address.high = option_of(d, OPTION_TOLD_HIGH_6);
    to.address.low = option_of(d, OPTION_TOLD_LOW_6);
    to.interface = (uint16_t)option_of(d, OPTION_TOLD_INTERFACE_6);
    name_of_endpoint(&m->remote, &to);
    m->local = (struct endpoint){.interface = to.interface};
    (void)session_option_set(d->session.socket, OPTION_TOLD_MTU_6, 0, now);
    return true;
}

void control_flow_mtu_write(const struct endpoint *to, uint32_t mtu, uint8_t *bytes)
{
    struct ip6_mtuinfo info;
    struct writer w;

    memset(&info, 0, sizeof info);
    if (to) {
        info.ip6m_addr.sin6_family = AF_INET6;
        info.ip6m_addr.sin6_scope_id = to->interface ? to->interface + 1u : 0;
        w = writer_of(&info.ip6m_addr.sin6_addr, sizeof info.ip6m_addr.sin6_addr);
        write_u64(&w, to->address.high);
        write_u64(&w, to->address.low);
    }
    info.ip6m_mtu = mtu;
    memcpy(bytes, &info, sizeof info);
}

void control_flow_mtu_put(struct control_room *room, const struct transport_message *m)
{
    uint8_t bytes[sizeof(struct ip6_mtuinfo)];

    control_flow_mtu_write(&m->remote.endpoint, m->trouble.info, bytes);
    control_put(room, IPPROTO_IPV6, IPV6_PATHMTU, bytes, sizeof bytes);
}
