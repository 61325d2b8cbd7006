/* SPDX-License-Identifier: MIT */
/* The halves of the parser: script_parser.c reads events and calls, script_parser_packet.c packets.
 */
#pragma once
#include "lab/script_lexer.h"

/* A packet after its '<' or '>'. NULL and failure when it cannot be read. */
struct script_packet *parse_packet(struct lexer *l, const struct script_options *options,
                                   bool inbound);
