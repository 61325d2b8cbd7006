/* SPDX-License-Identifier: MIT */
/*
 * Events to lines. Every kind of event.h has a line: frames with the header fields of each layer
 * (decode.h), sequence and acknowledgment numbers relative to the ISNs (RFC 9293 3.4.1) as `seq`,
 * `ack` beside the raw ones; changes of state, timers, cwnd; drops with reason and cause;
 * retransmissions with the reason that the transport gave them.
 */
#include "trace.h"
#include "lab/input.h"
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

static void put_address(struct fields *f, const char *name, const uint8_t *a)
{
    char text[20];

    snprintf(text, sizeof text, "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
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

static void put_frame(struct trace *t, struct fields *f, const struct sockeye_event *event)
{
    struct decode d;

    if (!event->frame)
        return;
    decode_frame(&d, event->frame, event->length, event->flags & FRAME_BARE_IP);
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

static void put_fate(struct fields *f, uint8_t flags)
{
    static const struct {
        uint8_t flag;
        const char *name;
    } fates[] = {{FRAME_LOST, "lost"},
                 {FRAME_DAMAGED, "damaged"},
                 {FRAME_FLIPPED, "flipped_past_fcs"},
                 {FRAME_DUPLICATED, "duplicated"},
                 {FRAME_REORDERED, "reordered"},
                 {FRAME_QUEUE_FULL, "queue_full"},
                 {FRAME_WIRE_DOWN, "wire_down"}};

    for (unsigned i = 0; i < sizeof fates / sizeof *fates; i++) {
        if (flags & fates[i].flag)
            fields_bool(f, fates[i].name, true);
    }
}

static void put_endpoint(struct fields *f, const char *name, const struct event_endpoint *e)
{
    char text[32];

    snprintf(text, sizeof text, "%u.%u.%u.%u:%u", e->address[12], e->address[13], e->address[14],
             e->address[15], e->port);
    fields_text(f, name, text);
}

static void put_where(struct trace *t, struct fields *f, const struct sockeye_event *event)
{
    char text[NAMES_BYTES];

    if (event->wire != EVENT_NOWHERE) {
        t->names.wire(t->names.context, event->wire, text, sizeof text);
        fields_text(f, "wire", text);
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

static const char *kind_name(unsigned kind)
{
    static const char *const names[EVENT_KINDS] = {
        "none", "sent",     "delivered", "drop", "state", "timer",
        "cwnd", "neighbor", "link",      "call", "note",
    };

    return kind < EVENT_KINDS ? names[kind] : "unknown";
}

static const char *neighbor_state(int64_t state)
{
    static const char *const names[] = {"NONE",  "INCOMPLETE", "REACHABLE", "STALE",
                                        "DELAY", "PROBE",      "FAILED"};

    return state >= 0 && state < 7 ? names[state] : "unknown";
}

static void put_cwnd(struct fields *f, const int64_t *value)
{
    static const char *const names[] = {"cwnd", "ssthresh", "flight", "srtt_ns", "rto_ns"};
    /* enum tcp_recovery_phase, in the words that ss(8) has for Linux's numbers */
    static const char *const phases[] = {"open", "disorder", "cwr", "recovery", "loss"};

    for (int i = 0; i < 5; i++) {
        if (value[i] >= 0) /* no ssthresh yet is -1 */
            fields_number(f, names[i], value[i]);
    }
    fields_text(f, "phase", value[5] >= 0 && value[5] < 5 ? phases[value[5]] : "unknown");
}

static const char *call_name(unsigned call)
{
    static const char *const names[INPUT_KINDS] = {
        [INPUT_SOCKET] = "socket",
        [INPUT_BIND] = "bind",
        [INPUT_LISTEN] = "listen",
        [INPUT_CONNECT] = "connect",
        [INPUT_ACCEPT] = "accept",
        [INPUT_SEND] = "send",
        [INPUT_RECEIVE] = "receive",
        [INPUT_SEND_MESSAGE] = "send_message",
        [INPUT_RECEIVE_MESSAGE] = "receive_message",
        [INPUT_SHUTDOWN] = "shutdown",
        [INPUT_CLOSE] = "close",
        [INPUT_GET_OPTION] = "get_option",
        [INPUT_SET_OPTION] = "set_option",
    };

    return call < INPUT_KINDS && names[call] ? names[call] : "unknown";
}

static void put_call(struct fields *f, const struct sockeye_event *event)
{
    const char *error = event->value[1] < 0 ? strerrorname_np((int)-event->value[1]) : NULL;

    fields_text(f, "call", call_name(event->reason));
    fields_number(f, "fd", event->value[0]);
    fields_number(f, "result", event->value[1]);
    if (error)
        fields_text(f, "error", error);
}

static void put_ends(struct fields *f, const struct sockeye_event *event)
{
    put_endpoint(f, "local", &event->local);
    put_endpoint(f, "remote", &event->remote);
    if (event->serial)
        fields_number(f, "connection", (int64_t)event->serial);
}

static void put_values(struct trace *t, struct fields *f, const struct sockeye_event *event)
{
    switch ((enum event_kind)event->kind) {
    case EVENT_FRAME_SENT:
    case EVENT_FRAME_DELIVERED:
        fields_number(f, "serial", (int64_t)event->serial);
        fields_number(f, "bytes", event->length);
        put_fate(f, event->flags);
        if (event->mark != MARK_NONE)
            fields_text(f, "mark", event_mark_name(event->mark));
        put_frame(t, f, event);
        break;
    case EVENT_DROP:
        fields_text(f, "reason", event_drop_name(event->reason));
        fields_text(f, "cause", event_drop_cause(event->reason));
        put_frame(t, f, event);
        break;
    case EVENT_TCP_STATE:
        fields_text(f, "old", event_tcp_state_name((unsigned)event->value[0]));
        fields_text(f, "new", event_tcp_state_name((unsigned)event->value[1]));
        put_ends(f, event);
        break;
    case EVENT_TCP_TIMER:
        fields_text(f, "timer", event_tcp_timer_name(event->reason));
        put_ends(f, event);
        break;
    case EVENT_TCP_CWND:
        put_cwnd(f, event->value);
        put_ends(f, event);
        break;
    case EVENT_NEIGHBOR:
        fields_text(f, "old", neighbor_state(event->value[0]));
        fields_text(f, "new", neighbor_state(event->value[1]));
        put_address(f, "neighbor", event->remote.address + 12);
        break;
    case EVENT_LINK:
        fields_bool(f, "up", event->value[0] != 0);
        break;
    case EVENT_CALL:
        put_call(f, event);
        break;
    case EVENT_NOTE:
        fields_text(f, "cause", "another station claims this address of ours: it is defended");
        put_address(f, "address", event->remote.address + 12);
        fields_number(f, "conflicts", event->value[0]);
        break;
    case EVENT_NONE:
    case EVENT_KINDS:
        fields_number(f, "reason", event->reason);
        fields_number(f, "value", event->value[0]);
        break;
    }
}

void trace_event(struct trace *t, const struct sockeye_event *event)
{
    struct fields f;

    fields_open(&f, t->json);
    fields_time(&f, event->time);
    fields_text(&f, "event", kind_name(event->kind));
    put_where(t, &f, event);
    put_values(t, &f, event);
    fputs(fields_close(&f), t->file);
}
