/* SPDX-License-Identifier: MIT */
/*
 * From below: a frame is shown, and each end that wants it gets a copy, cut to what its filter
 * wants. Theory in frames.h; what Linux does is net/packet's.
 */
#include "4-transport/frames.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/pool.h"

uint32_t frames_packets(uint32_t packets)
{
    return packets / 2 < FRAMES_PACKETS ? packets / 2 : FRAMES_PACKETS;
}

uint32_t frames_end_bytes(void)
{
    return sizeof(struct frames_end);
}

uint32_t frames_item_bytes(void)
{
    return sizeof(struct frames_item);
}

void frames_init(struct frames *f, struct means *means, struct pool *end_pool,
                 struct pool *item_pool)
{
    f->means = means;
    f->end_pool = end_pool;
    f->item_pool = item_pool;
    f->budget.limit = frames_packets((uint32_t)means->packet_budget.limit);
}

static struct frames_end *end_at(struct list_link *l)
{
    return container_of(l, struct frames_end, link);
}

static bool is_of(const struct frames_end *e, uint32_t interface)
{
    return e->interface == 0 || e->interface == interface + 1;
}

uint32_t frames_watchers(const struct frames *f, uint32_t interface)
{
    uint32_t count = 0;

    for (struct list_link *l = f->ends.first; l; l = l->next)
        count += end_at(l)->protocol && is_of(end_at(l), interface);
    return count;
}

bool frames_is_promiscuous(const struct frames *f, uint32_t interface)
{
    for (struct list_link *l = f->ends.first; l; l = l->next)
        for (int i = 0; i < FRAMES_MEMBERS; i++) {
            const struct frames_member *m = &end_at(l)->member[i];

            if (m->count && m->kind == TRANSPORT_MEMBER_PROMISCUOUS && m->interface == interface)
                return true;
        }
    return false;
}

static bool wants(const struct frames_end *e, uint32_t interface, const struct frames_facts *facts)
{
    if (!e->protocol || !is_of(e, interface))
        return false;
    if (facts->kind == NAME_LINK_SENT)
        return e->protocol == FRAMES_ALL && !e->ignores_sent && e != e->frames->sender;
    return e->protocol == FRAMES_ALL || e->protocol == facts->protocol;
}

/* How much of the frame, which begins at `start` for this end; 0: nothing. */
static uint32_t wanted_bytes(const struct frames_end *e, uint32_t interface, const struct packet *p,
                             const struct frames_facts *facts, uint16_t hardware, uint32_t start)
{
    const struct bpf_view view = {.bytes = packet_data(p),
                                  .length = packet_length(p),
                                  .start = start,
                                  .network = facts->header_bytes,
                                  .interface = interface + 1,
                                  .protocol = facts->protocol,
                                  .hardware = hardware,
                                  .vlan = facts->vlan,
                                  .kind = facts->kind,
                                  .has_link = true,
                                  .has_interface = true,
                                  .has_vlan = facts->has_vlan};
    uint32_t whole = packet_length(p) - start;
    uint32_t wanted = e->filter.program ? bpf_run(e->filter.program, &view) : whole;

    return wanted < whole ? wanted : whole;
}

static struct frames_item *item_for(struct frames_end *e, const struct packet *p)
{
    struct frames *f = e->frames;
    struct frames_item *item;

    if (e->used >= e->options.receive_buffer)
        return NULL;
    item = pool_get(f->item_pool);
    if (!item)
        return NULL;
    item->packet = packet_copy(p);
    if (item->packet && packet_move(item->packet, &f->budget))
        return item;
    packet_put(item->packet);
    pool_put(f->item_pool, item);
    return NULL;
}

static void give(struct frames_end *e, uint32_t interface, const struct packet *p,
                 const struct frames_facts *facts, const struct frames_device *device,
                 nanoseconds now)
{
    uint32_t start = e->is_cooked ? facts->header_bytes : 0;
    uint32_t wanted = wanted_bytes(e, interface, p, facts, device->hardware, start);
    struct frames_item *item;

    if (wanted == 0)
        return;
    item = item_for(e, p);
    if (!item) {
        e->dropped++;
        return;
    }
    packet_take(item->packet, start);
    item->true_length = packet_length(item->packet);
    packet_trim(item->packet, wanted);
    item->time = now;
    item->interface = (uint16_t)interface;
    item->hardware = device->hardware;
    item->protocol = facts->protocol;
    item->vlan = facts->vlan;
    item->has_vlan = facts->has_vlan;
    item->kind = facts->kind;
    item->network = (uint8_t)(facts->header_bytes - start);
    item->has_source = facts->header_bytes > 0;
    memcpy(item->source, facts->source, sizeof item->source);
    list_add(&e->waiting, &item->link);
    e->used += item->packet->size;
    e->count++;
    e->copied++;
    transport_end_pending(&e->end);
}

/* With the header that Linux's loopback has: no stations, and the ethertype. NULL: no room. */
static struct packet *with_header(const struct packet *p, const struct frames_facts *facts)
{
    struct packet *copy = p->start >= FRAMES_HEADER_BYTES ? packet_copy(p) : NULL;
    uint8_t *header;

    if (!copy)
        return NULL;
    header = packet_push(copy, FRAMES_HEADER_BYTES);
    memset(header, 0, FRAMES_HEADER_BYTES);
    u16_put(header + FRAMES_HEADER_BYTES - 2, facts->protocol);
    return copy;
}

void frames_arrived(struct frames *f, uint32_t interface, const struct packet *p,
                    const struct frames_facts *facts, nanoseconds now)
{
    struct frames_facts shown;
    struct frames_device device;
    struct packet *made = NULL;

    if (!frames_device_find(f, interface, &device))
        return;
    memcpy(&shown, facts, sizeof shown);
    if (device.is_loopback) {
        made = with_header(p, facts);
        if (!made)
            return;
        shown.header_bytes = FRAMES_HEADER_BYTES;
        p = made;
    }
    for (struct list_link *l = f->ends.first; l; l = l->next)
        if (wants(end_at(l), interface, &shown))
            give(end_at(l), interface, p, &shown, &device, now);
    packet_put(made);
}
