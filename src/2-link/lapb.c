/* SPDX-License-Identifier: MIT */
/*
 * The procedures of a data link, each with the paragraph of X.25 (03/2000) that says it; ISO/IEC
 * 7776 has the same for both of its ends. See lapb.h.
 */
#include "2-link/lapb.h"

#include <errno.h>

#include "base/compiler.h"

void lapb_settings_default(struct lapb_settings *s)
{
    memset(s, 0, sizeof *s);
    s->t1 = LAPB_T1;
    s->t2 = LAPB_T2;
    s->n1 = LAPB_N1;
    s->n2 = LAPB_N2;
    s->k = LAPB_K;
    s->queue = LAPB_QUEUE;
}

bool lapb_settings_are_sound(const struct lapb_settings *s)
{
    return s->t1 > 0 && s->t2 > 0 && s->t1 <= 3600 * SECOND && s->t2 < s->t1 && s->n1 > 0 &&
           s->n1 <= LAPB_N1 && s->n2 > 0 && s->k > 0 && s->k < lapb_frame_modulo(s->extended) &&
           s->queue >= s->k;
}

void lapb_init(struct lapb *l, const struct lapb_settings *settings)
{
    memcpy(&l->settings, settings, sizeof l->settings);
    l->t1 = l->t2 = NEVER;
}

static void queue_clear(struct lapb *l)
{
    struct packet *p;

    while ((p = packet_queue_take(&l->queue)) != NULL)
        packet_put(p);
    l->next = NULL;
    l->outstanding = l->flight = 0;
}

void lapb_done(struct lapb *l)
{
    queue_clear(l);
}

static uint32_t modulo(const struct lapb *l)
{
    return lapb_frame_modulo(l->settings.extended);
}

static uint8_t vs_of(const struct lapb *l)
{
    return (uint8_t)((l->va + l->flight) % modulo(l));
}

/* X.25 2.3.2.3, table 2-2: a command bears the address of who it is for. */
static void owe(struct lapb *l, enum lapb_kind kind, bool command, bool poll)
{
    bool to_dce = command != l->settings.dce;

    memset(&l->owed, 0, sizeof l->owed);
    l->owed.address = to_dce ? LAPB_ADDRESS_B : LAPB_ADDRESS_A;
    l->owed.kind = (uint8_t)kind;
    l->owed.poll = poll;
    l->owes = true;
    if (kind == LAPB_RR || kind == LAPB_RNR || kind == LAPB_REJ)
        l->ack_pending = false;
}

/* RR, or while there is no room RNR. */
static void owe_ready(struct lapb *l, bool command, bool poll)
{
    owe(l, l->busy ? LAPB_RNR : LAPB_RR, command, poll);
}

static void t1_start(struct lapb *l, nanoseconds now)
{
    l->t1 = now + l->settings.t1;
}

/* T1 runs while something is to be answered: a question, frames, or a busy peer for whom something
 * waits (X.25 2.4.5.8). */
static void t1_settle(struct lapb *l, nanoseconds now)
{
    bool waits = l->recovering || l->outstanding > 0 || (l->peer_busy && l->queue.packets > 0);

    if (l->state != LAPB_CONNECTED)
        return;
    if (!waits)
        l->t1 = NEVER;
    else if (l->t1 == NEVER)
        t1_start(l, now);
}

static void forget(struct lapb *l)
{
    queue_clear(l);
    l->t1 = l->t2 = NEVER;
    l->tries = 0;
    l->va = l->vr = 0;
    l->peer_busy = l->busy = l->rejecting = l->recovering = l->ack_pending = l->missed = false;
}

static void went_down(struct lapb *l, enum lapb_state state)
{
    if (l->state == LAPB_CONNECTED)
        l->counts.resets++;
    if (l->state == LAPB_CONNECTED || (l->state == LAPB_SETUP && state == LAPB_DISCONNECTED))
        l->news = LAPB_NEWS_DOWN;
    forget(l);
    l->state = state;
}

/* X.25 2.4.4.1: V(S), V(R) and V(A) begin at 0. */
static void came_up(struct lapb *l)
{
    bool was_up = l->state == LAPB_CONNECTED;

    forget(l);
    l->counts.resets += was_up;
    l->state = LAPB_CONNECTED;
    l->news = was_up ? LAPB_NEWS_RESET : LAPB_NEWS_UP;
}

static void ask_setup(struct lapb *l, nanoseconds now)
{
    owe(l, l->settings.extended ? LAPB_SABME : LAPB_SABM, true, true);
    t1_start(l, now);
}

static void set_up(struct lapb *l, nanoseconds now)
{
    went_down(l, LAPB_SETUP);
    ask_setup(l, now);
}

