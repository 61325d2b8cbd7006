/* SPDX-License-Identifier: MIT */
/* The line of a message (struct decode: message), made word by word; what does not fit is left
 * out. */
#pragma once
#include "observe/decode/decode_parts.h"

__attribute__((format(printf, 2, 3))) void decode_message_add(struct decode *d, const char *format,
                                                              ...);
void decode_message_add_address(struct decode *d, const char *before, struct address a);
void decode_message_add_mac(struct decode *d, const char *before, const uint8_t mac[6]);
/* Text of the message's sender: what is no printable ASCII, blanks too, becomes \ddd. */
void decode_message_add_text(struct decode *d, const uint8_t *bytes, size_t length);
