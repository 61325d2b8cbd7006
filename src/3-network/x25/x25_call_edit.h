/* SPDX-License-Identifier: MIT */
/*
 * Changes in the bytes of a call, or of its answer, that passes through: facilities (ITU-T X.25 7)
 * are found, and added, and all else stays as it came, what is not known here too.
 *
 * A marker (code 0) ends what can be found: what is behind it is somebody else's. What is added
 * stands first.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct packet;

enum x25_call_edit_codes { X25_CODE_PACKET_BYTES = 0x42, X25_CODE_WINDOW = 0x43 };

/* The two octets behind the code of a facility of class B, or NULL: there is none, or the packet is
 * no call that can be read. First what is said of who is called, then of who calls. */
uint8_t *x25_call_edit_find(const struct packet *p, uint8_t code);
/* false: it is no call that can be read, or there is no room for it. */
bool x25_call_edit_add(struct packet *p, uint8_t code, uint8_t called, uint8_t calling);