void lapb_connect(struct lapb *l, nanoseconds now)
{
    if (l->state == LAPB_DISCONNECTED || l->state == LAPB_RELEASE)
        set_up(l, now);
}

/* X.25 2.4.4.3 */
void lapb_disconnect(struct lapb *l, nanoseconds now)
{
    bool was_up = l->state == LAPB_CONNECTED || l->state == LAPB_REJECTED;

    if (l->state == LAPB_DISCONNECTED || l->state == LAPB_RELEASE)
        return;
    went_down(l, was_up ? LAPB_RELEASE : LAPB_DISCONNECTED);
    owe(l, LAPB_DISC, true, true);
    if (was_up)
        t1_start(l, now);
}

int lapb_send(struct lapb *l, struct packet *p, nanoseconds now)
{
    if (l->state != LAPB_CONNECTED)
        return -ENOTCONN;
    if (packet_length(p) > l->settings.n1)
        return -EMSGSIZE;
    if (l->queue.packets >= l->settings.queue)
        return -ENOBUFS;
    packet_queue_add(&l->queue, p);
    if (!l->next)
        l->next = p;
    t1_settle(l, now);
    return 0;
}

/* V(S) goes back to V(A). */
static void go_back(struct lapb *l)
{
    l->flight = 0;
    l->next = l->queue.first;
}

/* X.25 2.4.5.5: what the peer has. false: it says it has what was never sent. */
static bool acknowledged(struct lapb *l, uint8_t nr)
{
    uint32_t n = (nr + modulo(l) - l->va) % modulo(l);

    if (n > l->outstanding)
        return false;
    for (uint32_t i = 0; i < n; i++)
        packet_put(packet_queue_take(&l->queue));
    l->va = nr;
    l->outstanding -= n;
    if (n > l->flight)
        go_back(l);
    else
        l->flight -= n;
    if (n > 0 && !l->recovering) {
        l->tries = 0;
        l->t1 = NEVER; /* begins anew for what is left */
    }
    return true;
}

/* X.25 2.4.5.9: the answer to the question is there. */
static void recovered(struct lapb *l)
{
    l->recovering = false;
    l->after_timer = true;
    l->tries = 0;
    l->t1 = NEVER;
    go_back(l);
}

/* X.25 2.4.6.1, 2.4.7.3: only the peer can go on from here. */
static void reject(struct lapb *l, const struct lapb_frame *f, bool command, uint8_t reasons,
                   nanoseconds now)
{
    uint8_t vs = vs_of(l), vr = l->vr;

    went_down(l, LAPB_REJECTED);
    memcpy(l->reject.control, f->control, sizeof l->reject.control);
    l->reject.vs = vs;
    l->reject.vr = vr;
    l->reject.reasons = reasons;
    l->reject.of_response = !command;
    owe(l, LAPB_FRMR, false, command && f->poll);
    memcpy(&l->owed.reject, &l->reject, sizeof l->owed.reject);
    t1_start(l, now);
}

/* X.25 2.4.5.2, 2.4.5.6 */
static bool information_arrived(struct lapb *l, const struct lapb_frame *f, nanoseconds now)
{
    bool is_next = f->ns == l->vr;

    if (l->busy) {
        l->missed = true;
        owe_ready(l, false, f->poll); /* 2.4.5.8: its information is ignored */
        return false;
    }
    if (is_next) {
        l->vr = (uint8_t)((l->vr + 1) % modulo(l));
        l->rejecting = false;
        l->counts.received++;
        if (f->poll) {
            owe_ready(l, false, true);
        } else if (!l->ack_pending) {
            l->ack_pending = true;
            l->t2 = now + l->settings.t2;
        }
    } else if (!l->rejecting) {
        l->rejecting = true;
        l->counts.rejects_out++;
        owe(l, LAPB_REJ, false, f->poll);
    } else if (f->poll) {
        owe_ready(l, false, true);
    }
    return is_next;
}

/* RR, RNR and REJ: X.25 2.4.5.6 to 2.4.5.9. */
static void supervisory_arrived(struct lapb *l, const struct lapb_frame *f, bool command)
{
    bool final = !command && f->poll;

    l->peer_busy = f->kind == LAPB_RNR;
    l->counts.rejects_in += f->kind == LAPB_REJ;
    if (command && f->poll)
        owe_ready(l, false, true);
    if (l->recovering && final)
        recovered(l);
    else if (!l->recovering && f->kind == LAPB_REJ) {
        l->after_timer = false;
        l->tries = 0;
        l->t1 = NEVER;
        go_back(l);
    }
}

