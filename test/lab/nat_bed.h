/* SPDX-License-Identifier: MIT */
/*
 * A router that translates between two doors, and plays of packets through it: what comes out is
 * compared with what their lines say (nat_line.h).
 */
#pragma once
#include "lab/nat_packet.h"

/* ---- what comes out ---- */

/* Where the transport begins, and a fragment's place if it is one. */
static uint32_t nat_payload(const uint8_t *at, uint8_t *protocol, uint32_t *offset, bool *more)
{
    bool is6 = at[0] >> 4 == 6;
    uint32_t field = is6 ? u16_at(at + 42) : u16_at(at + 6);

    *protocol = at[is6 ? 6 : 9];
    *offset = 0;
    *more = false;
    if (is6 && *protocol != NAT_FRAGMENT)
        return 40;
    *offset = is6 ? field & 0xfff8 : (field & 0x1fff) * 8;
    *more = is6 ? field & 1 : (field & 0x2000) != 0;
    if (is6)
        *protocol = at[40];
    return is6 ? 48 : (at[0] & 15U) * 4;
}

static struct address nat_read_address(const uint8_t *at, bool dest)
{
    if (at[0] >> 4 == 4)
        return address_from_ip4(u32_at(at + (dest ? 16 : 12)));
    at += dest ? 24 : 8;
    return (struct address){(uint64_t)u32_at(at) << 32 | u32_at(at + 4),
                            (uint64_t)u32_at(at + 8) << 32 | u32_at(at + 12)};
}

/* The next that has come out, whole: one packet, or the fragments of one, in order. */
static bool nat_take(struct nat_seen *seen)
{
    static uint8_t piece[NAT_ROOM];
    uint32_t offset, header, next = 0;
    uint8_t protocol;
    bool more = true;
    ssize_t n;

    memset(seen, 0, sizeof *seen);
    for (seen->door = NAT_IN; seen->door < NAT_DOORS; seen->door++)
        while (more &&
               (n = sockeye_emit(nat_lab, nat_door[seen->door], piece, sizeof piece, NULL)) > 0) {
            nat_check(n <= (seen->door ? NAT_MTU_OUT : NAT_MTU_IN));
            header = nat_payload(piece, &protocol, &offset, &more);
            nat_check(offset == next);
            if (offset == 0)
                memcpy(seen->bytes, piece, header);
            else
                nat_check(memcmp(seen->bytes + 8, piece + 8, 2) == 0);
            if (offset == 0)
                seen->length = header;
            memcpy(seen->bytes + seen->length, piece + header, (size_t)n - header);
            seen->length += (uint32_t)n - header;
            next += (uint32_t)n - header;
            seen->pieces++;
            if (!more)
                return true;
        }
    return false;
}

static void nat_drain(void)
{
    static struct nat_seen seen;

    while (nat_take(&seen))
        ;
}

/* Addresses and ports of a packet, or of one that is quoted. */
static void nat_is_flow(const uint8_t *at, uint8_t protocol, const uint8_t *transport,
                        const struct nat_packet *about, const struct nat_end *from,
                        const struct nat_end *to)
{
    bool is6 = at[0] >> 4 == 6, is_echo = about->protocol == NAT_ICMP;
    int id = is_echo ? u16_at(transport + 4) : 0;

    nat_check(protocol == nat_family(about->protocol, is6));
    if (protocol == NAT_OTHER)
        nat_check(nat_is_end(from, nat_read_address(at, false), 0) &&
                  nat_is_end(to, nat_read_address(at, true), 0));
    else if (is_echo)
        nat_check(nat_is_end(from, nat_read_address(at, false), about->is_answer ? 0 : id) &&
                  nat_is_end(to, nat_read_address(at, true), about->is_answer ? id : 0));
    else
        nat_check(nat_is_end(from, nat_read_address(at, false), u16_at(transport)) &&
                  nat_is_end(to, nat_read_address(at, true), u16_at(transport + 2)));
}

static void nat_is_error(const struct nat_packet *want, const uint8_t *at, const uint8_t *icmp,
                         uint32_t length)
{
    const uint8_t *quote = icmp + 8;
    uint32_t offset, header;
    uint8_t protocol;
    bool more;

    nat_check(icmp[0] == want->type && icmp[1] == want->code);
    nat_check(address_equal(nat_read_address(at, false), want->from.address));
    nat_check(address_equal(nat_read_address(at, true), want->to.address));
    nat_check(length >= 8 + 28);
    if (want->mtu)
        nat_check(u32_at(icmp + 4) == want->mtu);
    header = nat_payload(quote, &protocol, &offset, &more);
    nat_check(offset == 0);
    if (quote[0] >> 4 == 4)
        nat_check(checksum_finish(checksum_header(0, quote, header)) == 0);
    nat_is_flow(quote, protocol, quote + header, want, &want->quoted_from, &want->quoted_to);
    if (want->extended)
        nat_check(length == 8 + 128 + sizeof nat_extension &&
                  memcmp(icmp + 8 + 128, nat_extension, sizeof nat_extension) == 0);
}

