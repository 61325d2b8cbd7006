/* SPDX-License-Identifier: MIT */
/*
 * Between a link and a data link: bytes become frames, what is to be said becomes bytes, the
 * deadline a timer. Every entry ends in settle(): first all that is to be sent, then layer 3 hears
 * what happened, since it may send at once.
 */
#include "2-link/lapb_ether.h"

#include <errno.h>

#include "2-link/ethernet.h"
#include "base/compiler.h"

void lapb_ether_init(struct lapb_ether *e, struct means *means, struct link *l,
                     struct lapb_upper *upper, const struct lapb_ether_plan *plan)
{
    ensure(link_mac(l) && lapb_settings_are_sound(&plan->settings));
    e->link = l;
    e->means = means;
    e->upper = upper;
    upper->code = plan->upper_code;
    voice_copy(&e->voice, &l->voice);
    e->interface = (uint16_t)plan->interface;
    memcpy(&e->peer, plan->peer ? plan->peer : &ethernet_broadcast, sizeof e->peer);
    e->timer.node = means->node;
    e->timer.source = LAPB_TIMER_SOURCE;
    e->timer.serial = (uint64_t)plan->interface << 32;
    e->timer.code = plan->timer_code;
    e->look_again = NEVER;
    lapb_init(&e->lapb, &plan->settings);
    link_attach(l, &e->link_upper, plan->link_code);
}

static struct packet *packet_of(struct lapb_ether *e, const struct lapb_out *out)
{
    return out->packet ? packet_copy(out->packet)
                       : packet_get(e->means->packets, &e->means->packet_budget, 0);
}

/* A frame that cannot be had is as one that is lost: LAPB finds it missing. */
static void send_frame(struct lapb_ether *e, const struct lapb_out *out, nanoseconds now)
{
    struct packet *p = packet_of(e, out);
    uint8_t header[LAPB_HEADER_MOST + LAPB_REJECT_MOST];
    struct writer w = writer_of(header, sizeof header);
    uint32_t bytes, length;
    uint8_t *to;

    if (!p) {
        event_drop(&e->voice, now, DROP_NO_MEMORY, NULL);
        return;
    }
    lapb_frame_write(&w, e->lapb.settings.extended, &out->frame);
    ensure(!w.failed);
    bytes = (uint32_t)(w.at - header);
    memcpy(packet_push(p, bytes), header, bytes);
    length = packet_length(p);
    to = packet_push(p, LAPB_ETHER_BYTES);
    to[0] = (uint8_t)length;
    to[1] = (uint8_t)(length >> 8);
    if (out->again)
        p->mark = out->after_timer ? MARK_LAPB_TIMER : MARK_LAPB_REJECTED;
    link_send_station(e->link, &e->link_upper, &e->peer, p, now);
}

static void tell(struct lapb_ether *e, uint32_t before, nanoseconds now)
{
    struct sockeye_event *event;

    if (before == e->lapb.state)
        return;
    event = event_begin(&e->voice, EVENT_LAPB, now);
    if (!event)
        return;
    event->lapb.interface = e->interface;
    event->lapb.from = (uint8_t)before;
    event->lapb.to = (uint8_t)e->lapb.state;
}

/* Less than an eighth of its packets are left; once it is, less than a quarter. */
static bool is_short(const struct lapb_ether *e)
{
    const struct budget *b = &e->means->packet_budget;
    uint64_t eighths = e->lapb.busy ? 6 : 7;

    return b->used > b->limit / 8 * eighths;
}

static void look_for_room(struct lapb_ether *e, nanoseconds now)
{
    bool is_busy = is_short(e) && !e->lapb.peer_busy;

    lapb_busy_set(&e->lapb, is_busy, now);
    e->look_again = e->lapb.busy ? now + LAPB_ROOM_WAIT : NEVER;
}

static nanoseconds deadline_of(const struct lapb_ether *e)
{
    return time_earlier(lapb_deadline(&e->lapb), e->look_again);
}

static void settle(struct lapb_ether *e, uint32_t before, nanoseconds now)
{
    const struct lapb_upper_code *code = &lapb_upper_codes[e->upper->code];
    struct lapb_out out;
    enum lapb_news news;
    nanoseconds deadline;

    look_for_room(e, now);
    while (lapb_next(&e->lapb, &out, now))
        send_frame(e, &out, now);
    deadline = deadline_of(e);
    if (deadline == NEVER)
        timer_clear(e->means->timers, &e->timer);
    else if (!timer_is_set(&e->timer) || e->timer.deadline != deadline)
        timer_set(e->means->timers, &e->timer, deadline);
    tell(e, before, now);
    news = lapb_news_take(&e->lapb);
    if (news != LAPB_NEWS_NONE)
        code->told(e->upper, news, now);
    if (e->is_full && lapb_ether_has_room(e))
        code->ready(e->upper, now);
}

