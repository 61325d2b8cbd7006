/* SPDX-License-Identifier: MIT */
/*
 * The fields of each header that decode.h found, in the words of its document. Sequence and
 * acknowledgment numbers are relative to the ISNs (RFC 9293 3.4.1), the raw ones beside them.
 */
#include "observe/headers.h"
#include "observe/headers_x25.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

static const char *extension_name(uint8_t number)
{
    static const struct {
        uint8_t number;
        const char *name;
    } names[] = {{0, "hop-by-hop"},   {43, "routing"},   {44, "fragment"}, {51, "authentication"},
                 {60, "destination"}, {135, "mobility"}, {139, "hip"},     {140, "shim6"}};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].number == number)
            return names[i].name;
    }
    return "unknown";
}

static void put_extensions(struct fields *f, const struct decode_ip *ip)
{
    char text[DECODE_EXTENSIONS * 16] = "";

    for (int i = 0; i < ip->extensions; i++) {
        size_t at = strlen(text);

        snprintf(text + at, sizeof text - at, "%s%s", i ? "," : "",
                 extension_name(ip->extension[i]));
    }
    if (*text)
        fields_text(f, "extensions", text);
}

static void put_ip6(struct fields *f, const char *group, const struct decode_ip *ip)
{
    fields_begin(f, group);
    fields_address(f, "source", ip->source);
    fields_address(f, "dest", ip->dest);
    fields_number(f, "traffic_class", ip->tos);
    fields_number(f, "flow_label", ip->flow_label);
    fields_number(f, "total_length", ip->total_length);
    put_extensions(f, ip);
    if (ip->has_fragment) {
        fields_number(f, "id", ip->id);
        fields_bool(f, "more_fragments", ip->more_fragments);
        fields_number(f, "fragment_offset", ip->fragment_offset);
    }
    fields_number(f, "hop_limit", ip->ttl);
    fields_number(f, "protocol", ip->protocol);
    put_bytes(f, "options", ip->options, ip->options_length);
    fields_end(f);
}

