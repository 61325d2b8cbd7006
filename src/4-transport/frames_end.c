/* SPDX-License-Identifier: MIT */
/*
 * From above: what a program does with a socket of frames (packet(7)). Errors, and the order in
 * which they are found, are Linux's (net/packet). RFC 894 has the header that a cooked end's frame
 * is given.
 */
#include <errno.h>

#include "4-transport/frames.h"
#include "base/arena.h"
#include "base/bytes.h"
#include "base/pool.h"

enum {
    BUFFER_DEFAULT = 212992,
    TAG_BYTES = 4,
    STATION_BYTES = 6,
    VLAN_TYPE = 0x8100,
    TYPE_AT = 12
};

static struct frames_end *end_of(const struct transport_end *end)
{
    return (struct frames_end *)(uintptr_t)end; /* its first member */
}

int frames_open(struct transport_service *service, struct transport_upper *upper,
                struct transport_end **end)
{
    struct frames *f = container_of(service, struct frames, service);
    struct frames_end *e = f->count < FRAMES_ENDS ? pool_get(f->end_pool) : NULL;

    if (!e)
        return -ENOBUFS;
    e->charge = charge_open(f->means->packets, service->drained);
    if (!e->charge) {
        pool_put(f->end_pool, e);
        return -ENOBUFS;
    }
    e->charge->owner = &e->end;
    e->end.service = service;
    e->end.upper = upper;
    e->end.kind = service->kind;
    e->frames = f;
    options_init(&e->options, BUFFER_DEFAULT, BUFFER_DEFAULT);
    list_add(&f->ends, &e->link);
    f->count++;
    *end = &e->end;
    return 0;
}

static void take(struct frames_end *e, struct frames_item *item)
{
    list_remove(&item->link);
    e->used -= item->packet->size;
    e->count--;
    packet_put(item->packet);
    pool_put(e->frames->item_pool, item);
}

static struct frames_item *next(const struct frames_end *e)
{
    return e->waiting.first ? container_of(e->waiting.first, struct frames_item, link) : NULL;
}

void frames_close(struct transport_end *end, nanoseconds now)
{
    struct frames_end *e = end_of(end);
    struct frames *f = e->frames;

    (void)now;
    while (next(e))
        take(e, next(e));
    filter_done(&e->filter, &f->means->filters);
    charge_close(f->means->packets, e->charge);
    list_remove(&e->end.pending);
    list_remove(&e->link);
    f->count--;
    pool_put(f->end_pool, e);
    frames_device_settle(f);
}

/* What is heard from now on, and where; what waits stays. */
int frames_bind(struct transport_end *end, const struct name *local)
{
    struct frames_end *e = end_of(end);
    struct frames_device device = {0};

    if (local->link.interface > UINT16_MAX ||
        (local->link.interface &&
         !frames_device_find(e->frames, local->link.interface - 1, &device)))
        return -ENODEV;
    e->interface = (uint16_t)local->link.interface;
    if (local->link.protocol)
        e->protocol = local->link.protocol;
    if (device.is_down && e->protocol) { /* said when somebody looks */
        e->error = ENETDOWN;
        transport_end_pending(end);
    }
    frames_device_settle(e->frames);
    return 0;
}

int frames_connect(struct transport_end *end, const struct name *remote, nanoseconds now)
{
    (void)end, (void)remote, (void)now;
    return -EOPNOTSUPP;
}

int frames_disconnect(struct transport_end *end, nanoseconds now)
{
    (void)end, (void)now;
    return -EOPNOTSUPP;
}

int frames_listen(struct transport_end *end, uint32_t backlog, nanoseconds now)
{
    (void)end, (void)backlog, (void)now;
    return -EOPNOTSUPP;
}

int frames_accept(struct transport_end *end, struct transport_upper *upper,
                  struct transport_end **accepted)
{
    (void)end, (void)upper, (void)accepted;
    return -EOPNOTSUPP;
}

/* ---- sending ---- */

/* Where a frame goes: the interface, and of a cooked one station and protocol. */
struct frames_way {
    uint32_t interface;
    uint16_t protocol;
    const uint8_t *station; /* NULL: none is named */
    struct frames_device device;
};

static int find_way(const struct frames_end *e, const struct transport_message *m,
                    struct frames_way *way)
{
    const struct name_link *to = &m->remote.link;
    uint32_t index = e->interface;

    way->protocol = e->protocol;
    way->station = NULL;
    if (m->remote.family != NAME_NONE) {
        index = to->interface;
        way->protocol = to->protocol;
        way->station = to->length ? to->address : NULL;
    }
    if (index == 0 || !frames_device_find(e->frames, index - 1, &way->device))
        return -ENXIO;
    way->interface = index - 1;
    return way->device.is_down ? -ENETDOWN : 0;
}

