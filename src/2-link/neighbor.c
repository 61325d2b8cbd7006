/* SPDX-License-Identifier: MIT */
/*
 * The states of neighbours, RFC 4861 7.3.2 and appendix C, for both families. An upper that can ask
 * does (Neighbor Discovery); for the others ARP does: a request to all for resolution, a request to
 * the station known for a probe (RFC 1122 2.3.2.1, method 2). ARP has no flag that says "you
 * asked"; its answer counts as solicited while a request of ours is out, that is in INCOMPLETE and
 * PROBE.
 *
 * One timer each, by state: INCOMPLETE and PROBE: the next request, failure, or the end of a
 * contest. REACHABLE: when the last confirmation is too old; confirmations do not move it, they are
 * looked at when it is due. DELAY: the probe. FAILED: to be forgotten. STALE: none. A neighbour is
 * asked for once in `retransmit` (1 s) at most (RFC 1122 2.3.2.1), but that a contest need not wait
 * for a request that was answered.
 *
 * Packets wait while INCOMPLETE; of too many the oldest goes (RFC 1122 2.3.2.2). If nobody answers,
 * each goes back to layer 3. A FAILED neighbour is tried again by the next packet.
 *
 * Forgeries. What nobody asked for creates nothing, except that a request to us creates its sender
 * as STALE, since we are about to answer it. A REACHABLE neighbour does not change its station by
 * being told to: both are asked, the station known and the one that claims its address, each alone.
 * The one known keeps it if it answers. The other one gets it if it answers and the one known stays
 * silent twice as long as it or its rival took to answer: so an address that has really moved is
 * followed within two round trips, and who forges announcements gains nothing while the true owner
 * lives. In other states the latest word counts. Each change is an EVENT_NEIGHBOR. An advertisement
 * with the override flag is held to the same (RFC 4861 7.2.5 would believe it at once).
 *
 * Room: `limit` neighbours a link, of which the least recently used that are STALE or FAILED make
 * place for new ones, but that who answered or was confirmed within a minute stays, whoever knocks;
 * those in resolution have a limit of their own, so that scanning a subnet costs no neighbour in
 * use its place (RFC 6583). Few are looked at for one that may go, and those that may not are put
 * behind, so that a flood of strangers costs no walk of the table a message. From three quarters on
 * a link is crowded: who asks is answered by the station that he names, without a place.
 */
#include "2-link/neighbor.h"

#include <errno.h>
#include <string.h>

#include "2-link/arp.h"
#include "base/bucket.h"
#include "base/compiler.h"
#include "base/integer.h"
#include "base/pool.h"

struct neighbor *neighbor_find(const struct link *l, struct address a)
{
    struct table_link *at = table_first(&l->neighbors, bucket_of_address(l->key, a));

    for (; at; at = table_next(at)) {
        struct neighbor *n = container_of(at, struct neighbor, by_address);

        if (address_equal(n->address, a))
            return n;
    }
    return NULL;
}

static void note_change(const struct neighbor *n, bool is_gone)
{
    struct changes_entry *e = changes_add(n->link->means->changes, CHANGES_NEIGHBOR);

    if (!e)
        return;
    e->is_gone = is_gone;
    e->state = n->state;
    e->is_permanent = n->is_permanent != 0;
    e->interface = (uint16_t)n->link->interface;
    e->address = n->address;
    memcpy(e->mac, n->mac.bytes, sizeof e->mac);
}

static void emit_change(const struct neighbor *n, uint8_t from, nanoseconds now)
{
    struct sockeye_event *event = event_begin(&n->link->voice, EVENT_NEIGHBOR, now);

    if (unlikely(n->link->means->changes))
        note_change(n, false);
    if (!event)
        return;
    event->neighbor.address = n->address;
    event->neighbor.from = from;
    event->neighbor.to = n->state;
    memcpy(event->neighbor.mac, n->mac.bytes, sizeof event->neighbor.mac);
}

/* By which protocol it tells of itself. */
static uint8_t own_origin(const struct neighbor *n)
{
    return address_is_mapped(n->address) ? ORIGIN_ARP : ORIGIN_ND;
}

