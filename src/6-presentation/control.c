/* SPDX-License-Identifier: MIT */
/*
 * A control message is a header (length of header and data, level, type), its data, and padding to
 * eight bytes (RFC 3542 4.2, 20.3: CMSG_LEN, CMSG_SPACE). The bytes are a program's and may say
 * anything: a length below the header's or beyond the buffer is an error, and so is a message of
 * ours with data of the wrong size; nothing is read or written outside the buffer.
 *
 * What does not fit on the way up is cut, as Linux cuts it: less room than a header drops the
 * message, less than the data cuts the data; MSG_CTRUNC tells.
 *
 * Sent: source address and interface, hop limit, traffic class (RFC 1122 4.1.4 asks that a UDP
 * program can choose these), over IPv6 whether to fragment (RFC 3542 11.2). Received: SO_TIMESTAMP,
 * SO_TIMESTAMPNS, then what the table has: the address it was sent to (RFC 1122 4.1.3.5) with the
 * interface, hop limit, traffic class. Each version of IP has its own messages; on a socket of both
 * a datagram has those of its version, and IPv6's packet information in either.
 */
#include "6-presentation/abi.h"
#include "6-presentation/control.h"
#include "6-presentation/protocol.h"
#include "6-presentation/sockaddr.h"

#include <errno.h>

#include "base/bytes.h"
#include "base/integer.h"

enum control_constants {
    CONTROL_VLAN_TYPE = 0x8100,
    CONTROL_HEADER_BYTES = sizeof(struct cmsghdr),
    CONTROL_ALIGN = sizeof(size_t)
};

/* One message: its data lie behind the header. */
struct control_message {
    const uint8_t *data;
    size_t length; /* of the data */
    int level, type;
};

/* What the messages of one call are read for. */
struct control_sender {
    const struct call_host *host;
    unsigned domain_6; /* of the socket: is it AF_INET6 */
    unsigned family;   /* of where the datagram goes */
    struct transport_message *m;
    struct transport_extra *extra; /* where what few messages say stands */
};

static int read_int(const struct control_message *c)
{
    int value;

    memcpy(&value, c->data, sizeof value);
    return value;
}

static int set_interface(const struct control_sender *s, int64_t index)
{
    char name[CALL_INTERFACE_NAME_BYTES];

    if (index == 0)
        return 0;
    if (index < 0 || index > UINT16_MAX ||
        manage_interface_name(s->host, (uint32_t)index - 1, name) < 0)
        return -ENODEV;
    s->m->local.interface = (uint16_t)(index - 1);
    return 0;
}

static int read_interface(const struct control_sender *s, const struct control_message *c)
{
    struct in_pktinfo info;
    struct reader address;
    int status;

    if (c->length != sizeof info)
        return -EINVAL;
    memcpy(&info, c->data, sizeof info);
    status = set_interface(s, info.ipi_ifindex);
    if (status)
        return status;
    address = reader_of(&info.ipi_spec_dst, sizeof info.ipi_spec_dst);
    s->m->local.address = address_from_ip4(read_u32(&address));
    return 0;
}

/* Where it goes has an interface by name: of a message without one nothing more is known. */
static bool has_named_interface(const struct transport_message *m)
{
    return m->remote.family != NAME_NONE && m->remote.endpoint.interface;
}

/* RFC 3542 6.1, 6.2. To an IPv4 address the source is a mapped one. */
static int read_interface_6(const struct control_sender *s, const struct control_message *c)
{
    struct reader r = reader_of(c->data, c->length);
    struct address source;
    uint32_t index;
    int status;

    source.high = read_u64(&r);
    source.low = read_u64(&r);
    read_copy(&r, &index, sizeof index);
    if (r.failed)
        return -EINVAL;
    if (s->family == ADDRESS_FAMILY_4
            ? !address_is_mapped(source)
            : index == 0 && !has_named_interface(s->m) && address_is_of_link(source))
        return -EINVAL;
    status = set_interface(s, index);
    if (status == 0)
        s->m->local.address = source;
    return status;
}

