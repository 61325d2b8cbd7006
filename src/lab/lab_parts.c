/* SPDX-License-Identifier: MIT */
/*
 * The parts of a lab: making hosts, wires, doors and interfaces, giving them names, addresses,
 * routes and settings. Every part is in a slot of its pool and never moves; nothing is ever taken
 * away again, so a number names the same part for the life of the lab.
 *
 * The texts and numbers come from outside (sockeye.h, or a record): all of them are checked here.
 * Stations that are not given a MAC address get one made of their names: locally administered
 * (IEEE 802, 8.2), the same in every run.
 */
#include <errno.h>
#include <string.h>

#include "base/compiler.h"
#include "lab/lab.h"

enum { PPM = 1000000, IP6_MTU = 1280 /* RFC 8200 5 */ };

int lab_find_host(const struct lab *lab, const char *name)
{
    for (uint32_t i = 0; i < lab->node_count; i++)
        if (strcmp(lab->node[i]->name, name) == 0)
            return (int)i;
    return -ENOENT;
}

int lab_find_wire(const struct lab *lab, const char *name)
{
    for (uint32_t i = 0; i < lab->wire_count; i++)
        if (strcmp(lab->wire[i]->name, name) == 0)
            return (int)i;
    return -ENOENT;
}

bool lab_is_name(const char *name)
{
    size_t n = name ? strlen(name) : 0;

    if (n == 0 || n >= SOCKEYE_NAME_BYTES)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = name[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '-' || c == '.' || c == ':' || c == '@'))
            return false;
    }
    return true;
}

/* Settings of all hosts, for one that is new. */
static void defaults_apply(const struct lab *lab, struct host *h)
{
    for (int i = 0; h && i < LAB_SETTINGS; i++)
        if (lab->defaults[i].is_set)
            host_setting_apply(h, i, &lab->defaults[i].setting);
}

int lab_node_make(struct lab *lab, struct node_plan *plan)
{
    const char *name = plan->name;
    struct node *n = NULL;
    int result;

    if (!lab_is_name(name))
        return -EINVAL;
    if (lab_find_host(lab, name) >= 0)
        return -EEXIST;
    if (lab->node_count == lab->config.hosts)
        return -ENOSPC;
    plan->name_length = strlen(name);
    plan->number = lab->node_count;
    plan->loopback_wire = LAB_LOOPBACK_WIRE + lab->node_count;
    plan->sockets = lab->config.sockets;
    plan->wall_base = lab->config.wall_base;
    result = node_open(&lab->means, &lab->pools, plan, &n);
    if (result < 0)
        return result;
    lab->node[lab->node_count++] = n;
    lab->node_list->live = lab->node_count * sizeof(struct node *);
    defaults_apply(lab, lab_host(lab, plan->number));
    return (int)plan->number;
}

int lab_node_open(struct lab *lab, enum node_kind kind, const char *name)
{
    struct node_plan plan = {.kind = kind, .name = name};

    return lab_node_make(lab, &plan);
}

static bool is_wait(int64_t time)
{
    return time >= 0 && time <= SOCKEYE_WAIT_MOST;
}

void lab_wall_base_set(struct lab *lab, uint64_t wall_base)
{
    lab->config.wall_base = wall_base;
    for (uint32_t i = 0; i < lab->node_count; i++) {
        struct host *h = lab_host(lab, i);

        if (h)
            h->calls.wall_base = wall_base;
    }
}

static bool is_queue(const struct sockeye_wire_config *c)
{
    bool is_codel = c->queue_discipline == WIRE_CODEL || c->queue_discipline == WIRE_FQ_CODEL;

    if (!is_codel && (c->queue_target_ns || c->queue_interval_ns || c->queue_ecn))
        return false;
    if (c->queue_discipline != WIRE_FQ_CODEL && (c->queue_flows || c->queue_quantum))
        return false;
    return c->queue_discipline <= WIRE_FQ_CODEL && is_wait(c->queue_target_ns) &&
           is_wait(c->queue_interval_ns) && c->queue_flows <= WIRE_FLOWS &&
           (c->queue_quantum == 0 || c->queue_quantum >= WIRE_QUANTUM_LEAST) &&
           c->queue_quantum <= UINT16_MAX;
}