/* Every change of state goes through here. The timer of the old state is cleared. */
static void set_state(struct neighbor *n, enum neighbor_state state, nanoseconds now)
{
    struct link *l = n->link;
    uint8_t from = n->state;

    l->incomplete -= from == NEIGHBOR_INCOMPLETE;
    l->incomplete += state == NEIGHBOR_INCOMPLETE;
    n->state = (uint8_t)state;
    n->since = now;
    n->contested = n->claim_answered = 0;
    n->tries = 0;
    timer_clear(l->means->timers, &n->timer);
    if (state == NEIGHBOR_REACHABLE) {
        n->origin = own_origin(n);
        n->confirmed = now;
        if (!n->is_permanent)
            timer_set(l->means->timers, &n->timer, now + n->reachable);
    } else if (state == NEIGHBOR_DELAY) {
        timer_set(l->means->timers, &n->timer, now + l->settings.delay_first);
    } else if (state == NEIGHBOR_FAILED) {
        timer_set(l->means->timers, &n->timer, now + NEIGHBOR_FAILED_TIME);
    }
    emit_change(n, from, now);
}

static void close(struct neighbor *n)
{
    struct link *l = n->link;

    ensure(n->waiting.packets == 0 && n->state != NEIGHBOR_INCOMPLETE);
    if (unlikely(l->means->changes))
        note_change(n, true);
    if (l->recent == n)
        l->recent = NULL;
    timer_clear(l->means->timers, &n->timer);
    table_remove(&l->neighbors, &n->by_address);
    list_remove(&n->order);
    l->neighbor_count--;
    pool_put(l->neighbor_pool, n);
}

/* What has failed was last asked for `retransmit` ago or longer, so that forgetting it lets nobody
 * be asked for more often. */
static bool may_go(const struct neighbor *n, nanoseconds now)
{
    return n->state == NEIGHBOR_FAILED ||
           (n->state == NEIGHBOR_STALE &&
            (n->confirmed == 0 || n->confirmed + NEIGHBOR_KEPT_TIME <= now));
}

/* Makes place for one. */
static bool evict(struct link *l, nanoseconds now)
{
    for (uint32_t i = 0; i < NEIGHBOR_LOOKS && i < l->neighbor_count; i++) {
        struct neighbor *n = container_of(l->neighbor_order.first, struct neighbor, order);

        if (may_go(n, now)) {
            close(n);
            return true;
        }
        list_remove(&n->order);
        list_add(&l->neighbor_order, &n->order);
    }
    return false;
}

bool neighbor_is_crowded(const struct link *l)
{
    return l->neighbor_count >= l->settings.limit - l->settings.limit / 4;
}

static bool asks_itself(const struct link_upper *upper)
{
    return upper && link_upper_codes[upper->code].ask;
}

/* RFC 4861 6.3.2: between a half and one and a half of the base. */
static nanoseconds reachable_time(const struct neighbor *n)
{
    const struct link *l = n->link;
    bool told = l->told_reachable && asks_itself(n->upper);
    uint64_t base = (uint64_t)(told ? l->told_reachable : l->settings.reachable_base);
    uint64_t draw = random_draw(l->key, RANDOM_REACHABLE, n->serial);

    return (nanoseconds)(base / 2 + random_below(draw, base + 1));
}

/* RFC 4861 6.3.4: a new value holds for what is confirmed from now on. */
void neighbor_times_anew(struct link *l)
{
    for (struct list_link *at = l->neighbor_order.first; at; at = at->next) {
        struct neighbor *n = container_of(at, struct neighbor, order);

        n->reachable = reachable_time(n);
    }
}

static nanoseconds retransmit_time(const struct neighbor *n)
{
    const struct link *l = n->link;

    return l->told_retransmit && asks_itself(n->upper) ? l->told_retransmit
                                                       : l->settings.retransmit;
}

/* A neighbour in no state yet. NULL: there is no place. */
static struct neighbor *open(struct link *l, struct link_upper *upper, struct address a,
                             nanoseconds now)
{
    struct neighbor *n = NULL;

    if (l->neighbor_count < l->settings.limit || evict(l, now))
        n = pool_get(l->neighbor_pool);
    if (!n && evict(l, now))
        n = pool_get(l->neighbor_pool);
    if (!n)
        return NULL;
    n->link = l;
    n->upper = upper;
    n->address.high = a.high;
    n->address.low = a.low;
    n->serial = ++l->serials;
    n->reachable = reachable_time(n);
    n->round_trip = NEIGHBOR_ROUND_TRIP;
    n->timer.node = l->means->node;
    n->timer.source = LINK_TIMER_SOURCE;
    n->timer.serial = (uint64_t)l->interface << 32 | n->serial;
    n->timer.code = l->neighbor_timer_code;
    table_add(&l->neighbors, &n->by_address, bucket_of_address(l->key, a));
    list_add(&l->neighbor_order, &n->order);
    l->neighbor_count++;
    return n;
}