static int read_traffic_class(const struct control_sender *s, const struct control_message *c)
{
    int value;

    if (c->length == sizeof(int))
        value = read_int(c);
    else if (c->length == 1)
        value = c->data[0];
    else
        return -EINVAL;
    if (value < 0 || value > 255)
        return -EINVAL;
    s->m->traffic_class = (uint8_t)value;
    s->m->has_traffic_class = true;
    return 0;
}

/* RFC 3542 6.5: -1 is the default. */
static int read_traffic_class_6(const struct control_sender *s, const struct control_message *c)
{
    int value = c->length == sizeof(int) ? read_int(c) : 256;

    if (value < -1 || value > 255)
        return -EINVAL;
    s->m->traffic_class = (uint8_t)(value < 0 ? 0 : value);
    s->m->has_traffic_class = true;
    return 0;
}

static int read_hop_limit(const struct control_sender *s, const struct control_message *c)
{
    int value;

    if (c->length != sizeof(int))
        return -EINVAL;
    value = read_int(c);
    if (value < 1 || value > 255)
        return -EINVAL;
    s->m->hop_limit = (uint8_t)value;
    return 0;
}

/* RFC 3542 6.3: -1 is the default. */
static int read_hop_limit_6(const struct control_sender *s, const struct control_message *c)
{
    int value = c->length == sizeof(int) ? read_int(c) : 256;

    if (value < -1 || value > 255)
        return -EINVAL;
    s->m->hop_limit = (uint8_t)(value < 0 ? 0 : value);
    return 0;
}

/* Linux: the word as it stands in the header; of it the label counts. */
static int read_flow(const struct control_sender *s, const struct control_message *c)
{
    struct reader r = reader_of(c->data, c->length);
    uint32_t word = read_u32(&r);

    if (c->length < sizeof word)
        return -EINVAL;
    control_flow_set(s->m, s->extra, word);
    return 0;
}

/* Linux: what is longer than a header has room for is cut. */
static int read_options(const struct control_sender *s, const struct control_message *c)
{
    control_flow_header_set(s->m, s->extra, c->data, least(c->length, TRANSPORT_OPTIONS_MOST));
    return 0;
}

static int read_dont_fragment(const struct control_sender *s, const struct control_message *c)
{
    int value = c->length == sizeof(int) ? read_int(c) : 2;

    if (value < 0 || value > 1)
        return -EINVAL;
    if (value)
        s->m->chosen |= TRANSPORT_DONT_FRAGMENT;
    else
        s->m->chosen &= (uint8_t)~TRANSPORT_DONT_FRAGMENT;
    return 0;
}

/* ---- what is received ---- */

static void put_time(struct control_room *room, uint32_t wants, uint64_t wall)
{
    if (wants & WANTS_TIME_NANOSECONDS) {
        int64_t value[2] = {(int64_t)(wall / 1000000000), (int64_t)(wall % 1000000000)};

        control_put(room, SOL_SOCKET, SO_TIMESTAMPNS, value, sizeof value);
    } else {
        int64_t value[2] = {(int64_t)(wall / 1000000000), (int64_t)(wall % 1000000000 / 1000)};

        control_put(room, SOL_SOCKET, SO_TIMESTAMP, value, sizeof value);
    }
}

