/* SPDX-License-Identifier: MIT */
/*
 * The trace: a line an event, as text or JSON. Columns of the text: time in seconds, where (the
 * wire's ends or the host), what, then named fields.
 */
#pragma once
#include "observe/flows.h"
#include "observe/names.h"
#include <stdio.h>

struct trace {
    FILE *file;
    struct names names;
    bool json;
    struct flows flows;
};

int trace_init(struct trace *t, FILE *file, const struct names *names, bool json);
void trace_event(struct trace *t, const struct sockeye_event *event);
void trace_done(struct trace *t);
