/* SPDX-License-Identifier: MIT */
/*
 * Packets of a script:
 *
 *     packet   ['['ip']'] (tcp | udp '('length')' | icmp)
 *     ip       ect0 ect1 ect01 ce noecn, tos N, ttl N
 *     tcp      flags seq:end(length) [ack N] [win N] [urg N] ['<'option, ...'>' | '<'...'>']
 *     flags    F S R P . U E W A, and a digit: the ACE field of AccECN; - for none
 *     icmp     (icmp | icmpv6) type [code] [mtu N] ['['quote']']
 *     quote    [tcp] seq:end(length) | udp (length)
 *
 * Options: mss N, wscale N, sackOK, nop, eol, TS val N ecr N, sack a:b c:d, FO [cookie],
 * FOEXP [cookie] (RFC 7413), ECN e0b N ceb N e1b N in wire order (AccECN). A word that is neither
 * may be a define of the caller.
 */
#include "drill/parser.h"
#include <ctype.h>
#include <string.h>

enum {
    MOST_PAYLOAD = 1 << 30, /* of a segment: it may be cut into many */
    MOST_OPTIONS = 40       /* bytes of TCP options (RFC 9293 3.1) */
};

struct icmp_word {
    const char *word;
    int type, code;
};

/* Types and codes have the numbers of RFC 792 and RFC 1122 3.2.2.1, and the names that scripts give
 * them. */
static const struct icmp_word types4[] = {
    {"echo_reply", 0, 0},         {"unreachable", 3, 0},  {"source_quench", 4, 0},
    {"redirect", 5, 0},           {"echo_request", 8, 0}, {"time_exceeded", 11, 0},
    {"parameter_problem", 12, 0}, {NULL, 0, 0},
};

static const struct icmp_word codes4[] = {
    {"net_unreachable", 3, 0},
    {"host_unreachable", 3, 1},
    {"protocol_unreachable", 3, 2},
    {"port_unreachable", 3, 3},
    {"frag_needed", 3, 4},
    {"source_route_failed", 3, 5},
    {"net_unknown", 3, 6},
    {"host_unknown", 3, 7},
    {"source_host_isolated", 3, 8},
    {"net_prohibited", 3, 9},
    {"host_prohibited", 3, 10},
    {"net_unreachable_for_tos", 3, 11},
    {"host_unreachable_for_tos", 3, 12},
    {"packet_filtered", 3, 13},
    {"precedence_violation", 3, 14},
    {"precedence_cutoff", 3, 15},
    {"ttl_exceeded", 11, 0},
    {"reassembly_timeout", 11, 1},
    {NULL, 0, 0},
};

/* The same of RFC 4443 3 and 4. */
static const struct icmp_word types6[] = {
    {"unreachable", 1, 0},
    {"packet_too_big", 2, 0},
    {"time_exceeded", 3, 0},
    {"parameter_problem", 4, 0},
    {"echo_request", 128, 0},
    {"echo_reply", 129, 0},
    {NULL, 0, 0},
};

static const struct icmp_word codes6[] = {
    {"no_route", 1, 0},
    {"net_unreachable", 1, 0},
    {"admin_prohibited", 1, 1},
    {"not_neighbour", 1, 2},
    {"address_unreachable", 1, 3},
    {"port_unreachable", 1, 4},
    {"exceeded_hop_limit", 3, 0},
    {"exceeded_frag_time", 3, 1},
    {"header_field", 4, 0},
    {"unknown_next_header", 4, 1},
    {"unknown_option", 4, 2},
    {NULL, 0, 0},
};

/* Fast Open cookies of 192.0.2.1 at 192.168.0.1: SipHash of the addresses under the key that
 * defaults.sh sets, and under a key of zeroes. */
static const struct drill_define usual[] = {
    {"TFO_COOKIE", "3021b9d889017eeb"},
    {"TFO_COOKIE_ZERO", "b7c12350a90dc8f5"},
};

static const char *define_of(const struct drill_options *options, const char *word)
{
    for (size_t i = 0; options && i < options->define_count; i++) {
        if (strcmp(options->defines[i].name, word) == 0)
            return options->defines[i].value;
    }
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        if (strcmp(usual[i].name, word) == 0)
            return usual[i].value;
    }
    return word;
}

