/* SPDX-License-Identifier: MIT */
/*
 * What is written of each kind of event, in which order and under which names: a row of fields a
 * kind. Who shows events (the trace, as text or JSON) walks the row, so that a new kind needs no
 * code there.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "sockeye/event.h"

enum event_field_form {
    FIELD_NUMBER, /* an integer: of 1 or 2 bytes unsigned, of 4 or 8 signed */
    FIELD_YES_OR_NO,
    FIELD_WORD,     /* a number with a name */
    FIELD_ERROR,    /* the name of -errno; nothing if it is no error */
    FIELD_ADDRESS,  /* struct address */
    FIELD_PREFIX,   /* struct event_prefix */
    FIELD_ENDPOINT, /* struct endpoint */
    FIELD_MAC,
    FIELD_FLOW,   /* struct event_flow: its ends, and its number if it has one */
    FIELD_FATE,   /* enum frame_flag, those that are set */
    FIELD_HEADERS /* struct event_frame: the header fields of each layer */
};

/* Then it is left out. Of an address zero is the unspecified one of either family. */
enum event_field_unless { UNLESS_NEVER, UNLESS_ZERO, UNLESS_NEGATIVE, UNLESS_FOREVER };

struct event_field {
    const char *name;              /* NULL: behind the last */
    uint8_t form;                  /* enum event_field_form */
    uint8_t unless;                /* enum event_field_unless */
    const char *(*word)(unsigned); /* of FIELD_WORD */
    uint16_t bytes, at;            /* in struct sockeye_event */
};

/* The fields of a kind; of an unknown kind none. */
const struct event_field *event_fields(unsigned kind);
/* Does it speak of what goes in a direction of a wire? What a station knows goes nowhere. */
bool event_fields_have_direction(unsigned kind);
int64_t event_fields_number(const struct event_field *field, const struct sockeye_event *event);
