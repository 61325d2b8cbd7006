/* SPDX-License-Identifier: MIT */
/* Packets as a script writes them: for messages that show what was expected beside what came. */
#include "drill/state.h"
#include <inttypes.h>
#include <stdarg.h>

struct drill_text {
    char *at;
    size_t left;
};

static void put(struct drill_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct drill_text *t, const char *format, ...)
{
    va_list list;
    int n;

    va_start(list, format);
    n = vsnprintf(t->at, t->left, format, list);
    va_end(list);
    if (n < 0)
        return;
    if ((size_t)n >= t->left)
        n = t->left ? (int)t->left - 1 : 0;
    t->at += n;
    t->left -= (size_t)n;
}

static void put_option(struct drill_text *t, const struct drill_option *o)
{
    static const char *const counters[] = {"e0b", "ceb", "e1b"};

    switch (o->kind) {
    case OPTION_EOL:
        put(t, "eol");
        break;
    case OPTION_NOP:
        put(t, "nop");
        break;
    case OPTION_MSS:
        put(t, "mss %" PRIu32, o->value[0]);
        break;
    case OPTION_WSCALE:
        put(t, "wscale %" PRIu32, o->value[0]);
        break;
    case OPTION_SACK_OK:
        put(t, "sackOK");
        break;
    case OPTION_SACK:
        put(t, "sack");
        for (int i = 0; i + 1 < o->count; i += 2)
            put(t, " %" PRIu32 ":%" PRIu32, o->value[i], o->value[i + 1]);
        break;
    case OPTION_TIMESTAMPS:
        put(t, "TS val %" PRIu32 " ecr %" PRIu32, o->value[0], o->value[1]);
        break;
    case OPTION_ACCECN0:
    case OPTION_ACCECN1:
        put(t, "ECN");
        for (int i = 0; i < o->count; i++)
            put(t, " %s %" PRIu32, counters[o->kind == OPTION_ACCECN0 ? i : 2 - i], o->value[i]);
        break;
    case OPTION_FAST_OPEN:
    case OPTION_FAST_OPEN_EXPERIMENTAL:
    case OPTION_OTHER:
        if (o->kind == OPTION_OTHER)
            put(t, "option %" PRIu32 "%s", o->value[0], o->length ? " " : "");
        else
            put(t, "%s%s", o->kind == OPTION_FAST_OPEN ? "FO" : "FOEXP", o->length ? " " : "");
        for (int i = 0; i < o->length; i++)
            put(t, "%02x", o->bytes[i]);
        break;
    }
}

static void put_tcp(struct drill_text *t, const struct drill_packet *p)
{
    static const char letters[] = "FSRP.UEWA";

    if (p->flags == 0)
        put(t, "-");
    for (int i = 0; i < 9; i++) {
        if (p->flags & 1U << i)
            put(t, "%c", letters[i]);
    }
    put(t, " %" PRIu32 ":%" PRIu32 "(%" PRIu32 ")", p->seq, p->seq + p->payload, p->payload);
    if (p->flags & 16)
        put(t, " ack %" PRIu32, p->ack);
    if (p->has_window)
        put(t, " win %" PRIu32, p->window);
    if (p->urgent)
        put(t, " urg %" PRIu32, p->urgent);
    if (p->any_options)
        put(t, " <...>");
    if (p->options) {
        put(t, " <");
        for (int i = 0; i < p->options; i++) {
            put(t, "%s", i ? "," : "");
            put_option(t, &p->option[i]);
        }
        put(t, ">");
    }
}

void drill_packet_text(const struct drill_packet *packet, char *text, size_t size)
{
    static const char *const ecn[] = {"noecn", "ect1", "ect0", "ce", "ect01"};
    struct drill_text t = {text, size};

    put(&t, "%s ", packet->inbound ? "<" : ">");
    if (packet->ecn > ECN_NONE && packet->ecn <= ECN_ECT)
        put(&t, "[%s] ", ecn[packet->ecn]);
    if (packet->protocol == 6)
        put_tcp(&t, packet);
    else if (packet->protocol == 17)
        put(&t, "udp (%" PRIu32 ")", packet->payload);
    else if (packet->protocol == 1 || packet->protocol == 58)
        put(&t, "icmp type %d code %d mtu %" PRIu32, packet->type, packet->code, packet->mtu);
    else
        put(&t, "IP protocol %d", packet->protocol);
}
