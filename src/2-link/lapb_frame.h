/* SPDX-License-Identifier: MIT */
/*
 * Frames of LAPB (ISO/IEC 7776, clause 3; X.25 2.3): an address, a control field of one byte or
 * two, and behind it the information. Three formats: information (I) with both numbers, supervisory
 * (RR, RNR, REJ) with one, unnumbered (SABM, SABME, DISC, UA, DM, FRMR) with none. The address says
 * whether a frame is a command or a response, once it is known who asks: a command has the address
 * of who receives it, a response that of who sends it; DTE is A, DCE is B.
 *
 * The FCS and the flags between frames are the wire's.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum lapb_frame_constants {
    LAPB_ADDRESS_A = 0x03, /* of the DTE */
    LAPB_ADDRESS_B = 0x01, /* of the DCE */
    LAPB_HEADER_MOST = 3,
    LAPB_REJECT_MOST = 5 /* information of a FRMR */
};

enum lapb_kind {
    LAPB_I,
    LAPB_RR,
    LAPB_RNR,
    LAPB_REJ,
    LAPB_SABM,
    LAPB_SABME,
    LAPB_DISC,
    LAPB_UA,
    LAPB_DM,
    LAPB_FRMR,
    LAPB_UNDEFINED, /* a control field that means nothing */
    LAPB_KINDS
};

/* Why a frame is rejected: the low four bits of a FRMR's last byte. */
enum lapb_reason {
    LAPB_REASON_CONTROL = 1,     /* W: undefined, or not possible */
    LAPB_REASON_INFORMATION = 2, /* X: information where none may be, or a wrong length */
    LAPB_REASON_LENGTH = 4,      /* Y: longer than N1 */
    LAPB_REASON_NR = 8           /* Z: an N(R) of a frame that was not sent */
};

/* What a FRMR says: of the frame that is rejected, and of its sender. */
struct lapb_reject {
    uint8_t control[2];
    uint8_t vs, vr;
    uint8_t reasons; /* enum lapb_reason */
    bool of_response;
    uint8_t zero[2];
};

struct lapb_frame {
    uint8_t address;
    uint8_t kind; /* enum lapb_kind */
    uint8_t ns, nr;
    uint8_t control[2]; /* as it came */
    bool poll;          /* P of a command, F of a response */
    uint8_t zero;
    uint32_t header_bytes;
    uint32_t information_bytes;
    struct lapb_reject reject; /* of a FRMR */
};

static inline uint32_t lapb_frame_modulo(bool extended)
{
    return extended ? 128 : 8;
}

/* Of all that is left; the reader then stands at the information. false: too short to have a
 * control field. */
bool lapb_frame_read(struct reader *r, bool extended, struct lapb_frame *f);
/* The header alone, of a FRMR with its information. */
void lapb_frame_write(struct writer *w, bool extended, const struct lapb_frame *f);
