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

static void put_address(struct fields *f, const char *name, struct address a)
{
    char text[ADDRESS_TEXT_BYTES];

    address_format(a, text);
    fields_text(f, name, text);
}

static void put_mac(struct fields *f, const char *name, const uint8_t *m)
{
    char text[20];

    snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4],
             m[5]);
    fields_text(f, name, text);
}

static void put_hex(struct fields *f, const char *name, uint32_t value)
{
    char text[16];

    snprintf(text, sizeof text, "0x%04" PRIx32, value);
    fields_text(f, name, text);
}

static void put_bytes(struct fields *f, const char *name, const uint8_t *b, size_t length)
{
    char text[2 * 40 + 1];

    if (length == 0)
        return;
    for (size_t i = 0; i < length && i < 40; i++)
        snprintf(text + 2 * i, 3, "%02x", b[i]);
    fields_text(f, name, text);
}

static void put_ip(struct fields *f, const char *group, const struct decode_ip *ip)
{
    fields_begin(f, group);
    put_address(f, "source", ip->source);
    put_address(f, "dest", ip->dest);
    fields_number(f, "tos", ip->tos);
    fields_number(f, "total_length", ip->total_length);
    fields_number(f, "id", ip->id);
    if (ip->dont_fragment)
        fields_bool(f, "dont_fragment", true);
    if (ip->more_fragments)
        fields_bool(f, "more_fragments", true);
    if (ip->fragment_offset || ip->more_fragments)
        fields_number(f, "fragment_offset", ip->fragment_offset);
    fields_number(f, "ttl", ip->ttl);
    fields_number(f, "protocol", ip->protocol);
    if (!ip->checksum_ok && ip->options)
        fields_text(f, "checksum", "wrong");
    put_bytes(f, "options", ip->options, ip->options_length);
    fields_end(f);
}

static void put_arp(struct fields *f, const struct decode_arp *arp)
{
    fields_begin(f, "arp");
    fields_text(f, "operation",
                arp->operation == 1   ? "request"
                : arp->operation == 2 ? "reply"
                                      : "unknown");
    put_mac(f, "sender_mac", arp->sender_mac);
    put_address(f, "sender", arp->sender);
    put_mac(f, "target_mac", arp->target_mac);
    put_address(f, "target", arp->target);
    fields_end(f);
}

static void put_icmp(struct fields *f, const struct decode_icmp *icmp)
{
    fields_begin(f, "icmp");
    fields_number(f, "type", icmp->type);
    fields_number(f, "code", icmp->code);
    if (icmp->type == 0 || icmp->type == 8) {
        fields_number(f, "id", icmp->id);
        fields_number(f, "sequence", icmp->sequence);
    }
    if (icmp->type == 3 && icmp->code == 4)
        fields_number(f, "mtu", icmp->mtu);
    if (icmp->type == 12)
        fields_number(f, "pointer", icmp->pointer);
    if (!icmp->checksum_ok)
        fields_text(f, "checksum", "wrong");
    if (icmp->has_quote)
        put_ip(f, "quote", &icmp->quote);
    if (icmp->has_quote_ports) {
        fields_number(f, "quote_source_port", icmp->quote_source_port);
        fields_number(f, "quote_dest_port", icmp->quote_dest_port);
    }
    fields_end(f);
}

static void put_udp(struct fields *f, const struct decode_udp *udp)
{
    fields_begin(f, "udp");
    fields_number(f, "source_port", udp->source_port);
    fields_number(f, "dest_port", udp->dest_port);
    fields_number(f, "length", udp->length);
    if (!udp->checksum_ok)
        fields_text(f, "checksum", "wrong");
    fields_end(f);
}

static void put_flags(struct fields *f, uint16_t flags)
{
    static const char *const words[] = {"FIN", "SYN", "RST", "PSH", "ACK",
                                        "URG", "ECE", "CWR", "AE"};
    char text[48] = "";

    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        if (flags & 1U << i) {
            if (*text)
                strcat(text, ",");
            strcat(text, words[i]);
        }
    }
    fields_text(f, "flags", *text ? text : "none");
}