/* What a frame may not be, whoever sends it; 0: it may. X.25 2.4.6.1. */
static uint8_t faults_of(const struct lapb *l, const struct lapb_frame *f)
{
    uint32_t most = f->kind == LAPB_I      ? l->settings.n1
                    : f->kind == LAPB_FRMR ? (l->settings.extended ? 5 : 3)
                                           : 0;

    if (f->kind == LAPB_UNDEFINED)
        return LAPB_REASON_CONTROL;
    if (f->information_bytes > most)
        return f->kind == LAPB_I ? LAPB_REASON_LENGTH
                                 : LAPB_REASON_INFORMATION | LAPB_REASON_CONTROL;
    return 0;
}

static bool is_setup(const struct lapb *l, const struct lapb_frame *f)
{
    return f->kind == (l->settings.extended ? LAPB_SABME : LAPB_SABM);
}

static bool is_numbered(const struct lapb_frame *f)
{
    return f->kind <= LAPB_REJ;
}

/* Everything that needs the link to be up. */
static bool connected_receive(struct lapb *l, const struct lapb_frame *f, bool command,
                              nanoseconds now)
{
    uint8_t faults = faults_of(l, f);
    bool is_next = false;

    if (faults == 0 && is_numbered(f) && !acknowledged(l, f->nr))
        faults = LAPB_REASON_NR;
    if (faults) {
        reject(l, f, command, faults, now);
        return false;
    }
    if (f->kind == LAPB_I)
        is_next = information_arrived(l, f, now);
    else if (is_numbered(f))
        supervisory_arrived(l, f, command);
    else if (f->kind == LAPB_FRMR)
        set_up(l, now); /* 2.4.7.2 */
    else if (f->kind == LAPB_DM)
        went_down(l, LAPB_DISCONNECTED);
    return is_next;
}

/* While the link is not up, apart from SABM, SABME and DISC. */
static void unconnected_receive(struct lapb *l, const struct lapb_frame *f, bool command)
{
    bool answers = !command && f->poll;

    switch ((enum lapb_state)l->state) {
    case LAPB_SETUP:
        if (answers && f->kind == LAPB_UA)
            came_up(l);
        else if (answers && f->kind == LAPB_DM)
            went_down(l, LAPB_DISCONNECTED);
        break;
    case LAPB_RELEASE:
        if (answers && (f->kind == LAPB_UA || f->kind == LAPB_DM))
            went_down(l, LAPB_DISCONNECTED);
        else if (command && f->poll)
            owe(l, LAPB_DM, false, true);
        break;
    case LAPB_REJECTED:
        if (f->kind == LAPB_DM) {
            went_down(l, LAPB_DISCONNECTED);
        } else if (f->kind == LAPB_FRMR) {
            l->state = LAPB_DISCONNECTED; /* both reject: one has to begin */
            l->t1 = NEVER;
        } else if (command && f->poll) {
            owe(l, LAPB_FRMR, false, true);
            memcpy(&l->owed.reject, &l->reject, sizeof l->owed.reject);
        }
        break;
    case LAPB_DISCONNECTED:
    case LAPB_CONNECTED:
    case LAPB_STATE_COUNT:
        if (command && f->poll)
            owe(l, LAPB_DM, false, true); /* 2.4.4.4.1 */
        break;
    }
}

/* X.25 2.4.4.1, 2.4.4.2: SABM or SABME. */
static void setup_arrived(struct lapb *l, const struct lapb_frame *f)
{
    bool may = is_setup(l, f) && l->state != LAPB_RELEASE;

    if (may && l->state != LAPB_SETUP) /* 2.4.4.5.1: who asked too waits for his own answer */
        came_up(l);
    owe(l, may ? LAPB_UA : LAPB_DM, false, f->poll);
}

/* X.25 2.4.4.3, 2.4.4.5 */
static void disconnect_arrived(struct lapb *l, const struct lapb_frame *f)
{
    bool awaits = l->state == LAPB_SETUP;

    if (l->state == LAPB_CONNECTED || l->state == LAPB_REJECTED)
        went_down(l, LAPB_DISCONNECTED);
    owe(l, awaits ? LAPB_DM : LAPB_UA, false, f->poll);
}

bool lapb_receive(struct lapb *l, const struct lapb_frame *f, nanoseconds now)
{
    bool command = f->address == (l->settings.dce ? LAPB_ADDRESS_B : LAPB_ADDRESS_A);
    bool is_bare = f->information_bytes == 0;
    bool is_next = false;

    if (f->address != LAPB_ADDRESS_A && f->address != LAPB_ADDRESS_B)
        return false; /* X.25 2.3.5.3: an invalid frame, as if it had not come */
    if (is_bare && (f->kind == LAPB_SABM || f->kind == LAPB_SABME))
        setup_arrived(l, f);
    else if (is_bare && f->kind == LAPB_DISC)
        disconnect_arrived(l, f);
    else if (l->state == LAPB_CONNECTED)
        is_next = connected_receive(l, f, command, now);
    else
        unconnected_receive(l, f, command);
    t1_settle(l, now);
    return is_next;
}

