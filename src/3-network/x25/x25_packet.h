/* SPDX-License-Identifier: MIT */
/*
 * Packets of X.25 as bytes: the three octets that all of them begin with (ITU-T X.25 5.1), and what
 * stands behind, type by type (5.2 to 5.7). Numbered modulo 8 or 128, which each packet says.
 *
 *     8 7 6 5   4 3 2 1
 *     Q D S S   group     Q: qualified (or A, of a call); D: confirm delivery; SS: 01 modulo 8,
 *     channel                                                                      10 modulo 128
 *     type                of data: P(R) M P(S) 0; modulo 128: P(S) 0, and an octet P(R) M
 *
 * A reader says what is wrong by the diagnostic that the error procedures send (annex E).
 */
#pragma once
#include "3-network/x25/x25.h"
#include "base/bytes.h"

enum x25_packet_type { /* the third octet; of data, RR, RNR and REJ without P(R) and P(S) */
                       X25_DATA = 0x00,
                       X25_RR = 0x01,
                       X25_RNR = 0x05,
                       X25_REJ = 0x09,
                       X25_CALL_REQUEST = 0x0B,
                       X25_CALL_ACCEPTED = 0x0F,
                       X25_CLEAR_REQUEST = 0x13,
                       X25_CLEAR_CONFIRMATION = 0x17,
                       X25_RESET_REQUEST = 0x1B,
                       X25_RESET_CONFIRMATION = 0x1F,
                       X25_INTERRUPT = 0x23,
                       X25_INTERRUPT_CONFIRMATION = 0x27,
                       X25_DIAGNOSTIC = 0xF1,
                       X25_REGISTRATION_REQUEST = 0xF3,
                       X25_PVC_SETUP = 0xF5, /* RFC 1613 6.5 */
                       X25_REGISTRATION_CONFIRMATION = 0xF7,
                       X25_RESTART_REQUEST = 0xFB,
                       X25_RESTART_CONFIRMATION = 0xFF
};

/* Diagnostic codes: X.25 annex E. */
enum x25_diagnostic {
    X25_DIAGNOSTIC_NONE = 0,
    X25_DIAGNOSTIC_PS = 1,    /* invalid P(S) */
    X25_DIAGNOSTIC_PR = 2,    /* invalid P(R) */
    X25_DIAGNOSTIC_TYPE = 16, /* packet type invalid; + 1: for r1, 4: p1, ... 10: p7, 11: d1 */
    X25_DIAGNOSTIC_TYPE_R1 = 17,
    X25_DIAGNOSTIC_TYPE_P1 = 20,
    X25_DIAGNOSTIC_TYPE_D1 = 27,
    X25_DIAGNOSTIC_NOT_ALLOWED = 32,
    X25_DIAGNOSTIC_UNIDENTIFIABLE = 33,
    X25_DIAGNOSTIC_ONE_WAY = 34,
    X25_DIAGNOSTIC_UNASSIGNED_CHANNEL = 36,
    X25_DIAGNOSTIC_TOO_SHORT = 38,
    X25_DIAGNOSTIC_TOO_LONG = 39,
    X25_DIAGNOSTIC_FORMAT = 40, /* invalid general format identifier */
    X25_DIAGNOSTIC_RESTART_CHANNEL = 41,
    X25_DIAGNOSTIC_FAST_SELECT = 42,  /* not as the facility allows */
    X25_DIAGNOSTIC_NO_INTERRUPT = 43, /* a confirmation of none */
    X25_DIAGNOSTIC_SECOND_INTERRUPT = 44,
    X25_DIAGNOSTIC_TIMER = 48, /* + 1: of a call, 2: of a clear, 3: of a reset, 4: of a restart */
    X25_DIAGNOSTIC_CALL_TIMER = 49,
    X25_DIAGNOSTIC_CLEAR_TIMER = 50,
    X25_DIAGNOSTIC_RESET_TIMER = 51,
    X25_DIAGNOSTIC_RESTART_TIMER = 52,
    X25_DIAGNOSTIC_FACILITY_CODE = 65,
    X25_DIAGNOSTIC_FACILITY_PARAMETER = 66,
    X25_DIAGNOSTIC_CALLED_ADDRESS = 67,
    X25_DIAGNOSTIC_CALLING_ADDRESS = 68,
    X25_DIAGNOSTIC_FACILITY_LENGTH = 69,
    X25_DIAGNOSTIC_NO_CHANNEL = 71,
    X25_DIAGNOSTIC_DUPLICATE_FACILITY = 73,
    X25_DIAGNOSTIC_Q_BIT = 83,
    X25_DIAGNOSTIC_NO_ROOM = 163 /* ISO 8208, figure 14: the DTE's resources */
};

