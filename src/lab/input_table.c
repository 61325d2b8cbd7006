/* SPDX-License-Identifier: MIT */
/*
 * The code of each row: a function takes the values out of the input, calls the lab or the host's
 * socket calls, and puts what comes back into the input's rooms. Whom that touched is settled by
 * who runs it (input_run).
 *
 * Inputs come out of files too, so texts are looked at for their end before anybody reads them, and
 * hosts and wires for being there.
 */
#include <errno.h>
#include <string.h>

#include "base/integer.h"
#include "lab/input.h"
#include "lab/lab.h"

/* A text with its NUL, or NULL. */
static const char *text_of(const struct input *in, unsigned i)
{
    const struct input_bytes *part = &in->in[i];

    if (!part->at || part->length == 0 || memchr(part->at, 0, part->length) == NULL)
        return NULL;
    return (const char *)part->at;
}

static bool config_read(const struct input *in, unsigned i, struct sockeye_wire_config *c)
{
    uint8_t bytes[INPUT_SETTINGS_BYTES] = {0};
    struct reader r = reader_of(bytes, sizeof bytes);
    size_t length = in->in[i].length;

    memset(c, 0, sizeof *c);
    if (!in->in[i].at || length < INPUT_SETTINGS_LEAST || length > sizeof bytes || length % 8)
        return false;
    memcpy(bytes, in->in[i].at, length);
    c->rate_bits = read_u64(&r);
    c->delay_ns = (int64_t)read_u64(&r);
    c->jitter_ns = (int64_t)read_u64(&r);
    c->loss_ppm = (uint32_t)read_u64(&r);
    c->reorder_ppm = (uint32_t)read_u64(&r);
    c->reorder_ns = (int64_t)read_u64(&r);
    c->duplicate_ppm = (uint32_t)read_u64(&r);
    c->corrupt_ppm = (uint32_t)read_u64(&r);
    c->past_fcs = (uint32_t)read_u64(&r);
    c->queue_packets = (uint32_t)read_u64(&r);
    c->queue_bytes = (uint32_t)read_u64(&r);
    c->mtu = (uint32_t)read_u64(&r);
    c->loss_bad_ppm = (uint32_t)read_u64(&r);
    c->loss_to_bad_ppm = (uint32_t)read_u64(&r);
    c->loss_to_good_ppm = (uint32_t)read_u64(&r);
    c->queue_discipline = (uint32_t)read_u64(&r);
    c->queue_ecn = (uint32_t)read_u64(&r);
    c->queue_target_ns = (int64_t)read_u64(&r);
    c->queue_interval_ns = (int64_t)read_u64(&r);
    c->queue_flows = (uint32_t)read_u64(&r);
    c->queue_quantum = (uint32_t)read_u64(&r);
    return !r.failed;
}

/* in: name */
static ssize_t run_host(struct lab *lab, struct input *in)
{
    return lab_node_open(lab, NODE_HOST, text_of(in, 0));
}

/* in: name */
static ssize_t run_hub(struct lab *lab, struct input *in)
{
    return lab_node_open(lab, NODE_HUB, text_of(in, 0));
}

/* in: name, settings */
static ssize_t run_switch(struct lab *lab, struct input *in)
{
    return lab_switch_open(lab, text_of(in, 0), in->in[1].at, in->in[1].length);
}

/* numbers: interface, VLAN; in: name */
static ssize_t run_vlan(struct lab *lab, struct input *in)
{
    return lab_vlan_open(lab, in->at, in->number[0], in->number[1], text_of(in, 0));
}

/* number: interface; in: settings, VLANs of a trunk */
static ssize_t run_switch_port(struct lab *lab, struct input *in)
{
    const char *trunk = text_of(in, 1);

    if (in->in[1].at && !trunk)
        return -EINVAL;
    return lab_switch_port(lab, in->at, in->number[0], in->in[0].at, in->in[0].length, trunk);
}

/* in: name */
static ssize_t run_router(struct lab *lab, struct input *in)
{
    return lab_node_open(lab, NODE_ROUTER, text_of(in, 0));
}

/* in: name, settings forth, back */
static ssize_t run_wire(struct lab *lab, struct input *in)
{
    struct sockeye_wire_config forth, back;

    if ((in->in[1].at && !config_read(in, 1, &forth)) ||
        (in->in[2].at && !config_read(in, 2, &back)))
        return -EINVAL;
    return lab_wire_open(lab, text_of(in, 0), in->in[1].at ? &forth : NULL,
                         in->in[2].at ? &back : NULL);
}

