/* SPDX-License-Identifier: MIT */
/* One row an option: where it lives, and its range. The theory is in options.h. */
#include "4-transport/options.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/compiler.h"
#include "base/integer.h"

struct row {
    uint16_t offset; /* in struct transport_options */
    uint16_t size;   /* 1, 2, 4 or 8 bytes; 0: not a common option */
    int64_t from, to;
    uint8_t bit; /* of the byte; 0: all of it */
};

#define ROW(field, low, high)                                                                      \
    {                                                                                              \
        offsetof(struct transport_options, field), sizeof((struct transport_options *)0)->field,   \
            low, high, 0                                                                           \
    }

#define BIT(family, flag)                                                                          \
    {                                                                                              \
        offsetof(struct transport_options, of[family].flags), 1, 0, 1, flag                        \
    }

static const struct row rows[OPTION_COUNT] = {
    [OPTION_REUSE_ADDRESS] = ROW(reuse_address, 0, 1),
    [OPTION_REUSE_PORT] = ROW(reuse_port, 0, 1),
    [OPTION_BROADCAST] = ROW(broadcast, 0, 1),
    [OPTION_SEND_BUFFER] = ROW(send_buffer, 0, INT64_MAX),
    [OPTION_RECEIVE_BUFFER] = ROW(receive_buffer, 0, INT64_MAX),
    [OPTION_RECEIVE_LOW_WATER] = ROW(receive_low_water, 0, INT32_MAX),
    [OPTION_KEEPALIVE] = ROW(keepalive, 0, 1),
    [OPTION_LINGER] = ROW(linger, -1, INT64_MAX),
    [OPTION_INTERFACE] = ROW(interface, 0, IP_INTERFACES - 1),
    [OPTION_DONT_ROUTE] = ROW(dont_route, 0, 1),
    [OPTION_PRIORITY] = ROW(priority, 0, UINT8_MAX),
    [OPTION_MARK] = ROW(mark, 0, UINT32_MAX),
    [OPTION_PACING_RATE] = ROW(pacing_rate, INT64_MIN, INT64_MAX),
    [OPTION_OOB_INLINE] = ROW(oob_inline, 0, 1),
    [OPTION_HOP_LIMIT] = ROW(of[0].hop_limit, 0, 255),
    [OPTION_TRAFFIC_CLASS] = ROW(of[0].traffic_class, 0, 255),
    [OPTION_MULTICAST_HOP_LIMIT] = ROW(of[0].multicast_hop_limit, 0, 255),
    [OPTION_MULTICAST_LOOP] = BIT(0, OPTIONS_MULTICAST_LOOP),
    [OPTION_DISCOVER_MTU] = ROW(of[0].discover_mtu, DISCOVER_DONT, DISCOVER_OMIT),
    [OPTION_RECEIVE_ERRORS] = BIT(0, OPTIONS_RECEIVE_ERRORS),
    [OPTION_UNICAST_INTERFACE] = ROW(unicast_interface[0], 0, IP_INTERFACES),
    [OPTION_HOP_LIMIT_6] = ROW(of[1].hop_limit, 0, 255),
    [OPTION_TRAFFIC_CLASS_6] = ROW(of[1].traffic_class, 0, 255),
    [OPTION_MULTICAST_HOP_LIMIT_6] = ROW(of[1].multicast_hop_limit, 0, 255),
    [OPTION_MULTICAST_LOOP_6] = BIT(1, OPTIONS_MULTICAST_LOOP),
    [OPTION_MULTICAST_ALL_6] = BIT(1, OPTIONS_MULTICAST_ALL),
    [OPTION_DISCOVER_MTU_6] = ROW(of[1].discover_mtu, DISCOVER_DONT, DISCOVER_OMIT),
    [OPTION_RECEIVE_ERRORS_6] = BIT(1, OPTIONS_RECEIVE_ERRORS),
    [OPTION_DONT_FRAGMENT_6] = BIT(1, OPTIONS_DONT_FRAGMENT),
    [OPTION_TELL_MTU_6] = BIT(1, OPTIONS_TELL_MTU),
    [OPTION_MULTICAST_INTERFACE_6] = ROW(multicast_interface[1], 0, IP_INTERFACES),
    [OPTION_MULTICAST_INTERFACE] = ROW(multicast_interface[0], 0, IP_INTERFACES),
    [OPTION_MULTICAST_ALL] = BIT(0, OPTIONS_MULTICAST_ALL),
    [OPTION_UNICAST_INTERFACE_6] = ROW(unicast_interface[1], 0, IP_INTERFACES),
    [OPTION_BIND_NO_PORT] = ROW(bind_no_port, 0, 1),
    [OPTION_FREE_BIND] = ROW(free_bind, 0, 1),
    [OPTION_FAMILIES] = ROW(families, ADDRESS_FAMILIES_BOTH, ADDRESS_FAMILY_6),
};

