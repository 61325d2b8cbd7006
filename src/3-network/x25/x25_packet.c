/* SPDX-License-Identifier: MIT */
/* The theory is in x25_packet.h. */
#include "3-network/x25/x25_packet.h"

#include "3-network/x25/x25_facilities.h"

enum { BIT_Q = 0x80, BIT_D = 0x40, MODULO_8 = 0x10, MODULO_128 = 0x20, MODULO = 0x30 };

static bool is_numbered(uint8_t type)
{
    return type == X25_DATA || type == X25_RR || type == X25_RNR || type == X25_REJ;
}

/* The type of a third octet: flow control packets carry P(R) in its upper bits, modulo 8. */
static uint8_t type_of(uint8_t octet, bool extended)
{
    uint8_t without = octet & 0x1f;

    if ((octet & 1) == 0)
        return X25_DATA;
    if (!extended && is_numbered(without))
        return without;
    return octet;
}

static void numbers_read(struct reader *r, uint8_t octet, struct x25_header *h)
{
    uint8_t second;

    if (!is_numbered(h->type))
        return;
    if (!h->extended) {
        h->pr = octet >> 5;
        h->more = h->type == X25_DATA && (octet & 0x10) != 0;
        h->ps = h->type == X25_DATA ? octet >> 1 & 7 : 0;
        return;
    }
    second = read_u8(r);
    h->pr = second >> 1;
    h->more = h->type == X25_DATA && (second & 1) != 0;
    h->ps = h->type == X25_DATA ? octet >> 1 : 0;
}

uint8_t x25_packet_read(struct reader *r, struct x25_header *h)
{
    uint8_t first = read_u8(r), channel = read_u8(r), octet = read_u8(r);

    memset(h, 0, sizeof *h);
    if (r->failed)
        return X25_DIAGNOSTIC_TOO_SHORT;
    h->lcn = (uint16_t)((first & 0x0fu) << 8 | channel);
    h->extended = (first & MODULO) == MODULO_128;
    h->type = type_of(octet, h->extended);
    numbers_read(r, octet, h);
    h->delivery = (first & BIT_D) != 0;
    h->qualified = (first & BIT_Q) != 0;
    if ((first & MODULO) != MODULO_8 && (first & MODULO) != MODULO_128)
        return X25_DIAGNOSTIC_FORMAT;
    if (h->qualified && h->type != X25_DATA) /* of a call: addresses in a form not known here */
        return X25_DIAGNOSTIC_FORMAT;
    if (h->delivery && h->type != X25_DATA && h->type != X25_CALL_REQUEST &&
        h->type != X25_CALL_ACCEPTED)
        return X25_DIAGNOSTIC_FORMAT;
    return r->failed ? X25_DIAGNOSTIC_TOO_SHORT : 0;
}

void x25_packet_write(struct writer *w, const struct x25_header *h)
{
    uint8_t first = (uint8_t)(h->lcn >> 8 & 0x0f);
    uint8_t type = h->type;

    first |= h->extended ? MODULO_128 : MODULO_8;
    first |= (h->qualified ? BIT_Q : 0) | (h->delivery ? BIT_D : 0);
    write_u8(w, first);
    write_u8(w, (uint8_t)h->lcn);
    if (!is_numbered(type)) {
        write_u8(w, type);
    } else if (h->extended) {
        write_u8(w, (uint8_t)(type | (type == X25_DATA ? h->ps << 1 : 0)));
        write_u8(w, (uint8_t)(h->pr << 1 | (h->more ? 1 : 0)));
    } else {
        write_u8(w, (uint8_t)(type | (h->pr & 7) << 5 | (h->more ? 0x10 : 0) |
                              (type == X25_DATA ? (h->ps & 7) << 1 : 0)));
    }
}

uint32_t x25_packet_header_bytes(const struct x25_header *h)
{
    return h->extended && is_numbered(h->type) ? 4 : 3;
}

bool x25_packet_is_local(uint8_t type)
{
    return type == X25_RESTART_REQUEST || type == X25_RESTART_CONFIRMATION || type == X25_REJ ||
           type == X25_DIAGNOSTIC || type == X25_REGISTRATION_REQUEST ||
           type == X25_REGISTRATION_CONFIRMATION;
}

bool x25_packet_is_known(uint8_t type)
{
    switch (type) {
    case X25_DATA:
    case X25_RR:
    case X25_RNR:
    case X25_REJ:
    case X25_CALL_REQUEST:
    case X25_CALL_ACCEPTED:
    case X25_CLEAR_REQUEST:
    case X25_CLEAR_CONFIRMATION:
    case X25_RESET_REQUEST:
    case X25_RESET_CONFIRMATION:
    case X25_INTERRUPT:
    case X25_INTERRUPT_CONFIRMATION:
    case X25_RESTART_REQUEST:
    case X25_RESTART_CONFIRMATION:
    case X25_DIAGNOSTIC:
        return true;
    default:
        return false;
    }
}

