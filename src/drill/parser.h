/* SPDX-License-Identifier: MIT */
/* The halves of the parser: parser.c reads events and calls, parser_packet.c packets. */
#pragma once
#include "drill/lexer.h"

/* A packet after its '<' or '>'. NULL and failure when it cannot be read. */
struct drill_packet *drill_parse_packet(struct drill_lexer *l, const struct drill_options *options,
                                        bool inbound);