void lapb_ether_connect(struct lapb_ether *e, nanoseconds now)
{
    uint32_t before = e->lapb.state;

    lapb_connect(&e->lapb, now);
    settle(e, before, now);
}

void lapb_ether_send(struct lapb_ether *e, struct packet *p, nanoseconds now)
{
    uint32_t before = e->lapb.state;
    int result = lapb_send(&e->lapb, p, now);

    if (result < 0) {
        event_drop(&e->voice, now,
                   result == -ENOBUFS    ? DROP_LAPB_QUEUE
                   : result == -EMSGSIZE ? DROP_TOO_LONG
                                         : DROP_LAPB_DOWN,
                   p);
        packet_put(p);
    }
    settle(e, before, now);
}

bool lapb_ether_has_room(struct lapb_ether *e)
{
    bool has = e->lapb.queue.packets < e->lapb.settings.queue / 2;

    e->is_full = !has;
    return has;
}

/* The frame inside: as long as its two bytes say, which is no longer than what came. */
static bool length_take(struct packet *p)
{
    const uint8_t *at = packet_data(p);
    uint32_t length;

    if (packet_length(p) < LAPB_ETHER_BYTES)
        return false;
    length = at[0] | (uint32_t)at[1] << 8;
    packet_take(p, LAPB_ETHER_BYTES);
    if (length > packet_length(p))
        return false;
    packet_trim(p, length);
    return true;
}

static void drop(struct lapb_ether *e, struct packet *p, enum drop reason, nanoseconds now)
{
    event_drop(&e->voice, now, reason, p);
    packet_put(p);
}

void lapb_ether_receive(struct link_upper *upper, struct packet *p, const struct link_meta *meta,
                        nanoseconds now)
{
    struct lapb_ether *e = container_of(upper, struct lapb_ether, link_upper);
    uint32_t before = e->lapb.state;
    struct lapb_frame f;
    struct reader r;
    bool is_next;

    if (!mac_is_group(&e->peer) && !mac_equal(&e->peer, meta->source)) {
        drop(e, p, DROP_NOT_FOR_US, now);
        return;
    }
    if (!length_take(p)) {
        drop(e, p, DROP_LAPB_HEADER, now);
        return;
    }
    r = reader_of(packet_data(p), packet_length(p));
    if (!lapb_frame_read(&r, e->lapb.settings.extended, &f)) {
        drop(e, p, DROP_LAPB_HEADER, now);
        return;
    }
    is_next = lapb_receive(&e->lapb, &f, now);
    if (is_next) {
        packet_take(p, f.header_bytes);
        lapb_upper_codes[e->upper->code].receive(e->upper, p, now);
    } else if (f.kind == LAPB_I) {
        drop(e, p, before == LAPB_CONNECTED ? DROP_LAPB_SEQUENCE : DROP_LAPB_DOWN, now);
    } else if (f.address != LAPB_ADDRESS_A && f.address != LAPB_ADDRESS_B) {
        drop(e, p, DROP_LAPB_HEADER, now);
    } else {
        packet_put(p);
    }
    settle(e, before, now);
}

void lapb_ether_timer(struct timer *timer, nanoseconds now)
{
    struct lapb_ether *e = container_of(timer, struct lapb_ether, timer);
    uint32_t before = e->lapb.state;

    lapb_advance(&e->lapb, now);
    settle(e, before, now);
}

void lapb_ether_crash(struct lapb_ether *e)
{
    struct lapb_settings settings;

    memcpy(&settings, &e->lapb.settings, sizeof settings);
    lapb_done(&e->lapb);
    memset(&e->lapb, 0, sizeof e->lapb);
    lapb_init(&e->lapb, &settings);
    timer_clear(e->means->timers, &e->timer);
    e->look_again = NEVER;
    e->is_full = false;
}

int lapb_ether_check(const struct lapb_ether *e)
{
    nanoseconds deadline = deadline_of(e);

    if (timer_is_set(&e->timer) != (deadline != NEVER))
        return __LINE__;
    if (deadline != NEVER && e->timer.deadline != deadline)
        return __LINE__;
    return lapb_check(&e->lapb);
}
