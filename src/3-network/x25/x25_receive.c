/* SPDX-License-Identifier: MIT */
/*
 * A packet has come by a line: whose is it? That of the line itself (channel 0: a restart), of a
 * circuit, or of a channel that has none. What belongs to nobody is told by a diagnostic packet, if
 * this station is the DCE (ITU-T X.25 5.6.1, annex C, table C-1).
 */
#include "3-network/x25/x25_circuit.h"
#include "3-network/x25/x25_forward.h"
#include "3-network/x25/x25_input.h"
#include "3-network/x25/x25_line.h"
#include "3-network/x25/x25_output.h"

/* ---- packets of the line itself: channel 0 ---- */

static void line_packet(struct x25_line *line, const struct x25_header *h, struct packet *p,
                        nanoseconds now)
{
    bool told = true;

    if (h->type == X25_RESTART_REQUEST && line->restarting) { /* both: each confirms the other */
        x25_line_restarted(line, now);
    } else if (h->type == X25_RESTART_REQUEST) {
        x25_line_lose_circuits(line, now);
        x25_output_bare(line, 0, X25_RESTART_CONFIRMATION, now);
    } else if (h->type == X25_RESTART_CONFIRMATION && line->restarting) {
        x25_line_restarted(line, now);
    } else if (h->type == X25_RESTART_CONFIRMATION) {
        x25_line_lose_circuits(line, now);
        x25_line_restart(line, X25_RESTART_LOCAL_ERROR, X25_DIAGNOSTIC_TYPE_R1, now);
    } else {
        told = false;
    }
    if (!told)
        event_drop(&line->x25->means->voice, now, DROP_X25_STATE, p);
    packet_put(p);
}

/* No circuit can be told what is wrong with it: a DCE sends a diagnostic (X.25 5.6.1). */
static void bad_packet(struct x25_line *line, uint8_t diagnostic, struct packet *p, nanoseconds now)
{
    if (line->kind == X25_LINE_LAPB && line->role == X25_DCE)
        x25_output_diagnostic(line, diagnostic, packet_data(p), packet_length(p), now);
    event_drop(&line->x25->means->voice, now, DROP_X25_PACKET, p);
    packet_put(p);
}

void x25_line_receive(struct x25_line *line, struct packet *p, nanoseconds now)
{
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct x25_header h;
    struct x25_circuit *c;
    uint8_t wrong = x25_packet_read(&r, &h);
    bool is_first = line->kind == X25_LINE_XOT && h.type == X25_CALL_REQUEST;

    if (!wrong && h.extended != line->extended && !is_first)
        wrong = X25_DIAGNOSTIC_FORMAT;
    if (wrong) {
        bad_packet(line, wrong, p, now);
    } else if (line->kind == X25_LINE_XOT && x25_packet_is_local(h.type)) {
        event_drop(&line->x25->means->voice, now, DROP_X25_STATE, p);
        packet_put(p);
    } else if (line->kind == X25_LINE_LAPB && h.lcn == 0) {
        line_packet(line, &h, p, now);
    } else if (line->restarting) { /* r2: of before the restart */
        event_drop(&line->x25->means->voice, now, DROP_X25_STATE, p);
        packet_put(p);
    } else if (line->kind == X25_LINE_LAPB && (h.lcn < line->lowest || h.lcn > line->highest)) {
        bad_packet(line, X25_DIAGNOSTIC_UNASSIGNED_CHANNEL, p, now);
    } else if (!x25_forward_packet(line, &h, p, now)) {
        c = x25_circuit_find(line, h.lcn);
        if (c)
            x25_input_circuit(c, &h, &r, p, now);
        else
            x25_input_ready(line, &h, &r, p, now);
    }
}
