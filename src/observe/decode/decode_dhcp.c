/* SPDX-License-Identifier: MIT */
/*
 * DHCP for IPv4 (RFC 2131 2), options of RFC 2132, as a line: the message, whom it is about, the
 * address, and what is said of it. BOOTP without a message type is a request or a reply.
 */
#include "observe/decode/decode_message.h"

enum {
    FIXED = 236,
    COOKIE = 0x63825363,
    OPTION_PAD = 0,
    OPTION_ROUTERS = 3,
    OPTION_NAME_SERVERS = 6,
    OPTION_REQUESTED = 50,
    OPTION_LEASE = 51,
    OPTION_TYPE = 53,
    OPTION_SERVER = 54,
    OPTION_END = 255
};

static const char *type_name(uint8_t type)
{
    static const char *const names[] = {NULL,  "DISCOVER", "OFFER",   "REQUEST", "DECLINE",
                                        "ACK", "NAK",      "RELEASE", "INFORM"};

    return type < sizeof names / sizeof *names ? names[type] : NULL;
}

/* The data of an option of at least so many bytes, or NULL. */
static const uint8_t *find(struct decode_view v, uint8_t kind, size_t least)
{
    while (v.length > 0 && v.bytes[0] != OPTION_END) {
        size_t length;

        if (v.bytes[0] == OPTION_PAD) {
            v = decode_after(v, 1);
            continue;
        }
        length = v.length >= 2 ? v.bytes[1] + 2U : 0;
        if (length == 0 || length > v.length)
            return NULL;
        if (v.bytes[0] == kind && length - 2 >= least)
            return v.bytes + 2;
        v = decode_after(v, length);
    }
    return NULL;
}

static void add_option(struct decode *d, struct decode_view options, uint8_t kind, const char *word)
{
    const uint8_t *b = find(options, kind, 4);

    if (b)
        decode_message_add_address(d, word, decode_ip4_address(b));
}

void decode_dhcp_read(struct decode *d)
{
    struct decode_view v = decode_payload(d), options;
    const uint8_t *b = v.bytes, *type, *lease;
    const char *name;

    if (d->ip.version != 4 || v.length < FIXED + 4 || u32_at(b + FIXED) != COOKIE)
        return;
    d->protocol = "dhcp";
    options = decode_after(v, FIXED + 4);
    type = find(options, OPTION_TYPE, 1);
    name = type ? type_name(*type) : NULL;
    decode_message_add(d, "%s", name ? name : b[0] == 1 ? "BOOTP request" : "BOOTP reply");
    if (u32_at(b + 16) != 0)
        decode_message_add_address(d, " ", decode_ip4_address(b + 16));
    else if (u32_at(b + 12) != 0)
        decode_message_add_address(d, " ", decode_ip4_address(b + 12));
    add_option(d, options, OPTION_REQUESTED, " requested=");
    if (b[2] == 6)
        decode_message_add_mac(d, b[0] == 1 ? " from " : " to ", b + 28);
    lease = find(options, OPTION_LEASE, 4);
    if (lease)
        decode_message_add(d, " lease=%us", u32_at(lease));
    add_option(d, options, OPTION_SERVER, " server=");
    add_option(d, options, OPTION_ROUTERS, " router=");
    add_option(d, options, OPTION_NAME_SERVERS, " dns=");
    decode_message_add(d, " xid=0x%08x", u32_at(b + 4));
}