static bool is_config(const struct sockeye_wire_config *c)
{
    return is_queue(c) && is_wait(c->delay_ns) && is_wait(c->jitter_ns) && is_wait(c->reorder_ns) &&
           c->loss_ppm <= PPM && c->reorder_ppm <= PPM && c->duplicate_ppm <= PPM &&
           c->corrupt_ppm <= PPM && c->loss_bad_ppm <= PPM && c->loss_to_bad_ppm <= PPM &&
           c->loss_to_good_ppm <= PPM && (c->loss_to_bad_ppm == 0 || c->loss_to_good_ppm > 0) &&
           (c->mtu == 0 || (c->mtu >= WIRE_MTU_LEAST && c->mtu <= UINT16_MAX));
}

static struct wire_settings settings_of(const struct sockeye_wire_config *c)
{
    return (struct wire_settings){
        .rate.bits = c->rate_bits,
        .delay.base = c->delay_ns,
        .delay.jitter = c->jitter_ns,
        .reorder.by = c->reorder_ns,
        .loss = {c->loss_ppm, c->loss_bad_ppm, c->loss_to_bad_ppm, c->loss_to_good_ppm},
        .reorder.ppm = c->reorder_ppm,
        .duplicate.ppm = c->duplicate_ppm,
        .corrupt.ppm = c->corrupt_ppm,
        .corrupt.past_fcs = c->past_fcs,
        .queue = {.codel = {c->queue_target_ns, c->queue_interval_ns},
                  .packets = c->queue_packets,
                  .bytes = c->queue_bytes,
                  .discipline = c->queue_discipline,
                  .ecn = c->queue_ecn,
                  .flows = c->queue_flows,
                  .quantum = c->queue_quantum},
    };
}

static uint32_t mtu_of(const struct sockeye_wire_config *c)
{
    return c->mtu ? c->mtu : WIRE_MTU_DEFAULT;
}

static int wire_make(struct lab *lab, const char *name, enum wire_kind kind, bool bare,
                     uint32_t mtu)
{
    struct wire_plan plan = {.kind = kind,
                             .number = lab->wire_count,
                             .mtu = mtu,
                             .bare = bare,
                             .timer_code = TIMER_WIRE,
                             .flows = lab->flows_pool};
    struct wire *w;

    if (!lab_is_name(name))
        return -EINVAL;
    if (lab_find_wire(lab, name) >= 0)
        return -EEXIST;
    w = plan.number == lab->config.wires ? NULL : pool_get(lab->wire_pool);
    if (!w)
        return -ENOSPC;
    plan.key = random_key(lab->means.key, name, strlen(name));
    wire_init(w, &lab->means, &plan);
    memcpy(w->name, name, strlen(name) + 1);
    lab->wire[lab->wire_count++] = w;
    lab->wire_list->live = lab->wire_count * sizeof(struct wire *);
    return (int)plan.number;
}

/* The last one goes again: not all that it needs is to be had. */
static void wire_unmake(struct lab *lab)
{
    struct wire *w = lab->wire[--lab->wire_count];

    lab->wire[lab->wire_count] = NULL;
    lab->wire_list->live = lab->wire_count * sizeof(struct wire *);
    for (uint32_t i = 0; i < 2; i++)
        if (w->sim[i].queue.flows)
            pool_put(lab->flows_pool, w->sim[i].queue.flows);
    pool_put(lab->wire_pool, w);
}

int lab_wire_open(struct lab *lab, const char *name, const struct sockeye_wire_config *forth,
                  const struct sockeye_wire_config *back)
{
    static const struct sockeye_wire_config perfect;
    const struct sockeye_wire_config *config[2];
    int number;

    config[0] = forth ? forth : &perfect;
    config[1] = back ? back : config[0];
    if (!is_config(config[0]) || !is_config(config[1]))
        return -EINVAL;
    number = wire_make(lab, name, WIRE_SIM, false,
                       mtu_of(config[mtu_of(config[1]) < mtu_of(config[0])]));
    for (uint32_t i = 0; number >= 0 && i < 2; i++) {
        struct wire_settings settings = settings_of(config[i]);

        if (wire_settings_set(lab->wire[number], i, &settings) < 0) {
            wire_unmake(lab);
            return -ENOSPC;
        }
    }
    return number;
}