static void put_tcp_options(struct fields *f, const struct decode_tcp *tcp, const struct flow *flow,
                            int side)
{
    char name[16], text[48];

    if (tcp->has_mss)
        fields_number(f, "mss", tcp->mss);
    if (tcp->has_wscale)
        fields_number(f, "wscale", tcp->wscale);
    if (tcp->sack_permitted)
        fields_bool(f, "sack_permitted", true);
    if (tcp->has_timestamps) {
        fields_number(f, "ts_value", tcp->ts_value);
        fields_number(f, "ts_echo", tcp->ts_echo);
    }
    for (int i = 0; i < tcp->sacks; i++) {
        uint32_t start = tcp->sack_start[i], end = tcp->sack_end[i];

        if (flow) {
            start = flows_ack(flow, side, start);
            end = flows_ack(flow, side, end);
        }
        snprintf(name, sizeof name, "sack%d", i);
        snprintf(text, sizeof text, "%" PRIu32 ":%" PRIu32, start, end);
        fields_text(f, name, text);
    }
    put_bytes(f, "options", tcp->options, tcp->options_length);
}

static void put_tcp(struct trace *t, struct fields *f, const struct decode *d)
{
    const struct decode_tcp *tcp = &d->tcp;
    int side = 0, i = flows_of_segment(&t->flows, d, &side);
    const struct flow *flow = i >= 0 ? &t->flows.flow[i] : NULL;

    fields_begin(f, "tcp");
    fields_number(f, "source_port", tcp->source_port);
    fields_number(f, "dest_port", tcp->dest_port);
    put_flags(f, tcp->flags);
    fields_number(f, "seq", flow ? flows_seq(flow, side, tcp->seq) : tcp->seq);
    if (tcp->flags & DECODE_ACK)
        fields_number(f, "ack", flow ? flows_ack(flow, side, tcp->ack) : tcp->ack);
    fields_number(f, "length", (int64_t)d->payload_length);
    fields_number(f, "window", tcp->window);
    fields_number(f, "raw_seq", tcp->seq);
    fields_number(f, "raw_ack", tcp->ack);
    if (tcp->flags & DECODE_URG)
        fields_number(f, "urgent", tcp->urgent);
    if (!tcp->checksum_ok)
        fields_text(f, "checksum", "wrong");
    put_tcp_options(f, tcp, flow, side);
    fields_end(f);
}

static void put_frame(struct trace *t, struct fields *f, const struct event_frame *frame)
{
    struct decode d;

    if (!frame->bytes)
        return;
    decode_frame(&d, frame->bytes, frame->length, frame->flags & FRAME_BARE_IP);
    if (d.has_ethernet) {
        fields_begin(f, "ethernet");
        put_mac(f, "source", d.ethernet.source);
        put_mac(f, "dest", d.ethernet.dest);
        put_hex(f, "type", d.ethernet.type);
        fields_end(f);
    }
    if (d.has_arp)
        put_arp(f, &d.arp);
    if (d.has_ip)
        put_ip(f, "ip", &d.ip);
    if (d.has_icmp)
        put_icmp(f, &d.icmp);
    if (d.has_udp)
        put_udp(f, &d.udp);
    if (d.has_tcp)
        put_tcp(t, f, &d);
    fields_number(f, "payload", (int64_t)d.payload_length);
    if (d.broken)
        fields_text(f, "broken", d.broken);
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
    char address[ADDRESS_TEXT_BYTES], text[ADDRESS_TEXT_BYTES + 12];

    address_format(e->address, address);
    snprintf(text, sizeof text, address_is_mapped(e->address) ? "%s:%u" : "[%s]:%u", address,
             e->port);
    fields_text(f, name, text);
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
            put_address(f, field->name, *(const struct address *)at);
        break;
    case FIELD_PREFIX:
        put_prefix(f, field->name, at);
        break;
    case FIELD_ENDPOINT:
        if (is_somebody(&((const struct endpoint *)at)->address))
            put_endpoint(f, field->name, at);
        break;
    case FIELD_MAC:
        put_mac(f, field->name, at);
        break;
    case FIELD_FLOW:
        put_flow(f, at);
        break;
    case FIELD_FATE:
        put_fate(f, (uint32_t)n);
        break;
    case FIELD_HEADERS:
        put_frame(t, f, at);
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
