/* SPDX-License-Identifier: MIT */
/* What a frame says, header by header, as fields of a line: the part of the trace that knows
 * protocols. */
#pragma once
#include "observe/fields.h"
#include "observe/flows.h"
#include "sockeye/event.h"

/* Nothing if the frame's bytes are not there; learns from its segment where a flow begins. */
void headers_put(struct flows *flows, struct fields *f, const struct event_frame *frame);