/* The header of a frame that has one: the end's own, or ours. */
static int check_frame(const struct frames_end *e, const struct transport_message *m,
                       const struct frames_way *way)
{
    bool has_header = way->device.has_stations || way->device.is_loopback;
    uint32_t header = has_header && !e->is_cooked ? FRAMES_HEADER_BYTES : 0;
    uint32_t most = way->device.mtu + header;

    if (m->length > most + TAG_BYTES)
        return -EMSGSIZE;
    if (m->length < header || (e->is_cooked && way->device.has_stations && !way->station))
        return -EINVAL;
    if (m->length > most && (!header || u16_at(m->out + TYPE_AT) != VLAN_TYPE))
        return -EMSGSIZE;
    return 0;
}

/* RFC 894. */
static void put_header(struct packet *p, const struct frames_way *way)
{
    uint8_t *header = packet_push(p, FRAMES_HEADER_BYTES);

    memcpy(header, way->station, STATION_BYTES);
    memcpy(header + STATION_BYTES, way->device.address, STATION_BYTES);
    u16_put(header + TYPE_AT, way->protocol);
}

static int may_send(struct frames_end *e)
{
    if (e->charge->bytes < e->options.send_buffer)
        return 0;
    e->charge->wants = 1;
    return -EAGAIN;
}

ssize_t frames_send(struct transport_end *end, const struct transport_message *m, unsigned flags,
                    nanoseconds now)
{
    struct frames_end *e = end_of(end);
    struct frames *f = e->frames;
    struct packet *p;
    struct frames_way way;
    int status = find_way(e, m, &way);

    (void)flags;
    if (!status)
        status = check_frame(e, m, &way);
    if (!status)
        status = may_send(e);
    if (status)
        return status;
    p = packet_get(f->means->packets, &f->means->packet_budget, (uint32_t)m->length);
    if (!p)
        return -ENOBUFS;
    if (m->length)
        memcpy(packet_append(p, (uint32_t)m->length), m->out, m->length);
    if (e->is_cooked && way.device.has_stations)
        put_header(p, &way);
    else if (!e->is_cooked && way.device.is_loopback)
        packet_take(p, FRAMES_HEADER_BYTES); /* its wire has none */
    packet_charge(p, e->charge);
    f->sender = e;
    frames_device_send(f, way.interface, p, now);
    f->sender = NULL;
    if (e->charge->bytes >= e->options.send_buffer / 2)
        e->charge->wants = 1;
    return (ssize_t)m->length;
}

/* ---- receiving ---- */

static void tell(const struct frames_item *item, struct transport_message *m)
{
    struct name_link *from = &m->remote.link;

    memset(&m->remote, 0, sizeof m->remote);
    m->remote.family = NAME_LINK;
    from->interface = item->interface + 1u;
    from->protocol = item->protocol;
    from->hardware = item->hardware;
    from->kind = item->kind;
    from->length = item->has_source ? STATION_BYTES : 0;
    memcpy(from->address, item->source, STATION_BYTES);
    memset(&m->local, 0, sizeof m->local);
    m->local.interface = item->interface;
    m->time = item->time;
    m->frame_bytes = item->true_length;
    m->frame_network = item->network;
    m->has_vlan = item->has_vlan;
    m->vlan = item->vlan;
}

ssize_t frames_receive(struct transport_end *end, struct transport_message *m, unsigned flags,
                       nanoseconds now)
{
    struct frames_end *e = end_of(end);
    struct frames_item *item = next(e);
    size_t n;

    (void)now;
    m->true_length = 0;
    if (e->error)
        return -frames_error_take(end);
    if (!item)
        return -EAGAIN;
    m->true_length = packet_length(item->packet);
    n = m->length < m->true_length ? m->length : m->true_length;
    if (n)
        memcpy(m->in, packet_data(item->packet), n);
    tell(item, m);
    if (!(flags & TRANSPORT_PEEK))
        take(e, item);
    return (ssize_t)n;
}

int frames_shutdown(struct transport_end *end, bool reading, bool writing, nanoseconds now)
{
    (void)end, (void)reading, (void)writing, (void)now;
    return -EOPNOTSUPP;
}

enum transport_phase frames_phase(const struct transport_end *end)
{
    (void)end;
    return TRANSPORT_OPEN; /* there is nobody to wait for */
}

unsigned frames_ready(const struct transport_end *end)
{
    const struct frames_end *e = end_of(end);

    return (e->count ? READY_IN : 0u) |
           (e->charge->bytes < e->options.send_buffer / 2 ? READY_OUT : 0u) |
           (e->error ? READY_ERROR : 0u);
}

int frames_error_take(struct transport_end *end)
{
    struct frames_end *e = end_of(end);
    int error = e->error;

    e->error = 0;
    return error;
}

void frames_drained(struct transport_end *end, nanoseconds now)
{
    (void)now;
    transport_end_pending(end);
}

void frames_local(const struct transport_end *end, struct name *local)
{
    const struct frames_end *e = end_of(end);
    struct frames_device device;

    memset(local, 0, sizeof *local);
    local->family = NAME_LINK;
    local->link.interface = e->interface;
    local->link.protocol = e->protocol;
    local->link.is_own = 1;
    if (e->interface == 0 || !frames_device_find(e->frames, e->interface - 1u, &device))
        return;
    local->link.hardware = device.hardware;
    local->link.length = device.has_stations || device.is_loopback ? STATION_BYTES : 0;
    memcpy(local->link.address, device.address, STATION_BYTES);
}

