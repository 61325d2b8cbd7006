/* SPDX-License-Identifier: MIT */
/*
 * Plays of packets through a router that translates between two doors (nat_bed.h). A play is lines
 * of text, each a packet and what comes of it:
 *
 *     udp a:5000 > x:53 = N:5000 > x:53        from whom to whom, and as whom it leaves
 *     tcp y:80 > N:5000 S = -                  nothing comes out, on either side
 *     udp a:1 > x:53 df size=1400 = error 3/4 R > a      its sender is told; of what it sent
 *     error 3/3 y > N about udp N:5000 > x:53 = y > a about a:5000 > x:53
 *     wait 300                                 seconds; what comes out meanwhile may be expected
 *     forward udp 80 > a:8080
 *
 * Inside are a, b (192.168.1.10, .11), c behind a router of theirs; outside x, y, z; R and N are
 * the router's own addresses, inside and outside. With a 6 behind it is the same in IPv6. A port
 * that is a letter, N:p, is chosen by the router: the same letter is the same port, another letter
 * or a number another one. `ping` has its identifier as the port of who asks, `pong` of who asked.
 *
 * Words behind the addresses: of TCP the flags S A F R; size=N bytes of text; ttl=N; tos=N; df;
 * cut=N, it comes in fragments of so many bytes, `reversed`, the last first, `lost`, without the
 * last; no-sum, UDP without a checksum; damaged, a checksum that is wrong, and stays so; options,
 * of the header of IPv4. Behind what comes out ttl=N, tos=N and pieces=N are looked at too. In all
 * that comes out every checksum is right, one hop is taken, the text is what was sent, and
 * fragments are in order and fit. mtu=N
 * is what an error says of the next hop; other-id: not the identification that was sent.
 */
#pragma once
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "3-network/translate_prefix.h"
#include "base/address.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "check.h"
#include "sockeye/sockeye.h"

enum { NAT_IN, NAT_OUT, NAT_DOORS };
enum { NAT_UDP = 17, NAT_TCP = 6, NAT_ICMP = 1, NAT_ICMP6 = 58, NAT_OTHER = 47, NAT_FRAGMENT = 44 };
enum { NAT_MTU_IN = 1500, NAT_MTU_OUT = 1400, NAT_ROOM = 4096, NAT_TTL = 64, NAT_PIECES = 16 };
enum { NAT_FIN = 1, NAT_SYN = 2, NAT_RST = 4, NAT_ACK = 16 };
#define NAT_SECOND INT64_C(1000000000)

struct nat_end {
    struct address address;
    int port;          /* 0: none */
    const char *named; /* a port by a word */
};

struct nat_packet {
    bool is_error;
    uint8_t protocol; /* of an error that of what it quotes */
    uint8_t type, code;
    bool is_answer; /* a pong */
    struct nat_end from, to, quoted_from, quoted_to;
    uint32_t size, cut, id, mtu, pieces;
    uint32_t ttl, tos;
    uint8_t flags;
    bool df, reversed, lost, no_sum, damaged, options, quoted_options, extended, other_id;
    bool own, quoted_damaged;
};

/* What came out of a door, whole. */
struct nat_seen {
    int door, pieces;
    uint32_t length;
    uint8_t bytes[NAT_ROOM];
};

static struct sockeye *nat_lab;
static int nat_door[NAT_DOORS], nat_router;
static struct translate_prefix nat_prefix;
static int nat_ports['z' + 1]; /* letters that have their port */
static struct nat_packet nat_sent;
static const uint8_t nat_extension[12] = {0x20, 0, 0xd6, 0xea, 0, 8, 1, 1, 0, 0, 0, 1};
static const char *nat_line; /* that is played */

