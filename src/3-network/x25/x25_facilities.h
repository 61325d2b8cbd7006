/* SPDX-License-Identifier: MIT */
/*
 * Facilities: what is asked for with a call, and what its answer makes of it (ITU-T X.25 7, annex
 * G; ISO 8208 15). A length, then one behind the other a code and its parameters; how many follows
 * from the code's class, its two highest bits: one, two, three, or as many as the next octet says.
 * So one that is not known is skipped. A marker (code 0) says whose the facilities behind it are:
 * the network's, or those of the stations themselves (0x0F), among them the extensions of
 * addresses.
 *
 * Sizes and windows are said as (of who is called, of who calls); a station speaks of in and out.
 *
 * What both may use is only ever made less, never more (X.25 6.12, 6.13).
 */
#pragma once
#include "3-network/x25/x25.h"
#include "base/bytes.h"

enum { X25_FACILITIES_MOST_BYTES = 109 };

/* With their length. called: the reader is who is called. @return 0, or enum x25_diagnostic */
uint8_t x25_facilities_read(struct reader *r, struct x25_facilities *f, bool called);
/* Those of f->mask. called: the writer is who is called. */
void x25_facilities_write(struct writer *w, const struct x25_facilities *f, bool called);
/* *agreed: what they are unless somebody asks for something else. */
void x25_facilities_init(struct x25_facilities *agreed);
/* What was said makes what is agreed less: sizes, windows, throughput. */
void x25_facilities_limit(struct x25_facilities *agreed, const struct x25_facilities *said);
/* A line numbers modulo 8: no window is more than 7; modulo 128: 127. And no packet has more data
 * than the line can carry. */
void x25_facilities_fit(struct x25_facilities *f, const struct x25_line *line);