int frames_remote(const struct transport_end *end, struct name *remote)
{
    (void)end, (void)remote;
    return -EOPNOTSUPP;
}

/* ---- options ---- */

int frames_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                      nanoseconds now)
{
    struct frames_end *e = end_of(end);

    (void)now;
    if (option == OPTION_HEARD)
        e->protocol = (uint16_t)value;
    else if (option == OPTION_COOKED)
        e->is_cooked = value != 0;
    else if (option == OPTION_IGNORE_SENT)
        e->ignores_sent = value != 0;
    else
        return options_set(&e->options, option, value);
    frames_device_settle(e->frames);
    return 0;
}

int frames_option_get(const struct transport_end *end, enum transport_option option, int64_t *value)
{
    const struct frames_end *e = end_of(end);

    if (option == OPTION_HEARD)
        *value = e->protocol;
    else if (option == OPTION_COOKED)
        *value = e->is_cooked;
    else if (option == OPTION_IGNORE_SENT)
        *value = e->ignores_sent;
    else
        return options_get(&e->options, option, value);
    return 0;
}

int frames_filter(struct transport_end *end, enum transport_filter_call call,
                  struct transport_filter *filter)
{
    struct frames_end *e = end_of(end);

    return filter_call(&e->filter, &e->frames->means->filters, call, filter);
}

/* ---- memberships ---- */

static struct frames_member *member_of(struct frames_end *e, const struct transport_link *given)
{
    for (int i = 0; i < FRAMES_MEMBERS; i++) {
        struct frames_member *m = &e->member[i];

        if (m->count && m->kind == given->kind && m->interface == given->interface - 1 &&
            m->length == given->length && memcmp(m->address, given->address, m->length) == 0)
            return m;
    }
    return NULL;
}

static int join(struct frames_end *e, const struct transport_link *given)
{
    struct frames_member *m = member_of(e, given);
    struct frames_device device;

    if (given->interface == 0 || !frames_device_find(e->frames, given->interface - 1, &device))
        return -ENODEV;
    if (given->length > STATION_BYTES)
        return -EINVAL;
    for (int i = 0; !m && i < FRAMES_MEMBERS; i++)
        if (!e->member[i].count)
            m = &e->member[i];
    if (!m || m->count == UINT16_MAX)
        return -ENOBUFS;
    m->count++;
    m->kind = (uint8_t)given->kind;
    m->interface = (uint16_t)(given->interface - 1);
    m->length = (uint8_t)given->length;
    memcpy(m->address, given->address, m->length);
    return 0;
}

/* To leave what was never joined is no mistake. */
static void leave(struct frames_end *e, const struct transport_link *given)
{
    struct frames_member *m = given->interface ? member_of(e, given) : NULL;

    if (m)
        m->count--;
}

int frames_link(struct transport_end *end, enum transport_link_call call,
                struct transport_link *given)
{
    struct frames_end *e = end_of(end);
    int status = 0;

    switch (call) {
    case TRANSPORT_LINK_JOIN:
        status = join(e, given);
        break;
    case TRANSPORT_LINK_LEAVE:
        leave(e, given);
        break;
    case TRANSPORT_LINK_COUNTS:
        given->frames = e->copied + e->dropped;
        given->dropped = e->dropped;
        e->copied = e->dropped = 0;
        return 0;
    }
    frames_device_settle(e->frames);
    return status;
}

int64_t frames_count(const struct transport_end *end, enum transport_count_kind kind)
{
    const struct frames_end *e = end_of(end);

    if (kind == COUNT_UNREAD)
        return next(e) ? packet_length(next(e)->packet) : 0;
    return kind == COUNT_AT_MARK ? -EINVAL : (int64_t)e->charge->bytes;
}

int frames_info(const struct transport_end *end, struct transport_info *info, nanoseconds now)
{
    (void)end, (void)info, (void)now;
    return -ENOPROTOOPT;
}

static int check_waiting(const struct frames_end *e)
{
    uint32_t count = 0, used = 0;

    for (struct list_link *l = e->waiting.first; l; l = l->next) {
        const struct frames_item *item = container_of(l, struct frames_item, link);

        count++;
        used += item->packet->size;
    }
    return count == e->count && used == e->used ? 0 : __LINE__;
}

int frames_check(const struct transport_service *service)
{
    const struct frames *f = container_of(service, const struct frames, service);
    uint32_t count = 0, waiting = 0;

    for (struct list_link *l = f->ends.first; l; l = l->next) {
        const struct frames_end *e = container_of(l, struct frames_end, link);

        if (e->frames != f || e->charge->owner != e || check_waiting(e) != 0)
            return __LINE__;
        count++;
        waiting += e->count;
    }
    return count == f->count && waiting == f->budget.used && !f->sender ? 0 : __LINE__;
}
