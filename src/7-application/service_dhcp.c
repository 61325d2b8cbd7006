/* SPDX-License-Identifier: MIT */
/* The codec of DHCP: see service_dhcp.h. */
#include "7-application/service_dhcp.h"

#include <string.h>

#include "base/bytes.h"

enum {
    COOKIE = 0x63825363, /* RFC 2131 3 */
    ETHERNET = 1,
    BROADCAST = 0x8000,
    SNAME_BYTES = 64,
    FILE_BYTES = 128,
    HARDWARE_BYTES = 16
};

enum dhcp_option {
    OPTION_PAD = 0,
    OPTION_MASK = 1,
    OPTION_ROUTER = 3,
    OPTION_NAME_SERVER = 6,
    OPTION_HOST = 12,
    OPTION_MTU = 26,
    OPTION_REQUESTED = 50,
    OPTION_LEASE = 51,
    OPTION_OVERLOAD = 52,
    OPTION_TYPE = 53,
    OPTION_SERVER = 54,
    OPTION_PARAMETERS = 55,
    OPTION_RENEWAL = 58,
    OPTION_REBINDING = 59,
    OPTION_CLIENT = 61,
    OPTION_END = 255
};

enum overload { OVERLOAD_FILE = 1, OVERLOAD_SNAME = 2 };

static void list_read(struct reader *r, uint32_t list[SERVICE_DHCP_LIST], uint8_t *count)
{
    *count = 0;
    while (reader_left(r) >= 4) {
        uint32_t address = read_u32(r);

        if (*count < SERVICE_DHCP_LIST)
            list[(*count)++] = address;
    }
    r->failed |= *count == 0 || reader_left(r) > 0; /* at least one, each whole */
}

/* What is longer than we keep is cut: nobody is refused for it (RFC 2132 3.14: at least 1). */
static void host_read(struct reader *r, char host[SERVICE_DHCP_NAME])
{
    size_t length = reader_left(r),
           kept = length < SERVICE_DHCP_NAME ? length : SERVICE_DHCP_NAME - 1;

    r->failed |= length == 0;
    if (r->failed)
        return;
    read_copy(r, host, kept);
    host[kept] = '\0';
}

static uint32_t number_read(struct reader *r)
{
    uint32_t value = read_u32(r);

    r->failed |= reader_left(r) > 0;
    return value;
}

/* One option; its reader ends with it. */
static void option_read(enum dhcp_option option, struct reader *r, struct service_dhcp_message *m,
                        uint8_t *overload)
{
    switch (option) {
    case OPTION_MASK:
        m->mask = number_read(r);
        break;
    case OPTION_ROUTER:
        list_read(r, m->router, &m->routers);
        break;
    case OPTION_NAME_SERVER:
        list_read(r, m->name_server, &m->name_servers);
        break;
    case OPTION_HOST:
        host_read(r, m->host);
        break;
    case OPTION_MTU:
        m->mtu = read_u16(r);
        r->failed |= reader_left(r) > 0;
        break;
    case OPTION_REQUESTED:
        m->requested = number_read(r);
        break;
    case OPTION_LEASE:
        m->lease = number_read(r);
        break;
    case OPTION_OVERLOAD:
        *overload = read_u8(r);
        r->failed |= reader_left(r) > 0;
        break;
    case OPTION_TYPE:
        m->type = (enum service_dhcp_type)read_u8(r);
        r->failed |= m->type > DHCP_INFORM || reader_left(r) > 0;
        break;
    case OPTION_SERVER:
        m->server_id = number_read(r);
        break;
    case OPTION_PARAMETERS:
        m->asks_parameters = true;
        break;
    case OPTION_RENEWAL:
        m->renewal = number_read(r);
        break;
    case OPTION_REBINDING:
        m->rebinding = number_read(r);
        break;
    case OPTION_CLIENT:
        m->id_length = (uint8_t)reader_left(r);
        r->failed |= m->id_length < 2 || m->id_length > SERVICE_DHCP_ID;
        if (!r->failed)
            read_copy(r, m->id, m->id_length);
        break;
    case OPTION_PAD:
    case OPTION_END:
        break;
    }
}

/* RFC 2132 2: code, length, value, until the end option or the end. */
static bool options_read(struct reader *r, struct service_dhcp_message *m, uint8_t *overload)
{
    while (!r->failed && reader_left(r) > 0) {
        uint8_t code = read_u8(r), length;
        const uint8_t *value;
        struct reader one;

        if (code == OPTION_END)
            return true;
        if (code == OPTION_PAD)
            continue;
        length = read_u8(r);
        value = read_bytes(r, length);
        if (!value)
            return false;
        one = reader_of(value, length);
        option_read((enum dhcp_option)code, &one, m, overload);
        if (one.failed)
            return false;
    }
    return !r->failed;
}

/* A reader of the next bytes; of none, if they are not there. */
static struct reader part_read(struct reader *r, size_t length)
{
    const uint8_t *bytes = read_bytes(r, length);

    return reader_of(bytes, bytes ? length : 0);
}