void options_init(struct transport_options *o, uint32_t send_buffer, uint32_t receive_buffer)
{
    memset(o, 0, sizeof *o);
    o->linger = -1;
    o->pacing_rate = UINT64_MAX;
    o->send_buffer = send_buffer;
    o->receive_buffer = receive_buffer;
    o->receive_low_water = 1;
    for (int i = 0; i < 2; i++) {
        o->of[i].multicast_hop_limit = 1; /* not beyond this network unless asked: RFC 1112 6.1 */
        o->of[i].flags = OPTIONS_MULTICAST_LOOP | OPTIONS_MULTICAST_ALL;
        o->of[i].discover_mtu = DISCOVER_WANT;
    }
}

static const struct row *row_of(enum transport_option option)
{
    return (unsigned)option < OPTION_COUNT && rows[option].size ? &rows[option] : NULL;
}

/* Buffers are brought into their range, as Linux does, not refused. */
static int64_t clamp(struct transport_options *o, enum transport_option option, int64_t value)
{
    uint64_t v = (uint64_t)value;

    if (option == OPTION_SEND_BUFFER) {
        o->send_buffer_locked = 1;
        return (int64_t)least(most(v, OPTIONS_SEND_BUFFER_LEAST), OPTIONS_BUFFER_MOST);
    }
    if (option == OPTION_RECEIVE_BUFFER) {
        o->receive_buffer_locked = 1;
        return (int64_t)least(most(v, OPTIONS_RECEIVE_BUFFER_LEAST), OPTIONS_BUFFER_MOST);
    }
    return option == OPTION_RECEIVE_LOW_WATER && value == 0 ? 1 : value;
}

/* Where the value is. While IPV6_PKTINFO chooses, what was set besides is kept for later. */
static uint8_t *place(const struct transport_options *o, enum transport_option option,
                      const struct row *row)
{
    struct rare_options *rare = o->rare;

    if (unlikely(rare && rare->sticky_interface_6)) {
        if (option == OPTION_UNICAST_INTERFACE_6)
            return (uint8_t *)&rare->unicast_interface_6;
        if (option == OPTION_MULTICAST_INTERFACE_6)
            return (uint8_t *)&rare->multicast_interface_6;
    }
    return (uint8_t *)(uintptr_t)o + row->offset;
}

int options_set(struct transport_options *o, enum transport_option option, int64_t value)
{
    const struct row *row = row_of(option);
    uint8_t *at;

    if (!row)
        return -ENOPROTOOPT;
    if (value < row->from || value > row->to)
        return -EINVAL;
    value = clamp(o, option, value);
    at = place(o, option, row);
    if (row->bit)
        *at = (uint8_t)(value ? *at | row->bit : *at & ~row->bit);
    else if (row->size == 1)
        *at = (uint8_t)value;
    else if (row->size == 2)
        memcpy(at, &(uint16_t){(uint16_t)value}, 2);
    else if (row->size == 4)
        memcpy(at, &(uint32_t){(uint32_t)value}, 4);
    else
        memcpy(at, &value, 8);
    return 0;
}

int options_get(const struct transport_options *o, enum transport_option option, int64_t *value)
{
    const struct row *row = row_of(option);
    const uint8_t *at;
    uint16_t two;
    uint32_t four;

    if (!row)
        return rare_get(o->rare, option, value);
    at = place(o, option, row);
    if (row->bit) {
        *value = (*at & row->bit) != 0;
    } else if (row->size == 1) {
        *value = *at;
    } else if (row->size == 2) {
        memcpy(&two, at, 2);
        *value = two;
    } else if (row->size == 4) {
        memcpy(&four, at, 4);
        *value = four;
    } else {
        memcpy(value, at, 8);
    }
    return 0;
}