/* The text is what was sent; a wrong checksum is wrong by as much. */
static void nat_is_text(const struct nat_packet *want, uint8_t protocol, const uint8_t *at,
                        const uint8_t *transport, uint32_t length)
{
    uint32_t header = protocol == NAT_TCP ? 20 : 8, sum_at = nat_sum_at(protocol);
    struct address from = nat_read_address(at, false), to = nat_read_address(at, true);

    nat_check(length == header + nat_sent.size);
    for (uint32_t i = 0; i < nat_sent.size; i++)
        nat_check(transport[header + i] == (uint8_t)(i * 7 + i / 256));
    if (protocol == NAT_TCP && !want->own)
        nat_check(transport[13] == nat_sent.flags);
    if (protocol == NAT_OTHER)
        return;
    if (nat_sent.no_sum)
        nat_check(u16_at(transport + sum_at) == 0);
    else
        nat_check((nat_sum(protocol, from, to, transport, length) != 0) == nat_sent.damaged);
}

static void nat_is(const struct nat_packet *want, const struct nat_seen *seen)
{
    const uint8_t *at = seen->bytes;
    bool is6 = at[0] >> 4 == 6, more;
    uint32_t offset, header, ttl = at[is6 ? 7 : 8], tos = is6 ? (u32_at(at) >> 20) & 0xff : at[1];
    uint8_t protocol;

    header = nat_payload(at, &protocol, &offset, &more);
    nat_check(seen->door == (nat_is_inside(nat_read_address(at, true)) ? NAT_IN : NAT_OUT));
    if (!is6 && seen->pieces == 1)
        nat_check(checksum_finish(checksum_header(0, at, header)) == 0);
    if (want->pieces)
        nat_check((uint32_t)seen->pieces == want->pieces);
    if (!want->own && !(want->is_error && !nat_sent.is_error)) {
        nat_check(ttl == (want->ttl ? want->ttl : nat_sent.ttl - 1));
        nat_check(tos == nat_sent.tos);
    }
    if (want->other_id)
        nat_check(is6 || u16_at(at + 4) != nat_sent.id);
    if (want->is_error) {
        nat_check(protocol == nat_family(NAT_ICMP, is6));
        nat_check(nat_sum(protocol, nat_read_address(at, false), nat_read_address(at, true),
                          at + header, seen->length - header) == 0);
        nat_is_error(want, at, at + header, seen->length - header);
        return;
    }
    nat_is_flow(at, protocol, at + header, want, &want->from, &want->to);
    nat_is_text(want, protocol, at, at + header, seen->length - header);
}

/* ---- plays ---- */

static void nat_expect(char **words, int count)
{
    static struct nat_seen seen;
    struct nat_packet want = {.is_error = nat_sent.is_error,
                              .protocol = nat_sent.protocol,
                              .type = nat_sent.type,
                              .code = nat_sent.code,
                              .is_answer = nat_sent.is_answer};

    if (count == 1 && strcmp(words[0], "-") == 0) {
        nat_check(!nat_take(&seen));
        return;
    }
    want.quoted_from = nat_sent.from;
    want.quoted_to = nat_sent.to;
    nat_packet_read(words, count, &want);
    nat_check(nat_take(&seen));
    nat_is(&want, &seen);
    nat_check(!nat_take(&seen));
}

static void nat_wait(int64_t time)
{
    int64_t until = sockeye_now(nat_lab) + time;

    for (int i = 0; i < 100000 && sockeye_now(nat_lab) < until; i++)
        (void)sockeye_advance(nat_lab, until);
    nat_check(sockeye_check(nat_lab) == 0);
}

static void nat_forward(char **words)
{
    struct nat_end to = nat_end_of(words[4]);
    char text[64];
    uint32_t ip4 = htonl(address_to_ip4(to.address));
    uint64_t ip6[2] = {htobe64(to.address.high), htobe64(to.address.low)};

    nat_check(inet_ntop(nat_is6(to.address) ? AF_INET6 : AF_INET,
                        nat_is6(to.address) ? (void *)ip6 : &ip4, text, sizeof text) != NULL);
    check_equal(sockeye_nat_forward(nat_lab, nat_router, nat_protocol(words[1]), atoi(words[2]),
                                    text, to.port),
                0);
}

static void nat_play_line(const char *line)
{
    char copy[256], *words[32], *rest = NULL;
    int count = 0, split;

    nat_line = line;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *w = strtok_r(copy, " ", &rest); w && count < 31; w = strtok_r(NULL, " ", &rest))
        words[count++] = w;
    for (split = 0; split < count && strcmp(words[split], "=") != 0; split++)
        ;
    if (strcmp(words[0], "forward") == 0) {
        nat_forward(words);
        return;
    }
    if (strcmp(words[0], "wait") == 0) {
        nat_wait((int64_t)(atof(words[1]) * 1000) * (NAT_SECOND / 1000));
    } else {
        nat_sent = (struct nat_packet){.size = 12, .ttl = NAT_TTL, .id = 7};
        nat_packet_read(words, split, &nat_sent);
        nat_send(&nat_sent);
        nat_wait(NAT_SECOND / 1000);
    }
    if (split < count)
        nat_expect(words + split + 1, count - split - 1);
    else /* whatever it is */
        nat_drain();
}

