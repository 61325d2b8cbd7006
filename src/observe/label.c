/* SPDX-License-Identifier: MIT */
/*
 * Words with a rank, in their order on the arrow; what fits is chosen by rank (label.h). The names
 * of ICMP's types and codes are those of RFC 792 and RFC 1812 5.2.7.1.
 */
#include "observe/label.h"

#include "observe/words.h"
#include <inttypes.h>
#include <string.h>

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
            words_add(w, words[i].rank, "%s", words[i].word);
    }
}

const char *label_mark(unsigned mark)
{
    static const char *const words[MARK_COUNT] = {
        [MARK_RETRANSMIT_SYN] = "again: timeout",
        [MARK_RETRANSMIT_RTO] = "again: timeout",
        [MARK_RETRANSMIT_FAST] = "again: 3rd dup ACK",
        [MARK_RETRANSMIT_SACK] = "again: SACK",
        [MARK_RETRANSMIT_PARTIAL] = "again: partial ACK",
        [MARK_WINDOW_PROBE] = "window probe",
        [MARK_KEEPALIVE] = "keep-alive",
        [MARK_CHALLENGE_ACK] = "challenge",
        [MARK_LAPB_REJECTED] = "again: REJ",
        [MARK_LAPB_TIMER] = "again: T1",
    };

    return mark < MARK_COUNT ? words[mark] : NULL;
}

void label_tcp(char label[LABEL_BYTES], int room, const struct decode *d, const struct flow *flow,
               int side, unsigned mark)
{
    const struct decode_tcp *tcp = &d->tcp;
    const char *why = label_mark(mark);
    struct words w = {.count = 0};

    add_flags(&w, tcp->flags);
    words_add(&w, 2, "seq=%" PRIu32, flows_seq(flow, side, tcp->seq));
    if (tcp->flags & DECODE_ACK)
        words_add(&w, 4, "ack=%" PRIu32, flows_ack(flow, side, tcp->ack));
    if (d->payload_length)
        words_add(&w, 3, "len=%zu", d->payload_length);
    else if (!(tcp->flags & (DECODE_RST | DECODE_FIN)))
        words_add(&w, 6, "win=%u", tcp->window);
    if (tcp->flags & DECODE_SYN && tcp->has_mss)
        words_add(&w, 7, "mss=%u", tcp->mss);
    if (tcp->flags & DECODE_SYN && tcp->has_wscale)
        words_add(&w, 8, "wscale=%u", tcp->wscale);
    if (tcp->sacks > 0)
        words_add(&w, 5, "sack=%" PRIu32 ":%" PRIu32, flows_ack(flow, side, tcp->sack_start[0]),
                  flows_ack(flow, side, tcp->sack_end[0]));
    if (why)
        words_add(&w, 1, "%s", why);
    words_put(label, LABEL_BYTES, room, &w);
}

/* What a message says, its first word first. */
static void add_message(struct words *w, const char *message)
{
    int rank = 0;

    while (*message) {
        int length = (int)strcspn(message, " ");

        words_add(w, rank, "%.*s", length, message);
        message += length;
        message += strspn(message, " ");
        if (rank < WORDS_LEAST_RANK)
            rank++;
    }
}

void label_udp(char label[LABEL_BYTES], int room, const struct decode *d)
{
    struct words w = {.count = 0};

    if (d->protocol) {
        add_message(&w, d->message);
        words_put(label, LABEL_BYTES, room, &w);
        return;
    }
    words_add(&w, 0, "%slen=%d", d->ip.more_fragments ? "in all " : "",
              d->udp.length >= 8 ? d->udp.length - 8 : 0);
    if (d->ip.more_fragments)
        words_add(&w, 1, "fragment at 0 len=%zu", d->payload_length);
    words_put(label, LABEL_BYTES, room, &w);
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
        words_add(&w, 0, "%s", icmp->type == 8 ? "echo request" : "echo reply");
        words_add(&w, 1, "seq=%u", icmp->sequence);
        words_add(&w, 2, "len=%zu", d->payload_length);
        break;
    case 3:
        words_add(&w, 0, "%s", unreachable_words(icmp->code));
        if (icmp->code == 4)
            words_add(&w, 1, "mtu=%u", icmp->mtu);
        break;
    case 11:
        words_add(&w, 0, "%s",
                  icmp->code == 0 ? "time exceeded: TTL" : "time exceeded: reassembly");
        break;
    default:
        words_add(&w, 0, "type %u code %u", icmp->type, icmp->code);
        break;
    }
    if (icmp->has_quote_echo)
        words_add(&w, 3, "of seq=%u", icmp->quote_echo_sequence);
    if (icmp->has_quote_ports)
        words_add(&w, 3, "of %u to %u", icmp->quote_source_port, icmp->quote_dest_port);
    words_put(label, LABEL_BYTES, room, &w);
}

void label_fragment(char label[LABEL_BYTES], int room, const struct decode *d)
{
    struct words w = {.count = 0};

    words_add(&w, 0, "fragment at %u", d->ip.fragment_offset);
    words_add(&w, 1, "len=%zu", d->payload_length);
    if (!d->ip.more_fragments)
        words_add(&w, 2, "the last");
    words_put(label, LABEL_BYTES, room, &w);
}