/* RFC 3542 6.7: as long as it is set it counts before the others. */
static int sticky_set(struct transport_options *o, struct means *means, uint16_t interface)
{
    struct rare_options *rare = o->rare;

    if (!rare && interface == 0)
        return 0;
    rare = rare_open(&o->rare, means);
    if (!rare)
        return -ENOBUFS;
    if (!rare->sticky_interface_6) {
        rare->unicast_interface_6 = o->unicast_interface[1];
        rare->multicast_interface_6 = o->multicast_interface[1];
    }
    rare->sticky_interface_6 = interface;
    o->unicast_interface[1] = interface ? interface : rare->unicast_interface_6;
    o->multicast_interface[1] = interface ? interface : rare->multicast_interface_6;
    return 0;
}

int options_rare_set(struct transport_options *o, struct means *means, enum transport_option option,
                     int64_t value)
{
    if (option != OPTION_STICKY_INTERFACE_6)
        return rare_set(&o->rare, means, option, value);
    return value < 0 || value > IP_INTERFACES ? -EINVAL : sticky_set(o, means, (uint16_t)value);
}

/* Linux's reading of IP_MULTICAST_IF (RFC 1112 6.1): its address is the source, too. */
struct address options_source(const struct transport_options *o, struct address dest)
{
    if (!o->rare || !o->rare->multicast_source || !address_is_mapped(dest) ||
        !address_is_multicast(dest))
        return (struct address){0};
    return (struct address){.low = o->rare->multicast_source};
}

int options_reach(const struct transport_options *o, struct address *local, struct address remote)
{
    if (!address_is_of(remote, o->families))
        return -ENETUNREACH;
    if (address_family_of(*local) == address_family_of(remote))
        return 0;
    if (address_is_mapped(*local) && o->families != ADDRESS_FAMILY_4)
        return -EAFNOSUPPORT;
    *local = (struct address){0};
    return 0;
}

int options_link(struct transport_options *o, const struct ip *ip, const struct endpoint *at,
                 bool binds)
{
    if (!address_is_of_link(at->address))
        return 0;
    if (at->interface && !binds && o->interface && o->interface != at->interface)
        return -EINVAL;
    if (at->interface && ip_interface_mtu(ip, at->interface) == 0)
        return binds ? -ENODEV : -ENETUNREACH;
    if (at->interface)
        o->interface = at->interface;
    return o->interface ? 0 : -EINVAL;
}

int options_can_bind(const struct transport_options *o, struct address local)
{
    bool any = local.high == 0 && local.low == 0;

    return any || address_is_of(local, o->families) ? 0 : -EINVAL;
}

uint16_t options_interface(const struct transport_options *o, struct address dest, uint16_t named)
{
    bool is_6 = !address_is_mapped(dest);
    uint16_t chosen;

    if (named || o->interface)
        return named ? named : o->interface;
    chosen = o->unicast_interface[is_6];
    if ((chosen | o->multicast_interface[is_6]) && address_is_multicast(dest))
        chosen = o->multicast_interface[is_6];
    return chosen ? (uint16_t)(chosen - 1) : 0;
}

/* RFC 1191 3, RFC 8201 5.2 for datagrams, as IP_MTU_DISCOVER and its like choose. */
static int dont_fragment(const struct options_family *of, const struct ip *ip, struct ip_path *path,
                         uint32_t length, struct ip_send_facts *facts)
{
    bool fits;

    if (of->discover_mtu >= DISCOVER_PROBE)
        path->mtu = ip_interface_mtu(ip, path->interface);
    fits = length + path->header_bytes <= path->mtu;
    if (!fits && of->flags & OPTIONS_DONT_FRAGMENT)
        return -EMSGSIZE;
    switch ((enum options_discover)of->discover_mtu) {
    case DISCOVER_DO:
    case DISCOVER_PROBE:
        facts->dont_fragment = 1;
        return fits || path->below_least ? 0 : -EMSGSIZE;
    case DISCOVER_INTERFACE:
        return fits ? 0 : -EMSGSIZE;
    case DISCOVER_WANT:
        facts->dont_fragment = fits;
        return 0;
    case DISCOVER_DONT:
    case DISCOVER_OMIT:
        break;
    }
    return 0;
}