/* ---- addresses: half octets, the called one's first (X.25 5.2.1) ---- */

struct digits {
    const uint8_t *bytes;
    uint32_t at; /* in half octets */
};

static bool digits_read(struct digits *from, uint8_t count, struct x121 *to)
{
    memset(to, 0, sizeof *to);
    to->length = count;
    for (uint8_t i = 0; i < count; i++, from->at++) {
        uint8_t octet = from->bytes[from->at / 2];
        uint8_t digit = from->at % 2 ? octet & 0x0f : octet >> 4;

        if (digit > 9)
            return false;
        to->digit[i] = (char)('0' + digit);
    }
    return true;
}

static uint8_t addresses_read(struct reader *r, struct x25_call *call)
{
    uint8_t lengths = read_u8(r), called = lengths & 0x0f, calling = lengths >> 4;
    const uint8_t *bytes = read_bytes(r, (size_t)(called + calling + 1) / 2);
    struct digits digits = {.bytes = bytes};

    if (r->failed)
        return X25_DIAGNOSTIC_TOO_SHORT;
    if (!digits_read(&digits, called, &call->called))
        return X25_DIAGNOSTIC_CALLED_ADDRESS;
    if (!digits_read(&digits, calling, &call->calling))
        return X25_DIAGNOSTIC_CALLING_ADDRESS;
    return 0;
}

static void addresses_write(struct writer *w, const struct x121 *called, const struct x121 *calling)
{
    const struct x121 *both[] = {called, calling};
    uint8_t octet = 0;
    uint32_t at = 0;

    write_u8(w, (uint8_t)(calling->length << 4 | called->length));
    for (int i = 0; i < 2; i++) {
        for (uint8_t n = 0; n < both[i]->length; n++, at++) {
            uint8_t digit = (uint8_t)(both[i]->digit[n] - '0');

            octet = (uint8_t)(at % 2 ? octet | digit : digit << 4);
            if (at % 2)
                write_u8(w, octet);
        }
    }
    if (at % 2)
        write_u8(w, octet);
}

/* ---- calls and clears ---- */

static uint8_t data_read(struct reader *r, struct x25_user_data *data)
{
    size_t length = reader_left(r);

    memset(data, 0, sizeof *data);
    if (length > X25_USER_DATA_BYTES)
        return X25_DIAGNOSTIC_TOO_LONG;
    data->length = (uint8_t)length;
    read_copy(r, data->bytes, length);
    return 0;
}

uint8_t x25_packet_call_read(struct reader *r, const struct x25_header *h, struct x25_call *call,
                             bool called)
{
    bool is_answer = h->type == X25_CALL_ACCEPTED;
    uint8_t wrong = 0;

    memset(call, 0, sizeof *call);
    call->confirm_delivery = h->delivery;
    if (is_answer && reader_left(r) == 0)
        return 0;
    wrong = addresses_read(r, call);
    if (wrong || (is_answer && reader_left(r) == 0))
        return wrong;
    wrong = x25_facilities_read(r, &call->facilities, called);
    return wrong ? wrong : data_read(r, &call->data);
}

void x25_packet_call_write(struct writer *w, const struct x25_call *call, bool as_answer)
{
    static const struct x121 none;

    addresses_write(w, as_answer ? &none : &call->called, as_answer ? &none : &call->calling);
    x25_facilities_write(w, &call->facilities, as_answer);
    write_copy(w, call->data.bytes, call->data.length);
}

uint8_t x25_packet_reason_read(struct reader *r, struct x25_reason *reason)
{
    reason->cause = read_u8(r);
    reason->diagnostic = reader_left(r) > 0 ? read_u8(r) : 0;
    return r->failed ? X25_DIAGNOSTIC_TOO_SHORT : 0;
}

uint8_t x25_packet_clear_read(struct reader *r, struct x25_reason *reason,
                              struct x25_user_data *data)
{
    struct x25_facilities facilities;
    struct x25_call addresses;
    uint8_t wrong = x25_packet_reason_read(r, reason);

    data->length = 0;
    if (wrong || reader_left(r) == 0)
        return wrong;
    wrong = addresses_read(r, &addresses);
    if (wrong || reader_left(r) == 0)
        return wrong;
    wrong = x25_facilities_read(r, &facilities, false);
    return wrong ? wrong : data_read(r, data);
}

void x25_packet_clear_write(struct writer *w, const struct x25_reason *reason,
                            const struct x25_user_data *data)
{
    write_u8(w, reason->cause);
    write_u8(w, reason->diagnostic);
    if (!data || data->length == 0)
        return;
    write_u8(w, 0); /* no addresses */
    write_u8(w, 0); /* no facilities */
    write_copy(w, data->bytes, data->length);
}
