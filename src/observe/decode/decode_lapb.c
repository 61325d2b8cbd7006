/* SPDX-License-Identifier: MIT */
/*
 * LAPB on Ethernet as Linux's lapbether sends it: the length in two bytes, the low one first; then
 * address, control, information (X.25 2.3, ISO/IEC 7776).
 *
 * Whether a link counts modulo 8 or 128, a frame does not say. A supervisory frame has no
 * information, so its length does. Of an I frame it is seen by where a packet of X.25 begins: its
 * first octet says its own modulo in two bits, of which two values are possible. Where both places
 * would do, it is modulo 8.
 */
#include "observe/decode/decode_parts.h"

enum { ADDRESS_A = 0x03, ADDRESS_B = 0x01, POLL = 0x10 };

static const struct {
    uint8_t control;
    const char *name;
} unnumbered[] = {
    [DECODE_LAPB_SABM] = {0x2f, "SABM"}, [DECODE_LAPB_SABME] = {0x6f, "SABME"},
    [DECODE_LAPB_DISC] = {0x43, "DISC"}, [DECODE_LAPB_UA] = {0x63, "UA"},
    [DECODE_LAPB_DM] = {0x0f, "DM"},     [DECODE_LAPB_FRMR] = {0x87, "FRMR"},
};

const char *decode_lapb_name(unsigned kind)
{
    static const char *const numbered[] = {[DECODE_LAPB_I] = "I",
                                           [DECODE_LAPB_RR] = "RR",
                                           [DECODE_LAPB_RNR] = "RNR",
                                           [DECODE_LAPB_REJ] = "REJ"};

    if (kind <= DECODE_LAPB_REJ)
        return numbered[kind];
    return kind < DECODE_LAPB_UNKNOWN ? unnumbered[kind].name : "unknown";
}

static uint8_t kind_of_unnumbered(uint8_t control)
{
    for (uint8_t kind = DECODE_LAPB_SABM; kind < DECODE_LAPB_UNKNOWN; kind++)
        if (unnumbered[kind].control == (control & ~POLL))
            return kind;
    return DECODE_LAPB_UNKNOWN;
}

static bool may_begin_packet(struct decode_view v, size_t at)
{
    uint8_t modulo = v.length > at + 2 ? v.bytes[at] & 0x30 : 0;

    return modulo == 0x10 || modulo == 0x20;
}

static bool is_extended(struct decode_view v)
{
    uint8_t control = v.bytes[1];

    if ((control & 3) == 3)
        return false;
    if (control & 1)
        return v.length == 3;
    return !may_begin_packet(v, 2) && may_begin_packet(v, 3);
}

/* What a FRMR says of the frame that it rejects. */
static void reject_read(struct decode_lapb *lapb, struct decode_view v)
{
    lapb->has_reject = v.length == 3 || v.length == 5;
    if (lapb->has_reject) {
        lapb->rejected = v.bytes[0];
        lapb->reasons = v.bytes[v.length - 1] & 0x0f;
    }
}

static size_t control_read(struct decode_lapb *lapb, struct decode_view v)
{
    uint8_t control = v.bytes[1], second;
    bool supervisory = (control & 3) == 1;

    if ((control & 3) == 3) {
        lapb->kind = kind_of_unnumbered(control);
        lapb->poll = control & POLL;
        return 2;
    }
    lapb->kind = DECODE_LAPB_I;
    if (supervisory)
        lapb->kind = (control & 0x0f) == 0x01   ? DECODE_LAPB_RR
                     : (control & 0x0f) == 0x05 ? DECODE_LAPB_RNR
                     : (control & 0x0f) == 0x09 ? DECODE_LAPB_REJ
                                                : DECODE_LAPB_UNKNOWN;
    lapb->extended = is_extended(v);
    if (!lapb->extended) {
        lapb->nr = control >> 5;
        lapb->ns = control >> 1 & 7;
        lapb->poll = control & POLL;
        return 2;
    }
    second = v.bytes[2];
    lapb->nr = second >> 1;
    lapb->ns = control >> 1;
    lapb->poll = second & 1;
    return 3;
}

void decode_lapb_read(struct decode *d)
{
    struct decode_view v = decode_payload(d);
    struct decode_lapb *lapb = &d->lapb;
    size_t header;

    if (v.length < 2) {
        decode_break(d, "LAPB: length cut off");
        return;
    }
    lapb->length = (uint16_t)(v.bytes[0] | v.bytes[1] << 8);
    v = decode_after(v, 2);
    if (lapb->length < 2 || lapb->length > v.length) {
        decode_break(d, "LAPB: length wrong");
        return;
    }
    v.length = lapb->length; /* the rest is padding */
    d->has_lapb = true;
    lapb->address = v.bytes[0];
    header = control_read(lapb, v);
    v = decode_after(v, header);
    decode_payload_put(d, v);
    if (lapb->address != ADDRESS_A && lapb->address != ADDRESS_B)
        decode_break(d, "LAPB: address of nobody");
    if (lapb->kind == DECODE_LAPB_UNKNOWN)
        decode_break(d, "LAPB: control field unknown");
    else if (lapb->kind == DECODE_LAPB_I)
        decode_x25_read(d);
    else if (lapb->kind == DECODE_LAPB_FRMR)
        reject_read(lapb, v);
}