static void put_interface(struct control_room *room, const struct transport_message *m)
{
    struct in_pktinfo info;
    struct writer spec = writer_of(&info.ipi_spec_dst, sizeof info.ipi_spec_dst);
    struct writer address = writer_of(&info.ipi_addr, sizeof info.ipi_addr);

    memset(&info, 0, sizeof info);
    info.ipi_ifindex = m->local.interface + 1;
    write_u32(&spec, address_to_ip4(m->own));
    write_u32(&address, address_to_ip4(m->local.address));
    control_put(room, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
}

static void put_hop_limit(struct control_room *room, const struct transport_message *m)
{
    int value = m->hop_limit;

    control_put(room, IPPROTO_IP, IP_TTL, &value, sizeof value);
}

static void put_traffic_class(struct control_room *room, const struct transport_message *m)
{
    control_put(room, IPPROTO_IP, IP_TOS, &m->traffic_class, 1);
}

/* RFC 1122 4.1.3.2: as they came. */
static void put_options(struct control_room *room, const struct transport_message *m)
{
    if (m->options_length)
        control_put(room, IPPROTO_IP, IP_RECVOPTS, m->options, m->options_length);
}

enum { OPTION_END = 0, OPTION_NOTHING = 1, OPTION_RECORD = 7, OPTION_TIMES = 68 }; /* RFC 791 3.1 */

/* Of those that came, the records of routes and of times, filled up to whole words. */
static void put_options_back(struct control_room *room, const struct transport_message *m)
{
    uint8_t back[TRANSPORT_OPTIONS_MOST + 3] = {OPTION_END};
    uint32_t at = 0, length = 0;

    while (at + 1 < m->options_length && m->options[at] != OPTION_END) {
        uint8_t kind = m->options[at], size = kind == OPTION_NOTHING ? 1 : m->options[at + 1];

        if (size == 0 || size > m->options_length - at)
            break;
        if (kind == OPTION_RECORD || kind == OPTION_TIMES) {
            memcpy(back + length, m->options + at, size);
            length += size;
        }
        at += size;
    }
    length = (length + 3) & ~3u;
    if (m->options_length)
        control_put(room, IPPROTO_IP, IP_RETOPTS, back, length);
}

/* RFC 3542 6.1; of IPv4 a mapped address. */
static void put_interface_6(struct control_room *room, const struct transport_message *m)
{
    uint8_t info[20];
    struct writer w = writer_of(info, sizeof info);
    uint32_t index = m->local.interface + 1u;

    write_u64(&w, m->local.address.high);
    write_u64(&w, m->local.address.low);
    write_copy(&w, &index, sizeof index);
    control_put(room, IPPROTO_IPV6, IPV6_PKTINFO, info, sizeof info);
}

static void put_hop_limit_6(struct control_room *room, const struct transport_message *m)
{
    int value = m->hop_limit;

    control_put(room, IPPROTO_IPV6, IPV6_HOPLIMIT, &value, sizeof value);
}

static void put_traffic_class_6(struct control_room *room, const struct transport_message *m)
{
    int value = m->traffic_class;

    control_put(room, IPPROTO_IPV6, IPV6_TCLASS, &value, sizeof value);
}

/* Linux: class and label as they stand in the header, if one of them is not 0. */
static void put_flow(struct control_room *room, const struct transport_message *m)
{
    uint8_t word[4];

    if (m->options_length != sizeof word)
        return;
    memcpy(word, m->options, sizeof word);
    word[0] &= 0xf;
    control_put(room, IPPROTO_IPV6, IPV6_FLOWINFO, word, sizeof word);
}

/* ip(7), ipv6(7): struct sock_extended_err, and behind it who says so. */
static void put_trouble(struct control_room *room, int domain, const struct transport_message *m)
{
    const struct transport_trouble *t = &m->trouble;
    struct endpoint offender = {.address = t->offender, .interface = m->local.interface};
    uint8_t bytes[sizeof(struct sock_extended_err) + sizeof(struct sockaddr_in6)];
    uint32_t size = domain == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    struct sock_extended_err extended;
    struct name name;

    memset(&extended, 0, sizeof extended);
    extended.ee_errno = t->number;
    extended.ee_origin = t->origin;
    extended.ee_type = t->type;
    extended.ee_code = t->code;
    extended.ee_info = t->info;
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, &extended, sizeof extended);
    name_of_endpoint(&name, &offender);
    if (t->origin != TROUBLE_LOCAL)
        sockaddr_write(domain, &name, bytes + sizeof extended, &size);
    if (domain == AF_INET6)
        control_put(room, IPPROTO_IPV6, IPV6_RECVERR, bytes, sizeof extended + size);
    else
        control_put(room, IPPROTO_IP, IP_RECVERR, bytes, sizeof extended + size);
}

