/* SPDX-License-Identifier: MIT */
/*
 * The numbers of data packets on one circuit (ITU-T X.25 4.4.1): what was sent and what of it was
 * acknowledged, what came and what of that was told. Numbers run modulo 8 or 128; never more than a
 * window's packets are out.
 *
 *     va <= vs    sent, not acknowledged: [va, vs)     the peer's P(R) moves va
 *     vl <= vr    came, not acknowledged: [vl, vr)     a P(R) of ours moves vl
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct x25_window {
    uint8_t vs, va; /* the next P(S) to send; the oldest one that is out */
    uint8_t vr, vl; /* the next P(S) to come; the P(R) last sent */
    uint8_t in, out;
    uint8_t modulo; /* 8 or 128 */
    uint8_t zero;
};

/* Nothing is out: after a call was set up, or a reset. */
void x25_window_init(struct x25_window *w, bool extended, uint8_t in, uint8_t out);
bool x25_window_can_send(const struct x25_window *w);
/* One more is sent: its P(S). */
uint8_t x25_window_send(struct x25_window *w);
/* How many P(R) acknowledges anew; -1: it is none that could come (X.25 4.4.1.2). */
int x25_window_acknowledged(struct x25_window *w, uint8_t pr);
/* All from `va` on are to be sent again (a reject). */
void x25_window_go_back(struct x25_window *w);
/* A packet came. false: its P(S) is not the next, or outside the window (X.25 4.4.1.3). */
bool x25_window_take(struct x25_window *w, uint8_t ps);
/* Is there anything to acknowledge? And may the peer send nothing more before it is? */
bool x25_window_owes(const struct x25_window *w);
bool x25_window_is_closed(const struct x25_window *w);
/* P(R), of vl to vr, is sent now. */
void x25_window_tell(struct x25_window *w, uint8_t pr);