/* number: direction; in: settings */
static ssize_t run_wire_change(struct lab *lab, struct input *in)
{
    struct sockeye_wire_config config;

    if (!config_read(in, 0, &config))
        return -EINVAL;
    return lab_wire_change(lab, in->at, in->number[0], &config);
}

/* number: the MTU */
static ssize_t run_wire_mtu(struct lab *lab, struct input *in)
{
    return lab_wire_mtu(lab, in->at, in->number[0]);
}

/* numbers: direction, up, when */
static ssize_t run_wire_link(struct lab *lab, struct input *in)
{
    return lab_wire_link(lab, in->at, in->number[0], in->number[1] != 0, in->number[2]);
}

/* number: what is to become of it */
static ssize_t run_node_state(struct lab *lab, struct input *in)
{
    switch (in->number[0]) {
    case INPUT_PAUSE:
        return lab_node_pause(lab, in->at);
    case INPUT_RESUME:
        return lab_node_resume(lab, in->at);
    case INPUT_CRASH:
        return lab_node_crash(lab, in->at);
    default:
        return -EINVAL;
    }
}

/* The numbers of nodes, 16 bits each. */
static bool nodes_read(const struct input *in, unsigned i, uint64_t set[PARTITION_WORDS])
{
    struct reader r = reader_of(in->in[i].at, in->in[i].length);

    if (!in->in[i].at || in->in[i].length == 0 || in->in[i].length % 2)
        return false;
    while (reader_left(&r)) {
        uint32_t node = read_u16(&r);

        if (node >= PARTITION_NODES)
            return false;
        set[node / 64] |= UINT64_C(1) << node % 64;
    }
    return true;
}

/* numbers: action, new_only; in: nodes from, to, ports */
static ssize_t run_partition(struct lab *lab, struct input *in)
{
    struct reader r = reader_of(in->in[2].at, in->in[2].length);
    struct partition p;

    memset(&p, 0, sizeof p);
    if (!nodes_read(in, 0, p.from) || !nodes_read(in, 1, p.to) || in->number[0] < 0 ||
        in->number[0] >= PARTITION_ACTIONS || in->in[2].length > 2 * PARTITION_PORTS ||
        in->in[2].length % 2)
        return -EINVAL;
    p.action = (uint32_t)in->number[0];
    p.new_only = in->number[1] != 0;
    while (in->in[2].at && reader_left(&r))
        p.port[p.port_count++] = read_u16(&r);
    return lab_partition_open(lab, &p);
}

static ssize_t run_heal(struct lab *lab, struct input *in)
{
    return lab_partition_close(lab, in->at);
}

/* numbers: kind, mtu; in: name */
static ssize_t run_door(struct lab *lab, struct input *in)
{
    return lab_door_open(lab, text_of(in, 0), in->number[0], in->number[1]);
}

/* numbers: wire, end; in: name, mac */
static ssize_t run_interface(struct lab *lab, struct input *in)
{
    if (in->in[1].at && in->in[1].length != MAC_BYTES)
        return -EINVAL;
    return lab_interface_open(lab, in->at, text_of(in, 0), in->number[0], in->number[1],
                              in->in[1].at);
}

/* number: interface; in: text */
static ssize_t run_address(struct lab *lab, struct input *in)
{
    return lab_address_add(lab, in->at, in->number[0], text_of(in, 0));
}

/* number: interface; in: address and prefix */
static ssize_t run_address_remove(struct lab *lab, struct input *in)
{
    return lab_address_remove(lab, in->at, in->number[0], text_of(in, 0));
}

/* number: interface, does it begin; in: address */
static ssize_t run_probe(struct lab *lab, struct input *in)
{
    return lab_probe(lab, in->at, in->number[0], text_of(in, 0), in->number[1] != 0);
}

/* number: interface; in: settings, prefixes, servers of names */
static ssize_t run_advertise(struct lab *lab, struct input *in)
{
    const char *prefixes = text_of(in, 1), *servers = text_of(in, 2);

    if ((in->in[1].at && !prefixes) || (in->in[2].at && !servers))
        return -EINVAL;
    return lab_advertise(lab, in->at, in->number[0], in->in[0].at, in->in[0].length, prefixes,
                         servers);
}