int options_header(struct transport_options *o, struct means *means,
                   enum transport_header_call call, struct transport_header *header)
{
    struct rare_options *rare = o->rare;
    int result;

    if (call == TRANSPORT_HEADER_READ) {
        header->length = rare ? rare->header_length : 0;
        if (rare)
            memcpy(header->options, rare->header, header->length);
        return 0;
    }
    result = ip_options_check(header->options, header->length);
    if (result < 0 || (header->length == 0 && !rare))
        return result;
    rare = rare_open(&o->rare, means);
    if (!rare)
        return -ENOBUFS;
    rare->header_length = header->length;
    memcpy(rare->header, header->options, sizeof rare->header);
    return 0;
}

void options_rare_path(const struct transport_options *o, struct ip_path *path)
{
    if (address_is_mapped(path->dest))
        ip_path_options(path, o->rare->header_length);
    else
        path->special |= o->rare->flow_label || o->rare->auto_label_6 == RARE_NO_LABELS;
}

static void label_set(struct ip_send_facts *facts, uint32_t label)
{
    facts->flow = label;
    facts->how |= IP_SEND_LABEL;
}

/* What few ends say of a datagram: its fragments' length, its label. */
static void rare_facts(const struct rare_options *rare, const struct transport_message *m,
                       struct ip_path *path, struct ip_send_facts *facts)
{
    if (address_is_mapped(path->dest)) {
        ip_path_options(path, rare->header_length);
        return;
    }
    if (rare->fragment_mtu_6 && rare->fragment_mtu_6 < path->mtu)
        path->mtu = rare->fragment_mtu_6;
    if (rare->flow_label && m->remote.family == NAME_NONE)
        label_set(facts, rare->flow_label);
    else if (rare->auto_label_6 == RARE_NO_LABELS)
        facts->flow = 0;
}

static int message_facts(const struct transport_message *m, struct ip_path *path, uint32_t length,
                         struct ip_send_facts *facts)
{
    int result = 0;

    if (m->chosen & TRANSPORT_HAS_EXTRA && m->extra->flow_label)
        label_set(facts, m->extra->flow_label);
    if (m->chosen & TRANSPORT_HAS_EXTRA && m->extra->header_length) {
        result = ip_options_check(m->extra->header, m->extra->header_length);
        ip_path_options(path, m->extra->header_length);
    }
    if (result < 0)
        return result;
    if (m->chosen & TRANSPORT_DONT_FRAGMENT && length + path->header_bytes > path->mtu)
        return -EMSGSIZE;
    return 0;
}

int options_send_facts(const struct transport_options *o, const struct ip *ip, struct ip_path *path,
                       const struct transport_message *m, uint32_t length,
                       struct ip_send_facts *facts)
{
    const struct options_family *of = options_to(o, path->dest);
    int result;

    facts->dont_fragment = 0;
    facts->hop_limit = path->group ? of->multicast_hop_limit : of->hop_limit;
    if (m->hop_limit)
        facts->hop_limit = m->hop_limit;
    facts->how = path->group && !(of->flags & OPTIONS_MULTICAST_LOOP) ? IP_SEND_NO_LOOP : 0;
    facts->traffic_class = m->has_traffic_class ? m->traffic_class : of->traffic_class;
    if (!options_allow_path(o, path))
        return -ENETUNREACH;
    if (unlikely(o->rare))
        rare_facts(o->rare, m, path, facts);
    if (unlikely(m->chosen)) {
        result = message_facts(m, path, length, facts);
        if (result < 0)
            return result;
    }
    return dont_fragment(of, ip, path, length, facts);
}

void options_rare_packet(const struct transport_options *o, const struct transport_message *m,
                         const struct ip_path *path, struct ip_send_facts *facts, struct packet *p)
{
    const struct rare_options *rare = o->rare;
    const uint8_t *header = rare ? rare->header : NULL;

    if (m && m->chosen & TRANSPORT_HAS_EXTRA && m->extra->header_length)
        header = m->extra->header;
    if (path->options_bytes && header)
        memcpy(packet_push(p, path->options_bytes), header, path->options_bytes);
    if (!m && rare && rare->flow_label)
        label_set(facts, rare->flow_label);
    else if (!m && rare && rare->auto_label_6 == RARE_NO_LABELS)
        facts->flow = 0;
}