/* packet(7): the whole length of a frame, and the tag that was taken off. */
static void put_frame(struct control_room *room, const struct transport_message *m)
{
    struct tpacket_auxdata data;

    memset(&data, 0, sizeof data);
    data.tp_status = TP_STATUS_USER;
    data.tp_len = m->frame_bytes;
    data.tp_snaplen = (uint32_t)m->true_length;
    data.tp_net = (uint16_t)m->frame_network;
    if (m->has_vlan) {
        data.tp_status |= TP_STATUS_VLAN_VALID | TP_STATUS_VLAN_TPID_VALID;
        data.tp_vlan_tci = m->vlan;
        data.tp_vlan_tpid = CONTROL_VLAN_TYPE;
    }
    control_put(room, SOL_PACKET, PACKET_AUXDATA, &data, sizeof data);
}

/* ---- the table: in the order in which Linux tells ---- */

struct control_kind {
    int level, type;
    uint8_t sent;     /* with datagrams of these (enum address_families); NOT_AT_ALL */
    uint8_t received; /* the same */
    uint32_t wants;   /* what is asked for, to be told of it */
    int (*read)(const struct control_sender *s, const struct control_message *c);
    void (*write)(struct control_room *room, const struct transport_message *m);
};

enum { NOT_AT_ALL = 255 };