static void send_question(struct neighbor *n, const struct mac *whom, nanoseconds now)
{
    struct link_upper *upper = n->upper;

    if (asks_itself(upper))
        link_upper_codes[upper->code].ask(upper, n->address, n->waiting.first, whom, now);
    else
        arp_ask(n->link, n->address, whom, now);
}

/* Sends a request, or waits until one may be sent again. RFC 1122 2.3.2.1: no flood of requests. */
static void ask(struct neighbor *n, nanoseconds now)
{
    nanoseconds retransmit = retransmit_time(n), next = n->asked_at + retransmit;
    struct link *l = n->link;

    if (n->asked && now < next) {
        timer_set(l->means->timers, &n->timer, next);
        return;
    }
    n->asked = 1;
    n->asked_at = now;
    n->tries++;
    timer_set(l->means->timers, &n->timer, now + retransmit);
    send_question(n, n->state == NEIGHBOR_PROBE ? &n->mac : NULL, now);
    if (n->contested)
        send_question(n, &n->claimant, now);
}

static uint16_t ethertype_of(const struct neighbor *n)
{
    return link_upper_codes[n->upper->code].ethertype;
}

/* Sends what waited, now that the station is known. */
static void send_waiting(struct neighbor *n, nanoseconds now)
{
    struct packet *p;

    if (n->waiting.packets && n->state == NEIGHBOR_STALE)
        set_state(n, NEIGHBOR_DELAY, now);
    while ((p = packet_queue_take(&n->waiting))) {
        n->link->waiting--;
        ethernet_send(n->link, &n->mac, ethertype_of(n), p, now);
    }
}

void neighbor_unreachable(struct link *l, struct link_upper *upper, struct packet *p,
                          nanoseconds now)
{
    event_drop(&l->sending, now, DROP_NEIGHBOR_FAILED, p);
    link_upper_codes[upper->code].unreachable(upper, p, now);
}

/* RFC 4861 7.2.2: no answer. The upper layer may send again at once: we are done by then. */
static void fail(struct neighbor *n, nanoseconds now)
{
    struct packet_queue waiting = n->waiting;
    struct link_upper *upper = n->upper;
    struct address target = n->address;
    struct link *l = n->link;
    struct packet *p;

    n->waiting.first = n->waiting.last = NULL;
    n->waiting.packets = n->waiting.bytes = 0;
    l->waiting -= waiting.packets;
    set_state(n, NEIGHBOR_FAILED, now);
    if (upper && link_upper_codes[upper->code].failed)
        link_upper_codes[upper->code].failed(upper, target, now);
    while ((p = packet_queue_take(&waiting)))
        neighbor_unreachable(l, upper, p, now);
}

/* The station is this one. */
static void learn(struct neighbor *n, const struct mac *mac, enum neighbor_state state,
                  nanoseconds now)
{
    memcpy(&n->mac, mac, sizeof n->mac);
    n->origin = own_origin(n);
    set_state(n, state, now);
    send_waiting(n, now);
}

static void drop_waiting(struct neighbor *n, nanoseconds now)
{
    struct packet *p = packet_queue_take(&n->waiting);

    n->link->waiting--;
    event_drop(&n->link->sending, now, DROP_NEIGHBOR_QUEUE, p);
    packet_put(p);
}

/* RFC 1122 2.3.2.2: the latest packets are kept. */
static void wait_for(struct neighbor *n, struct packet *p, nanoseconds now)
{
    struct link *l = n->link;
    uint64_t most_waiting = least(NEIGHBOR_WAITING_MOST, l->means->packet_budget.limit / 4);

    packet_queue_add(&n->waiting, p);
    l->waiting++;
    if (n->waiting.packets > most(l->settings.queue_packets, 1) ||
        (l->waiting > most_waiting && l->waiting > 1))
        drop_waiting(n, now);
}

