/* SPDX-License-Identifier: MIT */
/*
 * Addresses as numbers, bytes and text. The kinds of address are those of RFC 1122 3.2.1.3 and
 * RFC 5771 3 (IPv4 groups) and of RFC 4291 2.5.3 and 2.7 (IPv6). Every text form of RFC 4291 2.2 is
 * read; written is the one form that RFC 5952 4 recommends, and a mapped address as plain IPv4.
 */
#include "base/address.h"

bool address_is_multicast(struct address a)
{
    if (address_is_mapped(a))
        return address_to_ip4(a) >> 28 == 0xe;
    return a.high >> 56 == 0xff;
}

bool address_is_limited_broadcast(struct address a)
{
    return address_is_mapped(a) && address_to_ip4(a) == UINT32_MAX;
}

bool address_is_loopback(struct address a)
{
    if (address_is_mapped(a))
        return address_to_ip4(a) >> 24 == 127;
    return a.high == 0 && a.low == 1;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number of 0..255 without leading zeros. */
static bool parse_number(const char **text, uint32_t *number)
{
    const char *at = *text;
    uint32_t n = 0;

    if (!is_digit(*at) || (*at == '0' && is_digit(at[1])))
        return false;
    for (; is_digit(*at); at++) {
        n = n * 10 + (uint32_t)(*at - '0');
        if (n > 255)
            return false;
    }
    *text = at;
    *number = n;
    return true;
}

static bool parse_ip4(const char *text, const char **end, uint32_t *number)
{
    uint32_t ip4 = 0;

    for (unsigned i = 0; i < 4; i++) {
        uint32_t n;

        if (i > 0 && *text++ != '.')
            return false;
        if (!parse_number(&text, &n))
            return false;
        ip4 = ip4 << 8 | n;
    }
    *number = ip4;
    *end = text;
    return true;
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* One to four hexadecimal digits. */
static bool parse_group(const char **text, uint32_t *number)
{
    const char *at = *text;
    uint32_t n = 0;

    for (; is_hex(*at); at++) {
        if (at - *text == 4)
            return false;
        n = n << 4 | (uint32_t)(is_digit(*at) ? *at - '0' : (*at | 0x20) - 'a' + 10);
    }
    if (at == *text)
        return false;
    *text = at;
    *number = n;
    return true;
}

/* The groups of an address as far as they were read. */
struct groups {
    uint16_t group[8];
    unsigned count;
    unsigned gap; /* where the "::" stood; 8: nowhere */
};

/* RFC 4291 2.2, form 3: the last four bytes may be written as IPv4 is. */
static bool parse_tail_ip4(const char **text, struct groups *g)
{
    const char *at = *text, *end;
    uint32_t ip4;

    while (is_digit(*at))
        at++;
    if (*at != '.' || g->count > 6 || !parse_ip4(*text, &end, &ip4))
        return false;
    g->group[g->count++] = (uint16_t)(ip4 >> 16);
    g->group[g->count++] = (uint16_t)ip4;
    *text = end;
    return true;
}

/* RFC 4291 2.2: eight groups, of which a run of zeros may be left out once. */
static bool parse_groups(const char **text, struct groups *g)
{
    const char *at = *text;
    uint32_t n;

    if (at[0] == ':') {
        if (at[1] != ':')
            return false;
        g->gap = 0;
        at += 2;
    }
    while (g->count < 8) {
        if (g->gap == g->count && !is_hex(*at))
            break;
        if (parse_tail_ip4(&at, g))
            break;
        if (!parse_group(&at, &n))
            return false;
        g->group[g->count++] = (uint16_t)n;
        if (*at != ':')
            break;
        if (at[1] == ':') {
            if (g->gap != 8 || g->count == 8)
                return false;
            g->gap = g->count;
            at++;
        } else if (g->count == 8) {
            return false;
        }
        at++;
    }
    *text = at;
    return g->gap == 8 ? g->count == 8 : g->count < 8;
}

static bool parse_ip6(const char *text, const char **end, struct address *a)
{
    struct groups g = {.gap = 8};
    uint64_t half[2] = {0, 0};
    unsigned left_out;

    if (!parse_groups(&text, &g))
        return false;
    left_out = 8 - g.count;
    for (unsigned i = 0; i < g.count; i++) {
        unsigned at = i < g.gap ? i : i + left_out;

        half[at / 4] |= (uint64_t)g.group[i] << (48 - 16 * (at % 4));
    }
    *a = (struct address){.high = half[0], .low = half[1]};
    *end = text;
    return true;
}

bool address_parse(const char *text, const char **end, struct address *a)
{
    const char *at = text;
    uint32_t ip4;

    while (is_hex(*at))
        at++;
    if (*at == ':')
        return parse_ip6(text, end, a);
    if (!parse_ip4(text, end, &ip4))
        return false;
    *a = address_from_ip4(ip4);
    return true;
}

static size_t put_decimal(char *to, uint32_t n)
{
    size_t length = 0;

    if (n >= 100)
        to[length++] = (char)('0' + n / 100);
    if (n >= 10)
        to[length++] = (char)('0' + n / 10 % 10);
    to[length++] = (char)('0' + n % 10);
    return length;
}

static size_t format_ip4(uint32_t ip4, char *text)
{
    size_t length = 0;

    for (unsigned i = 0; i < 4; i++) {
        if (i)
            text[length++] = '.';
        length += put_decimal(text + length, ip4 >> (24 - 8 * i) & 0xff);
    }
    text[length] = 0;
    return length;
}

static unsigned group(struct address a, unsigned i)
{
    return (unsigned)((i < 4 ? a.high >> (48 - 16 * i) : a.low >> (112 - 16 * i)) & 0xffff);
}

/* RFC 5952 4.2: the longest run of two or more zero groups, the first of equals. */
static unsigned longest_zeros(struct address a, unsigned *first)
{
    unsigned longest = 1, run = 0;

    for (unsigned i = 0; i < 8; i++) {
        run = group(a, i) == 0 ? run + 1 : 0;
        if (run > longest) {
            longest = run;
            *first = i + 1 - run;
        }
    }
    return longest >= 2 ? longest : 0;
}

static size_t put_hex(char *to, unsigned n)
{
    size_t length = 0;

    for (unsigned shift = 16; shift > 0; shift -= 4) {
        unsigned digit = n >> (shift - 4) & 0xf;

        if (length > 0 || digit > 0 || shift == 4)
            to[length++] = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
    }
    return length;
}

size_t address_format(struct address a, char text[ADDRESS_TEXT_BYTES])
{
    unsigned first = 8, zeros;
    size_t length = 0;

    if (address_is_mapped(a))
        return format_ip4(address_to_ip4(a), text);
    zeros = longest_zeros(a, &first);
    for (unsigned i = 0; i < 8; i++) {
        if (zeros && i == first) {
            text[length++] = ':';
            text[length++] = ':';
            i += zeros - 1;
            continue;
        }
        if (i > 0 && text[length - 1] != ':')
            text[length++] = ':';
        length += put_hex(text + length, group(a, i));
    }
    text[length] = 0;
    return length;
}
