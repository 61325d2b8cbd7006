/* SPDX-License-Identifier: MIT */
/* What always holds of the ends of AF_UNIX of a host: transport_check asks by each kind's row. */
#include "5-session/unix_end.h"

#include "base/compiler.h"

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return __LINE__;                                                                       \
    } while (0)

static int check_queue(const struct unix_end *e, uint32_t *items, uint32_t *rights)
{
    uint64_t unread = 0, at = e->bytes.from;
    uint32_t count = 0, own = 0;
    bool urgent = e->urgent == NULL;

    for (const struct list_link *l = e->queue.first; l; l = l->next) {
        const struct unix_item *item = container_of(l, const struct unix_item, link);

        REQUIRE(item->link.list == &e->queue && item->consumed <= item->length);
        REQUIRE(item->at >= at && item->at + item->length <= e->bytes.to);
        REQUIRE(item->from->references > 0 && item->from->charged >= item->charge);
        own += item->rights != NULL;
        urgent = urgent || item == e->urgent;
        at = item->at + item->length;
        unread += unix_queue_left(item);
        count++;
    }
    REQUIRE(urgent && unread == e->unread);
    REQUIRE(count > 0 || !e->bytes.bytes);
    REQUIRE(own == e->rights);
    *rights += own;
    *items += count;
    for (const struct list_link *l = e->accepts.first; l; l = l->next)
        count++;
    REQUIRE(count == e->waiting);
    return 0;
}

static int check_end(const struct unix_end *e, uint32_t *items, uint32_t *rights)
{
    REQUIRE(e->references > 0 && e->state <= UNIX_CONNECTED && e->shut <= UNIX_SHUT_BOTH);
    REQUIRE(!e->dead || (!e->end.upper && !e->peer && e->waiting == 0));
    REQUIRE(e->state != UNIX_CONNECTED || e->peer);
    REQUIRE(!e->peer || e->peer->references > 0);
    REQUIRE(!e->accepts.first || e->state == UNIX_LISTENING);
    REQUIRE(!e->name || e->name->references > 0);
    return check_queue(e, items, rights);
}

/* Each kind is asked; the ends of all stand in one list, so the first answers for all. */
int unix_check(const struct transport_service *service)
{
    const struct unix_host *h = container_of(service, const struct unix_host, service[0]);
    uint32_t ends = 0, items = 0, rights = 0;

    if (service->kind != TRANSPORT_UNIX_STREAM)
        return 0;
    for (const struct list_link *l = h->ends.first; l; l = l->next) {
        int line = check_end(container_of(l, const struct unix_end, link), &items, &rights);

        if (line)
            return line;
        ends++;
    }
    REQUIRE(ends == h->ends_count && ends <= h->end_limit);
    REQUIRE(items == h->items_count && items <= h->item_limit);
    for (const struct list_link *l = h->lost.first; l; l = l->next)
        rights++;
    for (const struct list_link *l = h->released.first; l; l = l->next)
        rights++;
    REQUIRE(rights == h->rights_count && rights <= h->rights_limit);
    REQUIRE(h->names.count <= h->names_count && h->names_count <= h->name_limit);
    return 0;
}