/* number: interface; in: destination, gateway */
static ssize_t run_route(struct lab *lab, struct input *in)
{
    const char *gateway = text_of(in, 1);

    if (in->in[1].at && !gateway)
        return -EINVAL;
    return lab_route_add(lab, in->at, text_of(in, 0), gateway, in->number[0]);
}

/* number: interface; in: destination, gateway, settings */
static ssize_t run_route_put(struct lab *lab, struct input *in)
{
    const char *gateway = text_of(in, 1);

    if (in->in[1].at && !gateway)
        return -EINVAL;
    return lab_route_put(lab, in->at, text_of(in, 0), gateway, in->number[0], in->in[2].at,
                         in->in[2].length);
}

/* number: interface; in: settings, inner prefix, outer prefix */
static ssize_t run_nat(struct lab *lab, struct input *in)
{
    const char *inner = text_of(in, 1), *outer = text_of(in, 2);

    if ((in->in[1].at && !inner) || (in->in[2].at && !outer))
        return -EINVAL;
    return lab_nat_open(lab, in->at, in->number[0], in->in[0].at, in->in[0].length, inner, outer);
}

/* numbers: protocol, outer port, inner port; in: inner address */
static ssize_t run_nat_forward(struct lab *lab, struct input *in)
{
    return lab_nat_forward(lab, in->at, in->number[0], in->number[1], text_of(in, 0),
                           in->number[2]);
}

/* number: interface; in: settings */
static ssize_t run_x25_lapb(struct lab *lab, struct input *in)
{
    return lab_x25_lapb(lab, in->at, in->number[0], in->in[0].at, in->in[0].length);
}

static ssize_t run_x25_xot(struct lab *lab, struct input *in)
{
    return lab_x25_xot(lab, in->at);
}

/* in: network */
static ssize_t run_x25_permit(struct lab *lab, struct input *in)
{
    return lab_x25_permit(lab, in->at, text_of(in, 0));
}

/* numbers: interface, modulo 128; in: prefix, address */
static ssize_t run_x25_route(struct lab *lab, struct input *in)
{
    const char *to = text_of(in, 1);

    if ((in->in[0].at && !text_of(in, 0)) || (in->in[1].at && !to))
        return -EINVAL;
    return lab_x25_route(lab, in->at, text_of(in, 0), in->number[0], to, in->number[1]);
}

/* in: prefix */
static ssize_t run_x25_route_remove(struct lab *lab, struct input *in)
{
    if (in->in[0].at && !text_of(in, 0))
        return -EINVAL;
    return lab_x25_route_remove(lab, in->at, text_of(in, 0));
}

/* number: interface; in: destination, gateway */
static ssize_t run_route_remove(struct lab *lab, struct input *in)
{
    const char *gateway = text_of(in, 1);

    if (in->in[1].at && !gateway)
        return -EINVAL;
    return lab_route_remove(lab, in->at, text_of(in, 0), gateway, in->number[0]);
}

/* in: name, value */
static ssize_t run_set(struct lab *lab, struct input *in)
{
    return lab_setting_set(lab, in->at, text_of(in, 0), text_of(in, 1));
}

/* in: frame */
static ssize_t run_inject(struct lab *lab, struct input *in)
{
    return lab_inject(lab, in->at, in->in[0].at, in->in[0].length);
}

/* out: frame, when */
static ssize_t run_emit(struct lab *lab, struct input *in)
{
    nanoseconds when = 0;
    ssize_t result = lab_emit(lab, in->at, in->out[0].at, in->out[0].size, &when);

    if (result >= 0 && in->out[1].at && in->out[1].size == sizeof when)
        memcpy(in->out[1].at, &when, sizeof when);
    return result;
}

/* number: n */
static ssize_t run_fail_get(struct lab *lab, struct input *in)
{
    lab->arena->fail_at = in->number[0] > 0 ? lab->arena->gets + (uint64_t)in->number[0] : 0;
    return 0;
}

/* number: wall clock of time 0 */
static ssize_t run_wall_base(struct lab *lab, struct input *in)
{
    lab_wall_base_set(lab, (uint64_t)in->number[0]);
    return 0;
}

/* numbers: pid, uid, gid */
static ssize_t run_caller(struct lab *lab, struct input *in)
{
    const struct session_credentials caller = {(int32_t)in->number[0], (uint32_t)in->number[1],
                                               (uint32_t)in->number[2]};
    struct host *h = lab_host(lab, in->at);

    if (!h)
        return lab_no_host(lab, in->at);
    call_caller_set(&h->calls, &caller);
    return 0;
}