static void parse_ip(struct drill_lexer *l, struct drill_packet *p)
{
    static const struct {
        const char *word;
        int ecn;
    } words[] = {{"noecn", ECN_NONE},
                 {"ect01", ECN_ECT},
                 {"ect0", ECN_ECT0},
                 {"ect1", ECN_ECT1},
                 {"ce", ECN_CE}};

    p->ecn = ECN_ANY;
    p->ttl = p->tos = -1;
    if (!drill_lexer_accept(l, "["))
        return;
    do {
        const char *word = drill_lexer_word(l);
        bool known = false;

        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            if (strcmp(words[i].word, word) == 0) {
                p->ecn = words[i].ecn;
                known = true;
            }
        }
        if (strcmp(word, "ttl") == 0)
            p->ttl = (int)drill_lexer_number_to(l, 0, 255);
        else if (strcmp(word, "tos") == 0)
            p->tos = (int)drill_lexer_number_to(l, 0, 255);
        else if (!known)
            drill_lexer_fail(l, "unknown IP field '%s'", word);
    } while (drill_lexer_accept(l, ","));
    drill_lexer_expect(l, "]");
}

static void parse_flags(struct drill_lexer *l, struct drill_packet *p)
{
    static const char letters[] = "FSRP.UEWA";
    const char *flags = drill_lexer_raw(l, "FSRP.UEWA0123456789-");

    if (!*flags) {
        drill_lexer_fail(l, "expected TCP flags, udp or icmp");
        return;
    }
    for (; *flags; flags++) {
        const char *letter = strchr(letters, *flags);

        if (letter)
            p->flags |= 1U << (letter - letters);
        else if (*flags >= '0' && *flags <= '7')
            p->flags |= (unsigned)(*flags - '0') << 6; /* ECE, CWR, AE */
        else if (*flags != '-')
            drill_lexer_fail(l, "the ACE field is 0 to 7");
    }
}

static uint32_t read_u32(struct drill_lexer *l)
{
    return (uint32_t)drill_lexer_number_to(l, 0, UINT32_MAX);
}

static uint32_t read_u16(struct drill_lexer *l)
{
    return (uint32_t)drill_lexer_number_to(l, 0, UINT16_MAX);
}

static void parse_sequence(struct drill_lexer *l, uint32_t *seq, uint32_t *payload)
{
    int64_t from, to, length;

    from = read_u32(l);
    drill_lexer_expect(l, ":");
    to = read_u32(l);
    drill_lexer_expect(l, "(");
    length = drill_lexer_number_to(l, 0, MOST_PAYLOAD);
    drill_lexer_expect(l, ")");
    if (!l->failed && (uint32_t)(from + length) != (uint32_t)to)
        drill_lexer_fail(l, "%lld:%lld is not %lld bytes", (long long)from, (long long)to,
                         (long long)length);
    *seq = (uint32_t)from;
    *payload = (uint32_t)length;
}

static void parse_cookie(struct drill_lexer *l, const struct drill_options *options,
                         struct drill_option *o)
{
    const char *word = "", *hex;

    if (isalnum((unsigned char)drill_lexer_peek(l)))
        word =
            drill_lexer_raw(l, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
    hex = define_of(options, word);
    for (; *hex; hex += 2) {
        unsigned byte;

        if (o->length == (int)sizeof o->bytes) {
            drill_lexer_fail(l, "a cookie of more than %zu bytes", sizeof o->bytes);
            return;
        }
        if (!isxdigit((unsigned char)hex[0]) || !isxdigit((unsigned char)hex[1]) ||
            sscanf(hex, "%2x", &byte) != 1) {
            drill_lexer_fail(l, "unknown cookie '%s': neither hexadecimal nor a define", word);
            return;
        }
        o->bytes[o->length++] = (uint8_t)byte;
    }
}

static void parse_sacks(struct drill_lexer *l, struct drill_option *o)
{
    while (isdigit((unsigned char)drill_lexer_peek(l)) && o->count < 8) {
        o->value[o->count++] = read_u32(l);
        drill_lexer_expect(l, ":");
        o->value[o->count++] = read_u32(l);
    }
}

static void parse_accecn(struct drill_lexer *l, struct drill_option *o)
{
    while (drill_lexer_peek(l) == 'e' || drill_lexer_peek(l) == 'c') {
        const char *word = drill_lexer_word(l);

        if (o->count == 0)
            o->kind = strcmp(word, "e1b") == 0 ? OPTION_ACCECN1 : OPTION_ACCECN0;
        if (o->count == 3 || (strcmp(word, "e0b") && strcmp(word, "ceb") && strcmp(word, "e1b")))
            drill_lexer_fail(l, "unknown counter '%s' in an ECN option", word);
        else
            o->value[o->count++] = read_u32(l);
    }
}

static void parse_option(struct drill_lexer *l, const struct drill_options *options,
                         struct drill_option *o)
{
    const char *word = drill_lexer_word(l);

