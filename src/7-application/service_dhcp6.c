/* SPDX-License-Identifier: MIT */
/* The codec of stateless DHCPv6: see service_dhcp6.h. */
#include "7-application/service_dhcp6.h"

#include <string.h>

#include "base/bytes.h"

enum dhcp6_option {
    OPTION_CLIENT = 1,
    OPTION_SERVER = 2,
    OPTION_IA_NA = 3,
    OPTION_IA_TA = 4,
    OPTION_REQUEST = 6,
    OPTION_ELAPSED = 8,
    OPTION_NAME_SERVERS = 23,
    OPTION_DOMAINS = 24,
    OPTION_IA_PD = 25,
    OPTION_REFRESH = 32,
    OPTION_INF_MAX_RT = 83
};

enum { ADDRESS_BYTES = 16, LABEL_MOST = 63, DUID_LINK_LAYER = 3, ETHERNET = 1 };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

bool service_dhcp6_is_domain(const char *text)
{
    size_t length = strlen(text), label = 0;

    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.' ? label == 0 : !is_letter(text[i]))
            return false;
        label = text[i] == '.' ? 0 : label + 1;
        if (label > LABEL_MOST)
            return false;
    }
    return label > 0 && length < SERVICE_DHCP6_DOMAIN;
}

static void id_read(struct reader *r, struct service_dhcp6_id *id)
{
    size_t length = reader_left(r);

    r->failed |= length < 3 || length > SERVICE_DHCP6_ID; /* RFC 8415 11.1: a type, and something */
    if (r->failed)
        return;
    memset(id, 0, sizeof *id); /* of two the last holds */
    id->length = (uint8_t)length;
    read_copy(r, id->bytes, length);
}

static void servers_read(struct reader *r, struct service_dhcp6_message *m)
{
    r->failed |= reader_left(r) % ADDRESS_BYTES != 0;
    while (!r->failed && reader_left(r) > 0) {
        struct address a;

        a.high = read_u64(r);
        a.low = read_u64(r);
        if (m->name_servers < SERVICE_DHCP6_LIST && !address_is_unspecified(a) &&
            !address_is_multicast(a))
            m->name_server[m->name_servers++] = a;
    }
}

/* RFC 8415 10: labels, without compression. What is too long for us is passed over. */
static void domain_read(struct reader *r, struct service_dhcp6_message *m)
{
    char text[SERVICE_DHCP6_DOMAIN];
    size_t at = 0;
    bool is_kept = true;
    uint8_t length;

    while ((length = read_u8(r)) > 0) {
        const uint8_t *label = length > LABEL_MOST ? NULL : read_bytes(r, length);

        if (label == NULL) {
            r->failed = true;
            return;
        }
        is_kept = is_kept && at + length + 1 < sizeof text;
        if (!is_kept)
            continue;
        if (at > 0)
            text[at++] = '.';
        memcpy(text + at, label, length);
        at += length;
    }
    text[at] = '\0';
    if (r->failed || !is_kept || strlen(text) != at || !service_dhcp6_is_domain(text) ||
        m->domains == SERVICE_DHCP6_LIST)
        return;
    memcpy(m->domain[m->domains++], text, at + 1);
}

static void option_read(enum dhcp6_option option, struct reader *r, struct service_dhcp6_message *m)
{
    switch (option) {
    case OPTION_CLIENT:
        id_read(r, &m->client);
        break;
    case OPTION_SERVER:
        id_read(r, &m->server);
        break;
    case OPTION_IA_NA:
    case OPTION_IA_TA:
    case OPTION_IA_PD:
        m->has_association = true;
        break;
    case OPTION_REQUEST:
        m->asks = true;
        r->failed |= reader_left(r) % 2 != 0;
        break;
    case OPTION_ELAPSED:
        m->has_elapsed = true;
        m->elapsed = read_u16(r);
        r->failed |= reader_left(r) > 0;
        break;
    case OPTION_NAME_SERVERS:
        servers_read(r, m);
        break;
    case OPTION_DOMAINS:
        while (!r->failed && reader_left(r) > 0)
            domain_read(r, m);
        break;
    case OPTION_REFRESH:
        m->has_refresh = true;
        m->refresh = read_u32(r);
        r->failed |= reader_left(r) > 0;
        break;
    case OPTION_INF_MAX_RT:
        break;
    }
}