/* out: struct sockeye_rights. @return 1: there were some, or 0 */
static ssize_t run_next_lost(struct lab *lab, struct input *in)
{
    struct host *h = lab_host(lab, in->at);
    struct call_rights rights;

    if (!h)
        return lab_no_host(lab, in->at);
    if (!call_take_lost(&h->calls, &rights))
        return 0;
    if (in->out[0].at && in->out[0].size == sizeof rights)
        memcpy(in->out[0].at, &rights, sizeof rights);
    return 1;
}

/* out: struct sockeye_change. @return 1: there was one, or 0 */
static ssize_t run_next_change(struct lab *lab, struct input *in)
{
    struct sockeye_change change = {0};
    struct call_host *calls = call_take_touched(&lab->touched, &change.fd);

    if (!calls)
        return 0;
    change.host = (int)host_of_calls(calls)->node.means.node;
    change.events = call_poll(calls, change.fd);
    if (in->out[0].at && in->out[0].size == sizeof change)
        memcpy(in->out[0].at, &change, sizeof change);
    return 1;
}

/* ---- socket calls ---- */

static uint32_t length_of(const struct input_bytes *part)
{
    return (uint32_t)part->length;
}

/* numbers: domain, type, protocol */
static ssize_t run_socket(struct call_host *calls, struct input *in, nanoseconds now)
{
    return call_socket(calls, (int)in->number[0], (int)in->number[1], (int)in->number[2], now);
}

/* numbers: domain, type, protocol; out: two descriptors */
static ssize_t run_socketpair(struct call_host *calls, struct input *in, nanoseconds now)
{
    int fd[2] = {-1, -1};
    int result =
        call_socketpair(calls, (int)in->number[0], (int)in->number[1], (int)in->number[2], fd, now);

    if (result == 0 && in->out[0].at && in->out[0].size == sizeof fd)
        memcpy(in->out[0].at, fd, sizeof fd);
    return result;
}

/* number: place; in: address */
static ssize_t run_bind_at(struct call_host *calls, struct input *in, nanoseconds now)
{
    return call_bind_at(calls, in->fd, in->in[0].at, length_of(&in->in[0]), (uint64_t)in->number[0],
                        now);
}

/* in: path, without a NUL */
static ssize_t run_unlink(struct call_host *calls, struct input *in, nanoseconds now)
{
    (void)now;
    return call_unlink(calls, (const char *)in->in[0].at, in->in[0].length);
}

/* in: address */
static ssize_t run_bind(struct call_host *calls, struct input *in, nanoseconds now)
{
    return call_bind(calls, in->fd, in->in[0].at, length_of(&in->in[0]), now);
}

/* number: backlog */
static ssize_t run_listen(struct call_host *calls, struct input *in, nanoseconds now)
{
    return call_listen(calls, in->fd, (int)in->number[0], now);
}

/* in: address */
static ssize_t run_connect(struct call_host *calls, struct input *in, nanoseconds now)
{
    return call_connect(calls, in->fd, in->in[0].at, length_of(&in->in[0]), now);
}

/* number: flags; in: bytes */
static ssize_t run_send(struct call_host *calls, struct input *in, nanoseconds now)
{
    return call_send(calls, in->fd, in->in[0].at, in->in[0].length, (int)in->number[0], now);
}

/* number: flags; out: bytes */
static ssize_t run_receive(struct call_host *calls, struct input *in, nanoseconds now)
{
    return call_receive(calls, in->fd, in->out[0].at, in->out[0].size, (int)in->number[0], now);
}

/* For calls that write at most *length bytes to a room and put the true length there. */
static uint32_t *room_of(struct input_room *room, uint32_t *length)
{
    *length = (uint32_t)least(room->size, UINT32_MAX);
    return room->at ? length : NULL;
}

/* out: address */
static ssize_t run_accept(struct call_host *calls, struct input *in, nanoseconds now)
{
    uint32_t length;
    int result = call_accept(calls, in->fd, in->out[0].at, room_of(&in->out[0], &length), now);

    in->out[0].size = length;
    return result;
}

/* numbers: level, name; out: value */
static ssize_t run_get_option(struct call_host *calls, struct input *in, nanoseconds now)
{
    uint32_t length;
    int result = call_get_option(calls, in->fd, (int)in->number[0], (int)in->number[1],
                                 in->out[0].at, room_of(&in->out[0], &length), now);

    in->out[0].size = length;
    return result;
}

