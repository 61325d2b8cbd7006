/* SPDX-License-Identifier: MIT */
/*
 * The control field (X.25 2.3.2, tables 2-3 to 2-6): bit 0 clear is an I frame, bits 0 and 1 are 01
 * for a supervisory one and 11 for an unnumbered one. With modulo 128 I and supervisory frames have
 * a second byte, where N(R) and P/F are; unnumbered ones never do.
 */
#include "2-link/lapb_frame.h"

enum {
    POLL = 0x10,          /* P/F, in the one byte */
    POLL_EXTENDED = 0x01, /* in the second */
    CONTROL_RR = 0x01,
    CONTROL_RNR = 0x05,
    CONTROL_REJ = 0x09,
    REJECT_RESPONSE = 0x10,          /* C/R in the information of a FRMR */
    REJECT_RESPONSE_EXTENDED = 0x01, /* the same, of modulo 128 */
    REASONS = 0x0f
};

static const uint8_t controls[LAPB_KINDS] = {
    [LAPB_RR] = CONTROL_RR, [LAPB_RNR] = CONTROL_RNR, [LAPB_REJ] = CONTROL_REJ,
    [LAPB_SABM] = 0x2f,     [LAPB_SABME] = 0x6f,      [LAPB_DISC] = 0x43,
    [LAPB_UA] = 0x63,       [LAPB_DM] = 0x0f,         [LAPB_FRMR] = 0x87,
};

static uint8_t kind_of(uint8_t control, enum lapb_kind first, enum lapb_kind last)
{
    for (uint32_t kind = first; kind <= last; kind++)
        if (controls[kind] == control)
            return (uint8_t)kind;
    return LAPB_UNDEFINED;
}

/* X.25 2.3.4.10, figures 2-4 and 2-5. */
static void reject_read(struct reader *r, bool extended, struct lapb_reject *reject)
{
    uint8_t b;

    reject->control[0] = read_u8(r);
    reject->control[1] = extended ? read_u8(r) : 0;
    b = read_u8(r);
    if (extended) {
        reject->vs = b >> 1;
        b = read_u8(r);
        reject->vr = b >> 1;
        reject->of_response = b & REJECT_RESPONSE_EXTENDED;
    } else {
        reject->vs = b >> 1 & 7;
        reject->vr = b >> 5;
        reject->of_response = b & REJECT_RESPONSE;
    }
    reject->reasons = read_u8(r) & REASONS;
}

static void reject_write(struct writer *w, bool extended, const struct lapb_reject *reject)
{
    write_u8(w, reject->control[0]);
    if (extended) {
        write_u8(w, reject->control[1]);
        write_u8(w, (uint8_t)(reject->vs << 1));
        write_u8(w,
                 (uint8_t)(reject->vr << 1 | (reject->of_response ? REJECT_RESPONSE_EXTENDED : 0)));
    } else {
        write_u8(w, (uint8_t)(reject->vs << 1 | reject->vr << 5 |
                              (reject->of_response ? REJECT_RESPONSE : 0)));
    }
    write_u8(w, reject->reasons);
}

bool lapb_frame_read(struct reader *r, bool extended, struct lapb_frame *f)
{
    size_t whole = reader_left(r);
    uint8_t control;

    memset(f, 0, sizeof *f);
    f->address = read_u8(r);
    control = f->control[0] = read_u8(r);
    if ((control & 3) == 3) {
        f->kind = kind_of((uint8_t)(control & ~POLL), LAPB_SABM, LAPB_FRMR);
        f->poll = control & POLL;
    } else {
        uint8_t second = extended ? read_u8(r) : 0;

        f->control[1] = second;
        f->nr = extended ? second >> 1 : control >> 5;
        f->poll = extended ? second & POLL_EXTENDED : control & POLL;
        if (!(control & 1))
            f->ns = extended ? control >> 1 : control >> 1 & 7;
        else
            f->kind = kind_of(extended ? control : control & 0x0f, LAPB_RR, LAPB_REJ);
    }
    f->header_bytes = (uint32_t)(whole - reader_left(r));
    f->information_bytes = (uint32_t)reader_left(r);
    if (!r->failed && f->kind == LAPB_FRMR) {
        struct reader information = *r;

        reject_read(&information, extended, &f->reject);
    }
    return !r->failed;
}

void lapb_frame_write(struct writer *w, bool extended, const struct lapb_frame *f)
{
    uint8_t control = (uint8_t)(f->kind == LAPB_I ? f->ns << 1 : controls[f->kind]);

    write_u8(w, f->address);
    if (f->kind >= LAPB_SABM) {
        write_u8(w, control | (f->poll ? POLL : 0));
        if (f->kind == LAPB_FRMR)
            reject_write(w, extended, &f->reject);
    } else if (extended) {
        write_u8(w, control);
        write_u8(w, (uint8_t)(f->nr << 1 | (f->poll ? POLL_EXTENDED : 0)));
    } else {
        write_u8(w, (uint8_t)(control | f->nr << 5 | (f->poll ? POLL : 0)));
    }
}
