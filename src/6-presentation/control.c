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
 * Sent: IP_PKTINFO (source address, interface), IP_TTL, IP_TOS; RFC 1122 4.1.4 asks that a UDP
 * program can choose these. Received: SO_TIMESTAMP, SO_TIMESTAMPNS, IP_PKTINFO (RFC 1122 4.1.3.5:
 * the specific-destination address), IP_TTL, IP_TOS, in this order, Linux's.
 */
#include "6-presentation/abi.h"
#include "6-presentation/control.h"
#include "6-presentation/protocol.h"

#include <errno.h>

#include "base/bytes.h"

enum control_constants {
    CONTROL_HEADER_BYTES = sizeof(struct cmsghdr),
    CONTROL_ALIGN = sizeof(size_t)
};

/* One message: its data lie behind the header. */
struct control_message {
    const uint8_t *data;
    size_t length; /* of the data */
    int level, type;
};

static int read_int(const struct control_message *c)
{
    int value;

    memcpy(&value, c->data, sizeof value);
    return value;
}

static int read_interface(const struct call_host *host, const struct control_message *c,
                          struct transport_message *m)
{
    char name[CALL_INTERFACE_NAME_BYTES];
    struct in_pktinfo info;
    struct reader address;

    if (c->length != sizeof info)
        return -EINVAL;
    memcpy(&info, c->data, sizeof info);
    if (info.ipi_ifindex) {
        if (info.ipi_ifindex < 0 || info.ipi_ifindex > UINT16_MAX ||
            manage_interface_name(host, (uint32_t)info.ipi_ifindex - 1, name) < 0)
            return -ENODEV;
        m->local.interface = (uint16_t)(info.ipi_ifindex - 1);
    }
    address = reader_of(&info.ipi_spec_dst, sizeof info.ipi_spec_dst);
    m->local.address = address_from_ip4(read_u32(&address));
    return 0;
}

static int read_traffic_class(const struct control_message *c, struct transport_message *m)
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
    m->traffic_class = (uint8_t)value;
    m->has_traffic_class = true;
    return 0;
}

static int read_hop_limit(const struct control_message *c, struct transport_message *m)
{
    int value;

    if (c->length != sizeof(int))
        return -EINVAL;
    value = read_int(c);
    if (value < 1 || value > 255)
        return -EINVAL;
    m->hop_limit = (uint8_t)value;
    return 0;
}

static int read_one(const struct call_host *host, const struct descriptor *d,
                    const struct control_message *c, struct transport_message *m)
{
    if (c->level == SOL_SOCKET) /* of the others' business, Linux takes these and sends nothing */
        return c->type == SCM_RIGHTS || c->type == 2 /* SCM_CREDENTIALS */ ? 0 : -EINVAL;
    if (c->level != IPPROTO_IP || !protocol_of(d)->has_boundaries)
        return 0;
    switch (c->type) {
    case IP_PKTINFO:
        return read_interface(host, c, m);
    case IP_TTL:
        return read_hop_limit(c, m);
    case IP_TOS:
        return read_traffic_class(c, m);
    default:
        return -EINVAL;
    }
}

int control_read(const struct call_host *host, const struct descriptor *d, const void *control,
                 size_t length, struct transport_message *m)
{
    const uint8_t *at = control;

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
        status = read_one(host, d, &c, m);
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

/* What is being written: where, and how much room is left. */
struct control_room {
    uint8_t *at;
    size_t left;
    uint32_t flags;
};

static void put(struct control_room *room, int level, int type, const void *data, size_t length)
{
    size_t size = CONTROL_HEADER_BYTES + length;
    size_t space = (size + CONTROL_ALIGN - 1) & ~(size_t)(CONTROL_ALIGN - 1);
    struct cmsghdr header;

    if (!room->at || room->left < CONTROL_HEADER_BYTES) {
        room->flags |= MSG_CTRUNC;
        return;
    }
    if (size > room->left) {
        room->flags |= MSG_CTRUNC;
        size = room->left;
    }
    if (space > room->left)
        space = room->left;
    memset(&header, 0, sizeof header);
    header.cmsg_len = size;
    header.cmsg_level = level;
    header.cmsg_type = type;
    memset(room->at, 0, space);
    memcpy(room->at, &header, CONTROL_HEADER_BYTES);
    if (size > CONTROL_HEADER_BYTES)
        memcpy(room->at + CONTROL_HEADER_BYTES, data, size - CONTROL_HEADER_BYTES);
    room->at += space;
    room->left -= space;
}

static void put_time(struct control_room *room, uint32_t wants, uint64_t wall)
{
    if (wants & WANTS_TIME_NANOSECONDS) {
        int64_t value[2] = {(int64_t)(wall / 1000000000), (int64_t)(wall % 1000000000)};

        put(room, SOL_SOCKET, SO_TIMESTAMPNS, value, sizeof value);
    } else {
        int64_t value[2] = {(int64_t)(wall / 1000000000), (int64_t)(wall % 1000000000 / 1000)};

        put(room, SOL_SOCKET, SO_TIMESTAMP, value, sizeof value);
    }
}

static void put_interface(struct control_room *room, const struct endpoint *local,
                          struct address own)
{
    struct in_pktinfo info;
    struct writer spec = writer_of(&info.ipi_spec_dst, sizeof info.ipi_spec_dst);
    struct writer address = writer_of(&info.ipi_addr, sizeof info.ipi_addr);

    memset(&info, 0, sizeof info);
    info.ipi_ifindex = local->interface + 1;
    write_u32(&spec, address_to_ip4(own));
    write_u32(&address, address_to_ip4(local->address));
    put(room, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
}

size_t control_write(const struct call_host *host, const struct descriptor *d,
                     const struct transport_message *m, void *control, size_t size, uint32_t *flags)
{
    struct control_room room = {.at = control, .left = size, .flags = 0};
    const uint32_t times = WANTS_TIME | WANTS_TIME_NANOSECONDS;

    if (d->wants & times && m->time >= 0)
        put_time(&room, d->wants, host->wall_base + (uint64_t)m->time);
    if (protocol_of(d)->has_boundaries) {
        int hop_limit = m->hop_limit;

        if (d->wants & WANTS_INTERFACE)
            put_interface(&room, &m->local, m->own);
        if (d->wants & WANTS_HOP_LIMIT)
            put(&room, IPPROTO_IP, IP_TTL, &hop_limit, sizeof hop_limit);
        if (d->wants & WANTS_TRAFFIC_CLASS)
            put(&room, IPPROTO_IP, IP_TOS, &m->traffic_class, 1);
    }
    *flags |= room.flags;
    return control ? size - room.left : 0;
}
