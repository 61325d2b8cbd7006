/* SPDX-License-Identifier: MIT */
/* How an end says that its readiness may have changed. Implemented by transport.c. */
#pragma once
#include "4-transport/transport.h"

/* Puts the end on the list of those whose user is told when this step ends (transport_deliver). Any
 * number of times; an end without a user is left out. */
void transport_end_pending(struct transport_end *end);
