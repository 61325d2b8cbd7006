/* SPDX-License-Identifier: MIT */
/*
 * DHCP for IPv6 (RFC 8415 8, 9, 21) as a line: the message, the addresses and prefixes lent, the
 * servers of names (RFC 3646 3), a status that is not success. Options in options are walked to
 * their depth: identity association, then address.
 */
#include "observe/decode/decode_message.h"

enum {
    RELAY_FORWARD = 12,
    RELAY_REPLY = 13,
    OPTION_IA_NA = 3,
    OPTION_IA_TA = 4,
    OPTION_IA_ADDRESS = 5,
    OPTION_STATUS = 13,
    OPTION_NAME_SERVERS = 23,
    OPTION_IA_PREFIX_DELEGATION = 25,
    OPTION_IA_PREFIX = 26
};

static const char *type_name(uint8_t type)
{
    static const char *const names[] = {
        NULL,         "SOLICIT",   "ADVERTISE", "REQUEST", "CONFIRM",     "RENEW",
        "REBIND",     "REPLY",     "RELEASE",   "DECLINE", "RECONFIGURE", "INFORMATION-REQUEST",
        "RELAY-FORW", "RELAY-REPL"};

    return type < sizeof names / sizeof *names ? names[type] : NULL;
}

/* Takes the next option off v. @return false at the end, and where one is cut off */
static bool next(struct decode_view *v, unsigned *kind, struct decode_view *data)
{
    size_t length;

    if (v->length < 4)
        return false;
    length = u16_at(v->bytes + 2);
    if (length > v->length - 4)
        return false;
    *kind = u16_at(v->bytes);
    *data = (struct decode_view){v->bytes + 4, length};
    *v = decode_after(*v, 4 + length);
    return true;
}

/* Those that stand in an association, and anywhere. */
static void add_option(struct decode *d, unsigned kind, struct decode_view data)
{
    if (kind == OPTION_IA_ADDRESS && data.length >= 24) {
        decode_message_add_address(d, " ", decode_ip6_address(data.bytes));
        decode_message_add(d, " lease=%us", u32_at(data.bytes + 20));
    } else if (kind == OPTION_IA_PREFIX && data.length >= 25) {
        decode_message_add_address(d, " ", decode_ip6_address(data.bytes + 9));
        decode_message_add(d, "/%u lease=%us", data.bytes[8], u32_at(data.bytes + 4));
    } else if (kind == OPTION_NAME_SERVERS && data.length >= 16) {
        decode_message_add_address(d, " dns=", decode_ip6_address(data.bytes));
    } else if (kind == OPTION_STATUS && data.length >= 2 && u16_at(data.bytes) != 0) {
        decode_message_add(d, " status=%u", u16_at(data.bytes));
    }
}

static size_t association_length(unsigned kind)
{
    return kind == OPTION_IA_NA || kind == OPTION_IA_PREFIX_DELEGATION ? 12
           : kind == OPTION_IA_TA                                      ? 4
                                                                       : 0;
}

void decode_dhcp6_read(struct decode *d)
{
    struct decode_view v = decode_payload(d), data, inner;
    unsigned kind, inner_kind;
    const char *name;
    bool is_relayed;

    if (d->ip.version != 6 || v.length < 4)
        return;
    name = type_name(v.bytes[0]);
    is_relayed = v.bytes[0] == RELAY_FORWARD || v.bytes[0] == RELAY_REPLY;
    if (!name || (is_relayed && v.length < 34))
        return;
    d->protocol = "dhcp6";
    decode_message_add(d, "%s", name);
    if (!is_relayed)
        decode_message_add(d, " xid=0x%06x", u32_at(v.bytes) & 0xffffff);
    v = decode_after(v, is_relayed ? 34 : 4);
    while (next(&v, &kind, &data)) {
        size_t fixed = association_length(kind);

        add_option(d, kind, data);
        if (fixed == 0 || data.length < fixed)
            continue;
        inner = decode_after(data, fixed);
        while (next(&inner, &inner_kind, &data))
            add_option(d, inner_kind, data);
    }
}