/* number: request; in: its struct; out: the same */
static ssize_t run_ioctl(struct call_host *calls, struct input *in, nanoseconds now)
{
    uint8_t bytes[CALL_IOCTL_CIRCUIT_BYTES] = {0};
    size_t length = least(most(in->in[0].length, in->out[0].size), sizeof bytes);
    int result;

    if (in->in[0].length > 0)
        memcpy(bytes, in->in[0].at, least(in->in[0].length, sizeof bytes));
    result = call_ioctl_circuit(calls, in->fd, (unsigned long)in->number[0],
                                length > 0 ? bytes : NULL, &length, now);
    in->out[0].size = result == 0 ? least(length, in->out[0].size) : 0;
    if (in->out[0].size > 0)
        memcpy(in->out[0].at, bytes, in->out[0].size);
    return result;
}

/* The same; in: what stands in the value. */
static ssize_t run_ask_option(struct call_host *calls, struct input *in, nanoseconds now)
{
    if (in->out[0].at)
        memmove(in->out[0].at, in->in[0].at, least(in->in[0].length, in->out[0].size));
    return run_get_option(calls, in, now);
}

/* The parts of a message that is sent are only read. */
static void *unconst(const uint8_t *at)
{
    union {
        const uint8_t *from;
        void *to;
    } u = {.from = at};

    return u.to;
}

/* number: flags; in: bytes, address, control */
static ssize_t run_send_message(struct call_host *calls, struct input *in, nanoseconds now)
{
    const struct call_message message = {
        .bytes = unconst(in->in[0].at),
        .length = in->in[0].length,
        .address = unconst(in->in[1].at),
        .address_length = (uint32_t)in->in[1].length,
        .control = unconst(in->in[2].at),
        .control_length = in->in[2].length,
    };

    return call_send_message(calls, in->fd, &message, (int)in->number[0], now);
}

/* number: flags; out: bytes, address, control */
static ssize_t run_receive_message(struct call_host *calls, struct input *in, nanoseconds now)
{
    struct call_message message = {
        .bytes = in->out[0].at,
        .length = in->out[0].size,
        .address = in->out[1].at,
        .address_length = (uint32_t)in->out[1].size,
        .control = in->out[2].at,
        .control_length = in->out[2].size,
    };
    ssize_t result = call_receive_message(calls, in->fd, &message, (int)in->number[0], now);

    in->out[1].size = message.address_length;
    in->out[2].size = message.control_length;
    in->flags = message.flags;
    return result;
}

/* numbers: level, name; in: value */
static ssize_t run_set_option(struct call_host *calls, struct input *in, nanoseconds now)
{
    return call_set_option(calls, in->fd, (int)in->number[0], (int)in->number[1], in->in[0].at,
                           length_of(&in->in[0]), now);
}

/* number: how */
static ssize_t run_shutdown(struct call_host *calls, struct input *in, nanoseconds now)
{
    return call_shutdown(calls, in->fd, (int)in->number[0], now);
}

static ssize_t run_close(struct call_host *calls, struct input *in, nanoseconds now)
{
    return call_close(calls, in->fd, now);
}

/* numbers: descriptor, inode */
static ssize_t run_name(struct lab *lab, struct input *in)
{
    struct host *h = lab_host(lab, in->at);

    if (!h)
        return lab_no_host(lab, in->at);
    return in->number[1] < 0 || in->number[1] > UINT32_MAX || in->number[0] < 0 ||
                   in->number[0] > INT32_MAX
               ? -EINVAL
               : call_name(&h->calls, (int)in->number[0], (uint32_t)in->number[1]);
}

/* number: request; in: what it gives */
static ssize_t run_change(struct lab *lab, struct input *in)
{
    struct host *h = lab_host(lab, in->at);

    if (!h)
        return lab_no_host(lab, in->at);
    return in->number[0] < 0 ? -EINVAL
                             : call_ioctl_change(&h->calls, (unsigned long)in->number[0],
                                                 in->in[0].at, in->in[0].length, lab->now);
}

#define PART(kind, name, numbers, in, out, logged, settle)                                         \
    [kind] = {NULL, numbers, in, out, logged, KEEP_ALL, settle, run_##name, NULL},
#define CALL(kind, name, numbers, in, out, logged, kept)                                           \
    [kind] = {#name, numbers, in, out, logged, kept, lab_settle_node, NULL, run_##name},
const struct input_row input_table[INPUT_KINDS] = {INPUT_ROWS(PART, CALL)};