/* Tells of a stage of a direction, if it is another. */
static void tell_stage(const struct wire *w, uint32_t direction, enum fault fault, int64_t before,
                       int64_t after, nanoseconds now)
{
    struct sockeye_event *event = before == after ? NULL : event_begin(&w->voice, EVENT_FAULT, now);

    if (!event)
        return;
    event->direction = (uint16_t)direction;
    event->fault = (struct event_fault){.value = after,
                                        .fault = (uint8_t)fault,
                                        .change = (uint8_t)(before == 0  ? CHANGE_BEGAN
                                                            : after == 0 ? CHANGE_ENDED
                                                                         : CHANGE_CHANGED)};
}

static void tell_changes(const struct wire *w, uint32_t direction, const struct wire_settings *a,
                         nanoseconds now)
{
    const struct wire_settings *b = &w->sim[direction].settings;

    tell_stage(w, direction, FAULT_RATE, (int64_t)a->rate.bits, (int64_t)b->rate.bits, now);
    tell_stage(w, direction, FAULT_DELAY, a->delay.base, b->delay.base, now);
    tell_stage(w, direction, FAULT_JITTER, a->delay.jitter, b->delay.jitter, now);
    tell_stage(w, direction, FAULT_LOSS, wire_loss_share(&a->loss), wire_loss_share(&b->loss), now);
    tell_stage(w, direction, FAULT_REORDER, a->reorder.ppm, b->reorder.ppm, now);
    tell_stage(w, direction, FAULT_DUPLICATE, a->duplicate.ppm, b->duplicate.ppm, now);
    tell_stage(w, direction, FAULT_CORRUPT, a->corrupt.ppm, b->corrupt.ppm, now);
    tell_stage(w, direction, FAULT_QUEUE, a->queue.bytes, b->queue.bytes, now);
}

int lab_wire_change(struct lab *lab, int wire, int64_t direction,
                    const struct sockeye_wire_config *config)
{
    struct wire_settings settings, before;
    int result;

    if (wire < 0 || (uint32_t)wire >= lab->wire_count || direction < 0 || direction > 1 ||
        !config || !is_config(config) || lab->wire[wire]->kind == WIRE_DOOR)
        return -EINVAL;
    settings = settings_of(config);
    memcpy(&before, &lab->wire[wire]->sim[direction].settings, sizeof before);
    result = wire_settings_set(lab->wire[wire], (uint32_t)direction, &settings);
    if (result == 0 && event_wanted(&lab->means.voice, EVENT_FAULT))
        tell_changes(lab->wire[wire], (uint32_t)direction, &before, lab->now);
    return result;
}

/* The host at an end of a wire; NULL: none. */
static struct host *host_at(struct lab *lab, const struct wire_end *end)
{
    return end->upper ? lab_host(lab, (int)end->node) : NULL;
}

/* RFC 8200 5: IPv6 is not for wires of less. */
static bool speaks_ip6(const struct host *h, const struct wire *w)
{
    for (uint32_t i = 0; h && i < h->node.interface_count; i++) {
        const struct host_interface *interface = host_interface(h, i);

        if (interface->link.end->wire == w && interface->ip.ndp)
            return true;
    }
    return false;
}

int lab_wire_mtu(struct lab *lab, int wire, int64_t mtu)
{
    struct wire *w = wire < 0 || (uint32_t)wire >= lab->wire_count ? NULL : lab->wire[wire];
    int64_t before = w ? w->mtu : 0;

    if (!w || w->kind == WIRE_DOOR || mtu < WIRE_MTU_LEAST || mtu > UINT16_MAX)
        return -EINVAL;
    for (uint32_t i = 0; mtu < IP6_MTU && i < 2; i++)
        if (speaks_ip6(host_at(lab, &w->end[i]), w))
            return -EOPNOTSUPP;
    wire_mtu_set(w, (uint32_t)mtu);
    for (uint32_t i = 0; i < 2; i++) {
        struct host *h = host_at(lab, &w->end[i]);

        if (h)
            ip_mtu_changed(&h->ip);
    }
    if (event_wanted(&lab->means.voice, EVENT_FAULT))
        for (uint32_t i = 0; i < 2; i++)
            tell_stage(w, i, FAULT_MTU, before, mtu, lab->now);
    return 0;
}