static bool may_resolve(const struct link *l)
{
    return l->incomplete < NEIGHBOR_INCOMPLETE_MOST &&
           (l->incomplete < l->settings.limit / 2 || l->incomplete == 0);
}

static void refuse(struct link *l, struct packet *p, nanoseconds now)
{
    event_drop(&l->sending, now, DROP_NEIGHBOR_TABLE, p);
    packet_put(p);
}

/* RFC 4861 7.3.3: sending to a STALE neighbour starts DELAY. */
void neighbor_send(struct link *l, struct link_upper *upper, uint16_t ethertype,
                   struct address next_hop, struct packet *p, nanoseconds now)
{
    struct neighbor *n = l->recent;

    if (!n || !address_equal(n->address, next_hop))
        n = neighbor_find(l, next_hop);
    if ((!n || n->state == NEIGHBOR_FAILED) && !may_resolve(l)) {
        refuse(l, p, now);
        return;
    }
    if (!n)
        n = open(l, upper, next_hop, now);
    if (!n) {
        refuse(l, p, now);
        return;
    }
    n->upper = upper;
    l->recent = n;
    if (l->neighbor_order.last != &n->order) {
        list_remove(&n->order);
        list_add(&l->neighbor_order, &n->order);
    }
    if (n->state == NEIGHBOR_NONE || n->state == NEIGHBOR_FAILED) {
        set_state(n, NEIGHBOR_INCOMPLETE, now);
        wait_for(n, p, now);
        ask(n, now);
    } else if (n->state == NEIGHBOR_INCOMPLETE) {
        wait_for(n, p, now);
    } else {
        if (n->state == NEIGHBOR_STALE)
            set_state(n, NEIGHBOR_DELAY, now);
        ethernet_send(l, &n->mac, ethertype, p, now);
    }
}

/* Another station claims the address of a neighbour that answered lately. */
static void contest(struct neighbor *n, const struct mac *claimant, nanoseconds now)
{
    set_state(n, NEIGHBOR_PROBE, now);
    n->contested = 1;
    memcpy(&n->claimant, claimant, sizeof n->claimant);
    ask(n, now);
}

/* The claimant answers: the station known has as long again, counted from the question, as it or
 * the claimant takes for an answer. */
static bool claim_answered(struct neighbor *n, nanoseconds now)
{
    nanoseconds longer = time_later(now - n->asked_at, n->round_trip);

    if (n->claim_answered || n->tries == 0)
        return false;
    n->claim_answered = 1;
    timer_set(n->link->means->timers, &n->timer, n->asked_at + 2 * longer);
    return true;
}

static bool heard_another(struct neighbor *n, const struct mac *mac, enum neighbor_heard how,
                          nanoseconds now)
{
    bool answered = how == NEIGHBOR_ANSWERED_US;

    if (n->state == NEIGHBOR_REACHABLE) {
        contest(n, mac, now);
        return true;
    }
    if (n->contested)
        return answered && mac_equal(&n->claimant, mac) && claim_answered(n, now);
    learn(n, mac, answered && n->state == NEIGHBOR_PROBE ? NEIGHBOR_REACHABLE : NEIGHBOR_STALE,
          now);
    return true;
}

/* A question of ours was answered, by the station that has the address. A contest's question leaves
 * the next one waiting, or who claims again and again would make us ask without end. */
static void question_answered(struct neighbor *n, nanoseconds now)
{
    if (n->tries == 0)
        return;
    n->round_trip = time_later(now - n->asked_at, NEIGHBOR_ROUND_TRIP_LEAST);
    if (!n->contested)
        n->asked = 0;
}

/* RFC 4861 7.3.1, 7.3.3: an answer to what we sent proves the way to the station and back; in a
 * contest it does not tell whose answer it is, and proves nothing. The
 * timer is not moved: it looks at `confirmed` when it is due, so that a busy path costs no heap
 * work. */
void neighbor_confirm(struct neighbor *n, nanoseconds now)
{
    if (n->state == NEIGHBOR_REACHABLE)
        n->confirmed = now;
    else if (n->state == NEIGHBOR_STALE || n->state == NEIGHBOR_DELAY ||
             (n->state == NEIGHBOR_PROBE && !n->contested)) {
        set_state(n, NEIGHBOR_REACHABLE, now);
        n->origin = ORIGIN_CONFIRMED;
    }
}