/* ---- the router ---- */

static void nat_setting(struct sockeye_nat_config *config, const char *word)
{
    static const char *const dependences[] = {"independent", "address", "port"};
    const char *value = strchr(word, '=');
    enum sockeye_nat_dependence dependence = SOCKEYE_NAT_DEFAULT;
    int64_t number = value ? atoi(value + 1) : 0;

    for (int i = 0; value && i < 3; i++)
        if (strcmp(value + 1, dependences[i]) == 0)
            dependence = (enum sockeye_nat_dependence)(SOCKEYE_NAT_INDEPENDENT + i);
    if (strcmp(word, "symmetric") == 0)
        config->mapping = config->filter = SOCKEYE_NAT_ADDRESS_AND_PORT;
    else if (strcmp(word, "cgn") == 0)
        config->filter = SOCKEYE_NAT_INDEPENDENT;
    else if (strncmp(word, "mapping=", 8) == 0)
        config->mapping = dependence;
    else if (strncmp(word, "filter=", 7) == 0)
        config->filter = dependence;
    else if (strcmp(word, "open") == 0)
        config->closed = 0;
    else if (strcmp(word, "no-hairpin") == 0)
        config->no_hairpin = 1;
    else if (strcmp(word, "refresh") == 0)
        config->inbound_refresh = 1;
    else if (strncmp(word, "sessions=", 9) == 0)
        config->sessions = (uint32_t)number;
    else if (strncmp(word, "host-sessions=", 14) == 0)
        config->host_sessions = (uint32_t)number;
    else if (strncmp(word, "first-port=", 11) == 0)
        config->port_first = (uint16_t)number;
    else if (strncmp(word, "last-port=", 10) == 0)
        config->port_last = (uint16_t)number;
    else if (strncmp(word, "udp=", 4) == 0)
        config->udp_ns = number * NAT_SECOND;
    else if (strncmp(word, "transitory=", 11) == 0)
        config->transitory_ns = number * NAT_SECOND;
    else if (strncmp(word, "established=", 12) == 0)
        config->established_ns = number * NAT_SECOND;
    else if (strncmp(word, "closing=", 8) == 0)
        config->closing_ns = number * NAT_SECOND;
    else if (strncmp(word, "icmp=", 5) == 0)
        config->icmp_ns = number * NAT_SECOND;
    else if (strcmp(word, "prefix") == 0)
        config->inner = "fd00::/64", config->outer = "2001:db8:aa::/64";
    else
        check(strcmp(word, "home") == 0 || strcmp(word, "no-route") == 0);
}

static void nat_open(const char *settings)
{
    static const char *const address[NAT_DOORS][2] = {{"192.168.1.1/24", "fd00::52/64"},
                                                      {"203.0.113.1/24", "2001:db8:1::4e/64"}};
    static const struct sockeye_config lab = {.hosts = 1, .wires = NAT_DOORS, .sockets = 16};
    struct sockeye_nat_config config = {.closed = 1};
    char copy[256], *rest = NULL;
    int interface = 0;

    nat_line = "the router";
    memset(nat_ports, 0, sizeof nat_ports);
    nat_prefix = (struct translate_prefix){
        .inner = {0xfd00000000000000, 0}, .outer = {0x20010db800aa0000, 0}, .bits = 64};
    check_equal(sockeye_open(&lab, &nat_lab), 0);
    nat_router = sockeye_router(nat_lab, "r");
    for (int i = 0; i < NAT_DOORS; i++) {
        nat_door[i] =
            sockeye_door(nat_lab, i ? "out" : "in", SOCKEYE_DOOR_IP, i ? NAT_MTU_OUT : NAT_MTU_IN);
        interface = sockeye_interface(nat_lab, nat_router, i ? "out" : "in", nat_door[i], 0, NULL);
        for (int k = 0; k < 2; k++)
            check_equal(sockeye_address(nat_lab, nat_router, interface, address[i][k]), 0);
    }
    snprintf(copy, sizeof copy, "%s", settings);
    for (char *w = strtok_r(copy, " ", &rest); w; w = strtok_r(NULL, " ", &rest))
        nat_setting(&config, w);
    check_equal(sockeye_nat(nat_lab, nat_router, interface, &config), 0);
    if (!strstr(settings, "no-route"))
        check_equal(sockeye_route(nat_lab, nat_router, "default", "203.0.113.254", 0), 0);
    check_equal(sockeye_route(nat_lab, nat_router, "10.0.0.0/8", "192.168.1.254", 0), 0);
    check_equal(sockeye_route(nat_lab, nat_router, "::/0", "2001:db8:1::fe", 0), 0);
    nat_wait(5 * NAT_SECOND);
    nat_drain(); /* what a router says of itself */
}

/* A play, and what is left of it: nothing, when its time is over. */
static void nat_play(const char *settings, const char *const *lines)
{
    nat_open(settings);
    for (; *lines; lines++)
        nat_play_line(*lines);
    nat_wait(20000 * NAT_SECOND);
}