int lab_wire_link(struct lab *lab, int wire, int64_t direction, bool up, nanoseconds when)
{
    if (wire < 0 || (uint32_t)wire >= lab->wire_count || direction < 0 || direction > 1)
        return -EINVAL;
    return wire_link_at(lab->wire[wire], (uint32_t)direction, up, when, lab->now);
}

int lab_door_open(struct lab *lab, const char *name, int64_t kind, int64_t mtu)
{
    if (mtu == 0)
        mtu = WIRE_MTU_DEFAULT;
    if (mtu < WIRE_MTU_LEAST || mtu > UINT16_MAX ||
        (kind != SOCKEYE_DOOR_ETHERNET && kind != SOCKEYE_DOOR_IP))
        return -EINVAL;
    return wire_make(lab, name, WIRE_DOOR, kind == SOCKEYE_DOOR_IP, (uint32_t)mtu);
}

struct mac lab_mac(const char *node, const char *name)
{
    static const struct siphash_key none = {0, 0};
    struct siphash_key key = random_key(none, node, strlen(node));
    uint64_t number = siphash(key, name, strlen(name));
    struct mac mac;

    for (int i = 0; i < MAC_BYTES; i++)
        mac.bytes[i] = (uint8_t)(number >> (8 * i));
    mac.bytes[0] = (uint8_t)((mac.bytes[0] & 0xfc) | 0x02);
    return mac;
}

int lab_interface_open(struct lab *lab, int host, const char *name, int64_t wire, int64_t end,
                       const uint8_t *mac)
{
    struct node_interface_plan plan = {.name = name, .end = (uint32_t)end};
    struct node *n = lab_node(lab, host);
    struct wire *w;

    if (!n || !lab_is_name(name) || wire < 0 || wire >= lab->wire_count || end < 0 || end > 1)
        return -EINVAL;
    w = lab->wire[wire];
    if ((w->kind == WIRE_DOOR && end == 1) || (mac && mac[0] & 1))
        return -EINVAL;
    if (w->end[end].upper)
        return -EBUSY;
    plan.name_length = strlen(name);
    if (node_interface_find(n, name, plan.name_length) >= 0)
        return -EEXIST;
    plan.wire = w;
    if (mac)
        memcpy(plan.mac.bytes, mac, sizeof plan.mac.bytes);
    else
        plan.mac = lab_mac(n->name, name);
    return node_interface_open(n, &lab->pools, &plan);
}

/* "10.0.0.1" or "fd00::1", or, with a prefix, "10.0.0.1/24" or "fd00::1/64". */
int lab_address_read(const char *text, struct address *a, uint32_t *prefix)
{
    const char *end;
    uint32_t bits = 0, most_bits;

    if (!text || !address_parse(text, &end, a))
        return -EINVAL;
    most_bits = address_is_mapped(*a) ? 32 : 128;
    if (!prefix)
        return *end ? -EINVAL : 0;
    if (*end != '/' || end[1] < '0' || end[1] > '9')
        return -EINVAL;
    for (end++; *end >= '0' && *end <= '9' && bits <= most_bits; end++)
        bits = bits * 10 + (uint32_t)(*end - '0');
    *prefix = bits;
    return *end || bits > most_bits ? -EINVAL : 0;
}

