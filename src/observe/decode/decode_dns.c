/* SPDX-License-Identifier: MIT */
/*
 * DNS (RFC 1035 4.1) as a line: a query's first question; an answer's too, with the addresses and
 * names of its answer section, or the error. Names are read with their compression (RFC 1035
 * 4.1.4): a pointer leads back only, and MOST_POINTERS of them are followed.
 */
#include "observe/decode/decode_message.h"

enum {
    HEADER = 12,
    MOST_POINTERS = 16,
    MOST_ANSWERS = 8,
    FLAG_ANSWER = 0x8000,
    FLAG_TRUNCATED = 0x0200,
    TYPE_A = 1,
    TYPE_CNAME = 5,
    TYPE_PTR = 12,
    TYPE_AAAA = 28
};

static const char *type_name(unsigned type)
{
    static const struct {
        unsigned type;
        const char *name;
    } names[] = {{TYPE_A, "A"},     {2, "NS"},     {TYPE_CNAME, "CNAME"}, {6, "SOA"},
                 {TYPE_PTR, "PTR"}, {15, "MX"},    {16, "TXT"},           {TYPE_AAAA, "AAAA"},
                 {33, "SRV"},       {65, "HTTPS"}, {255, "ANY"}};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].type == type)
            return names[i].name;
    }
    return NULL;
}

static const char *error_name(unsigned code)
{
    static const char *const names[] = {NULL,       "FORMERR", "SERVFAIL",
                                        "NXDOMAIN", "NOTIMP",  "REFUSED"};

    return code < sizeof names / sizeof *names ? names[code] : "error";
}

/* Where the name at `at` ends; 0: it is cut off. */
static size_t name_end(struct decode_view v, size_t at)
{
    while (at < v.length) {
        uint8_t length = v.bytes[at];

        if (length >= 0xc0)
            return at + 2 <= v.length ? at + 2 : 0;
        if (length > 63)
            return 0;
        at += 1U + length;
        if (length == 0)
            return at;
    }
    return 0;
}

/* Every pointer leads to before where it stands, so this ends. */
static void add_name(struct decode *d, struct decode_view v, size_t at)
{
    bool is_first = true;

    for (int pointers = 0; at < v.length && v.bytes[at] != 0;) {
        uint8_t length = v.bytes[at];

        if (length >= 0xc0) {
            size_t to = at + 1 < v.length ? u16_at(v.bytes + at) & 0x3fffU : at;

            if (to >= at || ++pointers > MOST_POINTERS)
                return;
            at = to;
            continue;
        }
        if (length > 63 || length > v.length - at - 1)
            return;
        if (!is_first)
            decode_message_add(d, ".");
        decode_message_add_text(d, v.bytes + at + 1, length);
        is_first = false;
        at += 1U + length;
    }
    if (is_first)
        decode_message_add(d, ".");
}

static void add_data(struct decode *d, struct decode_view v, unsigned type, size_t at,
                     size_t length)
{
    if (type == TYPE_A && length == 4)
        decode_message_add_address(d, " ", decode_ip4_address(v.bytes + at));
    else if (type == TYPE_AAAA && length == 16)
        decode_message_add_address(d, " ", decode_ip6_address(v.bytes + at));
    else if (type == TYPE_CNAME || type == TYPE_PTR) {
        decode_message_add(d, type == TYPE_CNAME ? " alias " : " ");
        add_name(d, v, at);
    }
}

static void add_answers(struct decode *d, struct decode_view v, size_t at, unsigned count)
{
    if (count == 0)
        decode_message_add(d, " none");
    for (unsigned i = 0; i < count && i < MOST_ANSWERS; i++) {
        size_t length;

        at = name_end(v, at);
        if (at == 0 || v.length - at < 10)
            return;
        length = u16_at(v.bytes + at + 8);
        if (length > v.length - at - 10)
            return;
        add_data(d, v, u16_at(v.bytes + at), at + 10, length);
        at += 10 + length;
    }
}

/* The question ends at `end`, its type and class stand behind. */
static void add_question(struct decode *d, struct decode_view v, size_t end)
{
    const char *name = type_name(u16_at(v.bytes + end));

    if (name)
        decode_message_add(d, " %s ", name);
    else
        decode_message_add(d, " TYPE%u ", u16_at(v.bytes + end));
    add_name(d, v, HEADER);
}

/* Anything may come from these ports: what has not one sound question is not taken for DNS. */
void decode_dns_read(struct decode *d)
{
    struct decode_view v = decode_payload(d);
    const uint8_t *b = v.bytes;
    unsigned flags;
    size_t end;

    if (v.length < HEADER || u16_at(b + 4) != 1)
        return;
    flags = u16_at(b + 2);
    end = name_end(v, HEADER);
    if (end == 0 || v.length - end < 4)
        return;
    d->protocol = "dns";
    decode_message_add(d, flags & FLAG_ANSWER ? "answer" : "query");
    add_question(d, v, end);
    if (!(flags & FLAG_ANSWER))
        return;
    decode_message_add(d, ":");
    if (flags & 15)
        decode_message_add(d, " %s", error_name(flags & 15));
    else
        add_answers(d, v, end + 4, u16_at(b + 6));
    if (flags & FLAG_TRUNCATED)
        decode_message_add(d, " (truncated)");
}
