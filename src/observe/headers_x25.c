/* SPDX-License-Identifier: MIT */
/* LAPB (X.25 2.3), packets of X.25 (5), and how many of them a segment of XOT has (RFC 1613). */
#include "observe/headers_x25.h"

#include <stdio.h>

static void put_lapb(struct fields *f, const struct decode_lapb *lapb)
{
    bool is_numbered = lapb->kind <= DECODE_LAPB_REJ;

    fields_begin(f, "lapb");
    fields_number(f, "address", lapb->address);
    fields_text(f, "frame", decode_lapb_name(lapb->kind));
    if (lapb->kind == DECODE_LAPB_I)
        fields_number(f, "ns", lapb->ns);
    if (is_numbered)
        fields_number(f, "nr", lapb->nr);
    if (lapb->poll)
        fields_bool(f, "poll", true);
    if (lapb->extended)
        fields_number(f, "modulo", 128);
    if (lapb->has_reject) {
        fields_number(f, "rejected", lapb->rejected);
        fields_number(f, "reasons", lapb->reasons);
    }
    fields_end(f);
}

static void put_numbers(struct fields *f, const struct decode_x25 *x)
{
    if (x->type == DECODE_X25_DATA)
        fields_number(f, "ps", x->ps);
    fields_number(f, "pr", x->pr);
    if (x->more)
        fields_bool(f, "more", true);
}

static void put_pair(struct fields *f, const char *name, const uint8_t pair[2])
{
    char text[16];

    snprintf(text, sizeof text, "%u,%u", pair[0], pair[1]);
    fields_text(f, name, text);
}

static void put_packet(struct fields *f, const char *name, const struct decode_x25 *x)
{
    fields_begin(f, name);
    fields_text(f, "packet", decode_x25_name(x->type));
    fields_number(f, "lcn", x->lcn);
    if (x->extended)
        fields_number(f, "modulo", 128);
    if (x->qualified)
        fields_bool(f, "q", true);
    if (x->delivery)
        fields_bool(f, "d", true);
    if (decode_x25_is_numbered(x->type))
        put_numbers(f, x);
    if (x->called[0])
        fields_text(f, "called", x->called);
    if (x->calling[0])
        fields_text(f, "calling", x->calling);
    if (x->has_packet_bytes)
        put_pair(f, "packet_log", x->packet_log);
    if (x->has_window)
        put_pair(f, "window", x->window);
    if (x->has_reason) {
        fields_number(f, "cause", x->cause);
        fields_number(f, "diagnostic", x->diagnostic);
    }
    fields_number(f, "length", x->length);
    fields_end(f);
}

void headers_x25_put(struct fields *f, const struct decode *d)
{
    char name[16] = "x25";

    if (d->has_lapb)
        put_lapb(f, &d->lapb);
    if (d->has_xot) {
        fields_begin(f, "xot");
        fields_number(f, "packets", d->xot_packets);
        fields_end(f);
    }
    for (int i = 0; i < d->x25s; i++) {
        if (i > 0)
            snprintf(name, sizeof name, "x25_%d", i);
        put_packet(f, name, &d->x25[i]);
    }
}
