/* SPDX-License-Identifier: MIT */
/*
 * Words with a rank, in their order on the arrow; what fits is chosen by rank (label.h). The names
 * of ICMP's types and codes are those of RFC 792 and RFC 1812 5.2.7.1.
 */
#include "label.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST_WORDS = 16, WORD_BYTES = 48, LEAST_RANK = 9 };

struct words {
    struct {
        char text[WORD_BYTES];
        int rank; /* 0: goes on first */
    } word[MOST_WORDS];
    int count;
};

__attribute__((format(printf, 3, 4))) static void add(struct words *w, int rank, const char *format,
                                                      ...)
{
    va_list list;

    if (w->count == MOST_WORDS)
        return;
    va_start(list, format);
    vsnprintf(w->word[w->count].text, WORD_BYTES, format, list);
    va_end(list);
    w->word[w->count++].rank = rank;
}

/* The words that fit, chosen by rank, in their order. */
static void put(char label[LABEL_BYTES], int room, const struct words *w)
{
    bool is_kept[MOST_WORDS] = {false};
    int length = -1;
    size_t at = 0;

    for (int rank = 0; rank <= LEAST_RANK; rank++) {
        for (int i = 0; i < w->count; i++) {
            int longer = length + 1 + (int)strlen(w->word[i].text);

            if (w->word[i].rank != rank || (longer > room && length >= 0))
                continue;
            is_kept[i] = true;
            length = longer;
        }
    }
    label[0] = 0;
    for (int i = 0; i < w->count && at + WORD_BYTES < LABEL_BYTES; i++) {
        if (is_kept[i])
            at += (size_t)snprintf(label + at, LABEL_BYTES - at, "%s%s", at ? " " : "",
                                   w->word[i].text);
    }
}

/* PSH says the least, of what a segment does. */
static void add_flags(struct words *w, uint16_t flags)
{
    static const struct {
        uint16_t flag;
        int rank;
        const char *word;
    } words[] = {{DECODE_SYN, 0, "SYN"}, {DECODE_FIN, 0, "FIN"}, {DECODE_RST, 0, "RST"},
                 {DECODE_PSH, 9, "PSH"}, {DECODE_URG, 0, "URG"}, {DECODE_ACK, 0, "ACK"}};

    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        if (flags & words[i].flag)
            add(w, words[i].rank, "%s", words[i].word);
    }
}

static const char *mark_words(unsigned mark)
{
    static const char *const words[MARK_COUNT] = {
        NULL,          "again: timeout",     "again: timeout", "again: 3rd dup ACK",
        "again: SACK", "again: partial ACK", "window probe",   "keep-alive",
        "challenge",
    };

    return mark < MARK_COUNT ? words[mark] : NULL;
}

void label_tcp(char label[LABEL_BYTES], int room, const struct decode *d, const struct flow *flow,
               int side, unsigned mark)
{
    const struct decode_tcp *tcp = &d->tcp;
    const char *why = mark_words(mark);
    struct words w = {.count = 0};

    add_flags(&w, tcp->flags);
    add(&w, 2, "seq=%" PRIu32, flows_seq(flow, side, tcp->seq));
    if (tcp->flags & DECODE_ACK)
        add(&w, 4, "ack=%" PRIu32, flows_ack(flow, side, tcp->ack));
    if (d->payload_length)
        add(&w, 3, "len=%zu", d->payload_length);
    else if (!(tcp->flags & (DECODE_RST | DECODE_FIN)))
        add(&w, 6, "win=%u", tcp->window);
    if (tcp->flags & DECODE_SYN && tcp->has_mss)
        add(&w, 7, "mss=%u", tcp->mss);
    if (tcp->flags & DECODE_SYN && tcp->has_wscale)
        add(&w, 8, "wscale=%u", tcp->wscale);
    if (tcp->sacks > 0)
        add(&w, 5, "sack=%" PRIu32 ":%" PRIu32, flows_ack(flow, side, tcp->sack_start[0]),
            flows_ack(flow, side, tcp->sack_end[0]));
    if (why)
        add(&w, 1, "%s", why);
    put(label, room, &w);
}

void label_udp(char label[LABEL_BYTES], int room, const struct decode *d)
{
    struct words w = {.count = 0};

    add(&w, 0, "%slen=%d", d->ip.more_fragments ? "in all " : "",
        d->udp.length >= 8 ? d->udp.length - 8 : 0);
    if (d->ip.more_fragments)
        add(&w, 1, "fragment at 0 len=%zu", d->payload_length);
    put(label, room, &w);
}

static const char *unreachable_words(uint8_t code)
{
    static const char *const words[] = {
        "network unreachable",
        "host unreachable",
        "protocol unreachable",
        "port unreachable",
        "fragmentation needed",
        "source route failed",
        "network unknown",
        "host unknown",
        NULL,
        "network prohibited",
        "host prohibited",
        NULL,
        NULL,
        "communication prohibited",
    };

    return code < sizeof words / sizeof *words && words[code] ? words[code] : "unreachable";
}

void label_icmp(char label[LABEL_BYTES], int room, const struct decode *d)
{
    const struct decode_icmp *icmp = &d->icmp;
    struct words w = {.count = 0};

    switch (icmp->type) {
    case 0:
    case 8:
        add(&w, 0, "%s", icmp->type == 8 ? "echo request" : "echo reply");
        add(&w, 1, "seq=%u", icmp->sequence);
        add(&w, 2, "len=%zu", d->payload_length);
        break;
    case 3:
        add(&w, 0, "%s", unreachable_words(icmp->code));
        if (icmp->code == 4)
            add(&w, 1, "mtu=%u", icmp->mtu);
        break;
    case 11:
        add(&w, 0, "%s", icmp->code == 0 ? "time exceeded: TTL" : "time exceeded: reassembly");
        break;
    default:
        add(&w, 0, "type %u code %u", icmp->type, icmp->code);
        break;
    }
    if (icmp->has_quote_ports)
        add(&w, 3, "of %u to %u", icmp->quote_source_port, icmp->quote_dest_port);
    put(label, room, &w);
}

void label_fragment(char label[LABEL_BYTES], int room, const struct decode *d)
{
    struct words w = {.count = 0};

    add(&w, 0, "fragment at %u", d->ip.fragment_offset);
    add(&w, 1, "len=%zu", d->payload_length);
    if (!d->ip.more_fragments)
        add(&w, 2, "the last");
    put(label, room, &w);
}