int lab_address_add(struct lab *lab, int host, int64_t interface, const char *text)
{
    struct host *h = lab_host(lab, host);
    struct address a;
    uint32_t prefix;
    int result = lab_address_read(text, &a, &prefix);
    bool automatic = text && strcmp(text, "auto") == 0;

    if (result < 0 && !automatic)
        return result;
    if (!h)
        return lab_no_host(lab, host);
    if (interface < 0 || interface >= h->node.interface_count)
        return -EINVAL;
    if (automatic)
        return ip_interface_configure(&h->ip, (uint32_t)interface, lab->now);
    return ip_address_add(&h->ip, (uint32_t)interface, a, prefix, lab->now);
}

int lab_address_remove(struct lab *lab, int host, int64_t interface, const char *text)
{
    struct host *h = lab_host(lab, host);
    struct address a;
    uint32_t prefix;
    int result = lab_address_read(text, &a, &prefix);

    if (result < 0)
        return result;
    if (!h)
        return lab_no_host(lab, host);
    if (interface < 0 || interface >= h->node.interface_count)
        return -EINVAL;
    return ip_address_remove(&h->ip, (uint32_t)interface, a, lab->now);
}

int lab_probe_read(const struct lab *lab, int host, int64_t interface, const char *text,
                   struct link **link, struct address *a)
{
    struct host *h = lab_host(lab, host);

    if (!h || interface < 1 || interface >= h->node.interface_count ||
        lab_address_read(text, a, NULL) < 0 || !address_is_mapped(*a) ||
        address_is_unspecified(*a) || address_is_multicast(*a))
        return -EINVAL;
    *link = &host_interface(h, (uint32_t)interface)->link;
    return 0;
}

int lab_probe(struct lab *lab, int host, int64_t interface, const char *text, bool begins)
{
    struct address a;
    struct link *link;
    int result = lab_probe_read(lab, host, interface, text, &link, &a);

    return result < 0 ? result : link_probe(link, a, begins, lab->now);
}

int lab_setting_set(struct lab *lab, int host, const char *name, const char *value)
{
    int i = name ? host_setting_find(name) : -1;
    struct host_setting setting;
    int result;

    if (i < 0)
        return -ENOENT;
    ensure(i < LAB_SETTINGS);
    if (!value || host < -1)
        return -EINVAL;
    if (host >= 0 && !lab_host(lab, host))
        return lab_no_host(lab, host);
    result = host_setting_parse(i, value, &setting);
    if (result < 0)
        return result;
    if (host >= 0) {
        host_setting_apply(lab_host(lab, host), i, &setting);
        return 0;
    }
    memcpy(&lab->defaults[i].setting, &setting, sizeof setting);
    lab->defaults[i].is_set = 1;
    for (uint32_t k = 0; k < lab->node_count; k++)
        if (lab_host(lab, k))
            host_setting_apply(lab_host(lab, k), i, &setting);
    return 0;
}

static struct wire *door_of(const struct lab *lab, int wire)
{
    struct wire *w = wire >= 0 && (uint32_t)wire < lab->wire_count ? lab->wire[wire] : NULL;

    return w && w->kind == WIRE_DOOR ? w : NULL;
}

int lab_inject(struct lab *lab, int wire, const uint8_t *bytes, size_t length)
{
    struct wire *w = door_of(lab, wire);
    struct packet *p;

    if (!w || !bytes || length < (w->bare ? 1 : ETHERNET_HEADER_BYTES))
        return -EINVAL;
    if (length > UINT32_MAX || !wire_takes(w, 1, bytes, (uint32_t)length))
        return -EMSGSIZE;
    p = packet_get(&lab->packets, &w->sim[1].budget, (uint32_t)length);
    if (!p)
        return -ENOBUFS;
    memcpy(packet_append(p, (uint32_t)length), bytes, length);
    wire_inject(w, p, lab->now);
    return 0;
}

ssize_t lab_emit(struct lab *lab, int wire, uint8_t *bytes, size_t size, nanoseconds *when)
{
    struct wire *w = door_of(lab, wire);
    struct packet *p;
    uint32_t length;

    if (!w)
        return -EINVAL;
    p = wire_outside(w);
    if (!p)
        return -EAGAIN;
    length = packet_length(p);
    if (size < length)
        return -EMSGSIZE;
    memcpy(bytes, packet_data(p), length);
    *when = p->time;
    packet_put(wire_outside_take(w));
    return length;
}
