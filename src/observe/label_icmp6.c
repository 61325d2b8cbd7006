/* SPDX-License-Identifier: MIT */
/* Echo and errors of ICMPv6, in the words of RFC 4443 3. */
#include "observe/label.h"
#include "observe/words.h"

static const char *unreachable6_words(uint8_t code)
{
    static const char *const words[] = {
        "no route",         "prohibited",     "beyond scope of source", "address unreachable",
        "port unreachable", "source refused", "route rejected",
    };

    return code < sizeof words / sizeof *words ? words[code] : "unreachable";
}

void label_icmp6(char label[LABEL_BYTES], int room, const struct decode *d)
{
    const struct decode_icmp *icmp = &d->icmp;
    struct words w = {.count = 0};

    switch (icmp->type) {
    case 128:
    case 129:
        words_add(&w, 0, "%s", icmp->type == 128 ? "echo request" : "echo reply");
        words_add(&w, 1, "seq=%u", icmp->sequence);
        words_add(&w, 2, "len=%zu", d->payload_length);
        break;
    case 1:
        words_add(&w, 0, "%s", unreachable6_words(icmp->code));
        break;
    case 2:
        words_add(&w, 0, "packet too big");
        words_add(&w, 1, "mtu=%u", icmp->mtu);
        break;
    case 3:
        words_add(&w, 0, "time exceeded: %s", icmp->code == 0 ? "hop limit" : "reassembly");
        break;
    case 4:
        words_add(&w, 0, "parameter problem");
        words_add(&w, 1, "at %u", icmp->pointer);
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