bool service_dhcp6_header_read(const uint8_t *bytes, size_t length, struct service_dhcp6_message *m)
{
    struct reader r = reader_of(bytes, length);

    memset(m, 0, sizeof *m);
    m->type = read_u8(&r);
    m->xid = (uint32_t)read_u8(&r) << 16;
    m->xid |= read_u16(&r);
    while (!r.failed && reader_left(&r) > 0) {
        uint16_t code = read_u16(&r), size = read_u16(&r);
        const uint8_t *value = read_bytes(&r, size);
        struct reader one;

        if (value == NULL)
            return false;
        one = reader_of(value, size);
        option_read((enum dhcp6_option)code, &one, m);
        if (one.failed)
            return false;
    }
    return !r.failed;
}

/* ---- writing ---- */

static void id_write(struct writer *w, enum dhcp6_option option, const struct service_dhcp6_id *id)
{
    if (id->length == 0)
        return;
    write_u16(w, (uint16_t)option);
    write_u16(w, id->length);
    write_copy(w, id->bytes, id->length);
}

static void servers_write(struct writer *w, const struct service_dhcp6_message *m)
{
    if (m->name_servers == 0)
        return;
    write_u16(w, OPTION_NAME_SERVERS);
    write_u16(w, (uint16_t)(m->name_servers * ADDRESS_BYTES));
    for (unsigned i = 0; i < m->name_servers; i++) {
        write_u64(w, m->name_server[i].high);
        write_u64(w, m->name_server[i].low);
    }
}

/* The text with each dot, and its beginning, as the length of what follows. */
static void domains_write(struct writer *w, const struct service_dhcp6_message *m)
{
    uint8_t *length;

    if (m->domains == 0)
        return;
    write_u16(w, OPTION_DOMAINS);
    length = write_room(w, 2);
    for (unsigned i = 0; i < m->domains; i++) {
        const char *at = m->domain[i];

        while (*at != '\0') {
            size_t label = strcspn(at, ".");

            write_u8(w, (uint8_t)label);
            write_copy(w, at, label);
            at += label + (at[label] == '.');
        }
        write_u8(w, 0);
    }
    if (length != NULL)
        u16_put(length, (uint16_t)(w->at - length - 2));
}

size_t service_dhcp6_header_write(const struct service_dhcp6_message *m, uint8_t *bytes)
{
    static const uint16_t wanted[] = {OPTION_NAME_SERVERS, OPTION_DOMAINS, OPTION_REFRESH,
                                      OPTION_INF_MAX_RT};
    enum { WANTED = sizeof wanted / sizeof *wanted };
    struct writer w = writer_of(bytes, SERVICE_DHCP6_BYTES);

    memset(bytes, 0, SERVICE_DHCP6_BYTES);
    write_u8(&w, m->type);
    write_u8(&w, (uint8_t)(m->xid >> 16));
    write_u16(&w, (uint16_t)m->xid);
    id_write(&w, OPTION_CLIENT, &m->client);
    id_write(&w, OPTION_SERVER, &m->server);
    if (m->has_elapsed) {
        write_u16(&w, OPTION_ELAPSED);
        write_u16(&w, 2);
        write_u16(&w, m->elapsed);
    }
    if (m->asks) {
        write_u16(&w, OPTION_REQUEST);
        write_u16(&w, 2 * WANTED);
        for (unsigned i = 0; i < WANTED; i++)
            write_u16(&w, wanted[i]);
    }
    servers_write(&w, m);
    domains_write(&w, m);
    if (m->has_refresh) {
        write_u16(&w, OPTION_REFRESH);
        write_u16(&w, 4);
        write_u32(&w, m->refresh);
    }
    return (size_t)(w.at - bytes);
}

void service_dhcp6_id_of(const uint8_t hardware[6], struct service_dhcp6_id *id)
{
    memset(id, 0, sizeof *id);
    id->length = 10;
    id->bytes[1] = DUID_LINK_LAYER;
    id->bytes[3] = ETHERNET;
    memcpy(id->bytes + 4, hardware, 6);
}