    if (strcmp(word, "mss") == 0) {
        o->kind = OPTION_MSS;
        o->value[0] = read_u16(l);
    } else if (strcmp(word, "wscale") == 0) {
        o->kind = OPTION_WSCALE;
        o->value[0] = (uint32_t)drill_lexer_number_to(l, 0, UINT8_MAX);
    } else if (strcmp(word, "sackOK") == 0) {
        o->kind = OPTION_SACK_OK;
    } else if (strcmp(word, "nop") == 0) {
        o->kind = OPTION_NOP;
    } else if (strcmp(word, "eol") == 0) {
        o->kind = OPTION_EOL;
    } else if (strcmp(word, "TS") == 0) {
        o->kind = OPTION_TIMESTAMPS;
        drill_lexer_expect(l, "val");
        o->value[0] = read_u32(l);
        drill_lexer_expect(l, "ecr");
        o->value[1] = read_u32(l);
    } else if (strcmp(word, "sack") == 0) {
        o->kind = OPTION_SACK;
        parse_sacks(l, o);
    } else if (strcmp(word, "FO") == 0) {
        o->kind = OPTION_FAST_OPEN;
        parse_cookie(l, options, o);
    } else if (strcmp(word, "FOEXP") == 0) {
        o->kind = OPTION_FAST_OPEN_EXPERIMENTAL;
        parse_cookie(l, options, o);
    } else if (strcmp(word, "ECN") == 0) {
        o->kind = OPTION_ACCECN0;
        parse_accecn(l, o);
    } else {
        drill_lexer_fail(l, "unknown TCP option '%s'", word);
    }
}

/* Bytes of an option on the wire (RFC 9293 3.2 and what defines each). */
static int option_bytes(const struct drill_option *o)
{
    switch (o->kind) {
    case OPTION_EOL:
    case OPTION_NOP:
        return 1;
    case OPTION_MSS:
        return 4;
    case OPTION_WSCALE:
        return 3;
    case OPTION_TIMESTAMPS:
        return 10;
    case OPTION_SACK:
        return 2 + 4 * o->count;
    case OPTION_ACCECN0:
    case OPTION_ACCECN1:
        return 2 + 3 * o->count;
    case OPTION_FAST_OPEN_EXPERIMENTAL:
        return 4 + o->length;
    case OPTION_SACK_OK:
    case OPTION_FAST_OPEN:
    case OPTION_OTHER:
        break;
    }
    return 2 + o->length;
}

static void parse_options(struct drill_lexer *l, const struct drill_options *options,
                          struct drill_packet *p)
{
    int bytes = 0;