static void put_ip4(struct fields *f, const char *group, const struct decode_ip *ip)
{
    fields_begin(f, group);
    fields_address(f, "source", ip->source);
    fields_address(f, "dest", ip->dest);
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

static void put_ethernet(struct fields *f, const struct decode_ethernet *ethernet)
{
    static const char *const names[DECODE_TAGS] = {"vlan", "outer_vlan"};
    static const char *const priorities[DECODE_TAGS] = {"priority", "outer_priority"};

    fields_begin(f, "ethernet");
    fields_mac(f, "source", ethernet->source);
    fields_mac(f, "dest", ethernet->dest);
    for (int i = 0; i < ethernet->tags; i++) {
        int from_inside = ethernet->tags - 1 - i;

        fields_number(f, names[from_inside], ethernet->tag[i].vlan);
        if (ethernet->tag[i].priority)
            fields_number(f, priorities[from_inside], ethernet->tag[i].priority);
    }
    put_hex(f, "type", ethernet->type);
    fields_end(f);
}

static void put_stp(struct fields *f, const struct decode_stp *stp)
{
    fields_begin(f, "bpdu");
    fields_text(f, "type",
                stp->type == 0   ? "configuration"
                : stp->type == 2 ? "rapid"
                                 : "topology-change");
    if (stp->type != 0x80) {
        put_hex(f, "flags", stp->flags);
        fields_number(f, "root_priority", stp->root_priority);
        fields_mac(f, "root", stp->root_mac);
        fields_number(f, "cost", stp->root_cost);
        fields_number(f, "bridge_priority", stp->bridge_priority);
        fields_mac(f, "bridge", stp->bridge_mac);
        put_hex(f, "port", stp->port);
        fields_number(f, "age_ms", stp->age * 1000 / 256);
        fields_number(f, "max_age_ms", stp->max_age * 1000 / 256);
        fields_number(f, "hello_ms", stp->hello * 1000 / 256);
        fields_number(f, "forward_delay_ms", stp->forward_delay * 1000 / 256);
    }
    fields_end(f);
}

static void put_arp(struct fields *f, const struct decode_arp *arp)
{
    fields_begin(f, "arp");
    fields_text(f, "operation",
                arp->operation == 1   ? "request"
                : arp->operation == 2 ? "reply"
                                      : "unknown");
    fields_mac(f, "sender_mac", arp->sender_mac);
    fields_address(f, "sender", arp->sender);
    fields_mac(f, "target_mac", arp->target_mac);
    fields_address(f, "target", arp->target);
    fields_end(f);
}

static void put_ip(struct fields *f, const char *group, const char *group6,
                   const struct decode_ip *ip)
{
    if (ip->version == 6)
        put_ip6(f, group6, ip);
    else
        put_ip4(f, group, ip);
}

static void put_quote(struct fields *f, const struct decode_icmp *icmp)
{
    if (icmp->has_quote)
        put_ip(f, "quote", "quote", &icmp->quote);
    if (icmp->has_quote_ports) {
        fields_number(f, "quote_source_port", icmp->quote_source_port);
        fields_number(f, "quote_dest_port", icmp->quote_dest_port);
    }
}

static void put_icmp6(struct fields *f, const struct decode_icmp *icmp)
{
    fields_begin(f, "icmp6");
    fields_number(f, "type", icmp->type);
    fields_number(f, "code", icmp->code);
    if (icmp->type == 128 || icmp->type == 129) {
        fields_number(f, "id", icmp->id);
        fields_number(f, "sequence", icmp->sequence);
    }
    if (icmp->type == 2)
        fields_number(f, "mtu", icmp->mtu);
    if (icmp->type == 4)
        fields_number(f, "pointer", icmp->pointer);
    if (!icmp->checksum_ok)
        fields_text(f, "checksum", "wrong");
    put_quote(f, icmp);
    fields_end(f);
}

static void put_nd_prefix(struct fields *f, const char *kind, int i,
                          const struct decode_nd_prefix *prefix)
{
    char name[24], text[ADDRESS_TEXT_BYTES + 8];
    size_t at = address_format(prefix->prefix, text);

    snprintf(text + at, sizeof text - at, "/%u", prefix->length);
    snprintf(name, sizeof name, "%s%d", kind, i);
    fields_begin(f, name);
    fields_text(f, "prefix", text);
    put_hex(f, "flags", prefix->flags);
    fields_number(f, "valid", prefix->valid);
    if (strcmp(kind, "prefix") == 0)
        fields_number(f, "preferred", prefix->preferred);
    fields_end(f);
}

/* RFC 4861 4.6: the options, in the words of their paragraphs. */
static void put_nd_options(struct fields *f, const struct decode_nd *nd)
{
    char name[24];

    if (nd->has_source_mac)
        fields_mac(f, "source_mac", nd->source_mac);
    if (nd->has_target_mac)
        fields_mac(f, "target_mac", nd->target_mac);
    if (nd->has_mtu)
        fields_number(f, "mtu", nd->mtu);
    if (nd->has_nonce)
        fields_bool(f, "nonce", true);
    if (nd->has_redirected)
        fields_bool(f, "redirected_packet", true);
    for (int i = 0; i < nd->prefixes; i++)
        put_nd_prefix(f, "prefix", i, &nd->prefix[i]);
    for (int i = 0; i < nd->routes; i++)
        put_nd_prefix(f, "route", i, &nd->route[i]);
    for (int i = 0; i < nd->servers; i++) {
        snprintf(name, sizeof name, "name_server%d", i);
        fields_address(f, name, nd->server[i]);
    }
    if (nd->servers)
        fields_number(f, "name_server_lifetime", nd->server_lifetime);
}

static void put_nd(struct fields *f, uint8_t type, const struct decode_nd *nd)
{
    static const char *const names[] = {"router-solicitation", "router-advertisement",
                                        "neighbor-solicitation", "neighbor-advertisement",
                                        "redirect"};

    fields_begin(f, "nd");
    fields_text(f, "message", names[(type - 133) % 5]);
    if (type == 134) {
        fields_number(f, "hop_limit", nd->hop_limit);
        put_hex(f, "flags", nd->flags);
        fields_number(f, "router_lifetime", nd->router_lifetime);
        fields_number(f, "reachable_ms", nd->reachable_ms);
        fields_number(f, "retransmit_ms", nd->retransmit_ms);
    } else if (type == 136) {
        fields_bool(f, "router", nd->flags & 0x80);
        fields_bool(f, "solicited", nd->flags & 0x40);
        fields_bool(f, "override", nd->flags & 0x20);
    }
    if (type >= 135)
        fields_address(f, "target", nd->target);
    if (type == 137)
        fields_address(f, "dest", nd->dest);
    put_nd_options(f, nd);
    fields_end(f);
}

static void put_group(struct fields *f, const char *protocol, const struct decode_group *group)
{
    static const char *const kinds[] = {"query", "report", "leave"};
    static const char *const records[] = {"unknown",    "is-include", "is-exclude", "to-include",
                                          "to-exclude", "allow",      "block"};
    char name[24];

    fields_begin(f, protocol);
    fields_number(f, "version", group->version);
    fields_text(f, "message", kinds[group->kind]);
    if (group->kind == DECODE_GROUP_QUERY)
        fields_number(f, "response_ms", group->response_ms);
    if (!address_is_unspecified(group->group))
        fields_address(f, "group", group->group);
    if (group->sources)
        fields_number(f, "sources", group->sources);
    for (int i = 0; i < group->records; i++) {
        const struct decode_group_record *record = &group->record[i];

        snprintf(name, sizeof name, "record%d", i);
        fields_begin(f, name);
        fields_text(f, "type", records[record->type <= 6 ? record->type : 0]);
        fields_address(f, "group", record->group);
        fields_number(f, "sources", record->sources);
        fields_end(f);
    }
    if (group->all_records > group->records)
        fields_number(f, "records", group->all_records);
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
    put_quote(f, icmp);
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

static void put_tcp(struct flows *flows, struct fields *f, const struct decode *d)
{
    const struct decode_tcp *tcp = &d->tcp;
    int side = 0, i = flows_of_segment(flows, d, &side);
    const struct flow *flow = i >= 0 ? &flows->flow[i] : NULL;

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

void headers_put(struct flows *flows, struct fields *f, const struct event_frame *frame)
{
    struct decode d;

    if (!frame->bytes)
        return;
    decode_frame(&d, frame->bytes, frame->length, frame->flags & FRAME_BARE_IP);
    if (d.has_ethernet)
        put_ethernet(f, &d.ethernet);
    if (d.has_arp)
        put_arp(f, &d.arp);
    if (d.has_stp)
        put_stp(f, &d.stp);
    if (d.has_ip)
        put_ip(f, "ip", "ip6", &d.ip);
    if (d.has_icmp && d.ip.version == 6)
        put_icmp6(f, &d.icmp);
    else if (d.has_icmp)
        put_icmp(f, &d.icmp);
    if (d.has_nd)
        put_nd(f, d.icmp.type, &d.nd);
    if (d.has_igmp || d.has_mld)
        put_group(f, d.has_igmp ? "igmp" : "mld", &d.group);
    if (d.has_udp)
        put_udp(f, &d.udp);
    if (d.has_tcp)
        put_tcp(flows, f, &d);
    headers_x25_put(f, &d);
    if (d.protocol)
        fields_text(f, d.protocol, d.message);
    fields_number(f, "payload", (int64_t)d.payload_length);
    if (d.broken)
        fields_text(f, "broken", d.broken);
}