bool service_dhcp_header_read(const uint8_t *bytes, size_t length, struct service_dhcp_message *m)
{
    struct reader r = reader_of(bytes, length), sname, file;
    uint8_t op, type, hardware_length, overload = 0, none;

    memset(m, 0, sizeof *m);
    op = read_u8(&r);
    type = read_u8(&r);
    hardware_length = read_u8(&r);
    read_skip(&r, 1); /* hops */
    m->xid = read_u32(&r);
    m->secs = read_u16(&r);
    m->is_broadcast = (read_u16(&r) & BROADCAST) != 0;
    m->client = read_u32(&r);
    m->your = read_u32(&r);
    m->server = read_u32(&r);
    m->relay = read_u32(&r);
    read_copy(&r, m->hardware, SERVICE_DHCP_HARDWARE);
    read_skip(&r, HARDWARE_BYTES - SERVICE_DHCP_HARDWARE);
    sname = part_read(&r, SNAME_BYTES);
    file = part_read(&r, FILE_BYTES);
    if (read_u32(&r) != COOKIE || r.failed || type != ETHERNET ||
        hardware_length != SERVICE_DHCP_HARDWARE || (op != 1 && op != 2))
        return false;
    m->is_reply = op == 2;
    if (!options_read(&r, m, &overload))
        return false;
    if (overload & OVERLOAD_FILE && !options_read(&file, m, &none))
        return false;
    if (overload & OVERLOAD_SNAME && !options_read(&sname, m, &none))
        return false;
    return m->type != DHCP_NONE;
}

/* ---- writing ---- */

static void option_write(struct writer *w, enum dhcp_option option, const void *value,
                         size_t length)
{
    write_u8(w, (uint8_t)option);
    write_u8(w, (uint8_t)length);
    write_copy(w, value, length);
}

static void number_write(struct writer *w, enum dhcp_option option, uint32_t value)
{
    uint8_t bytes[4];

    if (value == 0)
        return;
    u32_put(bytes, value);
    option_write(w, option, bytes, sizeof bytes);
}

static void list_write(struct writer *w, enum dhcp_option option, const uint32_t *list,
                       uint8_t count)
{
    uint8_t bytes[4 * SERVICE_DHCP_LIST];

    if (count == 0)
        return;
    for (unsigned i = 0; i < count; i++)
        u32_put(bytes + 4 * i, list[i]);
    option_write(w, option, bytes, 4U * count);
}

size_t service_dhcp_header_write(const struct service_dhcp_message *m, uint8_t *bytes)
{
    static const uint8_t parameters[] = {OPTION_MASK,     OPTION_ROUTER, OPTION_NAME_SERVER,
                                         OPTION_MTU,      OPTION_LEASE,  OPTION_RENEWAL,
                                         OPTION_REBINDING};
    struct writer w = writer_of(bytes, SERVICE_DHCP_BYTES);
    const uint8_t type = (uint8_t)m->type;
    size_t length;

    memset(bytes, 0, SERVICE_DHCP_BYTES);
    write_u8(&w, m->is_reply ? 2 : 1);
    write_u8(&w, ETHERNET);
    write_u8(&w, SERVICE_DHCP_HARDWARE);
    write_u8(&w, 0);
    write_u32(&w, m->xid);
    write_u16(&w, m->secs);
    write_u16(&w, m->is_broadcast ? BROADCAST : 0);
    write_u32(&w, m->client);
    write_u32(&w, m->your);
    write_u32(&w, m->server);
    write_u32(&w, m->relay);
    write_copy(&w, m->hardware, SERVICE_DHCP_HARDWARE);
    (void)write_room(&w, HARDWARE_BYTES - SERVICE_DHCP_HARDWARE + SNAME_BYTES + FILE_BYTES);
    write_u32(&w, COOKIE);
    option_write(&w, OPTION_TYPE, &type, 1);
    number_write(&w, OPTION_SERVER, m->server_id);
    number_write(&w, OPTION_REQUESTED, m->requested);
    number_write(&w, OPTION_LEASE, m->lease);
    number_write(&w, OPTION_RENEWAL, m->renewal);
    number_write(&w, OPTION_REBINDING, m->rebinding);
    number_write(&w, OPTION_MASK, m->mask); /* before the routers: RFC 2132 3.3 */
    list_write(&w, OPTION_ROUTER, m->router, m->routers);
    list_write(&w, OPTION_NAME_SERVER, m->name_server, m->name_servers);
    if (m->id_length > 0)
        option_write(&w, OPTION_CLIENT, m->id, m->id_length);
    if (m->mtu > 0)
        option_write(&w, OPTION_MTU, (const uint8_t[]){(uint8_t)(m->mtu >> 8), (uint8_t)m->mtu}, 2);
    if (m->host[0] != '\0')
        option_write(&w, OPTION_HOST, m->host, strlen(m->host));
    if (m->asks_parameters)
        option_write(&w, OPTION_PARAMETERS, parameters, sizeof parameters);
    write_u8(&w, OPTION_END);
    length = (size_t)(w.at - bytes);
    return length < SERVICE_DHCP_LEAST ? SERVICE_DHCP_LEAST : length;
}