    if (drill_lexer_accept(l, "...")) {
        p->any_options = true;
        drill_lexer_expect(l, ">");
        return;
    }
    while (!l->failed && !drill_lexer_accept(l, ">")) {
        if (p->options)
            drill_lexer_expect(l, ",");
        if (p->options == PACKET_OPTIONS) {
            drill_lexer_fail(l, "too many TCP options");
            return;
        }
        parse_option(l, options, &p->option[p->options]);
        bytes += option_bytes(&p->option[p->options++]);
        if (bytes > MOST_OPTIONS)
            drill_lexer_fail(l, "more than %d bytes of TCP options", MOST_OPTIONS);
    }
}

static void parse_tcp(struct drill_lexer *l, const struct drill_options *options,
                      struct drill_packet *p)
{
    p->protocol = 6;
    parse_flags(l, p);
    parse_sequence(l, &p->seq, &p->payload);
    while (!l->failed) {
        if (drill_lexer_word_is(l, "ack")) {
            p->ack = read_u32(l);
            p->has_ack = true;
        } else if (drill_lexer_word_is(l, "win")) {
            p->window = read_u16(l);
            p->has_window = true;
        } else if (drill_lexer_word_is(l, "urg")) {
            p->urgent = read_u16(l);
        } else {
            break;
        }
    }
    if (drill_lexer_accept(l, "<"))
        parse_options(l, options, p);
}

/* type -1: of any type. @return NULL: there is none */
static const struct icmp_word *find(const struct icmp_word *words, int type, const char *word)
{
    for (; words->word; words++) {
        if (strcmp(words->word, word) == 0 && (type < 0 || words->type == type))
            return words;
    }
    return NULL;
}

static void parse_quote(struct drill_lexer *l, struct drill_packet *p)
{
    uint32_t length;

    p->quote_protocol = 6;
    if (!drill_lexer_accept(l, "["))
        return;
    p->has_quote = true;
    if (drill_lexer_word_is(l, "udp")) {
        p->quote_protocol = 17;
        drill_lexer_expect(l, "(");
        length = read_u16(l);
        drill_lexer_expect(l, ")");
        p->quote_payload = length;
    } else {
        (void)drill_lexer_word_is(l, "tcp");
        parse_sequence(l, &p->quote_seq, &p->quote_payload);
    }
    drill_lexer_expect(l, "]");
}

/* The code of a type by its name; -1: this type has none of that name, or is not there. */
static int code_of(const struct icmp_word *codes, int type, const char *word)
{
    const struct icmp_word *code = type < 0 ? NULL : find(codes, type, word);

    return code ? code->code : -1;
}

/* The code may be left out: then it is 0. */
static int parameter_problem_code(struct drill_lexer *l)
{
    for (const struct icmp_word *code = codes6; code->word; code++) {
        if (code->type == 4 && drill_lexer_word_is(l, code->word))
            return code->code;
    }
    return 0;
}

/* Both versions are tried: which one it is, is said elsewhere. */
static void parse_icmp(struct drill_lexer *l, const struct drill_options *options,
                       struct drill_packet *p, bool is_six)
{
    const char *word = drill_lexer_word(l);
    const struct icmp_word *type4 = is_six ? NULL : find(types4, -1, word);
    const struct icmp_word *type6 = find(types6, -1, word);

    p->protocol = 1;
    if (!type4 && !type6) {
        drill_lexer_fail(l, "unknown ICMP type '%s'", word);
        return;
    }
    p->type = type4 ? type4->type : -1;
    p->type6 = type6 ? type6->type : -1;
    if (p->type6 == 1 || p->type6 == 3) { /* and their like of IPv4 */
        word = define_of(options, drill_lexer_word(l));
        p->code = code_of(codes4, p->type, word);
        p->code6 = code_of(codes6, p->type6, word);
        if (p->code < 0 && p->code6 < 0) {
            drill_lexer_fail(l, "unknown ICMP code '%s'", word);
            return;
        }
    } else if (p->type6 == 4) {
        p->code6 = parameter_problem_code(l);
    }
    if (drill_lexer_word_is(l, "mtu")) /* of 16 bits in RFC 1191 4, of 32 in RFC 4443 3.2 */
        p->mtu = p->type6 == 2 ? read_u32(l) : read_u16(l);
    parse_quote(l, p);
}

struct drill_packet *drill_parse_packet(struct drill_lexer *l, const struct drill_options *options,
                                        bool inbound)
{
    struct drill_packet *p = drill_allocate(l->script, sizeof *p);

    if (!p) {
        drill_lexer_fail(l, "out of memory");
        return NULL;
    }
    p->inbound = inbound;
    parse_ip(l, p);
    if (drill_lexer_word_is(l, "icmpv6")) {
        parse_icmp(l, options, p, true);
    } else if (drill_lexer_word_is(l, "icmp")) {
        parse_icmp(l, options, p, false);
    } else if (drill_lexer_word_is(l, "udp")) {
        p->protocol = 17;
        drill_lexer_expect(l, "(");
        p->payload = read_u16(l);
        drill_lexer_expect(l, ")");
    } else {
        parse_tcp(l, options, p);
    }
    return p;
}