/* Causes: of a clear (X.25 5.2.3), of a reset (5.4.3), of a restart (5.5.1). 0: the other DTE's. */
enum x25_cause {
    X25_CAUSE_DTE = 0x00,
    X25_CLEAR_NUMBER_BUSY = 0x01,
    X25_CLEAR_INVALID_FACILITY = 0x03,
    X25_CLEAR_CONGESTION = 0x05,
    X25_CLEAR_OUT_OF_ORDER = 0x09,
    X25_CLEAR_NOT_OBTAINABLE = 0x0D,
    X25_CLEAR_REMOTE_ERROR = 0x11,
    X25_CLEAR_LOCAL_ERROR = 0x13,
    X25_RESET_REMOTE_ERROR = 0x03,
    X25_RESET_LOCAL_ERROR = 0x05,
    X25_RESET_CONGESTION = 0x07,
    X25_RESTART_LOCAL_ERROR = 0x01,
    X25_RESTART_CONGESTION = 0x03,
    X25_RESTART_OPERATIONAL = 0x07
};

/* What stands before the fields of a type. */
struct x25_header {
    uint16_t lcn; /* group and channel: 12 bits */
    uint8_t type; /* enum x25_packet_type */
    uint8_t ps, pr;
    bool extended;  /* modulo 128 */
    bool qualified; /* of data: Q */
    bool delivery;  /* D */
    bool more;      /* of data: M */
};

/* @return 0, or why it is no packet: enum x25_diagnostic. A type that there is not passes: who
 * reads knows what is to be said of it. */
uint8_t x25_packet_read(struct reader *r, struct x25_header *h);
void x25_packet_write(struct writer *w, const struct x25_header *h);
uint32_t x25_packet_header_bytes(const struct x25_header *h);
/* Has this type a meaning on a circuit (or, of a restart, on a line)? */
bool x25_packet_is_known(uint8_t type);
/* Is it what only a DTE and a DCE say to each other, of the interface and not of a circuit (RFC
 * 1613 6.4)? */
bool x25_packet_is_local(uint8_t type);

/* The octets behind the header of a call, or of its answer (which may leave out all of them, or the
 * facilities): addresses, facilities, user data. called: the reader is who is called, so that his
 * out is the caller's in. @return 0, or enum x25_diagnostic */
uint8_t x25_packet_call_read(struct reader *r, const struct x25_header *h, struct x25_call *call,
                             bool called);
/* as_answer: without the addresses, and without what nothing was said of. */
void x25_packet_call_write(struct writer *w, const struct x25_call *call, bool as_answer);
/* Behind the header of a clear: cause, diagnostic (which may be left out), and with fast select an
 * empty address block, facilities, and data. @return 0, or enum x25_diagnostic */
uint8_t x25_packet_clear_read(struct reader *r, struct x25_reason *reason,
                              struct x25_user_data *data);
void x25_packet_clear_write(struct writer *w, const struct x25_reason *reason,
                            const struct x25_user_data *data);
/* Of a reset or a restart: cause, and a diagnostic, which may be left out. */
uint8_t x25_packet_reason_read(struct reader *r, struct x25_reason *reason);