/* RFC 4861 7.3.3, RFC 826 (merge): what a station says of itself is news, but only an answer to a
 * question of ours shows that it hears us too, and makes it REACHABLE. */
static bool heard(struct neighbor *n, const struct mac *mac, enum neighbor_heard how,
                  nanoseconds now)
{
    bool answered = how == NEIGHBOR_ANSWERED_US;

    switch ((enum neighbor_state)n->state) {
    case NEIGHBOR_NONE:
        learn(n, mac, NEIGHBOR_STALE, now);
        return true;
    case NEIGHBOR_INCOMPLETE:
        if (answered)
            question_answered(n, now);
        learn(n, mac, answered ? NEIGHBOR_REACHABLE : NEIGHBOR_STALE, now);
        return true;
    case NEIGHBOR_FAILED:
        if (how == NEIGHBOR_OVERHEARD)
            return false;
        learn(n, mac, NEIGHBOR_STALE, now);
        return true;
    case NEIGHBOR_REACHABLE:
    case NEIGHBOR_STALE:
    case NEIGHBOR_DELAY:
    case NEIGHBOR_PROBE:
        break;
    }
    if (n->is_permanent)
        return true;
    if (!mac_equal(&n->mac, mac))
        return heard_another(n, mac, how, now);
    if (n->state == NEIGHBOR_PROBE && answered) {
        question_answered(n, now);
        set_state(n, NEIGHBOR_REACHABLE, now);
    }
    return true;
}

bool neighbor_heard(struct link *l, struct address a, const struct mac *mac,
                    enum neighbor_heard how, nanoseconds now)
{
    struct neighbor *n = neighbor_find(l, a);

    if (!n && how == NEIGHBOR_ASKED_US)
        n = open(l, NULL, a, now);
    return n && heard(n, mac, how, now);
}

bool neighbor_told(struct link *l, struct link_upper *upper, const struct link_news *news,
                   nanoseconds now)
{
    struct neighbor *n = neighbor_find(l, news->address);

    if (!n && news->mac)
        n = open(l, upper, news->address, now);
    if (n && news->router)
        n->is_router = 1;
    return n && news->mac && heard(n, news->mac, NEIGHBOR_ASKED_US, now);
}

/* RFC 4861 7.2.5, the part about a station that is known. */
static bool advertised_again(struct neighbor *n, const struct link_news *news, nanoseconds now)
{
    bool same = !news->mac || mac_equal(&n->mac, news->mac);

    if (!same && !news->override) {
        if (n->state == NEIGHBOR_REACHABLE)
            set_state(n, NEIGHBOR_STALE, now);
        return false;
    }
    if (same && news->solicited && !(n->contested && !news->mac)) {
        question_answered(n, now);
        if (n->state == NEIGHBOR_REACHABLE)
            neighbor_confirm(n, now);
        else
            set_state(n, NEIGHBOR_REACHABLE, now);
    }
    if (same)
        return true;
    if (n->state == NEIGHBOR_REACHABLE || n->contested)
        return heard_another(n, news->mac,
                             news->solicited ? NEIGHBOR_ANSWERED_US : NEIGHBOR_OVERHEARD, now);
    learn(n, news->mac, news->solicited ? NEIGHBOR_REACHABLE : NEIGHBOR_STALE, now);
    return true;
}

/* RFC 4861 7.2.5: one that names no station, or another without the override flag, changes nothing
 * of what is known. */
static bool is_believed(const struct neighbor *n, const struct link_news *news)
{
    if (!news->mac)
        return n->state != NEIGHBOR_INCOMPLETE;
    return n->state == NEIGHBOR_INCOMPLETE || news->override || mac_equal(&n->mac, news->mac);
}

/* RFC 4861 7.2.5: an advertisement creates nothing, and says of a station nothing if it does not
 * name it. */
bool neighbor_advertised(struct link *l, const struct link_news *news, nanoseconds now)
{
    struct neighbor *n = neighbor_find(l, news->address);

    if (!n || n->state == NEIGHBOR_NONE || n->state == NEIGHBOR_FAILED)
        return false;
    if (n->is_permanent)
        return true;
    if (is_believed(n, news))
        n->is_router = news->router;
    if (n->state != NEIGHBOR_INCOMPLETE)
        return advertised_again(n, news, now);
    if (!news->mac)
        return false;
    if (news->solicited)
        question_answered(n, now);
    learn(n, news->mac, news->solicited ? NEIGHBOR_REACHABLE : NEIGHBOR_STALE, now);
    return true;
}

