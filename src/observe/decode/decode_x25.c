/* SPDX-License-Identifier: MIT */
/*
 * Packets of X.25 (5.1 to 5.7): the general format identifier, the channel, the type; of data and
 * flow control the numbers, of a call addresses and the sizes it asks for, of a clear, a reset, a
 * restart why.
 */
#include "observe/decode/decode_parts.h"

enum {
    DATA = 0x00,
    RR = 0x01,
    RNR = 0x05,
    REJ = 0x09,
    CALL = 0x0b,
    CALL_ACCEPTED = 0x0f,
    CLEAR = 0x13,
    RESET = 0x1b,
    DIAGNOSTIC = 0xf1,
    RESTART = 0xfb,
    MODULO_8 = 0x10,
    MODULO_128 = 0x20,
    FACILITY_PACKET_BYTES = 0x42,
    FACILITY_WINDOW = 0x43
};

static const struct {
    uint8_t type;
    const char *name;
} types[] = {
    {DATA, "DATA"},
    {RR, "RR"},
    {RNR, "RNR"},
    {REJ, "REJ"},
    {CALL, "CALL"},
    {CALL_ACCEPTED, "CALL-ACCEPTED"},
    {CLEAR, "CLEAR"},
    {0x17, "CLEAR-CONFIRM"},
    {RESET, "RESET"},
    {0x1f, "RESET-CONFIRM"},
    {0x23, "INTERRUPT"},
    {0x27, "INTERRUPT-CONFIRM"},
    {DIAGNOSTIC, "DIAGNOSTIC"},
    {0xf3, "REGISTRATION"},
    {0xf5, "PVC-SETUP"},
    {0xf7, "REGISTRATION-CONFIRM"},
    {RESTART, "RESTART"},
    {0xff, "RESTART-CONFIRM"},
};

const char *decode_x25_name(unsigned type)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].type == type)
            return types[i].name;
    return "unknown";
}

static bool is_numbered(uint8_t type)
{
    return type == DATA || type == RR || type == RNR || type == REJ;
}

static uint8_t type_of(uint8_t octet, bool extended)
{
    uint8_t low = octet & 0x1f;

    if (!(octet & 1))
        return DATA;
    return !extended && is_numbered(low) ? low : octet;
}

static struct decode_view numbers_read(struct decode_x25 *x, struct decode_view v, uint8_t octet)
{
    if (!x->extended) {
        x->pr = octet >> 5;
        x->ps = octet >> 1 & 7;
        x->more = x->type == DATA && (octet & 0x10);
        return v;
    }
    x->ps = octet >> 1;
    x->pr = v.bytes[0] >> 1;
    x->more = x->type == DATA && (v.bytes[0] & 1);
    return decode_after(v, 1);
}

static void digits_read(const uint8_t *bytes, unsigned from, unsigned count, char to[16])
{
    for (unsigned i = 0; i < count; i++) {
        uint8_t octet = bytes[(from + i) / 2];
        uint8_t digit = (from + i) % 2 ? octet & 0x0f : octet >> 4;

        to[i] = digit <= 9 ? (char)('0' + digit) : '?';
    }
    to[count] = 0;
}

/* Sizes and windows are said of who is called, then of who calls. */
static void facilities_read(struct decode_x25 *x, struct decode_view v)
{
    while (v.length >= 2 && v.bytes[0] != 0) {
        size_t class = v.bytes[0] >> 6, n = class < 3 ? 2 + class : 2u + v.bytes[1];

        if (n > v.length)
            return;
        if (v.bytes[0] == FACILITY_PACKET_BYTES) {
            x->has_packet_bytes = true;
            x->packet_log[0] = v.bytes[1];
            x->packet_log[1] = v.bytes[2];
        } else if (v.bytes[0] == FACILITY_WINDOW) {
            x->has_window = true;
            x->window[0] = v.bytes[1];
            x->window[1] = v.bytes[2];
        }
        v = decode_after(v, n);
    }
}

static struct decode_view call_read(struct decode *d, struct decode_x25 *x, struct decode_view v)
{
    unsigned called, calling;
    size_t bytes;

    if (v.length == 0) {
        if (x->type == CALL)
            decode_break(d, "X.25: call cut off");
        return v;
    }
    called = v.bytes[0] & 0x0f;
    calling = v.bytes[0] >> 4;
    bytes = (called + calling + 1) / 2;
    v = decode_after(v, 1);
    if (bytes > v.length) {
        decode_break(d, "X.25: addresses cut off");
        return v;
    }
    digits_read(v.bytes, 0, called, x->called);
    digits_read(v.bytes, called, calling, x->calling);
    v = decode_after(v, bytes);
    if (v.length == 0)
        return v;
    bytes = v.bytes[0];
    v = decode_after(v, 1);
    if (bytes > v.length) {
        decode_break(d, "X.25: facilities cut off");
        return v;
    }
    facilities_read(x, (struct decode_view){v.bytes, bytes});
    return decode_after(v, bytes);
}

static struct decode_view reason_read(struct decode_x25 *x, struct decode_view v)
{
    x->has_reason = v.length > 0;
    if (v.length > 0)
        x->cause = v.bytes[0];
    if (v.length > 1)
        x->diagnostic = v.bytes[1];
    return decode_after(v, v.length < 2 ? v.length : 2);
}

static bool is_format(uint8_t first)
{
    return (first & 0x30) == MODULO_8 || (first & 0x30) == MODULO_128;
}

/* One packet, of all the bytes of the view. */
static struct decode_view packet_read(struct decode *d, struct decode_x25 *x, struct decode_view v)
{
    uint8_t first = v.bytes[0], octet = v.bytes[2];

    x->lcn = u16_at(v.bytes) & 0xfff;
    x->extended = (first & 0x30) == MODULO_128;
    x->qualified = first & 0x80;
    x->delivery = first & 0x40;
    x->type = type_of(octet, x->extended);
    v = decode_after(v, 3);
    if (x->extended && is_numbered(x->type) && v.length == 0)
        decode_break(d, "X.25: header cut off");
    else if (is_numbered(x->type))
        v = numbers_read(x, v, octet);
    else if (x->type == CALL || x->type == CALL_ACCEPTED)
        v = call_read(d, x, v);
    else if (x->type == CLEAR || x->type == RESET || x->type == RESTART)
        v = reason_read(x, v);
    else if (x->type == DIAGNOSTIC && v.length > 0)
        x->diagnostic = v.bytes[0];
    if (!is_format(first))
        decode_break(d, "X.25: general format identifier wrong");
    x->length = (uint16_t)v.length;
    return v;
}

void decode_x25_read(struct decode *d)
{
    struct decode_view v = decode_payload(d);

    if (v.length < 3) {
        decode_break(d, "X.25: header cut off");
        return;
    }
    if (d->x25s == DECODE_X25S)
        return;
    decode_payload_put(d, packet_read(d, &d->x25[d->x25s], v));
    d->x25s++;
}