void lapb_busy_set(struct lapb *l, bool busy, nanoseconds now)
{
    if (l->state != LAPB_CONNECTED || busy == l->busy)
        return;
    l->busy = busy;
    if (!busy && l->missed) { /* X.25 2.4.5.8: REJ asks for what was refused meanwhile */
        l->rejecting = true;
        l->counts.rejects_out++;
        owe(l, LAPB_REJ, false, false);
    } else {
        owe_ready(l, false, false);
    }
    l->missed = false;
    t1_settle(l, now);
}

/* T1 has run out (X.25 2.4.5.9, 2.4.4.5.2). */
static void t1_due(struct lapb *l, nanoseconds now)
{
    l->t1 = NEVER;
    l->counts.timeouts++;
    if (l->tries == l->settings.n2) {
        went_down(l, LAPB_DISCONNECTED);
        return;
    }
    l->tries++;
    t1_start(l, now);
    switch ((enum lapb_state)l->state) {
    case LAPB_SETUP:
        ask_setup(l, now);
        break;
    case LAPB_RELEASE:
        owe(l, LAPB_DISC, true, true);
        break;
    case LAPB_REJECTED:
        owe(l, LAPB_FRMR, false, false);
        memcpy(&l->owed.reject, &l->reject, sizeof l->owed.reject);
        break;
    case LAPB_CONNECTED:
        l->recovering = true;
        owe_ready(l, true, true);
        break;
    case LAPB_DISCONNECTED:
    case LAPB_STATE_COUNT:
        l->t1 = NEVER;
        break;
    }
}

void lapb_advance(struct lapb *l, nanoseconds now)
{
    if (l->t2 <= now) {
        l->t2 = NEVER;
        if (l->ack_pending)
            owe_ready(l, false, false);
    }
    if (l->t1 <= now)
        t1_due(l, now);
}

nanoseconds lapb_deadline(const struct lapb *l)
{
    return time_earlier(l->t1, l->t2);
}

static bool may_send(const struct lapb *l)
{
    return l->state == LAPB_CONNECTED && l->next && !l->peer_busy && !l->recovering &&
           l->flight < l->settings.k;
}

bool lapb_next(struct lapb *l, struct lapb_out *out, nanoseconds now)
{
    memset(out, 0, sizeof *out);
    if (l->owes) {
        memcpy(&out->frame, &l->owed, sizeof out->frame);
        out->frame.nr = l->vr;
        l->owes = false;
        return true;
    }
    if (!may_send(l))
        return false;
    out->frame.address = l->settings.dce ? LAPB_ADDRESS_A : LAPB_ADDRESS_B;
    out->frame.kind = LAPB_I;
    out->frame.ns = vs_of(l);
    out->frame.nr = l->vr;
    out->packet = l->next;
    out->again = l->flight < l->outstanding;
    out->after_timer = l->after_timer;
    l->next = l->next->next;
    l->flight++;
    l->counts.again += out->again;
    if (!out->again) {
        l->outstanding++;
        l->counts.sent++;
    }
    l->ack_pending = false;
    t1_settle(l, now);
    return true;
}

enum lapb_news lapb_news_take(struct lapb *l)
{
    enum lapb_news news = (enum lapb_news)l->news;

    l->news = LAPB_NEWS_NONE;
    return news;
}

int lapb_check(const struct lapb *l)
{
    const struct packet *p = l->queue.first;

    if (!packet_queue_is_sound(&l->queue) || l->queue.packets > l->settings.queue)
        return __LINE__;
    if (l->flight > l->outstanding || l->outstanding > l->queue.packets ||
        l->outstanding > l->settings.k)
        return __LINE__;
    for (uint32_t i = 0; i < l->flight; i++)
        p = p->next;
    if (p != l->next)
        return __LINE__;
    if (l->va >= modulo(l) || l->vr >= modulo(l))
        return __LINE__;
    if (l->state != LAPB_CONNECTED && (l->queue.packets > 0 || l->recovering || l->busy))
        return __LINE__;
    if (l->state == LAPB_DISCONNECTED && l->t1 != NEVER)
        return __LINE__;
    if (l->state == LAPB_CONNECTED && l->outstanding > 0 && l->t1 == NEVER)
        return __LINE__;
    return 0;
}