/* ---- what is written down ---- */

static void forget(struct neighbor *n, nanoseconds now)
{
    while (n->waiting.packets)
        drop_waiting(n, now);
    n->is_permanent = 0;
    set_state(n, NEIGHBOR_FAILED, now);
    close(n);
}

int neighbor_write(struct link *l, const struct link_neighbor_plan *plan, nanoseconds now)
{
    struct neighbor *n = neighbor_find(l, plan->address);

    if (!n)
        n = open(l, NULL, plan->address, now);
    if (!n)
        return -ENOBUFS;
    n->is_permanent = plan->is_permanent;
    learn(n, &plan->mac, plan->is_stale ? NEIGHBOR_STALE : NEIGHBOR_REACHABLE, now);
    n->origin = ORIGIN_CALL;
    return 0;
}

int neighbor_forget(struct link *l, struct address a, nanoseconds now)
{
    struct neighbor *n = neighbor_find(l, a);

    if (!n)
        return -ENOENT;
    forget(n, now);
    return 0;
}

void neighbor_forget_all(struct link *l, nanoseconds now)
{
    while (l->neighbor_order.first)
        forget(container_of(l->neighbor_order.first, struct neighbor, order), now);
}

/* RFC 4861 7.3.3: what each state's time is over means; RFC 1122 2.3.2.1 (stale entries go). */
void neighbor_timer(struct neighbor *n, nanoseconds now)
{
    const struct neighbor_settings *s = &n->link->settings;

    switch ((enum neighbor_state)n->state) {
    case NEIGHBOR_INCOMPLETE:
    case NEIGHBOR_PROBE:
        if (n->claim_answered)
            learn(n, &n->claimant, NEIGHBOR_REACHABLE, now);
        else if (n->tries >= (n->state == NEIGHBOR_PROBE ? s->unicast_tries : s->multicast_tries))
            fail(n, now);
        else
            ask(n, now);
        break;
    case NEIGHBOR_REACHABLE:
        if (n->confirmed + n->reachable > now)
            timer_set(n->link->means->timers, &n->timer, n->confirmed + n->reachable);
        else
            set_state(n, NEIGHBOR_STALE, now);
        break;
    case NEIGHBOR_DELAY:
        set_state(n, NEIGHBOR_PROBE, now);
        ask(n, now);
        break;
    case NEIGHBOR_FAILED:
        close(n);
        break;
    case NEIGHBOR_NONE:
    case NEIGHBOR_STALE:
        break;
    }
}

static bool neighbor_is_valid(const struct neighbor *n)
{
    const struct link *l = n->link;
    uint32_t packets = 0;

    for (const struct packet *p = n->waiting.first; p && packets <= n->waiting.packets; p = p->next)
        packets++;
    return n->state > NEIGHBOR_NONE && n->state <= NEIGHBOR_FAILED &&
           timer_is_set(&n->timer) == (n->state != NEIGHBOR_STALE && !n->is_permanent) &&
           (!n->is_permanent || n->state == NEIGHBOR_REACHABLE) && packets == n->waiting.packets &&
           (packets == 0 || (n->state == NEIGHBOR_INCOMPLETE && n->upper)) &&
           (!n->contested || n->state == NEIGHBOR_PROBE) && (!n->claim_answered || n->contested) &&
           neighbor_find(l, n->address) == n;
}

int neighbor_check(const struct link *l)
{
    uint32_t count = 0, incomplete = 0, waiting = 0;
    bool recent_found = l->recent == NULL;

    for (struct list_link *at = l->neighbor_order.first; at; at = at->next) {
        const struct neighbor *n = container_of(at, struct neighbor, order);

        if (n->link != l || !neighbor_is_valid(n))
            return __LINE__;
        count++;
        incomplete += n->state == NEIGHBOR_INCOMPLETE;
        waiting += n->waiting.packets;
        recent_found = recent_found || n == l->recent;
    }
    if (count != l->neighbor_count || count != l->neighbors.count || !recent_found)
        return __LINE__;
    return incomplete == l->incomplete && waiting == l->waiting ? 0 : __LINE__;
}