#define nat_check(condition)                                                                       \
    ((condition) ? (void)0 : test_fail(__FILE__, __LINE__, "%s: %s", nat_line, #condition))

/* ---- names ---- */

static bool nat_is6(struct address a)
{
    return !address_is_mapped(a);
}

/* "x6": by a rule, so that whoever reads a packet knows whose it is. */
static struct address nat_address(const char *name, size_t length)
{
    static const struct {
        char name;
        uint32_t ip4;
        uint64_t network;
    } all[] = {{'a', 0xc0a8010a, 0xfd00000000000000}, {'b', 0xc0a8010b, 0xfd00000000000000},
               {'c', 0x0a00000c, 0xfd0000000000000c}, {'R', 0xc0a80101, 0xfd00000000000000},
               {'N', 0xcb007101, 0x20010db800010000}, {'x', 0xc6336401, 0x20010db800090000},
               {'y', 0xc6336402, 0x20010db800090000}, {'z', 0xc6336503, 0x20010db8000a0000}};
    bool is6 = name[length - 1] == '6', is_outer = name[0] == 'P';

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct address a = {all[i].network, (uint64_t)(unsigned char)all[i].name};

        if (all[i].name != name[is_outer])
            continue;
        if (is_outer) /* what a prefix makes of it */
            nat_check(translate_prefix_outbound(&nat_prefix, &a));
        return is6 ? a : address_from_ip4(all[i].ip4);
    }
    test_fail(__FILE__, __LINE__, "%s: nobody is %.*s", nat_line, (int)length, name);
}

/* Of these words: p and q are any port; of the others it is known which. */
static const char *nat_name_of(const char *word)
{
    static const char *const names[] = {"p", "q", "low", "high", "even", "odd"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(word, names[i]) == 0)
            return names[i];
    test_fail(__FILE__, __LINE__, "%s: no port is %s", nat_line, word);
}

static bool nat_is_as_named(const char *name, int port)
{
    return port > 0 && (strcmp(name, "low") != 0 || port < 1024) &&
           (strcmp(name, "high") != 0 || port >= 1024) &&
           (strcmp(name, "even") != 0 || port % 2 == 0) &&
           (strcmp(name, "odd") != 0 || port % 2 == 1);
}

static struct nat_end nat_end_of(const char *word)
{
    size_t length = strcspn(word, ":");
    struct nat_end end = {.address = nat_address(word, length)};

    if (word[length] == ':' && word[length + 1] >= 'a')
        end.named = nat_name_of(word + length + 1);
    else if (word[length] == ':')
        end.port = atoi(word + length + 1);
    return end;
}

/* A named port is what it was first, and is another one than the sender had. */
static bool nat_is_end(const struct nat_end *want, struct address address, int port)
{
    int *known = want->named ? &nat_ports[(unsigned char)want->named[0]] : NULL;

    if (!address_equal(want->address, address))
        return false;
    if (!known)
        return want->port == port;
    for (int i = 'a'; i <= 'z' && *known == 0; i++)
        if (nat_ports[i] == port)
            return false;
    if (*known == 0 && nat_is_as_named(want->named, port) && port != nat_sent.from.port)
        *known = port;
    return *known == port;
}

/* ---- the lines ---- */

static void nat_word(struct nat_packet *p, const char *word)
{
    static const struct {
        char letter;
        uint8_t flag;
    } flags[] = {{'S', NAT_SYN}, {'A', NAT_ACK}, {'F', NAT_FIN}, {'R', NAT_RST}};
    const struct {
        const char *name;
        uint32_t *at;
    } numbers[] = {{"size", &p->size}, {"cut", &p->cut}, {"ttl", &p->ttl},
                   {"tos", &p->tos},   {"mtu", &p->mtu}, {"pieces", &p->pieces}};
    const struct {
        const char *name;
        bool *at;
    } facts[] = {{"df", &p->df},
                 {"reversed", &p->reversed},
                 {"lost", &p->lost},
                 {"no-sum", &p->no_sum},
                 {"damaged", &p->damaged},
                 {"options", &p->options},
                 {"extended", &p->extended},
                 {"quoted-options", &p->quoted_options},
                 {"other-id", &p->other_id},
                 {"quoted-damaged", &p->quoted_damaged}};
    const char *value = strchr(word, '=');

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (value && strncmp(word, numbers[i].name, (size_t)(value - word)) == 0) {
            *numbers[i].at = (uint32_t)atoi(value + 1);
            return;
        }
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (strcmp(word, facts[i].name) == 0) {
            *facts[i].at = true;
            return;
        }
    for (size_t i = 0; word[i]; i++) {
        size_t k = 0;

        while (k < 4 && flags[k].letter != word[i])
            k++;
        if (k == 4)
            test_fail(__FILE__, __LINE__, "%s: what is \"%s\"?", nat_line, word);
        p->flags |= flags[k].flag;
    }
}

static uint8_t nat_protocol(const char *word)
{
    if (strcmp(word, "udp") == 0)
        return NAT_UDP;
    if (strcmp(word, "tcp") == 0)
        return NAT_TCP;
    return strcmp(word, "other") == 0 ? NAT_OTHER : NAT_ICMP;
}

/* "A > B", "KIND A > B about KIND C > D", and words. */
static void nat_packet_read(char **words, int count, struct nat_packet *p)
{
    int i = 0;

    if (count > 0 && strcmp(words[0], "error") == 0) {
        char *end;

        nat_check(count >= 5);
        p->is_error = true;
        p->type = (uint8_t)strtoul(words[1], &end, 10);
        p->code = (uint8_t)atoi(end + 1);
        i = 2;
    } else if (count > 3 && strcmp(words[1], ">") != 0) {
        p->protocol = nat_protocol(words[0]);
        p->is_answer = strcmp(words[0], "pong") == 0;
        p->own = true;
        i = 1;
    }
    nat_check(count >= i + 3 && strcmp(words[i + 1], ">") == 0);
    p->from = nat_end_of(words[i]);
    p->to = nat_end_of(words[i + 2]);
    for (i += 3; i < count; i++) {
        if (strcmp(words[i], "about") != 0) {
            nat_word(p, words[i]);
            continue;
        }
        if (strcmp(words[i + 2], ">") != 0) {
            p->protocol = nat_protocol(words[++i]);
            p->is_answer = strcmp(words[i], "pong") == 0;
        }
        p->quoted_from = nat_end_of(words[i + 1]);
        p->quoted_to = nat_end_of(words[i + 3]);
        i += 3;
    }
}
