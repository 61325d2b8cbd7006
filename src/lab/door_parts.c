/* SPDX-License-Identifier: MIT */
/*
 * The door, part two: the parts of a lab and what may be asked about them. What changes the lab
 * becomes an input; what only looks does not.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/integer.h"
#include "lab/handle.h"

static struct input_bytes text_in(const char *text)
{
    return (struct input_bytes){(const uint8_t *)text, text ? strlen(text) + 1 : 0};
}

int sockeye_host(struct sockeye *s, const char *name)
{
    struct input in = {.kind = INPUT_HOST, .in = {text_in(name)}};

    return (int)door_enter(s, &in);
}

static struct input_bytes config_in(const struct sockeye_wire_config *c,
                                    uint8_t bytes[INPUT_SETTINGS_BYTES])
{
    struct writer w = writer_of(bytes, INPUT_SETTINGS_BYTES);

    if (!c)
        return (struct input_bytes){NULL, 0};
    write_u64(&w, c->rate_bits);
    write_u64(&w, (uint64_t)c->delay_ns);
    write_u64(&w, (uint64_t)c->jitter_ns);
    write_u64(&w, c->loss_ppm);
    write_u64(&w, c->reorder_ppm);
    write_u64(&w, (uint64_t)c->reorder_ns);
    write_u64(&w, c->duplicate_ppm);
    write_u64(&w, c->corrupt_ppm);
    write_u64(&w, c->past_fcs);
    write_u64(&w, c->queue_packets);
    write_u64(&w, c->queue_bytes);
    write_u64(&w, c->mtu);
    write_u64(&w, c->loss_bad_ppm);
    write_u64(&w, c->loss_to_bad_ppm);
    write_u64(&w, c->loss_to_good_ppm);
    write_u64(&w, c->queue_discipline);
    write_u64(&w, c->queue_ecn);
    write_u64(&w, (uint64_t)c->queue_target_ns);
    write_u64(&w, (uint64_t)c->queue_interval_ns);
    write_u64(&w, c->queue_flows);
    write_u64(&w, c->queue_quantum);
    return (struct input_bytes){bytes, INPUT_SETTINGS_BYTES};
}

int sockeye_wire(struct sockeye *s, const char *name, const struct sockeye_wire_config *forth,
                 const struct sockeye_wire_config *back)
{
    uint8_t bytes[2][INPUT_SETTINGS_BYTES];
    struct input in = {
        .kind = INPUT_WIRE,
        .in = {text_in(name), config_in(forth, bytes[0]), config_in(back, bytes[1])}};

    return (int)door_enter(s, &in);
}

int sockeye_wire_change(struct sockeye *s, int wire, int direction,
                        const struct sockeye_wire_config *config)
{
    uint8_t bytes[INPUT_SETTINGS_BYTES];
    struct input in = {.kind = INPUT_WIRE_CHANGE,
                       .at = wire,
                       .number = {direction},
                       .in = {config_in(config, bytes)}};

    return (int)door_enter(s, &in);
}

int sockeye_wire_mtu(struct sockeye *s, int wire, uint32_t mtu)
{
    struct input in = {.kind = INPUT_WIRE_MTU, .at = wire, .number = {mtu}};

    return (int)door_enter(s, &in);
}

int sockeye_wire_link(struct sockeye *s, int wire, int direction, bool up, int64_t when)
{
    struct input in = {.kind = INPUT_WIRE_LINK, .at = wire, .number = {direction, up, when}};

    return (int)door_enter(s, &in);
}

int sockeye_door(struct sockeye *s, const char *name, enum sockeye_door kind, uint32_t mtu)
{
    struct input in = {.kind = INPUT_DOOR, .number = {kind, mtu}, .in = {text_in(name)}};

    return (int)door_enter(s, &in);
}

int sockeye_interface(struct sockeye *s, int host, const char *name, int wire, int end,
                      const uint8_t *mac)
{
    struct input in = {.kind = INPUT_INTERFACE,
                       .at = host,
                       .number = {wire, end},
                       .in = {text_in(name), {mac, mac ? MAC_BYTES : 0}}};

    return (int)door_enter(s, &in);
}

int sockeye_address(struct sockeye *s, int host, int interface, const char *text)
{
    struct input in = {
        .kind = INPUT_ADDRESS, .at = host, .number = {interface}, .in = {text_in(text)}};

    return (int)door_enter(s, &in);
}

int sockeye_address_remove(struct sockeye *s, int host, int interface, const char *text)
{
    struct input in = {
        .kind = INPUT_ADDRESS_REMOVE, .at = host, .number = {interface}, .in = {text_in(text)}};

    return (int)door_enter(s, &in);
}

int sockeye_probe(struct sockeye *s, int host, int interface, const char *address, bool begins)
{
    struct input in = {
        .kind = INPUT_PROBE, .at = host, .number = {interface, begins}, .in = {text_in(address)}};

    return (int)door_enter(s, &in);
}

int sockeye_probed(const struct sockeye *s, int host, int interface, const char *address)
{
    struct address a;
    struct link *link;
    int result = lab_probe_read(s->lab, host, interface, address, &link, &a);

    return result < 0 ? result : link_probed(link, a);
}

int sockeye_set(struct sockeye *s, int host, const char *name, const char *value)
{
    struct input in = {.kind = INPUT_SET, .at = host, .in = {text_in(name), text_in(value)}};

    return (int)door_enter(s, &in);
}

int sockeye_get(struct sockeye *s, int host, const char *name, char *text, size_t size)
{
    const struct host *h = lab_host(s->lab, host);
    int i = name ? host_setting_find(name) : -1;

    if (!h)
        return lab_no_host(s->lab, host);
    if (!text)
        return -EINVAL;
    if (i < 0)
        return -ENOENT;
    i = host_setting_format(h, i, text, size);
    return i < 0 ? i : 0;
}

const char *sockeye_setting(int i, const char **help)
{
    return host_setting_name(i, help);
}

int sockeye_find_host(const struct sockeye *s, const char *name)
{
    return name ? lab_find_host(s->lab, name) : -ENOENT;
}

int sockeye_find_wire(const struct sockeye *s, const char *name)
{
    return name ? lab_find_wire(s->lab, name) : -ENOENT;
}

const char *sockeye_host_name(const struct sockeye *s, int host)
{
    const struct node *n = lab_node(s->lab, host);

    return n ? n->name : NULL;
}

const char *sockeye_wire_name(const struct sockeye *s, int wire)
{
    const struct wire *w = lab_wire(s->lab, wire);

    if (!w)
        return NULL;
    return wire >= LAB_LOOPBACK_WIRE ? "lo" : w->name;
}

bool sockeye_wire_end(const struct sockeye *s, int wire, int end, int *host, int *interface)
{
    const struct wire *w = lab_wire(s->lab, wire);
    const struct node *n;
    int found;

    if (!w || end < 0 || end > 1 || !w->end[end].upper)
        return false;
    n = lab_node(s->lab, w->end[end].node);
    found = n ? node_interface_at(n, w->number, (uint32_t)end) : -ENODEV;
    if (found < 0)
        return false;
    *host = (int)n->means.node;
    *interface = found;
    return true;
}

const char *sockeye_interface_name(const struct sockeye *s, int host, int interface, char *text,
                                   size_t size)
{
    const struct node *n = lab_node(s->lab, host);
    const struct host *h = lab_host(s->lab, host);
    char address[ADDRESS_TEXT_BYTES] = "";
    const struct ip_interface *ip;

    if (!n || interface < 0 || (uint32_t)interface >= n->interface_count)
        return NULL;
    ip = h ? &host_interface(h, (uint32_t)interface)->ip : NULL;
    if (text && ip && ip->address_count > 0)
        address_format(ip->address[0].address, address);
    if (text)
        snprintf(text, size, "%s", address);
    return n->interface[interface]->name;
}

int sockeye_hardware(const struct sockeye *s, int host, int interface, uint8_t mac[6])
{
    const struct host *h = lab_host(s->lab, host);

    if (!h || interface < 0 || (uint32_t)interface >= h->node.interface_count)
        return -EINVAL;
    memcpy(mac, host_interface(h, (uint32_t)interface)->link.mac.bytes, MAC_BYTES);
    return 0;
}

uint64_t sockeye_drops(const struct sockeye *s, int host, unsigned reason)
{
    const struct node *n = lab_node(s->lab, host);

    if (reason >= DROP_COUNT)
        return 0;
    if (host == -1)
        return s->lab->drops[reason];
    return n ? n->drops[reason] : 0;
}

int sockeye_inject(struct sockeye *s, int wire, const void *bytes, size_t length)
{
    struct input in = {.kind = INPUT_INJECT, .at = wire, .in = {{bytes, length}}};

    if (length > INPUT_MOST_BYTES)
        return -EMSGSIZE;
    return (int)door_enter(s, &in);
}

ssize_t sockeye_emit(struct sockeye *s, int wire, void *bytes, size_t size, int64_t *when)
{
    int64_t left = 0;
    struct input in = {.kind = INPUT_EMIT,
                       .at = wire,
                       .out = {{bytes, bytes ? least(size, INPUT_MOST_BYTES) : 0},
                               {(uint8_t *)&left, sizeof left}}};
    ssize_t result = door_enter(s, &in);

    if (result >= 0 && when)
        *when = left;
    return result;
}

void sockeye_wall_base(struct sockeye *s, uint64_t wall_base)
{
    struct input in = {.kind = INPUT_WALL_BASE, .number = {(int64_t)wall_base}};

    (void)door_enter(s, &in);
}

uint64_t sockeye_hash(const struct sockeye *s)
{
    return lab_hash(s->lab);
}

int sockeye_check(const struct sockeye *s)
{
    return lab_check(s->lab);
}

void sockeye_fail_get(struct sockeye *s, uint64_t n)
{
    struct input in = {.kind = INPUT_FAIL_GET, .number = {n > INT64_MAX ? INT64_MAX : (int64_t)n}};

    (void)door_enter(s, &in);
}