static const struct control_kind kinds[] = {
    {IPPROTO_IPV6, IPV6_PKTINFO, ADDRESS_FAMILIES_BOTH, ADDRESS_FAMILIES_BOTH, WANTS_INTERFACE_6,
     read_interface_6, put_interface_6},
    {IPPROTO_IP, IP_PKTINFO, ADDRESS_FAMILY_4, ADDRESS_FAMILY_4, WANTS_INTERFACE, read_interface,
     put_interface},
    {IPPROTO_IP, IP_TTL, ADDRESS_FAMILY_4, ADDRESS_FAMILY_4, WANTS_HOP_LIMIT, read_hop_limit,
     put_hop_limit},
    {IPPROTO_IP, IP_TOS, ADDRESS_FAMILY_4, ADDRESS_FAMILY_4, WANTS_TRAFFIC_CLASS,
     read_traffic_class, put_traffic_class},
    {IPPROTO_IP, IP_RECVOPTS, NOT_AT_ALL, ADDRESS_FAMILY_4, WANTS_OPTIONS, NULL, put_options},
    {IPPROTO_IP, IP_RETOPTS, ADDRESS_FAMILY_4, ADDRESS_FAMILY_4, WANTS_OPTIONS_BACK, read_options,
     put_options_back},
    {IPPROTO_IPV6, IPV6_HOPLIMIT, ADDRESS_FAMILY_6, ADDRESS_FAMILY_6, WANTS_HOP_LIMIT_6,
     read_hop_limit_6, put_hop_limit_6},
    {IPPROTO_IPV6, IPV6_TCLASS, ADDRESS_FAMILY_6, ADDRESS_FAMILY_6, WANTS_TRAFFIC_CLASS_6,
     read_traffic_class_6, put_traffic_class_6},
    {IPPROTO_IPV6, IPV6_FLOWINFO, ADDRESS_FAMILY_6, ADDRESS_FAMILY_6, WANTS_FLOW_6, read_flow,
     put_flow},
    {SOL_PACKET, PACKET_AUXDATA, NOT_AT_ALL, ADDRESS_FAMILIES_BOTH, WANTS_FRAME, NULL, put_frame},
    {IPPROTO_IPV6, IPV6_DONTFRAG, ADDRESS_FAMILY_6, NOT_AT_ALL, 0, read_dont_fragment, NULL},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

/* Linux looks at the messages of the version that the datagram is of, and at no others'; of these
 * one that it does not know is a mistake. */
static int read_one(const struct control_sender *s, const struct control_message *c)
{
    int level = s->family == ADDRESS_FAMILY_4 ? IPPROTO_IP : IPPROTO_IPV6;

    if (c->level == SOL_SOCKET) /* of the others' business, Linux takes these and sends nothing */
        return c->type == SCM_RIGHTS || c->type == 2 /* SCM_CREDENTIALS */ ? 0 : -EINVAL;
    for (size_t i = 0; i < KINDS; i++) {
        const struct control_kind *k = &kinds[i];

        if (k->level == c->level && k->type == c->type &&
            (k->sent == ADDRESS_FAMILIES_BOTH || k->sent == s->family) &&
            (c->level == IPPROTO_IP || s->domain_6))
            return k->read(s, c);
    }
    return c->level == level ? -EINVAL : 0;
}

/* A socket's messages are about where this datagram goes: the name that it was given, or the
 * peer. */
static unsigned family_of(const struct descriptor *d, const struct transport_message *m)
{
    struct name peer = m->remote;

    if (protocol_of(d)->domain != AF_INET6)
        return ADDRESS_FAMILY_4;
    if (peer.family == NAME_NONE && session_remote(d->session.socket, &peer) < 0)
        return ADDRESS_FAMILY_6;
    return address_family_of(peer.endpoint.address);
}

int control_read(const struct call_host *host, const struct descriptor *d, const void *control,
                 size_t length, struct transport_message *m, struct transport_extra *extra)
{
    const struct control_sender sender = {.extra = extra,
                                          .host = host,
                                          .domain_6 = protocol_of(d)->domain == AF_INET6,
                                          .family = family_of(d, m),
                                          .m = m};
    bool streams = !protocol_of(d)->has_boundaries;
    const uint8_t *at = control;

    if (protocol_of(d)->is_local)
        return control_unix_read(d->host, control, length, m->beside);
    if (length > host->settings.optmem_max)
        return -ENOBUFS;
    if (length && !control)
        return -EFAULT;
    while (length >= CONTROL_HEADER_BYTES) {
        struct control_message c;
        struct cmsghdr header;
        size_t size;
        int status;

        memcpy(&header, at, CONTROL_HEADER_BYTES);
        if (header.cmsg_len < CONTROL_HEADER_BYTES || header.cmsg_len > length)
            return -EINVAL;
        c.data = at + CONTROL_HEADER_BYTES;
        c.length = header.cmsg_len - CONTROL_HEADER_BYTES;
        c.level = header.cmsg_level;
        c.type = header.cmsg_type;
        status = streams && c.level != SOL_SOCKET ? 0 : read_one(&sender, &c);
        if (status)
            return status;
        size = (header.cmsg_len + CONTROL_ALIGN - 1) & ~(size_t)(CONTROL_ALIGN - 1);
        if (size > length)
            break;
        at += size;
        length -= size;
    }
    return 0;
}

size_t control_write(const struct call_host *host, const struct descriptor *d,
                     const struct transport_message *m, void *control, size_t size, uint32_t *flags)
{
    struct control_room room = {.at = control, .left = size, .flags = 0};
    const uint32_t times = WANTS_TIME | WANTS_TIME_NANOSECONDS;
    bool is_error = (*flags & MSG_ERRQUEUE) != 0;

    if (d->wants & times && m->time >= 0)
        put_time(&room, d->wants, host->wall_base + (uint64_t)m->time);
    if (m->beside)
        control_unix_write(d->host, &room, m->beside);
    if (!m->beside && protocol_of(d)->has_boundaries && d->wants & ~times &&
        !(is_error && m->trouble.origin == TROUBLE_LOCAL)) {
        unsigned family = protocol_of(d)->domain == AF_INET6 ? address_family_of(m->local.address)
                                                             : ADDRESS_FAMILY_4;

        if (*flags & CONTROL_PATH_MTU)
            control_flow_mtu_put(&room, m);
        for (size_t i = 0; i < KINDS && !(*flags & CONTROL_PATH_MTU); i++)
            if (d->wants & kinds[i].wants &&
                (kinds[i].received == ADDRESS_FAMILIES_BOTH || kinds[i].received == family))
                kinds[i].write(&room, m);
    }
    if (is_error)
        put_trouble(&room, protocol_of(d)->domain, m);
    *flags = (*flags & ~(uint32_t)CONTROL_PATH_MTU) | room.flags;
    return control ? size - room.left : 0;
}
