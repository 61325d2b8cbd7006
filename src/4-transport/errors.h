/* SPDX-License-Identifier: MIT */
/*
 * What an error from layer 3 means to a program: the errno that Linux gives for each ICMP type and
 * code, and whether it is hard (it ends a connected datagram exchange) or soft (RFC 1122 4.2.3.9:
 * TCP keeps it for later).
 */
#pragma once
#include <stdbool.h>

#include "3-network/ip.h"

/* @return a positive errno */
int errors_number(const struct ip_error *error, bool *hard);
