/* SPDX-License-Identifier: MIT */
/*
 * Events to lines. Every kind of event.h has a line: frames with the header fields of each layer
 * (decode.h), sequence and acknowledgment numbers relative to the ISNs (RFC 9293 3.4.1) as `seq`,
 * `ack` beside the raw ones; changes of state, timers, cwnd; drops with reason and cause;
 * retransmissions with the reason that the transport gave them.
 */
#include "trace.h"
#include "observe/event_fields.h"
#include "observe/fields.h"
#include "observe/headers.h"
#include <inttypes.h>
#include <string.h>

int trace_init(struct trace *t, FILE *file, const struct names *names, bool json)
{
    memset(t, 0, sizeof *t);
    t->file = file;
    t->names = *names;
    t->json = json;
    return flows_init(&t->flows);
}

void trace_done(struct trace *t)
{
    flows_done(&t->flows);
}

static void put_fate(struct fields *f, uint32_t flags)
{
    static const struct {
        uint16_t flag;
        const char *name;
    } fates[] = {{FRAME_LOST, "lost"},
                 {FRAME_DAMAGED, "damaged"},
                 {FRAME_FLIPPED, "flipped_past_fcs"},
                 {FRAME_DUPLICATED, "duplicated"},
                 {FRAME_REORDERED, "reordered"},
                 {FRAME_QUEUE_FULL, "queue_full"},
                 {FRAME_WIRE_DOWN, "wire_down"},
                 {FRAME_MARKED, "marked"}};

    for (unsigned i = 0; i < sizeof fates / sizeof *fates; i++) {
        if (flags & fates[i].flag)
            fields_bool(f, fates[i].name, true);
    }
}

static void put_endpoint(struct fields *f, const char *name, const struct endpoint *e)
{
    char text[FLOWS_ENDPOINT_BYTES];

    fields_text(f, name, flows_endpoint(e, text));
}

/* A listener's peer is nobody, in the family of the listener. */
static void put_flow(struct fields *f, const struct event_flow *flow)
{
    struct endpoint remote = flow->remote;

    if (address_is_unspecified(remote.address) && address_is_mapped(flow->local.address))
        remote.address = address_from_ip4(0);
    put_endpoint(f, "local", &flow->local);
    put_endpoint(f, "remote", &remote);
    if (flow->serial)
        fields_number(f, "connection", (int64_t)flow->serial);
}

static void put_prefix(struct fields *f, const char *name, const struct event_prefix *prefix)
{
    char text[ADDRESS_TEXT_BYTES + 8];
    size_t length = address_format(prefix->address, text);

    snprintf(text + length, sizeof text - length, "/%u", (unsigned)prefix->length);
    fields_text(f, name, text);
}

/* Of who may be nobody. */
static bool is_somebody(const struct address *a)
{
    return !address_is_unspecified(*a);
}

static void put_where(struct trace *t, struct fields *f, const struct sockeye_event *event)
{
    char text[NAMES_BYTES];

    if (event->wire != EVENT_NOWHERE) {
        t->names.wire(t->names.context, event->wire, text, sizeof text);
        fields_text(f, "wire", text);
    }
    if (event->wire != EVENT_NOWHERE && event_fields_have_direction(event->kind)) {
        t->names.sender(t->names.context, event->wire, event->direction, text, sizeof text);
        fields_text(f, "from", text);
        t->names.sender(t->names.context, event->wire, 1U - event->direction, text, sizeof text);
        fields_text(f, "to", text);
    }
    if (event->host != EVENT_NOWHERE) {
        t->names.host(t->names.context, event->host, text, sizeof text);
        fields_text(f, "host", text);
    }
}

static void put_error(struct fields *f, const char *name, int64_t result)
{
    const char *error = result < 0 ? strerrorname_np((int)-result) : NULL;

    if (error)
        fields_text(f, name, error);
}

static bool is_left_out(const struct event_field *field, int64_t n)
{
    return (field->unless == UNLESS_ZERO && n == 0) ||
           (field->unless == UNLESS_NEGATIVE && n < 0) ||
           (field->unless == UNLESS_FOREVER && n == INT64_MAX);
}

static void put_field(struct trace *t, struct fields *f, const struct event_field *field,
                      const struct sockeye_event *event)
{
    const void *at = (const uint8_t *)event + field->at;
    int64_t n = event_fields_number(field, event);

    if (field->bytes <= sizeof n && is_left_out(field, n))
        return;
    switch ((enum event_field_form)field->form) {
    case FIELD_NUMBER:
        fields_number(f, field->name, n);
        break;
    case FIELD_YES_OR_NO:
        fields_bool(f, field->name, n != 0);
        break;
    case FIELD_WORD:
        fields_text(f, field->name, field->word((unsigned)n));
        break;
    case FIELD_ERROR:
        put_error(f, field->name, n);
        break;
    case FIELD_ADDRESS:
        if (field->unless == UNLESS_NEVER || is_somebody(at))
            fields_address(f, field->name, *(const struct address *)at);
        break;
    case FIELD_PREFIX:
        put_prefix(f, field->name, at);
        break;
    case FIELD_ENDPOINT:
        if (is_somebody(&((const struct endpoint *)at)->address))
            put_endpoint(f, field->name, at);
        break;
    case FIELD_MAC:
        fields_mac(f, field->name, at);
        break;
    case FIELD_FLOW:
        put_flow(f, at);
        break;
    case FIELD_FATE:
        put_fate(f, (uint32_t)n);
        break;
    case FIELD_HEADERS:
        headers_put(&t->flows, f, at);
        break;
    }
}

void trace_event(struct trace *t, const struct sockeye_event *event)
{
    struct fields f;

    fields_open(&f, t->json);
    fields_time(&f, event->time);
    fields_text(&f, "event", event_kind_name(event->kind));
    put_where(t, &f, event);
    for (const struct event_field *field = event_fields(event->kind); field->name; field++)
        put_field(t, &f, field, event);
    fputs(fields_close(&f), t->file);
}
