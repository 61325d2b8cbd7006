/* SPDX-License-Identifier: MIT */
/*
 * RFC 1613 6.1: a call says packet size and window size, both; what it lacks, its answer says. 6.4:
 * packets that mean one interface alone neither go out nor come in. 6.5: PVCs are not served here,
 * and who asks for one is told by the status of his own packet.
 *
 * Sizes that nobody says are 128 bytes and a window of 2, as on every line here.
 */
#include "3-network/x25/x25_xot.h"

#include "3-network/x25/x25_call_edit.h"
#include "3-network/x25/x25_packet.h"
#include "base/packet.h"

enum {
    MISSING_PACKET_BYTES = 1,
    MISSING_WINDOW = 2,
    PVC_VERSION = 0x81,
    PVC_NO_SUCH_PVC = 0x16,
    PVC_PROTOCOL_ERROR = 0x1A,
    PVC_VERSION_AT = 3, /* behind GFI, LCN and PTI */
    PVC_STATUS_AT = 4,
    PVC_INITIATOR_AT = 5, /* lengths of the names of both interfaces */
    PVC_RESPONDER_AT = 8,
    PVC_BYTES = 15 /* without the names */
};

static uint8_t missing_of(const struct packet *p)
{
    return (uint8_t)((x25_call_edit_find(p, X25_CODE_PACKET_BYTES) ? 0 : MISSING_PACKET_BYTES) |
                     (x25_call_edit_find(p, X25_CODE_WINDOW) ? 0 : MISSING_WINDOW));
}

static bool complete(struct packet *p, uint8_t missing)
{
    bool done = true;

    if (missing & MISSING_WINDOW)
        done = x25_call_edit_add(p, X25_CODE_WINDOW, X25_WINDOW, X25_WINDOW);
    if (done && (missing & MISSING_PACKET_BYTES))
        done =
            x25_call_edit_add(p, X25_CODE_PACKET_BYTES, X25_PACKET_BYTES_LOG, X25_PACKET_BYTES_LOG);
    return done;
}

static uint8_t header_of(const struct packet *p, struct x25_header *h)
{
    struct reader r = reader_of(packet_data(p), packet_length(p));

    return x25_packet_read(&r, h);
}

bool x25_xot_send(struct x25_xot *x, struct packet *p)
{
    struct x25_header h;

    if (header_of(p, &h) == X25_DIAGNOSTIC_TOO_SHORT || x25_packet_is_local(h.type))
        return false;
    if (h.type == X25_CALL_REQUEST) {
        x->called = true;
        return complete(p, missing_of(p));
    }
    if (h.type == X25_CALL_ACCEPTED && x->incoming && !x->is_answered) {
        x->is_answered = true;
        return complete(p, x->missing & missing_of(p));
    }
    return true;
}

/* RFC 1613 6.5: the responder changes a few fields of what it received, and sends it back. */
static enum x25_xot_verdict answer_pvc(struct packet *p)
{
    uint8_t *at = packet_data(p);
    bool is_sound;

    if (packet_length(p) < PVC_BYTES)
        return X25_XOT_CLOSE;
    is_sound =
        at[PVC_VERSION_AT] == PVC_VERSION && at[PVC_STATUS_AT] == 0 &&
        packet_length(p) == PVC_BYTES + (uint32_t)at[PVC_INITIATOR_AT] + at[PVC_RESPONDER_AT];
    at[PVC_STATUS_AT] = is_sound ? PVC_NO_SUCH_PVC : PVC_PROTOCOL_ERROR;
    return X25_XOT_ANSWER;
}

enum x25_xot_verdict x25_xot_receive(struct x25_xot *x, struct packet *p)
{
    struct x25_header h;
    uint8_t wrong = header_of(p, &h);

    if (wrong == X25_DIAGNOSTIC_TOO_SHORT && !x->called)
        return X25_XOT_DROP;
    if (x25_packet_is_local(h.type))
        return X25_XOT_DROP;
    if (h.type == X25_PVC_SETUP)
        return x->called ? X25_XOT_DROP : answer_pvc(p);
    if (x->called)
        return X25_XOT_PASS;
    if (h.type != X25_CALL_REQUEST || wrong)
        return X25_XOT_DROP; /* 6.1: nothing but a call in p1 */
    x->called = x->incoming = true;
    x->missing = missing_of(p);
    return X25_XOT_PASS;
}

bool x25_xot_is_extended(const struct packet *p)
{
    struct x25_header h;

    return header_of(p, &h) == 0 && h.extended;
}
